#include "config.h"
#include "db/staging_numbers.h"
#include "db/staging_core.h"

static enum err number_put(
    struct staging *s, int64_t hour, const char *name, int64_t by, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_NUMBER_ADD, eb);

	if (!t)
		return ERR_INVALID;
	sqlite3_bind_int64(t, 1, hour);
	db_bind_text(t, 2, name);
	sqlite3_bind_int64(t, 3, by);
	return db_run(s->db, t, eb);
}

enum err staging_number_add(
    struct staging *s, int64_t at, const char *name, int64_t by, struct errbuf *eb)
{
	enum err err = number_put(s, 0, name, by, eb);

	return err ? err : number_put(s, at / 3600, name, by, eb);
}

enum err staging_numbers_trim(struct staging *s, int64_t now, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_NUMBERS_TRIM, eb);

	if (!t)
		return ERR_INVALID;
	sqlite3_bind_int64(t, 1, now / 3600 - STAGING_NUMBER_HOURS);
	return db_run(s->db, t, eb);
}

enum err staging_numbers_each(
    struct staging *s, int64_t from_hour, staging_number_fn *fn, void *arg, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, from_hour ? SQL_NUMBERS_HOURS : SQL_NUMBERS_ALL, eb);
	enum err err = ERR_OK;
	bool row = true;

	if (!t)
		return ERR_INVALID;
	if (from_hour)
		sqlite3_bind_int64(t, 1, from_hour);
	while (!err && !(err = db_step(s->db, t, &row, eb)) && row)
		err = fn(arg, sqlite3_column_int64(t, 0), db_column_text(t, 1),
		    sqlite3_column_int64(t, 2), eb);
	sqlite3_reset(t);
	return err == ERR_CANCELLED ? ERR_OK : err;
}
