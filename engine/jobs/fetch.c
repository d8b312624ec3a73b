/*
 * The job types metadata_fetch and video_fetch: what batch_metadata and batch_videos do, for the
 * channels that the job names, or for some of those that are due.
 */
#include "config.h"
#include "db/staging_wanted.h"
#include "engine/jobs/job_types.h"
#include "engine/jobs/metadata.h"
#include "engine/jobs/prices.h"
#include "engine/jobs/videos.h"
#include "engine/youtube/playlist_items.h"

#include <string.h>

enum { FETCH_IDS = 20000 };

#define FETCH_PARAM_IDS                                                                       \
	{                                                                                     \
		.name = "channel_ids", .type = PARAM_LIST, .optional = true,                  \
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

static const json_t *fetch_ids(const json_t *params)
{
	return json_object_get(params, "channel_ids");
}

static bool fetch_id(const json_t *list, size_t i, struct cid *out)
{
	const json_t *item = json_array_get(list, i);

	return cid_parse(json_string_value(item), json_string_length(item), out);
}

static enum err fetch_check(const json_t *params, struct errbuf *eb)
{
	const json_t *ids = fetch_ids(params);
	struct cid cid;

	if (json_array_size(ids) > FETCH_IDS)
		return err_set(eb, ERR_INVALID,
		    "channel_ids: at most %d ids; import more of them and start a batch_metadata "
		    "job",
		    FETCH_IDS);
	for (size_t i = 0; i < json_array_size(ids); i++)
		if (!fetch_id(ids, i, &cid))
			return err_set(eb, ERR_INVALID,
			    "channel_ids: \"%.40s\" is no channel id (UC and 22 more characters)",
			    json_string_value(json_array_get(ids, i)));
	return ERR_OK;
}

static void fetch_ask(const struct engine_parts *parts, const json_t *params, int64_t created_ms,
    struct feed_ask *out)
{
	(void)parts;
	(void)created_ms;
	out->bound = json_array_size(fetch_ids(params)) > 0;
}

static enum err fetch_begin(struct staging *s, int64_t job, const json_t *params, struct errbuf *eb)
{
	const json_t *ids = fetch_ids(params);
	enum err err = ERR_OK;
	struct cid cid;

	for (size_t i = 0; i < json_array_size(ids) && !err; i++)
		if (fetch_id(ids, i, &cid))
			err = staging_wanted_give(s, job, &cid, eb);
	return err;
}

/* Which of the given are due is not known before there is a job: at most all of them. */
static void fetch_items(const json_t *params, int64_t *items)
{
	int64_t given = (int64_t)json_array_size(fetch_ids(params));
	const json_t *limit = json_object_get(params, "limit");

	if (!given)
		return;
	*items = given;
	if (json_is_integer(limit) && json_integer_value(limit) < given)
		*items = json_integer_value(limit);
}

static enum err metadata_fetch_price(struct staging *s, const struct engine_parts *parts,
    const json_t *params, int64_t *items, struct job_price *out, struct errbuf *eb)
{
	(void)s;
	(void)parts;
	(void)eb;
	fetch_items(params, items);
	out->units[BUCKET_UNITS] = (double)((*items + CHUNK_IDS - 1) / CHUNK_IDS);
	return ERR_OK;
}

static enum err video_fetch_price(struct staging *s, const struct engine_parts *parts,
    const json_t *params, int64_t *items, struct job_price *out, struct errbuf *eb)
{
	fetch_items(params, items);
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
    .check = fetch_check,
    .ask = fetch_ask,
    .begin = fetch_begin,
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
    .check = fetch_check,
    .chunk_ids = videos_chunk_ids,
    .ask = fetch_ask,
    .begin = fetch_begin,
    .price = video_fetch_price,
    .summary = videos_summary,
    .work = videos_work,
    .commit = videos_commit,
    .drop = videos_drop,
};
