/* Sums of staging: exact whatever happens to channels, and quick to read. */
#include "config.h"
#include "db/staging_sums.h"
#include "db/staging_dead.h"
#include "db/staging_erase.h"
#include "tests/unit/staging_fixture.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "tests/unit/seed.h"

enum { DAY = 86400, CHANNELS = 300 };

static uint32_t dice(uint32_t n)
{
	static uint32_t x = 2463534242u;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return x % n;
}

static void fetch(struct staging *s, uint32_t n, int64_t subscribers, int64_t at)
{
	struct channel_meta m = {
	    .cid = seed_cid(n), .title = "t", .subscriber_count = subscribers, .fetched_at = at};
	struct errbuf eb = {0};

	assert_int_equal(staging_state_set(s, OP_METADATA, &m.cid, ITEM_DONE, NULL, &eb), ERR_OK);
	assert_int_equal(staging_meta_put(s, &m, &eb), ERR_OK);
}

static void check_due(struct staging *s, int digits, int64_t want)
{
	int64_t due[SUMS_DIGITS];
	struct errbuf eb = {0};

	assert_int_equal(staging_sums_due_videos(s, due, &eb), ERR_OK);
	assert_int_equal(due[digits], want);
}

static void set_state(struct staging *s, enum op op, uint32_t n, enum item_state state)
{
	struct cid cid = seed_cid(n);
	struct errbuf eb = {0};

	if (staging_state_set(s, op, &cid, state, NULL, &eb) && eb.code != ERR_NOTFOUND)
		fail_msg("%s", eb.text);
}

static void test_steps(void **state)
{
	struct room *r = *state;
	struct cid one = seed_cid(1);
	int64_t older, last;
	struct errbuf eb = {0};
	bool moved;

	seed_channels(r->s, 0, 5);
	begin(r->s);
	fetch(r->s, 1, 999999, 10 * DAY);
	fetch(r->s, 2, 1000000, 10 * DAY + 5);
	fetch(r->s, 3, COUNT_NONE, 11 * DAY);
	fetch(r->s, 4, 0, 12 * DAY);
	commit(r->s);
	check_due(r->s, 6, 1);
	check_due(r->s, 7, 1);
	check_due(r->s, 0, 1);
	check_due(r->s, 1, 1);
	assert_int_equal(staging_sums_fetched(r->s, 12 * DAY, &older, &last, &eb), ERR_OK);
	assert_int_equal(older, 3);
	assert_int_equal(last, 1);
	begin(r->s);
	assert_int_equal(staging_state_done(r->s, OP_VIDEOS, &one, &moved, &eb), ERR_OK);
	fetch(r->s, 2, 900, 20 * DAY); /* it lost some */
	fetch(r->s, 3, 5, 3 * DAY);    /* an older answer: what is there stays */
	commit(r->s);
	check_due(r->s, 6, 0);
	check_due(r->s, 7, 0);
	check_due(r->s, 3, 1);
	check_due(r->s, 0, 1);
	assert_int_equal(staging_sums_fetched(r->s, 12 * DAY, &older, &last, &eb), ERR_OK);
	assert_int_equal(older, 2);
	begin(r->s);
	set_state(r->s, OP_METADATA, 2, ITEM_MISSING); /* a refresh did not find it */
	commit(r->s);
	check_due(r->s, 3, 0);
	begin(r->s); /* what is rolled back was not */
	set_state(r->s, OP_METADATA, 2, ITEM_DONE);
	staging_rollback(r->s);
	check_due(r->s, 3, 0);
	begin(r->s);
	assert_int_equal(staging_part_begin(r->s, &eb), ERR_OK);
	set_state(r->s, OP_METADATA, 2, ITEM_DONE);
	assert_int_equal(staging_part_end(r->s, false, &eb), ERR_OK);
	set_state(r->s, OP_VIDEOS, 3, ITEM_DONE);
	commit(r->s);
	check_due(r->s, 3, 0);
	check_due(r->s, 0, 0);
}

static void erase(struct staging *s, uint32_t n)
{
	struct staging_traces t;
	struct cid cid = seed_cid(n);
	struct errbuf eb = {0};

	if (staging_erase(s, &cid, &t, &eb))
		fail_msg("%s", eb.text);
}

static void do_something(struct staging *s)
{
	uint32_t n = dice(CHANNELS);
	struct cid cid = seed_cid(n);
	struct errbuf eb = {0};
	int64_t rows, some;
	bool moved;

	switch (dice(12)) {
	case 0:
		if (staging_state_done(s, OP_METADATA, &cid, &moved, &eb))
			fail_msg("%s", eb.text);
		break;
	case 1:
	case 2:
		if (staging_state_done(s, OP_VIDEOS, &cid, &moved, &eb))
			fail_msg("%s", eb.text);
		break;
	case 3:
		set_state(s, OP_METADATA, n, (enum item_state)dice(ITEM_STATE_COUNT));
		break;
	case 4:
		set_state(s, OP_VIDEOS, n, (enum item_state)dice(ITEM_STATE_COUNT));
		break;
	case 5:
		if (staging_aged_drop(s, AGED_METADATA, dice(400) * DAY, &cid, 1, &rows, &eb))
			fail_msg("%s", eb.text);
		break;
	case 6:
		if (dice(30) == 0)
			erase(s, n);
		break;
	case 7:
		if (dice(50) == 0 && staging_states_reopen(s, OP_VIDEOS, &some, &eb))
			fail_msg("%s", eb.text);
		break;
	default:
		set_state(s, OP_METADATA, n, ITEM_DONE);
		if (eb.code == ERR_OK) {
			struct channel_meta m = {.cid = cid,
			    .title = "t",
			    .subscriber_count = dice(8) ? (int64_t)dice(2000000) : COUNT_NONE,
			    .fetched_at = (int64_t)dice(400 * DAY)};
			if (staging_meta_put(s, &m, &eb))
				fail_msg("%s", eb.text);
		}
	}
}

/* Anything in any order, in transactions of any length, some of them undone. commit() compares. */
static void test_anything(void **state)
{
	struct room *r = *state;
	struct errbuf eb = {0};

	seed_channels(r->s, 0, CHANNELS);
	for (int i = 0; i < 120; i++) {
		begin(r->s);
		for (uint32_t n = dice(i % 20 ? 20 : 400); n; n--)
			do_something(r->s);
		if (i % 3 == 0) {
			assert_int_equal(staging_part_begin(r->s, &eb), ERR_OK);
			for (uint32_t n = dice(i % 9 ? 10 : 300); n; n--)
				do_something(r->s);
			assert_int_equal(staging_part_end(r->s, i % 2 == 0, &eb), ERR_OK);
			for (uint32_t n = dice(10); n; n--)
				do_something(r->s);
		}
		if (i % 7 == 0) {
			staging_rollback(r->s);
			begin(r->s);
		}
		commit(r->s);
	}
}

/* The check can fail. */
static void test_check(void **state)
{
	struct room *r = *state;
	struct errbuf eb = {0};

	seed_channels(r->s, 0, 5);
	begin(r->s);
	fetch(r->s, 1, 10, DAY);
	commit(r->s);
	assert_int_equal(
	    db_exec(staging_db(r->s), "UPDATE sums SET n = n + 1 WHERE kind = 1", &eb), ERR_OK);
	assert_int_equal(staging_sums_check(r->s, &eb), ERR_CORRUPT);
	assert_int_equal(staging_check_counters(r->s, &eb), ERR_CORRUPT);
	begin(r->s);
	assert_int_equal(staging_sums_anew(r->s, &eb), ERR_OK);
	commit(r->s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_steps, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_anything, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_check, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
