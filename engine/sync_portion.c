#include "config.h"
#include "engine/sync_portion.h"
#include "db/staging_discovery.h"
#include "db/staging_shared.h"
#include "db/staging_videos.h"

#include <stdlib.h>
#include <string.h>

enum { PORTION_BATCH_BYTES = 24 << 20 }; /* a batch of very long texts ends earlier */

/* What of a channel is to be carried. */
enum {
	WANT_GONE = 1,
	WANT_CHANNEL = 2,
	WANT_VIDEOS = 4,
	WANT_EDGES = 8,
	WANT_ALL = WANT_CHANNEL | WANT_VIDEOS | WANT_EDGES
};

/* The channel comes with its videos and edges: they cannot stand there without it. After what is
 * to be gone comes all that staging has of it now: mostly nothing. */
static const unsigned portion_wants[] = {
    [OUTBOX_CHANNEL] = WANT_CHANNEL,
    [OUTBOX_VIDEOS] = WANT_CHANNEL | WANT_VIDEOS,
    [OUTBOX_EDGES] = WANT_CHANNEL | WANT_EDGES,
    [OUTBOX_ERASE] = WANT_GONE | WANT_ALL,
    [OUTBOX_FORGET] = WANT_GONE | WANT_ALL,
};

struct item {
	struct cid key;
	unsigned wants;
	int64_t before; /* WANT_GONE: see postgres_batch_gone */
};

struct portion {
	struct item *items;
	int n, max;
	bool sorted;
	size_t stage;
	int at;       /* item that the stage has come to */
	bool inside;  /* some of its rows were read */
	int64_t vid;  /* inside: the last video */
	int64_t seen; /* inside: so many edges */
	/* of one reading */
	struct postgres_batch *batch;
	int64_t skip;
	bool jumped;       /* the next row wanted is further on */
	bool has_more;     /* the batch was full before the rows ended */
	bool marks_videos; /* marks among the items want their videos */
};

struct portion *portion_new(int max)
{
	struct portion *p = calloc(1, sizeof *p);

	if (!p)
		return NULL;
	p->items = calloc((size_t)max + MARK_IDS, sizeof *p->items);
	p->max = max;
	if (p->items)
		return p;
	free(p);
	return NULL;
}

void portion_free(struct portion *p)
{
	if (p)
		free(p->items);
	free(p);
}

void portion_reset(struct portion *p)
{
	struct item *items = p->items;

	*p = (struct portion){.items = items, .max = p->max};
}

bool portion_is_full(const struct portion *p)
{
	return p->n >= p->max;
}

int portion_count(const struct portion *p)
{
	return p->n;
}

const struct cid *portion_last(const struct portion *p)
{
	return p->n ? &p->items[p->n - 1].key : NULL;
}

bool portion_is_enough(const struct portion *p, const struct postgres_batch *b)
{
	return postgres_batch_count(b) >= (size_t)p->max ||
	       postgres_batch_bytes(b) > PORTION_BATCH_BYTES;
}

/* ---- what is wanted ---- */

static bool portion_seek(struct portion *p, unsigned want);

void portion_add(struct portion *p, const struct outbox_row *r)
{
	size_t kind = (size_t)r->kind;
	unsigned wants =
	    kind < sizeof portion_wants / sizeof portion_wants[0] ? portion_wants[kind] : 0;

	if (wants && r->has_key)
		p->items[p->n++] = (struct item){.key = r->key,
		    .wants = wants,
		    .before = r->kind == OUTBOX_ERASE    ? POSTGRES_ERASE
		              : r->kind == OUTBOX_FORGET ? r->num
		                                         : 0};
}

void portion_add_mark(struct portion *p, const struct staging_mark *m)
{
	for (int i = 0; i < m->n; i++)
		p->items[p->n++] = (struct item){.key = m->ids[i],
		    .wants = m->op == OP_VIDEOS ? WANT_CHANNEL | WANT_VIDEOS : WANT_CHANNEL};
	p->marks_videos = p->marks_videos || m->op == OP_VIDEOS;
}

bool portion_marks_are_over(struct portion *p)
{
	if (p->marks_videos)
		return p->stage == 2 && !p->has_more;
	return p->stage == 1 && !portion_seek(p, WANT_CHANNEL);
}

void portion_add_sent(struct portion *p, const struct cid *key)
{
	p->items[p->n++] = (struct item){.key = *key, .wants = WANT_VIDEOS | WANT_EDGES};
	p->sorted = true;
}

static int compare_items(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	return cid_compare(&x->key, &y->key);
}

/* Each channel once, in key order, with all that its rows ask for. */
static void portion_sort(struct portion *p)
{
	int n = 0;

	p->sorted = true;
	qsort(p->items, (size_t)p->n, sizeof *p->items, compare_items);
	for (int i = 0; i < p->n; i++) {
		const struct item *now = &p->items[i];
		struct item *last = n ? &p->items[n - 1] : NULL;

		if (!last || cid_compare(&last->key, &now->key) != 0) {
			p->items[n++] = *now;
			continue;
		}
		last->wants |= now->wants;
		if (now->before > last->before)
			last->before = now->before;
	}
	p->n = n;
}

/* The next item that wants this, from the present one on; false: there is none. */
static bool portion_seek(struct portion *p, unsigned want)
{
	for (; p->at < p->n; p->at++, p->inside = false)
		if (p->items[p->at].wants & want)
			return true;
	return false;
}

/* The same, not before key. */
static bool portion_seek_key(struct portion *p, unsigned want, const struct cid *key)
{
	while (portion_seek(p, want) && cid_compare(&p->items[p->at].key, key) < 0) {
		p->at++;
		p->inside = false;
	}
	return p->at < p->n;
}

/* The key before the present item's, for "after this one"; false: that is the first key of all. */
static bool portion_before(const struct portion *p, struct cid *out)
{
	*out = p->items[p->at].key;
	for (int i = CID_BYTES - 1; i >= 0; i--)
		if (out->b[i]-- > 0)
			return true;
	return false;
}

/* After a row was offered to the batch: ERR_CANCELLED when it is full. */
static enum err portion_taken(struct portion *p, enum err err)
{
	bool is_full = (err == ERR_LIMIT && postgres_batch_count(p->batch)) ||
	               (!err && portion_is_enough(p, p->batch));

	p->has_more = p->has_more || is_full;
	return is_full ? ERR_CANCELLED : err; /* a row that had no place begins the next batch */
}

/* ---- the stages: each reads on until the batch is full or all items are done ---- */

static enum err stage_gone(struct portion *p, struct staging *s, struct errbuf *eb)
{
	enum err err = ERR_OK;

	(void)s;
	postgres_batch_reset(p->batch, POSTGRES_GONE);
	for (; !err && portion_seek(p, WANT_GONE); p->at++)
		err =
		    postgres_batch_gone(p->batch, &p->items[p->at].key, p->items[p->at].before, eb);
	return err;
}

static enum err take_channel(void *arg, const struct channel_row *row, struct errbuf *eb)
{
	struct portion *p = arg;

	return postgres_batch_channel(p->batch, row, (p->items[p->at].wants & WANT_GONE) != 0, eb);
}

static enum err stage_channels(struct portion *p, struct staging *s, struct errbuf *eb)
{
	enum err err = ERR_OK;

	postgres_batch_reset(p->batch, POSTGRES_CHANNELS);
	while (!err && portion_seek(p, WANT_CHANNEL)) {
		struct item *item = &p->items[p->at];

		err = staging_channel_get(s, &item->key, take_channel, p, eb);
		if (err == ERR_NOTFOUND) {
			item->wants = 0; /* erased meanwhile: nothing can hang on it */
			err = ERR_OK;
		}
		if (err == ERR_LIMIT && postgres_batch_count(p->batch))
			return ERR_OK;
		p->at++;
		if (!err && portion_is_enough(p, p->batch))
			return ERR_OK;
	}
	return err;
}

static enum err take_video(void *arg, const struct video_row *v, struct errbuf *eb)
{
	struct portion *p = arg;
	enum err err;

	if (!portion_seek_key(p, WANT_VIDEOS, &v->channel))
		return ERR_CANCELLED;
	if (cid_compare(&p->items[p->at].key, &v->channel) != 0) {
		p->jumped = true;
		return ERR_CANCELLED;
	}
	err = postgres_batch_video(p->batch, v, eb);
	if (!err) {
		p->inside = true;
		p->vid = v->vid;
	}
	return portion_taken(p, err);
}

/* Rows come in key order, as the items do: whichever is behind leaps forward to the other. */
static enum err stage_videos(struct portion *p, struct staging *s, struct errbuf *eb)
{
	enum err err = ERR_OK;

	postgres_batch_reset(p->batch, POSTGRES_VIDEOS);
	p->jumped = true;
	p->has_more = false;
	while (!err && p->jumped && portion_seek(p, WANT_VIDEOS)) {
		struct cid before;
		bool is_first = !p->inside && !portion_before(p, &before);

		p->jumped = false;
		if (p->inside)
			before = p->items[p->at].key;
		err = staging_videos_each(s, is_first ? NULL : &before,
		    p->inside ? p->vid : INT64_MAX, 0, take_video, p, eb);
	}
	return err;
}

static enum err take_edge(void *arg, const struct edge_row *e, struct errbuf *eb)
{
	struct portion *p = arg;
	enum err err;

	if (!portion_seek_key(p, WANT_EDGES, &e->source))
		return ERR_CANCELLED;
	if (cid_compare(&p->items[p->at].key, &e->source) != 0) {
		p->jumped = true;
		return ERR_CANCELLED;
	}
	if (!p->inside) {
		p->inside = true;
		p->seen = p->skip = 0;
	}
	if (p->skip > 0) {
		p->skip--;
		return ERR_OK;
	}
	err = postgres_batch_edge(p->batch, e, eb);
	p->seen += !err;
	return portion_taken(p, err);
}

static enum err stage_edges(struct portion *p, struct staging *s, struct errbuf *eb)
{
	enum err err = ERR_OK;

	postgres_batch_reset(p->batch, POSTGRES_EDGES);
	p->jumped = true;
	while (!err && p->jumped && portion_seek(p, WANT_EDGES)) {
		struct cid before;
		bool is_first = !portion_before(p, &before);

		p->jumped = false;
		p->skip = p->inside ? p->seen : 0;
		err = staging_edges_each(s, is_first ? NULL : &before, take_edge, p, eb);
	}
	return err;
}

static enum err (*const stages[])(struct portion *p, struct staging *s, struct errbuf *eb) = {
    stage_gone, stage_channels, stage_videos, stage_edges};

enum err portion_fill(
    struct portion *p, struct staging *s, struct postgres_batch *b, struct errbuf *eb)
{
	enum err err = ERR_OK;

	if (!p->sorted)
		portion_sort(p);
	p->batch = b;
	postgres_batch_reset(b, POSTGRES_GONE);
	while (!err && !postgres_batch_count(b) && p->stage < sizeof stages / sizeof stages[0]) {
		err = stages[p->stage](p, s, eb);
		if (!err && !postgres_batch_count(b)) {
			p->stage++;
			p->at = 0;
			p->inside = false;
		}
	}
	return err;
}
