/*
 * Bringing home what other nodes fetched of jobs that began here: a thread and a PostgreSQL session of its
 * own, because a chunk of thousands of rows takes longer than this node's workers may wait for their next
 * lease. The cluster's thread tells it which jobs have results away.
 */
#include "config.h"
#include "engine/base/backoff.h"
#include "engine/base/clock.h"
#include "engine/cluster/cluster_parts.h"
#include "engine/quota/day.h"

#include <stdlib.h>

enum { BRING_IDLE_MS = 30000, BRING_AGAIN_MS = 500, BRING_AGAIN_MOST_MS = 10000 };

struct bringer {
	struct cluster *of; /* what is read of it does not change while this lives */
	pthread_t thread;
	struct postgres *pg;
	struct staging *reader;
	struct cluster_chunk *chunk;
	int errors;

	pthread_mutex_t lock; /* guards all below; rank: leaf */
	pthread_cond_t wake;
	struct bring_job jobs[NODE_JOBS];
	int n;
	bool stop;
	struct bring_numbers numbers;
};

/* ---- one chunk ---- */

static const char *keep_text(struct arena *a, const char *text)
{
	return text ? arena_dup(a, text, strlen(text)) : NULL;
}

static struct text_list keep_list(struct arena *a, const struct text_list *list)
{
	const char **items = list->n > 0 ? arena_alloc(a, (size_t)list->n * sizeof *items) : NULL;

	for (int i = 0; items && i < list->n; i++)
		items[i] = keep_text(a, list->items[i]);
	return (struct text_list){items, list->n > 0 && !items ? -1 : list->n};
}

/* A chunk that came from other nodes, as parts of which each is stored like a chunk of this node's. */
struct bring {
	struct chunk *parts;
	int n;
	struct cid *ids; /* of all parts, in key order */
	int n_ids;
};

static enum err bring_meta(void *arg, const struct channel_meta *m, struct errbuf *eb)
{
	const struct bring *b = arg;
	struct channel_meta *to;
	struct chunk *c = b->parts;
	struct arena *a;
	int at = 0;

	(void)eb;
	while (c < b->parts + b->n - 1 && cid_compare(&c->ids[c->n - 1], &m->cid) < 0)
		c++;
	while (at < c->n && cid_compare(&c->ids[at], &m->cid) != 0)
		at++;
	if (at == c->n || c->n_rows == c->n)
		return ERR_OK;
	c->states[at] = ITEM_DONE;
	to = &((struct channel_meta *)c->rows)[c->n_rows++];
	a = c->arena;
	*to = *m;
	to->title = keep_text(a, m->title);
	to->description = keep_text(a, m->description);
	to->custom_url = keep_text(a, m->custom_url);
	to->country = keep_text(a, m->country);
	to->default_language = keep_text(a, m->default_language);
	to->thumbnail_url = keep_text(a, m->thumbnail_url);
	to->banner_url = keep_text(a, m->banner_url);
	to->privacy_status = keep_text(a, m->privacy_status);
	to->etag = keep_text(a, m->etag);
	to->language = keep_text(a, m->language);
	to->language_source = keep_text(a, m->language_source);
	to->keywords = keep_list(a, &m->keywords);
	to->topics = keep_list(a, &m->topics);
	return ERR_OK;
}

static void bring_state(struct chunk *c, int i, enum cluster_outcome outcome)
{
	static const enum item_state states[] = {
	    [CLUSTER_MISSING] = ITEM_MISSING, [CLUSTER_ABSENT] = ITEM_ABSENT};

	if (outcome == CLUSTER_MISSING || outcome == CLUSTER_ABSENT) {
		c->states[i] = states[outcome];
		return;
	}
	c->states[i] = ITEM_FAILED;
	c->reasons[i] = outcome == CLUSTER_FAILED ? "other_node" : "no_row";
	c->messages[i] = outcome == CLUSTER_FAILED
	                     ? "failed on another node, whose dead letters say why"
	                     : "fetched by another node, and PostgreSQL did not take its row";
}

static enum err bring_begin(const struct bringer *b, const struct bring_job *of, struct chunk *part)
{
	*part = (struct chunk){.type = of->type,
	    .job = of->no,
	    .lease = {.chunk = b->chunk->id},
	    .day = day_number(clock_now()),
	    .arena = arena_new(0)};
	part->rows =
	    part->arena ? arena_alloc(part->arena, CHUNK_IDS * sizeof(struct channel_meta)) : NULL;
	return part->rows ? ERR_OK : ERR_NOMEM;
}

/* Ids of the chunk that have no state here yet. */
static enum err bring_fill(
    struct bringer *b, const struct bring_job *of, struct bring *load, struct errbuf *eb)
{
	const struct cluster_chunk *k = b->chunk;
	enum err err = ERR_OK;

	for (int at = 0; at < k->n && !err; at++) {
		enum item_state state = ITEM_DONE;
		struct chunk *part;

		err = staging_state_get(b->reader, of->type->op, &k->ids[at], &state, eb);
		if (err == ERR_NOTFOUND) { /* erased meanwhile */
			err = ERR_OK;
			continue;
		}
		if (err || (state != ITEM_PENDING && state != ITEM_ABSENT))
			continue;
		if (load->n_ids % CHUNK_IDS == 0 && bring_begin(b, of, &load->parts[load->n++]))
			return err_set(eb, ERR_NOMEM, "out of memory");
		part = &load->parts[load->n - 1];
		load->ids[load->n_ids++] = part->ids[part->n] = k->ids[at];
		bring_state(part, part->n++, (enum cluster_outcome)k->outcome[at]);
	}
	return err;
}

static enum err bring_apply(struct staging *s, void *arg, struct errbuf *eb)
{
	const struct bring *load = arg;
	enum err err = ERR_OK;

	for (int i = 0; i < load->n && !err; i++)
		err = worker_store(s, &load->parts[i], eb);
	return err;
}

static enum err bring_store(struct bringer *b, struct bring *load, struct errbuf *eb)
{
	enum err err = ERR_OK;

	load->parts[0].units = b->chunk->units_away;
	err = cluster_metas(b->pg, load->ids, load->n_ids, bring_meta, load, eb);
	if (!err)
		err = writer_run(b->of->parts->writer, bring_apply, load, false, eb);
	for (int i = 0; i < load->n && !err; i++)
		dispatcher_brought(b->of->parts->dispatcher, &load->parts[i]);
	return err;
}

static enum err bring_chunk(struct bringer *b, const struct bring_job *of, struct errbuf *eb)
{
	struct bring load = {.parts = calloc(CLUSTER_CHUNK_IDS / CHUNK_IDS, sizeof *load.parts),
	    .ids = calloc(CLUSTER_CHUNK_IDS, sizeof *load.ids)};
	enum err err = load.parts && load.ids ? bring_fill(b, of, &load, eb)
	                                      : err_set(eb, ERR_NOMEM, "out of memory");

	if (!err && load.n)
		err = bring_store(b, &load, eb);
	for (int i = 0; i < load.n; i++)
		arena_free(load.parts[i].arena);
	free(load.parts);
	free(load.ids);
	return err ? err : cluster_came_home(b->pg, b->chunk->id, eb);
}

/* ---- the thread ---- */

static enum err bring_open(struct bringer *b, struct errbuf *eb)
{
	const struct cluster *c = b->of;
	struct postgres_config cfg = {.url = c->url, .stop = &c->hurried, .log = c->log};
	enum err err = ERR_OK;

	if (!b->reader)
		err = staging_open(&b->reader, c->staging_path, DB_READ, eb);
	if (err || b->pg)
		return err;
	err = postgres_open(&b->pg, &cfg, eb);
	return err ? err : postgres_exec(b->pg, "SET statement_timeout = '60s'", eb);
}

static bool bring_goes_on(const struct bringer *b)
{
	return !atomic_load(&b->of->quiet);
}

/* One chunk of each job in turn, until none has results away. */
static enum err bring_all(struct bringer *b, struct bring_job *jobs, int n, struct errbuf *eb)
{
	enum err err = bring_open(b, eb);

	while (n && !err && bring_goes_on(b)) {
		int kept = 0;

		for (int i = 0; i < n && !err && bring_goes_on(b); i++) {
			int64_t began = clock_mono_ms();
			bool got = false;

			err = cluster_away(b->pg, &jobs[i].job, b->chunk, &got, eb);
			if (!err && got)
				err = bring_chunk(b, &jobs[i], eb);
			if (err || !got)
				continue;
			jobs[kept++] = jobs[i];
			pthread_mutex_lock(&b->lock);
			b->numbers.chunks++;
			b->numbers.ms += clock_mono_ms() - began;
			pthread_mutex_unlock(&b->lock);
			shared_poke(b->of->shared);
		}
		n = kept;
	}
	return err;
}

/* A pause after errors; true: to be stopped. */
static bool bring_wait(struct bringer *b, int64_t until, bool for_jobs)
{
	bool stop;

	pthread_mutex_lock(&b->lock);
	while (!b->stop && !(for_jobs && b->n) && clock_mono_ms() < until)
		clock_cond_wait_until(&b->wake, &b->lock, until);
	stop = b->stop;
	pthread_mutex_unlock(&b->lock);
	return stop;
}

static void bring_failed(struct bringer *b, const struct errbuf *eb)
{
	int64_t ms = backoff_ms(b->errors++, BRING_AGAIN_MS, BRING_AGAIN_MOST_MS);

	if (b->errors == 1)
		log_at(b->of->log, LOG_WARNING, "cluster", 0,
		    "results of other nodes do not come home for now: %s", err_text(eb));
	postgres_close(b->pg);
	b->pg = NULL;
	(void)bring_wait(b, clock_mono_ms() + (ms < 200 ? 200 : ms), false);
}

static void *bring_main(void *arg)
{
	struct bringer *b = arg;
	struct bring_job jobs[NODE_JOBS];

	while (!bring_wait(b, clock_mono_ms() + BRING_IDLE_MS, true)) {
		struct errbuf eb = {0};
		int n;

		pthread_mutex_lock(&b->lock);
		n = b->n;
		memcpy(jobs, b->jobs, (size_t)n * sizeof *jobs);
		b->n = 0; /* told again if need be */
		pthread_mutex_unlock(&b->lock);
		if (n && bring_all(b, jobs, n, &eb))
			bring_failed(b, &eb);
		else
			b->errors = 0;
	}
	return NULL;
}

enum err bringer_start(struct cluster *c, struct errbuf *eb)
{
	struct bringer *b = calloc(1, sizeof *b);

	if (!b || !(b->chunk = malloc(sizeof *b->chunk))) {
		free(b);
		return err_set(eb, ERR_NOMEM, "out of memory");
	}
	b->of = c;
	pthread_mutex_init(&b->lock, NULL);
	clock_cond_init(&b->wake);
	if (pthread_create(&b->thread, NULL, bring_main, b) != 0) {
		pthread_cond_destroy(&b->wake);
		pthread_mutex_destroy(&b->lock);
		free(b->chunk);
		free(b);
		return err_set(eb, ERR_NOMEM, "cannot start the thread that brings results home");
	}
	c->bringer = b;
	return ERR_OK;
}

void bringer_ask(struct cluster *c, const struct bring_job *jobs, int n)
{
	struct bringer *b = c->bringer;

	pthread_mutex_lock(&b->lock);
	memcpy(b->jobs, jobs, (size_t)n * sizeof *jobs);
	b->n = n;
	pthread_cond_signal(&b->wake);
	pthread_mutex_unlock(&b->lock);
}

void bringer_numbers(const struct cluster *c, struct bring_numbers *out)
{
	struct bringer *b = c->bringer;

	pthread_mutex_lock(&b->lock);
	*out = b->numbers;
	pthread_mutex_unlock(&b->lock);
}

void bringer_stop(struct cluster *c)
{
	struct bringer *b = c->bringer;

	if (!b)
		return;
	pthread_mutex_lock(&b->lock);
	b->stop = true;
	pthread_cond_signal(&b->wake);
	pthread_mutex_unlock(&b->lock);
	pthread_join(b->thread, NULL);
	postgres_close(b->pg);
	staging_close(b->reader);
	pthread_cond_destroy(&b->wake);
	pthread_mutex_destroy(&b->lock);
	free(b->chunk);
	free(b);
	c->bringer = NULL;
}
