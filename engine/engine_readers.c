/* Connections to staging for what may last: a few, opened when they are needed, kept. */
#include "config.h"
#include "engine/engine_parts.h"
#include "engine/base/clock.h"

#include <stdlib.h>

enum {
	READERS_MOST = 5, /* REST's threads, the questions' two, and one to spare */
	READERS_WAIT_MS = 5000
};

struct readers {
	const char *path;     /* borrowed from the engine */
	pthread_mutex_t lock; /* guards all below; rank: leaf */
	pthread_cond_t given;
	struct staging *idle[READERS_MOST];
	size_t n_idle;
	size_t n_out; /* taken, or being opened */
};

enum err readers_open(struct readers **out, const char *path, struct errbuf *eb)
{
	struct readers *r = calloc(1, sizeof *r);

	*out = r;
	if (!r)
		return err_set(eb, ERR_NOMEM, "out of memory");
	r->path = path;
	pthread_mutex_init(&r->lock, NULL);
	clock_cond_init(&r->given);
	return ERR_OK;
}

void readers_close(struct readers *r)
{
	if (!r)
		return;
	while (r->n_idle)
		staging_close(r->idle[--r->n_idle]);
	pthread_cond_destroy(&r->given);
	pthread_mutex_destroy(&r->lock);
	free(r);
}

/* An idle one, or NULL and the right to open one. */
static enum err readers_claim(struct readers *r, struct staging **out, struct errbuf *eb)
{
	int64_t until = clock_mono_ms() + READERS_WAIT_MS;
	enum err err = ERR_OK;

	*out = NULL;
	pthread_mutex_lock(&r->lock);
	while (!err && !r->n_idle && r->n_out == READERS_MOST)
		err = clock_cond_wait_until(&r->given, &r->lock, until);
	if (!err && r->n_idle)
		*out = r->idle[--r->n_idle];
	r->n_out += !err;
	pthread_mutex_unlock(&r->lock);
	return err ? err_set(eb, ERR_BUSY, "too many questions at once; ask again") : ERR_OK;
}

static void readers_put(struct readers *r, struct staging *s)
{
	pthread_mutex_lock(&r->lock);
	r->n_out--;
	if (s)
		r->idle[r->n_idle++] = s;
	pthread_cond_signal(&r->given);
	pthread_mutex_unlock(&r->lock);
}

enum err engine_reader_take(
    struct engine *e, const struct staging_limit *limit, struct staging **out, struct errbuf *eb)
{
	enum err err = readers_claim(e->readers, out, eb);

	if (!err && !*out) {
		err = staging_open(out, e->readers->path, DB_READ, eb);
		if (err)
			readers_put(e->readers, NULL);
	}
	if (!err)
		staging_limit_set(*out, limit);
	return err;
}

void engine_reader_give(struct engine *e, struct staging *s)
{
	if (!s)
		return;
	staging_limit_set(s, NULL);
	readers_put(e->readers, s);
}
