/*
 * postgres_text - the pure part of talking to PostgreSQL: COPY fields, array literals, times,
 * the address from DATABASE_URL, what an SQLSTATE means for whoever sent the statement.
 * Pure functions, any thread.
 */
#ifndef TUBEOPS_DB_POSTGRES_TEXT_H
#define TUBEOPS_DB_POSTGRES_TEXT_H

#include "db/rows.h"
#include "engine/base/str.h"

/* One field of COPY in text format, without its tab: escaped; NULL is \N. */
void postgres_text_field(struct str *out, const char *text);
/* The same for the first `max` characters (not bytes) of it: a column's limit. */
void postgres_text_field_cut(struct str *out, const char *text, size_t max);
/* {"a","b \"c\""} as one field; n < 0 is \N. */
void postgres_text_field_list(struct str *out, const struct text_list *list);
void postgres_text_field_int(struct str *out, int64_t value, int64_t none);
/* 0 f, 1 t, else \N. */
void postgres_text_field_bool(struct str *out, int value);
/* UTC without a zone; \N outside the years 1 to 9999. */
void postgres_text_field_time(struct str *out, int64_t utc_s);

/* "2026-11-22 12:18:39.123", the same clock; false outside the years 1 to 9999. */
bool postgres_text_time(struct str *out, int64_t utc_ms);
/* The array literal alone. */
void postgres_text_list(struct str *out, const struct text_list *list);
/* How many bytes of text its first max characters take. */
size_t postgres_text_cut(const char *text, size_t max);
/* An identifier in double quotes. */
void postgres_text_name(struct str *out, const char *name);

/*
 * Makes of DATABASE_URL what libpq takes: "postgresql+driver://" loses the driver, the parameter
 * schema=… moves into *schema (empty when there is none). ERR_INVALID never repeats the text.
 */
enum err postgres_text_url(
    const char *url, struct str *clean, struct str *schema, struct errbuf *eb) MUST_CHECK;

/* What to do about a failed statement. */
enum postgres_fault {
	POSTGRES_FINE,
	POSTGRES_LOST,  /* the connection or the server is gone: connect again, later */
	POSTGRES_AGAIN, /* the same statement may work soon: deadlock, lock, memory */
	POSTGRES_HALT,  /* somebody must do something: disk full, read-only, rights, tables */
	POSTGRES_DATA   /* a row is at fault: find it, set it aside */
};

struct postgres_state {
	const char *code; /* an SQLSTATE or how it begins */
	enum postgres_fault fault;
	enum err err;
	const char *advice; /* for people; NULL: the server's words are enough */
};
/* sqlstate NULL or "": the connection broke. Never NULL. */
const struct postgres_state *postgres_state_find(const char *sqlstate);

#endif
