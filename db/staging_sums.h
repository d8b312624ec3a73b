/*
 * staging_sums - numbers of channels by something, kept exact in the transactions that change what
 * they count, so that forecasts and tables of the plan need not read millions of rows. Threads as in
 * staging.h; W: the writer alone, inside its transaction.
 */
#ifndef TUBEOPS_DB_STAGING_SUMS_H
#define TUBEOPS_DB_STAGING_SUMS_H

#include "db/staging.h"

enum { SUMS_DIGITS = 20 };

/* Channels with metadata whose uploads are to be read: [d]: of them those whose number of subscribers
 * has d digits; [0]: it is hidden. Any connection. */
enum err staging_sums_due_videos(
    struct staging *s, int64_t out[SUMS_DIGITS], struct errbuf *eb) MUST_CHECK;
/* Channels fetched before the UTC day of `before`, and of them on the day just before it. */
enum err staging_sums_fetched(struct staging *s, int64_t before, int64_t *older, int64_t *last_day,
    struct errbuf *eb) MUST_CHECK;
/* Counts anew and compares: ERR_CORRUPT. Reads everything. */
enum err staging_sums_check(struct staging *s, struct errbuf *eb) MUST_CHECK;

/* ---- for the staging modules that change what is counted (W) ---- */

/* What the sums know of a channel. */
struct sums_channel {
	bool has_meta;
	enum item_state metadata, videos;
	int64_t subscribers; /* COUNT_NONE: hidden */
	int64_t fetched_at;
};

/* As it is now; a channel that is not there has no metadata. */
enum err staging_sums_look(struct staging *s, const struct cid *cid, struct sums_channel *out,
    struct errbuf *eb) MUST_CHECK;
/* The cheaper half of it. */
enum err staging_sums_has_meta(
    struct staging *s, const struct cid *cid, bool *out, struct errbuf *eb) MUST_CHECK;
/* It was so and is now so. */
void staging_sums_move(
    struct staging *s, const struct sums_channel *was, const struct sums_channel *is);
/* Writes what has changed: at the commit. */
enum err staging_sums_write(struct staging *s, struct errbuf *eb) MUST_CHECK;
/* All states of an operation changed at once. */
enum err staging_sums_anew(struct staging *s, struct errbuf *eb) MUST_CHECK;

#endif
