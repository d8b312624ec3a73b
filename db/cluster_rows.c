/* Metadata of channels, back out of PostgreSQL. */
#include "config.h"
#include "db/cluster_parts.h"

#include <string.h>

enum { ROWS_LIST = 500, ROWS_SQL = 1 << 18 };

/* Lists come with a separator that no cleaned text holds. */
#define ROWS_SEPARATOR "\x1f"

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

static const char *row_text(const PGresult *res, int row, int column)
{
	return PQgetisnull(res, row, column) ? NULL : PQgetvalue(res, row, column);
}

static int64_t row_int(const PGresult *res, int row, int column, int64_t none)
{
	return PQgetisnull(res, row, column) ? none : field_int(res, row, column);
}

static int row_flag(const PGresult *res, int row, int column)
{
	return PQgetisnull(res, row, column) ? -1 : field_bool(res, row, column);
}

/* Cuts the answer's own text in place: nobody else reads it. items: ROWS_LIST of them. */
static struct text_list row_list(const PGresult *res, int row, int column, const char **items)
{
	struct text_list list = {.n = -1, .items = items};
	char *at = PQgetvalue(res, row, column);

	if (PQgetisnull(res, row, column))
		return list;
	for (list.n = 0; *at && list.n < ROWS_LIST; list.n++) {
		char *end = at + strcspn(at, ROWS_SEPARATOR);

		items[list.n] = at;
		at = *end ? end + 1 : end;
		*end = '\0';
	}
	return list;
}

static enum err row_give(
    const PGresult *res, int row, cluster_meta_fn *fn, void *arg, struct errbuf *eb)
{
	const char *keywords[ROWS_LIST], *topics[ROWS_LIST], *id = PQgetvalue(res, row, ROW_ID);
	struct channel_meta m = {.title = row_text(res, row, ROW_TITLE),
	    .description = row_text(res, row, ROW_DESCRIPTION),
	    .custom_url = row_text(res, row, ROW_CUSTOM_URL),
	    .country = row_text(res, row, ROW_COUNTRY),
	    .default_language = row_text(res, row, ROW_DEFAULT_LANGUAGE),
	    .thumbnail_url = row_text(res, row, ROW_THUMBNAIL),
	    .banner_url = row_text(res, row, ROW_BANNER),
	    .privacy_status = row_text(res, row, ROW_PRIVACY),
	    .etag = row_text(res, row, ROW_ETAG),
	    .language = row_text(res, row, ROW_LANGUAGE),
	    .language_source = row_text(res, row, ROW_LANGUAGE_SOURCE),
	    .subscriber_count = row_int(res, row, ROW_SUBSCRIBERS, COUNT_NONE),
	    .video_count = row_int(res, row, ROW_VIDEOS, COUNT_NONE),
	    .view_count = row_int(res, row, ROW_VIEWS, COUNT_NONE),
	    .published_at = row_int(res, row, ROW_PUBLISHED, INT64_MIN),
	    .hidden_subscribers = row_flag(res, row, ROW_HIDDEN),
	    .made_for_kids = row_flag(res, row, ROW_KIDS),
	    .language_confidence = (int)row_int(res, row, ROW_CONFIDENCE, 0),
	    .fetched_at = row_int(res, row, ROW_FETCHED, 0)};

	if (!cid_parse(id, strlen(id), &m.cid))
		return ERR_OK;
	m.keywords = row_list(res, row, ROW_KEYWORDS, keywords);
	m.topics = row_list(res, row, ROW_TOPICS, topics);
	return fn(arg, &m, eb);
}

enum err cluster_metas(struct postgres *pg, const struct cid *ids, int n, cluster_meta_fn *fn,
    void *arg, struct errbuf *eb)
{
	PGresult *res = NULL;
	char text[CID_TEXT + 1];
	struct params p;
	struct str list;
	enum err err;

	str_init(&list, ROWS_SQL);
	for (int i = 0; i < n; i++)
		str_addf(&list, "%c%s", i ? ',' : '{', cid_format(&ids[i], text));
	str_addc(&list, '}');
	params_init(&p);
	params_text(&p, n ? str_get(&list) : "{}");
	params_text(&p, ROWS_SEPARATOR);
	err = list.err ? err_set(eb, list.err, "too many channels at a time") : ERR_OK;
	str_done(&list);
	if (err)
		params_done(&p);
	else
		err = params_run(&p, pg, rows_sql, &res, eb);
	for (int i = 0; !err && i < PQntuples(res); i++)
		err = row_give(res, i, fn, arg, eb);
	PQclear(res);
	return err;
}
