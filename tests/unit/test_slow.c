/* Which jobs are throttled, and by what. */
#include "config.h"
#include "engine/slow.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>

/* A job of each kind that matters: three running, one paused, one that calls nothing. */
static struct snapshot *snapshot_of(const char *limit)
{
	static const char *const jobs[][2] = {{"batch_metadata", "running"},
	    {"batch_discovery", "running"}, {"batch_metadata", "paused"}, {"migration", "running"}};
	struct snapshot *s = snapshot_new();

	assert_non_null(s);
	snprintf(s->limits.what, sizeof s->limits.what, "%s", limit);
	for (size_t i = 0; i < sizeof jobs / sizeof jobs[0]; i++) {
		struct snapshot_job *j = &s->jobs[s->n_jobs++];
		snprintf(j->type, sizeof j->type, "%s", jobs[i][0]);
		snprintf(j->status, sizeof j->status, "%s", jobs[i][1]);
	}
	return s;
}

/* marks: a letter for each job, s when it is slow. */
static void assert_slow(struct snapshot *s, const char *marks, const char *why)
{
	slow_mark(s);
	for (size_t i = 0; i < s->n_jobs; i++) {
		assert_string_equal(s->jobs[i].wait, marks[i] == 's' ? "slow" : "");
		if (marks[i] == 's')
			assert_non_null(strstr(s->jobs[i].reason, why));
		else
			assert_string_equal(s->jobs[i].reason, "");
	}
	snapshot_unref(s);
}

static void test_limits(void **state)
{
	(void)state;
	assert_slow(snapshot_of("service"), "ss--", "YouTube is in trouble");
	assert_slow(snapshot_of("writer"), "ss--", "disk");
	assert_slow(snapshot_of("keys"), "ss--", "no key");
	assert_slow(snapshot_of("nothing"), "----", "");
	assert_slow(snapshot_of("threads"), "----", "");
	assert_slow(snapshot_of("quota"), "----", "");
}

/* Our own pace is no throttling; what YouTube asked for is. */
static void test_rate(void **state)
{
	struct snapshot *s = snapshot_of("rate");

	(void)state;
	s->n_keys = 2;
	snprintf(s->keys[0].state, sizeof s->keys[0].state, "ok");
	snprintf(s->keys[1].state, sizeof s->keys[1].state, "cooling");
	assert_slow(s, "ss--", "fewer calls");
	assert_slow(snapshot_of("rate"), "----", "");
}

static void test_services(void **state)
{
	struct snapshot *s = snapshot_of("nothing");

	(void)state;
	s->n_services = 2;
	snprintf(s->services[0].group, sizeof s->services[0].group, "postgres");
	snprintf(s->services[0].breaker, sizeof s->services[0].breaker, "open");
	snprintf(s->services[1].group, sizeof s->services[1].group, "service");
	snprintf(s->services[1].name, sizeof s->services[1].name, "directory.example");
	snprintf(s->services[1].breaker, sizeof s->services[1].breaker, "open");
	assert_slow(s, "-s--", "directory.example");
}

static void test_a_reason_stays(void **state)
{
	struct snapshot *s = snapshot_of("service");

	(void)state;
	snprintf(s->jobs[0].reason, sizeof s->jobs[0].reason, "its budget is nearly spent");
	slow_mark(s);
	assert_string_equal(s->jobs[0].wait, "slow");
	assert_string_equal(s->jobs[0].reason, "its budget is nearly spent");
	snapshot_unref(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_rate),
	    cmocka_unit_test(test_services),
	    cmocka_unit_test(test_a_reason_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
