#include "config.h"
#include "db/quota_store.h"
#include "db/sql/quota-001.sql.h"
#include "db/sql/quota-002.sql.h"
#include "db/sql/quota-003.sql.h"
#include "db/sqlite.h"

#include <stdlib.h>

/* "tbqk": tells our file from any other SQLite file. */
enum { QUOTA_APPLICATION_ID = 0x7462716B, QUOTA_CHECKPOINT_COMMITS = 256 };

#define QUOTA_STATEMENTS(X)                                                                        \
	X(QUOTA_BEGIN, "BEGIN IMMEDIATE")                                                          \
	X(QUOTA_COMMIT, "COMMIT")                                                                  \
	X(QUOTA_KEYS,                                                                              \
	    "SELECT id, name, project, secret, print, refused, from_settings, enabled, quota,"     \
	    " errors, last_used, last_ok, calls, calls_day FROM key ORDER BY id")                  \
	X(QUOTA_PROJECTS, "SELECT name, refused FROM project ORDER BY name")                       \
	X(QUOTA_KEY_ADD,                                                                           \
	    "INSERT INTO key (name, project, refused, from_settings, enabled, quota, errors,"      \
	    " last_used, last_ok, calls, calls_day, secret, print)"                                \
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)")                    \
	X(QUOTA_KEY_SAVE,                                                                          \
	    "UPDATE key SET name = ?1, project = ?2, refused = ?3, from_settings = ?4,"            \
	    " enabled = ?5, quota = ?6, errors = ?7, last_used = ?8, last_ok = ?9, calls = ?10,"   \
	    " calls_day = ?11, secret = CASE WHEN ?4 THEN NULL ELSE secret END WHERE id = ?12")    \
	X(QUOTA_KEY_REMOVE, "DELETE FROM key WHERE id = ?1")                                       \
	X(QUOTA_PROJECT_REFUSE, "INSERT INTO project (name, refused) VALUES (?1, ?2)"              \
	                        " ON CONFLICT (name) DO UPDATE SET refused = excluded.refused")    \
	X(QUOTA_BOOK_GET, "SELECT used, \"limit\", spent_at, granted FROM bucket_day"              \
	                  " WHERE project = ?1 AND bucket = ?2 AND day = ?3")                      \
	X(QUOTA_BOOK_PUT,                                                                          \
	    "INSERT INTO bucket_day (project, bucket, day, used, \"limit\", spent_at)"             \
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (project, bucket, day) DO UPDATE SET"    \
	    " used = excluded.used, \"limit\" = excluded.\"limit\", spent_at = excluded.spent_at") \
	X(QUOTA_GRANT_PUT,                                                                         \
	    "INSERT INTO bucket_day (project, bucket, day, granted) VALUES (?1, ?2, ?3, ?4)"       \
	    " ON CONFLICT (project, bucket, day) DO UPDATE SET granted = excluded.granted")        \
	X(QUOTA_BOOK_RETURN, "UPDATE bucket_day SET used = max(0, used - ?4)"                      \
	                     " WHERE project = ?1 AND bucket = ?2 AND day = ?3")                   \
	X(QUOTA_NEWEST, "SELECT max(day) FROM bucket_day")                                         \
	X(QUOTA_SPENDING_PUT,                                                                      \
	    "INSERT INTO spending (day, project, bucket, key, stage, hour, units, failed)"         \
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO UPDATE SET"                   \
	    " units = excluded.units, failed = excluded.failed")                                   \
	X(QUOTA_SPENDING, "SELECT day, project, bucket, key, stage, hour, units, failed"           \
	                  " FROM spending WHERE day >= ?1 AND day <= ?2")                          \
	X(QUOTA_SPENDING_KEYS,                                                                     \
	    "SELECT day, '', bucket, key, '', 0, sum(units), sum(failed) FROM spending"            \
	    " WHERE day >= ?1 AND day <= ?2 GROUP BY day, bucket, key")                            \
	X(QUOTA_SPENDING_FORGET, "DELETE FROM spending WHERE day < ?1")                            \
	X(QUOTA_LEFT_OVER, "SELECT sum(max(0, \"limit\" - used)) FROM bucket_day"                  \
	                   " WHERE bucket = ?1 AND day = ?2")

enum quota_statement {
#define QUOTA_ENUM(name, sql) name,
	QUOTA_STATEMENTS(QUOTA_ENUM)
#undef QUOTA_ENUM
	    QUOTA_STATEMENT_COUNT
};

static const char *const quota_sql[] = {
#define QUOTA_SQL(name, sql) [name] = sql,
    QUOTA_STATEMENTS(QUOTA_SQL)
#undef QUOTA_SQL
};

struct quota_store {
	sqlite3 *db;
	bool read_only;
	int commits; /* since the last checkpoint */
	sqlite3_stmt *stmts[QUOTA_STATEMENT_COUNT];
};

/* err_prefix alone would lose the code of a caller without an errbuf. */
static enum err quota_name_file(enum err err, struct errbuf *eb)
{
	if (err)
		err_prefix(eb, "quota.db");
	return err;
}

static enum err quota_prepare(
    struct quota_store *qs, enum quota_statement id, sqlite3_stmt **out, struct errbuf *eb)
{
	enum err err = db_prepare(qs->db, &qs->stmts[id], quota_sql[id], eb);

	*out = qs->stmts[id];
	return quota_name_file(err, eb);
}

static enum err quota_run(struct quota_store *qs, sqlite3_stmt *stmt, struct errbuf *eb)
{
	return quota_name_file(db_run(qs->db, stmt, eb), eb);
}

static enum err quota_step(struct quota_store *qs, sqlite3_stmt *stmt, bool *row, struct errbuf *eb)
{
	return quota_name_file(db_step(qs->db, stmt, row, eb), eb);
}

static const struct db_migration migrations[] = {
    {1, quota_001_sql}, {2, quota_002_sql}, {3, quota_003_sql}};

int quota_store_newest_version(void)
{
	return migrations[sizeof migrations / sizeof migrations[0] - 1].version;
}

/* A book of before version 2 has no table of spending. */
static enum err quota_merge_spending(struct quota_store *qs, struct errbuf *eb)
{
	static const char merge[] =
	    "INSERT INTO main.spending SELECT day, project, bucket, key, stage, hour, units, "
	    "failed FROM other.spending WHERE true ON CONFLICT DO UPDATE SET "
	    "units = max(units, excluded.units), failed = max(failed, excluded.failed)";
	sqlite3_stmt *stmt = NULL;
	bool there = false;
	enum err err = db_prepare(
	    qs->db, &stmt, "SELECT 1 FROM other.sqlite_schema WHERE name = 'spending'", eb);

	if (!err)
		err = db_step(qs->db, stmt, &there, eb);
	sqlite3_finalize(stmt);
	return err || !there ? err : db_exec(qs->db, merge, eb);
}

enum err quota_store_merge(struct quota_store *qs, const char *path, struct errbuf *eb)
{
	static const char merge[] =
	    "INSERT INTO main.bucket_day (project, bucket, day, used, \"limit\", spent_at) "
	    "SELECT project, bucket, day, used, \"limit\", spent_at "
	    "FROM other.bucket_day WHERE true ON CONFLICT (project, bucket, day) DO UPDATE SET "
	    "used = max(used, excluded.used), spent_at = max(spent_at, excluded.spent_at)";
	sqlite3_stmt *attach = NULL;
	enum err err = db_prepare(qs->db, &attach, "ATTACH ?1 AS other", eb);

	if (!err) {
		db_bind_text(attach, 1, path);
		err = db_run(qs->db, attach, eb);
	}
	sqlite3_finalize(attach);
	if (err)
		return err;
	err = db_exec(qs->db, merge, eb);
	if (!err)
		err = quota_merge_spending(qs, eb);
	if (db_exec(qs->db, "DETACH other", err ? NULL : eb))
		err = err ? err : ERR_IO;
	return err;
}

enum err quota_store_open(
    struct quota_store **out, const char *path, bool read_only, struct errbuf *eb)
{
	enum db_mode mode = read_only ? DB_READ : DB_WRITE_DURABLE;
	struct quota_store *qs = calloc(1, sizeof *qs);
	enum err err;

	*out = NULL;
	if (!qs)
		return err_set(eb, ERR_NOMEM, "out of memory");
	qs->read_only = read_only;
	err = db_open(&qs->db, path, mode, eb);
	if (!err)
		err = db_migrate(qs->db, "quota.db", QUOTA_APPLICATION_ID, migrations,
		    sizeof migrations / sizeof migrations[0], mode, eb);
	/* removed keys must not stay readable in free pages */
	if (!err && !read_only)
		err = db_exec(qs->db, "PRAGMA secure_delete=ON", eb);
	if (err) {
		quota_store_close(qs);
		return err;
	}
	*out = qs;
	return ERR_OK;
}

void quota_store_wipe(struct quota_store *qs)
{
	/* not to be moved now means moved at one of the next commits */
	sqlite3_wal_checkpoint_v2(qs->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	qs->commits = 0;
}

void quota_store_close(struct quota_store *qs)
{
	if (!qs)
		return;
	for (int i = 0; i < QUOTA_STATEMENT_COUNT; i++)
		sqlite3_finalize(qs->stmts[i]);
	if (qs->db && !qs->read_only)
		quota_store_wipe(qs);
	db_close(qs->db);
	free(qs);
}

enum err quota_store_begin(struct quota_store *qs, struct errbuf *eb)
{
	sqlite3_stmt *stmt;
	enum err err = quota_prepare(qs, QUOTA_BEGIN, &stmt, eb);

	return err ? err : quota_run(qs, stmt, eb);
}

void quota_store_rollback(struct quota_store *qs)
{
	if (!sqlite3_get_autocommit(qs->db))
		sqlite3_exec(qs->db, "ROLLBACK", NULL, NULL, NULL);
}

enum err quota_store_commit(struct quota_store *qs, struct errbuf *eb)
{
	sqlite3_stmt *stmt;
	enum err err = quota_prepare(qs, QUOTA_COMMIT, &stmt, eb);

	if (!err)
		err = quota_run(qs, stmt, eb);
	if (err) {
		quota_store_rollback(qs);
		return err;
	}
	if (++qs->commits >= QUOTA_CHECKPOINT_COMMITS) {
		sqlite3_wal_checkpoint_v2(qs->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
		qs->commits = 0;
	}
	return ERR_OK;
}

enum err quota_store_keys_each(
    struct quota_store *qs, quota_key_fn *fn, void *arg, struct errbuf *eb)
{
	sqlite3_stmt *st;
	enum err err = quota_prepare(qs, QUOTA_KEYS, &st, eb);
	bool more = false;

	if (!err)
		err = quota_step(qs, st, &more, eb);
	while (!err && more) {
		struct quota_key_row row = {.id = sqlite3_column_int64(st, 0),
		    .name = db_column_text(st, 1),
		    .project = db_column_text(st, 2),
		    .secret = db_column_text(st, 3),
		    .print = db_column_text(st, 4),
		    .refused = db_column_text(st, 5),
		    .from_settings = sqlite3_column_int(st, 6) != 0,
		    .enabled = sqlite3_column_int(st, 7) != 0,
		    .quota = sqlite3_column_int64(st, 8),
		    .errors = sqlite3_column_int64(st, 9),
		    .last_used = sqlite3_column_int64(st, 10),
		    .last_ok = sqlite3_column_int64(st, 11),
		    .calls = sqlite3_column_int64(st, 12),
		    .calls_day = sqlite3_column_int64(st, 13)};
		if (!row.name || !row.project || !row.print || !row.refused)
			err = err_set(eb, ERR_NOMEM, "out of memory");
		if (!err)
			err = fn(arg, &row, eb);
		if (!err)
			err = quota_step(qs, st, &more, eb);
	}
	sqlite3_reset(st);
	return err;
}

enum err quota_store_projects_each(
    struct quota_store *qs, quota_project_fn *fn, void *arg, struct errbuf *eb)
{
	sqlite3_stmt *st;
	enum err err = quota_prepare(qs, QUOTA_PROJECTS, &st, eb);
	bool more = false;

	if (!err)
		err = quota_step(qs, st, &more, eb);
	while (!err && more) {
		const char *name = db_column_text(st, 0), *refused = db_column_text(st, 1);
		err = name && refused ? fn(arg, name, refused, eb)
		                      : err_set(eb, ERR_NOMEM, "out of memory");
		if (!err)
			err = quota_step(qs, st, &more, eb);
	}
	sqlite3_reset(st);
	return err;
}

static void quota_bind_key(sqlite3_stmt *st, const struct quota_key_row *row)
{
	db_bind_text(st, 1, row->name);
	db_bind_text(st, 2, row->project);
	db_bind_text(st, 3, row->refused);
	sqlite3_bind_int(st, 4, row->from_settings);
	sqlite3_bind_int(st, 5, row->enabled);
	sqlite3_bind_int64(st, 6, row->quota);
	sqlite3_bind_int64(st, 7, row->errors);
	sqlite3_bind_int64(st, 8, row->last_used);
	sqlite3_bind_int64(st, 9, row->last_ok);
	sqlite3_bind_int64(st, 10, row->calls);
	sqlite3_bind_int64(st, 11, row->calls_day);
}

enum err quota_store_key_add(
    struct quota_store *qs, const struct quota_key_row *row, int64_t *id, struct errbuf *eb)
{
	sqlite3_stmt *st;
	enum err err = quota_prepare(qs, QUOTA_KEY_ADD, &st, eb);

	if (err)
		return err;
	quota_bind_key(st, row);
	db_bind_text(st, 12, row->from_settings ? NULL : row->secret);
	db_bind_text(st, 13, row->print);
	err = quota_run(qs, st, eb);
	if (!err)
		*id = sqlite3_last_insert_rowid(qs->db);
	sqlite3_clear_bindings(st);
	return err;
}

enum err quota_store_key_save(
    struct quota_store *qs, const struct quota_key_row *row, struct errbuf *eb)
{
	sqlite3_stmt *st;
	enum err err = quota_prepare(qs, QUOTA_KEY_SAVE, &st, eb);

	if (err)
		return err;
	quota_bind_key(st, row);
	sqlite3_bind_int64(st, 12, row->id);
	return quota_run(qs, st, eb);
}

enum err quota_store_key_remove(struct quota_store *qs, int64_t id, struct errbuf *eb)
{
	sqlite3_stmt *st;
	enum err err = quota_prepare(qs, QUOTA_KEY_REMOVE, &st, eb);

	if (err)
		return err;
	sqlite3_bind_int64(st, 1, id);
	err = quota_run(qs, st, eb);
	if (!err)
		quota_store_wipe(qs);
	return err;
}

enum err quota_store_project_refuse(
    struct quota_store *qs, const char *name, const char *reason, struct errbuf *eb)
{
	sqlite3_stmt *st;
	enum err err = quota_prepare(qs, QUOTA_PROJECT_REFUSE, &st, eb);

	if (err)
		return err;
	db_bind_text(st, 1, name);
	db_bind_text(st, 2, reason);
	return quota_run(qs, st, eb);
}

static void quota_bind_book(sqlite3_stmt *st, const struct quota_book_row *row)
{
	db_bind_text(st, 1, row->project);
	db_bind_text(st, 2, row->bucket);
	sqlite3_bind_int64(st, 3, row->day);
}

enum err quota_store_book_get(
    struct quota_store *qs, struct quota_book_row *row, bool *found, struct errbuf *eb)
{
	sqlite3_stmt *st;
	enum err err = quota_prepare(qs, QUOTA_BOOK_GET, &st, eb);

	*found = false;
	row->used = row->limit = row->spent_at = row->granted = 0;
	if (err)
		return err;
	quota_bind_book(st, row);
	err = quota_step(qs, st, found, eb);
	if (!err && *found) {
		row->used = sqlite3_column_int64(st, 0);
		row->limit = sqlite3_column_int64(st, 1);
		row->spent_at = sqlite3_column_int64(st, 2);
		row->granted = sqlite3_column_int64(st, 3);
	}
	sqlite3_reset(st);
	return err;
}

enum err quota_store_book_put(
    struct quota_store *qs, const struct quota_book_row *row, struct errbuf *eb)
{
	sqlite3_stmt *st;
	enum err err = quota_prepare(qs, QUOTA_BOOK_PUT, &st, eb);

	if (err)
		return err;
	quota_bind_book(st, row);
	sqlite3_bind_int64(st, 4, row->used);
	sqlite3_bind_int64(st, 5, row->limit);
	sqlite3_bind_int64(st, 6, row->spent_at);
	return quota_run(qs, st, eb);
}

enum err quota_store_grant_put(
    struct quota_store *qs, const struct quota_book_row *row, int64_t granted, struct errbuf *eb)
{
	sqlite3_stmt *st;
	enum err err = quota_prepare(qs, QUOTA_GRANT_PUT, &st, eb);

	if (err)
		return err;
	quota_bind_book(st, row);
	sqlite3_bind_int64(st, 4, granted);
	return quota_run(qs, st, eb);
}

enum err quota_store_book_return(
    struct quota_store *qs, const struct quota_book_row *row, int64_t units, struct errbuf *eb)
{
	sqlite3_stmt *st;
	enum err err = quota_prepare(qs, QUOTA_BOOK_RETURN, &st, eb);

	if (err)
		return err;
	quota_bind_book(st, row);
	sqlite3_bind_int64(st, 4, units);
	return quota_run(qs, st, eb);
}

enum err quota_store_newest_day(struct quota_store *qs, int64_t *day, struct errbuf *eb)
{
	sqlite3_stmt *st;
	enum err err = quota_prepare(qs, QUOTA_NEWEST, &st, eb);
	bool row = false;

	*day = 0;
	if (!err)
		err = quota_step(qs, st, &row, eb);
	if (!err && row)
		*day = db_column_int_or(st, 0, 0);
	sqlite3_reset(st);
	return err;
}

enum err quota_store_spending_put(
    struct quota_store *qs, const struct quota_spending_row *row, struct errbuf *eb)
{
	sqlite3_stmt *st;
	enum err err = quota_prepare(qs, QUOTA_SPENDING_PUT, &st, eb);

	if (err)
		return err;
	sqlite3_bind_int64(st, 1, row->day);
	db_bind_text(st, 2, row->project);
	db_bind_text(st, 3, row->bucket);
	sqlite3_bind_int64(st, 4, row->key);
	db_bind_text(st, 5, row->stage);
	sqlite3_bind_int(st, 6, row->hour);
	sqlite3_bind_int64(st, 7, row->units);
	sqlite3_bind_int64(st, 8, row->failed);
	return quota_run(qs, st, eb);
}

enum err quota_store_spending_each(struct quota_store *qs, int64_t from, int64_t to, bool by_key,
    quota_spending_fn *fn, void *arg, struct errbuf *eb)
{
	sqlite3_stmt *st;
	enum err err = quota_prepare(qs, by_key ? QUOTA_SPENDING_KEYS : QUOTA_SPENDING, &st, eb);
	bool more = false;

	if (err)
		return err;
	sqlite3_bind_int64(st, 1, from);
	sqlite3_bind_int64(st, 2, to);
	err = quota_step(qs, st, &more, eb);
	while (!err && more) {
		struct quota_spending_row row = {.day = sqlite3_column_int64(st, 0),
		    .project = db_column_text(st, 1),
		    .bucket = db_column_text(st, 2),
		    .key = sqlite3_column_int64(st, 3),
		    .stage = db_column_text(st, 4),
		    .hour = sqlite3_column_int(st, 5),
		    .units = sqlite3_column_int64(st, 6),
		    .failed = sqlite3_column_int64(st, 7)};
		if (!row.project || !row.bucket || !row.stage)
			err = err_set(eb, ERR_NOMEM, "out of memory");
		if (!err)
			err = fn(arg, &row, eb);
		if (!err)
			err = quota_step(qs, st, &more, eb);
	}
	sqlite3_reset(st);
	return err;
}

enum err quota_store_spending_forget(struct quota_store *qs, int64_t before_day, struct errbuf *eb)
{
	sqlite3_stmt *st;
	enum err err = quota_prepare(qs, QUOTA_SPENDING_FORGET, &st, eb);

	if (err)
		return err;
	sqlite3_bind_int64(st, 1, before_day);
	return quota_run(qs, st, eb);
}

enum err quota_store_left_over(
    struct quota_store *qs, const char *bucket, int64_t day, int64_t *out, struct errbuf *eb)
{
	sqlite3_stmt *st;
	enum err err = quota_prepare(qs, QUOTA_LEFT_OVER, &st, eb);
	bool row = false;

	*out = -1;
	if (err)
		return err;
	db_bind_text(st, 1, bucket);
	sqlite3_bind_int64(st, 2, day);
	err = quota_step(qs, st, &row, eb);
	if (!err && row)
		*out = db_column_int_or(st, 0, -1);
	sqlite3_reset(st);
	return err;
}
