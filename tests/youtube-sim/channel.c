#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "channel.h"

#include <stdlib.h>

#include "channel_text.h"
#include "ids.h"
#include "video.h"

#define TEXT_LIMIT 65536
#define MAX_LOCALIZATIONS 3

struct channel {
	const struct universe *u;
	uint64_t index;
	char id[IDS_CHANNEL_LEN];
	const struct phrases *ph;
	bool has_texts;
	struct out plain;
	struct out title;
	struct out description;
	struct out name;
	struct out other_title;
	struct out other_description;
};

struct channel *channel_new(void)
{
	struct channel *c = calloc(1, sizeof *c);

	if (c == NULL)
		return NULL;
	out_init(&c->plain, TEXT_LIMIT);
	out_init(&c->title, TEXT_LIMIT);
	out_init(&c->description, TEXT_LIMIT);
	out_init(&c->name, TEXT_LIMIT);
	out_init(&c->other_title, TEXT_LIMIT);
	out_init(&c->other_description, TEXT_LIMIT);
	return c;
}

void channel_free(struct channel *c)
{
	if (c == NULL)
		return;
	out_done(&c->plain);
	out_done(&c->title);
	out_done(&c->description);
	out_done(&c->name);
	out_done(&c->other_title);
	out_done(&c->other_description);
	free(c);
}

void channel_load(struct channel *c, const struct universe *u, uint64_t index)
{
	c->u = u;
	c->index = index;
	c->ph = channel_text_language(u, index);
	c->has_texts = false;
	universe_id(u, index, c->id);
}

static uint64_t draw(const struct channel *c, enum draw what)
{
	return universe_draw(c->u, c->index, what);
}

static void make_texts(
    struct channel *c, const struct phrases *ph, struct out *title, struct out *description)
{
	out_reset(title);
	out_reset(description);
	out_reset(&c->plain);
	channel_text_title(c->u, c->index, ph, &c->plain);
	out_json(title, c->plain.data, c->plain.len);
	out_reset(&c->plain);
	channel_text_description(c->u, c->index, ph, &c->plain);
	out_json(description, c->plain.data, c->plain.len);
}

static void need_texts(struct channel *c)
{
	if (!c->has_texts)
		make_texts(c, c->ph, &c->title, &c->description);
	c->has_texts = true;
}

struct slice channel_title(struct channel *c)
{
	need_texts(c);
	return (struct slice){c->title.data, c->title.len};
}

struct slice channel_description(struct channel *c)
{
	need_texts(c);
	return (struct slice){c->description.data, c->description.len};
}

const struct phrases *channel_phrases(const struct channel *c)
{
	return c->ph;
}

struct slice channel_plain_title(struct channel *c)
{
	out_reset(&c->plain);
	channel_text_title(c->u, c->index, c->ph, &c->plain);
	return (struct slice){c->plain.data, c->plain.len};
}

struct slice channel_handle(struct channel *c)
{
	out_reset(&c->name);
	channel_text_handle(c->u, c->index, c->ph, &c->name);
	return (struct slice){c->name.data, c->name.len};
}

struct slice channel_username(struct channel *c)
{
	out_reset(&c->name);
	channel_text_username(c->u, c->index, &c->name);
	return (struct slice){c->name.data, c->name.len};
}

static void write_out(struct jsonw *w, const char *name, const struct out *escaped)
{
	jsonw_escaped(w, name, escaped->data, escaped->len);
}

static void write_published(struct channel *c, struct jsonw *w)
{
	out_reset(&c->plain);
	channel_text_published(c->u, c->index, &c->plain);
	write_out(w, "publishedAt", &c->plain);
}

/* Without its size (a height of 0) where a channel is only the target of something. */
static void write_thumbnail(
    struct channel *c, struct jsonw *w, const char *name, unsigned width, unsigned height)
{
	char noise[40];

	if (!jsonw_object(w, name))
		return;
	ids_noise_write(draw(c, DRAW_THUMBNAILS), noise, sizeof noise);
	out_reset(&c->plain);
	out_text(&c->plain, "https://yt3.ggpht.com/");
	out_add(&c->plain, noise, sizeof noise);
	out_text(&c->plain, "=s");
	out_u64(&c->plain, width);
	out_text(&c->plain, "-c-k-c0x00ffffff-no-rj");
	write_out(w, "url", &c->plain);
	if (height > 0) {
		jsonw_number(w, "width", width);
		jsonw_number(w, "height", height);
	}
	jsonw_object_end(w);
}

void channel_write_faces(struct channel *c, struct jsonw *w)
{
	if (!jsonw_object(w, "thumbnails"))
		return;
	write_thumbnail(c, w, "default", 88, 0);
	write_thumbnail(c, w, "medium", 240, 0);
	write_thumbnail(c, w, "high", 800, 0);
	jsonw_object_end(w);
}

/* The keys are an open set: nobody may count on three. */
static void write_thumbnails(struct channel *c, struct jsonw *w)
{
	unsigned kind = (unsigned)(draw(c, DRAW_THUMBNAILS) % 1000);

	if (!jsonw_object(w, "thumbnails"))
		return;
	if (kind >= 3)
		write_thumbnail(c, w, "default", 88, 88);
	if (kind >= 30) {
		write_thumbnail(c, w, "medium", 240, 240);
		write_thumbnail(c, w, "high", 800, 800);
	}
	if (kind >= 970)
		write_thumbnail(c, w, "standard", 640, 480);
	if (kind >= 980)
		write_thumbnail(c, w, "maxres", 1280, 720);
	if (kind >= 990)
		write_thumbnail(c, w, "fhd", 1920, 1080);
	jsonw_object_end(w);
}

/* The language of the i-th localization, or NULL. Nine channels in ten have none. */
static const struct phrases *localization(const struct channel *c, unsigned i)
{
	uint64_t h = draw(c, DRAW_LOCALIZATIONS);
	size_t own = (size_t)(c->ph - phrases_table);

	if (h % 10 != 0 || i > (h >> 8) % MAX_LOCALIZATIONS)
		return NULL;
	return &phrases_table[(own + 1 + i * 3 + (h >> 16) % 4) % phrases_count];
}

static void write_localized(struct channel *c, struct jsonw *w, struct slice hl)
{
	const struct phrases *ph;
	size_t len;

	if (!jsonw_object(w, "localized"))
		return;
	for (unsigned i = 0; hl.len > 0 && (ph = localization(c, i)) != NULL; i++) {
		len = strlen(ph->lang);
		if (hl.len < len || memcmp(hl.p, ph->lang, len) != 0 ||
		    (hl.len > len && hl.p[len] != '_' && hl.p[len] != '-'))
			continue;
		make_texts(c, ph, &c->other_title, &c->other_description);
		write_out(w, "title", &c->other_title);
		write_out(w, "description", &c->other_description);
		jsonw_object_end(w);
		return;
	}
	write_out(w, "title", &c->title);
	write_out(w, "description", &c->description);
	jsonw_object_end(w);
}

static const char *country(const struct channel *c)
{
	uint64_t h = draw(c, DRAW_COUNTRY);

	return h % 100 < 35 ? NULL : c->ph->countries[h >> 32 & 3];
}

static bool has_default_language(const struct channel *c)
{
	return draw(c, DRAW_DEFAULT_LANGUAGE) % 100 < 14 || localization(c, 0) != NULL;
}

static void write_snippet(struct channel *c, struct jsonw *w, struct slice hl)
{
	if (!jsonw_object(w, "snippet"))
		return;
	need_texts(c);
	write_out(w, "title", &c->title);
	write_out(w, "description", &c->description);
	channel_handle(c);
	if (c->name.len > 0)
		write_out(w, "customUrl", &c->name);
	write_published(c, w);
	write_thumbnails(c, w);
	if (has_default_language(c))
		jsonw_string(w, "defaultLanguage", c->ph->lang);
	write_localized(c, w, hl);
	if (country(c) != NULL)
		jsonw_string(w, "country", country(c));
	jsonw_object_end(w);
}

static void write_content_details(struct channel *c, struct jsonw *w)
{
	char uploads[IDS_CHANNEL_LEN];

	if (!jsonw_object(w, "contentDetails"))
		return;
	if (jsonw_object(w, "relatedPlaylists")) {
		memcpy(uploads, c->id, sizeof uploads);
		uploads[1] = 'U';
		jsonw_escaped(w, "likes", "", 0);
		jsonw_escaped(w, "uploads", uploads, sizeof uploads);
		jsonw_object_end(w);
	}
	jsonw_object_end(w);
}

static uint64_t three_figures(uint64_t v)
{
	uint64_t unit = 1;

	while (v / unit >= 1000)
		unit *= 10;
	return v / unit * unit;
}

static void write_statistics(struct channel *c, struct jsonw *w)
{
	uint64_t hidden = draw(c, DRAW_HIDDEN), videos = video_count(c->u, c->index), views;
	uint64_t subscribers = video_spread(draw(c, DRAW_SUBSCRIBERS), 28);

	if (draw(c, DRAW_STATISTICS) % 1000 < 3 || !jsonw_object(w, "statistics"))
		return;
	views = videos == 0
	            ? 0
	            : subscribers * (20 + draw(c, DRAW_VIEWS) % 400) + draw(c, DRAW_VIEWS) % 97;
	jsonw_number_text(w, "viewCount", views);
	if (hidden % 100 >= 4)
		jsonw_number_text(w, "subscriberCount", three_figures(subscribers));
	else if (hidden >> 32 & 1)
		jsonw_number_text(w, "subscriberCount", 0);
	jsonw_bool(w, "hiddenSubscriberCount", hidden % 100 < 4);
	jsonw_number_text(w, "videoCount", videos);
	jsonw_object_end(w);
}

static void write_topics(struct channel *c, struct jsonw *w)
{
	static const char *const topics[][2] = {{"/m/04rlf", "Music"}, {"/m/02wbm", "Food"},
	    {"/m/01k8wb", "Knowledge"}, {"/m/0bzvm2", "Video_game_culture"},
	    {"/m/019_rr", "Lifestyle_(sociology)"}, {"/m/03glg", "Hobby"}, {"/m/06ntj", "Sport"},
	    {"/m/068hy", "Pet"}, {"/m/07c1v", "Technology"}, {"/m/02jjt", "Entertainment"}};
	const unsigned count = sizeof topics / sizeof topics[0];
	uint64_t h = draw(c, DRAW_TOPICS);
	unsigned n = (unsigned)(h % 4), first = (unsigned)(h >> 8) % count;

	if (n == 0 || !jsonw_object(w, "topicDetails"))
		return;
	for (unsigned col = 0; col < 2; col++) {
		if (!jsonw_array(w, col == 0 ? "topicIds" : "topicCategories"))
			continue;
		for (unsigned i = 0; i < n; i++) {
			out_reset(&c->plain);
			if (col == 1)
				out_text(&c->plain, "https://en.wikipedia.org/wiki/");
			out_text(&c->plain, topics[(first + i * 3) % count][col]);
			write_out(w, NULL, &c->plain);
		}
		jsonw_array_end(w);
	}
	jsonw_object_end(w);
}

static void write_status(struct channel *c, struct jsonw *w)
{
	uint64_t h = draw(c, DRAW_STATUS);

	if (!jsonw_object(w, "status"))
		return;
	jsonw_string(w, "privacyStatus", h % 1000 < 2 ? "unlisted" : "public");
	jsonw_bool(w, "isLinked", h >> 16 & 15);
	jsonw_string(w, "longUploadsStatus", h >> 24 & 3 ? "longUploadsUnspecified" : "allowed");
	if (h >> 32 & 3)
		jsonw_bool(w, "madeForKids", (h >> 40) % 20 == 0);
	jsonw_object_end(w);
}

static void write_branding_channel(struct channel *c, struct jsonw *w)
{
	uint64_t h = draw(c, DRAW_BRANDING);
	char trailer[11];

	if (!jsonw_object(w, "channel"))
		return;
	need_texts(c);
	write_out(w, "title", &c->title);
	if (c->description.len > 0)
		write_out(w, "description", &c->description);
	out_reset(&c->plain);
	out_reset(&c->name);
	channel_text_keywords(c->u, c->index, c->ph, &c->plain);
	out_json(&c->name, c->plain.data, c->plain.len);
	if (c->name.len > 0)
		write_out(w, "keywords", &c->name);
	if (h >> 8 & 1) {
		ids_video_write(ids_mix(h), trailer);
		jsonw_escaped(w, "unsubscribedTrailer", trailer, sizeof trailer);
	}
	if (has_default_language(c))
		jsonw_string(w, "defaultLanguage", c->ph->lang);
	if (country(c) != NULL)
		jsonw_string(w, "country", country(c));
	jsonw_object_end(w);
}

static void write_branding(struct channel *c, struct jsonw *w)
{
	uint64_t h = draw(c, DRAW_BRANDING);
	char noise[60];

	if (h % 100 < 5 || !jsonw_object(w, "brandingSettings"))
		return;
	write_branding_channel(c, w);
	if ((h >> 16) % 3 != 0 && jsonw_object(w, "image")) {
		ids_noise_write(h, noise, sizeof noise);
		out_reset(&c->plain);
		out_text(&c->plain, "https://yt3.googleusercontent.com/");
		out_add(&c->plain, noise, sizeof noise);
		write_out(w, "bannerExternalUrl", &c->plain);
		jsonw_object_end(w);
	}
	jsonw_object_end(w);
}

static void write_localizations(struct channel *c, struct jsonw *w)
{
	const struct phrases *ph;

	if (localization(c, 0) == NULL || !jsonw_object(w, "localizations"))
		return;
	for (unsigned i = 0; (ph = localization(c, i)) != NULL; i++) {
		if (!jsonw_object(w, ph->lang))
			continue;
		make_texts(c, ph, &c->other_title, &c->other_description);
		write_out(w, "title", &c->other_title);
		write_out(w, "description", &c->other_description);
		jsonw_object_end(w);
	}
	jsonw_object_end(w);
}

bool channel_write(
    struct channel *c, struct jsonw *w, unsigned parts, struct slice hl, const char *etag)
{
	if (!jsonw_object(w, NULL))
		return false;
	jsonw_string(w, "kind", "youtube#channel");
	jsonw_escaped(w, "etag", etag, IDS_ETAG_LEN);
	jsonw_escaped(w, "id", c->id, sizeof c->id);
	if (parts & CHANNEL_SNIPPET)
		write_snippet(c, w, hl);
	if (parts & CHANNEL_CONTENT_DETAILS)
		write_content_details(c, w);
	if (parts & CHANNEL_STATISTICS)
		write_statistics(c, w);
	if (parts & CHANNEL_TOPIC_DETAILS)
		write_topics(c, w);
	if (parts & CHANNEL_STATUS)
		write_status(c, w);
	if (parts & CHANNEL_BRANDING_SETTINGS)
		write_branding(c, w);
	if (parts & CHANNEL_CONTENT_OWNER_DETAILS && jsonw_object(w, "contentOwnerDetails"))
		jsonw_object_end(w);
	if (parts & CHANNEL_LOCALIZATIONS)
		write_localizations(c, w);
	jsonw_object_end(w);
	return !c->plain.failed && !c->title.failed && !c->description.failed && !c->name.failed &&
	       !c->other_title.failed && !c->other_description.failed;
}
