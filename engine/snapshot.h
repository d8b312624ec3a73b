/*
 * snapshot - plain numbers copied out of everything the engine does, for screens, REST and status
 * texts. Immutable once made and shared by reference count; holds no pointer into the engine.
 * Any thread.
 */
#ifndef TUBEOPS_SNAPSHOT_H
#define TUBEOPS_SNAPSHOT_H

#include "engine/base/log.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SNAPSHOT_JOBS = 64,
	SNAPSHOT_KEYS = 64,
	SNAPSHOT_WORKERS = 256,
	SNAPSHOT_LOG = 128,
	SNAPSHOT_HISTORY = 60, /* minutes */
	SNAPSHOT_STAGES = 5,   /* import, and those of the plan */
	SNAPSHOT_PROJECTS = 16,
	SNAPSHOT_BUCKETS = 3, /* units, search, stats */
	SNAPSHOT_HOURS = 25,  /* of the longest Pacific day */
	SNAPSHOT_WEEK = 7,
	SNAPSHOT_SERVICES = 64,
	SNAPSHOT_ALERTS = 32,
	SNAPSHOT_BLOCKED = 24,
	SNAPSHOT_OPS = 3,
	SNAPSHOT_STATES = 5,
	SNAPSHOT_REPLIES = 64
};

/* Indexes of snapshot.items, in the order of enum op and enum item_state of db/rows.h. */
enum { SNAPSHOT_METADATA, SNAPSHOT_VIDEOS, SNAPSHOT_DISCOVERY };
enum { SNAPSHOT_PENDING, SNAPSHOT_DONE, SNAPSHOT_ABSENT, SNAPSHOT_MISSING, SNAPSHOT_FAILED };

struct snapshot_job {
	int64_t no;
	char uuid[40];
	char type[32];
	char word[16];
	char status[16]; /* pending running waiting paused interrupted cancelled completed failed */
	char reason[160];
	char wait[12]; /* waiting: for quota, share, budget or keys; running: "slow", see
	                  engine/slow.h; "" */
	int weight;    /* its part of the workers' time against that of others */
	int64_t until; /* UTC seconds; 0 */
	int64_t total; /* -1 not known */
	int64_t processed, done, missing, absent, failed, pending;
	int64_t units;
	double rate; /* items a second over the last minute */
	int64_t eta; /* UTC seconds of the forecast end, waits included; 0 not known */
	/* what its finish time comes from */
	int64_t units_left; /* that it will still cost; 0: nothing, or not known */
	double units_per_h; /* as fast as it can spend them */
	int64_t units_per_day, day_units_left; /* of a budget of its own; -1: it has none */
	bool waits_its_turn;                   /* after another of its type */
	int64_t created_ms, started_ms, completed_ms, worked_ms;
	bool open;
};

/* What screens and filters call the state of a job: name, status in the snapshot, word, place in lists. */
#define SNAPSHOT_JOB_STATES(X)                                        \
	X(JOB_IS_RUNNING, "running", "running", 0)                    \
	X(JOB_IS_THROTTLED, "running", "throttled", 1)                \
	X(JOB_IS_PAUSED, "paused", "paused", 2)                       \
	X(JOB_IS_WAITING, "waiting", "waiting", 3)                    \
	X(JOB_IS_INTERRUPTED, "interrupted", "interrupted", 4)        \
	X(JOB_IS_QUEUED, "pending", "queued", 5)                      \
	X(JOB_IS_FAILED, "failed", "failed", 6)                       \
	X(JOB_IS_DONE, "completed", "done", 7)                        \
	X(JOB_IS_DONE_BUT, "completed", "done*", 7) /* some failed */ \
	X(JOB_IS_CANCELLED, "cancelled", "cancelled", 7)              \
	X(JOB_IS_OTHER, "", "?", 8)

enum snapshot_job_state {
#define SNAPSHOT_JOB_ENUM(name, ...) name,
	SNAPSHOT_JOB_STATES(SNAPSHOT_JOB_ENUM)
#undef SNAPSHOT_JOB_ENUM
	    JOB_IS_COUNT
};
enum snapshot_job_state snapshot_job_state(const struct snapshot_job *j);
const char *snapshot_job_word(enum snapshot_job_state state);
/* Smaller stands before larger where jobs are listed by state. */
int snapshot_job_order(enum snapshot_job_state state);
/* Its word for action_can(): the status, "completed*" when some items failed. */
const char *snapshot_job_can(enum snapshot_job_state state);

/* Of the common bucket, through one key on one Pacific day. */
struct snapshot_day {
	int64_t units;
	int64_t failed; /* of them: for calls that brought nothing */
};

struct snapshot_key {
	char name[64];
	char project[64];
	char print[8];
	char state[16]; /* ok cooling spent refused off untested */
	char reason[128];
	int64_t used, limit; /* units of its project today */
	int64_t calls, errors;
	int64_t last_used;
	int64_t until;                           /* UTC seconds; 0 */
	bool shares_project;                     /* another key before it has the same project */
	struct snapshot_day week[SNAPSHOT_WEEK]; /* by Pacific day; [0]: today */
	int64_t per_hour;                        /* units through it in the last 60 minutes */
	int64_t spent_at; /* UTC seconds when YouTube said so of its project today; 0: it did not */
};

struct snapshot_bucket {
	char name[8]; /* units, search, stats */
	int64_t used, limit, left;
	int64_t per_hour; /* in the last 60 minutes */
	int64_t dry_at;   /* at this rate; 0: it lasts until the reset, or is empty */
	char state[16];   /* ok, cooling, empty; refused: YouTube said so at used of limit */
	int64_t until;    /* of cooling; 0 */
};

struct snapshot_project {
	char name[64];
	char state[16]; /* in use, refused, off */
	char reason[128];
	int64_t keys, usable;
	struct snapshot_bucket buckets[SNAPSHOT_BUCKETS];
};

/* One stage of the whole campaign. Items are channels; left = target - done. */
struct snapshot_stage {
	char name[16]; /* import, metadata, videos, discovery, refresh */
	int64_t target;
	int64_t done;            /* looked at: missing and failed ones too */
	int64_t missing, failed; /* of done */
	double units_each;       /* units an item costs */
	bool measured;           /* units_each is; else it is what is usual */
	int64_t units_left;      /* that the items left will cost */
	double units_per_h;      /* as fast as they could be spent */
	int64_t items_per_day;   /* with a full day's share */
	int64_t grows_per_day;   /* refresh: items that come to be due each day */
	int64_t finish;    /* UTC seconds, waits included; import: when the last one ended; 0 */
	char limit[8];     /* of the finish: rate, quota, never, done; "" not known */
	int64_t target_at; /* date asked for, UTC seconds; 0: none */
	bool is_late;      /* it needs a person: later than asked, or than 90 days, or never */

	/* the plan; all 0 for import */
	bool is_planned;
	bool has_work;         /* a job of it may spend units today */
	int share;             /* percent */
	int64_t units_per_day; /* its share of a full day */
	int64_t spent;         /* units today */
	int64_t left_today;    /* that it may still spend, or might if it had work */
	int64_t lent;          /* by others today; negative: to others */
	int64_t dry_at;        /* when it will have spent them; 0: it has no work, or they last */
};

struct snapshot_worker {
	char state[16]; /* idle, working, slot wait, calling, parsing, writing, backoff, stopped */
	int64_t since_ms; /* clock_mono_ms */
	int64_t job;
	int64_t chunks, errors;
	int64_t last_ms;  /* duration of its last call */
	int64_t bytes;    /* that it held after its last chunk */
	int64_t restarts; /* because of its limits */
	bool stalled;     /* no report for 30 s while not idle, past the end of its wait */
	char doing[64];   /* in words: "channels.list 50 ids", "waits for a key's turn 0.9 s" */
	int64_t until_ms; /* clock_mono_ms when its wait ends; 0: it does not wait */
	int64_t calls, p95_ms;
	double busy; /* share of the last 5 minutes, 0..1 */
};

/* Something that is asked: an API method, an external service, statements of a database. */
struct snapshot_service {
	char group[16];  /* youtube service postgres staging */
	char name[40];   /* channels.list */
	char breaker[8]; /* closed, open, trial; "": it has none */
	char trouble[96];
	int64_t since, until;  /* UTC seconds, of a breaker that is not closed */
	int64_t calls, errors; /* since the start */
	int64_t hour_calls, hour_errors;
	int64_t recent_calls, recent_errors; /* of the last 5 minutes */
	int64_t p50_us, p95_us, most_us;     /* of the last hour; 0: none */
	uint32_t minutes[SNAPSHOT_HISTORY];  /* calls; [0] is the running minute */
};

/* This process, as the system sees it; -1: not known. */
struct snapshot_process {
	double cpu; /* of one core, over the last seconds; 1.0: all of it */
	int64_t rss_bytes, threads;
	int64_t files, files_limit;
	int64_t log_queued;  /* lines that wait for the log file */
	int64_t log_dropped; /* that it lacks */
	int64_t writer_queued, writer_room;
	int64_t commit_p50_us, commit_p95_us; /* of the last hour */
};

/* A condition that began and may have ended: engine/alerts.h. */
struct snapshot_alert {
	int64_t id;
	char kind[24];        /* key_refused */
	char level[8];        /* error, warning */
	char subject[64];     /* the key, job, service …; "": the node */
	char text[200];       /* what is the matter */
	char help[64];        /* what to press or do */
	bool person;          /* it needs one */
	bool acked;           /* silenced until it ends */
	int64_t since, until; /* UTC seconds; until 0: it lasts */
};

/* What does not go on, why, until when; those that need a person first. */
struct snapshot_blocked {
	char what[48]; /* J-1041 videos, key prod/k7, PostgreSQL */
	char state[16];
	char why[160];
	char help[64];
	int64_t until; /* UTC seconds; 0: not known */
	bool person;
};

/* What empty and error states must be able to say. Times are UTC seconds, 0: not. */
struct snapshot_facts {
	int64_t disk_free;   /* bytes below the data folder; -1 not known */
	int64_t disk_growth; /* bytes a day, by what was written lately; -1 not known yet */
	int64_t pg_since;    /* since when PostgreSQL is away */
	int64_t pg_retry_at, pg_tries, pg_last_ok;
	int64_t outbox_since; /* since when rows wait for PostgreSQL */
	int64_t redis_since;  /* since when the cluster's Redis is away */
	int64_t redis_retry_at, redis_tries, redis_last_ok;
	int64_t spent_at;     /* when the units of today were gone */
	int64_t clock_ahead;  /* seconds that YouTube's clock is ahead of this machine's */
	int64_t clock_at;     /* when that was seen */
	bool crashed;         /* the run before this one ended without stopping */
	int64_t crashed_jobs; /* that were at work then */
};

/* What limits the work now: engine/limits.h. */
struct snapshot_limits {
	char what[16]; /* no work, keys, quota, service, rate, writer, threads, nothing */
	bool more_threads;
	double threads_per_s, keys_per_s, day_per_s; /* calls a second that each of them allows */
	char text[256];
};

/* A node of the cluster that this one belongs to. */
struct snapshot_node {
	char id[40]; /* UUID of its data folder */
	char name[64], host[128], version[32], role[12];
	char state[12];    /* up; late: some beats are missing; silent: for longer than a lease;
	                      stopped; unknown: this node cannot ask */
	char redis[8];     /* ok, away, none */
	char trouble[100]; /* what is the matter there; "" */
	bool is_here, leads, stopped;
	int64_t started_at, seen_at; /* UTC seconds */
	int64_t leases;              /* chunks of work that it holds */
	double items_per_s, units_per_h;
	int64_t outbox, lag_s; /* rows that PostgreSQL does not have, since when */
	int64_t workers;
	int64_t units_used;  /* of the common bucket today */
	int64_t clock_ahead; /* seconds, of the clock of PostgreSQL's machine */
};
enum { SNAPSHOT_NODES = 64 };

/* All nodes together. All 0 without a cluster. */
struct snapshot_cluster {
	bool on, ok;       /* this node belongs to one; and is part of it now */
	char trouble[160]; /* why it is not */
	int64_t asked_at;  /* UTC seconds when what follows was true; 0: never */
	int64_t up;        /* nodes that are up or late */
	int64_t gone;      /* silent, or not known */
	bool has_leader;
	double items_per_s, units_per_h;
	int64_t leases, outbox;
	int64_t units_used, units_per_day, units_left; /* each project counts once */
	int64_t hours[SNAPSHOT_HOURS]; /* common units by hour since the Pacific day began */
};

/* One minute of the past; [0] is the running minute. */
struct snapshot_minute {
	int64_t units, items, errors, rows;
};

struct snapshot_reply {
	uint64_t id;
	bool ok;
	char text[256];
};

struct snapshot {
	uint64_t seq;
	int64_t made_at; /* UTC seconds */
	int64_t mono_ms;
	char version[16];
	char node[64];
	int64_t pid;
	int64_t started_at;
	bool draining;

	/* channels */
	int64_t channels;
	int64_t items[SNAPSHOT_OPS]
	             [SNAPSHOT_STATES]; /* by enum op and enum item_state of db/rows.h */
	int64_t videos, unresolved;

	struct snapshot_job jobs[SNAPSHOT_JOBS]; /* open ones first, then newest */
	size_t n_jobs;
	int64_t jobs_running, jobs_pending, jobs_waiting, jobs_paused, jobs_interrupted,
	    jobs_failed;

	struct snapshot_key keys[SNAPSHOT_KEYS];
	size_t n_keys;
	size_t n_keys_usable;
	int64_t units_left, units_per_day, units_used; /* over all projects, today */
	int64_t reset_at;                              /* next Pacific midnight, UTC seconds */
	int64_t day_start;

	/* the plan and what comes of it; forecasts by engine/quota/forecast.h alone */
	struct snapshot_stage stages[SNAPSHOT_STAGES];
	size_t n_stages;
	bool plan_lend;
	char plan_pace[8]; /* fast, even */
	struct snapshot_project projects[SNAPSHOT_PROJECTS];
	size_t n_projects;
	int64_t hours[SNAPSHOT_HOURS]; /* common units by hour since the Pacific day began */
	size_t n_hours;                /* of this day: 23, 24 or 25 */
	int64_t units_failed;          /* common units today for calls that brought nothing */
	int64_t units_left_over;       /* of yesterday, never spent; -1: not known */
	double day_gone, day_spent;    /* parts of the day and of its units, 0..1 */
	int64_t dry_at; /* when no work may spend common units any more; 0: they last, or no work */
	int64_t idle_s; /* from then until the reset */
	int64_t
	    due_videos[8]; /* channels due for videos with at least 10^i subscribers; [0]: all */

	struct snapshot_worker workers[SNAPSHOT_WORKERS];
	size_t n_workers;
	int64_t workers_replaced; /* that hung, since the start */
	struct snapshot_limits limits;
	struct snapshot_process process;
	struct snapshot_service services[SNAPSHOT_SERVICES];
	size_t n_services;

	struct snapshot_minute minutes[SNAPSHOT_HISTORY];
	double items_per_s; /* over the last 10 s */
	double units_per_h; /* over the last 5 min */

	struct snapshot_cluster cluster;
	struct snapshot_node nodes[SNAPSHOT_NODES];
	size_t n_nodes;

	struct snapshot_facts facts;
	struct snapshot_alert alerts[SNAPSHOT_ALERTS]; /* those that last first, newest first */
	size_t n_alerts;
	int64_t alerts_person; /* that last, need a person and nobody acked */
	uint64_t bell;         /* grows when such a one begins, and when a job ends */
	struct snapshot_blocked blocked[SNAPSHOT_BLOCKED];
	size_t n_blocked;

	/* parts */
	bool api_seen;  /* a call was made since the start */
	bool api_ok;    /* and the last one was answered usefully */
	int64_t api_ms; /* of the last call */
	char api_trouble[160];
	bool pg_configured, pg_ok;
	char pg_trouble[160];
	int64_t outbox;                  /* rows PostgreSQL does not have yet */
	int64_t pg_rows;                 /* sent since the start */
	bool redis_configured, redis_ok; /* of a cluster: nothing else needs one */
	char redis_place[96], redis_trouble[160];
	bool staging_ok;
	char staging_trouble[160];
	int64_t staging_bytes, wal_bytes, commit_us;
	char listen[64]; /* REST address, "" when off */

	struct log_line log[SNAPSHOT_LOG]; /* oldest first */
	size_t n_log;
	uint64_t log_errors;
	uint64_t log_oldest, log_newest; /* numbers of the lines in memory */

	/* answers to commands sent by engine_command_send, newest last */
	struct snapshot_reply replies[SNAPSHOT_REPLIES];
	size_t n_replies;

	/* for snapshot.c alone: never read or copy it elsewhere */
	struct snapshot_refs *refs;
};

/* One more holder; returns s. */
const struct snapshot *snapshot_ref(const struct snapshot *s);
/* The last holder frees it. NULL is allowed. */
void snapshot_unref(const struct snapshot *s);
/* Makes an empty one with one holder, for engines and tests; NULL when out of memory. */
struct snapshot *snapshot_new(void);

#endif
