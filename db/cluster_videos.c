/* Videos of channels, back out of PostgreSQL. */
#include "config.h"
#include "db/cluster_parts.h"

#include <string.h>

enum {
	VIDEO_ID,
	VIDEO_CHANNEL,
	VIDEO_TITLE,
	VIDEO_DESCRIPTION,
	VIDEO_DURATION,
	VIDEO_THUMBNAIL,
	VIDEO_LIVE,
	VIDEO_DEFAULT_LANGUAGE,
	VIDEO_AUDIO_LANGUAGE,
	VIDEO_PRIVACY,
	VIDEO_LANGUAGE,
	VIDEO_LANGUAGE_SOURCE,
	VIDEO_CONFIDENCE,
	VIDEO_PUBLISHED,
	VIDEO_SECONDS,
	VIDEO_CATEGORY,
	VIDEO_VIEWS,
	VIDEO_LIKES,
	VIDEO_COMMENTS,
	VIDEO_KIDS,
	VIDEO_FETCHED,
	VIDEO_COUNTED,
	VIDEO_ABSENT,
	VIDEO_TAGS
};

static const char videos_sql[] =
    "SELECT v.video_id, c.channel_id, v.title, v.description, v.duration, v.thumbnail_url, "
    "v.live_state, v.default_language, v.audio_language, v.privacy_status, v.language, "
    "v.language_source, v.language_confidence, extract(epoch FROM v.published_at)::bigint, "
    "v.duration_seconds, v.category_id, v.view_count, v.like_count, v.comment_count, "
    "v.made_for_kids, extract(epoch FROM v.fetched_at)::bigint, "
    "extract(epoch FROM coalesce(v.counted_at, v.fetched_at))::bigint, "
    "v.absent_on - DATE '1970-01-01', array_to_string(v.tags, $2, '') "
    "FROM channels c JOIN videos v ON v.channel_id = c.id "
    "WHERE c.channel_id = ANY ($1) AND v.fetched_at IS NOT NULL "
    "ORDER BY c.channel_id, v.video_id "
    "LIMIT CASE WHEN cardinality ($1) > 1 THEN 20001 END" /* CLUSTER_VIDEOS + 1 */;

static enum err video_give(
    const PGresult *res, int row, cluster_video_fn *fn, void *arg, struct errbuf *eb)
{
	const char *tags[CLUSTER_LIST], *id = PQgetvalue(res, row, VIDEO_ID),
	                                *channel = PQgetvalue(res, row, VIDEO_CHANNEL);
	struct video_row v = {.title = field_text(res, row, VIDEO_TITLE),
	    .description = field_text(res, row, VIDEO_DESCRIPTION),
	    .duration = field_text(res, row, VIDEO_DURATION),
	    .thumbnail_url = field_text(res, row, VIDEO_THUMBNAIL),
	    .live_state = field_text(res, row, VIDEO_LIVE),
	    .default_language = field_text(res, row, VIDEO_DEFAULT_LANGUAGE),
	    .audio_language = field_text(res, row, VIDEO_AUDIO_LANGUAGE),
	    .privacy_status = field_text(res, row, VIDEO_PRIVACY),
	    .language = field_text(res, row, VIDEO_LANGUAGE),
	    .language_source = field_text(res, row, VIDEO_LANGUAGE_SOURCE),
	    .language_confidence = (int)field_int_or(res, row, VIDEO_CONFIDENCE, 0),
	    .published_at = field_int_or(res, row, VIDEO_PUBLISHED, INT64_MIN),
	    .duration_s = field_int_or(res, row, VIDEO_SECONDS, VIDEO_UNKNOWN),
	    .category = field_int_or(res, row, VIDEO_CATEGORY, VIDEO_UNKNOWN),
	    .view_count = field_int_or(res, row, VIDEO_VIEWS, COUNT_NONE),
	    .like_count = field_int_or(res, row, VIDEO_LIKES, COUNT_NONE),
	    .comment_count = field_int_or(res, row, VIDEO_COMMENTS, COUNT_NONE),
	    .made_for_kids = field_flag(res, row, VIDEO_KIDS),
	    .fetched_at = field_int(res, row, VIDEO_FETCHED),
	    .counted_at = field_int(res, row, VIDEO_COUNTED),
	    .absent_day = field_int(res, row, VIDEO_ABSENT)};

	if (!cid_parse(channel, strlen(channel), &v.channel) || !vid_parse(id, strlen(id), &v.vid))
		return ERR_OK;
	v.tags = field_list(res, row, VIDEO_TAGS, tags);
	return fn(arg, &v, eb);
}

enum err cluster_videos(struct postgres *pg, const struct cid *ids, int n, cluster_video_fn *fn,
    void *arg, struct errbuf *eb)
{
	PGresult *res = NULL;
	enum err err = params_run_ids(pg, videos_sql, ids, n, &res, eb);

	if (!err && n > 1 && PQntuples(res) > CLUSTER_VIDEOS)
		err = err_set(
		    eb, ERR_LIMIT, "%d channels have more than %d videos", n, CLUSTER_VIDEOS);
	for (int i = 0; !err && i < PQntuples(res); i++)
		err = video_give(res, i, fn, arg, eb);
	PQclear(res);
	return err;
}
