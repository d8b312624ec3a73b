/* Jobs that began here: cutting their chunks, bringing home what other nodes fetched. */
#include "config.h"
#include "engine/base/clock.h"
#include <string.h>
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
	return (int)(size < CHUNK_IDS              ? CHUNK_IDS
	             : size > CLUSTER_CHUNK_IDS ? CLUSTER_CHUNK_IDS
	                                        : size);
}

static enum err plan_page(struct cluster *c, const struct follow *f, const struct job_type *type,
    bool from_first, struct cid *ids, int max, int *n, struct errbuf *eb)
{
	struct feed_ask ask = {.today = day_number(clock_now())};
	struct feed_place place = {.begun = f->of.has_place && !from_first,
	    .cid = f->of.planned_to};

	return staging_feed_page(c->reader, type->feed, &ask, &place, ids, max, n, eb);
}

/* Cuts the next chunk of f; the last one is shorter, or empty. */
static enum err plan_one(
    struct cluster *c, struct follow *f, const struct job_type *type, int64_t total, struct errbuf *eb)
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
	const char **items =
	    list->n > 0 ? arena_alloc(a, (size_t)list->n * sizeof *items) : NULL;

	for (int i = 0; items && i < list->n; i++)
		items[i] = keep_text(a, list->items[i]);
	return (struct text_list){items, list->n > 0 && !items ? -1 : list->n};
}

static enum err bring_meta(void *arg, const struct channel_meta *m, struct errbuf *eb)
{
	struct chunk *c = arg;
	struct channel_meta *to = &((struct channel_meta *)c->rows)[c->n_rows++];
	struct arena *a = c->arena;

	(void)eb;
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
	for (int i = 0; i < c->n; i++)
		if (cid_compare(&c->ids[i], &m->cid) == 0)
			c->states[i] = ITEM_DONE;
	return ERR_OK;
}

static void bring_state(struct chunk *c, int i, enum cluster_outcome outcome)
{
	static const enum item_state states[] = {[CLUSTER_MISSING] = ITEM_MISSING,
	    [CLUSTER_ABSENT] = ITEM_ABSENT};

	c->states[i] = states[outcome];
	if (outcome == CLUSTER_FAILED) {
		c->states[i] = ITEM_FAILED;
		c->reasons[i] = "other_node";
		c->messages[i] = "failed on another node, whose dead letters say why";
	} else if (outcome == CLUSTER_DONE) { /* until its row is seen */
		c->states[i] = ITEM_FAILED;
		c->reasons[i] = "no_row";
		c->messages[i] = "fetched by another node, and PostgreSQL did not take its row";
	}
}

static enum err bring_apply(struct staging *s, void *arg, struct errbuf *eb)
{
	return worker_store(s, arg, eb);
}

/* Stores what is in b, which other nodes have done. */
static enum err bring_part(struct cluster *c, struct chunk *b, struct errbuf *eb)
{
	struct cid done[CHUNK_IDS];
	enum err err;

	b->arena = arena_new(0);
	b->rows = b->arena ? arena_alloc(b->arena, CHUNK_IDS * sizeof(struct channel_meta)) : NULL;
	if (!b->rows)
		err = err_set(eb, ERR_NOMEM, "out of memory");
	else
		err = ERR_OK;
	b->day = day_number(clock_now());
	for (int i = 0; i < b->n; i++)
		done[i] = b->ids[i];
	if (!err)
		err = cluster_metas(c->pg, done, b->n, bring_meta, b, eb);
	if (!err)
		err = writer_run(c->parts->writer, bring_apply, b, false, eb);
	if (!err)
		dispatcher_brought(c->parts->dispatcher, b);
	arena_free(b->arena);
	return err;
}

/* Ids of the chunk that have no state here yet, from *at on. */
static enum err bring_fill(struct cluster *c, struct chunk *b, int *at, struct errbuf *eb)
{
	const struct cluster_chunk *k = c->chunk;
	enum err err = ERR_OK;

	for (; *at < k->n && b->n < CHUNK_IDS && !err; (*at)++) {
		enum item_state state = ITEM_DONE;

		err = staging_state_get(c->reader, b->type->op, &k->ids[*at], &state, eb);
		if (err == ERR_NOTFOUND) { /* erased meanwhile */
			err = ERR_OK;
			continue;
		}
		if (err || (state != ITEM_PENDING && state != ITEM_ABSENT))
			continue;
		b->ids[b->n] = k->ids[*at];
		bring_state(b, b->n++, (enum cluster_outcome)k->outcome[*at]);
	}
	return err;
}

static enum err bring_chunk(struct cluster *c, const struct follow *f, const struct job_type *type,
    struct errbuf *eb)
{
	struct chunk *b = malloc(sizeof *b);
	int at = 0;
	enum err err = b ? ERR_OK : err_set(eb, ERR_NOMEM, "out of memory");

	while (!err && at < c->chunk->n) {
		*b = (struct chunk){
		    .type = type, .job = f->no, .lease = {.chunk = c->chunk->id}};
		err = bring_fill(c, b, &at, eb);
		if (!err && b->n)
			err = bring_part(c, b, eb);
	}
	free(b);
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
