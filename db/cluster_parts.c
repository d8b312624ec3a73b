#include "config.h"
#include "db/cluster_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PARAM_LIMIT = 1 << 20 };

/* Lists come with a separator that no cleaned text holds. */
#define LIST_SEPARATOR "\x1f"

void params_init(struct params *p)
{
	*p = (struct params){.n = 0};
	for (int i = 0; i < CLUSTER_PARAMS; i++)
		str_init(&p->text[i], PARAM_LIMIT);
}

void params_done(struct params *p)
{
	for (int i = 0; i < CLUSTER_PARAMS; i++)
		str_done(&p->text[i]);
}

static struct str *params_next(struct params *p)
{
	return &p->text[p->n++];
}

void params_uuid(struct params *p, const struct uuid *u)
{
	char text[UUID_TEXT + 1];

	str_adds(params_next(p), uuid_format(u, text));
}

void params_text(struct params *p, const char *text)
{
	str_adds(params_next(p), text);
}

void params_int(struct params *p, int64_t n)
{
	str_addf(params_next(p), "%lld", (long long)n);
}

void params_ms(struct params *p, int64_t ms)
{
	str_addf(params_next(p), "%lld milliseconds", (long long)ms);
}

void params_day(struct params *p, int64_t day)
{
	struct str *out = params_next(p), text;

	str_init(&text, PARAM_LIMIT);
	if (postgres_text_time(&text, day * 86400000))
		str_add(out, str_get(&text), strlen("2026-11-22"));
	str_done(&text);
}

void cluster_hex(struct str *out, const void *bytes, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *b = bytes;

	str_adds(out, "\\x");
	for (size_t i = 0; i < n; i++) {
		str_addc(out, digits[b[i] >> 4]);
		str_addc(out, digits[b[i] & 15]);
	}
}

void params_bytes(struct params *p, const void *bytes, size_t n)
{
	cluster_hex(params_next(p), bytes, n);
}

enum err params_run(
    struct params *p, struct postgres *pg, const char *sql, PGresult **out, struct errbuf *eb)
{
	enum err err = ERR_OK;

	for (int i = 0; i < p->n; i++) {
		p->value[i] = str_get(&p->text[i]);
		if (p->text[i].err)
			err = err_set(eb, p->text[i].err, "a statement is too long");
	}
	if (!err)
		err = postgres_query(pg, sql, p->n, p->value, out, eb);
	params_done(p);
	return err;
}

int64_t field_int(const PGresult *res, int row, int column)
{
	int64_t n = 0;

	if (PQgetisnull(res, row, column) ||
	    str_to_i64(PQgetvalue(res, row, column), INT64_MIN, INT64_MAX, &n))
		return 0;
	return n;
}

bool field_bool(const PGresult *res, int row, int column)
{
	return PQgetvalue(res, row, column)[0] == 't';
}

void field_uuid(const PGresult *res, int row, int column, struct uuid *out)
{
	const char *text = PQgetvalue(res, row, column);

	if (!uuid_parse(text, strlen(text), out))
		memset(out, 0, sizeof *out);
}

static unsigned hex_digit(char c)
{
	return (unsigned)(c >= 'a' ? c - 'a' + 10 : c - '0') & 15u;
}

size_t field_bytes(const PGresult *res, int row, int column, void *out, size_t max)
{
	const char *text = PQgetvalue(res, row, column);
	size_t n = strncmp(text, "\\x", 2) == 0 ? (strlen(text) - 2) / 2 : 0;
	unsigned char *b = out;

	for (size_t i = 0; i < n && i < max; i++)
		b[i] =
		    (unsigned char)(hex_digit(text[2 + 2 * i]) << 4 | hex_digit(text[3 + 2 * i]));
	return n;
}

const char *field_text(const PGresult *res, int row, int column)
{
	return PQgetisnull(res, row, column) ? NULL : PQgetvalue(res, row, column);
}

int64_t field_int_or(const PGresult *res, int row, int column, int64_t none)
{
	return PQgetisnull(res, row, column) ? none : field_int(res, row, column);
}

int field_flag(const PGresult *res, int row, int column)
{
	return PQgetisnull(res, row, column) ? -1 : field_bool(res, row, column);
}

struct text_list field_list(
    const PGresult *res, int row, int column, const char *items[CLUSTER_LIST])
{
	struct text_list list = {.n = -1, .items = items};
	char *at = PQgetvalue(res, row, column);

	if (PQgetisnull(res, row, column))
		return list;
	for (list.n = 0; *at && list.n < CLUSTER_LIST; list.n++) {
		char *end = at + strcspn(at, LIST_SEPARATOR);

		items[list.n] = at;
		at = *end ? end + 1 : end;
		*end = '\0';
	}
	return list;
}

static enum err params_run_one(
    struct params *p, struct postgres *pg, const char *sql, PGresult **out, struct errbuf *eb)
{
	enum err err = params_run(p, pg, sql, out, eb);

	if (!err && PQntuples(*out) != 1) {
		PQclear(*out);
		return err_set(eb, ERR_CORRUPT, "PostgreSQL gives no answer to a statement");
	}
	return err;
}

enum err params_run_bool(
    struct params *p, struct postgres *pg, const char *sql, bool *out, struct errbuf *eb)
{
	PGresult *res = NULL;
	enum err err = params_run_one(p, pg, sql, &res, eb);

	if (err)
		return err;
	*out = field_bool(res, 0, 0);
	PQclear(res);
	return ERR_OK;
}

enum err params_run_int(
    struct params *p, struct postgres *pg, const char *sql, int64_t *out, struct errbuf *eb)
{
	PGresult *res = NULL;
	enum err err = params_run_one(p, pg, sql, &res, eb);

	if (err)
		return err;
	*out = field_int(res, 0, 0);
	PQclear(res);
	return ERR_OK;
}

enum err params_run_ids(struct postgres *pg, const char *sql, const struct cid *ids, int n,
    PGresult **out, struct errbuf *eb)
{
	char text[CID_TEXT + 1];
	struct params p;
	struct str list;
	enum err err;

	str_init(&list, PARAM_LIMIT);
	for (int i = 0; i < n; i++)
		str_addf(&list, "%c%s", i ? ',' : '{', cid_format(&ids[i], text));
	str_addc(&list, '}');
	params_init(&p);
	params_text(&p, n ? str_get(&list) : "{}");
	params_text(&p, LIST_SEPARATOR);
	err = list.err ? err_set(eb, list.err, "too many channels at a time") : ERR_OK;
	str_done(&list);
	if (err)
		params_done(&p);
	return err ? err : params_run(&p, pg, sql, out, eb);
}
