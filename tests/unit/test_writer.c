/* writer: grouping, failures that undo only themselves, trouble that passes, the end. */
#include "config.h"
#include "engine/base/clock.h"
#include "engine/jobs/writer.h"
#include "tests/unit/scratch.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>

#include "tests/unit/seed.h"

struct room {
	struct scratch scratch;
	struct writer *w;
};

static int set_up(void **state)
{
	struct room *r = calloc(1, sizeof *r);
	struct errbuf eb;

	*state = r;
	return !r || scratch_open(&r->scratch) ||
	       writer_start(&r->w, scratch_path(&r->scratch, "staging.db"), NULL, &eb);
}

static int tear_down(void **state)
{
	struct room *r = *state;

	writer_stop(r->w);
	scratch_close(&r->scratch);
	free(r);
	return 0;
}

/* One piece of work: adds n channels from first on, then ends as told. */
struct piece {
	uint32_t first;
	size_t n;
	enum err end;
	int refusals; /* first tries that end in ERR_IO */
	int applied;
	atomic_int after;
	enum err err; /* told after the commit */
	char text[64];
	int order;
};

static atomic_int order;

static enum err piece_apply(struct staging *s, void *arg, struct errbuf *eb)
{
	struct piece *p = arg;

	p->applied++;
	seed_put(s, 1, p->first, p->n, "written");
	if (p->applied <= p->refusals)
		return err_set(eb, ERR_IO, "disk full, try %d", p->applied);
	return p->end ? err_set(eb, p->end, "piece %u refused", p->first) : ERR_OK;
}

static void piece_after(void *arg, enum err err, const struct errbuf *eb)
{
	struct piece *p = arg;

	p->err = err;
	snprintf(p->text, sizeof p->text, "%.60s", err ? eb->text : "");
	p->order = atomic_fetch_add(&order, 1);
	atomic_fetch_add(&p->after, 1);
}

/* Holds the writer up so that what is posted meanwhile becomes one group. */
static enum err hold_apply(struct staging *s, void *arg, struct errbuf *eb)
{
	(void)s;
	(void)eb;
	while (!atomic_load((atomic_bool *)arg))
		clock_sleep_ms(1);
	return ERR_OK;
}

static enum err count_apply(struct staging *s, void *arg, struct errbuf *eb)
{
	struct counters c;
	enum err err = staging_counters(s, &c, eb);

	*(int64_t *)arg = c.channels;
	return err ? err : staging_check_counters(s, eb);
}

static int64_t channels(struct room *r)
{
	struct errbuf eb = {0};
	int64_t n = -1;

	if (writer_run(r->w, count_apply, &n, true, &eb))
		fail_msg("%s", eb.text);
	return n;
}

static void post(struct room *r, struct piece *p, bool alone)
{
	struct write_op op = {piece_apply, piece_after, p, alone, false};

	assert_int_equal(writer_post(r->w, &op), ERR_OK);
}

enum { GROUP = 15 }; /* as many as wait at most, and the hold */

/* A failing one among many: the others' rows are there, its own are not. */
static void test_group(void **state)
{
	struct room *r = *state;
	static struct piece p[GROUP];
	atomic_bool go = false;
	struct write_op hold = {hold_apply, NULL, &go, false, false};
	struct writer_numbers before, after;
	struct errbuf eb = {0};
	struct staging *s;
	int64_t want = 0;

	memset(p, 0, sizeof p);
	assert_int_equal(writer_post(r->w, &hold), ERR_OK);
	clock_sleep_ms(20);
	writer_numbers(r->w, &before);
	for (uint32_t i = 0; i < GROUP; i++) {
		p[i].first = i * 10;
		p[i].n = 10;
		p[i].end = i % 7 == 3 ? ERR_INVALID : ERR_OK;
		want += p[i].end ? 0 : 10;
		post(r, &p[i], false);
	}
	atomic_store(&go, true);
	assert_int_equal(channels(r), want);
	for (int i = 0; i < GROUP; i++) {
		assert_int_equal(atomic_load(&p[i].after), 1);
		/* a group with one that fails is done again, each a part of its own */
		assert_in_range(p[i].applied, 1, 2);
		assert_int_equal(p[i].err, p[i].end);
		assert_true(i == 0 || p[i].order > p[i - 1].order);
		if (p[i].err)
			assert_memory_equal(p[i].text, "piece ", 6);
	}
	writer_numbers(r->w, &after);
	assert_true(after.ops - before.ops >= GROUP);
	assert_true(after.commits - before.commits <= 4); /* not one for each */
	assert_false(after.stalled);
	assert_string_equal(after.trouble, "");
	assert_int_equal(
	    staging_open(&s, scratch_path(&r->scratch, "staging.db"), DB_READ, &eb), ERR_OK);
	assert_int_equal(staging_check_counters(s, &eb), ERR_OK);
	staging_close(s);
}

static void test_alone(void **state)
{
	struct room *r = *state;
	struct piece p[3] = {{.first = 0, .n = 5}, {.first = 100, .n = 5, .end = ERR_DENIED},
	    {.first = 200, .n = 5}};

	for (int i = 0; i < 3; i++)
		post(r, &p[i], true);
	assert_int_equal(channels(r), 10);
	assert_int_equal(p[0].err, ERR_OK);
	assert_int_equal(p[1].err, ERR_DENIED);
	assert_string_equal(p[1].text, "piece 100 refused");
	assert_int_equal(p[2].err, ERR_OK);
	assert_int_equal(p[1].applied, 1);
}

static void test_run(void **state)
{
	struct room *r = *state;
	struct piece p = {.first = 0, .n = 4, .end = ERR_NOTFOUND};
	struct errbuf eb = {0};

	assert_int_equal(writer_run(r->w, piece_apply, &p, false, &eb), ERR_NOTFOUND);
	assert_int_equal(eb.code, ERR_NOTFOUND);
	assert_string_equal(eb.text, "piece 0 refused");
	assert_int_equal(writer_run(r->w, piece_apply, &p, true, NULL), ERR_NOTFOUND);
	assert_int_equal(channels(r), 0);
	p.end = ERR_OK;
	assert_int_equal(writer_run(r->w, piece_apply, &p, false, &eb), ERR_OK);
	assert_int_equal(channels(r), 4);
}

/* The disk refuses twice: nothing is lost, nothing is counted twice, and it is shown meanwhile. */
static void test_trouble_passes(void **state)
{
	struct room *r = *state;
	struct piece p[4] = {{.first = 0, .n = 5}, {.first = 10, .n = 5, .refusals = 2},
	    {.first = 20, .n = 5, .end = ERR_INVALID}, {.first = 30, .n = 5}};
	atomic_bool go = false;
	struct write_op hold = {hold_apply, NULL, &go, false, false};
	struct writer_numbers n;
	bool shown = false;

	assert_int_equal(writer_post(r->w, &hold), ERR_OK);
	clock_sleep_ms(20);
	for (int i = 0; i < 4; i++)
		post(r, &p[i], false);
	atomic_store(&go, true);
	while (!atomic_load(&p[3].after)) {
		writer_numbers(r->w, &n);
		shown = shown || (n.stalled && strstr(n.trouble, "disk full"));
		clock_sleep_ms(5);
	}
	assert_true(shown);
	assert_int_equal(channels(r), 15);
	assert_int_equal(p[0].applied, 4); /* twice in vain, until the one that fails, in parts */
	assert_int_equal(p[1].applied, 4);
	assert_int_equal(p[3].applied, 1); /* never reached before */
	assert_int_equal(p[1].err, ERR_OK);
	assert_int_equal(p[2].err, ERR_INVALID);
	for (int i = 0; i < 4; i++)
		assert_int_equal(atomic_load(&p[i].after), 1);
	writer_numbers(r->w, &n);
	assert_false(n.stalled);
	assert_string_equal(n.trouble, "");
}

static void test_trouble_alone(void **state)
{
	struct room *r = *state;
	struct piece p = {.first = 0, .n = 7, .refusals = 2};
	struct errbuf eb = {0};

	assert_int_equal(writer_run(r->w, piece_apply, &p, true, &eb), ERR_OK);
	assert_int_equal(p.applied, 3);
	assert_int_equal(channels(r), 7);
}

static void *post_many(void *arg)
{
	struct room *r = ((void **)arg)[0];
	struct piece *p = ((void **)arg)[1];

	for (int i = 0; i < 100; i++)
		post(r, &p[i], i % 25 == 0);
	return NULL;
}

static void test_threads(void **state)
{
	struct room *r = *state;
	struct piece *p = calloc(400, sizeof *p);
	pthread_t t[4];
	void *args[4][2];

	assert_non_null(p);
	for (uint32_t i = 0; i < 400; i++) {
		p[i].first = i * 5;
		p[i].n = 5;
		p[i].end = i % 50 == 1 ? ERR_INVALID : ERR_OK;
	}
	for (int i = 0; i < 4; i++) {
		args[i][0] = r;
		args[i][1] = &p[i * 100];
		assert_int_equal(pthread_create(&t[i], NULL, post_many, args[i]), 0);
	}
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	assert_int_equal(channels(r), (400 - 8) * 5);
	for (int i = 0; i < 400; i++)
		assert_int_equal(atomic_load(&p[i].after), 1);
	free(p);
}

/* Stopping does what is queued first; the file is then complete without its WAL. */
static void test_stop(void **state)
{
	struct room *r = *state;
	struct piece *p = calloc(200, sizeof *p);
	struct errbuf eb = {0};
	struct staging *s;
	struct counters c;
	FILE *wal;

	assert_non_null(p);
	for (uint32_t i = 0; i < 200; i++) {
		p[i].first = i * 5;
		p[i].n = 5;
		post(r, &p[i], false);
	}
	writer_stop(r->w);
	r->w = NULL;
	for (int i = 0; i < 200; i++) {
		assert_int_equal(atomic_load(&p[i].after), 1);
		assert_int_equal(p[i].err, ERR_OK);
	}
	wal = fopen(scratch_path(&r->scratch, "staging.db-wal"), "r");
	assert_true(!wal || fgetc(wal) == EOF);
	if (wal)
		fclose(wal);
	assert_int_equal(
	    staging_open(&s, scratch_path(&r->scratch, "staging.db"), DB_READ, &eb), ERR_OK);
	assert_int_equal(staging_counters(s, &c, &eb), ERR_OK);
	assert_int_equal(c.channels, 1000);
	staging_close(s);
	free(p);
}

static void test_refused(void **state)
{
	struct errbuf eb = {0};
	struct writer *w;

	(void)state;
	assert_int_equal(writer_start(&w, "/nowhere/at/all.db", NULL, &eb), ERR_IO);
	assert_null(w);
	assert_non_null(strstr(eb.text, "/nowhere/at/all.db"));
	writer_stop(NULL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_group),
	    TEST(test_alone),
	    TEST(test_run),
	    TEST(test_trouble_passes),
	    TEST(test_trouble_alone),
	    TEST(test_threads),
	    TEST(test_stop),
	    cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
