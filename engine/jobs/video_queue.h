/*
 * video_queue - video ids of several channels on their way into calls of 50: what the job types
 * about videos share. Part of a chunk's `keep`: it outlives calls that fail, so nothing that was
 * found is asked for twice. A refused call is halved until the bad id stands alone. Owned by who
 * has the chunk.
 */
#ifndef TUBEOPS_JOBS_VIDEO_QUEUE_H
#define TUBEOPS_JOBS_VIDEO_QUEUE_H

#include "engine/jobs/worker.h"
#include "engine/youtube/videos.h"

struct video_wait {
	int64_t vid;
	int at; /* of its channel in the chunk, counted from its beginning: base + i */
};

enum { VIDEO_QUEUE_ROOM = 2 * VIDEOS_MAX_IDS };

struct video_queue {
	struct video_wait waits[VIDEO_QUEUE_ROOM];
	int n;
	int suspects; /* so many of the first were refused together: one of them is bad */
};

/* How a type asks for the ids that wait. */
struct video_calls {
	enum method method;
	const char *units; /* name of the number that counts its calls */
	void (*query)(const int64_t *vids, int n, struct str *out);
	/* Reads the answer for these. ERR_INVALID: it makes no sense, ask again. */
	enum err (*answer)(struct work *w, const struct video_wait *waits, int n,
	    const struct client_reply *reply, struct errbuf *eb);
	/* YouTube refuses this one alone; why is in w->fault. */
	enum err (*refused)(struct work *w, const struct video_wait *wait, struct errbuf *eb);
};

/* The caller makes sure that there is room: after video_queue_is_due said no, 50 fit. */
void video_queue_add(struct video_queue *q, int at, int64_t vid);
/* Must a call go out now? last: nothing more will be added. */
bool video_queue_is_due(const struct video_queue *q, bool last);
/* One call for what waits; ERR_OK: it came nearer to its end. Errors as of work_call. */
enum err video_queue_ask(struct work *w, struct video_queue *q, const struct video_calls *calls,
    struct errbuf *eb) MUST_CHECK;
/* Forgets ids of channels that are not pending any more: they were given up. */
void video_queue_purge(struct video_queue *q, const struct chunk *c);
/* work_call, and its units counted by name. */
enum err video_call(struct work *w, enum method method, const char *units,
    struct client_reply *reply, struct errbuf *eb) MUST_CHECK;

#endif
