/*
 * arena - memory that is given back all at once: one arena per worker result.
 * Owned by one thread at a time; may be handed over with the result. Not locked.
 */
#ifndef TUBEOPS_BASE_ARENA_H
#define TUBEOPS_BASE_ARENA_H

#include <stddef.h>

struct arena;

/* limit: bytes that may be handed out in all; 0 = 256 MiB. NULL when out of memory. */
struct arena *arena_new(size_t limit);
void arena_free(struct arena *a);
/* Forgets everything handed out; keeps one block as large as all of it was (at most 1 MiB). */
void arena_reset(struct arena *a);
/* Zeroed, aligned for any type; NULL when out of memory or over the limit. */
void *arena_alloc(struct arena *a, size_t size);
/* A NUL-terminated copy of len bytes; NULL as above. */
char *arena_dup(struct arena *a, const char *text, size_t len);
/* Bytes handed out since the last reset. */
size_t arena_used(const struct arena *a);

#endif
