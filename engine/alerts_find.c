/* What holds now: one function per condition, each a reading of a snapshot. */
#include "config.h"
#include "engine/alerts.h"
#include "engine/base/clock.h"
#include "engine/base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
	FIND_FAILED_S = 86400, /* a job that failed is news for a day */
	FIND_CLOCK_S = 30,
	FIND_EARLY_S = 3600,
	FIND_CALLS = 20, /* fewer in 5 minutes say nothing about a rate */
	FIND_CRASHED_S = 86400,
	PACE_STEP_S = 600,
	PACE_AHEAD_S = 3600
};
static const int64_t find_disk_least = INT64_C(512) << 20;

struct finding {
	const struct snapshot *s;
	const struct alert_pace *pace;
	const struct alert_drift *drift;
	struct alert_found *out;
	size_t n, max;
};

static void PRINTF_LIKE(5, 6) find_add(struct finding *f, enum alert_kind kind, const char *subject,
    int64_t since, const char *fmt, ...)
{
	struct alert_found *a;
	va_list ap;

	if (f->n == f->max)
		return;
	a = &f->out[f->n++];
	*a = (struct alert_found){.kind = kind, .since = since};
	snprintf(a->subject, sizeof a->subject, "%s", subject);
	va_start(ap, fmt);
	vsnprintf(a->text, sizeof a->text, fmt, ap);
	va_end(ap);
	text_utf8_mend(a->text);
}

static void find_keys(struct finding *f)
{
	const struct snapshot *s = f->s;

	for (size_t i = 0; i < s->n_keys; i++) {
		const struct snapshot_key *k = &s->keys[i];
		if (strcmp(k->state, "refused") == 0)
			find_add(f, ALERT_KEY_REFUSED, k->name, 0, "key %s is refused: %s", k->name,
			    k->reason);
		/* leases count as used, so a whole day's worth may show a little below its limit */
		if (k->spent_at && !k->shares_project && k->used < k->limit - k->limit / 100)
			find_add(f, ALERT_LEDGER, k->project, k->spent_at,
			    "%s was refused at %lld of %lld units: somebody else uses this "
			    "project, "
			    "or its limit is lower",
			    k->project, (long long)k->used, (long long)k->limit);
	}
	if (s->n_keys && !s->n_keys_usable)
		find_add(f, ALERT_NO_KEY, "", 0,
		    "no API key can be used: all %zu are refused or off", s->n_keys);
}

static void find_jobs(struct finding *f)
{
	const struct snapshot *s = f->s;

	for (size_t i = 0; i < s->n_jobs; i++) {
		const struct snapshot_job *j = &s->jobs[i];
		char name[32];
		snprintf(name, sizeof name, "J-%lld", (long long)j->no);
		if (strcmp(j->status, "failed") == 0 &&
		    s->made_at - j->completed_ms / 1000 < FIND_FAILED_S)
			find_add(f, ALERT_JOB_FAILED, name, j->completed_ms / 1000,
			    "%s %s failed: %s", name, j->word, j->reason);
		if (strcmp(j->status, "interrupted") == 0)
			find_add(f, ALERT_JOB_INTERRUPTED, name, 0, "%s %s was interrupted: %s",
			    name, j->word, j->reason);
	}
}

static void find_storage(struct finding *f)
{
	const struct snapshot *s = f->s;
	const struct snapshot_facts *x = &s->facts;

	if (!s->staging_ok)
		find_add(
		    f, ALERT_STAGING, "", 0, "results cannot be stored: %s", s->staging_trouble);
	if (x->disk_free >= 0 && (x->disk_free < find_disk_least ||
	                             (x->disk_growth > 0 && x->disk_free < x->disk_growth)))
		find_add(f, ALERT_DISK_LOW, "", 0,
		    "%lld MB are free where the data lies; lately a day took %lld MB",
		    (long long)(x->disk_free >> 20),
		    (long long)(x->disk_growth > 0 ? x->disk_growth >> 20 : 0));
	if (s->pg_configured && x->pg_since)
		find_add(f, ALERT_STORE_AWAY, "PostgreSQL", x->pg_since,
		    "PostgreSQL is away, tried %lld times: %.120s", (long long)x->pg_tries,
		    s->pg_trouble);
	if (s->redis_configured && x->redis_since)
		find_add(f, ALERT_STORE_AWAY, "Redis", x->redis_since,
		    "Redis is away, tried %lld times: %.120s", (long long)x->redis_tries,
		    s->redis_trouble);
}

static void find_services(struct finding *f)
{
	const struct snapshot *s = f->s;
	int64_t calls = 0, errors = 0;
	bool youtube = false;

	for (size_t i = 0; i < s->n_services; i++) {
		const struct snapshot_service *v = &s->services[i];
		bool of_api = strcmp(v->group, "youtube") == 0;
		calls += of_api ? v->recent_calls : 0;
		errors += of_api ? v->recent_errors : 0;
		if (!v->since || (of_api && youtube))
			continue;
		youtube = youtube || of_api;
		find_add(f, ALERT_BREAKER, of_api ? "youtube" : v->name, v->since,
		    "%s does not answer usefully: %s", of_api ? "YouTube" : v->name, v->trouble);
	}
	if (calls >= FIND_CALLS && errors * 20 > calls)
		find_add(f, ALERT_ERROR_RATE, "", 0,
		    "%lld of %lld calls in the last 5 minutes had no use", (long long)errors,
		    (long long)calls);
}

static void find_workers(struct finding *f)
{
	const struct snapshot *s = f->s;

	for (size_t i = 0; i < s->n_workers; i++) {
		const struct snapshot_worker *w = &s->workers[i];
		int64_t from = w->until_ms > w->since_ms ? w->until_ms : w->since_ms;
		char name[32];
		snprintf(name, sizeof name, "w%zu", i + 1);
		if (w->stalled)
			find_add(f, ALERT_STALLED, name, s->made_at - (s->mono_ms - from) / 1000,
			    "worker %zu (J-%lld) made no progress: %s %s", i + 1, (long long)w->job,
			    w->state, w->doing);
	}
}

static void find_quota(struct finding *f)
{
	const struct alert_pace *p = f->pace;

	if (p->spent_at && p->early_s > FIND_EARLY_S && f->s->made_at < p->reset_at)
		find_add(f, ALERT_QUOTA_EARLY, "units", p->spent_at,
		    "the day's units were spent %lld minutes earlier than was to be expected",
		    (long long)(p->early_s / 60));
}

/* What was thought of them before, and is not so any more. */
static void find_stages(struct finding *f)
{
	const struct snapshot *s = f->s;
	const struct alert_reckoning *was = alert_drift_stale(f->drift, s);
	char before[CLOCK_ISO_SIZE], after[CLOCK_ISO_SIZE];

	for (size_t i = 0; i < s->n_stages && i < SNAPSHOT_STAGES; i++) {
		const struct alert_reckoning *r = alert_drift_moved(f->drift, s, i);
		const struct snapshot_stage *g = &s->stages[i];
		if (r)
			find_add(f, ALERT_FINISH_MOVED, g->name, 0,
			    "%s ends %.10s, and %lld h ago that was %.10s", g->name,
			    g->finish ? clock_iso(g->finish, after) : "never",
			    (long long)((s->made_at - r->at) / 3600),
			    clock_iso(r->finish[i], before));
		if (was && strcmp(g->name, "refresh") == 0)
			find_add(f, ALERT_STALE, "", 0,
			    "%lld channels are due for a refresh, %lld more than %lld h ago",
			    (long long)(g->target - g->done),
			    (long long)(g->target - g->done - was->due),
			    (long long)((s->made_at - was->at) / 3600));
	}
}

static void find_node(struct finding *f)
{
	const struct snapshot *s = f->s;
	const struct snapshot_facts *x = &s->facts;

	if (x->clock_at && (x->clock_ahead > FIND_CLOCK_S || x->clock_ahead < -FIND_CLOCK_S))
		find_add(f, ALERT_CLOCK, "", 0,
		    "this machine's clock is %lld s %s: quota days and countdowns are wrong",
		    (long long)(x->clock_ahead < 0 ? -x->clock_ahead : x->clock_ahead),
		    x->clock_ahead < 0 ? "ahead" : "behind");
	if (x->crashed && s->made_at - s->started_at < FIND_CRASHED_S)
		find_add(f, ALERT_CRASHED, "", s->started_at,
		    "the last run ended without stopping; %lld job%s interrupted",
		    (long long)x->crashed_jobs, x->crashed_jobs == 1 ? " was" : "s were");
}

/* ---- the cluster ---- */

static bool node_is_up(const struct snapshot_node *n)
{
	return strcmp(n->state, "up") == 0 || strcmp(n->state, "late") == 0;
}

static void find_nodes(struct finding *f)
{
	const struct snapshot *s = f->s;

	for (size_t i = 0; i < s->n_nodes; i++) {
		const struct snapshot_node *n = &s->nodes[i];
		int64_t off = n->clock_ahead < 0 ? -n->clock_ahead : n->clock_ahead;
		if (strcmp(n->state, "silent") == 0)
			find_add(f, ALERT_NODE_SILENT, n->name, n->seen_at,
			    "node %s (%s) does not say that it lives: others take over its work, "
			    "but %lld rows may wait there",
			    n->name, n->host, (long long)n->outbox);
		if (node_is_up(n) && off > FIND_CLOCK_S)
			find_add(f, ALERT_NODE_CLOCK, n->name, 0,
			    "the clock of node %s (%s) is %lld s %s that of PostgreSQL's machine",
			    n->name, n->host, (long long)off,
			    n->clock_ahead < 0 ? "behind" : "ahead of");
	}
}

/* The first one whose version is another than that of the first one. */
static void find_versions(struct finding *f)
{
	const struct snapshot *s = f->s;
	const struct snapshot_node *first = NULL;

	for (size_t i = 0; i < s->n_nodes; i++) {
		const struct snapshot_node *n = &s->nodes[i];
		if (!node_is_up(n))
			continue;
		if (first && strcmp(first->version, n->version) != 0) {
			find_add(f, ALERT_VERSIONS, "", 0,
			    "two versions are at work: %s on %s, %s on %s", first->version,
			    first->name, n->version, n->name);
			return;
		}
		first = first ? first : n;
	}
}

static void find_cluster(struct finding *f)
{
	const struct snapshot *s = f->s;
	const struct snapshot_cluster *c = &s->cluster;

	if (!c->on)
		return;
	if (!c->ok && *c->trouble && !s->facts.pg_since) /* else PostgreSQL is the news */
		find_add(f, ALERT_CLUSTER, "", 0, "this node is not part of its cluster: %.150s",
		    c->trouble);
	find_nodes(f);
	find_versions(f);
	if (c->ok && c->up && !c->has_leader)
		find_add(f, ALERT_NO_LEADER, "", 0,
		    "none of %lld nodes leads: nothing is handed out through Redis, old rows are "
		    "not cleared",
		    (long long)c->up);
}

size_t alerts_find(const struct snapshot *s, const struct alert_pace *pace,
    const struct alert_drift *drift, struct alert_found *out, size_t max)
{
	static void (*const all[])(struct finding *) = {find_keys, find_jobs, find_storage,
	    find_services, find_workers, find_quota, find_stages, find_node, find_cluster};
	struct finding f = {.s = s, .pace = pace, .drift = drift, .out = out, .max = max};

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		all[i](&f);
	return f.n;
}

/* ---- when the units were thought to be gone ---- */

/* What was reckoned an hour ago (or first, if that is less long ago). */
static int64_t pace_before(const struct alert_pace *p, int64_t now)
{
	int64_t dry = p->dry[0];

	for (int i = 0; i < p->n; i++)
		if (now - p->at[i] >= PACE_AHEAD_S)
			dry = p->dry[i];
	return dry;
}

void alert_pace_note(
    struct alert_pace *p, int64_t now, int64_t units_left, double units_per_h, int64_t reset_at)
{
	const int most = (int)(sizeof p->at / sizeof p->at[0]);
	int64_t dry = reset_at;

	if (reset_at != p->reset_at) /* another day */
		*p = (struct alert_pace){.reset_at = reset_at};
	if (p->spent_at && units_left > 0) /* it was not: a key was added, a limit raised */
		*p = (struct alert_pace){.reset_at = reset_at};
	if (units_left <= 0) {
		if (!p->spent_at && p->n) {
			p->spent_at = now;
			p->early_s = pace_before(p, now) - now;
		}
		return;
	}
	if (p->n && now - p->at[p->n - 1] < PACE_STEP_S)
		return;
	if (units_per_h > 0 && (double)units_left / units_per_h * 3600 < (double)(reset_at - now))
		dry = now + (int64_t)((double)units_left / units_per_h * 3600);
	if (p->n == most) {
		memmove(p->at, p->at + 1, sizeof p->at - sizeof p->at[0]);
		memmove(p->dry, p->dry + 1, sizeof p->dry - sizeof p->dry[0]);
		p->n--;
	}
	p->at[p->n] = now;
	p->dry[p->n++] = dry;
}
