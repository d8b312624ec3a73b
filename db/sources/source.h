/*
 * source - rows of a list of channels from outside: CSV, a plain list, JSON. Opening guesses the
 * format and the columns; each row then gives the raw text of its three fields. Belongs to one
 * thread. A new format is one file with a `const struct source_format` and one row in source.c.
 */
#ifndef TUBEOPS_DB_SOURCES_SOURCE_H
#define TUBEOPS_DB_SOURCES_SOURCE_H

#include "db/sources/input.h"
#include "engine/base/err.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

enum { SOURCE_FIELD_MAX = 1024 * 1024, SOURCE_RECORD_MAX = 4 * 1024 * 1024 };

struct source;

struct source_config {
	const char *path;        /* "-": stdin */
	const char *format;      /* "csv", "list", "json"; NULL or "auto": guessed */
	size_t block;            /* bytes read at a time; 0: 1 MiB */
	const atomic_bool *stop; /* may be NULL */
};

struct source_text {
	const char *text; /* NULL: the row has none */
	size_t len;
};

/* Texts are as they stand in the file, not cleaned; borrowed until the next call. */
struct source_row {
	int64_t line;           /* of the row's first byte, from 1 */
	const char *problem;    /* why the row makes no sense (static words); NULL: all is well */
	struct source_text ref; /* what names the channel */
	struct source_text title;
	struct source_text description;
	struct source_text raw; /* the row, or the beginning of it */
};

/* The three things a row may tell; what a column's or member's name says it holds. */
enum source_part {
	SOURCE_REF,
	SOURCE_TITLE,
	SOURCE_DESCRIPTION,
	SOURCE_PARTS,
	SOURCE_OTHER = SOURCE_PARTS
};

struct source_format {
	const char *name;
	/* By the first bytes; the formats are asked in the table's order. */
	bool (*is_like)(const struct input *in);
	enum err (*start)(void **state, struct input *in, struct errbuf *eb);
	enum err (*next)(
	    void *state, struct input *in, struct source_row *row, bool *more, struct errbuf *eb);
	void (*end)(void *state);
};

/* ERR_NOTFOUND, ERR_IO, ERR_INVALID (no such format, no column with channels). */
enum err source_open(
    struct source **out, const struct source_config *cfg, struct errbuf *eb) MUST_CHECK;
void source_close(struct source *s);
/* *more is false at the end. Blank lines and the header are no rows. ERR_CANCELLED: stop flag. */
enum err source_next(
    struct source *s, struct source_row *row, bool *more, struct errbuf *eb) MUST_CHECK;
const char *source_format_name(const struct source *s);
int64_t source_bytes(const struct source *s); /* read so far */
int64_t source_size(const struct source *s);  /* 0: not known */

/*
 * What people call such a column, whatever the case, blanks, dashes and underscores in it. The
 * lower *rank the likelier; SOURCE_OTHER when the name says nothing.
 */
enum source_part source_part_by_name(const char *name, size_t len, int *rank);

#endif
