#include "config.h"
#include "engine/jobs/dispatcher_parts.h"
#include "engine/base/clock.h"
#include "engine/quota/day.h"
#include "engine/sync.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- chunks ---- */

static void chunk_free(struct chunk *c)
{
	arena_free(c->arena);
	json_decref((json_t *)(uintptr_t)c->params);
	free(c);
}

static void dispatch_chunk_append_locked(struct dispatcher *d, struct chunk *c)
{
	c->next = NULL;
	*d->chunks_end = c;
	d->chunks_end = &c->next;
	d->n_chunks++;
	pthread_cond_signal(&d->chunk);
}

static struct chunk *dispatch_chunk_unlink_locked(struct dispatcher *d, struct chunk **link)
{
	struct chunk *c = *link;

	*link = c->next;
	if (d->chunks_end == &c->next)
		d->chunks_end = link;
	d->n_chunks--;
	return c;
}

struct arena *dispatcher_arena(struct dispatcher *d)
{
	struct arena *a = NULL;

	pthread_mutex_lock(&d->lock);
	if (d->n_arenas)
		a = d->arenas[--d->n_arenas];
	pthread_mutex_unlock(&d->lock);
	return a ? a : arena_new(0);
}

/* Ends a chunk whose result is stored; its memory serves the next one. */
static void dispatch_chunk_done_locked(struct dispatcher *d, struct chunk *c)
{
	if (c->arena && d->n_arenas < DISPATCH_ARENAS) {
		arena_reset(c->arena);
		d->arenas[d->n_arenas++] = c->arena;
		c->arena = NULL;
	}
	chunk_free(c);
}

/* Forgets a chunk: its channels stay pending in staging and are found by another walk. */
static void dispatch_chunk_forget_locked(struct dispatcher *d, struct chunk *c)
{
	struct job *j = dispatch_job_find_locked(d, c->job);

	if (j) {
		j->out -= c->n;
		j->chunks--;
	}
	d->settled[c->type->op] += c->n;
	d->again[c->type->op] = true;
	chunk_free(c);
}

void dispatch_job_drop_chunks_locked(struct dispatcher *d, struct job *j)
{
	struct chunk **link = &d->chunks;

	while (*link)
		if ((*link)->job == j->row.no)
			dispatch_chunk_forget_locked(d, dispatch_chunk_unlink_locked(d, link));
		else
			link = &(*link)->next;
}

/* ---- for workers ---- */

static bool dispatch_breaker_is_open(const struct dispatcher *d)
{
	return d->faults >= (d->n_workers * 2 > 10 ? d->n_workers * 2 : 10);
}

/* The first chunk that may be tried now, or when the next one may be (*wake). */
static struct chunk *dispatch_chunk_due_locked(struct dispatcher *d, int64_t now_ms, int64_t *wake)
{
	*wake = now_ms + 1000;
	if (dispatch_breaker_is_open(d)) { /* one at a time, to see whether it is over */
		if (d->taken)
			return NULL;
		if (now_ms < d->breaker_until_ms) {
			*wake = d->breaker_until_ms < *wake ? d->breaker_until_ms : *wake;
			return NULL;
		}
	}
	for (struct chunk **link = &d->chunks; *link; link = &(*link)->next) {
		struct job *j = dispatch_job_find_locked(d, (*link)->job);
		if (!j || j->row.status != JOB_RUNNING)
			continue;
		if ((*link)->not_before <= now_ms)
			return dispatch_chunk_unlink_locked(d, link);
		if ((*link)->not_before < *wake)
			*wake = (*link)->not_before;
	}
	return NULL;
}

enum err dispatcher_take(struct dispatcher *d, struct chunk **out)
{
	int64_t wake;

	*out = NULL;
	pthread_mutex_lock(&d->lock);
	while (!d->stopping && !(*out = dispatch_chunk_due_locked(d, clock_mono_ms(), &wake)))
		if (d->n_chunks)
			clock_cond_wait_until(&d->chunk, &d->lock, wake);
		else
			pthread_cond_wait(&d->chunk, &d->lock);
	if (*out) {
		d->taken++;
		if (d->n_chunks <= d->n_workers)
			pthread_cond_signal(&d->work); /* room for more */
	}
	pthread_mutex_unlock(&d->lock);
	return *out ? ERR_OK : ERR_CANCELLED;
}

struct chunk *dispatcher_split(struct dispatcher *d, struct chunk *c)
{
	struct chunk *half = calloc(1, sizeof *half);
	int keep = c->n / 2;
	struct job *j;

	if (!half)
		return NULL;
	half->type = c->type;
	half->params = json_incref((json_t *)(uintptr_t)c->params);
	half->job = c->job;
	half->n = c->n - keep;
	half->attempts = c->attempts;
	memcpy(half->ids, c->ids + keep, (size_t)half->n * sizeof half->ids[0]);
	c->n = keep;
	pthread_mutex_lock(&d->lock);
	d->taken++;
	j = dispatch_job_find_locked(d, c->job);
	if (j)
		j->chunks++;
	pthread_mutex_unlock(&d->lock);
	return half;
}

/* Full jitter: anything from 0 to the cap of this attempt, so that workers do not march in step. */
static int64_t dispatch_backoff_ms(int attempts, int64_t retry_after_s)
{
	int64_t cap = attempts >= 6 ? DISPATCH_BACKOFF_MAX_MS : INT64_C(1000) << attempts;
	struct uuid dice;
	int64_t ms = cap / 2;

	if (!uuid_new(&dice))
		ms = (dice.b[0] << 8 | dice.b[1]) * cap / 65535;
	return ms > retry_after_s * 1000 ? ms : retry_after_s * 1000;
}

static void dispatch_note_fault_locked(struct dispatcher *d, const struct fault_info *fault)
{
	int64_t over, wait;

	d->faults++;
	if (!dispatch_breaker_is_open(d))
		return;
	over = d->faults - (d->n_workers * 2 > 10 ? d->n_workers * 2 : 10);
	wait = over > 6 ? DISPATCH_BREAKER_MAX_MS : INT64_C(1000) << over;
	if (wait > DISPATCH_BREAKER_MAX_MS)
		wait = DISPATCH_BREAKER_MAX_MS;
	d->breaker_until_ms = clock_mono_ms() + wait;
	if (over == 0)
		log_at(d->parts->log, LOG_WARNING, "dispatch", 0,
		    "YouTube does not answer usefully (%s): "
		    "one call at a time until it does",
		    fault->reason);
	snprintf(d->breaker_reason, sizeof d->breaker_reason, "%s", fault->reason);
}

/* A job that cannot go on now: why, and until when. */
static void dispatch_job_wait_locked(
    struct dispatcher *d, struct job *j, enum err why, int64_t until)
{
	char iso[CLOCK_ISO_SIZE];

	if (j->row.status != JOB_RUNNING)
		return;
	j->generation = ledger_generation(d->parts->ledger);
	if (why == ERR_QUOTA)
		dispatch_job_status_locked(d, j, JOB_WAITING, until,
		    "all quota of today is spent; goes on at %s", clock_iso(until, iso));
	else
		dispatch_job_status_locked(d, j, JOB_WAITING, 0,
		    "no usable YouTube API key; set YOUTUBE_API_KEY_1 or use `tubeops keys`");
}

void dispatcher_return(struct dispatcher *d, struct chunk *c, enum err why, int64_t until,
    int64_t retry_after_s, const struct fault_info *fault)
{
	struct job *j;

	pthread_mutex_lock(&d->lock);
	d->taken--;
	j = dispatch_job_find_locked(d, c->job);
	if (why == ERR_BUSY) {
		if (!dispatch_breaker_is_open(d) || fault->fault == FAULT_PARK)
			c->attempts++;
		c->not_before = clock_mono_ms() + dispatch_backoff_ms(c->attempts, retry_after_s);
		dispatch_note_fault_locked(d, fault);
		history_add(&d->history, clock_mono_ms(), HISTORY_ERRORS, 1);
	} else if (why == ERR_NOMEM) {
		c->not_before = clock_mono_ms() + 1000;
	} else if (j && (why == ERR_QUOTA || why == ERR_UNAVAIL)) {
		dispatch_job_wait_locked(d, j, why, until);
	}
	if (!j || d->stopping || !(j->row.status == JOB_RUNNING || j->row.status == JOB_WAITING))
		dispatch_chunk_forget_locked(d, c);
	else
		dispatch_chunk_append_locked(d, c);
	pthread_cond_signal(&d->work);
	pthread_cond_broadcast(&d->changed); /* a stop waits for the last one */
	pthread_mutex_unlock(&d->lock);
}

static void dispatch_add_counts_locked(struct dispatcher *d, struct job *j, const struct chunk *c)
{
	int64_t items = c->done + c->missing + c->absent + c->failed, now = clock_mono_ms();

	history_add(&d->history, now, HISTORY_ITEMS, items);
	history_add(&d->history, now, HISTORY_ROWS, c->n_rows);
	if (!j)
		return;
	j->row.done += c->done;
	j->row.missing += c->missing;
	j->row.absent += c->absent;
	j->row.failed += c->failed;
	j->row.units += c->units;
	j->row.processed += items;
	if (j->counted && j->row.processed > j->row.total)
		j->row.total = j->row.processed;
	history_add(&j->history, now, HISTORY_ITEMS, items);
}

static void dispatch_poke_sync(struct dispatcher *d)
{
	if (d->parts->sync)
		sync_poke(d->parts->sync);
}

void dispatcher_done(struct dispatcher *d, struct chunk *c, enum err err, const struct errbuf *eb)
{
	struct job *j;

	pthread_mutex_lock(&d->lock);
	d->taken--;
	j = dispatch_job_find_locked(d, c->job);
	if (err) {
		/* its channels stay pending: tried again after a pause, by another walk */
		log_at(d->parts->log, LOG_ERROR, "dispatch", c->job,
		    "a result could not be stored: %s", err_text(eb));
		d->again[c->type->op] = true;
	} else {
		dispatch_add_counts_locked(d, j, c);
	}
	if (j) {
		j->out -= c->n;
		j->chunks--;
	}
	d->settled[c->type->op] += c->n;
	if (err || !j || !j->chunks || d->idle[c->type->op])
		pthread_cond_signal(&d->work);
	if (!d->taken || d->stopping)
		pthread_cond_broadcast(&d->changed);
	dispatch_chunk_done_locked(d, c);
	if (!d->stopping) /* afterwards the sync may be gone */
		dispatch_poke_sync(d);
	pthread_mutex_unlock(&d->lock);
}

bool dispatcher_sleep(struct dispatcher *d, int64_t until_mono_ms)
{
	bool go_on;

	pthread_mutex_lock(&d->lock);
	while (!d->stopping && clock_mono_ms() < until_mono_ms)
		clock_cond_wait_until(&d->changed, &d->lock, until_mono_ms);
	go_on = !d->stopping;
	pthread_mutex_unlock(&d->lock);
	return go_on;
}

const atomic_bool *dispatcher_abort_flag(struct dispatcher *d)
{
	return &d->abort_calls;
}

void dispatcher_note_call(
    struct dispatcher *d, int64_t units, bool useful, int64_t ms, const char *trouble)
{
	pthread_mutex_lock(&d->lock);
	d->api_seen = true;
	d->api_ok = useful;
	if (ms >= 0)
		d->api_ms = ms;
	snprintf(d->api_trouble, sizeof d->api_trouble, "%s", trouble);
	history_add(&d->history, clock_mono_ms(), HISTORY_UNITS, units);
	if (useful && dispatch_breaker_is_open(d))
		log_at(d->parts->log, LOG_INFO, "dispatch", 0, "YouTube answers again");
	if (useful) {
		d->faults = 0;
		pthread_cond_broadcast(&d->chunk);
	} else {
		history_add(&d->history, clock_mono_ms(), HISTORY_ERRORS, 1);
	}
	pthread_mutex_unlock(&d->lock);
}

/* ---- the thread ---- */

static void dispatch_settle_locked(struct dispatcher *d)
{
	int64_t today = day_number(clock_now());

	for (int op = 0; op < OP_COUNT; op++) {
		bool again = d->again[op] || today != d->day;
		if (!d->settled[op] && !again)
			continue;
		feed_settle(&d->feeds[op], (int)d->settled[op], again);
		d->settled[op] = 0;
		d->again[op] = false;
		d->idle[op] = false;
	}
	d->day = today;
}

static bool dispatch_job_wants(const struct dispatcher *d, const struct job *j)
{
	return j->row.status == JOB_RUNNING && j->type->op != OP_NONE && j->counted &&
	       !d->idle[j->type->op] && (j->limit < 0 || j->limit - j->row.processed - j->out > 0);
}

/* The next job in turn that wants a chunk, when there is room for one. */
static struct job *dispatch_next_locked(struct dispatcher *d)
{
	struct job *first = d->turn && d->turn->next ? d->turn->next : d->jobs, *j = first;

	if (!first || d->stopping || d->n_chunks >= d->n_workers * 2)
		return NULL;
	do {
		if (dispatch_job_wants(d, j)) {
			d->turn = j;
			return j;
		}
		j = j->next ? j->next : d->jobs;
	} while (j != first);
	return NULL;
}

static struct chunk *dispatch_chunk_new(const struct job *j)
{
	struct chunk *c = calloc(1, sizeof *c);

	if (!c)
		return NULL;
	c->type = j->type;
	c->params = json_incref(j->params);
	c->job = j->row.no;
	return c;
}

/* Fills one chunk for a job from its feed. The lock is let go while staging is read. */
static void dispatch_feed_locked(struct dispatcher *d, struct job *j)
{
	const enum op op = j->type->op;
	int64_t left = j->limit < 0 ? CHUNK_IDS : j->limit - j->row.processed - j->out;
	struct chunk *c = dispatch_chunk_new(j);
	enum feed_answer answer = FEED_LATER;
	struct errbuf eb = {0};
	enum err err;

	if (!c)
		return;
	pthread_mutex_unlock(&d->lock);
	err = feed_take(&d->feeds[op], d->reader, d->day, c->ids,
	    left < CHUNK_IDS ? (int)left : CHUNK_IDS, &c->n, &answer, &eb);
	pthread_mutex_lock(&d->lock);
	if (err) { /* no reason to call the job done: once more, after a pause */
		log_at(d->parts->log, LOG_ERROR, "dispatch", c->job, "%s", err_text(&eb));
		d->again[op] = true;
		clock_cond_wait_until(&d->work, &d->lock, clock_mono_ms() + 1000);
	}
	j = dispatch_job_find_locked(d, c->job);
	d->idle[op] = answer != FEED_GIVEN;
	if (!c->n) {
		chunk_free(c);
		return;
	}
	if (j) {
		j->out += c->n;
		j->chunks++;
	}
	if (j && j->row.status == JOB_RUNNING)
		dispatch_chunk_append_locked(d, c);
	else
		dispatch_chunk_forget_locked(d, c);
}

/* How many channels there are to do; read from staging without the lock. */
static void dispatch_count_locked(struct dispatcher *d, struct job *j)
{
	int64_t no = j->row.no, pending = 0;
	enum op op = j->type->op;
	struct errbuf eb = {0};
	enum err err;

	pthread_mutex_unlock(&d->lock);
	err = staging_pending_count(d->reader, op, d->day, &pending, &eb);
	pthread_mutex_lock(&d->lock);
	j = dispatch_job_find_locked(d, no);
	if (!j)
		return;
	if (err)
		log_at(d->parts->log, LOG_ERROR, "dispatch", no, "%s", err_text(&eb));
	pending += j->row.processed;
	j->row.total = j->limit >= 0 && j->limit < pending ? j->limit : pending;
	j->counted = true;
	j->dirty = true;
}

static void dispatch_job_end_locked(struct dispatcher *d, struct job *j)
{
	struct str text;

	str_init(&text, JOB_REASON_SIZE - 1);
	if (j->row.absent)
		str_addf(&text, "%lld absent once, asked again on another day",
		    (long long)j->row.absent);
	if (j->row.failed)
		str_addf(&text, "%s%lld failed", text.len ? "; " : "", (long long)j->row.failed);
	j->row.total = j->row.processed; /* nothing is left to be had */
	dispatch_job_status_locked(d, j, JOB_COMPLETED, 0, "%s", str_get(&text));
	str_done(&text);
	log_at(d->parts->log, LOG_INFO, "dispatch", j->row.no,
	    "%s completed: %lld done, %lld missing, "
	    "%lld absent once, %lld failed, %lld units",
	    j->type->info.name, (long long)j->row.done, (long long)j->row.missing,
	    (long long)j->row.absent, (long long)j->row.failed, (long long)j->row.units);
}

/* Moves each job on as far as it can go without waiting. True when the jobs must be seen again. */
static bool dispatch_job_step_locked(struct dispatcher *d, struct job *j)
{
	switch (j->row.status) {
	case JOB_PENDING:
		dispatch_job_status_locked(d, j, JOB_RUNNING, 0, "%s", "");
		if (j->type->op == OP_NONE)
			dispatch_job_run_locked(d, j);
		else
			d->idle[j->type->op] = false;
		return true;
	case JOB_WAITING:
		if ((!j->row.until || clock_now() < j->row.until) &&
		    j->generation == ledger_generation(d->parts->ledger))
			return false;
		dispatch_job_status_locked(d, j, JOB_RUNNING, 0, "%s", "");
		pthread_cond_broadcast(&d->chunk);
		return true;
	case JOB_RUNNING:
		if (j->type->op == OP_NONE)
			return false;
		if (!j->counted) {
			dispatch_count_locked(d, j);
			return true;
		}
		if (!j->chunks &&
		    ((j->limit >= 0 && j->limit <= j->row.processed) ||
		        (d->idle[j->type->op] && !d->settled[j->type->op] &&
		            !d->again[j->type->op] && d->feeds[j->type->op].out == 0)))
			dispatch_job_end_locked(d, j);
		return false;
	default:
		return false;
	}
}

static enum err dispatch_save_apply(struct staging *s, void *arg, struct errbuf *eb)
{
	return staging_job_put(s, arg, eb);
}

static void dispatch_save_after(void *arg, enum err err, const struct errbuf *eb)
{
	(void)err;
	(void)eb; /* the writer has logged it; the next change stores the row again */
	free(arg);
}

/* Stores one changed job. True when there was one: the lock was let go. */
static bool dispatch_save_locked(struct dispatcher *d)
{
	struct job_row *copy;
	struct write_op op = {.apply = dispatch_save_apply, .after = dispatch_save_after};
	struct job *j = d->jobs;

	while (j && !j->dirty)
		j = j->next;
	copy = j ? malloc(sizeof *copy) : NULL;
	if (!copy)
		return false;
	j->dirty = false;
	*copy = j->row;
	op.arg = copy;
	pthread_mutex_unlock(&d->lock);
	if (writer_post(d->parts->writer, &op))
		free(copy);
	dispatch_poke_sync(d);
	pthread_mutex_lock(&d->lock);
	pthread_cond_broadcast(&d->changed);
	return true;
}

static bool dispatch_steps_locked(struct dispatcher *d)
{
	for (struct job *j = d->jobs; j; j = j->next)
		if (dispatch_job_step_locked(d, j))
			return true; /* the list may have changed while the lock was open */
	return false;
}

static void *dispatcher_main(void *arg)
{
	struct dispatcher *d = arg;

	pthread_mutex_lock(&d->lock);
	while (!d->stopping) {
		struct job *j;
		dispatch_settle_locked(d);
		if (dispatch_steps_locked(d) || dispatch_save_locked(d))
			continue;
		j = dispatch_next_locked(d);
		if (j)
			dispatch_feed_locked(d, j);
		else
			clock_cond_wait_until(&d->work, &d->lock, clock_mono_ms() + 1000);
	}
	while (dispatch_save_locked(d))
		;
	pthread_mutex_unlock(&d->lock);
	return NULL;
}

/* ---- start and stop ---- */

static enum err dispatch_open(struct dispatcher *d, bool resume, struct errbuf *eb)
{
	int page = (int)settings_number(d->parts->settings, SET_BATCH_SIZE, 0);
	enum err err = staging_open(&d->reader, d->parts->staging_path, DB_READ, eb);

	/* whole chunks per page; params may ask for other sizes, calls always hold 50 */
	page = (page + CHUNK_IDS - 1) / CHUNK_IDS * CHUNK_IDS;
	for (int op = 0; op < OP_COUNT && !err; op++)
		err = feed_init(&d->feeds[op], (enum op)op, page, eb);
	if (!err && resume)
		err = dispatch_jobs_load(d, eb);
	return err;
}

static enum err dispatch_start_threads(struct dispatcher *d, int workers, struct errbuf *eb)
{
	if (pthread_create(&d->thread, NULL, dispatcher_main, d) != 0)
		return err_set(eb, ERR_NOMEM, "cannot start the dispatcher thread");
	d->has_thread = true;
	for (int i = 0; i < workers; i++) {
		struct worker *k = worker_start(d->parts, d, i + 1, eb);
		if (!k)
			return ERR_NOMEM;
		pthread_mutex_lock(&d->lock);
		d->workers[d->n_workers++] = k;
		pthread_mutex_unlock(&d->lock);
	}
	return ERR_OK;
}

enum err dispatcher_start(
    struct dispatcher **out, const struct dispatcher_config *cfg, struct errbuf *eb)
{
	struct dispatcher *d = calloc(1, sizeof *d);
	enum err err;

	*out = NULL;
	if (!d)
		return err_set(eb, ERR_NOMEM, "out of memory");
	d->parts = cfg->parts;
	d->chunks_end = &d->chunks;
	d->day = day_number(clock_now());
	pthread_mutex_init(&d->lock, NULL);
	clock_cond_init(&d->work);
	clock_cond_init(&d->chunk);
	clock_cond_init(&d->changed);
	d->workers = calloc((size_t)cfg->workers, sizeof(struct worker *));
	err = d->workers ? dispatch_open(d, cfg->resume, eb)
	                 : err_set(eb, ERR_NOMEM, "out of memory");
	if (!err)
		err = dispatch_start_threads(d, cfg->workers, eb);
	if (err) {
		dispatcher_stop(d, 0);
		dispatcher_free(d);
		return err;
	}
	*out = d;
	return ERR_OK;
}

bool dispatcher_quiet(struct dispatcher *d, int64_t timeout_ms)
{
	int64_t until = clock_mono_ms() + timeout_ms;
	bool quiet;

	pthread_mutex_lock(&d->lock);
	while (d->taken && clock_mono_ms() < until)
		clock_cond_wait_until(&d->changed, &d->lock, until);
	quiet = !d->taken;
	pthread_mutex_unlock(&d->lock);
	return quiet;
}

void dispatcher_hurry(struct dispatcher *d)
{
	pthread_mutex_lock(&d->lock);
	d->hurried = true;
	atomic_store(&d->abort_calls, true);
	pthread_cond_broadcast(&d->changed);
	pthread_mutex_unlock(&d->lock);
}

/* Tells everybody, then gives the calls in flight some time to end by themselves. */
static void dispatch_drain_locked(struct dispatcher *d, int64_t drain_ms)
{
	int64_t until = clock_mono_ms() + drain_ms;

	d->stopping = true;
	for (struct job *j = d->jobs; j; j = j->next) {
		if (!job_status_is_open(j->row.status))
			continue;
		j->want = JOB_INTERRUPTED;
		atomic_store(&j->stop, true);
		if (j->row.status == JOB_RUNNING && j->type->op != OP_NONE)
			dispatch_job_status_locked(d, j, JOB_INTERRUPTED, 0,
			    "stopped with the program; goes on at its next start");
	}
	pthread_cond_broadcast(&d->work);
	pthread_cond_broadcast(&d->chunk);
	pthread_cond_broadcast(&d->changed);
	while (d->taken && !d->hurried && clock_mono_ms() < until)
		clock_cond_wait_until(&d->changed, &d->lock, until);
	atomic_store(&d->abort_calls, true);
}

void dispatcher_free(struct dispatcher *d)
{
	if (!d)
		return;
	while (d->chunks)
		chunk_free(dispatch_chunk_unlink_locked(d, &d->chunks));
	while (d->n_arenas)
		arena_free(d->arenas[--d->n_arenas]);
	while (d->jobs) {
		struct job *next = d->jobs->next;
		dispatch_job_free(d->jobs);
		d->jobs = next;
	}
	for (int op = 0; op < OP_COUNT; op++)
		feed_done(&d->feeds[op]);
	pthread_cond_destroy(&d->work);
	pthread_cond_destroy(&d->chunk);
	pthread_cond_destroy(&d->changed);
	pthread_mutex_destroy(&d->lock);
	free(d->workers);
	free(d);
}

void dispatcher_stop(struct dispatcher *d, int64_t drain_ms)
{
	if (!d)
		return;
	pthread_mutex_lock(&d->lock);
	dispatch_drain_locked(d, drain_ms);
	pthread_mutex_unlock(&d->lock);
	for (int i = 0; i < d->n_workers; i++)
		worker_join(d->workers[i]);
	for (struct job *j = d->jobs; j; j = j->next)
		if (j->has_thread)
			pthread_join(j->thread, NULL);
	if (d->has_thread)
		pthread_join(d->thread, NULL);
	pthread_mutex_lock(&d->lock);
	while (dispatch_save_locked(d))
		;
	pthread_mutex_unlock(&d->lock);
	staging_close(d->reader); /* an open reader would hold back the last checkpoint */
	d->reader = NULL;
}
