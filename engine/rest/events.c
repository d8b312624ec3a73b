#include "config.h"
#include "engine/rest/events.h"
#include "engine/rest/events_diff.h"
#include "engine/base/clock.h"
#include "engine/base/ids.h"
#include "engine/base/str.h"
#include "engine/base/text.h"
#include "engine/engine.h"

#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	EVENTS_KEEP = 1024,
	EVENTS_KEEP_BYTES = 1024 * 1024,
	EVENTS_TICK_MS = 500,
	EVENTS_BEAT_MS = 15000, /* with nothing to tell, so that both sides see who is gone */
	EVENTS_BLOCK = 4096,
	EVENTS_TEXT = 64 * 1024 + 256
};

/* One event in its final form; held by the ring and by streams that are sending it. */
struct event {
	int holders;
	size_t len;
	char text[];
};

struct events_stream {
	struct rest_stream base;
	struct rest_events *ev;
	struct events_stream *next_waiting;
	uint64_t next; /* number of the event that comes after `sending` */
	struct event *sending;
	size_t sent; /* bytes of it */
};

struct rest_events {
	struct engine *engine;
	int most;
	uint32_t boot; /* ids of another process are not ours */
	pthread_t thread;

	pthread_mutex_t lock; /* guards all below; rank: leaf */
	pthread_cond_t work;
	bool ended;
	int streams;
	struct events_stream *waiting;
	struct event *ring[EVENTS_KEEP];
	uint64_t first, next; /* numbers of the oldest in the ring and of the one to come */
	size_t bytes;
	int64_t told_ms; /* when the newest was made */
};

/* ---- the ring ---- */

static struct event *event_new(const char *text, size_t len)
{
	struct event *e = malloc(sizeof *e + len);

	if (!e)
		return NULL;
	e->holders = 1;
	e->len = len;
	memcpy(e->text, text, len);
	return e;
}

static void event_let_go_locked(struct event *e)
{
	if (e && --e->holders == 0)
		free(e);
}

static void events_drop_oldest_locked(struct rest_events *ev)
{
	struct event **slot = &ev->ring[ev->first++ % EVENTS_KEEP];

	ev->bytes -= (*slot)->len;
	event_let_go_locked(*slot);
	*slot = NULL;
}

/* Takes e; NULL: it could not be made, and is missing. */
static void events_put_locked(struct rest_events *ev, struct event *e)
{
	if (!e)
		return;
	while (ev->next - ev->first == EVENTS_KEEP ||
	       (ev->next > ev->first && ev->bytes + e->len > EVENTS_KEEP_BYTES))
		events_drop_oldest_locked(ev);
	ev->ring[ev->next++ % EVENTS_KEEP] = e;
	ev->bytes += e->len;
	ev->told_ms = clock_mono_ms();
}

static void events_tell(void *arg, const char *name, const char *json)
{
	struct rest_events *ev = arg;
	struct str text;

	str_init(&text, EVENTS_TEXT);
	pthread_mutex_lock(&ev->lock);
	str_addf(&text, "id: %08" PRIx32 "-%" PRIu64 "\nevent: %s\ndata: %s\n\n", ev->boot,
	    ev->next, name, json);
	if (!text.err)
		events_put_locked(ev, event_new(str_get(&text), text.len));
	pthread_mutex_unlock(&ev->lock);
	str_done(&text);
}

static void events_wake_locked(struct rest_events *ev)
{
	struct events_stream *s = ev->waiting;

	ev->waiting = NULL;
	while (s) {
		struct events_stream *next = s->next_waiting;
		s->base.wake(s->base.connection); /* from here on it may be gone */
		s = next;
	}
}

/* ---- the thread ---- */

static void events_beat_locked(struct rest_events *ev)
{
	static const char beat[] = ": still here\n\n";

	if (clock_mono_ms() - ev->told_ms >= EVENTS_BEAT_MS)
		events_put_locked(ev, event_new(beat, sizeof beat - 1));
}

/* Looks once; what is new goes to the ring. Gives the snapshot that is the last one now. */
static const struct snapshot *events_look(struct rest_events *ev, const struct snapshot *last)
{
	const struct snapshot *now = engine_snapshot(ev->engine);

	if (!now || now == last) {
		snapshot_unref(now);
		return last;
	}
	rest_events_diff(last, now, events_tell, ev);
	snapshot_unref(last);
	return now;
}

static void *events_main(void *arg)
{
	struct rest_events *ev = arg;
	const struct snapshot *last = NULL;

	pthread_mutex_lock(&ev->lock);
	while (!ev->ended) {
		uint64_t before = ev->next;
		if (!ev->streams) {
			pthread_cond_wait(&ev->work, &ev->lock);
			continue;
		}
		pthread_mutex_unlock(&ev->lock);
		last = events_look(ev, last);
		pthread_mutex_lock(&ev->lock);
		events_beat_locked(ev);
		if (ev->next != before)
			events_wake_locked(ev);
		if (!ev->ended)
			clock_cond_wait_until(
			    &ev->work, &ev->lock, clock_mono_ms() + EVENTS_TICK_MS);
	}
	events_wake_locked(ev);
	pthread_mutex_unlock(&ev->lock);
	snapshot_unref(last);
	return NULL;
}

struct rest_events *rest_events_start(struct engine *e, int most_streams)
{
	struct rest_events *ev = calloc(1, sizeof *ev);
	sigset_t all, before;
	struct uuid random;
	bool ok;

	if (!ev)
		return NULL;
	ev->engine = e;
	ev->most = most_streams;
	if (uuid_new(&random) == ERR_OK)
		memcpy(&ev->boot, random.b, sizeof ev->boot);
	ev->first = ev->next = 1;
	ev->told_ms = clock_mono_ms();
	pthread_mutex_init(&ev->lock, NULL);
	clock_cond_init(&ev->work);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	ok = pthread_create(&ev->thread, NULL, events_main, ev) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (ok)
		return ev;
	free(ev);
	return NULL;
}

void rest_events_end(struct rest_events *ev)
{
	if (!ev)
		return;
	pthread_mutex_lock(&ev->lock);
	ev->ended = true;
	pthread_cond_signal(&ev->work);
	pthread_mutex_unlock(&ev->lock);
	pthread_join(ev->thread, NULL);
}

void rest_events_free(struct rest_events *ev)
{
	if (!ev)
		return;
	while (ev->first < ev->next)
		events_drop_oldest_locked(ev);
	pthread_cond_destroy(&ev->work);
	pthread_mutex_destroy(&ev->lock);
	free(ev);
}

int rest_events_streams(struct rest_events *ev)
{
	int n;

	pthread_mutex_lock(&ev->lock);
	n = ev->streams;
	pthread_mutex_unlock(&ev->lock);
	return n;
}

/* ---- streams ---- */

/* The next event to send: from the ring, or word that some were missed. NULL: there is none. */
static struct event *stream_next_locked(struct events_stream *s)
{
	static const char missed[] =
	    "event: reset\ndata: {\"reason\":\"events were missed: look at "
	    "/api/snapshot\"}\n\n";
	struct rest_events *ev = s->ev;
	struct event *e;

	if (s->next < ev->first) {
		s->next = ev->first;
		return event_new(missed, sizeof missed - 1);
	}
	if (s->next == ev->next)
		return NULL;
	e = ev->ring[s->next++ % EVENTS_KEEP];
	e->holders++;
	return e;
}

static size_t stream_read(struct rest_stream *base, char *to, size_t max, bool *end, bool *broken)
{
	struct events_stream *s = (struct events_stream *)base;
	struct rest_events *ev = s->ev;
	size_t n = 0;

	(void)broken;
	pthread_mutex_lock(&ev->lock);
	while (n < max && !ev->ended) {
		size_t part;
		if (!s->sending && !(s->sending = stream_next_locked(s)))
			break;
		part = s->sending->len - s->sent;
		part = part < max - n ? part : max - n;
		memcpy(to + n, s->sending->text + s->sent, part);
		n += part;
		s->sent += part;
		if (s->sent < s->sending->len)
			continue;
		event_let_go_locked(s->sending);
		s->sending = NULL;
		s->sent = 0;
	}
	*end = ev->ended;
	if (!n && !*end) {
		s->next_waiting = ev->waiting;
		ev->waiting = s;
		base->pause(base->connection);
	}
	pthread_mutex_unlock(&ev->lock);
	return n;
}

static void stream_done(struct rest_stream *base)
{
	struct events_stream *s = (struct events_stream *)base;

	pthread_mutex_lock(&s->ev->lock);
	event_let_go_locked(s->sending);
	s->ev->streams--;
	pthread_mutex_unlock(&s->ev->lock);
	free(s);
}

/* "0badcafe-17": what comes after the 17th, when it was ours and is still there. */
static bool stream_resumes_locked(const struct rest_events *ev, const char *id, uint64_t *next)
{
	char boot[16];
	int64_t n;

	snprintf(boot, sizeof boot, "%08" PRIx32 "-", ev->boot);
	if (strncmp(id, boot, strlen(boot)) != 0 ||
	    str_to_i64(id + strlen(boot), 0, INT64_MAX - 1, &n))
		return false;
	*next = (uint64_t)n + 1;
	return *next >= ev->first && *next <= ev->next;
}

static bool stream_begin_locked(struct events_stream *s, const char *last_id)
{
	struct rest_events *ev = s->ev;
	bool resumes = last_id && stream_resumes_locked(ev, last_id, &s->next);
	struct str hello;

	if (!resumes)
		s->next = ev->next;
	str_init(&hello, 512);
	str_addf(&hello,
	    "retry: 3000\nid: %08" PRIx32 "-%" PRIu64 "\nevent: hello\ndata: {\"resumed\":%s}\n\n",
	    ev->boot, s->next - 1, resumes ? "true" : "false");
	if (last_id && !resumes)
		str_adds(&hello,
		    "event: reset\ndata: {\"reason\":\"that id is not known here: look at "
		    "/api/snapshot\"}\n\n");
	s->sending = hello.err ? NULL : event_new(str_get(&hello), hello.len);
	str_done(&hello);
	return s->sending != NULL;
}

struct rest_stream *rest_events_open(struct rest_events *ev, const char *last_id)
{
	static const struct rest_stream_ops ops = {stream_read, stream_done};
	struct events_stream *s = calloc(1, sizeof *s);
	bool ok = false;

	if (!s)
		return NULL;
	s->base = (struct rest_stream){.ops = &ops, .block = EVENTS_BLOCK};
	s->ev = ev;
	pthread_mutex_lock(&ev->lock);
	if (!ev->ended && ev->streams < ev->most)
		ok = stream_begin_locked(s, last_id);
	ev->streams += ok;
	if (ok && ev->streams == 1)
		pthread_cond_signal(&ev->work);
	pthread_mutex_unlock(&ev->lock);
	if (ok)
		return &s->base;
	free(s);
	return NULL;
}
