/*
 * The job type batch_videos: the newest uploads of each channel. Channels of a chunk are listed one
 * after the other (playlistItems.list); as soon as 50 ids wait, whosever they are, one videos.list
 * asks for them, so that a failure or spent quota loses a unit or two. Channels that have no videos
 * by their metadata cost nothing. What is stored stays when a later list does not hold it.
 */
#include "config.h"
#include "engine/jobs/videos.h"
#include "db/cluster.h"
#include "db/staging_videos.h"
#include "engine/base/clock.h"
#include "engine/jobs/idle.h"
#include "engine/jobs/job_types.h"
#include "engine/jobs/prices.h"
#include "engine/jobs/video_queue.h"
#include "engine/jobs/videos_rows.h"
#include "engine/language/language.h"
#include "engine/quota/day.h"
#include "engine/youtube/playlist_items.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
	VIDEOS_EACH = 25,       /* as MAX_VIDEOS_PER_CHANNEL: only decides how chunks are cut */
	VIDEOS_CHUNK = 5000,    /* videos that a chunk may bring: its last call is seldom full */
	VIDEOS_FLUSH_ROWS = 100 /* rows that are handed to the writer without waiting for more */
};

static const struct job_param videos_params[] = {
    JOB_PARAM_BATCH_SIZE,
    JOB_PARAM_LIMIT,
    {.name = "videos_per_channel",
        .type = PARAM_NUMBER,
        .least = 1,
        .most = PLAYLIST_UPLOADS_MOST,
        .optional = true,
        .also = "max_videos_per_channel",
        .word = "videos=",
        .help = "newest videos per channel; MAX_VIDEOS_PER_CHANNEL (25) when not given"},
    {.name = "min_subscribers",
        .type = PARAM_NUMBER,
        .least = 0,
        .most = INT64_C(1000000000),
        .optional = true,
        .word = "subs>=",
        .help = "only channels with so many subscribers at least; hidden numbers are left out"},
    {.name = "counts_only",
        .type = PARAM_FLAG,
        .optional = true,
        .help = "only read the counts of stored videos anew: a video_counts job"},
    JOB_PARAMS_SHARED,
};

static void videos_ask(const struct engine_parts *parts, const json_t *params, int64_t created_ms,
    struct feed_ask *out)
{
	(void)parts;
	(void)created_ms;
	out->bound = videos_least(params);
}

/* ---- what a chunk keeps between calls ---- */

/* How far the uploads of one channel were listed. */
struct videos_walk {
	char *token;   /* of the next page; NULL: the first one */
	int64_t *vids; /* listed so far, in order: pages repeat items */
	int n, room;
	int wanted;  /* of them no tombstones */
	int waiting; /* of them without an answer of videos.list */
	int refused; /* of them refused by videos.list */
	int pages;
	bool anew;  /* a token was stale once: listed from the first page again */
	bool ended; /* nothing more is to be listed */
	bool empty; /* 404 */
	bool known; /* metadata said 0: nothing was asked */
};

struct videos_keep {
	struct video_queue queue;
	int64_t each; /* videos per channel */
	int n;
	struct videos_walk walks[CHUNK_IDS];
};

static void videos_walk_free(struct videos_walk *walk)
{
	free(walk->token);
	free(walk->vids);
	walk->token = NULL;
	walk->vids = NULL;
}

void videos_drop(struct chunk *c)
{
	struct videos_keep *k = c->keep;

	for (int i = 0; k && i < k->n; i++)
		videos_walk_free(&k->walks[i]);
	free(k);
	c->keep = NULL;
}

static enum err videos_open(struct work *w, struct chunk *c, struct errbuf *eb)
{
	struct videos_keep *k = calloc(1, sizeof *k);
	struct staging *reader = NULL;
	int64_t told[CHUNK_IDS];
	enum err err;

	if (!k)
		return err_set(eb, ERR_NOMEM, "out of memory");
	err = work_reader(w, &reader, eb);
	if (!err)
		err = staging_videos_told(reader, c->ids, c->n, told, eb);
	if (err) {
		free(k);
		return err;
	}
	k->n = c->n;
	k->each = videos_each(c->params, settings_number(w->parts->settings, SET_MAX_VIDEOS, 0));
	for (int i = 0; i < c->n; i++)
		k->walks[i].ended = k->walks[i].known = told[i] == 0;
	c->keep = k;
	return ERR_OK;
}

/* ---- the result ---- */

struct videos_rows *videos_rows(struct chunk *c)
{
	struct videos_rows *r = c->rows;

	if (!r && (r = arena_alloc(c->arena, sizeof *r)) != NULL) {
		r->batches_end = &r->batches;
		c->rows = r;
	}
	return r;
}

/*
 * The language of title and description: what the owner declared for them, else what they are
 * written in, else, when they do not tell, the language that is spoken.
 */
static enum err videos_language(struct arena *arena, struct video_row *v, struct errbuf *eb)
{
	struct language_guess g, spoken;
	bool told = language_guess(v->default_language, v->title, v->description, &g);

	if ((!told || strcmp(g.code, "und") == 0) && v->audio_language &&
	    language_guess(v->audio_language, NULL, NULL, &spoken)) {
		g = spoken;
		g.source = "audio";
		told = true;
	}
	if (!told)
		return ERR_OK;
	v->language = arena_dup(arena, g.code, strlen(g.code));
	v->language_source = g.source;
	v->language_confidence = g.confidence;
	return v->language ? ERR_OK : err_set(eb, ERR_NOMEM, "out of memory");
}

/* ---- videos.list ---- */

static struct videos_walk *videos_walk_of(struct chunk *c, const struct video_wait *wait)
{
	return &((struct videos_keep *)c->keep)->walks[wait->at];
}

static struct video_row *videos_row_of(struct video_row *rows, int n, int64_t vid)
{
	for (int i = 0; i < n; i++)
		if (rows[i].vid == vid)
			return &rows[i];
	return NULL;
}

static enum err videos_note_gone(
    struct chunk *c, const struct video_wait *wait, struct videos_rows *out, struct errbuf *eb)
{
	struct videos_gone *gone = arena_alloc(c->arena, sizeof *gone);

	if (!gone)
		return err_set(eb, ERR_NOMEM, "out of memory");
	*gone = (struct videos_gone){.next = out->gone,
	    .channel = c->ids[wait->at - c->base],
	    .vid = wait->vid,
	    .day = day_number(clock_now())};
	out->gone = gone;
	return ERR_OK;
}

/* Gives each row its channel; true when every row was asked for and stands for itself. */
static bool videos_match(struct chunk *c, const struct video_wait *waits, int n,
    struct video_row *rows, int n_rows, int odd)
{
	int found = 0;

	for (int i = 0; i < n; i++) {
		struct video_row *v = videos_row_of(rows, n_rows, waits[i].vid);
		if (!v)
			continue;
		v->channel = c->ids[waits[i].at - c->base];
		found++;
	}
	/* items that are not what was asked for may stand for those that seem to be absent */
	return found == n || (!odd && found == n_rows);
}

static enum err videos_answer(struct work *w, const struct video_wait *waits, int n,
    const struct client_reply *reply, struct errbuf *eb)
{
	struct chunk *c = w->chunk;
	struct videos_rows *out = videos_rows(c);
	struct videos_batch *batch = arena_alloc(c->arena, sizeof *batch);
	int64_t now = clock_now();
	int odd;
	enum err err;

	if (!out || !batch)
		return err_set(eb, ERR_NOMEM, "out of memory");
	err = videos_parse(
	    w->json, reply->body, reply->len, c->arena, &batch->rows, &batch->n, &odd, eb);
	if (err)
		return err == ERR_NOMEM ? err : ERR_INVALID;
	if (!videos_match(c, waits, n, batch->rows, batch->n, odd))
		return err_set(eb, ERR_INVALID, "the reply holds videos that were not asked for");
	for (int i = 0; i < batch->n && !err; i++) {
		batch->rows[i].fetched_at = batch->rows[i].counted_at = now;
		err = videos_language(c->arena, &batch->rows[i], eb);
	}
	for (int i = 0; i < n && !err; i++)
		if (!videos_row_of(batch->rows, batch->n, waits[i].vid))
			err = videos_note_gone(c, &waits[i], out, eb);
	if (err)
		return err;
	for (int i = 0; i < n; i++)
		videos_walk_of(c, &waits[i])->waiting--;
	*out->batches_end = batch;
	out->batches_end = &batch->next;
	c->n_rows += batch->n;
	c->day = day_number(now);
	chunk_count(c, batch->n, "videos");
	if (n > batch->n)
		chunk_count(c, n - batch->n, "videos_absent");
	return ERR_OK;
}

static enum err videos_refused(struct work *w, const struct video_wait *wait, struct errbuf *eb)
{
	struct videos_walk *walk = videos_walk_of(w->chunk, wait);
	char text[VID_TEXT + 1];

	(void)eb;
	walk->waiting--;
	walk->refused++;
	chunk_count(w->chunk, 1, "videos_refused");
	log_at(w->parts->log, LOG_WARNING, "worker", w->chunk->job, "video %s is refused: %s: %s",
	    vid_format(wait->vid, text), w->fault.reason, w->fault.message);
	return ERR_OK;
}

static const struct video_calls videos_calls = {
    .method = METHOD_VIDEOS_LIST,
    .units = "units.videos",
    .query = videos_query,
    .answer = videos_answer,
    .refused = videos_refused,
};

/* ---- playlistItems.list ---- */

/* *is_new false: it stood on an earlier page. */
static enum err videos_note_listed(
    struct videos_walk *walk, int64_t vid, bool *is_new, struct errbuf *eb)
{
	int low = 0, high = walk->n;

	while (low < high) {
		int mid = low + (high - low) / 2;
		if (walk->vids[mid] < vid)
			low = mid + 1;
		else
			high = mid;
	}
	*is_new = low == walk->n || walk->vids[low] != vid;
	if (!*is_new)
		return ERR_OK;
	if (walk->n == walk->room) {
		int room = walk->room ? 2 * walk->room : PLAYLIST_PAGE_ITEMS;
		int64_t *grown = realloc(walk->vids, (size_t)room * sizeof *grown);
		if (!grown)
			return err_set(eb, ERR_NOMEM, "out of memory");
		walk->vids = grown;
		walk->room = room;
	}
	memmove(
	    walk->vids + low + 1, walk->vids + low, (size_t)(walk->n - low) * sizeof walk->vids[0]);
	walk->vids[low] = vid;
	walk->n++;
	return ERR_OK;
}

/* The token of the next page; a list that leads to the same page again, or to far more pages than
 * its videos need, is at its end. */
static enum err videos_turn(
    struct videos_walk *walk, int64_t each, const char *token, struct errbuf *eb)
{
	bool same = token && walk->token && strcmp(token, walk->token) == 0;
	char *copy = NULL;

	walk->pages++;
	walk->ended = !token || same || walk->wanted >= each || walk->n >= PLAYLIST_UPLOADS_MOST ||
	              walk->pages >= each / 10 + 50;
	if (!walk->ended && !(copy = str_dup(token)))
		return err_set(eb, ERR_NOMEM, "out of memory");
	free(walk->token);
	walk->token = copy;
	return ERR_OK;
}

/* All of a page's ids enter at once, so that one that could not be kept is read again whole. */
static enum err videos_page(struct videos_keep *k, struct videos_walk *walk,
    const struct playlist_page *page, int at, struct errbuf *eb)
{
	bool is_new;
	enum err err = ERR_OK;

	for (int i = 0; i < page->n && walk->wanted < k->each && !err; i++) {
		err = videos_note_listed(walk, page->items[i].vid, &is_new, eb);
		if (err || !is_new)
			continue;
		/* whether a tombstone is one is told by videos.list; no other video gives way to it */
		video_queue_add(&k->queue, at, page->items[i].vid);
		walk->waiting++;
		walk->wanted += !page->items[i].tombstone;
	}
	return err ? err : videos_turn(walk, k->each, page->token, eb);
}

/* A list that cannot be gone on with: what it gave so far gets its details before it is given up. */
static enum err videos_list_failed(struct work *w, int i, enum err why, struct errbuf *eb)
{
	struct videos_keep *k = w->chunk->keep;
	struct videos_walk *walk = &k->walks[w->chunk->base + i];
	const struct fault_info fault = w->fault;
	const int64_t retry_after_s = w->retry_after_s;
	const struct errbuf said = *eb;
	enum err err = ERR_OK;

	if (why == ERR_INVALID && walk->token && !walk->anew) {
		walk->anew = true;
		free(walk->token);
		walk->token = NULL;
		return ERR_OK;
	}
	if (why == ERR_NOTFOUND && fault.status == 404) {
		walk->ended = true;
		walk->empty = walk->n == 0;
		return ERR_OK;
	}
	if (why != ERR_BUSY && why != ERR_DENIED && why != ERR_NOTFOUND && why != ERR_INVALID)
		return why;
	while (walk->waiting && !err)
		err = video_queue_ask(w, &k->queue, &videos_calls, eb);
	if (err)
		return err;
	w->fault = fault;
	w->retry_after_s = retry_after_s;
	w->chunk->from = w->chunk->upto = i;
	*eb = said;
	return why == ERR_BUSY ? why : work_give_up(w, i, eb);
}

static enum err videos_list(struct work *w, int i, struct errbuf *eb)
{
	struct chunk *c = w->chunk;
	struct videos_keep *k = c->keep;
	struct videos_walk *walk = &k->walks[c->base + i];
	struct client_reply reply;
	struct playlist_page page;
	enum err err;

	c->from = c->upto = i;
	str_reset(w->query);
	playlist_items_query(&c->ids[i], walk->token, w->query);
	err = video_call(w, METHOD_PLAYLIST_ITEMS_LIST, "units.playlist_items", &reply, eb);
	if (err)
		return videos_list_failed(w, i, err, eb);
	work_state(w, "parsing");
	if (playlist_items_parse(w->json, reply.body, reply.len, &page, eb))
		return videos_list_failed(w, i, work_torn(w, eb), eb);
	return videos_page(k, walk, &page, c->base + i, eb);
}

/* ---- a chunk ---- */

/* The first channel that is to be listed on; -1: all are. */
static int videos_next(const struct chunk *c)
{
	const struct videos_keep *k = c->keep;

	for (int i = 0; i < c->n; i++)
		if (c->states[i] == ITEM_PENDING && !k->walks[c->base + i].ended)
			return i;
	return -1;
}

static enum err videos_note_done(
    struct chunk *c, int i, const struct videos_walk *walk, struct errbuf *eb)
{
	struct videos_rows *out = videos_rows(c);
	struct videos_listed *l = out ? arena_alloc(c->arena, sizeof *l) : NULL;

	if (!l)
		return err_set(eb, ERR_NOMEM, "out of memory");
	l->row = (struct upload_list_row){.cid = c->ids[i],
	    .listed = walk->n,
	    .truncated = walk->n >= PLAYLIST_UPLOADS_MOST,
	    .empty = walk->empty,
	    .at = clock_now()};
	l->walked = !walk->known;
	c->lease.facts[i] = l->walked ? cluster_facts(&l->row) : 0;
	l->next = out->listed;
	out->listed = l;
	c->states[i] = ITEM_DONE;
	chunk_count(c, 1, walk->n ? "channels_with_videos" : "channels_without");
	return ERR_OK;
}

/* Channels whose last video was answered are done. */
static enum err videos_settle(struct work *w, struct errbuf *eb)
{
	struct chunk *c = w->chunk;
	struct videos_keep *k = c->keep;
	enum err err = ERR_OK;

	for (int i = 0; i < c->n && !err; i++) {
		struct videos_walk *walk = &k->walks[c->base + i];
		if (c->states[i] != ITEM_PENDING || !walk->ended || walk->waiting)
			continue;
		if (walk->n && walk->refused == walk->n)
			err = work_give_up(w, i, eb); /* that is no channel without videos */
		else
			err = videos_note_done(c, i, walk, eb);
		videos_walk_free(walk);
	}
	return err;
}

enum err videos_work(struct work *w, struct chunk *c, struct errbuf *eb)
{
	enum err err = c->keep ? ERR_OK : videos_open(w, c, eb);
	struct videos_keep *k = c->keep;
	int next = 0;

	if (!err) {
		video_queue_purge(&k->queue, c);
		err = videos_settle(w, eb);
	}
	while (!err && c->n_rows < VIDEOS_FLUSH_ROWS) {
		next = videos_next(c);
		if (video_queue_is_due(&k->queue, next < 0))
			err = video_queue_ask(w, &k->queue, &videos_calls, eb);
		else if (next >= 0)
			err = videos_list(w, next, eb);
		else
			break;
		if (!err)
			err = videos_settle(w, eb);
	}
	return err;
}

/* ---- storing ---- */

/* Of a channel that is not done yet: once for a run of its rows. */
static enum err videos_note_changed(struct staging *s, const struct videos_batch *b, int i,
    const struct cid **last, struct errbuf *eb)
{
	const struct cid *channel = &b->rows[i].channel;

	if (*last && cid_compare(*last, channel) == 0)
		return ERR_OK;
	*last = channel;
	return staging_videos_changed(s, channel, eb);
}

static enum err videos_commit_rows(
    struct staging *s, struct chunk *c, const struct videos_rows *r, struct errbuf *eb)
{
	const struct cid *last = NULL;
	bool added = false;
	enum err err = ERR_OK;

	for (const struct videos_batch *b = r->batches; b && !err; b = b->next)
		for (int i = 0; i < b->n && !err; i++) {
			err = staging_video_put(s, &b->rows[i], &added, eb);
			if (!err && added)
				chunk_count(c, 1, "videos_new");
			if (!err)
				err = videos_note_changed(s, b, i, &last, eb);
		}
	return err;
}

enum err videos_commit(struct staging *s, struct chunk *c, struct errbuf *eb)
{
	const struct videos_rows *r = c->rows;
	enum err err = r ? videos_commit_rows(s, c, r, eb) : ERR_OK;

	for (const struct videos_gone *g = r ? r->gone : NULL; g && !err; g = g->next)
		err = staging_video_absent(s, &g->channel, g->vid, g->day, eb);
	for (const struct videos_listed *l = r ? r->listed : NULL; l && !err; l = l->next) {
		err = l->walked ? staging_upload_list_put(s, &l->row, eb) : ERR_OK;
		/* PostgreSQL marks channels whose videos were fetched */
		if (!err)
			err = staging_outbox_add(s, OUTBOX_CHANNEL, 0, &l->row.cid, eb);
	}
	return err;
}

/* ---- numbers ---- */

int videos_chunk_ids(const json_t *params)
{
	int64_t n = VIDEOS_CHUNK / videos_each(params, VIDEOS_EACH);

	return n < 1 ? 1 : n > CHUNK_IDS ? CHUNK_IDS : (int)n;
}

static void videos_ratio(json_t *result, const char *name, double of, double by)
{
	if (by > 0)
		json_object_set_new(result, name, json_real(round(of / by * 100) / 100));
}

void videos_summary(json_t *result)
{
	static const char *const names[] = {"videos", "videos_new", "videos_absent",
	    "videos_refused", "channels_with_videos", "channels_without"};
	double with;

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (!json_object_get(result, names[i]))
			json_object_set_new(result, names[i], json_integer(0));
	with = json_number_value(json_object_get(result, "channels_with_videos"));
	videos_ratio(result, "units_per_channel",
	    json_number_value(json_object_get(result, "units_used")), with);
	videos_ratio(result, "videos_per_channel",
	    json_number_value(json_object_get(result, "videos")), with);
}

const struct job_type videos_type = {
    .info = {.name = "batch_videos",
        .word = "videos",
        .help = "fetch the newest uploads of channels with metadata, 25 each by default",
        .params = videos_params,
        .n_params = sizeof videos_params / sizeof videos_params[0]},
    .op = OP_VIDEOS,
    .stage = STAGE_VIDEOS,
    .feed = FEED_VIDEOS,
    .idle = idle_videos,
    .keeps = true,
    .instead = {"counts_only", &video_counts_type},
    .chunk_ids = videos_chunk_ids,
    .ask = videos_ask,
    .price = videos_price,
    .offers = videos_offers,
    .summary = videos_summary,
    .work = videos_work,
    .commit = videos_commit,
    .bring = videos_bring,
    .drop = videos_drop,
};
