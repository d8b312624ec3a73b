/*
 * sync_fixture - a schema of its own in the database of TEST_DATABASE_URL, a staging file, its writer
 * and log: what the tests of the sync push from and to. Asserts with cmocka. Test threads alone.
 */
#ifndef TUBEOPS_TESTS_SYNC_FIXTURE_H
#define TUBEOPS_TESTS_SYNC_FIXTURE_H

#include "db/postgres_rows.h"
#include "engine/base/str.h"
#include "engine/sync.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

enum { BENCH_SKIPPED = 77 }; /* exit status of a program whose bench is not ready */

struct bench {
	char dir[64];
	char path[96];
	char log_path[96];
	char schema[48];
	struct str url;
	struct secret *secret;
	struct writer *writer;
	struct log *log;
	PGconn *pg;
	struct sync_config cfg;
	int64_t origin;
	/* for callbacks */
	int n, seen;
};

/* What a write_fn of these tests is told; b is filled in by change. */
struct change {
	struct bench *b;
	uint32_t first, n;
	const char *title;
	int64_t fetched_at;
	enum item_state state;
	struct channel_meta *meta;
	const char *sql;
	struct job_row *job;
};

/*
 * Reads TEST_DATABASE_URL, a database in which schemas called tubeops_test_… may be made and
 * dropped, and TEST_ONLY, a pattern of test names; false: there is no database, and this was told.
 */
bool bench_ready(void);
struct bench *bench_new(void);
void bench_free(struct bench *b);

/* A session of its own in the schema of b; the caller finishes it. */
PGconn *connect_pg(const struct bench *b);
/* The first field of the first row; valid until the next call. */
const char *ask(struct bench *b, const char *sql);
/* Closes the log and returns it whole; the caller frees. */
char *read_log(struct bench *b);

/* The made-up channel number i; the text of its id is valid for three more calls. */
struct cid key_of(uint32_t i);
const char *id_of(uint32_t i);
struct channel_meta meta_of(uint32_t i, const char *title, int64_t fetched_at);

/* Runs fn in the writer. */
void change(struct bench *b, write_fn *fn, struct change c);
/* For change: stores c->meta, or metadata of the channels first .. first + n - 1; state done. */
enum err put_meta(struct staging *s, void *arg, struct errbuf *eb);
/* For change: runs c->sql. */
enum err run_sql(struct staging *s, void *arg, struct errbuf *eb);
/* Imports, then fetches the channels first .. first + n - 1. */
void fill(struct bench *b, uint32_t first, uint32_t n);
void fetch(struct bench *b, uint32_t first, uint32_t n, const char *title, int64_t at);
/* After outbox rows that came in by SQL. */
void count_outbox(struct bench *b);

/* Pushes until nothing is left; it must go well. */
struct sync_numbers push(struct bench *b);
/* PostgreSQL has what staging has: so many channels, so many of them with metadata. */
void check_equal(struct bench *b, int channels, int fetched);

#endif
