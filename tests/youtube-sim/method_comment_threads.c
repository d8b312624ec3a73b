/*
 * commentThreads.list. Authors are channels of the universe, terminated ones among them; one in
 * fifty has no channel id. totalResults counts this page alone, and tokens end in an equals sign.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "ids.h"
#include "list.h"
#include "moment.h"
#include "video_text.h"
#include "video_write.h"

#define MAX_PAGE 100
#define RECENT_VIDEOS 10 /* what allThreadsRelatedToChannelId looks at */
#define TWEAK_THREAD 0x74687264u
#define ID_NUMBER 4
#define ID_NOISE 2
#define ID_TAIL "4AaABAg"
#define ID_LEN (2 + IDS_VIDEO_LEN + ID_NUMBER + ID_NOISE + sizeof ID_TAIL - 1)
#define REPLY_TAIL 22

enum part { PART_ID = 1, PART_SNIPPET = 2, PART_REPLIES = 4 };

static const char *const parts[] = {"id", "snippet", "replies", NULL};

static const struct param_def params[] = {
    {"part", PARAM_TEXT, PARAM_REPEATED | PARAM_REQUIRED},
    {"id", PARAM_TEXT, PARAM_REPEATED | PARAM_FILTER},
    {"channelId", PARAM_TEXT, PARAM_FILTER},
    {"videoId", PARAM_TEXT, PARAM_FILTER},
    {"allThreadsRelatedToChannelId", PARAM_TEXT, PARAM_FILTER},
    {"postId", PARAM_TEXT, PARAM_FILTER},
    {"moderationStatus", PARAM_TEXT, 0},
    {"order", PARAM_TEXT, 0},
    {"searchTerms", PARAM_TEXT, 0},
    {"textFormat", PARAM_TEXT, 0},
    {"maxResults", PARAM_UINT, 0},
    {"pageToken", PARAM_TEXT, 0},
    {NULL, PARAM_TEXT, 0},
};

static const struct param_values values[] = {
    {"moderationStatus", "published,heldForReview,likelySpam,rejected"},
    {"order", "orderUnspecified,time,relevance"},
    {"textFormat", "textFormatUnspecified,html,plainText"},
    {NULL, NULL},
};

#define COMMENT                                                                             \
	"(kind,etag,id,snippet(authorDisplayName,authorProfileImageUrl,authorChannelUrl,"   \
	"authorChannelId/value,channelId,videoId,postId,textDisplay,textOriginal,parentId," \
	"canRate,viewerRating,likeCount,moderationStatus,publishedAt,updatedAt))"

static const char schema[] = "kind,etag,eventId,visitorId,nextPageToken,tokenPagination,"
                             "pageInfo(totalResults,resultsPerPage),items(kind,etag,id,"
                             "snippet(channelId,videoId,postId,topLevelComment" COMMENT
                             ",canReply,totalReplyCount,isPublic),replies/comments" COMMENT ")";

struct thread {
	struct video video;
	uint64_t number; /* 0 is the oldest; below 1024 */
};

static uint64_t thread_hash(const struct universe *u, struct thread t)
{
	return ids_mix(video_draw(u, t.video, VIDEO_DRAW_THREADS) ^ ids_mix(t.number + 1));
}

/* The id holds the video and the number: 11 characters of the one decide what masks the other. */
static void thread_id(const struct universe *u, struct thread t, char *to)
{
	char video[IDS_VIDEO_LEN], number[3];
	uint64_t bits, masked;

	video_id(u, t.video, video);
	ids_video_read(video, sizeof video, &bits);
	bits = universe_scramble64(u, bits, TWEAK_THREAD);
	masked = (ids_mix(bits) ^ t.number) & 0xffffff;
	for (unsigned i = 0; i < 3; i++)
		number[i] = (char)(masked >> (16 - 8 * i) & 255);
	to[0] = 'U';
	to[1] = 'g';
	ids_video_write(bits, to + 2);
	ids_base64_write(number, 1, to + 2 + IDS_VIDEO_LEN);
	ids_noise_write(bits + t.number, to + 2 + IDS_VIDEO_LEN + ID_NUMBER, ID_NOISE);
	memcpy(to + 2 + IDS_VIDEO_LEN + ID_NUMBER + ID_NOISE, ID_TAIL, sizeof ID_TAIL - 1);
}

static bool is_open(const struct universe *u, struct video v)
{
	uint64_t n;

	return video_is_shown(video_state(u, v)) && video_comments(u, v, &n);
}

static bool thread_find(const struct universe *u, struct slice id, struct thread *t)
{
	char video[IDS_VIDEO_LEN], number[3], text[ID_LEN];
	uint64_t bits, masked = 0;

	if (id.len != ID_LEN || !ids_video_read(id.p + 2, IDS_VIDEO_LEN, &bits) ||
	    !ids_base64_read(id.p + 2 + IDS_VIDEO_LEN, 1, number))
		return false;
	for (unsigned i = 0; i < 3; i++)
		masked = masked << 8 | (unsigned char)number[i];
	t->number = (masked ^ ids_mix(bits)) & 0xffffff;
	ids_video_write(universe_unscramble64(u, bits, TWEAK_THREAD), video);
	if (!video_find(u, (struct slice){video, sizeof video}, &t->video) ||
	    !is_open(u, t->video) || t->number >= video_threads(u, t->video))
		return false;
	thread_id(u, *t, text);
	return memcmp(text, id.p, sizeof text) == 0;
}

static int64_t thread_moment(const struct universe *u, struct thread t)
{
	int64_t from = video_published(u, t.video);
	uint64_t step = (uint64_t)(MOMENT_END - from) / (video_threads(u, t.video) + 2);

	return from + (int64_t)(step * (t.number + 1));
}

static void write_author(struct call *c, struct jsonw *w, uint64_t h)
{
	const struct universe *u = c->api->universe;
	struct channel *ch = worker_channel(c->worker);
	uint64_t author = ids_mix(h) % universe_channels(u);
	char id[IDS_CHANNEL_LEN];
	struct slice name;
	struct out url;

	channel_load(ch, u, author);
	universe_id(u, author, id);
	name = channel_handle(ch);
	if (name.len > 0) {
		jsonw_outside(w, "authorDisplayName", name);
	} else {
		name = channel_title(ch);
		jsonw_escaped(w, "authorDisplayName", name.p, name.len);
	}
	jsonw_string(w, "authorProfileImageUrl",
	    "https://yt3.ggpht.com/a/default=s48-c-k-c0x00ffffff-no-rj");
	if (h % 50 == 0)
		return;
	out_init(&url, 256);
	out_text(&url, "http://www.youtube.com/channel/");
	out_add(&url, id, sizeof id);
	jsonw_escaped(w, "authorChannelUrl", url.data, url.len);
	w->out->failed |= url.failed;
	out_done(&url);
	if (jsonw_object(w, "authorChannelId")) {
		jsonw_escaped(w, "value", id, sizeof id);
		jsonw_object_end(w);
	}
}

static void write_text(struct call *c, struct jsonw *w, uint64_t h)
{
	struct slice format = {"", 0};
	struct out plain, html;

	call_param(c, "textFormat", &format);
	out_init(&plain, 65536);
	out_init(&html, 65536);
	video_text_comment(h, &phrases_table[(h >> 20) % phrases_count], &plain);
	if (slice_equals(format, "plainText"))
		out_add(&html, plain.data, plain.len);
	else
		video_text_html(&html, (struct slice){plain.data, plain.len});
	jsonw_outside(w, "textDisplay", (struct slice){html.data, html.len});
	jsonw_outside(w, "textOriginal", (struct slice){plain.data, plain.len});
	w->out->failed |= plain.failed || html.failed;
	out_done(&plain);
	out_done(&html);
}

/* reply: 0 for the comment that starts the thread. */
static void write_comment(
    struct call *c, struct jsonw *w, const char *name, struct thread t, unsigned reply)
{
	const struct universe *u = c->api->universe;
	uint64_t h = ids_mix(thread_hash(u, t) + reply);
	char id[ID_LEN + 1 + REPLY_TAIL], video[IDS_VIDEO_LEN], etag[IDS_ETAG_LEN];

	if (!jsonw_object(w, name))
		return;
	thread_id(u, t, id);
	id[ID_LEN] = '.';
	ids_noise_write(h, id + ID_LEN + 1, REPLY_TAIL);
	ids_etag_write(h, reply, etag);
	jsonw_string(w, "kind", "youtube#comment");
	jsonw_escaped(w, "etag", etag, sizeof etag);
	jsonw_escaped(w, "id", id, reply ? sizeof id : ID_LEN);
	if (jsonw_object(w, "snippet")) {
		char channel[IDS_CHANNEL_LEN];

		write_author(c, w, h);
		universe_id(u, t.video.channel, channel);
		jsonw_escaped(w, "channelId", channel, sizeof channel);
		video_id(u, t.video, video);
		jsonw_escaped(w, "videoId", video, sizeof video);
		write_text(c, w, h);
		if (reply > 0)
			jsonw_escaped(w, "parentId", id, ID_LEN);
		jsonw_bool(w, "canRate", true);
		jsonw_string(w, "viewerRating", "none");
		jsonw_number(w, "likeCount", video_spread(h >> 4, 8));
		video_write_moment(w, "publishedAt", thread_moment(u, t) + 60 * reply);
		video_write_moment(
		    w, "updatedAt", thread_moment(u, t) + 60 * reply + (h % 9 ? 0 : 30));
		jsonw_object_end(w);
	}
	jsonw_object_end(w);
}

static void write_snippet(struct call *c, struct jsonw *w, struct thread t)
{
	char id[IDS_VIDEO_LEN], channel[IDS_CHANNEL_LEN];

	if (!jsonw_object(w, "snippet"))
		return;
	universe_id(c->api->universe, t.video.channel, channel);
	video_id(c->api->universe, t.video, id);
	jsonw_escaped(w, "channelId", channel, sizeof channel);
	jsonw_escaped(w, "videoId", id, sizeof id);
	write_comment(c, w, "topLevelComment", t, 0);
	jsonw_bool(w, "canReply", true);
	jsonw_number(w, "totalReplyCount", video_replies(t.number));
	jsonw_bool(w, "isPublic", true);
	jsonw_object_end(w);
}

static void write_replies(struct call *c, struct jsonw *w, struct thread t)
{
	unsigned n = video_replies(t.number);

	if (n == 0 || !jsonw_object(w, "replies"))
		return;
	if (jsonw_array(w, "comments")) {
		for (unsigned i = n; i > 0; i--)
			write_comment(c, w, NULL, t, i);
		jsonw_array_end(w);
	}
	jsonw_object_end(w);
}

static void write_thread(struct call *c, struct list *l, struct thread t)
{
	char id[ID_LEN];

	if (!list_item(l, "youtube#commentThread", thread_hash(c->api->universe, t)))
		return;
	thread_id(c->api->universe, t, id);
	jsonw_escaped(&l->w, "id", id, sizeof id);
	if (c->parts & PART_SNIPPET)
		write_snippet(c, &l->w, t);
	if (c->parts & PART_REPLIES)
		write_replies(c, &l->w, t);
	list_item_end(l);
}

/* What is listed: the threads of one video, or of the newest ones of a channel. */
struct source {
	struct video videos[RECENT_VIDEOS];
	uint64_t count;
	uint64_t positions;
	bool oldest_first;
};

static void source_add(struct source *s, const struct universe *u, struct video v)
{
	uint64_t n = video_threads(u, v);

	s->videos[s->count++] = v;
	if (s->positions < n)
		s->positions = n;
}

/* A position is a video and how far down its threads; false: this video has not so many. */
static bool source_at(
    const struct source *s, const struct universe *u, uint64_t position, struct thread *t)
{
	uint64_t n;

	t->video = s->videos[position % s->count];
	n = video_threads(u, t->video);
	if (position / s->count >= n)
		return false;
	t->number = s->oldest_first ? position / s->count : n - 1 - position / s->count;
	return true;
}

static bool says(const struct universe *u, struct thread t, struct slice wanted)
{
	uint64_t h = ids_mix(thread_hash(u, t));
	struct out text;
	bool hit;

	out_init(&text, 65536);
	video_text_comment(h, &phrases_table[(h >> 20) % phrases_count], &text);
	hit = memmem(text.data, text.len, wanted.p, wanted.len) != NULL;
	out_done(&text);
	return hit;
}

static const struct error_def *write_page(struct call *c, const struct source *s, struct slice name)
{
	struct list_head head = {.kind = "youtube#commentThreadListResponse",
	    .padded = true,
	    .has_page_info = true,
	    .per_page = c->max_results,
	    .list = list_hash(c, name) + s->oldest_first};
	const struct universe *u = c->api->universe;
	struct thread hits[MAX_PAGE], t;
	struct page page, next;
	struct slice terms = {"", 0};
	const struct error_def *e;
	struct list l;
	bool given;

	call_param(c, "searchTerms", &terms);
	e = list_page(c, head.list, true, &page, &given);
	if (e != NULL)
		return e;
	for (uint64_t i = page.anchor; i < s->positions * s->count; i++) {
		if (!source_at(s, u, i, &t) || (terms.len > 0 && !says(u, t, terms)))
			continue;
		if (head.total == c->max_results) {
			next = (struct page){i, page.serial + 1};
			head.next = &next;
			break;
		}
		hits[head.total++] = t;
	}
	if (!list_begin(&l, c, &head))
		return errors_find(slice_of("internalError500"));
	for (uint64_t i = 0; i < head.total; i++)
		write_thread(c, &l, hits[i]);
	return list_end(&l);
}

static const struct error_def *write_ids(struct call *c)
{
	struct list_head head = {.kind = "youtube#commentThreadListResponse",
	    .has_page_info = true,
	    .per_page = c->max_results};
	struct thread t;
	struct list l;

	if (c->id_count > METHOD_MAX_IDS)
		return errors_find(slice_of("invalidFilters"));
	for (size_t i = 0; i < c->id_count; i++)
		head.total += thread_find(c->api->universe, c->ids[i], &t);
	if (!list_begin(&l, c, &head))
		return errors_find(slice_of("internalError500"));
	for (size_t i = 0; i < c->id_count; i++)
		if (thread_find(c->api->universe, c->ids[i], &t))
			write_thread(c, &l, t);
	return list_end(&l);
}

static const struct error_def *of_video(const struct universe *u, struct slice id, struct source *s)
{
	struct video v;

	if (!video_find(u, id, &v) || !video_is_shown(video_state(u, v)))
		return errors_find(slice_of("videoNotFound"));
	if (!is_open(u, v))
		return errors_find(slice_of("commentsDisabled"));
	source_add(s, u, v);
	return NULL;
}

static const struct error_def *of_channel(
    const struct universe *u, struct slice id, struct source *s)
{
	uint64_t channel, n;

	if (universe_find(u, id, &channel) != UNIVERSE_FOUND)
		return errors_find(slice_of("commentChannelNotFound"));
	n = video_count(u, channel);
	for (uint64_t i = 0; i < n && i < RECENT_VIDEOS; i++) {
		struct video v = {channel, video_slot(u, channel, n - 1 - i)};

		if (is_open(u, v))
			source_add(s, u, v);
	}
	return NULL;
}

/* The discussions of channels and the comments of posts are none. */
static const struct error_def *run(struct call *c)
{
	const struct universe *u = c->api->universe;
	struct source s = {.count = 0};
	struct slice value = {"", 0}, name = {"", 0};
	const struct error_def *e = NULL;

	if (call_param(c, "moderationStatus", &value) && !slice_equals(value, "published"))
		return errors_find(slice_of("loginRequired"));
	if (slice_equals(c->filter, "id"))
		return write_ids(c);
	s.oldest_first = call_param(c, "order", &value) && slice_equals(value, "relevance");
	if (slice_equals(c->filter, "videoId") && call_param(c, "videoId", &name))
		e = of_video(u, name, &s);
	else if (call_param(c, "allThreadsRelatedToChannelId", &name) && name.len > 0)
		e = of_channel(u, name, &s);
	return e ? e : write_page(c, &s, name);
}

const struct method method_comment_threads_list = {
    .name = "commentThreads.list",
    .path = "/youtube/v3/commentThreads",
    .bucket = BUCKET_UNITS,
    .cost = 1,
    .params = params,
    .values = values,
    .parts = parts,
    .schema = schema,
    .max_results_min = 1,
    .max_results_default = 20,
    .max_results_max = MAX_PAGE,
    .run = run,
};
