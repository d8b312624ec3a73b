#include "config.h"
#include "db/sources/postgres_table.h"
#include "db/postgres.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SESSION_FETCH = 500, SESSION_URL = 65536, SESSION_SQL = 256 * 1024 };

struct session {
	struct postgres *pg;
	PGresult *rows; /* of the last FETCH */
	int at;
	bool lost;
};

/* ---- connecting ---- */

static void add_encoded(struct str *out, const char *text)
{
	static const char hex[] = "0123456789ABCDEF";

	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		bool plain = (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');

		if (plain) {
			str_addc(out, *text);
			continue;
		}
		str_addc(out, '%');
		str_addc(out, hex[c >> 4]);
		str_addc(out, hex[c & 15]);
	}
}

static void add_option(struct str *out, const char *name, const char *value)
{
	if (!value)
		return;
	str_addf(out, "%c%s=", strchr(str_get(out), '?') ? '&' : '?', name);
	add_encoded(out, value);
}

/* The URL as libpq takes it: without our own options, with the password that was found elsewhere. */
static void add_url(struct str *out, const struct db_url *url, const struct secret *password)
{
	const char *mode = url->options[DB_URL_SSL_MODE];

	str_adds(out, "postgresql://");
	if (url->user)
		add_encoded(out, url->user);
	if (password) {
		str_addc(out, ':');
		add_encoded(out, secret_reveal(password));
	}
	str_adds(out, url->user || password ? "@" : "");
	if (strchr(url->host, ':'))
		str_addf(out, "[%s]", url->host);
	else
		add_encoded(out, url->host);
	if (url->port)
		str_addf(out, ":%d", url->port);
	str_addc(out, '/');
	add_encoded(out, url->database);
	if (!mode && url->options[DB_URL_SSL_CA])
		mode = "verify-full";
	add_option(out, "sslmode", mode);
	add_option(out, "sslrootcert", url->options[DB_URL_SSL_CA]);
	add_option(out, "sslcert", url->options[DB_URL_SSL_CERT]);
	add_option(out, "sslkey", url->options[DB_URL_SSL_KEY]);
	add_option(out, "schema", url->options[DB_URL_SCHEMA]);
}

static enum err session_start(struct session *s, const struct table_config *cfg, struct errbuf *eb)
{
	struct postgres_config pc = {
	    .stop = cfg->stop, .log = cfg->log, .reading = true, .setting = "the URL"};
	struct secret *whole = NULL;
	struct str text;
	enum err err = ERR_OK;

	str_init(&text, SESSION_URL);
	add_url(&text, cfg->url, cfg->password);
	if (!text.err)
		whole = secret_new(str_get(&text), text.len);
	if (text.text)
		explicit_bzero(text.text, text.cap);
	str_done(&text);
	if (!whole)
		return err_set(eb, ERR_NOMEM, "no memory for the URL");
	pc.url = whole;
	err = postgres_open(&s->pg, &pc, eb);
	secret_free(whole);
	return err;
}

/* Remembers whether a new connection may help. */
static enum err told(struct session *s, enum err err)
{
	enum postgres_fault fault = s->pg ? postgres_fault(s->pg) : POSTGRES_FINE;

	s->lost = err && err != ERR_CANCELLED &&
	          (s->pg ? fault == POSTGRES_LOST || fault == POSTGRES_AGAIN
	                 : err == ERR_UNAVAIL || err == ERR_TIMEOUT || err == ERR_BUSY);
	return err;
}

static enum err postgres_source_open(
    void **session, const struct table_config *cfg, struct errbuf *eb)
{
	struct session *s = calloc(1, sizeof *s);

	if (!s)
		return err_set(eb, ERR_NOMEM, "out of memory");
	*session = s;
	return told(s, session_start(s, cfg, eb));
}

static void postgres_source_close(void *session)
{
	struct session *s = session;

	PQclear(s->rows);
	postgres_close(s->pg);
	free(s);
}

static bool postgres_source_is_lost(const void *session)
{
	return ((const struct session *)session)->lost;
}

/* ---- the table ---- */

static void postgres_cut_sql(struct str *out, const char *column, int chars)
{
	str_adds(out, "left(");
	postgres_text_name(out, column);
	str_addf(out, "::text,%d)", chars);
}

/* An untyped literal: it takes the type of the column that it is compared with. */
static void postgres_literal_sql(
    void *session, struct str *out, enum table_literal kind, const char *text, size_t len)
{
	(void)session;
	(void)kind;
	str_addc(out, '\'');
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\'')
			str_addc(out, '\'');
		str_addc(out, text[i]);
	}
	str_addc(out, '\'');
}

/* Columns of the key that pages follow: the primary key, or the unique one of the fewest columns. */
static const char sql_key[] =
    "SELECT a.attname FROM pg_attribute a JOIN (SELECT i.indrelid, i.indkey FROM pg_index i "
    "JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam "
    "WHERE i.indrelid = to_regclass($1) AND i.indisunique AND i.indisvalid AND i.indpred IS NULL "
    "AND i.indexprs IS NULL AND m.amname = 'btree' AND i.indnatts <= 4 AND NOT EXISTS "
    "(SELECT 1 FROM pg_attribute n WHERE n.attrelid = i.indrelid AND n.attnum = ANY (i.indkey) "
    "AND NOT n.attnotnull) ORDER BY i.indisprimary DESC, i.indnatts, i.indexrelid LIMIT 1) k "
    "ON a.attrelid = k.indrelid AND a.attnum = ANY (k.indkey) "
    "ORDER BY array_position(k.indkey::int2[], a.attnum)";
static const char sql_columns[] =
    "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 "
    "AND NOT attisdropped ORDER BY attnum";

static enum err ask_table(
    struct session *s, const char *sql, const char *table, PGresult **out, struct errbuf *eb)
{
	const char *params[1];
	struct str name;
	enum err err;

	str_init(&name, SESSION_SQL);
	postgres_text_name(&name, table);
	params[0] = str_get(&name);
	err = told(s, postgres_query(s->pg, sql, 1, params, out, eb));
	str_done(&name);
	return err;
}

static enum err postgres_describe(void *session, const struct db_url *url, const char *table,
    struct table_shape *shape, struct errbuf *eb)
{
	struct session *s = session;
	PGresult *columns = NULL, *keys = NULL;
	enum err err = ask_table(s, sql_columns, table, &columns, eb);

	if (!err)
		err = ask_table(s, sql_key, table, &keys, eb);
	if (!err && !PQntuples(columns))
		err = err_set(eb, ERR_NOTFOUND,
		    "PostgreSQL has no table %.60s there: name it with ?table=, its schema with "
		    "schema=",
		    table);
	for (int i = 0; i < PQntuples(columns) && !err; i++)
		err = table_shape_column(shape, url, PQgetvalue(columns, i, 0), eb);
	if (!err)
		err = table_shape_check(shape, url, table, eb);
	for (int i = 0; !err && i < PQntuples(keys) && i < TABLE_KEYS; i++)
		if (!table_shape_key(shape, PQgetvalue(keys, i, 0), TABLE_TEXT))
			err = err_set(eb, ERR_NOMEM, "out of memory");
	PQclear(columns);
	PQclear(keys);
	return err;
}

static enum err postgres_select(void *session, const char *sql, struct errbuf *eb)
{
	struct session *s = session;
	struct str all;
	enum err err;

	PQclear(s->rows);
	s->rows = NULL;
	str_init(&all, SESSION_SQL);
	str_addf(&all, "BEGIN READ ONLY; DECLARE tubeops_rows NO SCROLL CURSOR FOR %s", sql);
	err = all.err ? err_set(eb, all.err, "the statement is too long")
	              : told(s, postgres_exec(s->pg, str_get(&all), eb));
	str_done(&all);
	return err;
}

static enum err fetch(struct session *s, struct errbuf *eb)
{
	char sql[64];
	enum err err;

	snprintf(sql, sizeof sql, "FETCH FORWARD %d FROM tubeops_rows", SESSION_FETCH);
	PQclear(s->rows);
	s->rows = NULL;
	s->at = 0;
	err = told(s, postgres_query(s->pg, sql, 0, NULL, &s->rows, eb));
	if (!err && PQntuples(s->rows) < SESSION_FETCH)
		err = told(s, postgres_exec(s->pg, "COMMIT", eb));
	return err;
}

static enum err postgres_row(
    void *session, struct source_text *cells, int n, bool *more, struct errbuf *eb)
{
	struct session *s = session;

	*more = false;
	if (!s->rows || (s->at == PQntuples(s->rows) && s->at == SESSION_FETCH)) {
		enum err err = fetch(s, eb);
		if (err)
			return err;
	}
	if (s->at >= PQntuples(s->rows))
		return ERR_OK;
	for (int i = 0; i < n; i++) {
		bool null = PQgetisnull(s->rows, s->at, i) != 0;
		cells[i] = (struct source_text){null ? NULL : PQgetvalue(s->rows, s->at, i),
		    null ? 0 : (size_t)PQgetlength(s->rows, s->at, i)};
	}
	s->at++;
	*more = true;
	return ERR_OK;
}

const struct table_driver postgres_driver = {
    .name = "postgresql",
    .people = "PostgreSQL",
    .kind = DB_POSTGRES,
    .open = postgres_source_open,
    .close = postgres_source_close,
    .is_lost = postgres_source_is_lost,
    .describe = postgres_describe,
    .select = postgres_select,
    .row = postgres_row,
    .name_sql = postgres_text_name,
    .cut_sql = postgres_cut_sql,
    .literal_sql = postgres_literal_sql,
};
