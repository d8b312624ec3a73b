/*
 * channelSections.list: the whole answer at once, without pages and without pageInfo.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "ids.h"
#include "list.h"
#include "playlist.h"
#include "section.h"

#define SECTION_ID_TAIL 11
#define SECTION_ID_LEN (IDS_CHANNEL_LEN + 1 + SECTION_ID_TAIL)

enum part { PART_ID = 1, PART_SNIPPET = 2, PART_CONTENT_DETAILS = 4 };

static const char *const parts[] = {"id", "snippet", "contentDetails", NULL};

static const struct param_def params[] = {
    {"part", PARAM_TEXT, PARAM_REPEATED | PARAM_REQUIRED},
    {"channelId", PARAM_TEXT, PARAM_FILTER},
    {"id", PARAM_TEXT, PARAM_REPEATED | PARAM_FILTER},
    {"mine", PARAM_BOOL, PARAM_FILTER | PARAM_OAUTH},
    {"hl", PARAM_TEXT, 0},
    {"onBehalfOfContentOwner", PARAM_TEXT, 0},
    {NULL, PARAM_TEXT, 0},
};

static const char schema[] =
    "kind,etag,eventId,visitorId,items(kind,etag,id,"
    "snippet(type,style,channelId,title,position,defaultLanguage,localized/title),"
    "contentDetails(playlists,channels),localizations/*/title,"
    "targeting(languages,regions,countries))";

static const char *const types[] = {[SECTION_RECENT_UPLOADS] = "recentUploads",
    [SECTION_POPULAR_UPLOADS] = "popularUploads",
    [SECTION_ALL_PLAYLISTS] = "allPlaylists",
    [SECTION_SINGLE_PLAYLIST] = "singlePlaylist",
    [SECTION_MULTIPLE_PLAYLISTS] = "multiplePlaylists",
    [SECTION_MULTIPLE_CHANNELS] = "multipleChannels",
    [SECTION_SUBSCRIPTIONS] = "subscriptions"};

static void section_id(const struct universe *u, uint64_t channel, unsigned i, char *to)
{
	universe_id(u, channel, to);
	to[IDS_CHANNEL_LEN] = '.';
	ids_noise_write(section_draw(u, channel, i, 2), to + IDS_CHANNEL_LEN + 1, SECTION_ID_TAIL);
}

static void write_title(struct call *c, struct jsonw *w, uint64_t channel, unsigned i)
{
	struct channel *ch = worker_channel(c->worker);
	const struct phrases *ph;
	uint64_t h = section_draw(c->api->universe, channel, i, 3);
	struct out title;

	channel_load(ch, c->api->universe, channel);
	ph = channel_phrases(ch);
	out_init(&title, 4096);
	out_text(&title, ph->heads[h % PHRASES_WORDS]);
	out_text(&title, ph->glue);
	out_text(&title, ph->tails[(h >> 8) % PHRASES_WORDS]);
	jsonw_outside(w, "title", (struct slice){title.data, title.len});
	if (jsonw_object(w, "localized")) {
		jsonw_outside(w, "title", (struct slice){title.data, title.len});
		jsonw_object_end(w);
	}
	w->out->failed |= title.failed;
	out_done(&title);
}

static void write_snippet(struct call *c, struct jsonw *w, uint64_t channel, unsigned i)
{
	enum section_kind kind = section_kind(c->api->universe, channel, i);
	char id[IDS_CHANNEL_LEN];

	if (!jsonw_object(w, "snippet"))
		return;
	universe_id(c->api->universe, channel, id);
	jsonw_string(w, "type", types[kind]);
	jsonw_escaped(w, "channelId", id, sizeof id);
	jsonw_number(w, "position", i);
	if (kind == SECTION_MULTIPLE_CHANNELS || kind == SECTION_MULTIPLE_PLAYLISTS)
		write_title(c, w, channel, i);
	jsonw_object_end(w);
}

static void write_channels(const struct universe *u, struct jsonw *w, uint64_t channel, unsigned i)
{
	uint64_t list[SECTION_CHANNELS_MAX];
	unsigned n = section_channels(u, channel, i, list);
	char id[IDS_CHANNEL_LEN];

	if (!jsonw_array(w, "channels"))
		return;
	for (unsigned k = 0; k < n; k++) {
		universe_id(u, list[k], id);
		jsonw_escaped(w, NULL, id, sizeof id);
	}
	jsonw_array_end(w);
}

static void write_playlists(const struct universe *u, struct jsonw *w, uint64_t channel, unsigned i)
{
	uint64_t list[SECTION_PLAYLISTS_MAX];
	unsigned n = section_playlists(u, channel, i, list);
	struct out id;

	if (!jsonw_array(w, "playlists"))
		return;
	out_init(&id, 256);
	for (unsigned k = 0; k < n; k++) {
		out_reset(&id);
		playlist_id(u, (struct playlist){.channel = channel, .number = list[k]}, &id);
		jsonw_escaped(w, NULL, id.data, id.len);
	}
	w->out->failed |= id.failed;
	out_done(&id);
	jsonw_array_end(w);
}

static void write_details(const struct universe *u, struct jsonw *w, uint64_t channel, unsigned i)
{
	enum section_kind kind = section_kind(u, channel, i);
	bool channels = kind == SECTION_MULTIPLE_CHANNELS;
	bool lists = kind == SECTION_SINGLE_PLAYLIST || kind == SECTION_MULTIPLE_PLAYLISTS;

	if ((!channels && !lists) || !jsonw_object(w, "contentDetails"))
		return;
	if (channels)
		write_channels(u, w, channel, i);
	else
		write_playlists(u, w, channel, i);
	jsonw_object_end(w);
}

static void write_section(struct call *c, struct list *l, uint64_t channel, unsigned i)
{
	const struct universe *u = c->api->universe;
	char id[SECTION_ID_LEN];

	if (!list_item(l, "youtube#channelSection", section_draw(u, channel, i, 2)))
		return;
	section_id(u, channel, i, id);
	jsonw_escaped(&l->w, "id", id, sizeof id);
	if (c->parts & PART_SNIPPET)
		write_snippet(c, &l->w, channel, i);
	if (c->parts & PART_CONTENT_DETAILS)
		write_details(u, &l->w, channel, i);
	list_item_end(l);
}

static void write_by_id(struct call *c, struct list *l, struct slice wanted)
{
	const struct universe *u = c->api->universe;
	char id[SECTION_ID_LEN];
	uint64_t channel;

	if (wanted.len != SECTION_ID_LEN ||
	    universe_find(u, (struct slice){wanted.p, IDS_CHANNEL_LEN}, &channel) != UNIVERSE_FOUND)
		return;
	for (unsigned i = 0; i < section_count(u, channel); i++) {
		section_id(u, channel, i, id);
		if (memcmp(id, wanted.p, sizeof id) == 0)
			write_section(c, l, channel, i);
	}
}

static const struct error_def *run(struct call *c)
{
	struct list_head head = {.kind = "youtube#channelSectionListResponse"};
	const struct universe *u = c->api->universe;
	bool by_id = slice_equals(c->filter, "id");
	uint64_t channel = 0;
	struct slice id;
	struct list l;

	if (c->id_count > METHOD_MAX_IDS)
		return errors_find(slice_of("invalidFilters"));
	if (!by_id &&
	    (!call_param(c, "channelId", &id) || universe_find(u, id, &channel) != UNIVERSE_FOUND))
		return errors_find(slice_of("sectionChannelNotFound"));
	if (!list_begin(&l, c, &head))
		return errors_find(slice_of("internalError500"));
	for (size_t i = 0; by_id && i < c->id_count; i++)
		write_by_id(c, &l, c->ids[i]);
	for (unsigned i = 0; !by_id && i < section_count(u, channel); i++)
		write_section(c, &l, channel, i);
	return list_end(&l);
}

const struct method method_channel_sections_list = {
    .name = "channelSections.list",
    .path = "/youtube/v3/channelSections",
    .bucket = BUCKET_UNITS,
    .cost = 1,
    .params = params,
    .parts = parts,
    .schema = schema,
    .run = run,
};
