/*
 * job_type - what a kind of job is: its name, its parameters, and either how a worker handles one
 * chunk of channels (work, then commit on the writer thread) or one function that does all (run).
 * A new kind is one file with a `const struct job_type` and one row in job_types.c.
 */
#ifndef TUBEOPS_JOBS_JOB_TYPE_H
#define TUBEOPS_JOBS_JOB_TYPE_H

#include "db/rows.h"
#include "db/staging.h"
#include "engine/base/arena.h"
#include "engine/command.h"
#include "engine/jobs/writer.h"

#include <jansson.h>
#include <stdatomic.h>

struct work; /* a worker's tools: worker.h */
struct engine_parts;

enum { CHUNK_IDS = 50 };

/* Up to 50 channels of one job: made by the dispatcher, worked on by one worker, ended by the writer. */
struct chunk {
	struct chunk *next; /* in the lists of whoever owns it now */
	const struct job_type *type;
	const json_t *params; /* of its job, read-only; lives as long as the chunk */
	int64_t job;
	int n;
	struct cid ids[CHUNK_IDS];
	int attempts;       /* tries that failed as a whole */
	int64_t not_before; /* clock_mono_ms when it may be tried again */
	int64_t units;      /* spent on it and not yet stored */

	/* the result: filled by work, stored by commit */
	struct arena *arena; /* owns rows and texts; NULL before the first try */
	void *rows;          /* the type's own shape */
	int n_rows;
	enum item_state states[CHUNK_IDS]; /* by position; DONE, ABSENT or FAILED */
	const char *reasons[CHUNK_IDS];    /* of FAILED; in the arena */
	const char *messages[CHUNK_IDS];
	int64_t day; /* Pacific day of the answer */
	/* what commit made of it */
	int64_t done, missing, absent, failed;
};

/*
 * What a single-step job gets. It changes staging by writer_run(parts->writer, …) and reads it by a
 * connection of its own: staging_open(…, parts->staging_path, DB_READ, …).
 */
struct job_run {
	const struct engine_parts *parts;
	int64_t job;
	const json_t *params;
	const atomic_bool *stop; /* pause, cancel, shutdown: end soon, keep what is done */
	_Atomic int64_t *total;  /* progress, shown live; -1 unknown */
	_Atomic int64_t *processed;
	struct job_row *row; /* done, missing, failed: filled before the end */
	json_t *result;      /* object for --json; the type adds its numbers */
};

struct job_type {
	struct job_type_info info; /* name, help, parameters: what screens and REST may know */
	enum op op;                /* OP_NONE for single-step jobs */
	int chunk_ids;             /* channels in a chunk, 1..CHUNK_IDS; 0: CHUNK_IDS */
	/* Tries one chunk on a worker thread: fetch, parse, fill the result. See worker.h. */
	enum err (*work)(struct work *w, struct chunk *c, struct errbuf *eb);
	/* Stores rows of a chunk's result; states and counts are stored by the caller. */
	enum err (*commit)(struct staging *s, struct chunk *c, struct errbuf *eb);
	/* Does a single-step job from start to end on a thread of its own. */
	enum err (*run)(struct job_run *r, struct errbuf *eb);
};

/* NULL-terminated, in the order of help texts. */
const struct job_type *const *job_types(void);
const struct job_type *job_type_find(const char *name);
/* Checks and completes parameters by the type's table: unknown names and bad values are errors
 * that name them. Returns a new object in *out. */
enum err job_params_check(
    const struct job_type *t, const json_t *given, json_t **out, struct errbuf *eb) MUST_CHECK;

#endif
