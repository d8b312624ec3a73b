/*
 * err - errors as values: a code to branch on and a sentence to show.
 * Any thread; an errbuf belongs to its caller. Functions that can fail in a way an
 * operator should read take a `struct errbuf *` last (NULL allowed) and return enum err.
 */
#ifndef TUBEOPS_BASE_ERR_H
#define TUBEOPS_BASE_ERR_H

#include <stdarg.h>
#include <stdbool.h>

#if defined(__GNUC__)
#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))
#else
#define MUST_CHECK
#define PRINTF_LIKE(f, a)
#endif

/* name, word for logs and JSON, whether trying again later can help */
#define ERR_LIST(X)                            \
	X(ERR_OK, "ok", false)                 \
	X(ERR_NOMEM, "out of memory", true)    \
	X(ERR_LIMIT, "limit exceeded", false)  \
	X(ERR_INVALID, "invalid", false)       \
	X(ERR_NOTFOUND, "not found", false)    \
	X(ERR_EXISTS, "exists already", false) \
	X(ERR_BUSY, "busy", true)              \
	X(ERR_CANCELLED, "cancelled", false)   \
	X(ERR_TIMEOUT, "timed out", true)      \
	X(ERR_UNAVAIL, "unavailable", true)    \
	X(ERR_QUOTA, "quota spent", true)      \
	X(ERR_DENIED, "refused", false)        \
	X(ERR_CORRUPT, "corrupt data", false)  \
	X(ERR_IO, "input/output error", true)

enum err {
#define ERR_ENUM(name, word, retry) name,
	ERR_LIST(ERR_ENUM)
#undef ERR_ENUM
};

struct errbuf {
	enum err code;
	char text[512];
};

/* Stores code and text (cut at 511 bytes on a character boundary) and returns code. */
enum err err_set(struct errbuf *eb, enum err code, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* Puts "what: " before the text that eb already holds; returns eb's code. */
enum err err_prefix(struct errbuf *eb, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* The code's word, never NULL. */
const char *err_word(enum err code);
/* May the same thing work later without anybody changing anything? */
bool err_is_temporary(enum err code);
/* The text, or the code's word when there is none; for %s. */
const char *err_text(const struct errbuf *eb);

#endif
