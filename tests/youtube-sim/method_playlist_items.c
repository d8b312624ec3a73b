/*
 * playlistItems.list. Uploads come newest first. Pages are short now and then, or even empty, while
 * a token follows; now and then the last item of a page comes again on the next one, as after an
 * upload between the two. Tokens name an item.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "ids.h"
#include "list.h"
#include "playlist.h"
#include "video_text.h"
#include "video_write.h"

#define RECORDED_MAX 1024

enum part { PART_ID = 1, PART_SNIPPET = 2, PART_CONTENT_DETAILS = 4, PART_STATUS = 8 };

static const char *const parts[] = {"id", "snippet", "contentDetails", "status", NULL};

static const struct param_def params[] = {
    {"part", PARAM_TEXT, PARAM_REPEATED | PARAM_REQUIRED},
    {"id", PARAM_TEXT, PARAM_REPEATED | PARAM_FILTER},
    {"playlistId", PARAM_TEXT, PARAM_FILTER},
    {"videoId", PARAM_TEXT, 0},
    {"maxResults", PARAM_UINT, 0},
    {"pageToken", PARAM_TEXT, 0},
    {"onBehalfOfContentOwner", PARAM_TEXT, 0},
    {NULL, PARAM_TEXT, 0},
};

static const char schema[] =
    "kind,etag,eventId,visitorId,nextPageToken,prevPageToken,tokenPagination,"
    "pageInfo(totalResults,resultsPerPage),items(kind,etag,id,"
    "snippet(publishedAt,channelId,title,description,thumbnails/*(url,width,height),channelTitle,"
    "playlistId,position,resourceId(kind,videoId,channelId,playlistId),videoOwnerChannelTitle,"
    "videoOwnerChannelId),"
    "contentDetails(videoId,startAt,endAt,note,videoPublishedAt),status(privacyStatus))";

/* One page of a list. */
struct view {
	struct playlist list;
	struct out list_id;
	struct out owner; /* title of the list's channel, escaped */
	uint64_t total;
	uint64_t first;
	uint64_t count;
	uint64_t next;
};

/* Which positions are on this page, and where the next one starts. */
static void choose_items(const struct call *c, struct view *v, uint64_t serial, uint64_t hash)
{
	uint64_t h = ids_mix(hash ^ ids_mix(v->first + (serial << 32))), want = c->max_results;

	if (h % 43 == 0 && serial > 0)
		want = 0;
	else if (h % 9 == 0)
		want -= want > 3 ? 1 + (h >> 16) % 2 : 0;
	v->count = v->total - v->first < want ? v->total - v->first : want;
	v->next = v->first + v->count;
	if (h % 11 == 3 && v->count > 1 && v->next < v->total)
		v->next--;
}

/* The slot of a video stays what it is when others are added. */
static uint64_t anchor_of(const struct universe *u, const struct playlist *p, uint64_t position)
{
	return p->uploads ? playlist_video(u, *p, position).slot : position;
}

static uint64_t position_of(const struct universe *u, const struct playlist *p, uint64_t anchor)
{
	if (!p->uploads)
		return anchor;
	return video_count(u, p->channel) - 1 - video_rank(u, (struct video){p->channel, anchor});
}

static void write_resource(struct jsonw *w, const char *id)
{
	if (!jsonw_object(w, "resourceId"))
		return;
	jsonw_string(w, "kind", "youtube#video");
	jsonw_escaped(w, "videoId", id, IDS_VIDEO_LEN);
	jsonw_object_end(w);
}

static void write_words(struct call *c, struct jsonw *w, struct video v, enum video_state state)
{
	const struct universe *u = c->api->universe;
	struct channel *ch = worker_channel(c->worker);
	struct out text;

	if (!video_is_shown(state)) {
		bool private = state == VIDEO_PRIVATE;

		jsonw_string(w, "title", private ? "Private video" : "Deleted video");
		jsonw_string(w, "description",
		    private ? "This video is private." : "This video is unavailable.");
		if (jsonw_object(w, "thumbnails"))
			jsonw_object_end(w);
		return;
	}
	out_init(&text, 65536);
	video_text_title(u, v, channel_phrases(ch), &text);
	jsonw_outside(w, "title", (struct slice){text.data, text.len});
	out_reset(&text);
	video_text_description(u, v, channel_phrases(ch), &text);
	jsonw_outside(w, "description", (struct slice){text.data, text.len});
	w->out->failed |= text.failed;
	out_done(&text);
	video_write_thumbnails(w, u, v);
}

static void write_snippet(struct call *c, struct jsonw *w, const struct view *view,
    uint64_t position, struct video v, enum video_state state)
{
	const struct universe *u = c->api->universe;
	char owner[IDS_CHANNEL_LEN], id[IDS_VIDEO_LEN];
	struct slice title;

	if (!jsonw_object(w, "snippet"))
		return;
	channel_load(worker_channel(c->worker), u, v.channel);
	universe_id(u, view->list.channel, owner);
	video_id(u, v, id);
	video_write_moment(w, "publishedAt", playlist_added(u, view->list, position));
	jsonw_escaped(w, "channelId", owner, sizeof owner);
	write_words(c, w, v, state);
	jsonw_escaped(w, "channelTitle", view->owner.data, view->owner.len);
	jsonw_escaped(w, "playlistId", view->list_id.data, view->list_id.len);
	jsonw_number(w, "position", position);
	write_resource(w, id);
	if (video_is_shown(state)) {
		title = channel_title(worker_channel(c->worker));
		universe_id(u, v.channel, owner);
		jsonw_escaped(w, "videoOwnerChannelTitle", title.p, title.len);
		jsonw_escaped(w, "videoOwnerChannelId", owner, sizeof owner);
	}
	jsonw_object_end(w);
}

static void write_details(struct jsonw *w, const struct universe *u, struct video v, bool shown)
{
	char id[IDS_VIDEO_LEN];

	if (!jsonw_object(w, "contentDetails"))
		return;
	video_id(u, v, id);
	jsonw_escaped(w, "videoId", id, sizeof id);
	if (shown)
		video_write_moment(w, "videoPublishedAt", video_published(u, v));
	jsonw_object_end(w);
}

static void write_item(struct call *c, struct list *l, const struct view *view, uint64_t position)
{
	static const char *const privacy[] = {[VIDEO_PUBLIC] = "public",
	    [VIDEO_UNLISTED] = "unlisted",
	    [VIDEO_VANISHED] = "privacyStatusUnspecified",
	    [VIDEO_PRIVATE] = "private",
	    [VIDEO_DELETED] = "privacyStatusUnspecified"};
	const struct universe *u = c->api->universe;
	struct video v = playlist_video(u, view->list, position);
	enum video_state state = video_state(u, v);
	struct out id;

	/* The uploads list has not noticed yet. */
	if (view->list.uploads && state == VIDEO_VANISHED)
		state = VIDEO_PUBLIC;
	out_init(&id, 256);
	playlist_item_id(u, view->list, position, &id);
	if (list_item(l, "youtube#playlistItem", ids_hash(id.data, id.len, 0))) {
		jsonw_escaped(&l->w, "id", id.data, id.len);
		if (c->parts & PART_SNIPPET)
			write_snippet(c, &l->w, view, position, v, state);
		if (c->parts & PART_CONTENT_DETAILS)
			write_details(&l->w, u, v, video_is_shown(state));
		if (c->parts & PART_STATUS && jsonw_object(&l->w, "status")) {
			jsonw_string(&l->w, "privacyStatus", privacy[state]);
			jsonw_object_end(&l->w);
		}
		list_item_end(l);
	}
	c->out.failed |= id.failed;
	out_done(&id);
}

static void view_open(struct call *c, struct view *v, struct playlist p)
{
	struct channel *ch = worker_channel(c->worker);
	struct slice title;

	out_reset(&v->list_id);
	out_reset(&v->owner);
	v->list = p;
	playlist_id(c->api->universe, p, &v->list_id);
	channel_load(ch, c->api->universe, p.channel);
	title = channel_title(ch);
	out_add(&v->owner, title.p, title.len);
}

/* One channel in ten counts what cannot be listed too. */
static uint64_t told_total(const struct universe *u, const struct view *v)
{
	if (!v->list.uploads || universe_draw(u, v->list.channel, DRAW_LISTED) % 10 != 0)
		return v->total;
	return v->total + video_slots(u, v->list.channel) - video_count(u, v->list.channel);
}

static const struct error_def *write_page(struct call *c, struct view *v, struct slice name)
{
	const struct universe *u = c->api->universe;
	struct page page, next, last;
	struct list_head head = {.kind = "youtube#playlistItemListResponse",
	    .list = list_hash(c, name),
	    .has_page_info = true,
	    .per_page = c->max_results};
	const struct error_def *e;
	struct list l;
	bool given;

	v->total = playlist_items(u, v->list);
	e = list_page(c, head.list, false, &page, &given);
	if (e != NULL)
		return e;
	v->first = given ? position_of(u, &v->list, page.anchor) : 0;
	if (v->first > v->total)
		v->first = v->total;
	choose_items(c, v, page.serial, head.list);
	head.total = told_total(u, v);
	if (v->next < v->total && c->max_results > 0) {
		next = (struct page){anchor_of(u, &v->list, v->next), page.serial + 1};
		head.next = &next;
	}
	if (v->first > 0 && page.serial > 0) {
		uint64_t before = v->first > c->max_results ? v->first - c->max_results : 0;

		last = (struct page){anchor_of(u, &v->list, before), page.serial - 1};
		head.last = &last;
	}
	if (!list_begin(&l, c, &head))
		return errors_find(slice_of("internalError500"));
	for (uint64_t i = 0; i < v->count; i++)
		write_item(c, &l, v, v->first + i);
	return list_end(&l);
}

/* The places of one video in a list. */
static const struct error_def *write_places(struct call *c, struct view *v, struct slice wanted)
{
	struct list_head head = {.kind = "youtube#playlistItemListResponse",
	    .has_page_info = true,
	    .per_page = c->max_results};
	const struct universe *u = c->api->universe;
	char id[IDS_VIDEO_LEN];
	uint64_t hits[METHOD_MAX_IDS], n = playlist_items(u, v->list);
	struct list l;

	for (uint64_t i = 0; i < n && head.total < METHOD_MAX_IDS; i++) {
		video_id(u, playlist_video(u, v->list, i), id);
		if (wanted.len == sizeof id && memcmp(wanted.p, id, sizeof id) == 0)
			hits[head.total++] = i;
	}
	if (!list_begin(&l, c, &head))
		return errors_find(slice_of("internalError500"));
	for (uint64_t i = 0; i < head.total && i < c->max_results; i++)
		write_item(c, &l, v, hits[i]);
	return list_end(&l);
}

static const struct error_def *write_ids(struct call *c, struct view *v)
{
	struct list_head head = {.kind = "youtube#playlistItemListResponse",
	    .has_page_info = true,
	    .per_page = c->max_results};
	struct playlist p;
	uint64_t position;
	struct list l;

	if (c->id_count > METHOD_MAX_IDS)
		return errors_find(slice_of("invalidFilters"));
	for (size_t i = 0; i < c->id_count; i++)
		head.total += playlist_item_find(c->api->universe, c->ids[i], &p, &position);
	if (!list_begin(&l, c, &head))
		return errors_find(slice_of("internalError500"));
	for (size_t i = 0; i < c->id_count && l.shown < c->max_results; i++) {
		if (!playlist_item_find(c->api->universe, c->ids[i], &p, &position))
			continue;
		view_open(c, v, p);
		write_item(c, &l, v, position);
	}
	return list_end(&l);
}

static void write_upload(
    struct call *c, struct list *l, const struct replay_item *item, struct slice owner)
{
	const char *id = replay_id(item);

	if (!list_item(l, "youtube#playlistItem", replay_hash(item)))
		return;
	if (c->parts & PART_CONTENT_DETAILS && jsonw_object(&l->w, "contentDetails")) {
		jsonw_string(&l->w, "videoId", id);
		jsonw_string(&l->w, "videoPublishedAt", replay_upload(item, owner));
		jsonw_object_end(&l->w);
	}
	list_item_end(l);
}

/* Uploads put together from recorded videos; tokens name a position. */
static const struct error_def *write_recorded(struct call *c, struct slice name)
{
	const struct replay_item *found[RECORDED_MAX];
	char owner[IDS_CHANNEL_LEN] = "UC";
	struct list_head head = {.kind = "youtube#playlistItemListResponse",
	    .list = list_hash(c, name),
	    .has_page_info = true,
	    .per_page = c->max_results};
	struct page page, next;
	const struct error_def *e;
	struct list l;
	bool given;

	if (name.len != IDS_CHANNEL_LEN || memcmp(name.p, "UU", 2) != 0)
		return errors_find(slice_of("playlistNotFound"));
	memcpy(owner + 2, name.p + 2, IDS_CHANNEL_LEN - 2);
	head.total = replay_uploads(
	    c->api->replay, (struct slice){owner, sizeof owner}, found, RECORDED_MAX);
	if (head.total == 0)
		return errors_find(slice_of("playlistNotFound"));
	e = list_page(c, head.list, false, &page, &given);
	if (e != NULL)
		return e;
	next = (struct page){page.anchor + c->max_results, page.serial + 1};
	if (next.anchor < head.total)
		head.next = &next;
	if (!list_begin(&l, c, &head))
		return errors_find(slice_of("internalError500"));
	for (uint64_t i = page.anchor; i < next.anchor && i < head.total; i++)
		write_upload(c, &l, found[i], (struct slice){owner, sizeof owner});
	return list_end(&l);
}

static const struct error_def *run(struct call *c)
{
	struct view v = {.total = 0};
	const struct error_def *e;
	struct slice name = {NULL, 0}, video;
	struct playlist p;

	out_init(&v.list_id, 256);
	out_init(&v.owner, 65536);
	if (slice_equals(c->filter, "id")) {
		e = write_ids(c, &v);
	} else if (c->api->replay != NULL) {
		call_param(c, "playlistId", &name);
		e = write_recorded(c, name);
	} else if (!call_param(c, "playlistId", &name) ||
	           !playlist_find(c->api->universe, name, &p)) {
		e = errors_find(slice_of("playlistNotFound"));
	} else {
		view_open(c, &v, p);
		e = call_param(c, "videoId", &video) && video.len > 0 ? write_places(c, &v, video)
		                                                      : write_page(c, &v, name);
	}
	if (e == NULL && (v.list_id.failed || v.owner.failed))
		e = errors_find(slice_of("internalError500"));
	out_done(&v.list_id);
	out_done(&v.owner);
	return e;
}

const struct method method_playlist_items_list = {
    .name = "playlistItems.list",
    .path = "/youtube/v3/playlistItems",
    .bucket = BUCKET_UNITS,
    .cost = 1,
    .params = params,
    .parts = parts,
    .schema = schema,
    .max_results_default = 5,
    .max_results_max = 50,
    .run = run,
};
