/*
 * worker_parts - the inside of a worker, shared by the files engine/jobs/worker*.c alone.
 */
#ifndef TUBEOPS_JOBS_WORKER_PARTS_H
#define TUBEOPS_JOBS_WORKER_PARTS_H

#include "engine/base/meter.h"
#include "engine/jobs/busy.h"
#include "engine/jobs/dispatcher.h"
#include "engine/jobs/worker.h"

#include <pthread.h>

struct worker {
	const struct engine_parts *parts;
	struct dispatcher *dispatcher;
	pthread_t thread;
	int number;
	struct work work; /* the thread's alone */
	int useful;       /* calls with a usable answer since the chunk was tried */
	int64_t tasks;    /* chunks since it was (re)started */
	struct str query;

	struct meter *calls;

	pthread_mutex_t lock; /* guards numbers, busy and hand; rank: leaf */
	struct worker_numbers numbers;
	struct busy busy;
	struct worker_hand hand;

	/* of the dispatcher, under its lock */
	struct chunk *inside; /* the chunk whose work() runs; NULL: between two */
	bool leaves;          /* it takes nothing more */
	int64_t kicked_ms;    /* while it does; 0: not */
	atomic_bool abort;    /* set under the lock, read by calls */
};

/* ---- worker_numbers.c ---- */
/* Adds to what is shown; ms -1: no call. */
void worker_count(struct worker *k, int64_t job, int64_t chunks, int64_t errors, int64_t ms);
void worker_note_memory(struct worker *k, size_t bytes, bool restarted);
/* It begins to work on c; NULL: it has nothing in hand. */
void worker_takes(struct worker *k, const struct chunk *c);
/* "channels.list 50 ids", "playlistItems.list UU…": a call in words. */
void worker_call_words(enum method m, const char *query, char *buf, size_t size);

/* worker_store.c: hands a chunk with its result to the writer, which ends it. */
void worker_deliver(struct worker *k, struct chunk *c);
/* The same with all of it failed for this reason. */
void worker_fail_all(struct worker *k, struct chunk *c, const struct fault_info *f);

#endif
