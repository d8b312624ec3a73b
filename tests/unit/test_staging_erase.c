/* Erasing one channel without a trace, and what YouTube told too long ago. */
#include "config.h"
#include "db/staging_erase.h"
#include "db/staging_feeds.h"
#include "tests/unit/staging_fixture.h"

#include "tests/unit/seed.h"

#include <stdio.h>

static void run(struct staging *s, const char *sql)
{
	struct errbuf eb = {0};

	if (db_exec(staging_db(s), sql, &eb))
		fail_msg("%s: %s", sql, eb.text);
}

static int64_t number(struct staging *s, const char *sql)
{
	sqlite3_stmt *stmt = NULL;
	struct errbuf eb = {0};
	int64_t n;

	if (db_prepare(staging_db(s), &stmt, sql, &eb))
		fail_msg("%s: %s", sql, eb.text);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	n = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return n;
}

static const char *hex(uint32_t n, char *buf)
{
	struct cid c = seed_cid(n);

	for (int i = 0; i < CID_BYTES; i++)
		snprintf(buf + 2 * i, 3, "%02x", c.b[i]);
	return buf;
}

enum { HEX = 2 * CID_BYTES + 1 };

/* Everything that can hang on a channel, at the given time; other: whom its edges name. */
static void furnish(struct staging *s, uint32_t n, uint32_t other, int64_t at)
{
	char a[HEX], b[HEX], sql[4096], name[32];
	struct errbuf eb = {0};
	struct cid cid = seed_cid(n);
	struct channel_meta m = {.cid = cid,
	    .title = "t",
	    .custom_url = name,
	    .subscriber_count = n == 3 ? COUNT_NONE : 1234,
	    .fetched_at = at};

	snprintf(name, sizeof name, "@Name%d", (int)n);
	assert_int_equal(staging_meta_put(s, &m, &eb), ERR_OK);
	hex(n, a);
	hex(other, b);
	snprintf(sql, sizeof sql,
	    "INSERT INTO channel_text VALUES (x'%s', 'about %d');"
	    "INSERT INTO dead_letter VALUES (x'%s', 2, 'why', NULL, 1, 1, 1);"
	    "INSERT INTO absence (cid, op, first_day, last_day, job) VALUES (x'%s', 1, 1, 1, 1);"
	    "INSERT INTO upload_list VALUES (x'%s', 2, 0, 0, %d);"
	    "INSERT INTO video (channel, vid, fetched_at, counted_at) VALUES (x'%s', 1, %d, 0), "
	    "(x'%s', 2, %d, 0);"
	    "INSERT INTO edge VALUES (x'%s', x'%s', 'm', 's', 1, 1, 1, 1, %d);"
	    "INSERT INTO found VALUES (x'%s', x'%s', 1, 1);",
	    a, (int)n, a, a, a, (int)at, a, (int)at, a, (int)at, a, b, (int)at, a, b);
	run(s, sql);
	snprintf(sql, sizeof sql,
	    "INSERT INTO discovery_rule VALUES (1, x'%s', 1);"
	    "INSERT INTO term_channel VALUES (7, x'%s');"
	    "INSERT INTO term VALUES (7, 1) ON CONFLICT DO UPDATE SET channels = channels + 1;",
	    a, a);
	run(s, sql);
	snprintf(sql, sizeof sql,
	    "INSERT INTO handle (kind, name, state, cid, mentions, checked_at) VALUES "
	    "('user', 'old%d', 1, x'%s', 1, %d), ('handle', 'name%d', 0, NULL, 1, 0);"
	    "INSERT INTO unresolved (kind, name, origin, line) VALUES ('handle', '@name%d', 1, 1), "
	    "('custom', 'name%d', 1, 2), ('user', 'name%d', 1, 3);",
	    (int)n, a, (int)at, (int)n, (int)n, (int)n, (int)n);
	run(s, sql);
	staging_count(s, "videos", 2);
	staging_count(s, "edges", 1);
	staging_count(s, "unresolved", 3);
	if (staging_state_set(s, OP_METADATA, &cid, ITEM_DONE, NULL, &eb) ||
	    staging_state_set(s, OP_VIDEOS, &cid, ITEM_DONE, NULL, &eb) ||
	    staging_state_set(s, OP_DISCOVERY, &cid, ITEM_DONE, NULL, &eb) ||
	    staging_outbox_add(s, OUTBOX_ERASE, 0, &cid, &eb))
		fail_msg("%s", eb.text);
}

static void house(struct room *r)
{
	seed_channels(r->s, 1, 4);
	begin(r->s);
	furnish(r->s, 1, 2, 1000);
	furnish(r->s, 2, 1, 1000);
	furnish(r->s, 3, 4, 5000);
	commit(r->s);
}

/* All columns of all tables that hold this key, counted whatever they are called. */
static int64_t traces(struct staging *s, uint32_t n)
{
	static const char places[] =
	    "SELECT m.name, c.name FROM sqlite_schema m, pragma_table_xinfo(m.name) c "
	    "WHERE m.type = 'table' AND c.type = 'BLOB' AND m.name NOT IN ('erased')";
	char a[HEX], sql[512];
	sqlite3_stmt *stmt = NULL;
	struct errbuf eb = {0};
	int64_t found = 0;
	int columns = 0;

	assert_int_equal(db_prepare(staging_db(s), &stmt, places, &eb), ERR_OK);
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		snprintf(sql, sizeof sql, "SELECT count(*) FROM \"%s\" WHERE \"%s\" = x'%s'%s",
		    db_column_text(stmt, 0), db_column_text(stmt, 1), hex(n, a),
		    strcmp(db_column_text(stmt, 0), "outbox") == 0 ? " AND kind <> 7" : "");
		found += number(s, sql);
		columns++;
	}
	sqlite3_finalize(stmt);
	assert_true(columns >= 16); /* or the question is wrong */
	return found;
}

static void test_no_trace(void **state)
{
	struct room *r = *state;
	struct cid victim = seed_cid(1);
	struct staging_traces t;
	struct errbuf eb = {0};
	int64_t others;

	house(r);
	others = traces(r->s, 3);
	assert_true(traces(r->s, 1) >= 15);
	assert_int_equal(staging_traces_of(r->s, &victim, &t, &eb), ERR_OK);
	assert_true(t.is_known && !t.is_erased);
	begin(r->s);
	assert_int_equal(staging_erase(r->s, &victim, &t, &eb), ERR_OK);
	commit(r->s); /* checks the counters */
	assert_int_equal(t.videos, 2);
	assert_int_equal(t.edges, 2);
	assert_int_equal(t.names, 2);
	assert_int_equal(traces(r->s, 1), 0);
	assert_int_equal(traces(r->s, 3), others);
	/* its names are gone, others' are not; a user name is not known to be its own */
	assert_int_equal(
	    number(r->s, "SELECT count(*) FROM unresolved WHERE name LIKE '%name1'"), 1);
	assert_int_equal(
	    number(r->s, "SELECT count(*) FROM unresolved WHERE name LIKE '%name2'"), 3);
	assert_int_equal(number(r->s, "SELECT count(*) FROM handle WHERE name = 'name1'"), 0);
	assert_int_equal(number(r->s, "SELECT count(*) FROM outbox WHERE kind = 7 AND "
	                              "seq = (SELECT max(seq) FROM outbox)"),
	    1);
	assert_int_equal(number(r->s, "SELECT channels FROM term WHERE id = 7"), 2);
	assert_int_equal(number(r->s, "PRAGMA secure_delete"), 0); /* only while it erased */
}

/* A table that is new must stand in erase_places: these are those with an answer of their own. */
static void test_every_place_is_known(void **state)
{
	static const char unknown[] =
	    "SELECT m.name || '.' || c.name FROM sqlite_schema m, pragma_table_xinfo(m.name) c "
	    "WHERE m.type = 'table' AND c.type = 'BLOB' AND m.name || '.' || c.name NOT IN "
	    "('erased.cid', 'outbox.key', 'found.source', 'job.uuid') AND NOT EXISTS (SELECT 1 "
	    "FROM sqlite_schema t WHERE t.type = 'trigger' AND "
	    "t.name = 'erased_' || m.name || '_' || c.name)";
	struct room *r = *state;
	struct cid victim = seed_cid(1);
	struct staging_traces t;
	sqlite3_stmt *stmt = NULL;
	struct errbuf eb = {0};

	begin(r->s);
	assert_int_equal(staging_erase(r->s, &victim, &t, &eb), ERR_OK);
	commit(r->s);
	assert_int_equal(db_prepare(staging_db(r->s), &stmt, unknown, &eb), ERR_OK);
	if (sqlite3_step(stmt) == SQLITE_ROW)
		fail_msg("%s may name a channel and is not erased", db_column_text(stmt, 0));
	sqlite3_finalize(stmt);
}

static void test_it_does_not_come_back(void **state)
{
	struct room *r = *state;
	struct cid victim = seed_cid(1), other = seed_cid(2);
	struct channel_meta m = {.cid = victim, .title = "again", .fetched_at = 9000};
	struct staging_traces t;
	struct errbuf eb = {0};
	int64_t n = 0;
	bool erased = false;
	char a[HEX], sql[512];

	house(r);
	begin(r->s);
	assert_int_equal(staging_erase(r->s, &victim, &t, &eb), ERR_OK);
	assert_int_equal(staging_erase(r->s, &victim, &t, &eb), ERR_OK); /* twice is no error */
	assert_true(t.is_erased && !t.is_known);
	commit(r->s);
	begin(r->s);
	assert_int_equal(seed_put(r->s, 1, 0, 5, "again"), 1); /* number 0 alone is new */
	assert_int_equal(staging_meta_put(r->s, &m, &eb), ERR_OK);
	snprintf(sql, sizeof sql,
	    "INSERT INTO edge VALUES (x'%s', x'00', 'm', 's', 1, 1, 1, 1, 1), "
	    "(x'00', x'%s', 'm', 's', 1, 1, 1, 1, 1) ON CONFLICT DO UPDATE SET seen = seen + 1",
	    hex(1, a), a);
	run(r->s, sql);
	run(r->s, "DELETE FROM outbox WHERE kind = 3");
	commit(r->s);
	assert_int_equal(traces(r->s, 1), 0);
	assert_int_equal(staging_is_erased(r->s, &victim, &erased, &eb), ERR_OK);
	assert_true(erased);
	assert_int_equal(staging_is_erased(r->s, &other, &erased, &eb), ERR_OK);
	assert_false(erased);
	assert_int_equal(staging_erased_count(r->s, &n, &eb), ERR_OK);
	assert_int_equal(n, 1);

	begin(r->s);
	assert_int_equal(staging_readmit(r->s, &other, &eb), ERR_NOTFOUND);
	assert_int_equal(staging_readmit(r->s, &victim, &eb), ERR_OK);
	assert_int_equal(seed_put(r->s, 1, 1, 1, "again"), 1);
	commit(r->s);
	/* nothing is left behind that would slow down loading */
	assert_int_equal(
	    number(r->s, "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'"), 0);
}

static int64_t age(struct staging *s, enum aged what, int64_t bound)
{
	struct cid ids[8], after;
	const struct cid *from = NULL;
	struct errbuf eb = {0};
	int64_t rows = 0, dropped, counted = 0;
	int n = 1;

	assert_int_equal(staging_aged_count(s, what, bound, &counted, &eb), ERR_OK);
	while (n) {
		/* pages of one: each has to go on where the last one ended */
		if (staging_aged_page(s, what, bound, from, ids, 1, &n, &eb))
			fail_msg("%s: %s", aged_word(what), eb.text);
		begin(s);
		if (staging_aged_drop(s, what, bound, ids, n, &dropped, &eb))
			fail_msg("%s: %s", aged_word(what), eb.text);
		commit(s);
		rows += dropped;
		after = ids[0];
		from = &after;
	}
	assert_int_equal(rows, counted);
	return rows;
}

static void test_old_data(void **state)
{
	static const int wanted[AGED_COUNT] = {
	    [AGED_METADATA] = 2,
	    [AGED_VIDEOS] = 4,
	    [AGED_UPLOADS] = 2,
	    [AGED_DISCOVERIES] = 2,
	    [AGED_NAMES] = 2,
	    [AGED_TITLES] = 3,
	};
	struct room *r = *state;
	struct counters c;
	struct errbuf eb = {0};

	house(r);
	run(r->s, "UPDATE origin SET created_at = 10");
	for (int what = 0; what < AGED_COUNT; what++)
		assert_int_equal(age(r->s, (enum aged)what, 1000), what == AGED_TITLES ? 3 : 0);
	run(r->s, "UPDATE channel SET title = 'found'");
	for (int what = 0; what < AGED_COUNT; what++)
		assert_int_equal(age(r->s, (enum aged)what, 1001), wanted[what]);
	assert_int_equal(staging_counters(r->s, &c, &eb), ERR_OK);
	assert_int_equal(c.channels, 4);
	assert_int_equal(c.videos, 2);
	for (int op = 0; op < OP_COUNT; op++) {
		assert_int_equal(c.items[op][ITEM_DONE], 1); /* number 3, which is young */
		assert_int_equal(c.items[op][ITEM_PENDING], 3);
	}
	/* PostgreSQL hears of each channel and each kind */
	assert_int_equal(
	    number(r->s, "SELECT count(*) FROM outbox WHERE kind = 8 AND num = 1001"), 6);
	assert_int_equal(number(r->s, "SELECT count(*) FROM channel WHERE title IS NOT NULL"), 1);
	assert_int_equal(number(r->s, "SELECT channels FROM term WHERE id = 7"), 1);
	assert_int_equal(number(r->s, "SELECT count(*) FROM term_channel"), 1);
}

/* What YouTube does not return stays missing, though its data goes. */
static void test_missing_stays_missing(void **state)
{
	struct room *r = *state;
	struct cid gone = seed_cid(1);
	enum item_state now = ITEM_PENDING;
	struct counters c;
	struct errbuf eb = {0};

	house(r);
	begin(r->s);
	assert_int_equal(staging_absence(r->s, OP_METADATA, &gone, 5, 1, &now, &eb), ERR_OK);
	assert_int_equal(now, ITEM_ABSENT);
	assert_int_equal(staging_absence(r->s, OP_METADATA, &gone, 6, 1, &now, &eb), ERR_OK);
	assert_int_equal(now, ITEM_MISSING);
	commit(r->s);
	assert_int_equal(age(r->s, AGED_METADATA, 2000), 2);
	assert_int_equal(staging_counters(r->s, &c, &eb), ERR_OK);
	assert_int_equal(c.items[OP_METADATA][ITEM_MISSING], 1);
	assert_int_equal(number(r->s, "SELECT count(*) FROM absence WHERE op = 0"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_no_trace, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_every_place_is_known, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_it_does_not_come_back, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_old_data, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_missing_stays_missing, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
