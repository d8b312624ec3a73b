/* Dead letters as a list. */
#include "config.h"
#include "db/list_parts.h"

enum { LETTER = 1, CHANNEL = 2, META = 4 };

static const char *const ops[] = {"metadata", "videos", "discovery", NULL};

static const struct list_field fields[] = {
    {"at", LIST_TIME, "d.at", LETTER, true},
    {"attempts", LIST_INT, "d.attempts", LETTER, true},
    {"channel_id", LIST_CID, "d.cid", LETTER, true},
    {"job", LIST_JOB, "d.job", LETTER, true},
    {"message", LIST_TEXT, "d.message", LETTER, true},
    {"op", LIST_OP, "d.op", LETTER, true},
    {"reason", LIST_TEXT, "d.reason", LETTER, true},
    {"title", LIST_TEXT, "coalesce(m.title, c.title)", CHANNEL | META, false},
    {NULL, LIST_TEXT, NULL, 0, false},
};

/* name, other names, kind, words look here, words it can be, SQL, what has no index */
#define FILTERS(X)                                                                             \
	X(ID, "id", "channel channel_id", FILTER_ID, false, NULL, "channel_id(d.cid)",         \
	    "the middle of an id")                                                             \
	X(OP, "op", NULL, FILTER_CHOICE, false, ops, "d.op", "operations")                     \
	X(REASON, "reason", NULL, FILTER_TEXT, true, NULL, "d.reason", "reasons")              \
	X(MESSAGE, "message", NULL, FILTER_TEXT, true, NULL, "d.message", "messages")          \
	X(ATTEMPTS, "attempts", "tries", FILTER_NUMBER, false, NULL, "d.attempts", "attempts") \
	X(JOB, "job", NULL, FILTER_NUMBER, false, NULL, "d.job", "jobs")                       \
	X(AT, "at", "time", FILTER_TIME, false, NULL, "d.at", NULL)

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
#define FILTER_SOURCE(id, name, also, kind, any, words, sql, why) {sql, LETTER, false, why, NULL},
    FILTERS(FILTER_SOURCE)
#undef FILTER_SOURCE
};

enum { IN_TIME, IN_ID };

static const struct list_sort sorts[] = {
    [IN_TIME] = {"at", {"d.at", "d.cid", "d.op"}, NULL, 0, false, .descending = true},
    [IN_ID] = {"id", {"d.cid", "d.op"}, NULL, 0, .has_unknown = false},
    {.word = NULL},
};

static const struct list_way ways[] = {
    {.from = "dead_letter d INDEXED BY dead_letter_at",
        .has = LETTER,
        .sort = IN_TIME,
        .key = "d.at",
        .key_kind = LIST_KEY_NUMBER,
        .field = BY_AT},
    {.from = "dead_letter d INDEXED BY sqlite_autoindex_dead_letter_1",
        .has = LETTER,
        .sort = IN_ID,
        .key = "d.cid",
        .key_kind = LIST_KEY_ID,
        .field = BY_ID},
    {.from = NULL},
};

static const struct list_join joins[] = {
    {CHANNEL, LETTER, "LEFT JOIN channel c ON c.cid = d.cid", 0, NULL},
    {META, LETTER, "LEFT JOIN channel_meta m ON m.cid = d.cid", 0, NULL},
    {0, 0, NULL, 0, NULL},
};

/* What was dropped stays failed: there are at most so many. */
static int64_t count(const struct counters *c, unsigned needs)
{
	int64_t n = 0;

	(void)needs;
	for (int op = 0; op < OP_COUNT; op++)
		n += c->items[op][ITEM_FAILED];
	return n;
}

const struct list_thing list_dead_letters = {
    .name = "letters",
    .key = {"d.cid", "d.op"},
    .from = "dead_letter d",
    .has = LETTER,
    .fields = fields,
    .filters = filters,
    .sources = sources,
    .sorts = sorts,
    .ways = ways,
    .joins = joins,
    .count = count,
    .is_rough = true,
    .samples = {{"dead_letter d", "d.cid", LETTER, true}},
};
