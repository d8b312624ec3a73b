#include "config.h"
#include "engine/base/queue.h"
#include "engine/base/clock.h"

#include <pthread.h>
#include <stdlib.h>

struct queue {
	pthread_mutex_t lock; /* guards all below; rank: leaf */
	pthread_cond_t filled;
	pthread_cond_t drained;
	size_t room;
	size_t first;
	size_t count;
	bool closed;
	void *items[];
};

struct queue *queue_new(size_t room)
{
	struct queue *q = calloc(1, sizeof *q + room * sizeof q->items[0]);

	if (!q)
		return NULL;
	q->room = room;
	pthread_mutex_init(&q->lock, NULL);
	clock_cond_init(&q->filled);
	clock_cond_init(&q->drained);
	return q;
}

void queue_free(struct queue *q)
{
	if (!q)
		return;
	pthread_cond_destroy(&q->filled);
	pthread_cond_destroy(&q->drained);
	pthread_mutex_destroy(&q->lock);
	free(q);
}

static void queue_put_locked(struct queue *q, void *item)
{
	q->items[(q->first + q->count) % q->room] = item;
	q->count++;
	pthread_cond_signal(&q->filled);
}

enum err queue_push(struct queue *q, void *item)
{
	enum err err = ERR_CANCELLED;

	pthread_mutex_lock(&q->lock);
	while (q->count == q->room && !q->closed)
		pthread_cond_wait(&q->drained, &q->lock);
	if (!q->closed) {
		queue_put_locked(q, item);
		err = ERR_OK;
	}
	pthread_mutex_unlock(&q->lock);
	return err;
}

enum err queue_try_push(struct queue *q, void *item)
{
	enum err err = ERR_OK;

	pthread_mutex_lock(&q->lock);
	if (q->closed)
		err = ERR_CANCELLED;
	else if (q->count == q->room)
		err = ERR_BUSY;
	else
		queue_put_locked(q, item);
	pthread_mutex_unlock(&q->lock);
	return err;
}

enum err queue_pop(struct queue *q, int64_t timeout_ms, void **item)
{
	enum err err = ERR_OK;
	int64_t until = timeout_ms < 0 ? -1 : clock_mono_ms() + timeout_ms;

	*item = NULL;
	pthread_mutex_lock(&q->lock);
	while (!q->count && !q->closed && !err) {
		if (until < 0)
			pthread_cond_wait(&q->filled, &q->lock);
		else
			err = clock_cond_wait_until(&q->filled, &q->lock, until);
	}
	if (q->count) {
		err = ERR_OK;
		*item = q->items[q->first];
		q->first = (q->first + 1) % q->room;
		q->count--;
		pthread_cond_signal(&q->drained);
	} else if (q->closed) {
		err = ERR_CANCELLED;
	}
	pthread_mutex_unlock(&q->lock);
	return err;
}

void queue_close(struct queue *q)
{
	pthread_mutex_lock(&q->lock);
	q->closed = true;
	pthread_cond_broadcast(&q->filled);
	pthread_cond_broadcast(&q->drained);
	pthread_mutex_unlock(&q->lock);
}

size_t queue_count(struct queue *q)
{
	size_t n;

	pthread_mutex_lock(&q->lock);
	n = q->count;
	pthread_mutex_unlock(&q->lock);
	return n;
}
