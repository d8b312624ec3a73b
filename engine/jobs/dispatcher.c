#include "config.h"
#include "engine/jobs/dispatcher_parts.h"
#include "engine/base/clock.h"
#include "engine/quota/day.h"
#include "engine/sync.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the thread ---- */

static void dispatch_settle_locked(struct dispatcher *d)
{
	int64_t today = day_number(clock_now());

	for (int feed = 0; feed < FEED_COUNT; feed++) {
		bool woken = d->wake_ms[feed] && clock_mono_ms() >= d->wake_ms[feed];
		bool again = d->again[feed] || woken || today != d->day;
		if (!d->settled[feed] && !again)
			continue;
		feed_settle(&d->feeds[feed], (int)d->settled[feed], again);
		d->settled[feed] = 0;
		d->again[feed] = false;
		d->wake_ms[feed] = again ? 0 : d->wake_ms[feed];
		d->idle[feed] = false;
	}
	d->day = today;
}

static bool dispatch_job_wants(const struct dispatcher *d, const struct job *j)
{
	if (j->row.status != JOB_RUNNING || !dispatch_is_chunked(j->type) || !j->counted ||
	    j->is_spent)
		return false;
	return !(j->shares ? j->is_idle : d->idle[j->type->feed]) &&
	       (j->shares || j->limit < 0 || j->limit - j->row.processed - j->out > 0);
}

/*
 * The next job that wants a chunk, when there is room for one: the one that had least of the
 * workers' time for its weight. One that just came begins where the others are.
 */
static struct job *dispatch_next_locked(struct dispatcher *d)
{
	struct job *best = NULL;
	double behind = 0;

	if (d->stopping || dispatch_ready_locked(d) >= d->n_workers * 2)
		return NULL;
	for (struct job *j = d->jobs; j; j = j->next)
		if (dispatch_job_wants(d, j) && (!best || j->pass < best->pass))
			best = j;
	if (!best)
		return NULL;
	behind = d->pass - best->pass;
	best->pass = behind > (double)DISPATCH_PASS_MS ? d->pass : best->pass;
	d->pass = best->pass;
	best->pass += (best->chunk_ms > 1 ? best->chunk_ms : 1) / best->weight;
	return best;
}

/* Fills one chunk of a job that nodes share; how many channels it may have is a matter of planning. */
static void dispatch_share_locked(struct dispatcher *d, struct job *j)
{
	struct chunk *c = dispatch_chunk_new(j);
	int most = j->type->chunk_ids ? j->type->chunk_ids(j->params) : CHUNK_IDS;
	struct shared_job known;
	enum feed_answer answer;

	if (c) {
		c->ask = j->ask;
		c->ask.today = d->day;
	}
	answer = c ? shared_take(d->parts->shared, &j->row.uuid, most, c) : FEED_LATER;

	j->is_idle = answer != FEED_GIVEN;
	j->is_over = answer == FEED_EMPTY;
	if (j->is_over && shared_job_get(d->parts->shared, &j->row.uuid, &known))
		j->is_spent = known.is_spent && j->row.processed < j->row.total;
	if (answer == FEED_GIVEN) {
		j->out += c->n;
		j->chunks++;
		dispatch_chunk_append_locked(d, c);
	} else if (c) {
		dispatch_chunk_free(c);
	}
}

/* Fills one chunk for a job from its feed. The lock is let go while staging is read. */
static void dispatch_feed_locked(struct dispatcher *d, struct job *j)
{
	const enum feed_kind feed = j->type->feed;
	int most = j->type->chunk_ids ? j->type->chunk_ids(j->params) : CHUNK_IDS;
	int64_t left = j->limit < 0 ? most : j->limit - j->row.processed - j->out;
	struct chunk *c;
	struct feed_ask ask = j->ask;
	enum feed_answer answer = FEED_LATER;
	struct errbuf eb = {0};
	enum err err;

	if (j->shares) {
		dispatch_share_locked(d, j);
		return;
	}
	c = dispatch_chunk_new(j);
	if (!c)
		return;
	ask.today = d->day;
	pthread_mutex_unlock(&d->lock);
	err = feed_take(&d->feeds[feed], d->reader, &ask, c->ids, left < most ? (int)left : most,
	    &c->n, &answer, &eb);
	pthread_mutex_lock(&d->lock);
	if (err) { /* no reason to call the job done: once more, after a pause */
		log_at(d->parts->log, LOG_ERROR, "dispatch", c->job, "%s", err_text(&eb));
		d->again[feed] = true;
		clock_cond_wait_until(&d->work, &d->lock, clock_mono_ms() + 1000);
	}
	j = dispatch_job_find_locked(d, c->job);
	d->idle[feed] = answer != FEED_GIVEN;
	if (!c->n) {
		dispatch_chunk_free(c);
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

/* Why there is nothing, for the job's reason; without the lock. */
static void dispatch_idle(struct dispatcher *d, const struct job_type *type,
    const struct feed_ask *ask, char out[JOB_REASON_SIZE])
{
	struct errbuf eb = {0};
	struct str text;

	str_init(&text, JOB_REASON_SIZE - 1);
	if (type->idle && type->idle(d->reader, ask, &text, &eb))
		log_at(d->parts->log, LOG_WARNING, "dispatch", 0, "%s", err_text(&eb));
	snprintf(out, JOB_REASON_SIZE, "%s", str_get(&text));
	str_done(&text);
}

/* How many channels there are to do; read from staging without the lock. */
static void dispatch_count_locked(struct dispatcher *d, struct job *j)
{
	int64_t no = j->row.no, pending = 0;
	enum feed_kind feed = j->type->feed;
	const struct job_type *type = j->type;
	struct feed_ask ask = j->ask;
	struct errbuf eb = {0};
	char idle[JOB_REASON_SIZE] = "";
	enum err err;

	if (j->is_lent) { /* its channels are counted at its home */
		j->counted = true;
		return;
	}
	ask.today = d->day;
	pthread_mutex_unlock(&d->lock);
	err = staging_feed_count(d->reader, feed, &ask, &pending, &eb);
	if (!err && !pending)
		dispatch_idle(d, type, &ask, idle);
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
	memcpy(j->idle, idle, sizeof j->idle);
}

struct dispatch_begin {
	const struct job_type *type;
	const json_t *params;
	int64_t no;
};

static enum err dispatch_begin_apply(struct staging *s, void *arg, struct errbuf *eb)
{
	const struct dispatch_begin *b = arg;

	return b->type->begin(s, b->no, b->params, eb);
}

/* Asks its type what its feed is to be asked, and lets it prepare staging; without the lock. */
static void dispatch_begin_locked(struct dispatcher *d, struct job *j)
{
	struct dispatch_begin b = {j->type, json_incref(j->params), j->row.no};
	struct feed_ask ask = {.today = d->day, .job = j->type->own ? j->row.no : 0};
	struct errbuf eb = {0};
	int64_t day_units = 0;
	bool is_lent = j->is_lent;
	enum err err = ERR_OK;

	pthread_mutex_unlock(&d->lock);
	if (b.type->ask)
		b.type->ask(d->parts, b.params, j->row.created_ms, &ask);
	if (b.type->begin)
		err = writer_run(d->parts->writer, dispatch_begin_apply, &b, false, &eb);
	if (!err && b.type->day_units && !is_lent) /* its home knows how many */
		err = b.type->day_units(d->reader, d->parts, b.params, &ask, &day_units, &eb);
	pthread_mutex_lock(&d->lock);
	json_decref((json_t *)(uintptr_t)b.params);
	j = dispatch_job_find_locked(d, b.no);
	if (!j)
		return;
	j->ask = ask;
	j->begun = true;
	if (day_units && !json_object_get(j->params, "units_per_day"))
		j->max_day_units = day_units;
	if (err && j->row.status == JOB_RUNNING)
		dispatch_job_status_locked(d, j, JOB_FAILED, 0, "%.150s", err_text(&eb));
}

static void dispatch_job_end_locked(struct dispatcher *d, struct job *j)
{
	struct str text;

	str_init(&text, JOB_REASON_SIZE - 1);
	if (j->is_spent)
		str_addf(&text, "its %lld units are spent", (long long)j->max_units);
	if (j->row.absent)
		str_addf(&text, "%s%lld absent once, asked again on another day",
		    text.len ? "; " : "", (long long)j->row.absent);
	if (j->row.failed)
		str_addf(&text, "%s%lld failed", text.len ? "; " : "", (long long)j->row.failed);
	if (!j->row.processed && !text.len && j->idle[0])
		str_addf(&text, "nothing to do: %s", j->idle);
	if (!j->is_spent)
		j->row.total = j->row.processed; /* nothing is left to be had */
	dispatch_job_status_locked(d, j, JOB_COMPLETED, 0, "%s", str_get(&text));
	str_done(&text);
	log_at(d->parts->log, LOG_INFO, "dispatch", j->row.no,
	    "%s completed: %lld done, %lld missing, "
	    "%lld absent once, %lld failed, %lld units",
	    j->type->info.name, (long long)j->row.done, (long long)j->row.missing,
	    (long long)j->row.absent, (long long)j->row.failed, (long long)j->row.units);
}

/* May jobs of these two types not be at work at the same time? */
static bool dispatch_is_in_the_way(const struct job_type *a, const struct job_type *b)
{
	if (a == b)
		return a->alone;
	return (a->apart || b->apart) && a->op == b->op && a->op != OP_NONE;
}

/*
 * A job at work that this one has to wait for. One of its own type that waits for quota is at work
 * too, unless this one waits likewise: then the first to go on is before the other.
 */
static const struct job *dispatch_job_before(const struct dispatcher *d, const struct job *j)
{
	for (const struct job *o = d->jobs; o; o = o->next)
		if (o != j && dispatch_is_in_the_way(o->type, j->type) &&
		    (o->row.status == JOB_RUNNING || o->out ||
		        (o->row.status == JOB_WAITING && o->type == j->type &&
		            j->row.status == JOB_PENDING)))
			return o;
	return NULL;
}

static bool dispatch_job_start_locked(struct dispatcher *d, struct job *j)
{
	const struct job *before = dispatch_job_before(d, j);

	if (before) {
		if (!j->row.reason[0])
			snprintf(j->row.reason, sizeof j->row.reason, "after J-%lld",
			    (long long)before->row.no);
		return false;
	}
	j->begun = false;
	dispatch_job_status_locked(d, j, JOB_RUNNING, 0, "%s", "");
	if (!dispatch_is_chunked(j->type))
		dispatch_job_run_locked(d, j);
	else
		d->idle[j->type->feed] = j->is_idle = j->is_over = false;
	return true;
}

/* Nothing is left of it for any node: one that waits for units has to end all the same. */
static bool dispatch_share_is_over(const struct dispatcher *d, const struct job *j)
{
	struct shared_job known;

	return j->shares && shared_job_get(d->parts->shared, &j->row.uuid, &known) && known.is_over;
}

/* Everything that it could get was handed out and stored. */
static bool dispatch_job_is_over(const struct dispatcher *d, const struct job *j)
{
	enum feed_kind feed = j->type->feed;

	if (j->chunks)
		return false;
	if (j->shares)
		return j->is_over;
	return j->is_spent || (j->limit >= 0 && j->limit <= j->row.processed) ||
	       (d->idle[feed] && !d->settled[feed] && !d->again[feed] && !d->wake_ms[feed] &&
	           d->feeds[feed].out == 0);
}

/* Moves each job on as far as it can go without waiting. True when the jobs must be seen again. */
static bool dispatch_job_step_locked(struct dispatcher *d, struct job *j)
{
	switch (j->row.status) {
	case JOB_PENDING:
		return dispatch_job_start_locked(d, j);
	case JOB_WAITING:
		if (!dispatch_share_is_over(d, j) &&
		    (!j->row.until || clock_now() < j->row.until) &&
		    j->generation == d->generation && !dispatch_plan_may_go_on_locked(d, j))
			return false;
		if (dispatch_job_before(d, j))
			return false;
		j->day_is_spent = j->share_is_spent = false;
		dispatch_job_status_locked(d, j, JOB_RUNNING, 0, "%s", "");
		pthread_cond_broadcast(&d->chunk);
		return true;
	case JOB_RUNNING:
		if (!dispatch_is_chunked(j->type))
			return false;
		if (!j->begun) {
			dispatch_begin_locked(d, j);
			return true;
		}
		if (!j->counted) {
			dispatch_count_locked(d, j);
			return true;
		}
		if (dispatch_job_is_over(d, j))
			dispatch_job_end_locked(d, j);
		return false;
	default:
		return false;
	}
}

struct dispatch_save {
	struct job_row row;
	struct job_count spent;  /* units of calls whose chunks were given up */
	struct job_notes *notes; /* NULL: none */
};

static enum err dispatch_save_apply(struct staging *s, void *arg, struct errbuf *eb)
{
	const struct dispatch_save *save = arg;
	enum err err = staging_job_put(s, &save->row, eb);

	if (!err && save->notes)
		err = dispatch_notes_store(s, save->row.no, save->notes, eb);
	return err || !save->spent.units ? err
	                                 : staging_job_count(s, save->row.no, &save->spent, eb);
}

static void dispatch_save_free(struct dispatch_save *save)
{
	dispatch_notes_free(save->notes);
	free(save);
}

static void dispatch_save_after(void *arg, enum err err, const struct errbuf *eb)
{
	(void)err;
	(void)eb; /* the writer has logged it; the next change stores the row again */
	dispatch_save_free(arg);
}

/* Errors come by the hundred: they are gathered for a moment. */
static bool dispatch_notes_are_due(const struct dispatcher *d, const struct job *j)
{
	return j->notes.due_ms && (d->stopping || clock_mono_ms() >= j->notes.due_ms);
}

/* Stores one changed job. True when there was one: the lock was let go. */
static bool dispatch_save_locked(struct dispatcher *d)
{
	struct dispatch_save *save;
	struct write_op op = {.apply = dispatch_save_apply, .after = dispatch_save_after};
	struct job *j = d->jobs;

	while (j && !j->dirty && !dispatch_notes_are_due(d, j))
		j = j->next;
	save = j ? calloc(1, sizeof *save) : NULL;
	if (!save)
		return false;
	j->dirty = false;
	save->row = j->row;
	save->spent = (struct job_count){.units = j->lost_units, .day = d->day};
	save->notes = dispatch_notes_take_locked(j);
	j->lost_units = 0;
	op.arg = save;
	pthread_mutex_unlock(&d->lock);
	if (writer_post(d->parts->writer, &op))
		dispatch_save_free(save);
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

/* The ledger may read and write its book to answer: not under the lock. */
static void dispatch_look_at_ledger_locked(struct dispatcher *d)
{
	bool waits = false;
	uint64_t generation;

	for (struct job *j = d->jobs; j && !waits; j = j->next)
		waits = j->row.status == JOB_WAITING;
	if (!waits)
		return;
	pthread_mutex_unlock(&d->lock);
	generation = ledger_generation(d->parts->ledger);
	pthread_mutex_lock(&d->lock);
	d->generation = generation;
}

static void *dispatcher_main(void *arg)
{
	struct dispatcher *d = arg;

	pthread_mutex_lock(&d->lock);
	while (!d->stopping) {
		struct job *j;
		dispatch_settle_locked(d);
		dispatch_look_at_ledger_locked(d);
		dispatch_plan_ask_locked(d);
		if ((!d->held && dispatch_steps_locked(d)) || dispatch_save_locked(d))
			continue;
		dispatch_pool_watch_locked(d);
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
	for (int feed = 0; feed < FEED_COUNT && !err; feed++)
		err = feed_init(&d->feeds[feed], (enum feed_kind)feed, page, eb);
	if (!err)
		err = dispatch_plan_open(d, eb);
	if (!err && resume)
		err = dispatch_jobs_load(d, eb);
	return err;
}

static enum err dispatch_start_threads(struct dispatcher *d, int workers, struct errbuf *eb)
{
	if (pthread_create(&d->thread, NULL, dispatcher_main, d) != 0)
		return err_set(eb, ERR_NOMEM, "cannot start the dispatcher thread");
	d->has_thread = true;
	return dispatch_pool_start(d, workers, eb);
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
	d->held = cfg->held;
	d->chunks_end = &d->chunks;
	d->day = day_number(clock_now());
	pthread_mutex_init(&d->lock, NULL);
	clock_cond_init(&d->work);
	clock_cond_init(&d->chunk);
	clock_cond_init(&d->changed);
	d->workers = calloc(DISPATCHER_WORKERS, sizeof(struct worker *));
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

void dispatcher_release(struct dispatcher *d)
{
	pthread_mutex_lock(&d->lock);
	d->held = false;
	pthread_cond_signal(&d->work);
	pthread_mutex_unlock(&d->lock);
}

void dispatcher_hurry(struct dispatcher *d)
{
	pthread_mutex_lock(&d->lock);
	d->hurried = true;
	dispatch_abort_calls_locked(d);
	pthread_cond_broadcast(&d->changed);
	pthread_mutex_unlock(&d->lock);
}

static bool dispatch_is_busy_locked(const struct dispatcher *d)
{
	for (const struct job *j = d->jobs; j; j = j->next)
		if (j->has_thread && !j->ended)
			return true;
	return d->taken > 0;
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
		if (j->row.status == JOB_RUNNING && dispatch_is_chunked(j->type))
			dispatch_job_status_locked(d, j, JOB_INTERRUPTED, 0,
			    "stopped with the program; goes on at its next start");
	}
	pthread_cond_broadcast(&d->work);
	pthread_cond_broadcast(&d->chunk);
	pthread_cond_broadcast(&d->changed);
	while (dispatch_is_busy_locked(d) && !d->hurried && clock_mono_ms() < until)
		clock_cond_wait_until(&d->changed, &d->lock, until);
	dispatch_abort_calls_locked(d);
	writer_give_up(d->parts->writer); /* or those who wait for its disk would wait for ever */
}

void dispatch_free_last(struct dispatcher *d)
{
	pthread_cond_destroy(&d->work);
	pthread_cond_destroy(&d->chunk);
	pthread_cond_destroy(&d->changed);
	pthread_mutex_destroy(&d->lock);
	free(d->workers);
	free(d);
}

void dispatcher_free(struct dispatcher *d)
{
	if (!d)
		return;
	dispatch_chunks_free(d);
	while (d->jobs) {
		struct job *next = d->jobs->next;
		dispatch_job_free(d->jobs);
		d->jobs = next;
	}
	for (int feed = 0; feed < FEED_COUNT; feed++)
		feed_done(&d->feeds[feed]);
	if (!dispatch_pool_orphan(d))
		dispatch_free_last(d);
}

void dispatcher_stop(struct dispatcher *d, int64_t drain_ms)
{
	int n;

	if (!d)
		return;
	pthread_mutex_lock(&d->lock);
	dispatch_drain_locked(d, drain_ms);
	n = d->n_workers;
	d->n_workers = 0; /* snapshots go on, without them */
	pthread_mutex_unlock(&d->lock);
	dispatch_pool_join(d, n);
	for (struct job *j = d->jobs; j; j = j->next) {
		if (j->has_thread)
			pthread_join(j->thread, NULL);
		j->has_thread = false;
	}
	if (d->has_thread)
		pthread_join(d->thread, NULL);
	pthread_mutex_lock(&d->lock);
	while (dispatch_save_locked(d))
		;
	pthread_mutex_unlock(&d->lock);
	staging_close(d->reader); /* an open reader would hold back the last checkpoint */
	d->reader = NULL;
}
