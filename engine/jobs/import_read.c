#include "config.h"
#include "engine/jobs/import_state.h"
#include "db/sources/channel_ref.h"
#include "engine/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	READ_SHOW_EVERY = 4096,
	/* cleaning looks at four times of what is kept, and at the next letter */
	READ_CUT = 4 * IMPORT_DESCRIPTION_MAX + 4
};

/* ---- the sorter thread ---- */

/* A full block becomes a run in the file. */
static enum err sorter_block(struct import *im, struct import_block *b, struct errbuf *eb)
{
	enum err err;

	import_block_sort(b);
	im->dropped += (int64_t)import_block_unique(b);
	err = import_runs_write(&im->runs, im->cfg->data_dir, b, im->cfg->stop, eb);
	b->n = 0;
	b->texts = 0;
	return err;
}

static void *sorter_main(void *arg)
{
	struct import *im = arg;
	void *item;
	enum err err = ERR_OK;

	while (!err && queue_pop(im->full, -1, &item) == ERR_OK) {
		err = sorter_block(im, item, &im->sorter_eb);
		if (!err)
			err = queue_push(im->empty, item);
	}
	atomic_store(&im->sorter_err, (int)err);
	/* the reader must not wait for a dead sorter */
	queue_close(im->empty);
	queue_close(im->full);
	return NULL;
}

/* The second block and the thread exist only for inputs that one block does not hold. */
static enum err sorter_start(struct import *im, struct errbuf *eb)
{
	im->full = queue_new(1);
	im->empty = queue_new(2);
	if (!im->full || !im->empty || !import_block_init(&im->blocks[1], im->blocks[0].cap))
		return err_set(eb, ERR_NOMEM,
		    "no memory for sorting: set IMPORT_MEMORY to a smaller number of MiB");
	if (queue_push(im->empty, &im->blocks[1]) ||
	    pthread_create(&im->sorter, NULL, sorter_main, im) != 0)
		return err_set(eb, ERR_NOMEM, "cannot start a thread for sorting");
	im->sorting = true;
	return ERR_OK;
}

static enum err sorter_stop(struct import *im, struct errbuf *eb)
{
	enum err err;

	if (!im->sorting)
		return ERR_OK;
	queue_close(im->full);
	pthread_join(im->sorter, NULL);
	im->sorting = false;
	err = (enum err)atomic_load(&im->sorter_err);
	if (err && eb)
		*eb = im->sorter_eb;
	return err;
}

/* Gives the full block away and goes on with the other one. */
static enum err read_swap(struct import *im, struct errbuf *eb)
{
	void *item;
	enum err err = im->full ? ERR_OK : sorter_start(im, eb);

	if (err)
		return err;
	if (queue_push(im->full, im->filling) || queue_pop(im->empty, -1, &item)) {
		err = sorter_stop(im, eb); /* only a failed sorter closes its queues */
		return err ? err : err_set(eb, ERR_CANCELLED, "the import was stopped");
	}
	im->filling = item;
	return ERR_OK;
}

/* ---- rows ---- */

/* Printable ASCII alone? Eight bytes at a time. */
static bool read_is_plain(const char *p, size_t len)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), high = ones << 7;
	uint64_t word;
	size_t i = 0;

	for (; len - i >= sizeof word; i += sizeof word) {
		memcpy(&word, p + i, sizeof word);
		/* with 1 added no byte may reach 0x80, with 0x20 taken away none may fall below 0 */
		if ((word | (word + ones) | (word - ones * 0x20)) & high)
			return false;
	}
	while (i < len && p[i] >= 0x20 && p[i] < 0x7F)
		i++;
	return i == len;
}

/* Most texts need no change, and none is looked at twice to find that out. */
static bool read_is_clean(const struct source_text *in, bool utf8)
{
	return utf8 ? text_is_clean_utf8(in->text, in->len) : read_is_plain(in->text, in->len);
}

enum err import_clean(struct str *scratch, const struct source_text *in, bool utf8, size_t max,
    struct source_text *out, struct errbuf *eb)
{
	*out = *in;
	if (!in->len || (in->len <= max && read_is_clean(in, utf8)))
		return ERR_OK;
	/* cleaning can only make it shorter by what it drops: four times is plenty to begin with */
	out->len = text_utf8_cut(in->text, in->len, max * 4);
	if (!(utf8 ? text_is_clean_utf8(out->text, out->len)
	           : text_is_clean(out->text, out->len))) {
		str_reset(scratch);
		text_clean(out->text, out->len, scratch);
		if (scratch->err)
			return err_set(eb, scratch->err, "no memory for a text");
		*out = (struct source_text){str_get(scratch), scratch->len};
	}
	out->len = text_utf8_cut(out->text, out->len, max);
	return ERR_OK;
}

static enum err read_reject(
    struct import *im, const struct source_row *row, const char *reason, struct errbuf *eb)
{
	struct import_result *r = im->result;
	char numbered[IMPORT_REASON_SIZE];

	if (row->item) { /* a JSON array may be one line */
		snprintf(numbered, sizeof numbered, "item %lld: %s", (long long)row->item, reason);
		reason = numbered;
	}
	r->invalid++;
	if (r->n_rejects < IMPORT_REJECTS) {
		struct import_reject *j = &r->rejects[r->n_rejects++];
		j->line = row->line;
		snprintf(j->reason, sizeof j->reason, "%s", reason);
	}
	return import_rejects_add(im->rejects, row->line, reason, row->raw.text, row->raw.len, eb);
}

static enum err read_texts(
    struct import *im, const struct source_row *row, struct import_texts *out, struct errbuf *eb)
{
	struct source_text title, description;
	enum err err =
	    import_clean(&im->title, &row->title, row->utf8, IMPORT_TITLE_MAX, &title, eb);

	if (!err)
		err = import_clean(&im->description, &row->description, row->utf8,
		    IMPORT_DESCRIPTION_MAX, &description, eb);
	if (err)
		return err;
	*out = (struct import_texts){title.text, (uint32_t)title.len, (uint32_t)description.len};
	if (!description.len)
		return ERR_OK;
	str_reset(&im->joined);
	str_add(&im->joined, title.text ? title.text : "", title.len);
	str_add(&im->joined, description.text, description.len);
	out->text = str_get(&im->joined);
	return im->joined.err ? err_set(eb, im->joined.err, "no memory for a text") : ERR_OK;
}

static enum err read_row(struct import *im, const struct import_ahead_row *ahead, struct errbuf *eb)
{
	const struct source_row *row = &ahead->row;
	const struct channel_ref *ref = &ahead->ref;
	struct import_texts texts;
	enum err err;

	im->result->read++;
	if (row->problem)
		return read_reject(im, row, row->problem, eb);
	if (ref->kind == CHANNEL_REF_NONE)
		return read_reject(im, row, ref->reason, eb);
	if (ref->kind != CHANNEL_REF_ID)
		return import_names_add(im, ref, row, eb);
	err = read_texts(im, row, &texts, eb);
	while (!err && !import_block_add(im->filling, &ref->cid, &texts))
		err = read_swap(im, eb);
	return err;
}

static enum err read_begin(struct import *im, struct errbuf *eb)
{
	size_t cap = im->memory / 2;

	if (cap > UINT32_MAX)
		cap = UINT32_MAX;
	str_init(&im->title, (size_t)IMPORT_TITLE_MAX * 4 * 3);
	str_init(&im->description, (size_t)IMPORT_DESCRIPTION_MAX * 4 * 3);
	str_init(&im->joined, IMPORT_TITLE_MAX + IMPORT_DESCRIPTION_MAX);
	im->filling = &im->blocks[0];
	if (!import_block_init(im->filling, cap))
		return err_set(eb, ERR_NOMEM,
		    "no memory for sorting: set IMPORT_MEMORY to a smaller number of MiB");
	return ERR_OK;
}

static void read_show(struct import *im)
{
	im->bytes = import_ahead_bytes(im->ahead);
	im->size = import_ahead_size(im->ahead);
	import_show(im);
}

static enum err read_rows(struct import *im, struct errbuf *eb)
{
	const struct import_ahead_row *row;
	enum err err = ERR_OK;
	bool more = true;

	for (uint64_t i = 1; !err; i++) {
		err = import_ahead_next(im->ahead, &row, &more, eb);
		if (err && err != ERR_CANCELLED) {
			/* what came so far is worth storing; the import fails in the end */
			im->broken = *eb;
			err = ERR_OK;
			break;
		}
		if (err || !more)
			break;
		err = read_row(im, row, eb);
		if (i % READ_SHOW_EVERY == 0) {
			read_show(im);
			if (!err && import_is_stopped(im))
				err = err_set(eb, ERR_CANCELLED, "the import was stopped");
		}
	}
	read_show(im);
	return err;
}

enum err import_read(struct import *im, struct errbuf *eb)
{
	enum err err = read_begin(im, eb), err2;

	im->size = source_size(im->source);
	if (!err)
		err = import_ahead_start(&im->ahead, im->source, READ_CUT, eb);
	if (!err)
		err = read_rows(im, eb);
	import_ahead_stop(im->ahead);
	im->ahead = NULL;
	if (!err)
		err = import_names_flush(im, eb);
	err2 = sorter_stop(im, err ? NULL : eb);
	err = err ? err : err2;
	if (!err) {
		import_block_sort(im->filling);
		im->dropped += (int64_t)import_block_unique(im->filling);
		/* the other block is of no use any more */
		import_block_done(im->filling == &im->blocks[0] ? &im->blocks[1] : &im->blocks[0]);
	}
	import_show(im);
	return err;
}

void import_read_done(struct import *im)
{
	import_block_done(&im->blocks[0]);
	import_block_done(&im->blocks[1]);
	queue_free(im->full);
	queue_free(im->empty);
	import_runs_done(&im->runs);
	import_names_done(im);
	str_done(&im->title);
	str_done(&im->description);
	str_done(&im->joined);
}
