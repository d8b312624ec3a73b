#include "config.h"
#include "db/staging_rank.h"
#include "db/staging_core.h"
#include "db/staging_import.h"

#include <stdlib.h>
#include <string.h>

/* Keys by one byte have the numbers 0.., by two these and 65,536 more. */
enum { RANK_BYTE = 256, RANK_PAIR = 65536 };

static int rank_pair(const struct cid *cid)
{
	return cid->b[0] << 8 | cid->b[1];
}

static struct cid rank_first(int pair)
{
	struct cid c = {{0}};

	c.b[0] = (unsigned char)(pair >> 8);
	c.b[1] = (unsigned char)pair;
	return c;
}

/* ---- changing ---- */

static enum err rank_row_add(struct staging *s, int64_t prefix, int64_t by, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_RANK_ADD, eb);

	if (!t)
		return ERR_INVALID;
	sqlite3_bind_int64(t, 1, prefix);
	sqlite3_bind_int64(t, 2, by);
	return db_run(s->db, t, eb);
}

static enum err rank_pair_add(struct staging *s, int pair, int64_t by, struct errbuf *eb)
{
	enum err err = by ? rank_row_add(s, pair >> 8, by, eb) : ERR_OK;

	return err || !by ? err : rank_row_add(s, RANK_BYTE + pair, by, eb);
}

enum err staging_rank_add(struct staging *s, const struct cid *cid, int by, struct errbuf *eb)
{
	return rank_pair_add(s, rank_pair(cid), by, eb);
}

static enum err rank_number(struct staging *s, sqlite3_stmt *t, int64_t *out, struct errbuf *eb)
{
	bool row = false;
	enum err err = db_step(s->db, t, &row, eb);

	*out = !err && row ? sqlite3_column_int64(t, 0) : 0;
	sqlite3_reset(t);
	return err;
}

/* Channels from the first key of this pair on, below `end` (NULL: all of the pair). */
static enum err rank_count(
    struct staging *s, int pair, const struct cid *end, int64_t *out, struct errbuf *eb)
{
	static const unsigned char beyond[CID_BYTES + 1] = {
	    255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0};
	sqlite3_stmt *t = staging_stmt(s, SQL_RANK_COUNT, eb);
	struct cid from = rank_first(pair), to = rank_first(pair + 1);

	if (!t)
		return ERR_INVALID;
	db_bind_cid(t, 1, &from);
	if (end || pair + 1 < RANK_PAIR)
		db_bind_cid(t, 2, end ? end : &to);
	else
		sqlite3_bind_blob(t, 2, beyond, sizeof beyond, SQLITE_STATIC);
	return rank_number(s, t, out, eb);
}

static enum err rank_stored(struct staging *s, int64_t prefix, int64_t *out, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_RANK_GET, eb);

	*out = 0;
	if (!t)
		return ERR_INVALID;
	sqlite3_bind_int64(t, 1, prefix);
	return rank_number(s, t, out, eb);
}

/* Counts the channels of one pair and corrects what is stored. */
static enum err rank_recount(struct staging *s, int pair, struct errbuf *eb)
{
	int64_t is = 0, was = 0;
	enum err err = rank_count(s, pair, NULL, &is, eb);

	if (!err)
		err = rank_stored(s, RANK_BYTE + pair, &was, eb);
	return err ? err : rank_pair_add(s, pair, is - was, eb);
}

enum err staging_rank_import(struct staging *s, const struct staging_import *im, struct errbuf *eb)
{
	/* all new: their number is known; else which of them were is only known by counting */
	bool all_new = im->added == (int64_t)im->taken;
	enum err err = ERR_OK;
	size_t next;

	for (size_t i = 0; i < im->taken && im->added && !err; i = next) {
		int pair = rank_pair(&im->rows[i].cid);
		for (next = i; next < im->taken && rank_pair(&im->rows[next].cid) == pair; next++)
			;
		err = all_new ? rank_pair_add(s, pair, (int64_t)(next - i), eb)
		              : rank_recount(s, pair, eb);
	}
	return err;
}

enum err staging_rank_build(struct staging *s, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_RANK_MISSING, eb);
	int64_t missing = 0;
	enum err err = t ? rank_number(s, t, &missing, eb) : ERR_INVALID;

	if (err || !missing)
		return err;
	err = staging_begin(s, eb);
	for (int pair = 0; pair < RANK_PAIR && !err; pair++)
		err = rank_recount(s, pair, eb);
	if (err) {
		staging_rollback(s);
		return err;
	}
	return staging_commit(s, eb);
}

/* ---- reading ---- */

/* Passes rows whose numbers lie in from..to as long as *n reaches beyond them. */
static enum err rank_pass(struct staging *s, int64_t from, int64_t to, int64_t *n, int64_t *prefix,
    bool *found, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_RANK_ROWS, eb);
	enum err err = ERR_OK;
	bool row = true;

	*found = false;
	if (!t)
		return ERR_INVALID;
	sqlite3_bind_int64(t, 1, from);
	sqlite3_bind_int64(t, 2, to);
	while (!err && !*found && !(err = db_step(s->db, t, &row, eb)) && row) {
		int64_t here = sqlite3_column_int64(t, 1);
		*prefix = sqlite3_column_int64(t, 0);
		*found = *n < here;
		*n -= *found ? 0 : here;
	}
	sqlite3_reset(t);
	return err;
}

enum err staging_rank_at(
    struct staging *s, int64_t n, struct cid *cid, bool *found, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_RANK_AT, eb);
	struct cid from;
	int64_t prefix = 0;
	enum err err = t ? ERR_OK : ERR_INVALID;

	*found = false;
	if (!err && n >= 0)
		err = rank_pass(s, 0, RANK_BYTE - 1, &n, &prefix, found, eb);
	if (!err && *found)
		err = rank_pass(s, RANK_BYTE + prefix * 256, RANK_BYTE + prefix * 256 + 255, &n,
		    &prefix, found, eb);
	if (err || !*found)
		return err;
	from = rank_first((int)(prefix - RANK_BYTE));
	db_bind_cid(t, 1, &from);
	sqlite3_bind_int64(t, 2, n);
	err = db_step(s->db, t, found, eb);
	*found = !err && *found && db_column_cid(t, 0, cid);
	sqlite3_reset(t);
	return err;
}

static enum err rank_sum(
    struct staging *s, int64_t from, int64_t to, int64_t *sum, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_RANK_SUM, eb);
	int64_t n = 0;
	enum err err;

	if (!t)
		return ERR_INVALID;
	sqlite3_bind_int64(t, 1, from);
	sqlite3_bind_int64(t, 2, to);
	err = rank_number(s, t, &n, eb);
	*sum += n;
	return err;
}

enum err staging_rank_of(struct staging *s, const struct cid *cid, int64_t *n, struct errbuf *eb)
{
	int pair = rank_pair(cid);
	int64_t here = 0;
	enum err err;

	*n = 0;
	err = rank_sum(s, 0, (pair >> 8) - 1, n, eb);
	if (!err)
		err = rank_sum(s, RANK_BYTE + (pair & ~255), RANK_BYTE + pair - 1, n, eb);
	if (!err)
		err = rank_count(s, pair, cid, &here, eb);
	*n += here;
	return err;
}

enum err staging_rank_check(struct staging *s, struct errbuf *eb)
{
	int64_t is = 0, stored = 0, all = 0, byte = 0;
	enum err err = ERR_OK;

	for (int pair = 0; pair < RANK_PAIR && !err; pair++) {
		err = rank_count(s, pair, NULL, &is, eb);
		if (!err)
			err = rank_stored(s, RANK_BYTE + pair, &stored, eb);
		if (!err && is != stored)
			err = err_set(eb, ERR_CORRUPT,
			    "channels whose key begins with %04X: counted as %lld, there are %lld",
			    pair, (long long)stored, (long long)is);
		byte += is;
		if (err || pair % 256 != 255)
			continue;
		err = rank_stored(s, pair >> 8, &all, eb);
		if (!err && all != byte)
			err = err_set(eb, ERR_CORRUPT,
			    "channels whose key begins with %02X: counted as %lld, there are %lld",
			    pair >> 8, (long long)all, (long long)byte);
		byte = 0;
	}
	return err;
}
