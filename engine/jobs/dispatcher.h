/*
 * dispatcher - decides what is worked on: keeps the open jobs, takes pending channels from staging
 * in key order, cuts them into chunks for the workers, waits out spent quota and server trouble,
 * ends jobs. One thread of its own; its state is guarded by one mutex (rank "dispatch").
 *
 * A chunk's way: dispatcher_take (worker) -> writer -> dispatcher_done, or dispatcher_return when
 * it must wait. All channels of one operation come from one feed, so no channel is handed out
 * twice however many jobs run side by side.
 */
#ifndef TUBEOPS_JOBS_DISPATCHER_H
#define TUBEOPS_JOBS_DISPATCHER_H

#include "engine/command.h"
#include "engine/jobs/job_type.h"
#include "engine/jobs/parts.h"
#include "engine/jobs/worker.h"

struct dispatcher;

struct dispatcher_config {
	const struct engine_parts *parts;
	int workers;
	bool resume; /* open jobs of earlier runs go on by themselves */
	bool held;   /* nothing begins before dispatcher_release */
};

/* Loads the open jobs, starts its thread and the workers. */
enum err dispatcher_start(
    struct dispatcher **out, const struct dispatcher_config *cfg, struct errbuf *eb) MUST_CHECK;
void dispatcher_release(struct dispatcher *d);
/* No new chunks; waits until those in flight have ended, at most drain_ms, then ends calls. */
void dispatcher_stop(struct dispatcher *d, int64_t drain_ms);
/* After writer_stop: what the writer still held came to dispatcher_done until then. NULL is fine. */
void dispatcher_free(struct dispatcher *d);
/* Makes a running dispatcher_stop end at once. Any thread. */
void dispatcher_hurry(struct dispatcher *d);
/* Waits until no chunk is with a worker or the writer; false when some still are in the end. */
bool dispatcher_quiet(struct dispatcher *d, int64_t timeout_ms);

/* ---- for workers ---- */
/* Waits for a chunk. ERR_CANCELLED: end. */
enum err dispatcher_take(struct dispatcher *d, struct worker *k, struct chunk **out) MUST_CHECK;
/* Gives the second half of c (n >= 2) as a chunk of its own, in flight like c. NULL: no memory. */
struct chunk *dispatcher_split(struct dispatcher *d, struct chunk *c);
/*
 * Takes what c has finished (ids, states, rows, units) as a chunk of its own, in flight like c,
 * which begins anew behind it. Of types with `keeps`. NULL: no memory, c is as it was.
 */
struct chunk *dispatcher_part(struct dispatcher *d, struct chunk *c);
/*
 * Between enter and leave a chunk is in the hands of its type's work(). One that stays there for
 * longer than WORKER_STUCK_AFTER is given up: its channels go back to the feed, another worker takes
 * the place, and leave returns true when it comes back after all: it has freed the chunk then, and
 * nothing that came of it counts.
 */
void dispatcher_enter(struct dispatcher *d, struct worker *k, struct chunk *c);
bool dispatcher_leave(struct dispatcher *d, struct worker *k, struct chunk *c);
/* Has another worker taken this one's place? It ends then. */
bool dispatcher_is_replaced(struct dispatcher *d, const struct worker *k);
/* For one that ends after it was replaced: true when nobody waits for it any more, so that it frees
 * itself; d is gone then. */
bool dispatcher_forsaken(struct dispatcher *d);
/*
 * May this chunk's job make such a call? Books its units for the job and for its stage of the plan.
 * ERR_LIMIT: the job's budget is spent. ERR_QUOTA: that of today is, or the stage's share, until *until.
 * ERR_BUSY: at the plan's pace not before *until_ms. ERR_CANCELLED: it is paused or cancelled.
 */
enum err dispatcher_may_spend(struct dispatcher *d, const struct chunk *c,
    const struct method_info *method, int64_t *until, int64_t *until_ms,
    struct errbuf *eb) MUST_CHECK;
/* What was booked was not spent after all. */
void dispatcher_unspend(struct dispatcher *d, int64_t job, const struct method_info *method);
/* It was tried and must wait: why is one of work_call's errors. until: with ERR_QUOTA. */
void dispatcher_return(struct dispatcher *d, struct chunk *c, enum err why, int64_t until,
    int64_t retry_after_s, const struct fault_info *fault);
/* Its result is committed (err ERR_OK) or could not be stored. Frees it. Any thread. */
void dispatcher_done(struct dispatcher *d, struct chunk *c, enum err err, const struct errbuf *eb);
/* An empty arena for a chunk's result, used again if there is one; NULL: no memory. */
struct arena *dispatcher_arena(struct dispatcher *d);
/* Waits until mono_ms or the stop; false when the process stops. */
bool dispatcher_sleep(struct dispatcher *d, int64_t until_mono_ms);
/* An answer without use, for the errors and events of a job; key: that was used. Any thread. */
void dispatcher_note_fault(
    struct dispatcher *d, int64_t job, const struct fault_info *fault, const char *key);
/* For the throughput history. Any thread. */
void dispatcher_note_call(
    struct dispatcher *d, int64_t units, bool useful, int64_t ms, const char *trouble);

/* ---- for people ---- */
/*
 * Stores a job and queues it. params: admitted object, borrowed. secret: of job_params_admit, kept
 * in memory alone; taken whatever is returned; may be NULL. by: whose name its first event has.
 * *no: its number.
 */
enum err dispatcher_job_add(struct dispatcher *d, const struct job_type *type, const json_t *params,
    struct secret *secret, const char *by, int64_t *no, struct errbuf *eb) MUST_CHECK;
/* The same with a UUID of the caller's, which no other job may have. */
enum err dispatcher_job_add_as(struct dispatcher *d, const struct uuid *uuid,
    const struct job_type *type, const json_t *params, struct secret *secret, const char *by,
    int64_t *no, struct errbuf *eb) MUST_CHECK;
/* The secret of a job that was stored before, taken as well: for when it begins again. */
enum err dispatcher_job_secret(
    struct dispatcher *d, int64_t no, struct secret *secret, struct errbuf *eb) MUST_CHECK;
/* pause, resume, cancel or retry (ACTION_JOB_…) one job; text says what became of it. */
enum err dispatcher_job_act(struct dispatcher *d, int64_t no, enum action action, const char *by,
    struct str *text, struct errbuf *eb) MUST_CHECK;

/* Its part of the workers' time, 1 to 100; false when it is not in memory. Staging is the caller's. */
bool dispatcher_job_weigh(struct dispatcher *d, int64_t no, int weight);
/* Drops an ended job from memory. ERR_DENIED: it has not ended, or its last rows are not stored yet. */
enum err dispatcher_job_forget(struct dispatcher *d, int64_t no, struct errbuf *eb) MUST_CHECK;
/* How many workers there are to be, 1 to DISPATCHER_WORKERS; those that are too many end after
 * what they have in hand. */
void dispatcher_workers_set(struct dispatcher *d, int n);
int dispatcher_workers_wanted(struct dispatcher *d);

/* The plan that holds from now on. Any thread. */
void dispatcher_plan_set(struct dispatcher *d, const struct plan *plan);
/* Which stages have jobs that may spend units today. Any thread. */
void dispatcher_plan_work(struct dispatcher *d, bool work[STAGE_COUNT]);
/*
 * Interrupts what a worker (from 1) is at: the call under way ends at once and its channels are tried
 * again. One that makes no progress within some seconds is replaced. ERR_NOTFOUND; ERR_DENIED: it
 * does nothing that could be interrupted.
 */
enum err dispatcher_kick(struct dispatcher *d, int64_t worker, struct errbuf *eb) MUST_CHECK;
/* Forgets the trouble with the API: all workers may call again. ERR_DENIED: there is none. */
enum err dispatcher_breaker_reset(struct dispatcher *d, struct errbuf *eb) MUST_CHECK;

/* What nodes share has changed (shared.h): jobs that share look once more. Any thread. */
void dispatcher_shared_again(struct dispatcher *d);
/* Results of c came from another node and are stored: its counts are the job's too. Any thread. */
void dispatcher_brought(struct dispatcher *d, const struct chunk *c);
/* Channels became pending by another hand: the feeds look once more. Any thread. */
void dispatcher_look_again(struct dispatcher *d);

/* What an action makes of a job in this status; JOB_STATUS_COUNT: it is refused. Pure. */
enum job_status dispatcher_move(enum action action, enum job_status from);

struct dispatcher_job {
	struct job_row row; /* params is NULL */
	const struct job_type *type;
	bool shares;                           /* with the other nodes of a cluster */
	bool begun;                            /* its budgets are known */
	double rate;                           /* items a second, last minute */
	int64_t units_left;                    /* of its budget; -1: it has none */
	int64_t day_units_left, units_per_day; /* of its budget on each day; -1: it has none */
};
struct dispatcher_minute {
	int64_t units, items, errors, rows;
};
enum { DISPATCHER_MINUTES = 60, DISPATCHER_WORKERS = 256 };
struct dispatcher_numbers {
	int64_t jobs_open;
	struct dispatcher_minute minutes[DISPATCHER_MINUTES]; /* [0]: the running one */
	double items_per_s, units_per_h;
	bool api_seen, api_ok, draining;
	int64_t api_ms;
	char api_trouble[160];
	int64_t workers_replaced; /* that hung */
	bool breaker_open;        /* one call at a time, the next at breaker_until_ms */
	int64_t breaker_since_ms, breaker_until_ms; /* clock_mono_ms */
	char breaker_reason[64];
};
/* What a job has in hand and how fast it is, for its page. */
struct dispatcher_hand {
	int worker; /* from 1 */
	struct worker_numbers numbers;
	struct worker_hand hand;
};
struct dispatcher_wait {
	int n, attempts;  /* channels of a chunk that waits, tries so far */
	int64_t at_ms;    /* clock_mono_ms of the next one */
	char trouble[40]; /* "": it is fresh */
};
struct dispatcher_trouble {
	char reason[40];
	int64_t seen, retried, recovered, last_ms; /* not stored yet */
	int64_t waiting;                           /* chunks that wait because of it */
};
enum { DISPATCHER_HANDS = 256, DISPATCHER_WAITS = 64, DISPATCHER_TROUBLES = 32 };
struct dispatcher_page {
	int64_t minutes[DISPATCHER_MINUTES];         /* items; [0]: the running one */
	double now, best;                            /* items a second; best of the whole minutes */
	int64_t max_units, max_day_units, day_spent; /* budgets; -1: none */
	struct dispatcher_hand hands[DISPATCHER_HANDS];
	int n_hands;
	struct dispatcher_wait waits[DISPATCHER_WAITS]; /* first of those in line */
	int n_waits;
	int64_t waiting, retrying; /* channels of all chunks that wait; of them: after an error */
	int64_t next_retry_ms;     /* clock_mono_ms; 0: none */
	struct dispatcher_trouble troubles[DISPATCHER_TROUBLES];
	int n_troubles;
};
/* False: it is not in memory; out is empty then. */
bool dispatcher_job_page(struct dispatcher *d, int64_t no, struct dispatcher_page *out);
/* The open jobs, and those that ended lately; returns how many. */
size_t dispatcher_jobs(struct dispatcher *d, struct dispatcher_job *jobs, size_t max);
/* One of them; false when it is not in memory. */
bool dispatcher_job_get(struct dispatcher *d, int64_t no, struct dispatcher_job *out);
void dispatcher_numbers(struct dispatcher *d, struct dispatcher_numbers *out);
size_t dispatcher_workers(struct dispatcher *d, struct worker_numbers *out, size_t max);
/* Result object of a finished single-step job (a new reference), or NULL. */
json_t *dispatcher_job_result(struct dispatcher *d, int64_t no);
/* Waits until some job's status is newer than *seen (0: begin), at most timeout_ms. */
void dispatcher_wait_change(struct dispatcher *d, uint64_t *seen, int64_t timeout_ms);

#endif
