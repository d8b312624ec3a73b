#include "config.h"
#include "db/staging_history.h"
#include "db/staging_core.h"

#include "engine/base/text.h"

#include <string.h>

/* When an operation was done. Of a discovery that found nothing no time is kept. */
static const char *const history_done[OP_COUNT] = {
    [OP_METADATA] = "SELECT fetched_at FROM channel_meta WHERE cid = ?1",
    [OP_VIDEOS] = "SELECT at FROM upload_list WHERE cid = ?1",
    [OP_DISCOVERY] = "SELECT max(last_seen) FROM edge WHERE source = ?1",
};

/* One row of a statement with the channel as ?1 and the operation as ?2. */
static enum err history_row(struct staging *s, const char *sql, const struct cid *cid, enum op op,
    sqlite3_stmt **out, bool *row, struct errbuf *eb)
{
	enum err err;

	*out = NULL;
	*row = false;
	err = db_prepare(s->db, out, sql, eb);
	if (err)
		return err;
	db_bind_cid(*out, 1, cid);
	if (sqlite3_bind_parameter_count(*out) > 1)
		sqlite3_bind_int(*out, 2, (int)op);
	return db_step(s->db, *out, row, eb);
}

static enum err history_detail(struct staging *s, const struct cid *cid, enum op op,
    struct channel_event *e, struct errbuf *eb)
{
	static const char absent[] =
	    "SELECT last_day * 86400, job, days, '' FROM absence WHERE cid = ?1 AND op = ?2";
	static const char failed[] =
	    "SELECT at, job, attempts, reason FROM dead_letter WHERE cid = ?1 AND op = ?2";
	const char *sql = e->state == ITEM_DONE     ? history_done[op]
	                  : e->state == ITEM_FAILED ? failed
	                                            : absent;
	sqlite3_stmt *t;
	bool row;
	enum err err = history_row(s, sql, cid, op, &t, &row, eb);

	if (row) {
		e->at = sqlite3_column_int64(t, 0);
		e->job = sqlite3_column_int64(t, 1);
		e->attempts = sqlite3_column_int64(t, 2);
		if (sqlite3_column_count(t) > 3 && db_column_text(t, 3)) {
			const char *reason = db_column_text(t, 3);
			size_t len = text_utf8_cut(reason, strlen(reason), sizeof e->reason - 1);
			memcpy(e->reason, reason, len);
			e->reason[len] = '\0';
		}
	}
	sqlite3_finalize(t);
	return err;
}

enum err staging_channel_events(struct staging *s, const struct cid *cid,
    struct channel_event events[OP_COUNT], struct errbuf *eb)
{
	sqlite3_stmt *t;
	bool row;
	enum err err =
	    history_row(s, "SELECT metadata, videos, discovery FROM channel WHERE cid = ?1", cid,
	        OP_NONE, &t, &row, eb);

	for (int op = 0; op < OP_COUNT; op++)
		events[op] = (struct channel_event){
		    .state = row ? (enum item_state)sqlite3_column_int(t, op) : ITEM_PENDING};
	sqlite3_finalize(t);
	if (!err && !row)
		err = err_set(eb, ERR_NOTFOUND, "there is no such channel");
	for (int op = 0; op < OP_COUNT && !err; op++)
		if (events[op].state != ITEM_PENDING)
			err = history_detail(s, cid, (enum op)op, &events[op], eb);
	return err;
}

enum err staging_channel_links(
    struct staging *s, const struct cid *cid, struct channel_links *out, struct errbuf *eb)
{
	sqlite3_stmt *t;
	bool row;
	enum err err = history_row(s,
	    "SELECT count(*), coalesce(sum(known = 0), 0) FROM edge WHERE source = ?1", cid,
	    OP_NONE, &t, &row, eb);

	*out = (struct channel_links){0};
	if (row) {
		out->to = sqlite3_column_int64(t, 0);
		out->to_new = sqlite3_column_int64(t, 1);
	}
	sqlite3_finalize(t);
	if (err)
		return err;
	err = history_row(
	    s, "SELECT count(*) FROM edge WHERE target = ?1", cid, OP_NONE, &t, &row, eb);
	out->from = row ? sqlite3_column_int64(t, 0) : 0;
	sqlite3_finalize(t);
	return err;
}
