/* Questions from inside: answers, slots, limits, many askers at once, the end. */
#include "config.h"
#include "engine/base/clock.h"
#include "engine/engine.h"
#include "tests/unit/scratch.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <jansson.h>
#include <poll.h>
#include <pthread.h>

#include "tests/unit/seed.h"

enum { CHANNELS = 3000, PATIENCE_MS = 60000 };

struct room {
	struct scratch scratch;
	struct settings *settings;
	struct engine *e;
};

static int begin(void **state)
{
	struct errbuf eb = {0};

	(void)state;
	return (int)engine_global_init(&eb);
}

static int end(void **state)
{
	(void)state;
	engine_global_done();
	return 0;
}

static int set_up(void **state)
{
	struct room *r = calloc(1, sizeof *r);
	struct engine_config cfg = {.mode = ENGINE_OWN};
	struct errbuf eb = {0};
	struct staging *s;
	FILE *f;

	*state = r;
	if (!r || scratch_open(&r->scratch))
		return -1;
	f = fopen(scratch_path(&r->scratch, "env"), "w");
	if (!f || fputs("API_TOKEN=a-token-of-some-length\n", f) < 0 || fclose(f) ||
	    settings_load(&r->settings, r->scratch.path, &eb) ||
	    staging_open(&s, scratch_path(&r->scratch, "staging.db"), DB_WRITE, &eb))
		return -1;
	seed_channels(s, 0, CHANNELS);
	staging_close(s);
	cfg.settings = r->settings;
	cfg.data_dir = r->scratch.dir;
	return (int)engine_open(&r->e, &cfg, &eb);
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

/* Waits as a console does: for the descriptor, then asks. */
static struct engine_answer wait_answer(struct room *r, uint64_t id)
{
	struct pollfd p = {.fd = engine_ask_fd(r->e), .events = POLLIN};
	int64_t until = clock_mono_ms() + PATIENCE_MS;
	struct engine_answer a;

	assert_int_not_equal(id, 0);
	while (!engine_ask_take(r->e, id, &a)) {
		if (clock_mono_ms() > until)
			fail_msg("no answer");
		(void)poll(&p, 1, 50);
	}
	assert_non_null(a.text);
	return a;
}

static void test_answers_are_those_of_the_routes(void **state)
{
	struct room *r = *state;
	static const struct {
		const char *method, *path, *body;
		int status;
		const char *has;
	} rows[] = {
	    {"GET", "/health", NULL, 200, "\"healthy\""},
	    /* needs the token over HTTP */
	    {"GET", "/api/stats", NULL, 200, "\"total_channels\":3000"},
	    {"GET", "/api/jobs?limit=5", NULL, 200, "[]"},
	    {"GET", "/api/jobs?limit=x", NULL, 400, "limit must be"},
	    {"GET", "/api/jobs/J-1", NULL, 404, "Job not found"},
	    {"GET", "/nowhere", NULL, 404, "error"},
	    {"POST", "/health", NULL, 405, "allowed"},
	    {"POST", "/api/jobs", "{", 400, "not JSON"},
	    {"POST", "/api/jobs", "{\"type\":\"none\"}", 400, "none"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		uint64_t id = engine_ask_send(r->e, 0, rows[i].method, rows[i].path, rows[i].body);
		struct engine_answer a = wait_answer(r, id);
		if (a.status != rows[i].status || !strstr(a.text, rows[i].has))
			fail_msg("%s %s: %d %s", rows[i].method, rows[i].path, a.status, a.text);
		assert_int_equal(a.text[strlen(a.text) - 1], '\n');
		free(a.text);
		assert_false(engine_ask_take(r->e, id, &a)); /* once */
		assert_null(a.text);
	}
}

/* The descriptor is silent when nothing is there, and rings for what nobody took yet. */
static void test_the_descriptor_rings(void **state)
{
	struct room *r = *state;
	struct pollfd p = {.fd = engine_ask_fd(r->e), .events = POLLIN};
	struct engine_answer a;
	uint64_t id;

	assert_false(engine_ask_take(r->e, 12345, &a));
	assert_int_equal(poll(&p, 1, 0), 0);
	id = engine_ask_send(r->e, ENGINE_ASK_NO_SLOT, "GET", "/health", NULL);
	assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
	assert_int_equal(poll(&p, 1, 0), 1);
	a = wait_answer(r, id);
	free(a.text);
	assert_int_equal(poll(&p, 1, 0), 0);
}

/* Of a slot only the newest question is answered; others' stay. */
static void test_the_newest_of_a_slot_wins(void **state)
{
	struct room *r = *state;
	struct engine_answer a;
	uint64_t old[30], other, last = 0;

	other = engine_ask_send(r->e, 7, "GET", "/health", NULL);
	for (int i = 0; i < 30; i++)
		old[i] = last = engine_ask_send(r->e, 3, "GET", "/api/jobs?limit=1", NULL);
	a = wait_answer(r, last);
	assert_string_equal(a.text, "[]\n");
	free(a.text);
	for (int i = 0; i < 30; i++)
		assert_false(engine_ask_take(r->e, old[i], &a));
	a = wait_answer(r, other);
	assert_int_equal(a.status, 200);
	free(a.text);
	other = engine_ask_send(r->e, 7, "GET", "/health", NULL);
	engine_ask_cancel(r->e, other);
	engine_ask_cancel(r->e, other);
	assert_false(engine_ask_take(r->e, other, &a));
}

/* What nobody takes does not pile up: the newest 64 are kept. */
static void test_answers_that_nobody_takes(void **state)
{
	struct room *r = *state;
	struct engine_answer a;
	uint64_t first = 0, id = 0;

	for (int i = 0; i < 500; i++) {
		int64_t until = clock_mono_ms() + PATIENCE_MS;
		do
			id = engine_ask_send(r->e, ENGINE_ASK_NO_SLOT, "GET", "/health", NULL);
		while (!id && clock_mono_ms() < until);
		first = first ? first : id;
	}
	a = wait_answer(r, id);
	free(a.text);
	assert_false(engine_ask_take(r->e, first, &a));
}

struct asker {
	struct room *room;
	int slot, answered;
	pthread_t thread;
};

static void *ask_often(void *arg)
{
	struct asker *k = arg;

	for (int i = 0; i < 60; i++) {
		uint64_t id = engine_ask_send(
		    k->room->e, k->slot, "GET", i % 2 ? "/api/stats" : "/api/jobs?limit=3", NULL);
		struct engine_answer a;
		int64_t until = clock_mono_ms() + PATIENCE_MS;
		if (i % 5 == 4) {
			engine_ask_cancel(k->room->e, id);
			continue;
		}
		while (!engine_ask_take(k->room->e, id, &a) && clock_mono_ms() < until)
			clock_sleep_ms(1);
		k->answered += a.text && a.status == 200;
		free(a.text);
	}
	return NULL;
}

/* Several askers, while snapshots are made. */
static void test_many_at_once(void **state)
{
	struct room *r = *state;
	struct asker k[4];

	for (int i = 0; i < 4; i++) {
		k[i] = (struct asker){.room = r, .slot = i};
		assert_int_equal(pthread_create(&k[i].thread, NULL, ask_often, &k[i]), 0);
	}
	for (int i = 0; i < 20; i++)
		snapshot_unref(engine_snapshot(r->e));
	for (int i = 0; i < 4; i++) {
		assert_int_equal(pthread_join(k[i].thread, NULL), 0);
		assert_int_equal(k[i].answered, 48);
	}
}

/* After the engine was drained nothing is asked any more, and what waits is freed with it. */
static void test_the_end(void **state)
{
	struct room *r = *state;

	for (int i = 0; i < 20; i++)
		(void)engine_ask_send(r->e, i, "GET", "/api/stats", NULL);
	engine_drain(r->e);
	assert_int_equal(engine_ask_send(r->e, 1, "GET", "/health", NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
	        test_answers_are_those_of_the_routes, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_the_descriptor_rings, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_the_newest_of_a_slot_wins, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_answers_that_nobody_takes, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_many_at_once, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_the_end, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
