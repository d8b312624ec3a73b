/*
 * idle - why a job finds nothing to do: what its feed waits for, in words that say what to do next.
 * Any thread; s is a reading connection.
 */
#ifndef TUBEOPS_JOBS_IDLE_H
#define TUBEOPS_JOBS_IDLE_H

#include "db/staging_feeds.h"
#include "engine/base/str.h"

/* For types that fetch what channels are (metadata, refresh). */
enum err idle_fetch(
    struct staging *s, const struct feed_ask *ask, struct str *out, struct errbuf *eb) MUST_CHECK;
/* For types that need metadata first: videos, their counts, discovery. */
enum err idle_videos(
    struct staging *s, const struct feed_ask *ask, struct str *out, struct errbuf *eb) MUST_CHECK;
enum err idle_counts(
    struct staging *s, const struct feed_ask *ask, struct str *out, struct errbuf *eb) MUST_CHECK;
enum err idle_discovery(
    struct staging *s, const struct feed_ask *ask, struct str *out, struct errbuf *eb) MUST_CHECK;

#endif
