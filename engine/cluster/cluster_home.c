/* Jobs that began here: cutting their chunks. */
#include "config.h"
#include "engine/base/clock.h"
#include "engine/cluster/cluster_parts.h"
#include "engine/quota/day.h"

#include <stdlib.h>

enum {
	HOME_PARTS = 128, /* chunks that a job is cut into at least, for many nodes to share */
	HOME_TURNS = 4,   /* of a worker, in a chunk of a type with turns of its own size */
	HOME_HOLD_MS = 500
};

/* ---- planning ---- */

static int64_t param(const struct follow *f, const char *name)
{
	json_t *params = json_loads(f->of.params, 0, NULL);
	const json_t *v = json_object_get(params, name);
	int64_t n = json_is_integer(v) ? json_integer_value(v) : -1;

	json_decref(params);
	return n;
}

/*
 * Whole turns of workers; small jobs in small chunks, so that all nodes end together. Channels of which each takes
 * calls of its own go by a few turns.
 */
static int plan_size(
    const struct cluster *c, const struct follow *f, const struct job_type *type, int64_t total)
{
	int64_t most = settings_number(c->settings, SET_CLUSTER_CHUNK, 0), turn = CHUNK_IDS, size;

	if (type->chunk_ids) {
		json_t *params = json_loads(f->of.params, 0, NULL);

		turn = type->chunk_ids(params);
		most = most < HOME_TURNS * turn ? most : HOME_TURNS * turn;
		json_decref(params);
	}
	size = total > 0 && total / HOME_PARTS < most ? total / HOME_PARTS : most;
	size = (size + turn - 1) / turn * turn;
	return (int)(size < turn ? turn : size > CLUSTER_CHUNK_IDS ? CLUSTER_CHUNK_IDS : size);
}

static enum err plan_page(struct cluster *c, const struct follow *f, const struct job_type *type,
    struct feed_place *place, struct cid *ids, int max, int *n, struct errbuf *eb)
{
	struct feed_ask ask = {.today = day_number(clock_now())};
	json_t *params = json_loads(f->of.params, 0, NULL);
	struct dispatcher_job job;

	if (type->ask && dispatcher_job_get(c->parts->dispatcher, f->no, &job))
		type->ask(c->parts, params, job.row.created_ms, &ask);
	json_decref(params);

	return staging_feed_page(c->reader, type->feed, &ask, place, ids, max, n, eb);
}

static int plan_compare(const void *a, const void *b)
{
	return cid_compare(a, b);
}

/*
 * Who works at ids with metadata gets these from PostgreSQL (cluster_lend.c): a chunk waits until it has what is on
 * the way there. What it never takes holds nothing up for good.
 */
static enum err plan_may_lend(struct cluster *c, struct follow *f, const struct job_type *type,
    int n, bool *may, struct errbuf *eb)
{
	int64_t known = n, now = clock_mono_ms();
	struct counters all = {0};
	enum err err = ERR_OK;

	if (type->op != OP_METADATA)
		err = cluster_metas_known(c->pg, c->chunk->ids, n, &known, eb);
	if (!err && known < n)
		err = staging_counters(c->reader, &all, eb);
	*may = known == n || !all.outbox || (f->held_ms && now - f->held_ms > NODE_HELD_MS);
	f->held_ms = *may ? 0 : f->held_ms ? f->held_ms : now;
	if (!*may)
		f->plan_ms = now + HOME_HOLD_MS;
	return err;
}

/* Cuts the next chunk of f; the last one is shorter, or empty. *cut false: it is to wait. */
static enum err plan_one(struct cluster *c, struct follow *f, const struct job_type *type,
    int64_t total, bool *cut, struct errbuf *eb)
{
	int64_t limit = param(f, "limit"), left = limit < 0 ? INT64_MAX : limit - f->of.planned;
	int size = plan_size(c, f, type, limit >= 0 && limit < total ? limit : total), n = 0;
	int max = left < size ? (int)left : size;
	struct feed_place to = f->of.place;
	enum err err = max > 0 ? plan_page(c, f, type, &to, c->chunk->ids, max, &n, eb) : ERR_OK;

	*cut = true;
	if (!err && n)
		err = plan_may_lend(c, f, type, n, cut, eb);
	if (err || !*cut)
		return err;
	if (n) {
		qsort(c->chunk->ids, (size_t)n, sizeof c->chunk->ids[0], plan_compare);
		err = cluster_plan(c->pg, &f->of.job, f->of.chunks, c->chunk->ids, n, &to, eb);
		if (err)
			return err;
		f->of.chunks++;
		f->of.open++;
		f->of.planned += n;
		f->of.place = to;
		f->claim_ms = 0;
	}
	if (n < size) {
		err = cluster_planned(c->pg, &f->of.job, true, eb);
		f->of.is_planned = !err;
	}
	return err;
}

enum err node_plan(struct cluster *c, bool *did, struct errbuf *eb)
{
	bool taken[FEED_COUNT] = {false};
	enum err err = ERR_OK;

	for (int i = 0; i < c->n_jobs && !err; i++) {
		struct follow *f = &c->jobs[i];
		const struct job_type *type = job_type_find(f->of.type);
		struct dispatcher_job job;
		bool cut = false;

		/* two jobs of one kind would hand out the same channels: the older one first */
		if (!type || !node_is_home(c, f) || f->of.ended || taken[type->feed])
			continue;
		taken[type->feed] = true;
		if (f->of.is_planned || (node_is_spent(f) && (f->of.open || f->is_closed)) ||
		    f->of.want != CLUSTER_GO_ON || f->of.open >= NODE_AHEAD || !f->no ||
		    clock_mono_ms() < f->plan_ms ||
		    !dispatcher_job_get(c->parts->dispatcher, f->no, &job) ||
		    job.row.status != JOB_RUNNING || job.row.total < 0)
			continue;
		err = plan_one(c, f, type, job.row.total, &cut, eb);
		*did = *did || (cut && !f->of.is_planned);
	}
	return err;
}

enum err node_walk_again(struct cluster *c, struct follow *f, bool *again, struct errbuf *eb)
{
	const struct job_type *type = job_type_find(f->of.type);
	int64_t limit = param(f, "limit");
	struct feed_place first = {0};
	int n = 0;
	enum err err;

	/* what was set aside is pending, and a person's business */
	if (!type || f->of.aside || f->is_closed || f->status != JOB_RUNNING ||
	    (limit >= 0 && f->of.planned >= limit))
		return ERR_OK;
	err = plan_page(c, f, type, &first, c->chunk->ids, 1, &n, eb);
	if (err || !n)
		return err;
	*again = true;
	f->of.is_planned = false;
	f->of.place = (struct feed_place){0};
	return cluster_planned(c->pg, &f->of.job, false, eb);
}
