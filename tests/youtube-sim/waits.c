#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "waits.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "simclock.h"

struct waiting {
	uint64_t due_ms;
	struct MHD_Connection *connection;
};

struct waits {
	pthread_mutex_t lock; /* guards all below */
	pthread_cond_t wake;
	pthread_t timer;
	struct waiting *heap; /* the earliest first */
	size_t count;
	size_t cap;
	bool stopping;
};

static void swap(struct waiting *a, struct waiting *b)
{
	struct waiting t = *a;

	*a = *b;
	*b = t;
}

static bool heap_push_locked(struct waits *w, struct waiting item)
{
	size_t i = w->count;

	if (w->count == w->cap) {
		size_t cap = w->cap ? 2 * w->cap : 64;
		struct waiting *heap = realloc(w->heap, cap * sizeof *heap);

		if (heap == NULL)
			return false;
		w->heap = heap;
		w->cap = cap;
	}
	w->heap[w->count++] = item;
	for (; i > 0 && w->heap[i].due_ms < w->heap[(i - 1) / 2].due_ms; i = (i - 1) / 2)
		swap(&w->heap[i], &w->heap[(i - 1) / 2]);
	return true;
}

static struct waiting heap_pop_locked(struct waits *w)
{
	struct waiting top = w->heap[0];
	size_t i = 0, child;

	w->heap[0] = w->heap[--w->count];
	while ((child = 2 * i + 1) < w->count) {
		if (child + 1 < w->count && w->heap[child + 1].due_ms < w->heap[child].due_ms)
			child++;
		if (w->heap[i].due_ms <= w->heap[child].due_ms)
			break;
		swap(&w->heap[i], &w->heap[child]);
		i = child;
	}
	return top;
}

static void sleep_until_locked(struct waits *w, uint64_t due_ms)
{
	struct timespec until = {
	    .tv_sec = (time_t)(due_ms / 1000), .tv_nsec = (long)(due_ms % 1000) * 1000000};

	pthread_cond_timedwait(&w->wake, &w->lock, &until);
}

static void *timer_main(void *arg)
{
	struct waits *w = arg;

	pthread_mutex_lock(&w->lock);
	while (!w->stopping) {
		if (w->count == 0)
			pthread_cond_wait(&w->wake, &w->lock);
		else if (w->heap[0].due_ms > simclock_steady_ms())
			sleep_until_locked(w, w->heap[0].due_ms);
		else
			MHD_resume_connection(heap_pop_locked(w).connection);
	}
	while (w->count > 0)
		MHD_resume_connection(heap_pop_locked(w).connection);
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

struct waits *waits_new(void)
{
	struct waits *w = calloc(1, sizeof *w);
	pthread_condattr_t attr;

	if (w == NULL)
		return NULL;
	pthread_mutex_init(&w->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&w->wake, &attr);
	pthread_condattr_destroy(&attr);
	if (pthread_create(&w->timer, NULL, timer_main, w) == 0)
		return w;
	pthread_cond_destroy(&w->wake);
	pthread_mutex_destroy(&w->lock);
	free(w);
	return NULL;
}

/* Enqueue and suspend under one lock: the timer cannot resume what is not suspended yet. */
bool waits_add(struct waits *w, struct MHD_Connection *connection, uint64_t ms)
{
	bool done = false;

	pthread_mutex_lock(&w->lock);
	if (!w->stopping &&
	    heap_push_locked(w, (struct waiting){simclock_steady_ms() + ms, connection})) {
		MHD_suspend_connection(connection);
		pthread_cond_signal(&w->wake);
		done = true;
	}
	pthread_mutex_unlock(&w->lock);
	return done;
}

bool waits_stopping(struct waits *w)
{
	bool stopping;

	pthread_mutex_lock(&w->lock);
	stopping = w->stopping;
	pthread_mutex_unlock(&w->lock);
	return stopping;
}

void waits_stop(struct waits *w)
{
	pthread_mutex_lock(&w->lock);
	if (w->stopping) {
		pthread_mutex_unlock(&w->lock);
		return;
	}
	w->stopping = true;
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->timer, NULL);
}

void waits_free(struct waits *w)
{
	if (w == NULL)
		return;
	waits_stop(w);
	pthread_cond_destroy(&w->wake);
	pthread_mutex_destroy(&w->lock);
	free(w->heap);
	free(w);
}
