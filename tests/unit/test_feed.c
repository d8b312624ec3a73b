/* feed: every pending channel once, whole chunks, second walks. */
#include "config.h"
#include "engine/jobs/feed.h"
#include "tests/unit/scratch.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tests/unit/seed.h"

enum { DAY = 500, MANY = 1234 };

struct room {
	struct scratch scratch;
	struct staging *s;
	int given[MANY + 500];
};

static int set_up(void **state)
{
	struct room *r = calloc(1, sizeof *r);
	struct errbuf eb;

	*state = r;
	return !r || scratch_open(&r->scratch) ||
	       staging_open(&r->s, scratch_path(&r->scratch, "staging.db"), DB_WRITE, &eb);
}

static int tear_down(void **state)
{
	struct room *r = *state;

	staging_close(r->s);
	scratch_close(&r->scratch);
	free(r);
	return 0;
}

static int take(struct room *r, struct feed *f, int max, enum feed_answer *answer, struct cid *ids)
{
	struct errbuf eb = {0};
	int n = -1;

	if (feed_take(f, r->s, &(struct feed_ask){.today = DAY}, ids, max, &n, answer, &eb))
		fail_msg("%s", eb.text);
	for (int i = 0; i < n; i++)
		r->given[seed_number(&ids[i])]++;
	return n;
}

static void set_done(struct room *r, const struct cid *ids, int n)
{
	struct errbuf eb = {0};

	assert_int_equal(staging_begin(r->s, &eb), ERR_OK);
	for (int i = 0; i < n; i++)
		assert_int_equal(
		    staging_state_set(r->s, OP_METADATA, &ids[i], ITEM_DONE, NULL, &eb), ERR_OK);
	assert_int_equal(staging_commit(r->s, &eb), ERR_OK);
}

static void open_feed(struct feed *f, int page)
{
	struct errbuf eb = {0};

	assert_int_equal(feed_init(f, FEED_METADATA, page, &eb), ERR_OK);
}

/* Whatever the page: each once, in order, all chunks full but the last of the walk. */
static void test_once(void **state)
{
	static const int pages[] = {1, 7, 49, 50, 51, 100, 617, 1234, 1235, 5000};
	struct room *r = *state;
	struct cid ids[50];
	enum feed_answer answer;

	seed_channels(r->s, 0, MANY);
	for (size_t k = 0; k < sizeof pages / sizeof pages[0]; k++) {
		struct feed f;
		int chunks = 0, n, total = 0;
		memset(r->given, 0, sizeof r->given);
		open_feed(&f, pages[k]);
		while ((n = take(r, &f, 50, &answer, ids)) == 50) {
			assert_int_equal(answer, FEED_GIVEN);
			assert_int_equal(seed_number(&ids[0]), total);
			total += n;
			chunks++;
		}
		assert_int_equal(answer, FEED_GIVEN);
		assert_int_equal(n, MANY % 50);
		assert_int_equal(chunks, MANY / 50);
		assert_int_equal(f.out, MANY);
		/* all is out: it may come back */
		assert_int_equal(take(r, &f, 50, &answer, ids), 0);
		assert_int_equal(answer, FEED_LATER);
		for (int i = 0; i < MANY; i++)
			assert_int_equal(r->given[i], 1);
		feed_done(&f);
	}
}

/* Chunks of any size, stored as they go: each once, then empty. */
static void test_stored(void **state)
{
	struct room *r = *state;
	struct cid ids[50];
	enum feed_answer answer;
	struct feed f;
	int n, max = 1;

	seed_channels(r->s, 0, MANY);
	open_feed(&f, 100);
	do {
		n = take(r, &f, max, &answer, ids);
		set_done(r, ids, n);
		feed_settle(&f, n, false);
		max = max % 50 + 1;
	} while (n);
	assert_int_equal(answer, FEED_EMPTY);
	assert_int_equal(f.out, 0);
	for (int i = 0; i < MANY; i++)
		assert_int_equal(r->given[i], 1);
	feed_done(&f);
}

/* What is given back is found by another walk, but only when nothing else is out. */
static void test_given_back(void **state)
{
	struct room *r = *state;
	struct cid a[50], b[50], ids[50];
	enum feed_answer answer;
	struct feed f;

	seed_channels(r->s, 0, 100);
	open_feed(&f, 100);
	assert_int_equal(take(r, &f, 50, &answer, a), 50);
	assert_int_equal(take(r, &f, 50, &answer, b), 50);
	feed_settle(&f, 50, true); /* a comes back unhandled */
	assert_int_equal(take(r, &f, 50, &answer, ids), 0);
	assert_int_equal(answer, FEED_LATER); /* b would be given twice */
	set_done(r, b, 50);
	feed_settle(&f, 50, false);
	assert_int_equal(take(r, &f, 50, &answer, ids), 50);
	assert_int_equal(answer, FEED_GIVEN);
	assert_memory_equal(ids, a, sizeof a);
	set_done(r, ids, 50);
	feed_settle(&f, 50, false);
	assert_int_equal(take(r, &f, 50, &answer, ids), 0);
	assert_int_equal(answer, FEED_EMPTY);
	feed_done(&f);
}

/* New channels before and behind the place of the walk, and after its end. */
static void test_again(void **state)
{
	struct room *r = *state;
	struct cid ids[50];
	enum feed_answer answer;
	struct feed f;
	int n;

	seed_channels(r->s, 500, 200);
	open_feed(&f, 50);
	n = take(r, &f, 50, &answer, ids);
	set_done(r, ids, n);
	feed_settle(&f, n, false);
	seed_channels(r->s, 0, 100);    /* behind it */
	seed_channels(r->s, 1000, 100); /* before it */
	while ((n = take(r, &f, 50, &answer, ids)) > 0) {
		set_done(r, ids, n);
		feed_settle(&f, n, false);
	}
	assert_int_equal(answer, FEED_EMPTY);
	for (int i = 0; i < MANY; i++)
		assert_int_equal(
		    r->given[i], i < 100 || (i >= 500 && i < 700) || (i >= 1000 && i < 1100));
	seed_channels(r->s, 1200, 30);
	assert_int_equal(take(r, &f, 50, &answer, ids), 0); /* it has not been told */
	assert_int_equal(answer, FEED_EMPTY);
	feed_again(&f);
	assert_int_equal(take(r, &f, 50, &answer, ids), 30);
	feed_done(&f);
}

static void test_nothing(void **state)
{
	struct room *r = *state;
	struct cid ids[50];
	enum feed_answer answer;
	struct feed f;

	open_feed(&f, 50);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(take(r, &f, 50, &answer, ids), 0);
		assert_int_equal(answer, FEED_EMPTY);
		feed_again(&f);
	}
	feed_done(&f);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_once),
	    TEST(test_stored),
	    TEST(test_given_back),
	    TEST(test_again),
	    TEST(test_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
