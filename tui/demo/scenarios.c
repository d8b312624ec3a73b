/* Made-up snapshots, each for one state that a screen must be able to show. */
#include "config.h"
#include "tui/demo/demo.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static struct snapshot_job *add_job(struct snapshot *s, int64_t no, const char *type,
    const char *word, const char *status, int64_t processed, int64_t total)
{
	struct snapshot_job *j = &s->jobs[s->n_jobs++];

	j->no = no;
	snprintf(j->type, sizeof j->type, "%s", type);
	snprintf(j->word, sizeof j->word, "%s", word);
	snprintf(j->status, sizeof j->status, "%s", status);
	j->processed = processed;
	j->total = total;
	j->open = strcmp(status, "completed") != 0 && strcmp(status, "failed") != 0 &&
	          strcmp(status, "cancelled") != 0;
	if (!j->open)
		j->completed_ms = (DEMO_NOW - 3600) * 1000;
	return j;
}

static struct snapshot_key *add_key(
    struct snapshot *s, const char *name, const char *state, int64_t used, int64_t limit)
{
	struct snapshot_key *k = &s->keys[s->n_keys++];

	snprintf(k->name, sizeof k->name, "%s", name);
	snprintf(k->project, sizeof k->project, "prod");
	snprintf(k->state, sizeof k->state, "%s", state);
	k->used = k->week[0].units = used;
	k->limit = limit;
	return k;
}

static void add_log(struct snapshot *s, enum log_level level, int64_t job, const char *text)
{
	struct log_line *l = &s->log[s->n_log];

	*l = (struct log_line){.seq = s->n_log + 1,
	    .at_ms = (DEMO_NOW - 60 + (int64_t)s->n_log) * 1000,
	    .level = level,
	    .job = job};
	snprintf(l->source, sizeof l->source, "worker");
	snprintf(l->text, sizeof l->text, "%s", text);
	s->n_log++;
	s->log_errors += level == LOG_ERROR;
}

static void add_workers(struct snapshot *s, size_t n)
{
	static const char *const states[] = {"calling", "calling", "parsing", "idle", "slot wait"};

	for (size_t i = 0; i < n; i++) {
		struct snapshot_worker *w = &s->workers[s->n_workers++];
		snprintf(w->state, sizeof w->state, "%s", states[i % 5]);
		w->since_ms = s->mono_ms - (int64_t)i * 1000;
		w->job = 1042;
		w->chunks = 812 + (int64_t)i;
		w->errors = i == 1;
		w->last_ms = 212;
	}
}

static void add_history(struct snapshot *s)
{
	for (int i = 0; i < SNAPSHOT_HISTORY; i++) {
		s->minutes[i].units = 60 + (i * 7) % 23;
		s->minutes[i].items = 2400 - i * 20 + (i % 5) * 60;
		s->minutes[i].errors = i % 9 == 4;
		s->minutes[i].rows = 2000 + (i * 11) % 400;
	}
	s->items_per_s = 39.5;
	s->units_per_h = 4180;
}

static void fill_common(struct snapshot *s)
{
	s->seq = 1;
	s->made_at = DEMO_NOW;
	s->mono_ms = 5000000;
	snprintf(s->version, sizeof s->version, "0.1.0");
	snprintf(s->node, sizeof s->node, "local");
	s->pid = 4711;
	s->started_at = DEMO_NOW - 7 * 3600;
	s->reset_at = INT64_C(1795420800); /* 2026-11-23 08:00:00 UTC */
	s->day_start = s->reset_at - 86400;
	snprintf(s->plan_pace, sizeof s->plan_pace, "fast");
	s->plan_lend = true;
	s->staging_ok = true;
	s->staging_bytes = INT64_C(812400000);
	snprintf(s->listen, sizeof s->listen, "127.0.0.1:5000");
}

struct stage_row {
	const char *name, *limit;
	int64_t done, target;
	double each;
	int64_t units_left, per_day, finish;
	int share;
	int64_t spent;
	bool has_work;
};

static void add_stage(struct snapshot *s, const struct stage_row *r)
{
	struct snapshot_stage *g = &s->stages[s->n_stages++];

	snprintf(g->name, sizeof g->name, "%s", r->name);
	snprintf(g->limit, sizeof g->limit, "%s", r->limit);
	g->done = r->done;
	g->target = r->target;
	g->units_each = r->each;
	g->units_left = r->units_left;
	g->items_per_day = r->per_day;
	g->finish = r->finish;
	g->share = r->share;
	g->spent = r->spent;
	g->has_work = r->has_work;
	g->is_planned = r->share > 0;
	g->units_per_day = s->units_per_day * r->share / 100;
	g->left_today = g->units_per_day > g->spent ? g->units_per_day - g->spent : 0;
}

/* After the keys; a stage works when a job of it is wanted. */
static void fill_plan(struct snapshot *s, bool works)
{
	const struct stage_row rows[] = {
	    {"import", "done", s->channels, s->channels, 0, 0, 0, 0, 0, 0, false},
	    {"metadata", "quota", 6216598 + 183402, s->channels, 0.0204, 175440, 2650000,
	        DEMO_NOW + 280000, 60, 44000, works},
	    {"videos", "quota", 0, 6216598, 1.52, 9449000, 17800, DEMO_NOW + 30000000, 30, 18843,
	        false},
	    {"discovery", "quota", 0, 6216598, 1, 6216598, 4500, DEMO_NOW + 119000000, 5, 0, false},
	    {"refresh", "done", 0, 0, 0.0204, 0, 221000, 0, 5, 0, false},
	};
	struct snapshot_project *p = &s->projects[s->n_projects];
	static const char *const buckets[SNAPSHOT_BUCKETS] = {"units", "search", "stats"};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		add_stage(s, &rows[i]);
	if (!s->n_keys)
		return;
	s->n_projects = 1;
	snprintf(p->name, sizeof p->name, "prod");
	snprintf(p->state, sizeof p->state, "in use");
	p->keys = (int64_t)s->n_keys;
	p->usable = (int64_t)s->n_keys_usable;
	for (int b = 0; b < SNAPSHOT_BUCKETS; b++) {
		struct snapshot_bucket *at = &p->buckets[b];
		snprintf(at->name, sizeof at->name, "%s", buckets[b]);
		at->limit = b == 1 ? 100 : b ? 10000 : s->units_per_day;
		at->used = b ? 0 : s->units_used;
		at->left = at->limit - at->used;
		at->per_hour = b ? 0 : (int64_t)s->units_per_h;
		snprintf(at->state, sizeof at->state, "%s", at->left > 0 ? "ok" : "empty");
	}
	s->day_gone = 0.449;
	s->day_spent = s->units_per_day ? (double)s->units_used / (double)s->units_per_day : 0;
	if (works && s->units_left > 0) {
		s->dry_at = DEMO_NOW + 23400;
		s->idle_s = s->reset_at - s->dry_at;
	}
}

static void add_blocked(struct snapshot *s, const char *what, const char *state, const char *why,
    int64_t until, bool person)
{
	struct snapshot_blocked *b = &s->blocked[s->n_blocked++];

	snprintf(b->what, sizeof b->what, "%s", what);
	snprintf(b->state, sizeof b->state, "%s", state);
	snprintf(b->why, sizeof b->why, "%s", why);
	snprintf(b->help, sizeof b->help, "see its page");
	b->until = until;
	b->person = person;
}

static void fill_channels(struct snapshot *s)
{
	int64_t *n = s->items[SNAPSHOT_METADATA];

	s->channels = 15000000;
	n[SNAPSHOT_DONE] = 6216598;
	n[SNAPSHOT_MISSING] = 183402;
	n[SNAPSHOT_FAILED] = 212;
	n[SNAPSHOT_ABSENT] = 1000;
	n[SNAPSHOT_PENDING] = s->channels - 6216598 - 183402 - 212 - 1000;
}

static void fill_keys(struct snapshot *s)
{
	add_key(s, "k1", "ok", 24902, 30000)->calls = 24902;
	add_key(s, "k2", "ok", 22377, 30000)->errors = 3;
	add_key(s, "k3", "cooling", 15564, 30000)->until = DEMO_NOW + 40;
	s->n_keys_usable = 2;
	s->units_per_day = 90000;
	s->units_used = 62843;
	s->units_left = 27157;
}

static void fill_rest(struct snapshot *s)
{
	fill_channels(s);
	fill_keys(s);
	add_job(s, 1041, "batch_metadata", "metadata", "completed", 6400000, 6400000)->failed = 212;
	add_workers(s, 4);
	for (size_t i = 0; i < s->n_workers; i++)
		snprintf(s->workers[i].state, sizeof s->workers[i].state, "idle");
	add_log(s, LOG_INFO, 1041, "finished");
	fill_plan(s, false);
}

static void fill_busy(struct snapshot *s)
{
	struct snapshot_job *j;

	fill_channels(s);
	fill_keys(s);
	add_history(s);
	j = add_job(s, 1042, "batch_metadata", "metadata", "running", 1083412, 2000000);
	j->rate = 39.5;
	j->eta = DEMO_NOW + 23200;
	j->failed = 212;
	j->units = 22100;
	j = add_job(s, 1043, "migration", "import", "running", 300000, 1000000);
	j->rate = 91000;
	j->eta = DEMO_NOW + 8;
	j = add_job(s, 1044, "batch_metadata", "metadata", "waiting", 10, 1000);
	j->until = s->reset_at;
	snprintf(j->reason, sizeof j->reason, "quota spent");
	add_job(s, 1040, "batch_metadata", "metadata", "completed", 5000, 5000);
	s->jobs_running = 2;
	s->jobs_waiting = 1;
	add_blocked(s, "J-1044 metadata", "waiting", "quota spent", s->reset_at, false);
	fill_plan(s, true);
	add_workers(s, 8);
	s->api_seen = s->api_ok = true;
	s->api_ms = 212;
	s->pg_configured = s->pg_ok = true;
	add_log(s, LOG_INFO, 1042, "10 batches ok: 500 ids, 488 found, 12 gone");
	add_log(s, LOG_WARNING, 0, "429 per minute x3: slower for 10 min");
	add_log(s, LOG_ERROR, 1042, "channels.list: 503 backendError (retried)");
	add_log(s, LOG_INFO, 1042, "10 batches ok: 500 ids, 491 found, 9 gone");
}

static void fill_empty(struct snapshot *s)
{
	add_blocked(s, "YouTube", "none", "no API key yet: nothing can be fetched", 0, true);
	add_workers(s, 0);
}

static void fill_nokey(struct snapshot *s)
{
	fill_channels(s);
	fill_plan(s, false);
	add_blocked(s, "YouTube", "none", "no API key yet: nothing can be fetched", 0, true);
	add_workers(s, 2);
}

static void fill_spent(struct snapshot *s)
{
	fill_busy(s);
	s->units_used = s->units_per_day;
	s->units_left = 0;
	s->n_keys_usable = 0;
	s->units_per_h = 0;
	for (size_t i = 0; i < s->n_keys; i++) {
		snprintf(s->keys[i].state, sizeof s->keys[i].state, "spent");
		s->keys[i].used = s->keys[i].limit;
		s->keys[i].until = s->reset_at;
	}
	s->day_spent = 1;
	s->dry_at = 0;
	s->projects[0].buckets[0].used = s->units_used;
	s->projects[0].buckets[0].left = 0;
	snprintf(s->projects[0].buckets[0].state, sizeof s->projects[0].buckets[0].state, "empty");
	add_blocked(s, "project prod", "spent", "its units of today are spent", s->reset_at, false);
}

static void away_postgres(struct snapshot *s)
{
	s->pg_ok = false;
	s->outbox = 12400;
	snprintf(s->pg_trouble, sizeof s->pg_trouble, "connection refused 127.0.0.1:5432");
	s->facts.pg_since = DEMO_NOW - 142;
	s->facts.pg_tries = 14;
	s->facts.pg_retry_at = DEMO_NOW + 8;
	s->facts.pg_last_ok = DEMO_NOW - 143;
}

static void fill_trouble(struct snapshot *s)
{
	struct snapshot_job *j;

	fill_busy(s);
	away_postgres(s);
	s->staging_ok = false;
	snprintf(s->staging_trouble, sizeof s->staging_trouble, "disk full");
	snprintf(s->keys[2].state, sizeof s->keys[2].state, "refused");
	snprintf(s->keys[2].reason, sizeof s->keys[2].reason, "API key not valid (5 times)");
	j = add_job(s, 1034, "batch_metadata", "metadata", "interrupted", 10, 1000);
	snprintf(j->reason, sizeof j->reason, "the process ended");
	s->jobs_interrupted = 1;
	s->workers[0].stalled = true;
	s->workers[0].since_ms -= 41700;
	snprintf(s->workers[0].doing, sizeof s->workers[0].doing, "channels.list 50 ids");
	s->n_blocked = 0;
	add_blocked(s, "storing", "stopped", s->staging_trouble, 0, true);
	add_blocked(s, "key k3", "refused", s->keys[2].reason, 0, true);
	add_blocked(s, "J-1034 metadata", "interrupted", "the process ended", 0, true);
	add_blocked(s, "worker 1", "stalled", "channels.list 50 ids", 0, true);
	add_blocked(s, "PostgreSQL", "away", s->pg_trouble, DEMO_NOW + 8, false);
	add_blocked(s, "J-1044 metadata", "waiting", "quota spent", s->reset_at, false);
}

/* And nothing else that is wrong. */
static void fill_postgres(struct snapshot *s)
{
	demo_fill_campaign(s);
	away_postgres(s);
	add_blocked(s, "PostgreSQL", "away", s->pg_trouble, s->facts.pg_retry_at, false);
}

/* Of the cluster; with nothing else that is wrong here. */
static void fill_redis(struct snapshot *s)
{
	demo_fill_cluster(s);
	snprintf(s->nodes[0].redis, sizeof s->nodes[0].redis, "away");
	s->redis_configured = true;
	snprintf(s->redis_place, sizeof s->redis_place, "127.0.0.1:6379/0");
	snprintf(s->redis_trouble, sizeof s->redis_trouble, "Connection refused");
	s->facts.redis_since = DEMO_NOW - 41;
	s->facts.redis_tries = 6;
	s->facts.redis_retry_at = DEMO_NOW + 5;
	s->facts.redis_last_ok = DEMO_NOW - 43;
	add_blocked(s, "Redis", "away", s->redis_trouble, DEMO_NOW + 5, false);
}

static void fill_many(struct snapshot *s)
{
	fill_trouble(s);
	while (s->n_jobs < SNAPSHOT_JOBS) {
		struct snapshot_job *j = add_job(s, 900 - (int64_t)s->n_jobs, "batch_metadata",
		    "metadata", s->n_jobs % 2 ? "paused" : "failed", 1, INT64_C(9000000000000000));
		snprintf(j->reason, sizeof j->reason,
		    "\x1b[2J\xe2\x80\xae evil \xe6\x97\xa5\xe6\x9c\xac "
		    "\xff\xc2\x9b"
		    "31m and a long reason that is cut");
		j->units = INT64_MAX / 2;
	}
	while (s->n_keys < SNAPSHOT_KEYS)
		add_key(s, "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe3\x81\xae\xe9\x8d\xb5", "ok", 5,
		    10000)
		    ->shares_project = true;
	while (s->n_workers < SNAPSHOT_WORKERS)
		add_workers(s, 1);
	while (s->n_blocked < SNAPSHOT_BLOCKED)
		add_blocked(s, "key \xe6\x97\xa5\xe6\x9c\xac\x1b[31m", "refused",
		    "\xe2\x80\xae a reason \xff\xc2\x9b that somebody else wrote", 0, true);
	while (s->n_log < SNAPSHOT_LOG)
		add_log(s, LOG_WARNING, 7,
		    "title e\xcc\x81\xcc\x82\xcc\x83\xcc\x84\xcc\x85 \t\x07 \xf0\x9f\x87"
		    "\xa9\xf0\x9f\x87\xaa \xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb end");
}

struct scenario {
	const char *name;
	void (*fill)(struct snapshot *s);
};

static const struct scenario scenarios[] = {
    {"campaign", demo_fill_campaign},
    {"cluster", demo_fill_cluster},
    {"busy", fill_busy},
    {"rest", fill_rest},
    {"empty", fill_empty},
    {"nokey", fill_nokey},
    {"spent", fill_spent},
    {"trouble", fill_trouble},
    {"postgres", fill_postgres},
    {"redis", fill_redis},
    {"many", fill_many},
};

struct snapshot *demo_snapshot(const char *name)
{
	struct snapshot *s;

	for (size_t i = 0; i < sizeof scenarios / sizeof scenarios[0]; i++) {
		if (strcmp(scenarios[i].name, name) != 0)
			continue;
		s = snapshot_new();
		if (s) {
			fill_common(s);
			scenarios[i].fill(s);
		}
		return s;
	}
	return NULL;
}
