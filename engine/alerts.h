/*
 * alerts - conditions with a beginning and an end: which there are, when they hold (a pure function
 * of a snapshot), and the list of those that last or ended lately. A struct alerts belongs to one
 * owner, whose lock guards it; time is an argument.
 */
#ifndef TUBEOPS_ALERTS_H
#define TUBEOPS_ALERTS_H

#include "engine/snapshot.h"

/* kind, word, level, needs a person, seconds that it must have held, what helps */
#define ALERT_LIST(X)                                                                              \
	X(ALERT_KEY_REFUSED, "key_refused", "error", true, 0, "keys: replace it, then test it")    \
	X(ALERT_NO_KEY, "no_key", "error", true, 0, "keys: add one")                               \
	X(ALERT_JOB_FAILED, "job_failed", "error", true, 0, "jobs: see why, then retry it")        \
	X(ALERT_JOB_INTERRUPTED, "job_interrupted", "warning", true, 0, "jobs: resume it")         \
	X(ALERT_STAGING, "staging", "error", true, 5, "give the disk space, or mend it")           \
	X(ALERT_DISK_LOW, "disk_low", "error", true, 0, "give the disk space")                     \
	X(ALERT_STORE_AWAY, "store_away", "warning", true, 60, "start it, or see to the network")  \
	X(ALERT_BREAKER, "breaker", "warning", true, 1800, "workers: reset it when it is mended")  \
	X(ALERT_STALLED, "stalled", "warning", true, 300, "workers: kick it")                      \
	X(ALERT_ERROR_RATE, "error_rate", "warning", true, 0, "log: filter to errors")             \
	X(ALERT_QUOTA_EARLY, "quota_early", "warning", false, 0, "keys: the plan and its pace")    \
	X(ALERT_FINISH_MOVED, "finish_moved", "warning", false, 0,                                 \
	    "keys: the plan and what it delays")                                                   \
	X(ALERT_STALE, "stale_growing", "warning", true, 0, "keys: a larger share for refresh")    \
	X(ALERT_LEDGER, "ledger_differs", "warning", true, 0, "keys: who else uses this project?") \
	X(ALERT_CLOCK, "clock", "warning", true, 60, "set this machine's clock")                   \
	X(ALERT_CRASHED, "crashed", "warning", false, 0, "log: see what it said last")             \
	X(ALERT_CLUSTER, "cluster", "error", true, 30, "see to its settings: tubeops doctor")      \
	X(ALERT_NODE_SILENT, "node_silent", "warning", true, 0,                                    \
	    "start it; gone for good: silence")                                                    \
	X(ALERT_NODE_CLOCK, "node_clock", "warning", true, 60, "set that machine's clock")         \
	X(ALERT_VERSIONS, "versions_differ", "warning", false, 600, "update the other nodes")      \
	X(ALERT_NO_LEADER, "no_leader", "warning", true, 60, "start a node whose role is all")

enum alert_kind {
#define ALERT_ENUM(name, ...) name,
	ALERT_LIST(ALERT_ENUM)
#undef ALERT_ENUM
	    ALERT_KINDS
};

struct alert_info {
	const char *word, *level;
	bool person;
	int64_t after_s;
	const char *help;
};
const struct alert_info *alert_info(enum alert_kind kind);

/* A condition that holds now. */
struct alert_found {
	enum alert_kind kind;
	char subject[64];
	char text[200];
	int64_t since; /* UTC seconds; 0: since it was seen first */
};

enum { ALERTS_FOUND = 64, ALERTS_KEPT = 64, ALERTS_QUIET_S = 10 * 60, ALERTS_STAY_S = 3600 };

/* What a snapshot does not hold: when the day's units were thought to be gone an hour before. */
struct alert_pace {
	int64_t at[7], dry[7]; /* a reckoning every ten minutes: when, and its answer */
	int n;
	int64_t spent_at, early_s; /* of the day whose reset is at `reset_at` */
	int64_t reset_at;
};
/* One more reckoning, if it is time for one. */
void alert_pace_note(
    struct alert_pace *p, int64_t now, int64_t units_left, double units_per_h, int64_t reset_at);

/* What was thought at a moment. */
struct alert_reckoning {
	int64_t at;
	int64_t finish[SNAPSHOT_STAGES]; /* 0: no end, or not at work */
	int64_t due;                     /* channels that were due for a refresh */
};
enum { ALERT_DRIFTS = 24 };
/* Hour by hour, for a day, oldest first; zero to begin with. */
struct alert_drift {
	struct alert_reckoning list[ALERT_DRIFTS];
	int n;
};
/* One more, when an hour is over. */
void alert_drift_note(struct alert_drift *d, const struct snapshot *s);
/* What was thought within the last day, when the stage ends more than a day later than that; else NULL. */
const struct alert_reckoning *alert_drift_moved(
    const struct alert_drift *d, const struct snapshot *s, size_t stage);
/* The same when more is due for a refresh than then, by more than a hundredth; compared over 6 h to a day. */
const struct alert_reckoning *alert_drift_stale(
    const struct alert_drift *d, const struct snapshot *s);

/* All conditions that hold, at most max; returns how many. Pure. */
size_t alerts_find(const struct snapshot *s, const struct alert_pace *pace,
    const struct alert_drift *drift, struct alert_found *out, size_t max);

/* One of the list: waiting to be long enough, lasting, or ended. */
struct alert {
	int64_t id; /* from 1 */
	struct alert_found found;
	int64_t began; /* when it became an alert; 0: it waits */
	int64_t ended; /* 0: it lasts */
	bool acked;
	int64_t told_at; /* to the web hook; 0: never */
	int64_t rung_at; /* the bell; 0: never */
	bool seen;       /* by the round under way */
};

struct alerts {
	struct alert list[ALERTS_KEPT];
	size_t n;
	int64_t next_id;
	uint64_t bell;
};

/* A round: what holds now; begins and ends alerts. */
void alerts_update(struct alerts *a, const struct alert_found *found, size_t n, int64_t now);
/* Silences one that lasts until it ends; false: there is none of this number. */
bool alerts_ack(struct alerts *a, int64_t id);
/* One that needs a person, lasts, is not acked, and that nobody was told of in the last ten minutes
 * under the same kind and subject; NULL: none. The caller sets told_at. */
struct alert *alerts_untold(struct alerts *a, int64_t now);
/* Into a snapshot. */
void alerts_show(const struct alerts *a, struct snapshot *s);

#endif
