/* What is read of nodes and units out of a real PostgreSQL. */
#include "config.h"
#include "db/cluster.h"
#include "tests/unit/sync_fixture.h"
#include "engine/base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DAY = 20000 };

struct nodes_bench {
	struct bench *b;
	struct postgres *pg;
	struct uuid node[2];
};

static void must(enum err err, const struct errbuf *eb)
{
	if (err)
		fail_msg("%s", err_text(eb));
}

static int set_up(void **state)
{
	struct nodes_bench *t = calloc(1, sizeof *t);
	struct postgres_config cfg = {0};
	struct errbuf eb = {0};
	int64_t version = -1;

	assert_non_null(t);
	t->b = bench_new();
	cfg = (struct postgres_config){.url = t->b->secret, .log = t->b->log};
	must(postgres_open(&t->pg, &cfg, &eb), &eb);
	must(postgres_version(t->pg, &version, &eb), &eb);
	assert_int_equal(version, 0);
	must(postgres_migrate(t->pg, &eb), &eb);
	must(postgres_version(t->pg, &version, &eb), &eb);
	assert_int_equal(version, POSTGRES_SCHEMA_VERSION);
	for (int i = 0; i < 2; i++)
		assert_int_equal(uuid_new(&t->node[i]), ERR_OK);
	*state = t;
	return 0;
}

static int tear_down(void **state)
{
	struct nodes_bench *t = *state;

	postgres_close(t->pg);
	bench_free(t->b);
	free(t);
	return 0;
}

static void tell(struct nodes_bench *t, int node, int64_t day, const struct cluster_use *use, int n)
{
	struct errbuf eb = {0};

	must(cluster_use_tell(t->pg, &t->node[node], day, use, n, &eb), &eb);
}

static struct cluster_units units(struct nodes_bench *t, int64_t day)
{
	struct cluster_units u;
	struct errbuf eb = {0};

	must(cluster_units(t->pg, day, &u, &eb), &eb);
	return u;
}

static void test_each_pool_counts_once(void **state)
{
	struct nodes_bench *t = *state;
	const struct cluster_pool_day spent = {.pool = "project:b", .bucket = "units", .day = DAY};
	struct errbuf eb = {0};
	struct cluster_units u = units(t, DAY);

	assert_int_equal(u.pools + u.used + u.limit + u.left, 0);
	tell(t, 0, DAY, (struct cluster_use[]){{"project:a", 30, 100}, {"project:b", 5, 50}}, 2);
	tell(t, 1, DAY, (struct cluster_use[]){{"project:a", 40, 100}}, 1);
	tell(t, 1, DAY - 1, (struct cluster_use[]){{"project:a", 99, 100}}, 1);
	u = units(t, DAY);
	assert_int_equal(u.pools, 2);
	assert_int_equal(u.used, 75);
	assert_int_equal(u.limit, 150);
	assert_int_equal(u.left, 30 + 45);
	/* told again and grown */
	tell(t, 0, DAY, (struct cluster_use[]){{"project:a", 70, 100}, {"project:b", 5, 50}}, 2);
	u = units(t, DAY);
	assert_int_equal(u.used, 115);
	assert_int_equal(u.left, 45); /* never below nothing */
	/* what YouTube calls spent is spent, whatever the books say */
	must(cluster_exhausted(t->pg, &spent, &eb), &eb);
	assert_int_equal(units(t, DAY).left, 0);
	assert_int_equal(units(t, DAY).used, 115);
}

static void test_names_of_any_kind(void **state)
{
	struct nodes_bench *t = *state;
	const struct cluster_use odd[] = {{"project:a \"b\" \\ {c},NULL", 1, 10}, {"NULL", 2, 10},
	    {"", 3, 10}, {"project:\xc3\xa4'); --", 4, 10}, {"NULL", 2, 10}};

	tell(t, 0, DAY, odd, 5);
	tell(t, 0, DAY, odd, 0);
	assert_int_equal(units(t, DAY).pools, 4);
	assert_int_equal(units(t, DAY).used, 10);
	assert_string_equal(ask(t->b, "SELECT count(*) FROM cluster_use WHERE pool = "
	                              "'project:a \"b\" \\ {c},NULL'"),
	    "1");
}

static void test_nodes_with_their_units(void **state)
{
	struct nodes_bench *t = *state;
	struct cluster_self self[2];
	struct cluster_node nodes[4];
	struct errbuf eb = {0};
	int64_t now = 0;
	bool ok = false;
	int n = 0;

	for (int i = 0; i < 2; i++) {
		self[i] = (struct cluster_self){.node = t->node[i],
		    .boot = t->node[i],
		    .name = i ? "b" : "a",
		    .host = "h",
		    .version = "1",
		    .role = "all",
		    .patience_ms = 15000};
		must(cluster_join(t->pg, &self[i], &ok, &eb), &eb);
		assert_true(ok);
	}
	tell(t, 1, DAY, (struct cluster_use[]){{"p", 3, 10}, {"q", 4, 10}}, 2);
	must(cluster_beat(t->pg, &self[1], "{\"x\":1}", &ok, &eb), &eb);
	must(cluster_leave(t->pg, &self[0], &eb), &eb);
	must(cluster_clock(t->pg, &now, &eb), &eb);
	must(cluster_nodes(t->pg, DAY, nodes, 4, &n, &eb), &eb);
	assert_int_equal(n, 2);
	assert_string_equal(nodes[0].name, "b"); /* who stopped comes last */
	assert_true(nodes[1].stopped);
	assert_int_equal(nodes[0].units_used, 7);
	assert_int_equal(nodes[1].units_used, 0);
	assert_string_equal(nodes[0].facts, "{\"x\":1}");
	assert_in_range(nodes[0].told_ms, now - 600000, now);
	assert_in_range(nodes[0].seen_ms, 0, 600000);
	must(cluster_nodes(t->pg, DAY, nodes, 1, &n, &eb), &eb);
	assert_int_equal(n, 1);
}

static void test_old_days_are_forgotten(void **state)
{
	struct nodes_bench *t = *state;
	int64_t today = clock_now() / 86400;
	struct errbuf eb = {0};

	tell(t, 0, today, (struct cluster_use[]){{"p", 1, 10}}, 1);
	tell(t, 0, today - 30, (struct cluster_use[]){{"p", 1, 10}}, 1);
	must(cluster_forget(t->pg, 14, &eb), &eb);
	assert_string_equal(ask(t->b, "SELECT count(*) FROM cluster_use"), "1");
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_each_pool_counts_once),
	    TEST(test_names_of_any_kind),
	    TEST(test_nodes_with_their_units),
	    TEST(test_old_days_are_forgotten),
	};

	return bench_ready() ? cmocka_run_group_tests(tests, NULL, NULL) : BENCH_SKIPPED;
}
