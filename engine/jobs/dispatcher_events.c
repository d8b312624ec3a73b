/* What happens to jobs, gathered under the lock and stored with their rows; and their pages. */
#include "config.h"
#include "engine/jobs/dispatcher_parts.h"
#include "db/staging_events.h"
#include "engine/base/clock.h"
#include "engine/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- gathering ---- */

static void notes_due(struct job_notes *n)
{
	if (!n->due_ms)
		n->due_ms = clock_mono_ms() + JOB_NOTES_MS;
}

/* The newest note, if it says the same: it happened once more. More than JOB_NOTES at a time are too
 * many for anybody to read: they are left out. */
static bool notes_fold(struct job_notes *n, const char *kind, const char *text)
{
	struct job_note *last = n->first;

	while (last && last->next)
		last = last->next;
	if (!last || strcmp(last->kind, kind) != 0 || strcmp(last->text, text) != 0)
		return n->n >= JOB_NOTES;
	last->n++;
	last->last_ms = clock_now_ms();
	return true;
}

static struct job_note *notes_add(struct job_notes *n, const char *kind, const char *text)
{
	struct job_note *e = calloc(1, sizeof *e);

	if (!e)
		return NULL; /* a gap in a timeline is no reason to stop the work */
	snprintf(e->kind, sizeof e->kind, "%s", kind);
	snprintf(e->text, sizeof e->text, "%s", text);
	e->at_ms = e->last_ms = clock_now_ms();
	e->n = 1;
	*n->end = e;
	n->end = &e->next;
	n->n++;
	return e;
}

static void notes_put(struct job *j, const char *kind, const char *who, const char *text)
{
	struct job_note *e =
	    notes_fold(&j->notes, kind, text) ? NULL : notes_add(&j->notes, kind, text);

	if (e)
		snprintf(e->who, sizeof e->who, "%s", who);
	notes_due(&j->notes);
}

void dispatch_note_locked(struct job *j, const char *kind, const char *who, const char *fmt, ...)
{
	char text[JOB_REASON_SIZE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	text_utf8_mend(text);
	notes_put(j, kind, who, text);
}

void dispatch_note_all_locked(struct dispatcher *d, const char *kind, const char *fmt, ...)
{
	char text[JOB_REASON_SIZE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	for (struct job *j = d->jobs; j; j = j->next)
		if (j->row.status == JOB_RUNNING && dispatch_is_chunked(j->type))
			notes_put(j, kind, "", text);
}

void dispatch_trouble_locked(
    struct job *j, const char *reason, int64_t seen, int64_t retried, int64_t recovered)
{
	struct job_notes *n = &j->notes;
	struct job_trouble *t;
	int i = 0;

	while (
	    i < n->n_troubles && strncmp(n->troubles[i].reason, reason, sizeof t->reason - 1) != 0)
		i++;
	if (i == JOB_ERRORS)
		i--; /* so many reasons at once are all the same to a person */
	t = &n->troubles[i];
	if (i == n->n_troubles) {
		n->n_troubles++;
		*t = (struct job_trouble){.seen = 0};
		snprintf(t->reason, sizeof t->reason, "%.39s", reason);
	}
	t->seen += seen;
	t->retried += retried;
	t->recovered += recovered;
	t->last_ms = clock_now_ms();
	notes_due(n);
}

void dispatch_best_locked(struct job *j, int64_t now_ms)
{
	int64_t minute = now_ms / 60000, n;
	struct job_note *e;
	char text[64];

	if (minute == j->seen_minute)
		return;
	n = history_minute(&j->history, now_ms, HISTORY_ITEMS, 1);
	/* the first minute is not whole */
	if (j->seen_minute && minute == j->seen_minute + 1 && n > j->best_minute) {
		snprintf(text, sizeof text, "best rate: %.1f/s", (double)n / 60);
		e = notes_add(&j->notes, "best", text);
		if (e) {
			e->n = n;
			e->one = true;
		}
		j->best_minute = n;
		notes_due(&j->notes);
	}
	j->seen_minute = minute;
}

/* What a class of answers means for a timeline; the others are only counted. */
static const struct event_fault {
	enum fault fault;
	const char *kind, *before, *after; /* before KEY (REASON) after */
} event_faults[] = {
    {FAULT_SLOW_DOWN, "slow", "too fast with key", ": fewer calls a second with it"},
    {FAULT_BUCKET_SPENT, "quota", "no quota left today in the project of key", ""},
    {FAULT_KEY, "key", "refused and not used any more: key", ""},
    {FAULT_PROJECT, "project", "refused with all its keys: the project of key", ""},
};

void dispatcher_note_fault(
    struct dispatcher *d, int64_t job, const struct fault_info *fault, const char *key)
{
	const struct event_fault *end = event_faults + sizeof event_faults / sizeof event_faults[0];
	const struct event_fault *e = event_faults;
	struct job *j;

	while (e < end && e->fault != fault->fault)
		e++;
	pthread_mutex_lock(&d->lock);
	j = dispatch_job_find_locked(d, job);
	if (j && fault->fault != FAULT_TARGET)
		dispatch_trouble_locked(j, fault->reason, 1, 0, 0);
	if (j && e < end)
		dispatch_note_locked(
		    j, e->kind, "", "%s %.50s (%.40s)%s", e->before, key, fault->reason, e->after);
	pthread_mutex_unlock(&d->lock);
}

/* ---- storing ---- */

struct job_notes *dispatch_notes_take_locked(struct job *j)
{
	struct job_notes *n;

	if (!j->notes.due_ms || !(n = malloc(sizeof *n)))
		return NULL;
	*n = j->notes;
	j->notes = (struct job_notes){.end = NULL};
	j->notes.end = &j->notes.first;
	return n;
}

enum err dispatch_notes_store(
    struct staging *s, int64_t job, const struct job_notes *n, struct errbuf *eb)
{
	enum err err = ERR_OK;

	for (const struct job_note *e = n->first; e && !err; e = e->next) {
		const struct job_event row = {.job = job,
		    .at_ms = e->at_ms,
		    .last_ms = e->last_ms,
		    .n = e->n,
		    .kind = e->kind,
		    .text = e->text,
		    .who = e->who,
		    .one = e->one};
		err = staging_job_event_put(s, &row, eb);
	}
	for (int i = 0; i < n->n_troubles && !err; i++) {
		const struct job_trouble *t = &n->troubles[i];
		const struct job_error row = {
		    t->reason, t->seen, t->retried, t->recovered, t->last_ms};
		err = staging_job_error_add(s, job, &row, eb);
	}
	return err;
}

void dispatch_notes_drop(struct job_notes *n)
{
	while (n->first) {
		struct job_note *next = n->first->next;
		free(n->first);
		n->first = next;
	}
}

void dispatch_notes_free(struct job_notes *n)
{
	if (n)
		dispatch_notes_drop(n);
	free(n);
}

/* ---- pages ---- */

static void page_hands_locked(struct dispatcher *d, int64_t no, struct dispatcher_page *out)
{
	for (int i = 0; i < d->n_workers && out->n_hands < DISPATCHER_HANDS; i++) {
		struct dispatcher_hand *h = &out->hands[out->n_hands];
		worker_numbers(d->workers[i], &h->numbers);
		if (h->numbers.job != no)
			continue;
		worker_hand(d->workers[i], &h->hand);
		h->worker = worker_number(d->workers[i]);
		out->n_hands++;
	}
}

static struct dispatcher_trouble *page_trouble(struct dispatcher_page *out, const char *reason)
{
	struct dispatcher_trouble *t;

	for (int i = 0; i < out->n_troubles; i++)
		if (strcmp(out->troubles[i].reason, reason) == 0)
			return &out->troubles[i];
	if (out->n_troubles == DISPATCHER_TROUBLES)
		return NULL;
	t = &out->troubles[out->n_troubles++];
	snprintf(t->reason, sizeof t->reason, "%s", reason);
	return t;
}

static void page_waits_locked(struct dispatcher *d, int64_t no, struct dispatcher_page *out)
{
	for (const struct chunk *c = d->chunks; c; c = c->next) {
		struct dispatcher_trouble *t;
		if (c->job != no)
			continue;
		out->waiting += c->n;
		if (out->n_waits < DISPATCHER_WAITS) {
			struct dispatcher_wait *w = &out->waits[out->n_waits++];
			*w = (struct dispatcher_wait){c->n, c->attempts, c->not_before, ""};
			memcpy(w->trouble, c->trouble, sizeof w->trouble);
		}
		if (!c->trouble[0])
			continue;
		out->retrying += c->n;
		if (!out->next_retry_ms || c->not_before < out->next_retry_ms)
			out->next_retry_ms = c->not_before;
		t = page_trouble(out, c->trouble);
		if (t)
			t->waiting++;
	}
}

static void page_job_locked(struct job *j, struct dispatcher_page *out)
{
	int64_t now = clock_mono_ms();

	for (int i = 0; i < DISPATCHER_MINUTES; i++)
		out->minutes[i] = history_minute(&j->history, now, HISTORY_ITEMS, i);
	out->now = j->row.status == JOB_RUNNING ? history_rate(&j->history, now, 60) : 0;
	out->best = (double)j->best_minute / 60;
	out->max_units = j->max_units;
	out->max_day_units = j->max_day_units;
	out->day_spent = j->day_spent;
	for (int i = 0; i < j->notes.n_troubles; i++) {
		const struct job_trouble *from = &j->notes.troubles[i];
		struct dispatcher_trouble *t = page_trouble(out, from->reason);
		if (!t)
			continue;
		t->seen = from->seen;
		t->retried = from->retried;
		t->recovered = from->recovered;
		t->last_ms = from->last_ms;
	}
}

bool dispatcher_job_page(struct dispatcher *d, int64_t no, struct dispatcher_page *out)
{
	struct job *j;

	memset(out, 0, sizeof *out);
	out->max_units = out->max_day_units = -1;
	pthread_mutex_lock(&d->lock);
	j = dispatch_job_find_locked(d, no);
	if (j) {
		page_job_locked(j, out);
		page_hands_locked(d, no, out);
		page_waits_locked(d, no, out);
	}
	pthread_mutex_unlock(&d->lock);
	return j != NULL;
}
