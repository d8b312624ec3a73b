#include "config.h"
#include "db/staging_schedules.h"
#include "db/staging_core.h"

static void schedule_read(sqlite3_stmt *t, struct schedule_row *r)
{
	*r = (struct schedule_row){.name = db_column_text(t, 0),
	    .type = db_column_text(t, 1),
	    .params = db_column_text(t, 2),
	    .rule = (enum schedule_rule)sqlite3_column_int(t, 3),
	    .n = sqlite3_column_int64(t, 4),
	    .enabled = sqlite3_column_int(t, 5) != 0,
	    .own = sqlite3_column_int(t, 6) != 0,
	    .next_at = sqlite3_column_int64(t, 7),
	    .last_at = sqlite3_column_int64(t, 8),
	    .note = db_column_text(t, 9)};
}

enum err staging_schedules_each(
    struct staging *s, staging_schedule_fn *fn, void *arg, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_SCHEDULES, eb);
	enum err err = ERR_OK;
	bool row = true;

	if (!t)
		return ERR_INVALID;
	while (!err && !(err = db_step(s->db, t, &row, eb)) && row) {
		struct schedule_row r;
		schedule_read(t, &r);
		err = fn(arg, &r, eb);
	}
	sqlite3_reset(t);
	return err == ERR_CANCELLED ? ERR_OK : err;
}

enum err staging_schedule_add(struct staging *s, const struct schedule_row *row, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_SCHEDULE_ADD, eb);
	enum err err;

	if (!t)
		return ERR_INVALID;
	db_bind_text(t, 1, row->name);
	db_bind_text(t, 2, row->type);
	db_bind_text(t, 3, row->params);
	sqlite3_bind_int(t, 4, (int)row->rule);
	sqlite3_bind_int64(t, 5, row->n);
	err = db_run(s->db, t, eb);
	if (!err && !sqlite3_changes(s->db))
		err = err_set(eb, ERR_EXISTS, "there is a schedule \"%.60s\" already", row->name);
	return err;
}

/* Runs a statement that must change the row of this name. */
static enum err schedule_change(
    struct staging *s, sqlite3_stmt *t, const char *name, struct errbuf *eb)
{
	enum err err = db_run(s->db, t, eb);

	if (!err && !sqlite3_changes(s->db))
		err = err_set(eb, ERR_NOTFOUND, "there is no schedule \"%.60s\"", name);
	return err;
}

enum err staging_schedule_enable(struct staging *s, const char *name, bool on, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_SCHEDULE_ENABLE, eb);

	if (!t)
		return ERR_INVALID;
	db_bind_text(t, 1, name);
	sqlite3_bind_int(t, 2, on);
	return schedule_change(s, t, name, eb);
}

enum err staging_schedule_set(struct staging *s, const char *name, int64_t next_at, int64_t last_at,
    const char *note, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_SCHEDULE_SET, eb);

	if (!t)
		return ERR_INVALID;
	db_bind_text(t, 1, name);
	sqlite3_bind_int64(t, 2, next_at);
	sqlite3_bind_int64(t, 3, last_at);
	db_bind_text(t, 4, note);
	return schedule_change(s, t, name, eb);
}

struct schedule_find {
	const char *name;
	bool own;
};

static enum err schedule_find_row(void *arg, const struct schedule_row *row, struct errbuf *eb)
{
	struct schedule_find *f = arg;

	(void)eb;
	if (sqlite3_stricmp(row->name, f->name) == 0)
		f->own = row->own;
	return ERR_OK;
}

enum err staging_schedule_remove(struct staging *s, const char *name, struct errbuf *eb)
{
	struct schedule_find f = {name, false};
	enum err err = staging_schedules_each(s, schedule_find_row, &f, eb);
	sqlite3_stmt *t;

	if (!err && f.own)
		err = err_set(eb, ERR_DENIED,
		    "\"%.60s\" belongs to the program: it can be disabled, not removed", name);
	t = err ? NULL : staging_stmt(s, SQL_SCHEDULE_REMOVE, eb);
	if (!t)
		return err ? err : ERR_INVALID;
	db_bind_text(t, 1, name);
	return schedule_change(s, t, name, eb);
}
