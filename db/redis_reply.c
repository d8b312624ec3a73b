#include "config.h"
#include "db/redis_reply.h"
#include "engine/base/arena.h"
#include "engine/base/str.h"

#include <string.h>

static const struct redis_reply redis_nothing = {.type = REDIS_NIL};

struct redis_answer *redis_answer_new(size_t n, size_t limit)
{
	size_t own = sizeof(struct redis_answer) + n * sizeof(struct redis_reply);
	struct arena *arena = arena_new(own + limit + 64);
	struct redis_answer *a = arena ? arena_alloc(arena, sizeof *a) : NULL;

	if (!a) {
		if (arena)
			arena_free(arena);
		return NULL;
	}
	a->n = n;
	a->arena = arena;
	a->replies = redis_answer_room(a, n);
	if (!a->replies) {
		arena_free(arena);
		return NULL;
	}
	return a;
}

void redis_answer_free(struct redis_answer *a)
{
	if (a)
		arena_free(a->arena);
}

struct redis_reply *redis_answer_room(struct redis_answer *a, size_t n)
{
	return n > SIZE_MAX / sizeof *a->replies - 1
	           ? NULL
	           : arena_alloc(
	                 a->arena, n * sizeof *a->replies + 1); /* + 1: also none is something */
}

bool redis_reply_is(const struct redis_reply *r, const char *text)
{
	return r->type == REDIS_TEXT && r->n == strlen(text) && memcmp(r->text, text, r->n) == 0;
}

const char *redis_reply_text(const struct redis_reply *r)
{
	return r->type == REDIS_TEXT ? r->text : NULL;
}

bool redis_reply_number(const struct redis_reply *r, int64_t *out)
{
	if (r->type == REDIS_NUMBER)
		*out = r->number;
	return r->type == REDIS_NUMBER ||
	       (r->type == REDIS_TEXT &&
	           str_to_i64_n(r->text, r->n, INT64_MIN, INT64_MAX, out) == ERR_OK);
}

const struct redis_reply *redis_reply_item(const struct redis_reply *r, size_t i)
{
	return r->type == REDIS_ARRAY && i < r->n ? &r->items[i] : &redis_nothing;
}
