/*
 * The job type video_counts: views, likes and comments of stored videos anew, 50 videos of any
 * channels a call, by videos.batchGetStats and its bucket of its own: no common unit is spent. It
 * changes no state of a channel; a video is due until its counts were read after the job began.
 */
#include "config.h"
#include "db/staging_videos.h"
#include "engine/base/clock.h"
#include "engine/jobs/idle.h"
#include "engine/jobs/job_types.h"
#include "engine/jobs/video_queue.h"
#include "engine/quota/day.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { COUNTS_FLUSH_ROWS = 200 };

static const struct job_param counts_params[] = {
    JOB_PARAM_BATCH_SIZE,
    JOB_PARAM_LIMIT,
    {.name = "older_than_days",
        .type = PARAM_NUMBER,
        .least = 0,
        .most = 36500,
        .optional = true,
        .help = "only counts that were read so many days ago or longer; 0 or none: all"},
    JOB_PARAMS_SHARED,
};

/* Counts read before this time are due, UTC seconds. */
static int64_t counts_bound(const json_t *params, int64_t created_ms)
{
	const json_t *days = json_object_get(params, "older_than_days");

	return created_ms / 1000 - (json_is_integer(days) ? json_integer_value(days) * 86400 : 0);
}

static void counts_ask(const struct engine_parts *parts, const json_t *params, int64_t created_ms,
    struct feed_ask *out)
{
	(void)parts;
	out->bound = counts_bound(params, created_ms);
}

/* ---- what a chunk keeps between calls ---- */

struct counts_walk {
	int64_t last; /* id that was read last */
	bool begun, ended;
	int waiting;
};

struct counts_keep {
	struct video_queue queue;
	int64_t bound, today;
	struct counts_walk walks[CHUNK_IDS];
};

/* The result: in the chunk's arena. */
struct counts_batch {
	struct counts_batch *next;
	struct video_counts counts[VIDEOS_MAX_IDS];
	int n;
};

struct counts_vain {
	struct counts_vain *next;
	struct cid channel;
	int64_t vid;
};

struct counts_rows {
	struct counts_batch *batches;
	struct counts_vain *vain;
};

static struct counts_rows *counts_rows(struct chunk *c)
{
	if (!c->rows)
		c->rows = arena_alloc(c->arena, sizeof(struct counts_rows));
	return c->rows;
}

static enum err counts_open(struct work *w, struct chunk *c, struct errbuf *eb)
{
	struct counts_keep *k = calloc(1, sizeof *k);
	struct staging *reader = NULL;
	struct job_row job = {0};
	enum err err = k ? work_reader(w, &reader, eb) : err_set(eb, ERR_NOMEM, "out of memory");

	if (!err)
		err = staging_job_get(reader, c->job, &job, NULL, eb);
	if (err) {
		free(k);
		return err;
	}
	k->bound = counts_bound(c->params, job.created_ms);
	k->today = day_number(clock_now());
	c->keep = k;
	return ERR_OK;
}

static void counts_drop(struct chunk *c)
{
	free(c->keep);
	c->keep = NULL;
}

/* ---- videos.batchGetStats ---- */

static struct counts_walk *counts_walk_of(struct chunk *c, const struct video_wait *wait)
{
	return &((struct counts_keep *)c->keep)->walks[wait->at];
}

/* Puts the answer into the order of what was asked; what is not there is absent. */
static bool counts_match(struct chunk *c, const struct video_wait *waits, int n,
    const struct video_counts *got, int n_got, struct counts_batch *batch)
{
	int found = 0;

	for (int i = 0; i < n; i++) {
		struct video_counts *to = &batch->counts[i];
		*to = (struct video_counts){.vid = waits[i].vid, .absent = true};
		for (int g = 0; g < n_got && to->absent; g++)
			if (got[g].vid == waits[i].vid) {
				*to = got[g];
				found++;
			}
		to->channel = c->ids[waits[i].at - c->base];
	}
	batch->n = n;
	return found == n_got;
}

static enum err counts_answer(struct work *w, const struct video_wait *waits, int n,
    const struct client_reply *reply, struct errbuf *eb)
{
	struct chunk *c = w->chunk;
	const struct counts_keep *k = c->keep;
	struct counts_rows *out = counts_rows(c);
	struct counts_batch *batch = arena_alloc(c->arena, sizeof *batch);
	struct video_counts got[VIDEOS_MAX_IDS];
	int64_t now = clock_now();
	int n_got, odd;

	if (!out || !batch)
		return err_set(eb, ERR_NOMEM, "out of memory");
	if (videos_stats_parse(w->json, reply->body, reply->len, got, &n_got, &odd, eb))
		return ERR_INVALID;
	/* items that are not what was asked for may stand for those that seem to be absent */
	if (!counts_match(c, waits, n, got, n_got, batch) || (odd && n_got < n))
		return err_set(eb, ERR_INVALID, "the reply holds videos that were not asked for");
	for (int i = 0; i < n; i++) {
		/* not before the bound, whatever the clock does: the walk must come to its end */
		batch->counts[i].counted_at = now > k->bound ? now : k->bound;
		batch->counts[i].day = day_number(now);
		counts_walk_of(c, &waits[i])->waiting--;
	}
	batch->next = out->batches;
	out->batches = batch;
	c->n_rows += n;
	c->day = day_number(now);
	chunk_count(c, n_got, "videos");
	if (n > n_got)
		chunk_count(c, n - n_got, "videos_absent");
	return ERR_OK;
}

static enum err counts_refused(struct work *w, const struct video_wait *wait, struct errbuf *eb)
{
	struct chunk *c = w->chunk;
	struct counts_rows *out = counts_rows(c);
	struct counts_vain *vain = out ? arena_alloc(c->arena, sizeof *vain) : NULL;
	char text[VID_TEXT + 1];

	if (!vain)
		return err_set(eb, ERR_NOMEM, "out of memory");
	*vain = (struct counts_vain){out->vain, c->ids[wait->at - c->base], wait->vid};
	out->vain = vain;
	counts_walk_of(c, wait)->waiting--;
	chunk_count(c, 1, "videos_refused");
	log_at(w->parts->log, LOG_WARNING, "worker", c->job, "counts of video %s: %s: %s",
	    vid_format(wait->vid, text), w->fault.reason, w->fault.message);
	return ERR_OK;
}

static const struct video_calls counts_calls = {
    .method = METHOD_VIDEOS_BATCH_GET_STATS,
    .units = "units.videos_batch_get_stats",
    .query = videos_stats_query,
    .answer = counts_answer,
    .refused = counts_refused,
};

/* ---- a chunk ---- */

static int counts_next(const struct chunk *c)
{
	const struct counts_keep *k = c->keep;

	for (int i = 0; i < c->n; i++)
		if (c->states[i] == ITEM_PENDING && !k->walks[c->base + i].ended)
			return i;
	return -1;
}

/* The next due videos of one channel enter the queue. */
static enum err counts_read(struct work *w, int i, struct errbuf *eb)
{
	struct chunk *c = w->chunk;
	struct counts_keep *k = c->keep;
	struct counts_walk *walk = &k->walks[c->base + i];
	struct staging *reader = NULL;
	int64_t vids[VIDEOS_MAX_IDS];
	int n = 0;
	enum err err = work_reader(w, &reader, eb);

	if (!err)
		err = staging_videos_due(reader, &c->ids[i], walk->begun ? &walk->last : NULL,
		    k->bound, k->today, vids, VIDEOS_MAX_IDS, &n, eb);
	if (err)
		return err;
	for (int v = 0; v < n; v++)
		video_queue_add(&k->queue, c->base + i, vids[v]);
	walk->waiting += n;
	walk->ended = n < VIDEOS_MAX_IDS;
	if (n) {
		walk->begun = true;
		walk->last = vids[n - 1];
	}
	return ERR_OK;
}

static void counts_settle(struct chunk *c)
{
	const struct counts_keep *k = c->keep;

	for (int i = 0; i < c->n; i++) {
		const struct counts_walk *walk = &k->walks[c->base + i];
		if (c->states[i] == ITEM_PENDING && walk->ended && !walk->waiting)
			c->states[i] = ITEM_DONE;
	}
}

static enum err counts_work(struct work *w, struct chunk *c, struct errbuf *eb)
{
	enum err err = c->keep ? ERR_OK : counts_open(w, c, eb);
	struct counts_keep *k = c->keep;

	if (!err) {
		video_queue_purge(&k->queue, c);
		counts_settle(c);
	}
	while (!err && c->n_rows < COUNTS_FLUSH_ROWS) {
		int next = counts_next(c);
		if (video_queue_is_due(&k->queue, next < 0))
			err = video_queue_ask(w, &k->queue, &counts_calls, eb);
		else if (next >= 0)
			err = counts_read(w, next, eb);
		else
			break;
		counts_settle(c);
	}
	return err;
}

/* ---- storing ---- */

static enum err counts_commit_batch(
    struct staging *s, const struct counts_batch *b, const struct cid **last, struct errbuf *eb)
{
	enum err err = ERR_OK;

	for (int i = 0; i < b->n && !err; i++) {
		const struct cid *channel = &b->counts[i].channel;
		err = staging_video_counts_put(s, &b->counts[i], eb);
		if (err == ERR_NOTFOUND) /* erased since */
			err = ERR_OK;
		if (err || (*last && cid_compare(*last, channel) == 0))
			continue;
		*last = channel;
		err = staging_videos_changed(s, channel, eb);
	}
	return err;
}

static enum err counts_commit(struct staging *s, struct chunk *c, struct errbuf *eb)
{
	const struct counts_rows *r = c->rows;
	const struct cid *last = NULL;
	enum err err = ERR_OK;

	for (const struct counts_batch *b = r ? r->batches : NULL; b && !err; b = b->next)
		err = counts_commit_batch(s, b, &last, eb);
	for (const struct counts_vain *v = r ? r->vain : NULL; v && !err; v = v->next)
		err = staging_video_vain(s, &v->channel, &v->vid, c->day, eb);
	/* what was given up must not come around again in this walk */
	for (int i = 0; i < c->n && !err; i++)
		if (c->states[i] == ITEM_FAILED)
			err = staging_video_vain(s, &c->ids[i], NULL, c->day, eb);
	return err;
}

/* ---- numbers ---- */

static enum err counts_price(struct staging *s, const struct engine_parts *parts,
    const json_t *params, int64_t *items, struct job_price *out, struct errbuf *eb)
{
	int64_t now = clock_now(), videos = 0, channels = 0;
	enum err err = staging_counts_price(
	    s, counts_bound(params, now * 1000), day_number(now), &videos, &channels, eb);
	double share = channels > *items ? (double)*items / (double)channels : 1;

	(void)parts;
	out->units[BUCKET_STATS] = ceil((double)videos * share / (double)VIDEOS_MAX_IDS);
	return err;
}

/* Counts that are still young stay as they are. */
static int counts_offers(
    const struct engine_parts *parts, const json_t *params, struct job_offer *out)
{
	static const int64_t ages[] = {7, 30};
	int64_t now = clock_now(), bound = counts_bound(params, now * 1000);
	int n = 0;

	(void)parts;
	for (size_t i = 0; i < sizeof ages / sizeof ages[0]; i++) {
		if (now - ages[i] * 86400 >= bound)
			continue;
		out[n].patch = json_pack("{s:I}", "older_than_days", (json_int_t)ages[i]);
		snprintf(out[n].text, sizeof out[n].text, "counts older than %lld days",
		    (long long)ages[i]);
		snprintf(out[n].loses, sizeof out[n].loses, "younger counts stay as they are");
		n++;
	}
	return n;
}

static void counts_summary(json_t *result)
{
	static const char *const names[] = {"videos", "videos_absent", "videos_refused"};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (!json_object_get(result, names[i]))
			json_object_set_new(result, names[i], json_integer(0));
}

const struct job_type video_counts_type = {
    .info = {.name = "video_counts",
        .word = "counts",
        .help = "read views, likes and comments of stored videos anew, from a quota of its own",
        .params = counts_params,
        .n_params = sizeof counts_params / sizeof counts_params[0]},
    .op = OP_NONE,
    .stage = STAGE_NONE,
    .feed = FEED_COUNTS,
    .idle = idle_counts,
    .bucket = BUCKET_STATS,
    .alone = true,
    .keeps = true,
    .ask = counts_ask,
    .price = counts_price,
    .offers = counts_offers,
    .summary = counts_summary,
    .work = counts_work,
    .commit = counts_commit,
    .drop = counts_drop,
};
