/* The Workers view as a resource: who does what, what limits, this process, whom it asks. */
#include "config.h"
#include "engine/engine_parts.h"
#include "engine/base/clock.h"
#include "engine/base/meter.h"

#include <stdio.h>
#include <string.h>

static json_t *work_worker(const struct snapshot *s, size_t i)
{
	const struct snapshot_worker *w = &s->workers[i];
	json_t *j = json_pack("{s:I,s:s,s:s,s:I,s:I,s:I,s:I,s:I,s:I,s:f,s:I,s:I,s:b}", "worker",
	    (json_int_t)i + 1, "state", w->state, "doing", w->doing, "state_ms",
	    (json_int_t)(s->mono_ms - w->since_ms), "chunks", (json_int_t)w->chunks, "calls",
	    (json_int_t)w->calls, "errors", (json_int_t)w->errors, "last_ms",
	    (json_int_t)w->last_ms, "p95_ms", (json_int_t)w->p95_ms, "busy", w->busy, "bytes",
	    (json_int_t)w->bytes, "restarts", (json_int_t)w->restarts, "stalled", w->stalled);

	if (j && w->job)
		json_object_set_new(j, "job", json_sprintf("J-%lld", (long long)w->job));
	return j;
}

static json_t *work_minutes(const uint32_t minutes[SNAPSHOT_HISTORY])
{
	json_t *list = json_array();

	for (int i = 0; i < SNAPSHOT_HISTORY; i++)
		json_array_append_new(list, json_integer(minutes[i]));
	return list;
}

static json_t *work_service(const struct snapshot_service *v)
{
	json_t *j = json_pack("{s:s,s:s,s:I,s:I,s:I,s:I,s:f,s:f,s:f,s:o}", "group", v->group,
	    "name", v->name, "calls", (json_int_t)v->calls, "errors", (json_int_t)v->errors,
	    "hour_calls", (json_int_t)v->hour_calls, "hour_errors", (json_int_t)v->hour_errors,
	    "p50_ms", (double)v->p50_us / 1000, "p95_ms", (double)v->p95_us / 1000, "most_ms",
	    (double)v->most_us / 1000, "minutes", work_minutes(v->minutes));

	if (j && v->breaker[0])
		json_object_set_new(j, "breaker", json_string(v->breaker));
	if (j && v->until) {
		json_object_set_new(j, "since", json_integer(v->since));
		json_object_set_new(j, "until", json_integer(v->until));
		json_object_set_new(j, "trouble", json_string(v->trouble));
	}
	return j;
}

/* Buckets that are not empty: from_ms (until the next one's), calls. */
static json_t *work_histogram(const struct meter *m)
{
	uint32_t counts[METER_BUCKETS];
	json_t *list = json_array();

	meter_histogram(m, clock_mono_ms(), counts);
	for (int i = 0; i < METER_BUCKETS; i++)
		if (counts[i])
			json_array_append_new(list,
			    json_pack("{s:f,s:f,s:I}", "from_ms", (double)meter_bucket_us(i) / 1000,
			        "to_ms", (double)meter_bucket_us(i + 1) / 1000, "calls",
			        (json_int_t)counts[i]));
	return list;
}

char *engine_service_json(struct engine *e, const char *name, struct errbuf *eb)
{
	const struct snapshot *s = engine_snapshot(e);
	json_t *j = NULL;

	for (size_t i = 0; s && i < s->n_services && !j; i++) {
		const struct snapshot_service *v = &s->services[i];
		if (strcmp(v->name, name) != 0)
			continue;
		j = work_service(v);
		json_object_set_new(j, "histogram",
		    work_histogram(meters_find(e->parts.meters, v->group, v->name)));
	}
	snapshot_unref(s);
	if (j)
		return engine_json_text(j, eb);
	err_set(eb, ERR_NOTFOUND, "there is no service \"%.60s\"", name);
	return NULL;
}

static json_t *work_process(const struct snapshot *s)
{
	const struct snapshot_process *p = &s->process;

	return json_pack("{s:I,s:I,s:f,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:f,s:f}", "pid",
	    (json_int_t)s->pid, "started_at", (json_int_t)s->started_at, "cpu", p->cpu, "rss_bytes",
	    (json_int_t)p->rss_bytes, "threads", (json_int_t)p->threads, "files",
	    (json_int_t)p->files, "files_limit", (json_int_t)p->files_limit, "log_queued",
	    (json_int_t)p->log_queued, "log_dropped", (json_int_t)p->log_dropped, "writer_queued",
	    (json_int_t)p->writer_queued, "writer_room", (json_int_t)p->writer_room,
	    "commit_p50_ms", (double)p->commit_p50_us / 1000, "commit_p95_ms",
	    (double)p->commit_p95_us / 1000);
}

static json_t *work_limits(const struct snapshot_limits *l)
{
	return json_pack("{s:s,s:s,s:b,s:f,s:f,s:f}", "what", l->what, "text", l->text,
	    "more_threads", l->more_threads, "threads_per_s", l->threads_per_s, "keys_per_s",
	    l->keys_per_s, "day_per_s", l->day_per_s);
}

char *engine_workers_json(struct engine *e, struct errbuf *eb)
{
	const struct snapshot *s = engine_snapshot(e);
	json_t *workers = json_array(), *services = json_array(), *j;

	for (size_t i = 0; s && i < s->n_workers; i++)
		json_array_append_new(workers, work_worker(s, i));
	for (size_t i = 0; s && i < s->n_services; i++)
		json_array_append_new(services, work_service(&s->services[i]));
	j = !s ? NULL
	       : json_pack("{s:O,s:I,s:o,s:o,s:O}", "workers", workers, "replaced",
	             (json_int_t)s->workers_replaced, "limits", work_limits(&s->limits), "process",
	             work_process(s), "services", services);
	json_decref(workers);
	json_decref(services);
	snapshot_unref(s);
	return engine_json_text(j, eb);
}
