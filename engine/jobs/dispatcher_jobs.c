/* The dispatcher's jobs: loading, adding, single-step threads, and what screens may see. */
#include "config.h"
#include "engine/jobs/dispatcher_parts.h"
#include "engine/jobs/job_lent.h"
#include "db/staging_events.h"
#include "engine/base/clock.h"
#include "engine/base/text.h"
#include "engine/quota/day.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- life of a struct job ---- */

bool dispatch_is_chunked(const struct job_type *type)
{
	return !type->run;
}

/* A number among the parameters; fallback when it is not set. */
static int64_t dispatch_param(const json_t *params, const char *name, int64_t fallback)
{
	const json_t *v = json_object_get(params, name);

	return json_is_integer(v) ? json_integer_value(v) : fallback;
}

struct dispatch_load {
	int64_t no;
	struct job_row row;
	char *params;
};

static enum err dispatch_load_apply(struct staging *s, void *arg, struct errbuf *eb)
{
	struct dispatch_load *l = arg;

	free(l->params);
	l->params = NULL;
	return staging_job_get(s, l->no, &l->row, &l->params, eb);
}

/* type may be NULL: a job of an earlier run that this version does not know. Takes params. */
static enum err dispatch_job_new(struct dispatcher *d, const struct job_row *row,
    const struct job_type *type, json_t *params, struct job **out, struct errbuf *eb)
{
	struct job *j = calloc(1, sizeof *j);

	*out = NULL;
	if (!j) {
		json_decref(params);
		return err_set(eb, ERR_NOMEM, "out of memory");
	}
	j->row = *row;
	j->row.params = NULL;
	j->params = params;
	j->notes.end = &j->notes.first;
	j->dispatcher = d;
	j->type = type;
	j->is_lent = json_object_get(params, JOB_HOME) != NULL;
	j->shares = d->parts->shared && type && type->bring;
	j->limit = dispatch_param(params, "limit", -1);
	j->max_units = dispatch_param(params, "units", -1);
	j->max_day_units = dispatch_param(params, "units_per_day", -1);
	j->weight = row->weight > 0 ? row->weight : 1;
	j->spent = row->units;
	j->day = row->day;
	j->day_spent = row->day_units;
	atomic_store(&j->total, -1);
	if (!j->type) {
		dispatch_job_free(j);
		return err_set(eb, ERR_INVALID, "J-%lld: this version knows no job type %s",
		    (long long)row->no, row->type);
	}
	*out = j;
	return ERR_OK;
}

enum err dispatch_job_load(struct dispatcher *d, int64_t no, struct job **out, struct errbuf *eb)
{
	struct dispatch_load l = {.no = no};
	enum err err = writer_run(d->parts->writer, dispatch_load_apply, &l, false, eb);
	json_t *params = err ? NULL : json_loads(l.params, 0, NULL);

	free(l.params);
	if (err)
		return err;
	return dispatch_job_new(
	    d, &l.row, job_type_find(l.row.type), params ? params : json_object(), out, eb);
}

void dispatch_job_free(struct job *j)
{
	if (!j)
		return;
	if (j->has_thread)
		pthread_join(j->thread, NULL);
	json_decref(j->params);
	json_decref(j->result);
	secret_free(j->secret);
	dispatch_notes_drop(&j->notes);
	free(j);
}

void dispatch_job_link_locked(struct dispatcher *d, struct job *j)
{
	struct job **end = &d->jobs;

	while (*end)
		end = &(*end)->next;
	*end = j;
}

struct job *dispatch_job_find_locked(struct dispatcher *d, int64_t no)
{
	struct job *j = d->jobs;

	while (j && j->row.no != no)
		j = j->next;
	return j;
}

struct dispatch_numbers {
	int64_t *nos;
	size_t n, room;
};

static enum err dispatch_load_one(void *arg, const struct job_row *row, struct errbuf *eb)
{
	struct dispatch_numbers *l = arg;

	if (!job_status_is_open(row->status))
		return ERR_OK;
	if (l->n == l->room) {
		size_t room = l->room ? l->room * 2 : 64;
		int64_t *grown = realloc(l->nos, room * sizeof *grown);
		if (!grown)
			return err_set(eb, ERR_NOMEM, "out of memory");
		l->nos = grown;
		l->room = room;
	}
	l->nos[l->n++] = row->no;
	return ERR_OK;
}

/* Takes up one job of an earlier run; one that this version does not know stays where it is. */
static enum err dispatch_load_job(struct dispatcher *d, int64_t no, struct errbuf *eb)
{
	struct job *j = NULL;
	enum err err = dispatch_job_load(d, no, &j, eb);

	if (err == ERR_INVALID) {
		log_at(d->parts->log, LOG_WARNING, "dispatch", no, "left alone: %s", err_text(eb));
		return ERR_OK;
	}
	if (err)
		return err;
	j->taken_up = true;
	if (j->row.status == JOB_INTERRUPTED || j->row.status == JOB_RUNNING)
		j->row.status = JOB_PENDING;
	dispatch_job_link_locked(d, j);
	return ERR_OK;
}

enum err dispatch_jobs_load(struct dispatcher *d, struct errbuf *eb)
{
	struct dispatch_numbers l = {NULL, 0, 0};
	enum err err = staging_jobs_each(d->reader, JOB_STATUS_COUNT, 0, dispatch_load_one, &l, eb);

	for (size_t i = l.n; i > 0 && !err; i--) /* they come newest first */
		err = dispatch_load_job(d, l.nos[i - 1], eb);
	free(l.nos);
	return err;
}

void dispatch_job_status_locked(struct dispatcher *d, struct job *j, enum job_status status,
    int64_t until, const char *fmt, ...)
{
	int64_t now = clock_mono_ms();
	va_list ap;

	if (j->since_ms) {
		j->row.worked_ms += now - j->since_ms;
		j->since_ms = 0;
	}
	if (status == JOB_RUNNING) {
		dispatch_note_locked(
		    j, "running", "", "%s", j->row.started_ms ? "goes on" : "started");
		j->since_ms = now;
		j->row.started_ms = j->row.started_ms ? j->row.started_ms : clock_now_ms();
	}
	j->row.completed_ms = job_status_is_open(status) ? 0 : clock_now_ms();
	j->row.status = status;
	j->row.until = until;
	va_start(ap, fmt);
	vsnprintf(j->row.reason, sizeof j->row.reason, fmt, ap);
	va_end(ap);
	text_utf8_mend(j->row.reason); /* JSON takes no half characters */
	if (status != JOB_RUNNING && status != JOB_PENDING)
		dispatch_note_locked(j, job_status_word(status), "", "%s", j->row.reason);
	j->dirty = true;
	d->changes++;
	log_at(d->parts->log, LOG_INFO, "dispatch", j->row.no, "%s is %s%s%s", j->type->info.name,
	    job_status_word(status), j->row.reason[0] ? ": " : "", j->row.reason);
	pthread_cond_signal(&d->work);
	pthread_cond_broadcast(&d->changed);
}

/* ---- single-step jobs ---- */

static enum err dispatch_count_apply(struct staging *s, void *arg, struct errbuf *eb)
{
	const struct job_row *r = arg;
	struct job_count by = {
	    r->done, r->missing, r->absent, r->failed, r->units, day_number(clock_now())};

	return staging_job_count(s, r->no, &by, eb);
}

static enum err dispatch_result_apply(struct staging *s, void *arg, struct errbuf *eb)
{
	const struct job *j = arg;
	char *text = json_object_size(j->result)
	                 ? json_dumps(j->result, JSON_COMPACT | JSON_REAL_PRECISION(15))
	                 : NULL;
	enum err err = staging_job_result_put(s, j->row.no, text, eb);

	free(text);
	return err;
}

/* How a single-step job ended, in a status and words. */
static void dispatch_run_ended_locked(struct job *j, enum err err, const struct errbuf *eb)
{
	struct dispatcher *d = j->dispatcher;

	j->ended = true;
	if (!err)
		dispatch_job_status_locked(d, j, JOB_COMPLETED, 0, "%s", "");
	else if (err == ERR_CANCELLED && j->want == JOB_PAUSED)
		dispatch_job_status_locked(
		    d, j, JOB_PAUSED, 0, "paused; begins anew, what is done stays");
	else if (err == ERR_CANCELLED && j->want == JOB_CANCELLED)
		dispatch_job_status_locked(d, j, JOB_CANCELLED, 0, "cancelled; what is done stays");
	else if (err == ERR_CANCELLED)
		dispatch_job_status_locked(d, j, JOB_INTERRUPTED, 0,
		    "stopped with the program; goes on at its next start");
	else
		dispatch_job_status_locked(d, j, JOB_FAILED, 0, "%.150s", err_text(eb));
	for (int feed = 0; feed < FEED_COUNT; feed++)
		d->again[feed] = true; /* it may have brought new channels */
}

static void *dispatch_run_main(void *arg)
{
	struct job *j = arg;
	struct dispatcher *d = j->dispatcher;
	struct job_row counts = {.no = j->row.no,
	    .done = -j->row.done,
	    .missing = -j->row.missing,
	    .absent = -j->row.absent,
	    .failed = -j->row.failed,
	    .units = -j->row.units};
	struct job_run run = {.parts = d->parts,
	    .job = j->row.no,
	    .params = j->params,
	    .stop = &j->stop,
	    .total = &j->total,
	    .processed = &j->processed,
	    .result = j->result,
	    .secret = j->secret,
	    .taken_up = j->taken_up};
	struct job_row filled = {.no = j->row.no};
	struct errbuf eb = {0}, ignored;
	bool over;
	enum err err;

	run.row = &filled;
	/* a job that begins anew counts anew */
	err = writer_run(d->parts->writer, dispatch_count_apply, &counts, false, &eb);
	if (!err)
		err = j->type->run(&run, &eb);
	if (writer_run(d->parts->writer, dispatch_count_apply, &filled, false, &ignored) ||
	    writer_run(d->parts->writer, dispatch_result_apply, j, false, &ignored))
		log_at(d->parts->log, LOG_WARNING, "dispatch", j->row.no, "%s", err_text(&ignored));
	pthread_mutex_lock(&d->lock);
	j->row.done = filled.done;
	j->row.missing = filled.missing;
	j->row.absent = filled.absent;
	j->row.failed = filled.failed;
	j->row.processed = filled.done + filled.missing + filled.absent + filled.failed;
	j->row.total = j->row.processed;
	dispatch_run_ended_locked(j, err, &eb);
	over = !job_status_is_open(j->row.status);
	pthread_mutex_unlock(&d->lock);
	if (over && j->type->leave)
		j->type->leave(d->parts, j->params);
	return NULL;
}

void dispatch_job_run_locked(struct dispatcher *d, struct job *j)
{
	atomic_store(&j->stop, false);
	atomic_store(&j->processed, 0);
	j->ended = false;
	json_decref(j->result);
	j->result = json_object();
	if (j->has_thread) /* of an earlier start: it has ended */
		pthread_join(j->thread, NULL);
	j->has_thread = j->result && pthread_create(&j->thread, NULL, dispatch_run_main, j) == 0;
	if (!j->has_thread)
		dispatch_job_status_locked(d, j, JOB_FAILED, 0, "its thread could not be started");
}

/* ---- adding ---- */

struct dispatch_add {
	struct job_row *row;
	const char *by;
};

static enum err dispatch_add_apply(struct staging *s, void *arg, struct errbuf *eb)
{
	const struct dispatch_add *a = arg;
	struct job_event event = {
	    .at_ms = a->row->created_ms, .n = 1, .kind = "action", .text = "start", .who = a->by};
	enum err err = staging_job_add(s, a->row, eb);

	event.job = a->row->no;
	return err ? err : staging_job_event_put(s, &event, eb);
}

bool dispatch_job_is_settled(const struct job *j)
{
	return !job_status_is_open(j->row.status) && !j->chunks && !j->dirty &&
	       !(j->has_thread && !j->ended);
}

/* Old ended jobs leave the memory; staging keeps them. */
static void dispatch_forget_ended_locked(struct dispatcher *d)
{
	int ended = 0;

	for (struct job *j = d->jobs; j; j = j->next)
		ended += !job_status_is_open(j->row.status);
	for (struct job **link = &d->jobs; *link && ended > DISPATCH_KEEP_ENDED;) {
		struct job *j = *link;
		if (!dispatch_job_is_settled(j)) {
			link = &j->next;
			continue;
		}
		*link = j->next;
		dispatch_job_free(j);
		ended--;
	}
}

/* Why other nodes have no part in a job, for its timeline. */
static void dispatch_note_alone_locked(struct dispatcher *d, struct job *j)
{
	struct str names;

	if (!d->parts->shared || j->shares || !dispatch_is_chunked(j->type))
		return;
	str_init(&names, JOB_REASON_SIZE);
	for (const struct job_type *const *t = job_types(); *t; t++)
		if ((*t)->bring)
			str_addf(&names, "%s%s", names.len ? ", " : "", (*t)->info.name);
	dispatch_note_locked(
	    j, "cluster", "", "this node does it alone: nodes share %s", str_get(&names));
	str_done(&names);
}

enum err dispatcher_job_add(struct dispatcher *d, const struct job_type *type, const json_t *params,
    struct secret *secret, const char *by, int64_t *no, struct errbuf *eb)
{
	struct uuid uuid;

	if (!uuid_new(&uuid))
		return dispatcher_job_add_as(d, &uuid, type, params, secret, by, no, eb);
	secret_free(secret);
	return err_set(eb, ERR_IO, "the system gives no random numbers");
}

enum err dispatcher_job_add_as(struct dispatcher *d, const struct uuid *uuid,
    const struct job_type *type, const json_t *params, struct secret *secret, const char *by,
    int64_t *no, struct errbuf *eb)
{
	struct job_row row = {
	    .uuid = *uuid, .status = JOB_PENDING, .total = -1, .created_ms = clock_now_ms()};
	struct dispatch_add add = {&row, by};
	char *text = json_dumps(params, JSON_COMPACT | JSON_SORT_KEYS);
	struct job *j = NULL;
	enum err err;

	if (!text) {
		free(text);
		secret_free(secret);
		return err_set(eb, ERR_NOMEM, "out of memory");
	}
	snprintf(row.type, sizeof row.type, "%s", type->info.name);
	row.params = text;
	row.weight = (int)dispatch_param(params, "weight", 1);
	err = writer_run(d->parts->writer, dispatch_add_apply, &add, false, eb);
	if (!err)
		err = dispatch_job_new(d, &row, type, json_deep_copy(params), &j, eb);
	free(text);
	if (err) {
		secret_free(secret);
		return err;
	}
	j->secret = secret;
	*no = row.no;
	pthread_mutex_lock(&d->lock);
	dispatch_forget_ended_locked(d);
	dispatch_job_link_locked(d, j);
	dispatch_note_alone_locked(d, j);
	if (dispatch_is_chunked(type))
		d->again[type->feed] = true;
	pthread_cond_signal(&d->work);
	pthread_mutex_unlock(&d->lock);
	return ERR_OK;
}

void dispatcher_shared_again(struct dispatcher *d)
{
	pthread_mutex_lock(&d->lock);
	for (struct job *j = d->jobs; j; j = j->next)
		j->is_idle = false;
	pthread_cond_signal(&d->work);
	pthread_mutex_unlock(&d->lock);
}

void dispatcher_brought(struct dispatcher *d, const struct chunk *c)
{
	struct job *j;

	pthread_mutex_lock(&d->lock);
	j = dispatch_job_find_locked(d, c->job);
	if (j) {
		dispatch_add_counts_locked(d, j, c);
		j->spent += c->units;
		j->day_spent += j->day == c->day ? c->units : 0;
	}
	if (c->done)
		dispatch_feeds_again_locked(d, c->type->feed);
	pthread_cond_signal(&d->work);
	pthread_mutex_unlock(&d->lock);
}

void dispatcher_look_again(struct dispatcher *d)
{
	pthread_mutex_lock(&d->lock);
	for (int feed = 0; feed < FEED_COUNT; feed++)
		d->again[feed] = true;
	pthread_cond_signal(&d->work);
	pthread_mutex_unlock(&d->lock);
}

/* ---- for screens ---- */

static void dispatch_job_copy_locked(struct job *j, int64_t now_ms, struct dispatcher_job *out)
{
	out->row = j->row;
	out->type = j->type;
	out->shares = j->shares;
	out->begun = j->begun;
	out->rate = history_rate(&j->history, now_ms, 60);
	out->units_left = j->max_units < 0 ? -1 : j->max_units - j->spent;
	out->units_per_day = j->max_day_units;
	out->day_units_left = j->max_day_units < 0                ? -1
	                      : j->day == day_number(clock_now()) ? j->max_day_units - j->day_spent
	                                                          : j->max_day_units;
	if (j->since_ms)
		out->row.worked_ms += now_ms - j->since_ms;
	if (dispatch_is_chunked(j->type) || !j->has_thread || j->ended)
		return;
	out->row.total = atomic_load(&j->total);
	out->row.processed = atomic_load(&j->processed);
	out->rate = out->row.worked_ms > 0
	                ? (double)out->row.processed * 1000 / (double)out->row.worked_ms
	                : 0;
}

size_t dispatcher_jobs(struct dispatcher *d, struct dispatcher_job *jobs, size_t max)
{
	int64_t now = clock_mono_ms();
	size_t n = 0;

	pthread_mutex_lock(&d->lock);
	for (struct job *j = d->jobs; j && n < max; j = j->next)
		dispatch_job_copy_locked(j, now, &jobs[n++]);
	pthread_mutex_unlock(&d->lock);
	return n;
}

bool dispatcher_job_get(struct dispatcher *d, int64_t no, struct dispatcher_job *out)
{
	struct job *j;

	pthread_mutex_lock(&d->lock);
	j = dispatch_job_find_locked(d, no);
	if (j)
		dispatch_job_copy_locked(j, clock_mono_ms(), out);
	pthread_mutex_unlock(&d->lock);
	return j != NULL;
}

void dispatcher_numbers(struct dispatcher *d, struct dispatcher_numbers *out)
{
	int64_t now = clock_mono_ms();

	memset(out, 0, sizeof *out);
	pthread_mutex_lock(&d->lock);
	for (struct job *j = d->jobs; j; j = j->next)
		out->jobs_open += job_status_is_open(j->row.status);
	for (int i = 0; i < DISPATCHER_MINUTES; i++)
		out->minutes[i] = (struct dispatcher_minute){
		    .units = history_minute(&d->history, now, HISTORY_UNITS, i),
		    .items = history_minute(&d->history, now, HISTORY_ITEMS, i),
		    .errors = history_minute(&d->history, now, HISTORY_ERRORS, i),
		    .rows = history_minute(&d->history, now, HISTORY_ROWS, i)};
	out->items_per_s = history_rate(&d->history, now, 10);
	out->units_per_h = (double)history_sum(&d->history, now, HISTORY_UNITS, 5) * 12;
	out->api_seen = d->api_seen;
	out->api_ok = d->api_ok;
	out->api_ms = d->api_ms;
	out->draining = d->stopping;
	out->workers_replaced = d->replaced;
	out->breaker_open = dispatch_breaker_is_open(d);
	out->breaker_since_ms = d->breaker_since_ms;
	out->breaker_until_ms = d->breaker_until_ms;
	memcpy(out->breaker_reason, d->breaker_reason, sizeof out->breaker_reason);
	memcpy(out->api_trouble, d->api_trouble, sizeof out->api_trouble);
	pthread_mutex_unlock(&d->lock);
}

size_t dispatcher_workers(struct dispatcher *d, struct worker_numbers *out, size_t max)
{
	size_t n = 0;

	pthread_mutex_lock(&d->lock);
	for (; n < (size_t)d->n_workers && n < max; n++)
		worker_numbers(d->workers[n], &out[n]);
	pthread_mutex_unlock(&d->lock);
	return n;
}

json_t *dispatcher_job_result(struct dispatcher *d, int64_t no)
{
	json_t *result = NULL;
	struct job *j;

	pthread_mutex_lock(&d->lock);
	j = dispatch_job_find_locked(d, no);
	if (j && j->result && (j->ended || !j->has_thread))
		result = json_incref(j->result);
	pthread_mutex_unlock(&d->lock);
	return result;
}

void dispatcher_wait_change(struct dispatcher *d, uint64_t *seen, int64_t timeout_ms)
{
	int64_t until = clock_mono_ms() + timeout_ms;

	pthread_mutex_lock(&d->lock);
	while (d->changes == *seen && clock_mono_ms() < until)
		clock_cond_wait_until(&d->changed, &d->lock, until);
	*seen = d->changes;
	pthread_mutex_unlock(&d->lock);
}
