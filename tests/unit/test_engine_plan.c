/*
 * The plan from outside: what a snapshot, GET /api/plan, a what-if and a price say of a folder, that
 * they say the same, and what commands change. Nothing is called.
 */
#include "config.h"
#include "engine/engine_look_plan.h"
#include "engine/base/clock.h"
#include "engine/quota/day.h"
#include "tests/unit/scratch.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "tests/unit/seed.h"

enum { DAY = 86400 };

struct room {
	struct scratch scratch;
	struct settings *settings;
	struct engine *e;
	int64_t now;
};

static void fetch(struct staging *s, uint32_t n, int64_t subscribers, int64_t videos, int64_t at)
{
	struct channel_meta m = {.cid = seed_cid(n),
	    .title = "t",
	    .subscriber_count = subscribers,
	    .video_count = videos,
	    .fetched_at = at};
	struct errbuf eb = {0};

	assert_int_equal(staging_state_set(s, OP_METADATA, &m.cid, ITEM_DONE, NULL, &eb), ERR_OK);
	assert_int_equal(staging_meta_put(s, &m, &eb), ERR_OK);
}

/* 1,000 channels: 600 with metadata, 100 of each size from 1,000,000 down to 10, 30 videos each; of
 * them 10 missing, 20 with videos read, 50 fetched 40 days ago. */
static void furnish(struct room *r)
{
	struct errbuf eb = {0};
	struct staging *s;
	int64_t size = 1000000;
	struct cid cid;

	assert_int_equal(
	    staging_open(&s, scratch_path(&r->scratch, "staging.db"), DB_WRITE, &eb), ERR_OK);
	seed_channels(s, 0, 1000);
	assert_int_equal(staging_begin(s, &eb), ERR_OK);
	for (uint32_t i = 0; i < 600; i++) {
		fetch(s, i, size, 30, r->now - (i < 50 ? 40 : 3) * DAY);
		if (i % 100 == 99)
			size /= 10;
	}
	for (uint32_t i = 600; i < 610; i++) {
		cid = seed_cid(i);
		assert_int_equal(
		    staging_state_set(s, OP_METADATA, &cid, ITEM_MISSING, NULL, &eb), ERR_OK);
	}
	for (uint32_t i = 0; i < 20; i++) {
		cid = seed_cid(i * 30);
		assert_int_equal(
		    staging_state_set(s, OP_VIDEOS, &cid, ITEM_DONE, NULL, &eb), ERR_OK);
	}
	assert_int_equal(staging_commit(s, &eb), ERR_OK);
	staging_close(s);
}

static void open_engine(struct room *r, enum engine_mode mode)
{
	struct engine_config cfg = {
	    .settings = r->settings, .data_dir = r->scratch.dir, .mode = mode, .held = true};
	struct errbuf eb = {0};

	if (engine_open(&r->e, &cfg, &eb))
		fail_msg("%s", eb.text);
}

static int set_up(void **state)
{
	struct room *r = calloc(1, sizeof *r);
	const char *path;
	FILE *f;

	*state = r;
	if (!r || scratch_open(&r->scratch))
		return -1;
	r->now = clock_now();
	path = scratch_path(&r->scratch, "env");
	f = fopen(path, "w");
	if (!f)
		return -1;
	fprintf(f, "YOUTUBE_API_KEY_1=first-key-of-the-test\nYOUTUBE_API_KEY_1_QUOTA=100\n"
	           "YOUTUBE_API_BASE=http://127.0.0.1:1\n");
	fclose(f);
	if (settings_load(&r->settings, path, NULL))
		return -1;
	furnish(r);
	return 0;
}

static int tear_down(void **state)
{
	struct room *r = *state;

	engine_close(r->e);
	settings_free(r->settings);
	scratch_close(&r->scratch);
	free(r);
	return 0;
}

static const struct snapshot *look(struct room *r)
{
	const struct snapshot *s;

	clock_sleep_ms(260); /* a fresh one */
	s = engine_snapshot(r->e);
	assert_non_null(s);
	assert_string_equal(s->staging_trouble, "");
	return s;
}

static json_t *json_of(char *text)
{
	json_t *j;

	assert_non_null(text);
	j = json_loads(text, 0, NULL);
	free(text);
	assert_non_null(j);
	return j;
}

static int64_t int_of(const json_t *j, const char *name)
{
	assert_true(json_is_integer(json_object_get(j, name)));
	return json_integer_value(json_object_get(j, name));
}

static const char *text_of(const json_t *j, const char *name)
{
	const char *text = json_string_value(json_object_get(j, name));

	return text ? text : "";
}

static enum err command(struct room *r, enum action action, const char *target, const char *params,
    struct command_reply *reply)
{
	struct command c = {
	    .action = action, .target = target, .params_json = params, .by = "test"};

	return engine_command(r->e, &c, reply, NULL);
}

static void check_stage(const struct snapshot *s, enum stage stage, int64_t target, int64_t done,
    int64_t missing, int64_t units)
{
	const struct snapshot_stage *g = look_plan_stage(s, stage);

	assert_string_equal(g->name, stage_word(stage));
	if (g->target != target || g->done != done || g->missing != missing ||
	    g->units_left != units)
		fail_msg("%s: %lld of %lld, %lld missing, %lld units", g->name, (long long)g->done,
		    (long long)g->target, (long long)g->missing, (long long)g->units_left);
}

static void test_snapshot(void **state)
{
	struct room *r = *state;
	const struct snapshot *s;

	open_engine(r, ENGINE_WORK);
	s = look(r);
	assert_int_equal(s->n_stages, 5);
	assert_string_equal(s->stages[0].name, "import");
	assert_int_equal(s->stages[0].target, 1000);
	check_stage(s, STAGE_METADATA, 1000, 610, 10, 8); /* 390 at 0.02 */
	check_stage(s, STAGE_VIDEOS, 600, 20, 0, 870);    /* 580 at 1.5 */
	check_stage(s, STAGE_DISCOVERY, 600, 0, 0, 600);
	check_stage(s, STAGE_REFRESH, 600, 550, 0, 1);
	assert_int_equal(look_plan_stage(s, STAGE_VIDEOS)->units_per_day, 30);
	assert_int_equal(look_plan_stage(s, STAGE_VIDEOS)->items_per_day, 20);
	assert_false(look_plan_stage(s, STAGE_VIDEOS)->measured);
	assert_int_equal(s->due_videos[0], 580);
	assert_int_equal(
	    s->due_videos[6], 96); /* i = 0, 30, 60, 90 of the first hundred are done */
	assert_int_equal(look_plan_due_videos(s, 1000000), 96);
	assert_int_equal(look_plan_due_videos(s, 0), 580);
	assert_in_range(look_plan_due_videos(s, 300000), 97, s->due_videos[5] - 1);
	assert_int_equal(look_plan_due_videos(s, INT64_C(50000000)), 0);
	assert_int_equal(s->n_projects, 1);
	assert_string_equal(s->projects[0].state, "in use");
	assert_string_equal(s->projects[0].buckets[0].name, "units");
	assert_int_equal(s->projects[0].buckets[0].limit, 100);
	assert_string_equal(s->projects[0].buckets[1].state, "ok");
	assert_int_equal(s->n_hours, (day_end(day_number(s->made_at)) - s->day_start) / 3600);
	assert_int_equal(s->units_left_over, -1);
	assert_true(s->day_gone >= 0 && s->day_gone <= 1 && s->day_spent == 0);
	assert_int_equal(s->dry_at, 0); /* nothing is at work */
	snapshot_unref(s);
}

/* All that can be asked says the same. */
static void test_one_forecast(void **state)
{
	struct room *r = *state;
	const struct snapshot *s;
	struct errbuf eb = {0};
	json_t *plan, *if_same, *status, *row, *other;
	char iso[CLOCK_ISO_SIZE];
	size_t i;

	open_engine(r, ENGINE_WORK);
	s = look(r);
	plan = json_of(engine_plan_json(r->e, &eb));
	status = json_of(engine_status_json(r->e, &eb));
	if_same = json_of(engine_whatif_json(r->e, NULL, &eb));
	json_array_foreach(json_object_get(if_same, "stages"), i, row)
	{
		const struct snapshot_stage *g = look_plan_stage(s, (enum stage)i);
		other = json_array_get(json_object_get(plan, "stages"), i + 1);
		assert_string_equal(text_of(row, "name"), g->name);
		assert_string_equal(text_of(other, "name"), g->name);
		assert_true(g->finish > 0);
		assert_string_equal(text_of(other, "finish"), clock_iso(g->finish, iso));
		if (llabs(s->made_at - r->now) < DAY) /* the same within what is shown */
			assert_memory_equal(text_of(row, "finish"), iso, 10);
		assert_string_equal(
		    text_of(json_array_get(
		                json_object_get(json_object_get(status, "plan"), "stages"), i + 1),
		        "finish"),
		    iso);
	}
	snapshot_unref(s);
	json_decref(plan);
	json_decref(status);
	json_decref(if_same);
}

static json_t *whatif(struct room *r, const char *changes)
{
	struct errbuf eb = {0};

	return json_of(engine_whatif_json(r->e, changes, &eb));
}

static double days_of(const json_t *j, const char *list, size_t i)
{
	return json_number_value(
	    json_object_get(json_array_get(json_object_get(j, list), i), "days"));
}

static void test_what_if(void **state)
{
	static const int64_t least[] = {1000000, 100000, 10000, 1000, 0};
	static const char *const bad[] = {
	    "[", "{\"videos\":101}", "{\"videos\":\"x\"}", "{\"lend\":\"no\"}", "{\"pace\":\"x\"}"};
	struct room *r = *state;
	struct errbuf eb = {0};
	json_t *j, *more;
	double days;

	open_engine(r, ENGINE_WORK);
	j = whatif(r, NULL);
	for (size_t i = 0; i < 5; i++) {
		json_t *row = json_array_get(json_object_get(j, "videos"), i);
		const struct snapshot *s = look(r);
		assert_int_equal(int_of(row, "min_subscribers"), least[i]);
		assert_int_equal(int_of(row, "channels"), s->due_videos[i < 4 ? 6 - i : 0]);
		assert_int_equal(int_of(row, "units"), ceil((double)int_of(row, "channels") * 1.5));
		assert_true(i == 0 || days_of(j, "videos", i) >= days_of(j, "videos", i - 1));
		snapshot_unref(s);
	}
	/* alone at work it is lent everything: 870 units at 100 a day, from some time of today on */
	days = days_of(j, "videos", 4);
	assert_true(days >= 7 && days < 9.1);
	json_decref(j);
	more = whatif(r, "{\"lend\":\"off\"}");
	assert_true(days_of(more, "videos", 4) > 2.5 * days); /* 30 a day */
	assert_true(json_is_false(json_object_get(more, "lend")));
	json_decref(more);
	more = whatif(r, "{\"lend\":\"off\",\"videos\":\"60\"}");
	assert_int_equal(int_of(json_array_get(json_object_get(more, "stages"), 1), "share"), 60);
	assert_true(days_of(more, "videos", 4) < 2.2 * days);
	json_decref(more);
	more = whatif(r, "{\"lend\":\"off\",\"videos\":0}");
	assert_true(json_is_null(
	    json_object_get(json_array_get(json_object_get(more, "videos"), 0), "finish")));
	json_decref(more);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		eb = (struct errbuf){0};
		assert_null(engine_whatif_json(r->e, bad[i], &eb));
		assert_int_equal(eb.code, ERR_INVALID);
	}
	j = whatif(r, NULL); /* nothing was changed by asking */
	assert_int_equal(int_of(json_array_get(json_object_get(j, "stages"), 1), "share"), 30);
	json_decref(j);
}

static void test_commands(void **state)
{
	static const struct {
		enum action action;
		const char *target, *params;
	} bad[] = {{ACTION_PLAN_SHARE, NULL, "{\"percent\":5}"},
	    {ACTION_PLAN_SHARE, "videos", NULL}, {ACTION_PLAN_SHARE, "import", "{\"percent\":5}"},
	    {ACTION_PLAN_SHARE, "videos", "{\"percent\":101}"},
	    {ACTION_PLAN_SHARE, "videos", "{\"percent\":\"many\"}"},
	    {ACTION_PLAN_PACE, NULL, "{\"pace\":\"slow\"}"},
	    {ACTION_PLAN_LEND, NULL, "{\"lend\":1}"},
	    {ACTION_PLAN_TARGET, "videos", "{\"date\":\"2026-13-01\"}"},
	    {ACTION_PLAN_TARGET, "videos", "{\"date\":\"tomorrow\"}"},
	    {ACTION_PLAN_TARGET, "videos", "{\"date\":\"2026-1-1x\"}"}};
	struct room *r = *state;
	const struct snapshot *s;
	struct command_reply reply;

	open_engine(r, ENGINE_OWN); /* nothing is at work: it is stored all the same */
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (command(r, bad[i].action, bad[i].target, bad[i].params, &reply) != ERR_INVALID)
			fail_msg("row %zu: %s", i, reply.text);
	assert_int_equal(
	    command(r, ACTION_PLAN_SHARE, "videos", "{\"percent\":40}", &reply), ERR_OK);
	assert_string_equal(reply.text, "share of videos 40% (it was 30%): metadata 52%, videos "
	                                "40%, discovery 4%, refresh 4%");
	assert_int_equal(command(r, ACTION_PLAN_PACE, NULL, "{\"pace\":\"even\"}", &reply), ERR_OK);
	assert_int_equal(command(r, ACTION_PLAN_LEND, NULL, "{\"lend\":false}", &reply), ERR_OK);
	assert_string_equal(reply.text, "lending off (it was on)");
	assert_int_equal(command(r, ACTION_PLAN_TARGET, NULL,
	                     "{\"stage\":\"videos\",\"date\":\"2020-02-29\"}", &reply),
	    ERR_OK);
	engine_close(r->e);
	open_engine(r, ENGINE_LOOK);
	s = look(r);
	assert_int_equal(look_plan_stage(s, STAGE_VIDEOS)->share, 40);
	assert_int_equal(look_plan_stage(s, STAGE_METADATA)->share, 52);
	assert_string_equal(s->plan_pace, "even");
	assert_false(s->plan_lend);
	assert_int_equal(look_plan_stage(s, STAGE_VIDEOS)->target_at, 1583020799);
	assert_true(look_plan_stage(s, STAGE_VIDEOS)->is_late);
	assert_false(look_plan_stage(s, STAGE_METADATA)->is_late);
	snapshot_unref(s);
	assert_int_equal(
	    command(r, ACTION_PLAN_SHARE, "videos", "{\"percent\":41}", &reply), ERR_UNAVAIL);
	engine_close(r->e);
	open_engine(r, ENGINE_OWN);
	assert_int_equal(
	    command(r, ACTION_PLAN_TARGET, "videos", "{\"date\":\"none\"}", &reply), ERR_OK);
	s = look(r);
	assert_int_equal(look_plan_stage(s, STAGE_VIDEOS)->target_at, 0);
	snapshot_unref(s);
}

static json_t *price(struct room *r, const char *type, const char *params)
{
	struct errbuf eb = {0};
	char *text = engine_price_json(r->e, type, params, NULL, NULL, &eb);

	if (!text)
		fail_msg("%s", eb.text);
	return json_of(text);
}

static json_t *offer(const json_t *p, const char *text)
{
	json_t *row;
	size_t i;

	json_array_foreach(json_object_get(p, "cheaper"), i,
	    row) if (strstr(text_of(row, "text"), text)) return row;
	fail_msg("no offer \"%s\"", text);
	return NULL;
}

static void test_price(void **state)
{
	struct room *r = *state;
	json_t *p, *less;
	int64_t due;

	open_engine(r, ENGINE_WORK); /* held: jobs wait */
	p = price(r, "batch_videos", NULL);
	assert_int_equal(int_of(p, "items"), 580);
	assert_int_equal(int_of(p, "units"), 580 + 580 * 25 / 50);
	assert_string_equal(text_of(json_object_get(p, "share"), "stage"), "videos");
	assert_int_equal(int_of(json_object_get(p, "share"), "units_ahead"), 0);
	assert_string_equal(text_of(p, "limited_by"), "quota");
	assert_int_equal(json_array_size(json_object_get(p, "delays")), 0);
	less = offer(p, "10 newest");
	assert_int_equal(int_of(less, "units"), 580 + 580 * 10 / 50);
	assert_int_equal(int_of(json_object_get(less, "params"), "videos_per_channel"), 10);
	assert_true(json_number_value(json_object_get(less, "days")) <
	            json_number_value(json_object_get(p, "days")));
	less = offer(p, "100000 subscribers");
	assert_int_equal(int_of(less, "items"), 96 + 97);
	assert_string_equal(text_of(less, "loses"), "387 channels");
	json_decref(p);
	/* the patch of an offer is what it says */
	p = price(r, "batch_videos", "{\"min_subscribers\":100000,\"units_per_day\":10}");
	assert_int_equal(int_of(p, "items"), 96 + 97);
	assert_in_range(
	    json_integer_value(json_object_get(p, "waits_for_midnights")), 28, 30); /* 290 units */
	json_decref(p);
	p = price(r, "batch_discovery", "{\"method\":[\"youtube_featured\",\"playlists\"]}");
	less = offer(p, "without playlists");
	assert_int_equal(
	    json_array_size(json_object_get(json_object_get(less, "params"), "method")), 1);
	json_decref(p);
	/* a budget of units pays some of the channels */
	p = price(r, "batch_metadata", "{\"units\":1}");
	due = int_of(p, "items_due");
	assert_true(due > 50);
	assert_int_equal(int_of(p, "items"), 50);
	assert_int_equal(int_of(p, "units"), 1);
	assert_false(json_is_true(json_object_get(p, "estimated")));
	json_decref(p);
	p = price(r, "batch_metadata", "{\"units\":1000000}");
	assert_int_equal(int_of(p, "items"), due);
	assert_int_equal(int_of(p, "units"), (due + 49) / 50);
	json_decref(p);
	p = price(r, "batch_videos", "{\"units\":15}"); /* 1.5 each */
	assert_int_equal(int_of(p, "items_due"), 580);
	assert_int_equal(int_of(p, "items"), 10);
	assert_int_equal(int_of(p, "units"), 15);
	assert_true(json_is_true(json_object_get(p, "estimated")));
	json_decref(p);
	p = price(r, "batch_videos", "{\"units\":1}");
	assert_int_equal(int_of(p, "items"), 0);
	assert_int_equal(int_of(p, "units"), 0);
	assert_string_equal(text_of(p, "note"), "its units do not suffice for one channel");
	json_decref(p);
	p = price(r, "migration", "{\"source_path\":\"x\"}");
	assert_true(json_is_null(json_object_get(p, "items")));
	json_decref(p);
}

/* A job goes behind the open ones of its stage, and takes lent units from others. */
static void test_price_beside_others(void **state)
{
	struct room *r = *state;
	struct errbuf eb = {0};
	json_t *params = json_object(), *p, *row;
	int64_t no;

	open_engine(r, ENGINE_WORK);
	assert_int_equal(dispatcher_job_add(r->e->parts.dispatcher,
	                     job_type_find("batch_discovery"), params, NULL, "test", &no, &eb),
	    ERR_OK);
	clock_sleep_ms(260);
	p = price(r, "batch_videos", NULL);
	row = json_array_get(json_object_get(p, "delays"), 0);
	assert_string_equal(text_of(row, "stage"), "discovery");
	assert_true(strcmp(text_of(row, "after"), text_of(row, "before")) > 0);
	json_decref(p);
	json_decref(params);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_snapshot),
	    TEST(test_one_forecast),
	    TEST(test_what_if),
	    TEST(test_commands),
	    TEST(test_price),
	    TEST(test_price_beside_others),
	};
	struct errbuf eb = {0};
	int failed;

	if (engine_global_init(&eb))
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	engine_global_done();
	return failed;
}
