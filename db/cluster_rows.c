/* Metadata of channels, back out of PostgreSQL. */
#include "config.h"
#include "db/cluster_parts.h"

#include <string.h>

enum {
	ROW_ID,
	ROW_TITLE,
	ROW_DESCRIPTION,
	ROW_CUSTOM_URL,
	ROW_COUNTRY,
	ROW_DEFAULT_LANGUAGE,
	ROW_THUMBNAIL,
	ROW_BANNER,
	ROW_PRIVACY,
	ROW_ETAG,
	ROW_LANGUAGE,
	ROW_LANGUAGE_SOURCE,
	ROW_SUBSCRIBERS,
	ROW_VIDEOS,
	ROW_VIEWS,
	ROW_PUBLISHED,
	ROW_HIDDEN,
	ROW_KIDS,
	ROW_CONFIDENCE,
	ROW_FETCHED,
	ROW_KEYWORDS,
	ROW_TOPICS
};

static const char rows_sql[] =
    "SELECT channel_id, title, description, custom_url, country, default_language, thumbnail_url, "
    "banner_url, privacy_status, etag, language, language_source, subscriber_count::bigint, "
    "video_count::bigint, view_count::bigint, extract(epoch FROM published_at)::bigint, "
    "hidden_subscribers, made_for_kids, language_confidence, "
    "extract(epoch FROM fetched_at)::bigint, "
    "array_to_string(keywords, $2, ''), array_to_string(topic_categories, $2, '') "
    "FROM channels WHERE channel_id = ANY ($1) AND metadata_fetched AND fetched_at IS NOT NULL "
    "ORDER BY channel_id";

static enum err row_give(
    const PGresult *res, int row, cluster_meta_fn *fn, void *arg, struct errbuf *eb)
{
	const char *keywords[CLUSTER_LIST], *topics[CLUSTER_LIST],
	    *id = PQgetvalue(res, row, ROW_ID);
	struct channel_meta m = {.title = field_text(res, row, ROW_TITLE),
	    .description = field_text(res, row, ROW_DESCRIPTION),
	    .custom_url = field_text(res, row, ROW_CUSTOM_URL),
	    .country = field_text(res, row, ROW_COUNTRY),
	    .default_language = field_text(res, row, ROW_DEFAULT_LANGUAGE),
	    .thumbnail_url = field_text(res, row, ROW_THUMBNAIL),
	    .banner_url = field_text(res, row, ROW_BANNER),
	    .privacy_status = field_text(res, row, ROW_PRIVACY),
	    .etag = field_text(res, row, ROW_ETAG),
	    .language = field_text(res, row, ROW_LANGUAGE),
	    .language_source = field_text(res, row, ROW_LANGUAGE_SOURCE),
	    .subscriber_count = field_int_or(res, row, ROW_SUBSCRIBERS, COUNT_NONE),
	    .video_count = field_int_or(res, row, ROW_VIDEOS, COUNT_NONE),
	    .view_count = field_int_or(res, row, ROW_VIEWS, COUNT_NONE),
	    .published_at = field_int_or(res, row, ROW_PUBLISHED, INT64_MIN),
	    .hidden_subscribers = field_flag(res, row, ROW_HIDDEN),
	    .made_for_kids = field_flag(res, row, ROW_KIDS),
	    .language_confidence = (int)field_int_or(res, row, ROW_CONFIDENCE, 0),
	    .fetched_at = field_int_or(res, row, ROW_FETCHED, 0)};

	if (!cid_parse(id, strlen(id), &m.cid))
		return ERR_OK;
	m.keywords = field_list(res, row, ROW_KEYWORDS, keywords);
	m.topics = field_list(res, row, ROW_TOPICS, topics);
	return fn(arg, &m, eb);
}

enum err cluster_metas(struct postgres *pg, const struct cid *ids, int n, cluster_meta_fn *fn,
    void *arg, struct errbuf *eb)
{
	PGresult *res = NULL;
	enum err err = params_run_ids(pg, rows_sql, ids, n, &res, eb);

	for (int i = 0; !err && i < PQntuples(res); i++)
		err = row_give(res, i, fn, arg, eb);
	PQclear(res);
	return err;
}

enum err cluster_metas_known(
    struct postgres *pg, const struct cid *ids, int n, int64_t *known, struct errbuf *eb)
{
	PGresult *res = NULL;
	enum err err = params_run_ids(pg,
	    "SELECT count(*) FROM channels WHERE channel_id = ANY ($1) AND metadata_fetched "
	    "AND fetched_at IS NOT NULL AND $2::text IS NOT NULL",
	    ids, n, &res, eb);

	*known = err ? 0 : field_int(res, 0, 0);
	PQclear(res);
	return err;
}
