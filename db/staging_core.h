/*
 * staging_core - the inside of a staging connection, shared by the files db/staging*.c alone:
 * statements prepared once, and counter changes that wait for the commit.
 */
#ifndef TUBEOPS_DB_STAGING_CORE_H
#define TUBEOPS_DB_STAGING_CORE_H

#include "db/staging.h"

/* Every statement of the staging modules: name, SQL. Prepared on first use, closed with the file. */
enum staging_sql {
#define STAGING_SQL(name, sql) name,
#include "db/staging_sql.h"
#undef STAGING_SQL
	STAGING_SQL_COUNT
};

enum { STAGING_COUNTERS = 64, STAGING_COUNTER_NAME = 40, STAGING_SUMS = 64 };

/* Kinds of the table sums: staging_sums.h. */
enum staging_sum_kind { SUM_DUE_VIDEOS, SUM_FETCHED };

struct staging_sum {
	enum staging_sum_kind kind;
	int64_t key, by;
};

struct staging_delta {
	char name[STAGING_COUNTER_NAME];
	int64_t by;
};

struct staging {
	sqlite3 *db;
	enum db_mode mode;
	sqlite3_stmt *stmts[STAGING_SQL_COUNT];
	char item_names[OP_COUNT][ITEM_STATE_COUNT][STAGING_COUNTER_NAME]; /* of their counters */
	struct staging_delta deltas[STAGING_COUNTERS]; /* not yet in the counter table */
	size_t n_deltas;
	size_t part_deltas; /* n_deltas and sums when the part began */
	struct staging_delta part_saved[STAGING_COUNTERS];
	bool in_part;
	struct staging_sum sums[STAGING_SUMS]; /* likewise, of the table sums */
	size_t n_sums;
	struct staging_sum part_sums[STAGING_SUMS];
	size_t n_part_sums;
	enum err sums_err; /* they could not be written: the transaction fails */
	bool walking;      /* a walk over everything has begun: single changes enter the outbox */
	bool walking_known;
	int wal_pages;
	struct str *scratch; /* for lists as JSON */
	const struct staging_limit *limit;
	bool has_list_functions;
};

/* Adds to the counter of one state of one operation. */
void staging_count_item(struct staging *s, enum op op, enum item_state state, int64_t by);
/* The statement, reset and unbound; NULL and eb when it cannot be prepared. */
sqlite3_stmt *staging_stmt(struct staging *s, enum staging_sql which, struct errbuf *eb);

/* Binds a list as a JSON array, NULL when it is not known. */
enum err staging_bind_list(struct staging *s, sqlite3_stmt *stmt, int i,
    const struct text_list *list, struct errbuf *eb) MUST_CHECK;

#endif
