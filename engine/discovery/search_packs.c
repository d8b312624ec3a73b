/*
 * What a search looks up for its methods: videos 50 at a time, handles one by one (a unit each, so
 * what is known is asked of staging first), and at last every new channel, 50 at a time.
 */
#include "config.h"
#include "engine/discovery/search_parts.h"

#include "db/staging_discovery.h"
#include "db/staging_handles.h"
#include "engine/base/clock.h"
#include "engine/language/channel_language.h"
#include "engine/youtube/reply.h"
#include "engine/youtube/channels.h"

#include <stdlib.h>
#include <string.h>

static enum err pack_nomem(struct errbuf *eb)
{
	return err_set(eb, ERR_NOMEM, "out of memory");
}

/* ---- videos ---- */

struct pack_videos {
	int64_t vids[SEARCH_PACK];
	int n;
	int from, upto, method; /* of the first */
};

/* The first 50 videos that nobody answered yet. */
static void pack_videos_fill(const struct search *s, struct pack_videos *p)
{
	const struct search_want *w = s->videos.items;

	*p = (struct pack_videos){.n = 0};
	for (int i = 0; i < s->videos.n && p->n < SEARCH_PACK; i++) {
		int k = 0;
		if (w[i].answered)
			continue;
		while (k < p->n && p->vids[k] != w[i].vid)
			k++;
		if (k < p->n)
			continue;
		if (!p->n) {
			p->method = w[i].method;
			p->from = p->upto = w[i].at;
		}
		p->vids[p->n++] = w[i].vid;
		p->from = w[i].at < p->from ? w[i].at : p->from;
		p->upto = w[i].at > p->upto ? w[i].at : p->upto;
	}
}

/* Everybody who wants this video learns its channel; target NULL: it is not to be had. */
static enum err pack_video_answer(
    struct search *s, int64_t vid, const struct cid *target, const char *title, struct errbuf *eb)
{
	struct search_want *w = s->videos.items;
	enum err err = ERR_OK;

	for (int i = 0; i < s->videos.n && !err; i++) {
		if (w[i].answered || w[i].vid != vid)
			continue;
		if (target)
			err = search_add(s, w[i].at, w[i].method, target, title, w[i].service,
			    w[i].confidence, eb);
		w[i].answered = !err;
	}
	return err;
}

/* What a call said of a video; kept, so that nobody asks again. */
static enum err pack_video_learn(
    struct search *s, int64_t vid, const struct cid *target, const char *title, struct errbuf *eb)
{
	struct mentioned_video *v = search_push(&s->seen);

	if (!v)
		return pack_nomem(eb);
	*v = (struct mentioned_video){.vid = vid, .found = target != NULL, .at = clock_now()};
	if (target)
		v->channel = *target;
	return pack_video_answer(s, vid, target, title, eb);
}

/* Those that an earlier look asked for. */
static enum err pack_videos_known(struct search *s, struct errbuf *eb)
{
	const int64_t since = clock_now() - (int64_t)HANDLE_MISS_DAYS * 86400;
	const struct search_want *w = s->videos.items;
	enum err err = ERR_OK;

	for (int i = 0; i < s->videos.n && !err; i++) {
		struct mentioned_video v;
		if (w[i].answered)
			continue;
		err = staging_mentioned_video_get(s->cfg.reader, w[i].vid, &v, eb);
		if (!err && (v.found || v.at > since))
			err = pack_video_answer(s, v.vid, v.found ? &v.channel : NULL, NULL, eb);
		err = err == ERR_NOTFOUND ? ERR_OK : err;
	}
	return err;
}

static bool pack_is_wanted(const struct search *s, int64_t vid)
{
	const struct search_want *w = s->videos.items;

	for (int i = 0; i < s->videos.n; i++)
		if (w[i].vid == vid && !w[i].answered)
			return true;
	return false;
}

/* One item; *odd: it is none, and may stand for a video that seems to be absent. */
static enum err pack_video_read(
    struct search *s, struct json_node item, bool *odd, struct errbuf *eb)
{
	const char *channel = NULL, *title = NULL;
	size_t len;
	int64_t vid;
	struct cid cid;

	if (!reply_vid(json_node_get(item, "id"), &vid)) {
		*odd = true;
		return ERR_OK;
	}
	if (!json_node_text(json_node_path(item, "snippet/channelId"), &channel, &len) ||
	    !cid_parse(channel, len, &cid))
		return ERR_OK;
	json_node_text(json_node_path(item, "snippet/channelTitle"), &title, &len);
	return pack_video_learn(s, vid, &cid, title, eb);
}

static enum err pack_videos_read(struct search *s, const struct pack_videos *p,
    const struct client_reply *reply, struct errbuf *eb)
{
	struct json_node root, items, item;
	struct json_walk w;
	bool odd = false;
	enum err err = ERR_OK;

	if (json_reader_parse(s->cfg.json, reply->body, reply->len, &root, eb) ||
	    reply_items(root, "youtube#videoListResponse", &items, eb))
		return s->cfg.torn(s->cfg.arg, eb);
	json_walk_start(&w, items);
	while (!err && json_walk_next(&w, &item, NULL))
		err = pack_video_read(s, item, &odd, eb);
	for (int i = 0; i < p->n && odd && !err; i++)
		if (pack_is_wanted(s, p->vids[i])) {
			err_set(eb, ERR_INVALID, "the reply holds items that are no videos");
			return s->cfg.torn(s->cfg.arg, eb);
		}
	return err;
}

static enum err pack_videos_ask(struct search *s, struct pack_videos *p, struct errbuf *eb)
{
	char text[VID_TEXT + 1];
	struct client_reply reply;
	enum err err;

	str_reset(&s->query);
	str_adds(&s->query, "part=snippet&id=");
	for (int i = 0; i < p->n; i++)
		str_addf(&s->query, "%s%s", i ? "," : "", vid_format(p->vids[i], text));
	str_adds(&s->query,
	    "&maxResults=50&fields=items(id,snippet(channelId,channelTitle))&prettyPrint=false");
	err = search_ask(s, p->method, p->from, p->upto, METHOD_VIDEOS_LIST, &reply, eb);
	if (!err)
		err = pack_videos_read(s, p, &reply, eb);
	return err;
}

/* Those that were asked for and not returned are deleted or private. */
static enum err pack_videos_gone(struct search *s, const struct pack_videos *p, struct errbuf *eb)
{
	enum err err = ERR_OK;

	for (int i = 0; i < p->n && !err; i++)
		if (pack_is_wanted(s, p->vids[i]))
			err = pack_video_learn(s, p->vids[i], NULL, NULL, eb);
	return err;
}

enum err search_videos(struct search *s, struct errbuf *eb)
{
	int most = SEARCH_PACK;
	struct pack_videos p;
	enum err err = pack_videos_known(s, eb);

	if (err)
		return err;
	for (;;) {
		pack_videos_fill(s, &p);
		if (!p.n)
			return ERR_OK;
		p.n = p.n < most ? p.n : most;
		err = pack_videos_ask(s, &p, eb);
		if ((err == ERR_DENIED || err == ERR_INVALID) && p.n > 1) {
			most = p.n / 2; /* the one that is refused is found by asking again */
			continue;
		}
		if (err && err != ERR_DENIED && err != ERR_INVALID && err != ERR_NOTFOUND)
			return err;
		err = pack_videos_gone(s, &p, eb);
		if (err)
			return err;
		most = SEARCH_PACK;
	}
}

/* ---- channels that were found ---- */

/* The slot of a channel, or the free one where it belongs. Ids are random: their bytes will do. */
static int *target_slot(struct search *s, const struct cid *cid)
{
	const struct search_target *t = s->targets.items;
	uint64_t h;
	size_t i;

	memcpy(&h, cid->b, sizeof h);
	for (i = h * UINT64_C(0x9e3779b97f4a7c15) >> 20 & (s->by_id.n - 1); s->by_id.slots[i];
	     i = (i + 1) & (s->by_id.n - 1))
		if (cid_compare(&t[s->by_id.slots[i] - 1].cid, cid) == 0)
			break;
	return &s->by_id.slots[i];
}

/* Room for one target more. */
static bool target_room(struct search *s)
{
	const struct search_target *t = s->targets.items;
	size_t n = s->by_id.n ? s->by_id.n * 2 : 256;
	int *slots;

	if ((size_t)(s->targets.n + 1) * 2 <= s->by_id.n)
		return true;
	slots = calloc(n, sizeof *slots);
	if (!slots)
		return false;
	free(s->by_id.slots);
	s->by_id = (struct search_index){slots, n};
	for (int i = 0; i < s->targets.n; i++)
		*target_slot(s, &t[i].cid) = i + 1;
	return true;
}

struct search_target *search_target_get(struct search *s, const struct cid *cid)
{
	int at = s->by_id.n ? *target_slot(s, cid) : 0;

	return at ? (struct search_target *)s->targets.items + at - 1 : NULL;
}

struct search_target *search_target_put(struct search *s, const struct search_find *f)
{
	const struct search_place *p = &s->places[f->at];
	struct search_target *t = search_target_get(s, &f->target);

	if (!t) {
		t = target_room(s) ? search_push(&s->targets) : NULL;
		if (!t)
			return NULL;
		t->cid = f->target;
		*target_slot(s, &f->target) = s->targets.n;
		t->depth = p->depth + 1;
		t->source = p->cid;
		t->first = (uint32_t)f->method;
		t->at = f->at;
	}
	if (p->depth + 1 < t->depth) {
		t->depth = p->depth + 1;
		t->source = p->cid;
	}
	t->methods |= UINT32_C(1) << f->method;
	t->title = t->title ? t->title : f->title;
	return t;
}

static enum err pack_target_look(struct search *s, struct search_target *t, struct errbuf *eb)
{
	bool known = false;
	enum err err = staging_channel_has(s->cfg.reader, &t->cid, &known, eb);

	if (!err)
		t->state = known ? TARGET_KNOWN : TARGET_NEW;
	return err;
}

enum err search_targets_look(struct search *s, struct errbuf *eb)
{
	const struct search_find *f = s->finds.items;
	struct search_target *t;
	enum err err = ERR_OK;

	for (int i = 0; i < s->finds.n; i++)
		if (!search_target_put(s, &f[i]))
			return pack_nomem(eb);
	t = s->targets.items;
	err = staging_peek_begin(s->cfg.reader, eb);
	for (int i = 0; i < s->targets.n && !err; i++)
		if (t[i].state == TARGET_UNSEEN)
			err = pack_target_look(s, &t[i], eb);
	staging_look_end(s->cfg.reader);
	return err;
}

/* What a call told of a channel: meta NULL when it was not returned. */
static enum err pack_bring(
    struct search *s, struct search_target *t, const struct channel_meta *meta, struct errbuf *eb)
{
	struct search_brought *b = search_push(&s->brought);

	if (!b)
		return pack_nomem(eb);
	t->state = meta ? TARGET_CONFIRMED : TARGET_MISSING;
	*b = (struct search_brought){.target = *t, .meta = meta};
	return ERR_OK;
}

/* Rows of a channels.list reply, complete with language and time. */
static enum err pack_channels(struct search *s, const struct client_reply *reply,
    struct channel_meta **rows, int *n, int *odd, struct errbuf *eb)
{
	struct arena *arena = s->cfg.arena;
	int64_t now = clock_now();

	if (channels_parse(s->cfg.json, reply->body, reply->len, arena, rows, n, odd, eb))
		return s->cfg.torn(s->cfg.arg, eb);
	for (int i = 0; i < *n; i++) {
		(*rows)[i].fetched_at = now;
		if (channel_language(arena, &(*rows)[i]))
			return pack_nomem(eb);
	}
	return ERR_OK;
}

/* ---- handles ---- */

static enum err pack_name_found(struct search *s, const struct search_want *w,
    const struct cid *cid, const struct channel_meta *meta, struct errbuf *eb)
{
	const struct search_find *f;
	struct search_target *t;
	enum err err = search_add(
	    s, w->at, w->method, cid, meta ? meta->title : NULL, w->service, w->confidence, eb);

	f = s->finds.items;
	for (int i = 0; i < s->finds.n && meta && !err; i++) {
		if (f[i].at != w->at || f[i].method != w->method ||
		    cid_compare(&f[i].target, cid) != 0)
			continue;
		/* the reply told all about it: it need not be confirmed */
		t = search_target_put(s, &f[i]);
		if (!t)
			return pack_nomem(eb);
		if (t->state == TARGET_UNSEEN)
			err = pack_target_look(s, t, eb);
		return err || t->state != TARGET_NEW ? err : pack_bring(s, t, meta, eb);
	}
	return err;
}

/* What this search was answered about a name; NULL: it did not ask. */
static const struct handle_row *pack_learned(const struct search *s, const char *name)
{
	const struct handle_row *h = s->learned.items;

	for (int i = 0; i < s->learned.n; i++)
		if (h[i].checked_at && strcmp(h[i].name, name) == 0)
			return &h[i];
	return NULL;
}

static enum err pack_name_ask(
    struct search *s, const struct search_want *w, struct handle_row *h, struct errbuf *eb)
{
	struct client_reply reply;
	struct channel_meta *rows = NULL;
	int n = 0;
	enum err err;

	str_reset(&s->query);
	channels_name_query(h->kind, h->name, &s->query);
	err = search_ask(s, w->method, w->at, w->at, METHOD_CHANNELS_LIST, &reply, eb);
	if (!err)
		err = pack_channels(s, &reply, &rows, &n, NULL, eb);
	h->state = ITEM_MISSING;
	if (err == ERR_DENIED || err == ERR_INVALID)
		h->state = ITEM_FAILED;
	else if (err && err != ERR_NOTFOUND)
		return err;
	if (err || !n)
		return ERR_OK;
	h->state = ITEM_DONE;
	h->cid = rows[0].cid;
	return pack_name_found(s, w, &h->cid, &rows[0], eb);
}

/* A miss is believed for some time, a hit for good. */
static bool pack_name_is_known(const struct handle_row *h, int64_t now)
{
	return h->state == ITEM_DONE || h->state == ITEM_FAILED ||
	       (h->state == ITEM_MISSING &&
	           h->checked_at > now - (int64_t)HANDLE_MISS_DAYS * 86400);
}

/* One name: from what this search learned, from staging, by a call; or left for another job. */
static enum err pack_name(struct search *s, struct search_want *w, struct errbuf *eb)
{
	struct search_place *p = &s->places[w->at];
	const int64_t now = clock_now();
	const struct handle_row *known = pack_learned(s, w->name);
	struct handle_row h = {.kind = "handle", .name = w->name}, *kept;
	enum err err = ERR_OK;

	if (!known) {
		err = staging_handle_get(s->cfg.reader, h.kind, h.name, &h, eb);
		if (err && err != ERR_NOTFOUND)
			return err;
		known = !err && pack_name_is_known(&h, now) ? &h : NULL;
	}
	if (known)
		return known->state == ITEM_DONE ? pack_name_found(s, w, &known->cid, NULL, eb)
		                                 : ERR_OK;
	h = (struct handle_row){.kind = "handle", .name = w->name, .mentions = 1};
	if (p->handle_calls < s->handle_calls) {
		err = pack_name_ask(s, w, &h, eb);
		if (err)
			return err;
		p->handle_calls++;
		h.checked_at = now;
	}
	kept = search_push(&s->learned);
	if (!kept)
		return pack_nomem(eb);
	*kept = h;
	return ERR_OK;
}

enum err search_names(struct search *s, struct errbuf *eb)
{
	struct search_want *w = s->handles.items;
	enum err err = ERR_OK;

	for (int i = 0; i < s->handles.n && !err; i++)
		if (!w[i].answered) {
			err = pack_name(s, &w[i], eb);
			w[i].answered = !err;
		}
	return err;
}

/* ---- confirming ---- */

struct pack_new {
	struct search_target *targets[SEARCH_PACK];
	struct cid ids[SEARCH_PACK];
	int n;
	int from, upto;
};

static void pack_new_fill(struct search *s, int most, struct pack_new *p)
{
	struct search_target *t = s->targets.items;

	*p = (struct pack_new){.n = 0};
	for (int i = 0; i < s->targets.n && p->n < most; i++) {
		if (t[i].state != TARGET_NEW)
			continue;
		if (!p->n)
			p->from = p->upto = t[i].at;
		p->from = t[i].at < p->from ? t[i].at : p->from;
		p->upto = t[i].at > p->upto ? t[i].at : p->upto;
		p->targets[p->n] = &t[i];
		p->ids[p->n++] = t[i].cid;
	}
}

static const struct channel_meta *pack_row_of(
    const struct channel_meta *rows, int n, const struct cid *cid)
{
	for (int i = 0; i < n; i++)
		if (cid_compare(&rows[i].cid, cid) == 0)
			return &rows[i];
	return NULL;
}

static enum err pack_new_ask(struct search *s, const struct pack_new *p, struct errbuf *eb)
{
	struct client_reply reply;
	struct channel_meta *rows = NULL;
	int n = 0, odd = 0, hits = 0;
	enum err err;

	str_reset(&s->query);
	channels_query(p->ids, p->n, &s->query);
	err = search_ask(s, -1, p->from, p->upto, METHOD_CHANNELS_LIST, &reply, eb);
	if (!err)
		err = pack_channels(s, &reply, &rows, &n, &odd, eb);
	for (int i = 0; i < p->n && !err; i++)
		hits += pack_row_of(rows, n, &p->ids[i]) != NULL;
	/* items that are not what was asked for may stand for those that seem to be absent */
	if (!err && hits < p->n && (odd || hits < n)) {
		err_set(eb, ERR_INVALID, "the reply holds items that were not asked for");
		return s->cfg.torn(s->cfg.arg, eb);
	}
	for (int i = 0; i < p->n && !err; i++)
		err = pack_bring(s, p->targets[i], pack_row_of(rows, n, &p->ids[i]), eb);
	return err;
}

enum err search_confirm(struct search *s, struct errbuf *eb)
{
	int most = SEARCH_PACK;
	struct pack_new p;
	enum err err = search_targets_look(s, eb);

	while (!err) {
		pack_new_fill(s, most, &p);
		if (!p.n)
			break;
		err = pack_new_ask(s, &p, eb);
		most = SEARCH_PACK;
		if (err != ERR_DENIED && err != ERR_INVALID && err != ERR_NOTFOUND)
			continue;
		err = ERR_OK;
		if (p.n > 1)
			most = p.n / 2; /* the one that is refused is found by asking again */
		else
			p.targets[0]->state = TARGET_REFUSED;
	}
	return err;
}
