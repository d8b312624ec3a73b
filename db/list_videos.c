/* Videos as a list. */
#include "config.h"
#include "db/list_parts.h"

enum { VIDEO = 1, CHANNEL_TITLE = 2 };

static const struct list_field fields[] = {
    {"category_id", LIST_INT, "v.category", VIDEO, true},
    {"channel_external_id", LIST_CID, "v.channel", VIDEO, true},
    {"channel_title", LIST_TEXT, "m.title", CHANNEL_TITLE, false},
    {"comment_count", LIST_INT, "v.comment_count", VIDEO, true},
    {"counted_at", LIST_TIME, "v.counted_at", VIDEO, false},
    {"description", LIST_TEXT, "v.description", VIDEO, true},
    {"duration", LIST_TEXT, "v.duration", VIDEO, true},
    {"duration_seconds", LIST_INT, "v.duration_s", VIDEO, false},
    {"fetched_at", LIST_TIME, "v.fetched_at", VIDEO, false},
    {"language", LIST_TEXT, "v.language", VIDEO, true},
    {"like_count", LIST_INT, "v.like_count", VIDEO, true},
    {"live_state", LIST_TEXT, "v.live_state", VIDEO, false},
    {"made_for_kids", LIST_FLAG, "v.made_for_kids", VIDEO, false},
    {"privacy_status", LIST_TEXT, "v.privacy_status", VIDEO, false},
    {"published_at", LIST_TIME, "v.published_at", VIDEO, true},
    {"tags", LIST_ARRAY, "v.tags", VIDEO, true},
    {"thumbnail_url", LIST_TEXT, "v.thumbnail_url", VIDEO, true},
    {"title", LIST_TEXT, "v.title", VIDEO, true},
    {"video_id", LIST_VID, "v.vid", VIDEO, true},
    {"view_count", LIST_INT, "v.view_count", VIDEO, true},
    {NULL, LIST_TEXT, NULL, 0, false},
};

/* name, other names, kind, words look here, words it can be, SQL, tables, what has no index */
#define FILTERS(X)                                                                                 \
	X(CHANNEL, "channel", "channel_id", FILTER_ID, false, NULL, "channel_id(v.channel)",       \
	    VIDEO, "the middle of an id")                                                          \
	X(ID, "id", "video_id", FILTER_TEXT, false, NULL, "video_id(v.vid)", VIDEO,                \
	    "a video without its channel")                                                         \
	X(TITLE, "title", NULL, FILTER_TEXT, true, NULL, "v.title", VIDEO, "titles")               \
	X(VIEWS, "views", "view_count", FILTER_NUMBER, false, NULL, "v.view_count", VIDEO,         \
	    "views")                                                                               \
	X(LIKES, "likes", "like_count", FILTER_NUMBER, false, NULL, "v.like_count", VIDEO,         \
	    "likes")                                                                               \
	X(COMMENTS, "comments", "comment_count", FILTER_NUMBER, false, NULL, "v.comment_count",    \
	    VIDEO, "comments")                                                                     \
	X(LENGTH, "length", "duration seconds", FILTER_NUMBER, false, NULL, "v.duration_s", VIDEO, \
	    "lengths")                                                                             \
	X(LANG, "lang", "language", FILTER_TAG, false, NULL, "v.language", VIDEO, "languages")     \
	X(CATEGORY, "category", NULL, FILTER_NUMBER, false, NULL, "v.category", VIDEO,             \
	    "categories")                                                                          \
	X(LIVE, "live", "live_state", FILTER_TEXT, false, NULL, "v.live_state", VIDEO,             \
	    "live states")                                                                         \
	X(PUBLISHED, "published", "published_at", FILTER_TIME, false, NULL, "v.published_at",      \
	    VIDEO, "when videos were published")                                                   \
	X(FETCHED, "fetched", "fetched_at", FILTER_TIME, false, NULL, "v.fetched_at", VIDEO,       \
	    "when videos were fetched")                                                            \
	X(COUNTED, "counted", "counted_at", FILTER_TIME, false, NULL, "v.counted_at", VIDEO,       \
	    "when videos were counted")                                                            \
	X(TAG, "tag", "tags", FILTER_TEXT, false, NULL, "v.tags", VIDEO, "tags")                   \
	X(ABOUT, "about", "description", FILTER_TEXT, false, NULL, "v.description", VIDEO,         \
	    "descriptions")

enum {
#define FILTER_ENUM(id, ...) BY_##id,
	FILTERS(FILTER_ENUM)
#undef FILTER_ENUM
};

static const struct filter_field filters[] = {
#define FILTER_FIELD(id, name, also, kind, any, words, sql, needs, why) \
	{name, also, kind, any, 0, words},
    FILTERS(FILTER_FIELD)
#undef FILTER_FIELD
        FILTER_FIELDS_END};

static const struct list_source sources[] = {
#define FILTER_SOURCE(id, name, also, kind, any, words, sql, needs, why) \
	{sql, needs, false, why, NULL},
    FILTERS(FILTER_SOURCE)
#undef FILTER_SOURCE
};

enum { IN_CHANNEL, IN_PUBLISHED, IN_VIEWS, IN_LIKES, IN_COMMENTS, IN_LENGTH };

static const struct list_sort sorts[] = {
    [IN_CHANNEL] = {"channel", {"v.channel", "v.vid"}, NULL, 0, .has_unknown = false},
    [IN_PUBLISHED] = {"published", {"v.published_at", "v.id"}, NULL, 0, true, .descending = true},
    [IN_VIEWS] = {"views", {"v.view_count", "v.id"}, NULL, 0, true, .descending = true},
    [IN_LIKES] = {"likes", {"v.like_count", "v.id"}, NULL, 0, true, .descending = true},
    [IN_COMMENTS] = {"comments", {"v.comment_count", "v.id"}, NULL, 0, true, .descending = true},
    [IN_LENGTH] = {"length", {"v.duration_s", "v.id"}, NULL, 0, true, .descending = true},
    {.word = NULL},
};

static const struct list_way ways[] = {
    {.from = "video v INDEXED BY sqlite_autoindex_video_1",
        .has = VIDEO,
        .sort = IN_CHANNEL,
        .key = "v.channel",
        .key_kind = LIST_KEY_ID,
        .field = BY_CHANNEL},
    {.from = NULL},
};

static const struct list_join joins[] = {
    {CHANNEL_TITLE, VIDEO, "LEFT JOIN channel_meta m ON m.cid = v.channel", 0, NULL},
    {0, 0, NULL, 0, NULL},
};

static int64_t count(const struct counters *c, unsigned needs)
{
	(void)needs;
	return c->videos;
}

const struct list_thing list_videos = {
    .name = "videos",
    .key = {"v.id"},
    .from = "video v",
    .has = VIDEO,
    .fields = fields,
    .filters = filters,
    .sources = sources,
    .sorts = sorts,
    .ways = ways,
    .joins = joins,
    .count = count,
    .samples = {{"video v", "v.id", VIDEO, false}},
};
