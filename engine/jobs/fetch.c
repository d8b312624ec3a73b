/*
 * The job types metadata_fetch and video_fetch: what batch_metadata and batch_videos do, for the
 * channels that the job names, or for some of those that are due.
 */
#include "config.h"
#include "engine/jobs/given.h"
#include "engine/jobs/job_types.h"
#include "engine/jobs/metadata.h"
#include "engine/jobs/prices.h"
#include "engine/jobs/videos.h"
#include "engine/youtube/playlist_items.h"

#define FETCH_PARAM_IDS                                                                       \
	{                                                                                     \
		.name = GIVEN_PARAM, .type = PARAM_LIST, .optional = true,                    \
		.help = "the channels to fetch, by their ids; those that are not known here " \
		        "are passed over; none: any that are due"                             \
	}

static const struct job_param metadata_fetch_params[] = {
    FETCH_PARAM_IDS,
    JOB_PARAM_LIMIT,
    JOB_PARAMS_SHARED,
};

static const struct job_param video_fetch_params[] = {
    FETCH_PARAM_IDS,
    JOB_PARAM_LIMIT,
    {.name = "videos_per_channel",
        .type = PARAM_NUMBER,
        .least = 1,
        .most = PLAYLIST_UPLOADS_MOST,
        .optional = true,
        .also = "max_videos_per_channel",
        .help = "newest videos per channel; MAX_VIDEOS_PER_CHANNEL (25) when not given"},
    JOB_PARAMS_SHARED,
};

static void fetch_ask(const struct engine_parts *parts, const json_t *params, int64_t created_ms,
    struct feed_ask *out)
{
	(void)parts;
	(void)created_ms;
	out->bound = given_any(params);
}

static enum err metadata_fetch_price(struct staging *s, const struct engine_parts *parts,
    const json_t *params, int64_t *items, struct job_price *out, struct errbuf *eb)
{
	(void)s;
	(void)parts;
	(void)eb;
	given_items(params, items);
	out->units[BUCKET_UNITS] = (double)((*items + CHUNK_IDS - 1) / CHUNK_IDS);
	return ERR_OK;
}

static enum err video_fetch_price(struct staging *s, const struct engine_parts *parts,
    const json_t *params, int64_t *items, struct job_price *out, struct errbuf *eb)
{
	given_items(params, items);
	return videos_price(s, parts, params, items, out, eb);
}

const struct job_type metadata_fetch_type = {
    .info = {.name = "metadata_fetch",
        .word = "fetch",
        .help = "fetch the same as batch_metadata for the channels that are named",
        .params = metadata_fetch_params,
        .n_params = sizeof metadata_fetch_params / sizeof metadata_fetch_params[0]},
    .op = OP_METADATA,
    .stage = STAGE_METADATA,
    .feed = FEED_FETCH_METADATA,
    .own = true,
    .alone = true,
    .apart = true,
    .check = given_check,
    .ask = fetch_ask,
    .begin = given_begin,
    .price = metadata_fetch_price,
    .work = metadata_work,
    .commit = metadata_commit,
};

const struct job_type video_fetch_type = {
    .info = {.name = "video_fetch",
        .word = "video fetch",
        .help = "fetch the same as batch_videos for the channels that are named",
        .params = video_fetch_params,
        .n_params = sizeof video_fetch_params / sizeof video_fetch_params[0]},
    .op = OP_VIDEOS,
    .stage = STAGE_VIDEOS,
    .feed = FEED_FETCH_VIDEOS,
    .own = true,
    .alone = true,
    .apart = true,
    .keeps = true,
    .check = given_check,
    .chunk_ids = videos_chunk_ids,
    .ask = fetch_ask,
    .begin = given_begin,
    .price = video_fetch_price,
    .summary = videos_summary,
    .work = videos_work,
    .commit = videos_commit,
    .drop = videos_drop,
};
