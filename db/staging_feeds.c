#include "config.h"
#include "db/staging_feeds.h"
#include "db/staging_core.h"

/*
 * Parameters of every statement here: ?1 after this key, ?2 today, ?3 how many, ?4 bound, ?5 job,
 * ?6 after this place, ?7 after this number (of feeds by number). Columns of a page: key or number,
 * place (a number) of feeds that need it.
 */
static const struct {
	enum staging_sql page, count;
	bool by_number; /* column 0 is a number, not a key */
} staging_feeds[FEED_COUNT] = {
    [FEED_METADATA] = {SQL_FEED_METADATA, SQL_FEED_METADATA_COUNT, false},
    [FEED_VIDEOS] = {SQL_FEED_VIDEOS, SQL_FEED_VIDEOS_COUNT, false},
    [FEED_DISCOVERY] = {SQL_FEED_DISCOVERY, SQL_FEED_DISCOVERY_COUNT, false},
    [FEED_REFRESH] = {SQL_FEED_REFRESH, SQL_FEED_REFRESH_COUNT, false},
    [FEED_COUNTS] = {SQL_FEED_COUNTS, SQL_FEED_COUNTS_COUNT, false},
    [FEED_WANTED] = {SQL_FEED_WANTED, SQL_FEED_WANTED_COUNT, false},
    [FEED_FETCH_METADATA] = {SQL_FEED_FETCH_METADATA, SQL_FEED_FETCH_METADATA_COUNT, false},
    [FEED_FETCH_VIDEOS] = {SQL_FEED_FETCH_VIDEOS, SQL_FEED_FETCH_VIDEOS_COUNT, false},
    [FEED_NAMES] = {SQL_FEED_NAMES, SQL_FEED_NAMES_COUNT, true},
};

static sqlite3_stmt *staging_feed_stmt(struct staging *s, enum staging_sql which,
    const struct feed_ask *ask, const struct feed_place *place, int max, struct errbuf *eb)
{
	sqlite3_stmt *stmt = staging_stmt(s, which, eb);

	if (!stmt)
		return NULL;
	if (place->begun)
		db_bind_cid(stmt, 1, &place->cid);
	else
		sqlite3_bind_zeroblob(stmt, 1, 0); /* the all-zero id may be taken too */
	sqlite3_bind_int64(stmt, 2, ask->today);
	sqlite3_bind_int(stmt, 3, max);
	sqlite3_bind_int64(stmt, 4, ask->bound);
	sqlite3_bind_int64(stmt, 5, ask->job);
	sqlite3_bind_int64(stmt, 6, place->begun ? place->num : INT64_MIN);
	sqlite3_bind_int64(stmt, 7, place->begun ? cid_number(&place->cid) : 0);
	return stmt;
}

static bool staging_feed_key(sqlite3_stmt *stmt, bool by_number, struct cid *out)
{
	if (!by_number)
		return db_column_cid(stmt, 0, out);
	*out = cid_from_number(sqlite3_column_int64(stmt, 0));
	return true;
}

enum err staging_feed_page(struct staging *s, enum feed_kind kind, const struct feed_ask *ask,
    struct feed_place *place, struct cid *ids, int max, int *n, struct errbuf *eb)
{
	sqlite3_stmt *stmt = staging_feed_stmt(s, staging_feeds[kind].page, ask, place, max, eb);
	struct feed_place next = *place;
	enum err err = ERR_OK;
	bool row = true;

	*n = 0;
	if (!stmt)
		return ERR_INVALID;
	while (!err && !(err = db_step(s->db, stmt, &row, eb)) && row) {
		if (!staging_feed_key(stmt, staging_feeds[kind].by_number, &ids[*n]))
			continue;
		next = (struct feed_place){true, ids[*n], 0};
		if (sqlite3_column_count(stmt) > 1)
			next.num = sqlite3_column_int64(stmt, 1);
		(*n)++;
	}
	sqlite3_reset(stmt);
	if (!err)
		*place = next;
	return err;
}

enum err staging_feed_count(struct staging *s, enum feed_kind kind, const struct feed_ask *ask,
    int64_t *out, struct errbuf *eb)
{
	const struct feed_place first = {0};
	sqlite3_stmt *stmt = staging_feed_stmt(s, staging_feeds[kind].count, ask, &first, 0, eb);
	bool row = false;
	enum err err;

	*out = 0;
	if (!stmt)
		return ERR_INVALID;
	err = db_step(s->db, stmt, &row, eb);
	if (!err && row)
		*out = sqlite3_column_int64(stmt, 0);
	sqlite3_reset(stmt);
	return err;
}

enum err staging_refresh_is_due(struct staging *s, const struct feed_ask *ask,
    const struct cid *cid, bool *out, struct errbuf *eb)
{
	const struct feed_place place = {true, *cid, 0};
	sqlite3_stmt *stmt = staging_feed_stmt(s, SQL_REFRESH_IS_DUE, ask, &place, 0, eb);
	bool row = false;
	enum err err;

	if (!stmt)
		return ERR_INVALID;
	err = db_step(s->db, stmt, &row, eb);
	*out = !err && row && sqlite3_column_int(stmt, 0) != 0;
	sqlite3_reset(stmt);
	return err;
}
