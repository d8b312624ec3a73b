#include "config.h"
#include "db/staging_terms.h"
#include "db/staging_core.h"
#include "db/text_json.h"

/* ---- the index ---- */

int term_row_compare(const void *a, const void *b)
{
	const struct term_row *x = a, *y = b;

	if (x->term != y->term)
		return x->term < y->term ? -1 : 1;
	return cid_compare(&x->cid, &y->cid);
}

enum err staging_term_count(struct staging *s, int64_t term, int64_t *n, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_TERM_COUNT, eb);
	bool row = false;
	enum err err;

	*n = 0;
	if (!t)
		return ERR_INVALID;
	sqlite3_bind_int64(t, 1, term);
	err = db_step(s->db, t, &row, eb);
	if (!err && row)
		*n = sqlite3_column_int64(t, 0);
	sqlite3_reset(t);
	return err;
}

static enum err term_hold(struct staging *s, const struct term_row *row, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_TERM_CHANNEL_ADD, eb);

	if (!t)
		return ERR_INVALID;
	sqlite3_bind_int64(t, 1, row->term);
	db_bind_cid(t, 2, &row->cid);
	return db_run(s->db, t, eb);
}

static enum err term_grow(struct staging *s, int64_t term, int64_t by, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_TERM_ADD, eb);

	if (!t)
		return ERR_INVALID;
	sqlite3_bind_int64(t, 1, term);
	sqlite3_bind_int64(t, 2, by);
	return db_run(s->db, t, eb);
}

/* Rows of one term. */
static enum err term_put(
    struct staging *s, const struct term_row *rows, int n, int most, struct errbuf *eb)
{
	int64_t before = 0, now;
	enum err err = staging_term_count(s, rows->term, &before, eb);

	now = before;
	for (int i = 0; i < n && now < most && !err; i++) {
		err = term_hold(s, &rows[i], eb);
		now += !err && sqlite3_changes(s->db) > 0;
	}
	return err || now == before ? err : term_grow(s, rows->term, now - before, eb);
}

enum err staging_terms_put(
    struct staging *s, const struct term_row *rows, int n, int most, struct errbuf *eb)
{
	enum err err = ERR_OK;
	int next;

	for (int i = 0; i < n && !err; i = next) {
		for (next = i + 1; next < n && rows[next].term == rows[i].term; next++)
			;
		err = term_put(s, rows + i, next - i, most, eb);
	}
	return err;
}

enum err staging_term_channels(
    struct staging *s, int64_t term, struct cid *cids, int max, int *n, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_TERM_CHANNELS, eb);
	enum err err = ERR_OK;
	bool row = true;

	*n = 0;
	if (!t)
		return ERR_INVALID;
	sqlite3_bind_int64(t, 1, term);
	sqlite3_bind_int(t, 2, max);
	while (*n < max && !(err = db_step(s->db, t, &row, eb)) && row)
		*n += db_column_cid(t, 0, &cids[*n]);
	sqlite3_reset(t);
	return err;
}

/* ---- likeness ---- */

static enum err traits_read(
    sqlite3_stmt *t, const struct cid *cid, staging_traits_fn *fn, void *arg, struct errbuf *eb)
{
	struct channel_meta m = {.cid = *cid};
	char **keywords = NULL, **topics = NULL;
	enum err err = ERR_OK;

	m.subscriber_count = db_column_int_or(t, 0, COUNT_NONE);
	m.language = db_column_text(t, 3);
	if (text_json_read(db_column_text(t, 1), &m.keywords, &keywords) ||
	    text_json_read(db_column_text(t, 2), &m.topics, &topics))
		err = err_set(eb, ERR_NOMEM, "out of memory");
	if (!err)
		err = fn(arg, &m, eb);
	text_json_free(keywords);
	text_json_free(topics);
	return err;
}

enum err staging_traits_get(
    struct staging *s, const struct cid *cid, staging_traits_fn *fn, void *arg, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_META_TRAITS, eb);
	bool row = false;
	enum err err;

	if (!t)
		return ERR_INVALID;
	db_bind_cid(t, 1, cid);
	err = db_step(s->db, t, &row, eb);
	if (!err && row)
		err = traits_read(t, cid, fn, arg, eb);
	else if (!err)
		err = err_set(eb, ERR_NOTFOUND, "no such metadata in staging");
	sqlite3_reset(t);
	return err;
}
