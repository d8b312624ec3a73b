/* Statements of lists while they are put together, and the places they go on from. */
#include "config.h"
#include "db/list_parts.h"

#include <stdlib.h>
#include <string.h>

enum { LIST_SQL_LIMIT = 256 * 1024 };

/* The type of the pointers that statements pass to our functions. */
static const char list_pointer[] = "tubeops list";

void list_sql_init(struct list_sql *q)
{
	*q = (struct list_sql){.err = ERR_OK};
	str_init(&q->text, LIST_SQL_LIMIT);
}

void list_sql_done(struct list_sql *q)
{
	str_done(&q->text);
	free(q->binds);
}

void list_sql_add(struct list_sql *q, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	str_addv(&q->text, fmt, ap);
	va_end(ap);
}

void list_sql_bind(struct list_sql *q, const struct list_bind *b)
{
	if (q->n == q->room) {
		size_t room = q->room ? 2 * q->room : 32;
		struct list_bind *more = realloc(q->binds, room * sizeof(*more));
		if (!more) {
			q->err = ERR_NOMEM;
			return;
		}
		q->binds = more;
		q->room = room;
	}
	q->binds[q->n++] = *b;
	str_addc(&q->text, '?');
}

void list_sql_int(struct list_sql *q, int64_t n)
{
	const struct list_bind b = {.kind = LIST_BIND_INT, .number = n};

	list_sql_bind(q, &b);
}

void list_sql_joins(
    struct list_sql *q, const struct list_thing *t, unsigned from, unsigned needs, unsigned *has)
{
	for (const struct list_join *j = t->joins; j->bit; j++) {
		if (!(needs & j->bit) || (*has & j->bit) || (j->from && !(from & j->from)))
			continue;
		if (j->after & ~*has)
			list_sql_joins(q, t, from, j->after, has);
		list_sql_add(q, " %s", j->sql);
		*has |= j->bit;
	}
}

static void list_sql_bind_one(sqlite3_stmt *t, int i, const struct list_bind *b)
{
	switch (b->kind) {
	case LIST_BIND_NULL:
		sqlite3_bind_null(t, i);
		break;
	case LIST_BIND_INT:
		sqlite3_bind_int64(t, i, b->number);
		break;
	case LIST_BIND_REAL:
		sqlite3_bind_double(t, i, b->real);
		break;
	case LIST_BIND_TEXT:
		sqlite3_bind_text(
		    t, i, b->text ? b->text : (const char *)b->blob, (int)b->len, SQLITE_TRANSIENT);
		break;
	case LIST_BIND_BLOB:
		sqlite3_bind_blob(t, i, b->blob, (int)b->len, SQLITE_TRANSIENT);
		break;
	case LIST_BIND_PATTERN:
	case LIST_BIND_VISIT:
		sqlite3_bind_pointer(t, i, (void *)(uintptr_t)b->pointer, list_pointer, NULL);
		break;
	}
}

enum err list_sql_prepare(
    struct staging *s, struct list_sql *q, sqlite3_stmt **out, struct errbuf *eb)
{
	enum err err = q->err ? q->err : q->text.err;

	*out = NULL;
	if (err)
		return err_set(eb, err, "the filter is too long");
	err = db_prepare(staging_db(s), out, str_get(&q->text), eb);
	for (size_t i = 0; i < q->n && !err; i++)
		list_sql_bind_one(*out, (int)i + 1, &q->binds[i]);
	return err;
}

/* ---- places ---- */

/*
 * "subs-.i14100000.i2347": the order, its direction, then the values: i number, r fraction in bits,
 * t text, b bytes (both in hexadecimal), n nothing.
 */
static void place_hex(struct str *s, const unsigned char *b, size_t len)
{
	for (size_t i = 0; i < len; i++)
		str_addf(s, "%02x", b[i]);
}

static void place_value(struct str *s, sqlite3_value *v)
{
	double real;
	uint64_t bits;

	switch (sqlite3_value_type(v)) {
	case SQLITE_INTEGER:
		str_addf(s, ".i%lld", (long long)sqlite3_value_int64(v));
		break;
	case SQLITE_FLOAT:
		real = sqlite3_value_double(v);
		memcpy(&bits, &real, sizeof bits);
		str_addf(s, ".r%016llx", (unsigned long long)bits);
		break;
	case SQLITE_TEXT:
		str_adds(s, ".t");
		place_hex(s, sqlite3_value_text(v), (size_t)sqlite3_value_bytes(v));
		break;
	case SQLITE_BLOB:
		str_adds(s, ".b");
		place_hex(s, sqlite3_value_blob(v), (size_t)sqlite3_value_bytes(v));
		break;
	default:
		str_adds(s, ".n");
	}
}

char *list_place_write(
    const struct list_thing *t, int sort, bool descending, sqlite3_value *const *values)
{
	struct str s;

	str_init(&s, LIST_SQL_LIMIT);
	str_addf(&s, "%s%s", t->sorts[sort].word, descending ? "-" : "");
	for (int i = 0; i < LIST_KEYS && t->sorts[sort].columns[i]; i++)
		place_value(&s, values[i]);
	return str_take(&s);
}

static int place_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Owned; *len its bytes. NULL: no hexadecimal, or no memory. */
static char *place_bytes(const char *text, size_t len, size_t *out)
{
	char *bytes = malloc(len / 2 + 1);

	if (!bytes || len % 2) {
		free(bytes);
		return NULL;
	}
	for (size_t i = 0; i < len / 2; i++) {
		int high = place_digit(text[2 * i]), low = place_digit(text[2 * i + 1]);
		if (high < 0 || low < 0) {
			free(bytes);
			return NULL;
		}
		bytes[i] = (char)(high << 4 | low);
	}
	*out = len / 2;
	bytes[len / 2] = '\0';
	return bytes;
}

static bool place_bits(const char *text, size_t len, double *out)
{
	uint64_t bits = 0;

	for (size_t i = 0; i < len; i++) {
		int digit = place_digit(text[i]);
		if (digit < 0 || len != 16)
			return false;
		bits = bits << 4 | (uint64_t)digit;
	}
	memcpy(out, &bits, sizeof bits);
	return len == 16;
}

/* One value behind its dot and letter. */
static bool place_read_value(struct list_place *p, char kind, const char *text, size_t len)
{
	struct list_bind *b = &p->values[p->n];

	switch (kind) {
	case 'n':
		b->kind = LIST_BIND_NULL;
		return len == 0;
	case 'i':
		b->kind = LIST_BIND_INT;
		return str_to_i64_n(text, len, INT64_MIN, INT64_MAX, &b->number) == ERR_OK;
	case 'r':
		b->kind = LIST_BIND_REAL;
		return place_bits(text, len, &b->real);
	case 't':
		b->kind = LIST_BIND_TEXT;
		b->text = p->texts[p->n] = place_bytes(text, len, &b->len);
		return b->text != NULL;
	case 'b':
		b->kind = LIST_BIND_BLOB;
		p->texts[p->n] = place_bytes(text, len, &b->len);
		if (!p->texts[p->n] || b->len != CID_BYTES)
			return false;
		memcpy(b->blob, p->texts[p->n], CID_BYTES);
		return true;
	default:
		return false;
	}
}

enum err list_place_read(struct list_place *p, const struct list_thing *t, int sort,
    bool descending, const char *text, struct errbuf *eb)
{
	const struct list_sort *o = &t->sorts[sort];
	size_t len = strlen(o->word);
	bool good = strncmp(text, o->word, len) == 0 && (text[len] == '-') == descending;
	const char *at = text + len + descending;

	*p = (struct list_place){.n = 0};
	while (good && p->n < LIST_KEYS && o->columns[p->n]) {
		size_t n;
		good = at[0] == '.' && at[1];
		n = good ? strcspn(at + 2, ".") : 0;
		good = good && place_read_value(p, at[1], at + 2, n);
		at += good ? n + 2 : 0;
		p->n++;
	}
	if (good && !*at)
		return ERR_OK;
	list_place_done(p);
	return err_set(eb, ERR_INVALID,
	    "this place is of another order, or of none: take `next` or `previous` of an answer "
	    "with the same sort");
}

void list_place_done(struct list_place *p)
{
	for (int i = 0; i < LIST_KEYS; i++)
		free(p->texts[i]);
	*p = (struct list_place){.n = 0};
}
