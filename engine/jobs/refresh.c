/*
 * The job type refresh: channels fetched longer ago than REFRESH_AFTER_DAYS once more, the oldest
 * first, and a second look at those that are missing. It fetches and stores as batch_metadata does.
 */
#include "config.h"
#include "engine/base/clock.h"
#include "engine/jobs/job_types.h"
#include "engine/jobs/metadata.h"
#include "engine/jobs/parts.h"

#include <stdio.h>

enum {
	REFRESH_CATCH_UP = 5,     /* days over which a backlog is spread */
	REFRESH_LEAST_UNITS = 100 /* a day: less is not worth spreading */
};

static const struct job_param refresh_params[] = {
    {.name = "days",
        .type = PARAM_NUMBER,
        .least = 1,
        .most = 3650,
        .optional = true,
        .help = "age in days from which on data is fetched again; default: REFRESH_AFTER_DAYS"},
    JOB_PARAM_BATCH_SIZE,
    JOB_PARAM_LIMIT,
    JOB_PARAM_UNITS,
    {.name = "units_per_day",
        .type = PARAM_NUMBER,
        .least = 1,
        .most = 1000000000,
        .optional = true,
        .help = "quota units at most on one Pacific day; default: the daily share of all fetched "
                "channels, or more, so that a backlog is gone in 5 days"},
    JOB_PARAM_WEIGHT,
};

static int64_t refresh_days(const struct engine_parts *parts, const json_t *params)
{
	const json_t *days = json_object_get(params, "days");

	return days ? json_integer_value(days)
	            : settings_number(parts->settings, SET_REFRESH_DAYS, 0);
}

/* The age is counted from the day the job was made: one that goes on for days comes to an end. */
static void refresh_ask(const struct engine_parts *parts, const json_t *params, int64_t created_ms,
    struct feed_ask *out)
{
	out->bound = created_ms / 1000 - refresh_days(parts, params) * 86400;
}

static int64_t refresh_units(int64_t channels, int64_t days)
{
	int64_t a_day = CHUNK_IDS * days;

	return (channels + a_day - 1) / a_day;
}

/*
 * What keeps everything young in the long run is one unit in `days` for every 50 channels; what has
 * piled up is spread over a few days, so that other jobs get their share of each.
 */
static enum err refresh_day_units(struct staging *s, const struct engine_parts *parts,
    const json_t *params, const struct feed_ask *ask, int64_t *out, struct errbuf *eb)
{
	struct counters all;
	int64_t due = 0, share, backlog;
	enum err err = staging_counters(s, &all, eb);

	if (!err)
		err = staging_feed_count(s, FEED_REFRESH, ask, &due, eb);
	if (err)
		return err;
	share =
	    refresh_units(all.items[OP_METADATA][ITEM_DONE] + all.items[OP_METADATA][ITEM_MISSING],
	        refresh_days(parts, params));
	backlog = refresh_units(due, REFRESH_CATCH_UP);
	*out = share > backlog ? share : backlog;
	*out = *out > REFRESH_LEAST_UNITS ? *out : REFRESH_LEAST_UNITS;
	return ERR_OK;
}

/* Data may grow older before it is fetched again. */
static int refresh_offers(
    const struct engine_parts *parts, const json_t *params, struct job_offer *out)
{
	int64_t days = refresh_days(parts, params);
	int n = 0;

	for (; n < 2; n++) {
		days *= 2;
		out[n].patch = json_pack("{s:I}", "days", (json_int_t)days);
		snprintf(out[n].text, sizeof out[n].text, "only what is older than %lld days",
		    (long long)days);
		snprintf(out[n].loses, sizeof out[n].loses,
		    "YouTube's terms want data renewed or deleted after 30 days");
	}
	return n;
}

const struct job_type refresh_type = {
    .info = {.name = "refresh",
        .word = "refresh",
        .help = "fetch again what is older than REFRESH_AFTER_DAYS, the oldest first; looks again "
                "for channels that are missing",
        .params = refresh_params,
        .n_params = sizeof refresh_params / sizeof refresh_params[0]},
    .op = OP_METADATA,
    .stage = STAGE_REFRESH,
    .feed = FEED_REFRESH,
    .alone = true,
    .ask = refresh_ask,
    .day_units = refresh_day_units,
    .offers = refresh_offers,
    .ages = true,
    .work = metadata_work,
    .commit = metadata_commit,
    .bring = metadata_bring,
};
