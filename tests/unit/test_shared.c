/* What a node holds of shared jobs, between the cluster's thread and the dispatcher. */
#include "config.h"
#include "engine/base/clock.h"
#include "engine/jobs/shared.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { IDS = 3 };

static const struct uuid job = {{1}};

static struct shared *made(int64_t until_ms)
{
	struct shared *s = shared_new();
	struct shared_job known = {.uuid = job, .planned = IDS};
	const struct shared_lease lease = {
	    .chunk = 7, .epoch = 2, .job = job, .until_ms = until_ms};
	const struct cid ids[IDS] = {{{1}}, {{2}}, {{3}}};
	const unsigned char outcome[IDS] = {0, 1, 0};
	bool changed;

	assert_non_null(s);
	assert_int_equal(shared_job_put(s, &known, &changed), ERR_OK);
	assert_int_equal(shared_lease_add(s, &lease, ids, outcome, IDS), ERR_OK);
	return s;
}

static void test_only_what_is_not_done_is_handed_out(void **state)
{
	struct shared *s = made(clock_boot_ms() + 60000);
	struct shared_hold hold;
	struct chunk c = {0};

	(void)state;
	assert_int_equal(shared_take(s, &job, CHUNK_IDS, &c), FEED_GIVEN);
	assert_int_equal(c.n, 2);
	assert_int_equal(c.lease.at[0], 0);
	assert_int_equal(c.lease.at[1], 2);
	assert_true(shared_holds(s, &c));
	shared_settle(s, &c, true);
	assert_int_equal(shared_leases(s, &hold, 1), 1);
	assert_true(hold.done);
	shared_free(s);
}

/* A node that slept: its lease had run out when the dispatcher asked, and nobody else had claimed it. */
static void test_a_lease_that_lasts_again_says_so(void **state)
{
	struct shared *s = made(clock_boot_ms() - 1);
	struct chunk c = {0};

	(void)state;
	assert_int_equal(shared_take(s, &job, CHUNK_IDS, &c), FEED_LATER);
	assert_true(shared_lease_renew(s, 7, true, clock_boot_ms() + 60000));
	assert_false(shared_lease_renew(s, 7, true, clock_boot_ms() + 60000));
	assert_int_equal(shared_take(s, &job, CHUNK_IDS, &c), FEED_GIVEN);
	assert_int_equal(c.n, 2);
	shared_free(s);
}

static void test_a_lost_lease_counts_for_nobody(void **state)
{
	struct shared *s = made(clock_boot_ms() + 60000);
	struct shared_hold hold;
	struct chunk c = {0};

	(void)state;
	assert_int_equal(shared_take(s, &job, CHUNK_IDS, &c), FEED_GIVEN);
	assert_false(shared_lease_renew(s, 7, false, 0));
	assert_false(shared_holds(s, &c));
	shared_settle(s, &c, false);
	assert_int_equal(shared_leases(s, &hold, 1), 0);
	shared_free(s);
}

/* ---- budgets ---- */

enum { DAY = 20000 };

static void put(struct shared *s, bool has_budget, int64_t units_left)
{
	struct shared_job known = {
	    .uuid = job, .planned = IDS, .has_budget = has_budget, .units_left = units_left};
	bool changed;

	assert_int_equal(shared_job_put(s, &known, &changed), ERR_OK);
}

static void test_units_are_asked_for_before_they_are_spent(void **state)
{
	struct shared *s = made(clock_boot_ms() + 60000);
	struct shared_want want;
	int64_t day;

	(void)state;
	assert_int_equal(shared_spend(s, &job, DAY, 100), ERR_OK); /* it has no budget */
	assert_false(shared_budget_wants(s, &want));
	put(s, true, 50);
	assert_int_equal(shared_spend(s, &job, DAY, 1), ERR_BUSY);
	assert_true(shared_budget_wants(s, &want));
	assert_true(want.day == DAY && want.least == 1 && want.want > 1);
	shared_budget_put(s, &want, 3, 47);
	assert_false(shared_budget_wants(s, &want));
	for (int i = 0; i < 3; i++)
		assert_int_equal(shared_spend(s, &job, DAY, 1), ERR_OK);
	assert_int_equal(shared_spend(s, &job, DAY, 1), ERR_BUSY);
	shared_unspend(s, &job, DAY, 1);
	assert_int_equal(shared_spend(s, &job, DAY, 1), ERR_OK);
	/* while there is work it keeps what it has */
	assert_true(shared_budget_wants(s, &want));
	shared_budget_put(s, &want, 5, 42);
	assert_int_equal(shared_budget_back(s, &job, false, &day), 0);
	assert_int_equal(shared_budget_back(s, &job, true, &day), 5);
	assert_int_equal(day, DAY);
	assert_int_equal(shared_budget_back(s, &job, true, &day), 0);
	shared_free(s);
}

static void test_no_more_units_of_a_day_or_at_all(void **state)
{
	struct shared *s = made(clock_boot_ms() + 60000);
	struct chunk c = {0};
	struct shared_want want;
	struct uuid who;
	int64_t day;

	(void)state;
	put(s, true, -1);
	assert_int_equal(shared_spend(s, &job, DAY, 2), ERR_BUSY);
	assert_true(shared_budget_wants(s, &want));
	shared_budget_put(s, &want, 1, -1);
	assert_int_equal(shared_spend(s, &job, DAY, 2), ERR_QUOTA);
	assert_int_equal(shared_budget_back(s, &job, false, &day), 1);
	/* another day, and what is left over of the day before */
	assert_int_equal(shared_spend(s, &job, DAY + 1, 2), ERR_BUSY);
	assert_true(shared_budget_wants(s, &want));
	assert_int_equal(want.day, DAY + 1);
	shared_budget_put(s, &want, 9, -1);
	assert_int_equal(shared_spend(s, &job, DAY + 1, 2), ERR_OK);
	assert_int_equal(shared_spend(s, &job, DAY + 2, 2), ERR_BUSY);
	assert_int_equal(shared_budget_back(s, &job, false, &day), 7);
	assert_int_equal(day, DAY + 1);
	/* nothing at all: no ids either, until somebody gives some back */
	assert_true(shared_budget_wants(s, &want));
	shared_budget_put(s, &want, 0, 0);
	assert_int_equal(shared_spend(s, &job, DAY + 2, 2), ERR_LIMIT);
	assert_true(shared_budget_is_over(s, &job));
	assert_int_equal(shared_take(s, &job, CHUNK_IDS, &c), FEED_LATER);
	assert_false(shared_wants(s, 4, &who));
	put(s, true, 6);
	assert_false(shared_budget_is_over(s, &job));
	assert_int_equal(shared_take(s, &job, 1, &c), FEED_GIVEN);
	assert_int_equal(c.n, 1); /* as many as a worker takes at once */
	assert_int_equal(shared_spend(s, &job, DAY + 2, 2), ERR_BUSY);
	shared_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_only_what_is_not_done_is_handed_out),
	    cmocka_unit_test(test_a_lease_that_lasts_again_says_so),
	    cmocka_unit_test(test_a_lost_lease_counts_for_nobody),
	    cmocka_unit_test(test_units_are_asked_for_before_they_are_spent),
	    cmocka_unit_test(test_no_more_units_of_a_day_or_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
