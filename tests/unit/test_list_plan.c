/* Which index lists are walked by: nothing that is shown is sorted as a whole, and what would look at
 * millions of rows says so first. */
#include "config.h"
#include "tests/unit/staging_fixture.h"
#include "tests/unit/seed.h"

#include "db/list.h"
#include "db/staging_core.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

enum { PENDING = 210000, DONE = 205000 }; /* both above LIST_SCAN_ROWS */

/* Half of a file was looked up: none of it is pending any more. */
static int set_up_half(void **state)
{
	struct errbuf eb = {0};
	struct room *r;
	char sql[1024];

	if (set_up(state))
		return -1;
	r = *state;
	seed_channels(r->s, 0, PENDING + DONE);
	snprintf(sql, sizeof sql,
	    "BEGIN;"
	    "INSERT INTO channel_meta (cid, title, subscriber_count, fetched_at) SELECT cid, "
	    "'title', abs(random() %% 1000000), 1795350000 FROM channel ORDER BY cid LIMIT %d;"
	    "UPDATE channel SET metadata = 1 WHERE cid IN (SELECT cid FROM channel_meta);"
	    "INSERT OR REPLACE INTO counter (name, value) VALUES ('metadata.done', %d), "
	    "('metadata.pending', %d);"
	    "COMMIT;",
	    DONE, DONE, PENDING);
	if (db_exec(staging_db(r->s), sql, &eb))
		fail_msg("%s", eb.text);
	return 0;
}

/* Statements as they are run, one after the other. */
struct ran {
	char *sql[64];
	int n;
};

static int note(unsigned what, void *arg, void *stmt, void *unused)
{
	struct ran *ran = arg;

	(void)what;
	(void)unused;
	if (ran->n < 64 && sqlite3_stmt_readonly(stmt))
		ran->sql[ran->n++] = sqlite3_expanded_sql(stmt);
	return 0;
}

/* How SQLite would go about each of them. */
static void check_no_sorting(sqlite3 *db, struct ran *ran)
{
	for (int i = 0; i < ran->n; i++) {
		sqlite3_stmt *stmt = NULL;
		char *explain = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", ran->sql[i]);
		if (strncmp(ran->sql[i], "SELECT", 6) == 0) {
			assert_int_equal(
			    sqlite3_prepare_v2(db, explain, -1, &stmt, NULL), SQLITE_OK);
			while (sqlite3_step(stmt) == SQLITE_ROW)
				if (strstr(
				        (const char *)sqlite3_column_text(stmt, 3), "TEMP B-TREE"))
					fail_msg(
					    "%s: %s", sqlite3_column_text(stmt, 3), ran->sql[i]);
			sqlite3_finalize(stmt);
		}
		sqlite3_free(explain);
		sqlite3_free(ran->sql[i]);
	}
}

/* Asks for a page; a's rows are freed. */
static void ask(struct room *r, const char *q, const char *sort, bool scan, struct list_answer *a)
{
	struct list_ask ask = {.thing = &list_channels, .limit = 50, .scan = scan, .scan_ms = 500};
	struct ran ran = {.n = 0};
	struct filter *f = NULL;
	struct errbuf eb = {0};
	int fields[LIST_FIELDS];

	*a = (struct list_answer){.n = 0};
	str_init(&a->rows, 1 << 20);
	ask.fields = fields;
	assert_int_equal(list_choose(ask.thing, "channel_id", fields, &ask.n_fields, &eb), ERR_OK);
	assert_int_equal(
	    list_sort_choose(ask.thing, sort, &ask.sort, &ask.descending, &eb), ERR_OK);
	assert_int_equal(
	    filter_parse(&f, q, list_filter_fields(ask.thing), 1795350000, NULL, &eb), ERR_OK);
	ask.filter = f;
	sqlite3_trace_v2(staging_db(r->s), SQLITE_TRACE_STMT, note, &ran);
	if (list_run(r->s, &ask, a, &eb))
		fail_msg("%s by %s: %s", q, sort, eb.text);
	sqlite3_trace_v2(staging_db(r->s), 0, NULL, NULL);
	check_no_sorting(staging_db(r->s), &ran);
	assert_true(ran.n > 0);
	filter_free(f);
	list_answer_done(a);
	str_done(&a->rows);
}

/* What has subscribers is not pending: to find that out, all of it would be looked at. */
static void test_pending_by_subscribers(void **state)
{
	struct room *r = *state;
	struct list_answer a;

	ask(r, "metadata=pending", "subs:desc", false, &a);
	assert_true(a.is_scan);
	assert_string_equal(a.why, "this state");
	assert_string_equal(a.quick, "id");
	ask(r, "metadata=pending", "subs:asc", false, &a);
	assert_true(a.is_scan);
	ask(r, "metadata=pending subs>10", "views:desc", false, &a);
	assert_true(a.is_scan);
	/* somebody may want it all the same: it ends in time, and nothing is sorted */
	ask(r, "metadata=pending", "subs:desc", true, &a);
	assert_int_equal(a.n, 0);
	/* the order that was offered */
	ask(r, "metadata=pending", "id", false, &a);
	assert_false(a.is_scan);
	assert_int_equal(a.n, 50);
}

static void test_what_is_quick(void **state)
{
	static const char *const rows[][2] = {{"", "subs:desc"}, {"metadata=done", "subs:desc"},
	    {"metadata!=pending", "subs:desc"}, {"metadata=done,pending", "subs:asc"},
	    {"metadata=pending|subs>1", "subs:desc"}, {"subs>=900k", "subs:desc"},
	    {"metadata=done", "id"}, {"videos_state=pending", "subs:desc"},
	    {"!metadata=pending", "fetched:desc"}};
	struct room *r = *state;
	struct list_answer a;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		ask(r, rows[i][0], rows[i][1], false, &a);
		if (a.is_scan || a.n != 50)
			fail_msg("%s by %s: %d rows%s", rows[i][0], rows[i][1], a.n,
			    a.is_scan ? ", a scan" : "");
	}
}

/* Where many that are pending have data (a refresh), a look at a few rows finds that out. */
static void test_pending_once_more(void **state)
{
	struct room *r = *state;
	struct errbuf eb = {0};
	struct list_answer a;

	if (db_exec(staging_db(r->s),
	        "UPDATE channel SET metadata = 0 WHERE cid IN (SELECT cid FROM channel_meta WHERE "
	        "id % 4 = "
	        "0); UPDATE counter SET value = value - 51250 WHERE name = 'metadata.done'",
	        &eb))
		fail_msg("%s", eb.text);
	ask(r, "metadata=pending", "subs:desc", false, &a);
	assert_false(a.is_scan);
	assert_int_equal(a.n, 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_pending_by_subscribers), cmocka_unit_test(test_what_is_quick),
	    cmocka_unit_test(test_pending_once_more), /* changes the file: the last one */
	};

	return cmocka_run_group_tests(tests, set_up_half, tear_down);
}
