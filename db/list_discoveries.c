/* Discoveries as a list: one row for each channel that led to another by a method. */
#include "config.h"
#include "db/list_parts.h"

enum { EDGE = 1, FROM_TITLE = 2, TO_TITLE = 4, TO_META = 8 };

static const struct list_field fields[] = {
    {"already_exists", LIST_FLAG, "e.known", EDGE, true},
    {"confidence_score", LIST_REAL, "e.confidence", EDGE, true},
    {"created_at", LIST_TIME, "e.first_seen", EDGE, true},
    {"discovered_channel_id", LIST_CID, "e.target", EDGE, true},
    {"discovered_subscriber_count", LIST_INT, "tm.subscriber_count", TO_META, false},
    {"discovered_title", LIST_TEXT, "coalesce(tm.title, tc.title)", TO_TITLE | TO_META, false},
    {"discovery_method", LIST_TEXT, "e.method", EDGE, true},
    {"last_seen", LIST_TIME, "e.last_seen", EDGE, false},
    {"service_name", LIST_TEXT, "e.service", EDGE, true},
    {"source_channel_id", LIST_CID, "e.source", EDGE, true},
    {"source_title", LIST_TEXT, "sm.title", FROM_TITLE, false},
    {"times_seen", LIST_INT, "e.seen", EDGE, false},
    {NULL, LIST_TEXT, NULL, 0, false},
};

static const char *const known_words[] = {"yes", "no", NULL};

/* name, other names, kind, words look here, words it can be, SQL, what has no index */
#define FILTERS(X)                                                                              \
	X(FROM, "from", "source_channel_id", FILTER_ID, false, NULL, "channel_id(e.source)",    \
	    "the middle of an id")                                                              \
	X(TO, "to", "discovered_channel_id", FILTER_ID, false, NULL, "channel_id(e.target)",    \
	    "the middle of an id")                                                              \
	X(METHOD, "method", "discovery_method", FILTER_TEXT, true, NULL, "e.method", "methods") \
	X(SERVICE, "service", "via service_name", FILTER_TEXT, true, NULL, "e.service",         \
	    "services")                                                                         \
	X(CONFIDENCE, "confidence", "conf", FILTER_NUMBER, false, NULL, "e.confidence",         \
	    "confidence")                                                                       \
	X(SEEN, "times", "times_seen", FILTER_NUMBER, false, NULL, "e.seen",                    \
	    "how often a channel was seen")                                                     \
	X(NEW, "new", NULL, FILTER_CHOICE, false, known_words, "e.known", "what was new")       \
	X(FIRST, "first", "first_seen created created_at", FILTER_TIME, false, NULL,            \
	    "e.first_seen", "when channels were seen first")                                    \
	X(LAST, "seen", "last_seen", FILTER_TIME, false, NULL, "e.last_seen", NULL)

enum {
#define FILTER_ENUM(id, ...) BY_##id,
	FILTERS(FILTER_ENUM)
#undef FILTER_ENUM
};

static const struct filter_field filters[] = {
#define FILTER_FIELD(id, name, also, kind, any, words, sql, why) {name, also, kind, any, 0, words},
    FILTERS(FILTER_FIELD)
#undef FILTER_FIELD
        FILTER_FIELDS_END};

static const struct list_source sources[] = {
#define FILTER_SOURCE(id, name, also, kind, any, words, sql, why) {sql, EDGE, false, why, NULL},
    FILTERS(FILTER_SOURCE)
#undef FILTER_SOURCE
};

enum { IN_SEEN, IN_SOURCE, IN_CONFIDENCE };

static const struct list_sort sorts[] = {
    [IN_SEEN] = {"seen", {"e.last_seen", "e.source", "e.target", "e.method"}, NULL, 0, false,
        .descending = true},
    [IN_SOURCE] = {"source", {"e.source", "e.target", "e.method"}, NULL, 0, .has_unknown = false},
    [IN_CONFIDENCE] = {"confidence", {"e.confidence", "e.source", "e.target", "e.method"}, NULL, 0,
        false, .descending = true},
    {.word = NULL},
};

static const struct list_way ways[] = {
    {.from = "edge e INDEXED BY edge_seen",
        .has = EDGE,
        .sort = IN_SEEN,
        .key = "e.last_seen",
        .key_kind = LIST_KEY_NUMBER,
        .field = BY_LAST},
    {.from = "edge e INDEXED BY sqlite_autoindex_edge_1",
        .has = EDGE,
        .sort = IN_SOURCE,
        .key = "e.source",
        .key_kind = LIST_KEY_ID,
        .field = BY_FROM},
    {.from = "edge e INDEXED BY edge_target",
        .has = EDGE,
        .sort = -1,
        .key = "e.target",
        .key_kind = LIST_KEY_ID,
        .field = BY_TO},
    {.from = NULL},
};

static const struct list_join joins[] = {
    {FROM_TITLE, EDGE, "LEFT JOIN channel_meta sm ON sm.cid = e.source", 0, NULL},
    {TO_META, EDGE, "LEFT JOIN channel_meta tm ON tm.cid = e.target", 0, NULL},
    {TO_TITLE, EDGE, "LEFT JOIN channel tc ON tc.cid = e.target", 0, NULL},
    {0, 0, NULL, 0, NULL},
};

static int64_t count(const struct counters *c, unsigned needs)
{
	(void)needs;
	return c->edges;
}

const struct list_thing list_discoveries = {
    .name = "discoveries",
    .key = {"e.source", "e.target", "e.method"},
    .from = "edge e",
    .has = EDGE,
    .fields = fields,
    .filters = filters,
    .sources = sources,
    .sorts = sorts,
    .ways = ways,
    .joins = joins,
    .count = count,
    .samples = {{"edge e", "e.source", EDGE, true}},
};
