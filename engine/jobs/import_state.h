/*
 * import_state - one import at work, shared by the files engine/jobs/import*.c alone. The thread of
 * import_run owns it; the sorter thread touches only what says so.
 */
#ifndef TUBEOPS_JOBS_IMPORT_STATE_H
#define TUBEOPS_JOBS_IMPORT_STATE_H

#include "db/sources/source.h"
#include "engine/base/queue.h"
#include "engine/base/str.h"
#include "engine/jobs/import.h"
#include "engine/jobs/import_ahead.h"
#include "engine/jobs/import_rejects.h"
#include "engine/jobs/import_runs.h"

#include <pthread.h>

struct import {
	const struct import_config *cfg;
	struct import_result *result;
	struct source *source;
	struct import_ahead *ahead; /* while it reads the source; NULL else */
	int64_t bytes, size;        /* of the source: read and taken; of all, 0: not known */
	struct import_rejects *rejects;
	size_t memory;      /* bytes for sorting */
	int64_t outbox_seq; /* writer thread only, after the origin was made */

	/* reading: one block is filled while the other is sorted and written */
	struct import_block blocks[2];
	struct import_block *filling;
	struct errbuf broken;          /* why the source ended early */
	struct str title, description; /* texts that had to be cleaned */
	struct str joined;             /* title and description of one row */
	struct import_names *names;    /* handles and such, waiting for the writer */

	/* sorter thread: takes full blocks, gives empty ones; runs and dropped are its own until it
	 * is joined */
	pthread_t sorter;
	bool sorting;
	struct queue *full, *empty;
	struct import_runs runs;
	int64_t dropped; /* duplicates inside runs */
	struct errbuf sorter_eb;
	atomic_int sorter_err;
};

bool import_is_stopped(const struct import *im);
/* Says how far it is. */
void import_show(struct import *im);

/* import_read.c: source to sorted blocks and runs. After it, filling is sorted and in memory. */
enum err import_read(struct import *im, struct errbuf *eb) MUST_CHECK;
/* Frees what import_read made, whatever it returned. */
void import_read_done(struct import *im);

/* import_names.c: names to be resolved later go to the writer in batches. */
struct channel_ref;
enum err import_names_add(struct import *im, const struct channel_ref *ref,
    const struct source_row *row, struct errbuf *eb) MUST_CHECK;
enum err import_names_flush(struct import *im, struct errbuf *eb) MUST_CHECK;
void import_names_done(struct import *im);

/* Cleaned and cut for storing: borrowed from scratch, or from in when nothing was to be done.
 * utf8: in is known to be valid UTF-8. */
enum err import_clean(struct str *scratch, const struct source_text *in, bool utf8, size_t max,
    struct source_text *out, struct errbuf *eb) MUST_CHECK;

/* import_store.c: merges the runs and has the writer store them. */
enum err import_store(struct import *im, struct errbuf *eb) MUST_CHECK;

#endif
