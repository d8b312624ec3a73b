/*
 * method - the API methods we call, as data: path, price, bucket. One row per method.
 * Source: YouTube Data API discovery document; "quota costs" page as of June 2026 (three buckets).
 */
#ifndef TUBEOPS_YOUTUBE_METHOD_H
#define TUBEOPS_YOUTUBE_METHOD_H

#include <stdint.h>

/* name, word, what a project has a day by default */
#define BUCKET_LIST(X)                  \
	X(BUCKET_UNITS, "units", 10000) \
	X(BUCKET_SEARCH, "search", 100) \
	X(BUCKET_STATS, "stats", 10000)

enum bucket {
#define BUCKET_ENUM(name, word, limit) name,
	BUCKET_LIST(BUCKET_ENUM)
#undef BUCKET_ENUM
	    BUCKET_COUNT
};

enum method {
	METHOD_CHANNELS_LIST,
	METHOD_PLAYLIST_ITEMS_LIST,
	METHOD_VIDEOS_LIST,
	METHOD_VIDEOS_BATCH_GET_STATS,
	METHOD_CHANNEL_SECTIONS_LIST,
	METHOD_PLAYLISTS_LIST,
	METHOD_SUBSCRIPTIONS_LIST,
	METHOD_COMMENT_THREADS_LIST,
	METHOD_SEARCH_LIST,
	METHOD_COUNT
};

struct method_info {
	const char *name; /* "channels.list" */
	const char *path; /* "/youtube/v3/channels" */
	enum bucket bucket;
	int cost; /* units of the bucket per call */
};

const struct method_info *method_info(enum method m);
const char *bucket_word(enum bucket b);
int64_t bucket_default_limit(enum bucket b);

#endif
