#include "config.h"
#include "engine/jobs/import_ahead.h"

#include "engine/base/queue.h"
#include "engine/base/str.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum {
	AHEAD_BATCHES = 3,
	AHEAD_ROWS = 2048,
	AHEAD_TEXTS = 1024 * 1024, /* a batch with so many bytes is full */
	/* one more row may be as large as rows are */
	AHEAD_TEXTS_MOST = AHEAD_TEXTS + SOURCE_RECORD_MAX + 3 * SOURCE_FIELD_MAX
};

/* Texts are one behind the other in `texts`; while it grows, rows know only how long they are. */
struct batch {
	struct import_ahead_row rows[AHEAD_ROWS];
	int n;
	struct str texts;
	int64_t bytes, size;
	bool ended; /* no batch follows: the source is at its end, or err says why not */
	enum err err;
	struct errbuf eb;
};

struct import_ahead {
	struct source *source; /* the thread's */
	size_t cut;
	atomic_bool ending;
	struct queue *full, *empty;
	struct batch batches[AHEAD_BATCHES];
	pthread_t thread;
	struct batch *taking; /* NULL: none yet */
	int at;
};

/* ---- the thread ---- */

static void batch_copy(struct batch *b, struct source_text *t, size_t most)
{
	t->len = t->len > most ? most : t->len;
	if (t->len)
		str_add(&b->texts, t->text, t->len);
}

static void batch_add(struct batch *b, const struct source_row *row, size_t cut)
{
	struct import_ahead_row *to = &b->rows[b->n++];

	to->row = *row;
	to->ref = (struct channel_ref){.kind = CHANNEL_REF_NONE};
	if (!row->problem)
		channel_ref_parse(row->ref.text ? row->ref.text : "", row->ref.len, &to->ref);
	if (to->ref.kind != CHANNEL_REF_NONE)
		to->row.raw = (struct source_text){NULL, 0};
	if (to->ref.kind == CHANNEL_REF_ID)
		to->row.ref = (struct source_text){NULL, 0};
	batch_copy(b, &to->row.ref, SIZE_MAX);
	batch_copy(b, &to->row.title, cut);
	batch_copy(b, &to->row.description, cut);
	batch_copy(b, &to->row.raw, SIZE_MAX);
}

static void batch_place(const char **at, struct source_text *t)
{
	if (!t->text)
		return;
	t->text = *at;
	*at += t->len;
}

/* The texts have their place now; names are borrowed from them. */
static void batch_seal(struct batch *b)
{
	const char *at = str_get(&b->texts);

	for (int i = 0; i < b->n; i++) {
		struct import_ahead_row *r = &b->rows[i];
		batch_place(&at, &r->row.ref);
		batch_place(&at, &r->row.title);
		batch_place(&at, &r->row.description);
		batch_place(&at, &r->row.raw);
		if (r->ref.kind != CHANNEL_REF_ID && !r->row.problem)
			channel_ref_parse(
			    r->row.ref.text ? r->row.ref.text : "", r->row.ref.len, &r->ref);
	}
}

static void batch_fill(struct import_ahead *a, struct batch *b)
{
	struct source_row row;
	bool more = true;

	b->n = 0;
	b->eb = (struct errbuf){0};
	str_reset(&b->texts);
	while (b->n < AHEAD_ROWS && b->texts.len < AHEAD_TEXTS && !atomic_load(&a->ending)) {
		b->err = source_next(a->source, &row, &more, &b->eb);
		if (b->err || !more)
			break;
		batch_add(b, &row, a->cut);
		if (b->texts.err) {
			b->n--;
			b->err = err_set(&b->eb, b->texts.err, "no memory to read rows");
			break;
		}
	}
	batch_seal(b);
	b->ended = b->err || !more;
	b->bytes = source_bytes(a->source);
	b->size = source_size(a->source);
}

static void *ahead_main(void *arg)
{
	struct import_ahead *a = arg;
	bool ended = false;
	void *item;

	while (!ended && !atomic_load(&a->ending) && queue_pop(a->empty, -1, &item) == ERR_OK) {
		struct batch *b = item;
		batch_fill(a, b);
		ended = b->ended;
		if (queue_push(a->full, b))
			break;
	}
	return NULL;
}

/* ---- the import's side ---- */

static void ahead_free(struct import_ahead *a)
{
	for (int i = 0; i < AHEAD_BATCHES; i++)
		str_done(&a->batches[i].texts);
	queue_free(a->full);
	queue_free(a->empty);
	free(a);
}

enum err import_ahead_start(
    struct import_ahead **out, struct source *source, size_t cut, struct errbuf *eb)
{
	struct import_ahead *a = calloc(1, sizeof *a);
	bool ready;

	*out = NULL;
	if (!a)
		return err_set(eb, ERR_NOMEM, "no memory to read rows");
	a->source = source;
	a->cut = cut;
	a->full = queue_new(AHEAD_BATCHES);
	a->empty = queue_new(AHEAD_BATCHES);
	ready = a->full && a->empty;
	for (int i = 0; i < AHEAD_BATCHES; i++) {
		str_init(&a->batches[i].texts, AHEAD_TEXTS_MOST);
		ready = ready && queue_push(a->empty, &a->batches[i]) == ERR_OK;
	}
	if (!ready || pthread_create(&a->thread, NULL, ahead_main, a) != 0) {
		ahead_free(a);
		return err_set(eb, ERR_NOMEM, "cannot start a thread for reading");
	}
	*out = a;
	return ERR_OK;
}

/* The next batch, and the one before it back. */
static enum err ahead_turn(struct import_ahead *a, struct errbuf *eb)
{
	void *item = NULL;

	/* there is room, and only import_ahead_stop closes the queues */
	if ((a->taking && queue_push(a->empty, a->taking)) || queue_pop(a->full, -1, &item))
		return err_set(eb, ERR_CANCELLED, "reading was ended");
	a->taking = item;
	a->at = 0;
	return ERR_OK;
}

enum err import_ahead_next(
    struct import_ahead *a, const struct import_ahead_row **row, bool *more, struct errbuf *eb)
{
	enum err err = ERR_OK;

	*more = true;
	while (!err && (!a->taking || (a->at == a->taking->n && !a->taking->ended)))
		err = ahead_turn(a, eb);
	if (err)
		return err;
	if (a->at < a->taking->n) {
		*row = &a->taking->rows[a->at++];
		return ERR_OK;
	}
	*more = false;
	if (a->taking->err && eb)
		*eb = a->taking->eb;
	return a->taking->err;
}

int64_t import_ahead_bytes(const struct import_ahead *a)
{
	return a->taking ? a->taking->bytes : 0;
}

int64_t import_ahead_size(const struct import_ahead *a)
{
	return a->taking ? a->taking->size : 0;
}

void import_ahead_stop(struct import_ahead *a)
{
	if (!a)
		return;
	atomic_store(&a->ending, true);
	queue_close(a->empty);
	queue_close(a->full);
	pthread_join(a->thread, NULL);
	ahead_free(a);
}
