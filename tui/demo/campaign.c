/*
 * The scenario of all pictures: one project with 90,000 units and 500 searches a day, six keys, one
 * of them broken; day 6 of a campaign over 15 million channels. Tables, filled into a snapshot.
 */
#include "config.h"
#include "tui/demo/demo.h"

#include <stdio.h>
#include <string.h>

/* Seconds of a time of the demo's day; a day later with 24 added. */
#define AT(hour, minute, second) (DEMO_NOW - 67632 + (hour)*3600 + (minute)*60 + (second))

struct demo_job_row {
	int64_t no;
	const char *type, *word, *status, *wait, *reason;
	int64_t processed, total, missing, failed, units, units_left;
	double rate;
	int64_t eta, until, started, worked_s;
};

static const struct demo_job_row demo_jobs[] = {
    {1042, "batch_metadata", "metadata", "running", "", "", 1083412, 2000000, 21293, 212, 22104,
        18699, 39.5, AT(25, 14, 0), 0, AT(11, 10, 8), 27424},
    {1041, "batch_videos", "videos", "running", "", "", 41186, 61800, 0, 31, 62640, 31312, 0.21,
        AT(52, 0, 0), 0, AT(9, 2, 0), 196120},
    {1040, "batch_discovery", "discovery", "running", "slow", "breaker 12m", 18200, 50000, 0, 7,
        1100, 0, 1.1, 0, 0, AT(2, 30, 0), 16500},
    {1037, "refresh", "refresh", "paused", "", "by oper 17:02Z", 170112, 1204553, 0, 0, 3470, 0, 0,
        0, 0, AT(8, 0, 5), 4300},
    {1036, "batch_discovery", "discovery", "waiting", "search", "search calls 500/500, none left",
        1212, 4000, 0, 0, 1212, 0, 0, 0, AT(32, 0, 0), AT(8, 1, 0), 5100},
    {1034, "batch_metadata", "metadata", "interrupted", "", "the process ended", 612450, 1000000,
        10100, 18, 12490, 0, 0, 0, 0, AT(-40, 0, 0), 15500},
    {1043, "batch_videos", "videos", "pending", "", "1st, after 1041", 0, 402700, 0, 0, 0, 635362,
        0, 0, 0, 0, 0},
    {1038, "list_metadata", "metadata", "failed", "", "ids not valid", 0, 1284, 0, 1284, 26, 0, 0,
        0, 0, AT(9, 40, 0), 12},
    {1039, "migration", "import", "completed", "", "", 5000000, 5000000, 0, 0, 0, 0, 0, 0, 0,
        AT(10, 0, 0), 1124},
    {1035, "batch_videos", "videos", "completed", "", "", 25000, 25000, 0, 312, 38000, 0, 0, 0, 0,
        AT(-60, 0, 0), 126060},
    {1033, "migration", "import", "completed", "", "", 812000, 812000, 0, 0, 0, 0, 0, 0, 0,
        AT(-70, 0, 0), 208},
    {1032, "migration", "import", "cancelled", "", "by oper 09:12Z", 2100000, 9300000, 0, 0, 0, 0,
        0, 0, 0, AT(9, 0, 0), 720},
    {1031, "batch_metadata", "metadata", "completed", "", "", 1000000, 1000000, 16000, 96, 20401, 0,
        0, 0, 0, AT(-80, 0, 0), 24390},
};

static bool demo_is_open(const char *status)
{
	return strcmp(status, "completed") != 0 && strcmp(status, "failed") != 0 &&
	       strcmp(status, "cancelled") != 0;
}

static void fill_job(struct snapshot_job *j, const struct demo_job_row *r)
{
	j->no = r->no;
	snprintf(j->type, sizeof j->type, "%s", r->type);
	snprintf(j->word, sizeof j->word, "%s", r->word);
	snprintf(j->status, sizeof j->status, "%s", r->status);
	snprintf(j->wait, sizeof j->wait, "%s", r->wait);
	snprintf(j->reason, sizeof j->reason, "%s", r->reason);
	j->until = r->until;
	j->total = r->total;
	j->processed = r->processed;
	j->missing = r->missing;
	j->failed = r->failed == 1284 || r->status[0] == 'c' ? r->failed : 0;
	j->done = r->processed - r->missing - (j->failed < r->processed ? j->failed : 0);
	j->done -= r->no == 1042 ? 212 : 0;
	j->units = r->units;
	j->units_left = r->units_left;
	j->rate = r->rate;
	j->eta = r->eta;
	j->weight = 1;
	j->started_ms = r->started * 1000;
	j->created_ms = (r->started ? r->started : AT(18, 0, 0)) * 1000;
	j->worked_ms = r->worked_s * 1000;
	j->open = demo_is_open(r->status);
	j->completed_ms = j->open ? 0 : (r->started + r->worked_s) * 1000;
}

static void fill_jobs(struct snapshot *s)
{
	for (size_t i = 0; i < sizeof demo_jobs / sizeof demo_jobs[0]; i++)
		fill_job(&s->jobs[s->n_jobs++], &demo_jobs[i]);
	/* retried until they succeeded: seen, but not given up */
	s->jobs[0].failed = 212;
	s->jobs[1].failed = 31;
	s->jobs[2].failed = 7;
	s->jobs[5].failed = 18;
	s->jobs_running = 3;
	s->jobs_waiting = s->jobs_paused = s->jobs_pending = 1;
	s->jobs_interrupted = s->jobs_failed = 1;
}

struct demo_key_row {
	const char *name, *print, *state, *reason;
	int64_t used, per_hour;
};

static const struct demo_key_row demo_keys[] = {
    {"k1", "a91f3c", "ok", "", 14902, 991},
    {"k2", "07be55", "ok", "", 13377, 890},
    {"k3", "5d2210", "ok", "", 12214, 812},
    {"k6", "c0ffe1", "ok", "", 11790, 784},
    {"k7", "9e11d4", "refused", "400 API_KEY_INVALID x5, off since 16:20Z", 0, 0},
    {"k8", "b4a7f0", "ok", "", 10560, 703},
};

static void fill_keys(struct snapshot *s)
{
	for (size_t i = 0; i < sizeof demo_keys / sizeof demo_keys[0]; i++) {
		const struct demo_key_row *r = &demo_keys[i];
		struct snapshot_key *k = &s->keys[s->n_keys++];
		snprintf(k->name, sizeof k->name, "%s", r->name);
		snprintf(k->project, sizeof k->project, "prod");
		snprintf(k->print, sizeof k->print, "%s", r->print);
		snprintf(k->state, sizeof k->state, "%s", r->state);
		snprintf(k->reason, sizeof k->reason, "%s", r->reason);
		k->used = 62843;
		k->limit = 90000;
		k->calls = r->used;
		k->per_hour = r->per_hour;
		k->week[0].units = r->used;
		k->errors = r->state[0] == 'r' ? 5 : 0;
		k->shares_project = i > 0;
	}
	s->n_keys_usable = 5;
	s->units_per_day = 90000;
	s->units_used = 62843;
	s->units_left = 27157;
	s->units_per_h = 4180;
	s->dry_at = AT(26, 6, 0);
	s->idle_s = AT(32, 0, 0) - s->dry_at;
	s->day_gone = 0.449;
	s->day_spent = 0.698;
	snprintf(s->plan_pace, sizeof s->plan_pace, "fast");
	s->plan_lend = true;
}

struct demo_bucket_row {
	const char *name, *state;
	int64_t used, limit, per_hour, dry_at;
};

static const struct demo_bucket_row demo_buckets[SNAPSHOT_BUCKETS] = {
    {"units", "ok", 62843, 90000, 4180, AT(26, 6, 0)},
    {"search", "empty", 500, 500, 0, 0},
    {"stats", "ok", 4210, 10000, 390, 0},
};

static void fill_project(struct snapshot *s)
{
	struct snapshot_project *p = &s->projects[s->n_projects++];

	snprintf(p->name, sizeof p->name, "prod");
	snprintf(p->state, sizeof p->state, "in use");
	p->keys = 6;
	p->usable = 5;
	for (int b = 0; b < SNAPSHOT_BUCKETS; b++) {
		const struct demo_bucket_row *r = &demo_buckets[b];
		snprintf(p->buckets[b].name, sizeof p->buckets[b].name, "%s", r->name);
		snprintf(p->buckets[b].state, sizeof p->buckets[b].state, "%s", r->state);
		p->buckets[b].used = r->used;
		p->buckets[b].limit = r->limit;
		p->buckets[b].left = r->limit - r->used;
		p->buckets[b].per_hour = r->per_hour;
		p->buckets[b].dry_at = r->dry_at;
	}
}

struct demo_stage_row {
	const char *name, *limit;
	int64_t done, target;
	double each;
	int64_t units_left, per_day, finish;
	int share;
	int64_t share_units, spent, left;
	bool late;
};

static const struct demo_stage_row demo_stages[] = {
    {"import", "done", 15000000, 15000000, 0, 0, 0, AT(-68, 0, 0), 0, 0, 0, 0, false},
    {"metadata", "quota", 6399021, 15000000, 0.0204, 175460, 2650000, AT(96, 48, 0), 60, 54000,
        35263, 18737, false},
    {"videos", "quota", 1050000, 6214000, 1.52, 7850000, 17800, INT64_C(1820448000), 30, 27000,
        18600, 8400, true},
    {"discovery", "quota", 311000, 6210000, 1.0, 5899000, 4500, INT64_C(1908576000), 5, 4500, 4480,
        20, true},
    {"refresh", "quota", 0, 1204553, 0.0204, 24573, 221000, AT(24 * 167, 0, 0), 5, 4500, 4500, 0,
        true},
};

static void fill_stages(struct snapshot *s)
{
	for (size_t i = 0; i < sizeof demo_stages / sizeof demo_stages[0]; i++) {
		const struct demo_stage_row *r = &demo_stages[i];
		struct snapshot_stage *g = &s->stages[s->n_stages++];
		snprintf(g->name, sizeof g->name, "%s", r->name);
		snprintf(g->limit, sizeof g->limit, "%s", r->limit);
		g->done = r->done;
		g->target = r->target;
		g->units_each = r->each;
		g->measured = r->each > 0;
		g->units_left = r->units_left;
		g->items_per_day = r->per_day;
		g->finish = r->finish;
		g->is_late = r->late;
		g->is_planned = i > 0;
		g->has_work = i > 0;
		g->share = r->share;
		g->units_per_day = r->share_units;
		g->spent = r->spent;
		g->left_today = r->left;
	}
	s->stages[4].grows_per_day = 213000;
}

static void fill_channels(struct snapshot *s)
{
	int64_t *n = s->items[SNAPSHOT_METADATA];

	s->channels = 15000000;
	s->videos = 27300000;
	n[SNAPSHOT_DONE] = 6214350;
	n[SNAPSHOT_MISSING] = 183402;
	n[SNAPSHOT_FAILED] = 1269;
	n[SNAPSHOT_PENDING] = s->channels - 6214350 - 183402 - 1269;
	n = s->items[SNAPSHOT_VIDEOS];
	n[SNAPSHOT_DONE] = 1050000;
	n[SNAPSHOT_PENDING] = 6214350 - 1050000;
	n = s->items[SNAPSHOT_DISCOVERY];
	n[SNAPSHOT_DONE] = 311000;
	n[SNAPSHOT_PENDING] = 6214350 - 311000;
}

struct demo_worker_row {
	const char *state, *doing;
	int64_t job, for_ms, calls, errors, p95;
	double busy;
};

static const struct demo_worker_row demo_workers[] = {
    {"calling", "channels.list 50 ids", 1042, 200, 5604, 52, 310, 0.07},
    {"slot wait", "next call in 0.9 s", 1042, 300, 5588, 59, 305, 0.07},
    {"writing", "upsert channels 49 rows", 1042, 20, 5590, 44, 312, 0.07},
    {"slot wait", "next call in 2.1 s", 1042, 100, 5322, 57, 308, 0.07},
    {"calling", "playlistItems.list", 1041, 200, 31310, 14, 344, 0.05},
    {"slot wait", "next call in 1.7 s", 1041, 600, 31290, 17, 402, 0.05},
    {"backoff", "related: 429, waits 12m", 1040, 48000, 7640, 7, 0, 0},
    {"calling", "similar: GET /channels", 1040, 41700, 10560, 0, 9810, 0.98},
};

static void fill_workers(struct snapshot *s)
{
	for (size_t i = 0; i < sizeof demo_workers / sizeof demo_workers[0]; i++) {
		const struct demo_worker_row *r = &demo_workers[i];
		struct snapshot_worker *w = &s->workers[s->n_workers++];
		snprintf(w->state, sizeof w->state, "%s", r->state);
		snprintf(w->doing, sizeof w->doing, "%s", r->doing);
		w->job = r->job;
		w->since_ms = s->mono_ms - r->for_ms;
		w->calls = w->chunks = r->calls;
		w->errors = r->errors;
		w->last_ms = w->p95_ms = r->p95;
		w->busy = r->busy;
		w->stalled = i == 7;
	}
}

/* Slow waves, always the same. */
static void fill_history(struct snapshot *s)
{
	for (int i = 0; i < SNAPSHOT_HISTORY; i++) {
		int wave = (i * 7) % 23 + (i * 3) % 11;
		s->minutes[i].units = 69 - i / 4 + wave / 3;
		s->minutes[i].items = 2370 - i * 14 + wave * 25;
		s->minutes[i].errors = i % 9 == 4 ? 3 : i % 5 == 1;
		s->minutes[i].rows = 2700 + wave * 20;
	}
	s->items_per_s = 39.5;
}

struct demo_log_row {
	enum log_level level;
	int64_t job;
	int ago_s;
	const char *source, *text;
};

static const struct demo_log_row demo_log[] = {
    {LOG_INFO, 1042, 32, "fetch", "10 batches: ids 500 found 490 gone 10"},
    {LOG_INFO, 1041, 30, "fetch", "8 channels: 211 videos stored, 12 units"},
    {LOG_WARNING, 1040, 28, "disc", "similar: slow response 9.8 s youtube.com"},
    {LOG_INFO, 0, 26, "db", "1,902 rows in 39 upserts, slowest 22 ms"},
    {LOG_ERROR, 1041, 24, "http", "videos.list 503 backendError key=prod/k2"},
    {LOG_INFO, 1041, 22, "http", "videos.list ok on attempt 2 key=prod/k3"},
    {LOG_INFO, 0, 21, "quota", "prod: units 70% used, dry 02:06Z at 4,180/h"},
    {LOG_WARNING, 1040, 19, "disc", "related: breaker open 12m (429 x7)"},
    {LOG_ERROR, 1042, 16, "http", "channels.list timeout connect 5 s key=prod/k8"},
    {LOG_INFO, 1042, 14, "fetch", "10 batches: ids 500 found 487 gone 13"},
    {LOG_WARNING, 1042, 11, "fetch", "title of UC0kzR8w0qV had 2 control chars, cut"},
    {LOG_INFO, 0, 9, "rest", "GET /api/jobs 200 3 ms from 10.0.4.7 (oper)"},
    {LOG_INFO, 1040, 6, "disc", "featured: DW Documentary, 6 links, 1 new"},
    {LOG_INFO, 1042, 2, "fetch", "10 batches: ids 500 found 488 gone 12"},
};

static void fill_log(struct snapshot *s)
{
	for (size_t i = 0; i < sizeof demo_log / sizeof demo_log[0]; i++) {
		struct log_line *l = &s->log[s->n_log++];
		*l = (struct log_line){.seq = i + 1,
		    .at_ms = (DEMO_NOW - demo_log[i].ago_s) * 1000,
		    .level = demo_log[i].level,
		    .job = demo_log[i].job};
		snprintf(l->source, sizeof l->source, "%s", demo_log[i].source);
		snprintf(l->text, sizeof l->text, "%s", demo_log[i].text);
	}
	s->log_errors = 3;
	s->log_oldest = 1;
	s->log_newest = s->n_log;
}

struct demo_alert_row {
	const char *kind, *level, *subject, *text, *help;
	int64_t since;
};

static const struct demo_alert_row demo_alerts[] = {
    {"key_refused", "error", "k7", "key prod/k7: 400 API_KEY_INVALID x5, off since 16:20Z",
        "3 then t", AT(16, 20, 2)},
    {"job_failed", "error", "J-1038", "J-1038 metadata failed: ids not valid", "2 then r",
        AT(9, 40, 12)},
    {"job_interrupted", "warning", "J-1034", "J-1034 metadata interrupted", "2 then r",
        AT(-37, 0, 0)},
};

static void fill_alerts(struct snapshot *s)
{
	for (size_t i = 0; i < sizeof demo_alerts / sizeof demo_alerts[0]; i++) {
		const struct demo_alert_row *r = &demo_alerts[i];
		struct snapshot_alert *a = &s->alerts[s->n_alerts++];
		a->id = (int64_t)i + 1;
		snprintf(a->kind, sizeof a->kind, "%s", r->kind);
		snprintf(a->level, sizeof a->level, "%s", r->level);
		snprintf(a->subject, sizeof a->subject, "%s", r->subject);
		snprintf(a->text, sizeof a->text, "%s", r->text);
		snprintf(a->help, sizeof a->help, "%s", r->help);
		a->person = true;
		a->since = r->since;
	}
	s->alerts_person = (int64_t)s->n_alerts;
}

struct demo_blocked_row {
	const char *what, *state, *why, *help;
	int64_t until;
	bool person;
};

static const struct demo_blocked_row demo_blocked[] = {
    {"key k7", "refused", "400 API_KEY_INVALID x5, off since 16:20Z", "replace it, then test it", 0,
        true},
    {"J-1038 metadata", "failed", "ids not valid", "retry it when the cause is gone", 0, true},
    {"J-1034 metadata", "interrupted", "the process ended Sat 02:47Z", "resume it", 0, true},
    {"J-1036 discovery", "waiting", "search calls 500/500, none left today", "", AT(32, 0, 0),
        false},
    {"J-1037 refresh", "paused", "by oper \"units for metadata\"", "resume it", 0, true},
};

static void fill_blocked(struct snapshot *s)
{
	for (size_t i = 0; i < sizeof demo_blocked / sizeof demo_blocked[0]; i++) {
		const struct demo_blocked_row *r = &demo_blocked[i];
		struct snapshot_blocked *b = &s->blocked[s->n_blocked++];
		snprintf(b->what, sizeof b->what, "%s", r->what);
		snprintf(b->state, sizeof b->state, "%s", r->state);
		snprintf(b->why, sizeof b->why, "%s", r->why);
		snprintf(b->help, sizeof b->help, "%s", r->help);
		b->until = r->until;
		b->person = r->person;
	}
}

void demo_fill_campaign(struct snapshot *s)
{
	snprintf(s->version, sizeof s->version, "1.0");
	s->started_at = DEMO_NOW - 2 * 86400 - 8 * 3600;
	fill_channels(s);
	fill_jobs(s);
	fill_keys(s);
	fill_project(s);
	fill_stages(s);
	fill_workers(s);
	fill_history(s);
	fill_log(s);
	fill_alerts(s);
	fill_blocked(s);
	demo_fill_numbers(s);
	s->api_seen = s->api_ok = true;
	s->api_ms = 212;
	s->pg_configured = s->pg_ok = true;
}
