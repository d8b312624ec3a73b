#include "config.h"
#include "engine/jobs/scheduler.h"
#include "engine/base/clock.h"
#include "engine/base/str.h"
#include "engine/jobs/dispatcher.h"
#include "engine/quota/day.h"
#include "engine/sync.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	SCHEDULER_NAP_MS = 60000,
	SCHEDULER_LEAST_S = 60,
	SCHEDULER_DAY_S = 86400,
	SCHEDULER_MOST_S = 366 * 86400,
	SCHEDULER_NOTE = 160,
	SCHEDULER_MOST = 256 /* schedules looked at */
};

struct scheduler {
	const struct engine_parts *parts;
	struct staging *reader; /* the thread's */
	pthread_t thread;
	pthread_mutex_t lock; /* guards what follows; rank: leaf */
	pthread_cond_t wake;
	bool stopping, poked;
};

/* ---- rules ---- */

int64_t scheduler_next(enum schedule_rule rule, int64_t n, int64_t after)
{
	int64_t at;

	switch (rule) {
	case SCHEDULE_DAILY:
		at = after - after % SCHEDULER_DAY_S + n;
		return at > after ? at : at + SCHEDULER_DAY_S;
	case SCHEDULE_QUOTA_DAY:
		return day_end(day_number(after));
	default:
		return after + n;
	}
}

static enum err scheduler_parse_daily(const char *text, int64_t *n)
{
	char *end;
	long hour = strtol(text, &end, 10), minute;

	if (end == text || end - text > 2 || *end != ':' || strlen(end) != 3)
		return ERR_INVALID;
	minute = strtol(end + 1, &end, 10);
	if (*end || hour < 0 || hour > 23 || minute < 0 || minute > 59)
		return ERR_INVALID;
	*n = hour * 3600 + minute * 60;
	return ERR_OK;
}

static enum err scheduler_parse_every(const char *text, int64_t *n)
{
	static const struct {
		char unit;
		int64_t s;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', SCHEDULER_DAY_S}};
	char *end;
	long long count = strtoll(text, &end, 10);

	if (end == text || count < 1 || count > SCHEDULER_MOST_S || !*end || end[1])
		return ERR_INVALID;
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
		if (units[i].unit == *end) {
			*n = count * units[i].s;
			return *n >= SCHEDULER_LEAST_S && *n <= SCHEDULER_MOST_S ? ERR_OK
			                                                         : ERR_INVALID;
		}
	return ERR_INVALID;
}

enum err scheduler_parse(const char *text, enum schedule_rule *rule, int64_t *n, struct errbuf *eb)
{
	enum err err;

	if (strncmp(text, "daily ", 6) == 0) {
		*rule = SCHEDULE_DAILY;
		err = scheduler_parse_daily(text + 6, n);
	} else {
		*rule = SCHEDULE_EVERY;
		err = scheduler_parse_every(strncmp(text, "every ", 6) == 0 ? text + 6 : text, n);
	}
	return err ? err_set(eb, ERR_INVALID,
	                 "\"%.40s\" is no rule: write 90m, 6h or 2d (a minute at least, a year at "
	                 "most), or \"daily 03:00\" (UTC)",
	                 text)
	           : ERR_OK;
}

char *scheduler_words(enum schedule_rule rule, int64_t n, char *buf, size_t size)
{
	if (rule == SCHEDULE_DAILY)
		snprintf(buf, size, "daily %02d:%02d", (int)(n / 3600), (int)(n / 60 % 60));
	else if (rule == SCHEDULE_QUOTA_DAY)
		snprintf(buf, size, "with the quota day");
	else if (n % SCHEDULER_DAY_S == 0)
		snprintf(buf, size, "every %lldd", (long long)(n / SCHEDULER_DAY_S));
	else if (n % 3600 == 0)
		snprintf(buf, size, "every %lldh", (long long)(n / 3600));
	else if (n % 60 == 0)
		snprintf(buf, size, "every %lldm", (long long)(n / 60));
	else
		snprintf(buf, size, "every %llds", (long long)n);
	return buf;
}

/* ---- tasks of the program ---- */

/* Waiting jobs go on by themselves; this says what the old day cost and looks once more. */
static void task_quota_day(struct scheduler *s, char *note)
{
	char left[32];

	dispatcher_look_again(s->parts->dispatcher);
	snprintf(left, sizeof left, "%lld", (long long)ledger_left(s->parts->ledger, BUCKET_UNITS));
	snprintf(note, SCHEDULER_NOTE, "a new quota day, %s units left", left);
}

static void task_health(struct scheduler *s, char *note)
{
	struct sync_numbers sync = {0};
	struct writer_numbers writer;
	struct counters counters;
	struct errbuf eb = {0};
	const char *trouble = NULL;

	writer_numbers(s->parts->writer, &writer);
	if (s->parts->sync)
		sync_numbers(s->parts->sync, &sync);
	if (staging_counters(s->reader, &counters, &eb))
		trouble = err_text(&eb);
	else if (writer.stalled)
		trouble = writer.trouble;
	else if (s->parts->sync && !sync.ok && sync.trouble[0])
		trouble = sync.trouble;
	else if (ledger_per_day(s->parts->ledger, BUCKET_UNITS) <= 0)
		trouble = "no usable YouTube API key";
	snprintf(note, SCHEDULER_NOTE, "%.150s", trouble ? trouble : "all is well");
	if (trouble)
		log_at(s->parts->log, LOG_WARNING, "health", 0, "%s", note);
}

static const struct {
	const char *name;
	void (*run)(struct scheduler *s, char *note);
} scheduler_tasks[] = {{"quota-day", task_quota_day}, {"health", task_health}};

bool scheduler_is_task(const char *type)
{
	for (size_t i = 0; i < sizeof scheduler_tasks / sizeof scheduler_tasks[0]; i++)
		if (strcmp(scheduler_tasks[i].name, type) == 0)
			return true;
	return false;
}

/* ---- doing ---- */

/* One that is due, copied out of the walk. */
struct scheduler_due {
	char *name, *type, *params;
	enum schedule_rule rule;
	int64_t n, next_at;
};

struct scheduler_walk {
	struct scheduler_due due[SCHEDULER_MOST];
	size_t n;
	int64_t now, next; /* the earliest time that is still to come */
};

static enum err scheduler_look_row(void *arg, const struct schedule_row *row, struct errbuf *eb)
{
	struct scheduler_walk *w = arg;
	struct scheduler_due *d = &w->due[w->n];

	if (!row->enabled)
		return ERR_OK;
	if (row->next_at > w->now) {
		w->next = row->next_at < w->next ? row->next_at : w->next;
		/* a clock that was set back must not hold a schedule up for years */
		if (row->next_at <= w->now + SCHEDULER_MOST_S + SCHEDULER_DAY_S)
			return ERR_OK;
	}
	if (w->n == SCHEDULER_MOST)
		return ERR_CANCELLED;
	*d = (struct scheduler_due){str_dup(row->name), str_dup(row->type), str_dup(row->params),
	    row->rule, row->n, row->next_at};
	w->n++;
	return d->name && d->type && d->params ? ERR_OK : err_set(eb, ERR_NOMEM, "out of memory");
}

struct scheduler_same {
	const char *type, *params;
	int64_t no;
};

static enum err scheduler_same_job(void *arg, const struct job_row *r, struct errbuf *eb)
{
	struct scheduler_same *f = arg;

	(void)eb;
	if (job_status_is_open(r->status) && strcmp(r->type, f->type) == 0 &&
	    strcmp(r->params, f->params) == 0)
		f->no = r->no;
	return f->no ? ERR_CANCELLED : ERR_OK;
}

static enum err scheduler_start_job(
    struct scheduler *s, const struct scheduler_due *d, char *note, struct errbuf *eb)
{
	json_t *given = json_loads(d->params, 0, NULL), *params = NULL;
	const struct job_type *type = job_type_meant(d->type, given, eb);
	struct scheduler_same same = {d->type, NULL, 0};
	int64_t no = 0;
	char *text;
	struct secret *secret = NULL;
	enum err err = type ? job_params_admit(
	                          type, s->parts->settings, "schedule", given, &params, &secret, eb)
	                    : ERR_INVALID;

	json_decref(given);
	text = err ? NULL : json_dumps(params, JSON_COMPACT | JSON_SORT_KEYS);
	same.params = text ? text : "";
	if (!err)
		err = staging_jobs_each(
		    s->reader, JOB_STATUS_COUNT, 0, scheduler_same_job, &same, eb);
	if (!err && !same.no)
		err = dispatcher_job_add(
		    s->parts->dispatcher, type, params, secret, "schedule", &no, eb);
	else
		secret_free(secret);
	if (!err)
		snprintf(note, SCHEDULER_NOTE, same.no ? "J-%lld is still at work" : "J-%lld began",
		    (long long)(same.no ? same.no : no));
	free(text);
	json_decref(params);
	return err;
}

struct scheduler_set {
	const char *name, *note;
	int64_t next_at, last_at;
};

static enum err scheduler_set_apply(struct staging *st, void *arg, struct errbuf *eb)
{
	const struct scheduler_set *set = arg;

	return staging_schedule_set(st, set->name, set->next_at, set->last_at, set->note, eb);
}

/* Its time has come, or (next_at 0) it has no time yet. */
static int64_t scheduler_do(struct scheduler *s, const struct scheduler_due *d, int64_t now)
{
	char note[SCHEDULER_NOTE] = "";
	struct scheduler_set set = {.name = d->name, .note = note};
	bool is_due = d->next_at && d->next_at <= now;
	struct errbuf eb = {0};

	if (is_due) {
		size_t i = 0, n = sizeof scheduler_tasks / sizeof scheduler_tasks[0];
		while (i < n && strcmp(scheduler_tasks[i].name, d->type) != 0)
			i++;
		if (i < n)
			scheduler_tasks[i].run(s, note);
		else if (scheduler_start_job(s, d, note, &eb))
			snprintf(note, sizeof note, "%.150s", err_text(&eb));
		log_at(s->parts->log, LOG_INFO, "schedule", 0, "%s: %s", d->name, note);
		set.last_at = now;
	}
	set.next_at = scheduler_next(d->rule, d->n, now);
	/* removed meanwhile: nothing to note */
	if (writer_run(s->parts->writer, scheduler_set_apply, &set, false, &eb) &&
	    eb.code != ERR_NOTFOUND)
		log_at(s->parts->log, LOG_WARNING, "schedule", 0, "%s: %s", d->name, err_text(&eb));
	return set.next_at;
}

/* Does what is due; returns when to look again, UTC seconds. */
static int64_t scheduler_look(struct scheduler *s)
{
	struct scheduler_walk *w = calloc(1, sizeof *w);
	struct errbuf eb = {0};
	int64_t next;

	if (!w)
		return clock_now() + 60;
	w->now = clock_now();
	w->next = w->now + 3600;
	if (staging_schedules_each(s->reader, scheduler_look_row, w, &eb))
		log_at(s->parts->log, LOG_WARNING, "schedule", 0, "%s", err_text(&eb));
	for (size_t i = 0; i < w->n; i++) {
		if (w->due[i].name && w->due[i].type && w->due[i].params) {
			int64_t at = scheduler_do(s, &w->due[i], w->now);
			w->next = at < w->next ? at : w->next;
		}
		free(w->due[i].name);
		free(w->due[i].type);
		free(w->due[i].params);
	}
	next = w->next;
	free(w);
	return next;
}

/* ---- the thread ---- */

static void *scheduler_main(void *arg)
{
	struct scheduler *s = arg;

	pthread_mutex_lock(&s->lock);
	while (!s->stopping) {
		int64_t next, wait;
		s->poked = false;
		pthread_mutex_unlock(&s->lock);
		next = scheduler_look(s);
		pthread_mutex_lock(&s->lock);
		wait = (next - clock_now()) * 1000;
		wait = wait < 1000 ? 1000 : wait > SCHEDULER_NAP_MS ? SCHEDULER_NAP_MS : wait;
		wait += clock_mono_ms();
		while (!s->stopping && !s->poked && clock_mono_ms() < wait)
			clock_cond_wait_until(&s->wake, &s->lock, wait);
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

enum err scheduler_start(
    struct scheduler **out, const struct engine_parts *parts, struct errbuf *eb)
{
	struct scheduler *s = calloc(1, sizeof *s);
	enum err err;

	*out = NULL;
	if (!s)
		return err_set(eb, ERR_NOMEM, "out of memory");
	s->parts = parts;
	pthread_mutex_init(&s->lock, NULL);
	clock_cond_init(&s->wake);
	err = staging_open(&s->reader, parts->staging_path, DB_READ, eb);
	if (!err && pthread_create(&s->thread, NULL, scheduler_main, s) != 0)
		err = err_set(eb, ERR_NOMEM, "cannot start the scheduler thread");
	if (err) {
		staging_close(s->reader);
		free(s);
		return err;
	}
	*out = s;
	return ERR_OK;
}

void scheduler_poke(struct scheduler *s)
{
	if (!s)
		return;
	pthread_mutex_lock(&s->lock);
	s->poked = true;
	pthread_cond_signal(&s->wake);
	pthread_mutex_unlock(&s->lock);
}

void scheduler_stop(struct scheduler *s)
{
	if (!s)
		return;
	pthread_mutex_lock(&s->lock);
	s->stopping = true;
	pthread_cond_signal(&s->wake);
	pthread_mutex_unlock(&s->lock);
	pthread_join(s->thread, NULL);
	staging_close(s->reader);
	pthread_mutex_destroy(&s->lock);
	pthread_cond_destroy(&s->wake);
	free(s);
}
