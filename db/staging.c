#include "config.h"
#include "db/sql/staging-001.sql.h"
#include "db/sql/staging-002.sql.h"
#include "db/sql/staging-003.sql.h"
#include "db/sql/staging-004.sql.h"
#include "db/sql/staging-005.sql.h"
#include "db/sql/staging-006.sql.h"
#include "db/sql/staging-007.sql.h"
#include "db/sql/staging-008.sql.h"
#include "db/sql/staging-009.sql.h"
#include "db/staging_core.h"
#include "db/staging_import.h"
#include "db/staging_rank.h"
#include "db/staging_sums.h"
#include "db/text_json.h"
#include "engine/base/clock.h"
#include "engine/base/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STAGING_APPLICATION = 0x7475626F }; /* "tubo" */

static const struct db_migration staging_migrations[] = {
    {1, staging_001_sql},
    {2, staging_002_sql},
    {3, staging_003_sql},
    {4, staging_004_sql},
    {5, staging_005_sql},
    {6, staging_006_sql},
    {7, staging_007_sql},
    {8, staging_008_sql},
    {9, staging_009_sql},
};

static const char *const staging_sql_texts[] = {
#define STAGING_SQL(name, sql) [name] = sql,
#include "db/staging_sql.h"
#undef STAGING_SQL
};

static void staging_item_counter(char *name, enum op op, enum item_state state)
{
	snprintf(name, STAGING_COUNTER_NAME, "%s.%s", op_word(op), item_state_word(state));
}

/* Once: they are counted for each row that is written. */
static void staging_name_items(struct staging *s)
{
	for (int op = 0; op < OP_COUNT; op++)
		for (int st = 0; st < ITEM_STATE_COUNT; st++)
			staging_item_counter(
			    s->item_names[op][st], (enum op)op, (enum item_state)st);
}

enum err staging_open(struct staging **out, const char *path, enum db_mode mode, struct errbuf *eb)
{
	struct staging *s = calloc(1, sizeof *s);
	enum err err;

	*out = NULL;
	if (!s)
		return err_set(eb, ERR_NOMEM, "out of memory");
	s->mode = mode;
	staging_name_items(s);
	s->scratch = calloc(1, sizeof *s->scratch);
	err =
	    s->scratch ? db_open(&s->db, path, mode, eb) : err_set(eb, ERR_NOMEM, "out of memory");
	if (!err) {
		str_init(s->scratch, 4 * 1024 * 1024);
		err = db_migrate(s->db, path, STAGING_APPLICATION, staging_migrations,
		    sizeof staging_migrations / sizeof staging_migrations[0], mode, eb);
	}
	if (!err && mode != DB_READ)
		err = staging_import_register(s, eb);
	if (!err && mode != DB_READ)
		err = staging_rank_build(s, eb);
	if (err) {
		staging_close(s);
		return err;
	}
	*out = s;
	return ERR_OK;
}

void staging_close(struct staging *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < STAGING_SQL_COUNT; i++)
		sqlite3_finalize(s->stmts[i]);
	db_close(s->db);
	if (s->scratch)
		str_done(s->scratch);
	free(s->scratch);
	free(s);
}

int staging_newest_version(void)
{
	return staging_migrations[sizeof staging_migrations / sizeof staging_migrations[0] - 1]
	    .version;
}

sqlite3 *staging_db(struct staging *s)
{
	return s->db;
}

size_t staging_bytes(struct staging *s)
{
	static const int parts[] = {
	    SQLITE_DBSTATUS_CACHE_USED, SQLITE_DBSTATUS_SCHEMA_USED, SQLITE_DBSTATUS_STMT_USED};
	size_t sum = sizeof *s;
	int now, most;

	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		if (sqlite3_db_status(s->db, parts[i], &now, &most, 0) == SQLITE_OK)
			sum += (size_t)now;
	return sum;
}

sqlite3_stmt *staging_stmt(struct staging *s, enum staging_sql which, struct errbuf *eb)
{
	if (db_prepare(s->db, &s->stmts[which], staging_sql_texts[which], eb))
		return NULL;
	return s->stmts[which];
}

static enum err staging_run(struct staging *s, enum staging_sql which, struct errbuf *eb)
{
	sqlite3_stmt *stmt = staging_stmt(s, which, eb);

	return stmt ? db_run(s->db, stmt, eb) : ERR_INVALID;
}

/* ---- transactions ---- */

enum err staging_begin(struct staging *s, struct errbuf *eb)
{
	s->n_deltas = s->n_sums = 0;
	s->sums_err = ERR_OK;
	s->walking_known = false;
	return db_exec(s->db, "BEGIN IMMEDIATE", eb);
}

static enum err staging_write_deltas(struct staging *s, struct errbuf *eb)
{
	enum err err = ERR_OK;

	for (size_t i = 0; i < s->n_deltas && !err; i++) {
		sqlite3_stmt *stmt;
		if (!s->deltas[i].by)
			continue;
		stmt = staging_stmt(s, SQL_COUNTER_ADD, eb);
		if (!stmt)
			return ERR_INVALID;
		db_bind_text(stmt, 1, s->deltas[i].name);
		sqlite3_bind_int64(stmt, 2, s->deltas[i].by);
		err = db_run(s->db, stmt, eb);
	}
	return err;
}

static int staging_wal_hook(void *arg, sqlite3 *db, const char *name, int pages)
{
	struct staging *s = arg;

	(void)db;
	(void)name;
	s->wal_pages = pages;
	return SQLITE_OK;
}

enum err staging_commit(struct staging *s, struct errbuf *eb)
{
	enum err err = staging_write_deltas(s, eb);

	if (!err)
		err = staging_sums_write(s, eb);
	sqlite3_wal_hook(s->db, staging_wal_hook, s);
	if (!err)
		err = db_exec(s->db, "COMMIT", eb);
	if (err)
		staging_rollback(s);
	s->n_deltas = 0;
	return err;
}

void staging_rollback(struct staging *s)
{
	s->n_deltas = s->n_sums = 0;
	s->in_part = false;
	/* SQLite may have rolled back already (disk full) */
	if (!sqlite3_get_autocommit(s->db) && db_exec(s->db, "ROLLBACK", NULL))
		return;
}

enum err staging_look_begin(struct staging *s, struct errbuf *eb)
{
	return db_exec(s->db, "PRAGMA cache_size=-65536; BEGIN", eb);
}

enum err staging_peek_begin(struct staging *s, struct errbuf *eb)
{
	return db_exec(s->db, "BEGIN", eb);
}

void staging_look_end(struct staging *s)
{
	/* nothing was written: it cannot fail but for want of memory, and then the next BEGIN does */
	if (!sqlite3_get_autocommit(s->db) && db_exec(s->db, "COMMIT", NULL))
		return;
}

/* ---- limits ---- */

enum { STAGING_LIMIT_STEPS = 2000 }; /* of SQLite's machine between two looks: some 20 us */

static int staging_limit_reached(void *arg)
{
	const struct staging_limit *l = arg;

	return (l->stop && atomic_load_explicit(l->stop, memory_order_relaxed)) ||
	       (l->until_ms && clock_mono_ms() >= l->until_ms);
}

void staging_limit_set(struct staging *s, const struct staging_limit *limit)
{
	s->limit = limit;
	sqlite3_progress_handler(s->db, STAGING_LIMIT_STEPS, limit ? staging_limit_reached : NULL,
	    (void *)(uintptr_t)limit);
}

enum err staging_limit_check(struct staging *s, struct errbuf *eb)
{
	if (!s->limit || !staging_limit_reached((void *)(uintptr_t)s->limit))
		return ERR_OK;
	if (s->limit->stop && atomic_load_explicit(s->limit->stop, memory_order_relaxed))
		return err_set(eb, ERR_CANCELLED, "stopped");
	return err_set(
	    eb, ERR_TIMEOUT, "this takes too long: ask for less, or by what has an index");
}

enum err staging_part_begin(struct staging *s, struct errbuf *eb)
{
	memcpy(s->part_saved, s->deltas, s->n_deltas * sizeof s->deltas[0]);
	s->part_deltas = s->n_deltas;
	memcpy(s->part_sums, s->sums, s->n_sums * sizeof s->sums[0]);
	s->n_part_sums = s->n_sums;
	s->in_part = true;
	return staging_run(s, SQL_PART_BEGIN, eb);
}

enum err staging_part_end(struct staging *s, bool keep, struct errbuf *eb)
{
	s->in_part = false;
	if (keep)
		return staging_run(s, SQL_PART_KEEP, eb);
	memcpy(s->deltas, s->part_saved, s->part_deltas * sizeof s->deltas[0]);
	s->n_deltas = s->part_deltas;
	memcpy(s->sums, s->part_sums, s->n_part_sums * sizeof s->sums[0]);
	s->n_sums = s->n_part_sums;
	return db_exec(s->db, "ROLLBACK TO part; RELEASE part", eb);
}

enum err staging_checkpoint(struct staging *s, bool truncate, struct errbuf *eb)
{
	int code;

	/* FULL has the lock that gather.h wants, and waits for nobody here: what readers hold back the next one takes */
	if (!truncate)
		sqlite3_busy_timeout(s->db, 0);
	code = sqlite3_wal_checkpoint_v2(s->db, NULL,
	    truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_FULL, NULL, NULL);
	sqlite3_busy_timeout(s->db, DB_BUSY_MS);
	if (code == SQLITE_OK || (code & 0xFF) == SQLITE_BUSY)
		return ERR_OK;
	return db_error(s->db, "checkpoint", eb);
}

int staging_wal_pages(const struct staging *s)
{
	return s->wal_pages;
}

static enum err staging_pragma_check(struct staging *s, const char *pragma, struct errbuf *eb)
{
	sqlite3_stmt *stmt = NULL;
	bool row = false;
	enum err err = db_prepare(s->db, &stmt, pragma, eb);

	if (!err)
		err = db_step(s->db, stmt, &row, eb);
	if (!err && row && strcmp(db_column_text(stmt, 0), "ok") != 0)
		err = err_set(eb, ERR_CORRUPT, "integrity check: %s", db_column_text(stmt, 0));
	sqlite3_finalize(stmt);
	return err;
}

enum err staging_check(struct staging *s, struct errbuf *eb)
{
	return staging_pragma_check(s, "PRAGMA integrity_check(1)", eb);
}

enum err staging_check_quick(struct staging *s, struct errbuf *eb)
{
	return staging_pragma_check(s, "PRAGMA quick_check(1)", eb);
}

enum err staging_bind_list(
    struct staging *s, sqlite3_stmt *stmt, int i, const struct text_list *list, struct errbuf *eb)
{
	struct str *b = s->scratch;

	if (list->n < 0) {
		sqlite3_bind_null(stmt, i);
		return ERR_OK;
	}
	str_reset(b);
	text_json_write(list, b);
	if (b->err)
		return err_set(
		    eb, b->err, "a list of texts cannot be stored: %s", err_word(b->err));
	sqlite3_bind_text(stmt, i, str_get(b), (int)b->len, SQLITE_TRANSIENT);
	return ERR_OK;
}

/* ---- counters ---- */

void staging_count(struct staging *s, const char *name, int64_t by)
{
	struct staging_delta *d;

	for (size_t i = 0; i < s->n_deltas; i++)
		if (strcmp(s->deltas[i].name, name) == 0) {
			s->deltas[i].by += by;
			return;
		}
	if (s->n_deltas == STAGING_COUNTERS)
		return; /* there are fewer names than places: checked by staging_check_counters */
	d = &s->deltas[s->n_deltas++];
	snprintf(d->name, sizeof d->name, "%s", name);
	d->by = by;
}

void staging_count_item(struct staging *s, enum op op, enum item_state state, int64_t by)
{
	staging_count(s, s->item_names[op][state], by);
}

void staging_count_new_channels(struct staging *s, int64_t n)
{
	staging_count(s, "channels", n);
	for (int op = 0; op < OP_COUNT; op++)
		staging_count_item(s, (enum op)op, ITEM_PENDING, n);
}

static int64_t *staging_counter_place(struct counters *c, const char *name)
{
	char item[STAGING_COUNTER_NAME];

	if (strcmp(name, "channels") == 0)
		return &c->channels;
	if (strcmp(name, "videos") == 0)
		return &c->videos;
	if (strcmp(name, "edges") == 0)
		return &c->edges;
	if (strcmp(name, "unresolved") == 0)
		return &c->unresolved;
	if (strcmp(name, "outbox") == 0)
		return &c->outbox;
	for (int op = 0; op < OP_COUNT; op++)
		for (int st = 0; st < ITEM_STATE_COUNT; st++) {
			staging_item_counter(item, (enum op)op, (enum item_state)st);
			if (strcmp(name, item) == 0)
				return &c->items[op][st];
		}
	return NULL;
}

enum err staging_counters(struct staging *s, struct counters *out, struct errbuf *eb)
{
	sqlite3_stmt *stmt = staging_stmt(s, SQL_COUNTERS, eb);
	enum err err = ERR_OK;
	bool row = stmt != NULL;

	*out = (struct counters){0};
	if (!stmt)
		return ERR_INVALID;
	while (!err && !(err = db_step(s->db, stmt, &row, eb)) && row) {
		int64_t *place = staging_counter_place(out, db_column_text(stmt, 0));
		if (place)
			*place = sqlite3_column_int64(stmt, 1);
	}
	return err;
}

static enum err staging_compare(
    sqlite3 *db, const char *name, int64_t counted, const char *sql, struct errbuf *eb)
{
	sqlite3_stmt *stmt = NULL;
	bool row = false;
	int64_t truth = 0;
	enum err err = db_prepare(db, &stmt, sql, eb);

	if (!err)
		err = db_step(db, stmt, &row, eb);
	if (!err && row)
		truth = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	if (!err && truth != counted)
		err = err_set(eb, ERR_CORRUPT, "counter %s says %lld, there are %lld", name,
		    (long long)counted, (long long)truth);
	return err;
}

static enum err staging_compare_all(struct staging *s, struct errbuf *eb)
{
	struct counters c;
	char name[STAGING_COUNTER_NAME], sql[160];
	enum err err = staging_counters(s, &c, eb);

	if (!err)
		err = staging_compare(
		    s->db, "channels", c.channels, "SELECT count(*) FROM channel", eb);
	if (!err)
		err = staging_compare(
		    s->db, "unresolved", c.unresolved, "SELECT count(*) FROM unresolved", eb);
	if (!err)
		err = staging_compare(s->db, "outbox", c.outbox, "SELECT count(*) FROM outbox", eb);
	if (!err)
		err = staging_compare(s->db, "videos", c.videos, "SELECT count(*) FROM video", eb);
	if (!err)
		err = staging_compare(s->db, "edges", c.edges, "SELECT count(*) FROM edge", eb);
	for (int op = 0; op < OP_COUNT && !err; op++)
		for (int st = 0; st < ITEM_STATE_COUNT && !err; st++) {
			staging_item_counter(name, (enum op)op, (enum item_state)st);
			snprintf(sql, sizeof sql, "SELECT count(*) FROM channel WHERE %s = %d",
			    op_word((enum op)op), st);
			err = staging_compare(s->db, name, c.items[op][st], sql, eb);
		}
	return err ? err : staging_sums_check(s, eb);
}

enum err staging_check_counters(struct staging *s, struct errbuf *eb)
{
	bool own = sqlite3_get_autocommit(s->db) != 0;
	enum err err = own ? db_exec(s->db, "BEGIN", eb) : ERR_OK; /* one picture of both */

	if (!err)
		err = staging_compare_all(s, eb);
	if (!err)
		err = staging_rank_check(s, eb);
	if (own && !sqlite3_get_autocommit(s->db) && db_exec(s->db, "COMMIT", NULL))
		return err ? err : err_set(eb, ERR_IO, "the check could not be ended");
	return err;
}
