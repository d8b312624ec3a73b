/* Names that imports held: taken up, resolved for nothing, missed, in the order they are asked. */
#include "config.h"
#include "db/staging_erase.h"
#include "db/staging_feeds.h"
#include "db/staging_handles.h"
#include "db/staging_names.h"
#include "tests/unit/staging_fixture.h"

#include "tests/unit/seed.h"

static int64_t origin_of(struct room *r)
{
	return seed_channels(r->s, 100, 1);
}

static void leave(struct room *r, int64_t origin, const char *kind, const char *name)
{
	struct unresolved_row row = {.kind = kind, .name = name, .title = "imported", .line = 7};
	struct errbuf eb = {0};
	bool added;

	begin(r->s);
	if (staging_unresolved_put(r->s, origin, &row, &added, &eb))
		fail_msg("%s", eb.text);
	commit(r->s);
}

static struct staging_names_found collect(struct room *r)
{
	struct staging_names_found found;
	struct errbuf eb = {0};

	begin(r->s);
	if (staging_names_collect(r->s, &found, &eb))
		fail_msg("%s", eb.text);
	commit(r->s);
	return found;
}

static int64_t unresolved(struct room *r)
{
	struct counters c;
	struct errbuf eb = {0};

	assert_int_equal(staging_counters(r->s, &c, &eb), ERR_OK);
	return c.unresolved;
}

/* The names that would be asked, one page each, so that every page has to go on after the last. */
static int due(struct room *r, int64_t bound, char names[][32], int most)
{
	struct feed_ask ask = {.bound = bound};
	struct feed_place place = {0};
	struct errbuf eb = {0};
	int64_t counted = -1;
	int n = 0, got = 1;

	while (got) {
		const char *kind;
		struct cid id;
		struct str name;
		if (staging_feed_page(r->s, FEED_NAMES, &ask, &place, &id, 1, &got, &eb))
			fail_msg("%s", eb.text);
		if (!got)
			break;
		assert_true(n < most);
		str_init(&name, 256);
		assert_int_equal(
		    staging_name_get(r->s, cid_number(&id), &kind, &name, &eb), ERR_OK);
		snprintf(names[n++], 32, "%s", str_get(&name));
		str_done(&name);
	}
	assert_int_equal(staging_feed_count(r->s, FEED_NAMES, &ask, &counted, &eb), ERR_OK);
	assert_int_equal(counted, n);
	return n;
}

static void mention(struct room *r, const char *name, int64_t mentions)
{
	struct handle_row row = {.kind = "handle", .name = name, .mentions = mentions};
	struct errbuf eb = {0};

	begin(r->s);
	assert_int_equal(staging_handle_put(r->s, &row, &eb), ERR_OK);
	commit(r->s);
}

static void fetch(struct room *r, uint32_t n, const char *custom_url)
{
	struct channel_meta m = {
	    .cid = seed_cid(n), .custom_url = custom_url, .title = "fetched", .fetched_at = 50};
	struct errbuf eb = {0};

	begin(r->s);
	assert_int_equal(staging_meta_put(r->s, &m, &eb), ERR_OK);
	commit(r->s);
}

static void test_order(void **state)
{
	struct room *r = *state;
	char names[8][32];
	int64_t origin = origin_of(r);
	struct errbuf eb = {0};

	mention(r, "rare", 1);
	mention(r, "frequent", 900);
	mention(r, "common", 30);
	leave(r, origin, "handle", "@wanted");
	leave(r, origin, "user", "wanted-too");
	collect(r);
	assert_int_equal(due(r, 0, names, 8), 5);
	assert_string_equal(names[0], "wanted");
	assert_string_equal(names[1], "wanted-too");
	assert_string_equal(names[2], "frequent");
	assert_string_equal(names[3], "common");
	assert_string_equal(names[4], "rare");

	/* misses come again when they are old, failures with the next job */
	begin(r->s);
	assert_int_equal(staging_name_missed(r->s, "handle", "wanted", 1000, &eb), ERR_OK);
	assert_int_equal(staging_name_failed(r->s, 1, &eb), ERR_OK); /* rare */
	commit(r->s);
	assert_int_equal(due(r, 1000, names, 8), 3);
	assert_int_equal(due(r, 1001, names, 8), 4);
	assert_string_equal(names[0], "wanted");
	collect(r);
	assert_int_equal(due(r, 1001, names, 8), 5);
}

static void test_odd_names(void **state)
{
	struct room *r = *state;
	char names[8][32];
	int64_t origin = origin_of(r);

	leave(r, origin, "handle", "@name");
	leave(r, origin, "handle", "@name."); /* the same one */
	leave(r, origin, "handle", "@other..");
	leave(r, origin, "handle", "@x"); /* too short to be one */
	leave(r, origin, "custom", "a name with blanks");
	assert_int_equal(unresolved(r), 5);
	collect(r);
	assert_int_equal(unresolved(r), 4);
	assert_int_equal(due(r, 0, names, 8), 3);
	collect(r); /* once more changes nothing */
	assert_int_equal(unresolved(r), 4);
	assert_int_equal(due(r, 0, names, 8), 3);
}

static void test_for_nothing(void **state)
{
	struct room *r = *state;
	char names[8][32];
	int64_t origin = origin_of(r);
	struct staging_names_found found;
	struct cid late = seed_cid(7);
	struct errbuf eb = {0};
	bool wanted = true;

	begin(r->s);
	assert_int_equal(staging_names_wanted(r->s, &wanted, &eb), ERR_OK);
	assert_false(wanted);
	commit(r->s);
	fetch(r, 100, "@Early");
	leave(r, origin, "handle", "@early");
	leave(r, origin, "custom", "early");
	leave(r, origin, "user", "early"); /* a user name is another thing */
	leave(r, origin, "handle", "@late");
	leave(r, origin, "custom", "late");
	found = collect(r);
	assert_int_equal(found.resolved, 2);
	assert_int_equal(found.channels, 0);
	assert_int_equal(unresolved(r), 3);
	begin(r->s);
	assert_int_equal(staging_names_wanted(r->s, &wanted, &eb), ERR_OK);
	assert_true(wanted);
	assert_int_equal(staging_name_offer(r->s, "@nobodys", &late, 60, &eb), ERR_OK);
	assert_int_equal(staging_name_offer(r->s, "@Late", &late, 60, &eb), ERR_OK);
	commit(r->s); /* the channel is new, and counted */
	assert_int_equal(unresolved(r), 1);
	assert_int_equal(due(r, 0, names, 8), 1);
}

/* The name of an erased channel is resolved, but brings nothing back. */
static void test_erased(void **state)
{
	struct room *r = *state;
	int64_t origin = origin_of(r);
	struct cid gone = seed_cid(100);
	struct staging_traces t;
	struct errbuf eb = {0};
	bool known = true, added = true;
	char names[8][32];

	begin(r->s);
	assert_int_equal(staging_erase(r->s, &gone, &t, &eb), ERR_OK);
	commit(r->s);
	leave(r, origin, "handle", "@gone");
	collect(r);
	begin(r->s);
	assert_int_equal(
	    staging_name_resolved(r->s, "handle", "gone", &gone, 70, &known, &added, &eb), ERR_OK);
	commit(r->s);
	assert_false(known);
	assert_false(added);
	assert_int_equal(unresolved(r), 1); /* with its reason, and not asked again */
	assert_int_equal(due(r, 0, names, 8), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_order, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_odd_names, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_for_nothing, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_erased, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
