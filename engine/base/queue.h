/*
 * queue - a bounded queue of pointers between threads. A full queue blocks its producer, an
 * empty one its consumer. Thread-safe. The queue never owns what it carries: whoever takes a
 * pointer out owns it, and what is left at queue_free is the caller's to free before.
 */
#ifndef TUBEOPS_BASE_QUEUE_H
#define TUBEOPS_BASE_QUEUE_H

#include "engine/base/err.h"

#include <stddef.h>
#include <stdint.h>

struct queue;

/* room: items it holds at most, 1..1,000,000. NULL when out of memory. */
struct queue *queue_new(size_t room);
void queue_free(struct queue *q);
/* Waits for room. ERR_CANCELLED when the queue is closed: the item stays the caller's. */
enum err queue_push(struct queue *q, void *item) MUST_CHECK;
/* Never waits: ERR_BUSY when full. */
enum err queue_try_push(struct queue *q, void *item) MUST_CHECK;
/* Waits at most timeout_ms (-1: without end). ERR_TIMEOUT; ERR_CANCELLED when closed and empty. */
enum err queue_pop(struct queue *q, int64_t timeout_ms, void **item) MUST_CHECK;
/* After this pushes fail and pops drain what is left. Wakes everybody. May be called twice. */
void queue_close(struct queue *q);
size_t queue_count(struct queue *q);

#endif
