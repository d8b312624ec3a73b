/* The ledger: which key and project a call gets, and what the faults of calls do to them. */
#include "config.h"
#include "tests/unit/ledger_fixture.h"
#include "engine/quota/day.h"

#include <pthread.h>
#include <string.h>

enum { THREADS = 16 };

static void test_words(void **state)
{
	(void)state;
	assert_string_equal(key_state_word(KEY_OK), "ok");
	assert_string_equal(key_state_word(KEY_UNTESTED), "untested");
	assert_string_equal(method_info(METHOD_CHANNELS_LIST)->path, "/youtube/v3/channels");
	assert_int_equal(method_info(METHOD_CHANNELS_LIST)->cost, 1);
	assert_string_equal(bucket_word(BUCKET_SEARCH), "search");
	assert_int_equal(bucket_default_limit(BUCKET_SEARCH), 100);
	assert_int_equal(bucket_default_limit(BUCKET_UNITS), 10000);
}

static void test_no_key(void **state)
{
	struct place *p = *state;
	int64_t until_ms, until;

	put(p, "YOUTUBE_API_KEY_1", "  ");
	put(p, "YOUTUBE_API_KEY_2", "with blank inside");
	open_ledger(p);
	assert_int_equal(ledger_keys(p->ledger, NULL, 0), 0);
	assert_int_equal(refused(p, &until_ms, &until), ERR_UNAVAIL);
	assert_non_null(strstr(p->eb.text, "YOUTUBE_API_KEY_1"));
	assert_int_equal(ledger_left(p->ledger, BUCKET_UNITS), 0);
}

struct runner {
	struct ledger *ledger;
	int taken;
	int odd;
};

static void *run(void *arg)
{
	struct runner *r = arg;
	struct fault_info fine = {.fault = FAULT_NONE, .status = 200};

	for (int i = 0;; i++) {
		struct ledger_ticket t;
		struct ledger_key keys[4];
		int64_t until_ms, until;
		enum err err = ledger_take(
		    r->ledger, METHOD_CHANNELS_LIST, STAGE_METADATA, &t, &until_ms, &until, NULL);
		if (err == ERR_QUOTA)
			return NULL;
		r->odd += err != ERR_OK;
		/* every tenth call never leaves the machine */
		r->taken += i % 10 != 9;
		ledger_settle(r->ledger, &t, i % 10 != 9, &fine, -1);
		if (i % 50 == 0)
			r->odd += ledger_keys(r->ledger, keys, 4) != 3;
	}
}

static void test_threads_never_overspend(void **state)
{
	struct place *p = *state;
	struct runner runners[THREADS] = {{0}};
	pthread_t threads[THREADS];
	int sum = 0;

	put(p, "YOUTUBE_API_KEY_1", KEY_A);
	put(p, "YOUTUBE_API_KEY_1_PROJECT", "prod");
	put(p, "YOUTUBE_API_KEY_1_QUOTA", "1503");
	put(p, "YOUTUBE_API_KEY_2", KEY_B);
	put(p, "YOUTUBE_API_KEY_2_PROJECT", "prod");
	put(p, "YOUTUBE_API_KEY_3", KEY_C);
	put(p, "YOUTUBE_API_KEY_3_QUOTA", "777");
	open_ledger(p);
	for (int i = 0; i < THREADS; i++) {
		runners[i].ledger = p->ledger;
		assert_int_equal(pthread_create(&threads[i], NULL, run, &runners[i]), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(runners[i].odd, 0);
		sum += runners[i].taken;
	}
	assert_true(sum <= 1503 + 777);
	/* a thread may have stopped while another held the last unit and gave it back */
	assert_true(sum >= 1503 + 777 - THREADS);
	assert_int_equal(key_at(p, 0).used[BUCKET_UNITS] + key_at(p, 2).used[BUCKET_UNITS], sum);
	reopen(p);
	assert_int_equal(key_at(p, 0).used[BUCKET_UNITS] + key_at(p, 2).used[BUCKET_UNITS], sum);
}

static void test_shared_project(void **state)
{
	struct place *p = *state;
	int64_t until_ms, until;
	struct ledger_key a, b;

	put(p, "YOUTUBE_API_KEY_1", KEY_A);
	put(p, "YOUTUBE_API_KEY_1_PROJECT", "prod");
	put(p, "YOUTUBE_API_KEY_1_QUOTA", "30");
	put(p, "YOUTUBE_API_KEY_2", KEY_B);
	put(p, "YOUTUBE_API_KEY_2_PROJECT", "prod");
	put(p, "YOUTUBE_API_KEY_2_QUOTA", "50");
	put(p, "YOUTUBE_API_KEY_3", KEY_A); /* twice the same */
	open_ledger(p);
	assert_int_equal(ledger_keys(p->ledger, NULL, 0), 2);
	assert_int_equal(ledger_per_day(p->ledger, BUCKET_UNITS), 50);
	assert_int_equal(ledger_per_day(p->ledger, BUCKET_SEARCH), 100);
	spend(p, 50);
	a = key_at(p, 0);
	b = key_at(p, 1);
	assert_int_equal(a.calls, 25); /* the one used longest ago, so in turn */
	assert_int_equal(b.calls, 25);
	assert_int_equal(a.used[BUCKET_UNITS], 50);
	assert_int_equal(b.used[BUCKET_UNITS], 50);
	assert_int_equal(a.state, KEY_SPENT);
	assert_int_equal(b.until, ledger_reset_at(p->ledger));
	assert_int_equal(refused(p, &until_ms, &until), ERR_QUOTA);
	assert_int_equal(until, day_end(day_number(fake_now)));
	assert_int_equal(until_ms, fake_mono + (until - fake_now) * 1000);
}

static void test_choice_of_project(void **state)
{
	struct place *p = *state;

	put(p, "YOUTUBE_API_KEY_1", KEY_A);
	put(p, "YOUTUBE_API_KEY_1_QUOTA", "40");
	put(p, "YOUTUBE_API_KEY_2", KEY_B);
	put(p, "YOUTUBE_API_KEY_2_QUOTA", "100");
	open_ledger(p);
	spend(p, 60);
	assert_int_equal(key_at(p, 0).used[BUCKET_UNITS], 0);
	assert_int_equal(key_at(p, 1).used[BUCKET_UNITS], 60);
	spend(p, 20);
	assert_int_equal(key_at(p, 0).used[BUCKET_UNITS], 10);
	assert_int_equal(key_at(p, 1).used[BUCKET_UNITS], 70);
	spend(p, 60);
	assert_int_equal(ledger_left(p->ledger, BUCKET_UNITS), 0);
}

static void test_rate(void **state)
{
	struct place *p = *state;
	int64_t until_ms, until;

	put(p, "API_RATE_LIMIT_DELAY", "0.25");
	put(p, "YOUTUBE_API_KEY_1", KEY_A);
	put(p, "YOUTUBE_API_KEY_2", KEY_B);
	open_ledger(p);
	spend(p, 1);
	fake_mono += 100;
	spend(p, 1);
	assert_int_equal(refused(p, &until_ms, &until), ERR_BUSY);
	assert_int_equal(until_ms, fake_mono + 150);
	assert_int_equal(until, fake_now + 1);
	fake_mono += 150;
	spend(p, 1);
	assert_int_equal(key_at(p, 0).calls, 2);
	assert_int_equal(key_at(p, 1).calls, 1);
}

static void test_slow_down(void **state)
{
	struct place *p = *state;
	struct fault_info slow = {
	    .fault = FAULT_SLOW_DOWN, .status = 429, .reason = "rateLimitExceeded"};
	struct ledger_ticket first, second;
	int64_t until_ms, until;

	put(p, "YOUTUBE_API_KEY_1", KEY_A);
	open_ledger(p);
	assert_int_equal(take(p, &first, &until_ms, &until), ERR_OK);
	assert_int_equal(take(p, &second, &until_ms, &until), ERR_OK);
	ledger_settle(p->ledger, &first, true, &slow, 7);
	ledger_settle(
	    p->ledger, &second, true, &slow, -1); /* of the same burst: not slower still */
	assert_int_equal(key_at(p, 0).state, KEY_COOLING);
	assert_int_equal(key_at(p, 0).until, fake_now + 7);
	assert_int_equal(key_at(p, 0).errors, 2);
	assert_int_equal(refused(p, &until_ms, &until), ERR_BUSY);
	assert_int_equal(until_ms, fake_mono + 7000);
	fake_mono += 7000;
	spend(p, 1);
	assert_int_equal(refused(p, &until_ms, &until), ERR_BUSY);
	assert_int_equal(until_ms, fake_mono + 200); /* twice 0.1 s */
	fake_mono += 200;
	assert_int_equal(take(p, &first, &until_ms, &until), ERR_OK);
	ledger_settle(p->ledger, &first, true, &slow, -1);
	fake_mono += 1000;
	spend(p, 1);
	assert_int_equal(refused(p, &until_ms, &until), ERR_BUSY);
	assert_int_equal(until_ms, fake_mono + 400);
	fake_mono += 60000 + 400; /* 5 % faster after a minute */
	spend(p, 1);
	assert_int_equal(refused(p, &until_ms, &until), ERR_BUSY);
	assert_int_equal(until_ms, fake_mono + 380);
	fake_mono += 7200000;
	spend(p, 5); /* and some time later nothing is left of it */
}

static void test_unnamed_limits_are_a_day(void **state)
{
	struct place *p = *state;
	struct ledger_ticket t;
	int64_t until_ms, until;

	put(p, "YOUTUBE_API_KEY_1", KEY_A);
	open_ledger(p);
	for (int i = 1; i <= FAULT_UNNAMED_LIMIT + 2; i++) {
		assert_int_equal(take(p, &t, &until_ms, &until), ERR_OK);
		settle(p, &t, FAULT_SLOW_DOWN, i == 2 ? "rateLimitExceeded" : "rateLimitUnnamed");
		assert_int_equal(
		    key_at(p, 0).state, i < FAULT_UNNAMED_LIMIT + 2 ? KEY_COOLING : KEY_SPENT);
		fake_mono += 60000;
	}
	assert_int_equal(refused(p, &until_ms, &until), ERR_QUOTA);
	assert_int_equal(until, ledger_reset_at(p->ledger));
}

static void test_refused_key(void **state)
{
	struct place *p = *state;
	struct ledger_ticket t;
	int64_t until_ms, until;
	uint64_t generation;

	put(p, "YOUTUBE_API_KEY_1", KEY_A);
	put(p, "YOUTUBE_API_KEY_1_PROJECT", "prod");
	put(p, "YOUTUBE_API_KEY_2", KEY_B);
	put(p, "YOUTUBE_API_KEY_2_PROJECT", "prod");
	open_ledger(p);
	assert_int_equal(take(p, &t, &until_ms, &until), ERR_OK);
	assert_string_equal(t.key_name, "key1");
	settle(p, &t, FAULT_KEY, "API_KEY_INVALID");
	for (int i = 0; i < 2; i++) {
		assert_int_equal(key_at(p, 0).state, KEY_REFUSED);
		assert_string_equal(key_at(p, 0).reason, "API_KEY_INVALID");
		spend(p, 3);
		assert_int_equal(key_at(p, 1).calls, 3 * (i + 1));
		reopen(p);
	}
	assert_int_equal(
	    ledger_take_key(p->ledger, "key1", METHOD_CHANNELS_LIST, &t, &p->eb), ERR_OK);
	assert_string_equal(t.key_name, "key1");
	settle(p, &t, FAULT_SERVER, "backendError");
	assert_int_equal(key_at(p, 0).errors, 2);
	generation = ledger_generation(p->ledger);
	assert_int_equal(ledger_key_enable(p->ledger, "key1", true, &p->eb), ERR_OK);
	assert_int_equal(ledger_generation(p->ledger), generation + 1);
	assert_int_not_equal(key_at(p, 0).state, KEY_REFUSED);
	assert_int_equal(
	    ledger_take_key(p->ledger, "nobody", METHOD_CHANNELS_LIST, &t, &p->eb), ERR_NOTFOUND);
}

static void test_refused_project(void **state)
{
	struct place *p = *state;
	struct ledger_ticket t;
	int64_t until_ms, until;

	put(p, "YOUTUBE_API_KEY_1", KEY_A);
	put(p, "YOUTUBE_API_KEY_1_PROJECT", "prod");
	put(p, "YOUTUBE_API_KEY_2", KEY_B);
	put(p, "YOUTUBE_API_KEY_2_PROJECT", "prod");
	open_ledger(p);
	assert_int_equal(take(p, &t, &until_ms, &until), ERR_OK);
	settle(p, &t, FAULT_PROJECT, "CONSUMER_SUSPENDED");
	reopen(p);
	assert_int_equal(key_at(p, 0).state, KEY_REFUSED);
	assert_int_equal(key_at(p, 1).state, KEY_REFUSED);
	assert_string_equal(key_at(p, 1).reason, "CONSUMER_SUSPENDED");
	assert_int_equal(refused(p, &until_ms, &until), ERR_UNAVAIL);
	assert_non_null(strstr(p->eb.text, "2 are refused"));
	assert_int_equal(ledger_per_day(p->ledger, BUCKET_UNITS), 0);
	assert_int_equal(ledger_key_enable(p->ledger, "key2", true, &p->eb), ERR_OK);
	reopen(p);
	spend(p, 2);
}

static void test_faults_that_blame_no_key(void **state)
{
	static const enum fault faults[] = {FAULT_REQUEST, FAULT_TARGET, FAULT_PAGE_TOKEN};
	struct place *p = *state;
	struct ledger_ticket t;
	int64_t until_ms, until;

	put(p, "YOUTUBE_API_KEY_1", KEY_A);
	open_ledger(p);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(take(p, &t, &until_ms, &until), ERR_OK);
		settle(p, &t, faults[i], "something");
	}
	assert_int_equal(key_at(p, 0).errors, 0);
	assert_int_equal(key_at(p, 0).state, KEY_OK);
	assert_int_equal(take(p, &t, &until_ms, &until), ERR_OK);
	settle(p, &t, FAULT_PARK, "processingFailure");
	assert_int_equal(key_at(p, 0).errors, 1);
	assert_int_equal(key_at(p, 0).used[BUCKET_UNITS], 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_words),
	    LEDGER_TEST(test_no_key),
	    LEDGER_TEST(test_threads_never_overspend),
	    LEDGER_TEST(test_shared_project),
	    LEDGER_TEST(test_choice_of_project),
	    LEDGER_TEST(test_rate),
	    LEDGER_TEST(test_slow_down),
	    LEDGER_TEST(test_unnamed_limits_are_a_day),
	    LEDGER_TEST(test_refused_key),
	    LEDGER_TEST(test_refused_project),
	    LEDGER_TEST(test_faults_that_blame_no_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
