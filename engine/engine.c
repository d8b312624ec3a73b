/* Opening and closing: parts in order, each owned here. */
#include "config.h"
#include "engine/engine_parts.h"
#include "engine/cluster/cluster.h"
#include "engine/engine_redis.h"
#include "engine/jobs/scheduler.h"
#include "engine/jobs/spool.h"
#include "engine/base/clock.h"
#include "engine/base/str.h"
#include "engine/discovery/providers.h"
#include "engine/rest/rest.h"
#include "engine/youtube/client.h"

#include <jansson.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ENGINE_DRAIN_MS = 10000, ENGINE_PUSH_MS = 5000, ENGINE_URL = 128 };

enum err engine_global_init(struct errbuf *eb)
{
#ifdef __GLIBC__
	/* replies and rows come and go by the hundred KiB: giving them back to the system each time
	 * costs more than reading them */
	mallopt(M_MMAP_THRESHOLD, 4 * 1024 * 1024);
	mallopt(M_TRIM_THRESHOLD, 16 * 1024 * 1024);
#endif
	json_object_seed(0); /* before threads: the seed is a global of the library */
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return err_set(eb, ERR_INVALID, "cannot ignore SIGPIPE");
	if (db_global_init(eb))
		return eb ? eb->code : ERR_INVALID;
	return client_global_init(eb);
}

void engine_global_done(void)
{
	client_global_done();
}

static char *engine_path(const char *dir, const char *name)
{
	struct str s;

	str_init(&s, 4096);
	str_addf(&s, "%s/%s", dir, name);
	return str_take(&s);
}

static enum err engine_interrupt_apply(struct staging *s, void *arg, struct errbuf *eb)
{
	return staging_jobs_interrupt(s, arg, eb);
}

/* Jobs that a crash left "running" say so; nothing else needs repair. */
static enum err engine_recover(struct engine *e, struct errbuf *eb)
{
	int64_t n = 0;
	enum err err = writer_run_once(e->parts.writer, engine_interrupt_apply, &n, eb);

	e->crashed_jobs = n;
	if (n)
		log_at(e->parts.log, LOG_WARNING, "engine", 0,
		    "%lld job(s) were at work when the last process ended", (long long)n);
	return err;
}

static enum err engine_open_ledger(struct engine *e, bool read_only, struct errbuf *eb)
{
	struct ledger_config cfg = {.path = e->ledger_path,
	    .settings = e->parts.settings,
	    .log = e->parts.log,
	    .granted = e->cluster != NULL,
	    .grant_wanted = cluster_grant_wanted,
	    .grant_arg = e->cluster,
	    .read_only = read_only};

	return ledger_open(&e->parts.ledger, &cfg, eb);
}

/* Before whatever depends on being a node of one. */
static enum err engine_open_cluster(struct engine *e, struct errbuf *eb)
{
	enum err err;

	if (!settings_flag(e->parts.settings, SET_CLUSTER))
		return ERR_OK;
	err = cluster_open(
	    &e->cluster, e->parts.settings, e->parts.log, e->data_dir, e->staging_path, eb);
	if (!err)
		e->parts.shared = cluster_shared(e->cluster);
	return err;
}

static enum err engine_open_own(struct engine *e, struct errbuf *eb)
{
	enum err err = engine_lock_take(e, eb);

	if (!err)
		err = writer_start(&e->parts.writer, e->staging_path, e->parts.log, eb);
	if (!err)
		writer_meter(e->parts.writer, meters_get(e->parts.meters, "staging", "commit"));
	if (!err)
		err = engine_recover(e, eb);
	if (!err && e->mode == ENGINE_WORK)
		err = engine_open_cluster(e, eb);
	if (!err)
		err = engine_open_ledger(e, false, eb);
	return err;
}

static void engine_note_provider(
    void *arg, const char *file, const struct provider *p, const char *error)
{
	const struct engine *e = arg;

	if (error)
		log_at(e->parts.log, LOG_ERROR, "provider", 0, "not used: %s", error);
	else
		log_at(e->parts.log, LOG_INFO, "provider", 0, "%s from %s", p->name, file);
}

static enum err engine_open_work(
    struct engine *e, const struct engine_config *cfg, struct errbuf *eb)
{
	struct sync_config sync = {.url = settings_secret(e->parts.settings, SET_DATABASE_URL, 0),
	    .staging_path = e->staging_path,
	    .writer = e->parts.writer,
	    .log = e->parts.log,
	    .node = e->cluster ? cluster_node_id(e->cluster) : NULL,
	    .meters = e->parts.meters};
	struct dispatcher_config dispatch = {.parts = &e->parts,
	    .workers = (int)settings_number(e->parts.settings, SET_WORKERS, 0),
	    .resume = cfg->resume_interrupted,
	    .held = cfg->held};
	enum err err = ERR_OK;

	err = providers_open(
	    &e->parts.providers, e->parts.settings, e->parts.log, engine_note_provider, e, eb);
	if (!err)
		providers_meter(e->parts.providers, e->parts.meters);
	if (!err && sync.url)
		err = sync_start(&e->parts.sync, &sync, eb);
	if (!err)
		err = redis_probe_start(&e->redis, e->parts.settings, e->parts.log, eb);
	if (!err)
		err = dispatcher_start(&e->parts.dispatcher, &dispatch, eb);
	if (!err)
		err = command_queue_start(&e->commands, e, eb);
	if (!err && e->cluster)
		err = cluster_start(e->cluster, &e->parts, eb);
	return err;
}

/* In the order in which screens show them: methods first. */
static enum err engine_open_meters(struct engine *e, struct errbuf *eb)
{
	e->parts.meters = meters_new();
	e->parts.watch = &e->watch;
	if (!e->parts.meters)
		return err_set(eb, ERR_NOMEM, "out of memory");
	for (int m = 0; m < METHOD_COUNT; m++)
		e->watch.methods[m] =
		    meters_get(e->parts.meters, "youtube", method_info((enum method)m)->name);
	return ERR_OK;
}

enum err engine_open(struct engine **out, const struct engine_config *cfg, struct errbuf *eb)
{
	struct engine *e = calloc(1, sizeof *e);
	enum err err = ERR_OK;

	*out = NULL;
	if (!e)
		return err_set(eb, ERR_NOMEM, "out of memory");
	e->lock_fd = -1;
	e->mode = cfg->mode;
	e->started_at = clock_now();
	pthread_mutex_init(&e->once, NULL);
	pthread_mutex_init(&e->look, NULL);
	pthread_mutex_init(&e->planning, NULL);
	e->data_dir = str_dup(cfg->data_dir);
	e->staging_path = engine_path(cfg->data_dir, "staging.db");
	e->ledger_path = engine_path(cfg->data_dir, "quota.db");
	e->parts = (struct engine_parts){.settings = cfg->settings,
	    .log = cfg->log,
	    .data_dir = e->data_dir,
	    .staging_path = e->staging_path};
	if (!e->data_dir || !e->staging_path || !e->ledger_path)
		err = err_set(eb, ERR_NOMEM, "out of memory");
	if (!err)
		err = ask_open(&e->ask, e, eb);
	if (!err)
		err = readers_open(&e->readers, e->staging_path, eb);
	if (!err)
		err = engine_open_meters(e, eb);
	if (!err && cfg->mode != ENGINE_LOOK)
		err = engine_open_own(e, eb);
	if (!err)
		err = staging_open(&e->reader, e->staging_path, DB_READ, eb);
	if (!err && cfg->mode == ENGINE_LOOK)
		err = engine_open_ledger(e, true, eb);
	if (!err && cfg->mode == ENGINE_WORK)
		spool_sweep(e->data_dir, e->reader);
	if (!err && cfg->mode == ENGINE_WORK)
		err = engine_open_work(e, cfg, eb);
	if (err) {
		engine_close(e);
		return err;
	}
	*out = e;
	return ERR_OK;
}

const char *engine_data_dir(const struct engine *e)
{
	return e->data_dir;
}

/* Out of the snapshots' sight before it goes. */
static struct command_queue *engine_take_commands(struct engine *e)
{
	struct command_queue *q;

	pthread_mutex_lock(&e->look);
	q = e->commands;
	e->commands = NULL;
	pthread_mutex_unlock(&e->look);
	return q;
}

static struct sync *engine_take_sync(struct engine *e)
{
	struct sync *s;

	pthread_mutex_lock(&e->look);
	s = e->parts.sync;
	e->parts.sync = NULL;
	pthread_mutex_unlock(&e->look);
	return s;
}

static struct alert_watch *engine_take_alerts(struct engine *e)
{
	struct alert_watch *w;

	pthread_mutex_lock(&e->look);
	w = e->alerts;
	e->alerts = NULL;
	pthread_mutex_unlock(&e->look);
	return w;
}

/* What is told before the chunks are given back need not be fetched again by others. */
static void engine_push_rest(struct engine *e)
{
	int64_t until = clock_mono_ms() + ENGINE_PUSH_MS;
	struct counters n = {.outbox = 1};

	while (e->cluster && e->parts.sync && clock_mono_ms() < until && n.outbox) {
		sync_poke(e->parts.sync);
		pthread_mutex_lock(&e->look);
		if (staging_counters(e->reader, &n, NULL))
			n.outbox = 0;
		pthread_mutex_unlock(&e->look);
		if (n.outbox)
			clock_sleep_ms(50);
	}
}

void engine_drain(struct engine *e)
{
	if (atomic_exchange(&e->drained, true))
		return;
	/* from the outside in: nobody may ask for what is being taken down */
	rest_stop(e->rest);
	ask_end(e->ask);
	redis_probe_stop(e->redis);
	e->redis = NULL;
	command_queue_stop(engine_take_commands(e));
	alert_watch_stop(engine_take_alerts(e));
	scheduler_stop(e->scheduler);
	e->scheduler = NULL;
	cluster_quiet(e->cluster);
	dispatcher_stop(e->parts.dispatcher, ENGINE_DRAIN_MS);
	engine_push_rest(e);
	cluster_stop(e->cluster); /* it looks at the sync */
	sync_stop(engine_take_sync(e));
}

void engine_close(struct engine *e)
{
	if (!e)
		return;
	engine_drain(e);
	ask_close(e->ask);
	/* before the writer's last checkpoint, which readers hold back */
	readers_close(e->readers);
	staging_close(e->reader);
	writer_stop(e->parts.writer);
	dispatcher_free(e->parts.dispatcher);
	cluster_close(e->cluster);
	free(e->seen);
	providers_close(e->parts.providers);
	ledger_close(e->parts.ledger);
	meters_free(e->parts.meters);
	engine_lock_release(e);
	snapshot_unref(e->last);
	pthread_mutex_destroy(&e->look);
	pthread_mutex_destroy(&e->once);
	pthread_mutex_destroy(&e->planning);
	free(e->data_dir);
	free(e->staging_path);
	free(e->ledger_path);
	free(e);
}

/* Snapshots look at it as soon as it is there. */
static enum err engine_start_alerts(struct engine *e, struct errbuf *eb)
{
	struct alert_watch *w = NULL;
	enum err err = alert_watch_start(&w, e, eb);

	pthread_mutex_lock(&e->look);
	e->alerts = w;
	pthread_mutex_unlock(&e->look);
	return err;
}

void engine_start(struct engine *e)
{
	struct errbuf eb = {0};

	if (!e->parts.dispatcher)
		return;
	dispatcher_release(e->parts.dispatcher);
	if (scheduler_start(&e->scheduler, &e->parts, &eb))
		log_at(e->parts.log, LOG_ERROR, "schedule", 0, "%s", err_text(&eb));
	if (engine_start_alerts(e, &eb))
		log_at(e->parts.log, LOG_ERROR, "alert", 0, "%s", err_text(&eb));
}

void engine_hurry(struct engine *e)
{
	if (e->parts.dispatcher)
		dispatcher_hurry(e->parts.dispatcher);
	if (e->parts.writer)
		writer_give_up(e->parts.writer);
}

enum err engine_listen(struct engine *e, const char *address, int *port, struct errbuf *eb)
{
	int got = 0;
	enum err err = rest_start(&e->rest, e, e->parts.settings, e->parts.log, address, &got, eb);
	const char *colon;
	char url[ENGINE_URL];

	if (err)
		return err;
	if (port)
		*port = got;
	for (colon = address + strlen(address); colon > address && *colon != ':'; colon--)
		;
	snprintf(url, sizeof url, "%s://%.*s:%d", rest_is_tls(e->rest) ? "https" : "http",
	    (int)(colon - address), address, got);
	pthread_mutex_lock(&e->look);
	snprintf(e->listen, sizeof e->listen, "%s", strstr(url, "://") + 3);
	pthread_mutex_unlock(&e->look);
	return engine_lock_note(e, url, eb);
}
