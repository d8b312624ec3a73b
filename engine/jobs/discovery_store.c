/* What a chunk of discovery found, into staging, and its numbers. On the writer thread. */
#include "config.h"
#include "engine/jobs/discovery_parts.h"

#include "db/staging_discovery.h"
#include "db/staging_handles.h"
#include "db/staging_numbers.h"
#include "engine/base/clock.h"
#include "engine/discovery/similar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STORE_TENTHS = 11 };

struct store {
	struct staging *s;
	struct chunk *c;
	const struct discovery_rows *r;
	int64_t origin;                   /* 0: not asked for yet */
	int64_t confidence[STORE_TENTHS]; /* new edges by tenths of it */
	int64_t found
	    [DISCOVERY_METHODS]; /* edges by the method's position, and those to known channels */
	int64_t known[DISCOVERY_METHODS];
	int64_t last_seen;
};

static void store_count(struct store *st, uint32_t method, const char *what)
{
	chunk_count(st->c, 1, "methods.%s.%s", st->r->methods[method], what);
}

static void store_count_each(struct store *st, uint32_t methods, const char *what)
{
	for (uint32_t m = 0; m < (uint32_t)st->r->n_methods; m++)
		if (methods >> m & 1)
			store_count(st, m, what);
}

/* The channel enters staging, once; *added: it was this. */
static enum err store_found(
    struct store *st, const struct search_target *t, bool is_done, bool *added, struct errbuf *eb)
{
	char label[32];
	enum err err = ERR_OK;

	if (!st->origin) {
		snprintf(label, sizeof label, "J-%lld", (long long)st->c->job);
		err = staging_origin_of(st->s, "discovery", label, &st->origin, eb);
	}
	if (!err)
		err = staging_found_put(st->s,
		    &(struct found_row){.cid = t->cid,
		        .source = t->source,
		        .title = t->title,
		        .origin = st->origin,
		        .job = st->c->job,
		        .depth = t->depth,
		        .is_done = is_done},
		    added, eb);
	if (!err && *added)
		store_count(st, t->first, "new");
	return err;
}

/* ---- the index of similar channels ---- */

struct discovery_index {
	struct writer_promise *promise; /* NULL: not posted */
	int n;
	struct term_row rows[CHUNK_IDS * SIMILAR_TERMS];
};

static enum err store_index_apply(struct staging *s, void *arg, struct errbuf *eb)
{
	const struct discovery_index *x = arg;

	return staging_terms_put(s, x->rows, x->n, SIMILAR_HOLDERS, eb);
}

static enum err store_terms_of(void *arg, const struct channel_meta *m, struct errbuf *eb)
{
	struct discovery_index *x = arg;

	(void)eb;
	x->n += similar_rows(m, x->rows + x->n);
	return ERR_OK;
}

static enum err store_index_read(struct discovery_index *x, struct staging *reader,
    const struct cid *ids, int n, struct errbuf *eb)
{
	enum err err = staging_peek_begin(reader, eb);

	for (int i = 0; i < n && !err; i++) {
		err = staging_traits_get(reader, &ids[i], store_terms_of, x, eb);
		err = err == ERR_NOTFOUND ? ERR_OK : err; /* erased since it was handed out */
	}
	staging_look_end(reader);
	qsort(x->rows, (size_t)x->n, sizeof x->rows[0], term_row_compare);
	return err;
}

enum err discovery_index_begin(struct writer *w, struct staging *reader, const struct cid *ids,
    int n, struct discovery_index **out, struct errbuf *eb)
{
	struct discovery_index *x = malloc(sizeof *x);
	enum err err = ERR_OK;

	*out = x;
	if (!x)
		return err_set(eb, ERR_NOMEM, "out of memory");
	x->promise = NULL;
	x->n = 0;
	err = store_index_read(x, reader, ids, n, eb);
	if (!err && x->n)
		err = writer_promise(w, store_index_apply, x, &x->promise, eb);
	if (err) {
		free(x);
		*out = NULL;
	}
	return err;
}

enum err discovery_index_end(struct discovery_index *index, struct errbuf *eb)
{
	enum err err = index && index->promise ? writer_await(index->promise, eb) : ERR_OK;

	free(index);
	return err;
}

/* ---- what was found ---- */

/* A channel that YouTube returned: found and fetched in one. added: so it was stored just now. */
static enum err store_confirmed(
    struct store *st, const struct search_brought *b, bool added, struct errbuf *eb)
{
	bool moved = added;
	enum err err = ERR_OK;

	if (!moved)
		err = staging_state_done(st->s, OP_METADATA, &b->target.cid, &moved, eb);
	if (!err && !moved) /* another chunk saw it too, or it was absent before */
		err = staging_state_set(st->s, OP_METADATA, &b->target.cid, ITEM_DONE, NULL, eb);
	if (!err)
		err = staging_meta_put(st->s, b->meta, eb);
	return err;
}

static enum err store_brought(struct store *st, const struct search_brought *b, struct errbuf *eb)
{
	enum item_state now;
	bool added = false;
	enum err err = store_found(st, &b->target, b->meta != NULL, &added, eb);

	if (err)
		return err;
	if (added)
		store_count_each(st, b->target.methods, b->meta ? "confirmed" : "missing");
	if (b->meta)
		return store_confirmed(st, b, added, eb);
	if (!added) /* somebody else brought it and knows its state */
		return ERR_OK;
	err = staging_absence(st->s, OP_METADATA, &b->target.cid, st->c->day, st->c->job, &now, eb);
	return err ? err : staging_outbox_add(st->s, OUTBOX_CHANNEL, 0, &b->target.cid, eb);
}

static enum err store_plain(struct store *st, const struct search_target *t, struct errbuf *eb)
{
	bool added = false;
	enum err err = store_found(st, t, false, &added, eb);

	if (err || !added)
		return err;
	store_count_each(st, t->methods, "unconfirmed");
	return staging_outbox_add(st->s, OUTBOX_CHANNEL, 0, &t->cid, eb);
}

static enum err store_edge(
    struct store *st, const struct discovery_edge *e, bool last, struct errbuf *eb)
{
	bool is_new = false;
	int tenth = (int)(e->row.confidence * 10 + 1e-9);
	enum err err = staging_edge_put(st->s, &e->row, &is_new, eb);

	st->confidence[tenth < STORE_TENTHS ? tenth : STORE_TENTHS - 1] += !err && is_new;
	st->last_seen = e->row.last_seen;
	st->found[e->method]++;
	st->known[e->method] += e->row.known;
	if (!err)
		err = staging_found_nearer(st->s, &e->row.target, &e->row.source, e->depth, eb);
	return err || !last ? err : staging_edges_changed(st->s, &e->row.source, eb);
}

static void store_found_counts(struct store *st)
{
	for (int m = 0; m < st->r->n_methods; m++) {
		if (st->found[m])
			chunk_count(st->c, st->found[m], "methods.%s.found", st->r->methods[m]);
		if (st->known[m])
			chunk_count(st->c, st->known[m], "methods.%s.known", st->r->methods[m]);
	}
}

static enum err store_confidence(struct store *st, struct errbuf *eb)
{
	enum err err = ERR_OK;
	char name[32];

	for (int tenth = 0; tenth < STORE_TENTHS && !err; tenth++) {
		snprintf(name, sizeof name, "confidence.%d", tenth);
		if (st->confidence[tenth])
			err = staging_number_add(
			    st->s, st->last_seen, name, st->confidence[tenth], eb);
	}
	return err;
}

static enum err store_rows(struct staging *s, struct chunk *c, struct errbuf *eb)
{
	struct store st = {.s = s, .c = c, .r = c->rows};
	const struct discovery_rows *r = c->rows;
	enum err err = ERR_OK;

	if (!r)
		return ERR_OK;
	/* names first: one that an import waits for brings its channel as the import's */
	for (int i = 0; i < r->n_handles && !err; i++)
		err = staging_handle_put(s, &r->handles[i], eb);
	for (int i = 0; i < r->n_videos && !err; i++)
		err = staging_mentioned_video_put(s, &r->videos[i], eb);
	for (int i = 0; i < r->n_brought && !err; i++)
		err = store_brought(&st, &r->brought[i], eb);
	if (!err)
		err = staging_terms_put(s, r->terms, r->n_terms, SIMILAR_HOLDERS, eb);
	for (int i = 0; i < r->n_plain && !err; i++)
		err = store_plain(&st, &r->plain[i], eb);
	for (int i = 0; i < r->n_edges && !err; i++)
		err = store_edge(&st, &r->edges[i],
		    i + 1 == r->n_edges ||
		        cid_compare(&r->edges[i].row.source, &r->edges[i + 1].row.source) != 0,
		    eb);
	store_found_counts(&st);
	if (!err)
		err = store_confidence(&st, eb);
	return err ? err : discovery_notes_commit(s, c, r, eb);
}

/* What the chunk counted of its methods, into the sums that screens read. */
static enum err store_numbers(struct staging *s, const struct chunk *c, struct errbuf *eb)
{
	const size_t prefix = strlen("methods.");
	int64_t now = clock_now();
	enum err err = ERR_OK;

	for (int i = 0; i < c->n_numbers && !err; i++)
		if (c->numbers[i].by && strncmp(c->numbers[i].name, "methods.", prefix) == 0)
			err = staging_number_add(
			    s, now, c->numbers[i].name + prefix, c->numbers[i].by, eb);
	return err ? err : staging_numbers_trim(s, now, eb);
}

enum err discovery_commit(struct staging *s, struct chunk *c, struct errbuf *eb)
{
	enum err err = store_rows(s, c, eb);

	return err ? err : store_numbers(s, c, eb);
}
