/* What others see of this node, and it of them. */
#include "config.h"
#include "engine/base/clock.h"
#include "engine/base/text.h"
#include "engine/cluster/cluster_parts.h"
#include "engine/quota/day.h"
#include "engine/quota/ledger_grant.h"
#include "engine/sync.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

enum { LOOK_POOLS = 64, LOOK_TROUBLE = 100 };

void node_trouble(struct cluster *c, const char *text)
{
	pthread_mutex_lock(&c->lock);
	snprintf(c->look.trouble, sizeof c->look.trouble, "%.159s", text);
	text_utf8_mend(c->look.trouble);
	c->look.joined = c->joined;
	c->look.leads = c->leads;
	pthread_mutex_unlock(&c->lock);
}

/* ---- telling ---- */

/* What is the matter here, in words; "" when nothing is. */
static void node_worry(
    struct cluster *c, const struct dispatcher_numbers *d, char *out, size_t size)
{
	struct writer_numbers w;

	writer_numbers(c->parts->writer, &w);
	*out = '\0';
	if (w.stalled)
		snprintf(out, size, "staging: %.80s", w.trouble);
	else if (d->api_seen && !d->api_ok)
		snprintf(out, size, "YouTube: %.80s", d->api_trouble);
	text_utf8_mend(out);
}

/* Seconds since when rows wait for PostgreSQL. */
static int64_t node_lag(struct cluster *c, int64_t outbox)
{
	int64_t now = clock_mono_ms();

	if (!outbox)
		c->outbox_ms = 0;
	else if (!c->outbox_ms)
		c->outbox_ms = now;
	return outbox ? (now - c->outbox_ms) / 1000 : 0;
}

/* Units of the common bucket by hour since the Pacific day began, up to the running hour. */
static json_t *node_hours(const struct cluster *c, int64_t *day)
{
	json_t *hours = json_array();
	struct ledger_day d;
	int64_t now = clock_now();

	ledger_day(c->parts->ledger, BUCKET_UNITS, &d);
	*day = d.day;
	for (int i = 0; i < d.n_hours && day_start(d.day) + i * INT64_C(3600) <= now; i++)
		json_array_append_new(hours, json_integer(d.hours[i]));
	return hours;
}

/* Owned; NULL: no memory. */
static char *node_facts(struct cluster *c)
{
	struct dispatcher_numbers d;
	struct sync_numbers s = {0};
	struct shared_numbers w;
	struct bring_numbers b;
	char worry[LOOK_TROUBLE];
	json_t *facts, *hours, *since;
	int64_t day = 0;
	char *text;

	dispatcher_numbers(c->parts->dispatcher, &d);
	if (c->parts->sync)
		sync_numbers(c->parts->sync, &s);
	shared_numbers(c->shared, &w);
	bringer_numbers(c, &b);
	node_worry(c, &d, worry, sizeof worry);
	hours = node_hours(c, &day);
	since = json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "leases", (json_int_t)w.leases,
	    "claims", (json_int_t)c->claims, "claim_ms", (json_int_t)c->claim_ms, "waits",
	    (json_int_t)w.waits, "wait_ms", (json_int_t)w.ms, "brought", (json_int_t)b.chunks,
	    "bring_ms", (json_int_t)b.ms);
	facts = json_pack("{s:f, s:f, s:I, s:I, s:I, s:I, s:s, s:s, s:I, s:o, s:o}", "items_per_s",
	    d.items_per_s, "units_per_h", d.units_per_h, "outbox", (json_int_t)s.outbox, "lag_s",
	    (json_int_t)node_lag(c, s.outbox), "workers",
	    (json_int_t)settings_number(c->settings, SET_WORKERS, 0), "clock_ms",
	    (json_int_t)clock_now_ms(), "redis", node_stream_word(c), "trouble", worry, "day",
	    (json_int_t)day, "hours", hours, "since_start", since);
	text = facts ? json_dumps(facts, JSON_COMPACT) : NULL;
	json_decref(facts);
	return text;
}

/* Of each pool once, whatever number of keys it has. */
static int node_use(struct cluster *c, struct cluster_use out[LOOK_POOLS])
{
	struct ledger_pool pools[LOOK_POOLS];
	struct ledger_project_look projects[LOOK_POOLS];
	size_t n_pools = ledger_pools(c->parts->ledger, pools, LOOK_POOLS);
	size_t n_projects = ledger_projects(c->parts->ledger, projects, LOOK_POOLS);
	int n = 0;

	for (size_t i = 0; i < n_projects && i < LOOK_POOLS; i++)
		for (size_t k = 0; k < n_pools; k++) {
			const struct ledger_bucket *b = &projects[i].buckets[BUCKET_UNITS];
			if (strcmp(pools[k].project, projects[i].name) != 0)
				continue;
			out[n] = (struct cluster_use){.used = b->used, .limit = b->limit};
			snprintf(out[n].pool, sizeof out[n].pool, "%s", pools[k].pool);
			n++;
			break;
		}
	return n;
}

static enum err node_tell_use(struct cluster *c, struct errbuf *eb)
{
	struct cluster_use use[LOOK_POOLS];
	int n = node_use(c, use);

	return cluster_use_tell(c->pg, &c->self.node, day_number(clock_now()), use, n, eb);
}

/* ---- seeing ---- */

enum err cluster_see(struct postgres *pg, struct cluster_look *out, struct errbuf *eb)
{
	int64_t day = day_number(clock_now());
	enum err err = cluster_nodes(pg, day, out->nodes, CLUSTER_NODES, &out->n_nodes, eb);

	if (!err)
		err = cluster_units(pg, day, &out->units, eb);
	if (!err)
		out->seen_ms = clock_mono_ms();
	return err;
}

static enum err node_see(struct cluster *c, struct errbuf *eb)
{
	struct cluster_look *seen = calloc(1, sizeof *seen);
	enum err err =
	    seen ? cluster_see(c->pg, seen, eb) : err_set(eb, ERR_NOMEM, "out of memory");

	if (!err) {
		pthread_mutex_lock(&c->lock);
		memcpy(c->look.nodes, seen->nodes, sizeof seen->nodes);
		c->look.n_nodes = seen->n_nodes;
		c->look.units = seen->units;
		c->look.seen_ms = seen->seen_ms;
		pthread_mutex_unlock(&c->lock);
	}
	free(seen);
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
	if (!err)
		err = node_tell_use(c, eb);
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

/* ---- from outside ---- */

static enum err peek(const struct settings *settings, struct log *log, struct postgres **pg,
    struct cluster_look *out, struct errbuf *eb)
{
	struct postgres_config cfg = {
	    .url = settings_secret(settings, SET_DATABASE_URL, 0), .log = log};
	int64_t version = 0;
	enum err err;

	if (!cfg.url)
		return err_set(eb, ERR_INVALID, "CLUSTER=1 needs DATABASE_URL");
	err = postgres_open(pg, &cfg, eb);
	if (!err)
		err = postgres_version(*pg, &version, eb);
	if (!err && version < POSTGRES_SCHEMA_VERSION)
		err =
		    err_set(eb, ERR_NOTFOUND, "no node of this version has joined the cluster yet");
	return err ? err : cluster_see(*pg, out, eb);
}

void cluster_peek(const struct settings *settings, struct log *log, struct cluster_look *out)
{
	struct postgres *pg = NULL;
	struct errbuf eb = {0};

	*out = (struct cluster_look){.joined = false};
	if (peek(settings, log, &pg, out, &eb))
		snprintf(out->trouble, sizeof out->trouble, "%.159s", err_text(&eb));
	else
		out->joined = true;
	text_utf8_mend(out->trouble);
	postgres_close(pg);
}
