/* Uploads that other nodes of a cluster have read, from PostgreSQL: results of jobs that began here. */
#include "config.h"
#include "db/cluster.h"
#include "engine/jobs/rows_keep.h"
#include "engine/jobs/videos.h"
#include "engine/jobs/videos_rows.h"

enum { BATCH_VIDEOS = 100 }; /* rows that are given room together */

struct bring {
	struct chunk *chunk;
	struct videos_rows *rows;
	struct videos_batch *last; /* with room for BATCH_VIDEOS; NULL: there is none yet */
};

static enum err bring_gone(struct bring *b, const struct video_row *v)
{
	struct videos_gone *gone = arena_alloc(b->chunk->arena, sizeof *gone);

	if (!gone)
		return ERR_NOMEM;
	*gone = (struct videos_gone){
	    .next = b->rows->gone, .channel = v->channel, .vid = v->vid, .day = v->absent_day};
	b->rows->gone = gone;
	return ERR_OK;
}

static enum err bring_batch(struct bring *b)
{
	struct arena *a = b->chunk->arena;
	struct videos_batch *batch = arena_alloc(a, sizeof *batch);

	if (batch)
		batch->rows = arena_alloc(a, BATCH_VIDEOS * sizeof *batch->rows);
	if (!batch || !batch->rows)
		return ERR_NOMEM;
	*b->rows->batches_end = batch;
	b->rows->batches_end = &batch->next;
	b->last = batch;
	return ERR_OK;
}

static enum err bring_video(void *arg, const struct video_row *v, struct errbuf *eb)
{
	struct bring *b = arg;
	enum err err = ERR_OK;

	if (!b->last || b->last->n == BATCH_VIDEOS)
		err = bring_batch(b);
	if (!err && v->absent_day)
		err = bring_gone(b, v);
	if (err)
		return err_set(eb, err, "out of memory");
	if (!rows_keep_video(b->chunk->arena, v, &b->last->rows[b->last->n++]))
		return err_set(eb, ERR_NOMEM, "out of memory");
	b->chunk->n_rows++;
	return ERR_OK;
}

/* How the walk along the uploads of a channel that is done ended. */
static enum err bring_walk(struct bring *b, int i, struct errbuf *eb)
{
	struct chunk *c = b->chunk;
	struct videos_listed *l = arena_alloc(c->arena, sizeof *l);

	if (!l)
		return err_set(eb, ERR_NOMEM, "out of memory");
	l->row.cid = c->ids[i];
	l->walked = cluster_facts_read(c->lease.facts[i], &l->row);
	l->next = b->rows->listed;
	b->rows->listed = l;
	c->states[i] = ITEM_DONE;
	chunk_count(c, 1, l->walked && l->row.listed ? "channels_with_videos" : "channels_without");
	return ERR_OK;
}

enum err videos_bring(struct postgres *pg, struct chunk *c, struct errbuf *eb)
{
	struct bring b = {.chunk = c, .rows = videos_rows(c)};
	enum err err = b.rows ? cluster_videos(pg, c->ids, c->n, bring_video, &b, eb)
	                      : err_set(eb, ERR_NOMEM, "out of memory");

	for (int i = 0; i < c->n && !err; i++)
		if (c->states[i] == ITEM_PENDING)
			err = bring_walk(&b, i, eb);
	if (!err && c->n_rows)
		chunk_count(c, c->n_rows, "videos");
	return err;
}
