/* Snapshots: what empty and error states must be able to say, and what follows from all the rest. */
#include "config.h"
#include "engine/blocked.h"
#include "engine/engine_parts.h"

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
	facts_outbox(e, s);
	x->outbox_since = e->outbox_since;
	for (size_t i = 0; i < s->n_keys; i++)
		if (s->keys[i].spent_at > x->spent_at && s->units_left <= 0)
			x->spent_at = s->keys[i].spent_at;
	if (e->alerts)
		alert_watch_show(e->alerts, s);
	blocked_find(s);
}
