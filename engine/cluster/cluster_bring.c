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

enum {
	BRING_IDLE_MS = 30000,
	BRING_AGAIN_MS = 500,
	BRING_AGAIN_MOST_MS = 10000,
	BRING_ROWS = 2500 /* that are stored in one transaction */
};

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

/* Parts of a chunk that came from other nodes: each is stored like a chunk of this node's. */
struct bring {
	struct chunk parts[CLUSTER_CHUNK_IDS / CHUNK_IDS];
	int n;
	int rows; /* of them all */
	int most; /* ids of a part */
	bool any; /* some id was not known here */
	/* of the job */
	json_t *params;
	struct feed_ask ask;
};

static void bring_drop(struct bring *load)
{
	for (int i = 0; i < load->n; i++)
		arena_free(load->parts[i].arena);
	load->n = load->rows = 0;
}

static enum err bring_begin(struct bringer *b, const struct bring_job *of, struct bring *load)
{
	struct chunk *part = &load->parts[load->n];

	*part = (struct chunk){.type = of->type,
	    .params = load->params,
	    .job = of->no,
	    .lease = {.chunk = b->chunk->id},
	    .ask = load->ask,
	    .day = day_number(clock_now()),
	    .arena = arena_new(0)};
	load->n += part->arena != NULL;
	return part->arena ? ERR_OK : ERR_NOMEM;
}

static void bring_state(struct chunk *c, int i, enum cluster_outcome outcome)
{
	static const enum item_state states[] = {[CLUSTER_DONE] = ITEM_PENDING,
	    [CLUSTER_MISSING] = ITEM_MISSING,
	    [CLUSTER_ABSENT] = ITEM_ABSENT,
	    [CLUSTER_FAILED] = ITEM_FAILED};

	c->states[i] = outcome <= CLUSTER_FAILED ? states[outcome] : ITEM_FAILED;
	c->reasons[i] = "other_node";
	c->messages[i] = "failed on another node, whose dead letters say why";
}

/* What stands in the done map has its rows in PostgreSQL, unless these were not taken. */
static void bring_lacking(struct chunk *c)
{
	for (int i = 0; i < c->n; i++)
		if (c->states[i] == ITEM_PENDING) {
			c->states[i] = ITEM_FAILED;
			c->reasons[i] = "no_row";
			c->messages[i] =
			    "fetched by another node, and PostgreSQL did not take its row";
		}
}

/* The next ids of the chunk that are not known here, from *at on. */
static enum err bring_fill(
    struct bringer *b, struct chunk *part, int most, int *at, struct errbuf *eb)
{
	const struct cluster_chunk *k = b->chunk;
	enum err err = ERR_OK;

	for (; *at < k->n && part->n < most && !err; (*at)++) {
		bool known = false;

		if (k->outcome[*at] == CLUSTER_OPEN) /* the job was closed before */
			continue;
		err = worker_is_known(b->reader, part, &k->ids[*at], &known, eb);
		if (err || known)
			continue;
		part->ids[part->n] = k->ids[*at];
		part->lease.facts[part->n] = k->facts[*at];
		bring_state(part, part->n++, (enum cluster_outcome)k->outcome[*at]);
	}
	return err;
}

static enum err bring_apply(struct staging *s, void *arg, struct errbuf *eb)
{
	struct bring *load = arg;
	enum err err = ERR_OK;

	for (int i = 0; i < load->n && !err; i++)
		err = worker_store(s, &load->parts[i], eb);
	return err;
}

static enum err bring_store(struct bringer *b, struct bring *load, struct errbuf *eb)
{
	enum err err = writer_run(b->of->parts->writer, bring_apply, load, false, eb);

	for (int i = 0; i < load->n && !err; i++)
		dispatcher_brought(b->of->parts->dispatcher, &load->parts[i]);
	bring_drop(load);
	return err;
}

/* Parts are stored together up to so many rows. With the last go the chunk's units: a chunk that is
 * brought again, because this one broke off, has no part that was stored before. */
static enum err bring_parts(
    struct bringer *b, const struct bring_job *of, struct bring *load, struct errbuf *eb)
{
	int at = 0, from = 0;
	enum err err = ERR_OK;

	while (!err && at < b->chunk->n) {
		struct chunk *part = &load->parts[load->n];

		from = at;
		if (bring_begin(b, of, load))
			return err_set(eb, ERR_NOMEM, "out of memory");
		err = bring_fill(b, part, load->most, &at, eb);
		if (!err && part->n)
			err = of->type->bring(b->pg, part, eb);
		if (err == ERR_LIMIT && part->n > 1) { /* more rows than memory is for */
			load->most = part->n / 2;
			arena_free(load->parts[--load->n].arena);
			at = from;
			err = ERR_OK;
			continue;
		}
		bring_lacking(part);
		load->rows += part->n_rows;
		load->any = load->any || part->n;
		if (at == b->chunk->n)
			part->units = b->chunk->units_away;
		if (!err && load->any &&
		    (load->rows >= BRING_ROWS || at == b->chunk->n ||
		        load->n == CLUSTER_CHUNK_IDS / CHUNK_IDS))
			err = bring_store(b, load, eb);
	}
	return err;
}

/* What its job was asked for, and so asks its feed. */
static enum err bring_look(
    struct bringer *b, const struct bring_job *of, struct bring *load, struct errbuf *eb)
{
	struct job_row row;
	char *params = NULL;
	enum err err = staging_job_get(b->reader, of->no, &row, &params, eb);

	load->params = err ? NULL : json_loads(params, 0, NULL);
	load->ask.today = day_number(clock_now());
	free(params);
	if (!err && !load->params)
		err = err_set(
		    eb, ERR_CORRUPT, "J-%lld: its parameters cannot be read", (long long)of->no);
	if (!err && of->type->ask)
		of->type->ask(b->of->parts, load->params, row.created_ms, &load->ask);
	if (!err)
		load->most = of->type->chunk_ids ? of->type->chunk_ids(load->params) : CHUNK_IDS;
	return err;
}

static enum err bring_chunk(struct bringer *b, const struct bring_job *of, struct errbuf *eb)
{
	struct bring *load = calloc(1, sizeof *load);
	enum err err = load ? bring_look(b, of, load, eb) : err_set(eb, ERR_NOMEM, "out of memory");

	if (!err)
		err = bring_parts(b, of, load, eb);
	else if (err == ERR_NOTFOUND) /* the job was deleted here: nobody counts what it brings */
		err = ERR_OK;
	if (load) {
		bring_drop(load);
		json_decref(load->params);
	}
	free(load);
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

/* The next chunk of a job. *got: there was one. */
static enum err bring_one(
    struct bringer *b, const struct bring_job *of, bool *got, struct errbuf *eb)
{
	int64_t began = clock_mono_ms();
	enum err err = cluster_away(b->pg, &of->job, b->chunk, got, eb);

	if (!err && *got)
		err = bring_chunk(b, of, eb);
	if (err || !*got)
		return err;
	pthread_mutex_lock(&b->lock);
	b->numbers.chunks++;
	b->numbers.ms += clock_mono_ms() - began;
	pthread_mutex_unlock(&b->lock);
	shared_poke(b->of->shared);
	return ERR_OK;
}

/* One chunk of each job in turn, until none has results away. A job that cannot be brought holds no other one up:
 * it waits for the next time, and the error is the last one's. */
static enum err bring_all(struct bringer *b, struct bring_job *jobs, int n, struct errbuf *eb)
{
	enum err err = bring_open(b, eb), last = err;

	while (n && !err && bring_goes_on(b)) {
		int kept = 0;

		for (int i = 0; i < n && bring_goes_on(b); i++) {
			struct errbuf its = {0};
			bool got = false;
			enum err one = bring_one(b, &jobs[i], &got, &its);

			if (!one && got)
				jobs[kept++] = jobs[i];
			if (one) {
				last = one;
				*eb = its;
			}
		}
		n = kept;
	}
	return last;
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
