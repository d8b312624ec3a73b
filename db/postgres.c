#include "config.h"
#include "db/postgres.h"
#include "engine/base/clock.h"
#include "engine/base/text.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	POSTGRES_CONNECT_MS = 10000,
	POSTGRES_ANSWER_MS = 150000, /* above every statement_timeout that we set */
	POSTGRES_SLICE_MS = 250,     /* how often a wait looks at the stop flag */
	POSTGRES_URL_LIMIT = 16384,
	POSTGRES_PARAMS = 64,
	POSTGRES_PIECE = 1 << 18,
	POSTGRES_OLDEST = 130000 /* gen_random_uuid() without an extension */
};

struct postgres {
	PGconn *conn;
	const atomic_bool *stop;
	struct log *log;
	enum postgres_fault fault;
	char *place;
	bool reading;
	const char *setting;
	int answer_ms;
};

/* ---- errors ---- */

/* The first line of a message of libpq or the server, without what must not be shown. */
static void message_line(const struct postgres *pg, const char *text, struct str *out)
{
	struct str plain;

	str_init(&plain, POSTGRES_URL_LIMIT);
	text_hide(text, strcspn(text, "\n"), pg->conn ? PQpass(pg->conn) : NULL, &plain);
	text_mask_secrets(str_get(&plain), plain.len, out);
	str_done(&plain);
}

/* The table of advice says DATABASE_URL, which another URL's user has not set. */
static void add_advice(const struct postgres *pg, const char *advice, struct str *out)
{
	static const char name[] = "DATABASE_URL";
	const char *at = advice ? strstr(advice, name) : NULL;

	if (advice)
		str_adds(out, "; ");
	if (at) {
		str_add(out, advice, (size_t)(at - advice));
		str_adds(out, pg->setting);
		advice = at + sizeof name - 1;
	}
	if (advice)
		str_adds(out, advice);
}

static enum err fail(struct postgres *pg, const char *sqlstate, const char *text, struct errbuf *eb)
{
	const struct postgres_state *s = postgres_state_find(sqlstate);
	struct str line;
	enum err err;

	str_init(&line, POSTGRES_URL_LIMIT);
	message_line(pg, text && *text ? text : "the connection broke", &line);
	if (PQstatus(pg->conn) != CONNECTION_OK &&
	    (s->fault == POSTGRES_AGAIN || s->fault == POSTGRES_DATA))
		s = postgres_state_find(NULL);
	pg->fault = s->fault;
	add_advice(pg, s->advice, &line);
	err = err_set(eb, s->err, "PostgreSQL: %s%s%s%s", str_get(&line),
	    sqlstate && *sqlstate ? " (" : "", sqlstate ? sqlstate : "",
	    sqlstate && *sqlstate ? ")" : "");
	str_done(&line);
	return err;
}

static enum err fail_result(struct postgres *pg, const PGresult *res, struct errbuf *eb)
{
	const char *primary = res ? PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY) : NULL;

	return fail(pg, res ? PQresultErrorField(res, PG_DIAG_SQLSTATE) : NULL,
	    primary ? primary : PQerrorMessage(pg->conn), eb);
}

enum postgres_fault postgres_fault(const struct postgres *pg)
{
	return pg->fault;
}

const char *postgres_place(const struct postgres *pg)
{
	return pg->place ? pg->place : "PostgreSQL";
}

static void notice(void *arg, const PGresult *res)
{
	const struct postgres *pg = arg;
	const char *text = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);

	log_at(pg->log, LOG_DEBUG, "postgres", 0, "%s", text ? text : "notice");
}

/* ---- waiting ---- */

/* Waits until the socket can be read (or written, when asked); deadline by the monotonic clock. */
static enum err wait_socket(struct postgres *pg, bool write, int64_t deadline, struct errbuf *eb)
{
	struct pollfd p = {
	    .fd = PQsocket(pg->conn), .events = (short)(POLLIN | (write ? POLLOUT : 0))};

	if (p.fd < 0)
		return fail(pg, NULL, PQerrorMessage(pg->conn), eb);
	for (;;) {
		int64_t left = deadline - clock_mono_ms();

		if (pg->stop && atomic_load_explicit(pg->stop, memory_order_relaxed)) {
			pg->fault = POSTGRES_LOST;
			return err_set(eb, ERR_CANCELLED, "stopped while PostgreSQL was at work");
		}
		if (left <= 0) {
			pg->fault = POSTGRES_LOST;
			return err_set(eb, ERR_TIMEOUT, "PostgreSQL at %s does not answer",
			    postgres_place(pg));
		}
		if (poll(&p, 1, (int)(left < POSTGRES_SLICE_MS ? left : POSTGRES_SLICE_MS)) > 0)
			return ERR_OK;
	}
}

/* Sends all that libpq holds back, reading meanwhile so that the server never waits for us. */
static enum err flush(struct postgres *pg, struct errbuf *eb)
{
	int64_t deadline = clock_mono_ms() + pg->answer_ms;
	enum err err;
	int left;

	while ((left = PQflush(pg->conn)) == 1) {
		err = wait_socket(pg, true, deadline, eb);
		if (err)
			return err;
		if (!PQconsumeInput(pg->conn))
			return fail(pg, NULL, PQerrorMessage(pg->conn), eb);
	}
	return left == 0 ? ERR_OK : fail(pg, NULL, PQerrorMessage(pg->conn), eb);
}

/* The next result, NULL when there is none left. */
static enum err next_result(struct postgres *pg, PGresult **out, struct errbuf *eb)
{
	int64_t deadline = clock_mono_ms() + pg->answer_ms;
	enum err err;

	*out = NULL;
	while (PQisBusy(pg->conn)) {
		err = wait_socket(pg, false, deadline, eb);
		if (err)
			return err;
		if (!PQconsumeInput(pg->conn))
			return fail(pg, NULL, PQerrorMessage(pg->conn), eb);
	}
	*out = PQgetResult(pg->conn);
	return ERR_OK;
}

/* ---- statements ---- */

static bool is_good(const PGresult *res)
{
	ExecStatusType s = PQresultStatus(res);

	return s == PGRES_COMMAND_OK || s == PGRES_TUPLES_OK || s == PGRES_EMPTY_QUERY ||
	       s == PGRES_COPY_IN;
}

/* Reads results to their end: the last good one in *last (may be NULL), the first error in eb. */
static enum err drain(struct postgres *pg, PGresult **last, int64_t *rows, struct errbuf *eb)
{
	enum err err = ERR_OK;
	PGresult *res = NULL;

	for (;;) {
		enum err broken = next_result(pg, &res, err ? NULL : eb);
		int64_t n;

		if (broken || !res)
			return err ? err : broken;
		if (!is_good(res) && !err)
			err = fail_result(pg, res, eb);
		if (rows && !err && str_to_i64(PQcmdTuples(res), 0, INT64_MAX, &n) == ERR_OK &&
		    strncmp(PQcmdStatus(res), "COPY", 4) != 0 &&
		    strncmp(PQcmdStatus(res), "SELECT", 6) != 0)
			*rows += n;
		if (last && !err) {
			PQclear(*last);
			*last = res;
		} else {
			PQclear(res);
		}
		if (PQstatus(pg->conn) != CONNECTION_OK)
			return err ? err : fail(pg, NULL, PQerrorMessage(pg->conn), eb);
	}
}

enum err postgres_query(struct postgres *pg, const char *sql, int n, const char *const *params,
    PGresult **out, struct errbuf *eb)
{
	PGresult *last = NULL;
	enum err err;
	int sent;

	pg->fault = POSTGRES_FINE;
	/* without parameters the simple protocol, which takes several statements */
	sent = params ? PQsendQueryParams(pg->conn, sql, n, NULL, params, NULL, NULL, 0)
	              : PQsendQuery(pg->conn, sql);
	err = sent ? flush(pg, eb) : fail(pg, NULL, PQerrorMessage(pg->conn), eb);
	if (!err)
		err = drain(pg, &last, NULL, eb);
	if (out && !err)
		*out = last;
	else
		PQclear(last);
	return err;
}

enum err postgres_exec(struct postgres *pg, const char *sql, struct errbuf *eb)
{
	return postgres_query(pg, sql, 0, NULL, NULL, eb);
}

enum err postgres_rollback(struct postgres *pg, struct errbuf *eb)
{
	enum postgres_fault fault = pg->fault;
	enum err err = ERR_OK;

	if (PQtransactionStatus(pg->conn) != PQTRANS_IDLE)
		err = postgres_exec(pg, "ROLLBACK", eb);
	if (!err)
		pg->fault = fault; /* still the fault of what failed */
	return err;
}

/* ---- COPY ---- */

enum err postgres_copy_send(struct postgres *pg, const char *sql, struct errbuf *eb)
{
	enum err err;

	pg->fault = POSTGRES_FINE;
	if (!PQsendQuery(pg->conn, sql))
		return fail(pg, NULL, PQerrorMessage(pg->conn), eb);
	err = flush(pg, eb);
	while (!err) {
		PGresult *res = NULL;
		bool ready;

		err = next_result(pg, &res, eb);
		if (err)
			break;
		ready = PQresultStatus(res) == PGRES_COPY_IN;
		if (!is_good(res)) {
			err = fail_result(pg, res, eb);
			if (PQstatus(pg->conn) == CONNECTION_OK && drain(pg, NULL, NULL, NULL))
				pg->fault = POSTGRES_LOST;
		}
		PQclear(res);
		if (ready)
			return ERR_OK;
	}
	return err;
}

enum err postgres_copy_data(struct postgres *pg, const char *data, size_t len, struct errbuf *eb)
{
	int64_t deadline = clock_mono_ms() + pg->answer_ms;
	enum err err = ERR_OK;

	while (len && !err) {
		size_t piece = len < POSTGRES_PIECE ? len : POSTGRES_PIECE;
		int sent = PQputCopyData(pg->conn, data, (int)piece);

		if (sent < 0)
			return fail(pg, NULL, PQerrorMessage(pg->conn), eb);
		if (sent) {
			data += piece;
			len -= piece;
			err = flush(pg, eb);
		} else {
			err = wait_socket(pg, true, deadline, eb);
		}
	}
	while (!err) {
		int ended = PQputCopyEnd(pg->conn, NULL);

		if (ended < 0)
			return fail(pg, NULL, PQerrorMessage(pg->conn), eb);
		if (ended)
			return flush(pg, eb);
		err = wait_socket(pg, true, deadline, eb);
	}
	return err;
}

enum err postgres_copy_finish(struct postgres *pg, int64_t *rows, struct errbuf *eb)
{
	*rows = 0;
	return drain(pg, NULL, rows, eb);
}

/* ---- connecting ---- */

/* What is added to the address unless the address says otherwise. */
static const char *const session_params[][2] = {
    {"connect_timeout", "10"},
    {"keepalives", "1"},
    {"keepalives_idle", "30"},
    {"keepalives_interval", "10"},
    {"keepalives_count", "3"},
    {"tcp_user_timeout", "30000"},
    {"application_name", "tubeops"},
    {"client_encoding", "UTF8"},
};

/* The SQLSTATE in "FATAL:  28P01: password …", the only place where libpq shows it for a session
 * that never was; "" when the server was not even reached. */
static void connect_state(const char *message, char state[6])
{
	static const char letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

	state[0] = '\0';
	for (const char *p = strstr(message, ":  "); p; p = strstr(p + 1, ":  "))
		if (strspn(p + 3, letters) == 5 && p[8] == ':') {
			memcpy(state, p + 3, 5);
			state[5] = '\0';
			return;
		}
}

static enum err connect_fail(struct postgres *pg, struct errbuf *eb)
{
	const char *message = PQerrorMessage(pg->conn);
	char state[6];

	connect_state(message, state);
	return fail(pg, state, message, eb);
}

static enum err connect_poll(struct postgres *pg, struct errbuf *eb)
{
	int64_t deadline = clock_mono_ms() + POSTGRES_CONNECT_MS;
	PostgresPollingStatusType s = PGRES_POLLING_WRITING;
	enum err err;

	if (PQstatus(pg->conn) == CONNECTION_BAD)
		return connect_fail(pg, eb);
	while (s != PGRES_POLLING_OK) {
		struct pollfd p = {.fd = PQsocket(pg->conn),
		    .events = s == PGRES_POLLING_READING ? POLLIN : POLLOUT};

		if (pg->stop && atomic_load_explicit(pg->stop, memory_order_relaxed))
			return err_set(eb, ERR_CANCELLED, "stopped while connecting to PostgreSQL");
		if (clock_mono_ms() > deadline) {
			err = fail(pg, NULL, "no connection", eb);
			return err_set(eb, err == ERR_OK ? err : ERR_TIMEOUT,
			    "PostgreSQL at %s:%s does not answer within %d s", PQhost(pg->conn),
			    PQport(pg->conn), POSTGRES_CONNECT_MS / 1000);
		}
		if (poll(&p, 1, POSTGRES_SLICE_MS) <= 0)
			continue;
		s = PQconnectPoll(pg->conn);
		if (s == PGRES_POLLING_FAILED)
			return connect_fail(pg, eb);
	}
	return ERR_OK;
}

static bool is_given(const PQconninfoOption *options, const char *name)
{
	for (const PQconninfoOption *o = options; o->keyword; o++)
		if (strcmp(o->keyword, name) == 0)
			return o->val != NULL;
	return false;
}

static enum err connect_options(
    struct postgres *pg, const PQconninfoOption *options, struct errbuf *eb)
{
	const char *names[POSTGRES_PARAMS + 1] = {0}, *values[POSTGRES_PARAMS + 1] = {0};
	size_t n = 0, extra = sizeof session_params / sizeof session_params[0];

	for (const PQconninfoOption *o = options; o->keyword && n + extra < POSTGRES_PARAMS; o++) {
		if (!o->val)
			continue;
		if (strcmp(o->keyword, "host") == 0 && strchr(o->val, '@'))
			return err_set(
			    eb, ERR_INVALID, "%s: write @ in the password as %%40", pg->setting);
		if (strcmp(o->keyword, "port") == 0 && o->val[strspn(o->val, "0123456789,")])
			return err_set(eb, ERR_INVALID, "%s: the port is no number", pg->setting);
		names[n] = o->keyword;
		values[n++] = o->val;
	}
	for (size_t i = 0; i < extra; i++)
		if (!is_given(options, session_params[i][0])) {
			names[n] = session_params[i][0];
			values[n++] = session_params[i][1];
		}
	pg->conn = PQconnectStartParams(names, values, 0);
	if (!pg->conn)
		return err_set(eb, ERR_NOMEM, "out of memory");
	PQsetNoticeReceiver(pg->conn, notice, pg);
	PQsetErrorVerbosity(pg->conn, PQERRORS_VERBOSE); /* for connect_state */
	return connect_poll(pg, eb);
}

static void wipe(struct str *s)
{
	if (s->text)
		explicit_bzero(s->text, s->cap);
	str_done(s);
}

/* libpq repeats parts of what it cannot read, the password among them: keep what is before. */
static enum err refuse_url(const struct postgres *pg, char *words, struct errbuf *eb)
{
	size_t len = words ? strcspn(words, "\"\n") : 0;
	enum err err;

	while (len && strchr(" :(", words[len - 1]))
		len--;
	err = err_set(eb, ERR_INVALID,
	    "%s cannot be read (%.*s): write postgresql://user:password@host:port/name",
	    pg->setting, len > 100 ? 100 : (int)len, words ? words : "");
	PQfreemem(words);
	return err;
}

static enum err connect_url(
    struct postgres *pg, const struct secret *url, struct str *schema, struct errbuf *eb)
{
	PQconninfoOption *options;
	char *words = NULL;
	struct str clean;
	enum err err;

	str_init(&clean, POSTGRES_URL_LIMIT);
	err = postgres_text_url(secret_reveal(url), &clean, schema, eb);
	if (!err) {
		options = PQconninfoParse(str_get(&clean), &words);
		err = options ? connect_options(pg, options, eb) : refuse_url(pg, words, eb);
		PQconninfoFree(options);
	}
	wipe(&clean);
	return err;
}

/* Behind the connection: what the server must be, and what the session must say. */
static enum err session_init(struct postgres *pg, const struct str *schema, struct errbuf *eb)
{
	const char *encoding = PQparameterStatus(pg->conn, "server_encoding");
	struct str sql;
	enum err err;

	if (!pg->reading && PQserverVersion(pg->conn) < POSTGRES_OLDEST) {
		pg->fault = POSTGRES_HALT;
		return err_set(
		    eb, ERR_DENIED, "PostgreSQL is too old: tubeops needs version 13 or later");
	}
	if (!pg->reading && (!encoding || strcmp(encoding, "UTF8") != 0)) {
		pg->fault = POSTGRES_HALT;
		return err_set(eb, ERR_DENIED,
		    "the database has encoding %s: create it anew with ENCODING 'UTF8'",
		    encoding ? encoding : "unknown");
	}
	if (PQsetnonblocking(pg->conn, 1) != 0)
		return fail(pg, NULL, PQerrorMessage(pg->conn), eb);
	str_init(&sql, POSTGRES_URL_LIMIT);
	str_adds(&sql,
	    "SET TIME ZONE 'UTC'; SET DateStyle = 'ISO'; SET standard_conforming_strings = on;"
	    "SET statement_timeout = '60s'; SET lock_timeout = '10s';"
	    "SET idle_in_transaction_session_timeout = '5min'; SET temp_buffers = '32MB';");
	if (pg->reading)
		str_adds(&sql, "SET default_transaction_read_only = on;");
	if (schema->len) {
		str_adds(&sql, "SET search_path = ");
		postgres_text_name(&sql, str_get(schema));
	}
	err = sql.err ? err_set(eb, sql.err, "DATABASE_URL: schema= is too long")
	              : postgres_exec(pg, str_get(&sql), eb);
	str_done(&sql);
	return err;
}

enum err postgres_open(struct postgres **out, const struct postgres_config *cfg, struct errbuf *eb)
{
	struct postgres *pg = calloc(1, sizeof *pg);
	struct str place, schema;
	enum err err;

	*out = NULL;
	if (!pg)
		return err_set(eb, ERR_NOMEM, "out of memory");
	pg->stop = cfg->stop;
	pg->log = cfg->log;
	pg->reading = cfg->reading;
	pg->answer_ms = cfg->answer_ms ? cfg->answer_ms : POSTGRES_ANSWER_MS;
	pg->setting = cfg->setting ? cfg->setting : "DATABASE_URL";
	str_init(&schema, POSTGRES_URL_LIMIT);
	str_init(&place, POSTGRES_URL_LIMIT);
	err = connect_url(pg, cfg->url, &schema, eb);
	if (!err) {
		str_addf(&place, "%s:%s/%s", PQhost(pg->conn), PQport(pg->conn), PQdb(pg->conn));
		pg->place = str_take(&place);
		err = session_init(pg, &schema, eb);
	}
	str_done(&place);
	str_done(&schema);
	if (err) {
		postgres_close(pg);
		return err;
	}
	*out = pg;
	return ERR_OK;
}

void postgres_close(struct postgres *pg)
{
	if (!pg)
		return;
	PQfinish(pg->conn);
	free(pg->place);
	free(pg);
}
