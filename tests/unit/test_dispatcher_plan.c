/*
 * The plan at work: two stages whose jobs spend units of one key against a server that counts calls.
 * The second stage is a type made up here, which fetches as batch_metadata does.
 */
#include "config.h"
#include "engine/base/clock.h"
#include "engine/engine_parts.h"
#include "engine/jobs/metadata.h"
#include "engine/quota/day.h"
#include "tests/unit/api_server.h"
#include "tests/unit/scratch.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "tests/unit/seed.h"

enum { CHANNELS = 4000, WAIT_MS = 60000 };

struct room {
	struct scratch scratch;
	struct api_server *api;
	struct settings *settings;
	struct engine *e;
};

static const struct job_type videos_like = {
    .info = {.name = "like_videos", .word = "like", .help = "x"},
    .op = OP_METADATA,
    .stage = STAGE_VIDEOS,
    .feed = FEED_METADATA,
    .work = metadata_work,
    .commit = metadata_commit};

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

static void open_engine(struct room *r)
{
	struct engine_config cfg = {
	    .settings = r->settings, .data_dir = r->scratch.dir, .mode = ENGINE_WORK};
	struct errbuf eb = {0};

	if (engine_open(&r->e, &cfg, &eb))
		fail_msg("%s", eb.text);
}

static void begin(struct room *r, int64_t quota, const char *settings)
{
	const char *path = scratch_path(&r->scratch, "env");
	struct errbuf eb = {0};
	struct staging *s;
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fprintf(f,
	    "YOUTUBE_API_BASE=http://127.0.0.1:%d\nYOUTUBE_API_KEY_1=first-key-of-the-test\n"
	    "YOUTUBE_API_KEY_1_QUOTA=%lld\nWORKER_CONCURRENCY=3\nAPI_RATE_LIMIT_DELAY=0\n%s",
	    api_server_port(r->api), (long long)quota, settings);
	fclose(f);
	if (settings_load(&r->settings, path, &eb))
		fail_msg("%s", eb.text);
	assert_int_equal(
	    staging_open(&s, scratch_path(&r->scratch, "staging.db"), DB_WRITE, &eb), ERR_OK);
	seed_channels(s, 0, CHANNELS);
	staging_close(s);
	open_engine(r);
}

static int64_t start(struct room *r, const struct job_type *type, int64_t limit)
{
	json_t *params = json_object();
	struct errbuf eb = {0};
	int64_t no = 0;

	if (limit)
		json_object_set_new(params, "limit", json_integer(limit));
	if (dispatcher_job_add(r->e->parts.dispatcher, type, params, NULL, "test", &no, &eb))
		fail_msg("%s", eb.text);
	json_decref(params);
	return no;
}

static const struct job_type *metadata(void)
{
	return job_type_find("batch_metadata");
}

static void act(struct room *r, int64_t job, enum action action)
{
	struct errbuf eb = {0};
	struct str text;

	str_init(&text, 512);
	if (dispatcher_job_act(r->e->parts.dispatcher, job, action, "test", &text, &eb))
		fail_msg("%s", eb.text);
	str_done(&text);
}

static void change(struct room *r, enum action action, const char *params)
{
	struct command c = {.action = action, .params_json = params, .by = "test"};
	struct command_reply reply;
	struct errbuf eb = {0};

	if (engine_command(r->e, &c, &reply, &eb))
		fail_msg("%s", eb.text);
}

static struct job_row row_of(struct room *r, int64_t no)
{
	struct dispatcher_job job = {.row = {.status = JOB_STATUS_COUNT}};

	assert_true(dispatcher_job_get(r->e->parts.dispatcher, no, &job));
	return job.row;
}

static struct job_row wait_for(struct room *r, int64_t no, enum job_status status)
{
	for (int64_t until = clock_mono_ms() + WAIT_MS; clock_mono_ms() < until;) {
		struct job_row row = row_of(r, no);
		if (row.status == status)
			return row;
		clock_sleep_ms(5);
	}
	fail_msg("J-%lld is %s (%s), not %s", (long long)no, job_status_word(row_of(r, no).status),
	    row_of(r, no).reason, job_status_word(status));
	return (struct job_row){0};
}

/* Until so many units went through and both wait. */
static void wait_units(struct room *r, int64_t a, int64_t b, int64_t units_a, int64_t units_b)
{
	int64_t until = clock_mono_ms() + WAIT_MS;

	while (clock_mono_ms() < until &&
	       (row_of(r, a).units != units_a || row_of(r, b).units != units_b))
		clock_sleep_ms(5);
	clock_sleep_ms(200); /* nothing comes after */
	assert_int_equal(row_of(r, a).units, units_a);
	assert_int_equal(row_of(r, b).units, units_b);
	assert_int_equal(api_server_requests(r->api), units_a + units_b);
}

static bool midnight_is_near(void)
{
	return day_end(day_number(clock_now())) - clock_now() < 180;
}

static void test_shares(void **state)
{
	struct room *r = *state;
	struct ledger_day day;
	struct job_row row;
	int64_t a, b;

	if (midnight_is_near())
		skip();
	begin(r, 40, "PLAN_LEND=off\n");
	a = start(r, metadata(), 0);
	b = start(r, &videos_like, 0);
	wait_units(r, a, b, 24, 12);
	row = wait_for(r, a, JOB_WAITING);
	assert_memory_equal(row.reason, "share of metadata spent", 23);
	assert_int_equal(row.until, day_end(day_number(clock_now())));
	row = wait_for(r, b, JOB_WAITING);
	assert_memory_equal(row.reason, "share of videos spent", 21);
	ledger_day(r->e->parts.ledger, BUCKET_UNITS, &day);
	assert_int_equal(day.spent[STAGE_METADATA], 24);
	assert_int_equal(day.spent[STAGE_VIDEOS], 12);
	assert_int_equal(day.left, 4);

	change(r, ACTION_PLAN_SHARE, "{\"stage\":\"videos\",\"percent\":35}"); /* 56, 35, 5, 4 */
	wait_units(r, a, b, 24, 14);
	/* the rest of the day belongs to stages without work: now they lend it */
	change(r, ACTION_PLAN_LEND, "{\"lend\":true}");
	row = wait_for(r, a, JOB_WAITING);
	for (int64_t until = clock_mono_ms() + WAIT_MS; clock_mono_ms() < until;) {
		if (api_server_requests(r->api) == 40)
			break;
		clock_sleep_ms(5);
	}
	clock_sleep_ms(200);
	assert_int_equal(api_server_requests(r->api), 40);
	wait_for(r, a, JOB_WAITING);
	wait_for(r, b, JOB_WAITING);
}

/* Lent when the other has ended or was stopped, not before. */
static void test_lending(void **state)
{
	struct room *r = *state;
	int64_t a, b;

	if (midnight_is_near())
		skip();
	begin(r, 60, "PLAN_SHARES=50,50,0,0\n");
	api_server_delay(r->api, 10);
	a = start(r, metadata(), 0);
	b = start(r, &videos_like, 0);
	wait_units(r, a, b, 30, 30); /* both have work: halves */
	tear_down(state);
	set_up(state);
	r = *state;
	begin(r, 60, "PLAN_SHARES=50,50,0,0\n");
	a = start(r, metadata(), 500);
	b = start(r, &videos_like, 0);
	wait_for(r, a, JOB_COMPLETED);
	wait_units(r, a, b, 10, 50); /* it needed 10 of its 30: the others are lent */
	tear_down(state);
	set_up(state);
	r = *state;
	begin(r, 60, "PLAN_SHARES=90,10,0,0\n");
	api_server_delay(r->api, 20);
	a = start(r, metadata(), 0);
	b = start(r, &videos_like, 0);
	wait_for(r, b, JOB_WAITING);
	for (int64_t until = clock_mono_ms() + WAIT_MS;
	     clock_mono_ms() < until && row_of(r, b).units < 6;)
		clock_sleep_ms(1);
	assert_int_equal(row_of(r, b).units, 6);
	act(r, a, ACTION_JOB_PAUSE);
	for (int64_t until = clock_mono_ms() + WAIT_MS;
	     clock_mono_ms() < until && api_server_requests(r->api) < 60;)
		clock_sleep_ms(5);
	assert_int_equal(api_server_requests(r->api), 60);
	wait_for(r, b, JOB_WAITING);
	wait_units(r, a, b, row_of(r, a).units, 60 - row_of(r, a).units);
	assert_true(row_of(r, b).units > 6);
}

/* One stage alone has all of the day, as if there were no plan. */
static void test_alone(void **state)
{
	struct room *r = *state;
	struct job_row row;
	int64_t b;

	if (midnight_is_near())
		skip();
	begin(r, 37, "PLAN_SHARES=100,0,0,0\n");
	b = start(r, &videos_like, 0);
	row = wait_for(r, b, JOB_WAITING);
	clock_sleep_ms(200);
	assert_int_equal(api_server_requests(r->api), 37);
	assert_memory_equal(row.reason, "all quota", 9);
}

static void test_restart(void **state)
{
	struct room *r = *state;
	struct job_row row;
	int64_t a, b;

	if (midnight_is_near())
		skip();
	begin(r, 40, "PLAN_LEND=off\n");
	change(r, ACTION_PLAN_SHARE, "{\"stage\":\"videos\",\"percent\":\"50\"}");
	b = start(r, &videos_like, 0);
	wait_for(r, b, JOB_WAITING);
	assert_int_equal(api_server_requests(r->api), 20);
	engine_close(r->e);
	open_engine(r);
	b = start(r, &videos_like, 0);
	a = start(r, metadata(), 0);
	row = wait_for(r, b, JOB_WAITING);
	assert_memory_equal(row.reason, "share of videos spent", 21);
	assert_int_equal(row.units, 0);
	wait_for(r, a, JOB_WAITING);
	clock_sleep_ms(200);
	assert_int_equal(row_of(r, b).units, 0);
	assert_int_equal(row_of(r, a).units, 18); /* 43 percent of 40, rounded up */
	assert_int_equal(api_server_requests(r->api), 20 + 18);
}

/* At even pace 20 units take as long as they must; nobody looks as if he hung. */
static void test_even(void **state)
{
	struct room *r = *state;
	int64_t began, a, left = day_end(day_number(clock_now())) - clock_now();
	struct dispatcher_numbers n;

	if (midnight_is_near())
		skip();
	begin(r, left * 10, "WORKER_STUCK_AFTER=1\n");
	change(r, ACTION_PLAN_PACE, "{\"pace\":\"even\"}");
	began = clock_mono_ms();
	a = start(r, metadata(), 20 * CHUNK_IDS);
	wait_for(r, a, JOB_COMPLETED);
	assert_int_equal(row_of(r, a).units, 20);
	assert_true(clock_mono_ms() - began >= 19 * 95);
	dispatcher_numbers(r->e->parts.dispatcher, &n);
	assert_int_equal(n.workers_replaced, 0);
}

/* A unit only every few minutes: workers that wait for it are not taken for hanging, a pause comes
 * through. */
static void test_slowly(void **state)
{
	struct room *r = *state;
	struct dispatcher_numbers n;
	int64_t a;

	if (midnight_is_near())
		skip();
	begin(r, 2, "WORKER_STUCK_AFTER=1\nPLAN_PACE=even\n");
	a = start(r, metadata(), 0);
	for (int64_t until = clock_mono_ms() + WAIT_MS;
	     clock_mono_ms() < until && api_server_requests(r->api) < 1;)
		clock_sleep_ms(5);
	clock_sleep_ms(2500);
	assert_int_equal(api_server_requests(r->api), 1);
	assert_int_equal(row_of(r, a).status, JOB_RUNNING);
	act(r, a, ACTION_JOB_PAUSE);
	assert_true(dispatcher_quiet(r->e->parts.dispatcher, WAIT_MS));
	dispatcher_numbers(r->e->parts.dispatcher, &n);
	assert_int_equal(n.workers_replaced, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_shares, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_lending, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_alone, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_restart, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_even, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_slowly, set_up, tear_down),
	};
	struct errbuf eb = {0};
	int failed;

	if (engine_global_init(&eb))
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	engine_global_done();
	return failed;
}
