/*
 * import_merge - the sorted runs of an import as one stream in key order; of rows with one key, in
 * different runs too, the one that came first in the input. One thread.
 */
#ifndef TUBEOPS_JOBS_IMPORT_MERGE_H
#define TUBEOPS_JOBS_IMPORT_MERGE_H

#include "engine/jobs/import_runs.h"

struct import_merge {
	struct import_cursor *cursors; /* in the order of the input */
	size_t n;
	size_t *heap; /* numbers of cursors that have rows, the least first */
	size_t size;
	int64_t dropped; /* rows whose key had come already */
};

/* The runs of the file, then the block as the last one. memory: bytes for buffers. */
enum err import_merge_init(struct import_merge *m, const struct import_runs *runs,
    const struct import_block *last, size_t memory, struct errbuf *eb) MUST_CHECK;
void import_merge_done(struct import_merge *m);
/* The least row, or NULL at the end; borrowed until import_merge_step. */
const struct import_cursor *import_merge_row(const struct import_merge *m);
/* Passes over it and all others of its key. */
enum err import_merge_step(struct import_merge *m, struct errbuf *eb) MUST_CHECK;

#endif
