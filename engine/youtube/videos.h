/*
 * videos - the methods videos.list and videos.batchGetStats: build their queries, read their
 * replies into rows. Pure but for the arena; any thread with a json_reader of its own.
 * Source: YouTube Data API. Both take up to 50 ids of any channels for one unit (of a bucket of its
 * own in the case of batchGetStats), leave out silently what is private, deleted or unknown, and
 * leave out any count that is hidden or off.
 */
#ifndef TUBEOPS_YOUTUBE_VIDEOS_H
#define TUBEOPS_YOUTUBE_VIDEOS_H

#include "db/rows.h"
#include "engine/base/arena.h"
#include "engine/base/json_reader.h"
#include "engine/base/str.h"

enum { VIDEOS_MAX_IDS = 50 };

/* Appends the query of videos.list. n: 1..50. */
void videos_query(const int64_t *vids, int n, struct str *out);
/*
 * Reads a reply. Rows (at most 50) and texts live in the arena; texts are cleaned. Items without a
 * valid id are skipped and counted in *odd, repeated ids keep the first, any order will do. The
 * channel, languages by guess and times of reading are left empty. ERR_INVALID when it is no such
 * list: the reply is torn.
 */
enum err videos_parse(struct json_reader *reader, const char *body, size_t len, struct arena *arena,
    struct video_row **rows, int *n, int *odd, struct errbuf *eb) MUST_CHECK;

/* Appends the query of videos.batchGetStats. n: 1..50. */
void videos_stats_query(const int64_t *vids, int n, struct str *out);
/* Reads a reply into counts (room for 50); as above. The channel and the times are left empty. */
enum err videos_stats_parse(struct json_reader *reader, const char *body, size_t len,
    struct video_counts *counts, int *n, int *odd, struct errbuf *eb) MUST_CHECK;

/*
 * Seconds of an ISO 8601 duration ("PT4M13S", "P1DT2H"); 0 for P0D and PT0S (live, upcoming).
 * VIDEO_UNKNOWN when it is none, or counts in months or years, which have no length.
 */
int64_t videos_duration(const char *text, size_t len);

#endif
