/* The campaign on three nodes that share its keys: this one leads, one works, one has gone silent. */
#include "config.h"
#include "tui/demo/demo.h"

#include <stdio.h>
#include <string.h>

struct demo_node_row {
	const char *id, *name, *host, *version, *role, *state, *redis, *trouble;
	bool is_here, leads;
	int64_t seen_s, leases;
	double items_per_s, units_per_h;
	int64_t outbox, lag_s, workers, units_used, clock_ahead;
};

static const struct demo_node_row demo_nodes[] = {
    {"0b6f2a51-6a3e-4a57-9d8d-6f0e8b1a7c01", "local", "ops-1", "1.0", "all", "up", "ok", "", true,
        true, 0, 4, 39.5, 4180, 0, 0, 8, 62843, 0},
    {"5d1c9e42-77b0-4f0a-8a52-2f6f3f0c9d02", "prod-eu", "fetch-eu-1", "1.0", "worker", "silent",
        "ok", "", false, false, 96, 2, 0, 0, 1204, 38, 8, 3112, 0},
    {"c27f4b83-1e95-4b7d-b1c6-91d2a4e58f03", "prod-us", "fetch-us-1", "0.9", "worker", "up", "ok",
        "", false, false, 1, 3, 31.8, 3340, 212, 4, 8, 11207, -3},
};

static void fill_node(struct snapshot_node *n, const struct demo_node_row *r)
{
	*n = (struct snapshot_node){.is_here = r->is_here,
	    .leads = r->leads,
	    .started_at = DEMO_NOW - 2 * 86400,
	    .seen_at = DEMO_NOW - r->seen_s,
	    .leases = r->leases,
	    .items_per_s = r->items_per_s,
	    .units_per_h = r->units_per_h,
	    .outbox = r->outbox,
	    .lag_s = r->lag_s,
	    .workers = r->workers,
	    .units_used = r->units_used,
	    .clock_ahead = r->clock_ahead};
	snprintf(n->id, sizeof n->id, "%s", r->id);
	snprintf(n->name, sizeof n->name, "%s", r->name);
	snprintf(n->host, sizeof n->host, "%s", r->host);
	snprintf(n->version, sizeof n->version, "%s", r->version);
	snprintf(n->role, sizeof n->role, "%s", r->role);
	snprintf(n->state, sizeof n->state, "%s", r->state);
	snprintf(n->redis, sizeof n->redis, "%s", r->redis);
	snprintf(n->trouble, sizeof n->trouble, "%s", r->trouble);
}

static void fill_node_alert(struct snapshot *s)
{
	struct snapshot_alert *a = &s->alerts[s->n_alerts++];

	*a = (struct snapshot_alert){
	    .id = (int64_t)s->n_alerts, .person = true, .since = DEMO_NOW - 96};
	snprintf(a->kind, sizeof a->kind, "node_silent");
	snprintf(a->level, sizeof a->level, "warning");
	snprintf(a->subject, sizeof a->subject, "prod-eu");
	snprintf(a->text, sizeof a->text,
	    "node prod-eu (fetch-eu-1) does not say that it lives: others take over its work, but "
	    "1204 rows may wait there");
	snprintf(a->help, sizeof a->help, "start it; gone for good: silence");
	s->alerts_person++;
}

void demo_fill_cluster(struct snapshot *s)
{
	struct snapshot_cluster *c = &s->cluster;

	demo_fill_campaign(s);
	fill_node_alert(s);
	c->on = c->ok = true;
	c->asked_at = DEMO_NOW;
	c->has_leader = true;
	c->units_per_day = s->units_per_day;
	for (size_t i = 0; i < sizeof demo_nodes / sizeof demo_nodes[0]; i++) {
		struct snapshot_node *n = &s->nodes[s->n_nodes++];
		bool up = strcmp(demo_nodes[i].state, "up") == 0;
		fill_node(n, &demo_nodes[i]);
		c->up += up;
		c->gone += !up;
		c->items_per_s += n->items_per_s;
		c->units_per_h += n->units_per_h;
		c->leases += n->leases;
		c->outbox += n->outbox;
		c->units_used += n->units_used;
	}
	for (size_t i = 0; i < s->n_hours; i++) /* in proportion to what this node spent */
		c->hours[i] = s->units_used ? s->hours[i] * c->units_used / s->units_used : 0;
	c->units_left = s->units_left = c->units_per_day - c->units_used;
	s->day_spent = (double)c->units_used / (double)c->units_per_day;
	s->dry_at = DEMO_NOW + (int64_t)((double)c->units_left / c->units_per_h * 3600);
	s->idle_s = s->reset_at - s->dry_at;
}
