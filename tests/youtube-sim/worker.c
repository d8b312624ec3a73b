#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "worker.h"

#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <zlib.h>

#define GZIP_WINDOW (15 + 16)
#define GZIP_MEMORY 8

struct worker {
	struct worker *next;
	struct channel *channel;
	z_stream gzip;
	bool gzip_ready;
};

struct workers {
	pthread_mutex_t lock; /* guards idle */
	struct worker *idle;
};

struct workers *workers_new(void)
{
	struct workers *ws = calloc(1, sizeof *ws);

	if (ws != NULL)
		pthread_mutex_init(&ws->lock, NULL);
	return ws;
}

void workers_free(struct workers *ws)
{
	struct worker *w;

	if (ws == NULL)
		return;
	while ((w = ws->idle) != NULL) {
		ws->idle = w->next;
		if (w->gzip_ready)
			deflateEnd(&w->gzip);
		channel_free(w->channel);
		free(w);
	}
	pthread_mutex_destroy(&ws->lock);
	free(ws);
}

struct worker *workers_take(struct workers *ws)
{
	struct worker *w;

	pthread_mutex_lock(&ws->lock);
	w = ws->idle;
	if (w != NULL)
		ws->idle = w->next;
	pthread_mutex_unlock(&ws->lock);
	if (w != NULL)
		return w;
	w = calloc(1, sizeof *w);
	if (w == NULL)
		return NULL;
	w->channel = channel_new();
	if (w->channel == NULL) {
		free(w);
		return NULL;
	}
	return w;
}

void workers_give(struct workers *ws, struct worker *w)
{
	pthread_mutex_lock(&ws->lock);
	w->next = ws->idle;
	ws->idle = w;
	pthread_mutex_unlock(&ws->lock);
}

struct channel *worker_channel(struct worker *w)
{
	return w->channel;
}

bool worker_gzip(struct worker *w, char **body, size_t *len)
{
	uLong bound;
	char *packed;

	if (*len > UINT_MAX / 2)
		return false;
	if (!w->gzip_ready) {
		if (deflateInit2(&w->gzip, 1, Z_DEFLATED, GZIP_WINDOW, GZIP_MEMORY,
		        Z_DEFAULT_STRATEGY) != Z_OK)
			return false;
		w->gzip_ready = true;
	} else {
		deflateReset(&w->gzip);
	}
	bound = deflateBound(&w->gzip, *len);
	packed = malloc(bound);
	if (packed == NULL)
		return false;
	w->gzip.next_in = (Bytef *)*body;
	w->gzip.avail_in = (uInt)*len;
	w->gzip.next_out = (Bytef *)packed;
	w->gzip.avail_out = (uInt)bound;
	if (deflate(&w->gzip, Z_FINISH) != Z_STREAM_END) {
		free(packed);
		return false;
	}
	free(*body);
	*body = packed;
	*len = w->gzip.total_out;
	return true;
}
