/* The dispatcher's chunks: their list, handing them to workers, and what comes back. */
#include "config.h"
#include "engine/jobs/dispatcher_parts.h"
#include "engine/base/backoff.h"
#include "engine/base/clock.h"
#include "engine/quota/day.h"
#include "engine/sync.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- chunks ---- */

void dispatch_chunk_free(struct chunk *c)
{
	if (c->type->drop)
		c->type->drop(c);
	arena_free(c->arena);
	json_decref((json_t *)(uintptr_t)c->params);
	free(c);
}

void dispatch_chunk_append_locked(struct dispatcher *d, struct chunk *c)
{
	struct job *j = dispatch_job_find_locked(d, c->job);

	c->next = NULL;
	*d->chunks_end = c;
	d->chunks_end = &c->next;
	d->n_chunks++;
	if (j)
		j->listed++;
	pthread_cond_signal(&d->chunk);
}

static struct chunk *dispatch_chunk_unlink_locked(struct dispatcher *d, struct chunk **link)
{
	struct chunk *c = *link;
	struct job *j = dispatch_job_find_locked(d, c->job);

	*link = c->next;
	if (d->chunks_end == &c->next)
		d->chunks_end = link;
	d->n_chunks--;
	if (j)
		j->listed--;
	return c;
}

int64_t dispatch_ready_locked(const struct dispatcher *d)
{
	int64_t n = d->n_chunks;

	for (const struct job *j = d->jobs; j; j = j->next)
		if (j->row.status != JOB_RUNNING)
			n -= j->listed;
	return n;
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
	dispatch_chunk_free(c);
}

void dispatch_settled_locked(struct dispatcher *d, const struct chunk *c, bool stored)
{
	if (c->lease.chunk) {
		struct job *j = dispatch_job_find_locked(d, c->job);

		shared_settle(d->parts->shared, c, stored);
		if (j && !stored)
			j->is_idle = false;
		return;
	}
	d->settled[c->type->feed] += c->n;
	d->again[c->type->feed] = d->again[c->type->feed] || !stored;
}

/* Forgets a chunk: its channels stay pending in staging and are found by another walk. */
void dispatch_chunk_forget_locked(struct dispatcher *d, struct chunk *c)
{
	struct job *j = dispatch_job_find_locked(d, c->job);

	if (j) {
		j->out -= c->n;
		j->chunks--;
		j->row.units += c->units;
		j->lost_units += c->units;
		j->dirty = j->dirty || c->units;
	}
	dispatch_settled_locked(d, c, false);
	dispatch_chunk_free(c);
}

void dispatch_feeds_again_locked(struct dispatcher *d, enum feed_kind kind)
{
	/* metadata makes channels due for the others; discovery brings new channels */
	static const bool wakes[FEED_COUNT][FEED_COUNT] = {
	    [FEED_METADATA] = {[FEED_VIDEOS] = true, [FEED_DISCOVERY] = true},
	    [FEED_REFRESH] = {[FEED_VIDEOS] = true, [FEED_DISCOVERY] = true},
	    [FEED_DISCOVERY] =
	        {[FEED_METADATA] = true, [FEED_VIDEOS] = true, [FEED_DISCOVERY] = true},
	    [FEED_FETCH_METADATA] = {[FEED_VIDEOS] = true, [FEED_DISCOVERY] = true},
	    [FEED_NAMES] = {[FEED_METADATA] = true},
	};

	for (int other = 0; other < FEED_COUNT; other++)
		if (wakes[kind][other] && other == (int)kind)
			d->again[other] = true;
		else if (wakes[kind][other] && !d->wake_ms[other])
			d->wake_ms[other] = clock_mono_ms() + DISPATCH_WAKE_MS;
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

struct chunk *dispatch_chunk_new(const struct job *j)
{
	struct chunk *c = calloc(1, sizeof *c);

	if (!c)
		return NULL;
	c->type = j->type;
	c->params = json_incref(j->params);
	c->job = j->row.no;
	return c;
}

void dispatch_chunks_free(struct dispatcher *d)
{
	while (d->chunks)
		dispatch_chunk_free(dispatch_chunk_unlink_locked(d, &d->chunks));
	while (d->n_arenas)
		arena_free(d->arenas[--d->n_arenas]);
}

/* ---- for workers ---- */

bool dispatch_breaker_is_open(const struct dispatcher *d)
{
	return d->faults >= (d->n_workers * 2 > 10 ? d->n_workers * 2 : 10);
}

/* What was asked for and is not stored is asked for again after a crash: one more for each worker. A worker that
 * hangs may have halves of a chunk that wait for it. */
static bool dispatch_is_full_locked(const struct dispatcher *d)
{
	return d->taken >= 2 * (int64_t)d->n_workers + DISPATCH_HALVES * (int64_t)d->n_lost;
}

void dispatch_given_back_locked(struct dispatcher *d)
{
	d->taken--;
	if (d->n_chunks)
		pthread_cond_signal(&d->chunk); /* whoever waited for room */
}

/* Chunks of leases that ran out: others may have them by now. */
static void dispatch_drop_lost_locked(struct dispatcher *d)
{
	for (struct chunk **link = &d->chunks; *link;)
		if ((*link)->lease.chunk && !shared_holds(d->parts->shared, *link))
			dispatch_chunk_forget_locked(d, dispatch_chunk_unlink_locked(d, link));
		else
			link = &(*link)->next;
}

/* The first chunk that may be tried now, or when the next one may be (*wake). */
static struct chunk *dispatch_chunk_due_locked(struct dispatcher *d, int64_t now_ms, int64_t *wake)
{
	*wake = now_ms + 1000;
	if (dispatch_is_full_locked(d))
		return NULL;
	if (dispatch_breaker_is_open(d)) { /* one at a time, to see whether it is over */
		if (d->taken)
			return NULL;
		if (now_ms < d->breaker_until_ms) {
			*wake = d->breaker_until_ms < *wake ? d->breaker_until_ms : *wake;
			return NULL;
		}
	}
	dispatch_drop_lost_locked(d);
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

enum err dispatcher_take(struct dispatcher *d, struct worker *k, struct chunk **out)
{
	int64_t wake;

	*out = NULL;
	pthread_mutex_lock(&d->lock);
	while (!d->stopping && !dispatch_pool_ends_locked(d, k) &&
	       !(*out = dispatch_chunk_due_locked(d, clock_mono_ms(), &wake)))
		if (d->n_chunks)
			clock_cond_wait_until(&d->chunk, &d->lock, wake);
		else
			pthread_cond_wait(&d->chunk, &d->lock);
	if (*out) {
		(*out)->taken_ms = clock_mono_ms();
		d->taken++;
		if (dispatch_ready_locked(d) <= d->n_workers)
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
	half->params = c->params;
	half->job = c->job;
	half->n = c->n - keep;
	half->attempts = c->attempts;
	half->lease = c->lease;
	half->ask = c->ask;
	memcpy(half->lease.at, c->lease.at + keep, (size_t)half->n * sizeof half->lease.at[0]);
	memcpy(half->trouble, c->trouble, sizeof half->trouble);
	memcpy(half->ids, c->ids + keep, (size_t)half->n * sizeof half->ids[0]);
	c->n = keep;
	pthread_mutex_lock(&d->lock);
	json_incref((json_t *)(uintptr_t)c->params);
	d->taken++;
	j = dispatch_job_find_locked(d, c->job);
	if (j)
		j->chunks++;
	pthread_mutex_unlock(&d->lock);
	return half;
}

struct chunk *dispatcher_part(struct dispatcher *d, struct chunk *c)
{
	struct chunk *part = calloc(1, sizeof *part);
	size_t left = (size_t)(c->n - c->finished);
	struct job *j;

	if (!part)
		return NULL;
	*part = *c; /* rows, arena, states, units and numbers go with it */
	part->n = c->finished;
	part->keep = NULL;
	memmove(c->ids, c->ids + c->finished, left * sizeof c->ids[0]);
	memmove(c->states, c->states + c->finished, left * sizeof c->states[0]);
	memmove(c->lease.at, c->lease.at + c->finished, left * sizeof c->lease.at[0]);
	memmove(c->lease.facts, c->lease.facts + c->finished, left * sizeof c->lease.facts[0]);
	c->lease.untold = part->n ? 0 : c->lease.untold + c->units;
	part->lease.untold = part->n ? part->lease.untold : 0;
	c->n = (int)left;
	c->base += c->finished;
	c->finished = c->n_numbers = c->n_rows = 0;
	c->units = c->day = 0;
	c->trouble[0] = '\0'; /* what came of it came of the part */
	c->arena = NULL;
	c->rows = NULL;
	pthread_mutex_lock(&d->lock);
	json_incref((json_t *)(uintptr_t)c->params); /* jansson looks at the count unlocked */
	d->taken++;
	j = dispatch_job_find_locked(d, c->job);
	if (j)
		j->chunks++;
	pthread_mutex_unlock(&d->lock);
	return part;
}

/* Of a job that nodes share: its budget is all nodes' together. */
static enum err dispatch_share_spend_locked(struct dispatcher *d, struct job *j, int64_t cost,
    int64_t *until, int64_t *until_ms, struct errbuf *eb)
{
	enum err err = shared_spend(d->parts->shared, &j->row.uuid, j->day, cost);

	if (err == ERR_BUSY) {
		*until_ms = clock_mono_ms() + DISPATCH_BUDGET_MS;
		return err_set(eb, err, "units of the job's budget are asked for");
	}
	if (err == ERR_QUOTA) {
		j->day_is_spent = true;
		*until = day_end(j->day);
		return err_set(eb, err, "the job's units of today are spent by all nodes");
	}
	return err ? err_set(eb, err, "the job's units are spent by all nodes") : ERR_OK;
}

enum err dispatcher_may_spend(struct dispatcher *d, const struct chunk *c,
    const struct method_info *method, int64_t *until, int64_t *until_ms, struct errbuf *eb)
{
	int64_t today = day_number(clock_now()), cost = method->cost;
	enum err err = ERR_OK;
	struct job *j;

	pthread_mutex_lock(&d->lock);
	j = c->is_lost ? NULL : dispatch_job_find_locked(d, c->job);
	if (j && j->day != today) {
		j->day = today;
		j->day_spent = 0;
	}
	if (!j || !(j->row.status == JOB_RUNNING || j->row.status == JOB_WAITING)) {
		err = err_set(eb, ERR_CANCELLED, "the job was stopped");
	} else if (j->shares) {
		err = dispatch_share_spend_locked(d, j, cost, until, until_ms, eb);
	} else if (j->max_units >= 0 && j->spent + cost > j->max_units) {
		j->is_spent = true;
		err = err_set(
		    eb, ERR_LIMIT, "the job's %lld units are spent", (long long)j->max_units);
	} else if (j->max_day_units >= 0 && j->day_spent + cost > j->max_day_units) {
		j->day_is_spent = true;
		*until = day_end(today);
		err = err_set(eb, ERR_QUOTA, "the job's %lld units of today are spent",
		    (long long)j->max_day_units);
	}
	if (!err && method->bucket == BUCKET_UNITS) {
		err = dispatch_plan_spend_locked(d, j, cost, until, until_ms, eb);
		if (err && j->shares)
			shared_unspend(d->parts->shared, &j->row.uuid, today, cost);
	}
	if (!err) {
		j->spent += cost;
		j->day_spent += cost;
	}
	pthread_mutex_unlock(&d->lock);
	return err;
}

void dispatcher_unspend(struct dispatcher *d, int64_t job, const struct method_info *method)
{
	int64_t cost = method->cost;
	struct job *j;

	pthread_mutex_lock(&d->lock);
	j = dispatch_job_find_locked(d, job);
	if (j) {
		j->spent -= cost;
		j->day_spent -= j->day_spent < cost ? j->day_spent : cost;
		if (j->shares)
			shared_unspend(
			    d->parts->shared, &j->row.uuid, day_number(clock_now()), cost);
		if (method->bucket == BUCKET_UNITS)
			dispatch_plan_unspend_locked(d, j, cost);
	}
	pthread_mutex_unlock(&d->lock);
}

/* Not before the server's own wish, if it had one. */
static int64_t dispatch_backoff_ms(int attempts, int64_t retry_after_s)
{
	int64_t ms = backoff_ms(attempts, 1000, DISPATCH_BACKOFF_MAX_MS);

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
		d->breaker_since_ms = clock_mono_ms();
	if (over == 0)
		log_at(d->parts->log, LOG_WARNING, "dispatch", 0,
		    "YouTube does not answer usefully (%s): "
		    "one call at a time until it does",
		    fault->reason);
	if (over == 0)
		dispatch_note_all_locked(d, "breaker",
		    "YouTube does not answer usefully (%s): one call at a time", fault->reason);
	snprintf(d->breaker_reason, sizeof d->breaker_reason, "%s", fault->reason);
}

/* How long a worker had a chunk of this job, smoothed: its price when shares are weighed. */
static void dispatch_clock_locked(struct job *j, const struct chunk *c)
{
	double ms = (double)(clock_mono_ms() - c->taken_ms);

	if (j && c->taken_ms)
		j->chunk_ms = j->chunk_ms > 0 ? j->chunk_ms * 0.9 + ms * 0.1 : ms;
}

/* A job that cannot go on now: why, and until when. */
static void dispatch_job_wait_locked(
    struct dispatcher *d, struct job *j, enum err why, int64_t until)
{
	char iso[CLOCK_ISO_SIZE];

	if (j->row.status != JOB_RUNNING)
		return;
	j->generation = d->generation;
	if (why == ERR_QUOTA && j->day_is_spent && j->max_day_units < 0)
		dispatch_job_status_locked(d, j, JOB_WAITING, until,
		    "its units of today are spent; goes on at %s", clock_iso(until, iso));
	else if (why == ERR_QUOTA && j->day_is_spent)
		dispatch_job_status_locked(d, j, JOB_WAITING, until,
		    "its %lld units of today are spent; goes on at %s", (long long)j->max_day_units,
		    clock_iso(until, iso));
	else if (why == ERR_QUOTA && j->share_is_spent)
		dispatch_job_status_locked(d, j, JOB_WAITING, until,
		    "share of %s spent; goes on at %s", stage_word(j->type->stage),
		    clock_iso(until, iso));
	else if (why == ERR_QUOTA)
		dispatch_job_status_locked(d, j, JOB_WAITING, until,
		    "all quota of today is spent; goes on at %s", clock_iso(until, iso));
	else
		dispatch_job_status_locked(d, j, JOB_WAITING, 0,
		    "no usable YouTube API key: `tubeops keys list` shows why, YOUTUBE_API_KEY_1 "
		    "sets one");
}

enum err dispatcher_breaker_reset(struct dispatcher *d, struct errbuf *eb)
{
	enum err err = ERR_OK;

	pthread_mutex_lock(&d->lock);
	if (!dispatch_breaker_is_open(d))
		err = err_set(eb, ERR_DENIED, "YouTube answers: there is nothing to reset");
	d->faults = 0;
	d->breaker_until_ms = 0;
	for (struct chunk *c = d->chunks; c && !err; c = c->next)
		c->not_before = 0;
	pthread_cond_broadcast(&d->chunk);
	pthread_mutex_unlock(&d->lock);
	return err;
}

/* Something useful came back: whatever trouble there was is over. */
static void dispatch_trouble_ends_locked(struct dispatcher *d)
{
	if (dispatch_breaker_is_open(d)) {
		log_at(d->parts->log, LOG_INFO, "dispatch", 0, "YouTube answers again");
		dispatch_note_all_locked(d, "breaker", "YouTube answers again");
		pthread_cond_broadcast(&d->chunk);
	}
	d->faults = 0;
}

void dispatcher_return(struct dispatcher *d, struct chunk *c, enum err why, int64_t until,
    int64_t retry_after_s, const struct fault_info *fault)
{
	struct job *j;

	pthread_mutex_lock(&d->lock);
	dispatch_given_back_locked(d);
	j = dispatch_job_find_locked(d, c->job);
	dispatch_clock_locked(j, c);
	if (c->type->keeps && c->was_useful)
		dispatch_trouble_ends_locked(d);
	if (why == ERR_BUSY) {
		if (!dispatch_breaker_is_open(d) || fault->fault == FAULT_PARK)
			c->attempts++;
		c->not_before = clock_mono_ms() + dispatch_backoff_ms(c->attempts, retry_after_s);
		snprintf(c->trouble, sizeof c->trouble, "%.39s", fault->reason);
		if (j)
			dispatch_trouble_locked(j, fault->reason, 0, 1, 0);
		dispatch_note_fault_locked(d, fault);
	} else if (why == ERR_QUOTA || why == ERR_UNAVAIL) {
		if (j)
			dispatch_job_wait_locked(d, j, why, until);
	} else if (why != ERR_CANCELLED &&
	           why !=
	               ERR_LIMIT) { /* no memory, an unreadable quota book: a person's business */
		c->not_before = clock_mono_ms() + 1000;
	}
	if (!j || d->stopping || j->is_spent || (j->shares && why == ERR_LIMIT) ||
	    !(j->row.status == JOB_RUNNING || j->row.status == JOB_WAITING))
		dispatch_chunk_forget_locked(d, c);
	else
		dispatch_chunk_append_locked(d, c);
	pthread_cond_signal(&d->work);
	pthread_cond_broadcast(&d->changed); /* a stop waits for the last one */
	pthread_mutex_unlock(&d->lock);
}

void dispatch_add_counts_locked(struct dispatcher *d, struct job *j, const struct chunk *c)
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
	j->unstored = 0;
	if (c->trouble[0] && c->done + c->missing + c->absent)
		dispatch_trouble_locked(j, c->trouble, 0, 0, 1);
	if (j->counted && j->row.processed > j->row.total)
		j->row.total = j->row.processed;
	dispatch_best_locked(j, now);
	history_add(&j->history, now, HISTORY_ITEMS, items);
}

/* Fetching again what cannot be stored would only spend quota: after some of it the job pauses. */
static void dispatch_store_failed_locked(
    struct dispatcher *d, struct job *j, const struct errbuf *eb)
{
	if (!j || ++j->unstored < DISPATCH_UNSTORED || j->row.status != JOB_RUNNING || d->stopping)
		return;
	j->unstored = 0;
	dispatch_job_drop_chunks_locked(d, j);
	dispatch_job_status_locked(d, j, JOB_PAUSED, 0,
	    "results cannot be stored (%.90s): see to it, then "
	    "resume",
	    err_text(eb));
}

void dispatch_poke_sync(struct dispatcher *d)
{
	if (d->parts->sync)
		sync_poke(d->parts->sync);
}

void dispatcher_done(struct dispatcher *d, struct chunk *c, enum err err, const struct errbuf *eb)
{
	struct job *j;

	pthread_mutex_lock(&d->lock);
	dispatch_given_back_locked(d);
	j = dispatch_job_find_locked(d, c->job);
	dispatch_clock_locked(j, c);
	if (err) {
		log_at(d->parts->log, LOG_ERROR, "dispatch", c->job,
		    "a result could not be stored: %s", err_text(eb));
		dispatch_store_failed_locked(d, j, eb);
	} else {
		dispatch_add_counts_locked(d, j, c);
		if (c->done)
			dispatch_feeds_again_locked(d, c->type->feed);
		if (c->done || c->absent || c->missing)
			dispatch_trouble_ends_locked(d);
	}
	if (j) {
		j->out -= c->n;
		j->chunks--;
	}
	dispatch_settled_locked(d, c, !err); /* what is not stored stays pending */
	if (err || !j || !j->chunks || d->idle[c->type->feed])
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
	if (!useful)
		history_add(&d->history, clock_mono_ms(), HISTORY_ERRORS, 1);
	pthread_mutex_unlock(&d->lock);
}
