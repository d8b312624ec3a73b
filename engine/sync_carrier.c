#include "config.h"
#include "engine/sync_carrier.h"
#include "engine/sync_portion.h"
#include "engine/jobs/job_lent.h"
#include "db/cluster.h"
#include "db/staging_shared.h"
#include "engine/base/clock.h"
#include "engine/base/str.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	CARRIER_BATCH = 5000,
	CARRIER_MARKS = 1 << 23, /* bytes of statements */
	CARRIER_PAGE = 20000,    /* outbox rows of one round */
	CARRIER_WALK_MS = 2000,  /* before single rows have their turn */
	CARRIER_TOLD = 100       /* refused rows told one by one; then every 1,000th */
};

struct ack {
	int64_t seq;
	struct cid key;
	bool walked; /* the walk seq has come to key; else: everything up to seq is done */
};

/* Channels that are carried together, and what to strike out when all of it is in PostgreSQL. */
struct cargo {
	struct portion *portion;
	int64_t *jobs;
	int n_jobs;
	struct str marks; /* statements for the transaction that holds the last channel */
	bool is_marked;
	struct ack ack;
};

/* What is asked of PostgreSQL, as screens name it: kinds of rows first. */
enum { CARRIER_CONNECT = POSTGRES_KINDS, CARRIER_JOB, CARRIER_PING, CARRIER_METERS };
static const char *const carrier_words[CARRIER_METERS] = {
    [POSTGRES_GONE] = "erase channels",
    [POSTGRES_CHANNELS] = "upsert channels",
    [POSTGRES_VIDEOS] = "upsert videos",
    [POSTGRES_EDGES] = "upsert discoveries",
    [CARRIER_CONNECT] = "connect",
    [CARRIER_JOB] = "upsert job",
    [CARRIER_PING] = "ping",
};

/* One batch of a cargo; while PostgreSQL puts it in place the next one is read. */
struct load {
	struct postgres_batch *batch;
	int64_t sent_us;  /* clock_mono_us */
	struct cargo *of; /* NULL: nothing is left */
};

struct carrier {
	struct secret *url;
	char *staging_path;
	struct writer *writer;
	struct log *log;
	const atomic_bool *stop;
	sync_progress_fn *progress;
	void *progress_arg;
	int max; /* channels or other rows in a batch */
	bool has_node;
	struct uuid node;

	struct staging *staging;
	struct postgres *pg;
	enum postgres_fault fault;
	struct load loads[2];
	struct cargo cargos[2];
	struct cargo *filling; /* batches of it are still to be read; NULL: of none */
	struct outbox_row *page;
	struct meter *meters[CARRIER_METERS];
	int64_t told;     /* refused rows so far */
	int64_t channels; /* in staging, at the last look */

	pthread_mutex_t lock; /* guards numbers; rank: leaf */
	struct sync_numbers numbers;
};

/* ---- life ---- */

void carrier_free(struct carrier *c)
{
	if (!c)
		return;
	postgres_close(c->pg);
	staging_close(c->staging);
	for (int i = 0; i < 2; i++) {
		postgres_batch_free(c->loads[i].batch);
		portion_free(c->cargos[i].portion);
		free(c->cargos[i].jobs);
		str_done(&c->cargos[i].marks);
	}
	free(c->page);
	free(c->staging_path);
	secret_free(c->url);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

static bool carrier_alloc(struct carrier *c)
{
	bool ok = true;

	for (int i = 0; i < 2; i++) {
		c->loads[i].batch = postgres_batch_new();
		str_init(&c->cargos[i].marks, CARRIER_MARKS);
		c->cargos[i].portion = portion_new(c->max);
		c->cargos[i].jobs = calloc((size_t)c->max, sizeof *c->cargos[i].jobs);
		ok = ok && c->loads[i].batch && c->cargos[i].portion && c->cargos[i].jobs;
	}
	c->page = calloc(CARRIER_PAGE, sizeof *c->page);
	return ok && c->page;
}

struct carrier *carrier_new(
    const struct sync_config *cfg, const atomic_bool *stop, struct errbuf *eb)
{
	struct carrier *c = calloc(1, sizeof *c);

	if (!c) {
		err_set(eb, ERR_NOMEM, "out of memory");
		return NULL;
	}
	pthread_mutex_init(&c->lock, NULL);
	c->writer = cfg->writer;
	c->log = cfg->log;
	c->stop = stop;
	for (int i = 0; i < CARRIER_METERS && cfg->url; i++)
		c->meters[i] = meters_get(cfg->meters, "postgres", carrier_words[i]);
	c->max = cfg->batch > 0 && cfg->batch <= CARRIER_PAGE ? cfg->batch : CARRIER_BATCH;
	c->staging_path = str_dup(cfg->staging_path);
	c->url = cfg->url ? secret_copy(cfg->url) : NULL;
	c->numbers.configured = c->url != NULL;
	c->has_node = cfg->node != NULL;
	if (cfg->node)
		c->node = *cfg->node;
	if (!c->staging_path || (cfg->url && !c->url) || !carrier_alloc(c)) {
		err_set(eb, ERR_NOMEM, "out of memory");
		carrier_free(c);
		return NULL;
	}
	return c;
}

void carrier_set_progress(struct carrier *c, sync_progress_fn *progress, void *arg)
{
	c->progress = progress;
	c->progress_arg = arg;
}

static void carrier_meter(struct carrier *c, int what, int64_t began_us, enum err err)
{
	if (err != ERR_CANCELLED)
		meter_note(
		    c->meters[what], clock_mono_ms(), clock_mono_us() - began_us, err != ERR_OK);
}

void carrier_disconnect(struct carrier *c)
{
	postgres_close(c->pg);
	c->pg = NULL;
}

enum postgres_fault carrier_fault(const struct carrier *c)
{
	return c->pg ? postgres_fault(c->pg) : c->fault;
}

enum err carrier_open(struct carrier *c, struct errbuf *eb)
{
	struct postgres_config cfg = {.url = c->url, .stop = c->stop, .log = c->log};
	int64_t began = clock_mono_us();
	enum err err = ERR_OK;

	c->fault = POSTGRES_LOST;
	if (!c->url)
		return err_set(
		    eb, ERR_DENIED, "DATABASE_URL is not set: there is nothing to sync to");
	if (!c->staging)
		err = staging_open(&c->staging, c->staging_path, DB_READ, eb);
	if (err || c->pg)
		return err;
	err = postgres_open(&c->pg, &cfg, eb);
	if (!err)
		err = postgres_migrate(c->pg, eb);
	if (!err)
		err = postgres_rows_prepare(c->pg, eb);
	carrier_meter(c, CARRIER_CONNECT, began, err);
	if (err) {
		/* refusals of the schema are no fault of a statement, yet only a person can mend them */
		c->fault = c->pg && postgres_fault(c->pg) != POSTGRES_FINE ? postgres_fault(c->pg)
		           : err_is_temporary(err)                         ? POSTGRES_LOST
		                                                           : POSTGRES_HALT;
		carrier_disconnect(c);
		return err;
	}
	log_at(c->log, LOG_INFO, "sync", 0, "connected to PostgreSQL at %s", postgres_place(c->pg));
	return ERR_OK;
}

/* ---- numbers ---- */

void carrier_numbers(struct carrier *c, struct sync_numbers *out)
{
	pthread_mutex_lock(&c->lock);
	*out = c->numbers;
	pthread_mutex_unlock(&c->lock);
}

void carrier_note(struct carrier *c, const char *trouble, int64_t retry_at)
{
	pthread_mutex_lock(&c->lock);
	c->numbers.ok = !trouble;
	c->numbers.retry_at = retry_at;
	if (!trouble) {
		c->numbers.last_ok = clock_now();
		c->numbers.since = c->numbers.tries = 0;
	} else {
		c->numbers.since = c->numbers.since ? c->numbers.since : clock_now();
		c->numbers.tries++;
	}
	snprintf(c->numbers.trouble, sizeof c->numbers.trouble, "%.300s", trouble ? trouble : "");
	pthread_mutex_unlock(&c->lock);
}

/* Shows the numbers; ERR_CANCELLED when somebody has seen enough. */
static enum err carrier_show(struct carrier *c, struct errbuf *eb)
{
	struct sync_numbers n;

	if (c->stop && atomic_load_explicit(c->stop, memory_order_relaxed))
		return err_set(eb, ERR_CANCELLED, "stopped");
	if (!c->progress)
		return ERR_OK;
	carrier_numbers(c, &n);
	return c->progress(c->progress_arg, &n) ? ERR_OK : err_set(eb, ERR_CANCELLED, "stopped");
}

static void carrier_count(struct carrier *c, const struct postgres_pushed *p)
{
	pthread_mutex_lock(&c->lock);
	c->numbers.rows += p->rows;
	c->numbers.written += p->written;
	c->numbers.refused += p->refused;
	c->numbers.batches++;
	c->numbers.ok = true;
	c->numbers.last_ok = clock_now();
	c->numbers.since = c->numbers.tries = 0;
	pthread_mutex_unlock(&c->lock);
}

/* Share of the key space behind a key: ids are random, so keys are spread evenly. */
static double key_share(const struct cid *key)
{
	double share = 0, unit = 1;

	for (int i = 0; i < 6; i++) {
		unit /= 256;
		share += unit * key->b[i];
	}
	return share;
}

static void note_walk(struct carrier *c, const struct cid *key)
{
	pthread_mutex_lock(&c->lock);
	c->numbers.walk_left = key ? (int64_t)((1 - key_share(key)) * (double)c->channels) : 0;
	pthread_mutex_unlock(&c->lock);
}

/* A refused row must be seen, but fifteen million of them must not fill the disk. */
static void carrier_refused(void *arg, const char *what, const struct errbuf *why)
{
	struct carrier *c = arg;

	c->told++;
	if (c->told <= CARRIER_TOLD || c->told % 1000 == 0)
		log_at(c->log, LOG_ERROR, "sync", 0, "%s is not taken, set aside (%lld so far): %s",
		    what, (long long)c->told, err_text(why));
}

/* ---- telling the writer ---- */

static enum err ack_apply(struct staging *s, void *arg, struct errbuf *eb)
{
	const struct ack *a = arg;

	return a->walked ? staging_outbox_walked(s, a->seq, &a->key, eb)
	                 : staging_outbox_done(s, a->seq, eb);
}

static void ack_after(void *arg, enum err err, const struct errbuf *eb)
{
	(void)err; /* the rows are sent again: no harm, and the writer has logged it */
	(void)eb;
	free(arg);
}

/* Does not wait: the next batch need not know. */
static enum err ack_post(struct carrier *c, const struct ack *a, struct errbuf *eb)
{
	struct write_op op = {.apply = ack_apply, .after = ack_after};
	struct ack *copy = malloc(sizeof *copy);
	enum err err;

	if (!copy)
		return err_set(eb, ERR_NOMEM, "out of memory");
	*copy = *a;
	op.arg = copy;
	err = writer_post(c->writer, &op);
	if (err) {
		free(copy);
		return err_set(eb, err, "staging is being closed");
	}
	return ERR_OK;
}

static enum err ack_run(struct carrier *c, struct ack *a, struct errbuf *eb)
{
	return writer_run(c->writer, ack_apply, a, false, eb);
}

/* ---- carrying ---- */

/* Chooses the next cargo; may put its first rows into batch. *any false: there is none. */
typedef enum err cargo_fn(struct carrier *c, void *arg, struct cargo *g,
    struct postgres_batch *batch, bool *any, struct errbuf *eb);

static enum err cargo_next(struct carrier *c, cargo_fn *choose, void *arg, struct load *l,
    struct cargo *not_this, struct errbuf *eb)
{
	struct cargo *g = not_this == &c->cargos[0] ? &c->cargos[1] : &c->cargos[0];
	bool any = false;
	enum err err;

	portion_reset(g->portion);
	postgres_batch_reset(l->batch, POSTGRES_CHANNELS);
	g->n_jobs = 0;
	str_reset(&g->marks);
	g->is_marked = false;
	l->of = NULL;
	err = choose(c, arg, g, l->batch, &any, eb);
	if (err || !any)
		return err;
	l->of = c->filling = g;
	/* even if nothing is to be sent: its jobs and its end hang on this load */
	return postgres_batch_count(l->batch) ? ERR_OK
	                                      : portion_fill(g->portion, c->staging, l->batch, eb);
}

/* Reads the next batch: of the present cargo, or the first one of the next. */
static enum err load_fill(struct carrier *c, cargo_fn *choose, void *arg, struct load *l,
    struct cargo *before, struct errbuf *eb)
{
	enum err err = ERR_OK;

	if (c->filling) {
		l->of = c->filling;
		err = portion_fill(c->filling->portion, c->staging, l->batch, eb);
		if (err || postgres_batch_count(l->batch))
			return err;
		c->filling = NULL;
	}
	return cargo_next(c, choose, arg, l, before, eb);
}

/* With the last rows of a cargo that marks tell of go these themselves. */
static void load_mark(struct load *l)
{
	struct cargo *g = l->of;

	if (g->marks.len && portion_marks_are_over(g->portion))
		postgres_batch_also(l->batch, str_get(&g->marks));
}

static enum err load_wait(struct carrier *c, const struct load *l, struct errbuf *eb)
{
	struct postgres_pushed pushed;
	enum err err = postgres_batch_finish(c->pg, l->batch, carrier_refused, c, &pushed, eb);

	carrier_meter(c, (int)postgres_batch_kind(l->batch), l->sent_us, err);
	if (!err)
		carrier_count(c, &pushed);
	if (!err && pushed.also)
		l->of->is_marked = true;
	return err;
}

static enum err cargo_jobs(struct carrier *c, const struct cargo *g, struct errbuf *eb)
{
	enum err err = ERR_OK;
	int64_t began;

	for (int i = 0; i < g->n_jobs && !err; i++) {
		struct job_row job;
		char *params = NULL;
		bool lent;

		err = staging_job_get(c->staging, g->jobs[i], &job, &params, eb);
		lent = !err && job_is_lent(params);
		free(params);
		if (err == ERR_NOTFOUND || lent) { /* the home of a shared job tells of it */
			err = ERR_OK;
			continue;
		}
		began = clock_mono_us();
		if (!err)
			err = postgres_job_put(c->pg, &job, eb);
		carrier_meter(c, CARRIER_JOB, began, err);
		if (err && postgres_fault(c->pg) == POSTGRES_DATA) {
			log_at(c->log, LOG_ERROR, "sync", g->jobs[i],
			    "job is not taken, set aside: %s", err_text(eb));
			carrier_count(c, &(struct postgres_pushed){.refused = 1});
			err = ERR_OK;
		}
	}
	return err;
}

/* All of it is in PostgreSQL. The last one waits, so that the next look at the outbox sees it. */
static enum err cargo_end(struct carrier *c, struct cargo *g, bool last, struct errbuf *eb)
{
	enum err err = cargo_jobs(c, g, eb);

	/* its channels are gone, or the last one is not taken: all that there is was committed */
	if (!err && g->marks.len && !g->is_marked)
		err = postgres_exec(c->pg, str_get(&g->marks), eb);
	if (!err)
		err = last ? ack_run(c, &g->ack, eb) : ack_post(c, &g->ack, eb);
	if (!err && g->ack.walked)
		note_walk(c, &g->ack.key);
	return err;
}

/* Carries one cargo after the other until choose has no more. */
static enum err carry(struct carrier *c, cargo_fn *choose, void *arg, struct errbuf *eb)
{
	struct load *now = &c->loads[0], *next = &c->loads[1];
	enum err err;

	c->filling = NULL;
	err = load_fill(c, choose, arg, now, NULL, eb);
	while (!err && now->of) {
		bool has_rows = postgres_batch_count(now->batch) > 0;
		struct load *swap = now;

		now->sent_us = clock_mono_us();
		load_mark(now);
		if (has_rows)
			err = postgres_batch_send(c->pg, now->batch, eb);
		if (!err)
			err = load_fill(c, choose, arg, next, now->of, eb);
		if (!err && has_rows)
			err = load_wait(c, now, eb);
		if (!err && next->of != now->of)
			err = cargo_end(c, now->of, !next->of, eb);
		if (!err)
			err = carrier_show(c, eb);
		now = next;
		next = swap;
	}
	return err;
}

/* ---- walks ---- */

struct walk {
	const struct outbox_row *row;
	struct cid at; /* the last key read */
	bool from_first;
	bool is_over;  /* nothing was left to read */
	int64_t until; /* clock_mono_ms */
	/* of one reading */
	struct cargo *cargo;
	struct postgres_batch *batch;
};

static enum err walk_row(void *arg, const struct channel_row *row, struct errbuf *eb)
{
	struct walk *w = arg;
	enum err err = postgres_batch_channel(w->batch, row, false, eb);

	if (err == ERR_LIMIT && postgres_batch_count(w->batch))
		return ERR_CANCELLED; /* full: this row begins the next batch */
	if (err)
		return err;
	portion_add_sent(w->cargo->portion, &row->cid);
	return portion_is_enough(w->cargo->portion, w->batch) ? ERR_CANCELLED : ERR_OK;
}

static enum err walk_choose(struct carrier *c, void *arg, struct cargo *g,
    struct postgres_batch *batch, bool *any, struct errbuf *eb)
{
	struct walk *w = arg;
	const struct cid *after = w->from_first ? NULL : &w->at;
	enum err err;

	if (clock_mono_ms() >= w->until)
		return ERR_OK;
	w->cargo = g;
	w->batch = batch;
	err = w->row->kind == OUTBOX_ALL
	          ? staging_channels_each(c->staging, after, c->max, walk_row, w, eb)
	          : staging_origin_channels_each(
	                c->staging, w->row->num, after, c->max, walk_row, w, eb);
	if (err)
		return err;
	*any = portion_count(g->portion) > 0;
	w->is_over = !*any;
	if (*any) {
		w->at = *portion_last(g->portion);
		w->from_first = false;
		g->ack = (struct ack){.seq = w->row->seq, .key = w->at, .walked = true};
	}
	return ERR_OK;
}

/* The mark comes first: from it on staging notes single changes, so that none falls between. */
static enum err walk_begin(struct carrier *c, struct walk *w, struct errbuf *eb)
{
	static const struct cid zero;
	struct ack mark = {.seq = w->row->seq, .walked = true};

	w->at = w->row->has_key ? w->row->key : zero;
	/* all zero is the mark, but also a key that a channel may have */
	w->from_first = cid_compare(&w->at, &zero) == 0;
	w->until = clock_mono_ms() + CARRIER_WALK_MS;
	return w->row->has_key ? ERR_OK : ack_run(c, &mark, eb);
}

/*
 * Ends a walk. staging_outbox_done strikes out single rows before it too, so all of these must
 * have been sent: they were in this round's page unless it ended before.
 */
static enum err walk_end(struct carrier *c, const struct walk *w, int n, struct errbuf *eb)
{
	struct ack a = {.seq = w->row->seq};

	if (n == CARRIER_PAGE && c->page[n - 1].seq < w->row->seq)
		return ERR_OK; /* the next round comes here again */
	note_walk(c, NULL);
	return ack_run(c, &a, eb);
}

/* ---- single rows ---- */

static bool is_walk(const struct outbox_row *r)
{
	return r->kind == OUTBOX_ALL || r->kind == OUTBOX_ORIGIN;
}

static bool has_job(const struct cargo *g, int64_t no)
{
	for (int i = 0; i < g->n_jobs; i++)
		if (g->jobs[i] == no)
			return true;
	return false;
}

struct singles {
	int n, at; /* rows of the page: all, and the next one */
};

/* A mark of a time when this was a node of a cluster means nothing any more. */
static enum err single_mark(struct carrier *c, struct cargo *g, int64_t seq, struct errbuf *eb)
{
	struct staging_mark m;
	enum err err = staging_mark_get(c->staging, seq, &m, eb);

	if (err || !c->has_node)
		return err == ERR_NOTFOUND ? ERR_OK : err;
	portion_add_mark(g->portion, &m);
	cluster_mark_sql(&g->marks, &c->node,
	    &(struct cluster_mark){m.chunk, m.epoch, m.units, m.n, m.at, m.outcome,
	        m.op == OP_VIDEOS ? m.facts : NULL});
	return g->marks.err ? err_set(eb, g->marks.err, "marks of work chunks take too much memory")
	                    : ERR_OK;
}

static enum err single_choose(struct carrier *c, void *arg, struct cargo *g,
    struct postgres_batch *batch, bool *any, struct errbuf *eb)
{
	struct singles *s = arg;
	enum err err = ERR_OK;

	(void)batch;
	for (; !err && s->at < s->n && !portion_is_full(g->portion) && g->n_jobs < c->max;
	     s->at++) {
		const struct outbox_row *r = &c->page[s->at];

		if (is_walk(r))
			continue;
		if (r->kind == OUTBOX_MARK)
			err = single_mark(c, g, r->seq, eb);
		else if (r->kind != OUTBOX_JOB)
			portion_add(g->portion, r);
		else if (!has_job(g, r->num))
			g->jobs[g->n_jobs++] = r->num;
		g->ack = (struct ack){.seq = r->seq};
		*any = true;
	}
	return err;
}

/* ---- a round ---- */

static enum err carrier_look(struct carrier *c, int *n, struct errbuf *eb)
{
	struct counters counters;
	enum err err = staging_counters(c->staging, &counters, eb);

	if (!err)
		err = staging_outbox_page(c->staging, c->page, CARRIER_PAGE, n, eb);
	if (err)
		return err;
	c->channels = counters.channels;
	pthread_mutex_lock(&c->lock);
	c->numbers.outbox = counters.outbox;
	pthread_mutex_unlock(&c->lock);
	return carrier_show(c, eb);
}

static const struct outbox_row *first_walk(const struct outbox_row *page, int n)
{
	const struct outbox_row *found = NULL;

	for (int i = 0; i < n; i++)
		if (is_walk(&page[i]) &&
		    (!found || (page[i].kind == OUTBOX_ALL && found->kind != OUTBOX_ALL)))
			found = &page[i];
	return found;
}

/* Single rows, then about two seconds of a walk. */
static enum err carrier_carry(struct carrier *c, int n, struct errbuf *eb)
{
	struct singles singles = {.n = n};
	struct walk w = {.row = first_walk(c->page, n)};
	enum err err = carry(c, single_choose, &singles, eb);

	if (err || !w.row)
		return err;
	err = walk_begin(c, &w, eb);
	if (!err)
		err = carry(c, walk_choose, &w, eb);
	return err || !w.is_over ? err : walk_end(c, &w, n, eb);
}

enum err carrier_round(struct carrier *c, bool *more, struct errbuf *eb)
{
	int n = 0;
	enum err err = carrier_look(c, &n, eb);

	*more = n > 0;
	if (err)
		return err;
	if (!n) { /* is it still there? */
		int64_t began = clock_mono_us();
		err = postgres_exec(c->pg, "", eb);
		carrier_meter(c, CARRIER_PING, began, err);
		return err;
	}
	err = carrier_carry(c, n, eb);
	if (err == ERR_LIMIT && c->max > 1) {
		/* enormous texts: fewer of them will fit; a batch may still be on its way */
		c->max /= 2;
		carrier_disconnect(c);
		err = carrier_open(c, eb);
	}
	return err;
}
