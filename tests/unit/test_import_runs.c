/* Imports larger than their memory, and such as are stopped half-way. */
#include "config.h"
#include "tests/unit/import_fixture.h"
#include "engine/base/clock.h"
#include "engine/jobs/import_sort.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* n rows with random ids by a counter; every 50th repeats the row 25 before it with another title */
static void write_many(const struct fixture *f, int64_t n)
{
	FILE *file = fopen(f->list, "w");

	assert_non_null(file);
	fputs("title,channel_id\n", file);
	for (int64_t i = 0; i < n; i++) {
		uint64_t key = (uint64_t)(i % 50 == 49 ? i - 25 : i);
		struct cid cid;
		char id[CID_TEXT + 1];
		import_key_join(
		    key * UINT64_C(0x9E3779B97F4A7C15), key * UINT64_C(0xBF58476D1CE4E5B9), &cid);
		fprintf(file, "row %lld,%s\n", (long long)i, cid_format(&cid, id));
	}
	assert_int_equal(fclose(file), 0);
}

static void test_spill(void **state)
{
	struct fixture *f = *state;
	struct import_config cfg = config(f);
	struct import_progress progress = {0};
	_Atomic int64_t total = -1, processed = 0;
	const struct import_result *r;
	enum { ROWS = 600000 };

	write_many(f, ROWS);
	cfg.memory_mib = 16; /* the least: blocks of 8 MiB, some three runs */
	cfg.progress = &progress;
	cfg.total = &total;
	cfg.processed = &processed;
	r = import(f, &cfg);
	assert_int_equal(r->read, ROWS);
	assert_int_equal(r->duplicates, ROWS / 50);
	assert_int_equal(r->added, ROWS - ROWS / 50);
	assert_int_equal(atomic_load(&progress.rows_read), ROWS);
	assert_int_equal(atomic_load(&progress.rows_settled), ROWS);
	assert_int_equal(atomic_load(&progress.rows_added), r->added);
	assert_int_equal(atomic_load(&progress.bytes_read), atomic_load(&progress.bytes_total));
	assert_string_equal(
	    import_phase_word((enum import_phase)atomic_load(&progress.phase)), "ended");
	assert_int_equal(atomic_load(&total), ROWS);
	assert_int_equal(atomic_load(&processed), ROWS);
	check_counters(f);
	/* the first of two rows won everywhere: titles of the later ones are not there */
	assert_int_equal(ask(f, "SELECT count(*) FROM channel WHERE "
	                        "CAST(substr(title, 5) AS INTEGER) % 50 = 49"),
	    0);
	assert_int_equal(ask(f, "SELECT sum(CAST(substr(title, 5) AS INTEGER)) FROM channel"),
	    (int64_t)ROWS * (ROWS - 1) / 2 -
	        ((int64_t)(ROWS / 50) * 49 + (int64_t)50 * (ROWS / 50) * (ROWS / 50 - 1) / 2));
	/* the file of the runs has no name */
	r = import(f, &cfg);
	assert_int_equal(r->known, ROWS - ROWS / 50);
	assert_int_equal(r->added, 0);
}

struct stopper {
	struct import_progress *progress;
	atomic_bool *stop;
	bool storing;     /* stop when rows were added, not already while reading */
	atomic_bool done; /* the import ended without it */
	int64_t at_ms;
};

static void *stopper_main(void *arg)
{
	struct stopper *s = arg;

	while (!atomic_load(&s->done) && (s->storing ? atomic_load(&s->progress->rows_added)
	                                             : atomic_load(&s->progress->rows_read)) == 0)
		clock_sleep_ms(1);
	s->at_ms = clock_mono_ms();
	atomic_store(s->stop, true);
	return NULL;
}

/* Stops an import in the middle; the rest of the file is completed by a second run. */
static void check_stop(struct fixture *f, bool storing)
{
	enum { ROWS = 500000 };
	struct import_config cfg = config(f);
	struct import_progress progress = {0};
	atomic_bool stop = false;
	struct stopper stopper = {.progress = &progress, .stop = &stop, .storing = storing};
	pthread_t thread;
	int64_t added, ended_ms;
	enum err err;

	write_many(f, ROWS);
	cfg.memory_mib =
	    16; /* small slices, so that the stop falls between the first and the last */
	cfg.progress = &progress;
	cfg.stop = &stop;
	assert_int_equal(pthread_create(&thread, NULL, stopper_main, &stopper), 0);
	err = import_run(&cfg, &f->result, &f->eb);
	ended_ms = clock_mono_ms();
	atomic_store(&stopper.done, true);
	pthread_join(thread, NULL);
	/* much less in fact; the machine that runs this may be slow */
	assert_true(ended_ms - stopper.at_ms < 2000);
	assert_int_equal(err, ERR_CANCELLED);
	check_sum(&f->result);
	assert_true(f->result.unstored > 0);
	added = f->result.added;
	assert_true(storing ? added > 0 : added == 0);
	assert_int_equal(ask(f, "SELECT count(*) FROM channel"), added);
	assert_int_equal(ask(f, "SELECT count(*) FROM origin WHERE finished_at IS NULL"), 1);
	check_counters(f);

	cfg.stop = NULL;
	import(f, &cfg);
	assert_int_equal(f->result.known, added);
	assert_int_equal(f->result.added + added, ROWS - ROWS / 50);
	check_counters(f);
}

static void test_stop_storing(void **state)
{
	check_stop(*state, true);
}

static void test_stop_reading(void **state)
{
	check_stop(*state, false);
}

static void test_stopped_rejects(void **state)
{
	struct fixture *f = *state;
	struct import_config cfg = config(f);
	struct import_progress progress = {0};
	atomic_bool stop = false;
	struct stopper stopper = {.progress = &progress, .stop = &stop};
	pthread_t thread;
	FILE *file = fopen(f->list, "w");

	assert_non_null(file);
	fputs("channel_id,title\n" A ",One\n", file);
	for (int i = 0; i < 1000000; i++)
		fputs("bad,row\n", file);
	assert_int_equal(fclose(file), 0);
	cfg.progress = &progress;
	cfg.stop = &stop;
	assert_int_equal(pthread_create(&thread, NULL, stopper_main, &stopper), 0);
	assert_int_equal(import_run(&cfg, &f->result, &f->eb), ERR_CANCELLED);
	pthread_join(thread, NULL);
	check_sum(&f->result);
	assert_non_null(f->result.rejects_path);
	assert_non_null(strstr(f->result.rejects_path, "import-1.csv.part"));
	assert_int_equal(access(f->result.rejects_path, R_OK), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    IMPORT_TEST(test_spill),
	    IMPORT_TEST(test_stop_storing),
	    IMPORT_TEST(test_stop_reading),
	    IMPORT_TEST(test_stopped_rejects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
