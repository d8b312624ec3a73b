/*
 * source - rows of a list of channels from outside: a file (CSV, a plain list, JSON; packed or not),
 * a table of a MySQL, MariaDB or PostgreSQL database. Opening finds the format and the columns;
 * each row then gives the raw text of its three fields. Belongs to one thread. A new kind is one
 * file with a `const struct source_kind` and one row in source.c; formats of files see file.h,
 * databases see table.h.
 */
#ifndef TUBEOPS_DB_SOURCES_SOURCE_H
#define TUBEOPS_DB_SOURCES_SOURCE_H

#include "engine/base/err.h"
#include "engine/base/log.h"
#include "engine/base/secret.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

enum { SOURCE_FIELD_MAX = 1024 * 1024, SOURCE_RECORD_MAX = 4 * 1024 * 1024 };

struct source;

struct source_config {
	const char *path;        /* "-": stdin; or a database's URL, see db_url.h */
	const char *format;      /* "csv", "list", "json"; NULL or "auto": guessed */
	size_t block;            /* bytes read at a time; 0: 1 MiB */
	const atomic_bool *stop; /* may be NULL */
	/* of a database whose URL holds none; borrowed until source_close; NULL: none */
	const struct secret *password;
	struct log *log; /* may be NULL */
	/* CSV only: the column of the channels, by its name or its number from 1; NULL: guessed */
	const char *column;
	/* CSV only: a table whose rows are given back: one channel a row, never several; a first row
	 * of words above ids is its header, whether we know the words or not */
	bool table;
};

struct source_text {
	const char *text; /* NULL: the row has none */
	size_t len;
};

/* Texts are as they stand in the file, not cleaned; borrowed until the next call. */
struct source_row {
	int64_t line;           /* of the row's first byte, from 1; of a table the row's number */
	int64_t item;           /* number of the item in a JSON document; 0: it is none */
	const char *problem;    /* why the row makes no sense (static words); NULL: all is well */
	bool utf8;              /* its texts are known to be valid UTF-8 */
	struct source_text ref; /* what names the channel */
	struct source_text title;
	struct source_text description;
	struct source_text raw; /* the row, or the beginning of it */
	int column;             /* of CSV: where ref stands, from 1; 0: nowhere */
};

/* The three things a row may tell; what a column's or member's name says it holds. */
enum source_part {
	SOURCE_REF,
	SOURCE_TITLE,
	SOURCE_DESCRIPTION,
	SOURCE_PARTS,
	SOURCE_OTHER = SOURCE_PARTS
};

struct source_kind {
	bool (*takes)(const char *path);
	/* *state may be set whatever is returned; close frees it. */
	enum err (*open)(void **state, const struct source_config *cfg, struct errbuf *eb);
	enum err (*next)(void *state, struct source_row *row, bool *more, struct errbuf *eb);
	void (*close)(void *state);
	const char *(*format_name)(const void *state);
	int64_t (*bytes)(const void *state);
	int64_t (*size)(const void *state);
};

/* ERR_INVALID for URLs such as http://… that name no source. They are not repeated: they may hold
 * secrets, and must not be stored. */
enum err source_path_check(const char *path, struct errbuf *eb) MUST_CHECK;
/* ERR_NOTFOUND, ERR_IO, ERR_INVALID (no such format, no column with channels). */
enum err source_open(
    struct source **out, const struct source_config *cfg, struct errbuf *eb) MUST_CHECK;
void source_close(struct source *s);
/*
 * *more is false at the end. Blank lines and the header are no rows. ERR_CANCELLED: stop flag. Any
 * other error ends the source early: the rows before it are good.
 */
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
