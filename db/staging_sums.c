#include "config.h"
#include "db/staging_sums.h"
#include "db/staging_core.h"

enum { SUMS_DAY_S = 86400 };

/* ---- counting ---- */

static void sums_add(struct staging *s, enum staging_sum_kind kind, int64_t key, int64_t by)
{
	struct staging_sum *sum = s->sums;

	while (sum < s->sums + s->n_sums && (sum->kind != kind || sum->key != key))
		sum++;
	if (sum == s->sums + STAGING_SUMS) {
		/* inside the transaction this is as good as at its end */
		s->sums_err = s->sums_err ? s->sums_err : staging_sums_write(s, NULL);
		sum = s->sums;
	}
	if (sum == s->sums + s->n_sums) {
		*sum = (struct staging_sum){kind, key, 0};
		s->n_sums++;
	}
	sum->by += by;
}

static int sums_digits(int64_t n)
{
	int digits = n == COUNT_NONE ? 0 : 1;

	for (; n >= 10; n /= 10)
		digits++;
	return digits;
}

static bool sums_is_due(const struct sums_channel *c)
{
	return c->has_meta && c->metadata == ITEM_DONE &&
	       (c->videos == ITEM_PENDING || c->videos == ITEM_ABSENT);
}

void staging_sums_move(
    struct staging *s, const struct sums_channel *was, const struct sums_channel *is)
{
	if (sums_is_due(was))
		sums_add(s, SUM_DUE_VIDEOS, sums_digits(was->subscribers), -1);
	if (sums_is_due(is))
		sums_add(s, SUM_DUE_VIDEOS, sums_digits(is->subscribers), 1);
	if (was->has_meta)
		sums_add(s, SUM_FETCHED, was->fetched_at / SUMS_DAY_S, -1);
	if (is->has_meta)
		sums_add(s, SUM_FETCHED, is->fetched_at / SUMS_DAY_S, 1);
}

enum err staging_sums_look(
    struct staging *s, const struct cid *cid, struct sums_channel *out, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_SUMS_LOOK, eb);
	bool row = false;
	enum err err;

	*out = (struct sums_channel){.subscribers = COUNT_NONE};
	if (!t)
		return ERR_INVALID;
	db_bind_cid(t, 1, cid);
	err = db_step(s->db, t, &row, eb);
	if (!err && row) {
		out->metadata = (enum item_state)sqlite3_column_int(t, 0);
		out->videos = (enum item_state)sqlite3_column_int(t, 1);
		out->has_meta = sqlite3_column_type(t, 2) != SQLITE_NULL;
		out->fetched_at = sqlite3_column_int64(t, 2);
		out->subscribers = db_column_int_or(t, 3, COUNT_NONE);
	}
	sqlite3_reset(t);
	return err;
}

enum err staging_sums_has_meta(
    struct staging *s, const struct cid *cid, bool *out, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_SUMS_META, eb);
	enum err err;

	*out = false;
	if (!t)
		return ERR_INVALID;
	db_bind_cid(t, 1, cid);
	err = db_step(s->db, t, out, eb);
	sqlite3_reset(t);
	return err;
}

enum err staging_sums_write(struct staging *s, struct errbuf *eb)
{
	enum err err = s->sums_err;

	for (size_t i = 0; i < s->n_sums && !err; i++) {
		const struct staging_sum *sum = &s->sums[i];
		sqlite3_stmt *t = sum->by ? staging_stmt(s, SQL_SUMS_ADD, eb) : NULL;
		if (!sum->by)
			continue;
		if (!t)
			return ERR_INVALID;
		sqlite3_bind_int(t, 1, (int)sum->kind);
		sqlite3_bind_int64(t, 2, sum->key);
		sqlite3_bind_int64(t, 3, sum->by);
		err = db_run(s->db, t, eb);
	}
	s->n_sums = 0;
	return err;
}

/* ---- reading ---- */

enum err staging_sums_due_videos(struct staging *s, int64_t out[SUMS_DIGITS], struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_SUMS_OF, eb);
	enum err err = ERR_OK;
	bool row = true;

	for (int d = 0; d < SUMS_DIGITS; d++)
		out[d] = 0;
	if (!t)
		return ERR_INVALID;
	sqlite3_bind_int(t, 1, SUM_DUE_VIDEOS);
	while (!err && !(err = db_step(s->db, t, &row, eb)) && row) {
		int64_t digits = sqlite3_column_int64(t, 0);
		if (digits >= 0 && digits < SUMS_DIGITS)
			out[digits] = sqlite3_column_int64(t, 1);
	}
	sqlite3_reset(t);
	return err;
}

enum err staging_sums_fetched(
    struct staging *s, int64_t before, int64_t *older, int64_t *last_day, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_SUMS_FETCHED, eb);
	bool row = false;
	enum err err;

	*older = *last_day = 0;
	if (!t)
		return ERR_INVALID;
	sqlite3_bind_int64(t, 1, before / SUMS_DAY_S);
	err = db_step(s->db, t, &row, eb);
	if (!err && row) {
		*older = sqlite3_column_int64(t, 0);
		*last_day = sqlite3_column_int64(t, 1);
	}
	sqlite3_reset(t);
	return err;
}

/* ---- counting anew ---- */

#define SUMS_TRUTH                                                                             \
	"SELECT 0 AS kind, coalesce(length(m.subscriber_count), 0) AS key, count(*) AS n "     \
	"FROM channel c JOIN channel_meta m ON m.cid = c.cid WHERE c.metadata = 1 AND "        \
	"c.videos IN (0, 2) GROUP BY 2 UNION ALL SELECT 1, fetched_at / 86400, count(*) FROM " \
	"channel_meta GROUP BY 2"
#define SUMS_STORED "SELECT kind, key, n FROM sums WHERE n <> 0"

enum err staging_sums_check(struct staging *s, struct errbuf *eb)
{
	static const char sql[] =
	    "SELECT (SELECT count(*) FROM (" SUMS_TRUTH " EXCEPT " SUMS_STORED
	    ")) + (SELECT count(*) FROM (" SUMS_STORED " EXCEPT SELECT * FROM (" SUMS_TRUTH ")))";
	sqlite3_stmt *t = NULL;
	bool row = false;
	enum err err = db_prepare(s->db, &t, sql, eb);

	if (!err)
		err = db_step(s->db, t, &row, eb);
	if (!err && row && sqlite3_column_int64(t, 0))
		err = err_set(eb, ERR_CORRUPT, "%lld sums differ from what there is",
		    (long long)sqlite3_column_int64(t, 0));
	sqlite3_finalize(t);
	return err;
}

enum err staging_sums_anew(struct staging *s, struct errbuf *eb)
{
	s->n_sums = 0;
	return db_exec(s->db, "DELETE FROM sums; INSERT INTO sums " SUMS_TRUTH, eb);
}
