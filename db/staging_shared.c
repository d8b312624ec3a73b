#include "config.h"
#include "db/staging_shared.h"
#include "db/staging_core.h"
#include "db/staging_rank.h"

#include <string.h>

/* A mark as the key of its row: epoch and units, then place, outcome and id of each. */
enum { MARK_HEAD = 8, MARK_EACH = 3 + CID_BYTES, MARK_BYTES = MARK_HEAD + MARK_IDS * MARK_EACH };

static void put_u32(unsigned char *to, int64_t value)
{
	for (int i = 3; i >= 0; i--, value >>= 8)
		to[i] = (unsigned char)(value & 0xff);
}

static int64_t get_u32(const unsigned char *from)
{
	int64_t value = 0;

	for (int i = 0; i < 4; i++)
		value = value << 8 | from[i];
	return value;
}

enum err staging_mark_add(struct staging *s, const struct staging_mark *m, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_OUTBOX_ADD, eb);
	unsigned char blob[MARK_BYTES], *to = blob + MARK_HEAD;
	enum err err;

	if (!t)
		return ERR_INVALID;
	put_u32(blob, m->epoch);
	put_u32(blob + 4, m->units);
	for (int i = 0; i < m->n; i++, to += MARK_EACH) {
		memcpy(to, m->at + 2 * i, 2);
		to[2] = m->outcome[i];
		memcpy(to + 3, m->ids[i].b, CID_BYTES);
	}
	sqlite3_bind_int(t, 1, OUTBOX_MARK);
	sqlite3_bind_int64(t, 2, m->chunk);
	sqlite3_bind_blob(t, 3, blob, (int)(to - blob), SQLITE_STATIC);
	err = db_run(s->db, t, eb);
	if (!err)
		staging_count(s, "outbox", 1);
	return err;
}

static enum err mark_read(sqlite3_stmt *t, struct staging_mark *out, struct errbuf *eb)
{
	const unsigned char *from = sqlite3_column_blob(t, 1);
	int bytes = sqlite3_column_bytes(t, 1) - MARK_HEAD;

	if (!from || bytes < MARK_EACH || bytes % MARK_EACH || bytes > MARK_IDS * MARK_EACH)
		return err_set(eb, ERR_CORRUPT, "a mark in the outbox cannot be read");
	*out = (struct staging_mark){.chunk = sqlite3_column_int64(t, 0),
	    .epoch = (int)get_u32(from),
	    .units = get_u32(from + 4),
	    .n = bytes / MARK_EACH};
	from += MARK_HEAD;
	for (int i = 0; i < out->n; i++, from += MARK_EACH) {
		memcpy(out->at + 2 * i, from, 2);
		out->outcome[i] = from[2];
		memcpy(out->ids[i].b, from + 3, CID_BYTES);
	}
	return ERR_OK;
}

enum err staging_mark_get(
    struct staging *s, int64_t seq, struct staging_mark *out, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_OUTBOX_MARK, eb);
	bool row = false;
	enum err err;

	if (!t)
		return ERR_INVALID;
	sqlite3_bind_int64(t, 1, seq);
	err = db_step(s->db, t, &row, eb);
	if (!err && !row)
		err = err_set(eb, ERR_NOTFOUND, "the outbox has no such row");
	if (!err)
		err = mark_read(t, out, eb);
	sqlite3_reset(t);
	return err;
}

static enum err lend_one(
    struct staging *s, const struct cid *cid, int64_t origin, int64_t *added, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_CHANNEL_ADD, eb);
	enum err err;

	if (!t)
		return ERR_INVALID;
	db_bind_cid(t, 1, cid);
	db_bind_text(t, 2, NULL);
	sqlite3_bind_int64(t, 3, origin);
	err = db_run(s->db, t, eb);
	if (err || !sqlite3_changes(s->db))
		return err;
	(*added)++;
	staging_count_new_channels(s, 1);
	return staging_rank_add(s, cid, 1, eb);
}

enum err staging_channels_lend(struct staging *s, const struct cid *ids, int n, int64_t origin,
    int64_t *added, struct errbuf *eb)
{
	enum err err = ERR_OK;

	*added = 0;
	for (int i = 0; i < n && !err; i++)
		err = lend_one(s, &ids[i], origin, added, eb);
	return err;
}
