#include "config.h"
#include "db/postgres_text.h"
#include "engine/base/clock.h"
#include "engine/base/text.h"

#include <string.h>

static const int64_t time_least = -62135596800; /* 0001-01-01 */
static const int64_t time_most = 253402300799;  /* 9999-12-31 23:59:59 */

static void field_add(struct str *out, const char *text, size_t len)
{
	static const char special[] = "\\\n\r\t";
	static const char letters[] = "\\nrt";
	const char *end = text + len;

	while (text < end) {
		size_t plain = strcspn(text, special);

		if (plain > (size_t)(end - text))
			plain = (size_t)(end - text);
		str_add(out, text, plain);
		text += plain;
		if (text == end || *text == '\0')
			return;
		str_addc(out, '\\');
		str_addc(out, letters[strchr(special, *text) - special]);
		text++;
	}
}

static void field_null(struct str *out)
{
	str_add(out, "\\N", 2);
}

void postgres_text_field(struct str *out, const char *text)
{
	if (text)
		field_add(out, text, strlen(text));
	else
		field_null(out);
}

size_t postgres_text_cut(const char *text, size_t max)
{
	size_t len = strlen(text), at = 0;
	uint32_t code;

	if (len <= max)
		return len;
	for (; max && at < len; max--) {
		size_t n = text_utf8_next(text + at, len - at, &code);

		at += n ? n : 1;
	}
	return at;
}

void postgres_text_field_cut(struct str *out, const char *text, size_t max)
{
	if (text)
		field_add(out, text, postgres_text_cut(text, max));
	else
		field_null(out);
}

void postgres_text_list(struct str *out, const struct text_list *list)
{
	str_addc(out, '{');
	for (int i = 0; i < list->n; i++) {
		const char *p = list->items[i] ? list->items[i] : "";

		str_adds(out, i ? ",\"" : "\"");
		while (*p) {
			size_t plain = strcspn(p, "\\\"");

			str_add(out, p, plain);
			p += plain;
			if (!*p)
				break;
			str_addc(out, '\\');
			str_addc(out, *p++);
		}
		str_addc(out, '"');
	}
	str_addc(out, '}');
}

void postgres_text_field_list(struct str *out, const struct text_list *list)
{
	struct str literal;

	if (list->n < 0) {
		field_null(out);
		return;
	}
	str_init(&literal, out->limit);
	postgres_text_list(&literal, list);
	if (literal.err && !out->err)
		out->err = literal.err;
	else
		field_add(out, str_get(&literal), literal.len);
	str_done(&literal);
}

void postgres_text_field_int(struct str *out, int64_t value, int64_t none)
{
	if (value == none)
		field_null(out);
	else
		str_addf(out, "%lld", (long long)value);
}

void postgres_text_field_bool(struct str *out, int value)
{
	if (value == 0 || value == 1)
		str_addc(out, value ? 't' : 'f');
	else
		field_null(out);
}

bool postgres_text_time(struct str *out, int64_t utc_ms)
{
	int64_t s = utc_ms / 1000, ms = utc_ms % 1000;
	struct clock_date d;

	if (ms < 0) {
		ms += 1000;
		s--;
	}
	if (s < time_least || s > time_most)
		return false;
	d = clock_date_from(s);
	str_addf(out, "%04d-%02d-%02d %02d:%02d:%02d", (int)d.year, d.month, d.day, d.hour,
	    d.minute, d.second);
	if (ms)
		str_addf(out, ".%03d", (int)ms);
	return true;
}

void postgres_text_field_time(struct str *out, int64_t utc_s)
{
	if (utc_s < time_least || utc_s > time_most || !postgres_text_time(out, utc_s * 1000))
		field_null(out);
}

void postgres_text_name(struct str *out, const char *name)
{
	str_addc(out, '"');
	for (; *name; name++) {
		if (*name == '"')
			str_addc(out, '"');
		str_addc(out, *name);
	}
	str_addc(out, '"');
}

/* Copies the parameters after '?' but schema. */
static bool url_query(const char *p, struct str *clean, struct str *schema)
{
	static const char name[] = "schema=";
	char before = '?';

	while (*p) {
		size_t len = strcspn(p, "&");

		if (strncmp(p, name, sizeof name - 1) == 0) {
			str_reset(schema);
			if (!text_percent_decode(
			        p + sizeof name - 1, len - (sizeof name - 1), schema))
				return false;
		} else if (len) {
			str_addc(clean, before);
			str_add(clean, p, len);
			before = '&';
		}
		p += len + (p[len] == '&');
	}
	return true;
}

enum err postgres_text_url(
    const char *url, struct str *clean, struct str *schema, struct errbuf *eb)
{
	const char *rest = strstr(url, "://");
	const char *scheme = "postgresql";
	size_t head = rest ? (size_t)(rest - url) : 0, len;

	str_reset(clean);
	str_reset(schema);
	if (!rest) { /* "host=… dbname=…": libpq's other form, passed on */
		str_adds(clean, url);
		return clean->err ? err_set(eb, clean->err, "DATABASE_URL is too long") : ERR_OK;
	}
	if (memchr(url, '+', head))
		head = (size_t)((const char *)memchr(url, '+', head) - url);
	if (!(head == strlen(scheme) && memcmp(url, scheme, head) == 0) &&
	    !(head == 8 && memcmp(url, scheme, 8) == 0))
		return err_set(eb, ERR_INVALID,
		    "DATABASE_URL must begin with postgresql:// "
		    "(postgresql://user:password@host:port/name)");
	len = strcspn(rest, "?");
	str_adds(clean, scheme);
	str_add(clean, rest, len);
	if (rest[len] && !url_query(rest + len + 1, clean, schema))
		return err_set(
		    eb, ERR_INVALID, "DATABASE_URL: the value of schema= cannot be read");
	if (clean->err || schema->err)
		return err_set(
		    eb, clean->err ? clean->err : schema->err, "DATABASE_URL is too long");
	return ERR_OK;
}

/* The first row that fits counts: the exact codes stand before their classes. */
static const struct postgres_state states[] = {
    {"57P01", POSTGRES_LOST, ERR_UNAVAIL, NULL},
    {"57P02", POSTGRES_LOST, ERR_UNAVAIL, NULL},
    {"57P03", POSTGRES_LOST, ERR_UNAVAIL, NULL},
    {"57014", POSTGRES_AGAIN, ERR_TIMEOUT, "the server is overloaded or a table is locked"},
    {"57", POSTGRES_LOST, ERR_UNAVAIL, NULL},
    {"08", POSTGRES_LOST, ERR_UNAVAIL, NULL},
    {"40", POSTGRES_AGAIN, ERR_BUSY, NULL},
    {"55P03", POSTGRES_AGAIN, ERR_BUSY, "another session holds a lock: see pg_locks"},
    {"55", POSTGRES_AGAIN, ERR_BUSY, NULL},
    {"53100", POSTGRES_HALT, ERR_IO, "the disk of the PostgreSQL server is full: make room"},
    {"53", POSTGRES_AGAIN, ERR_BUSY, NULL},
    {"25006", POSTGRES_HALT, ERR_DENIED,
        "the database only reads: point DATABASE_URL at the primary server"},
    {"25", POSTGRES_LOST, ERR_UNAVAIL, NULL},
    {"21", POSTGRES_DATA, ERR_INVALID, NULL}, /* one row twice in a batch: halves part the two */
    {"22", POSTGRES_DATA, ERR_INVALID, NULL},
    {"23", POSTGRES_DATA, ERR_INVALID, NULL},
    {"54", POSTGRES_DATA, ERR_INVALID, NULL},
    {"44", POSTGRES_DATA, ERR_INVALID, NULL},
    {"P0001", POSTGRES_DATA, ERR_INVALID, NULL}, /* a trigger of somebody's said no */
    {"28", POSTGRES_HALT, ERR_DENIED, "check user and password in DATABASE_URL"},
    {"3D", POSTGRES_HALT, ERR_NOTFOUND, "create the database or mend its name in DATABASE_URL"},
    {"3F", POSTGRES_HALT, ERR_NOTFOUND, "create the schema or mend its name in DATABASE_URL"},
    {"42501", POSTGRES_HALT, ERR_DENIED, "grant the user of DATABASE_URL the rights it lacks"},
    {"42P01", POSTGRES_HALT, ERR_NOTFOUND, "a table is gone; behind PgBouncer use session pooling"},
    {"42", POSTGRES_HALT, ERR_INVALID, "the tables are not as tubeops needs them"},
    {"58", POSTGRES_HALT, ERR_IO, "the PostgreSQL server has trouble with its disk"},
    {"XX", POSTGRES_HALT, ERR_CORRUPT, "the PostgreSQL server reports damage: see its log"},
    {"", POSTGRES_HALT, ERR_INVALID, NULL},
};

static const struct postgres_state state_broken = {"", POSTGRES_LOST, ERR_UNAVAIL, NULL};

const struct postgres_state *postgres_state_find(const char *sqlstate)
{
	const struct postgres_state *s = states;

	if (!sqlstate || !*sqlstate)
		return &state_broken;
	while (strncmp(sqlstate, s->code, strlen(s->code)) != 0)
		s++;
	return s;
}
