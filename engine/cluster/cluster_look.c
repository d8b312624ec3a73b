/* What others see of this node, and it of them. */
#include "config.h"
#include "engine/base/clock.h"
#include "engine/sync.h"
#include "engine/cluster/cluster_parts.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

void node_trouble(struct cluster *c, const char *text)
{
	pthread_mutex_lock(&c->lock);
	snprintf(c->look.trouble, sizeof c->look.trouble, "%.159s", text);
	c->look.joined = c->joined;
	c->look.leads = c->leads;
	pthread_mutex_unlock(&c->lock);
}

/* Owned; NULL: no memory. */
static char *node_facts(const struct cluster *c)
{
	struct dispatcher_numbers d;
	struct sync_numbers s = {0};
	struct shared_numbers w;
	struct bring_numbers b;
	json_t *facts;
	char *text;

	dispatcher_numbers(c->parts->dispatcher, &d);
	if (c->parts->sync)
		sync_numbers(c->parts->sync, &s);
	shared_numbers(c->shared, &w);
	bringer_numbers(c, &b);
	facts =
	    json_pack("{s:f, s:f, s:I, s:I, s:{s:I, s:I, s:I, s:I, s:I, s:I, s:I}}", "items_per_s",
	        d.items_per_s, "units_per_h", d.units_per_h, "outbox", (json_int_t)s.outbox,
	        "workers", (json_int_t)settings_number(c->settings, SET_WORKERS, 0), "since_start",
	        "leases", (json_int_t)w.leases, "claims", (json_int_t)c->claims, "claim_ms",
	        (json_int_t)c->claim_ms, "waits", (json_int_t)w.waits, "wait_ms", (json_int_t)w.ms,
	        "brought", (json_int_t)b.chunks, "bring_ms", (json_int_t)b.ms);
	text = facts ? json_dumps(facts, JSON_COMPACT) : NULL;
	json_decref(facts);
	return text;
}

static enum err node_see(struct cluster *c, struct errbuf *eb)
{
	struct cluster_node *nodes = calloc(CLUSTER_NODES, sizeof *nodes);
	int n = 0;
	enum err err = nodes ? cluster_nodes(c->pg, nodes, CLUSTER_NODES, &n, eb)
	                     : err_set(eb, ERR_NOMEM, "out of memory");

	if (!err) {
		pthread_mutex_lock(&c->lock);
		memcpy(c->look.nodes, nodes, (size_t)n * sizeof *nodes);
		c->look.n_nodes = n;
		c->look.seen_ms = clock_mono_ms();
		pthread_mutex_unlock(&c->lock);
	}
	free(nodes);
	return err;
}

enum err node_beat(struct cluster *c, struct errbuf *eb)
{
	char *facts = node_facts(c);
	bool ok = false;
	enum err err = facts ? cluster_beat(c->pg, &c->self, facts, &ok, eb)
	                     : err_set(eb, ERR_NOMEM, "out of memory");

	free(facts);
	if (!err && !ok)
		err = err_set(eb, ERR_BUSY, "another process has taken this node");
	if (!err && c->leads_at_all)
		err = cluster_lead(c->pg, &c->self.node, NODE_LEAD_MS, &c->leads, eb);
	return err ? err : node_see(c, eb);
}

void cluster_look(struct cluster *c, struct cluster_look *out)
{
	*out = (struct cluster_look){.joined = false};
	if (!c)
		return;
	pthread_mutex_lock(&c->lock);
	*out = c->look;
	pthread_mutex_unlock(&c->lock);
}
