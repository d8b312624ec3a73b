/* Channels as a list. */
#include "config.h"
#include "db/list_parts.h"

enum { CHANNEL = 1, META = 2, ORIGIN = 4, TEXT = 8, FOUND = 16, UPLOADS = 32 };

static const char *const states[] = {"pending", "done", "absent", "missing", "failed", NULL};

/* "COUNT (…)": fields that are more than a column. */
#define VIDEOS_STORED "(SELECT count(*) FROM video v WHERE v.channel = c.cid)"

static const struct list_field fields[] = {
    {"banner_url", LIST_TEXT, "m.banner_url", META, true},
    {"channel_id", LIST_CID, "c.cid", CHANNEL, true},
    {"country", LIST_TEXT, "m.country", META, true},
    {"created_at", LIST_TIME, "o.created_at", CHANNEL | ORIGIN, true},
    {"custom_url", LIST_TEXT, "m.custom_url", META, true},
    {"default_language", LIST_TEXT, "m.default_language", META, false},
    {"description", LIST_TEXT, "coalesce(m.description, t.description)", META | TEXT, true},
    {"discovery", LIST_STATE, "c.discovery", CHANNEL, false},
    {"discovery_processed", LIST_IS_DONE, "c.discovery", CHANNEL, true},
    {"fetched_at", LIST_TIME, "m.fetched_at", META, false},
    {"found_depth", LIST_INT, "f.depth", CHANNEL | FOUND, false},
    {"found_from", LIST_CID, "f.source", CHANNEL | FOUND, false},
    {"hidden_subscribers", LIST_FLAG, "m.hidden_subscribers", META, false},
    {"id", LIST_UUID, "c.cid", CHANNEL, true},
    {"imported_title", LIST_TEXT, "c.title", CHANNEL, false},
    {"keywords", LIST_ARRAY, "m.keywords", META, true},
    {"language", LIST_TEXT, "m.language", META, true},
    {"language_confidence", LIST_INT, "m.language_confidence", META, false},
    {"language_source", LIST_TEXT, "m.language_source", META, false},
    {"made_for_kids", LIST_FLAG, "m.made_for_kids", META, false},
    {"metadata", LIST_STATE, "c.metadata", CHANNEL, false},
    {"metadata_fetched", LIST_IS_DONE, "c.metadata", CHANNEL, true},
    {"origin", LIST_TEXT, "o.label", CHANNEL | ORIGIN, false},
    {"privacy_status", LIST_TEXT, "m.privacy_status", META, false},
    {"published_at", LIST_TIME, "m.published_at", META, true},
    {"source", LIST_TEXT, "o.source", CHANNEL | ORIGIN, true},
    {"subscriber_count", LIST_INT, "m.subscriber_count", META, true},
    {"thumbnail_url", LIST_TEXT, "m.thumbnail_url", META, true},
    {"title", LIST_TEXT, "coalesce(m.title, c.title)", CHANNEL | META, true},
    {"topic_categories", LIST_ARRAY, "m.topics", META, true},
    {"updated_at", LIST_TIME, "coalesce(m.fetched_at, o.created_at)", META | ORIGIN, true},
    {"uploads_listed", LIST_INT, "u.listed", CHANNEL | UPLOADS, false},
    {"uploads_listed_at", LIST_TIME, "u.at", CHANNEL | UPLOADS, false},
    {"video_count", LIST_INT, "m.video_count", META, true},
    {"videos", LIST_STATE, "c.videos", CHANNEL, false},
    {"videos_fetched", LIST_IS_DONE, "c.videos", CHANNEL, true},
    {"videos_stored", LIST_INT, VIDEOS_STORED, CHANNEL, false},
    {"view_count", LIST_INT, "m.view_count", META, true},
    {NULL, LIST_TEXT, NULL, 0, false},
};

/*
 * name, other names, kind, words look here, mark, words it can be, SQL, tables, what has no index
 */
#define FILTERS(X)                                                                                 \
	X(ID, "id", "channel_id", FILTER_ID, false, 0, NULL, "channel_id(c.cid)", CHANNEL,         \
	    "the middle of an id")                                                                 \
	X(TITLE, "title", NULL, FILTER_TEXT, true, 0, NULL, "m.title", META,                       \
	    "the middle of titles (title=word* has one)")                                          \
	X(HANDLE, "handle", "custom_url", FILTER_TEXT, true, '@', NULL,                            \
	    "ltrim(m.custom_url, '@')", META, "the middle of handles (handle=name* has one)")      \
	X(IMPORTED, "imported", "imported_title", FILTER_TEXT, true, 0, NULL, "c.title", CHANNEL,  \
	    "titles as they were imported")                                                        \
	X(SUBS, "subs", "subscribers subscriber_count", FILTER_NUMBER, false, 0, NULL,             \
	    "m.subscriber_count", META, NULL)                                                      \
	X(VIEWS, "views", "view_count", FILTER_NUMBER, false, 0, NULL, "m.view_count", META, NULL) \
	X(VIDEOS, "videos", "video_count", FILTER_NUMBER, false, 0, NULL, "m.video_count", META,   \
	    NULL)                                                                                  \
	X(COUNTRY, "country", "cc", FILTER_TEXT, false, 0, NULL, "m.country", META,                \
	    "parts of countries")                                                                  \
	X(LANG, "lang", "language", FILTER_TAG, false, 0, NULL, "m.language", META,                \
	    "parts of languages")                                                                  \
	X(FETCHED, "fetched", "fetched_at", FILTER_TIME, false, 0, NULL, "m.fetched_at", META,     \
	    NULL)                                                                                  \
	X(PUBLISHED, "published", "since published_at", FILTER_TIME, false, 0, NULL,               \
	    "m.published_at", META, "when channels were made")                                     \
	X(ADDED, "added", "created created_at", FILTER_TIME, false, 0, NULL, "o.created_at",       \
	    CHANNEL | ORIGIN, "when channels were added")                                          \
	X(SOURCE, "source", NULL, FILTER_TEXT, false, 0, NULL, "o.source", CHANNEL | ORIGIN,       \
	    "sources")                                                                             \
	X(ORIGIN, "origin", NULL, FILTER_TEXT, false, 0, NULL, "o.label", CHANNEL | ORIGIN,        \
	    "origins")                                                                             \
	X(STATE, "metadata", "state", FILTER_CHOICE, false, 0, states, "c.metadata", CHANNEL,      \
	    "this state")                                                                          \
	X(VIDEOS_STATE, "videos_state", NULL, FILTER_CHOICE, false, 0, states, "c.videos",         \
	    CHANNEL, "this state")                                                                 \
	X(DISCOVERY, "discovery", "discovery_state", FILTER_CHOICE, false, 0, states,              \
	    "c.discovery", CHANNEL, "this state")                                                  \
	X(TOPIC, "topic", "topics", FILTER_TEXT, false, 0, NULL, "m.topics", META, "topics")       \
	X(KEYWORD, "keyword", "keywords", FILTER_TEXT, false, 0, NULL, "m.keywords", META,         \
	    "keywords")                                                                            \
	X(ABOUT, "about", "description", FILTER_TEXT, false, 0, NULL, "m.description", META,       \
	    "descriptions")                                                                        \
	X(DEPTH, "depth", NULL, FILTER_NUMBER, false, 0, NULL, "f.depth", CHANNEL | FOUND,         \
	    "how far a channel was found")

enum {
#define FILTER_ENUM(id, ...) BY_##id,
	FILTERS(FILTER_ENUM)
#undef FILTER_ENUM
};

static const struct filter_field filters[] = {
#define FILTER_FIELD(id, name, also, kind, any, mark, words, sql, needs, why) \
	{name, also, kind, any, mark, words},
    FILTERS(FILTER_FIELD)
#undef FILTER_FIELD
        FILTER_FIELDS_END};

#define SUM_OF_ORIGINS "SELECT coalesce(sum(o.added), 0) FROM origin o WHERE "

static const struct list_source sources[] = {
#define FILTER_SOURCE(id, name, also, kind, any, mark, words, sql, needs, why) \
	{sql, needs, false, why, (needs)&ORIGIN ? SUM_OF_ORIGINS : NULL},
    FILTERS(FILTER_SOURCE)
#undef FILTER_SOURCE
};

enum { IN_ID, IN_TITLE, IN_SUBS, IN_VIEWS, IN_VIDEOS, IN_FETCHED, IN_HANDLE };

static const struct list_sort sorts[] = {
    [IN_ID] = {"id", {"c.cid"}, NULL, 0, .has_unknown = false},
    [IN_TITLE] = {"title", {"m.title COLLATE NOCASE", "m.id"}, " COLLATE NOCASE", META,
        .has_unknown = true},
    [IN_SUBS] = {"subs", {"m.subscriber_count", "m.id"}, NULL, META, true, .descending = true},
    [IN_VIEWS] = {"views", {"m.view_count", "m.id"}, NULL, META, true, .descending = true},
    [IN_VIDEOS] = {"videos", {"m.video_count", "m.id"}, NULL, META, true, .descending = true},
    [IN_FETCHED] = {"fetched", {"m.fetched_at", "m.cid"}, NULL, META, false, .descending = true},
    /* the index has no channels without a handle: only for those that begin in some way */
    [IN_HANDLE] = {"handle", {"m.custom_url COLLATE NOCASE", "m.id"}, " COLLATE NOCASE", META,
        false, false, .natural = true},
    {.word = NULL},
};

#define META_BY(index) "channel_meta m INDEXED BY " index
#define PRIMARY_LANGUAGE "lower(substr(m.language, 1, instr(m.language || '-', '-') - 1))"
#define RARE_STATES (1U << ITEM_ABSENT | 1U << ITEM_MISSING | 1U << ITEM_FAILED)

static const struct list_way ways[] = {
    {.from = "channel c",
        .has = CHANNEL,
        .sort = IN_ID,
        .key = "c.cid",
        .key_kind = LIST_KEY_ID,
        .field = BY_ID},
    {.from = META_BY("sqlite_autoindex_channel_meta_1"),
        .has = META,
        .id = "m.cid",
        .sort = IN_ID,
        .key = "m.cid",
        .key_kind = LIST_KEY_ID,
        .field = BY_ID},
    {.from = META_BY("channel_meta_handle"),
        .has = META,
        .id = "m.cid",
        .sort = IN_HANDLE,
        .key = "m.custom_url COLLATE NOCASE",
        .key_kind = LIST_KEY_TEXT,
        .field = BY_HANDLE,
        .prefix = "@",
        .guard = "m.custom_url IS NOT NULL"},
    {.from = META_BY("channel_meta_title"),
        .has = META,
        .id = "m.cid",
        .sort = IN_TITLE,
        .key = "m.title COLLATE NOCASE",
        .key_kind = LIST_KEY_TEXT,
        .field = BY_TITLE},
    {.from = META_BY("channel_meta_subscribers"),
        .has = META,
        .id = "m.cid",
        .sort = IN_SUBS,
        .key = "m.subscriber_count",
        .key_kind = LIST_KEY_NUMBER,
        .field = BY_SUBS},
    {.from = META_BY("channel_meta_views"),
        .has = META,
        .id = "m.cid",
        .sort = IN_VIEWS,
        .key = "m.view_count",
        .key_kind = LIST_KEY_NUMBER,
        .field = BY_VIEWS},
    {.from = META_BY("channel_meta_videos"),
        .has = META,
        .id = "m.cid",
        .sort = IN_VIDEOS,
        .key = "m.video_count",
        .key_kind = LIST_KEY_NUMBER,
        .field = BY_VIDEOS},
    {.from = META_BY("channel_meta_fetched"),
        .has = META,
        .id = "m.cid",
        .sort = IN_FETCHED,
        .key = "m.fetched_at",
        .key_kind = LIST_KEY_NUMBER,
        .field = BY_FETCHED},
    {.from = META_BY("channel_meta_country"),
        .has = META,
        .id = "m.cid",
        .sort = IN_SUBS,
        .equal = "m.country",
        .equal_field = BY_COUNTRY,
        .equal_form = LIST_UPPER,
        .key = "m.subscriber_count",
        .key_kind = LIST_KEY_NUMBER,
        .field = BY_SUBS},
    {.from = META_BY("channel_meta_language"),
        .has = META,
        .id = "m.cid",
        .sort = IN_SUBS,
        .equal = PRIMARY_LANGUAGE,
        .equal_field = BY_LANG,
        .equal_form = LIST_PRIMARY,
        .key = "m.subscriber_count",
        .key_kind = LIST_KEY_NUMBER,
        .field = BY_SUBS},
    {.from = "channel c INDEXED BY channel_metadata_state",
        .has = CHANNEL,
        .sort = IN_ID,
        .guard = "c.metadata > 1",
        .equal = "c.metadata",
        .equal_field = BY_STATE,
        .equal_choices = RARE_STATES,
        .key = "c.cid",
        .key_kind = LIST_KEY_ID,
        .field = -1},
    {.from = "channel c INDEXED BY channel_videos_state",
        .has = CHANNEL,
        .sort = IN_ID,
        .guard = "c.videos > 0",
        .equal = "c.videos",
        .equal_field = BY_VIDEOS_STATE,
        .equal_choices = RARE_STATES | 1U << ITEM_DONE,
        .key = "c.cid",
        .key_kind = LIST_KEY_ID,
        .field = -1},
    {.from = "channel c INDEXED BY channel_discovery_state",
        .has = CHANNEL,
        .sort = IN_ID,
        .guard = "c.discovery > 0",
        .equal = "c.discovery",
        .equal_field = BY_DISCOVERY,
        .equal_choices = RARE_STATES | 1U << ITEM_DONE,
        .key = "c.cid",
        .key_kind = LIST_KEY_ID,
        .field = -1},
    {.from = NULL},
};

static const struct list_join joins[] = {
    {CHANNEL, META, "CROSS JOIN channel c ON c.cid = m.cid", META, NULL},
    {META, CHANNEL, "LEFT JOIN channel_meta m ON m.cid = c.cid", CHANNEL, "m.id IS NOT NULL"},
    {ORIGIN, CHANNEL, "CROSS JOIN origin o ON o.id = c.origin", 0, NULL},
    {TEXT, CHANNEL, "LEFT JOIN channel_text t ON t.cid = c.cid", 0, "t.cid IS NOT NULL"},
    {FOUND, CHANNEL, "LEFT JOIN found f ON f.cid = c.cid", 0, "f.cid IS NOT NULL"},
    {UPLOADS, CHANNEL, "LEFT JOIN upload_list u ON u.cid = c.cid", 0, "u.cid IS NOT NULL"},
    {0, 0, NULL, 0, NULL},
};

/* Rows of channel_meta are not counted; nearly all of them are of channels that are done. */
static int64_t count(const struct counters *c, unsigned needs)
{
	return needs & META ? c->items[OP_METADATA][ITEM_DONE] : c->channels;
}

static int64_t choice_count(const struct counters *c, int field, int choice)
{
	enum op op = field == BY_STATE          ? OP_METADATA
	             : field == BY_VIDEOS_STATE ? OP_VIDEOS
	                                        : OP_DISCOVERY;

	return choice < ITEM_STATE_COUNT ? c->items[op][choice] : -1;
}

/* What has metadata is done. So is nearly nothing else: how little, the counters do not say. */
static uint64_t choices_of(int field, unsigned demands)
{
	return field == BY_STATE && (demands & META) ? 1U << ITEM_DONE : 0;
}

const struct list_thing list_channels = {
    .name = "channels",
    .key = {"c.cid"},
    .from = "channel c",
    .has = CHANNEL,
    .fields = fields,
    .filters = filters,
    .sources = sources,
    .sorts = sorts,
    .ways = ways,
    .joins = joins,
    .count = count,
    .choice_count = choice_count,
    .choices_of = choices_of,
    .has_rank = true,
    .samples = {{"channel c", "c.cid", CHANNEL, true}, {"channel_meta m", "m.id", META, false}},
};
