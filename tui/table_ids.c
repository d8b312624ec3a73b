/* Sets of identities, sorted, for marks. */
#include "config.h"
#include "tui/table.h"

#include <stdlib.h>
#include <string.h>

/* Where id stands or would stand. */
static size_t ids_place(const struct table_ids *s, const char *id, bool *found)
{
	size_t from = 0, to = s->n;

	*found = false;
	while (from < to) {
		size_t mid = from + (to - from) / 2;
		int order = strcmp(s->ids[mid], id);
		if (order == 0) {
			*found = true;
			return mid;
		}
		if (order < 0)
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

bool ids_has(const struct table_ids *s, const char *id)
{
	bool found;

	ids_place(s, id, &found);
	return found;
}

bool ids_add(struct table_ids *s, const char *id)
{
	bool found;
	size_t at = ids_place(s, id, &found);

	if (found || strlen(id) >= TABLE_ID)
		return found;
	if (s->n == s->room) {
		size_t room = s->room ? s->room * 2 : 16;
		char(*ids)[TABLE_ID] = realloc(s->ids, room * sizeof *ids);
		if (!ids)
			return false;
		s->ids = ids;
		s->room = room;
	}
	memmove(s->ids + at + 1, s->ids + at, (s->n - at) * sizeof *s->ids);
	memcpy(s->ids[at], id, strlen(id) + 1);
	s->n++;
	return true;
}

void ids_remove(struct table_ids *s, const char *id)
{
	bool found;
	size_t at = ids_place(s, id, &found);

	if (!found)
		return;
	s->n--;
	memmove(s->ids + at, s->ids + at + 1, (s->n - at) * sizeof *s->ids);
}

void ids_done(struct table_ids *s)
{
	free(s->ids);
	*s = (struct table_ids){0};
}
