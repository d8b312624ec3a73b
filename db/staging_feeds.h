/*
 * staging_feeds - which channels a kind of work is due for: one row of a table per kind, a page
 * query in a fixed order and a count. A new kind is one row in FEED_LIST, its SQL in
 * staging_sql.h, and a row in staging_feeds.c. Any connection.
 */
#ifndef TUBEOPS_DB_STAGING_FEEDS_H
#define TUBEOPS_DB_STAGING_FEEDS_H

#include "db/staging.h"

/*
 * name, what it hands out
 * Things that are no channels (names) go by number: cid_from_number, cid_number.
 */
#define FEED_LIST(X)                                                                            \
	X(FEED_METADATA, "channels without metadata")                                           \
	X(FEED_VIDEOS, "channels with metadata and at least `bound` subscribers (0: any) "      \
	               "whose uploads were not read")                                           \
	X(FEED_DISCOVERY, "channels with metadata at most `bound` - 1 steps from an import, "   \
	                  "not searched yet; `bound` is 0: of those that `job` was given")      \
	X(FEED_REFRESH,                                                                         \
	    "channels fetched, or last missed, before `bound` (UTC seconds), oldest first")     \
	X(FEED_COUNTS, "channels with videos whose counts were read before `bound`")            \
	X(FEED_WANTED, "channels without metadata of the list `bound`, see staging_wanted.h")   \
	X(FEED_FETCH_METADATA, "channels without metadata: of those that `job` was given when " \
	                       "`bound` is 1, else of all")                                     \
	X(FEED_FETCH_VIDEOS, "the same with metadata whose uploads were not read")              \
	X(FEED_NAMES, "names to resolve that were not asked since `bound`: what imports "       \
	              "wait for, then the most mentioned")

enum feed_kind {
#define FEED_ENUM(name, text) name,
	FEED_LIST(FEED_ENUM)
#undef FEED_ENUM
	    FEED_COUNT,
	FEED_NONE = FEED_COUNT
};

/* What a job asks a feed for; two jobs with the same ask share a walk. */
struct feed_ask {
	int64_t today; /* Pacific day: what was absent today waits */
	int64_t bound; /* what it means: FEED_LIST */
	int64_t job;   /* of feeds that belong to one job; else 0 */
};

/* How far a walk has come. */
struct feed_place {
	bool begun;
	struct cid cid;
	int64_t num; /* of feeds not in key order */
};

/* The next ids after *place, at most max; moves *place. */
enum err staging_feed_page(struct staging *s, enum feed_kind kind, const struct feed_ask *ask,
    struct feed_place *place, struct cid *ids, int max, int *n, struct errbuf *eb) MUST_CHECK;
/* How many there are in all. May read the whole channel table: for the start of a job. */
enum err staging_feed_count(struct staging *s, enum feed_kind kind, const struct feed_ask *ask,
    int64_t *out, struct errbuf *eb) MUST_CHECK;
/* Would FEED_REFRESH hand out this channel? */
enum err staging_refresh_is_due(struct staging *s, const struct feed_ask *ask,
    const struct cid *cid, bool *out, struct errbuf *eb) MUST_CHECK;

#endif
