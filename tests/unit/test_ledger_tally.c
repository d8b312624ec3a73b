/* What units were spent on: stages, hours, keys, weeks; on the disk it always sums up to the book. */
#include "config.h"
#include "db/sql/quota-001.sql.h"
#include "engine/quota/day.h"
#include "tests/unit/ledger_fixture.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

static void take_for(struct place *p, enum stage stage, enum method method, bool sent)
{
	struct fault_info fine = {.fault = FAULT_NONE};
	struct ledger_ticket t;
	int64_t until_ms, until;

	if (ledger_take(p->ledger, method, stage, &t, &until_ms, &until, &p->eb))
		fail_msg("%s", p->eb.text);
	ledger_settle(p->ledger, &t, sent, &fine, -1);
}

static void spend_for(struct place *p, enum stage stage, int n)
{
	for (int i = 0; i < n; i++)
		take_for(p, stage, METHOD_CHANNELS_LIST, true);
}

static int64_t sql(struct place *p, const char *text)
{
	sqlite3_stmt *st = NULL;
	sqlite3 *db = NULL;
	int64_t n;

	assert_int_equal(sqlite3_open_v2(p->db, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, text, -1, &st, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	n = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	sqlite3_close(db);
	return n;
}

static void check_disk(struct place *p)
{
	assert_int_equal(sql(p, "SELECT coalesce(sum(units), 0) FROM spending"),
	    sql(p, "SELECT coalesce(sum(used), 0) FROM bucket_day"));
	assert_int_equal(
	    sql(p, "SELECT count(*) FROM bucket_day b WHERE used <> (SELECT sum(units) "
	           "FROM spending s WHERE s.project = b.project AND s.bucket = "
	           "b.bucket AND s.day = b.day)"),
	    0);
}

static struct ledger_day today(struct place *p)
{
	struct ledger_day d;

	ledger_day(p->ledger, BUCKET_UNITS, &d);
	return d;
}

static void check_spent(struct place *p, int a, int b, int c, int d, int none)
{
	struct ledger_day day = today(p);
	int64_t want[STAGE_COUNT + 1] = {a, b, c, d, none}, hours = 0, sum = 0;

	for (int s = 0; s <= STAGE_COUNT; s++) {
		if (day.spent[s] != want[s])
			fail_msg("%s: %lld, not %lld", stage_word((enum stage)s),
			    (long long)day.spent[s], (long long)want[s]);
		sum += day.spent[s];
	}
	for (int h = 0; h < day.n_hours; h++)
		hours += day.hours[h];
	assert_int_equal(hours, sum);
	assert_int_equal(sum + day.left, day.per_day);
}

static void test_stages(void **state)
{
	struct place *p = *state;
	struct ledger_day d;

	put(p, "YOUTUBE_API_KEY_1", KEY_A);
	put(p, "YOUTUBE_API_KEY_2", KEY_B);
	put(p, "YOUTUBE_API_KEY_2_PROJECT", "key1");
	put(p, "YOUTUBE_API_KEY_1_QUOTA", "500");
	open_ledger(p);
	check_spent(p, 0, 0, 0, 0, 0);
	spend_for(p, STAGE_METADATA, 33);
	check_disk(p);
	spend_for(p, STAGE_VIDEOS, 5);
	check_disk(p);
	spend_for(p, STAGE_METADATA, 1);
	take_for(p, STAGE_DISCOVERY, METHOD_SEARCH_LIST, true);  /* another bucket */
	take_for(p, STAGE_REFRESH, METHOD_CHANNELS_LIST, false); /* it never left: it comes back */
	check_disk(p);
	check_spent(p, 34, 5, 0, 0, 0);
	ledger_day(p->ledger, BUCKET_SEARCH, &d);
	assert_int_equal(d.spent[STAGE_DISCOVERY], 1);
	assert_int_equal(d.left, 99);
	spend_for(p, STAGE_REFRESH, 47);
	check_spent(p, 34, 5, 0, 47, 0);
	check_disk(p);
	reopen(p);
	check_spent(p, 34, 5, 0, 47, 0);
	check_disk(p);
	assert_int_equal(sql(p, "SELECT sum(units) FROM spending WHERE stage = 'metadata'"), 34);
}

/* A process that dies: nobody's units are fewer than they were, all together are what the book has. */
static void test_crash(void **state)
{
	struct place *p = *state;
	struct ledger *dead;
	struct ledger_day d;
	int64_t sum = 0;

	put(p, "YOUTUBE_API_KEY_1", KEY_A);
	open_ledger(p);
	spend_for(p, STAGE_METADATA, 47);
	spend_for(p, STAGE_VIDEOS, 4);
	check_disk(p);
	dead = p->ledger; /* it never gives its lease back */
	open_ledger(p);
	d = today(p);
	for (int s = 0; s <= STAGE_COUNT; s++)
		sum += d.spent[s];
	assert_int_equal(sum, 60);
	assert_int_equal(sum, d.per_day - d.left);
	assert_in_range(d.spent[STAGE_METADATA], 47, 60);
	spend_for(p, STAGE_VIDEOS, 30);
	check_disk(p);
	assert_int_equal(today(p).spent[STAGE_METADATA], d.spent[STAGE_METADATA]);
	ledger_close(dead);
}

static void test_failed(void **state)
{
	struct place *p = *state;
	struct ledger_ticket t;
	int64_t until_ms, until;

	put(p, "YOUTUBE_API_KEY_1", KEY_A);
	open_ledger(p);
	spend_for(p, STAGE_METADATA, 3);
	assert_int_equal(take(p, &t, &until_ms, &until), ERR_OK);
	settle(p, &t, FAULT_SERVER, "backendError");
	assert_int_equal(take(p, &t, &until_ms, &until), ERR_OK);
	settle(p, &t, FAULT_TARGET, "playlistNotFound"); /* an answer all the same */
	assert_int_equal(today(p).failed, 1);
	check_spent(p, 5, 0, 0, 0, 0);
	assert_int_equal(key_at(p, 0).week[0].failed, 1);
	reopen(p);
	assert_int_equal(today(p).failed, 1);
	/* what belongs to no stage */
	assert_int_equal(
	    ledger_take_key(p->ledger, "key1", METHOD_CHANNELS_LIST, &t, &p->eb), ERR_OK);
	settle(p, &t, FAULT_NONE, "");
	check_spent(p, 5, 0, 0, 0, 1);
}

/* 1 November 2026 has 25 hours in Los Angeles. */
static void test_hours(void **state)
{
	struct place *p = *state;
	int64_t start = day_start(day_number(fake_now));
	struct ledger_day d;

	put(p, "YOUTUBE_API_KEY_1", KEY_A);
	fake_now = start = day_start(20758);
	fake_now += 600;
	open_ledger(p);
	for (int h = 0; h < 25; h++) {
		spend_for(p, STAGE_METADATA, h + 1);
		if (h == 12) {
			/* ten minutes of this hour, and five sixths of the one before */
			assert_int_equal(key_at(p, 0).per_hour, 13 + 12 * 5 / 6);
			reopen(p);
			assert_int_equal(key_at(p, 0).per_hour, 13 + 12 * 5 / 6);
		}
		fake_now += 3600;
	}
	fake_now -= 3600;
	d = today(p);
	assert_int_equal(d.day, 20758);
	assert_int_equal(d.n_hours, 25);
	for (int h = 0; h < 25; h++)
		assert_int_equal(d.hours[h], h + 1);
	assert_int_equal(d.left_over, -1);
	fake_now = start + 25 * 3600 + 400;
	d = today(p);
	assert_int_equal(d.n_hours, 24);
	assert_int_equal(d.hours[0], 0);
	assert_int_equal(d.left_over, 10000 - 91 - 12 * 20); /* the rest of a lease is out */
	assert_int_equal(key_at(p, 0).per_hour, 25 * 3200 / 3600);
}

/* Around midnight a unit stands in the books of both days, and so in both tallies. */
static void test_midnight(void **state)
{
	struct place *p = *state;
	int64_t end = day_end(day_number(fake_now));

	put(p, "YOUTUBE_API_KEY_1", KEY_A);
	fake_now = end - 60;
	open_ledger(p);
	spend_for(p, STAGE_VIDEOS, 7);
	take_for(p, STAGE_VIDEOS, METHOD_CHANNELS_LIST, false);
	check_disk(p);
	check_spent(p, 0, 7, 0, 0, 0);
	assert_int_equal(today(p).hours[23], 7);
	fake_now = end + 1;
	check_spent(p, 0, 7, 0, 0, 0);
	assert_int_equal(today(p).hours[0], 7);
	reopen(p);
	check_disk(p);
	check_spent(p, 0, 7, 0, 0, 0);
}

static void test_week(void **state)
{
	struct place *p = *state, look;
	struct ledger_key k;

	put(p, "YOUTUBE_API_KEY_1", KEY_A);
	put(p, "YOUTUBE_API_KEY_2", KEY_B);
	put(p, "YOUTUBE_API_KEY_2_PROJECT", "key1");
	open_ledger(p);
	for (int day = 1; day <= 40; day++) {
		spend_for(p, STAGE_METADATA, 2 * day);
		if (day % 3 == 0)
			reopen(p);
		fake_now += 86400;
	}
	for (size_t i = 0; i < 2; i++) {
		k = key_at(p, i);
		assert_int_equal(k.week[0].units, 0);
		for (int ago = 1; ago < LEDGER_WEEK; ago++)
			assert_int_equal(k.week[ago].units, 41 - ago);
	}
	/* another process sees the same, once leases were given back */
	reopen(p);
	look = *p;
	open_as(&look, true, NULL);
	k = key_at(&look, 1);
	for (int ago = 1; ago < LEDGER_WEEK; ago++)
		assert_int_equal(k.week[ago].units, 41 - ago);
	/* and what is spent while it looks, with the rest of a lease in it */
	spend_for(p, STAGE_VIDEOS, 2);
	fake_mono += 5;
	assert_int_equal(today(&look).spent[STAGE_VIDEOS], 20);
	spend_for(p, STAGE_VIDEOS, 19);
	fake_mono += 5;
	assert_int_equal(today(&look).spent[STAGE_VIDEOS], 40);
	ledger_close(look.ledger);
	/* nothing is kept for ever */
	fake_now += 86400;
	check_spent(p, 0, 0, 0, 0, 0);
	assert_in_range(sql(p, "SELECT max(day) - min(day) FROM spending"), 30, 35);
}

static void test_projects(void **state)
{
	struct place *p = *state;
	struct ledger_project_look look[4];
	struct ledger_ticket t;
	int64_t until_ms, until;

	put(p, "YOUTUBE_API_KEY_1", KEY_A);
	put(p, "YOUTUBE_API_KEY_2", KEY_B);
	put(p, "YOUTUBE_API_KEY_1_QUOTA", "90000");
	open_ledger(p);
	spend(p, 12); /* the project with most left */
	assert_int_equal(ledger_projects(p->ledger, look, 4), 2);
	assert_string_equal(look[0].name, "key1");
	assert_int_equal(look[0].keys, 1);
	assert_int_equal(look[0].usable, 1);
	assert_int_equal(look[0].buckets[BUCKET_UNITS].used, 12);
	assert_int_equal(look[0].buckets[BUCKET_UNITS].limit, 90000);
	assert_int_equal(look[0].buckets[BUCKET_UNITS].per_hour, 12);
	assert_int_equal(look[0].buckets[BUCKET_UNITS].refused_at, 0);
	assert_int_equal(look[1].buckets[BUCKET_SEARCH].left, 100);
	fake_now += 1;
	assert_int_equal(take(p, &t, &until_ms, &until), ERR_OK);
	settle(p, &t, FAULT_BUCKET_SPENT, "quotaExceeded");
	assert_int_equal(ledger_projects(p->ledger, look, 4), 2);
	assert_int_equal(look[0].buckets[BUCKET_UNITS].refused_at, fake_now);
	assert_int_equal(look[0].buckets[BUCKET_UNITS].used, 13);
	assert_int_equal(look[0].buckets[BUCKET_UNITS].left, 0);
	assert_int_equal(ledger_key_enable(p->ledger, "key2", false, &p->eb), ERR_OK);
	assert_int_equal(ledger_projects(p->ledger, look, 1), 2);
	ledger_projects(p->ledger, look, 4);
	assert_int_equal(look[1].usable, 0);
}

/* A book of before: what it holds is nobody's, and goes on. */
static void test_older_book(void **state)
{
	struct place *p = *state;
	sqlite3 *db = NULL;
	char text[256];

	assert_int_equal(sqlite3_open(p->db, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, quota_001_sql, NULL, NULL, NULL), SQLITE_OK);
	snprintf(text, sizeof text,
	    "INSERT INTO bucket_day VALUES ('key1', 'units', %lld, 40, 10000, 0);"
	    "PRAGMA application_id=0x7462716B; PRAGMA user_version=1",
	    (long long)day_number(fake_now));
	assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	put(p, "YOUTUBE_API_KEY_1", KEY_A);
	open_ledger(p);
	spend_for(p, STAGE_METADATA, 3);
	assert_int_equal(today(p).spent[STAGE_METADATA], 3);
	assert_int_equal(today(p).spent[STAGE_NONE], 40);
	assert_int_equal(today(p).left, 10000 - 43);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    LEDGER_TEST(test_stages),
	    LEDGER_TEST(test_crash),
	    LEDGER_TEST(test_failed),
	    LEDGER_TEST(test_hours),
	    LEDGER_TEST(test_midnight),
	    LEDGER_TEST(test_week),
	    LEDGER_TEST(test_projects),
	    LEDGER_TEST(test_older_book),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
