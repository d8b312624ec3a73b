#include "config.h"
#include "db/sources/mysql.h"
#include "engine/base/clock.h"
#include "engine/base/text.h"

#include <errmsg.h>
#include <mysql.h>
#include <mysqld_error.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
	MYSQL_CONNECT_MS = 10000,
	MYSQL_ANSWER_MS = 150000, /* the same as for PostgreSQL */
	MYSQL_SLICE_MS = 250,     /* how often a wait looks at the stop flag */
	MYSQL_STACK = 512 * 1024, /* name resolution and TLS run on it */
	MYSQL_PACKET = 4 * 1024 * 1024,
	MYSQL_SQL = 1024 * 1024,
	MYSQL_TEXT = 4096
};

struct session {
	MYSQL my; /* a member, so that a result may be freed after mysql_close */
	MYSQL_RES *res;
	const struct secret *password;
	const atomic_bool *stop;
	int64_t wait_ms;
	bool initialised, lost;
};

/* ---- errors ---- */

/* What an error of the server (1000 …) or of the connection (2000 …) means. */
static const struct {
	unsigned code;
	enum err err;
	bool lost; /* a new connection may help */
	const char *advice;
} errors[] = {
    {ER_ACCESS_DENIED_ERROR, ERR_DENIED, false, "check user and password in the URL"},
    {ER_ACCESS_DENIED_NO_PASSWORD_ERROR, ERR_DENIED, false, "check user and password in the URL"},
    {ER_DBACCESS_DENIED_ERROR, ERR_DENIED, false, "grant the user SELECT there"},
    {ER_TABLEACCESS_DENIED_ERROR, ERR_DENIED, false, "grant the user SELECT there"},
    {ER_COLUMNACCESS_DENIED_ERROR, ERR_DENIED, false, "grant the user SELECT there"},
    {ER_BAD_DB_ERROR, ERR_NOTFOUND, false, "mend the database's name in the URL"},
    {ER_NO_SUCH_TABLE, ERR_NOTFOUND, false, "name the table with ?table="},
    {ER_BAD_FIELD_ERROR, ERR_NOTFOUND, false, NULL},
    {ER_CON_COUNT_ERROR, ERR_BUSY, true, NULL},
    {ER_SERVER_SHUTDOWN, ERR_UNAVAIL, true, NULL},
    {ER_NORMAL_SHUTDOWN, ERR_UNAVAIL, true, NULL},
    {ER_CONNECTION_KILLED, ERR_UNAVAIL, true, NULL},
    {ER_QUERY_INTERRUPTED, ERR_UNAVAIL, true, NULL},
    {ER_LOCK_WAIT_TIMEOUT, ERR_BUSY, true, NULL},
    {ER_LOCK_DEADLOCK, ERR_BUSY, true, NULL},
    {4031, ERR_UNAVAIL, true, NULL}, /* MySQL 8 ended a session that was idle */
    {CR_CONNECTION_ERROR, ERR_UNAVAIL, true, NULL},
    {CR_CONN_HOST_ERROR, ERR_UNAVAIL, true, NULL},
    {CR_UNKNOWN_HOST, ERR_UNAVAIL, true, "check the host in the URL"},
    {CR_SERVER_GONE_ERROR, ERR_UNAVAIL, true, NULL},
    {CR_SERVER_HANDSHAKE_ERR, ERR_UNAVAIL, true, NULL},
    {CR_SERVER_LOST, ERR_UNAVAIL, true, NULL},
    {CR_SERVER_LOST_EXTENDED, ERR_UNAVAIL, true, NULL},
    {CR_MALFORMED_PACKET, ERR_UNAVAIL, true, NULL},
    {CR_OUT_OF_MEMORY, ERR_NOMEM, false, NULL},
    {CR_SSL_CONNECTION_ERROR, ERR_DENIED, false,
        "check ssl-ca= and ssl-mode= in the URL (disabled, preferred, required, verify-identity)"},
};

/* A server that got the password in the clear could send it back. */
static void add_hidden(struct str *out, const char *text, const struct secret *password)
{
	struct str plain;

	str_init(&plain, MYSQL_TEXT);
	text_hide(text, strlen(text), password ? secret_reveal(password) : NULL, &plain);
	text_clean(str_get(&plain), plain.len, out);
	str_done(&plain);
}

static enum err fail(struct session *s, struct errbuf *eb)
{
	unsigned code = mysql_errno(&s->my);
	const char *advice = NULL;
	enum err err = ERR_INVALID;
	struct str text;

	s->lost = false;
	for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++)
		if (errors[i].code == code) {
			err = errors[i].err;
			s->lost = errors[i].lost;
			advice = errors[i].advice;
		}
	str_init(&text, (size_t)MYSQL_TEXT * 3);
	add_hidden(&text, code ? mysql_error(&s->my) : "no answer", s->password);
	err_set(eb, err, "MySQL: %.300s%s%s (%u)", str_get(&text), advice ? "; " : "",
	    advice ? advice : "", code);
	str_done(&text);
	return err;
}

/* ---- waiting ---- */

/* Until one of the events of status is there: *ready. At the deadline the library gives up. */
static enum err wait_ready(struct session *s, int status, int *ready, struct errbuf *eb)
{
	int64_t deadline = clock_mono_ms() + s->wait_ms;
	struct pollfd p = {.fd = mysql_get_socket(&s->my),
	    .events = (short)((status & MYSQL_WAIT_READ ? POLLIN : 0) |
	                      (status & MYSQL_WAIT_WRITE ? POLLOUT : 0) |
	                      (status & MYSQL_WAIT_EXCEPT ? POLLPRI : 0))};

	for (;;) {
		int64_t left = deadline - clock_mono_ms();

		if (s->stop && atomic_load_explicit(s->stop, memory_order_relaxed))
			return err_set(eb, ERR_CANCELLED, "stopped while MySQL was at work");
		if (left <= 0) {
			*ready = MYSQL_WAIT_TIMEOUT;
			return ERR_OK;
		}
		if (poll(&p, 1, (int)(left < MYSQL_SLICE_MS ? left : MYSQL_SLICE_MS)) > 0)
			break;
	}
	*ready = (p.revents & POLLIN ? MYSQL_WAIT_READ : 0) |
	         (p.revents & POLLOUT ? MYSQL_WAIT_WRITE : 0) |
	         (p.revents & POLLPRI ? MYSQL_WAIT_EXCEPT : 0);
	if (p.revents & (POLLERR | POLLHUP | POLLNVAL))
		*ready |= status & (MYSQL_WAIT_READ | MYSQL_WAIT_WRITE);
	return ERR_OK;
}

static void end_result(struct session *s)
{
	mysql_free_result(s->res);
	s->res = NULL;
}

/* Sends one statement; its rows, if it has any, are read by session_fetch. */
static enum err session_query(struct session *s, const char *sql, struct errbuf *eb)
{
	int bad = 0, ready = 0;
	int status = mysql_real_query_start(&bad, &s->my, sql, (unsigned long)strlen(sql));

	while (status) {
		enum err err = wait_ready(s, status, &ready, eb);
		if (err)
			return err;
		status = mysql_real_query_cont(&bad, &s->my, ready);
	}
	if (bad)
		return fail(s, eb);
	s->res = mysql_use_result(&s->my);
	if (!s->res && mysql_field_count(&s->my))
		return fail(s, eb);
	return ERR_OK;
}

/* The next row, NULL at the end; then the result is still there for its fields. */
static enum err session_fetch(struct session *s, MYSQL_ROW *row, struct errbuf *eb)
{
	int ready = 0, status = mysql_fetch_row_start(row, s->res);

	while (status) {
		enum err err = wait_ready(s, status, &ready, eb);
		if (err)
			return err;
		status = mysql_fetch_row_cont(row, s->res, ready);
	}
	/* NULL is also what a connection gives that broke */
	return !*row && mysql_errno(&s->my) ? fail(s, eb) : ERR_OK;
}

/* ---- connecting ---- */

enum tls { TLS_OFF, TLS_PREFERRED, TLS_REQUIRED, TLS_VERIFIED };

static const struct {
	const char *name;
	enum tls tls;
} tls_modes[] = {
    {"disabled", TLS_OFF},
    {"disable", TLS_OFF},
    {"preferred", TLS_PREFERRED},
    {"prefer", TLS_PREFERRED},
    {"required", TLS_REQUIRED},
    {"require", TLS_REQUIRED},
    {"verify-ca", TLS_VERIFIED},
    {"verify_ca", TLS_VERIFIED},
    {"verify-identity", TLS_VERIFIED},
    {"verify_identity", TLS_VERIFIED},
    {"verify-full", TLS_VERIFIED},
};

static enum err tls_choose(const struct db_url *url, enum tls *tls, struct errbuf *eb)
{
	const char *mode = url->options[DB_URL_SSL_MODE];

	*tls = url->options[DB_URL_SSL_CA] ? TLS_VERIFIED : TLS_PREFERRED;
	if (!mode)
		return ERR_OK;
	for (size_t i = 0; i < sizeof tls_modes / sizeof tls_modes[0]; i++)
		if (str_is_equal_nocase(mode, tls_modes[i].name)) {
			*tls = tls_modes[i].tls;
			return ERR_OK;
		}
	return err_set(eb, ERR_INVALID,
	    "ssl-mode= in the URL is disabled, preferred, required or verify-identity");
}

static void session_options(struct session *s, const struct db_url *url, enum tls tls)
{
	const size_t stack = MYSQL_STACK, packet = MYSQL_PACKET;
	const unsigned seconds = MYSQL_CONNECT_MS / 1000, answer = MYSQL_ANSWER_MS / 1000;
	const unsigned no = 0;
	const unsigned protocol =
	    url->options[DB_URL_SOCKET] ? MYSQL_PROTOCOL_SOCKET : MYSQL_PROTOCOL_TCP;
	const my_bool enforce = tls != TLS_OFF, verify = tls == TLS_VERIFIED;

	mysql_options(&s->my, MYSQL_OPT_NONBLOCK, &stack);
	mysql_options(&s->my, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	mysql_options(&s->my, MYSQL_OPT_CONNECT_TIMEOUT, &seconds);
	mysql_options(&s->my, MYSQL_OPT_READ_TIMEOUT, &answer);
	mysql_options(&s->my, MYSQL_OPT_WRITE_TIMEOUT, &answer);
	mysql_options(&s->my, MYSQL_OPT_MAX_ALLOWED_PACKET, &packet);
	mysql_options(&s->my, MYSQL_OPT_PROTOCOL, &protocol);
	/* a hostile server may ask for our files, or for the password in the clear */
	mysql_options(&s->my, MYSQL_OPT_LOCAL_INFILE, &no);
	mysql_options(&s->my, MARIADB_OPT_RESTRICTED_AUTH,
	    "mysql_native_password,caching_sha2_password,sha256_password,client_ed25519,parsec");
	mysql_options(&s->my, MYSQL_OPT_SSL_ENFORCE, &enforce);
	mysql_options(&s->my, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify);
	if (tls != TLS_OFF && url->options[DB_URL_SSL_CA])
		mysql_options(&s->my, MYSQL_OPT_SSL_CA, url->options[DB_URL_SSL_CA]);
	if (tls != TLS_OFF && url->options[DB_URL_SSL_CERT])
		mysql_options(&s->my, MYSQL_OPT_SSL_CERT, url->options[DB_URL_SSL_CERT]);
	if (tls != TLS_OFF && url->options[DB_URL_SSL_KEY])
		mysql_options(&s->my, MYSQL_OPT_SSL_KEY, url->options[DB_URL_SSL_KEY]);
}

static enum err session_connect(struct session *s, const struct db_url *url, struct errbuf *eb)
{
	MYSQL *done = NULL;
	int ready = 0;
	/* an empty password, as for NULL the library would take one from the environment */
	int status = mysql_real_connect_start(&done, &s->my, url->host, url->user ? url->user : "",
	    s->password ? secret_reveal(s->password) : "", url->database, (unsigned)url->port,
	    url->options[DB_URL_SOCKET], 0);

	s->wait_ms = MYSQL_CONNECT_MS;
	while (status) {
		enum err err = wait_ready(s, status, &ready, eb);
		if (err)
			return err;
		status = mysql_real_connect_cont(&done, &s->my, ready);
	}
	s->wait_ms = MYSQL_ANSWER_MS;
	return done ? ERR_OK : fail(s, eb);
}

static void session_begin_library(void)
{
	(void)mysql_library_init(0, NULL, NULL);
}

static enum err session_start(struct session *s, const struct db_url *url, struct errbuf *eb)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT; /* the library's start is not thread-safe */
	enum tls tls = TLS_OFF;
	enum err err = tls_choose(url, &tls, eb);

	if (err)
		return err;
	pthread_once(&once, session_begin_library);
	if (!mysql_init(&s->my))
		return err_set(eb, ERR_NOMEM, "out of memory");
	s->initialised = true;
	session_options(s, url, tls);
	err = session_connect(s, url, eb);
	if (!err && tls >= TLS_REQUIRED && !mysql_get_ssl_cipher(&s->my))
		return err_set(eb, ERR_DENIED,
		    "the MySQL server offers no TLS, and ssl-mode= in the URL asks for it");
	if (!err)
		err = session_query(s, "SET SESSION TRANSACTION READ ONLY", eb);
	/* a sorter that writes its run may let the server wait for a while */
	if (!err)
		err = session_query(s,
		    "SET SESSION time_zone = '+00:00', sql_mode = '', net_write_timeout = 600", eb);
	return err;
}

static enum err mysql_source_open(void **session, const struct table_config *cfg, struct errbuf *eb)
{
	struct session *s = calloc(1, sizeof *s);

	if (!s)
		return err_set(eb, ERR_NOMEM, "out of memory");
	*session = s;
	s->password = cfg->password;
	s->stop = cfg->stop;
	return session_start(s, cfg->url, eb);
}

/* Closing first: freeing a result whose rows were not all read would read them all. */
static void mysql_source_close(void *session)
{
	struct session *s = session;

	/* with TLS it says goodbye and waits for the answer: not from a server that says nothing */
	if (s->initialised && (s->res || s->lost || (s->stop && atomic_load(s->stop))))
		shutdown(mysql_get_socket(&s->my), SHUT_RDWR);
	if (s->initialised)
		mysql_close(&s->my);
	end_result(s);
	mysql_thread_end();
	free(s);
}

static bool mysql_source_is_lost(const void *session)
{
	return ((const struct session *)session)->lost;
}

/* ---- the table ---- */

static void mysql_name_sql(struct str *out, const char *name)
{
	str_addc(out, '`');
	for (; *name; name++) {
		if (*name == '`')
			str_addc(out, '`');
		str_addc(out, *name);
	}
	str_addc(out, '`');
}

static void mysql_cut_sql(struct str *out, const char *column, int chars)
{
	str_adds(out, "LEFT(");
	mysql_name_sql(out, column);
	str_addf(out, ",%d)", chars);
}

static void mysql_literal_sql(
    void *session, struct str *out, enum table_literal kind, const char *text, size_t len)
{
	struct session *s = session;
	char *room;

	if (kind == TABLE_NUMBER && len && strspn(text, "+-.0123456789") == len) {
		str_add(out, text, len);
		return;
	}
	str_adds(out, kind == TABLE_BYTES ? "X'" : "'");
	room = str_room(out, 2 * len + 1);
	if (room)
		str_grown(
		    out, kind == TABLE_BYTES
		             ? mysql_hex_string(room, text, (unsigned long)len)
		             : mysql_real_escape_string(&s->my, room, text, (unsigned long)len));
	str_addc(out, '\'');
}

/* How values of this column are written; false: it does not order as its text says. */
static bool literal_of(const MYSQL_FIELD *f, enum table_literal *literal)
{
	MARIADB_CONST_STRING own = {NULL, 0}; /* uuid, inet6, json …: types of plugins */

	if (f->flags & (ENUM_FLAG | SET_FLAG) ||
	    (!mariadb_field_attr(&own, f, MARIADB_FIELD_ATTR_DATA_TYPE_NAME) && own.length))
		return false;
	switch (f->type) {
	case MYSQL_TYPE_TINY:
	case MYSQL_TYPE_SHORT:
	case MYSQL_TYPE_INT24:
	case MYSQL_TYPE_LONG:
	case MYSQL_TYPE_LONGLONG:
	case MYSQL_TYPE_YEAR:
	case MYSQL_TYPE_DECIMAL:
	case MYSQL_TYPE_NEWDECIMAL:
		*literal = TABLE_NUMBER;
		return true;
	case MYSQL_TYPE_STRING:
	case MYSQL_TYPE_VAR_STRING:
	case MYSQL_TYPE_VARCHAR:
		*literal = f->charsetnr == 63 ? TABLE_BYTES : TABLE_TEXT;
		return true;
	case MYSQL_TYPE_DATE:
	case MYSQL_TYPE_DATETIME:
	case MYSQL_TYPE_TIMESTAMP:
		*literal = TABLE_TEXT;
		return true;
	default:
		return false;
	}
}

/* One row of SHOW KEYS: Table, Non_unique, Key_name, Seq_in_index, Column_name, Collation,
 * Cardinality, Sub_part, Packed, Null, … */
enum { SHOW_NON_UNIQUE = 1, SHOW_NAME, SHOW_SEQ, SHOW_COLUMN, SHOW_PART = 7, SHOW_NULL = 9 };

struct key_choice {
	const MYSQL_RES *columns;
	struct table_shape now; /* the key whose columns come at present */
	bool usable;
	struct table_shape best;
};

static void key_ended(struct key_choice *k)
{
	bool primary = k->usable && k->now.index && strcmp(k->now.index, "PRIMARY") == 0;

	if (k->usable && k->now.n_keys &&
	    (!k->best.n_keys || primary || k->now.n_keys < k->best.n_keys) &&
	    !(k->best.n_keys && strcmp(k->best.index, "PRIMARY") == 0)) {
		table_shape_no_key(&k->best);
		k->best = k->now;
		k->now = (struct table_shape){0};
	}
	table_shape_no_key(&k->now);
}

static enum err key_column(struct key_choice *k, const MYSQL_ROW row, struct errbuf *eb)
{
	enum table_literal literal = TABLE_TEXT;
	bool found = false;

	if (row[SHOW_SEQ] && strcmp(row[SHOW_SEQ], "1") == 0) {
		key_ended(k);
		k->usable = row[SHOW_NON_UNIQUE] && *row[SHOW_NON_UNIQUE] == '0';
		k->now.index = str_dup(row[SHOW_NAME] ? row[SHOW_NAME] : "");
		if (!k->now.index)
			return err_set(eb, ERR_NOMEM, "out of memory");
	}
	for (unsigned i = 0; row[SHOW_COLUMN] && i < k->columns->field_count; i++)
		if (str_is_equal_nocase(k->columns->fields[i].name, row[SHOW_COLUMN]))
			found = literal_of(&k->columns->fields[i], &literal);
	k->usable = k->usable && found && !row[SHOW_PART] && k->now.n_keys < TABLE_KEYS &&
	            !(row[SHOW_NULL] && strcmp(row[SHOW_NULL], "YES") == 0);
	if (k->usable && !table_shape_key(&k->now, row[SHOW_COLUMN], literal))
		return err_set(eb, ERR_NOMEM, "out of memory");
	return ERR_OK;
}

/* The primary key, or the unique key of the fewest columns; none is no error. */
static enum err choose_key(struct session *s, const char *table, const MYSQL_RES *columns,
    struct table_shape *shape, struct errbuf *eb)
{
	struct key_choice k = {.columns = columns};
	MYSQL_ROW row = NULL;
	struct str sql;
	enum err err;

	str_init(&sql, MYSQL_SQL);
	str_adds(&sql, "SHOW KEYS FROM ");
	mysql_name_sql(&sql, table);
	err = session_query(s, str_get(&sql), eb);
	str_done(&sql);
	if (!err && (!s->res || mysql_num_fields(s->res) <= SHOW_NULL))
		err = err_set(eb, ERR_INVALID, "the server's SHOW KEYS makes no sense");
	while (!err && !(err = session_fetch(s, &row, eb)) && row)
		err = key_column(&k, row, eb);
	if (!err)
		end_result(s);
	key_ended(&k);
	if (k.best.index && strcmp(k.best.index, "PRIMARY") == 0) {
		free(k.best.index); /* the optimizer takes it by itself */
		k.best.index = NULL;
	}
	for (int i = 0; i < k.best.n_keys; i++) {
		shape->keys[i] = k.best.keys[i];
		shape->literals[i] = k.best.literals[i];
	}
	shape->n_keys = k.best.n_keys;
	shape->index = k.best.index;
	return err;
}

static enum err mysql_describe(void *session, const struct db_url *url, const char *table,
    struct table_shape *shape, struct errbuf *eb)
{
	struct session *s = session;
	MYSQL_RES *columns = NULL;
	MYSQL_ROW row = NULL;
	struct str sql;
	enum err err;

	str_init(&sql, MYSQL_SQL);
	str_adds(&sql, "SELECT * FROM ");
	mysql_name_sql(&sql, table);
	str_adds(&sql, " LIMIT 0");
	err = session_query(s, str_get(&sql), eb);
	str_done(&sql);
	if (!err && s->res)
		err = session_fetch(s, &row, eb);
	if (err)
		return err;
	columns = s->res; /* its fields are still needed */
	s->res = NULL;
	for (unsigned i = 0; columns && i < columns->field_count && !err; i++)
		err = table_shape_column(shape, url, columns->fields[i].name, eb);
	if (!err)
		err = table_shape_check(shape, url, table, eb);
	if (!err && columns)
		err = choose_key(s, table, columns, shape, eb);
	mysql_free_result(columns);
	return err;
}

static enum err mysql_select(void *session, const char *sql, struct errbuf *eb)
{
	return session_query(session, sql, eb);
}

static enum err mysql_row(
    void *session, struct source_text *cells, int n, bool *more, struct errbuf *eb)
{
	struct session *s = session;
	const unsigned long *lengths;
	MYSQL_ROW row = NULL;
	enum err err = ERR_OK;

	*more = false;
	if (!s->res)
		return ERR_OK; /* it ended before */
	if (mysql_num_fields(s->res) != (unsigned)n)
		return err_set(eb, ERR_INVALID, "the server's answer makes no sense");
	err = session_fetch(s, &row, eb);
	if (err)
		return err;
	if (!row) {
		end_result(s);
		return ERR_OK;
	}
	lengths = mysql_fetch_lengths(s->res);
	for (int i = 0; i < n; i++)
		cells[i] = (struct source_text){row[i], row[i] ? lengths[i] : 0};
	*more = true;
	return ERR_OK;
}

const struct table_driver mysql_driver = {
    .name = "mysql",
    .people = "MySQL",
    .kind = DB_MYSQL,
    .open = mysql_source_open,
    .close = mysql_source_close,
    .is_lost = mysql_source_is_lost,
    .describe = mysql_describe,
    .select = mysql_select,
    .row = mysql_row,
    .name_sql = mysql_name_sql,
    .cut_sql = mysql_cut_sql,
    .literal_sql = mysql_literal_sql,
};
