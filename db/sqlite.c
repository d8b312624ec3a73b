#include "config.h"
#include "db/sqlite.h"
#include "db/gather.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum err db_global_init(struct errbuf *eb)
{
	if (sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) != SQLITE_OK ||
	    sqlite3_initialize() != SQLITE_OK)
		return err_set(eb, ERR_INVALID, "SQLite cannot be set up");
	return ERR_OK;
}

static enum err db_error_class(int code)
{
	switch (code & 0xFF) {
	case SQLITE_OK:
	case SQLITE_DONE:
	case SQLITE_ROW:
		return ERR_OK;
	case SQLITE_NOMEM:
		return ERR_NOMEM;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return ERR_BUSY;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return ERR_CORRUPT;
	case SQLITE_FULL:
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
	case SQLITE_READONLY:
		return ERR_IO;
	case SQLITE_INTERRUPT:
	case SQLITE_ABORT:
		return ERR_CANCELLED;
	default:
		return ERR_INVALID;
	}
}

enum err db_error(sqlite3 *db, const char *what, struct errbuf *eb)
{
	int code = sqlite3_extended_errcode(db);
	enum err err = db_error_class(code);
	const char *help = "";

	if ((code & 0xFF) == SQLITE_FULL)
		help = " (disk full: free some space, the work goes on by itself)";
	else if ((code & 0xFF) == SQLITE_IOERR)
		help = " (is its disk full or broken?)";
	else if ((code & 0xFF) == SQLITE_CANTOPEN)
		help = " (is it there, and can its folder be written?)";
	else if ((code & 0xFF) == SQLITE_READONLY)
		help = " (the file or its folder cannot be written)";
	return err_set(eb, err ? err : ERR_IO, "%s: %s%s", what, sqlite3_errmsg(db), help);
}

enum err db_exec(sqlite3 *db, const char *sql, struct errbuf *eb)
{
	return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ? ERR_OK
	                                                            : db_error(db, "database", eb);
}

/*
 * SQLite would create the file with the umask's mode; keys and lists are nobody else's business. One that is there is
 * not opened: closing it would take away the locks that connections of this process have on it.
 */
static enum err db_create_private(const char *path, struct errbuf *eb)
{
	int fd = -1;

	if (access(path, F_OK) != 0)
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0)
		close(fd);
	else if (access(path, R_OK | W_OK) != 0)
		return err_set(
		    eb, ERR_IO, "%s: cannot be created or written; check the data folder", path);
	return ERR_OK;
}

static enum err db_set_up(sqlite3 *db, enum db_mode mode, struct errbuf *eb)
{
	enum err err;

	sqlite3_extended_result_codes(db, 1);
	sqlite3_busy_timeout(db, DB_BUSY_MS);
	sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	err = db_exec(db,
	    "PRAGMA foreign_keys=OFF; PRAGMA temp_store=MEMORY; PRAGMA mmap_size=0;"
	    "PRAGMA trusted_schema=ON; PRAGMA secure_delete=OFF",
	    eb);
	if (!err && mode == DB_READ)
		err = db_exec(db, "PRAGMA query_only=1; PRAGMA cache_size=-8192", eb);
	if (!err && mode != DB_READ)
		err = db_exec(db,
		    "PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0;"
		    "PRAGMA cache_size=-65536",
		    eb);
	if (!err && mode == DB_WRITE)
		err = db_exec(db, "PRAGMA synchronous=NORMAL", eb);
	if (!err && mode == DB_WRITE_DURABLE)
		err = db_exec(db, "PRAGMA synchronous=FULL; PRAGMA cache_size=-1024", eb);
	return err;
}

enum err db_open(sqlite3 **out, const char *path, enum db_mode mode, struct errbuf *eb)
{
	int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_READWRITE;
	enum err err = ERR_OK;

	*out = NULL;
	if (mode != DB_READ)
		err = db_create_private(path, eb);
	else if (access(path, F_OK) != 0)
		err = err_set(eb, ERR_NOTFOUND, "%s: no such file; nothing was imported yet", path);
	if (err)
		return err;
	/* a reader opens read-write too (query_only): WAL needs its shared memory file */
	if (mode == DB_READ && access(path, W_OK) != 0)
		flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_READONLY;
	if (sqlite3_open_v2(path, out, flags, mode == DB_WRITE ? gather_vfs_name() : NULL) !=
	    SQLITE_OK) {
		err = *out ? db_error(*out, path, eb) : err_set(eb, ERR_NOMEM, "out of memory");
		db_close(*out);
		*out = NULL;
		return err;
	}
	err = db_set_up(*out, mode, eb);
	if (err) {
		err_prefix(eb, "%s", path);
		db_close(*out);
		*out = NULL;
	}
	return err;
}

void db_close(sqlite3 *db)
{
	if (db)
		sqlite3_close_v2(db);
}

static enum err db_pragma_number(sqlite3 *db, const char *sql, int *out, struct errbuf *eb)
{
	sqlite3_stmt *stmt = NULL;
	enum err err = db_prepare(db, &stmt, sql, eb);
	bool row = false;

	if (!err)
		err = db_step(db, stmt, &row, eb);
	*out = row ? sqlite3_column_int(stmt, 0) : 0;
	sqlite3_finalize(stmt);
	return err;
}

static enum err db_migrate_one(sqlite3 *db, const struct db_migration *m, int id, struct errbuf *eb)
{
	char tail[96];
	enum err err = db_exec(db, "BEGIN IMMEDIATE", eb);

	if (err)
		return err;
	sqlite3_snprintf(
	    sizeof tail, tail, "PRAGMA application_id=%d; PRAGMA user_version=%d", id, m->version);
	err = db_exec(db, m->sql, eb);
	if (!err)
		err = db_exec(db, tail, eb);
	if (!err)
		err = db_exec(db, "COMMIT", eb);
	if (err && db_exec(db, "ROLLBACK", NULL))
		err_prefix(eb, "not rolled back");
	return err;
}

enum err db_migrate(sqlite3 *db, const char *what, int application_id,
    const struct db_migration *list, size_t n, enum db_mode mode, struct errbuf *eb)
{
	int version, id, objects = 0, newest = n ? list[n - 1].version : 0;
	enum err err = db_pragma_number(db, "PRAGMA user_version", &version, eb);

	if (!err)
		err = db_pragma_number(db, "PRAGMA application_id", &id, eb);
	if (!err && !version)
		err = db_pragma_number(db, "SELECT count(*) FROM sqlite_schema", &objects, eb);
	if (err)
		return err_prefix(eb, "%s", what);
	if ((version > 0 || id || objects) && id != application_id)
		return err_set(eb, ERR_DENIED, "%s: this is another program's database", what);
	if (version > newest)
		return err_set(eb, ERR_DENIED,
		    "%s: written by a newer tubeops (schema %d, this program "
		    "knows %d); use that version",
		    what, version, newest);
	if (mode == DB_READ && version < newest)
		return err_set(eb, ERR_DENIED,
		    "%s: schema %d is older than this program's %d; start "
		    "tubeops once to bring it up to date",
		    what, version, newest);
	for (size_t i = 0; i < n && !err; i++)
		if (list[i].version > version)
			err = db_migrate_one(db, &list[i], application_id, eb);
	return err ? err_prefix(eb, "%s: migration", what) : ERR_OK;
}

enum err db_prepare(sqlite3 *db, sqlite3_stmt **stmt, const char *sql, struct errbuf *eb)
{
	if (*stmt) {
		sqlite3_reset(*stmt);
		sqlite3_clear_bindings(*stmt);
		return ERR_OK;
	}
	if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, stmt, NULL) != SQLITE_OK)
		return db_error(db, "statement", eb);
	return ERR_OK;
}

enum err db_step(sqlite3 *db, sqlite3_stmt *stmt, bool *row, struct errbuf *eb)
{
	int code = sqlite3_step(stmt);
	enum err err = ERR_OK;

	*row = code == SQLITE_ROW;
	if (code == SQLITE_ROW)
		return ERR_OK;
	if (code != SQLITE_DONE)
		err = db_error(db, "database", eb);
	sqlite3_reset(stmt);
	return err;
}

enum err db_run(sqlite3 *db, sqlite3_stmt *stmt, struct errbuf *eb)
{
	bool row;
	enum err err = db_step(db, stmt, &row, eb);

	if (!err && row)
		sqlite3_reset(stmt);
	return err;
}

void db_bind_text(sqlite3_stmt *stmt, int i, const char *text)
{
	if (text)
		sqlite3_bind_text(stmt, i, text, -1, SQLITE_STATIC);
	else
		sqlite3_bind_null(stmt, i);
}

void db_bind_cid(sqlite3_stmt *stmt, int i, const struct cid *cid)
{
	sqlite3_bind_blob(stmt, i, cid->b, CID_BYTES, SQLITE_STATIC);
}

void db_bind_int_or(sqlite3_stmt *stmt, int i, int64_t value, int64_t none)
{
	if (value == none)
		sqlite3_bind_null(stmt, i);
	else
		sqlite3_bind_int64(stmt, i, value);
}

bool db_column_cid(sqlite3_stmt *stmt, int i, struct cid *out)
{
	const void *b = sqlite3_column_blob(stmt, i);

	if (!b || sqlite3_column_bytes(stmt, i) != CID_BYTES)
		return false;
	memcpy(out->b, b, CID_BYTES);
	return true;
}

const char *db_column_text(sqlite3_stmt *stmt, int i)
{
	return (const char *)sqlite3_column_text(stmt, i);
}

int64_t db_column_int_or(sqlite3_stmt *stmt, int i, int64_t none)
{
	return sqlite3_column_type(stmt, i) == SQLITE_NULL ? none : sqlite3_column_int64(stmt, i);
}
