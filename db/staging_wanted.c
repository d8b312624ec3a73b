#include "config.h"
#include "db/staging_wanted.h"
#include "db/staging_core.h"
#include "engine/base/clock.h"

enum err staging_wanted_open(struct staging *s, const char *name, int64_t *list, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_WANTED_OPEN, eb);
	bool row = false;
	enum err err;

	*list = 0;
	if (!t)
		return ERR_INVALID;
	db_bind_text(t, 1, name);
	sqlite3_bind_int64(t, 2, clock_now());
	err = db_step(s->db, t, &row, eb);
	if (!err && row)
		*list = sqlite3_column_int64(t, 0);
	sqlite3_reset(t);
	return err;
}

enum err staging_wanted_clear(
    struct staging *s, const char *name, int64_t max, int64_t *n, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_WANTED_CLEAR, eb);
	enum err err;

	*n = 0;
	if (!t)
		return ERR_INVALID;
	db_bind_text(t, 1, name);
	sqlite3_bind_int64(t, 2, max);
	err = db_run(s->db, t, eb);
	if (!err)
		*n = sqlite3_changes64(s->db);
	return err;
}

enum err staging_wanted_drop(struct staging *s, const char *name, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_WANTED_DROP, eb);

	if (!t)
		return ERR_INVALID;
	db_bind_text(t, 1, name);
	return db_run(s->db, t, eb);
}

/* Lists of jobs have the job's number, below zero: AUTOINCREMENT never comes there. */
enum err staging_wanted_give(
    struct staging *s, int64_t job, const struct cid *cid, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_WANTED_GIVE, eb);

	if (!t)
		return ERR_INVALID;
	sqlite3_bind_int64(t, 1, job);
	db_bind_cid(t, 2, cid);
	return db_run(s->db, t, eb);
}
