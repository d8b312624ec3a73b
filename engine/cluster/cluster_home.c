/* Jobs that began here: cutting their chunks, bringing home what other nodes fetched. */
#include "config.h"
#include "engine/base/clock.h"
#include "engine/cluster/cluster_parts.h"
#include "engine/quota/day.h"

#include <stdlib.h>

enum { HOME_PARTS = 64 }; /* chunks that a job is cut into at least, for many nodes to share */

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

/* ---- bringing home ---- */

static const char *keep_text(struct arena *a, const char *text)
{
	return text ? arena_dup(a, text, strlen(text)) : NULL;
}

static struct text_list keep_list(struct arena *a, const struct text_list *list)
{
	const char **items = list->n > 0 ? arena_alloc(a, (size_t)list->n * sizeof *items) : NULL;

	for (int i = 0; items && i < list->n; i++)
		items[i] = keep_text(a, list->items[i]);
	return (struct text_list){items, list->n > 0 && !items ? -1 : list->n};
}

/* A chunk that came from other nodes, as parts of which each is stored like a chunk of this node's. */
struct bring {
	struct chunk *parts;
	int n;
	struct cid *ids; /* of all parts, in key order */
	int n_ids;
};

static enum err bring_meta(void *arg, const struct channel_meta *m, struct errbuf *eb)
{
	const struct bring *b = arg;
	struct channel_meta *to;
	struct chunk *c = b->parts;
	struct arena *a;
	int at = 0;

	(void)eb;
	while (c < b->parts + b->n - 1 && cid_compare(&c->ids[c->n - 1], &m->cid) < 0)
		c++;
	while (at < c->n && cid_compare(&c->ids[at], &m->cid) != 0)
		at++;
	if (at == c->n || c->n_rows == c->n)
		return ERR_OK;
	c->states[at] = ITEM_DONE;
	to = &((struct channel_meta *)c->rows)[c->n_rows++];
	a = c->arena;
	*to = *m;
	to->title = keep_text(a, m->title);
	to->description = keep_text(a, m->description);
	to->custom_url = keep_text(a, m->custom_url);
	to->country = keep_text(a, m->country);
	to->default_language = keep_text(a, m->default_language);
	to->thumbnail_url = keep_text(a, m->thumbnail_url);
	to->banner_url = keep_text(a, m->banner_url);
	to->privacy_status = keep_text(a, m->privacy_status);
	to->etag = keep_text(a, m->etag);
	to->language = keep_text(a, m->language);
	to->language_source = keep_text(a, m->language_source);
	to->keywords = keep_list(a, &m->keywords);
	to->topics = keep_list(a, &m->topics);
	return ERR_OK;
}

static void bring_state(struct chunk *c, int i, enum cluster_outcome outcome)
{
	static const enum item_state states[] = {
	    [CLUSTER_MISSING] = ITEM_MISSING, [CLUSTER_ABSENT] = ITEM_ABSENT};

	if (outcome == CLUSTER_MISSING || outcome == CLUSTER_ABSENT) {
		c->states[i] = states[outcome];
		return;
	}
	c->states[i] = ITEM_FAILED;
	c->reasons[i] = outcome == CLUSTER_FAILED ? "other_node" : "no_row";
	c->messages[i] = outcome == CLUSTER_FAILED
	                     ? "failed on another node, whose dead letters say why"
	                     : "fetched by another node, and PostgreSQL did not take its row";
}

static enum err bring_begin(
    struct cluster *c, const struct follow *f, const struct job_type *type, struct chunk *part)
{
	*part = (struct chunk){.type = type,
	    .job = f->no,
	    .lease = {.chunk = c->chunk->id},
	    .day = day_number(clock_now()),
	    .arena = arena_new(0)};
	part->rows =
	    part->arena ? arena_alloc(part->arena, CHUNK_IDS * sizeof(struct channel_meta)) : NULL;
	return part->rows ? ERR_OK : ERR_NOMEM;
}

/* Ids of the chunk that have no state here yet. */
static enum err bring_fill(struct cluster *c, const struct follow *f, const struct job_type *type,
    struct bring *b, struct errbuf *eb)
{
	const struct cluster_chunk *k = c->chunk;
	enum err err = ERR_OK;

	for (int at = 0; at < k->n && !err; at++) {
		enum item_state state = ITEM_DONE;
		struct chunk *part;

		err = staging_state_get(c->reader, type->op, &k->ids[at], &state, eb);
		if (err == ERR_NOTFOUND) { /* erased meanwhile */
			err = ERR_OK;
			continue;
		}
		if (err || (state != ITEM_PENDING && state != ITEM_ABSENT))
			continue;
		if (b->n_ids % CHUNK_IDS == 0 && bring_begin(c, f, type, &b->parts[b->n++]))
			return err_set(eb, ERR_NOMEM, "out of memory");
		part = &b->parts[b->n - 1];
		b->ids[b->n_ids++] = part->ids[part->n] = k->ids[at];
		bring_state(part, part->n++, (enum cluster_outcome)k->outcome[at]);
	}
	return err;
}

static enum err bring_apply(struct staging *s, void *arg, struct errbuf *eb)
{
	const struct bring *b = arg;
	enum err err = ERR_OK;

	for (int i = 0; i < b->n && !err; i++)
		err = worker_store(s, &b->parts[i], eb);
	return err;
}

static enum err bring_chunk(
    struct cluster *c, const struct follow *f, const struct job_type *type, struct errbuf *eb)
{
	struct bring b = {.parts = calloc(CLUSTER_CHUNK_IDS / CHUNK_IDS, sizeof *b.parts),
	    .ids = calloc(CLUSTER_CHUNK_IDS, sizeof *b.ids)};
	enum err err = b.parts && b.ids ? bring_fill(c, f, type, &b, eb)
	                                : err_set(eb, ERR_NOMEM, "out of memory");

	if (!err && b.n) {
		b.parts[0].units = c->chunk->units_away;
		err = cluster_metas(c->pg, b.ids, b.n_ids, bring_meta, &b, eb);
		if (!err)
			err = writer_run(c->parts->writer, bring_apply, &b, false, eb);
	}
	for (int i = 0; i < b.n; i++) {
		if (!err)
			dispatcher_brought(c->parts->dispatcher, &b.parts[i]);
		arena_free(b.parts[i].arena);
	}
	free(b.parts);
	free(b.ids);
	return err ? err : cluster_came_home(c->pg, c->chunk->id, eb);
}

enum err node_bring(struct cluster *c, bool *did, struct errbuf *eb)
{
	enum err err = ERR_OK;

	for (int i = 0; i < c->n_jobs && !err; i++) {
		struct follow *f = &c->jobs[i];
		const struct job_type *type = job_type_find(f->of.type);
		bool got = false;

		if (!type || !node_is_home(c, f) || !f->no || !f->of.away)
			continue;
		err = cluster_away(c->pg, &f->of.job, c->chunk, &got, eb);
		if (!err && got)
			err = bring_chunk(c, f, type, eb);
		f->of.away -= f->of.away > 0;
		*did = *did || got;
	}
	return err;
}
