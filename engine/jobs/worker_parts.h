/*
 * worker_parts - the inside of a worker, shared by the files engine/jobs/worker*.c alone.
 */
#ifndef TUBEOPS_JOBS_WORKER_PARTS_H
#define TUBEOPS_JOBS_WORKER_PARTS_H

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

	pthread_mutex_t lock; /* guards numbers; rank: leaf */
	struct worker_numbers numbers;

	/* of the dispatcher, under its lock */
	struct chunk *inside; /* the chunk whose work() runs; NULL: between two */
};

/* worker_store.c: hands a chunk with its result to the writer, which ends it. */
void worker_deliver(struct worker *k, struct chunk *c);
/* The same with all of it failed for this reason. */
void worker_fail_all(struct worker *k, struct chunk *c, const struct fault_info *f);

#endif
