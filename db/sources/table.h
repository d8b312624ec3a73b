/*
 * table - the kind of source that is a table of a database: pages in the order of a unique key, so
 * that a lost connection goes on behind the last row that came. A table without such a key is read
 * by one streaming SELECT; when its connection is lost the source ends with an error, and the same
 * import again reads it from the beginning. Nothing is ever written there.
 * A new database is one file with a `const struct table_driver` and one row in table.c.
 * Belongs to one thread; the stop flag may be set by any.
 */
#ifndef TUBEOPS_DB_SOURCES_TABLE_H
#define TUBEOPS_DB_SOURCES_TABLE_H

#include "db/sources/db_url.h"
#include "db/sources/source.h"

/*
 * TABLE_KEYS: columns that a key may have. Texts are cut by the server, beyond what an import keeps
 * of them, so that a row has a bounded size.
 */
enum { TABLE_KEYS = 4, TABLE_REF_MAX = 4096, TABLE_TITLE_MAX = 4096, TABLE_TEXT_MAX = 32768 };

/* How a key's values are written in SQL. */
enum table_literal { TABLE_NUMBER, TABLE_TEXT, TABLE_BYTES };

struct table_shape {
	char *columns[SOURCE_PARTS]; /* NULL: there is none */
	char *keys[TABLE_KEYS];
	enum table_literal literals[TABLE_KEYS];
	int n_keys;  /* 0: no key that pages could follow */
	char *index; /* name of the key's index; NULL: the primary key, or not wanted */
};

/* Columns of a page's rows: the three parts (an empty NULL for one that is not there), then the keys. */
enum { TABLE_CELLS = SOURCE_PARTS + TABLE_KEYS };

struct table_config {
	const struct db_url *url;
	const struct secret *password; /* NULL: none */
	const atomic_bool *stop;       /* NULL: never */
	struct log *log;
};

struct table_driver {
	const char *name;   /* "mysql" */
	const char *people; /* "MySQL" */
	enum db_kind kind;
	/* *session may be set whatever is returned. */
	enum err (*open)(void **session, const struct table_config *cfg, struct errbuf *eb);
	void (*close)(void *session);
	/* May a new connection help after the last error? */
	bool (*is_lost)(const void *session);
	/* Fills the shape with owned texts: columns by those the URL names or the usual ones. */
	enum err (*describe)(void *session, const struct db_url *url, const char *table,
	    struct table_shape *shape, struct errbuf *eb);
	/* Starts to read what sql gives; its rows are streamed. */
	enum err (*select)(void *session, const char *sql, struct errbuf *eb);
	/* The cells, n of them, borrowed until the next call; NULL ones have text NULL. */
	enum err (*row)(
	    void *session, struct source_text *cells, int n, bool *more, struct errbuf *eb);
	/* SQL in the database's own words. */
	void (*name_sql)(struct str *out, const char *name);
	void (*cut_sql)(struct str *out, const char *column, int chars);
	void (*literal_sql)(
	    void *session, struct str *out, enum table_literal kind, const char *text, size_t len);
};

extern const struct source_kind table_source;

/* For drivers: takes the columns' names one by one and chooses those that are wanted. */
enum err table_shape_column(
    struct table_shape *shape, const struct db_url *url, const char *name, struct errbuf *eb);
/* All names were taken: ERR_NOTFOUND when a wanted one was not among them. */
enum err table_shape_check(const struct table_shape *shape, const struct db_url *url,
    const char *table, struct errbuf *eb);
/* One more column of the key; false: no memory. */
bool table_shape_key(struct table_shape *shape, const char *name, enum table_literal literal);
/* Forgets the key's columns. */
void table_shape_no_key(struct table_shape *shape);

#endif
