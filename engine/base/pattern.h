/*
 * pattern - looking for a text in texts: the whole of it, its beginning, somewhere inside, or a
 * regular expression that takes time linear in the text whoever wrote it (no back references).
 * A pattern does not change once made: any thread. Texts are UTF-8; broken bytes match nothing but
 * "." and negated classes.
 */
#ifndef TUBEOPS_BASE_PATTERN_H
#define TUBEOPS_BASE_PATTERN_H

#include "engine/base/err.h"

#include <stddef.h>
#include <stdint.h>

struct pattern;

enum pattern_kind {
	PATTERN_IS,
	PATTERN_BEGINS,
	PATTERN_HAS,
	PATTERN_TAG,    /* a language tag: "en" is "en" and "en-GB" */
	PATTERN_REGULAR /* . * + ? {n,m} | ( ) [ ] ^ $ \d \w \s and their opposites */
};

enum { PATTERN_LIMIT = 256 }; /* bytes of a regular expression */

/*
 * nocase: letters match in both cases (Latin, Greek, Cyrillic, Armenian). ERR_INVALID says what a
 * regular expression lacks; ERR_LIMIT: it is too long.
 */
enum err pattern_new(struct pattern **out, enum pattern_kind kind, const char *text, size_t len,
    bool nocase, struct errbuf *eb) MUST_CHECK;
void pattern_free(struct pattern *p);
bool pattern_fits(const struct pattern *p, const char *text, size_t len);
/* Has the text a letter with two cases, and is it a small one everywhere? Then people mean both. */
bool pattern_is_small(const char *text, size_t len);
/*
 * Bytes at the beginning of text that every text which it IS or BEGINS begins with, but for the case
 * of ASCII letters: what an index in that order can be asked for.
 */
size_t pattern_sure_prefix(const char *text, size_t len);

#endif
