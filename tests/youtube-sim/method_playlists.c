/*
 * playlists.list. By id in the order asked, unknown ones left out. One live channel in a hundred
 * answers channelNotFound all the same.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "ids.h"
#include "list.h"
#include "playlist.h"
#include "video_write.h"

#define KIND "youtube#playlistListResponse"
#define MANY (UINT64_C(1) << 32)

enum part {
	PART_ID = 1,
	PART_SNIPPET = 2,
	PART_STATUS = 4,
	PART_CONTENT_DETAILS = 8,
	PART_PLAYER = 16,
	PART_LOCALIZATIONS = 32
};

static const char *const parts[] = {
    "id", "snippet", "status", "contentDetails", "player", "localizations", NULL};

static const struct param_def params[] = {
    {"part", PARAM_TEXT, PARAM_REPEATED | PARAM_REQUIRED},
    {"channelId", PARAM_TEXT, PARAM_FILTER},
    {"id", PARAM_TEXT, PARAM_REPEATED | PARAM_FILTER},
    {"mine", PARAM_BOOL, PARAM_FILTER | PARAM_OAUTH},
    {"hl", PARAM_TEXT, 0},
    {"maxResults", PARAM_UINT, 0},
    {"pageToken", PARAM_TEXT, 0},
    {"onBehalfOfContentOwner", PARAM_TEXT, 0},
    {"onBehalfOfContentOwnerChannel", PARAM_TEXT, 0},
    {NULL, PARAM_TEXT, 0},
};

static const char schema[] =
    "kind,etag,eventId,visitorId,nextPageToken,prevPageToken,tokenPagination,"
    "pageInfo(totalResults,resultsPerPage),items(kind,etag,id,"
    "snippet(publishedAt,channelId,title,description,thumbnails/*(url,width,height),"
    "thumbnailVideoId,channelTitle,tags,defaultLanguage,localized(title,description)),"
    "status(privacyStatus,podcastStatus),contentDetails/itemCount,player/embedHtml,"
    "localizations/*(title,description))";

static void write_words(struct jsonw *w, const struct out *title, const struct out *description)
{
	jsonw_outside(w, "title", (struct slice){title->data, title->len});
	jsonw_outside(w, "description", (struct slice){description->data, description->len});
}

/* The first video that can be seen lends the list its picture. */
static void write_picture(struct jsonw *w, const struct universe *u, struct playlist p)
{
	uint64_t n = playlist_items(u, p);
	struct video v;

	for (uint64_t i = 0; i < n && i < 10; i++) {
		v = playlist_video(u, p, i);
		if (!video_is_shown(video_state(u, v)))
			continue;
		video_write_thumbnails(w, u, v);
		return;
	}
	if (jsonw_object(w, "thumbnails"))
		jsonw_object_end(w);
}

static void write_snippet(struct call *c, struct jsonw *w, struct playlist p)
{
	const struct universe *u = c->api->universe;
	struct channel *ch = worker_channel(c->worker);
	char id[IDS_CHANNEL_LEN];
	struct out title, text;
	struct slice owner;

	if (!jsonw_object(w, "snippet"))
		return;
	channel_load(ch, u, p.channel);
	out_init(&title, 4096);
	out_init(&text, 4096);
	playlist_title(u, p, channel_phrases(ch), &title);
	if (p.number % 3 == 0 && !p.uploads)
		out_text(&text, channel_phrases(ch)->sentences[p.number % PHRASES_SENTENCES]);
	universe_id(u, p.channel, id);
	video_write_moment(w, "publishedAt", playlist_made(u, p));
	jsonw_escaped(w, "channelId", id, sizeof id);
	write_words(w, &title, &text);
	write_picture(w, u, p);
	owner = channel_title(ch);
	jsonw_escaped(w, "channelTitle", owner.p, owner.len);
	if (jsonw_object(w, "localized")) {
		write_words(w, &title, &text);
		jsonw_object_end(w);
	}
	jsonw_object_end(w);
	w->out->failed |= title.failed || text.failed;
	out_done(&title);
	out_done(&text);
}

static void write_player(struct jsonw *w, const struct out *id)
{
	struct out html;

	if (!jsonw_object(w, "player"))
		return;
	out_init(&html, 4096);
	out_text(&html, "<iframe width=\"640\" height=\"360\" "
	                "src=\"http://www.youtube.com/embed/videoseries?list=");
	out_add(&html, id->data, id->len);
	out_text(&html, "\" frameborder=\"0\" allowfullscreen></iframe>");
	jsonw_outside(w, "embedHtml", (struct slice){html.data, html.len});
	w->out->failed |= html.failed;
	out_done(&html);
	jsonw_object_end(w);
}

static void write_members(struct call *c, struct jsonw *w, struct playlist p, const struct out *id)
{
	jsonw_escaped(w, "id", id->data, id->len);
	if (c->parts & PART_SNIPPET)
		write_snippet(c, w, p);
	if (c->parts & PART_STATUS && jsonw_object(w, "status")) {
		jsonw_string(w, "privacyStatus", "public");
		jsonw_object_end(w);
	}
	if (c->parts & PART_CONTENT_DETAILS && jsonw_object(w, "contentDetails")) {
		jsonw_number(w, "itemCount", playlist_items(c->api->universe, p));
		jsonw_object_end(w);
	}
	if (c->parts & PART_PLAYER)
		write_player(w, id);
}

static void write_list(struct call *c, struct list *l, struct playlist p)
{
	struct out id;

	out_init(&id, 256);
	playlist_id(c->api->universe, p, &id);
	if (list_item(l, "youtube#playlist", ids_hash(id.data, id.len, 1))) {
		write_members(c, &l->w, p, &id);
		list_item_end(l);
	}
	c->out.failed |= id.failed;
	out_done(&id);
}

static const struct error_def *write_ids(struct call *c)
{
	struct list_head head = {.kind = KIND, .has_page_info = true, .per_page = c->max_results};
	const struct universe *u = c->api->universe;
	struct playlist p;
	struct list l;

	if (c->id_count > METHOD_MAX_IDS)
		return errors_find(slice_of("invalidFilters"));
	for (size_t i = 0; i < c->id_count; i++)
		head.total += playlist_find(u, c->ids[i], &p);
	if (!list_begin(&l, c, &head))
		return errors_find(slice_of("internalError500"));
	for (size_t i = 0; i < c->id_count && l.shown < c->max_results; i++)
		if (playlist_find(u, c->ids[i], &p))
			write_list(c, &l, p);
	return list_end(&l);
}

static const struct error_def *write_channel(struct call *c)
{
	struct list_head head = {.kind = KIND, .has_page_info = true, .per_page = c->max_results};
	const struct universe *u = c->api->universe;
	struct slice id = {"", 0};
	struct page page, next;
	struct playlist p = {.channel = 0};
	const struct error_def *e;
	struct list l;
	bool given;

	call_param(c, "channelId", &id);
	if (universe_find(u, id, &p.channel) != UNIVERSE_FOUND ||
	    universe_draw(u, p.channel, DRAW_PLAYLISTS) / MANY % 100 == 0)
		return errors_find(slice_of("playlistChannelNotFound"));
	head.total = playlist_count(u, p.channel);
	head.list = list_hash(c, id);
	e = list_page(c, head.list, false, &page, &given);
	if (e != NULL)
		return e;
	next = (struct page){page.anchor + c->max_results, page.serial + 1};
	if (next.anchor < head.total && c->max_results > 0)
		head.next = &next;
	if (!list_begin(&l, c, &head))
		return errors_find(slice_of("internalError500"));
	for (p.number = page.anchor; p.number < next.anchor && p.number < head.total; p.number++)
		write_list(c, &l, p);
	return list_end(&l);
}

static const struct error_def *run(struct call *c)
{
	return slice_equals(c->filter, "id") ? write_ids(c) : write_channel(c);
}

const struct method method_playlists_list = {
    .name = "playlists.list",
    .path = "/youtube/v3/playlists",
    .bucket = BUCKET_UNITS,
    .cost = 1,
    .params = params,
    .parts = parts,
    .schema = schema,
    .max_results_default = 5,
    .max_results_max = 50,
    .run = run,
};
