#include "config.h"
#include "engine/rest/pool.h"
#include "engine/base/queue.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

enum { POOL_THREADS = 16 };

struct rest_pool {
	struct queue *queue;
	void (*run)(void *item);
	pthread_t threads[POOL_THREADS];
	int n;
};

static void *pool_main(void *arg)
{
	struct rest_pool *p = arg;
	void *item;

	while (queue_pop(p->queue, -1, &item) == ERR_OK)
		p->run(item);
	return NULL;
}

struct rest_pool *rest_pool_start(int threads, size_t room, void (*run)(void *item))
{
	struct rest_pool *p = calloc(1, sizeof *p);
	sigset_t all, before;

	if (!p)
		return NULL;
	p->run = run;
	p->queue = queue_new(room);
	/* none of them may take the signals that the main thread waits for */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (p->queue && p->n < threads && p->n < POOL_THREADS &&
	       pthread_create(&p->threads[p->n], NULL, pool_main, p) == 0)
		p->n++;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (p->n)
		return p;
	queue_free(p->queue);
	free(p);
	return NULL;
}

void rest_pool_end(struct rest_pool *p)
{
	if (!p)
		return;
	queue_close(p->queue);
	for (int i = 0; i < p->n; i++)
		pthread_join(p->threads[i], NULL);
}

void rest_pool_free(struct rest_pool *p)
{
	if (!p)
		return;
	queue_free(p->queue);
	free(p);
}

bool rest_pool_give(struct rest_pool *p, void *item)
{
	return queue_try_push(p->queue, item) == ERR_OK;
}
