#include "config.h"
#include "engine/youtube/method.h"

static const struct method_info methods[METHOD_COUNT] = {
    [METHOD_CHANNELS_LIST] = {"channels.list", "/youtube/v3/channels", BUCKET_UNITS, 1},
    [METHOD_PLAYLIST_ITEMS_LIST] = {"playlistItems.list", "/youtube/v3/playlistItems", BUCKET_UNITS,
        1},
    [METHOD_VIDEOS_LIST] = {"videos.list", "/youtube/v3/videos", BUCKET_UNITS, 1},
    [METHOD_VIDEOS_BATCH_GET_STATS] = {"videos.batchGetStats", "/youtube/v3/videos:batchGetStats",
        BUCKET_STATS, 1},
    [METHOD_CHANNEL_SECTIONS_LIST] = {"channelSections.list", "/youtube/v3/channelSections",
        BUCKET_UNITS, 1},
    [METHOD_PLAYLISTS_LIST] = {"playlists.list", "/youtube/v3/playlists", BUCKET_UNITS, 1},
    [METHOD_SUBSCRIPTIONS_LIST] = {"subscriptions.list", "/youtube/v3/subscriptions", BUCKET_UNITS,
        1},
    [METHOD_COMMENT_THREADS_LIST] = {"commentThreads.list", "/youtube/v3/commentThreads",
        BUCKET_UNITS, 1},
    [METHOD_SEARCH_LIST] = {"search.list", "/youtube/v3/search", BUCKET_SEARCH, 1},
};

static const struct {
	const char *word;
	int64_t limit;
} buckets[BUCKET_COUNT] = {
#define BUCKET_ROW(name, word, limit) [name] = {word, limit},
    BUCKET_LIST(BUCKET_ROW)
#undef BUCKET_ROW
};

const struct method_info *method_info(enum method m)
{
	return &methods[m];
}

const char *bucket_word(enum bucket b)
{
	return b < BUCKET_COUNT ? buckets[b].word : "unknown";
}

int64_t bucket_default_limit(enum bucket b)
{
	return b < BUCKET_COUNT ? buckets[b].limit : 0;
}
