/*
 * insert_peer - the named peer of the benchmarks of videos, discovery and refresh: plain prepared
 * INSERTs of the rows that a job left in staging, into the same tables with the same indexes.
 *   insert_peer AFTER BEFORE TARGET ROWS TABLE[:COLUMN]...
 * AFTER is the staging file behind the job, BEFORE the one in front of it ("": all rows count): of
 * each table those rows are taken whose primary key BEFORE does not have, in the order of COLUMN, if
 * they came in another one than that of their keys. They are read into memory first; then TARGET, a new file with WAL, synchronous=NORMAL, cache and checkpoints as staging, gets
 * them table by table, ROWS a transaction. Prints {"rows":N,"seconds":S,"cpu":C} of the INSERTs.
 */
#include "config.h"

#include <sqlite3.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct peer {
	sqlite3 *from, *to;
	int batch, in_batch;
	long rows;
	double seconds, cpu;
};

struct peer_rows {
	sqlite3_value **values;
	size_t n, room;
	int columns;
};

static void peer_fail(sqlite3 *db, const char *what)
{
	fprintf(stderr, "insert_peer: %s: %s\n", what, db ? sqlite3_errmsg(db) : "out of memory");
	exit(1);
}

static void peer_exec(sqlite3 *db, const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		peer_fail(db, sql);
}

static sqlite3_stmt *peer_prepare(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *stmt = NULL;

	if (!sql || sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
		peer_fail(sql ? db : NULL, sql);
	return stmt;
}

static double peer_clock(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The table with its indexes and nothing else, as the other file has it. */
static void peer_create(struct peer *p, const char *table)
{
	sqlite3_stmt *list = peer_prepare(p->from,
	    "SELECT sql FROM main.sqlite_master WHERE tbl_name = ?1 AND sql IS NOT NULL "
	    "AND type IN ('table', 'index') ORDER BY type DESC");

	sqlite3_bind_text(list, 1, table, -1, SQLITE_STATIC);
	while (sqlite3_step(list) == SQLITE_ROW)
		peer_exec(p->to, (const char *)sqlite3_column_text(list, 0));
	sqlite3_finalize(list);
}

/* "AND b.cid = a.cid …" for the columns of the primary key. */
static char *peer_same_key(struct peer *p, const char *table)
{
	sqlite3_stmt *list =
	    peer_prepare(p->from, "SELECT name FROM pragma_table_info(?1) WHERE pk > 0");
	char *text = sqlite3_mprintf("1");

	sqlite3_bind_text(list, 1, table, -1, SQLITE_STATIC);
	while (sqlite3_step(list) == SQLITE_ROW) {
		const unsigned char *name = sqlite3_column_text(list, 0);
		text = sqlite3_mprintf("%z AND b.%s = a.%s", text, name, name);
	}
	sqlite3_finalize(list);
	return text;
}

static void peer_keep(struct peer_rows *rows, sqlite3_stmt *stmt)
{
	if (rows->n + (size_t)rows->columns > rows->room) {
		rows->room = rows->room ? 2 * rows->room : 65536;
		rows->values = realloc(rows->values, rows->room * sizeof(sqlite3_value *));
	}
	for (int i = 0; i < rows->columns && rows->values; i++)
		rows->values[rows->n++] = sqlite3_value_dup(sqlite3_column_value(stmt, i));
	if (!rows->values)
		peer_fail(NULL, "rows");
}

static void peer_read(
    struct peer *p, const char *table, const char *order, bool has_before, struct peer_rows *rows)
{
	char *key = peer_same_key(p, table);
	char *sql = has_before ? sqlite3_mprintf(
	                             "SELECT a.* FROM main.%s a WHERE NOT EXISTS (SELECT 1 FROM "
	                             "before.%s b WHERE %s)%s%s",
	                             table, table, key, *order ? " ORDER BY a." : "", order)
	                       : sqlite3_mprintf("SELECT * FROM main.%s", table);
	sqlite3_stmt *stmt = peer_prepare(p->from, sql);

	rows->columns = sqlite3_column_count(stmt);
	while (sqlite3_step(stmt) == SQLITE_ROW)
		peer_keep(rows, stmt);
	sqlite3_finalize(stmt);
	sqlite3_free(sql);
	sqlite3_free(key);
}

static void peer_insert(struct peer *p, const char *table, const struct peer_rows *rows)
{
	char *sql = sqlite3_mprintf("INSERT INTO %s VALUES (?", table);
	sqlite3_stmt *stmt;

	for (int i = 1; i < rows->columns; i++)
		sql = sqlite3_mprintf("%z, ?", sql);
	sql = sqlite3_mprintf("%z)", sql);
	stmt = peer_prepare(p->to, sql);
	for (size_t at = 0; at < rows->n; at += (size_t)rows->columns) {
		if (!p->in_batch)
			peer_exec(p->to, "BEGIN IMMEDIATE");
		for (int i = 0; i < rows->columns; i++)
			sqlite3_bind_value(stmt, i + 1, rows->values[at + (size_t)i]);
		if (sqlite3_step(stmt) != SQLITE_DONE || sqlite3_reset(stmt) != SQLITE_OK)
			peer_fail(p->to, table);
		p->rows++;
		p->in_batch++;
		if (p->in_batch == p->batch) {
			peer_exec(p->to, "COMMIT");
			p->in_batch = 0;
		}
	}
	sqlite3_finalize(stmt);
	sqlite3_free(sql);
}

/* name: TABLE or TABLE:COLUMN */
static void peer_table(struct peer *p, char *name, bool has_before)
{
	struct peer_rows rows = {0};
	char *colon = strchr(name, ':');
	const char *table = name;
	double began, cpu;

	if (colon)
		*colon = '\0';
	peer_create(p, table);
	peer_read(p, table, colon ? colon + 1 : "", has_before, &rows);
	began = peer_clock(CLOCK_MONOTONIC);
	cpu = peer_clock(CLOCK_PROCESS_CPUTIME_ID);
	peer_insert(p, table, &rows);
	if (p->in_batch)
		peer_exec(p->to, "COMMIT");
	p->in_batch = 0;
	p->seconds += peer_clock(CLOCK_MONOTONIC) - began;
	p->cpu += peer_clock(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	for (size_t i = 0; i < rows.n; i++)
		sqlite3_value_free(rows.values[i]);
	free(rows.values);
}

int main(int argc, char **argv)
{
	struct peer p = {0};
	bool has_before;

	if (argc < 6 || (p.batch = (int)strtol(argv[4], NULL, 10)) < 1) {
		fprintf(stderr, "usage: insert_peer AFTER BEFORE TARGET ROWS TABLE[:COLUMN]...\n");
		return 2;
	}
	has_before = argv[2][0] != '\0';
	/* as tubeops itself: one thread a connection, no book of memory */
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	if (sqlite3_open_v2(argv[1], &p.from, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) !=
	    SQLITE_OK)
		peer_fail(p.from, argv[1]);
	if (has_before) {
		char *sql = sqlite3_mprintf("ATTACH %Q AS before", argv[2]);
		peer_exec(p.from, sql);
		sqlite3_free(sql);
	}
	if (sqlite3_open_v2(argv[3], &p.to,
	        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
	        NULL) != SQLITE_OK)
		peer_fail(p.to, argv[3]);
	peer_exec(p.to,
	    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536; "
	    "PRAGMA wal_autocheckpoint=16000");
	for (int i = 5; i < argc; i++)
		peer_table(&p, argv[i], has_before);
	printf("{\"rows\":%ld,\"seconds\":%.6f,\"cpu\":%.6f}\n", p.rows, p.seconds, p.cpu);
	sqlite3_close(p.to);
	sqlite3_close(p.from);
	return 0;
}
