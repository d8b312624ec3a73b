/*
 * import_runs - the sorted runs of an import that memory does not hold: one temporary file without
 * a name, written run by run, then read by a cursor per run. A run in memory has the same cursor.
 * One thread at a time.
 */
#ifndef TUBEOPS_JOBS_IMPORT_RUNS_H
#define TUBEOPS_JOBS_IMPORT_RUNS_H

#include "engine/base/err.h"
#include "engine/jobs/import_sort.h"

#include <stdatomic.h>
#include <sys/types.h>

struct import_runs {
	int fd;      /* -1 before the first run */
	off_t *ends; /* of each run; it begins where the one before ends */
	size_t n, cap;
};

void import_runs_init(struct import_runs *r);
void import_runs_done(struct import_runs *r);
/* Writes a sorted block as the next run; the file is made in dir. ERR_IO, ERR_CANCELLED. */
enum err import_runs_write(struct import_runs *r, const char *dir, const struct import_block *b,
    const atomic_bool *stop, struct errbuf *eb) MUST_CHECK;

struct import_cursor {
	/* the present row, unless ended; its texts are borrowed until the next step */
	uint64_t hi, lo;
	struct import_texts texts;
	bool ended;
	/* a run in memory */
	const struct import_block *block;
	size_t i;
	/* a run in the file */
	int fd;
	off_t at, end; /* still to be read */
	unsigned char *buf;
	size_t start, filled, room;
};

/* Both begin before the first row: step once. room: bytes of buffer, at least IMPORT_ROW_MAX. */
void import_cursor_memory(struct import_cursor *c, const struct import_block *b);
enum err import_cursor_file(struct import_cursor *c, const struct import_runs *r, size_t run,
    size_t room, struct errbuf *eb) MUST_CHECK;
void import_cursor_done(struct import_cursor *c);
enum err import_cursor_step(struct import_cursor *c, struct errbuf *eb) MUST_CHECK;

#endif
