/* The ledger at the ends of Pacific days, and with clocks that were set. */
#include "config.h"
#include "tests/unit/ledger_fixture.h"
#include "engine/quota/day.h"

static void test_spent_until_midnight(void **state)
{
	struct place *p = *state;
	struct log_config cfg = {.level = LOG_DEBUG, .path = p->log};
	struct log *lg;
	struct ledger_ticket t;
	int64_t until_ms, until;
	uint64_t generation;

	put(p, "YOUTUBE_API_KEY_1", KEY_A);
	put(p, "YOUTUBE_API_KEY_1_PROJECT", "prod");
	put(p, "YOUTUBE_API_KEY_1_QUOTA", "2000");
	assert_int_equal(log_open(&lg, &cfg, &p->eb), ERR_OK);
	open_as(p, false, lg);
	spend(p, 1233);
	assert_int_equal(take(p, &t, &until_ms, &until), ERR_OK);
	settle(p, &t, FAULT_BUCKET_SPENT, "quotaExceeded");
	assert_int_equal(refused(p, &until_ms, &until), ERR_QUOTA);
	assert_int_equal(until, day_end(day_number(fake_now)));
	ledger_close(p->ledger);
	log_close(lg);
	assert_true(file_holds(p->log, "prod: refused at 1,234 of 2,000"));
	assert_false(file_holds(p->log, KEY_A));
	open_ledger(p);
	assert_int_equal(key_at(p, 0).state, KEY_SPENT);
	assert_int_equal(key_at(p, 0).used[BUCKET_UNITS], 1234);
	assert_int_equal(refused(p, &until_ms, &until), ERR_QUOTA);
	generation = ledger_generation(p->ledger);
	assert_int_equal(ledger_generation(p->ledger), generation);
	fake_now = until + 120;
	assert_int_equal(ledger_generation(p->ledger), generation + 1);
	assert_int_equal(key_at(p, 0).used[BUCKET_UNITS], 0);
	assert_int_equal(key_at(p, 0).calls, 0);
	spend(p, 1);
	assert_int_equal(key_at(p, 0).used[BUCKET_UNITS], 1);
	assert_int_equal(ledger_reset_at(p->ledger), until + 86400);
}

static void test_both_days_around_midnight(void **state)
{
	struct place *p = *state;
	int64_t midnight = day_end(day_number(fake_now)), until_ms, until;

	put(p, "YOUTUBE_API_KEY_1", KEY_A);
	put(p, "YOUTUBE_API_KEY_1_QUOTA", "100");
	open_ledger(p);
	fake_now = midnight - 121;
	spend(p, 95);
	fake_now = midnight - 120;
	spend(p, 3);
	assert_int_equal(key_at(p, 0).used[BUCKET_UNITS], 98);
	fake_now = midnight;
	assert_int_equal(key_at(p, 0).used[BUCKET_UNITS], 3);
	assert_int_equal(
	    ledger_left(p->ledger, BUCKET_UNITS), 2); /* yesterday's book is nearly full */
	spend(p, 2);
	assert_int_equal(refused(p, &until_ms, &until), ERR_QUOTA);
	assert_int_equal(until, midnight + 120);
	fake_now = midnight + 119;
	assert_int_equal(refused(p, &until_ms, &until), ERR_QUOTA);
	fake_now = midnight + 120;
	spend(p, 95);
	assert_int_equal(refused(p, &until_ms, &until), ERR_QUOTA);
	assert_int_equal(until, midnight + 86400);
	reopen(p);
	assert_int_equal(key_at(p, 0).used[BUCKET_UNITS], 100);
}

static void test_unsent_around_midnight(void **state)
{
	struct place *p = *state;
	int64_t midnight = day_end(day_number(fake_now)), until_ms, until;
	struct ledger_ticket t;

	put(p, "YOUTUBE_API_KEY_1", KEY_A);
	open_ledger(p);
	fake_now = midnight - 60;
	assert_int_equal(take(p, &t, &until_ms, &until), ERR_OK);
	assert_int_equal(key_at(p, 0).used[BUCKET_UNITS], 1);
	fake_now = midnight + 30;
	assert_int_equal(key_at(p, 0).used[BUCKET_UNITS], 1);
	ledger_settle(p->ledger, &t, false, NULL, -1);
	assert_int_equal(key_at(p, 0).used[BUCKET_UNITS], 0);
	fake_now = midnight - 60;
	assert_int_equal(key_at(p, 0).used[BUCKET_UNITS], 0);
}

static void test_probe_and_lag(void **state)
{
	struct place *p = *state;
	int64_t midnight = day_end(day_number(fake_now)), until_ms, until;
	struct ledger_ticket probe, t;

	put(p, "YOUTUBE_API_KEY_1", KEY_A);
	open_ledger(p);
	fake_now = midnight + 59;
	assert_int_equal(take(p, &probe, &until_ms, &until), ERR_OK);
	assert_int_equal(refused(p, &until_ms, &until), ERR_BUSY); /* one in flight */
	assert_true(until_ms > fake_mono && until_ms <= fake_mono + 1000);
	settle(p, &probe, FAULT_BUCKET_SPENT, "quotaExceeded");
	assert_int_equal(refused(p, &until_ms, &until), ERR_QUOTA);
	assert_int_equal(until, midnight + 119);
	assert_int_equal(key_at(p, 0).state, KEY_COOLING);
	assert_int_equal(key_at(p, 0).until, midnight + 119);
	fake_now = midnight + 119;
	assert_int_equal(take(p, &probe, &until_ms, &until), ERR_OK);
	assert_int_equal(take(p, &t, &until_ms, &until), ERR_OK); /* the first minute is over */
	settle(p, &t, FAULT_NONE, "");
	fake_now = midnight + 599;
	settle(p, &probe, FAULT_BUCKET_SPENT, "quotaExceeded");
	assert_int_equal(refused(p, &until_ms, &until), ERR_QUOTA);
	assert_int_equal(until, midnight + 659);
	fake_now = midnight + 660;
	assert_int_equal(take(p, &t, &until_ms, &until), ERR_OK);
	settle(p, &t, FAULT_BUCKET_SPENT, "quotaExceeded");
	assert_int_equal(refused(p, &until_ms, &until), ERR_QUOTA);
	assert_int_equal(until, midnight + 86400);
}

static void test_clock_set_back(void **state)
{
	struct place *p = *state;
	int64_t until_ms, until, tomorrow = fake_now + 86400;

	put(p, "YOUTUBE_API_KEY_1", KEY_A);
	put(p, "YOUTUBE_API_KEY_1_QUOTA", "100");
	open_ledger(p);
	fake_now = tomorrow;
	spend(p, 90);
	fake_now = tomorrow - 86400;
	reopen(p);
	spend(p, 10);
	assert_int_equal(key_at(p, 0).used[BUCKET_UNITS], 10);
	assert_int_equal(refused(p, &until_ms, &until), ERR_QUOTA);
	fake_now = tomorrow;
	assert_int_equal(key_at(p, 0).used[BUCKET_UNITS], 100);
}

static void test_clock_far_ahead_once(void **state)
{
	struct place *p = *state;
	int64_t until_ms, until, now = fake_now;

	put(p, "YOUTUBE_API_KEY_1", KEY_A);
	put(p, "YOUTUBE_API_KEY_1_QUOTA", "100");
	open_ledger(p);
	fake_now = now + 400 * 86400;
	spend(p, 70);
	fake_now = now;
	reopen(p);
	assert_int_equal(key_at(p, 0).used[BUCKET_UNITS], 70); /* they may have been today's */
	spend(p, 30);
	assert_int_equal(refused(p, &until_ms, &until), ERR_QUOTA);
	fake_now = now + 86400;
	reopen(p);
	assert_int_equal(key_at(p, 0).used[BUCKET_UNITS], 70);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    LEDGER_TEST(test_spent_until_midnight),
	    LEDGER_TEST(test_both_days_around_midnight),
	    LEDGER_TEST(test_unsent_around_midnight),
	    LEDGER_TEST(test_probe_and_lag),
	    LEDGER_TEST(test_clock_set_back),
	    LEDGER_TEST(test_clock_far_ahead_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
