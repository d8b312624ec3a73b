/*
 * staging_videos - videos in staging: rows, counts, and how far a channel's uploads were walked.
 * Threads as in staging.h; W: the writer alone, inside its transaction.
 */
#ifndef TUBEOPS_DB_STAGING_VIDEOS_H
#define TUBEOPS_DB_STAGING_VIDEOS_H

#include "db/staging.h"

/* W: stores a video that was returned (absent_day is not looked at), newest fetched_at wins; counts
 * a new one in the counter "videos". *added may be NULL. Does not touch the outbox: one row per
 * channel is enough (staging_videos_changed). */
enum err staging_video_put(
    struct staging *s, const struct video_row *v, bool *added, struct errbuf *eb) MUST_CHECK;
/* W: a video was asked for on this Pacific day and not returned: noted if it is stored, with all
 * that was known of it. */
enum err staging_video_absent(struct staging *s, const struct cid *channel, int64_t vid,
    int64_t day, struct errbuf *eb) MUST_CHECK;
/* W: the counts of a stored video anew; ERR_NOTFOUND when it is not stored. */
enum err staging_video_counts_put(
    struct staging *s, const struct video_counts *c, struct errbuf *eb) MUST_CHECK;
/* W: counts could not be had on this Pacific day; not asked for again on it. vid NULL: of all
 * videos of the channel. */
enum err staging_video_vain(struct staging *s, const struct cid *channel, const int64_t *vid,
    int64_t day, struct errbuf *eb) MUST_CHECK;
/* W: notes a finished walk along the uploads, and that a channel's videos are to be pushed. */
enum err staging_upload_list_put(
    struct staging *s, const struct upload_list_row *l, struct errbuf *eb) MUST_CHECK;
/* W: the videos of this channel enter the outbox. */
enum err staging_videos_changed(
    struct staging *s, const struct cid *channel, struct errbuf *eb) MUST_CHECK;

/* Return ERR_CANCELLED to end a walk early. Rows are borrowed. */
typedef enum err staging_video_fn(void *arg, const struct video_row *v, struct errbuf *eb);
/* Those of one channel after *after (NULL: from the first) in the order of their ids; max 0: all. */
enum err staging_videos_of(struct staging *s, const struct cid *channel, const int64_t *after,
    int64_t max, staging_video_fn *fn, void *arg, struct errbuf *eb) MUST_CHECK;
/* All in order of (channel, vid), after a place (channel NULL: from the first); max 0: all. */
enum err staging_videos_each(struct staging *s, const struct cid *channel, int64_t vid, int64_t max,
    staging_video_fn *fn, void *arg, struct errbuf *eb) MUST_CHECK;
/* How many a channel has in staging. */
enum err staging_videos_count(
    struct staging *s, const struct cid *channel, int64_t *n, struct errbuf *eb) MUST_CHECK;
/* Those of one channel whose counts were read before `bound` (UTC seconds) and were not asked for
 * in vain on `today`, after *after (NULL: from the first) in the order of their ids; at most max. */
enum err staging_videos_due(struct staging *s, const struct cid *channel, const int64_t *after,
    int64_t bound, int64_t today, int64_t *vids, int max, int *n, struct errbuf *eb) MUST_CHECK;
/* What metadata says of each channel's number of videos; COUNT_NONE: nothing. */
enum err staging_videos_told(
    struct staging *s, const struct cid *ids, int n, int64_t *told, struct errbuf *eb) MUST_CHECK;

/* ---- what jobs will cost ---- */
/* Pages and videos of the next `channels` due ones with `least` subscribers (0: any) at `each` videos;
 * not known counts as `each`. */
enum err staging_videos_price(struct staging *s, int64_t channels, int64_t least, int64_t each,
    int64_t today, int64_t *pages, int64_t *videos, struct errbuf *eb) MUST_CHECK;
/* Videos whose counts are due, and of how many channels. */
enum err staging_counts_price(struct staging *s, int64_t bound, int64_t today, int64_t *videos,
    int64_t *channels, struct errbuf *eb) MUST_CHECK;

#endif
