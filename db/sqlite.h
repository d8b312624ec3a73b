/*
 * sqlite - what every SQLite file of ours needs: opening with the right pragmas, numbered
 * migrations, statements prepared once, errors in words. A connection belongs to one thread at a
 * time. Only the connection that writes a file may checkpoint it (one writer, one checkpointer:
 * SQLite before 3.51.3 can corrupt a WAL otherwise).
 */
#ifndef TUBEOPS_DB_SQLITE_H
#define TUBEOPS_DB_SQLITE_H

#include "engine/base/err.h"
#include "engine/base/ids.h"

#include <sqlite3.h>
#include <stddef.h>

enum { DB_BUSY_MS = 10000 }; /* a connection waits so long for the locks of others */

struct db_migration {
	int version;     /* 1, 2, 3 … */
	const char *sql; /* one or many statements, run in one transaction with the version */
};

enum db_mode {
	DB_WRITE, /* the one writer: WAL, synchronous NORMAL, no automatic checkpoint, gather.h */
	DB_WRITE_DURABLE, /* the same with synchronous FULL: every commit is on the disk */
	DB_READ           /* query only; the file must exist */
};

/* Once per process, before the first file: without a lock on every allocation. */
enum err db_global_init(struct errbuf *eb) MUST_CHECK;
/* Opens (DB_WRITE* create it with mode 0600). ERR_NOTFOUND, ERR_IO, ERR_CORRUPT. */
enum err db_open(sqlite3 **out, const char *path, enum db_mode mode, struct errbuf *eb) MUST_CHECK;
void db_close(sqlite3 *db);
/*
 * Brings the file to the newest version of the list (ascending). A file with a higher version, or
 * of another application, is refused with words that say so. In DB_READ only checks.
 */
enum err db_migrate(sqlite3 *db, const char *what, int application_id,
    const struct db_migration *list, size_t n, enum db_mode mode, struct errbuf *eb) MUST_CHECK;
enum err db_exec(sqlite3 *db, const char *sql, struct errbuf *eb) MUST_CHECK;
/* *stmt is made on first use and kept by the caller; reset and with cleared bindings otherwise. */
enum err db_prepare(
    sqlite3 *db, sqlite3_stmt **stmt, const char *sql, struct errbuf *eb) MUST_CHECK;
/* Steps a statement that returns no rows and resets it. */
enum err db_run(sqlite3 *db, sqlite3_stmt *stmt, struct errbuf *eb) MUST_CHECK;
/* Steps one that may: *row says whether there is a row. Not reset while there is one. */
enum err db_step(sqlite3 *db, sqlite3_stmt *stmt, bool *row, struct errbuf *eb) MUST_CHECK;
/* Turns the connection's last error into err and words ("disk full: …"). */
enum err db_error(sqlite3 *db, const char *what, struct errbuf *eb);

void db_bind_text(sqlite3_stmt *stmt, int i, const char *text);     /* NULL: NULL; borrowed */
void db_bind_cid(sqlite3_stmt *stmt, int i, const struct cid *cid); /* borrowed */
/* NULL when value equals none. */
void db_bind_int_or(sqlite3_stmt *stmt, int i, int64_t value, int64_t none);
bool db_column_cid(sqlite3_stmt *stmt, int i, struct cid *out);
/* NULL for NULL; borrowed until the next step. */
const char *db_column_text(sqlite3_stmt *stmt, int i);
int64_t db_column_int_or(sqlite3_stmt *stmt, int i, int64_t none);

#endif
