/* What the original told of itself: system status, Redis, workers, keys; in its shapes. */
#include "config.h"
#include "engine/engine_redis.h"
#include "engine/engine_report.h"
#include "engine/base/clock.h"
#include "engine/base/str.h"
#include "engine/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ORIGINAL_RECENT = 10, ORIGINAL_DAY_S = 86400 };

/* ---- Redis ---- */

static json_t *original_redis(struct engine *e)
{
	if (e->redis)
		return redis_probe_json(e->redis);
	return json_pack(
	    "{s:s,s:s}", "status", "error", "message", "this process does not look after Redis");
}

/* ---- keys ---- */

/* The original's ids were UUIDs; a key's number stands at the end of one. */
static json_t *original_key_id(int64_t id)
{
	char text[UUID_TEXT + 1];
	struct uuid u = {.b = {[6] = 0x80, [8] = 0x80}};

	for (int i = 0; i < 6; i++)
		u.b[15 - i] = (unsigned char)(id >> 8 * i);
	return json_string(uuid_format(&u, text));
}

/* Neither beginning nor end of a key are shown, as they were: its fingerprint tells keys apart. */
static json_t *original_key(const struct ledger_key *k)
{
	char masked[32];

	snprintf(masked, sizeof masked, "********...%s", k->print);
	return json_pack("{s:o,s:s,s:s,s:s,s:I,s:I,s:b,s:o}", "id", original_key_id(k->id),
	    "key_name", k->name, "service", "youtube", "api_key", masked, "quota_limit",
	    (json_int_t)k->limit[BUCKET_UNITS], "quota_used", (json_int_t)k->used[BUCKET_UNITS],
	    "is_active", k->state != KEY_OFF && k->state != KEY_REFUSED, "last_used",
	    report_time(k->last_used));
}

char *engine_api_keys_json(struct engine *e, struct errbuf *eb)
{
	struct ledger_key none;
	size_t room = ledger_keys(e->parts.ledger, &none, 0), n;
	struct ledger_key *keys = calloc(room + 1, sizeof *keys);
	json_t *list = json_array();

	n = keys ? ledger_keys(e->parts.ledger, keys, room) : 0;
	for (size_t i = 0; i < n && i < room; i++)
		json_array_append_new(list, original_key(&keys[i]));
	free(keys);
	return engine_json_text(list, eb);
}

static json_t *original_active_keys(const struct snapshot *s)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->n_keys; i++) {
		const struct snapshot_key *k = &s->keys[i];
		if (report_key_is_active(k))
			json_array_append_new(list,
			    json_pack("{s:s,s:I,s:I,s:o,s:o}", "key_name", k->name, "quota_used",
			        (json_int_t)k->used, "quota_limit", (json_int_t)k->limit,
			        "usage_percentage",
			        k->limit > 0 ? json_real((double)k->used / (double)k->limit * 100)
			                     : json_integer(0),
			        "last_used", report_time(k->last_used)));
	}
	return list;
}

/* ---- jobs ---- */

struct original_jobs {
	struct engine *engine;
	json_t *recent;
	int64_t since_ms, completed;
};

static enum err original_job(void *arg, const struct job_row *stored, struct errbuf *eb)
{
	struct original_jobs *o = arg;
	struct job_row row = *stored;
	char uuid[UUID_TEXT + 1];

	(void)eb;
	if (job_status_is_open(row.status))
		engine_job_live(o->engine, &row);
	o->completed += row.status == JOB_COMPLETED && row.completed_ms >= o->since_ms;
	if (json_array_size(o->recent) < ORIGINAL_RECENT)
		json_array_append_new(o->recent,
		    json_pack("{s:s,s:s,s:s,s:o,s:o,s:o}", "job_id", uuid_format(&row.uuid, uuid),
		        "job_type", row.type, "status", job_status_word(row.status), "progress",
		        report_progress(&row), "created_at", report_time_ms(row.created_ms),
		        "completed_at", report_time_ms(row.completed_ms)));
	return ERR_OK;
}

char *engine_system_status_json(struct engine *e, struct errbuf *eb)
{
	int64_t now = clock_now();
	struct original_jobs jobs = {
	    .engine = e, .recent = json_array(), .since_ms = (now - now % ORIGINAL_DAY_S) * 1000};
	const struct snapshot *s = engine_snapshot(e);
	json_t *stats = s ? report_stats(s) : NULL, *j = NULL;
	enum err err;

	pthread_mutex_lock(&e->look);
	err = staging_jobs_each(e->reader, JOB_STATUS_COUNT, 0, original_job, &jobs, eb);
	pthread_mutex_unlock(&e->look);
	if (stats)
		json_object_set_new(stats, "completed_jobs_today", json_integer(jobs.completed));
	if (!err && s)
		j = json_pack("{s:O,s:o,s:o,s:O,s:s,s:o}", "stats", stats, "redis_status",
		    original_redis(e), "api_keys", original_active_keys(s), "recent_jobs",
		    jobs.recent, "environment",
		    settings_text(e->parts.settings, SET_ENVIRONMENT, 0), "timestamp",
		    report_time_ms(clock_now_ms()));
	snapshot_unref(s);
	json_decref(stats);
	json_decref(jobs.recent);
	return err ? NULL : engine_json_text(j, eb);
}

/* ---- workers ---- */

static json_t *original_worker(const struct snapshot *s, size_t i, double load)
{
	const struct snapshot_worker *w = &s->workers[i];
	char name[96];

	snprintf(name, sizeof name, "worker-%zu@%s", i + 1, s->node);
	return json_pack("{s:s,s:s,s:I,s:i,s:i,s:f}", "worker", name, "status", "online",
	    "processed_tasks", (json_int_t)w->chunks, "active_tasks",
	    strcmp(w->state, "idle") != 0 && strcmp(w->state, "stopped") != 0, "scheduled_tasks", 0,
	    "load_avg", load);
}

/* Where chunks come from: Redis when there is one, without its password; else this process. */
static json_t *original_broker(const struct engine *e)
{
	const struct secret *url = settings_secret(e->parts.settings, SET_REDIS_URL, 0);
	const char *text = url ? secret_reveal(url) : "memory://";
	const char *scheme = strstr(text, "://"), *at = strrchr(text, '@');
	struct str shown;
	json_t *j;

	str_init(&shown, 4096);
	if (scheme && at && at > scheme)
		str_addf(&shown, "%.*s***%s", (int)(scheme + 3 - text), text, at);
	else
		str_adds(&shown, text);
	j = json_string(str_get(&shown));
	str_done(&shown);
	return j;
}

char *engine_worker_status_json(struct engine *e, struct errbuf *eb)
{
	const struct snapshot *s = engine_snapshot(e);
	json_t *list = json_array(), *j = NULL;
	double load = 0;

	if (getloadavg(&load, 1) != 1)
		load = 0;
	for (size_t i = 0; s && i < s->n_workers; i++)
		json_array_append_new(list, original_worker(s, i, load));
	if (s)
		j = json_pack("{s:O,s:I,s:o,s:o}", "workers", list, "total_workers",
		    (json_int_t)s->n_workers, "broker_url", original_broker(e), "timestamp",
		    report_time_ms(clock_now_ms()));
	snapshot_unref(s);
	json_decref(list);
	return engine_json_text(j, eb);
}
