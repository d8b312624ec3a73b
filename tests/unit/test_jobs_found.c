/* Jobs as a list: what a filter finds, in which order, page by page from either end, around one of them. */
#include "config.h"
#include "engine/engine.h"
#include "engine/jobs_found.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { NOW = 1795373232, JOBS = 1000 };

static struct snapshot_job job(int64_t no, const char *type, const char *word, const char *status)
{
	struct snapshot_job j = {
	    .no = no, .total = 100, .processed = no % 100, .created_ms = no * 1000};

	snprintf(j.type, sizeof j.type, "%s", type);
	snprintf(j.word, sizeof j.word, "%s", word);
	snprintf(j.status, sizeof j.status, "%s", status);
	return j;
}

/* 1000 jobs: one runs, one is slowed down, one waits for quota, ten failed, the rest has ended. */
static struct snapshot_job some_job(int64_t no)
{
	bool videos = no % 3 == 0;
	struct snapshot_job j = job(no, videos ? "batch_videos" : "batch_metadata",
	    videos ? "videos" : "metadata", no % 100 == 0 ? "failed" : "completed");

	j.failed = no % 7 == 0;
	if (no == 500 || no == 700 || no == 701)
		j = job(no, "batch_discovery", "discovery", no == 500 ? "waiting" : "running");
	if (no == 500)
		snprintf(j.wait, sizeof j.wait, "quota");
	if (no == 701)
		snprintf(j.wait, sizeof j.wait, "slow");
	j.open = no == 500 || no == 700 || no == 701;
	return j;
}

static struct jobs_found *find(const char *q, const char *sort)
{
	struct errbuf eb = {.code = ERR_OK};
	struct jobs_found *f = NULL;

	if (jobs_found_open(&f, q, sort, NOW, &eb))
		fail_msg("%s", err_text(&eb));
	for (int64_t no = 1; no <= JOBS; no++) {
		struct snapshot_job j = some_job(no);
		assert_int_equal(jobs_found_take(f, &j, &eb), ERR_OK);
	}
	jobs_found_order(f);
	return f;
}

static int64_t matches(const char *q)
{
	struct jobs_found *f = find(q, NULL);
	int64_t n = jobs_found_counts(f)->total;

	assert_int_equal(jobs_found_counts(f)->all, JOBS);
	jobs_found_close(f);
	return n;
}

/* Words of the screen and words of the API mean the same. */
static void test_filters(void **state)
{
	(void)state;
	assert_int_equal(matches(NULL), JOBS);
	assert_int_equal(matches("type=videos"), matches("type=batch_videos"));
	assert_int_equal(matches("type=videos"), JOBS / 3);
	assert_int_equal(matches("state=failed"), 8);
	assert_int_equal(matches("status=failed"), 8);
	assert_int_equal(matches("failed"), 8);
	assert_int_equal(matches("state=throttled"), 1);
	assert_int_equal(matches("state=running"), 2); /* the slow one runs too */
	assert_int_equal(matches("state=wait*"), 1);
	assert_int_equal(matches("state=wait:quota"), 1);
	assert_int_equal(matches("status=completed"), matches("state=completed"));
	assert_int_equal(matches("state=done") + matches("err>0 state=completed"),
	    matches("state=completed") + matches("err>0 state=done"));
	assert_int_equal(matches("id=J-77"), 1);
	assert_int_equal(matches("created<1970-01-01T00:01:40Z"), 99);
	assert_int_equal(matches("percent>=99"), 10);
	assert_int_equal(matches("units>0"), 0);
}

static void test_what_is_wrong_is_said(void **state)
{
	struct errbuf eb = {.code = ERR_OK};
	struct jobs_found *f = NULL;
	size_t from, n;

	(void)state;
	assert_int_equal(jobs_found_open(&f, NULL, "colour", NOW, &eb), ERR_INVALID);
	assert_non_null(strstr(err_text(&eb), "state, id, type"));
	assert_int_equal(jobs_found_open(&f, "nonsense=1", NULL, NOW, &eb), ERR_INVALID);
	assert_int_equal(jobs_found_open(&f, "status=finished", NULL, NOW, &eb), ERR_INVALID);
	f = find(NULL, NULL);
	for (const char *const *text =
	         (const char *const[]){"", "x", "1_", "1_zz_4", "1_7ff0000000000000_4",
	             "1_0000000000000000_", "1_0000000000000000_-1", "2_0000000000000000_1", NULL};
	     *text; text++)
		assert_int_equal(jobs_found_page(f, *text, NULL, 10, &from, &n, &eb), ERR_INVALID);
	assert_int_equal(jobs_found_page(f, "end", "end", 10, &from, &n, &eb), ERR_INVALID);
	jobs_found_close(f);
}

static void test_order_by_state(void **state)
{
	static const int64_t first[] = {700, 701, 500, 1000, 900, 800, 600, 400};
	struct jobs_found *f = find(NULL, NULL);

	(void)state;
	for (size_t i = 0; i < sizeof first / sizeof first[0]; i++)
		assert_int_equal(jobs_found_no(f, i), first[i]);
	assert_int_equal(jobs_found_no(f, JOBS - 1), 1); /* the oldest that is done */
	assert_int_equal(jobs_found_counts(f)->can[ACTION_JOB_CANCEL], 3);
	assert_int_equal(jobs_found_counts(f)->can[ACTION_JOB_DELETE], JOBS - 3);
	assert_int_equal(jobs_found_counts(f)->states[JOB_IS_THROTTLED], 1);
	jobs_found_close(f);
}

/* Each order, forwards and backwards in pages of 37: every job once, in the same order. */
static void test_pages(void **state)
{
	static const char *const sorts[] = {"state", "state:desc", "id", "id:asc", "type", "done",
	    "percent:asc", "rate", "err", "units", "why", "why:desc", "created:asc", "ended"};
	struct errbuf eb = {.code = ERR_OK};
	char after[JOBS_PLACE], before[JOBS_PLACE];
	size_t from, n;

	(void)state;
	for (size_t i = 0; i < sizeof sorts / sizeof sorts[0]; i++) {
		struct jobs_found *f = find(NULL, sorts[i]);
		bool seen[JOBS + 1] = {false};
		size_t at = 0;
		for (; at < JOBS; at += n) {
			assert_int_equal(
			    jobs_found_page(f, at ? after : NULL, NULL, 37, &from, &n, &eb),
			    ERR_OK);
			assert_int_equal(from, at);
			assert_true(n > 0);
			for (size_t k = from; k < from + n; k++) {
				assert_false(seen[jobs_found_no(f, k)]);
				seen[jobs_found_no(f, k)] = true;
			}
			jobs_found_place(f, from + n - 1, after);
		}
		for (snprintf(before, sizeof before, "end"); at > 0; at = from) {
			assert_int_equal(
			    jobs_found_page(f, NULL, before, 37, &from, &n, &eb), ERR_OK);
			assert_int_equal(from + n, at);
			jobs_found_place(f, from, before);
		}
		jobs_found_close(f);
	}
}

static void test_around(void **state)
{
	struct jobs_found *f = find(NULL, "id:asc");
	size_t from, n;

	(void)state;
	jobs_found_around(f, "J-600", 200, &from, &n);
	assert_int_equal(from, 499);
	assert_int_equal(n, 200);
	jobs_found_around(f, "J-5000,J-1000,J-3", 200, &from, &n); /* the first that is there */
	assert_int_equal(from, 899);
	assert_int_equal(n, 101);
	jobs_found_around(f, "J-5000,nonsense,,J-,J-x", 200, &from, &n);
	assert_int_equal(from, 0);
	jobs_found_around(f, "J-3", 0, &from, &n);
	assert_int_equal(n, 0);
	jobs_found_close(f);
}

/* What is written is read again, and an answer over jobs at hand has its places. */
static void test_answer(void **state)
{
	struct snapshot_job jobs[50], read;
	struct engine_jobs ask = {.q = "type=videos", .sort = "id", .limit = 5};
	struct json_reader *reader = json_reader_new(1 << 20, 16);
	struct errbuf eb = {.code = ERR_OK};
	struct json_node root, row;
	struct json_walk walk;
	const char *name;
	int64_t n = 0, number;
	char *text;

	(void)state;
	for (int i = 0; i < 50; i++)
		jobs[i] = some_job(i + 1);
	text = engine_jobs_pick_json(jobs, 50, &ask, NOW, &eb);
	assert_non_null(text);
	assert_int_equal(json_reader_parse(reader, text, strlen(text), &root, &eb), ERR_OK);
	json_walk_start(&walk, json_node_get(root, "jobs"));
	for (int64_t no = 48; json_walk_next(&walk, &row, &name); no -= 3, n++) {
		assert_true(engine_job_read(row, &read));
		assert_int_equal(read.no, no);
		assert_memory_equal(&read, &jobs[no - 1], sizeof read);
	}
	assert_int_equal(n, 5);
	assert_true(json_node_int(json_node_get(root, "total"), &number));
	assert_int_equal(number, 16);
	assert_true(json_node_int(json_node_get(root, "all"), &number));
	assert_int_equal(number, 50);
	assert_int_equal(json_node_type(json_node_get(root, "next")), JSON_NODE_TEXT);
	assert_int_equal(json_node_type(json_node_get(root, "previous")), JSON_NODE_NULL);
	free(text);
	ask.sort = "colour";
	assert_null(engine_jobs_pick_json(jobs, 50, &ask, NOW, &eb));
	json_reader_free(reader);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_filters),
	    cmocka_unit_test(test_what_is_wrong_is_said),
	    cmocka_unit_test(test_order_by_state),
	    cmocka_unit_test(test_pages),
	    cmocka_unit_test(test_around),
	    cmocka_unit_test(test_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
