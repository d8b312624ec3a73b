#include "config.h"
#include "engine/sync.h"
#include "engine/sync_carrier.h"
#include "engine/base/backoff.h"
#include "engine/base/clock.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	SYNC_GATHER_MS = 250,   /* small changes wait for company */
	SYNC_LOOK_MS = 30000,   /* a look without a poke, should one ever be forgotten */
	SYNC_BACKOFF_MS = 1000, /* first and longest wait after an error */
	SYNC_BACKOFF_MOST_MS = 60000,
	SYNC_TRIES = 4, /* of a synchronous push, without any progress between */
	SYNC_TELL_MS = 10000
};

struct sync {
	struct carrier *carrier;
	struct log *log;
	pthread_t thread;
	atomic_bool stopping;
	bool configured;
	int errors;      /* one after the other; the thread's alone */
	int64_t told_at; /* clock_mono_ms of the last progress line */

	pthread_mutex_t lock; /* guards poked, wanted; rank: leaf */
	pthread_cond_t wake;
	bool poked, wanted;
};

/* Full jitter above the first second, doubling up to a minute. */
static int64_t sync_backoff(int errors)
{
	return errors < 2 ? SYNC_BACKOFF_MS
	                  : SYNC_BACKOFF_MS + backoff_ms(errors - 2, SYNC_BACKOFF_MS,
	                                          SYNC_BACKOFF_MOST_MS - SYNC_BACKOFF_MS);
}

/* ---- the thread ---- */

/* Sleeps until the time has come; a poke ends it when it counts. */
static void sync_sleep(struct sync *s, int64_t ms, bool until_poked)
{
	int64_t until = clock_mono_ms() + ms;

	pthread_mutex_lock(&s->lock);
	while (!atomic_load(&s->stopping) && !s->wanted && !(until_poked && s->poked) &&
	       clock_cond_wait_until(&s->wake, &s->lock, until) != ERR_TIMEOUT)
		;
	s->wanted = false;
	if (until_poked)
		s->poked = false;
	pthread_mutex_unlock(&s->lock);
}

/* Says what went wrong once, and how long until the next try. */
static void sync_failed(struct sync *s, const struct errbuf *eb)
{
	enum postgres_fault fault = carrier_fault(s->carrier);
	int64_t ms = fault == POSTGRES_HALT ? SYNC_BACKOFF_MOST_MS : sync_backoff(++s->errors);
	struct sync_numbers before;
	char text[320];

	carrier_numbers(s->carrier, &before);
	snprintf(text, sizeof text, "%.290s", err_text(eb));
	carrier_note(s->carrier, text, clock_now() + ms / 1000);
	log_at(s->log,
	    strcmp(text, before.trouble) == 0 ? LOG_DEBUG
	    : fault == POSTGRES_HALT          ? LOG_ERROR
	                                      : LOG_WARNING,
	    "sync", 0, "%s; staging goes on, trying again in %" PRId64 " s", text,
	    (ms + 999) / 1000);
	carrier_disconnect(s->carrier);
	sync_sleep(s, ms, false);
}

static void sync_worked(struct sync *s, bool more)
{
	struct sync_numbers n;

	carrier_numbers(s->carrier, &n);
	if (n.trouble[0])
		log_at(s->log, LOG_INFO, "sync", 0, "PostgreSQL takes rows again");
	carrier_note(s->carrier, NULL, 0);
	s->errors = 0;
	if (more && clock_mono_ms() - s->told_at >= SYNC_TELL_MS) {
		s->told_at = clock_mono_ms();
		log_at(s->log, LOG_INFO, "sync", 0,
		    "%" PRId64 " rows in %" PRId64 " batches sent, %" PRId64
		    " refused, outbox %" PRId64,
		    n.rows, n.batches, n.refused, n.outbox);
	}
}

static void *sync_main(void *arg)
{
	struct sync *s = arg;

	while (!atomic_load(&s->stopping)) {
		struct errbuf eb = {0};
		int64_t began = clock_mono_ms();
		bool more = false;
		enum err err = carrier_open(s->carrier, &eb);

		if (!err)
			err = carrier_round(s->carrier, &more, &eb);
		if (atomic_load(&s->stopping))
			break;
		if (err) {
			sync_failed(s, &eb);
			continue;
		}
		sync_worked(s, more);
		if (!more)
			sync_sleep(s, SYNC_LOOK_MS, true);
		else if (clock_mono_ms() - began < SYNC_GATHER_MS)
			sync_sleep(s, began + SYNC_GATHER_MS - clock_mono_ms(), false);
	}
	return NULL;
}

enum err sync_start(struct sync **out, const struct sync_config *cfg, struct errbuf *eb)
{
	struct sync *s = calloc(1, sizeof *s);

	*out = NULL;
	if (!s)
		return err_set(eb, ERR_NOMEM, "out of memory");
	s->log = cfg->log;
	s->configured = cfg->url != NULL;
	pthread_mutex_init(&s->lock, NULL);
	clock_cond_init(&s->wake);
	s->carrier = carrier_new(cfg, &s->stopping, eb);
	if (s->carrier && (!s->configured || pthread_create(&s->thread, NULL, sync_main, s) == 0)) {
		*out = s;
		return ERR_OK;
	}
	if (s->carrier)
		err_set(eb, ERR_NOMEM, "cannot start the sync thread");
	carrier_free(s->carrier);
	pthread_cond_destroy(&s->wake);
	pthread_mutex_destroy(&s->lock);
	free(s);
	return ERR_NOMEM;
}

void sync_stop(struct sync *s)
{
	if (!s)
		return;
	pthread_mutex_lock(&s->lock);
	atomic_store(&s->stopping, true);
	pthread_cond_signal(&s->wake);
	pthread_mutex_unlock(&s->lock);
	if (s->configured)
		pthread_join(s->thread, NULL);
	carrier_free(s->carrier);
	pthread_cond_destroy(&s->wake);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

void sync_poke(struct sync *s)
{
	pthread_mutex_lock(&s->lock);
	s->poked = true;
	pthread_cond_signal(&s->wake);
	pthread_mutex_unlock(&s->lock);
}

void sync_now(struct sync *s)
{
	pthread_mutex_lock(&s->lock);
	s->wanted = true;
	pthread_cond_signal(&s->wake);
	pthread_mutex_unlock(&s->lock);
}

void sync_numbers(struct sync *s, struct sync_numbers *out)
{
	carrier_numbers(s->carrier, out);
}

/* ---- the synchronous push ---- */

static bool push_may_retry(struct carrier *c, enum err err, int tries)
{
	enum postgres_fault fault = carrier_fault(c);

	return tries < SYNC_TRIES && err_is_temporary(err) &&
	       (fault == POSTGRES_LOST || fault == POSTGRES_AGAIN);
}

static bool push_sleep(const atomic_bool *stop, int64_t ms)
{
	for (; ms > 0; ms -= 100) {
		if (stop && atomic_load(stop))
			return false;
		clock_sleep_ms(100);
	}
	return true;
}

enum err sync_push(const struct sync_config *cfg, const atomic_bool *stop,
    sync_progress_fn *progress, void *arg, struct sync_numbers *out, struct errbuf *eb)
{
	struct carrier *c = carrier_new(cfg, stop, eb);
	int64_t batches = 0;
	bool more = true;
	int tries = 0;
	enum err err = ERR_OK;

	*out = (struct sync_numbers){.configured = cfg->url != NULL};
	if (!c)
		return ERR_NOMEM;
	carrier_set_progress(c, progress, arg);
	while (more && !err) {
		err = carrier_open(c, eb);
		if (!err)
			err = carrier_round(c, &more, eb);
		carrier_numbers(c, out);
		tries = out->batches > batches ? 0 : tries;
		batches = out->batches;
		if (err && push_may_retry(c, err, ++tries)) {
			carrier_disconnect(c);
			err = push_sleep(stop, sync_backoff(tries))
			          ? ERR_OK
			          : err_set(eb, ERR_CANCELLED, "stopped");
		}
	}
	carrier_note(c, err ? err_text(eb) : NULL, 0);
	carrier_numbers(c, out);
	carrier_free(c);
	return err;
}
