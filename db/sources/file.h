/*
 * file - the kind of source that is a file or stdin, packed or not: chooses one of the formats and
 * reads by it. A new format is one file with a `const struct source_format` and one row in file.c.
 */
#ifndef TUBEOPS_DB_SOURCES_FILE_H
#define TUBEOPS_DB_SOURCES_FILE_H

#include "db/sources/source.h"

struct input;

struct source_format {
	const char *name;
	/* By the first bytes; the formats are asked in the table's order. */
	bool (*is_like)(const struct input *in);
	/* *state may be set whatever is returned; end frees it. */
	enum err (*start)(
	    void **state, struct input *in, const struct source_config *cfg, struct errbuf *eb);
	enum err (*next)(
	    void *state, struct input *in, struct source_row *row, bool *more, struct errbuf *eb);
	void (*end)(void *state);
};

extern const struct source_kind file_source;

#endif
