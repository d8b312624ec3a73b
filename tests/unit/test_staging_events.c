/* staging: timelines of jobs are folded, bounded and forgotten with them; errors by reason add up. */
#include "config.h"
#include "db/staging_events.h"
#include "tests/unit/staging_fixture.h"

#include <stdio.h>
#include <string.h>

enum { MINUTE_MS = 60000 };

static void put(
    struct staging *s, int64_t job, int64_t at_ms, const char *kind, const char *text, int64_t n)
{
	const struct job_event e = {.job = job,
	    .at_ms = at_ms,
	    .n = n,
	    .kind = kind,
	    .text = text,
	    .who = "oper",
	    .one = strcmp(kind, "best") == 0};

	assert_int_equal(staging_job_event_put(s, &e, NULL), ERR_OK);
}

struct seen {
	int n;
	char text[4096];
};

static enum err see(void *arg, const struct job_event *e, struct errbuf *eb)
{
	struct seen *s = arg;
	size_t len = strlen(s->text);

	(void)eb;
	assert_string_equal(e->who, "oper");
	if (s->n++ < 20)
		snprintf(s->text + len, sizeof s->text - len, "%s/%s/%lld/%lld-%lld ", e->kind,
		    e->text, (long long)e->n, (long long)e->at_ms / MINUTE_MS,
		    (long long)e->last_ms / MINUTE_MS);
	return ERR_OK;
}

static struct seen timeline(struct staging *s, int64_t job)
{
	struct seen seen = {.n = 0};

	assert_int_equal(staging_job_events_each(s, job, see, &seen, NULL), ERR_OK);
	return seen;
}

static void test_folding(void **state)
{
	struct room *r = *state;

	begin(r->s);
	put(r->s, 1, 0, "running", "started", 1);
	put(r->s, 1, 1 * MINUTE_MS, "slow", "key a", 2);
	put(r->s, 1, 2 * MINUTE_MS, "quota", "spent", 1);
	put(r->s, 1, 9 * MINUTE_MS, "slow", "key a", 3);  /* once more: the newest of its kind */
	put(r->s, 1, 18 * MINUTE_MS, "slow", "key a", 1); /* and again, ten minutes later at most */
	put(r->s, 1, 40 * MINUTE_MS, "slow", "key a", 1); /* long after: an event of its own */
	put(r->s, 1, 41 * MINUTE_MS, "slow", "key b", 1); /* another text */
	put(r->s, 1, 42 * MINUTE_MS, "slow", "key a", 1); /* not the newest: no fold */
	put(r->s, 2, 1 * MINUTE_MS, "slow", "key a", 1);  /* another job */
	commit(r->s);
	assert_string_equal(timeline(r->s, 1).text,
	    "running/started/1/0-0 slow/key a/6/1-18 quota/spent/1/2-2 slow/key a/1/40-40 "
	    "slow/key b/1/41-41 slow/key a/1/42-42 ");
	assert_int_equal(timeline(r->s, 2).n, 1);
	assert_int_equal(timeline(r->s, 3).n, 0);
}

static void test_one_best(void **state)
{
	struct room *r = *state;

	begin(r->s);
	put(r->s, 1, 0, "running", "started", 1);
	put(r->s, 1, 1 * MINUTE_MS, "best", "20/s", 1200);
	put(r->s, 1, 2 * MINUTE_MS, "best", "10/s", 600); /* not the best */
	put(r->s, 1, 3 * MINUTE_MS, "paused", "", 1);
	put(r->s, 1, 4 * MINUTE_MS, "best", "30/s", 1800);
	commit(r->s);
	assert_string_equal(
	    timeline(r->s, 1).text, "running/started/1/0-0 paused//1/3-3 best/30/s/1800/4-4 ");
}

static void test_bounded(void **state)
{
	struct room *r = *state;
	struct seen seen;
	char text[32];

	begin(r->s);
	put(r->s, 7, 0, "running", "started", 1);
	for (int i = 0; i < 500; i++) {
		snprintf(text, sizeof text, "event %d", i);
		put(r->s, 1, i, "key", text, 1);
	}
	commit(r->s);
	seen = timeline(r->s, 1);
	assert_int_equal(seen.n, STAGING_EVENTS);
	assert_non_null(strstr(seen.text, "key/event 300/1"));
	assert_null(strstr(seen.text, "event 299"));
	assert_int_equal(timeline(r->s, 7).n, 1);
}

static enum err see_error(void *arg, const struct job_error *e, struct errbuf *eb)
{
	char *text = arg;
	size_t len = strlen(text);

	(void)eb;
	snprintf(text + len, 512 - len, "%s %lld %lld %lld %lld; ", e->reason, (long long)e->seen,
	    (long long)e->retried, (long long)e->recovered, (long long)e->last_ms);
	return ERR_OK;
}

static void add_error(struct staging *s, int64_t job, struct job_error e)
{
	assert_int_equal(staging_job_error_add(s, job, &e, NULL), ERR_OK);
}

static void test_errors(void **state)
{
	struct room *r = *state;
	char text[512] = "";

	begin(r->s);
	add_error(r->s, 1, (struct job_error){"timeout", 1, 1, 0, 100});
	add_error(r->s, 1, (struct job_error){"backendError", 5, 4, 0, 200});
	add_error(r->s, 1, (struct job_error){"backendError", 0, 0, 3, 150});
	add_error(r->s, 2, (struct job_error){"timeout", 9, 9, 9, 900});
	commit(r->s);
	assert_int_equal(staging_job_errors_each(r->s, 1, see_error, text, NULL), ERR_OK);
	assert_string_equal(text, "backendError 5 4 3 200; timeout 1 1 0 100; ");
}

/* A job that is forgotten takes its timeline and errors along. */
static void test_forgotten(void **state)
{
	struct room *r = *state;
	struct job_row jobs[3];
	int64_t n = 0;
	char text[512] = "";

	begin(r->s);
	for (int i = 0; i < 3; i++) {
		jobs[i] = (struct job_row){.status = JOB_PENDING, .total = -1, .created_ms = 1 + i};
		jobs[i].uuid.b[0] = (unsigned char)(i + 1);
		snprintf(jobs[i].type, sizeof jobs[i].type, "purge");
		assert_int_equal(staging_job_add(r->s, &jobs[i], NULL), ERR_OK);
		put(r->s, jobs[i].no, 5, "running", "started", 1);
		add_error(r->s, jobs[i].no, (struct job_error){"timeout", 1, 0, 0, 5});
	}
	jobs[0].status = JOB_COMPLETED;
	jobs[0].completed_ms = 10;
	assert_int_equal(staging_job_put(r->s, &jobs[0], NULL), ERR_OK);
	assert_int_equal(staging_jobs_forget(r->s, 1000, &n, NULL), ERR_OK);
	commit(r->s);
	assert_int_equal(n, 1);
	assert_int_equal(timeline(r->s, jobs[0].no).n, 0);
	assert_int_equal(timeline(r->s, jobs[1].no).n, 1);
	assert_int_equal(staging_job_errors_each(r->s, jobs[0].no, see_error, text, NULL), ERR_OK);
	assert_string_equal(text, "");
	assert_int_equal(staging_job_errors_each(r->s, jobs[1].no, see_error, text, NULL), ERR_OK);
	assert_string_equal(text, "timeout 1 0 0 5; ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_folding, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_one_best, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_bounded, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_errors, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_forgotten, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
