/*
 * The whole path of a metadata job - dispatcher, workers, writer, staging - against a server that
 * counts what it is asked: nothing is asked twice, nothing is lost, whatever goes wrong.
 */
#include "config.h"
#include "engine/base/clock.h"
#include "engine/engine_parts.h"
#include "tests/unit/api_server.h"
#include "tests/unit/scratch.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <jansson.h>

#include "tests/unit/seed.h"

struct room {
	struct scratch scratch;
	struct api_server *api;
	struct settings *settings;
	struct engine *e;
};

static int set_up(void **state)
{
	struct room *r = calloc(1, sizeof *r);

	*state = r;
	if (!r || scratch_open(&r->scratch))
		return -1;
	r->api = api_server_start();
	return r->api ? 0 : -1;
}

static int tear_down(void **state)
{
	struct room *r = *state;

	engine_close(r->e);
	settings_free(r->settings);
	api_server_stop(r->api);
	scratch_close(&r->scratch);
	free(r);
	return 0;
}

static struct staging *look(struct room *r, enum db_mode mode)
{
	struct errbuf eb = {0};
	struct staging *s;

	if (staging_open(&s, scratch_path(&r->scratch, "staging.db"), mode, &eb))
		fail_msg("%s", eb.text);
	return s;
}

static void open_engine(struct room *r, bool resume)
{
	struct engine_config cfg = {
	    .data_dir = r->scratch.dir, .mode = ENGINE_WORK, .resume_interrupted = resume};
	struct errbuf eb = {0};

	cfg.settings = r->settings;
	if (engine_open(&r->e, &cfg, &eb))
		fail_msg("%s", eb.text);
}

/* n channels, one key of so many units, so many workers. */
static void begin(struct room *r, size_t n, int quota, int workers)
{
	const char *path = scratch_path(&r->scratch, "env");
	struct errbuf eb = {0};
	struct staging *s;
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fprintf(f,
	    "YOUTUBE_API_BASE=http://127.0.0.1:%d\nYOUTUBE_API_KEY_1=first-key-of-the-test\n"
	    "YOUTUBE_API_KEY_1_QUOTA=%d\nWORKER_CONCURRENCY=%d\nAPI_RATE_LIMIT_DELAY=0\n"
	    "DEFAULT_BATCH_SIZE=150\nMAX_ATTEMPTS=3\n",
	    api_server_port(r->api), quota, workers);
	fclose(f);
	if (settings_load(&r->settings, path, &eb))
		fail_msg("%s", eb.text);
	s = look(r, DB_WRITE);
	seed_channels(s, 0, n);
	staging_close(s);
	open_engine(r, false);
}

static int64_t start(struct room *r, const char *params)
{
	struct command c = {.action = ACTION_JOB_START,
	    .job_type = "batch_metadata",
	    .params_json = params,
	    .by = "test"};
	struct command_reply reply;
	struct errbuf eb = {0};

	if (engine_command(r->e, &c, &reply, &eb))
		fail_msg("%s", eb.text);
	assert_true(reply.job > 1000);
	return reply.job;
}

static enum err act(struct room *r, int64_t job, enum action action)
{
	char target[32];
	struct command c = {.action = action, .target = target, .by = "test"};
	struct command_reply reply;
	struct errbuf eb = {0};

	snprintf(target, sizeof target, "%lld", (long long)job);
	return engine_command(r->e, &c, &reply, &eb);
}

static struct job_row row_of(struct room *r, int64_t job)
{
	static struct dispatcher_job jobs[100];
	size_t n = dispatcher_jobs(r->e->parts.dispatcher, jobs, 100);

	for (size_t i = 0; i < n; i++)
		if (jobs[i].row.no == job)
			return jobs[i].row;
	fail_msg("J-%lld is gone", (long long)job);
	return (struct job_row){0};
}

static struct job_row wait_status(struct room *r, int64_t job, enum job_status status)
{
	struct job_row row = {.status = JOB_STATUS_COUNT};

	for (int64_t until = clock_mono_ms() + 60000; clock_mono_ms() < until;) {
		row = row_of(r, job);
		if (row.status == status)
			return row;
		clock_sleep_ms(5);
	}
	fail_msg("J-%lld is %s (%s), not %s", (long long)job, job_status_word(row.status),
	    row.reason, job_status_word(status));
	return row;
}

static void wait_processed(struct room *r, int64_t job, int64_t least)
{
	for (int64_t until = clock_mono_ms() + 60000; clock_mono_ms() < until;) {
		if (row_of(r, job).processed >= least)
			return;
		clock_sleep_ms(5);
	}
	fail_msg("J-%lld never did %lld", (long long)job, (long long)least);
}

/* Served as often as wanted: channels 0 .. n - 1. */
static void check_served(struct room *r, uint32_t n, int times)
{
	for (uint32_t i = 0; i < n; i++)
		if (api_server_served(r->api, i) != times)
			fail_msg("channel %u was asked %d times", i, api_server_served(r->api, i));
}

static void check_items(
    struct room *r, int64_t pending, int64_t done, int64_t absent, int64_t failed)
{
	struct staging *s = look(r, DB_READ);
	struct errbuf eb = {0};
	struct counters c;

	assert_int_equal(staging_counters(s, &c, &eb), ERR_OK);
	if (staging_check_counters(s, &eb))
		fail_msg("%s", eb.text);
	assert_int_equal(c.items[OP_METADATA][ITEM_PENDING], pending);
	assert_int_equal(c.items[OP_METADATA][ITEM_DONE], done);
	assert_int_equal(c.items[OP_METADATA][ITEM_ABSENT], absent);
	assert_int_equal(c.items[OP_METADATA][ITEM_FAILED], failed);
	staging_close(s);
}

/* What the job says, in memory and on the disk. */
static void check_job(struct room *r, int64_t job, int64_t done, int64_t absent, int64_t failed)
{
	struct job_row row = row_of(r, job), stored;
	struct staging *s = look(r, DB_READ);
	struct errbuf eb = {0};

	assert_int_equal(staging_job_get(s, job, &stored, NULL, &eb), ERR_OK);
	staging_close(s);
	assert_int_equal(row.done, done);
	assert_int_equal(row.absent, absent);
	assert_int_equal(row.failed, failed);
	assert_int_equal(row.processed, done + absent + failed);
	assert_int_equal(stored.done, done);
	assert_int_equal(stored.absent, absent);
	assert_int_equal(stored.failed, failed);
	assert_int_equal(stored.processed, row.processed);
	assert_int_equal(stored.units, row.units);
}

static void test_one_job(void **state)
{
	struct room *r = *state;
	char *result = NULL;
	struct errbuf eb = {0};
	json_t *j;

	begin(r, 1025, 10000, 4);
	if (engine_run_job(r->e, "batch_metadata", "{}", false, NULL, NULL, &result, &eb))
		fail_msg("%s", eb.text);
	j = json_loads(result, 0, NULL);
	assert_non_null(j);
	assert_string_equal(json_string_value(json_object_get(j, "status")), "completed");
	assert_int_equal(json_integer_value(json_object_get(j, "done")), 1025);
	assert_int_equal(json_integer_value(json_object_get(j, "total")), 1025);
	assert_int_equal(json_integer_value(json_object_get(j, "pending")), 0);
	assert_int_equal(json_integer_value(json_object_get(j, "units_used")), 21);
	json_decref(j);
	free(result);
	assert_int_equal(api_server_requests(r->api), 21); /* 20 full ones and a rest */
	assert_int_equal(api_server_widest(r->api), 50);
	check_served(r, 1025, 1);
	check_items(r, 0, 1025, 0, 0);
}

static void test_jobs_side_by_side(void **state)
{
	struct room *r = *state;
	int64_t jobs[4], done = 0, units = 0;

	begin(r, 3000, 10000, 8);
	api_server_delay(r->api, 5);
	for (int i = 0; i < 4; i++)
		jobs[i] = start(r, NULL);
	for (int i = 0; i < 4; i++) {
		struct job_row row = wait_status(r, jobs[i], JOB_COMPLETED);
		check_job(r, jobs[i], row.done, 0, 0);
		assert_true(row.done > 0); /* each had its turn */
		done += row.done;
		units += row.units;
	}
	assert_int_equal(done, 3000);
	assert_int_equal(units, api_server_requests(r->api));
	check_served(r, 3000, 1);
	check_items(r, 0, 3000, 0, 0);
}

static void test_limit(void **state)
{
	struct room *r = *state;
	int64_t a, b;

	begin(r, 400, 10000, 4);
	a = start(r, "{\"limit\":120}");
	b = start(r, "{\"total_limit\":\"70\"}");
	wait_status(r, a, JOB_COMPLETED);
	wait_status(r, b, JOB_COMPLETED);
	check_job(r, a, 120, 0, 0);
	check_job(r, b, 70, 0, 0);
	check_items(r, 210, 190, 0, 0);
	a = start(r, "{\"limit\":0}"); /* the original's word for all */
	wait_status(r, a, JOB_COMPLETED);
	check_job(r, a, 210, 0, 0);
	check_served(r, 400, 1);
}

static void test_absent(void **state)
{
	struct room *r = *state;
	int64_t job;

	begin(r, 300, 10000, 3);
	api_server_absent(r->api, 10);
	job = start(r, NULL);
	wait_status(r, job, JOB_COMPLETED);
	check_job(r, job, 270, 30, 0);
	check_items(r, 0, 270, 30, 0);
	job = start(r, NULL); /* not asked again on the same day */
	wait_status(r, job, JOB_COMPLETED);
	check_job(r, job, 0, 0, 0);
	check_served(r, 300, 1);
}

static void test_bad_id(void **state)
{
	struct room *r = *state;
	int64_t job;

	begin(r, 200, 10000, 2);
	api_server_bad(r->api, 77);
	job = start(r, NULL);
	wait_status(r, job, JOB_COMPLETED);
	check_job(r, job, 199, 0, 1);
	check_items(r, 0, 199, 0, 1);
	/* 50 in halves until it stands alone: 25 13 7 4 2 1 or so, each half asked once */
	assert_in_range(api_server_requests(r->api), 4 + 10, 4 + 14);
	assert_int_equal(row_of(r, job).units, api_server_requests(r->api));
	assert_int_equal(api_server_served(r->api, 77), 0);
	api_server_bad(r->api, -1);
	assert_int_equal(act(r, job, ACTION_JOB_RETRY), ERR_OK);
	for (int i = 0; i < 1000 && api_server_served(r->api, 77) == 0; i++)
		clock_sleep_ms(10);
	wait_status(r, job, JOB_COMPLETED);
	check_job(r, job, 200, 0, 0);
	check_served(r, 200, 1);
	check_items(r, 0, 200, 0, 0);
}

static void test_server_trouble(void **state)
{
	struct room *r = *state;
	int64_t job;

	begin(r, 200, 10000, 2);
	api_server_trouble(r->api, API_UNAVAILABLE, 3);
	job = start(r, NULL);
	wait_status(r, job, JOB_COMPLETED);
	check_job(r, job, 200, 0, 0);
	assert_int_equal(api_server_requests(r->api), 4 + 3);
	assert_int_equal(row_of(r, job).units, 7);
	check_served(r, 200, 1);
}

/* An answer that is torn every time: its chunk is given up on, after as many tries as set. */
static void test_gives_up(void **state)
{
	struct room *r = *state;
	int64_t job;

	begin(r, 30, 10000, 1);
	api_server_trouble(r->api, API_TORN, -1);
	job = start(r, NULL);
	wait_status(r, job, JOB_COMPLETED);
	check_job(r, job, 0, 0, 30);
	assert_int_equal(api_server_requests(r->api), 3);
	check_items(r, 0, 0, 0, 30);
}

static void test_pause_and_resume(void **state)
{
	struct room *r = *state;
	struct job_row row;
	int64_t job;
	int asked;

	begin(r, 1500, 10000, 3);
	api_server_delay(r->api, 20);
	job = start(r, NULL);
	assert_int_equal(act(r, job, ACTION_JOB_RESUME), ERR_DENIED);
	wait_processed(r, job, 100);
	assert_int_equal(act(r, job, ACTION_JOB_PAUSE), ERR_OK);
	assert_int_equal(act(r, job, ACTION_JOB_PAUSE), ERR_DENIED);
	clock_sleep_ms(200); /* what is in flight ends */
	asked = api_server_requests(r->api);
	row = row_of(r, job);
	clock_sleep_ms(200);
	assert_int_equal(api_server_requests(r->api), asked);
	assert_int_equal(row_of(r, job).status, JOB_PAUSED);
	assert_int_equal(row_of(r, job).processed, row.processed);
	assert_in_range(row.processed, 100, 1450);
	check_job(r, job, row.processed, 0, 0);
	check_items(r, 1500 - row.processed, row.processed, 0, 0);
	api_server_delay(r->api, 0);
	assert_int_equal(act(r, job, ACTION_JOB_RESUME), ERR_OK);
	wait_status(r, job, JOB_COMPLETED);
	check_job(r, job, 1500, 0, 0);
	check_served(r, 1500, 1);
}

static void test_cancel(void **state)
{
	struct room *r = *state;
	int64_t a, b;

	begin(r, 1000, 10000, 3);
	api_server_delay(r->api, 20);
	a = start(r, NULL);
	wait_processed(r, a, 100);
	assert_int_equal(act(r, a, ACTION_JOB_CANCEL), ERR_OK);
	assert_int_equal(row_of(r, a).status, JOB_CANCELLED);
	assert_int_equal(act(r, a, ACTION_JOB_RESUME), ERR_DENIED);
	assert_int_equal(act(r, 99999, ACTION_JOB_CANCEL), ERR_NOTFOUND);
	api_server_delay(r->api, 0);
	b = start(r, NULL); /* takes what the other left, also what is in flight right now */
	wait_status(r, b, JOB_COMPLETED);
	assert_int_equal(row_of(r, a).done + row_of(r, b).done, 1000);
	assert_true(row_of(r, b).done > 0);
	check_served(r, 1000, 1);
	check_items(r, 0, 1000, 0, 0);
	assert_int_equal(act(r, b, ACTION_JOB_CANCEL), ERR_DENIED);
}

static void test_quota(void **state)
{
	struct room *r = *state;
	struct command add = {.action = ACTION_KEY_ADD,
	    .target = "k2",
	    .secret = "second-key-of-the-test",
	    .by = "test"};
	struct command_reply reply;
	struct errbuf eb = {0};
	struct job_row row;
	int64_t job;

	begin(r, 1000, 8, 3);
	job = start(r, NULL);
	row = wait_status(r, job, JOB_WAITING);
	clock_sleep_ms(300);
	assert_int_equal(api_server_requests(r->api), 8); /* never more than there was */
	row = wait_status(r, job, JOB_WAITING);
	assert_true(row.until > clock_now());
	assert_int_equal(row.processed, 400);
	if (engine_command(r->e, &add, &reply, &eb))
		fail_msg("%s", eb.text);
	wait_status(r, job, JOB_COMPLETED);
	check_job(r, job, 1000, 0, 0);
	assert_int_equal(row_of(r, job).units, 20);
	check_served(r, 1000, 1);
}

static void test_restart(void **state)
{
	struct room *r = *state;
	int64_t job, began;
	struct job_row row;
	struct staging *s;
	struct errbuf eb = {0};

	begin(r, 2000, 10000, 4);
	api_server_delay(r->api, 30);
	job = start(r, NULL);
	wait_processed(r, job, 300);
	began = clock_mono_ms();
	engine_close(r->e); /* what is in flight is stored, nothing else is begun */
	assert_true(clock_mono_ms() - began < 5000);
	r->e = NULL;
	s = look(r, DB_READ);
	assert_int_equal(staging_job_get(s, job, &row, NULL, &eb), ERR_OK);
	staging_close(s);
	assert_int_equal(row.status, JOB_INTERRUPTED);
	assert_in_range(row.processed, 300, 1900);
	assert_int_equal(row.units, api_server_requests(r->api));
	check_items(r, 2000 - row.processed, row.processed, 0, 0);
	api_server_delay(r->api, 0);
	open_engine(r, true);
	wait_status(r, job, JOB_COMPLETED);
	check_job(r, job, 2000, 0, 0);
	check_served(r, 2000, 1);
}

/* Stopping while calls fail: nobody waits for what will not come. */
static void test_stop_in_trouble(void **state)
{
	struct room *r = *state;
	int64_t began;

	begin(r, 500, 10000, 4);
	api_server_trouble(r->api, API_UNAVAILABLE, -1);
	api_server_delay(r->api, 300);
	start(r, NULL);
	for (int i = 0; i < 500 && api_server_requests(r->api) < 1; i++)
		clock_sleep_ms(10);
	began = clock_mono_ms();
	engine_close(r->e);
	r->e = NULL;
	assert_true(clock_mono_ms() - began < 4000);
	check_items(r, 500, 0, 0, 0);
}

static void test_hurry(void **state)
{
	struct room *r = *state;
	int64_t began;

	begin(r, 500, 10000, 4);
	api_server_delay(r->api, 8000);
	start(r, NULL);
	clock_sleep_ms(300);
	began = clock_mono_ms();
	engine_hurry(r->e);
	engine_close(r->e);
	r->e = NULL;
	assert_true(clock_mono_ms() - began < 4000);
	check_items(r, 500, 0, 0, 0);
}

/* Staging cannot be read for a while: the job goes on afterwards instead of calling itself done. */
static void test_unreadable_staging(void **state)
{
	struct room *r = *state;
	char path[SCRATCH_SIZE * 2];
	sqlite3 *db;
	int64_t job;

	begin(r, 900, 10000, 2);
	snprintf(path, sizeof path, "%s", scratch_path(&r->scratch, "staging.db"));
	api_server_delay(r->api, 400); /* most of it is still to do when it pauses */
	job = start(r, NULL);
	wait_processed(r, job, 100);
	assert_int_equal(act(r, job, ACTION_JOB_PAUSE), ERR_OK);
	clock_sleep_ms(
	    1500); /* what was in flight is stored: what cannot be pauses the job by itself */
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	sqlite3_busy_timeout(db, 5000);
	assert_int_equal(
	    sqlite3_exec(db, "PRAGMA legacy_alter_table=1; ALTER TABLE channel RENAME TO elsewhere",
	        NULL, NULL, NULL),
	    SQLITE_OK);
	assert_int_equal(act(r, job, ACTION_JOB_RESUME), ERR_OK);
	clock_sleep_ms(1500);
	assert_int_equal(row_of(r, job).status, JOB_RUNNING);
	assert_int_equal(
	    sqlite3_exec(db, "ALTER TABLE elsewhere RENAME TO channel", NULL, NULL, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	wait_status(r, job, JOB_COMPLETED);
	check_items(r, 0, 900, 0, 0); /* answers that could not be stored were asked for again */
}

static void test_moves(void **state)
{
	(void)state;
	for (int from = 0; from < JOB_STATUS_COUNT; from++) {
		enum job_status f = (enum job_status)from;
		bool open = job_status_is_open(f);
		assert_int_equal(dispatcher_move(ACTION_JOB_CANCEL, f) == JOB_CANCELLED, open);
		assert_int_equal(
		    dispatcher_move(ACTION_JOB_PAUSE, f) == JOB_PAUSED, open && f != JOB_PAUSED);
		assert_int_equal(dispatcher_move(ACTION_JOB_RETRY, f) == JOB_PENDING,
		    !open || f == JOB_INTERRUPTED);
		assert_int_equal(dispatcher_move(ACTION_JOB_RESUME, f) == JOB_PENDING,
		    f == JOB_WAITING || f == JOB_PAUSED || f == JOB_INTERRUPTED);
		assert_int_equal(dispatcher_move(ACTION_KEY_ADD, f), JOB_STATUS_COUNT);
	}
}

static int init_all(void **state)
{
	struct errbuf eb;

	(void)state;
	return (int)engine_global_init(&eb);
}

static int done_all(void **state)
{
	(void)state;
	engine_global_done();
	return 0;
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_one_job),
	    TEST(test_jobs_side_by_side),
	    TEST(test_limit),
	    TEST(test_absent),
	    TEST(test_bad_id),
	    TEST(test_server_trouble),
	    TEST(test_gives_up),
	    TEST(test_pause_and_resume),
	    TEST(test_cancel),
	    TEST(test_quota),
	    TEST(test_restart),
	    TEST(test_stop_in_trouble),
	    TEST(test_hurry),
	    TEST(test_unreadable_staging),
	    cmocka_unit_test(test_moves),
	};

	return cmocka_run_group_tests(tests, init_all, done_all);
}
