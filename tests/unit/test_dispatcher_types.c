/*
 * What the dispatcher and workers promise to job types, judged by types made up here that call
 * nobody: keeping what is finished, giving up single channels, hanging, limits, one at a time.
 */
#include "config.h"
#include "db/staging_dead.h"
#include "engine/base/clock.h"
#include "engine/engine_parts.h"
#include "engine/jobs/job_numbers.h"
#include "engine/jobs/worker.h"
#include "tests/unit/scratch.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <jansson.h>

#include "tests/unit/seed.h"

enum { STEP = 3, POISON = 17 };

struct room {
	struct scratch scratch;
	struct settings *settings;
	struct engine *e;
};

/* What the made-up types share with the tests; one test at a time. */
static atomic_int tries_of[4096];  /* work() came to this channel */
static atomic_int stored_of[4096]; /* commit saw its row */
static atomic_bool hold;           /* the first chunk hangs while it is set */
static atomic_int dawdle_ms;       /* how long work() takes without a word */
static atomic_int hanging, at_work, most_at_work;

/* ---- the types ---- */

struct step_keep {
	int fails; /* left before the next step works */
};

static void step_drop(struct chunk *c)
{
	free(c->keep);
	c->keep = NULL;
}

static enum err step_row(struct chunk *c, int i)
{
	struct cid *rows = c->rows;

	if (!rows)
		rows = c->rows = arena_alloc(c->arena, CHUNK_IDS * sizeof *rows);
	if (!rows)
		return ERR_NOMEM;
	rows[c->n_rows++] = c->ids[i];
	c->states[i] = ITEM_DONE;
	chunk_count(c, 1, "made.rows");
	return ERR_OK;
}

/* Three ids, then trouble once, then the next three; POISON never works. */
static enum err step_work(struct work *w, struct chunk *c, struct errbuf *eb)
{
	struct step_keep *k = c->keep ? c->keep : (c->keep = calloc(1, sizeof *k));
	int done = 0;

	for (int i = 0; k && i < c->n && done < STEP; i++) {
		uint32_t no = seed_number(&c->ids[i]);
		if (c->states[i] != ITEM_PENDING)
			continue;
		c->from = c->upto = i;
		atomic_fetch_add(&tries_of[no], 1);
		if (no % 100 == POISON) {
			snprintf(w->fault.reason, sizeof w->fault.reason, "poison");
			return err_set(eb, ERR_DENIED, "poison");
		}
		if (step_row(c, i))
			return err_set(eb, ERR_NOMEM, "out of memory");
		done++;
	}
	if (!k)
		return err_set(eb, ERR_NOMEM, "out of memory");
	if (k->fails++ % 2 || done < STEP)
		return ERR_OK;
	return err_set(eb, ERR_BUSY, "once more");
}

static enum err step_commit(struct staging *s, struct chunk *c, struct errbuf *eb)
{
	const struct cid *rows = c->rows;

	(void)s;
	(void)eb;
	for (int i = 0; i < c->n_rows; i++)
		atomic_fetch_add(&stored_of[seed_number(&rows[i])], 1);
	chunk_count(c, 1, "made.commits");
	return ERR_OK;
}

static const struct job_type step_type = {.info = {.name = "step", .word = "step", .help = "x"},
    .op = OP_METADATA,
    .feed = FEED_METADATA,
    .keeps = true,
    .alone = true,
    .work = step_work,
    .commit = step_commit,
    .drop = step_drop};

/* One call's worth; hangs while `hold` is set, on channel 0 alone. */
static enum err hang_work(struct work *w, struct chunk *c, struct errbuf *eb)
{
	int now = atomic_fetch_add(&at_work, 1) + 1;

	(void)w;
	(void)eb;
	clock_sleep_ms(atomic_load(&dawdle_ms));
	if (now > atomic_load(&most_at_work))
		atomic_store(&most_at_work, now);
	for (int i = 0; i < c->n; i++) {
		uint32_t no = seed_number(&c->ids[i]);
		if (atomic_fetch_add(&tries_of[no], 1) == 0 && no == 0) {
			atomic_fetch_add(&hanging, 1);
			while (atomic_load(&hold))
				clock_sleep_ms(5);
			atomic_fetch_sub(&hanging, 1);
		}
		c->states[i] = ITEM_DONE;
	}
	c->rows = c->ids;
	c->n_rows = c->n;
	atomic_fetch_sub(&at_work, 1);
	return ERR_OK;
}

static const struct job_type hang_type = {.info = {.name = "hang", .word = "hang", .help = "x"},
    .op = OP_METADATA,
    .feed = FEED_METADATA,
    .work = hang_work,
    .commit = step_commit};

/* ---- the room ---- */

static int set_up(void **state)
{
	struct room *r = calloc(1, sizeof *r);

	*state = r;
	for (size_t i = 0; i < sizeof tries_of / sizeof tries_of[0]; i++) {
		atomic_store(&tries_of[i], 0);
		atomic_store(&stored_of[i], 0);
	}
	atomic_store(&hold, false);
	atomic_store(&most_at_work, 0);
	atomic_store(&dawdle_ms, 0);
	return !r || scratch_open(&r->scratch) ? -1 : 0;
}

static int tear_down(void **state)
{
	struct room *r = *state;

	atomic_store(&hold, false);
	engine_close(r->e);
	settings_free(r->settings);
	scratch_close(&r->scratch);
	free(r);
	return 0;
}

static void begin(struct room *r, size_t n, const char *settings)
{
	struct engine_config cfg = {.data_dir = r->scratch.dir, .mode = ENGINE_WORK};
	const char *path = scratch_path(&r->scratch, "env");
	struct errbuf eb = {0};
	FILE *f = fopen(path, "w");
	struct staging *s;

	assert_non_null(f);
	fprintf(f, "WORKER_CONCURRENCY=2\nMAX_ATTEMPTS=3\n%s", settings);
	fclose(f);
	if (settings_load(&r->settings, path, &eb))
		fail_msg("%s", eb.text);
	cfg.settings = r->settings;
	assert_int_equal(
	    staging_open(&s, scratch_path(&r->scratch, "staging.db"), DB_WRITE, &eb), ERR_OK);
	seed_channels(s, 0, n);
	staging_close(s);
	if (engine_open(&r->e, &cfg, &eb))
		fail_msg("%s", eb.text);
}

static int64_t start(struct room *r, const struct job_type *type)
{
	json_t *params = json_object();
	struct errbuf eb = {0};
	int64_t no = 0;

	if (dispatcher_job_add(r->e->parts.dispatcher, type, params, NULL, "test", &no, &eb))
		fail_msg("%s", eb.text);
	json_decref(params);
	return no;
}

static struct job_row row_of(struct room *r, int64_t no)
{
	struct dispatcher_job job = {.row = {.status = JOB_STATUS_COUNT}};

	assert_true(dispatcher_job_get(r->e->parts.dispatcher, no, &job));
	return job.row;
}

static struct job_row wait_completed(struct room *r, int64_t no)
{
	for (int64_t until = clock_mono_ms() + 120000; clock_mono_ms() < until;) {
		struct job_row row = row_of(r, no);
		if (row.status == JOB_COMPLETED)
			return row;
		clock_sleep_ms(5);
	}
	fail_msg("J-%lld is %s", (long long)no, job_status_word(row_of(r, no).status));
	return (struct job_row){0};
}

static int64_t number_of(struct room *r, int64_t no, const char *name)
{
	json_t *numbers = json_object();
	struct errbuf eb = {0};
	struct staging *s;
	int64_t n;

	assert_int_equal(
	    staging_open(&s, scratch_path(&r->scratch, "staging.db"), DB_READ, &eb), ERR_OK);
	assert_int_equal(job_numbers_read(s, no, NULL, numbers, &eb), ERR_OK);
	n = json_integer_value(json_object_get(json_object_get(numbers, "made"), name));
	assert_int_equal(staging_check_counters(s, &eb), ERR_OK);
	staging_close(s);
	json_decref(numbers);
	return n;
}

/* ---- tests ---- */

/* Nothing that was finished is done again, poison is set aside alone, numbers are exact. */
static void test_keeps(void **state)
{
	struct room *r = *state;
	struct job_row row;
	int64_t no;

	begin(r, 300, "");
	no = start(r, &step_type);
	row = wait_completed(r, no);
	assert_int_equal(row.done, 297);
	assert_int_equal(row.failed, 3);
	assert_int_equal(row.processed, 300);
	for (uint32_t i = 0; i < 300; i++) {
		assert_int_equal(atomic_load(&stored_of[i]), i % 100 != POISON);
		assert_int_equal(atomic_load(&tries_of[i]), 1);
	}
	assert_int_equal(number_of(r, no, "rows"), 297);
	assert_true(number_of(r, no, "commits") >= 300 / STEP);
}

static void test_one_at_a_time(void **state)
{
	struct room *r = *state;
	int64_t first, second;

	begin(r, 500, "");
	first = start(r, &step_type);
	second = start(r, &step_type);
	assert_int_equal(wait_completed(r, second).processed, 0);
	assert_int_equal(row_of(r, first).status, JOB_COMPLETED);
	assert_int_equal(row_of(r, first).processed, 500);
}

/* A worker that hangs is replaced, its channels are done by others, once; what it brings in the
 * end does not count. */
static void test_a_worker_that_hangs(void **state)
{
	struct room *r = *state;
	struct dispatcher_numbers n;
	struct worker_numbers workers[8];
	struct job_row row;

	begin(r, 1000, "WORKER_STUCK_AFTER=1\n");
	atomic_store(&hold, true);
	row = wait_completed(r, start(r, &hang_type));
	assert_int_equal(atomic_load(&hanging), 1);
	assert_int_equal(row.done, 1000);
	assert_int_equal(row.processed, 1000);
	dispatcher_numbers(r->e->parts.dispatcher, &n);
	assert_int_equal(n.workers_replaced, 1);
	assert_int_equal(dispatcher_workers(r->e->parts.dispatcher, workers, 8), 2);
	for (uint32_t i = 0; i < 1000; i++)
		assert_int_equal(atomic_load(&stored_of[i]), 1);
	atomic_store(&hold, false);
	while (atomic_load(&hanging))
		clock_sleep_ms(5);
	engine_close(r->e); /* waits for it; nothing more is stored */
	r->e = NULL;
	for (uint32_t i = 0; i < 1000; i++)
		assert_int_equal(atomic_load(&stored_of[i]), 1);
}

/* A worker that had nothing to do for long is not taken for one that hangs when work comes. */
static void test_a_worker_that_was_idle(void **state)
{
	struct room *r = *state;
	struct dispatcher_numbers n;

	begin(r, 50, "WORKER_STUCK_AFTER=2\n");
	clock_sleep_ms(2500);
	atomic_store(&dawdle_ms, 1200);
	assert_int_equal(wait_completed(r, start(r, &hang_type)).done, 50);
	dispatcher_numbers(r->e->parts.dispatcher, &n);
	assert_int_equal(n.workers_replaced, 0);
}

/* Closing does not wait for one that hangs for ever. */
static void test_closing_beside_one_that_hangs(void **state)
{
	struct room *r = *state;

	begin(r, 200, "WORKER_STUCK_AFTER=1\n");
	atomic_store(&hold, true);
	assert_int_equal(wait_completed(r, start(r, &hang_type)).done, 200);
	engine_close(r->e);
	r->e = NULL;
	assert_int_equal(atomic_load(&hanging), 1);
	atomic_store(&hold, false);
	while (atomic_load(&hanging))
		clock_sleep_ms(5);
	clock_sleep_ms(100); /* it ends by itself, and touches nothing that is gone */
}

/* How often workers began anew and how many chunks they had, when `every` of them are told. */
static void count_restarts(struct room *r, int64_t want, int64_t *restarts, int64_t *chunks)
{
	struct worker_numbers w[8];

	for (int64_t until = clock_mono_ms() + 60000; clock_mono_ms() < until;) {
		size_t n = dispatcher_workers(r->e->parts.dispatcher, w, 8);
		*restarts = *chunks = 0;
		for (size_t i = 0; i < n; i++) {
			*restarts += w[i].restarts;
			*chunks += w[i].chunks;
		}
		if (*restarts >= want)
			return;
		clock_sleep_ms(5);
	}
}

static void test_limits_of_a_worker(void **state)
{
	static const struct {
		const char *setting;
		int64_t least;
	} rows[] = {{"CELERY_WORKER_MAX_TASKS_PER_CHILD=3\n", 4},
	    {"CELERY_WORKER_MAX_MEMORY_PER_CHILD=1\n", 20}}; /* less than any chunk leaves */
	struct room *r = *state;
	int64_t restarts, chunks;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		begin(r, 1000, rows[i].setting);
		assert_int_equal(wait_completed(r, start(r, &hang_type)).done, 1000);
		count_restarts(r, rows[i].least, &restarts, &chunks);
		assert_int_equal(chunks, 20);
		assert_in_range(restarts, rows[i].least, chunks);
		tear_down(state);
		set_up(state);
		r = *state;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_keeps, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_one_at_a_time, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_a_worker_that_hangs, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_a_worker_that_was_idle, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_closing_beside_one_that_hangs, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_limits_of_a_worker, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
