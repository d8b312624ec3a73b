/*
 * dispatcher_parts - the inside of the dispatcher, shared by the files engine/jobs/dispatcher*.c
 * alone. Everything in struct dispatcher below `lock` is guarded by it; feeds and reader belong to
 * the dispatcher's thread. Under the lock nothing waits, reads or writes: rows to be stored are
 * marked and posted by the thread after it let go.
 */
#ifndef TUBEOPS_JOBS_DISPATCHER_PARTS_H
#define TUBEOPS_JOBS_DISPATCHER_PARTS_H

#include "engine/base/str.h"
#include "engine/jobs/dispatcher.h"
#include "engine/jobs/feed.h"
#include "engine/jobs/history.h"
#include "engine/jobs/shared.h"
#include "engine/quota/plan.h"

#include <pthread.h>

enum {
	DISPATCH_LOST = 64,       /* hanging workers that are replaced; then no more */
	DISPATCH_HALVES = 6,      /* of a chunk of 50 that was split until one id was left */
	DISPATCH_ARENAS = 32,     /* empty ones kept for the next chunks */
	DISPATCH_UNSTORED = 3,    /* results that cannot be stored before a job pauses */
	DISPATCH_KEEP_ENDED = 64, /* ended jobs that stay for screens */
	DISPATCH_BUDGET_MS = 20,  /* between two looks for units of a budget that are asked for */
	DISPATCH_WAKE_MS = 3000,  /* a walk over millions of channels is not begun at every chunk */
	DISPATCH_PASS_MS = 5000,  /* a job never has more time to make up for */
	DISPATCH_BREAKER_MAX_MS = 60000,
	DISPATCH_BACKOFF_MAX_MS = 60000
};

enum { JOB_NOTES = 32, JOB_ERRORS = 24, JOB_NOTES_MS = 1000 };

/* An event of a job that is not stored yet. */
struct job_note {
	struct job_note *next;
	char kind[16];
	char text[JOB_REASON_SIZE];
	char who[40];
	int64_t at_ms, last_ms, n;
	bool one; /* the same in struct job_event */
};

/* Answers without use that are not stored yet, by reason. */
struct job_trouble {
	char reason[40];
	int64_t seen, retried, recovered, last_ms;
};

struct job_notes {
	struct job_note *first, **end;
	int n;
	struct job_trouble troubles[JOB_ERRORS];
	int n_troubles;
	int64_t due_ms; /* clock_mono_ms when all this is to be stored; 0: there is nothing */
};

struct job {
	struct job *next;
	struct job_row row; /* params is NULL; see below */
	const struct job_type *type;
	json_t *params;
	int64_t limit;              /* channels at most; -1: all */
	int64_t out;                /* channels handed out and not yet stored */
	int64_t chunks;             /* in flight or waiting in the list */
	int64_t listed;             /* of them: in the list */
	int64_t lost_units;         /* of chunks that were given up: not in its stored row yet */
	int unstored;               /* results in a row that could not be stored */
	bool dirty;                 /* row must be stored */
	bool counted;               /* total is known */
	char idle[JOB_REASON_SIZE]; /* why there was nothing to do when that was counted; "" */
	int64_t since_ms;           /* clock_mono_ms since when it runs; 0: it does not */
	uint64_t generation;        /* of the ledger when it began to wait */
	struct history history;
	struct job_notes notes;
	int64_t best_minute; /* items; of the minutes that this process saw whole */
	int64_t seen_minute; /* number of the running one */
	/* its share of the workers: the job with the least pass is fed next */
	int weight;
	double pass, chunk_ms;
	/* chunked jobs */
	bool shares, is_lent;  /* with other nodes; its home is another one */
	bool is_idle, is_over; /* of one that shares: nothing to be had now, or any more */
	bool begun;            /* its type's begin was called */
	struct feed_ask ask;   /* what its feed is asked */
	int64_t max_units, max_day_units; /* budgets; -1: none */
	int64_t spent;                    /* units, those of calls in flight included */
	int64_t day, day_spent;           /* the same on Pacific day `day` */
	bool day_is_spent;                /* it waits for its own budget, not for quota */
	bool is_spent;                    /* its budget is spent: no more chunks, then it ends */
	bool share_is_spent;              /* it waits for the share of its stage */
	/* single-step jobs */
	pthread_t thread;
	bool has_thread, ended;
	bool taken_up;        /* another process began it, and nobody asked this one to go on */
	enum job_status want; /* what a stop is for: PAUSED, CANCELLED or INTERRUPTED */
	atomic_bool stop;
	_Atomic int64_t total, processed;
	json_t *result;
	struct secret *secret; /* replaced only while no thread of the job is at work */
	struct dispatcher *dispatcher;
};

/* dispatcher_plan.c alone. */
struct dispatch_plan {
	struct plan plan;
	bool is_known;       /* the ledger was asked */
	int64_t asked_ms;    /* when, the last time */
	int64_t number;      /* of the Pacific day that follows */
	struct plan_day day; /* units, and spent by each stage, calls in flight included */
	double other;        /* spent by no stage */
	double per_day;      /* units of a full day */
	struct plan_pacer pacers[STAGE_COUNT];
};

struct dispatcher {
	const struct engine_parts *parts;
	struct staging *reader;        /* the thread's */
	struct feed feeds[FEED_COUNT]; /* the thread's */
	struct worker **workers;       /* room for DISPATCHER_WORKERS */
	int n_workers;                 /* that are there; those beyond n_wanted are about to end */
	int n_wanted;
	struct worker *lost[DISPATCH_LOST]; /* that hang and were replaced */
	int n_lost;
	bool orphan;      /* everybody else has gone; the last lost worker frees it */
	int64_t replaced; /* how often that was */
	pthread_t thread;
	bool has_thread;

	pthread_mutex_t lock;               /* rank: dispatch */
	bool abort_calls;                   /* no call may last: the process ends */
	pthread_cond_t work;                /* for the thread: something changed */
	pthread_cond_t chunk;               /* for workers: a chunk may be taken */
	pthread_cond_t changed;             /* for those who watch jobs, and sleepers */
	struct job *jobs;                   /* open ones and some that ended, oldest first */
	uint64_t generation;                /* of the ledger, when the thread last looked */
	uint64_t changes;                   /* of any status of any job */
	double pass;                        /* of the job that was fed last */
	struct chunk *chunks, **chunks_end; /* not taken */
	int64_t n_chunks, taken;
	struct arena *arenas[DISPATCH_ARENAS];
	int n_arenas;
	int64_t settled[FEED_COUNT]; /* ids stored or dropped since the thread last looked */
	bool again[FEED_COUNT];
	int64_t wake_ms[FEED_COUNT]; /* another job may have filled it: look then; 0: no need */
	bool idle[FEED_COUNT];       /* the feed had nothing; until something changes */
	struct dispatch_plan plan;
	bool held, stopping, hurried;
	int64_t day;    /* Pacific day that the feeds know */
	int64_t faults; /* answers without use in a row */
	int64_t breaker_until_ms;
	int64_t breaker_since_ms; /* clock_mono_ms; of when it is open */
	char breaker_reason[64];
	struct history history;
	bool api_seen, api_ok;
	int64_t api_ms;
	char api_trouble[160];
};

/* ---- dispatcher_chunks.c ---- */
/* An empty one for this job; NULL: no memory. */
struct chunk *dispatch_chunk_new(const struct job *j);
void dispatch_chunk_free(struct chunk *c);
/* Its feed, or another that the end of this chunk may have filled, is worth another look. */
void dispatch_feeds_again_locked(struct dispatcher *d, enum feed_kind kind);
/* So many useless answers in a row that one call at a time goes out. */
bool dispatch_breaker_is_open(const struct dispatcher *d);
/* Takes c into the list of those that workers may have. */
void dispatch_chunk_append_locked(struct dispatcher *d, struct chunk *c);
/* Frees c: its channels stay pending in staging and are found by another walk. */
void dispatch_chunk_forget_locked(struct dispatcher *d, struct chunk *c);
/* Everything that waits in the list, and the spare arenas. */
void dispatch_chunks_free(struct dispatcher *d);
void dispatch_poke_sync(struct dispatcher *d);
/* The ids of c are no longer out: stored, or to be found again. */
void dispatch_settled_locked(struct dispatcher *d, const struct chunk *c, bool stored);
/* One of the taken chunks is no longer with a worker or the writer. */
void dispatch_given_back_locked(struct dispatcher *d);

/* Adds what c came to, to its job (may be NULL) and the history. */
void dispatch_add_counts_locked(struct dispatcher *d, struct job *j, const struct chunk *c);
/* Those in the list of jobs that are at work: what others left there is in nobody's way. */
int64_t dispatch_ready_locked(const struct dispatcher *d);

/* ---- dispatcher_plan.c ---- */
/* Reads the plan; before the thread starts. */
enum err dispatch_plan_open(struct dispatcher *d, struct errbuf *eb) MUST_CHECK;
/* Asks the ledger now and then; lets the lock go for it. */
void dispatch_plan_ask_locked(struct dispatcher *d);
/* May this job spend cost common units for its stage? Notes them. ERR_QUOTA: the share is spent,
 * until *until at the latest. ERR_BUSY: not before *until_ms (clock_mono_ms). */
enum err dispatch_plan_spend_locked(struct dispatcher *d, struct job *j, int64_t cost,
    int64_t *until, int64_t *until_ms, struct errbuf *eb) MUST_CHECK;
void dispatch_plan_unspend_locked(struct dispatcher *d, const struct job *j, int64_t cost);
/* It waits for its share: is there some again? */
bool dispatch_plan_may_go_on_locked(struct dispatcher *d, const struct job *j);
/* ---- dispatcher_events.c ---- */
/* An event: kinds are words of states, or action slow quota key project breaker. who "": nobody. */
void dispatch_note_locked(struct job *j, const char *kind, const char *who, const char *fmt, ...)
    PRINTF_LIKE(4, 5);
/* The same for every job at work that calls the API. */
void dispatch_note_all_locked(struct dispatcher *d, const char *kind, const char *fmt, ...)
    PRINTF_LIKE(3, 4);
/* Adds to the errors of a job by reason. */
void dispatch_trouble_locked(
    struct job *j, const char *reason, int64_t seen, int64_t retried, int64_t recovered);
/* Items were stored: is the minute before the best one so far? */
void dispatch_best_locked(struct job *j, int64_t now_ms);
/* Takes what is to be stored; the job begins with none. */
struct job_notes *dispatch_notes_take_locked(struct job *j);
enum err dispatch_notes_store(
    struct staging *s, int64_t job, const struct job_notes *n, struct errbuf *eb) MUST_CHECK;
void dispatch_notes_free(struct job_notes *n);
/* Frees what a job still holds. */
void dispatch_notes_drop(struct job_notes *n);

/* ---- dispatcher_pool.c ---- */
enum err dispatch_pool_start(struct dispatcher *d, int workers, struct errbuf *eb) MUST_CHECK;
/* Calls in flight end at once, and those to come. */
void dispatch_abort_calls_locked(struct dispatcher *d);
/* Replaces workers that hang, starts and ends workers until there are as many as are wanted. */
void dispatch_pool_watch_locked(struct dispatcher *d);
/* Is this worker one too many? It ends then, and cannot be called back. */
bool dispatch_pool_ends_locked(struct dispatcher *d, struct worker *k);
/* Waits for the end of the first n workers, and a moment for those that were replaced. */
void dispatch_pool_join(struct dispatcher *d, int n);

/* True when workers still hang: what they may look at then is freed by the last of them. */
bool dispatch_pool_orphan(struct dispatcher *d);

/* ---- dispatcher.c ---- */
void dispatch_free_last(struct dispatcher *d);

/* ---- dispatcher_jobs.c ---- */
/* Reads job no from staging into a new struct job (by the writer). Not under the lock. */
enum err dispatch_job_load(struct dispatcher *d, int64_t no, struct job **out, struct errbuf *eb);
/* Takes up the open jobs of earlier runs, oldest first. Before the thread starts. */
enum err dispatch_jobs_load(struct dispatcher *d, struct errbuf *eb) MUST_CHECK;
/* Waits for its thread, which has ended. */
void dispatch_job_free(struct job *j);
/* It has ended, and nothing of it is still under way to staging. */
bool dispatch_job_is_settled(const struct job *j);
void dispatch_job_link_locked(struct dispatcher *d, struct job *j);
struct job *dispatch_job_find_locked(struct dispatcher *d, int64_t no);
/* The one place where a job's status changes: keeps its clock, marks it for storing. */
void dispatch_job_status_locked(struct dispatcher *d, struct job *j, enum job_status status,
    int64_t until, const char *fmt, ...) PRINTF_LIKE(5, 6);
/* Drops its chunks that nobody has taken. */
void dispatch_job_drop_chunks_locked(struct dispatcher *d, struct job *j);
/* Does it work through chunks, or by one function on a thread of its own? */
bool dispatch_is_chunked(const struct job_type *type);
/* Starts the thread of a single-step job. */
void dispatch_job_run_locked(struct dispatcher *d, struct job *j);

#endif
