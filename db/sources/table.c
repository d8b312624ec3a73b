#include "config.h"
#include "db/sources/table.h"
#include "db/sources/mysql.h"
#include "db/sources/postgres_table.h"
#include "engine/base/clock.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	TABLE_PAGE = 20000,
	TABLE_TRIES = 5, /* connections in a row that bring no row before it is given up */
	TABLE_WAIT_MS = 500,
	TABLE_SLICE_MS = 100,
	TABLE_SQL = 256 * 1024,
	TABLE_KEY_MAX = 16 * 1024
};

static const struct table_driver *const table_drivers[] = {&mysql_driver, &postgres_driver};

struct table {
	const struct table_driver *driver;
	struct db_url url;
	struct table_config cfg;
	char *name;
	struct table_shape shape;
	void *session;
	bool open;    /* a SELECT is being read */
	bool begun;   /* last holds a row's key */
	int64_t page; /* rows of this page so far */
	int tries;
	struct str last[TABLE_KEYS],
	    before[TABLE_KEYS]; /* keys: of the last row, of the last page */
	int64_t rows, bytes;
};

/* ---- the shape ---- */

/* Columns by part: the URL's option for it, and its usual name. */
static const struct {
	enum db_url_option option;
	const char *usual;
} table_parts[SOURCE_PARTS] = {
    [SOURCE_REF] = {DB_URL_COLUMN, "channel_id"},
    [SOURCE_TITLE] = {DB_URL_TITLE, "title"},
    [SOURCE_DESCRIPTION] = {DB_URL_DESCRIPTION, "description"},
};

enum err table_shape_column(
    struct table_shape *shape, const struct db_url *url, const char *name, struct errbuf *eb)
{
	for (int i = 0; i < SOURCE_PARTS; i++) {
		const char *given = url->options[table_parts[i].option];
		const char *wanted = given ? given : table_parts[i].usual;

		if (!*wanted || shape->columns[i] || !str_is_equal_nocase(name, wanted))
			continue;
		shape->columns[i] = str_dup(name);
		if (!shape->columns[i])
			return err_set(eb, ERR_NOMEM, "out of memory");
	}
	return ERR_OK;
}

enum err table_shape_check(
    const struct table_shape *shape, const struct db_url *url, const char *table, struct errbuf *eb)
{
	for (int i = 0; i < SOURCE_PARTS; i++) {
		const char *given = url->options[table_parts[i].option];

		if (shape->columns[i] || (i != SOURCE_REF && (!given || !*given)))
			continue;
		return err_set(eb, ERR_NOTFOUND,
		    "table %.60s has no column %.60s: name it with %s=", table,
		    given ? given : table_parts[i].usual,
		    i == SOURCE_REF     ? "?column"
		    : i == SOURCE_TITLE ? "?title"
		                        : "?description");
	}
	return ERR_OK;
}

bool table_shape_key(struct table_shape *shape, const char *name, enum table_literal literal)
{
	char *copy = str_dup(name);

	if (!copy)
		return false;
	shape->keys[shape->n_keys] = copy;
	shape->literals[shape->n_keys++] = literal;
	return true;
}

void table_shape_no_key(struct table_shape *shape)
{
	while (shape->n_keys)
		free(shape->keys[--shape->n_keys]);
	free(shape->index);
	shape->index = NULL;
}

static void shape_done(struct table_shape *shape)
{
	table_shape_no_key(shape);
	for (int i = 0; i < SOURCE_PARTS; i++)
		free(shape->columns[i]);
}

/* ---- SQL ---- */

static void sql_columns(const struct table *t, struct str *sql)
{
	static const int most[] = {TABLE_REF_MAX, TABLE_TITLE_MAX, TABLE_TEXT_MAX};

	for (int i = 0; i < SOURCE_PARTS; i++) {
		str_adds(sql, i ? "," : "SELECT ");
		if (t->shape.columns[i])
			t->driver->cut_sql(sql, t->shape.columns[i], most[i]);
		else
			str_adds(sql, "NULL");
	}
	for (int i = 0; i < t->shape.n_keys; i++) {
		str_addc(sql, ',');
		t->driver->name_sql(sql, t->shape.keys[i]);
	}
}

static void sql_compare(const struct table *t, struct str *sql, int key, const char *how)
{
	t->driver->name_sql(sql, t->shape.keys[key]);
	str_adds(sql, how);
	t->driver->literal_sql(
	    t->session, sql, t->shape.literals[key], str_get(&t->last[key]), t->last[key].len);
}

/* (a >= 1 AND (a > 1 OR (b >= 2 AND (b > 2 OR …)))): what an index on (a, b) can walk. */
static void sql_behind(const struct table *t, struct str *sql, int key)
{
	if (key + 1 == t->shape.n_keys) {
		sql_compare(t, sql, key, " > ");
		return;
	}
	str_addc(sql, '(');
	sql_compare(t, sql, key, " >= ");
	str_adds(sql, " AND (");
	sql_compare(t, sql, key, " > ");
	str_adds(sql, " OR ");
	sql_behind(t, sql, key + 1);
	str_adds(sql, "))");
}

static void sql_page(const struct table *t, struct str *sql)
{
	sql_columns(t, sql);
	str_adds(sql, " FROM ");
	t->driver->name_sql(sql, t->name);
	if (!t->shape.n_keys)
		return;
	if (t->shape.index) {
		str_adds(sql, " FORCE INDEX (");
		t->driver->name_sql(sql, t->shape.index);
		str_addc(sql, ')');
	}
	if (t->begun) {
		str_adds(sql, " WHERE ");
		sql_behind(t, sql, 0);
	}
	for (int i = 0; i < t->shape.n_keys; i++) {
		str_adds(sql, i ? "," : " ORDER BY ");
		t->driver->name_sql(sql, t->shape.keys[i]);
	}
	str_addf(sql, " LIMIT %d", TABLE_PAGE);
}

/* ---- sessions ---- */

static bool table_is_stopped(const struct table *t)
{
	return t->cfg.stop && atomic_load_explicit(t->cfg.stop, memory_order_relaxed);
}

static enum err table_connect(struct table *t, struct errbuf *eb)
{
	enum err err = t->driver->open(&t->session, &t->cfg, eb);

	if (err == ERR_DENIED && !t->cfg.password)
		return err_prefix(eb, "no password was given (in the URL or by IMPORT_PASSWORD)");
	return err;
}

static void table_disconnect(struct table *t)
{
	if (t->session)
		t->driver->close(t->session);
	t->session = NULL;
	t->open = false;
}

static enum err table_sleep(const struct table *t, int64_t ms, struct errbuf *eb)
{
	int64_t until = clock_mono_ms() + ms;
	const struct timespec slice = {0, TABLE_SLICE_MS * 1000000L};

	while (clock_mono_ms() < until) {
		if (table_is_stopped(t))
			return err_set(eb, ERR_CANCELLED, "stopped while waiting for the database");
		nanosleep(&slice, NULL);
	}
	return ERR_OK;
}

/*
 * After a failure in the middle: connects again, later and later. The failure is what is told in
 * the end. Waits 0.5, 1, 2, 4 and 8 s; a row that comes sets the count back.
 */
static enum err table_again(struct table *t, enum err err, struct errbuf *eb)
{
	bool lost = t->driver->is_lost(t->session);

	table_disconnect(t);
	if (lost && !t->shape.n_keys)
		err_prefix(eb, "row %" PRId64 ", and the table has no key to go on from", t->rows);
	if (!lost || !t->shape.n_keys)
		return err;
	while (err && lost) {
		enum err stopped;

		if (t->tries == TABLE_TRIES)
			return err_prefix(eb, "given up after %d tries", TABLE_TRIES);
		log_at(t->cfg.log, LOG_WARNING, "import", 0,
		    "row %" PRId64 ": %s; tried again in %d ms", t->rows, err_text(eb),
		    TABLE_WAIT_MS << t->tries);
		stopped = table_sleep(t, (int64_t)TABLE_WAIT_MS << t->tries++, eb);
		if (stopped)
			return stopped;
		err = table_connect(t, eb);
		lost = err && t->session && t->driver->is_lost(t->session);
		if (err)
			table_disconnect(t);
	}
	return err;
}

/* ---- reading ---- */

/* The next page's SELECT. A key that stands still would be read for ever. */
static enum err table_select(struct table *t, struct errbuf *eb)
{
	struct str sql;
	enum err err;
	bool moved = !t->begun;

	for (int i = 0; i < t->shape.n_keys; i++)
		moved = moved || t->page == 0 || t->last[i].len != t->before[i].len ||
		        memcmp(str_get(&t->last[i]), str_get(&t->before[i]), t->last[i].len) != 0;
	if (t->shape.n_keys && !moved)
		return err_set(
		    eb, ERR_CORRUPT, "row %" PRId64 ": the table's key does not advance", t->rows);
	for (int i = 0; i < t->shape.n_keys; i++) {
		str_reset(&t->before[i]);
		str_add(&t->before[i], str_get(&t->last[i]), t->last[i].len);
	}
	str_init(&sql, TABLE_SQL);
	sql_page(t, &sql);
	err = sql.err ? err_set(eb, sql.err, "the table's key is too long")
	              : t->driver->select(t->session, str_get(&sql), eb);
	str_done(&sql);
	t->open = !err;
	t->page = 0;
	return err;
}

static enum err table_keep_key(struct table *t, const struct source_text *cells, struct errbuf *eb)
{
	for (int i = 0; i < t->shape.n_keys; i++) {
		const struct source_text *key = &cells[SOURCE_PARTS + i];

		if (!key->text)
			return err_set(eb, ERR_CORRUPT, "row %" PRId64 " has no key", t->rows);
		str_reset(&t->last[i]);
		str_add(&t->last[i], key->text, key->len);
		if (t->last[i].err)
			return err_set(
			    eb, t->last[i].err, "row %" PRId64 ": its key is too long", t->rows);
	}
	t->begun = t->shape.n_keys > 0;
	return ERR_OK;
}

/* One step: a SELECT when none is open, then a row; *more false and not open: the page was full. */
static enum err table_step(
    struct table *t, struct source_text *cells, bool *more, struct errbuf *eb)
{
	enum err err = t->open ? ERR_OK : table_select(t, eb);

	if (!err)
		err = t->driver->row(t->session, cells, SOURCE_PARTS + t->shape.n_keys, more, eb);
	if (err || *more)
		return err;
	t->open = t->page < TABLE_PAGE || !t->shape.n_keys;
	return ERR_OK;
}

static enum err table_next(void *state, struct source_row *row, bool *more, struct errbuf *eb)
{
	struct source_text cells[TABLE_CELLS];
	struct table *t = state;
	struct errbuf own = {0};
	enum err err = ERR_OK;

	do {
		*more = false;
		err = table_step(t, cells, more, &own);
		if (err && err != ERR_CANCELLED)
			err = table_again(t, err, &own);
	} while (!err && !*more && !t->open);
	if (!err && *more)
		err = table_keep_key(t, cells, &own);
	if (err && eb)
		*eb = own;
	if (err || !*more)
		return err;
	t->tries = 0;
	t->page++;
	*row = (struct source_row){.line = ++t->rows,
	    .ref = cells[SOURCE_REF],
	    .title = cells[SOURCE_TITLE],
	    .description = cells[SOURCE_DESCRIPTION],
	    .raw = cells[SOURCE_REF]};
	t->bytes += (int64_t)(row->ref.len + row->title.len + row->description.len);
	if (!row->ref.text)
		row->problem = "the column is NULL";
	return ERR_OK;
}

/* ---- opening ---- */

static bool table_takes(const char *path)
{
	return db_url_is_one(path);
}

static enum err table_settle(struct table *t, const struct source_config *cfg, struct errbuf *eb)
{
	const char *table;
	enum err err = db_url_parse(&t->url, cfg->path, eb);

	if (err)
		return err;
	for (size_t i = 0; i < sizeof table_drivers / sizeof table_drivers[0]; i++)
		if (table_drivers[i]->kind == t->url.kind)
			t->driver = table_drivers[i];
	if (cfg->format && *cfg->format && !str_is_equal_nocase(cfg->format, "auto") &&
	    !str_is_equal_nocase(cfg->format, t->driver->name))
		return err_set(eb, ERR_INVALID, "format %s does not fit a %s URL", cfg->format,
		    t->driver->people);
	t->cfg = (struct table_config){.url = &t->url,
	    .password = t->url.password ? t->url.password : cfg->password,
	    .stop = cfg->stop,
	    .log = cfg->log};
	if (t->url.masked && !t->cfg.password)
		return err_set(eb, ERR_DENIED,
		    "the password is not kept: run the same import again with it in the URL, or "
		    "set "
		    "IMPORT_PASSWORD");
	table = t->url.options[DB_URL_TABLE];
	t->name = str_dup(table && *table ? table : "channels");
	return t->name ? ERR_OK : err_set(eb, ERR_NOMEM, "out of memory");
}

static enum err table_open(void **state, const struct source_config *cfg, struct errbuf *eb)
{
	struct table *t = calloc(1, sizeof *t);
	enum err err;

	if (!t)
		return err_set(eb, ERR_NOMEM, "out of memory");
	*state = t;
	for (int i = 0; i < TABLE_KEYS; i++) {
		str_init(&t->last[i], TABLE_KEY_MAX);
		str_init(&t->before[i], TABLE_KEY_MAX);
	}
	err = table_settle(t, cfg, eb);
	if (!err)
		err = table_connect(t, eb);
	if (!err)
		err = t->driver->describe(t->session, &t->url, t->name, &t->shape, eb);
	return err;
}

static void table_close(void *state)
{
	struct table *t = state;

	table_disconnect(t);
	shape_done(&t->shape);
	for (int i = 0; i < TABLE_KEYS; i++) {
		str_done(&t->last[i]);
		str_done(&t->before[i]);
	}
	free(t->name);
	db_url_done(&t->url);
	free(t);
}

static const char *table_format_name(const void *state)
{
	return ((const struct table *)state)->driver->name;
}

static int64_t table_bytes(const void *state)
{
	return ((const struct table *)state)->bytes;
}

static int64_t table_size(const void *state)
{
	(void)state;
	return 0;
}

const struct source_kind table_source = {
    table_takes, table_open, table_next, table_close, table_format_name, table_bytes, table_size};
