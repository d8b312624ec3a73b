/*
 * str - a growing text with a hard limit and a sticky failure, so that a chain of appends
 * needs one check at its end. Any thread; a str belongs to one owner. Always NUL-terminated.
 */
#ifndef TUBEOPS_BASE_STR_H
#define TUBEOPS_BASE_STR_H

#include "engine/base/err.h"

#include <stddef.h>
#include <stdint.h>

struct str {
	char *text; /* NULL while empty and never grown; use str_get */
	size_t len;
	size_t cap;
	size_t limit; /* bytes without the NUL */
	enum err err; /* ERR_OK, ERR_NOMEM or ERR_LIMIT; stays */
};

/* Nothing is allocated before the first append. limit: bytes the text may have. */
void str_init(struct str *s, size_t limit);
void str_done(struct str *s);
/* Empties the text and forgets a failure; keeps the memory. */
void str_reset(struct str *s);
void str_add(struct str *s, const char *text, size_t len);
void str_adds(struct str *s, const char *text);
void str_addc(struct str *s, char c);
void str_addf(struct str *s, const char *fmt, ...) PRINTF_LIKE(2, 3);
void str_addv(struct str *s, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);
/* Makes room for `more` bytes; the caller may write there and then call str_grown. */
char *str_room(struct str *s, size_t more);
void str_grown(struct str *s, size_t by);
/* Never NULL. Borrowed until the next change. */
const char *str_get(const struct str *s);
/* Returns owned (free it), or NULL when the text failed; s is empty afterwards. */
char *str_take(struct str *s);

/* Whole text as a decimal number in min..max; blanks are refused. ERR_INVALID or ERR_LIMIT. */
enum err str_to_i64(const char *text, int64_t min, int64_t max, int64_t *out) MUST_CHECK;
/* The same for len bytes without a NUL. */
enum err str_to_i64_n(
    const char *text, size_t len, int64_t min, int64_t max, int64_t *out) MUST_CHECK;
/* A decimal fraction such as "0.25" in min..max; independent of the locale. */
enum err str_to_double(const char *text, double min, double max, double *out) MUST_CHECK;
/* Returns owned or NULL. */
char *str_dup(const char *text);
char *str_dup_n(const char *text, size_t len);
/* ASCII only, independent of the locale. */
bool str_is_equal_nocase(const char *a, const char *b);

#endif
