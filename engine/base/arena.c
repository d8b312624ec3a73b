#include "config.h"
#include "engine/base/arena.h"

#include <stdalign.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* With AddressSanitizer all that is not handed out is out of bounds, and a gap behind each piece. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(ARENA_ASAN)
#include <sanitizer/asan_interface.h>
#define ARENA_HIDE(p, n) ASAN_POISON_MEMORY_REGION(p, n)
#define ARENA_SHOW(p, n) ASAN_UNPOISON_MEMORY_REGION(p, n)
enum { ARENA_GAP = alignof(max_align_t) };
#else
#define ARENA_HIDE(p, n) ((void)(p), (void)(n))
#define ARENA_SHOW(p, n) ((void)(p), (void)(n))
enum { ARENA_GAP = 0 };
#endif

enum { ARENA_BLOCK = 64 * 1024, ARENA_KEEP = 1024 * 1024, ARENA_LIMIT = 256 * 1024 * 1024 };

struct arena_block {
	struct arena_block *next;
	size_t size;
	size_t used;
	alignas(max_align_t) unsigned char bytes[];
};

struct arena {
	struct arena_block *first; /* stays over a reset */
	struct arena_block *now;
	size_t limit;
	size_t used;
};

static struct arena_block *arena_block_new(size_t size)
{
	struct arena_block *b = malloc(sizeof *b + size);

	if (!b)
		return NULL;
	b->next = NULL;
	b->size = size;
	b->used = 0;
	ARENA_HIDE(b->bytes, size);
	return b;
}

struct arena *arena_new(size_t limit)
{
	struct arena *a = calloc(1, sizeof *a);

	if (!a)
		return NULL;
	a->limit = limit ? limit : ARENA_LIMIT;
	a->first = a->now = arena_block_new(ARENA_BLOCK);
	if (!a->first) {
		free(a);
		return NULL;
	}
	return a;
}

static void arena_blocks_free(struct arena_block *b)
{
	while (b) {
		struct arena_block *next = b->next;
		free(b);
		b = next;
	}
}

void arena_free(struct arena *a)
{
	if (!a)
		return;
	arena_blocks_free(a->first);
	free(a);
}

void arena_reset(struct arena *a)
{
	struct arena_block *whole = NULL;

	if (a->first->next && a->used <= ARENA_KEEP)
		whole = arena_block_new(a->used + ARENA_BLOCK);
	arena_blocks_free(whole ? a->first : a->first->next);
	a->first = whole ? whole : a->first;
	a->first->next = NULL;
	a->first->used = 0;
	ARENA_HIDE(a->first->bytes, a->first->size);
	a->now = a->first;
	a->used = 0;
}

static void *arena_raw(struct arena *a, size_t size)
{
	struct arena_block *b = a->now;
	size_t wanted = size;
	void *p;

	if (size > a->limit - a->used)
		return NULL;
	size = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
	if (size + ARENA_GAP > b->size - b->used) {
		b = arena_block_new(
		    size + ARENA_GAP > ARENA_BLOCK ? size + ARENA_GAP : ARENA_BLOCK);
		if (!b)
			return NULL;
		a->now->next = b;
		a->now = b;
	}
	p = b->bytes + b->used;
	b->used += size + ARENA_GAP;
	ARENA_SHOW(p, wanted);
	a->used = size > a->limit - a->used ? a->limit : a->used + size;
	return p;
}

void *arena_alloc(struct arena *a, size_t size)
{
	void *p = arena_raw(a, size);

	return p ? memset(p, 0, size) : NULL;
}

char *arena_dup(struct arena *a, const char *text, size_t len)
{
	char *p = arena_raw(a, len + 1);

	if (!p)
		return NULL;
	if (len)
		memcpy(p, text, len);
	p[len] = '\0';
	return p;
}

size_t arena_used(const struct arena *a)
{
	return a->used;
}
