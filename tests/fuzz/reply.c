/*
 * reply - bodies of answers of the API. The first digit chooses what reads them; a parser of another
 * method is one function and one row of reply_parsers.
 */
#include "config.h"
#include "engine/base/json_reader.h"
#include "engine/youtube/channels.h"
#include "engine/youtube/fault.h"
#include "engine/youtube/playlist_items.h"
#include "engine/youtube/videos.h"
#include "tests/fuzz/fuzz.h"

enum { REPLY_SIZE_MAX = 1 << 20, REPLY_DEPTH = 64 };

/* What a parser may use; emptied for it. */
struct reply_room {
	struct json_reader *reader;
	struct arena *arena;
	struct errbuf eb;
};

static void reply_check_list(const struct text_list *list)
{
	FUZZ_CHECK(list->n >= -1);
	for (int i = 0; i < list->n; i++) {
		FUZZ_CHECK(list->items[i] && list->items[i][0]);
		fuzz_check_clean(list->items[i]);
	}
}

static void reply_check_error(const struct reply_room *room, enum err err)
{
	FUZZ_CHECK(err == ERR_INVALID || err == ERR_LIMIT);
	FUZZ_CHECK(room->eb.text[0]);
	fuzz_check_clean(room->eb.text);
}

/* ---- channels.list ---- */

static void reply_check_channel(const struct channel_meta *m)
{
	const char *const texts[] = {m->title, m->description, m->custom_url, m->country,
	    m->default_language, m->thumbnail_url, m->banner_url, m->privacy_status, m->etag};
	const int64_t counts[] = {m->subscriber_count, m->video_count, m->view_count};

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		FUZZ_CHECK(!texts[i] || texts[i][0]);
		fuzz_check_clean(texts[i]);
	}
	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
		FUZZ_CHECK(counts[i] >= COUNT_NONE);
	FUZZ_CHECK(m->hidden_subscribers != 1 || m->subscriber_count == COUNT_NONE);
	FUZZ_CHECK(m->hidden_subscribers >= -1 && m->hidden_subscribers <= 1);
	FUZZ_CHECK(m->made_for_kids >= -1 && m->made_for_kids <= 1);
	reply_check_list(&m->keywords);
	reply_check_list(&m->topics);
}

static void reply_channels(struct reply_room *room, const char *body, size_t len)
{
	struct channel_meta *rows = NULL;
	int n = 0, odd = 0;
	enum err err =
	    channels_parse(room->reader, body, len, room->arena, &rows, &n, &odd, &room->eb);

	if (err)
		reply_check_error(room, err);
	FUZZ_CHECK(n >= 0 && odd >= 0 && (!err || n == 0));
	for (int i = 0; i < n; i++) {
		reply_check_channel(&rows[i]);
		for (int k = 0; k < i; k++)
			FUZZ_CHECK(cid_compare(&rows[i].cid, &rows[k].cid) != 0);
	}
}

/* The text is what JSON gave after cleaning, so it is clean here, too. */
static void reply_keywords(struct reply_room *room, const char *body, size_t len)
{
	struct text_list list;
	struct str clean;

	str_init(&clean, 3 * len);
	text_clean(body, len, &clean);
	FUZZ_CHECK(!channels_keywords(str_get(&clean), clean.len, room->arena, &list));
	FUZZ_CHECK(list.n >= 0);
	reply_check_list(&list);
	str_done(&clean);
}

/* ---- videos ---- */

static void reply_check_video(const struct video_row *v)
{
	const char *const texts[] = {v->title, v->description, v->duration, v->thumbnail_url,
	    v->live_state, v->default_language, v->audio_language, v->privacy_status};
	const int64_t numbers[] = {
	    v->duration_s, v->category, v->view_count, v->like_count, v->comment_count};

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		FUZZ_CHECK(!texts[i] || texts[i][0]);
		fuzz_check_clean(texts[i]);
	}
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		FUZZ_CHECK(numbers[i] >= -1);
	FUZZ_CHECK(v->duration_s == VIDEO_UNKNOWN || v->duration);
	FUZZ_CHECK(v->made_for_kids >= -1 && v->made_for_kids <= 1);
	reply_check_list(&v->tags);
}

static void reply_videos(struct reply_room *room, const char *body, size_t len)
{
	struct video_row *rows = NULL;
	int n = 0, odd = 0;
	enum err err =
	    videos_parse(room->reader, body, len, room->arena, &rows, &n, &odd, &room->eb);

	if (err)
		reply_check_error(room, err);
	FUZZ_CHECK(n >= 0 && n <= VIDEOS_MAX_IDS && odd >= 0 && (!err || n == 0));
	for (int i = 0; i < n; i++) {
		reply_check_video(&rows[i]);
		for (int k = 0; k < i; k++)
			FUZZ_CHECK(rows[i].vid != rows[k].vid);
	}
}

static void reply_stats(struct reply_room *room, const char *body, size_t len)
{
	struct video_counts counts[VIDEOS_MAX_IDS];
	int n = 0, odd = 0;
	enum err err = videos_stats_parse(room->reader, body, len, counts, &n, &odd, &room->eb);

	if (err)
		reply_check_error(room, err);
	FUZZ_CHECK(n >= 0 && n <= VIDEOS_MAX_IDS && odd >= 0 && (!err || n == 0));
	for (int i = 0; i < n; i++)
		FUZZ_CHECK(counts[i].view_count >= COUNT_NONE && !counts[i].absent);
}

static void reply_page(struct reply_room *room, const char *body, size_t len)
{
	const struct cid channel = {{0}};
	struct playlist_page page;
	struct str query;
	enum err err = playlist_items_parse(room->reader, body, len, &page, &room->eb);

	if (err)
		reply_check_error(room, err);
	FUZZ_CHECK(page.n >= 0 && page.n <= PLAYLIST_PAGE_ITEMS && page.odd >= 0);
	if (err || !page.token)
		return;
	str_init(&query, 1 << 16);
	playlist_items_query(&channel, page.token, &query);
	FUZZ_CHECK(!query.err && page.token[0]);
	for (const char *p = str_get(&query); *p; p++)
		FUZZ_CHECK(*p > ' ' && *p < 0x7F && *p != '#' && *p != '"');
	str_done(&query);
}

static void reply_duration(struct reply_room *room, const char *body, size_t len)
{
	(void)room;
	FUZZ_CHECK(videos_duration(body, len) >= VIDEO_UNKNOWN);
}

/* ---- errors ---- */

/* The first digit is the status, too. */
static void reply_error(struct reply_room *room, const char *body, size_t len)
{
	static const int statuses[] = {0, 400, 401, 403, 404, 409, 410, 429, 500, 503, 301, 200};
	const uint8_t *rest = (const uint8_t *)body;
	int status = statuses[fuzz_choose(&rest, &len, sizeof statuses / sizeof statuses[0])];
	struct fault_info info;

	(void)room;
	fault_classify(status, (const char *)rest, len, &info);
	FUZZ_CHECK(info.status == status && (unsigned)info.fault < FAULT_COUNT);
	FUZZ_CHECK((info.fault == FAULT_NONE) == (status == 200));
	FUZZ_CHECK(status == 200 || (info.reason[0] && info.message[0]));
	for (const char *p = info.reason; *p; p++)
		FUZZ_CHECK(*p > ' ' && *p < 0x7F);
	fuzz_check_clean(info.message);
}

/* ---- any JSON ---- */

static void reply_check_text(const char *text, size_t len)
{
	uint32_t code;

	for (size_t i = 0; i < len;) {
		size_t n = text_utf8_next(text + i, len - i, &code);
		FUZZ_CHECK(n);
		i += n;
	}
	FUZZ_CHECK(text[len] == '\0');
}

static void reply_walk(struct json_node node, int depth)
{
	struct json_walk w;
	struct json_node item;
	const char *text, *name;
	size_t len;
	int64_t whole;
	double real;
	bool flag;

	FUZZ_CHECK(depth <= REPLY_DEPTH);
	FUZZ_CHECK(json_node_text(node, &text, &len) == (json_node_type(node) == JSON_NODE_TEXT));
	if (text)
		reply_check_text(text, len);
	if (json_node_type(node) == JSON_NODE_INT)
		FUZZ_CHECK(json_node_int(node, &whole) && json_node_real(node, &real));
	FUZZ_CHECK(json_node_bool(node, &flag) == (json_node_type(node) == JSON_NODE_BOOL));
	json_walk_start(&w, node);
	while (json_walk_next(&w, &item, &name)) {
		FUZZ_CHECK((name != NULL) == (json_node_type(node) == JSON_NODE_OBJECT));
		if (name)
			reply_check_text(name, strlen(name));
		reply_walk(item, depth + 1);
	}
}

static void reply_json(struct reply_room *room, const char *body, size_t len)
{
	struct json_node root;
	enum err err = json_reader_parse(room->reader, body, len, &root, &room->eb);

	if (err)
		reply_check_error(room, err);
	else
		reply_walk(root, 0);
}

static void (*const reply_parsers[])(struct reply_room *, const char *, size_t) = {reply_channels,
    reply_error, reply_keywords, reply_json, reply_videos, reply_stats, reply_page, reply_duration};

int FUZZ_ONE(const uint8_t *data, size_t size)
{
	size_t n = sizeof reply_parsers / sizeof reply_parsers[0];
	size_t parser = fuzz_choose(&data, &size, n);
	struct reply_room room = {
	    .reader = json_reader_new(REPLY_SIZE_MAX, REPLY_DEPTH), .arena = arena_new(0)};

	FUZZ_CHECK(room.reader && room.arena);
	reply_parsers[parser](&room, (const char *)data, size);
	json_reader_free(room.reader);
	arena_free(room.arena);
	return 0;
}
