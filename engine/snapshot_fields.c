/* The one table of all that a snapshot holds: a new member of snapshot.h is a new row here. */
#include "config.h"
#include "engine/snapshot_json.h"

#include <string.h>

#define MEMBER(type, member) (((struct type *)0)->member)
#define KIND_OF(value) \
	_Generic((value), int                                                                      \
	         : SNAPSHOT_I32, unsigned                                                          \
	         : SNAPSHOT_U32, long                                                              \
	         : SNAPSHOT_I64, long long                                                         \
	         : SNAPSHOT_I64, unsigned long                                                     \
	         : SNAPSHOT_U64, unsigned long long                                                \
	         : SNAPSHOT_U64, double                                                            \
	         : SNAPSHOT_DOUBLE, bool                                                           \
	         : SNAPSHOT_BOOL, char *                                                           \
	         : SNAPSHOT_TEXT)
#define ROW(type, member, what, one, line, count, shape)                                         \
	{                                                                                        \
#member, what, offsetof(struct type, member), sizeof(MEMBER(type, member)), one, \
		    line, count, shape                                                           \
	}

/* A number, a bool or a text. */
#define FIELD(type, member)                                                               \
	ROW(type, member, KIND_OF(MEMBER(type, member)), sizeof(MEMBER(type, member)), 0, \
	    SNAPSHOT_FULL, NULL)
/* Numbers: a[n], and a[n][m]. */
#define ARRAY(type, member)                                                                     \
	ROW(type, member, KIND_OF(MEMBER(type, member)[0]), sizeof(MEMBER(type, member)[0]), 0, \
	    SNAPSHOT_FULL, NULL)
#define MATRIX(type, member)                                                                       \
	ROW(type, member, KIND_OF(MEMBER(type, member)[0][0]), sizeof(MEMBER(type, member)[0][0]), \
	    sizeof(MEMBER(type, member)[0]), SNAPSHOT_FULL, NULL)
#define LEVEL(type, member) \
	ROW(type, member, SNAPSHOT_LEVEL, sizeof(enum log_level), 0, SNAPSHOT_FULL, NULL)
/* Structs: as many as `count`, another member, says; and all there are. */
#define LIST(type, member, count, shape)                                     \
	ROW(type, member, SNAPSHOT_LIST, sizeof(MEMBER(type, member)[0]), 0, \
	    offsetof(struct type, count), shape)
#define LIST_FULL(type, member, shape) \
	ROW(type, member, SNAPSHOT_LIST, sizeof(MEMBER(type, member)[0]), 0, SNAPSHOT_FULL, shape)
/* One struct inside another. */
#define GROUP(type, member, shape) \
	ROW(type, member, SNAPSHOT_LIST, sizeof(MEMBER(type, member)), 0, SNAPSHOT_FULL, shape)
#define SHAPE(type, rows)                                                      \
	{                                                                      \
#type, sizeof(struct type), rows, sizeof rows / sizeof rows[0] \
	}

static const struct snapshot_field day_rows[] = {
    FIELD(snapshot_day, units),
    FIELD(snapshot_day, failed),
};
static const struct snapshot_shape day_shape = SHAPE(snapshot_day, day_rows);

static const struct snapshot_field job_rows[] = {
    FIELD(snapshot_job, no),
    FIELD(snapshot_job, uuid),
    FIELD(snapshot_job, type),
    FIELD(snapshot_job, word),
    FIELD(snapshot_job, status),
    FIELD(snapshot_job, reason),
    FIELD(snapshot_job, wait),
    FIELD(snapshot_job, weight),
    FIELD(snapshot_job, until),
    FIELD(snapshot_job, total),
    FIELD(snapshot_job, processed),
    FIELD(snapshot_job, done),
    FIELD(snapshot_job, missing),
    FIELD(snapshot_job, absent),
    FIELD(snapshot_job, failed),
    FIELD(snapshot_job, pending),
    FIELD(snapshot_job, units),
    FIELD(snapshot_job, rate),
    FIELD(snapshot_job, eta),
    FIELD(snapshot_job, units_left),
    FIELD(snapshot_job, units_per_h),
    FIELD(snapshot_job, units_per_day),
    FIELD(snapshot_job, day_units_left),
    FIELD(snapshot_job, waits_its_turn),
    FIELD(snapshot_job, created_ms),
    FIELD(snapshot_job, started_ms),
    FIELD(snapshot_job, completed_ms),
    FIELD(snapshot_job, worked_ms),
    FIELD(snapshot_job, open),
};
static const struct snapshot_shape job_shape = SHAPE(snapshot_job, job_rows);

static const struct snapshot_field key_rows[] = {
    FIELD(snapshot_key, name),
    FIELD(snapshot_key, project),
    FIELD(snapshot_key, print),
    FIELD(snapshot_key, state),
    FIELD(snapshot_key, reason),
    FIELD(snapshot_key, used),
    FIELD(snapshot_key, limit),
    FIELD(snapshot_key, calls),
    FIELD(snapshot_key, errors),
    FIELD(snapshot_key, last_used),
    FIELD(snapshot_key, until),
    FIELD(snapshot_key, shares_project),
    LIST_FULL(snapshot_key, week, &day_shape),
    FIELD(snapshot_key, per_hour),
    FIELD(snapshot_key, spent_at),
};
static const struct snapshot_shape key_shape = SHAPE(snapshot_key, key_rows);

static const struct snapshot_field bucket_rows[] = {
    FIELD(snapshot_bucket, name),
    FIELD(snapshot_bucket, used),
    FIELD(snapshot_bucket, limit),
    FIELD(snapshot_bucket, left),
    FIELD(snapshot_bucket, per_hour),
    FIELD(snapshot_bucket, dry_at),
    FIELD(snapshot_bucket, state),
    FIELD(snapshot_bucket, until),
};
static const struct snapshot_shape bucket_shape = SHAPE(snapshot_bucket, bucket_rows);

static const struct snapshot_field project_rows[] = {
    FIELD(snapshot_project, name),
    FIELD(snapshot_project, state),
    FIELD(snapshot_project, reason),
    FIELD(snapshot_project, keys),
    FIELD(snapshot_project, usable),
    LIST_FULL(snapshot_project, buckets, &bucket_shape),
};
static const struct snapshot_shape project_shape = SHAPE(snapshot_project, project_rows);

static const struct snapshot_field stage_rows[] = {
    FIELD(snapshot_stage, name),
    FIELD(snapshot_stage, target),
    FIELD(snapshot_stage, done),
    FIELD(snapshot_stage, missing),
    FIELD(snapshot_stage, failed),
    FIELD(snapshot_stage, units_each),
    FIELD(snapshot_stage, measured),
    FIELD(snapshot_stage, units_left),
    FIELD(snapshot_stage, units_per_h),
    FIELD(snapshot_stage, items_per_day),
    FIELD(snapshot_stage, grows_per_day),
    FIELD(snapshot_stage, finish),
    FIELD(snapshot_stage, limit),
    FIELD(snapshot_stage, target_at),
    FIELD(snapshot_stage, is_late),
    FIELD(snapshot_stage, is_planned),
    FIELD(snapshot_stage, has_work),
    FIELD(snapshot_stage, share),
    FIELD(snapshot_stage, units_per_day),
    FIELD(snapshot_stage, spent),
    FIELD(snapshot_stage, left_today),
    FIELD(snapshot_stage, lent),
    FIELD(snapshot_stage, dry_at),
};
static const struct snapshot_shape stage_shape = SHAPE(snapshot_stage, stage_rows);

static const struct snapshot_field worker_rows[] = {
    FIELD(snapshot_worker, state),
    FIELD(snapshot_worker, since_ms),
    FIELD(snapshot_worker, job),
    FIELD(snapshot_worker, chunks),
    FIELD(snapshot_worker, errors),
    FIELD(snapshot_worker, last_ms),
    FIELD(snapshot_worker, bytes),
    FIELD(snapshot_worker, restarts),
    FIELD(snapshot_worker, stalled),
    FIELD(snapshot_worker, doing),
    FIELD(snapshot_worker, until_ms),
    FIELD(snapshot_worker, calls),
    FIELD(snapshot_worker, p95_ms),
    FIELD(snapshot_worker, busy),
};
static const struct snapshot_shape worker_shape = SHAPE(snapshot_worker, worker_rows);

static const struct snapshot_field service_rows[] = {
    FIELD(snapshot_service, group),
    FIELD(snapshot_service, name),
    FIELD(snapshot_service, breaker),
    FIELD(snapshot_service, trouble),
    FIELD(snapshot_service, since),
    FIELD(snapshot_service, until),
    FIELD(snapshot_service, calls),
    FIELD(snapshot_service, errors),
    FIELD(snapshot_service, hour_calls),
    FIELD(snapshot_service, hour_errors),
    FIELD(snapshot_service, recent_calls),
    FIELD(snapshot_service, recent_errors),
    FIELD(snapshot_service, p50_us),
    FIELD(snapshot_service, p95_us),
    FIELD(snapshot_service, most_us),
    ARRAY(snapshot_service, minutes),
};
static const struct snapshot_shape service_shape = SHAPE(snapshot_service, service_rows);

static const struct snapshot_field process_rows[] = {
    FIELD(snapshot_process, cpu),
    FIELD(snapshot_process, rss_bytes),
    FIELD(snapshot_process, threads),
    FIELD(snapshot_process, files),
    FIELD(snapshot_process, files_limit),
    FIELD(snapshot_process, log_queued),
    FIELD(snapshot_process, log_dropped),
    FIELD(snapshot_process, writer_queued),
    FIELD(snapshot_process, writer_room),
    FIELD(snapshot_process, commit_p50_us),
    FIELD(snapshot_process, commit_p95_us),
};
static const struct snapshot_shape process_shape = SHAPE(snapshot_process, process_rows);

static const struct snapshot_field alert_rows[] = {
    FIELD(snapshot_alert, id),
    FIELD(snapshot_alert, kind),
    FIELD(snapshot_alert, level),
    FIELD(snapshot_alert, subject),
    FIELD(snapshot_alert, text),
    FIELD(snapshot_alert, help),
    FIELD(snapshot_alert, person),
    FIELD(snapshot_alert, acked),
    FIELD(snapshot_alert, since),
    FIELD(snapshot_alert, until),
};
static const struct snapshot_shape alert_shape = SHAPE(snapshot_alert, alert_rows);

static const struct snapshot_field blocked_rows[] = {
    FIELD(snapshot_blocked, what),
    FIELD(snapshot_blocked, state),
    FIELD(snapshot_blocked, why),
    FIELD(snapshot_blocked, help),
    FIELD(snapshot_blocked, until),
    FIELD(snapshot_blocked, person),
};
static const struct snapshot_shape blocked_shape = SHAPE(snapshot_blocked, blocked_rows);

static const struct snapshot_field facts_rows[] = {
    FIELD(snapshot_facts, disk_free),
    FIELD(snapshot_facts, disk_growth),
    FIELD(snapshot_facts, pg_since),
    FIELD(snapshot_facts, pg_retry_at),
    FIELD(snapshot_facts, pg_tries),
    FIELD(snapshot_facts, pg_last_ok),
    FIELD(snapshot_facts, outbox_since),
    FIELD(snapshot_facts, redis_since),
    FIELD(snapshot_facts, redis_retry_at),
    FIELD(snapshot_facts, redis_tries),
    FIELD(snapshot_facts, redis_last_ok),
    FIELD(snapshot_facts, spent_at),
    FIELD(snapshot_facts, clock_ahead),
    FIELD(snapshot_facts, clock_at),
    FIELD(snapshot_facts, crashed),
    FIELD(snapshot_facts, crashed_jobs),
};
static const struct snapshot_shape facts_shape = SHAPE(snapshot_facts, facts_rows);

static const struct snapshot_field limits_rows[] = {
    FIELD(snapshot_limits, what),
    FIELD(snapshot_limits, more_threads),
    FIELD(snapshot_limits, threads_per_s),
    FIELD(snapshot_limits, keys_per_s),
    FIELD(snapshot_limits, day_per_s),
    FIELD(snapshot_limits, text),
};
static const struct snapshot_shape limits_shape = SHAPE(snapshot_limits, limits_rows);

static const struct snapshot_field node_rows[] = {
    FIELD(snapshot_node, id),
    FIELD(snapshot_node, name),
    FIELD(snapshot_node, host),
    FIELD(snapshot_node, version),
    FIELD(snapshot_node, role),
    FIELD(snapshot_node, state),
    FIELD(snapshot_node, redis),
    FIELD(snapshot_node, trouble),
    FIELD(snapshot_node, is_here),
    FIELD(snapshot_node, leads),
    FIELD(snapshot_node, stopped),
    FIELD(snapshot_node, started_at),
    FIELD(snapshot_node, seen_at),
    FIELD(snapshot_node, leases),
    FIELD(snapshot_node, items_per_s),
    FIELD(snapshot_node, units_per_h),
    FIELD(snapshot_node, outbox),
    FIELD(snapshot_node, lag_s),
    FIELD(snapshot_node, workers),
    FIELD(snapshot_node, units_used),
    FIELD(snapshot_node, clock_ahead),
};
static const struct snapshot_shape node_shape = SHAPE(snapshot_node, node_rows);

static const struct snapshot_field cluster_rows[] = {
    FIELD(snapshot_cluster, on),
    FIELD(snapshot_cluster, ok),
    FIELD(snapshot_cluster, trouble),
    FIELD(snapshot_cluster, asked_at),
    FIELD(snapshot_cluster, up),
    FIELD(snapshot_cluster, gone),
    FIELD(snapshot_cluster, has_leader),
    FIELD(snapshot_cluster, items_per_s),
    FIELD(snapshot_cluster, units_per_h),
    FIELD(snapshot_cluster, leases),
    FIELD(snapshot_cluster, outbox),
    FIELD(snapshot_cluster, units_used),
    FIELD(snapshot_cluster, units_per_day),
    FIELD(snapshot_cluster, units_left),
    ARRAY(snapshot_cluster, hours),
};
static const struct snapshot_shape cluster_shape = SHAPE(snapshot_cluster, cluster_rows);

static const struct snapshot_field minute_rows[] = {
    FIELD(snapshot_minute, units),
    FIELD(snapshot_minute, items),
    FIELD(snapshot_minute, errors),
    FIELD(snapshot_minute, rows),
};
static const struct snapshot_shape minute_shape = SHAPE(snapshot_minute, minute_rows);

static const struct snapshot_field reply_rows[] = {
    FIELD(snapshot_reply, id),
    FIELD(snapshot_reply, ok),
    FIELD(snapshot_reply, text),
};
static const struct snapshot_shape reply_shape = SHAPE(snapshot_reply, reply_rows);

static const struct snapshot_field line_rows[] = {
    FIELD(log_line, seq),
    FIELD(log_line, at_ms),
    LEVEL(log_line, level),
    FIELD(log_line, job),
    FIELD(log_line, source),
    FIELD(log_line, text),
};
static const struct snapshot_shape line_shape = SHAPE(log_line, line_rows);

static const struct snapshot_field snapshot_rows[] = {
    FIELD(snapshot, seq),
    FIELD(snapshot, made_at),
    FIELD(snapshot, mono_ms),
    FIELD(snapshot, version),
    FIELD(snapshot, node),
    FIELD(snapshot, pid),
    FIELD(snapshot, started_at),
    FIELD(snapshot, draining),
    FIELD(snapshot, channels),
    MATRIX(snapshot, items),
    FIELD(snapshot, videos),
    FIELD(snapshot, unresolved),
    LIST(snapshot, jobs, n_jobs, &job_shape),
    FIELD(snapshot, jobs_running),
    FIELD(snapshot, jobs_pending),
    FIELD(snapshot, jobs_waiting),
    FIELD(snapshot, jobs_paused),
    FIELD(snapshot, jobs_interrupted),
    FIELD(snapshot, jobs_failed),
    LIST(snapshot, keys, n_keys, &key_shape),
    FIELD(snapshot, n_keys_usable),
    FIELD(snapshot, units_left),
    FIELD(snapshot, units_per_day),
    FIELD(snapshot, units_used),
    FIELD(snapshot, reset_at),
    FIELD(snapshot, day_start),
    LIST(snapshot, stages, n_stages, &stage_shape),
    FIELD(snapshot, plan_lend),
    FIELD(snapshot, plan_pace),
    LIST(snapshot, projects, n_projects, &project_shape),
    ARRAY(snapshot, hours),
    FIELD(snapshot, n_hours),
    FIELD(snapshot, units_failed),
    FIELD(snapshot, units_left_over),
    FIELD(snapshot, day_gone),
    FIELD(snapshot, day_spent),
    FIELD(snapshot, dry_at),
    FIELD(snapshot, idle_s),
    ARRAY(snapshot, due_videos),
    LIST(snapshot, workers, n_workers, &worker_shape),
    FIELD(snapshot, workers_replaced),
    GROUP(snapshot, limits, &limits_shape),
    GROUP(snapshot, process, &process_shape),
    LIST(snapshot, services, n_services, &service_shape),
    LIST_FULL(snapshot, minutes, &minute_shape),
    FIELD(snapshot, items_per_s),
    FIELD(snapshot, units_per_h),
    GROUP(snapshot, cluster, &cluster_shape),
    LIST(snapshot, nodes, n_nodes, &node_shape),
    GROUP(snapshot, facts, &facts_shape),
    LIST(snapshot, alerts, n_alerts, &alert_shape),
    FIELD(snapshot, alerts_person),
    FIELD(snapshot, bell),
    LIST(snapshot, blocked, n_blocked, &blocked_shape),
    FIELD(snapshot, api_seen),
    FIELD(snapshot, api_ok),
    FIELD(snapshot, api_ms),
    FIELD(snapshot, api_trouble),
    FIELD(snapshot, pg_configured),
    FIELD(snapshot, pg_ok),
    FIELD(snapshot, redis_configured),
    FIELD(snapshot, redis_ok),
    FIELD(snapshot, redis_place),
    FIELD(snapshot, redis_trouble),
    FIELD(snapshot, pg_trouble),
    FIELD(snapshot, outbox),
    FIELD(snapshot, pg_rows),
    FIELD(snapshot, staging_ok),
    FIELD(snapshot, staging_trouble),
    FIELD(snapshot, staging_bytes),
    FIELD(snapshot, wal_bytes),
    FIELD(snapshot, commit_us),
    FIELD(snapshot, listen),
    LIST(snapshot, log, n_log, &line_shape),
    FIELD(snapshot, log_errors),
    FIELD(snapshot, log_oldest),
    FIELD(snapshot, log_newest),
    LIST(snapshot, replies, n_replies, &reply_shape),
};
static const struct snapshot_shape snapshot_rows_shape = SHAPE(snapshot, snapshot_rows);

const struct snapshot_shape *snapshot_shape(void)
{
	return &snapshot_rows_shape;
}

const struct snapshot_field *snapshot_field_find(const struct snapshot_shape *of, const char *name)
{
	for (size_t i = 0; i < of->n; i++)
		if (strcmp(of->fields[i].name, name) == 0)
			return &of->fields[i];
	return NULL;
}
