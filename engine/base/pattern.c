#include "config.h"
#include "engine/base/pattern.h"
#include "engine/base/pattern_parts.h"
#include "engine/base/text.h"

#include <stdlib.h>
#include <string.h>

struct pattern {
	enum pattern_kind kind;
	bool nocase;
	bool ascii; /* codes are ASCII letters and signs alone: bytes can be compared */
	struct pattern_program *program;
	size_t n;
	uint32_t codes[]; /* of the text, folded when nocase */
};

/* Capital letters and what to add for the small one. every: 1 all, 2 each second. */
static const struct {
	uint32_t from, to, add, every;
} pattern_folds[] = {
    {'A', 'Z', 32, 1},
    {0xC0, 0xD6, 32, 1},
    {0xD8, 0xDE, 32, 1},
    {0x100, 0x12E, 1, 2},
    {0x132, 0x136, 1, 2},
    {0x139, 0x147, 1, 2},
    {0x14A, 0x176, 1, 2},
    {0x179, 0x17D, 1, 2},
    {0x386, 0x386, 38, 1},
    {0x388, 0x38A, 37, 1},
    {0x38C, 0x38C, 64, 1},
    {0x38E, 0x38F, 63, 1},
    {0x391, 0x3A1, 32, 1},
    {0x3A3, 0x3AB, 32, 1},
    {0x400, 0x40F, 80, 1},
    {0x410, 0x42F, 32, 1},
    {0x460, 0x480, 1, 2},
    {0x48A, 0x4BE, 1, 2},
    {0x4D0, 0x52E, 1, 2},
    {0x531, 0x556, 48, 1},
    {0x1E00, 0x1E94, 1, 2},
    {0x1EA0, 0x1EFE, 1, 2},
    {0xFF21, 0xFF3A, 32, 1},
};

uint32_t pattern_fold(uint32_t code)
{
	if (code < 0xC0)
		return code - 'A' <= 'Z' - 'A' ? code + 32 : code;
	for (size_t i = 0; i < sizeof pattern_folds / sizeof pattern_folds[0]; i++)
		if (code >= pattern_folds[i].from && code <= pattern_folds[i].to)
			return (code - pattern_folds[i].from) % pattern_folds[i].every
			           ? code
			           : code + pattern_folds[i].add;
	return code;
}

/* Is it a letter that has another case? */
static bool pattern_is_cased(uint32_t code)
{
	if (pattern_fold(code) != code)
		return true;
	for (size_t i = 0; i < sizeof pattern_folds / sizeof pattern_folds[0]; i++)
		if (code - pattern_folds[i].add >= pattern_folds[i].from &&
		    code - pattern_folds[i].add <= pattern_folds[i].to &&
		    pattern_fold(code - pattern_folds[i].add) == code)
			return true;
	return false;
}

uint32_t pattern_next(const char *text, size_t len, size_t *bytes)
{
	uint32_t code = 0xFFFD;

	if ((unsigned char)*text < 0x80) {
		*bytes = 1;
		return (unsigned char)*text;
	}
	*bytes = text_utf8_next(text, len, &code);
	if (*bytes)
		return code;
	*bytes = 1;
	return 0xFFFD;
}

bool pattern_is_small(const char *text, size_t len)
{
	size_t bytes;

	for (size_t at = 0; at < len; at += bytes) {
		uint32_t code = pattern_next(text + at, len - at, &bytes);
		if (pattern_fold(code) != code)
			return false;
	}
	return true;
}

size_t pattern_sure_prefix(const char *text, size_t len)
{
	size_t bytes, at = 0;

	for (; at < len; at += bytes) {
		uint32_t code = pattern_next(text + at, len - at, &bytes);
		if (code == 0xFFFD || (code >= 0x80 && pattern_is_cased(code)))
			break;
	}
	return at;
}

/* ---- making ---- */

static struct pattern *pattern_read(const char *text, size_t len, bool nocase)
{
	struct pattern *p = calloc(1, sizeof *p + (len + 1) * sizeof p->codes[0]);
	size_t bytes;

	if (!p)
		return NULL;
	p->nocase = nocase;
	p->ascii = true;
	for (size_t at = 0; at < len; at += bytes) {
		uint32_t code = pattern_next(text + at, len - at, &bytes);
		p->ascii = p->ascii && code < 0x80;
		p->codes[p->n++] = nocase ? pattern_fold(code) : code;
	}
	return p;
}

enum err pattern_new(struct pattern **out, enum pattern_kind kind, const char *text, size_t len,
    bool nocase, struct errbuf *eb)
{
	enum err err = ERR_OK;
	struct pattern *p;

	*out = NULL;
	if (kind == PATTERN_REGULAR && len > PATTERN_LIMIT)
		return err_set(eb, ERR_LIMIT, "an expression may have %d bytes", PATTERN_LIMIT);
	p = pattern_read(text, kind == PATTERN_REGULAR ? 0 : len, nocase);
	if (!p)
		return err_set(eb, ERR_NOMEM, "out of memory");
	p->kind = kind;
	if (kind == PATTERN_REGULAR)
		err = pattern_compile(&p->program, text, len, nocase, eb);
	if (err) {
		pattern_free(p);
		return err;
	}
	*out = p;
	return ERR_OK;
}

void pattern_free(struct pattern *p)
{
	if (!p)
		return;
	pattern_program_free(p->program);
	free(p);
}

/* ---- looking ---- */

/* Bytes of text that the pattern takes from its beginning; SIZE_MAX: it is not there. */
static size_t pattern_here(const struct pattern *p, const char *text, size_t len)
{
	size_t at = 0, bytes;

	for (size_t i = 0; i < p->n; i++, at += bytes) {
		uint32_t code;
		if (at >= len)
			return SIZE_MAX;
		code = pattern_next(text + at, len - at, &bytes);
		if ((p->nocase ? pattern_fold(code) : code) != p->codes[i])
			return SIZE_MAX;
	}
	return at;
}

/* No other letter folds to an ASCII one, so texts need not be read as characters. */
static bool pattern_has_ascii(const struct pattern *p, const unsigned char *text, size_t len)
{
	size_t i;

	for (size_t at = 0; len >= p->n && at <= len - p->n; at++) {
		for (i = 0; i < p->n; i++) {
			uint32_t code = text[at + i];
			if (p->nocase && code - 'A' <= 'Z' - 'A')
				code += 32;
			if (code != p->codes[i])
				break;
		}
		if (i == p->n)
			return true;
	}
	return false;
}

static bool pattern_has(const struct pattern *p, const char *text, size_t len)
{
	size_t bytes;

	if (p->ascii)
		return pattern_has_ascii(p, (const unsigned char *)text, len);
	for (size_t at = 0; at < len; at += bytes) {
		if (pattern_here(p, text + at, len - at) != SIZE_MAX)
			return true;
		(void)pattern_next(text + at, len - at, &bytes);
	}
	return !p->n;
}

bool pattern_fits(const struct pattern *p, const char *text, size_t len)
{
	size_t taken;

	if (p->kind == PATTERN_REGULAR)
		return pattern_run(p->program, text, len);
	if (p->kind == PATTERN_HAS)
		return pattern_has(p, text, len);
	taken = pattern_here(p, text, len);
	return taken != SIZE_MAX && (p->kind == PATTERN_BEGINS || taken == len ||
	                                (p->kind == PATTERN_TAG && text[taken] == '-'));
}
