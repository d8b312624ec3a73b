#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "video_write.h"

#include "moment.h"
#include "video_text.h"

#define TEXT_LIMIT 65536

struct writer {
	struct jsonw *w;
	const struct universe *u;
	struct channel *owner;
	struct video v;
	struct out text;
};

static uint64_t draw(const struct writer *x, enum video_draw what)
{
	return video_draw(x->u, x->v, what);
}

static void write_text(struct writer *x, const char *name)
{
	jsonw_outside(x->w, name, (struct slice){x->text.data, x->text.len});
	x->w->out->failed |= x->text.failed;
}

void video_write_moment(struct jsonw *w, const char *name, int64_t utc)
{
	struct out text;

	out_init(&text, 64);
	moment_write(&text, utc, 0, 0);
	jsonw_escaped(w, name, text.data, text.len);
	w->out->failed |= text.failed;
	out_done(&text);
}

static void write_thumbnail(struct jsonw *w, const char *id, unsigned i)
{
	static const struct {
		const char *name, *file;
		unsigned width, height;
	} sizes[] = {{"default", "default", 120, 90}, {"medium", "mqdefault", 320, 180},
	    {"high", "hqdefault", 480, 360}, {"standard", "sddefault", 640, 480},
	    {"maxres", "maxresdefault", 1280, 720}};
	struct out url;

	if (!jsonw_object(w, sizes[i].name))
		return;
	out_init(&url, 256);
	out_text(&url, "https://i.ytimg.com/vi/");
	out_add(&url, id, IDS_VIDEO_LEN);
	out_char(&url, '/');
	out_text(&url, sizes[i].file);
	out_text(&url, ".jpg");
	jsonw_escaped(w, "url", url.data, url.len);
	w->out->failed |= url.failed;
	out_done(&url);
	jsonw_number(w, "width", sizes[i].width);
	jsonw_number(w, "height", sizes[i].height);
	jsonw_object_end(w);
}

void video_write_thumbnails(struct jsonw *w, const struct universe *u, struct video v)
{
	uint64_t h = video_draw(u, v, VIDEO_DRAW_SNIPPET);
	unsigned n = h % 8 == 0 ? 3 : h % 4 == 0 ? 4 : 5;
	char id[IDS_VIDEO_LEN];

	if (!jsonw_object(w, "thumbnails"))
		return;
	video_id(u, v, id);
	for (unsigned i = 0; i < n; i++)
		write_thumbnail(w, id, i);
	jsonw_object_end(w);
}

static void write_words(struct writer *x, const struct phrases *ph)
{
	out_reset(&x->text);
	video_text_title(x->u, x->v, ph, &x->text);
	write_text(x, "title");
	out_reset(&x->text);
	video_text_description(x->u, x->v, ph, &x->text);
	write_text(x, "description");
}

static void write_tags(struct writer *x)
{
	unsigned n = video_text_tags(x->u, x->v);

	if (n == 0 || !jsonw_array(x->w, "tags"))
		return;
	for (unsigned i = 0; i < n; i++) {
		out_reset(&x->text);
		video_text_tag(x->u, x->v, channel_phrases(x->owner), i, &x->text);
		write_text(x, NULL);
	}
	jsonw_array_end(x->w);
}

static bool is_translated(const struct writer *x)
{
	return draw(x, VIDEO_DRAW_SNIPPET) >> 32 & 15 ? false : true;
}

static void write_snippet(struct writer *x)
{
	static const char *const categories[] = {
	    "1", "2", "10", "15", "17", "19", "20", "22", "23", "24", "25", "26", "27", "28", "29"};
	static const char *const broadcasts[] = {[VIDEO_ORDINARY] = "none",
	    [VIDEO_LIVE] = "live",
	    [VIDEO_UPCOMING] = "upcoming",
	    [VIDEO_WAS_LIVE] = "none",
	    [VIDEO_PREMIERE] = "live"};
	const struct phrases *ph = channel_phrases(x->owner);
	uint64_t h = draw(x, VIDEO_DRAW_SNIPPET);
	struct slice title;
	char id[IDS_CHANNEL_LEN];

	if (!jsonw_object(x->w, "snippet"))
		return;
	video_write_moment(x->w, "publishedAt", video_published(x->u, x->v));
	universe_id(x->u, x->v.channel, id);
	jsonw_escaped(x->w, "channelId", id, sizeof id);
	write_words(x, ph);
	video_write_thumbnails(x->w, x->u, x->v);
	title = channel_title(x->owner);
	jsonw_escaped(x->w, "channelTitle", title.p, title.len);
	write_tags(x);
	jsonw_string(
	    x->w, "categoryId", categories[(h >> 8) % (sizeof categories / sizeof categories[0])]);
	jsonw_string(x->w, "liveBroadcastContent", broadcasts[video_live(x->u, x->v)]);
	if ((h >> 16) % 10 < 4 || is_translated(x))
		jsonw_string(x->w, "defaultLanguage", ph->lang);
	if (jsonw_object(x->w, "localized")) {
		write_words(x, ph);
		jsonw_object_end(x->w);
	}
	if ((h >> 24) % 10 < 6)
		jsonw_string(x->w, "defaultAudioLanguage", ph->lang);
	jsonw_object_end(x->w);
}

static void write_region(struct writer *x, uint64_t h)
{
	const struct phrases *ph = channel_phrases(x->owner);

	if (h % 30 != 0 || !jsonw_object(x->w, "regionRestriction"))
		return;
	if (jsonw_array(x->w, h >> 8 & 1 ? "allowed" : "blocked")) {
		jsonw_string(x->w, NULL, ph->countries[0]);
		jsonw_array_end(x->w);
	}
	jsonw_object_end(x->w);
}

static void write_details(struct writer *x)
{
	uint64_t h = draw(x, VIDEO_DRAW_DETAILS), seconds;

	if (!jsonw_object(x->w, "contentDetails"))
		return;
	if (video_duration(x->u, x->v, &seconds)) {
		out_reset(&x->text);
		moment_duration(&x->text, seconds);
		write_text(x, "duration");
	}
	jsonw_string(x->w, "dimension", h % 500 == 0 ? "3d" : "2d");
	jsonw_string(x->w, "definition", (h >> 16) % 6 == 0 ? "sd" : "hd");
	jsonw_string(x->w, "caption", (h >> 24) % 4 == 0 ? "true" : "false");
	jsonw_bool(x->w, "licensedContent", h >> 32 & 1);
	write_region(x, h >> 34);
	if (jsonw_object(x->w, "contentRating")) {
		if (h % 100 == 7)
			jsonw_string(x->w, "ytRating", "ytAgeRestricted");
		jsonw_object_end(x->w);
	}
	jsonw_string(x->w, "projection", h % 400 == 1 ? "360" : "rectangular");
	jsonw_object_end(x->w);
}

static void write_status(struct writer *x)
{
	uint64_t h = draw(x, VIDEO_DRAW_STATUS);

	if (!jsonw_object(x->w, "status"))
		return;
	jsonw_string(x->w, "uploadStatus",
	    video_live(x->u, x->v) == VIDEO_UPCOMING ? "uploaded" : "processed");
	jsonw_string(x->w, "privacyStatus",
	    video_state(x->u, x->v) == VIDEO_UNLISTED ? "unlisted" : "public");
	jsonw_string(x->w, "license", h % 50 == 0 ? "creativeCommon" : "youtube");
	jsonw_bool(x->w, "embeddable", h >> 8 & 31);
	jsonw_bool(x->w, "publicStatsViewable", h >> 16 & 15);
	jsonw_bool(x->w, "madeForKids", (h >> 24) % 25 == 0);
	if ((h >> 32) % 20 == 0)
		jsonw_bool(x->w, "containsSyntheticMedia", true);
	jsonw_object_end(x->w);
}

static void write_statistics(struct writer *x)
{
	uint64_t n;

	if (!jsonw_object(x->w, "statistics"))
		return;
	if (video_views(x->u, x->v, &n))
		jsonw_number_text(x->w, "viewCount", n);
	if (video_likes(x->u, x->v, &n))
		jsonw_number_text(x->w, "likeCount", n);
	jsonw_string(x->w, "favoriteCount", "0");
	if (video_comments(x->u, x->v, &n))
		jsonw_number_text(x->w, "commentCount", n);
	jsonw_object_end(x->w);
}

static void write_player(struct writer *x)
{
	char id[IDS_VIDEO_LEN];

	if (!jsonw_object(x->w, "player"))
		return;
	video_id(x->u, x->v, id);
	out_reset(&x->text);
	out_text(&x->text, "<iframe width=\"480\" height=\"270\" src=\"//www.youtube.com/embed/");
	out_add(&x->text, id, sizeof id);
	out_text(&x->text, "\" frameborder=\"0\" allowfullscreen></iframe>");
	write_text(x, "embedHtml");
	jsonw_object_end(x->w);
}

static void write_topics(struct writer *x)
{
	static const char *const names[] = {"Music", "Food", "Knowledge", "Hobby", "Technology"};
	uint64_t h = draw(x, VIDEO_DRAW_DETAILS);

	if ((h >> 40) % 5 == 0 || !jsonw_object(x->w, "topicDetails"))
		return;
	if (jsonw_array(x->w, "topicCategories")) {
		out_reset(&x->text);
		out_text(&x->text, "https://en.wikipedia.org/wiki/");
		out_text(&x->text, names[(h >> 44) % (sizeof names / sizeof names[0])]);
		write_text(x, NULL);
		jsonw_array_end(x->w);
	}
	jsonw_object_end(x->w);
}

static void write_live(struct writer *x)
{
	enum video_live live = video_live(x->u, x->v);
	int64_t start = video_published(x->u, x->v) + 3600;
	uint64_t seconds;

	if (live == VIDEO_ORDINARY || !jsonw_object(x->w, "liveStreamingDetails"))
		return;
	if (live != VIDEO_UPCOMING)
		video_write_moment(x->w, "actualStartTime", start + 61);
	if (live == VIDEO_WAS_LIVE && video_duration(x->u, x->v, &seconds))
		video_write_moment(x->w, "actualEndTime", start + 61 + (int64_t)seconds);
	video_write_moment(x->w, "scheduledStartTime", start);
	if (live == VIDEO_LIVE && draw(x, VIDEO_DRAW_LIVE) >> 8 & 3)
		jsonw_number_text(
		    x->w, "concurrentViewers", video_spread(draw(x, VIDEO_DRAW_LIVE) >> 10, 14));
	jsonw_object_end(x->w);
}

static void write_localizations(struct writer *x)
{
	const struct phrases *ph = channel_phrases(x->owner), *other;

	if (!is_translated(x) || !jsonw_object(x->w, "localizations"))
		return;
	other = &phrases_table[((size_t)(ph - phrases_table) + 1) % phrases_count];
	if (jsonw_object(x->w, ph->lang)) {
		write_words(x, ph);
		jsonw_object_end(x->w);
	}
	if (jsonw_object(x->w, other->lang)) {
		write_words(x, other);
		jsonw_object_end(x->w);
	}
	jsonw_object_end(x->w);
}

static void write_recording(struct writer *x)
{
	if (!jsonw_object(x->w, "recordingDetails"))
		return;
	if (draw(x, VIDEO_DRAW_DETAILS) >> 48 & 1)
		video_write_moment(
		    x->w, "recordingDate", video_published(x->u, x->v) / 86400 * 86400);
	jsonw_object_end(x->w);
}

static void write_placement(struct writer *x)
{
	if (!jsonw_object(x->w, "paidProductPlacementDetails"))
		return;
	jsonw_bool(x->w, "hasPaidProductPlacement", (draw(x, VIDEO_DRAW_DETAILS) >> 52) % 20 == 0);
	jsonw_object_end(x->w);
}

void video_write(struct jsonw *w, const struct universe *u, struct channel *owner, struct video v,
    unsigned parts)
{
	static void (*const writers[VIDEO_PART_COUNT])(struct writer * x) = {
	    [VIDEO_NUMBER_SNIPPET] = write_snippet,
	    [VIDEO_NUMBER_CONTENT_DETAILS] = write_details,
	    [VIDEO_NUMBER_STATUS] = write_status,
	    [VIDEO_NUMBER_STATISTICS] = write_statistics,
	    [VIDEO_NUMBER_PLAYER] = write_player,
	    [VIDEO_NUMBER_TOPIC_DETAILS] = write_topics,
	    [VIDEO_NUMBER_RECORDING_DETAILS] = write_recording,
	    [VIDEO_NUMBER_LIVE_STREAMING_DETAILS] = write_live,
	    [VIDEO_NUMBER_LOCALIZATIONS] = write_localizations,
	    [VIDEO_NUMBER_PAID_PRODUCT_PLACEMENT] = write_placement,
	};
	struct writer x = {.w = w, .u = u, .owner = owner, .v = v};
	char id[IDS_VIDEO_LEN];

	out_init(&x.text, TEXT_LIMIT);
	channel_load(owner, u, v.channel);
	video_id(u, v, id);
	jsonw_escaped(w, "id", id, sizeof id);
	for (unsigned i = 0; i < VIDEO_PART_COUNT; i++)
		if (parts & 1u << i && writers[i] != NULL)
			writers[i](&x);
	out_done(&x.text);
}
