#include "config.h"
#include "engine/jobs/worker_parts.h"
#include "engine/base/clock.h"
#include "engine/base/process.h"
#include "engine/quota/day.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	WORKER_BODY_LIMIT = 8 * 1024 * 1024,
	WORKER_JSON_DEPTH = 64,
	WORKER_QUERY_LIMIT = 16384,
	WORKER_NAP_MS = 500,
	WORKER_WAY =
	    10 /* all that works is stored by one writer and watched on one screen: these go first */
};

/* ---- one call ---- */

/* The job's budget and the plan. At even pace it may have to wait for minutes: then in short naps, so
 * that it neither looks as if it hung nor misses a pause. */
static enum err work_may_spend(struct work *w, const struct method_info *method, struct errbuf *eb)
{
	struct dispatcher *d = w->worker->dispatcher;
	int64_t until_ms = 0, nap;
	enum err err;

	while ((err = dispatcher_may_spend(d, w->chunk, method, &w->until, &until_ms, eb)) ==
	       ERR_BUSY) {
		nap = clock_mono_ms() + WORKER_NAP_MS;
		work_state(w, "slot wait");
		if (!dispatcher_sleep(d, until_ms < nap ? until_ms : nap))
			return err_set(eb, ERR_CANCELLED, "stopping");
	}
	return err;
}

/*
 * The job's budget, then a key whose turn it is: ERR_BUSY of the ledger is a matter of fractions of
 * a second.
 */
static enum err work_ticket(
    struct work *w, enum method method, struct ledger_ticket *t, struct errbuf *eb)
{
	struct dispatcher *d = w->worker->dispatcher;
	enum err err = work_may_spend(w, method_info(method), eb);

	if (err)
		return err;
	for (;;) {
		int64_t until_ms = 0;
		err = ledger_take(
		    w->parts->ledger, method, w->chunk->type->stage, t, &until_ms, &w->until, eb);
		if (err != ERR_BUSY)
			break;
		work_say(w, "slot wait", until_ms, "waits for a key's turn");
		if (!dispatcher_sleep(d, until_ms)) {
			err = err_set(eb, ERR_CANCELLED, "stopping");
			break;
		}
	}
	if (err)
		dispatcher_unspend(d, w->chunk->job, method_info(method));
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
	char words[WORKER_DOING];

	worker_call_words(method, query, words, sizeof words);
	for (;;) {
		struct ledger_ticket t;
		bool useful;
		enum err err = work_ticket(w, method, &t, eb);
		if (err)
			return err;
		work_say(w, "calling", 0, "%s", words);
		err = client_call(w->client, method, query, t.secret, reply, eb);
		if (err == ERR_NOMEM) {
			ledger_settle(w->parts->ledger, &t, false, NULL, -1);
			dispatcher_unspend(k->dispatcher, w->chunk->job, method_info(method));
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
		dispatcher_note_fault(k->dispatcher, w->chunk->job, &w->fault, t.key_name);
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
	w->worker->useful -= w->worker->useful > 0; /* work_call took it for an answer */
	w->retry_after_s = -1;
	dispatcher_note_fault(w->worker->dispatcher, w->chunk->job, &w->fault, "");
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

/* Lets the type work; true when it took so long that the dispatcher gave the chunk up. */
static bool worker_try(struct worker *k, struct chunk *c, enum err *err, struct errbuf *eb)
{
	*err = ERR_NOMEM;
	worker_takes(k, c); /* the clock begins here: it may have been idle for hours */
	dispatcher_enter(k->dispatcher, k, c);
	if (worker_prepare(k, c))
		*err = c->type->work(&k->work, c, eb);
	return dispatcher_leave(k->dispatcher, k, c);
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
	struct fault_info *f = &k->work.fault;
	enum err err = ERR_OK;
	bool any = false;

	if (!f->reason[0]) /* no answer of YouTube's: what else went wrong */
		snprintf(f->message, sizeof f->message, "%s", err_text(eb));
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
		enum err err = ERR_NOMEM, handed;
		bool tried;
		if (worker_try(k, c, &err, &eb))
			return;
		tried = !err;
		c->was_useful = k->useful > 0;
		if (c->was_useful || c->states[0] != ITEM_PENDING)
			c->attempts = 0; /* it came further */
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
	if (worker_try(k, c, &err, &eb))
		return;
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

/* ---- life ---- */

static void worker_drop_tools(struct worker *k)
{
	client_free(k->work.client);
	json_reader_free(k->work.json);
	staging_close(k->work.reader);
	k->work.client = NULL;
	k->work.json = NULL;
	k->work.reader = NULL;
}

static enum err worker_take_tools(struct worker *k, struct errbuf *eb)
{
	struct client_config cfg = {
	    .base = settings_text(k->parts->settings, SET_YOUTUBE_API_BASE, 0),
	    .watch = k->parts->watch,
	    .stop = worker_abort_flag(k),
	    .body_limit = WORKER_BODY_LIMIT};

	k->tasks = 0;
	k->work.json = json_reader_new(WORKER_BODY_LIMIT, WORKER_JSON_DEPTH);
	return k->work.json ? client_new(&k->work.client, &cfg, eb)
	                    : err_set(eb, ERR_NOMEM, "out of memory");
}

/* What it holds between two chunks, in bytes. */
static size_t worker_bytes(const struct worker *k)
{
	return sizeof *k + client_bytes(k->work.client) + json_reader_bytes(k->work.json) +
	       (k->work.reader ? staging_bytes(k->work.reader) : 0);
}

/* The two limits of the settings: everything it owns is given back, then it begins anew. */
static bool worker_renew(struct worker *k)
{
	int64_t tasks = settings_number(k->parts->settings, SET_WORKER_TASKS, 0);
	int64_t kib = settings_number(k->parts->settings, SET_WORKER_MEMORY, 0);
	size_t bytes = worker_bytes(k);
	bool full = kib && bytes > (size_t)kib * 1024;
	struct errbuf eb = {0};

	k->tasks++;
	worker_note_memory(k, bytes, false);
	if (!full && !(tasks && k->tasks >= tasks))
		return true;
	log_at(k->parts->log, LOG_INFO, "worker", 0,
	    "worker %d begins anew after %lld chunks with %zu KiB", k->number, (long long)k->tasks,
	    bytes / 1024);
	worker_drop_tools(k);
	while (worker_take_tools(k, &eb)) {
		worker_drop_tools(k);
		log_at(k->parts->log, LOG_ERROR, "worker", 0, "worker %d cannot begin anew: %s",
		    k->number, err_text(&eb));
		if (!dispatcher_sleep(k->dispatcher, clock_mono_ms() + 1000))
			return false;
	}
	worker_note_memory(k, worker_bytes(k), true);
	return true;
}

static void worker_free(struct worker *k)
{
	worker_drop_tools(k);
	str_done(&k->query);
	meter_free(k->calls);
	pthread_mutex_destroy(&k->lock);
	free(k);
}

static void *worker_main(void *arg)
{
	struct worker *k = arg;
	struct chunk *c;

	bool replaced;

	process_thread("worker", WORKER_WAY);
	do {
		worker_takes(k, NULL);
		worker_count(k, 0, 0, 0, -1);
		replaced = false;
		if (dispatcher_take(k->dispatcher, k, &c))
			break;
		worker_count(k, c->job, 1, 0, -1);
		worker_chunk(k, c);
		replaced = dispatcher_is_replaced(k->dispatcher, k);
	} while (!replaced && worker_renew(k));
	work_say(&k->work, "stopped", 0, "%s", "");
	if (replaced && dispatcher_forsaken(k->dispatcher))
		worker_free(k);
	return NULL;
}

struct worker *worker_start(
    const struct engine_parts *parts, struct dispatcher *d, int number, struct errbuf *eb)
{
	struct worker *k = calloc(1, sizeof *k);
	enum err err;

	if (!k) {
		err_set(eb, ERR_NOMEM, "out of memory");
		return NULL;
	}
	k->parts = parts;
	k->dispatcher = d;
	k->number = number;
	k->numbers.state = "idle";
	k->numbers.since_ms = clock_mono_ms();
	k->calls = meter_new();
	pthread_mutex_init(&k->lock, NULL);
	str_init(&k->query, WORKER_QUERY_LIMIT);
	k->work = (struct work){.parts = parts, .query = &k->query, .worker = k};
	err = worker_take_tools(k, eb);
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

bool worker_join_within(struct worker *k, int64_t ms)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += ms / 1000;
	if (pthread_timedjoin_np(k->thread, NULL, &until) != 0)
		return false;
	worker_free(k);
	return true;
}

void worker_detach(struct worker *k)
{
	pthread_detach(k->thread);
}

struct chunk **worker_inside(struct worker *k)
{
	return &k->inside;
}

bool *worker_leaves(struct worker *k)
{
	return &k->leaves;
}

int worker_number(const struct worker *k)
{
	return k->number;
}
