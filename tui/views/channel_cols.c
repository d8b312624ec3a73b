/* Channels, videos and links as rows. */
#include "config.h"
#include "tui/views/channel_parts.h"
#include "tui/views/discovery_parts.h"
#include "tui/format.h"

#include <stdio.h>
#include <string.h>

enum { CHANNEL_OLD = 30 * 86400, CHANNEL_PAGE = 200 };

void channel_path(struct str *out, const char *id, const char *rest)
{
	str_adds(out, "/api/channels/");
	node_add_query(out, id);
	str_adds(out, rest);
}

const char *channel_name(struct json_node channel)
{
	const char *title = answer_text(channel, "title");

	return *title ? title : answer_text(channel, "channel_id");
}

void channel_letters(struct json_node channel, char out[4])
{
	static const struct {
		const char *member;
		char letter;
	} parts[] = {{"metadata", 'M'}, {"videos", 'V'}, {"discovery", 'D'}};

	for (size_t i = 0; i < 3; i++) {
		const char *state = answer_text(channel, parts[i].member);
		out[i] = strcmp(state, "done") == 0      ? parts[i].letter
		         : strcmp(state, "missing") == 0 ? 'x'
		         : strcmp(state, "failed") == 0  ? '!'
		                                         : '.';
	}
	out[3] = 0;
}

void channel_age(const struct view_ctx *c, struct json_node channel, struct table_cell *out)
{
	int64_t at = answer_time(channel, "fetched_at");
	bool old = at && c->now - at > CHANNEL_OLD;
	char ago[FORMAT_SIZE];

	out->role = old ? ROLE_WARN : ROLE_NORMAL;
	snprintf(out->text, sizeof out->text, "%s%s", old ? "! " : "", format_ago(ago, at, c->now));
}

/* ---- channels ---- */

static void col_title(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	(void)c;
	out->role = *answer_text(r->json, "title") ? ROLE_NORMAL : ROLE_OFF;
	snprintf(out->text, sizeof out->text, "%s", channel_name(r->json));
}

static void col_letters(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	(void)c;
	channel_letters(r->json, out->text);
	out->role = strpbrk(out->text, "x!") ? ROLE_WARN : ROLE_NORMAL;
}

static void col_age(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	channel_age(c, r->json, out);
}

CELL(col_subs, cell_count, "subscriber_count")
CELL(col_videos, cell_count, "video_count")
CELL(col_views, cell_count, "view_count")
CELL(col_country, cell_text, "country")
CELL(col_language, cell_tag, "language")
CELL(col_source, cell_text, "source")

static const struct table_col channel_columns[] = {
    {"title", "TITLE", 26, 36, 0, ALIGN_LEFT, col_title, NULL, NULL, "title:asc", FILTER_TEXT},
    {"subs", "SUBS", 6, 6, 0, ALIGN_RIGHT, col_subs, NULL, NULL, "subs:desc", FILTER_NUMBER},
    {"videos", "VIDEOS", 6, 7, 3, ALIGN_RIGHT, col_videos, NULL, NULL, "videos:desc",
        FILTER_NUMBER},
    {"views", "VIEWS", 6, 7, 2, ALIGN_RIGHT, col_views, NULL, NULL, "views:desc", FILTER_NUMBER},
    {"country", "CC", 3, 3, 4, ALIGN_LEFT, col_country, NULL, NULL, NULL, FILTER_TEXT},
    {"lang", "LG", 3, 3, 5, ALIGN_LEFT, col_language, NULL, NULL, NULL, FILTER_TEXT},
    {NULL, "MVD", 3, 3, 0, ALIGN_LEFT, col_letters, NULL, NULL, NULL, FILTER_TEXT},
    {"fetched", "FETCHED", 11, 13, 1, ALIGN_LEFT, col_age, NULL, NULL, "fetched:desc", FILTER_TEXT},
    {"source", "SOURCE", 8, 10, 6, ALIGN_LEFT, col_source, NULL, NULL, NULL, FILTER_TEXT},
};

static void channel_list_path(
    const struct view_ctx *c, const struct view_state *st, struct str *out)
{
	(void)c;
	(void)st;
	str_adds(out, "/api/channels");
}

ID(channel_id, "channel_id")

static const struct pages_def channel_pages = {
    .path = channel_list_path,
    .items = "channels",
    .more = "fields=channel_id,country,custom_url,discovery,fetched_at,language,metadata,"
            "published_at,source,subscriber_count,title,video_count,videos,view_count",
    .limit = CHANNEL_PAGE,
    .exports = "channels",
};

const struct table_def channel_table = {
    .what = "channels",
    .cols = channel_columns,
    .n_cols = sizeof channel_columns / sizeof channel_columns[0],
    .pages = &channel_pages,
    .id = channel_id,
    .order_words = "id",
    .empty = "no channel yet: 2, then i imports channel ids; then n starts metadata",
};

/* ---- videos of one channel ---- */

CELL(vid_day, cell_day, "published_at")
CELL(vid_title, cell_text, "title")
CELL(vid_length, cell_length, "duration_seconds")
CELL(vid_views, cell_count, "view_count")
CELL(vid_likes, cell_count, "like_count")
CELL(vid_comments, cell_count, "comment_count")
CELL(vid_language, cell_tag, "language")

static const struct table_col video_columns[] = {
    {"published", "PUBLISHED", 10, 10, 1, ALIGN_LEFT, vid_day, NULL, NULL, "published:desc",
        FILTER_TEXT},
    {"title", "TITLE", 16, 80, 0, ALIGN_LEFT, vid_title, NULL, NULL, NULL, FILTER_TEXT},
    {"length", "LENGTH", 7, 8, 2, ALIGN_RIGHT, vid_length, NULL, NULL, "length:desc",
        FILTER_NUMBER},
    {"views", "VIEWS", 6, 7, 0, ALIGN_RIGHT, vid_views, NULL, NULL, "views:desc", FILTER_NUMBER},
    {"likes", "LIKES", 6, 7, 3, ALIGN_RIGHT, vid_likes, NULL, NULL, "likes:desc", FILTER_NUMBER},
    {"comments", "COMMENTS", 8, 8, 5, ALIGN_RIGHT, vid_comments, NULL, NULL, "comments:desc",
        FILTER_NUMBER},
    {"lang", "LG", 3, 3, 4, ALIGN_LEFT, vid_language, NULL, NULL, NULL, FILTER_TEXT},
};

static void video_path(const struct view_ctx *c, const struct view_state *st, struct str *out)
{
	(void)c;
	channel_path(out, st->target, "/videos");
}

ID(video_id, "video_id")

static void video_copy(const struct table_row *r, struct str *out)
{
	str_addf(out, "https://www.youtube.com/watch?v=%s", answer_text(r->json, "video_id"));
}

static const struct pages_def video_pages = {
    .path = video_path,
    .items = "videos",
    .more = "fields=category_id,comment_count,duration_seconds,language,like_count,live_state,"
            "published_at,tags,title,video_id,view_count",
    .limit = CHANNEL_PAGE,
    .exports = "videos",
    .of_channel = true,
};

const struct table_def channel_video_table = {
    .what = "videos",
    .cols = video_columns,
    .n_cols = sizeof video_columns / sizeof video_columns[0],
    .pages = &video_pages,
    .id = video_id,
    .copy = video_copy,
    .order_words = "newest first",
    .empty = "no video of it is stored: v fetches them",
};

/* ---- what it led to ---- */

static void link_name(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const char *title = answer_text(r->json, "discovered_title");

	(void)c;
	snprintf(out->text, sizeof out->text, "%s",
	    *title ? title : answer_text(r->json, "discovered_channel_id"));
}

static void link_new(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	(void)c;
	snprintf(
	    out->text, sizeof out->text, "%s", answer_bool(r->json, "already_exists") ? "" : "new");
}

static void link_confidence(
    const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	(void)c;
	snprintf(out->text, sizeof out->text, "%.2f", answer_real(r->json, "confidence_score"));
}

static void link_method(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	(void)c;
	snprintf(out->text, sizeof out->text, "%s",
	    discovery_word(answer_text(r->json, "discovery_method")));
}

CELL(link_subs, cell_count, "discovered_subscriber_count")
CELL(link_seen, cell_ago, "last_seen")

static const struct table_col link_columns[] = {
    {"title", "CHANNEL", 20, 60, 0, ALIGN_LEFT, link_name, NULL, NULL, NULL, FILTER_TEXT},
    {"method", "METHOD", 14, 22, 1, ALIGN_LEFT, link_method, NULL, NULL, NULL, FILTER_TEXT},
    {"confidence", "CONF", 5, 5, 2, ALIGN_RIGHT, link_confidence, NULL, NULL, NULL, FILTER_NUMBER},
    {"subs", "SUBS", 6, 7, 3, ALIGN_RIGHT, link_subs, NULL, NULL, NULL, FILTER_NUMBER},
    {"new", "NEW", 3, 3, 0, ALIGN_LEFT, link_new, NULL, NULL, NULL, FILTER_TEXT},
    {"seen", "SEEN", 9, 10, 4, ALIGN_LEFT, link_seen, NULL, NULL, "seen:desc", FILTER_TEXT},
};

static void link_path(const struct view_ctx *c, const struct view_state *st, struct str *out)
{
	(void)c;
	channel_path(out, st->target, "/discoveries");
}

static void link_id(const struct table_row *r, char out[TABLE_ID])
{
	snprintf(out, TABLE_ID, "%.24s %.40s", answer_text(r->json, "discovered_channel_id"),
	    answer_text(r->json, "discovery_method"));
}

ID(link_target, "discovered_channel_id")

COPY(link_copy, "discovered_channel_id")

static const struct pages_def link_pages = {
    .path = link_path,
    .items = "discoveries",
    .more = "fields=already_exists,confidence_score,discovered_channel_id,"
            "discovered_subscriber_count,discovered_title,discovery_method,last_seen",
    .limit = CHANNEL_PAGE,
    .exports = "discoveries",
    .of_channel = true,
};

const struct table_def channel_link_table = {
    .what = "channels found from it",
    .cols = link_columns,
    .n_cols = sizeof link_columns / sizeof link_columns[0],
    .pages = &link_pages,
    .id = link_id,
    .opens = &view_channel,
    .target = link_target,
    .copy = link_copy,
    .order_words = "as stored",
    .empty = "nothing was found from it yet: a discovery job looks (n)",
};

/* ---- what was done with it ---- */

CELL(event_op, cell_text, "op")
CELL(event_state, cell_text, "state")
CELL(event_tries, cell_text, "attempts")
CELL(event_job, cell_text, "job")
CELL(event_reason, cell_member, "reason")

static void event_at(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	int64_t at = answer_time(r->json, "at");
	char when[FORMAT_SIZE], ago[FORMAT_SIZE];

	if (at)
		snprintf(out->text, sizeof out->text, "%s, %s", format_when(when, at, c->now),
		    format_ago(ago, at, c->now));
	else
		memcpy(out->text, "-", 2);
}

static const struct table_col event_columns[] = {
    {"op", "WHAT", 10, 10, 0, ALIGN_LEFT, event_op, NULL, NULL, NULL, FILTER_TEXT},
    {"state", "STATE", 8, 8, 0, ALIGN_LEFT, event_state, NULL, NULL, NULL, FILTER_TEXT},
    {"at", "WHEN", 22, 24, 0, ALIGN_LEFT, event_at, NULL, NULL, NULL, FILTER_TEXT},
    {"tries", "TRIES", 5, 5, 2, ALIGN_RIGHT, event_tries, NULL, NULL, NULL, FILTER_TEXT},
    {"job", "JOB", 8, 10, 1, ALIGN_LEFT, event_job, NULL, NULL, NULL, FILTER_TEXT},
    {"reason", "WHY", 12, 40, 3, ALIGN_LEFT, event_reason, NULL, NULL, NULL, FILTER_TEXT},
};

static size_t event_count(const struct view_ctx *c, struct view_state *st)
{
	struct answer *a = &st->resources[CHANNEL_ONE].answer;
	size_t n = 0;

	(void)c;
	if (a->root.doc)
		answer_items(a, "history", &n);
	return n;
}

static void event_row(
    const struct view_ctx *c, struct view_state *st, size_t at, struct table_row *out)
{
	size_t n;

	(void)c;
	out->json = answer_items(&st->resources[CHANNEL_ONE].answer, "history", &n)[at];
}

ID(event_id, "op")

ID(event_target, "job")

const struct table_def channel_history_table = {
    .what = "kinds of work",
    .cols = event_columns,
    .n_cols = sizeof event_columns / sizeof event_columns[0],
    .count = event_count,
    .row = event_row,
    .id = event_id,
    .opens = &view_job,
    .target = event_target,
    .order_words = "in the order of work",
    .empty = "nothing was done with it yet",
};
