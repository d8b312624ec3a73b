/* The cluster in snapshots and REST. */
#include "config.h"
#include "engine/base/clock.h"
#include "engine/base/str.h"
#include "engine/base/text.h"
#include "engine/engine_nodes.h"
#include "engine/engine_parts.h"
#include "engine/engine_report.h"
#include "engine/quota/day.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	NODES_LATE_S = 10, /* more than three beats */
	NODES_TEXT = 4096
};

/* ---- one node ---- */

/* Texts of other nodes come from outside. */
static void node_text(char *out, size_t size, const char *text)
{
	struct str clean;

	str_init(&clean, NODES_TEXT);
	text_clean(text, strlen(text), &clean);
	snprintf(out, size, "%.*s", (int)size - 1, str_get(&clean));
	text_utf8_mend(out);
	str_done(&clean);
}

static void node_member(const json_t *facts, const char *name, char *out, size_t size)
{
	const char *text = json_string_value(json_object_get(facts, name));

	node_text(out, size, text ? text : "");
}

/* What it spent by hour is spent, however the node is now. */
static void node_hours_read(const json_t *facts, int64_t today, struct snapshot_cluster *all)
{
	const json_t *hours = json_object_get(facts, "hours");

	if (json_integer_value(json_object_get(facts, "day")) != today)
		return;
	for (size_t i = 0; i < json_array_size(hours) && i < SNAPSHOT_HOURS; i++)
		all->hours[i] += json_integer_value(json_array_get(hours, i));
}

static void node_facts_read(
    const json_t *facts, const struct cluster_node *n, struct snapshot_node *out)
{
	int64_t clock_ms = json_integer_value(json_object_get(facts, "clock_ms"));

	out->items_per_s = json_number_value(json_object_get(facts, "items_per_s"));
	out->units_per_h = json_number_value(json_object_get(facts, "units_per_h"));
	out->outbox = json_integer_value(json_object_get(facts, "outbox"));
	out->lag_s = json_integer_value(json_object_get(facts, "lag_s"));
	out->workers = json_integer_value(json_object_get(facts, "workers"));
	/* whole seconds: below one it is the way to the server that is measured */
	out->clock_ahead = clock_ms > 0 ? (clock_ms - n->told_ms) / 1000 : 0;
	node_member(facts, "redis", out->redis, sizeof out->redis);
	node_member(facts, "trouble", out->trouble, sizeof out->trouble);
}

/* In the look: what decides how a node is. */
struct node_view {
	const struct uuid *here; /* NULL: not known */
	int64_t now, today;      /* UTC seconds; Pacific day */
	bool asks;               /* what was read of the nodes is new */
	int64_t old_ms;          /* how old it is */
	int64_t lease_s;
};

static const char *node_state(const struct node_view *v, const struct cluster_node *n, bool is_here)
{
	int64_t s = n->seen_ms / 1000;

	if (n->stopped)
		return "stopped";
	if (is_here && v->asks)
		return "up";
	if (!v->asks)
		return "unknown";
	return s < NODES_LATE_S ? "up" : s < v->lease_s ? "late" : "silent";
}

static void node_show(const struct node_view *v, const struct cluster_node *n,
    struct snapshot_node *out, struct snapshot_cluster *all)
{
	json_t *facts = json_loads(n->facts, 0, NULL);
	bool is_here = v->here && memcmp(&n->node, v->here, sizeof *v->here) == 0;

	*out = (struct snapshot_node){.is_here = is_here,
	    .leads = n->leads && !n->stopped,
	    .stopped = n->stopped,
	    .started_at = n->started_at,
	    .seen_at = v->now - (n->seen_ms + v->old_ms) / 1000,
	    .leases = n->leases,
	    .units_used = n->units_used};
	uuid_format(&n->node, out->id);
	node_text(out->name, sizeof out->name, n->name);
	node_text(out->host, sizeof out->host, n->host);
	node_text(out->version, sizeof out->version, n->version);
	node_text(out->role, sizeof out->role, n->role);
	snprintf(out->state, sizeof out->state, "%s", node_state(v, n, is_here));
	node_hours_read(facts, v->today, all);
	if (!n->stopped)
		node_facts_read(facts, n, out);
	json_decref(facts);
	if (strcmp(out->state, "silent") == 0) /* it did that when it was seen last */
		out->items_per_s = out->units_per_h = 0;
}

/* ---- all of them ---- */

/* This node's numbers are those of the rest of the snapshot. */
static void nodes_here(struct snapshot *s, struct snapshot_node *n)
{
	int64_t more = s->units_used - n->units_used;

	n->items_per_s = s->items_per_s;
	n->units_per_h = s->units_per_h;
	n->outbox = s->outbox;
	n->units_used = s->units_used;
	if (!s->cluster.units_per_day)
		return;
	s->cluster.units_used += more;
	s->cluster.units_left -= more < s->cluster.units_left ? more : s->cluster.units_left;
}

void engine_nodes_sum(struct snapshot *s)
{
	struct snapshot_cluster *c = &s->cluster;

	for (size_t i = 0; i < s->n_nodes; i++) {
		const struct snapshot_node *n = &s->nodes[i];
		bool up = strcmp(n->state, "up") == 0 || strcmp(n->state, "late") == 0;
		c->up += up;
		c->gone += !up && !n->stopped;
		c->has_leader = c->has_leader || n->leads;
		c->items_per_s += n->items_per_s;
		c->units_per_h += n->units_per_h;
		c->leases += n->leases;
		c->outbox += n->outbox;
	}
}

void engine_nodes_show(
    struct snapshot *s, const struct cluster_look *look, const struct uuid *here, int64_t lease_s)
{
	struct snapshot_cluster *c = &s->cluster;
	struct node_view v = {.here = here,
	    .now = s->made_at,
	    .today = day_number(s->made_at),
	    .old_ms = look->seen_ms ? s->mono_ms - look->seen_ms : 0,
	    .lease_s = lease_s > NODES_LATE_S ? lease_s : NODES_LATE_S};

	v.asks = look->joined && v.old_ms < NODES_LATE_S * 1000;
	c->ok = look->joined && !look->trouble[0];
	node_text(c->trouble, sizeof c->trouble, look->trouble);
	c->asked_at = look->seen_ms ? s->made_at - v.old_ms / 1000 : 0;
	if (c->asked_at >= s->day_start) {
		c->units_used = look->units.used;
		c->units_per_day = look->units.limit;
		c->units_left = look->units.left;
	}
	for (int i = 0; i < look->n_nodes && i < SNAPSHOT_NODES; i++)
		node_show(&v, &look->nodes[i], &s->nodes[s->n_nodes++], c);
}

void engine_look_nodes_locked(struct engine *e, struct snapshot *s)
{
	struct cluster_look *look;
	struct uuid here;
	bool known = e->seen && cluster_id_read(e->data_dir, &here);

	s->cluster.on = e->cluster || e->seen;
	look = s->cluster.on ? malloc(sizeof *look) : NULL;
	if (!look)
		return;
	if (e->cluster)
		cluster_look(e->cluster, look);
	else
		*look = *e->seen;
	engine_nodes_show(s, look,
	    e->cluster ? cluster_node_id(e->cluster)
	    : known    ? &here
	               : NULL,
	    settings_number(e->parts.settings, SET_CLUSTER_LEASE, 0));
	free(look);
	for (size_t i = 0; i < s->n_nodes && e->cluster; i++)
		if (s->nodes[i].is_here)
			nodes_here(s, &s->nodes[i]);
	engine_nodes_sum(s);
	/* what others may spend as well is not all ours */
	if (s->cluster.units_per_day && s->cluster.units_left < s->units_left)
		s->units_left = s->cluster.units_left;
}

void engine_peek_nodes(struct engine *e)
{
	struct cluster_look *look;

	if (e->mode != ENGINE_LOOK || !settings_flag(e->parts.settings, SET_CLUSTER))
		return;
	look = malloc(sizeof *look);
	if (!look)
		return;
	cluster_peek(e->parts.settings, e->parts.log, look);
	pthread_mutex_lock(&e->look);
	free(e->seen);
	e->seen = look;
	e->last_is_old = true;
	pthread_mutex_unlock(&e->look);
}

/* ---- REST ---- */

static json_t *node_json(const struct snapshot_node *n)
{
	char started[CLOCK_ISO_SIZE], seen[CLOCK_ISO_SIZE];

	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:b, s:b, s:s, s:s, s:I, "
	                 "s:f, s:f, s:I, s:I, s:I, s:I, s:I}",
	    "id", n->id, "name", n->name, "host", n->host, "version", n->version, "role", n->role,
	    "state", n->state, "redis", n->redis, "trouble", n->trouble, "is_here", n->is_here,
	    "leads", n->leads, "stopped", n->stopped, "started_at",
	    clock_iso(n->started_at, started), "seen_at", clock_iso(n->seen_at, seen), "leases",
	    (json_int_t)n->leases, "items_per_s", n->items_per_s, "units_per_h", n->units_per_h,
	    "outbox", (json_int_t)n->outbox, "lag_s", (json_int_t)n->lag_s, "workers",
	    (json_int_t)n->workers, "units_used", (json_int_t)n->units_used, "clock_ahead",
	    (json_int_t)n->clock_ahead);
}

json_t *report_cluster(const struct snapshot *s)
{
	const struct snapshot_cluster *c = &s->cluster;
	char asked[CLOCK_ISO_SIZE];
	json_t *nodes = json_array();

	for (size_t i = 0; i < s->n_nodes; i++)
		json_array_append_new(nodes, node_json(&s->nodes[i]));
	return json_pack("{s:b, s:b, s:s, s:o, s:I, s:I, s:b, s:o, s:f, s:f, s:I, s:I, s:I, s:I, "
	                 "s:I}",
	    "cluster", c->on, "ok", c->ok, "trouble", c->trouble, "nodes", nodes, "up",
	    (json_int_t)c->up, "gone", (json_int_t)c->gone, "has_leader", c->has_leader, "asked_at",
	    c->asked_at ? json_string(clock_iso(c->asked_at, asked)) : json_null(), "items_per_s",
	    c->items_per_s, "units_per_h", c->units_per_h, "leases", (json_int_t)c->leases,
	    "outbox", (json_int_t)c->outbox, "units_used", (json_int_t)c->units_used,
	    "units_per_day", (json_int_t)c->units_per_day, "units_left", (json_int_t)c->units_left);
}

char *engine_nodes_json(struct engine *e, struct errbuf *eb)
{
	const struct snapshot *s = engine_snapshot(e);
	json_t *all = s ? report_cluster(s) : NULL;

	snapshot_unref(s);
	return engine_json_text(all, eb);
}
