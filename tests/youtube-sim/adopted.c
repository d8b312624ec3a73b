#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "adopted.h"

#include <stdio.h>
#include <stdlib.h>

struct place {
	struct bits128 id;
	uint64_t index;
};

struct adopted {
	struct bits128 *ids; /* by number */
	struct place *by_id; /* sorted */
	uint64_t n, room;
};

static int compare_bits(struct bits128 a, struct bits128 b)
{
	if (a.hi != b.hi)
		return a.hi < b.hi ? -1 : 1;
	return a.lo < b.lo ? -1 : a.lo > b.lo;
}

static int compare_places(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	int order = compare_bits(x->id, y->id);

	return order != 0 ? order : x->index < y->index ? -1 : x->index > y->index;
}

static bool add(struct adopted *a, struct bits128 id)
{
	if (a->n == a->room) {
		uint64_t room = a->room ? 2 * a->room : 4096;
		struct place *grown = realloc(a->by_id, room * sizeof *grown);

		if (grown == NULL)
			return false;
		a->by_id = grown;
		a->room = room;
	}
	a->by_id[a->n] = (struct place){id, a->n};
	a->n++;
	return true;
}

static bool add_first_of(struct adopted *a, const char *line, size_t len)
{
	struct bits128 id;

	for (size_t at = 0; at + IDS_CHANNEL_LEN <= len; at++)
		if (ids_channel_read(line + at, IDS_CHANNEL_LEN, &id))
			return add(a, id);
	return true;
}

/* Drops repeated ids, numbers the rest in the order of the list. */
static bool number(struct adopted *a)
{
	uint64_t kept = 0;
	bool *first = calloc(a->n, sizeof *first);

	a->ids = calloc(a->n, sizeof *a->ids);
	if (first == NULL || a->ids == NULL) {
		free(first);
		return false;
	}
	for (uint64_t i = 0; i < a->n; i++)
		a->ids[i] = a->by_id[i].id;
	qsort(a->by_id, a->n, sizeof *a->by_id, compare_places);
	for (uint64_t i = 0; i < a->n; i++)
		first[a->by_id[i].index] =
		    i == 0 || compare_bits(a->by_id[i - 1].id, a->by_id[i].id) != 0;
	for (uint64_t i = 0; i < a->n; i++)
		if (first[i])
			a->ids[kept++] = a->ids[i];
	free(first);
	a->n = kept;
	for (uint64_t i = 0; i < kept; i++)
		a->by_id[i] = (struct place){a->ids[i], i};
	qsort(a->by_id, kept, sizeof *a->by_id, compare_places);
	return true;
}

struct adopted *adopted_read(const char *path)
{
	struct adopted *a = calloc(1, sizeof *a);
	FILE *f = fopen(path, "r");
	char *line = NULL;
	size_t room = 0;
	ssize_t len;
	bool ok = a != NULL && f != NULL;

	while (ok && (len = getline(&line, &room, f)) >= 0)
		ok = add_first_of(a, line, (size_t)len);
	ok = ok && !ferror(f) && a->n > 0 && number(a);
	free(line);
	if (f != NULL)
		fclose(f);
	if (ok)
		return a;
	adopted_free(a);
	return NULL;
}

void adopted_free(struct adopted *a)
{
	if (a == NULL)
		return;
	free(a->ids);
	free(a->by_id);
	free(a);
}

uint64_t adopted_count(const struct adopted *a)
{
	return a != NULL ? a->n : 0;
}

bool adopted_id(const struct adopted *a, uint64_t index, struct bits128 *id)
{
	if (index >= adopted_count(a))
		return false;
	*id = a->ids[index];
	return true;
}

bool adopted_find(const struct adopted *a, struct bits128 id, uint64_t *index)
{
	uint64_t low = 0, high = adopted_count(a);

	while (low < high) {
		uint64_t middle = low + (high - low) / 2;
		int order = compare_bits(a->by_id[middle].id, id);

		if (order == 0) {
			*index = a->by_id[middle].index;
			return true;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}
