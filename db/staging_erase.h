/*
 * staging_erase - taking data out again: one channel with everything that names it, or what YouTube
 * told too long ago. What is deleted is overwritten in the file, and PostgreSQL is told by the
 * outbox. Threads as in staging.h; W: the writer alone, inside its transaction.
 *
 * An erased channel is remembered by its id: as long as it is, every table refuses rows that name
 * it, so that neither an import nor a discovery nor a call in flight brings it back.
 * Source: YouTube API Services developer policies III.E.4: delete or refresh after 30 days, delete
 * on request within 7.
 */
#ifndef TUBEOPS_DB_STAGING_ERASE_H
#define TUBEOPS_DB_STAGING_ERASE_H

#include "db/staging.h"

/* What hangs on one channel. */
struct staging_traces {
	bool is_known;  /* it stands in staging */
	bool is_erased; /* it was erased before */
	int64_t videos, edges, names;
};

/* What an erasure would take. Any connection. */
enum err staging_traces_of(struct staging *s, const struct cid *cid, struct staging_traces *out,
    struct errbuf *eb) MUST_CHECK;
/* W: takes all of it, from PostgreSQL too, and remembers the id. A channel that is not known is
 * remembered as well. *out is what it took. */
enum err staging_erase(struct staging *s, const struct cid *cid, struct staging_traces *out,
    struct errbuf *eb) MUST_CHECK;
/* W: forgets that it was erased; ERR_NOTFOUND when it was not. */
enum err staging_readmit(struct staging *s, const struct cid *cid, struct errbuf *eb) MUST_CHECK;
enum err staging_is_erased(
    struct staging *s, const struct cid *cid, bool *out, struct errbuf *eb) MUST_CHECK;
/* How many channels are remembered as erased. */
enum err staging_erased_count(struct staging *s, int64_t *out, struct errbuf *eb) MUST_CHECK;

/*
 * What grows old; name, word. Ids and imported titles are nobody's but the owner's and stay. The
 * channels whose data went are pending again in the operation that fetched it; those that YouTube
 * does not return stay missing.
 */
#define AGED_LIST(X)                       \
	X(AGED_METADATA, "metadata")       \
	X(AGED_VIDEOS, "videos")           \
	X(AGED_UPLOADS, "uploads")         \
	X(AGED_DISCOVERIES, "discoveries") \
	X(AGED_NAMES, "names")             \
	X(AGED_TITLES, "titles")

enum aged {
#define AGED_ENUM(name, word) name,
	AGED_LIST(AGED_ENUM)
#undef AGED_ENUM
	    AGED_COUNT
};

const char *aged_word(enum aged what);
/* Channels after *after (NULL: from the first) that have such data from before UTC second bound. */
enum err staging_aged_page(struct staging *s, enum aged what, int64_t bound,
    const struct cid *after, struct cid *ids, int max, int *n, struct errbuf *eb) MUST_CHECK;
/* How many rows are that old. Reads whole tables. */
enum err staging_aged_count(
    struct staging *s, enum aged what, int64_t bound, int64_t *rows, struct errbuf *eb) MUST_CHECK;
/* W: deletes what is still that old of these channels; *rows of it. */
enum err staging_aged_drop(struct staging *s, enum aged what, int64_t bound, const struct cid *ids,
    int n, int64_t *rows, struct errbuf *eb) MUST_CHECK;

#endif
