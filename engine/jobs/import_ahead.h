/*
 * import_ahead - reads a source on a thread of its own, a few batches ahead of whoever takes the
 * rows: unpacking and parsing beside cleaning and sorting. The source is the thread's alone between
 * import_ahead_start and import_ahead_stop. What follows is for one thread, the import's.
 */
#ifndef TUBEOPS_JOBS_IMPORT_AHEAD_H
#define TUBEOPS_JOBS_IMPORT_AHEAD_H

#include "db/sources/channel_ref.h"
#include "db/sources/source.h"

struct import_ahead;

struct import_ahead_row {
	struct source_row row;  /* raw only where it is told: of rows that are no good */
	struct channel_ref ref; /* what row.ref means; with row.problem nothing */
};

/* cut: bytes of a title or description that anybody wants; more may be given. */
enum err import_ahead_start(
    struct import_ahead **out, struct source *source, size_t cut, struct errbuf *eb) MUST_CHECK;
/* As source_next. A row is borrowed until the next call. */
enum err import_ahead_next(struct import_ahead *a, const struct import_ahead_row **row, bool *more,
    struct errbuf *eb) MUST_CHECK;
/* As source_bytes and source_size say, behind the batch that the last row was from. */
int64_t import_ahead_bytes(const struct import_ahead *a);
int64_t import_ahead_size(const struct import_ahead *a);
/*
 * Ends the thread and frees; before the end of the source it waits until the source gives its next
 * row or sees its stop flag. NULL is fine.
 */
void import_ahead_stop(struct import_ahead *a);

#endif
