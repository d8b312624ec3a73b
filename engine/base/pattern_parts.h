/*
 * pattern_parts - regular expressions as programs, between pattern.c and pattern_regular.c alone.
 */
#ifndef TUBEOPS_BASE_PATTERN_PARTS_H
#define TUBEOPS_BASE_PATTERN_PARTS_H

#include "engine/base/pattern.h"

enum { PATTERN_PROGRAM = 600 }; /* instructions; a match keeps that many places twice */

struct pattern_program;

enum err pattern_compile(struct pattern_program **out, const char *text, size_t len, bool nocase,
    struct errbuf *eb) MUST_CHECK;
void pattern_program_free(struct pattern_program *p);
bool pattern_run(const struct pattern_program *p, const char *text, size_t len);

/* The character at text (len > 0) and its bytes; a broken byte is U+FFFD. */
uint32_t pattern_next(const char *text, size_t len, size_t *bytes);
/* The small letter of a letter. */
uint32_t pattern_fold(uint32_t code);

#endif
