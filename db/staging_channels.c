/* Channels: states, metadata, absences, dead letters, and reading them in key order. */
#include "config.h"
#include "db/staging_core.h"
#include "db/staging_sums.h"
#include "db/text_json.h"
#include "engine/base/clock.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	enum staging_sql state, set, done, reopen;
} staging_op_sql[OP_COUNT] = {
    [OP_METADATA] = {SQL_STATE_METADATA, SQL_SET_METADATA, SQL_DONE_METADATA, SQL_REOPEN_METADATA},
    [OP_VIDEOS] = {SQL_STATE_VIDEOS, SQL_SET_VIDEOS, SQL_DONE_VIDEOS, SQL_REOPEN_VIDEOS},
    [OP_DISCOVERY] = {SQL_STATE_DISCOVERY, SQL_SET_DISCOVERY, SQL_DONE_DISCOVERY,
        SQL_REOPEN_DISCOVERY},
};

/* ---- states ---- */

static enum err staging_state_get(
    struct staging *s, enum op op, const struct cid *cid, enum item_state *out, struct errbuf *eb)
{
	sqlite3_stmt *stmt = staging_stmt(s, staging_op_sql[op].state, eb);
	bool row;
	enum err err;

	if (!stmt)
		return ERR_INVALID;
	db_bind_cid(stmt, 1, cid);
	err = db_step(s->db, stmt, &row, eb);
	if (err)
		return err;
	if (!row) {
		char text[CID_TEXT + 1];
		return err_set(
		    eb, ERR_NOTFOUND, "channel %s is not in staging", cid_format(cid, text));
	}
	*out = (enum item_state)sqlite3_column_int(stmt, 0);
	sqlite3_reset(stmt);
	return ERR_OK;
}

static enum err staging_drop(
    struct staging *s, enum staging_sql which, enum op op, const struct cid *cid, struct errbuf *eb)
{
	sqlite3_stmt *stmt = staging_stmt(s, which, eb);

	if (!stmt)
		return ERR_INVALID;
	db_bind_cid(stmt, 1, cid);
	sqlite3_bind_int(stmt, 2, (int)op);
	return db_run(s->db, stmt, eb);
}

/* The sums follow a state that was changed. */
static enum err staging_state_sum(
    struct staging *s, enum op op, const struct cid *cid, enum item_state old, struct errbuf *eb)
{
	struct sums_channel was, is;
	bool counted = op != OP_DISCOVERY;
	enum err err = ERR_OK;

	if (op == OP_METADATA) /* usually it is to come yet */
		err = staging_sums_has_meta(s, cid, &counted, eb);
	if (err || !counted)
		return err;
	err = staging_sums_look(s, cid, &is, eb);
	if (err || !is.has_meta)
		return err;
	was = is;
	*(op == OP_METADATA ? &was.metadata : &was.videos) = old;
	staging_sums_move(s, &was, &is);
	return ERR_OK;
}

/* Metadata enters the outbox when it is stored; what else was done with a channel may change no row
 * but its own. */
static enum err staging_state_tell(
    struct staging *s, enum op op, const struct cid *cid, enum item_state state, struct errbuf *eb)
{
	return op == OP_METADATA || state != ITEM_DONE
	           ? ERR_OK
	           : staging_outbox_add(s, OUTBOX_CHANNEL, 0, cid, eb);
}

enum err staging_state_set(struct staging *s, enum op op, const struct cid *cid,
    enum item_state state, enum item_state *was, struct errbuf *eb)
{
	enum item_state old = ITEM_PENDING;
	sqlite3_stmt *stmt;
	enum err err = staging_state_get(s, op, cid, &old, eb);

	if (err)
		return err;
	if (was)
		*was = old;
	if (old == state)
		return ERR_OK;
	stmt = staging_stmt(s, staging_op_sql[op].set, eb);
	if (!stmt)
		return ERR_INVALID;
	db_bind_cid(stmt, 1, cid);
	sqlite3_bind_int(stmt, 2, (int)state);
	err = db_run(s->db, stmt, eb);
	/* what an old state left behind goes with it */
	if (!err && (old == ITEM_ABSENT || old == ITEM_MISSING) && state != ITEM_ABSENT &&
	    state != ITEM_MISSING)
		err = staging_drop(s, SQL_ABSENCE_DROP, op, cid, eb);
	if (!err && old == ITEM_FAILED)
		err = staging_drop(s, SQL_DEAD_DROP, op, cid, eb);
	if (!err)
		err = staging_state_sum(s, op, cid, old, eb);
	if (!err)
		err = staging_state_tell(s, op, cid, state, eb);
	if (err)
		return err;
	staging_count_item(s, op, old, -1);
	staging_count_item(s, op, state, 1);
	return ERR_OK;
}

enum err staging_states_reopen(struct staging *s, enum op op, int64_t *n, struct errbuf *eb)
{
	sqlite3_stmt *stmt = staging_stmt(s, staging_op_sql[op].reopen, eb);
	enum err err = stmt ? db_run(s->db, stmt, eb) : ERR_INVALID;

	*n = err ? 0 : sqlite3_changes64(s->db);
	staging_count_item(s, op, ITEM_DONE, -*n);
	staging_count_item(s, op, ITEM_PENDING, *n);
	return err || op == OP_DISCOVERY ? err : staging_sums_anew(s, eb);
}

enum err staging_state_done(
    struct staging *s, enum op op, const struct cid *cid, bool *moved, struct errbuf *eb)
{
	sqlite3_stmt *stmt = staging_stmt(s, staging_op_sql[op].done, eb);
	enum err err;

	if (!stmt)
		return ERR_INVALID;
	db_bind_cid(stmt, 1, cid);
	err = db_run(s->db, stmt, eb);
	*moved = !err && sqlite3_changes(s->db) > 0;
	if (*moved) {
		staging_count_item(s, op, ITEM_PENDING, -1);
		staging_count_item(s, op, ITEM_DONE, 1);
		err = staging_state_sum(s, op, cid, ITEM_PENDING, eb);
		if (!err)
			err = staging_state_tell(s, op, cid, ITEM_DONE, eb);
	}
	return err;
}

/* days is 0 when there is no absence */
static enum err staging_absence_get(struct staging *s, enum op op, const struct cid *cid, int *days,
    int64_t *job, struct errbuf *eb)
{
	sqlite3_stmt *stmt = staging_stmt(s, SQL_ABSENCE_GET, eb);
	bool row = false;
	enum err err;

	if (!stmt)
		return ERR_INVALID;
	db_bind_cid(stmt, 1, cid);
	sqlite3_bind_int(stmt, 2, (int)op);
	err = db_step(s->db, stmt, &row, eb);
	*days = !err && row ? sqlite3_column_int(stmt, 0) : 0;
	*job = !err && row ? sqlite3_column_int64(stmt, 1) : 0;
	sqlite3_reset(stmt);
	return err;
}

enum err staging_absence_job(
    struct staging *s, enum op op, const struct cid *cid, int64_t *job, struct errbuf *eb)
{
	int days;

	return staging_absence_get(s, op, cid, &days, job, eb);
}

enum err staging_absence(struct staging *s, enum op op, const struct cid *cid, int64_t day,
    int64_t job, enum item_state *now, struct errbuf *eb)
{
	sqlite3_stmt *stmt = staging_stmt(s, SQL_ABSENCE_PUT, eb);
	int days = 0;
	enum err err;

	if (!stmt)
		return ERR_INVALID;
	db_bind_cid(stmt, 1, cid);
	sqlite3_bind_int(stmt, 2, (int)op);
	sqlite3_bind_int64(stmt, 3, day);
	sqlite3_bind_int64(stmt, 4, job);
	err = db_run(s->db, stmt, eb);
	if (!err)
		err = staging_absence_get(s, op, cid, &days, &job, eb);
	*now = days >= 2 ? ITEM_MISSING : ITEM_ABSENT;
	if (!err)
		err = staging_state_set(s, op, cid, *now, NULL, eb);
	return err ? err : staging_outbox_add(s, OUTBOX_CHANNEL, 0, cid, eb);
}

/* ---- reading ---- */

/* The keyword and topic lists of one row; freed after its callback. */
struct staging_lists {
	char **keywords, **topics;
};

static enum err staging_read_meta(
    sqlite3_stmt *t, struct channel_meta *m, struct staging_lists *lists, struct errbuf *eb)
{
	m->fetched_at = sqlite3_column_int64(t, 8);
	m->title = db_column_text(t, 9);
	m->description = db_column_text(t, 10);
	m->custom_url = db_column_text(t, 11);
	m->published_at = db_column_int_or(t, 12, INT64_MIN);
	m->country = db_column_text(t, 13);
	m->default_language = db_column_text(t, 14);
	m->thumbnail_url = db_column_text(t, 15);
	m->banner_url = db_column_text(t, 16);
	m->subscriber_count = db_column_int_or(t, 17, COUNT_NONE);
	m->hidden_subscribers = (int)db_column_int_or(t, 18, -1);
	m->video_count = db_column_int_or(t, 19, COUNT_NONE);
	m->view_count = db_column_int_or(t, 20, COUNT_NONE);
	m->privacy_status = db_column_text(t, 21);
	m->made_for_kids = (int)db_column_int_or(t, 22, -1);
	m->language = db_column_text(t, 25);
	m->language_source = db_column_text(t, 26);
	m->language_confidence = (int)db_column_int_or(t, 27, 0);
	m->etag = db_column_text(t, 28);
	if (text_json_read(db_column_text(t, 23), &m->keywords, &lists->keywords) ||
	    text_json_read(db_column_text(t, 24), &m->topics, &lists->topics))
		return err_set(eb, ERR_NOMEM, "out of memory");
	return ERR_OK;
}

static enum err staging_read_channel(
    sqlite3_stmt *t, staging_channel_fn *fn, void *arg, struct errbuf *eb)
{
	struct channel_row row = {0};
	struct staging_lists lists = {NULL, NULL};
	enum err err = ERR_OK;

	if (!db_column_cid(t, 0, &row.cid))
		return err_set(eb, ERR_CORRUPT, "staging: a channel key has a wrong length");
	row.source = db_column_text(t, 1);
	row.import_title = db_column_text(t, 2);
	row.import_description = db_column_text(t, 3);
	row.created_at = sqlite3_column_int64(t, 4);
	for (int op = 0; op < OP_COUNT; op++)
		row.state[op] = (enum item_state)sqlite3_column_int(t, 5 + op);
	row.has_meta = sqlite3_column_type(t, 8) != SQLITE_NULL;
	if (row.has_meta) {
		row.meta.cid = row.cid;
		err = staging_read_meta(t, &row.meta, &lists, eb);
	}
	if (!err)
		err = fn(arg, &row, eb);
	text_json_free(lists.keywords);
	text_json_free(lists.topics);
	return err;
}

static enum err staging_walk(struct staging *s, sqlite3_stmt *stmt, const struct cid *after,
    int64_t max, staging_channel_fn *fn, void *arg, struct errbuf *eb)
{
	enum err err = ERR_OK;
	bool row = true;

	if (after)
		db_bind_cid(stmt, 1, after);
	else
		sqlite3_bind_zeroblob(stmt, 1, 0);
	sqlite3_bind_int64(stmt, 2, max ? max : -1);
	while (!err && !(err = db_step(s->db, stmt, &row, eb)) && row)
		err = staging_read_channel(stmt, fn, arg, eb);
	sqlite3_reset(stmt);
	return err == ERR_CANCELLED ? ERR_OK : err;
}

enum err staging_channels_each(struct staging *s, const struct cid *after, int64_t max,
    staging_channel_fn *fn, void *arg, struct errbuf *eb)
{
	sqlite3_stmt *stmt = staging_stmt(s, SQL_CHANNELS_EACH, eb);

	return stmt ? staging_walk(s, stmt, after, max, fn, arg, eb) : ERR_INVALID;
}

enum err staging_origin_channels_each(struct staging *s, int64_t origin, const struct cid *after,
    int64_t max, staging_channel_fn *fn, void *arg, struct errbuf *eb)
{
	sqlite3_stmt *stmt = staging_stmt(s, SQL_CHANNELS_OF_ORIGIN, eb);

	if (!stmt)
		return ERR_INVALID;
	sqlite3_bind_int64(stmt, 3, origin);
	return staging_walk(s, stmt, after, max, fn, arg, eb);
}

enum err staging_channel_get(
    struct staging *s, const struct cid *cid, staging_channel_fn *fn, void *arg, struct errbuf *eb)
{
	sqlite3_stmt *stmt = staging_stmt(s, SQL_CHANNEL_GET, eb);
	bool row = false;
	enum err err;

	if (!stmt)
		return ERR_INVALID;
	db_bind_cid(stmt, 1, cid);
	sqlite3_bind_int(stmt, 2, 1);
	err = db_step(s->db, stmt, &row, eb);
	if (!err && !row)
		err = err_set(eb, ERR_NOTFOUND, "no such channel in staging");
	if (!err)
		err = staging_read_channel(stmt, fn, arg, eb);
	sqlite3_reset(stmt);
	return err;
}

enum err staging_channel_by_name(
    struct staging *s, const char *kind, const char *name, struct cid *cid, struct errbuf *eb)
{
	sqlite3_stmt *stmt = staging_stmt(s, SQL_CHANNEL_BY_NAME, eb);
	bool row = false;
	enum err err;

	if (!stmt)
		return ERR_INVALID;
	db_bind_text(stmt, 1, kind);
	db_bind_text(stmt, 2, name);
	err = db_step(s->db, stmt, &row, eb);
	if (!err && (!row || !db_column_cid(stmt, 0, cid)))
		err = err_set(eb, ERR_NOTFOUND, "no channel of this name in staging");
	sqlite3_reset(stmt);
	return err;
}
