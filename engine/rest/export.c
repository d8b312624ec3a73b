#include "config.h"
#include "engine/rest/export.h"
#include "engine/base/gzip.h"
#include "engine/base/str.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum {
	EXPORT_ROOM = 256 * 1024,
	EXPORT_BLOCK = 32 * 1024,
	EXPORT_TEXTS = 11 /* of struct engine_export and its filter */
};

/* Shared by the thread that writes and the stream that reads; the last of the two frees it. */
struct export
{
	struct rest_stream base;
	struct rest_exports *all;
	struct export *next, *prev; /* of all; its lock */
	struct engine_export cfg;
	char *texts[EXPORT_TEXTS];
	bool pack;

	pthread_mutex_t lock; /* guards all below; rank: leaf, below that of all */
	pthread_cond_t room;
	int holders;
	char *buffer;
	size_t start, used; /* a ring */
	bool paused;
	bool ended, failed; /* by the thread */
	bool gone;          /* nobody reads any more */
};

struct rest_exports {
	struct engine *engine;
	struct log *log;
	int most;
	pthread_mutex_t lock; /* guards all below; rank: before that of an export */
	pthread_cond_t last;
	bool ended;
	int n; /* threads */
	struct export *first;
};

static void export_let_go(struct export *x)
{
	bool last;

	pthread_mutex_lock(&x->lock);
	last = --x->holders == 0;
	pthread_mutex_unlock(&x->lock);
	if (!last)
		return;
	for (int i = 0; i < EXPORT_TEXTS; i++)
		free(x->texts[i]);
	free(x->buffer);
	pthread_cond_destroy(&x->room);
	pthread_mutex_destroy(&x->lock);
	free(x);
}

static void export_wake_locked(struct export *x)
{
	if (!x->paused)
		return;
	x->paused = false;
	x->base.wake(x->base.connection);
}

/* ---- the thread ---- */

/* As much as there is room for, waiting for some. 0: nobody reads any more. */
static size_t export_put(struct export *x, const char *data, size_t len)
{
	size_t at, n;

	pthread_mutex_lock(&x->lock);
	while (x->used == EXPORT_ROOM && !x->gone)
		pthread_cond_wait(&x->room, &x->lock);
	at = (x->start + x->used) % EXPORT_ROOM;
	n = EXPORT_ROOM - x->used < len ? EXPORT_ROOM - x->used : len;
	n = n < EXPORT_ROOM - at ? n : EXPORT_ROOM - at;
	n = x->gone ? 0 : n;
	memcpy(x->buffer + at, data, n);
	x->used += n;
	export_wake_locked(x);
	pthread_mutex_unlock(&x->lock);
	return n;
}

static ssize_t export_write(void *cookie, const char *data, size_t len)
{
	size_t done = 0;

	while (done < len) {
		size_t n = export_put(cookie, data + done, len - done);
		if (!n) {
			errno = EPIPE;
			return -1;
		}
		done += n;
	}
	return (ssize_t)len;
}

static enum err export_rows(struct export *x, struct errbuf *eb)
{
	FILE *plain = fopencookie(x, "w", (cookie_io_functions_t){.write = export_write});
	FILE *packed = plain && x->pack ? gzip_open(plain) : NULL;
	struct engine_export cfg = x->cfg;
	int64_t rows = 0;
	enum err err = ERR_OK;

	if (!plain || (x->pack && !packed))
		err = err_set(eb, ERR_NOMEM, "out of memory");
	cfg.out = packed ? packed : plain;
	if (!err)
		err = engine_export(x->all->engine, &cfg, &rows, eb);
	if (packed && fclose(packed) != 0 && !err)
		err = err_set(eb, ERR_IO, "it was not read to its end");
	if (plain && fclose(plain) != 0 && !err)
		err = err_set(eb, ERR_IO, "it was not read to its end");
	return err;
}

static void *export_main(void *arg)
{
	struct export *x = arg;
	struct rest_exports *all = x->all;
	struct errbuf eb = {.code = ERR_OK};
	enum err err = export_rows(x, &eb);

	pthread_mutex_lock(&x->lock);
	if (err)
		log_at(all->log, x->gone ? LOG_INFO : LOG_WARNING, "rest", 0,
		    "export of %s ended early: %s", x->cfg.what, err_text(&eb));
	x->ended = true;
	x->failed = err != ERR_OK;
	export_wake_locked(x);
	pthread_mutex_unlock(&x->lock);
	pthread_mutex_lock(&all->lock);
	if (x->prev)
		x->prev->next = x->next;
	else
		all->first = x->next;
	if (x->next)
		x->next->prev = x->prev;
	all->n--;
	export_let_go(x);
	pthread_cond_broadcast(&all->last);
	pthread_mutex_unlock(&all->lock);
	return NULL;
}

/* ---- the stream ---- */

static size_t export_read(struct rest_stream *base, char *to, size_t max, bool *end, bool *broken)
{
	struct export *x = (struct export *)base;
	size_t n;

	pthread_mutex_lock(&x->lock);
	n = x->used < max ? x->used : max;
	n = n < EXPORT_ROOM - x->start ? n : EXPORT_ROOM - x->start;
	memcpy(to, x->buffer + x->start, n);
	x->start = (x->start + n) % EXPORT_ROOM;
	x->used -= n;
	*end = !n && x->ended;
	*broken = *end && x->failed;
	if (n)
		pthread_cond_signal(&x->room);
	if (!n && !x->ended) {
		x->paused = true;
		base->pause(base->connection);
	}
	pthread_mutex_unlock(&x->lock);
	return n;
}

static void export_leave(struct export *x)
{
	pthread_mutex_lock(&x->lock);
	x->gone = true;
	pthread_cond_signal(&x->room);
	pthread_mutex_unlock(&x->lock);
}

static void export_done(struct rest_stream *base)
{
	struct export *x = (struct export *)base;

	export_leave(x);
	export_let_go(x);
}

/* ---- beginning ---- */

/* Copies of cfg's texts, which belong to the request. */
static bool export_copy(struct export *x, const struct engine_export *cfg)
{
	const char **const texts[EXPORT_TEXTS] = {&x->cfg.what, &x->cfg.format, &x->cfg.columns,
	    &x->cfg.filter.state, &x->cfg.filter.source, &x->cfg.filter.language,
	    &x->cfg.filter.country, &x->cfg.filter.channel, &x->cfg.filter.method, &x->cfg.filter.q,
	    &x->cfg.filter.sort};
	bool ok = true;

	x->cfg = *cfg;
	x->cfg.progress = NULL;
	for (int i = 0; i < EXPORT_TEXTS; i++) {
		x->texts[i] = *texts[i] ? str_dup(*texts[i]) : NULL;
		ok = ok && (!*texts[i] || x->texts[i]);
		*texts[i] = x->texts[i];
	}
	return ok;
}

static struct export *export_new(
    struct rest_exports *all, const struct engine_export *cfg, bool pack)
{
	static const struct rest_stream_ops ops = {export_read, export_done};
	struct export *x = calloc(1, sizeof *x);

	if (!x)
		return NULL;
	x->base = (struct rest_stream){.ops = &ops, .block = EXPORT_BLOCK};
	x->all = all;
	x->pack = pack;
	x->holders = 1;
	pthread_mutex_init(&x->lock, NULL);
	pthread_cond_init(&x->room, NULL);
	x->buffer = malloc(EXPORT_ROOM);
	if (export_copy(x, cfg) && x->buffer)
		return x;
	export_let_go(x);
	return NULL;
}

static enum err export_start_locked(struct rest_exports *all, struct export *x, struct errbuf *eb)
{
	pthread_attr_t detached;
	sigset_t every, before;
	pthread_t thread;
	bool ok;

	if (all->ended || all->n >= all->most)
		return err_set(
		    eb, ERR_BUSY, "%d exports are under way: try again when one has ended", all->n);
	sigfillset(&every);
	pthread_sigmask(SIG_SETMASK, &every, &before);
	pthread_attr_init(&detached);
	pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	ok = pthread_create(&thread, &detached, export_main, x) == 0;
	pthread_attr_destroy(&detached);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!ok)
		return err_set(eb, ERR_NOMEM, "an export's thread could not be started");
	x->next = all->first;
	if (all->first)
		all->first->prev = x;
	all->first = x;
	all->n++;
	return ERR_OK;
}

enum err rest_export_open(struct rest_exports *all, const struct engine_export *cfg, bool pack,
    struct rest_stream **out, struct errbuf *eb)
{
	enum err err = engine_export_check(cfg, eb);
	struct export *x = err ? NULL : export_new(all, cfg, pack);

	*out = NULL;
	if (err)
		return err;
	if (!x)
		return err_set(eb, ERR_NOMEM, "out of memory");
	x->holders = 2; /* the thread waits for the lock before it can let go */
	pthread_mutex_lock(&all->lock);
	err = export_start_locked(all, x, eb);
	pthread_mutex_unlock(&all->lock);
	if (err) {
		x->holders = 1;
		export_let_go(x);
		return err;
	}
	*out = &x->base;
	return ERR_OK;
}

struct rest_exports *rest_exports_start(struct engine *e, struct log *lg, int most)
{
	struct rest_exports *all = calloc(1, sizeof *all);

	if (!all)
		return NULL;
	all->engine = e;
	all->log = lg;
	all->most = most;
	pthread_mutex_init(&all->lock, NULL);
	pthread_cond_init(&all->last, NULL);
	return all;
}

void rest_exports_end(struct rest_exports *all)
{
	if (!all)
		return;
	pthread_mutex_lock(&all->lock);
	all->ended = true;
	for (struct export *x = all->first; x; x = x->next)
		export_leave(x);
	while (all->n)
		pthread_cond_wait(&all->last, &all->lock);
	pthread_mutex_unlock(&all->lock);
}

void rest_exports_free(struct rest_exports *all)
{
	if (!all)
		return;
	pthread_cond_destroy(&all->last);
	pthread_mutex_destroy(&all->lock);
	free(all);
}
