#include "config.h"
#include "db/staging_dead.h"
#include "db/staging_core.h"

#include <stdlib.h>

enum { DEAD_PAGE = 500 };

enum err staging_dead_letter_put(struct staging *s, const struct dead_letter *d, struct errbuf *eb)
{
	sqlite3_stmt *stmt;
	enum err err = staging_state_set(s, d->op, &d->cid, ITEM_FAILED, NULL, eb);

	stmt = err ? NULL : staging_stmt(s, SQL_DEAD_PUT, eb);
	if (!stmt)
		return err ? err : ERR_INVALID;
	db_bind_cid(stmt, 1, &d->cid);
	sqlite3_bind_int(stmt, 2, (int)d->op);
	db_bind_text(stmt, 3, d->reason);
	db_bind_text(stmt, 4, d->message);
	sqlite3_bind_int(stmt, 5, d->attempts);
	sqlite3_bind_int64(stmt, 6, d->job);
	sqlite3_bind_int64(stmt, 7, d->at);
	err = db_run(s->db, stmt, eb);
	return err ? err : staging_outbox_add(s, OUTBOX_CHANNEL, 0, &d->cid, eb);
}

/* Parameters 1 to 4 of every statement here. */
static sqlite3_stmt *dead_stmt(struct staging *s, enum staging_sql which,
    const struct dead_filter *f, int64_t max, struct errbuf *eb)
{
	sqlite3_stmt *stmt = staging_stmt(s, which, eb);

	if (!stmt)
		return NULL;
	sqlite3_bind_int(stmt, 1, f->op == OP_NONE ? -1 : (int)f->op);
	sqlite3_bind_int64(stmt, 2, f->job);
	db_bind_text(stmt, 3, f->reason);
	if (f->cid)
		db_bind_cid(stmt, 4, f->cid);
	if (max)
		sqlite3_bind_int64(stmt, 5, max);
	return stmt;
}

struct dead_key {
	struct cid cid;
	enum op op;
};

static enum err dead_page(struct staging *s, const struct dead_filter *f, struct dead_key *keys,
    int *n, struct errbuf *eb)
{
	sqlite3_stmt *stmt = dead_stmt(s, SQL_DEAD_PAGE, f, DEAD_PAGE, eb);
	enum err err = ERR_OK;
	bool row = true;

	*n = 0;
	if (!stmt)
		return ERR_INVALID;
	while (!err && !(err = db_step(s->db, stmt, &row, eb)) && row) {
		keys[*n].op = (enum op)sqlite3_column_int(stmt, 1);
		if (db_column_cid(stmt, 0, &keys[*n].cid))
			(*n)++;
	}
	return err;
}

static enum err dead_drop_one(struct staging *s, const struct dead_key *k, struct errbuf *eb)
{
	sqlite3_stmt *stmt = staging_stmt(s, SQL_DEAD_DROP, eb);

	if (!stmt)
		return ERR_INVALID;
	db_bind_cid(stmt, 1, &k->cid);
	sqlite3_bind_int(stmt, 2, (int)k->op);
	return db_run(s->db, stmt, eb);
}

/* Page by page, as each page takes its letters away. */
static enum err dead_each_page(
    struct staging *s, const struct dead_filter *f, bool retry, int64_t *n, struct errbuf *eb)
{
	struct dead_key *keys = calloc(DEAD_PAGE, sizeof *keys);
	enum err err = keys ? ERR_OK : err_set(eb, ERR_NOMEM, "out of memory");
	int got = 1;

	*n = 0;
	while (!err && got) {
		err = dead_page(s, f, keys, &got, eb);
		/* leaving the failed state drops the letter */
		for (int i = 0; i < got && !err; i++, (*n)++)
			err = retry ? staging_state_set(
			                  s, keys[i].op, &keys[i].cid, ITEM_PENDING, NULL, eb)
			            : dead_drop_one(s, &keys[i], eb);
	}
	free(keys);
	return err;
}

enum err staging_dead_retry(
    struct staging *s, const struct dead_filter *which, int64_t *n, struct errbuf *eb)
{
	return dead_each_page(s, which, true, n, eb);
}

enum err staging_dead_drop(
    struct staging *s, const struct dead_filter *which, int64_t *n, struct errbuf *eb)
{
	return dead_each_page(s, which, false, n, eb);
}

enum err staging_dead_letters_each(struct staging *s, const struct dead_filter *which, int64_t max,
    staging_dead_letter_fn *fn, void *arg, struct errbuf *eb)
{
	sqlite3_stmt *stmt = dead_stmt(s, SQL_DEAD_EACH, which, max ? max : -1, eb);
	enum err err = ERR_OK;
	bool row = true;

	if (!stmt)
		return ERR_INVALID;
	while (!err && !(err = db_step(s->db, stmt, &row, eb)) && row) {
		struct dead_letter d = {
		    .op = (enum op)sqlite3_column_int(stmt, 1),
		    .reason = db_column_text(stmt, 2),
		    .message = db_column_text(stmt, 3),
		    .attempts = sqlite3_column_int(stmt, 4),
		    .job = sqlite3_column_int64(stmt, 5),
		    .at = sqlite3_column_int64(stmt, 6),
		};
		if (db_column_cid(stmt, 0, &d.cid))
			err = fn(arg, &d, eb);
	}
	sqlite3_reset(stmt);
	return err == ERR_CANCELLED ? ERR_OK : err;
}

enum err staging_dead_reasons_each(struct staging *s, const struct dead_filter *which,
    staging_dead_reason_fn *fn, void *arg, struct errbuf *eb)
{
	sqlite3_stmt *stmt = dead_stmt(s, SQL_DEAD_REASONS, which, 0, eb);
	enum err err = ERR_OK;
	bool row = true;

	if (!stmt)
		return ERR_INVALID;
	while (!err && !(err = db_step(s->db, stmt, &row, eb)) && row)
		err = fn(arg, (enum op)sqlite3_column_int(stmt, 0), db_column_text(stmt, 1),
		    sqlite3_column_int64(stmt, 2), eb);
	sqlite3_reset(stmt);
	return err == ERR_CANCELLED ? ERR_OK : err;
}
