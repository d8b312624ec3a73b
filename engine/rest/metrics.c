#include "config.h"
#include "engine/rest/metrics.h"
#include "engine/base/text.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* A metric family: one number, or a function that writes its samples. */
struct metric {
	const char *name, *type, *unit, *help; /* unit: the end of the name, or "" */
	double (*value)(const struct snapshot *s, const struct rest_numbers *n);
	void (*samples)(const struct metric *m, const struct snapshot *s,
	    const struct rest_numbers *n, struct str *out);
};

/* ---- writing ---- */

static void metric_number(struct str *out, double v)
{
	if (isnan(v) || isinf(v))
		str_adds(out, "NaN\n");
	else if (fabs(v) < 1e15 && v == (double)(int64_t)v)
		str_addf(out, "%" PRId64 "\n", (int64_t)v);
	else
		str_addf(out, "%.17g\n", v);
}

static const char *metric_suffix(const struct metric *m)
{
	return strcmp(m->type, "counter") == 0 ? "_total"
	       : strcmp(m->type, "info") == 0  ? "_info"
	                                       : "";
}

/* name="value" with \, " and line feeds escaped. */
static void metric_label(struct str *out, const char *name, const char *value)
{
	struct str clean;

	str_init(&clean, 3 * strlen(value) + 1);
	text_clean(value, strlen(value), &clean);
	str_addf(out, "%s=\"", name);
	for (const char *p = str_get(&clean); *p; p++) {
		if (*p == '\n')
			str_adds(out, "\\n");
		else if (*p == '"' || *p == '\\')
			str_addf(out, "\\%c", *p);
		else
			str_addc(out, *p);
	}
	str_addc(out, '"');
	str_done(&clean);
}

struct metric_labels {
	const char *name, *value;
};

static void metric_sample(struct str *out, const struct metric *m,
    const struct metric_labels *labels, size_t n, double value)
{
	str_addf(out, "%s%s", m->name, metric_suffix(m));
	for (size_t i = 0; i < n; i++) {
		str_addc(out, i ? ',' : '{');
		metric_label(out, labels[i].name, labels[i].value);
	}
	str_adds(out, n ? "} " : " ");
	metric_number(out, value);
}

/* ---- one number each ---- */

#define METRIC_OF(function, expression)                                                \
	static double function(const struct snapshot *s, const struct rest_numbers *n) \
	{                                                                              \
		(void)s;                                                               \
		(void)n;                                                               \
		return (double)(expression);                                           \
	}
METRIC_OF(value_started, s->started_at)
METRIC_OF(value_channels, s->channels)
METRIC_OF(value_videos, s->videos)
METRIC_OF(value_unresolved, s->unresolved)
METRIC_OF(value_units_used, s->units_used)
METRIC_OF(value_units_left, s->units_left)
METRIC_OF(value_units_per_day, s->units_per_day)
METRIC_OF(value_reset, s->reset_at)
METRIC_OF(value_keys_usable, s->n_keys_usable)
METRIC_OF(value_replaced, s->workers_replaced)
METRIC_OF(value_items_rate, s->items_per_s)
METRIC_OF(value_units_rate, s->units_per_h / 3600)
METRIC_OF(value_api_up, !s->api_seen || s->api_ok)
METRIC_OF(value_api_call, (double)s->api_ms / 1000)
METRIC_OF(value_pg_up, s->pg_configured && s->pg_ok)
METRIC_OF(value_pg_configured, s->pg_configured)
METRIC_OF(value_alerts_person, s->alerts_person)
METRIC_OF(value_outbox, s->outbox)
METRIC_OF(value_pg_rows, s->pg_rows)
METRIC_OF(value_staging_up, s->staging_ok)
METRIC_OF(value_staging_bytes, s->staging_bytes)
METRIC_OF(value_wal_bytes, s->wal_bytes)
METRIC_OF(value_commit, (double)s->commit_us / 1e6)
METRIC_OF(value_log_errors, s->log_errors)
METRIC_OF(value_connections, n->connections)
METRIC_OF(value_streams, n->streams)
METRIC_OF(value_cut, n->cut)
METRIC_OF(value_too_many, n->too_many)

/* ---- several samples ---- */

static void samples_info(
    const struct metric *m, const struct snapshot *s, const struct rest_numbers *n, struct str *out)
{
	const struct metric_labels labels[] = {{"node", s->node}, {"version", s->version}};

	(void)n;
	metric_sample(out, m, labels, 2, 1);
}

static void samples_items(
    const struct metric *m, const struct snapshot *s, const struct rest_numbers *n, struct str *out)
{
	static const char *const ops[SNAPSHOT_OPS] = {"metadata", "videos", "discovery"};
	static const char *const states[SNAPSHOT_STATES] = {
	    "pending", "done", "absent", "missing", "failed"};

	(void)n;
	for (int op = 0; op < SNAPSHOT_OPS; op++)
		for (int st = 0; st < SNAPSHOT_STATES; st++) {
			const struct metric_labels labels[] = {
			    {"operation", ops[op]}, {"state", states[st]}};
			metric_sample(out, m, labels, 2, (double)s->items[op][st]);
		}
}

static void samples_jobs(
    const struct metric *m, const struct snapshot *s, const struct rest_numbers *n, struct str *out)
{
	const struct {
		const char *status;
		int64_t jobs;
	} rows[] = {{"running", s->jobs_running}, {"pending", s->jobs_pending},
	    {"waiting", s->jobs_waiting}, {"paused", s->jobs_paused},
	    {"interrupted", s->jobs_interrupted}, {"failed", s->jobs_failed}};

	(void)n;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct metric_labels label = {"status", rows[i].status};
		metric_sample(out, m, &label, 1, (double)rows[i].jobs);
	}
}

enum job_number { JOB_DONE_ITEMS, JOB_ALL_ITEMS, JOB_ITEM_RATE, JOB_END };

/* Of open jobs alone: what has ended would stand there for ever. */
static void samples_open_jobs(
    const struct metric *m, const struct snapshot *s, enum job_number which, struct str *out)
{
	for (size_t i = 0; i < s->n_jobs; i++) {
		const struct snapshot_job *j = &s->jobs[i];
		const double values[] = {[JOB_DONE_ITEMS] = (double)j->processed,
		    [JOB_ALL_ITEMS] = (double)j->total,
		    [JOB_ITEM_RATE] = j->rate,
		    [JOB_END] = (double)j->eta};
		struct metric_labels labels[] = {{"job", j->uuid}, {"type", j->type}};
		if (j->open && (which != JOB_ALL_ITEMS || j->total >= 0) &&
		    (which != JOB_END || j->eta))
			metric_sample(out, m, labels, 2, values[which]);
	}
}

#define SAMPLES_OF_JOBS(function, which)                                       \
	static void function(const struct metric *m, const struct snapshot *s, \
	    const struct rest_numbers *n, struct str *out)                     \
	{                                                                      \
		(void)n;                                                       \
		samples_open_jobs(m, s, which, out);                           \
	}
SAMPLES_OF_JOBS(samples_job_processed, JOB_DONE_ITEMS)
SAMPLES_OF_JOBS(samples_job_total, JOB_ALL_ITEMS)
SAMPLES_OF_JOBS(samples_job_rate, JOB_ITEM_RATE)
SAMPLES_OF_JOBS(samples_job_end, JOB_END)

/* 1 for the state that a key is in; keys have no secret in their names. */
static void samples_keys(
    const struct metric *m, const struct snapshot *s, const struct rest_numbers *n, struct str *out)
{
	(void)n;
	for (size_t i = 0; i < s->n_keys; i++) {
		const struct snapshot_key *k = &s->keys[i];
		const struct metric_labels labels[] = {
		    {"key", k->name}, {"project", k->project}, {"state", k->state}};
		metric_sample(out, m, labels, 3, 1);
	}
}

#define SAMPLES_OF_PROJECTS(function, member)                                                  \
	static void function(const struct metric *m, const struct snapshot *s,                 \
	    const struct rest_numbers *n, struct str *out)                                     \
	{                                                                                      \
		(void)n;                                                                       \
		for (size_t i = 0; i < s->n_keys; i++)                                         \
			if (!s->keys[i].shares_project)                                        \
				metric_sample(out, m,                                          \
				    &(struct metric_labels){"project", s->keys[i].project}, 1, \
				    (double)s->keys[i].member);                                \
	}
SAMPLES_OF_PROJECTS(samples_project_used, used)
SAMPLES_OF_PROJECTS(samples_project_limit, limit)

static void samples_workers(
    const struct metric *m, const struct snapshot *s, const struct rest_numbers *n, struct str *out)
{
	double idle = 0, stalled = 0, stopped = 0;

	(void)n;
	for (size_t i = 0; i < s->n_workers; i++) {
		stalled += s->workers[i].stalled;
		idle += strcmp(s->workers[i].state, "idle") == 0;
		stopped += strcmp(s->workers[i].state, "stopped") == 0;
	}
	metric_sample(out, m, &(struct metric_labels){"state", "busy"}, 1,
	    (double)s->n_workers - idle - stalled - stopped);
	metric_sample(out, m, &(struct metric_labels){"state", "idle"}, 1, idle);
	metric_sample(out, m, &(struct metric_labels){"state", "stalled"}, 1, stalled);
}

static void samples_replies(
    const struct metric *m, const struct snapshot *s, const struct rest_numbers *n, struct str *out)
{
	static const char *const classes[REST_CLASSES] = {"1xx", "2xx", "3xx", "4xx", "5xx"};

	(void)s;
	for (int i = 0; i < REST_CLASSES; i++)
		metric_sample(
		    out, m, &(struct metric_labels){"class", classes[i]}, 1, (double)n->replies[i]);
}

/* 1 for each that lasts; what is over has no sample. */
static void samples_alerts(
    const struct metric *m, const struct snapshot *s, const struct rest_numbers *n, struct str *out)
{
	(void)n;
	for (size_t i = 0; i < s->n_alerts; i++) {
		const struct snapshot_alert *a = &s->alerts[i];
		const struct metric_labels labels[] = {{"kind", a->kind}, {"level", a->level},
		    {"subject", a->subject}, {"acked", a->acked ? "1" : "0"}};
		if (!a->until)
			metric_sample(out, m, labels, 4, 1);
	}
}

/* ---- the cluster: no samples without one ---- */

#define SAMPLES_OF_CLUSTER(function, expression)                               \
	static void function(const struct metric *m, const struct snapshot *s, \
	    const struct rest_numbers *n, struct str *out)                     \
	{                                                                      \
		(void)n;                                                       \
		if (s->cluster.on)                                             \
			metric_sample(out, m, NULL, 0, (double)(expression));  \
	}
SAMPLES_OF_CLUSTER(samples_cluster_up, s->cluster.ok)
SAMPLES_OF_CLUSTER(samples_cluster_leader, s->cluster.has_leader)
SAMPLES_OF_CLUSTER(samples_cluster_items, s->cluster.items_per_s)
SAMPLES_OF_CLUSTER(samples_cluster_units, s->cluster.units_per_h / 3600)
SAMPLES_OF_CLUSTER(samples_cluster_used, s->cluster.units_used)
SAMPLES_OF_CLUSTER(samples_cluster_left, s->cluster.units_left)
SAMPLES_OF_CLUSTER(samples_cluster_day, s->cluster.units_per_day)

static void samples_nodes(
    const struct metric *m, const struct snapshot *s, const struct rest_numbers *n, struct str *out)
{
	(void)n;
	for (size_t i = 0; i < s->n_nodes; i++) {
		const struct snapshot_node *x = &s->nodes[i];
		const struct metric_labels labels[] = {{"node", x->name}, {"id", x->id},
		    {"state", x->state}, {"role", x->role}, {"version", x->version}};
		metric_sample(out, m, labels, 5, 1);
	}
}

/* Names may be the same on two nodes, ids are not. */
#define SAMPLES_OF_NODES(function, expression)                                                    \
	static void function(const struct metric *m, const struct snapshot *s,                    \
	    const struct rest_numbers *n, struct str *out)                                        \
	{                                                                                         \
		(void)n;                                                                          \
		for (size_t i = 0; i < s->n_nodes; i++) {                                         \
			const struct snapshot_node *x = &s->nodes[i];                             \
			const struct metric_labels labels[] = {{"node", x->name}, {"id", x->id}}; \
			metric_sample(out, m, labels, 2, (double)(expression));                   \
		}                                                                                 \
	}
SAMPLES_OF_NODES(samples_node_items, x->items_per_s)
SAMPLES_OF_NODES(samples_node_units, x->units_per_h / 3600)
SAMPLES_OF_NODES(samples_node_used, x->units_used)
SAMPLES_OF_NODES(samples_node_leases, x->leases)
SAMPLES_OF_NODES(samples_node_outbox, x->outbox)
SAMPLES_OF_NODES(samples_node_lag, x->lag_s)
SAMPLES_OF_NODES(samples_node_seen, x->seen_at)
SAMPLES_OF_NODES(samples_node_clock, x->clock_ahead)

/* ---- the table ---- */

#define ONE(name, type, unit, value, help)                     \
	{                                                      \
		"tubeops_" name, type, unit, help, value, NULL \
	}
#define MANY(name, type, unit, samples, help)                    \
	{                                                        \
		"tubeops_" name, type, unit, help, NULL, samples \
	}

static const struct metric metrics[] = {
    MANY("node", "info", "", samples_info, "This node."),
    ONE("start_time_seconds", "gauge", "seconds", value_started, "When the process began."),
    ONE("channels", "gauge", "", value_channels, "Channels in staging."),
    MANY("channel_states", "gauge", "", samples_items, "Channels by operation and state."),
    ONE("videos", "gauge", "", value_videos, "Videos in staging."),
    ONE("unresolved_names", "gauge", "", value_unresolved, "Imported names that are no ids yet."),
    MANY("jobs", "gauge", "", samples_jobs, "Jobs by status."),
    MANY("job_processed_items", "gauge", "", samples_job_processed, "Items an open job has done."),
    MANY("job_items", "gauge", "", samples_job_total, "Items an open job has in all."),
    MANY("job_items_per_second", "gauge", "", samples_job_rate, "Rate of an open job."),
    MANY("job_end_timestamp_seconds", "gauge", "seconds", samples_job_end,
        "When an open job will end as things are, waits for quota included."),
    ONE("quota_used_units", "gauge", "", value_units_used, "Units booked on this Pacific day."),
    ONE("quota_left_units", "gauge", "", value_units_left, "Units that usable keys have left."),
    ONE("quota_day_units", "gauge", "", value_units_per_day, "Units a day of all usable keys."),
    ONE("quota_reset_timestamp_seconds", "gauge", "seconds", value_reset, "Next Pacific midnight."),
    MANY("project_used_units", "gauge", "", samples_project_used, "Units booked today by project."),
    MANY("project_limit_units", "gauge", "", samples_project_limit, "Units a day of a project."),
    ONE("keys_usable", "gauge", "", value_keys_usable, "Keys that are neither refused nor off."),
    MANY("key_state", "gauge", "", samples_keys, "The state that each key is in."),
    MANY("workers", "gauge", "", samples_workers, "Workers by what they do."),
    ONE("workers_replaced", "counter", "", value_replaced, "Workers that hung and were replaced."),
    ONE("items_per_second", "gauge", "", value_items_rate, "Items done, over 10 seconds."),
    ONE("units_per_second", "gauge", "", value_units_rate, "Units spent, over 5 minutes."),
    ONE("api_up", "gauge", "", value_api_up, "1 when the last API call was answered usefully."),
    ONE("api_call_seconds", "gauge", "seconds", value_api_call, "Duration of the last API call."),
    ONE("postgres_configured", "gauge", "", value_pg_configured, "1 with a DATABASE_URL."),
    ONE("postgres_up", "gauge", "", value_pg_up, "1 when the last push to PostgreSQL went well."),
    ONE("postgres_outbox_rows", "gauge", "", value_outbox, "Rows that PostgreSQL lacks."),
    ONE("postgres_rows", "counter", "", value_pg_rows, "Rows pushed since the start."),
    ONE("staging_up", "gauge", "", value_staging_up, "1 when the disk takes what is written."),
    ONE("staging_size_bytes", "gauge", "bytes", value_staging_bytes, "Size of staging.db."),
    ONE("staging_wal_bytes", "gauge", "bytes", value_wal_bytes, "Size of its write-ahead log."),
    ONE("commit_seconds", "gauge", "seconds", value_commit, "Duration of the last commit."),
    ONE("alerts_person", "gauge", "", value_alerts_person,
        "Alerts that last, need a person and were not silenced."),
    MANY("alert", "gauge", "", samples_alerts, "Alerts that last."),
    ONE("log_errors", "counter", "", value_log_errors, "Log lines of level error."),
    MANY(
        "cluster_up", "gauge", "", samples_cluster_up, "1 while this node is part of its cluster."),
    MANY("cluster_leader", "gauge", "", samples_cluster_leader, "1 while a node leads."),
    MANY("cluster_items_per_second", "gauge", "", samples_cluster_items, "Items, by all nodes."),
    MANY("cluster_units_per_second", "gauge", "", samples_cluster_units, "Units, by all nodes."),
    MANY("cluster_quota_used_units", "gauge", "", samples_cluster_used,
        "Units used on this Pacific day by all nodes."),
    MANY("cluster_quota_left_units", "gauge", "", samples_cluster_left, "Units left for all."),
    MANY("cluster_quota_day_units", "gauge", "", samples_cluster_day,
        "Units a day of all projects, each counted once."),
    MANY("cluster_node", "info", "", samples_nodes, "Nodes of the cluster, and how they are."),
    MANY("node_items_per_second", "gauge", "", samples_node_items, "Items done, by node."),
    MANY("node_units_per_second", "gauge", "", samples_node_units, "Units spent, by node."),
    MANY("node_used_units", "gauge", "", samples_node_used, "Units used on this day, by node."),
    MANY("node_leases", "gauge", "", samples_node_leases, "Chunks of work that a node holds."),
    MANY("node_outbox_rows", "gauge", "", samples_node_outbox, "Rows that PostgreSQL lacks."),
    MANY("node_lag_seconds", "gauge", "seconds", samples_node_lag, "Since when it lacks some."),
    MANY("node_seen_timestamp_seconds", "gauge", "seconds", samples_node_seen,
        "When a node last said that it lives."),
    MANY("node_clock_ahead_seconds", "gauge", "seconds", samples_node_clock,
        "Its clock against that of PostgreSQL's machine."),
    MANY("http_replies", "counter", "", samples_replies, "Replies of the REST server by class."),
    ONE("http_connections", "gauge", "", value_connections, "Open connections."),
    ONE("http_event_streams", "gauge", "", value_streams, "Open event streams."),
    ONE("http_clients_cut", "counter", "", value_cut, "Clients that were too slow."),
    ONE("http_rate_limited", "counter", "", value_too_many, "Requests beyond an address's rate."),
};

void rest_metrics_write(const struct snapshot *s, const struct rest_numbers *n, struct str *out)
{
	for (size_t i = 0; i < sizeof metrics / sizeof metrics[0]; i++) {
		const struct metric *m = &metrics[i];
		str_addf(out, "# TYPE %s %s\n", m->name, m->type);
		if (m->unit[0])
			str_addf(out, "# UNIT %s %s\n", m->name, m->unit);
		str_addf(out, "# HELP %s %s\n", m->name, m->help);
		if (m->value)
			metric_sample(out, m, NULL, 0, m->value(s, n));
		else
			m->samples(m, s, n, out);
	}
	str_adds(out, "# EOF\n");
}
