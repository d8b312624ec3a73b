/*
 * job_type - what a kind of job is: its name, its parameters, and either how a worker handles one
 * chunk of channels (work, then commit on the writer thread) or one function that does all (run).
 * A new kind is one file with a `const struct job_type` and one row in job_types.c.
 */
#ifndef TUBEOPS_JOBS_JOB_TYPE_H
#define TUBEOPS_JOBS_JOB_TYPE_H

#include "db/rows.h"
#include "db/staging.h"
#include "db/staging_feeds.h"
#include "engine/base/arena.h"
#include "engine/base/settings.h"
#include "engine/base/str.h"
#include "engine/command.h"
#include "engine/jobs/writer.h"
#include "engine/quota/plan.h"
#include "engine/youtube/method.h"

#include <jansson.h>
#include <stdatomic.h>

struct work; /* a worker's tools: worker.h */
struct engine_parts;
struct postgres;

enum { CHUNK_IDS = 50 };

enum { CHUNK_NUMBERS = 128, CHUNK_NUMBER_NAME = 64 };

/* Something that a chunk counted besides its items: work_count. */
struct chunk_number {
	char name[CHUNK_NUMBER_NAME];
	int64_t by;
};

/* The lease of a work chunk in PostgreSQL that a chunk's ids belong to, and their places in it. */
struct chunk_lease {
	int64_t chunk;
	int epoch;
	uint16_t at[CHUNK_IDS];
	uint64_t facts[CHUNK_IDS]; /* what is told of each besides its rows: db/cluster.h */
	int64_t untold;            /* units of parts that held no id */
};

/*
 * Up to 50 channels of one job: made by the dispatcher, worked on by one worker, ended by the
 * writer.
 *
 * A type with one call per chunk fills rows and states and returns. A type with `keeps` works
 * through its ids in order, skipping those with a state, may be called many times for one chunk, and
 * keeps what it needs in `keep`: it sets states as they become final, and rows belong to those ids or are right
 * by themselves. Whenever it returns, the worker hands the ids with a final state at the beginning, and
 * all rows, to the writer as a chunk of their own and takes them off this one: ids and states move
 * down, `base` grows by as many, `arena` and `rows` begin anew, `keep` stays (positions in it are
 * base + i). So a call that fails, spent quota or a
 * stop costs nothing that was fetched before it.
 */
struct chunk {
	struct chunk *next; /* in the lists of whoever owns it now */
	const struct job_type *type;
	const json_t *params; /* of its job, read-only; lives as long as the chunk */
	int64_t job;
	int n;
	struct cid ids[CHUNK_IDS];
	int attempts; /* tries in a row that failed; of a type with `keeps`: without progress */
	int64_t not_before; /* clock_mono_ms when it may be tried again */
	bool is_lost;       /* its worker hangs: others do its work (the dispatcher's lock) */
	int64_t taken_ms;   /* clock_mono_ms when a worker took it */
	int64_t units;      /* spent on it and not yet stored */
	char trouble[40];   /* why its last try failed; "" when it did not */

	/* the result: filled by work, stored by commit */
	struct arena *arena; /* owns rows and texts; NULL before the first try */
	void *rows;          /* the type's own shape */
	int n_rows;
	enum item_state states[CHUNK_IDS]; /* by position; ABSENT before work, PENDING if it keeps;
	                                      DONE, ABSENT, MISSING or FAILED in the end */
	const char *reasons[CHUNK_IDS];    /* of FAILED; in the arena */
	const char *messages[CHUNK_IDS];
	int64_t day;              /* Pacific day of the answer */
	struct chunk_lease lease; /* of a shared job; chunk 0: of none */
	struct feed_ask ask;      /* of a shared job: what its feed is asked */
	struct chunk_number numbers[CHUNK_NUMBERS];
	int n_numbers;

	/* of types with `keeps` */
	bool was_useful; /* the last try had a usable answer: whatever trouble there was is over */
	void *keep;      /* the type's own; freed by its drop */
	int base;        /* ids taken off its beginning so far: base + i names an id for good */
	int finished;    /* ids at the beginning that have their final state */
	int from, upto; /* the ids that the call under way is for: failed when it goes on failing */
	/* what commit made of it */
	int64_t done, missing, absent, failed;
};

/* Counts something of a chunk by name ("videos", "methods.youtube_featured.new"): stored with the
 * job, shown by `run`, dots become levels. In work or commit. */
void chunk_count(struct chunk *c, int64_t by, const char *fmt, ...) PRINTF_LIKE(3, 4);

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
	/* what admit took out of the parameters; NULL: nothing, or it was another process */
	const struct secret *secret;
	bool taken_up; /* another process began it, and this one goes on with it unasked */
};

/* What a job will cost, by bucket; for dry runs and dialogs. */
struct job_price {
	double units[BUCKET_COUNT];
};

/* Another way to do a job for less. */
struct job_offer {
	char text[80];  /* "10 newest videos of each channel" */
	char loses[96]; /* besides channels that are left out, which are counted; "" */
	json_t *patch;  /* parameters to change, a new reference */
};
enum { JOB_OFFERS = 4 };

struct job_type {
	struct job_type_info info; /* name, help, parameters: what screens and REST may know */
	enum op op;                /* whose item states it changes; OP_NONE: of none */
	enum feed_kind feed;       /* where its channels come from; FEED_NONE: a single-step job */
	enum bucket bucket;        /* that it spends most of: of forecasts */
	enum stage stage;          /* of the plan, whose share its common units are; STAGE_NONE */
	bool alone;                /* one job of this type at a time: the next one waits its turn */
	bool apart;                /* not beside jobs of other types that change the same states:
	                              their feeds hand out some of the same channels */
	bool
	    own; /* its feed is asked with the job's number: it hands out what that job was given */
	bool keeps; /* see struct chunk */
	bool ages; /* of one that nodes share: its channels had results before, and those older than
	               its feed's bound are not its own */
	/* A flag among its parameters that means another type: `batch_videos --counts-only`. */
	struct {
		const char *flag; /* NULL: none */
		const struct job_type *type;
	} instead;
	/* Channels in a chunk, 1..CHUNK_IDS; NULL: CHUNK_IDS. */
	int (*chunk_ids)(const json_t *params);
	/* Looks at parameters that the table cannot judge, already checked by it; NULL: no need. */
	enum err (*check)(const json_t *params, struct errbuf *eb);
	/* Fills what the feed is asked; NULL: nothing but the day. Called when the job begins or
	 * goes on; created_ms is the job's. */
	void (*ask)(const struct engine_parts *parts, const json_t *params, int64_t created_ms,
	    struct feed_ask *out);
	/*
	 * Before a job is made of checked params: refuses what `by` ("cli", "console", "rest") may not
	 * ask for, and moves what must never be stored or shown into *secret (the caller's; NULL:
	 * nothing). NULL: all is welcome.
	 */
	enum err (*admit)(const struct settings *s, const char *by, json_t *params,
	    struct secret **secret, struct errbuf *eb);
	/* Units that a job may spend on one Pacific day when its parameters do not say: *out, 0 for
	 * any. Called after ask; s is a reading connection. NULL: any. */
	enum err (*day_units)(struct staging *s, const struct engine_parts *parts,
	    const json_t *params, const struct feed_ask *ask, int64_t *out, struct errbuf *eb);
	/* Why its feed has nothing for a job, in a few words; s is a reading connection. NULL: not told. */
	enum err (*idle)(
	    struct staging *s, const struct feed_ask *ask, struct str *out, struct errbuf *eb);
	/* Tries one chunk on a worker thread: fetch, parse, fill the result. See worker.h. */
	enum err (*work)(struct work *w, struct chunk *c, struct errbuf *eb);
	/* Stores rows of a chunk's result; states and counts are stored by the caller. */
	enum err (*commit)(struct staging *s, struct chunk *c, struct errbuf *eb);
	/*
	 * Nodes of a cluster may share it: ids and their metadata are all that it needs of staging, and what
	 * it makes is found again by them. Fills a chunk's result from PostgreSQL, whose ids other nodes have
	 * done: states are as these told, PENDING where rows are to be looked for, and DONE once they are
	 * found. On the bringer's thread. NULL: each node does its jobs alone.
	 */
	enum err (*bring)(struct postgres *pg, struct chunk *c, struct errbuf *eb);
	/* Frees c->keep; of types with `keeps`. */
	void (*drop)(struct chunk *c);
	/* W: once before a job's first chunk, and again when it goes on after a restart. May be
	 * NULL. */
	enum err (*begin)(struct staging *s, int64_t job, const json_t *params, struct errbuf *eb);
	/* What so many items will cost (*items may be corrected); NULL: one unit of `bucket` for CHUNK_IDS. s is a reading
	 * connection. */
	enum err (*price)(struct staging *s, const struct engine_parts *parts, const json_t *params,
	    int64_t *items, struct job_price *out, struct errbuf *eb);
	/* Cheaper ways, at most JOB_OFFERS; what they cost is found out by asking for their price.
	 * Returns how many. May be NULL. */
	int (*offers)(
	    const struct engine_parts *parts, const json_t *params, struct job_offer *out);
	/* What it would begin with, of parameters that were admitted: *out, owned. Waits for a file
	 * at most. May be NULL. */
	enum err (*preview)(struct staging *s, const json_t *params,
	    const struct staging_limit *limit, json_t **out, struct errbuf *eb);
	/* Completes a result object, which holds what the job counted and the members of every
	 * result (units_used, processed …), with numbers that follow. May be NULL. */
	void (*summary)(json_t *result);
	/* Does a single-step job from start to end on a thread of its own. */
	enum err (*run)(struct job_run *r, struct errbuf *eb);
	/* Once it has ended for good, so not when it is paused or stops with the program: takes
	 * away what nobody else needs. On the same thread; may be NULL. */
	void (*leave)(const struct engine_parts *parts, const json_t *params);
};

/* NULL-terminated, in the order of help texts. */
const struct job_type *const *job_types(void);
const struct job_type *job_type_find(const char *name);
/*
 * The type that a person means by a name and parameters: another one when a flag among them says so,
 * which is then taken out. NULL: there is none, said in eb. given may be NULL.
 */
const struct job_type *job_type_meant(const char *name, json_t *given, struct errbuf *eb);
/* Checks and completes parameters by the type's table: unknown names and bad values are errors
 * that name them. Returns a new object in *out. */
enum err job_params_check(
    const struct job_type *t, const json_t *given, json_t **out, struct errbuf *eb) MUST_CHECK;
/* The same, and what the type's admit says; on an error both outs are NULL. */
enum err job_params_admit(const struct job_type *t, const struct settings *s, const char *by,
    const json_t *given, json_t **out, struct secret **secret, struct errbuf *eb) MUST_CHECK;

#endif
