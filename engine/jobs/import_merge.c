#include "config.h"
#include "engine/jobs/import_merge.h"

#include <stdlib.h>

enum { MERGE_BUFFER_MIN = 32 * 1024, MERGE_BUFFER_MAX = 512 * 1024 };

static bool merge_is_less(const struct import_merge *m, size_t a, size_t b)
{
	const struct import_cursor *x = &m->cursors[a], *y = &m->cursors[b];

	if (x->hi != y->hi)
		return x->hi < y->hi;
	return x->lo != y->lo ? x->lo < y->lo : a < b;
}

static void merge_sink(struct import_merge *m, size_t i)
{
	size_t moved = m->heap[i];

	for (;;) {
		size_t child = 2 * i + 1;
		if (child >= m->size)
			break;
		if (child + 1 < m->size && merge_is_less(m, m->heap[child + 1], m->heap[child]))
			child++;
		if (!merge_is_less(m, m->heap[child], moved))
			break;
		m->heap[i] = m->heap[child];
		i = child;
	}
	m->heap[i] = moved;
}

static enum err merge_open(struct import_merge *m, const struct import_runs *runs,
    const struct import_block *last, size_t memory, struct errbuf *eb)
{
	size_t room = memory / (runs->n + 1);
	enum err err = ERR_OK;

	room = room < MERGE_BUFFER_MIN   ? MERGE_BUFFER_MIN
	       : room > MERGE_BUFFER_MAX ? MERGE_BUFFER_MAX
	                                 : room;
	for (; m->n < runs->n && !err; m->n++)
		err = import_cursor_file(&m->cursors[m->n], runs, m->n, room, eb);
	if (!err)
		import_cursor_memory(&m->cursors[m->n++], last);
	for (size_t i = 0; i < m->n && !err; i++) {
		err = import_cursor_step(&m->cursors[i], eb);
		if (!err && !m->cursors[i].ended)
			m->heap[m->size++] = i;
	}
	for (size_t i = m->size / 2; i-- > 0;)
		merge_sink(m, i);
	return err;
}

enum err import_merge_init(struct import_merge *m, const struct import_runs *runs,
    const struct import_block *last, size_t memory, struct errbuf *eb)
{
	*m = (struct import_merge){0};
	m->cursors = calloc(runs->n + 1, sizeof *m->cursors);
	m->heap = calloc(runs->n + 1, sizeof *m->heap);
	if (!m->cursors || !m->heap)
		return err_set(eb, ERR_NOMEM, "no memory to merge %zu sorted runs", runs->n);
	return merge_open(m, runs, last, memory, eb);
}

void import_merge_done(struct import_merge *m)
{
	for (size_t i = 0; i < m->n; i++)
		import_cursor_done(&m->cursors[i]);
	free(m->cursors);
	free(m->heap);
	*m = (struct import_merge){0};
}

const struct import_cursor *import_merge_row(const struct import_merge *m)
{
	return m->size ? &m->cursors[m->heap[0]] : NULL;
}

static enum err merge_step_one(struct import_merge *m, struct errbuf *eb)
{
	struct import_cursor *c = &m->cursors[m->heap[0]];
	enum err err = import_cursor_step(c, eb);

	if (err)
		return err;
	if (c->ended)
		m->heap[0] = m->heap[--m->size];
	if (m->size)
		merge_sink(m, 0);
	return ERR_OK;
}

enum err import_merge_step(struct import_merge *m, struct errbuf *eb)
{
	const struct import_cursor *c = import_merge_row(m);
	uint64_t hi = c->hi, lo = c->lo;
	enum err err = merge_step_one(m, eb);

	while (!err && (c = import_merge_row(m)) && c->hi == hi && c->lo == lo) {
		m->dropped++;
		err = merge_step_one(m, eb);
	}
	return err;
}
