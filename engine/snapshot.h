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
	char wait[12];  /* of waiting: quota, search, db …; of running: "slow" when a service asked */
	int weight;     /* its part of the workers' time against that of others */
	int64_t until;  /* UTC seconds; 0 */
	int64_t total; /* -1 not known */
	int64_t processed, done, missing, absent, failed, pending;
	int64_t units;
	double rate; /* items a second over the last minute */
	int64_t eta; /* UTC seconds of the forecast end, waits included; 0 not known */
	int64_t created_ms, started_ms, completed_ms, worked_ms;
	bool open;
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
	int64_t until;       /* UTC seconds; 0 */
	bool shares_project; /* another key before it has the same project */
};

struct snapshot_worker {
	char state[16]; /* idle, working, slot wait, calling, parsing, writing, backoff, stopped */
	int64_t since_ms; /* clock_mono_ms */
	int64_t job;
	int64_t chunks, errors;
	int64_t last_ms;  /* duration of its last call */
	int64_t bytes;    /* that it held after its last chunk */
	int64_t restarts; /* because of its limits */
	bool stalled;     /* no change for 90 s while not idle */
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
	int64_t jobs_all; /* ever, but for those deleted; 0: not known */
	int64_t jobs_running, jobs_pending, jobs_waiting, jobs_paused, jobs_interrupted,
	    jobs_failed;

	struct snapshot_key keys[SNAPSHOT_KEYS];
	size_t n_keys;
	size_t n_keys_usable;
	int64_t units_left, units_per_day, units_used; /* over all projects, today */
	int64_t reset_at;                              /* next Pacific midnight, UTC seconds */
	int64_t day_start;

	struct snapshot_worker workers[SNAPSHOT_WORKERS];
	size_t n_workers;
	int64_t workers_replaced; /* that hung, since the start */

	struct snapshot_minute minutes[SNAPSHOT_HISTORY];
	double items_per_s; /* over the last 10 s */
	double units_per_h; /* over the last 5 min */

	/* parts */
	bool api_seen;  /* a call was made since the start */
	bool api_ok;    /* and the last one was answered usefully */
	int64_t api_ms; /* of the last call */
	char api_trouble[160];
	bool pg_configured, pg_ok;
	char pg_trouble[160];
	int64_t outbox;  /* rows PostgreSQL does not have yet */
	int64_t pg_rows; /* sent since the start */
	bool redis_configured, redis_ok;
	bool staging_ok;
	char staging_trouble[160];
	int64_t staging_bytes, wal_bytes, commit_us;
	char listen[64]; /* REST address, "" when off */

	struct log_line log[SNAPSHOT_LOG]; /* oldest first */
	size_t n_log;
	uint64_t log_errors;

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
