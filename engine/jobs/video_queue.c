#include "config.h"
#include "engine/jobs/video_queue.h"

#include <string.h>

void video_queue_add(struct video_queue *q, int at, int64_t vid)
{
	q->waits[q->n++] = (struct video_wait){vid, at};
}

bool video_queue_is_due(const struct video_queue *q, bool last)
{
	return q->n >= VIDEOS_MAX_IDS || (q->n && (last || q->suspects));
}

static void video_queue_take(struct video_queue *q, int n)
{
	q->n -= n;
	memmove(q->waits, q->waits + n, (size_t)q->n * sizeof q->waits[0]);
	q->suspects = q->suspects > n ? q->suspects - n : 0;
}

enum err video_call(struct work *w, enum method method, const char *units,
    struct client_reply *reply, struct errbuf *eb)
{
	const int64_t before = w->chunk->units;
	enum err err;

	if (w->query->err)
		return err_set(eb, w->query->err, "query too long");
	err = work_call(w, method, str_get(w->query), reply, eb);
	chunk_count(w->chunk, w->chunk->units - before, "%s", units);
	return err;
}

/* A single id that is refused is dropped; of several, half are asked for next. */
static enum err video_queue_refused(struct work *w, struct video_queue *q,
    const struct video_calls *calls, int n, struct errbuf *eb)
{
	enum err err;

	if (n > 1) {
		q->suspects = n;
		return ERR_OK;
	}
	err = calls->refused(w, &q->waits[0], eb);
	if (!err)
		video_queue_take(q, 1);
	q->suspects = 0;
	return err;
}

enum err video_queue_ask(
    struct work *w, struct video_queue *q, const struct video_calls *calls, struct errbuf *eb)
{
	struct client_reply reply;
	int64_t vids[VIDEOS_MAX_IDS];
	int n = q->n < VIDEOS_MAX_IDS ? q->n : VIDEOS_MAX_IDS;
	enum err err;

	if (q->suspects)
		n = q->suspects > 1 ? q->suspects / 2 : 1;
	for (int i = 0; i < n; i++)
		vids[i] = q->waits[i].vid;
	w->chunk->from = q->waits[0].at - w->chunk->base;
	w->chunk->upto = q->waits[n - 1].at - w->chunk->base;
	str_reset(w->query);
	calls->query(vids, n, w->query);
	err = video_call(w, calls->method, calls->units, &reply, eb);
	if (err == ERR_DENIED || err == ERR_NOTFOUND)
		return video_queue_refused(w, q, calls, n, eb);
	if (err)
		return err;
	work_state(w, "parsing");
	err = calls->answer(w, q->waits, n, &reply, eb);
	if (err == ERR_INVALID)
		return work_torn(w, eb);
	if (!err)
		video_queue_take(q, n);
	return err;
}

void video_queue_purge(struct video_queue *q, const struct chunk *c)
{
	int kept = 0;

	for (int i = 0; i < q->n; i++) {
		int at = q->waits[i].at - c->base;
		if (at >= 0 && at < c->n && c->states[at] == ITEM_PENDING)
			q->waits[kept++] = q->waits[i];
	}
	if (kept != q->n)
		q->suspects = 0;
	q->n = kept;
}
