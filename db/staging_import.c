#include "config.h"
#include "db/staging_import.h"
#include "db/staging_erase.h"
#include "db/staging_rank.h"

#include <stdlib.h>

enum { FEED_CID, FEED_TITLE, FEED_DESCRIPTION, FEED_ROWS };
/* idxNum: the feed is given (always), only rows with a description are wanted */
enum { FEED_GIVEN = 1, FEED_TEXTS = 2 };
enum { FEED_STOP_EVERY = 1024 }; /* rows between two looks at the stop flag */

/* The type of the pointer that a statement passes to import_feed(?). */
static const char feed_pointer[] = "tubeops import";

struct feed_cursor {
	sqlite3_vtab_cursor base; /* first, as above */
	const struct staging_import_row *at, *end;
	struct staging_import *import;
	bool texts; /* only rows with a description */
};

static int feed_connect(
    sqlite3 *db, void *aux, int argc, const char *const *argv, sqlite3_vtab **out, char **message)
{
	int rc =
	    sqlite3_declare_vtab(db, "CREATE TABLE feed(cid, title, description, rows HIDDEN)");

	(void)aux;
	(void)argc;
	(void)argv;
	(void)message;
	if (rc != SQLITE_OK)
		return rc;
	*out = calloc(1, sizeof **out);
	return *out ? SQLITE_OK : SQLITE_NOMEM;
}

static int feed_disconnect(sqlite3_vtab *base)
{
	free(base);
	return SQLITE_OK;
}

/* The rows lie in key order, so ORDER BY cid costs nothing. */
static int feed_best_index(sqlite3_vtab *base, sqlite3_index_info *info)
{
	(void)base;
	info->estimatedCost = 1e6;
	info->estimatedRows = 1000000;
	info->orderByConsumed =
	    info->nOrderBy == 1 && info->aOrderBy[0].iColumn == FEED_CID && !info->aOrderBy[0].desc;
	for (int i = 0; i < info->nConstraint; i++) {
		int column = info->aConstraint[i].iColumn, op = info->aConstraint[i].op;
		struct sqlite3_index_constraint_usage *usage = &info->aConstraintUsage[i];
		if (!info->aConstraint[i].usable)
			continue;
		if (column == FEED_ROWS && op == SQLITE_INDEX_CONSTRAINT_EQ) {
			usage->argvIndex = 1;
			usage->omit = 1;
			info->idxNum |= FEED_GIVEN;
		} else if (column == FEED_DESCRIPTION && op == SQLITE_INDEX_CONSTRAINT_ISNOTNULL) {
			info->idxNum |= FEED_TEXTS; /* SQLite still looks itself: no omit */
		}
	}
	return info->idxNum & FEED_GIVEN ? SQLITE_OK : SQLITE_CONSTRAINT;
}

static int feed_open(sqlite3_vtab *base, sqlite3_vtab_cursor **out)
{
	struct feed_cursor *c = calloc(1, sizeof *c);

	(void)base;
	if (!c)
		return SQLITE_NOMEM;
	*out = &c->base;
	return SQLITE_OK;
}

static int feed_close(sqlite3_vtab_cursor *base)
{
	free((struct feed_cursor *)base);
	return SQLITE_OK;
}

static void feed_pass_textless(struct feed_cursor *c)
{
	while (c->texts && c->at < c->end && !c->at->description_len)
		c->at++;
}

static int feed_filter(
    sqlite3_vtab_cursor *base, int number, const char *text, int argc, sqlite3_value **argv)
{
	struct feed_cursor *c = (struct feed_cursor *)base;
	struct staging_import *im = argc ? sqlite3_value_pointer(argv[0], feed_pointer) : NULL;

	(void)text;
	c->import = im;
	if (!im) /* somebody else's statement: an empty table */
		return SQLITE_OK;
	c->texts = number & FEED_TEXTS;
	c->at = im->rows;
	/* descriptions only of the rows that the first pass took */
	c->end = im->rows + (c->texts ? im->taken : im->n);
	feed_pass_textless(c);
	return SQLITE_OK;
}

static int feed_next(sqlite3_vtab_cursor *base)
{
	struct feed_cursor *c = (struct feed_cursor *)base;
	struct staging_import *im = c->import;

	c->at++;
	if (c->texts) {
		feed_pass_textless(c);
		return SQLITE_OK;
	}
	im->taken = (size_t)(c->at - im->rows);
	if (im->taken % FEED_STOP_EVERY == 0 && im->stop &&
	    atomic_load_explicit(im->stop, memory_order_relaxed))
		c->end = c->at; /* what was taken is kept */
	return SQLITE_OK;
}

static int feed_eof(sqlite3_vtab_cursor *base)
{
	const struct feed_cursor *c = (const struct feed_cursor *)base;

	return c->at >= c->end;
}

static void feed_text(sqlite3_context *ctx, const char *text, size_t len)
{
	if (len)
		sqlite3_result_text(ctx, text, (int)len, SQLITE_STATIC);
}

static int feed_column(sqlite3_vtab_cursor *base, sqlite3_context *ctx, int column)
{
	const struct staging_import_row *row = ((const struct feed_cursor *)base)->at;

	if (column == FEED_CID)
		sqlite3_result_blob(ctx, row->cid.b, CID_BYTES, SQLITE_STATIC);
	else if (column == FEED_TITLE)
		feed_text(ctx, row->text, row->title_len);
	else if (column == FEED_DESCRIPTION)
		feed_text(ctx, row->text + row->title_len, row->description_len);
	return SQLITE_OK;
}

static int feed_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *out)
{
	const struct feed_cursor *c = (const struct feed_cursor *)base;

	*out = c->at - c->import->rows;
	return SQLITE_OK;
}

/* No xCreate: the table exists by its name alone, on this connection, while it is registered. */
static const sqlite3_module feed_module = {
    .xConnect = feed_connect,
    .xBestIndex = feed_best_index,
    .xDisconnect = feed_disconnect,
    .xOpen = feed_open,
    .xClose = feed_close,
    .xFilter = feed_filter,
    .xNext = feed_next,
    .xEof = feed_eof,
    .xColumn = feed_column,
    .xRowid = feed_rowid,
};

enum err staging_import_register(struct staging *s, struct errbuf *eb)
{
	sqlite3 *db = staging_db(s);

	if (sqlite3_create_module_v2(db, "import_feed", &feed_module, NULL, NULL) != SQLITE_OK)
		return db_error(db, "import", eb);
	return ERR_OK;
}

static enum err import_statement(sqlite3 *db, const char *sql, struct staging_import *im,
    int64_t number, int64_t *changes, struct errbuf *eb)
{
	sqlite3_stmt *stmt = NULL;
	enum err err = db_prepare(db, &stmt, sql, eb);
	sqlite3_int64 before = sqlite3_total_changes64(db);

	if (!err) {
		sqlite3_bind_pointer(stmt, 1, im, feed_pointer, NULL);
		sqlite3_bind_int64(stmt, 2, number);
		err = db_run(db, stmt, eb);
	}
	sqlite3_finalize(stmt);
	*changes = sqlite3_total_changes64(db) - before;
	return err;
}

/* Another pass over the rows that were taken, which it does not count again. */
static enum err import_wanted(sqlite3 *db, struct staging_import *im, struct errbuf *eb)
{
	static const char wanted[] = "INSERT OR IGNORE INTO wanted(list, cid) SELECT ?2, f.cid "
	                             "FROM import_feed(?1) f CROSS JOIN channel c ON c.cid = f.cid "
	                             "WHERE c.metadata IN (0, 2) ORDER BY f.cid";
	struct staging_import again = *im;

	again.n = im->taken;
	again.stop = NULL;
	return import_statement(db, wanted, &again, im->wanted_list, &im->wanted, eb);
}

/* Their rows were ignored; only for the report it matters how many. */
static enum err import_count_erased(struct staging *s, struct staging_import *im, struct errbuf *eb)
{
	enum err err = staging_erased_count(s, &im->erased, eb);
	int64_t n = 0;

	if (err || !im->erased)
		return err;
	for (size_t i = 0; i < im->taken && !err; i++) {
		bool erased = false;
		err = staging_is_erased(s, &im->rows[i].cid, &erased, eb);
		n += erased;
	}
	im->erased = n;
	return err;
}

enum err staging_import_put(struct staging *s, struct staging_import *im, struct errbuf *eb)
{
	static const char channels[] = "INSERT OR IGNORE INTO channel(cid, title, origin) "
	                               "SELECT cid, title, ?2 FROM import_feed(?1) ORDER BY cid";
	static const char texts[] = "INSERT OR IGNORE INTO channel_text(cid, description) "
	                            "SELECT cid, description FROM import_feed(?1) "
	                            "WHERE description IS NOT NULL ORDER BY cid";
	sqlite3 *db = staging_db(s);
	int64_t ignored;
	enum err err;

	im->taken = 0;
	im->added = 0;
	im->wanted = 0;
	if (im->stop && atomic_load_explicit(im->stop, memory_order_relaxed))
		return err_set(eb, ERR_CANCELLED, "the import was stopped");
	err = import_statement(db, channels, im, im->origin, &im->added, eb);
	if (!err && im->has_descriptions)
		err = import_statement(db, texts, im, im->origin, &ignored, eb);
	if (!err && im->wanted_list)
		err = import_wanted(db, im, eb);
	if (!err)
		err = import_count_erased(s, im, eb);
	if (!err)
		err = staging_rank_import(s, im, eb);
	if (!err)
		staging_count_new_channels(s, im->added);
	return err;
}

static enum err import_outbox_row(
    sqlite3 *db, const char *sql, int64_t seq, int64_t origin, int64_t *found, struct errbuf *eb)
{
	sqlite3_stmt *stmt = NULL;
	bool row = false;
	enum err err = db_prepare(db, &stmt, sql, eb);

	*found = 0;
	if (!err) {
		sqlite3_bind_int64(stmt, 1, seq);
		sqlite3_bind_int64(stmt, 2, origin);
		sqlite3_bind_int64(stmt, 3, OUTBOX_ORIGIN);
		err = db_step(db, stmt, &row, eb);
	}
	if (!err && row)
		*found = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return err;
}

enum err staging_import_outbox(struct staging *s, int64_t origin, int64_t *seq, struct errbuf *eb)
{
	static const char waiting[] = "SELECT seq FROM outbox WHERE seq = ?1 AND num = ?2 AND "
	                              "kind = ?3 AND key IS NULL";
	static const char newest[] = "SELECT seq FROM outbox WHERE seq > ?1 AND num = ?2 AND "
	                             "kind = ?3 ORDER BY seq DESC LIMIT 1";
	sqlite3 *db = staging_db(s);
	int64_t found = 0;
	enum err err = ERR_OK;

	if (*seq)
		err = import_outbox_row(db, waiting, *seq, origin, &found, eb);
	if (err || found)
		return err;
	err = staging_outbox_add(s, OUTBOX_ORIGIN, origin, NULL, eb);
	if (!err)
		err = import_outbox_row(db, newest, *seq, origin, &found, eb);
	*seq = found ? found : *seq;
	return err;
}
