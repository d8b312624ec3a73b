/* staging: edges, channels that were found, which may be taken, names, terms. */
#include "config.h"
#include "db/staging_discovery.h"
#include "db/staging_terms.h"
#include "db/staging_handles.h"
#include "engine/discovery/confidence.h"
#include "tests/unit/staging_fixture.h"

#include "tests/unit/seed.h"

#include <math.h>

static void check_near(double got, double want)
{
	if (!(fabs(got - want) < 1e-9))
		fail_msg("%.12f, not %.12f", got, want);
}

static void good(enum err err, const struct errbuf *eb)
{
	if (err)
		fail_msg("%s", err_text(eb));
}

static void put_edge(struct staging *s, uint32_t source, uint32_t target, const char *method,
    double confidence, int64_t at, bool want_new)
{
	struct edge_row e = {.source = seed_cid(source),
	    .target = seed_cid(target),
	    .method = method,
	    .service = method,
	    .confidence = confidence,
	    .seen = 1,
	    .known = want_new,
	    .first_seen = at,
	    .last_seen = at};
	struct errbuf eb = {0};
	bool is_new = !want_new;

	good(staging_edge_put(s, &e, &is_new, &eb), &eb);
	assert_int_equal(is_new, want_new);
}

struct seen_edges {
	int n;
	struct edge_row last;
	char method[40];
	int most; /* ends after so many */
};

static enum err see_edge(void *arg, const struct edge_row *e, struct errbuf *eb)
{
	struct seen_edges *s = arg;

	(void)eb;
	s->n++;
	s->last = *e;
	snprintf(s->method, sizeof s->method, "%s", e->method);
	return s->most && s->n == s->most ? ERR_CANCELLED : ERR_OK;
}

static void test_edges(void **state)
{
	struct staging *s = ((struct room *)*state)->s;
	struct seen_edges seen = {0};
	struct cid one = seed_cid(1), two = seed_cid(2), three = seed_cid(3);
	struct errbuf eb = {0};
	bool yes = false;
	int64_t n = 0;
	double all = 0, want;

	begin(s);
	put_edge(s, 1, 2, "a", 0.5, 1000, true);
	put_edge(s, 1, 2, "a", 0.4, 2000, false); /* once more: later, no less sure */
	put_edge(s, 1, 2, "b", 0.8, 1000, true);
	put_edge(s, 1, 3, "a", 0.5, 1000, true);
	put_edge(s, 2, 3, "a", 0.5, 1000, true);
	commit(s);
	good(staging_edges_from(s, &one, see_edge, &seen, &eb), &eb);
	assert_int_equal(seen.n, 3);
	seen = (struct seen_edges){.most = 1};
	good(staging_edges_from(s, &one, see_edge, &seen, &eb), &eb);
	assert_int_equal(seen.n, 1);
	assert_int_equal(seen.last.seen, 2);
	assert_int_equal(seen.last.first_seen, 1000);
	assert_int_equal(seen.last.last_seen, 2000);
	assert_true(seen.last.known); /* as it was at first */
	check_near(seen.last.confidence, 0.5);
	seen = (struct seen_edges){0};
	good(staging_edges_to(s, &three, see_edge, &seen, &eb), &eb);
	assert_int_equal(seen.n, 2);
	assert_int_equal(cid_compare(&seen.last.source, &two), 0);
	seen = (struct seen_edges){0};
	good(staging_edges_each(s, NULL, see_edge, &seen, &eb), &eb);
	assert_int_equal(seen.n, 4);
	seen = (struct seen_edges){0};
	good(staging_edges_each(s, &one, see_edge, &seen, &eb), &eb);
	assert_int_equal(seen.n, 1);
	good(staging_edges_degree(s, &one, &n, &eb), &eb);
	assert_int_equal(n, 2);
	good(staging_edge_has(s, &one, &two, &yes, &eb), &eb);
	assert_true(yes);
	good(staging_edge_has(s, &two, &one, &yes, &eb), &eb);
	assert_false(yes);

	/* all edges to one together; nothing leads back */
	good(discovery_combined(s, &three, 1000, &all, &eb), &eb);
	want = discovery_confidence(
	    (const struct confidence_edge[]){{0.5, 1, 2, 0}, {0.5, 1, 1, 0}}, 2, false);
	check_near(all, want);
	begin(s);
	put_edge(s, 3, 2, "a", 0.5, 1000, true);
	commit(s);
	good(discovery_combined(s, &three, 1000, &all, &eb), &eb);
	check_near(all, want * 1.15);
	good(discovery_combined(s, &one, 1000, &all, &eb), &eb);
	check_near(all, 0);
}

static void put_found(struct staging *s, uint32_t n, int depth, bool want_added)
{
	struct cid cid = seed_cid(n), source = seed_cid(1);
	struct errbuf eb = {0};
	bool added = !want_added;
	int64_t origin = 0, again = 0;

	good(staging_origin_of(s, "discovery", "J-7", &origin, &eb), &eb);
	good(staging_origin_of(s, "discovery", "J-7", &again, &eb), &eb);
	assert_int_equal(origin, again);
	good(staging_found_put(s,
	         &(struct found_row){.cid = cid,
	             .source = source,
	             .title = "a title",
	             .origin = origin,
	             .job = 7,
	             .depth = depth},
	         &added, &eb),
	    &eb);
	assert_int_equal(added, want_added);
}

static int depth_of(struct staging *s, uint32_t n)
{
	struct cid cid = seed_cid(n);
	struct errbuf eb = {0};
	int depth = -1;

	good(staging_found_depth(s, &cid, &depth, &eb), &eb);
	return depth;
}

static void test_found_channels(void **state)
{
	struct staging *s = ((struct room *)*state)->s;
	struct cid cid = seed_cid(8);
	struct counters c;
	struct errbuf eb = {0};
	bool yes = false;

	seed_channels(s, 1, 3);
	begin(s);
	put_found(s, 8, 1, true);
	put_found(s, 8, 2, false); /* the first one stays */
	put_found(s, 2, 1, false); /* imported: no step away */
	commit(s);
	assert_int_equal(depth_of(s, 8), 1);
	begin(s);
	put_found(s, 9, 3, true);
	cid = seed_cid(9);
	good(staging_found_nearer(s, &cid, &cid, 4, &eb), &eb);
	assert_int_equal(depth_of(s, 9), 3);
	good(staging_found_nearer(s, &cid, &cid, 2, &eb), &eb);
	cid = seed_cid(2);
	good(staging_found_nearer(s, &cid, &cid, 2, &eb), &eb);
	cid = seed_cid(8);
	commit(s);
	assert_int_equal(depth_of(s, 9), 2);
	assert_int_equal(depth_of(s, 2), 0);
	assert_int_equal(depth_of(s, 99), 0);
	good(staging_counters(s, &c, &eb), &eb);
	assert_int_equal(c.channels, 5);
	assert_int_equal(c.items[OP_METADATA][ITEM_PENDING], 5);
	good(staging_channel_has(s, &cid, &yes, &eb), &eb);
	assert_true(yes);
	cid = seed_cid(99);
	good(staging_channel_has(s, &cid, &yes, &eb), &eb);
	assert_false(yes);
}

static void test_rules(void **state)
{
	struct staging *s = ((struct room *)*state)->s;
	struct cid cid = seed_cid(5);
	struct errbuf eb = {0};
	bool yes = true;

	good(staging_rules_have(s, 1, true, &yes, &eb), &eb);
	assert_false(yes);
	begin(s);
	good(staging_rule_put(s, 1, &cid, true, &eb), &eb);
	good(staging_rule_put(s, 2, &cid, true, &eb), &eb);
	good(staging_rule_put(s, 2, &cid, false, &eb), &eb); /* both: denied */
	commit(s);
	good(staging_rules_have(s, 1, true, &yes, &eb), &eb);
	assert_true(yes);
	good(staging_rule_get(s, 1, &cid, &yes, &eb), &eb);
	assert_true(yes);
	good(staging_rule_get(s, 2, &cid, &yes, &eb), &eb);
	assert_false(yes);
	cid = seed_cid(6);
	assert_int_equal(staging_rule_get(s, 1, &cid, &yes, &eb), ERR_NOTFOUND);
}

/* ---- names ---- */

static void put_name(struct staging *s, const char *kind, const char *name, enum item_state state,
    uint32_t n, int64_t at)
{
	struct handle_row h = {.kind = kind,
	    .name = name,
	    .state = state,
	    .cid = seed_cid(n),
	    .mentions = 1,
	    .checked_at = at};
	struct errbuf eb = {0};

	begin(s);
	good(staging_handle_put(s, &h, &eb), &eb);
	commit(s);
}

static void test_names(void **state)
{
	struct staging *s = ((struct room *)*state)->s;
	struct channel_meta m = {.cid = seed_cid(3), .custom_url = "@Mixed", .fetched_at = 50};
	struct cid want = seed_cid(3);
	struct handle_row h;
	struct errbuf eb = {0};

	m.published_at = INT64_MIN;
	m.keywords.n = m.topics.n = -1;
	seed_channels(s, 1, 5);
	begin(s);
	good(staging_meta_put(s, &m, &eb), &eb);
	commit(s);
	/* the address of a fetched channel answers, ASCII case ignored; not for other kinds */
	good(staging_handle_get(s, "handle", "mixed", &h, &eb), &eb);
	assert_int_equal(h.state, ITEM_DONE);
	assert_int_equal(cid_compare(&h.cid, &want), 0);
	assert_int_equal(staging_handle_get(s, "user", "mixed", &h, &eb), ERR_NOTFOUND);
	assert_int_equal(staging_handle_get(s, "handle", "nobody", &h, &eb), ERR_NOTFOUND);

	put_name(s, "handle", "nobody", ITEM_PENDING, 0, 0);
	put_name(s, "handle", "nobody", ITEM_MISSING, 0, 100);
	put_name(s, "handle", "nobody", ITEM_PENDING, 0, 0); /* a sight alone changes no answer */
	good(staging_handle_get(s, "handle", "nobody", &h, &eb), &eb);
	assert_int_equal(h.state, ITEM_MISSING);
	assert_int_equal(h.mentions, 3);
	assert_int_equal(h.checked_at, 100);
	put_name(s, "handle", "nobody", ITEM_DONE, 4, 200);
	good(staging_handle_get(s, "handle", "nobody", &h, &eb), &eb);
	assert_int_equal(h.state, ITEM_DONE);
	want = seed_cid(4);
	assert_int_equal(cid_compare(&h.cid, &want), 0);
}

/* A name that an import held becomes its channel when somebody finds out whose it is. */
static void test_names_that_imports_wait_for(void **state)
{
	struct staging *s = ((struct room *)*state)->s;
	const struct unresolved_row rows[] = {{"handle", "@new", "Imported", 1},
	    {"handle", "@known", NULL, 2}, {"user", "olduser", NULL, 3}};
	struct cid cid = seed_cid(20);
	struct counters c;
	struct errbuf eb = {0};
	bool added = false, yes = false;
	int64_t origin = seed_channels(s, 1, 2);

	begin(s);
	for (size_t i = 0; i < 3; i++)
		good(staging_unresolved_put(s, origin, &rows[i], &added, &eb), &eb);
	commit(s);
	put_name(s, "handle", "new", ITEM_DONE, 20, 10);
	put_name(s, "handle", "known", ITEM_DONE, 1, 10);
	put_name(s, "user", "olduser", ITEM_MISSING, 0, 10);
	good(staging_counters(s, &c, &eb), &eb);
	assert_int_equal(c.unresolved, 1);
	assert_int_equal(c.channels, 3);
	good(staging_channel_has(s, &cid, &yes, &eb), &eb);
	assert_true(yes);
	assert_int_equal(depth_of(s, 20), 0); /* the import's, not discovery's */
	put_name(s, "user", "olduser", ITEM_DONE, 21, 20);
	good(staging_counters(s, &c, &eb), &eb);
	assert_int_equal(c.unresolved, 0);
	assert_int_equal(c.channels, 4);
}

/* ---- terms and videos ---- */

static void test_terms(void **state)
{
	enum { MOST = 5 };
	struct staging *s = ((struct room *)*state)->s;
	struct term_row rows[9];
	struct cid cids[10];
	struct errbuf eb = {0};
	int64_t holders = -1;
	int n = -1;

	begin(s);
	for (int i = 0; i < 8; i++)
		rows[i] = (struct term_row){42, seed_cid((uint32_t)i)};
	rows[8] = (struct term_row){-3, seed_cid(1)};
	good(staging_terms_put(s, rows, 2, MOST, &eb), &eb);
	good(staging_terms_put(s, rows, 2, MOST, &eb), &eb); /* again: nothing */
	good(staging_term_count(s, 42, &holders, &eb), &eb);
	assert_int_equal(holders, 2);
	good(staging_terms_put(s, rows, 9, MOST, &eb), &eb);
	good(staging_terms_put(s, rows, 9, MOST, &eb), &eb);
	commit(s);
	good(staging_term_count(s, -3, &holders, &eb), &eb);
	assert_int_equal(holders, 1);
	good(staging_term_count(s, 42, &holders, &eb), &eb);
	assert_int_equal(holders, MOST);
	good(staging_term_channels(s, 42, cids, 10, &n, &eb), &eb);
	assert_int_equal(n, MOST);
	good(staging_term_channels(s, 42, cids, 2, &n, &eb), &eb);
	assert_int_equal(n, 2);
	good(staging_term_count(s, 43, &holders, &eb), &eb);
	assert_int_equal(holders, 0);
	good(staging_term_channels(s, 43, cids, 10, &n, &eb), &eb);
	assert_int_equal(n, 0);
}

static void test_videos_that_texts_link_to(void **state)
{
	struct staging *s = ((struct room *)*state)->s;
	struct mentioned_video v = {.vid = -7, .found = true, .channel = seed_cid(3), .at = 9}, got;
	struct errbuf eb = {0};

	assert_int_equal(staging_mentioned_video_get(s, -7, &got, &eb), ERR_NOTFOUND);
	begin(s);
	good(staging_mentioned_video_put(s, &v, &eb), &eb);
	v = (struct mentioned_video){.vid = 8, .at = 10};
	good(staging_mentioned_video_put(s, &v, &eb), &eb);
	commit(s);
	good(staging_mentioned_video_get(s, -7, &got, &eb), &eb);
	assert_true(got.found);
	v.channel = seed_cid(3);
	assert_int_equal(cid_compare(&got.channel, &v.channel), 0);
	assert_int_equal(got.at, 9);
	good(staging_mentioned_video_get(s, 8, &got, &eb), &eb);
	assert_false(got.found);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_edges, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_found_channels, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_rules, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_names, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_names_that_imports_wait_for, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_terms, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_videos_that_texts_link_to, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
