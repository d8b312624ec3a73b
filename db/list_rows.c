/* The second half of reading a list: the fields of its rows, as JSON. */
#include "config.h"
#include "db/list_walk.h"
#include "db/text_json.h"
#include "engine/base/clock.h"
#include "engine/base/text.h"

#include <string.h>

/* ---- values ---- */

#define PUT(what) static void put_##what(struct str *out, sqlite3_stmt *t, int i)

PUT(text)
{
	text_add_json(
	    out, (const char *)sqlite3_column_text(t, i), (size_t)sqlite3_column_bytes(t, i));
}

PUT(int)
{
	str_addf(out, "%lld", (long long)sqlite3_column_int64(t, i));
}

PUT(real)
{
	str_addf(out, "%.6g", sqlite3_column_double(t, i));
}

PUT(time)
{
	char iso[CLOCK_ISO_SIZE];

	str_addf(out, "\"%s\"", clock_iso_naive_ms(sqlite3_column_int64(t, i) * 1000, iso));
}

PUT(flag)
{
	str_adds(out, sqlite3_column_int(t, i) ? "true" : "false");
}

PUT(cid)
{
	char text[CID_TEXT + 1];
	struct cid cid;

	if (db_column_cid(t, i, &cid))
		str_addf(out, "\"%s\"", cid_format(&cid, text));
	else
		str_adds(out, "null");
}

PUT(uuid)
{
	char text[UUID_TEXT + 1];
	struct uuid uuid;
	struct cid cid;

	if (!db_column_cid(t, i, &cid)) {
		str_adds(out, "null");
		return;
	}
	memcpy(uuid.b, cid.b, sizeof uuid.b);
	str_addf(out, "\"%s\"", uuid_format(&uuid, text));
}

PUT(vid)
{
	char text[VID_TEXT + 1];

	str_addf(out, "\"%s\"", vid_format(sqlite3_column_int64(t, i), text));
}

PUT(state)
{
	int n = sqlite3_column_int(t, i);

	str_addf(out, "\"%s\"",
	    n >= 0 && n < ITEM_STATE_COUNT ? item_state_word((enum item_state)n) : "?");
}

PUT(is_done)
{
	str_adds(out, sqlite3_column_int(t, i) == ITEM_DONE ? "true" : "false");
}

PUT(op)
{
	int n = sqlite3_column_int(t, i);

	str_addf(out, "\"%s\"", n >= 0 && n < OP_COUNT ? op_word((enum op)n) : "?");
}

PUT(job)
{
	str_addf(out, "\"J-%lld\"", (long long)sqlite3_column_int64(t, i));
}

/* Stored by us as a JSON array of texts; anything else in its place is none. */
PUT(array)
{
	struct text_list list = {NULL, -1};
	char **owner = NULL;

	if (text_json_read((const char *)sqlite3_column_text(t, i), &list, &owner) || list.n < 0) {
		str_adds(out, "null");
		return;
	}
	str_addc(out, '[');
	for (int k = 0; k < list.n; k++) {
		str_adds(out, k ? "," : "");
		text_add_json(out, list.items[k], strlen(list.items[k]));
	}
	str_addc(out, ']');
	text_json_free(owner);
}

static void (*const puts_by_kind[])(struct str *, sqlite3_stmt *, int) = {
    [LIST_TEXT] = put_text,
    [LIST_INT] = put_int,
    [LIST_REAL] = put_real,
    [LIST_TIME] = put_time,
    [LIST_FLAG] = put_flag,
    [LIST_CID] = put_cid,
    [LIST_UUID] = put_uuid,
    [LIST_VID] = put_vid,
    [LIST_STATE] = put_state,
    [LIST_IS_DONE] = put_is_done,
    [LIST_OP] = put_op,
    [LIST_JOB] = put_job,
    [LIST_ARRAY] = put_array,
};

/* ---- rows ---- */

static void rows_statement(
    struct list_sql *q, const struct list_thing *t, const int *fields, int n_fields)
{
	unsigned needs = 0, has = t->has;

	list_sql_add(q, "SELECT 1");
	for (int i = 0; i < n_fields; i++) {
		list_sql_add(q, ", %s", t->fields[fields[i]].sql);
		needs |= t->fields[fields[i]].needs;
	}
	list_sql_add(q, " FROM %s", t->from);
	list_sql_joins(q, t, t->has, needs, &has);
	list_sql_add(q, " WHERE 1");
	for (int i = 0; i < LIST_KEYS && t->key[i]; i++)
		list_sql_add(q, " AND %s = ?%d", t->key[i], i + 1);
}

static void rows_object(struct str *out, sqlite3_stmt *t, const struct list_thing *thing,
    const int *fields, int n_fields)
{
	str_addc(out, '{');
	for (int i = 0; i < n_fields; i++) {
		const struct list_field *f = &thing->fields[fields[i]];
		str_addf(out, "%s\"%s\":", i ? "," : "", f->name);
		if (sqlite3_column_type(t, i + 1) == SQLITE_NULL)
			str_adds(out, "null");
		else
			puts_by_kind[f->kind](out, t, i + 1);
	}
	str_addc(out, '}');
}

static enum err rows_one(struct staging *s, sqlite3_stmt *t, const struct list_ask *ask,
    const struct list_spot *spot, struct str *out, struct errbuf *eb)
{
	bool row = false;
	enum err err;

	for (int i = 0; i < LIST_KEYS && ask->thing->key[i]; i++)
		sqlite3_bind_value(t, i + 1, spot->key[i]);
	err = db_step(staging_db(s), t, &row, eb);
	if (!err && row) {
		if (out->len)
			str_addc(out, ',');
		rows_object(out, t, ask->thing, ask->fields, ask->n_fields);
	}
	sqlite3_reset(t);
	return err;
}

enum err list_rows_write(struct staging *s, const struct list_ask *ask,
    const struct list_spot *spots, int n, bool backwards, struct str *out, struct errbuf *eb)
{
	sqlite3_stmt *stmt = NULL;
	struct list_sql q;
	enum err err;

	list_sql_init(&q);
	rows_statement(&q, ask->thing, ask->fields, ask->n_fields);
	err = list_sql_prepare(s, &q, &stmt, eb);
	for (int i = 0; i < n && !err; i++)
		err = rows_one(s, stmt, ask, &spots[backwards ? n - 1 - i : i], out, eb);
	sqlite3_finalize(stmt);
	list_sql_done(&q);
	if (!err && out->err)
		err = err_set(eb, out->err, "the rows are too long together: ask for fewer");
	return err;
}

enum err list_row(struct staging *s, const struct list_thing *t, const struct cid *cid,
    const int *fields, int n_fields, struct str *out, struct errbuf *eb)
{
	sqlite3_stmt *stmt = NULL;
	struct list_sql q;
	bool row = false;
	enum err err;

	list_sql_init(&q);
	rows_statement(&q, t, fields, n_fields);
	err = list_sql_prepare(s, &q, &stmt, eb);
	if (!err) {
		db_bind_cid(stmt, 1, cid);
		err = db_step(staging_db(s), stmt, &row, eb);
	}
	if (!err && row)
		rows_object(out, stmt, t, fields, n_fields);
	else if (!err)
		err = err_set(eb, ERR_NOTFOUND, "there is no such channel");
	sqlite3_finalize(stmt);
	list_sql_done(&q);
	return err;
}
