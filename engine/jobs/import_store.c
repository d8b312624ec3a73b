#include "config.h"
#include "engine/jobs/import_state.h"
#include "db/staging_import.h"
#include "engine/jobs/import_merge.h"

#include <stdlib.h>
#include <string.h>

/*
 * Two slices: the writer stores one while the other is filled. A slice is as large as other jobs'
 * results can wait for; larger ones gain nothing, for the rows come in key order anyway.
 */
enum {
	STORE_SLICES = 2,
	STORE_ROWS = 250000,
	STORE_BYTES_MIN = 1024 * 1024,
	STORE_BYTES_MAX = 32 * 1024 * 1024,
	STORE_WAIT_MS = 250
};

struct slice {
	struct staging_import feed;
	struct staging_import_row *rows;
	size_t room; /* rows */
	char *texts;
	size_t used, bytes;
	struct import *import;
	struct queue *back; /* where it goes when it is stored */
	enum err err;
	struct errbuf eb;
};

struct store {
	struct slice slices[STORE_SLICES];
	struct queue *free; /* slices that are not with the writer */
	struct import_merge merge;
	bool broken; /* a slice failed: its error is the import's */
	bool cut;    /* the stop flag ended a slice early */
};

static enum err slice_put(struct staging *s, void *arg, struct errbuf *eb)
{
	struct slice *sl = arg;
	enum err err =
	    staging_import_outbox(s, sl->import->result->origin, &sl->import->outbox_seq, eb);

	return err ? err : staging_import_put(s, &sl->feed, eb);
}

static void slice_stored(void *arg, enum err err, const struct errbuf *eb)
{
	struct slice *sl = arg;

	sl->err = err;
	sl->eb = *eb;
	/* there is room: the queue takes all slices */
	if (queue_push(sl->back, sl))
		sl->err = ERR_CANCELLED;
}

static enum err store_init(struct import *im, struct store *st, struct errbuf *eb)
{
	size_t bytes = im->memory / 8;

	bytes = bytes < STORE_BYTES_MIN   ? STORE_BYTES_MIN
	        : bytes > STORE_BYTES_MAX ? STORE_BYTES_MAX
	                                  : bytes;
	st->free = queue_new(STORE_SLICES);
	if (!st->free)
		return err_set(eb, ERR_NOMEM, "no memory to store rows");
	for (int i = 0; i < STORE_SLICES; i++) {
		struct slice *sl = &st->slices[i];
		sl->import = im;
		sl->back = st->free;
		sl->bytes = bytes;
		sl->room = bytes / sizeof *sl->rows;
		sl->room = sl->room > STORE_ROWS ? STORE_ROWS : sl->room;
		sl->rows = malloc(sl->room * sizeof *sl->rows);
		sl->texts = malloc(sl->bytes);
		if (!sl->rows || !sl->texts || queue_push(st->free, sl))
			return err_set(eb, ERR_NOMEM, "no memory to store rows");
	}
	return import_merge_init(&st->merge, &im->runs, im->filling, im->memory / 4, eb);
}

static void store_done(struct store *st)
{
	for (int i = 0; i < STORE_SLICES; i++) {
		free(st->slices[i].rows);
		free(st->slices[i].texts);
	}
	import_merge_done(&st->merge);
	queue_free(st->free);
}

/* A free slice; what became of its rows is counted. */
static enum err store_take(
    struct import *im, struct store *st, struct slice **out, struct errbuf *eb)
{
	struct import_result *r = im->result;
	struct slice *sl;
	void *item = NULL;

	while (queue_pop(st->free, STORE_WAIT_MS, &item) != ERR_OK)
		import_show(im);
	*out = sl = item;
	if (sl->err) {
		if (!st->broken && eb)
			*eb = sl->eb;
		st->broken = true;
	} else if (sl->feed.n) {
		r->added += sl->feed.added;
		r->wanted += sl->feed.wanted;
		r->erased += sl->feed.erased;
		r->known += (int64_t)sl->feed.taken - sl->feed.added - sl->feed.erased;
		st->cut = st->cut || sl->feed.taken < sl->feed.n;
	}
	sl->feed.n = 0;
	import_show(im);
	return sl->err;
}

/* False when the slice is full. */
static bool slice_add(struct slice *sl, const struct import_cursor *c)
{
	const struct import_texts *t = &c->texts;
	size_t len = (size_t)t->title_len + t->description_len;
	struct staging_import_row *row = &sl->rows[sl->feed.n];

	if (sl->feed.n == sl->room || len > sl->bytes - sl->used)
		return false;
	import_key_join(c->hi, c->lo, &row->cid);
	row->text = sl->texts + sl->used;
	row->title_len = t->title_len;
	row->description_len = t->description_len;
	if (len)
		memcpy(sl->texts + sl->used, t->text, len);
	sl->used += len;
	sl->feed.has_descriptions = sl->feed.has_descriptions || t->description_len;
	sl->feed.n++;
	return true;
}

static enum err slice_fill(struct import *im, struct store *st, struct slice *sl, struct errbuf *eb)
{
	const struct import_cursor *c;
	enum err err = ERR_OK;

	sl->used = 0;
	sl->feed = (struct staging_import){.rows = sl->rows,
	    .origin = im->result->origin,
	    .wanted_list = im->result->list,
	    .stop = im->cfg->stop};
	while (!err && (c = import_merge_row(&st->merge)) && slice_add(sl, c))
		err = import_merge_step(&st->merge, eb);
	return err;
}

static enum err slice_send(struct import *im, struct slice *sl, struct errbuf *eb)
{
	struct write_op op = {.apply = slice_put, .after = slice_stored, .arg = sl, .alone = true};
	enum err err = writer_post(im->cfg->writer, &op);

	if (!err)
		return ERR_OK;
	sl->feed.n = 0;
	if (queue_push(sl->back, sl))
		return err_set(eb, ERR_CANCELLED, "staging is being closed");
	return err_set(eb, err, "staging is being closed");
}

static enum err store_all(struct import *im, struct store *st, struct errbuf *eb)
{
	enum err err = ERR_OK;
	struct slice *sl;

	while (!err && import_merge_row(&st->merge)) {
		err = store_take(im, st, &sl, eb);
		if (!err && import_is_stopped(im))
			err = err_set(eb, ERR_CANCELLED, "the import was stopped");
		if (!err)
			err = slice_fill(im, st, sl, eb);
		if (!err) {
			err = slice_send(im, sl, eb);
		} else {
			sl->err = ERR_OK;
			sl->feed.n = 0;
			if (queue_push(st->free, sl)) /* never full */
				err = ERR_CANCELLED;
		}
	}
	return err;
}

enum err import_store(struct import *im, struct errbuf *eb)
{
	struct store st = {0};
	enum err err = store_init(im, &st, eb), err2;

	if (!err) {
		struct slice *sl;
		err = store_all(im, &st, eb);
		/* the writer may still have some: theirs is the memory we are about to free */
		for (int i = 0; i < STORE_SLICES; i++) {
			err2 = store_take(im, &st, &sl, err ? NULL : eb);
			err = err ? err : err2;
		}
	}
	if (!err && st.cut)
		err = err_set(eb, ERR_CANCELLED, "the import was stopped");
	im->result->duplicates += st.merge.dropped;
	store_done(&st);
	return err;
}
