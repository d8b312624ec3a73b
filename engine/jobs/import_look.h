/*
 * import_look - the beginning of a file as an import would read it, for who is about to start one.
 * Reads some rows, stores nothing. Any thread with a reading connection.
 */
#ifndef TUBEOPS_JOBS_IMPORT_LOOK_H
#define TUBEOPS_JOBS_IMPORT_LOOK_H

#include "db/staging.h"

#include <jansson.h>

enum { IMPORT_LOOK_ROWS = 1000, IMPORT_LOOK_SHOWN = 5 };

struct import_look {
	const char
	    *path; /* a file; databases and pipes are not looked into: ERR_UNSUPPORTED's words */
	const char *format;                /* NULL: guessed */
	const char *column;                /* of CSV; NULL: guessed */
	const struct staging_limit *limit; /* NULL: none */
};

/*
 * *out, owned: format, column (from 1; null), bytes (of the file), rows (read), whole (these are
 * all), rows_about (of the file), channels (rows that name one), known (of those here already, by
 * id), first (IMPORT_LOOK_SHOWN of {line, channel, title}), bad (as many of {line, reason, text}).
 * Errors as the import's own, with the words that it would end with.
 */
enum err import_look(
    struct staging *s, const struct import_look *look, json_t **out, struct errbuf *eb) MUST_CHECK;

#endif
