/* The cluster in snapshots and REST. */
#include "config.h"
#include "engine/base/clock.h"
#include "engine/cluster/cluster.h"
#include "engine/engine_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a node tells of itself comes from outside: numbers alone are taken. */
static void node_facts_read(const char *text, struct snapshot_node *out)
{
	json_t *facts = json_loads(text, 0, NULL);

	out->items_per_s = json_number_value(json_object_get(facts, "items_per_s"));
	out->units_per_h = json_number_value(json_object_get(facts, "units_per_h"));
	out->outbox = json_integer_value(json_object_get(facts, "outbox"));
	out->workers = json_integer_value(json_object_get(facts, "workers"));
	json_decref(facts);
}

static void node_show(
    const struct cluster_node *n, const struct uuid *here, int64_t old_s, struct snapshot_node *out)
{
	*out = (struct snapshot_node){.is_here = memcmp(&n->node, here, sizeof *here) == 0,
	    .leads = n->leads,
	    .stopped = n->stopped,
	    .started_at = n->started_at,
	    .seen_at = clock_now() - n->seen_s - old_s,
	    .leases = n->leases};
	uuid_format(&n->node, out->id);
	snprintf(out->name, sizeof out->name, "%s", n->name);
	snprintf(out->host, sizeof out->host, "%s", n->host);
	snprintf(out->version, sizeof out->version, "%s", n->version);
	snprintf(out->role, sizeof out->role, "%s", n->role);
	if (!n->stopped)
		node_facts_read(n->facts, out);
}

void engine_look_nodes_locked(struct engine *e, struct snapshot *s)
{
	struct cluster_look *look = e->cluster ? malloc(sizeof *look) : NULL;

	s->cluster_on = e->cluster != NULL;
	if (!look)
		return;
	cluster_look(e->cluster, look);
	s->cluster_ok = look->joined && !look->trouble[0];
	memcpy(s->cluster_trouble, look->trouble, sizeof s->cluster_trouble);
	for (int i = 0; i < look->n_nodes && i < SNAPSHOT_NODES; i++)
		node_show(&look->nodes[i], cluster_node_id(e->cluster),
		    (clock_mono_ms() - look->seen_ms) / 1000, &s->nodes[s->n_nodes++]);
	free(look);
}

static json_t *node_json(const struct snapshot_node *n)
{
	char started[CLOCK_ISO_SIZE], seen[CLOCK_ISO_SIZE];

	return json_pack(
	    "{s:s, s:s, s:s, s:s, s:s, s:b, s:b, s:b, s:s, s:s, s:I, s:f, s:f, s:I, s:I}", "id",
	    n->id, "name", n->name, "host", n->host, "version", n->version, "role", n->role,
	    "is_here", n->is_here, "leads", n->leads, "stopped", n->stopped, "started_at",
	    clock_iso(n->started_at, started), "seen_at", clock_iso(n->seen_at, seen), "leases",
	    (json_int_t)n->leases, "items_per_s", n->items_per_s, "units_per_h", n->units_per_h,
	    "outbox", (json_int_t)n->outbox, "workers", (json_int_t)n->workers);
}

char *engine_nodes_json(struct engine *e, struct errbuf *eb)
{
	const struct snapshot *s = engine_snapshot(e);
	json_t *nodes = json_array(), *all;
	double items = 0, units = 0;
	int64_t outbox = 0;

	for (size_t i = 0; s && i < s->n_nodes; i++) {
		items += s->nodes[i].items_per_s;
		units += s->nodes[i].units_per_h;
		outbox += s->nodes[i].outbox;
		json_array_append_new(nodes, node_json(&s->nodes[i]));
	}
	all = s ? json_pack("{s:b, s:b, s:s, s:O, s:f, s:f, s:I}", "cluster", s->cluster_on, "ok",
	              s->cluster_ok, "trouble", s->cluster_trouble, "nodes", nodes, "items_per_s",
	              items, "units_per_h", units, "outbox", (json_int_t)outbox)
	        : NULL;
	json_decref(nodes);
	snapshot_unref(s);
	return engine_json_text(all, eb);
}
