/* Snapshots: what empty and error states must be able to say, and what follows from all the rest. */
#include "config.h"
#include "engine/base/text.h"
#include "engine/blocked.h"
#include "engine/cluster/cluster.h"
#include "engine/engine_parts.h"

#include <stdio.h>
#include <string.h>

static void facts_postgres(struct engine *e, struct snapshot_facts *x)
{
	struct sync_numbers n;

	if (!e->parts.sync)
		return;
	sync_numbers(e->parts.sync, &n);
	x->pg_since = n.since;
	x->pg_retry_at = n.retry_at;
	x->pg_tries = n.tries;
	x->pg_last_ok = n.last_ok;
}

/* Only a cluster asks it all the time: else nobody knows how it is, and nothing waits for it. */
static void facts_redis(struct engine *e, struct snapshot *s)
{
	struct cluster_redis r;

	cluster_redis(e->cluster, &r);
	s->redis_configured = r.configured;
	s->redis_ok = r.ok;
	snprintf(s->redis_place, sizeof s->redis_place, "%s", r.place);
	snprintf(s->redis_trouble, sizeof s->redis_trouble, "%s", r.trouble);
	text_utf8_mend(s->redis_trouble);
	s->facts.redis_since = r.since;
	s->facts.redis_retry_at = r.retry_at;
	s->facts.redis_tries = r.tries;
	s->facts.redis_last_ok = r.last_ok;
}

/* Rows have no time of their own: since when it was not empty is what somebody saw. */
static void facts_outbox(struct engine *e, const struct snapshot *s)
{
	if (!s->outbox)
		e->outbox_since = 0;
	else if (!e->outbox_since)
		e->outbox_since = s->made_at;
}

void engine_look_facts_locked(struct engine *e, struct snapshot *s)
{
	struct snapshot_facts *x = &s->facts;

	x->disk_free = process_disk_free(e->data_dir);
	x->disk_growth = -1;
	x->crashed = e->crashed;
	x->crashed_jobs = e->crashed_jobs;
	x->clock_at = atomic_load_explicit(&e->watch.date_at, memory_order_relaxed);
	x->clock_ahead = atomic_load_explicit(&e->watch.date_ahead, memory_order_relaxed);
	facts_postgres(e, x);
	facts_redis(e, s);
	facts_outbox(e, s);
	x->outbox_since = e->outbox_since;
	for (size_t i = 0; i < s->n_keys; i++)
		if (s->keys[i].spent_at > x->spent_at && s->units_left <= 0)
			x->spent_at = s->keys[i].spent_at;
	if (e->alerts)
		alert_watch_show(e->alerts, s);
	blocked_find(s);
}
