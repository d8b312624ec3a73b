#include "config.h"
#include "engine/youtube/method.h"

static const struct method_info methods[METHOD_COUNT] = {
    [METHOD_CHANNELS_LIST] = {"channels.list", "/youtube/v3/channels", BUCKET_UNITS, 1},
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
