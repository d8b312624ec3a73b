/* Nodes of a cluster as a snapshot shows them, whatever they tell of themselves; their alerts. */
#include "config.h"
#include "engine/alerts.h"
#include "engine/engine_nodes.h"
#include "engine/quota/day.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MADE_AT = 1795373232, MONO_MS = 5000000, LEASE_S = 60 };

struct world {
	struct snapshot *s;
	struct cluster_look *look;
	struct alert_pace pace;
	struct alert_drift drift;
	struct alert_found found[ALERTS_FOUND];
};

static struct uuid id_of(int i)
{
	struct uuid u;

	memset(&u, i + 1, sizeof u);
	return u;
}

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof *w);

	assert_non_null(w);
	w->s = snapshot_new();
	w->look = calloc(1, sizeof *w->look);
	assert_non_null(w->s);
	assert_non_null(w->look);
	w->s->made_at = MADE_AT;
	w->s->mono_ms = MONO_MS;
	w->s->day_start = MADE_AT - 36000;
	w->s->staging_ok = true;
	w->s->facts.disk_free = INT64_C(1) << 40;
	w->s->cluster.on = true;
	w->look->joined = true;
	w->look->seen_ms = MONO_MS - 1000;
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	snapshot_unref(w->s);
	free(w->look);
	free(w);
	return 0;
}

static struct cluster_node *add(struct world *w, const char *name, int64_t seen_ms)
{
	struct cluster_node *n = &w->look->nodes[w->look->n_nodes];

	n->node = id_of(w->look->n_nodes++);
	n->seen_ms = seen_ms;
	n->told_ms = (int64_t)MADE_AT * 1000 - seen_ms;
	snprintf(n->name, sizeof n->name, "%s", name);
	snprintf(n->host, sizeof n->host, "host-%s", name);
	snprintf(n->version, sizeof n->version, "1.0");
	snprintf(n->role, sizeof n->role, "all");
	snprintf(n->facts, sizeof n->facts,
	    "{\"items_per_s\":10.5,\"units_per_h\":100.0,\"outbox\":7,\"lag_s\":3,\"workers\":8,"
	    "\"redis\":\"ok\",\"trouble\":\"\",\"clock_ms\":%lld,\"day\":%lld,\"hours\":[5,6]}",
	    (long long)n->told_ms, (long long)day_number(MADE_AT));
	return n;
}

static void show(struct world *w)
{
	struct uuid here = id_of(0);

	w->s->n_nodes = 0;
	w->s->cluster = (struct snapshot_cluster){.on = true};
	engine_nodes_show(w->s, w->look, &here, LEASE_S);
	engine_nodes_sum(w->s);
}

static void assert_state(const struct world *w, size_t i, const char *state)
{
	assert_string_equal(w->s->nodes[i].state, state);
}

static void test_how_nodes_are(void **state)
{
	struct world *w = *state;

	add(w, "here", 20000);
	add(w, "up", 4000);
	add(w, "late", 20000);
	add(w, "silent", 61000);
	add(w, "stopped", 61000)->stopped = true;
	show(w);
	assert_state(w, 0, "up"); /* whoever looks lives */
	assert_state(w, 1, "up");
	assert_state(w, 2, "late");
	assert_state(w, 3, "silent");
	assert_state(w, 4, "stopped");
	assert_true(w->s->nodes[0].is_here && !w->s->nodes[1].is_here);
	assert_int_equal(w->s->nodes[1].seen_at, MADE_AT - 5);
	assert_int_equal(w->s->cluster.up, 3);
	assert_int_equal(w->s->cluster.gone, 1);
	/* one that is gone does nothing, but its rows are still there */
	assert_true(w->s->cluster.items_per_s > 31 && w->s->cluster.items_per_s < 32);
	assert_int_equal(w->s->cluster.outbox, 4 * 7);
	/* what was spent is spent, also by one that stopped */
	assert_int_equal(w->s->cluster.hours[0], 5 * 5);
	assert_int_equal(w->s->cluster.hours[1], 5 * 6);
	assert_int_equal(w->s->cluster.hours[2], 0);
}

static void test_who_cannot_ask_knows_nothing(void **state)
{
	struct world *w = *state;

	add(w, "here", 1000);
	add(w, "other", 1000);
	w->look->seen_ms = MONO_MS - 11000;
	show(w);
	assert_state(w, 0, "unknown");
	assert_state(w, 1, "unknown");
	assert_int_equal(w->s->cluster.up, 0);
	assert_int_equal(w->s->cluster.asked_at, MADE_AT - 11);
	w->look->seen_ms = MONO_MS;
	w->look->joined = false;
	snprintf(w->look->trouble, sizeof w->look->trouble, "no route");
	show(w);
	assert_state(w, 1, "unknown");
	assert_false(w->s->cluster.ok);
	assert_string_equal(w->s->cluster.trouble, "no route");
}

static void test_units_of_another_day_are_not_shown(void **state)
{
	struct world *w = *state;

	w->look->units = (struct cluster_units){.pools = 1, .used = 70, .limit = 100, .left = 30};
	show(w);
	assert_int_equal(w->s->cluster.units_used, 70);
	assert_int_equal(w->s->cluster.units_per_day, 100);
	assert_int_equal(w->s->cluster.units_left, 30);
	w->s->day_start = MADE_AT; /* midnight came since they were read */
	show(w);
	assert_int_equal(w->s->cluster.units_per_day, 0);
}

/* Facts come from outside: anything may stand there. */
static void test_facts_of_any_kind(void **state)
{
	static const char *const facts[] = {"", "{", "[]", "{\"items_per_s\":\"x\",\"hours\":7}",
	    "{\"hours\":[\"a\",{}],\"day\":\"now\",\"clock_ms\":-1}",
	    "{\"trouble\":\"a\\u001b[31mb\\nc\",\"redis\":\"far too long for its place\"}"};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
		w->look->n_nodes = 0;
		snprintf(add(w, "n\x1b[2J", 1000)->facts, 1024, "%s", facts[i]);
		show(w);
		assert_true(w->s->nodes[0].items_per_s < 1);
		assert_int_equal(w->s->nodes[0].clock_ahead, 0);
		assert_null(strchr(w->s->nodes[0].trouble, '\x1b'));
		assert_null(strchr(w->s->nodes[0].name, '\x1b'));
		assert_int_equal(w->s->cluster.hours[0], 0);
	}
}

/* ---- alerts ---- */

static const struct alert_found *found(struct world *w, enum alert_kind kind)
{
	size_t n;

	show(w);
	n = alerts_find(w->s, &w->pace, &w->drift, w->found, ALERTS_FOUND);
	for (size_t i = 0; i < n; i++)
		if (w->found[i].kind == kind)
			return &w->found[i];
	return NULL;
}

static void test_alerts_of_nodes(void **state)
{
	struct world *w = *state;
	struct cluster_node *a = add(w, "a", 1000), *b = add(w, "b", 1000);
	const struct alert_found *f;

	a->leads = true;
	for (int k = ALERT_CLUSTER; k <= ALERT_NO_LEADER; k++)
		assert_null(found(w, (enum alert_kind)k));
	b->seen_ms = 61000;
	f = found(w, ALERT_NODE_SILENT);
	assert_non_null(f);
	assert_string_equal(f->subject, "b");
	assert_int_equal(f->since, MADE_AT - 62);
	b->stopped = true;
	assert_null(found(w, ALERT_NODE_SILENT));
	b->stopped = false;
	b->seen_ms = 1000;
	snprintf(b->version, sizeof b->version, "1.1");
	f = found(w, ALERT_VERSIONS);
	assert_non_null(f);
	assert_non_null(strstr(f->text, "1.0 on a, 1.1 on b"));
	b->stopped = true; /* an old one that has ended is no second version */
	assert_null(found(w, ALERT_VERSIONS));
	a->leads = false;
	assert_non_null(found(w, ALERT_NO_LEADER));
	b->stopped = false;
	b->told_ms -= 40000; /* its clock says what it said, the server's is 40 s behind it */
	f = found(w, ALERT_NODE_CLOCK);
	assert_non_null(f);
	assert_non_null(strstr(f->text, "40 s ahead of"));
}

static void test_alert_of_being_outside(void **state)
{
	struct world *w = *state;

	add(w, "a", 1000);
	snprintf(w->look->trouble, sizeof w->look->trouble, "key k1 belongs to p2");
	w->look->joined = false;
	assert_non_null(strstr(found(w, ALERT_CLUSTER)->text, "key k1 belongs to p2"));
	assert_null(found(w, ALERT_NO_LEADER)); /* nobody can tell */
	w->s->facts.pg_since = MADE_AT - 60;    /* PostgreSQL is away: that is told already */
	assert_null(found(w, ALERT_CLUSTER));
}

static void test_without_a_cluster(void **state)
{
	struct world *w = *state;

	w->s->cluster.on = false;
	for (size_t i = alerts_find(w->s, &w->pace, &w->drift, w->found, ALERTS_FOUND); i--;)
		assert_false(w->found[i].kind >= ALERT_CLUSTER);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_how_nodes_are),
	    TEST(test_who_cannot_ask_knows_nothing),
	    TEST(test_units_of_another_day_are_not_shown),
	    TEST(test_facts_of_any_kind),
	    TEST(test_alerts_of_nodes),
	    TEST(test_alert_of_being_outside),
	    TEST(test_without_a_cluster),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
