/*
 * search.list, from a bucket of its own. A channel is found when every word of q is in its title, a
 * video when its channel is, or, with channelId, when its own title has the words. Titles and
 * descriptions are HTML here and nowhere else. No more than RESULTS_MAX whatever totalResults says,
 * and now and then one comes twice. All orders are the same, and playlists are never found.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include <strings.h>

#include "channel_text.h"
#include "ids.h"
#include "list.h"
#include "moment.h"
#include "video_text.h"
#include "video_write.h"

#define MAX_PAGE 50
#define RESULTS_MAX 500
#define SCAN_MAX 100000 /* how many titles one page looks at */
#define DESCRIPTION_MAX 160

enum part { PART_ID = 1, PART_SNIPPET = 2 };

static const char *const parts[] = {"id", "snippet", NULL};

static const struct param_def params[] = {
    {"part", PARAM_TEXT, PARAM_REPEATED | PARAM_REQUIRED},
    {"q", PARAM_TEXT, 0},
    {"type", PARAM_TEXT, PARAM_REPEATED},
    {"channelId", PARAM_TEXT, 0},
    {"channelType", PARAM_TEXT, 0},
    {"forContentOwner", PARAM_BOOL, 0},
    {"forDeveloper", PARAM_BOOL, 0},
    {"forMine", PARAM_BOOL, 0},
    {"order", PARAM_TEXT, 0},
    {"publishedAfter", PARAM_TEXT, 0},
    {"publishedBefore", PARAM_TEXT, 0},
    {"regionCode", PARAM_TEXT, 0},
    {"relevanceLanguage", PARAM_TEXT, 0},
    {"safeSearch", PARAM_TEXT, 0},
    {"topicId", PARAM_TEXT, 0},
    {"eventType", PARAM_TEXT, 0},
    {"location", PARAM_TEXT, 0},
    {"locationRadius", PARAM_TEXT, 0},
    {"videoCaption", PARAM_TEXT, 0},
    {"videoCategoryId", PARAM_TEXT, 0},
    {"videoDefinition", PARAM_TEXT, 0},
    {"videoDimension", PARAM_TEXT, 0},
    {"videoDuration", PARAM_TEXT, 0},
    {"videoEmbeddable", PARAM_TEXT, 0},
    {"videoLicense", PARAM_TEXT, 0},
    {"videoPaidProductPlacement", PARAM_TEXT, 0},
    {"videoSyndicated", PARAM_TEXT, 0},
    {"videoType", PARAM_TEXT, 0},
    {"maxResults", PARAM_UINT, 0},
    {"pageToken", PARAM_TEXT, 0},
    {"onBehalfOfContentOwner", PARAM_TEXT, 0},
    {NULL, PARAM_TEXT, 0},
};

/* These need type=video. */
static const char *const video_params[] = {"eventType", "location", "locationRadius",
    "videoCaption", "videoCategoryId", "videoDefinition", "videoDimension", "videoDuration",
    "videoEmbeddable", "videoLicense", "videoPaidProductPlacement", "videoSyndicated", "videoType"};

static const struct param_values values[] = {
    {"order", "searchSortUnspecified,date,rating,viewCount,relevance,title,videoCount"},
    {"channelType", "channelTypeUnspecified,any,show"},
    {"safeSearch", "safeSearchSettingUnspecified,none,moderate,strict"},
    {"eventType", "none,upcoming,live,completed"},
    {NULL, NULL},
};

static const char schema[] =
    "kind,etag,eventId,visitorId,nextPageToken,prevPageToken,regionCode,tokenPagination,"
    "pageInfo(totalResults,resultsPerPage),items(kind,etag,id(kind,videoId,channelId,playlistId),"
    "snippet(publishedAt,channelId,title,description,thumbnails/*(url,width,height),channelTitle,"
    "liveBroadcastContent,publishTime))";

struct hit {
	uint64_t anchor;
	bool is_video;
	struct video v; /* for a channel only v.channel */
};

struct search {
	struct call *c;
	const struct universe *u;
	struct slice q, after, before;
	bool channels, videos, in_channel;
	uint64_t channel; /* for in_channel */
	uint64_t first;   /* where in the universe it starts looking */
	uint64_t positions;
	struct out text;
};

static bool has_word(struct slice text, struct slice word)
{
	for (size_t i = 0; i + word.len <= text.len; i++)
		if (strncasecmp(text.p + i, word.p, word.len) == 0)
			return true;
	return false;
}

static bool has_words(struct slice text, struct slice q)
{
	while (q.len > 0) {
		const char *blank = memchr(q.p, ' ', q.len);
		size_t len = blank ? (size_t)(blank - q.p) : q.len;

		if (len > 0 && !has_word(text, (struct slice){q.p, len}))
			return false;
		len += blank != NULL;
		q = (struct slice){q.p + len, q.len - len};
	}
	return true;
}

/* Both limits are RFC 3339 in UTC: the first 19 characters compare as text. */
static bool in_time(struct search *s, int64_t utc)
{
	const size_t len = sizeof "2026-01-01T00:00:00" - 1;

	out_reset(&s->text);
	moment_write(&s->text, utc, 0, 0);
	return !s->text.failed &&
	       (s->after.len < len || memcmp(s->text.data, s->after.p, len) >= 0) &&
	       (s->before.len < len || memcmp(s->text.data, s->before.p, len) < 0);
}

static bool channel_matches(struct search *s, uint64_t channel)
{
	if (universe_terminated(s->u, channel))
		return false;
	out_reset(&s->text);
	channel_text_title(s->u, channel, channel_text_language(s->u, channel), &s->text);
	return has_words((struct slice){s->text.data, s->text.len}, s->q);
}

static bool video_matches(struct search *s, struct video v)
{
	if (video_state(s->u, v) != VIDEO_PUBLIC)
		return false;
	out_reset(&s->text);
	video_text_title(s->u, v, channel_text_language(s->u, v.channel), &s->text);
	return has_words((struct slice){s->text.data, s->text.len}, s->q);
}

/* Of a whole universe each position is a channel and then its newest video; of one channel it is
 * the channel and then its videos, newest first. */
static bool hit_at(struct search *s, uint64_t anchor, struct hit *h)
{
	uint64_t n;

	*h = (struct hit){.anchor = anchor};
	if (s->in_channel) {
		h->is_video = anchor > 0;
		h->v.channel = s->channel;
		n = video_count(s->u, s->channel);
		if (anchor > n)
			return false;
		if (h->is_video)
			h->v.slot = video_slot(s->u, s->channel, n - anchor);
		if (h->is_video ? !s->videos || !video_matches(s, h->v)
		                : !s->channels || !channel_matches(s, s->channel))
			return false;
	} else {
		h->is_video = anchor & 1;
		h->v.channel = (s->first + anchor / 2) % universe_channels(s->u);
		if (h->is_video ? !s->videos : !s->channels)
			return false;
		n = h->is_video ? video_slots(s->u, h->v.channel) : 1;
		if (n == 0 || !channel_matches(s, h->v.channel))
			return false;
		h->v.slot = h->is_video ? n - 1 : 0;
	}
	return in_time(
	    s, h->is_video ? video_published(s->u, h->v) : channel_text_birth(s->u, h->v.channel));
}

static void write_id(struct jsonw *w, const struct search *s, const struct hit *h)
{
	char id[IDS_CHANNEL_LEN];

	if (!jsonw_object(w, "id"))
		return;
	jsonw_string(w, "kind", h->is_video ? "youtube#video" : "youtube#channel");
	if (h->is_video) {
		video_id(s->u, h->v, id);
		jsonw_escaped(w, "videoId", id, IDS_VIDEO_LEN);
	} else {
		universe_id(s->u, h->v.channel, id);
		jsonw_escaped(w, "channelId", id, sizeof id);
	}
	jsonw_object_end(w);
}

static void write_html(struct search *s, struct jsonw *w, const char *name, const struct out *plain)
{
	out_reset(&s->text);
	video_text_html(&s->text, (struct slice){plain->data, plain->len});
	jsonw_outside(w, name, (struct slice){s->text.data, s->text.len});
	w->out->failed |= s->text.failed || plain->failed;
}

/* Shortened, on one line. */
static void flatten(struct out *text)
{
	size_t len = text->len;

	channel_text_cut(text, 0, DESCRIPTION_MAX);
	for (size_t i = 0; i < text->len; i++)
		if (text->data[i] == '\n')
			text->data[i] = ' ';
	if (text->len < len)
		out_text(text, " ...");
}

static void write_words(struct search *s, struct jsonw *w, const struct hit *h)
{
	const struct phrases *ph = channel_phrases(worker_channel(s->c->worker));
	struct out plain;

	out_init(&plain, 65536);
	if (h->is_video)
		video_text_title(s->u, h->v, ph, &plain);
	else
		channel_text_title(s->u, h->v.channel, ph, &plain);
	write_html(s, w, "title", &plain);
	out_reset(&plain);
	if (h->is_video)
		video_text_description(s->u, h->v, ph, &plain);
	else
		channel_text_description(s->u, h->v.channel, ph, &plain);
	flatten(&plain);
	write_html(s, w, "description", &plain);
	out_done(&plain);
}

static void write_owner(struct search *s, struct jsonw *w, const struct hit *h)
{
	const struct phrases *ph = channel_phrases(worker_channel(s->c->worker));
	struct out plain;

	out_init(&plain, 65536);
	channel_text_title(s->u, h->v.channel, ph, &plain);
	write_html(s, w, "channelTitle", &plain);
	out_done(&plain);
}

static void write_snippet(struct search *s, struct jsonw *w, const struct hit *h)
{
	struct channel *ch = worker_channel(s->c->worker);
	int64_t utc =
	    h->is_video ? video_published(s->u, h->v) : channel_text_birth(s->u, h->v.channel);
	char id[IDS_CHANNEL_LEN];

	if (!jsonw_object(w, "snippet"))
		return;
	channel_load(ch, s->u, h->v.channel);
	universe_id(s->u, h->v.channel, id);
	video_write_moment(w, "publishedAt", utc);
	jsonw_escaped(w, "channelId", id, sizeof id);
	write_words(s, w, h);
	if (h->is_video)
		video_write_thumbnails(w, s->u, h->v);
	else
		channel_write_faces(ch, w);
	write_owner(s, w, h);
	jsonw_string(w, "liveBroadcastContent",
	    h->is_video && video_live(s->u, h->v) == VIDEO_LIVE ? "live" : "none");
	video_write_moment(w, "publishTime", utc);
	jsonw_object_end(w);
}

static void write_hit(struct search *s, struct list *l, const struct hit *h)
{
	if (!list_item(
	        l, "youtube#searchResult", ids_mix(h->v.channel * 2 + h->is_video) ^ h->v.slot))
		return;
	write_id(&l->w, s, h);
	if (s->c->parts & PART_SNIPPET)
		write_snippet(s, &l->w, h);
	list_item_end(l);
}

/* Fills a page and says where the next one starts. The serial of a token counts the results. */
static size_t collect(struct search *s, struct page from, struct hit *hits, struct page *next)
{
	uint64_t max = s->c->max_results, end = from.anchor + SCAN_MAX;
	size_t n = 0;
	struct hit h;

	*next = (struct page){0, 0};
	if (max > RESULTS_MAX - from.serial)
		max = RESULTS_MAX - from.serial;
	for (uint64_t i = from.anchor; i < s->positions && i < end && max > 0; i++) {
		if (!hit_at(s, i, &h))
			continue;
		if (n == max) {
			bool again = n > 4 && ids_mix(i) % 4 == 0;

			*next = (struct page){again ? hits[n - 1].anchor : i, from.serial + n};
			break;
		}
		hits[n++] = h;
	}
	if (next->serial >= RESULTS_MAX)
		*next = (struct page){0, 0};
	return n;
}

static const struct error_def *write_page(struct search *s, uint64_t list)
{
	struct slice region = {"US", 2};
	struct list_head head = {.kind = "youtube#searchListResponse",
	    .region = &region,
	    .has_page_info = true,
	    .per_page = s->c->max_results,
	    .list = list};
	struct hit hits[MAX_PAGE];
	struct page page, next;
	struct list l;
	size_t n;
	bool given;
	const struct error_def *e = list_page(s->c, list, false, &page, &given);

	if (e != NULL)
		return e;
	if (page.serial >= RESULTS_MAX)
		return errors_find(slice_of("invalidPageToken"));
	call_param(s->c, "regionCode", &region);
	n = collect(s, page, hits, &next);
	if (next.serial > 0)
		head.next = &next;
	head.total = next.serial > 0 ? 500 + list % 999501 : page.serial + n;
	if (!list_begin(&l, s->c, &head))
		return errors_find(slice_of("internalError500"));
	for (size_t i = 0; i < n; i++)
		write_hit(s, &l, &hits[i]);
	return list_end(&l);
}

static bool add_type(struct call *c, struct slice piece)
{
	return slice_equals(piece, "channel") || slice_equals(piece, "video") ||
	       slice_equals(piece, "playlist") || (out_add(&c->arg, piece.p, piece.len), false);
}

static bool asks_type(const struct call *c, const char *type)
{
	for (size_t i = 0; i < c->ask->param_count; i++)
		if (slice_equals(c->ask->params[i].name, "type") &&
		    memmem(c->ask->params[i].value.p, c->ask->params[i].value.len, type,
		        strlen(type)) != NULL)
			return true;
	return false;
}

static const struct error_def *check(struct search *s)
{
	struct call *c = s->c;
	struct slice value;
	bool any = !call_param(c, "type", &value) || value.len == 0;

	if (!call_each_piece(c, "type", add_type))
		return errors_find(slice_of("badValue"));
	s->channels = any || asks_type(c, "channel");
	s->videos = any || asks_type(c, "video");
	for (size_t i = 0; i < sizeof video_params / sizeof video_params[0]; i++) {
		if (!call_param(c, video_params[i], &value) || (s->videos && !s->channels))
			continue;
		out_text(&c->arg, video_params[i]);
		return errors_find(slice_of("invalidSearchFilter"));
	}
	if ((call_param(c, "forMine", &value) && slice_equals(value, "true")) ||
	    (call_param(c, "forContentOwner", &value) && slice_equals(value, "true")))
		return errors_find(slice_of("loginRequired"));
	return NULL;
}

/* Several channels in one parameter find nothing. */
static const struct error_def *choose_place(struct search *s)
{
	uint64_t n = universe_channels(s->u);
	struct slice id;

	s->positions = 2 * n;
	s->first = n > 0 ? ids_hash(s->q.p, s->q.len, universe_seed(s->u)) % n : 0;
	if (!call_param(s->c, "channelId", &id) || id.len == 0)
		return NULL;
	s->in_channel = true;
	s->positions = 0;
	if (memchr(id.p, ',', id.len) != NULL)
		return NULL;
	if (!ids_channel_shaped(id.p, id.len))
		return errors_find(slice_of("invalidArgument"));
	if (universe_find(s->u, id, &s->channel) == UNIVERSE_FOUND)
		s->positions = 1 + video_count(s->u, s->channel);
	return NULL;
}

/* What a token is good for: everything asked but its own page. */
static uint64_t hash_of(const struct search *s)
{
	static const char *const names[] = {
	    "q", "type", "channelId", "publishedAfter", "publishedBefore"};
	uint64_t h = list_hash(s->c, s->q);
	struct slice value;

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (call_param(s->c, names[i], &value))
			h = ids_hash(value.p, value.len, h + i);
	return h;
}

static const struct error_def *run(struct call *c)
{
	struct search s = {.c = c, .u = c->api->universe};
	const struct error_def *e = check(&s);

	out_init(&s.text, 65536);
	call_param(c, "q", &s.q);
	call_param(c, "publishedAfter", &s.after);
	call_param(c, "publishedBefore", &s.before);
	if (e == NULL)
		e = choose_place(&s);
	if (e == NULL)
		e = write_page(&s, hash_of(&s));
	out_done(&s.text);
	return e;
}

const struct method method_search_list = {
    .name = "search.list",
    .path = "/youtube/v3/search",
    .bucket = BUCKET_SEARCH,
    .cost = 1,
    .params = params,
    .values = values,
    .parts = parts,
    .schema = schema,
    .max_results_default = 5,
    .max_results_max = MAX_PAGE,
    .run = run,
};
