/*
 * pool - threads for requests that wait for a disk, a job or YouTube, so that the server's own
 * threads never do. Any thread may hand something in; start and stop belong to one thread.
 */
#ifndef TUBEOPS_REST_POOL_H
#define TUBEOPS_REST_POOL_H

#include "engine/base/err.h"

#include <stddef.h>

struct rest_pool;

/* run is called on one of the threads for each item, in the order they came. */
struct rest_pool *rest_pool_start(int threads, size_t room, void (*run)(void *item));
/* Does what is queued, ends its threads, takes nothing more. NULL is allowed, here and below. */
void rest_pool_end(struct rest_pool *p);
/* When nobody can give it anything any more. */
void rest_pool_free(struct rest_pool *p);
/* False: it is full or stopping; the item stays the caller's. */
bool rest_pool_give(struct rest_pool *p, void *item);

#endif
