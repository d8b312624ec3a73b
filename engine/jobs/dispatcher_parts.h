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

#include <pthread.h>

enum {
	DISPATCH_LOST = 64,       /* hanging workers that are replaced; then no more */
	DISPATCH_ARENAS = 32,     /* empty ones kept for the next chunks */
	DISPATCH_UNSTORED = 3,    /* results that cannot be stored before a job pauses */
	DISPATCH_KEEP_ENDED = 64, /* ended jobs that stay for screens */
	DISPATCH_WAKE_MS = 3000,  /* a walk over millions of channels is not begun at every chunk */
	DISPATCH_PASS_MS = 5000,  /* a job never has more time to make up for */
	DISPATCH_BREAKER_MAX_MS = 60000,
	DISPATCH_BACKOFF_MAX_MS = 60000
};

struct job {
	struct job *next;
	struct job_row row; /* params is NULL; see below */
	const struct job_type *type;
	json_t *params;
	int64_t limit;       /* channels at most; -1: all */
	int64_t out;         /* channels handed out and not yet stored */
	int64_t chunks;      /* in flight or waiting in the list */
	int64_t lost_units;  /* of chunks that were given up: not in its stored row yet */
	int unstored;        /* results in a row that could not be stored */
	bool dirty;          /* row must be stored */
	bool counted;        /* total is known */
	int64_t since_ms;    /* clock_mono_ms since when it runs; 0: it does not */
	uint64_t generation; /* of the ledger when it began to wait */
	struct history history;
	/* its share of the workers: the job with the least pass is fed next */
	int weight;
	double pass, chunk_ms;
	/* chunked jobs */
	bool begun;                       /* its type's begin was called */
	struct feed_ask ask;              /* what its feed is asked */
	int64_t max_units, max_day_units; /* budgets; -1: none */
	int64_t spent;                    /* units, those of calls in flight included */
	int64_t day, day_spent;           /* the same on Pacific day `day` */
	bool day_is_spent;                /* it waits for its own budget, not for quota */
	bool is_spent;                    /* its budget is spent: no more chunks, then it ends */
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

struct dispatcher {
	const struct engine_parts *parts;
	struct staging *reader;        /* the thread's */
	struct feed feeds[FEED_COUNT]; /* the thread's */
	struct worker **workers;
	int n_workers;
	struct worker *lost[DISPATCH_LOST]; /* that hang and were replaced */
	int n_lost;
	bool orphan;      /* everybody else has gone; the last lost worker frees it */
	int64_t replaced; /* how often that was */
	pthread_t thread;
	bool has_thread;
	atomic_bool abort_calls;

	pthread_mutex_t lock;               /* rank: dispatch */
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
	bool held, stopping, hurried;
	int64_t day;    /* Pacific day that the feeds know */
	int64_t faults; /* answers without use in a row */
	int64_t breaker_until_ms;
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
/* Takes c into the list of those that workers may have. */
void dispatch_chunk_append_locked(struct dispatcher *d, struct chunk *c);
/* Frees c: its channels stay pending in staging and are found by another walk. */
void dispatch_chunk_forget_locked(struct dispatcher *d, struct chunk *c);
/* Everything that waits in the list, and the spare arenas. */
void dispatch_chunks_free(struct dispatcher *d);
void dispatch_poke_sync(struct dispatcher *d);

/* ---- dispatcher_pool.c ---- */
enum err dispatch_pool_start(struct dispatcher *d, int workers, struct errbuf *eb) MUST_CHECK;
/* Replaces workers that hang; lets the lock go when there is one. */
void dispatch_pool_watch_locked(struct dispatcher *d);
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
void dispatch_job_free(struct job *j);
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
