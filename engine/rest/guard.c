#include "config.h"
#include "engine/rest/guard.h"
#include "engine/rest/address.h"
#include "engine/base/clock.h"

#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { GUARD_TICK_MS = 500, GUARD_SETS = 1024, GUARD_WAYS = 4, GUARD_BURST_S = 2 };

struct rest_guarded {
	struct rest_guarded *next, *prev;
	int fd;
	int64_t due_ms; /* clock_mono_ms; 0: nothing is due */
};

/* How many requests an address may still send; filled up by the time that passes. */
struct guard_bucket {
	uint64_t key[2];
	int64_t thousandths; /* of a request */
	int64_t at_ms;       /* 0: free */
};

struct rest_guard {
	int64_t patience_ms, rate;
	bool loopback;
	pthread_t thread;
	atomic_llong too_many;

	pthread_mutex_t lock; /* guards all below; rank: leaf */
	pthread_cond_t wake;
	bool stopping;
	struct rest_guarded *first;
	int64_t open, cut;

	pthread_mutex_t rates; /* guards the buckets; rank: leaf */
	struct guard_bucket buckets[GUARD_SETS][GUARD_WAYS];
};

/* ---- who is late ---- */

/* The socket stays open until its connection leaves, which waits for the lock. */
static void guard_cut_locked(struct rest_guard *g)
{
	int64_t now = clock_mono_ms();

	for (struct rest_guarded *c = g->first; c; c = c->next)
		if (c->due_ms && c->due_ms < now) {
			c->due_ms = 0;
			g->cut++;
			shutdown(c->fd, SHUT_RDWR);
		}
}

static void *guard_main(void *arg)
{
	struct rest_guard *g = arg;

	pthread_mutex_lock(&g->lock);
	while (!g->stopping) {
		if (!g->first) {
			pthread_cond_wait(&g->wake, &g->lock);
			continue;
		}
		guard_cut_locked(g);
		clock_cond_wait_until(&g->wake, &g->lock, clock_mono_ms() + GUARD_TICK_MS);
	}
	pthread_mutex_unlock(&g->lock);
	return NULL;
}

struct rest_guard *rest_guard_start(int64_t patience_ms, int64_t rate, bool loopback)
{
	struct rest_guard *g = calloc(1, sizeof *g);
	sigset_t all, before;
	bool ok;

	if (!g)
		return NULL;
	g->patience_ms = patience_ms;
	g->rate = rate;
	g->loopback = loopback;
	pthread_mutex_init(&g->lock, NULL);
	pthread_mutex_init(&g->rates, NULL);
	clock_cond_init(&g->wake);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	ok = pthread_create(&g->thread, NULL, guard_main, g) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (ok)
		return g;
	free(g);
	return NULL;
}

void rest_guard_stop(struct rest_guard *g)
{
	if (!g)
		return;
	pthread_mutex_lock(&g->lock);
	g->stopping = true;
	pthread_cond_signal(&g->wake);
	pthread_mutex_unlock(&g->lock);
	pthread_join(g->thread, NULL);
	pthread_cond_destroy(&g->wake);
	pthread_mutex_destroy(&g->rates);
	pthread_mutex_destroy(&g->lock);
	free(g);
}

struct rest_guarded *rest_guard_enter(struct rest_guard *g, int fd)
{
	struct rest_guarded *c = calloc(1, sizeof *c);

	if (!c)
		return NULL;
	c->fd = fd;
	c->due_ms = clock_mono_ms() + g->patience_ms;
	pthread_mutex_lock(&g->lock);
	c->next = g->first;
	if (g->first)
		g->first->prev = c;
	else
		pthread_cond_signal(&g->wake);
	g->first = c;
	g->open++;
	pthread_mutex_unlock(&g->lock);
	return c;
}

void rest_guard_leave(struct rest_guard *g, struct rest_guarded *c)
{
	if (!c)
		return;
	pthread_mutex_lock(&g->lock);
	if (c->next)
		c->next->prev = c->prev;
	if (c->prev)
		c->prev->next = c->next;
	else
		g->first = c->next;
	g->open--;
	pthread_mutex_unlock(&g->lock);
	free(c);
}

static void guard_set_due(struct rest_guard *g, struct rest_guarded *c, int64_t due_ms)
{
	if (!c)
		return;
	pthread_mutex_lock(&g->lock);
	c->due_ms = due_ms;
	pthread_mutex_unlock(&g->lock);
}

void rest_guard_expect(struct rest_guard *g, struct rest_guarded *c, int64_t bytes)
{
	rest_guard_expect_since(g, c, clock_mono_ms(), bytes);
}

void rest_guard_expect_since(
    struct rest_guard *g, struct rest_guarded *c, int64_t since_ms, int64_t bytes)
{
	guard_set_due(g, c, since_ms + g->patience_ms + bytes * 1000 / GUARD_BYTES_PER_S);
}

void rest_guard_forgive(struct rest_guard *g, struct rest_guarded *c)
{
	guard_set_due(g, c, 0);
}

/* ---- how often ---- */

/* False: no limit holds for it. */
static bool guard_key(const struct rest_guard *g, const struct sockaddr *from, uint64_t key[2])
{
	struct rest_address a = {.size = 0};
	struct sockaddr_in6 v6;
	struct sockaddr_in v4;

	key[0] = key[1] = 0;
	if (from->sa_family == AF_INET6) {
		memcpy(&v6, from, sizeof v6);
		memcpy(&a.at, &v6, a.size = sizeof v6);
		memcpy(key, &v6.sin6_addr, 8);
		key[1] = 6;
		/* an IPv4 caller at an IPv6 socket */
		if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr))
			memcpy(key, v6.sin6_addr.s6_addr + 8, 8);
	} else if (from->sa_family == AF_INET) {
		memcpy(&v4, from, sizeof v4);
		memcpy(&a.at, &v4, a.size = sizeof v4);
		key[0] = v4.sin_addr.s_addr;
		key[1] = 4;
	}
	return a.size && (g->loopback || !rest_address_is_loopback(&a));
}

/* Its bucket, or the one of its set that was used longest ago, made anew. */
static struct guard_bucket *guard_bucket_locked(
    struct rest_guard *g, const uint64_t key[2], int64_t now_ms)
{
	uint64_t hash = (key[0] ^ key[1]) * UINT64_C(0x9e3779b97f4a7c15);
	struct guard_bucket *set = g->buckets[hash >> 54], *oldest = set;

	for (int i = 0; i < GUARD_WAYS; i++) {
		if (set[i].at_ms && set[i].key[0] == key[0] && set[i].key[1] == key[1])
			return &set[i];
		if (set[i].at_ms < oldest->at_ms)
			oldest = &set[i];
	}
	*oldest = (struct guard_bucket){{key[0], key[1]}, g->rate * GUARD_BURST_S * 1000, now_ms};
	return oldest;
}

bool rest_guard_admit(struct rest_guard *g, const struct sockaddr *from, int64_t now_ms)
{
	int64_t most = g->rate * GUARD_BURST_S * 1000;
	struct guard_bucket *b;
	uint64_t key[2];
	bool ok;

	if (!g->rate || !from || !guard_key(g, from, key))
		return true;
	pthread_mutex_lock(&g->rates);
	b = guard_bucket_locked(g, key, now_ms);
	b->thousandths += (now_ms - b->at_ms) * g->rate;
	b->thousandths = b->thousandths < most ? b->thousandths : most;
	b->at_ms = now_ms;
	ok = b->thousandths >= 1000;
	if (ok)
		b->thousandths -= 1000;
	pthread_mutex_unlock(&g->rates);
	if (!ok)
		atomic_fetch_add(&g->too_many, 1);
	return ok;
}

void rest_guard_numbers(struct rest_guard *g, struct rest_guard_numbers *out)
{
	pthread_mutex_lock(&g->lock);
	out->open = g->open;
	out->cut = g->cut;
	pthread_mutex_unlock(&g->lock);
	out->too_many = atomic_load(&g->too_many);
}
