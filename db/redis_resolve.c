#include "config.h"
#include "db/redis_wire.h"
#include "engine/base/clock.h"
#include "engine/base/str.h"

#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { RESOLVE_SLICE_MS = 100, RESOLVE_STACK = 256 * 1024 };

/* Shared by who asks and the thread that looks; the last of the two frees it. */
struct lookup {
	pthread_mutex_t lock; /* guards what follows; rank: leaf */
	pthread_cond_t ended;
	int holders;
	bool done;
	int code; /* of getaddrinfo */
	struct addrinfo *found;
	char *host;
	char port[8];
};

static const struct addrinfo lookup_hints = {
    .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};

static void lookup_release(struct lookup *l)
{
	bool last;

	pthread_mutex_lock(&l->lock);
	last = --l->holders == 0;
	pthread_mutex_unlock(&l->lock);
	if (!last)
		return;
	if (l->found)
		freeaddrinfo(l->found);
	pthread_cond_destroy(&l->ended);
	pthread_mutex_destroy(&l->lock);
	free(l->host);
	free(l);
}

static void *lookup_main(void *arg)
{
	struct lookup *l = arg;
	struct addrinfo *found = NULL;
	int code = getaddrinfo(l->host, l->port, &lookup_hints, &found);

	pthread_mutex_lock(&l->lock);
	l->code = code;
	l->found = code ? NULL : found;
	l->done = true;
	pthread_cond_signal(&l->ended);
	pthread_mutex_unlock(&l->lock);
	lookup_release(l);
	return NULL;
}

static struct lookup *lookup_start(const char *host, int port)
{
	struct lookup *l = calloc(1, sizeof *l);
	pthread_attr_t attr;
	pthread_t thread;
	int failed;

	if (!l)
		return NULL;
	l->host = str_dup(host);
	snprintf(l->port, sizeof l->port, "%d", port);
	pthread_mutex_init(&l->lock, NULL);
	clock_cond_init(&l->ended);
	l->holders = 2;
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, RESOLVE_STACK);
	failed = !l->host || pthread_create(&thread, &attr, lookup_main, l);
	pthread_attr_destroy(&attr);
	if (failed) {
		l->holders = 1;
		lookup_release(l);
		return NULL;
	}
	return l;
}

static enum err lookup_wait(
    struct lookup *l, const atomic_bool *stop, int64_t deadline_ms, struct errbuf *eb)
{
	enum err err = ERR_OK;

	pthread_mutex_lock(&l->lock);
	while (!l->done && !err) {
		int64_t until = clock_mono_ms() + RESOLVE_SLICE_MS;

		clock_cond_wait_until(
		    &l->ended, &l->lock, until < deadline_ms ? until : deadline_ms);
		if (l->done)
			break;
		if (stop && atomic_load_explicit(stop, memory_order_relaxed))
			err = err_set(eb, ERR_CANCELLED, "stopped while looking up a name");
		else if (clock_mono_ms() >= deadline_ms)
			err = err_set(eb, ERR_TIMEOUT,
			    "the name of the server was not found in time: check network and DNS");
	}
	pthread_mutex_unlock(&l->lock);
	return err;
}

static enum err lookup_refuse(int code, struct errbuf *eb)
{
	bool unknown = code == EAI_NONAME;

#ifdef EAI_NODATA
	unknown = unknown || code == EAI_NODATA;
#endif
	return err_set(eb, unknown ? ERR_NOTFOUND : ERR_UNAVAIL,
	    "the name of the server was not found (%s): check the address, the network and DNS",
	    gai_strerror(code));
}

enum err redis_resolve(const char *host, int port, const atomic_bool *stop, int64_t deadline_ms,
    struct addrinfo **out, struct errbuf *eb)
{
	struct addrinfo hints = lookup_hints;
	char service[8];
	struct lookup *l;
	enum err err;

	*out = NULL;
	hints.ai_flags |= AI_NUMERICHOST;
	snprintf(service, sizeof service, "%d", port);
	if (getaddrinfo(host, service, &hints, out) == 0)
		return ERR_OK; /* an address needs no thread */
	*out = NULL;
	l = lookup_start(host, port);
	if (!l)
		return err_set(eb, ERR_NOMEM, "cannot start a thread that looks up a name");
	err = lookup_wait(l, stop, deadline_ms, eb);
	if (!err && l->code) {
		err = lookup_refuse(l->code, eb);
	} else if (!err) {
		*out = l->found;
		l->found = NULL;
	}
	lookup_release(l);
	return err;
}
