/* JSON for REST and --json, in the shapes that scripts know. */
#include "config.h"
#include "engine/engine_look_plan.h"
#include "engine/engine_redis.h"
#include "engine/engine_report.h"
#include "engine/jobs/job_numbers.h"
#include "engine/base/clock.h"
#include "engine/base/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *engine_json_text(json_t *j, struct errbuf *eb)
{
	char *text = j ? json_dumps(j, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENSURE_ASCII |
	                                   JSON_ENCODE_ANY | JSON_REAL_PRECISION(15))
	               : NULL;

	json_decref(j);
	if (!text)
		err_set(eb, ERR_NOMEM, "out of memory");
	return text;
}

json_t *report_time_ms(int64_t ms)
{
	char iso[CLOCK_ISO_SIZE];

	return ms ? json_string(clock_iso_naive_ms(ms, iso)) : json_null();
}

json_t *report_time(int64_t s)
{
	return report_time_ms(s * 1000);
}

/* A number that is not known is null. */
static json_t *report_known(int64_t n)
{
	return n < 0 ? json_null() : json_integer(n);
}

/* ---- stats ---- */

bool report_key_is_active(const struct snapshot_key *k)
{
	return strcmp(k->state, "off") != 0 && strcmp(k->state, "refused") != 0;
}

json_t *report_stats(const struct snapshot *s)
{
	int64_t active = 0;

	for (size_t i = 0; i < s->n_keys; i++)
		active += report_key_is_active(&s->keys[i]);
	return json_pack("{s:I,s:I,s:I,s:I,s:I,s:I,s:I}", "total_channels", (json_int_t)s->channels,
	    "channels_with_metadata", (json_int_t)s->items[OP_METADATA][ITEM_DONE],
	    "channels_with_videos", (json_int_t)s->items[OP_VIDEOS][ITEM_DONE], "total_videos",
	    (json_int_t)s->videos, "active_api_keys", (json_int_t)active, "pending_jobs",
	    (json_int_t)(s->jobs_pending + s->jobs_waiting + s->jobs_paused + s->jobs_interrupted),
	    "running_jobs", (json_int_t)s->jobs_running);
}

char *engine_stats_json(struct engine *e, struct errbuf *eb)
{
	const struct snapshot *s = engine_snapshot(e);
	json_t *j = s ? report_stats(s) : NULL;

	snapshot_unref(s);
	return engine_json_text(j, eb);
}

/* ---- redis ---- */

char *engine_redis_test_json(struct engine *e, struct errbuf *eb)
{
	if (!e->redis) {
		err_set(eb, ERR_UNAVAIL, "this process does not look after Redis");
		return NULL;
	}
	return engine_json_text(redis_probe_json(e->redis), eb);
}

/* ---- jobs ---- */

/* Live numbers where the job is at work in this process. */
void engine_job_live(struct engine *e, struct job_row *row)
{
	struct dispatcher_job live;

	engine_job_truth(e, row);
	if (e->parts.dispatcher && dispatcher_job_get(e->parts.dispatcher, row->no, &live))
		*row = live.row;
}

json_t *engine_job_row(const struct job_row *r)
{
	char uuid[UUID_TEXT + 1], name[32];
	json_t *j = json_object();

	snprintf(name, sizeof name, "J-%lld", (long long)r->no);
	json_object_set_new(j, "job_id", json_string(uuid_format(&r->uuid, uuid)));
	json_object_set_new(j, "number", json_string(name));
	json_object_set_new(j, "job_type", json_string(r->type));
	json_object_set_new(j, "status", json_string(job_status_word(r->status)));
	json_object_set_new(j, "total_items", report_known(r->total));
	json_object_set_new(j, "processed_items", json_integer(r->processed));
	json_object_set_new(j, "created_at", report_time_ms(r->created_ms));
	json_object_set_new(j, "started_at", report_time_ms(r->started_ms));
	json_object_set_new(j, "completed_at", report_time_ms(r->completed_ms));
	return j;
}

json_t *report_progress(const struct job_row *r)
{
	if (r->total <= 0)
		return json_integer(0);
	return json_real((double)r->processed / (double)r->total * 100);
}

static json_t *report_job_whole(const struct job_row *r)
{
	json_t *j = engine_job_row(r);
	bool says = r->status == JOB_FAILED || r->status == JOB_CANCELLED;

	json_object_set_new(j, "progress", report_progress(r));
	json_object_set_new(j, "error_message", says ? json_string(r->reason) : json_null());
	json_object_set_new(j, "reason", *r->reason ? json_string(r->reason) : json_null());
	json_object_set_new(j, "until", report_time(r->until));
	json_object_set_new(j, "done", json_integer(r->done));
	json_object_set_new(j, "missing", json_integer(r->missing));
	json_object_set_new(j, "absent_once", json_integer(r->absent));
	json_object_set_new(j, "failed", json_integer(r->failed));
	json_object_set_new(j, "units_used", json_integer(r->units));
	return j;
}

json_t *engine_job_object(struct engine *e, struct job_row *row)
{
	engine_job_live(e, row);
	return report_job_whole(row);
}

struct report_list {
	struct engine *engine;
	json_t *array;
	enum job_status status;
	int64_t left;
};

static enum err report_job_row(void *arg, const struct job_row *stored, struct errbuf *eb)
{
	struct report_list *l = arg;
	struct job_row row = *stored;

	(void)eb;
	if (job_status_is_open(row.status))
		engine_job_live(l->engine, &row);
	if (l->status != JOB_STATUS_COUNT && row.status != l->status)
		return ERR_OK;
	if (l->left-- <= 0)
		return ERR_CANCELLED;
	json_array_append_new(l->array, engine_job_row(&row));
	return ERR_OK;
}

char *engine_jobs_json(struct engine *e, const char *status, int64_t limit, struct errbuf *eb)
{
	struct report_list l = {
	    .engine = e, .array = json_array(), .status = JOB_STATUS_COUNT, .left = limit};
	enum err err = ERR_OK;

	/* an unknown status names no job: an empty list, as the original answered */
	if (status && *status && !job_status_parse(status, &l.status))
		return engine_json_text(l.array, eb);
	pthread_mutex_lock(&e->look);
	if (limit > 0)
		err = staging_jobs_each(e->reader, JOB_STATUS_COUNT, 0, report_job_row, &l, eb);
	pthread_mutex_unlock(&e->look);
	if (err) {
		json_decref(l.array);
		return NULL;
	}
	return engine_json_text(l.array, eb);
}

/* How fast it is and when it will end, as screens show it. */
static void report_pace(struct engine *e, int64_t no, json_t *j)
{
	const struct snapshot *s = engine_snapshot(e);
	const struct snapshot_job *job = NULL;

	for (size_t i = 0; s && i < s->n_jobs && !job; i++)
		if (s->jobs[i].no == no)
			job = &s->jobs[i];
	json_object_set_new(j, "rate", json_real(job ? job->rate : 0));
	json_object_set_new(j, "eta", report_time(job ? job->eta : 0));
	snapshot_unref(s);
}

char *engine_job_json(struct engine *e, const char *job, struct errbuf *eb)
{
	json_t *numbers = json_object(), *j;
	struct job_row row;
	char *params = NULL;
	int64_t no = 0;
	enum err err;

	pthread_mutex_lock(&e->look);
	err = engine_job_no_locked(e, job, &no, eb);
	if (err == ERR_NOTFOUND)
		err_set(eb, err, "Job not found");
	if (!err)
		err = staging_job_get(e->reader, no, &row, &params, eb);
	if (!err) {
		json_object_set_new(numbers, "units_used", json_integer(row.units));
		json_object_set_new(numbers, "processed", json_integer(row.processed));
		err = job_numbers_read(e->reader, no, job_type_find(row.type), numbers, eb);
	}
	pthread_mutex_unlock(&e->look);
	if (err) {
		free(params);
		json_decref(numbers);
		return NULL;
	}
	j = engine_job_object(e, &row);
	report_pace(e, no, j);
	json_object_set_new(j, "params", params ? json_loads(params, 0, NULL) : json_null());
	json_object_set_new(j, "numbers", numbers);
	free(params);
	return engine_json_text(j, eb);
}

/* ---- status and keys ---- */

static json_t *report_key(const struct snapshot_key *k)
{
	return json_pack("{s:s,s:s,s:s,s:s,s:s,s:I,s:I,s:I,s:I,s:o,s:o}", "name", k->name,
	    "project", k->project, "print", k->print, "state", k->state, "reason", k->reason,
	    "used", (json_int_t)k->used, "limit", (json_int_t)k->limit, "calls",
	    (json_int_t)k->calls, "errors", (json_int_t)k->errors, "last_used",
	    report_time(k->last_used), "until", report_time(k->until));
}

static json_t *report_keys(const struct snapshot *s)
{
	json_t *keys = json_array();

	for (size_t i = 0; i < s->n_keys; i++)
		json_array_append_new(keys, report_key(&s->keys[i]));
	return keys;
}

char *engine_keys_json(struct engine *e, struct errbuf *eb)
{
	const struct snapshot *s = engine_snapshot(e);
	json_t *keys = s ? report_keys(s) : NULL;

	snapshot_unref(s);
	return engine_json_text(keys, eb);
}

static json_t *report_items(const struct snapshot *s)
{
	json_t *all = json_object();

	for (int op = 0; op < OP_COUNT; op++) {
		json_t *one = json_object();
		for (int st = 0; st < ITEM_STATE_COUNT; st++)
			json_object_set_new(one, item_state_word((enum item_state)st),
			    json_integer(s->items[op][st]));
		json_object_set_new(all, op_word((enum op)op), one);
	}
	return all;
}

static json_t *report_status_jobs(const struct snapshot *s)
{
	json_t *jobs = json_array();

	for (size_t i = 0; i < s->n_jobs && i < 20; i++) {
		const struct snapshot_job *j = &s->jobs[i];
		char name[32];
		snprintf(name, sizeof name, "J-%lld", (long long)j->no);
		json_array_append_new(
		    jobs, json_pack("{s:s,s:s,s:s,s:s,s:s,s:o,s:I,s:I,s:I,s:I,s:I,s:f,s:o,s:o}",
		              "number", name, "job_id", j->uuid, "type", j->type, "status",
		              j->status, "reason", j->reason, "total", report_known(j->total),
		              "processed", (json_int_t)j->processed, "done", (json_int_t)j->done,
		              "missing", (json_int_t)j->missing, "failed", (json_int_t)j->failed,
		              "units_used", (json_int_t)j->units, "rate", j->rate, "until",
		              report_time(j->until), "eta", report_time(j->eta)));
	}
	return jobs;
}

static json_t *report_workers(const struct snapshot *s)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->n_workers; i++) {
		const struct snapshot_worker *w = &s->workers[i];
		json_array_append_new(
		    list, json_pack("{s:s,s:I,s:I,s:I,s:I,s:I,s:I,s:b}", "state", w->state, "job",
		              (json_int_t)w->job, "chunks", (json_int_t)w->chunks, "errors",
		              (json_int_t)w->errors, "last_ms", (json_int_t)w->last_ms, "bytes",
		              (json_int_t)w->bytes, "restarts", (json_int_t)w->restarts, "stalled",
		              w->stalled));
	}
	return json_pack("{s:I,s:o}", "replaced", (json_int_t)s->workers_replaced, "list", list);
}

/* Sums of all projects by the bucket's name. */
static json_t *report_buckets(const struct snapshot *s)
{
	json_t *all = json_object();

	for (int b = 0; b < SNAPSHOT_BUCKETS && s->n_projects; b++) {
		struct snapshot_bucket sum = {0};
		for (size_t i = 0; i < s->n_projects; i++) {
			sum.used += s->projects[i].buckets[b].used;
			sum.limit += s->projects[i].buckets[b].limit;
			sum.left += s->projects[i].buckets[b].left;
		}
		json_object_set_new(all, s->projects[0].buckets[b].name,
		    json_pack("{s:I,s:I,s:I}", "used", (json_int_t)sum.used, "left",
		        (json_int_t)sum.left, "per_day", (json_int_t)sum.limit));
	}
	return all;
}

char *engine_status_of_json(const struct snapshot *s, struct errbuf *eb)
{
	json_t *j =
	    json_pack("{s:s,s:s,s:o,s:I,s:I,s:I,s:o,s:o,s:o}", "version", s->version, "node",
	        s->node, "timestamp", report_time(s->made_at), "channels", (json_int_t)s->channels,
	        "videos", (json_int_t)s->videos, "unresolved", (json_int_t)s->unresolved, "items",
	        report_items(s), "keys", report_keys(s), "jobs", report_status_jobs(s));
	json_object_set_new(j, "quota",
	    json_pack("{s:I,s:I,s:I,s:o,s:o}", "units_used", (json_int_t)s->units_used,
	        "units_left", (json_int_t)s->units_left, "units_per_day",
	        (json_int_t)s->units_per_day, "reset_at", report_time(s->reset_at), "buckets",
	        report_buckets(s)));
	json_object_set_new(j, "plan", plan_report(s));
	json_object_set_new(j, "workers", report_workers(s));
	json_object_set_new(j, "postgres",
	    json_pack("{s:b,s:b,s:I,s:s}", "configured", s->pg_configured, "ok", s->pg_ok, "outbox",
	        (json_int_t)s->outbox, "trouble", s->pg_trouble));
	json_object_set_new(j, "staging",
	    json_pack("{s:b,s:I,s:s}", "ok", s->staging_ok, "bytes",
	        (json_int_t)(s->staging_bytes + s->wal_bytes), "trouble", s->staging_trouble));
	if (s->cluster.on)
		json_object_set_new(j, "cluster", report_cluster(s));
	return engine_json_text(j, eb);
}

char *engine_status_json(struct engine *e, struct errbuf *eb)
{
	const struct snapshot *s = engine_snapshot(e);
	char *text = s ? engine_status_of_json(s, eb) : NULL;

	if (!s)
		err_set(eb, ERR_NOMEM, "out of memory");
	snapshot_unref(s);
	return text;
}
