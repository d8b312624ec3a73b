#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "reqlog.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "jsonw.h"

#define FLUSH_MS 100
#define BUFFER_LIMIT (256u << 20)

struct reqlog {
	pthread_mutex_t lock; /* guards waiting and stopping */
	pthread_cond_t wake;
	pthread_t writer;
	struct out waiting;
	struct out writing; /* the writer's own */
	FILE *file;
	bool stopping;
	bool failed; /* the writer's own */
};

static void write_out(struct reqlog *l)
{
	if (l->writing.len == 0)
		return;
	if ((fwrite(l->writing.data, 1, l->writing.len, l->file) != l->writing.len ||
	        fflush(l->file) != 0) &&
	    !l->failed) {
		fprintf(stderr, "youtube-sim: cannot write the request log\n");
		l->failed = true;
	}
	out_reset(&l->writing);
}

static void *writer_main(void *arg)
{
	struct reqlog *l = arg;
	struct timespec until;
	struct out swap;
	bool last = false;

	while (!last) {
		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_nsec += FLUSH_MS * 1000000L;
		if (until.tv_nsec >= 1000000000L) {
			until.tv_nsec -= 1000000000L;
			until.tv_sec++;
		}
		pthread_mutex_lock(&l->lock);
		while (!l->stopping && pthread_cond_timedwait(&l->wake, &l->lock, &until) == 0)
			;
		last = l->stopping;
		swap = l->waiting;
		l->waiting = l->writing;
		l->writing = swap;
		pthread_mutex_unlock(&l->lock);
		write_out(l);
	}
	return NULL;
}

struct reqlog *reqlog_new(const char *path)
{
	struct reqlog *l = calloc(1, sizeof *l);
	pthread_condattr_t attr;

	if (l == NULL)
		return NULL;
	out_init(&l->waiting, BUFFER_LIMIT);
	out_init(&l->writing, BUFFER_LIMIT);
	pthread_mutex_init(&l->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&l->wake, &attr);
	pthread_condattr_destroy(&attr);
	l->file = fopen(path, "we");
	if (l->file != NULL && pthread_create(&l->writer, NULL, writer_main, l) == 0)
		return l;
	if (l->file != NULL)
		fclose(l->file);
	pthread_cond_destroy(&l->wake);
	pthread_mutex_destroy(&l->lock);
	free(l);
	return NULL;
}

static void write_number(struct out *o, const char *lead, uint64_t v)
{
	out_text(o, lead);
	out_u64(o, v);
}

static void write_text(struct out *o, const char *lead, struct slice text)
{
	out_text(o, lead);
	out_char(o, '"');
	out_json_outside(o, text.p, text.len);
	out_char(o, '"');
}

void reqlog_add(struct reqlog *l, const struct reqlog_entry *e)
{
	struct out *o = &l->waiting;

	pthread_mutex_lock(&l->lock);
	write_number(o, "{\"n\":", e->n);
	write_number(o, ",\"t\":", (uint64_t)(e->t < 0 ? 0 : e->t));
	write_text(o, ",\"method\":", slice_of(e->method));
	write_text(o, ",\"key\":", e->key);
	write_text(o, ",\"project\":", slice_of(e->project));
	write_text(o, ",\"bucket\":", slice_of(e->bucket));
	write_number(o, ",\"cost\":", e->cost);
	out_text(o, e->billed ? ",\"billed\":true" : ",\"billed\":false");
	write_text(o, ",\"day\":", slice_of(e->day));
	write_number(o, ",\"status\":", e->status);
	write_text(o, ",\"reason\":", slice_of(e->reason));
	write_number(o, ",\"ids\":", e->ids);
	write_number(o, ",\"found\":", e->found);
	write_text(o, ",\"fault\":", slice_of(e->fault));
	if (e->idlist != NULL) {
		out_text(o, ",\"idlist\":\"");
		for (size_t i = 0; i < e->ids; i++) {
			if (i > 0)
				out_char(o, ',');
			out_json_outside(o, e->idlist[i].p, e->idlist[i].len);
		}
		out_char(o, '"');
	}
	if (e->filter.len > 0) {
		write_text(o, ",\"filter\":", e->filter);
		write_text(o, ",\"value\":", e->value);
	}
	out_text(o, "}\n");
	pthread_mutex_unlock(&l->lock);
}

void reqlog_free(struct reqlog *l)
{
	if (l == NULL)
		return;
	pthread_mutex_lock(&l->lock);
	l->stopping = true;
	pthread_cond_signal(&l->wake);
	pthread_mutex_unlock(&l->lock);
	pthread_join(l->writer, NULL);
	fclose(l->file);
	out_done(&l->waiting);
	out_done(&l->writing);
	pthread_cond_destroy(&l->wake);
	pthread_mutex_destroy(&l->lock);
	free(l);
}
