/* staging: what methods of discovery remember, and whom they saw below several sources. */
#include "config.h"
#include "db/staging_notes.h"
#include "db/staging_shared.h"
#include "tests/unit/staging_fixture.h"

#include "tests/unit/seed.h"

static int64_t note_at(struct staging *s, uint32_t n, const char *what, const char *state)
{
	struct cid cid = seed_cid(n);
	int64_t at = -1;

	assert_int_equal(staging_target_note_at(s, &cid, what, state, &at, NULL), ERR_OK);
	return at;
}

static void put_note(struct staging *s, uint32_t n, const char *what, const char *state, int64_t at)
{
	struct cid cid = seed_cid(n);

	assert_int_equal(staging_target_note_put(s, &cid, what, state, at, NULL), ERR_OK);
}

static void test_target_notes(void **state)
{
	struct room *r = *state;
	struct cid one = seed_cid(1);

	begin(r->s);
	put_note(r->s, 1, "subscriptions", "closed", 1000);
	put_note(r->s, 1, "keyword_search", "later", 2000);
	put_note(r->s, 1, "subscriptions", "closed", 3000);
	put_note(r->s, 1, "subscriptions", "later", 500); /* older: the newest stays */
	commit(r->s);
	assert_int_equal(note_at(r->s, 1, "subscriptions", "closed"), 3000);
	assert_int_equal(note_at(r->s, 1, "subscriptions", "later"), 0);
	assert_int_equal(note_at(r->s, 1, "keyword_search", "later"), 2000);
	assert_int_equal(note_at(r->s, 2, "subscriptions", "closed"), 0);
	begin(r->s);
	assert_int_equal(staging_target_note_drop(r->s, &one, "subscriptions", NULL), ERR_OK);
	commit(r->s);
	assert_int_equal(note_at(r->s, 1, "subscriptions", "closed"), 0);
	assert_int_equal(note_at(r->s, 1, "keyword_search", "later"), 2000);
}

/* Marks of other chunks, and other rows of the outbox, do not count. */
static void test_marks_that_wait(void **state)
{
	struct room *r = *state;
	struct staging_mark m = {.chunk = 7, .op = OP_METADATA, .n = 1, .ids = {seed_cid(1)}};
	bool any = true;

	assert_int_equal(staging_marks_wait(r->s, 7, &any, NULL), ERR_OK);
	assert_false(any);
	begin(r->s);
	assert_int_equal(staging_mark_add(r->s, &m, NULL), ERR_OK);
	commit(r->s);
	assert_int_equal(staging_marks_wait(r->s, 8, &any, NULL), ERR_OK);
	assert_false(any);
	assert_int_equal(staging_marks_wait(r->s, 7, &any, NULL), ERR_OK);
	assert_true(any);
}

static int64_t sight(struct staging *s, uint32_t target, uint32_t source, int64_t at, bool fresh)
{
	struct cid t = seed_cid(target), f = seed_cid(source);
	int64_t n = -1;
	bool is_new = !fresh;

	assert_int_equal(staging_sighting_put(s, &t, &f, at, &n, &is_new, NULL), ERR_OK);
	assert_int_equal(is_new, fresh);
	return n;
}

struct seen {
	int n;
	uint32_t sources[4];
	int64_t at[4];
};

static enum err collect(void *arg, const struct cid *source, int64_t at, struct errbuf *eb)
{
	struct seen *seen = arg;

	(void)eb;
	seen->sources[seen->n] = seed_number(source);
	seen->at[seen->n++] = at;
	return seen->n == 4 ? ERR_CANCELLED : ERR_OK;
}

static void test_sightings(void **state)
{
	struct room *r = *state;
	struct cid target = seed_cid(9);
	struct seen seen = {0};

	begin(r->s);
	assert_int_equal(sight(r->s, 9, 3, 100, true), 1);
	assert_int_equal(sight(r->s, 9, 3, 200, false), 1);
	assert_int_equal(sight(r->s, 9, 1, 50, true), 2);
	assert_int_equal(sight(r->s, 8, 1, 60, true), 1);
	commit(r->s);
	assert_int_equal(staging_sightings_of(r->s, &target, collect, &seen, NULL), ERR_OK);
	assert_int_equal(seen.n, 2);
	assert_int_equal(seen.sources[0], 1);
	assert_int_equal(seen.sources[1], 3);
	assert_int_equal(seen.at[1], 200); /* the last time */
	begin(r->s);
	assert_int_equal(staging_sightings_prune(r->s, 61, NULL), ERR_OK);
	commit(r->s);
	begin(r->s);
	assert_int_equal(sight(r->s, 9, 1, 300, true), 2);
	assert_int_equal(sight(r->s, 8, 2, 300, true), 1);
	commit(r->s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_target_notes, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_marks_that_wait, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_sightings, set_up, tear_down)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
