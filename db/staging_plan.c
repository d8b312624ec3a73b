#include "config.h"
#include "db/staging_plan.h"
#include "db/staging_core.h"

enum err staging_plan_each(struct staging *s, staging_plan_fn *fn, void *arg, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_PLAN, eb);
	enum err err = ERR_OK;
	bool row = true;

	if (!t)
		return ERR_INVALID;
	while (!err && !(err = db_step(s->db, t, &row, eb)) && row)
		fn(arg, db_column_text(t, 0), sqlite3_column_int64(t, 1));
	sqlite3_reset(t);
	return err;
}

enum err staging_plan_put(struct staging *s, const char *name, int64_t value, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_PLAN_PUT, eb);

	if (!t)
		return ERR_INVALID;
	db_bind_text(t, 1, name);
	sqlite3_bind_int64(t, 2, value);
	return db_run(s->db, t, eb);
}
