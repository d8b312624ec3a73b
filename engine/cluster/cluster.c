/* A node's life: identity, thread, session. */
#include "config.h"
#include "engine/base/backoff.h"
#include "engine/base/clock.h"
#include "engine/base/str.h"
#include "engine/cluster/cluster_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	ID_FILE = 4096,
	NODE_TIDY_MS = 3600000,
	NODE_FORGET_DAYS = 14,
	NODE_TICK_MS = 200,
	NODE_GOODBYE_MS = 5000,
	NODE_ANSWER_MS = 15000 /* above the session's statement_timeout */
};

/* ---- identity ---- */

static void id_host(char *out, size_t size)
{
	out[size - 1] = '\0';
	if (gethostname(out, size - 1))
		snprintf(out, size, "localhost");
}

/* Where this data folder is: a copy of it elsewhere is another node. */
static void id_place(const char *host, const char *data_dir, struct str *out)
{
	char *whole = realpath(data_dir, NULL);

	str_addf(out, "%s:%s", host, whole ? whole : data_dir);
	free(whole);
}

static bool id_read(const char *path, const char *place, struct uuid *out)
{
	char text[ID_FILE];
	FILE *f = fopen(path, "re");
	size_t n = f ? fread(text, 1, sizeof text - 1, f) : 0;

	if (f)
		fclose(f);
	text[n] = '\0';
	return n > UUID_TEXT + 1 && uuid_parse(text, UUID_TEXT, out) &&
	       strncmp(text + UUID_TEXT + 1, place, strlen(place)) == 0 &&
	       text[UUID_TEXT + 1 + strlen(place)] == '\n';
}

static enum err id_write(
    const char *path, const char *place, const struct uuid *id, struct errbuf *eb)
{
	char text[UUID_TEXT + 1];
	struct str all, fresh;
	int fd;
	bool ok;

	str_init(&all, ID_FILE);
	str_init(&fresh, ID_FILE);
	str_addf(&all, "%s %s\n", uuid_format(id, text), place);
	str_addf(&fresh, "%s.new", path);
	fd = open(str_get(&fresh), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ok = fd >= 0 && write(fd, str_get(&all), all.len) == (ssize_t)all.len && fsync(fd) == 0;
	ok = (fd < 0 || close(fd) == 0) && ok && rename(str_get(&fresh), path) == 0;
	str_done(&all);
	str_done(&fresh);
	return ok ? ERR_OK : err_set(eb, ERR_IO, "cannot write %s: %s", path, strerror(errno));
}

bool cluster_id_read(const char *data_dir, struct uuid *out)
{
	struct str path, place;
	char host[128];
	bool known;

	id_host(host, sizeof host);
	str_init(&path, ID_FILE);
	str_init(&place, ID_FILE - UUID_TEXT - 8);
	str_addf(&path, "%s/node.id", data_dir);
	id_place(host, data_dir, &place);
	known = id_read(str_get(&path), str_get(&place), out);
	str_done(&path);
	str_done(&place);
	return known;
}

static enum err id_take(struct cluster *c, const char *data_dir, struct errbuf *eb)
{
	struct str path, place;
	enum err err = ERR_OK;

	str_init(&path, ID_FILE);
	str_init(&place, ID_FILE - UUID_TEXT - 8);
	str_addf(&path, "%s/node.id", data_dir);
	id_place(c->host, data_dir, &place);
	if (!cluster_id_read(data_dir, &c->self.node)) {
		err = uuid_new(&c->self.node);
		if (err)
			err_set(eb, err, "the system gives no random numbers");
		else
			err = id_write(str_get(&path), str_get(&place), &c->self.node, eb);
	}
	str_done(&path);
	str_done(&place);
	return err ? err : uuid_new(&c->self.boot);
}

/* ---- making it ---- */

static enum err cluster_read(struct cluster *c, struct errbuf *eb)
{
	const char *role = settings_text(c->settings, SET_CLUSTER_ROLE, 0);
	const struct secret *url = settings_secret(c->settings, SET_DATABASE_URL, 0);

	if (!url)
		return err_set(eb, ERR_INVALID,
		    "CLUSTER=1 needs DATABASE_URL: nodes share their work in that PostgreSQL");
	if (strcmp(role, "all") != 0 && strcmp(role, "worker") != 0 &&
	    strcmp(role, "dispatcher") != 0)
		return err_set(
		    eb, ERR_INVALID, "CLUSTER_ROLE %.20s: write worker, dispatcher or all", role);
	c->url = secret_copy(url);
	c->fetches = strcmp(role, "dispatcher") != 0;
	c->leads_at_all = strcmp(role, "worker") != 0;
	c->lease_ms = (int)settings_number(c->settings, SET_CLUSTER_LEASE, 0) * 1000;
	c->self.role = role;
	c->self.name = settings_text(c->settings, SET_NODE_NAME, 0);
	c->self.version = VERSION;
	c->self.host = c->host;
	c->self.patience_ms = NODE_PATIENCE_MS;
	return c->url ? ERR_OK : err_set(eb, ERR_NOMEM, "out of memory");
}

enum err cluster_open(struct cluster **out, const struct settings *settings, struct log *log,
    const char *data_dir, const char *staging_path, struct errbuf *eb)
{
	struct cluster *c = calloc(1, sizeof *c);
	enum err err;

	*out = NULL;
	if (!c)
		return err_set(eb, ERR_NOMEM, "out of memory");
	pthread_mutex_init(&c->lock, NULL);
	c->settings = settings;
	c->log = log;
	id_host(c->host, sizeof c->host);
	c->shared = shared_new();
	c->jobs = calloc(NODE_JOBS, sizeof *c->jobs);
	c->chunk = malloc(sizeof *c->chunk);
	c->staging_path = str_dup(staging_path);
	err = c->shared && c->jobs && c->chunk && c->staging_path
	          ? cluster_read(c, eb)
	          : err_set(eb, ERR_NOMEM, "out of memory");
	if (!err)
		err = id_take(c, data_dir, eb);
	if (!err)
		err = node_stream_open(c, eb);
	if (err) {
		cluster_close(c);
		return err;
	}
	*out = c;
	return ERR_OK;
}

void cluster_close(struct cluster *c)
{
	if (!c)
		return;
	bringer_stop(c);
	node_stream_close(c);
	postgres_close(c->pg);
	staging_close(c->reader);
	for (int i = 0; i < c->n_jobs; i++)
		free(c->jobs[i].of.params);
	shared_free(c->shared);
	secret_free(c->url);
	free(c->staging_path);
	free(c->jobs);
	free(c->chunk);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

const struct uuid *cluster_node_id(const struct cluster *c)
{
	return &c->self.node;
}

struct shared *cluster_shared(struct cluster *c)
{
	return c->shared;
}

void cluster_grant_wanted(void *arg)
{
	shared_poke(((struct cluster *)arg)->shared);
}

/* ---- the session ---- */

static enum err node_connect(struct cluster *c, struct errbuf *eb)
{
	/* one that answers no more is worse than one that is gone: leases run out meanwhile */
	struct postgres_config cfg = {
	    .url = c->url, .stop = &c->hurried, .log = c->log, .answer_ms = NODE_ANSWER_MS};
	struct uuid name;
	bool ok = false;
	enum err err = ERR_OK;

	if (!c->reader)
		err = staging_open(&c->reader, c->staging_path, DB_READ, eb);
	if (!err && !c->pg)
		err = postgres_open(&c->pg, &cfg, eb);
	if (!err)
		err = postgres_migrate(c->pg, eb);
	/* a statement that waits for a lock must not outlast the leases */
	if (!err)
		err = postgres_exec(c->pg, "SET statement_timeout = '10s'", eb);
	if (!err)
		err = cluster_join(c->pg, &c->self, &ok, eb);
	if (!err && !ok)
		err = err_set(eb, ERR_BUSY,
		    "another process is at work as this node (the same node.id): if it was killed, "
		    "this one begins within %d s; a copied data folder needs its node.id removed",
		    NODE_PATIENCE_MS / 1000);
	if (!err)
		err = node_pools(c, eb);
	if (!err)
		err = cluster_name(c->pg, &name, eb);
	if (err)
		return err;
	node_stream_name(c, &name);
	log_at(c->log, LOG_INFO, "cluster", 0, "%s joined as %s", c->self.name, c->self.role);
	c->joined = true;
	return ERR_OK;
}

/* After an error everything about the session is in doubt: begin anew, later. */
static void node_failed(struct cluster *c, const struct errbuf *eb)
{
	int64_t ms = backoff_ms(c->errors++, 500, 10000);

	if (strcmp(c->look.trouble, err_text(eb)) != 0)
		log_at(c->log, LOG_WARNING, "cluster", 0, "%s", err_text(eb));
	node_trouble(c, err_text(eb));
	postgres_close(c->pg);
	c->pg = NULL;
	c->joined = c->leads = false;
	c->try_ms = clock_mono_ms() + (ms < 200 ? 200 : ms);
}

/* ---- the thread ---- */

static bool node_is_due(int64_t *at, int64_t every)
{
	int64_t now = clock_mono_ms();

	if (now < *at)
		return false;
	*at = now + every;
	return true;
}

static enum err node_tidy(struct cluster *c, struct errbuf *eb)
{
	return c->leads ? cluster_forget(c->pg, NODE_FORGET_DAYS, eb) : ERR_OK;
}

/* One round; *more: at once again. What others depend on comes first. */
static enum err node_round(struct cluster *c, bool *more, struct errbuf *eb)
{
	bool did[3] = {false};
	enum err err = ERR_OK;

	if (node_is_due(&c->renew_ms, c->lease_ms / 3))
		err = node_renew(c, eb);
	if (!err)
		err = node_grants(c, eb);
	if (!err)
		err = node_budgets(c, eb);
	if (!err)
		err = node_ask_send(c, eb);
	if (!err && node_is_due(&c->beat_ms, NODE_BEAT_MS)) {
		err = node_beat(c, eb);
		if (!err && !atomic_load(&c->quiet))
			err = node_ask_answer(c, eb);
	}
	if (!err && node_is_due(&c->jobs_ms, NODE_JOBS_MS)) {
		err = node_jobs(c, eb);
		/* at the end of the program calls in flight may still end: see node_goodbye */
		if (!err && !atomic_load(&c->quiet))
			err = node_release(c, false, eb);
		if (!err)
			err = node_budgets_back(c, false, eb);
	}
	if (!err && !atomic_load(&c->quiet))
		err = node_plan(c, &did[0], eb);
	if (!err && !atomic_load(&c->quiet))
		err = node_publish(c, &did[2], eb);
	if (!err && !atomic_load(&c->quiet))
		node_stream_look(c);
	if (!err && !atomic_load(&c->quiet) && c->fetches)
		err = node_claim(c, &did[1], eb);
	if (!err && node_is_due(&c->tidy_ms, NODE_TIDY_MS))
		err = node_tidy(c, eb);
	*more = did[0] || did[1] || did[2];
	return err;
}

static void node_goodbye(struct cluster *c)
{
	struct errbuf eb = {0};
	enum err err = ERR_OK;

	if (!c->joined)
		return;
	err = node_release(c, true, &eb);
	if (!err)
		err = node_budgets_back(c, true, &eb);
	if (!err)
		err = node_give_back(c, &eb);
	if (!err)
		err = cluster_leave(c->pg, &c->self, &eb);
	if (err)
		log_at(c->log, LOG_WARNING, "cluster", 0,
		    "this node's work and units go to others when their time is over: %s",
		    err_text(&eb));
}

static void *cluster_main(void *arg)
{
	struct cluster *c = arg;

	while (!atomic_load(&c->stopping)) {
		struct errbuf eb = {0};
		bool more = false;
		enum err err = ERR_OK;

		if (clock_mono_ms() < c->try_ms) {
			shared_wait(c->shared, c->try_ms);
			continue;
		}
		if (!c->joined)
			err = node_connect(c, &eb);
		if (!err)
			err = node_round(c, &more, &eb);
		if (err) {
			node_failed(c, &eb);
			continue;
		}
		c->errors = 0;
		node_trouble(c, "");
		if (!more)
			shared_wait(c->shared, clock_mono_ms() + NODE_TICK_MS);
	}
	node_goodbye(c);
	atomic_store(&c->gone, true);
	return NULL;
}

enum err cluster_start(struct cluster *c, const struct engine_parts *parts, struct errbuf *eb)
{
	enum err err;

	c->parts = parts;
	err = bringer_start(c, eb);
	if (err)
		return err;
	if (pthread_create(&c->thread, NULL, cluster_main, c) != 0)
		return err_set(eb, ERR_NOMEM, "cannot start the cluster's thread");
	c->has_thread = true;
	return ERR_OK;
}

void cluster_quiet(struct cluster *c)
{
	if (c)
		atomic_store(&c->quiet, true);
}

void cluster_stop(struct cluster *c)
{
	if (!c || !c->has_thread)
		return;
	atomic_store(&c->quiet, true);
	atomic_store(&c->stopping, true);
	shared_poke(c->shared);
	for (int64_t until = clock_mono_ms() + NODE_GOODBYE_MS;
	     !atomic_load(&c->gone) && clock_mono_ms() < until;)
		clock_sleep_ms(20);
	atomic_store(&c->hurried, true);
	pthread_join(c->thread, NULL);
	c->has_thread = false;
	bringer_stop(c);
}
