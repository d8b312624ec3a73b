#include "config.h"
#include "db/staging_shared.h"
#include "db/staging_core.h"
#include "db/staging_rank.h"

#include <string.h>

/* A mark as the key of its row: epoch (4 bytes), operation, units (3), then of each id its place, what became
 * of it and itself; of videos its facts too. */
enum {
	MARK_HEAD = 8,
	MARK_EACH = 3 + CID_BYTES,
	MARK_FACTS = 8,
	MARK_BYTES = MARK_HEAD + MARK_IDS * (MARK_EACH + MARK_FACTS),
	MARK_UNITS = 0xffffff
};

static int mark_each(enum op op)
{
	return MARK_EACH + (op == OP_VIDEOS ? MARK_FACTS : 0);
}

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
	put_u32(blob + 4, m->units < MARK_UNITS ? m->units : MARK_UNITS);
	blob[4] = (unsigned char)m->op;
	for (int i = 0; i < m->n; i++, to += mark_each(m->op)) {
		memcpy(to, m->at + 2 * i, 2);
		to[2] = m->outcome[i];
		memcpy(to + 3, m->ids[i].b, CID_BYTES);
		if (m->op != OP_VIDEOS)
			continue;
		put_u32(to + MARK_EACH, (int64_t)(m->facts[i] >> 32));
		put_u32(to + MARK_EACH + 4, (int64_t)(m->facts[i] & 0xffffffff));
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
	enum op op = from && bytes > 0 && from[4] < OP_COUNT ? (enum op)from[4] : OP_COUNT;
	int each = mark_each(op);

	if (op == OP_COUNT || bytes < each || bytes % each || bytes > MARK_IDS * each)
		return err_set(eb, ERR_CORRUPT, "a mark in the outbox cannot be read");
	*out = (struct staging_mark){.chunk = sqlite3_column_int64(t, 0),
	    .epoch = (int)get_u32(from),
	    .op = op,
	    .units = get_u32(from + 4) & MARK_UNITS,
	    .n = bytes / each};
	from += MARK_HEAD;
	for (int i = 0; i < out->n; i++, from += each) {
		memcpy(out->at + 2 * i, from, 2);
		out->outcome[i] = from[2];
		memcpy(out->ids[i].b, from + 3, CID_BYTES);
		if (op == OP_VIDEOS)
			out->facts[i] = (uint64_t)get_u32(from + MARK_EACH) << 32 |
			                (uint64_t)get_u32(from + MARK_EACH + 4);
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

enum err staging_marks_wait(struct staging *s, int64_t chunk, bool *any, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_OUTBOX_MARKS, eb);
	bool row = false;
	enum err err;

	if (!t)
		return ERR_INVALID;
	sqlite3_bind_int64(t, 1, chunk);
	err = db_step(s->db, t, &row, eb);
	*any = !err && row && sqlite3_column_int(t, 0) != 0;
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
