#include "config.h"
#include "engine/jobs/worker.h"
#include "db/staging_dead.h"
#include "engine/base/clock.h"
#include "engine/jobs/dispatcher.h"
#include "engine/quota/day.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORKER_BODY_LIMIT = 8 * 1024 * 1024, WORKER_JSON_DEPTH = 64, WORKER_QUERY_LIMIT = 16384 };

struct worker {
	const struct engine_parts *parts;
	struct dispatcher *dispatcher;
	pthread_t thread;
	struct work work; /* the thread's alone */
	int useful;       /* calls with a usable answer since the chunk was tried */
	struct str query;

	pthread_mutex_t lock; /* guards numbers; rank: leaf */
	struct worker_numbers numbers;
};

/* ---- one call ---- */

void work_state(struct work *w, const char *state)
{
	struct worker *k = w->worker;

	pthread_mutex_lock(&k->lock);
	k->numbers.state = state;
	k->numbers.since_ms = clock_mono_ms();
	pthread_mutex_unlock(&k->lock);
}

static void worker_count(struct worker *k, int64_t job, int64_t chunks, int64_t errors, int64_t ms)
{
	pthread_mutex_lock(&k->lock);
	k->numbers.job = job;
	k->numbers.chunks += chunks;
	k->numbers.errors += errors;
	if (ms >= 0)
		k->numbers.last_ms = ms;
	pthread_mutex_unlock(&k->lock);
}

/*
 * The job's budget, then a key whose turn it is: ERR_BUSY of the ledger is a matter of fractions of
 * a second.
 */
static enum err work_ticket(
    struct work *w, enum method method, struct ledger_ticket *t, struct errbuf *eb)
{
	struct dispatcher *d = w->worker->dispatcher;
	int64_t cost = method_info(method)->cost;
	enum err err = dispatcher_may_spend(d, w->chunk->job, cost, &w->until, eb);

	if (err)
		return err;
	for (;;) {
		int64_t until_ms = 0;
		err = ledger_take(w->parts->ledger, method, t, &until_ms, &w->until, eb);
		if (err != ERR_BUSY)
			break;
		work_state(w, "slot wait");
		if (!dispatcher_sleep(d, until_ms)) {
			err = err_set(eb, ERR_CANCELLED, "stopping");
			break;
		}
	}
	if (err)
		dispatcher_unspend(d, w->chunk->job, cost);
	return err;
}

/* What work_call returns for each class of answer; ERR_OK here means: try another key. */
static const enum err work_fault_err[FAULT_COUNT] = {
    [FAULT_SERVER] = ERR_BUSY,
    [FAULT_SLOW_DOWN] = ERR_OK,
    [FAULT_BUCKET_SPENT] = ERR_OK,
    [FAULT_KEY] = ERR_OK,
    [FAULT_PROJECT] = ERR_OK,
    [FAULT_REQUEST] = ERR_DENIED,
    [FAULT_PARK] = ERR_BUSY,
    [FAULT_PAGE_TOKEN] = ERR_INVALID,
    [FAULT_TARGET] = ERR_NOTFOUND,
};

enum err work_call(struct work *w, enum method method, const char *query,
    struct client_reply *reply, struct errbuf *eb)
{
	struct worker *k = w->worker;

	for (;;) {
		struct ledger_ticket t;
		bool useful;
		enum err err = work_ticket(w, method, &t, eb);
		if (err)
			return err;
		work_state(w, "calling");
		err = client_call(w->client, method, query, t.secret, reply, eb);
		if (err == ERR_NOMEM) {
			ledger_settle(w->parts->ledger, &t, false, NULL, -1);
			dispatcher_unspend(k->dispatcher, w->chunk->job, method_info(method)->cost);
			return err;
		}
		/* cancelled in flight: it may have counted at the server, so its unit stays spent */
		ledger_settle(
		    w->parts->ledger, &t, true, err ? NULL : &reply->fault, reply->retry_after_s);
		w->chunk->units += method_info(method)->cost;
		if (err)
			return err;
		useful = reply->fault.fault == FAULT_NONE || reply->fault.fault == FAULT_TARGET;
		worker_count(k, w->chunk->job, 0, useful ? 0 : 1, reply->elapsed_ms);
		dispatcher_note_call(k->dispatcher, method_info(method)->cost, useful,
		    reply->elapsed_ms, useful ? "" : reply->fault.reason);
		k->useful += useful;
		if (reply->fault.fault == FAULT_NONE)
			return ERR_OK;
		w->fault = reply->fault;
		w->retry_after_s = reply->retry_after_s;
		log_at(w->parts->log, LOG_DEBUG, "worker", w->chunk->job, "%s: %d %s (%s) with %s",
		    method_info(method)->name, reply->status, reply->fault.reason,
		    fault_word(reply->fault.fault), t.key_name);
		err = work_fault_err[reply->fault.fault];
		if (err)
			return err_set(
			    eb, err, "%s: %s", reply->fault.reason, reply->fault.message);
	}
}

enum err work_torn(struct work *w, struct errbuf *eb)
{
	fault_torn(err_text(eb), &w->fault);
	w->retry_after_s = -1;
	dispatcher_note_call(w->worker->dispatcher, 0, false, -1, w->fault.reason);
	return eb ? eb->code = ERR_BUSY : ERR_BUSY;
}

enum err work_give_up(struct work *w, int i, struct errbuf *eb)
{
	struct chunk *c = w->chunk;
	const char *reason = w->fault.reason[0] ? w->fault.reason : "unknown";

	c->states[i] = ITEM_FAILED;
	c->reasons[i] = arena_dup(c->arena, reason, strlen(reason));
	c->messages[i] = arena_dup(c->arena, w->fault.message, strlen(w->fault.message));
	if (!c->reasons[i] || !c->messages[i])
		return err_set(eb, ERR_NOMEM, "out of memory");
	log_at(w->parts->log, LOG_WARNING, "worker", c->job, "a channel is set aside: %s: %s",
	    w->fault.reason, w->fault.message);
	return ERR_OK;
}

enum err work_reader(struct work *w, struct staging **out, struct errbuf *eb)
{
	enum err err = ERR_OK;

	if (!w->reader)
		err = staging_open(&w->reader, w->parts->staging_path, DB_READ, eb);
	*out = w->reader;
	return err;
}

void chunk_count(struct chunk *c, int64_t by, const char *fmt, ...)
{
	char name[CHUNK_NUMBER_NAME];
	va_list ap;
	int i = 0;

	va_start(ap, fmt);
	vsnprintf(name, sizeof name, fmt, ap);
	va_end(ap);
	while (i < c->n_numbers && strcmp(c->numbers[i].name, name) != 0)
		i++;
	if (i == CHUNK_NUMBERS)
		return; /* a type has fewer names than that */
	if (i == c->n_numbers) {
		c->n_numbers++;
		memcpy(c->numbers[i].name, name, sizeof name);
		c->numbers[i].by = 0;
	}
	c->numbers[i].by += by;
}

/* ---- from result to staging ---- */

static enum err worker_store_dead(struct staging *s, struct chunk *c, int i, struct errbuf *eb)
{
	struct dead_letter d = {.cid = c->ids[i],
	    .op = c->type->op,
	    .reason = c->reasons[i],
	    .message = c->messages[i],
	    .attempts = c->attempts + 1,
	    .job = c->job,
	    .at = clock_now()};

	c->failed++;
	return staging_dead_letter_put(s, &d, eb);
}

static enum err worker_store_absent(struct staging *s, struct chunk *c, int i, struct errbuf *eb)
{
	enum item_state now = ITEM_ABSENT;
	enum err err = staging_absence(s, c->type->op, &c->ids[i], c->day, c->job, &now, eb);

	c->absent += now == ITEM_ABSENT;
	c->missing += now == ITEM_MISSING;
	return err;
}

static enum err worker_store_item(struct staging *s, struct chunk *c, int i, struct errbuf *eb)
{
	const enum op op = c->type->op;
	const struct cid *cid = &c->ids[i];
	int64_t asked_by = 0;
	bool moved = false;
	enum err err = ERR_OK;

	if (c->states[i] == ITEM_DONE)
		err = staging_state_done(s, op, cid, &moved, eb);
	if (err || moved) {
		c->done += moved;
		return err;
	}
	err = staging_absence_job(s, op, cid, &asked_by, eb);
	if (!err && asked_by == c->job)
		c->absent--; /* this job counted it as absent on an earlier day */
	if (err)
		return err;
	if (c->states[i] == ITEM_ABSENT)
		return worker_store_absent(s, c, i, eb);
	if (c->states[i] == ITEM_FAILED)
		return worker_store_dead(s, c, i, eb);
	c->missing += c->states[i] == ITEM_MISSING;
	c->done += c->states[i] == ITEM_DONE;
	return staging_state_set(s, op, cid, c->states[i], NULL, eb);
}

/* Of a type that changes no states: its items are only counted. */
static void worker_count_item(struct chunk *c, int i)
{
	c->done += c->states[i] == ITEM_DONE;
	c->missing += c->states[i] == ITEM_MISSING;
	c->absent += c->states[i] == ITEM_ABSENT;
	c->failed += c->states[i] == ITEM_FAILED;
}

static enum err worker_store(struct staging *s, void *arg, struct errbuf *eb)
{
	struct chunk *c = arg;
	const int counted = c->n_numbers;
	struct chunk_number before[CHUNK_NUMBERS];
	struct job_count by;
	enum err err = ERR_OK;

	/* this may run again: what commit counts must not stay */
	memcpy(before, c->numbers, (size_t)counted * sizeof before[0]);
	c->done = c->missing = c->absent = c->failed = 0;
	for (int i = 0; i < c->n && !err; i++)
		if (c->type->op == OP_NONE)
			worker_count_item(c, i);
		else
			err = worker_store_item(s, c, i, eb);
	if (!err && (c->n_rows || c->type->keeps))
		err = c->type->commit(s, c, eb);
	for (int i = 0; i < c->n_numbers && !err; i++)
		err = staging_job_number_add(s, c->job, c->numbers[i].name, c->numbers[i].by, eb);
	c->n_numbers = counted;
	memcpy(c->numbers, before, (size_t)counted * sizeof before[0]);
	by = (struct job_count){c->done, c->missing, c->absent, c->failed, c->units, c->day};
	return err ? err : staging_job_count(s, c->job, &by, eb);
}

struct worker_stored {
	struct dispatcher *dispatcher;
	struct chunk *chunk;
};

static enum err worker_stored_apply(struct staging *s, void *arg, struct errbuf *eb)
{
	return worker_store(s, ((struct worker_stored *)arg)->chunk, eb);
}

static void worker_stored_after(void *arg, enum err err, const struct errbuf *eb)
{
	struct worker_stored *st = arg;

	dispatcher_done(st->dispatcher, st->chunk, err, eb);
	free(st);
}

static void worker_deliver(struct worker *k, struct chunk *c)
{
	struct worker_stored *st = malloc(sizeof *st);
	struct write_op op = {
	    .apply = worker_stored_apply, .after = worker_stored_after, .arg = st};
	struct errbuf eb;
	enum err err = ERR_NOMEM;

	work_state(&k->work, "writing");
	c->day = c->day ? c->day : day_number(clock_now());
	if (st) {
		*st = (struct worker_stored){k->dispatcher, c};
		err = writer_post(k->parts->writer, &op);
	}
	if (err) {
		free(st);
		err_set(&eb, err, "the result could not be handed to the writer");
		dispatcher_done(k->dispatcher, c, err, &eb);
	}
}

static void worker_fail_all(struct worker *k, struct chunk *c, const struct fault_info *f)
{
	if (!c->arena)
		c->arena = arena_new(0);
	for (int i = 0; i < c->n; i++) {
		c->states[i] = ITEM_FAILED;
		c->reasons[i] = c->arena ? arena_dup(c->arena, f->reason, strlen(f->reason)) : NULL;
		c->messages[i] =
		    c->arena ? arena_dup(c->arena, f->message, strlen(f->message)) : NULL;
		if (!c->reasons[i])
			c->reasons[i] = "unknown";
	}
	c->n_rows = 0;
	worker_deliver(k, c);
}

/* ---- one chunk ---- */

static bool worker_prepare(struct worker *k, struct chunk *c)
{
	struct work *w = &k->work;

	w->chunk = c;
	w->fault = (struct fault_info){0};
	w->retry_after_s = -1;
	w->until = 0;
	k->useful = 0;
	if (!c->arena)
		c->arena = dispatcher_arena(k->dispatcher);
	else if (!c->type->keeps)
		arena_reset(c->arena);
	if (!c->arena || c->type->keeps)
		return c->arena != NULL;
	c->rows = NULL;
	c->n_rows = c->n_numbers = 0;
	c->day = 0;
	for (int i = 0; i < c->n; i++) {
		c->states[i] = ITEM_ABSENT;
		c->reasons[i] = c->messages[i] = NULL;
	}
	return true;
}

/* ---- types that keep what they have ---- */

/* Hands what is finished to the writer; *all: that was everything. */
static enum err worker_part(struct worker *k, struct chunk *c, bool *all)
{
	struct chunk *part;

	c->finished = 0;
	while (c->finished < c->n && c->states[c->finished] != ITEM_PENDING)
		c->finished++;
	*all = c->finished == c->n;
	if (*all) {
		worker_deliver(k, c);
		return ERR_OK;
	}
	if (!c->finished && !c->n_rows)
		return ERR_LIMIT; /* nothing to hand over */
	part = dispatcher_part(k->dispatcher, c);
	if (!part)
		return ERR_NOMEM;
	worker_deliver(k, part);
	return ERR_OK;
}

/* Sets those aside that the failing call was for; at least one, so that there is an end. */
static enum err worker_give_up(struct worker *k, struct chunk *c, struct errbuf *eb)
{
	enum err err = ERR_OK;
	bool any = false;

	for (int i = c->from < 0 ? 0 : c->from; i <= c->upto && i < c->n && !err; i++)
		if (c->states[i] == ITEM_PENDING) {
			err = work_give_up(&k->work, i, eb);
			any = true;
		}
	for (int i = 0; i < c->n && !any && !err; i++)
		if (c->states[i] == ITEM_PENDING) {
			err = work_give_up(&k->work, i, eb);
			any = true;
		}
	c->attempts = 0;
	return err;
}

static bool worker_is_final(const struct worker *k, const struct chunk *c, enum err err)
{
	int64_t most = settings_number(k->parts->settings, SET_MAX_ATTEMPTS, 0);

	if (err == ERR_BUSY)
		return c->attempts + 1 >= (k->work.fault.fault == FAULT_PARK ? 3 : most);
	return err == ERR_DENIED || err == ERR_NOTFOUND ||
	       (err == ERR_INVALID && k->work.fault.fault == FAULT_PAGE_TOKEN);
}

static void worker_keeper(struct worker *k, struct chunk *c)
{
	struct work *w = &k->work;
	bool all = false;

	for (;;) {
		struct errbuf eb = {0};
		enum err err = worker_prepare(k, c) ? c->type->work(w, c, &eb) : ERR_NOMEM;
		if (k->useful)
			c->attempts = 0;
		enum err handed;
		bool tried = !err;
		if (worker_is_final(k, c, err))
			err = worker_give_up(k, c, &eb);
		handed = worker_part(k, c, &all);
		if (all)
			return;
		if (!err && (!handed || !tried))
			continue;
		if (!err)
			err = err_set(&eb, ERR_CORRUPT, "%s made no progress", c->type->info.name);
		if (err != ERR_BUSY && err != ERR_QUOTA && err != ERR_UNAVAIL &&
		    err != ERR_CANCELLED && err != ERR_LIMIT)
			log_at(k->parts->log, LOG_ERROR, "worker", c->job, "%s", err_text(&eb));
		dispatcher_return(k->dispatcher, c, err, w->until, w->retry_after_s, &w->fault);
		return;
	}
}

/* ---- types with one call ---- */

static void worker_chunk(struct worker *k, struct chunk *c);

/* A refused request: the half with the bad id is found by asking again, never by guessing. */
static void worker_split(struct worker *k, struct chunk *c)
{
	struct chunk *half = dispatcher_split(k->dispatcher, c);

	if (!half) {
		dispatcher_return(k->dispatcher, c, ERR_NOMEM, 0, -1, &k->work.fault);
		return;
	}
	worker_chunk(k, c);
	worker_chunk(k, half);
}

static void worker_chunk(struct worker *k, struct chunk *c)
{
	struct work *w = &k->work;
	struct errbuf eb = {0};
	enum err err;

	if (c->type->keeps) {
		worker_keeper(k, c);
		return;
	}
	err = worker_prepare(k, c) ? c->type->work(w, c, &eb) : ERR_NOMEM;
	if (!err) {
		worker_deliver(k, c);
	} else if (err == ERR_DENIED && c->n > 1) {
		log_at(k->parts->log, LOG_INFO, "worker", c->job,
		    "request of %d ids refused (%s): split", c->n, w->fault.reason);
		worker_split(k, c);
	} else if (worker_is_final(k, c, err)) {
		log_at(k->parts->log, LOG_WARNING, "worker", c->job, "%d channels set aside: %s",
		    c->n, err_text(&eb));
		worker_fail_all(k, c, &w->fault);
	} else {
		if (err != ERR_BUSY && err != ERR_QUOTA && err != ERR_UNAVAIL &&
		    err != ERR_CANCELLED && err != ERR_LIMIT)
			log_at(k->parts->log, LOG_ERROR, "worker", c->job, "%s", err_text(&eb));
		dispatcher_return(k->dispatcher, c, err, w->until, w->retry_after_s, &w->fault);
	}
}

static void *worker_main(void *arg)
{
	struct worker *k = arg;
	struct chunk *c;

	for (;;) {
		work_state(&k->work, "idle");
		worker_count(k, 0, 0, 0, -1);
		if (dispatcher_take(k->dispatcher, &c))
			break;
		worker_count(k, c->job, 1, 0, -1);
		worker_chunk(k, c);
	}
	work_state(&k->work, "stopped");
	return NULL;
}

static void worker_free(struct worker *k)
{
	client_free(k->work.client);
	json_reader_free(k->work.json);
	staging_close(k->work.reader);
	str_done(&k->query);
	pthread_mutex_destroy(&k->lock);
	free(k);
}

struct worker *worker_start(
    const struct engine_parts *parts, struct dispatcher *d, int number, struct errbuf *eb)
{
	struct worker *k = calloc(1, sizeof *k);
	struct client_config cfg = {.base = settings_text(parts->settings, SET_YOUTUBE_API_BASE, 0),
	    .stop = dispatcher_abort_flag(d),
	    .body_limit = WORKER_BODY_LIMIT};
	enum err err;

	if (!k) {
		err_set(eb, ERR_NOMEM, "out of memory");
		return NULL;
	}
	k->parts = parts;
	k->dispatcher = d;
	k->numbers.state = "idle";
	pthread_mutex_init(&k->lock, NULL);
	str_init(&k->query, WORKER_QUERY_LIMIT);
	k->work = (struct work){.parts = parts, .query = &k->query, .worker = k};
	k->work.json = json_reader_new(WORKER_BODY_LIMIT, WORKER_JSON_DEPTH);
	err = k->work.json ? client_new(&k->work.client, &cfg, eb)
	                   : err_set(eb, ERR_NOMEM, "out of memory");
	if (!err && pthread_create(&k->thread, NULL, worker_main, k) != 0)
		err = err_set(eb, ERR_NOMEM,
		    "cannot start worker thread %d; lower WORKER_CONCURRENCY", number);
	if (err) {
		worker_free(k);
		return NULL;
	}
	return k;
}

void worker_join(struct worker *k)
{
	pthread_join(k->thread, NULL);
	worker_free(k);
}

void worker_numbers(struct worker *k, struct worker_numbers *out)
{
	pthread_mutex_lock(&k->lock);
	*out = k->numbers;
	pthread_mutex_unlock(&k->lock);
}
