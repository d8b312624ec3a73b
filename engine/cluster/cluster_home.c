/* Jobs that began here: cutting their chunks. */
#include "config.h"
#include "engine/base/clock.h"
#include "engine/cluster/cluster_parts.h"
#include "engine/quota/day.h"

#include <stdlib.h>

enum { HOME_PARTS = 128 }; /* chunks that a job is cut into at least, for many nodes to share */

/* ---- planning ---- */

static int64_t param(const struct follow *f, const char *name)
{
	json_t *params = json_loads(f->of.params, 0, NULL);
	const json_t *v = json_object_get(params, name);
	int64_t n = json_is_integer(v) ? json_integer_value(v) : -1;

	json_decref(params);
	return n;
}

/* Whole calls; small jobs in small chunks, so that all nodes end together. */
static int plan_size(const struct cluster *c, int64_t total)
{
	int64_t most = settings_number(c->settings, SET_CLUSTER_CHUNK, 0), size = most;

	if (total > 0 && total / HOME_PARTS < most)
		size = total / HOME_PARTS;
	size = (size + CHUNK_IDS - 1) / CHUNK_IDS * CHUNK_IDS;
	return (int)(size < CHUNK_IDS           ? CHUNK_IDS
	             : size > CLUSTER_CHUNK_IDS ? CLUSTER_CHUNK_IDS
	                                        : size);
}

static enum err plan_page(struct cluster *c, const struct follow *f, const struct job_type *type,
    bool from_first, struct cid *ids, int max, int *n, struct errbuf *eb)
{
	struct feed_ask ask = {.today = day_number(clock_now())};
	struct feed_place place = {
	    .begun = f->of.has_place && !from_first, .cid = f->of.planned_to};
	json_t *params = json_loads(f->of.params, 0, NULL);
	struct dispatcher_job job;

	if (type->ask && dispatcher_job_get(c->parts->dispatcher, f->no, &job))
		type->ask(c->parts, params, job.row.created_ms, &ask);
	json_decref(params);

	return staging_feed_page(c->reader, type->feed, &ask, &place, ids, max, n, eb);
}

/* Cuts the next chunk of f; the last one is shorter, or empty. */
static enum err plan_one(struct cluster *c, struct follow *f, const struct job_type *type,
    int64_t total, struct errbuf *eb)
{
	int64_t limit = param(f, "limit"), left = limit < 0 ? INT64_MAX : limit - f->of.planned;
	int size = plan_size(c, limit >= 0 && limit < total ? limit : total), n = 0;
	int max = left < size ? (int)left : size;
	enum err err = max > 0 ? plan_page(c, f, type, false, c->chunk->ids, max, &n, eb) : ERR_OK;

	if (!err && n) {
		err = cluster_plan(c->pg, &f->of.job, f->of.chunks, c->chunk->ids, n, eb);
		if (err)
			return err;
		f->of.chunks++;
		f->of.open++;
		f->of.planned += n;
		f->of.has_place = true;
		f->of.planned_to = c->chunk->ids[n - 1];
		f->claim_ms = 0;
	}
	if (!err && n < size) {
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

		/* two jobs of one kind would hand out the same channels: the older one first */
		if (!type || !node_is_home(c, f) || f->of.ended || taken[type->feed])
			continue;
		taken[type->feed] = true;
		if (f->of.is_planned || f->of.want != CLUSTER_GO_ON || f->of.open >= NODE_AHEAD ||
		    !f->no || !dispatcher_job_get(c->parts->dispatcher, f->no, &job) ||
		    job.row.status != JOB_RUNNING || job.row.total < 0)
			continue;
		err = plan_one(c, f, type, job.row.total, eb);
		*did = *did || !f->of.is_planned;
	}
	return err;
}

enum err node_walk_again(struct cluster *c, struct follow *f, bool *again, struct errbuf *eb)
{
	const struct job_type *type = job_type_find(f->of.type);
	int64_t limit = param(f, "limit");
	int n = 0;
	enum err err;

	/* what was set aside is pending, and a person's business */
	if (!type || f->of.aside || f->status != JOB_RUNNING ||
	    (limit >= 0 && f->of.planned >= limit))
		return ERR_OK;
	err = plan_page(c, f, type, true, c->chunk->ids, 1, &n, eb);
	if (err || !n)
		return err;
	*again = true;
	f->of.is_planned = f->of.has_place = false;
	return cluster_planned(c->pg, &f->of.job, false, eb);
}
