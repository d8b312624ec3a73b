/* Snapshots: who does what, what is asked of whom, what limits the work, this process. */
#include "config.h"
#include "engine/engine_parts.h"
#include "engine/base/clock.h"
#include "engine/base/meter.h"
#include "engine/discovery/providers.h"
#include "engine/jobs/job_type.h"
#include "engine/limits.h"
#include "engine/slow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOOK_STALL_MS = 30000, LOOK_CPU_MS = 2000, LOOK_RECENT = 5 /* minutes */ };

/* ---- workers ---- */

static bool look_is_resting(const char *state)
{
	return strcmp(state, "idle") == 0 || strcmp(state, "stopped") == 0;
}

static void look_worker(const struct worker_numbers *n, int64_t now_ms, struct snapshot_worker *w)
{
	int64_t from = n->until_ms > n->since_ms ? n->until_ms : n->since_ms;

	snprintf(w->state, sizeof w->state, "%s", n->state);
	if (n->until_ms > now_ms)
		snprintf(w->doing, sizeof w->doing, "%.50s %.1f s", n->doing,
		    (double)(n->until_ms - now_ms) / 1000);
	else
		snprintf(w->doing, sizeof w->doing, "%s", n->doing);
	w->since_ms = n->since_ms;
	w->until_ms = n->until_ms;
	w->job = n->job;
	w->chunks = n->chunks;
	w->errors = n->errors;
	w->last_ms = n->last_ms;
	w->bytes = n->bytes;
	w->restarts = n->restarts;
	w->calls = n->calls;
	w->p95_ms = (n->p95_us + 500) / 1000;
	w->busy = n->busy;
	w->stalled = !look_is_resting(n->state) && now_ms - from > LOOK_STALL_MS;
}

static void look_workers(struct engine *e, struct snapshot *s)
{
	struct worker_numbers *n = calloc(SNAPSHOT_WORKERS, sizeof *n);

	if (!n)
		return;
	s->n_workers = dispatcher_workers(e->parts.dispatcher, n, SNAPSHOT_WORKERS);
	for (size_t i = 0; i < s->n_workers; i++)
		look_worker(&n[i], s->mono_ms, &s->workers[i]);
	free(n);
}

/* ---- services ---- */

/* UTC seconds of a moment of the monotonic clock. */
static int64_t look_utc(const struct snapshot *s, int64_t mono_ms)
{
	return s->made_at + (mono_ms - s->mono_ms) / 1000;
}

/* A pause that is over is a trial: one request at a time shows whether the trouble is. */
static void look_breaker(const struct snapshot *s, struct snapshot_service *v, bool open,
    int64_t since_ms, int64_t until_ms, const char *trouble)
{
	snprintf(v->breaker, sizeof v->breaker, "%s",
	    !open                   ? "closed"
	    : until_ms > s->mono_ms ? "open"
	                            : "trial");
	if (!open)
		return;
	v->since = look_utc(s, since_ms);
	v->until = look_utc(s, until_ms);
	snprintf(v->trouble, sizeof v->trouble, "%.90s", trouble);
}

static void look_provider_breaker(
    struct engine *e, const struct snapshot *s, struct snapshot_service *v)
{
	struct provider_numbers p;

	for (int i = 0; i < providers_count(e->parts.providers); i++)
		if (strcmp(providers_at(e->parts.providers, i)->name, v->name) == 0) {
			providers_numbers(e->parts.providers, i, &p);
			look_breaker(s, v, p.paused, p.since_ms, p.until_ms, p.trouble);
		}
}

static void look_service(const struct meter_numbers *n, struct snapshot_service *v)
{
	memcpy(v->group, n->group, sizeof v->group);
	memcpy(v->name, n->name, sizeof v->name);
	v->calls = n->calls;
	v->errors = n->errors;
	v->hour_calls = n->hour_calls;
	v->hour_errors = n->hour_errors;
	for (int i = 0; i < LOOK_RECENT; i++) {
		v->recent_calls += n->per_minute[i];
		v->recent_errors += n->errors_per_minute[i];
	}
	v->p50_us = n->p50_us;
	v->p95_us = n->p95_us;
	v->most_us = n->most_us;
	memcpy(v->minutes, n->per_minute, sizeof v->minutes);
}

static void look_services(struct engine *e, struct snapshot *s, const struct dispatcher_numbers *d)
{
	struct meter_numbers *n = calloc(SNAPSHOT_SERVICES, sizeof *n);

	if (!n)
		return;
	s->n_services = meters_read(e->parts.meters, s->mono_ms, n, SNAPSHOT_SERVICES);
	for (size_t i = 0; i < s->n_services; i++) {
		struct snapshot_service *v = &s->services[i];
		look_service(&n[i], v);
		if (strcmp(v->group, "youtube") == 0)
			look_breaker(s, v, d->breaker_open, d->breaker_since_ms,
			    d->breaker_until_ms, d->breaker_reason);
		if (strcmp(v->group, "service") == 0)
			look_provider_breaker(e, s, v);
	}
	free(n);
}

/* ---- this process ---- */

static void look_process(struct engine *e, struct snapshot *s)
{
	struct snapshot_process *p = &s->process;
	struct process_numbers now = e->process;
	struct log_numbers lines;
	struct writer_numbers w;

	if (!e->process_ms || s->mono_ms - e->process_ms >= LOOK_CPU_MS) {
		process_read(&now);
		if (e->process_ms)
			e->cpu = (double)(now.cpu_ms - e->process.cpu_ms) /
			         (double)(s->mono_ms - e->process_ms);
		e->process = now;
		e->process_ms = s->mono_ms;
	}
	p->cpu = e->cpu;
	p->rss_bytes = now.rss_bytes;
	p->threads = now.threads;
	p->files = now.files;
	p->files_limit = now.files_limit;
	log_numbers(e->parts.log, &lines);
	p->log_queued = (int64_t)lines.queued;
	p->log_dropped = (int64_t)lines.dropped;
	s->log_oldest = lines.oldest;
	s->log_newest = lines.newest;
	if (!e->parts.writer)
		return;
	writer_numbers(e->parts.writer, &w);
	p->writer_queued = w.queued;
	p->writer_room = w.room;
	for (size_t i = 0; i < s->n_services; i++)
		if (strcmp(s->services[i].group, "staging") == 0) {
			p->commit_p50_us = s->services[i].p50_us;
			p->commit_p95_us = s->services[i].p95_us;
		}
}

/* ---- what limits ---- */

/* Calls a second of the last whole minute and this one, and the usual duration of the commonest
 * method. */
static void look_api_pace(const struct snapshot *s, struct limits_in *in)
{
	int64_t most = 0, now = s->mono_ms / 1000 % 60, calls = 0;

	for (size_t i = 0; i < s->n_services; i++) {
		const struct snapshot_service *v = &s->services[i];
		if (strcmp(v->group, "youtube") != 0)
			continue;
		calls += v->minutes[0] + v->minutes[1];
		if (v->hour_calls > most) {
			most = v->hour_calls;
			in->call_ms = (double)v->p50_us / 1000;
		}
	}
	in->calls_per_s = (double)calls / (double)(60 + now);
}

static void look_limits(struct engine *e, struct snapshot *s, const struct dispatcher_numbers *d)
{
	struct limits_in in = {.workers = (int)s->n_workers,
	    .jobs_waiting = (int)s->jobs_waiting,
	    .keys = (int)s->n_keys_usable,
	    .key_gap_s = settings_decimal(e->parts.settings, SET_RATE_DELAY, 0),
	    .units_left = s->units_left,
	    .units_per_day = s->units_per_day,
	    .reset_in_s = s->reset_at - s->made_at,
	    .service_open = d->breaker_open,
	    .writer_queued = s->process.writer_queued,
	    .writer_room = s->process.writer_room,
	    .writer_stalled = !s->staging_ok,
	    .commit_ms = (double)s->process.commit_p50_us / 1000};
	struct limits out;

	for (size_t i = 0; i < s->n_workers; i++) {
		const struct snapshot_worker *w = &s->workers[i];
		bool waits = strcmp(w->state, "slot wait") == 0;
		in.slot_wait += waits;
		in.calling += !waits && !look_is_resting(w->state);
		in.busy += w->busy / (double)s->n_workers;
	}
	for (size_t i = 0; i < s->n_jobs; i++) {
		const struct job_type *type = job_type_find(s->jobs[i].type);
		in.jobs_running += type && !type->run && strcmp(s->jobs[i].status, "running") == 0;
	}
	look_api_pace(s, &in);
	limits_judge(&in, &out);
	snprintf(s->limits.what, sizeof s->limits.what, "%s", limit_word(out.what));
	s->limits.more_threads = out.more_threads;
	s->limits.threads_per_s = out.threads_per_s;
	s->limits.keys_per_s = out.keys_per_s;
	s->limits.day_per_s = out.day_per_s;
	memcpy(s->limits.text, out.text, sizeof s->limits.text);
}

void engine_look_work_locked(struct engine *e, struct snapshot *s)
{
	struct dispatcher_numbers d = {.jobs_open = 0};

	if (e->parts.dispatcher) {
		dispatcher_numbers(e->parts.dispatcher, &d);
		look_workers(e, s);
	}
	look_services(e, s, &d);
	look_process(e, s);
	if (!e->parts.dispatcher)
		return;
	look_limits(e, s, &d);
	slow_mark(s);
}
