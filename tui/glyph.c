#include "config.h"
#include "tui/glyph.h"
#include "engine/base/text.h"

#include <langinfo.h>
#include <string.h>
#include <wchar.h>

struct glyph_pair {
	const char *utf8;
	const char *ascii;
};

static const struct glyph_pair glyph_table[GLYPH_COUNT] = {
#define GLYPH_ROW(name, utf8, ascii) [name] = {utf8, ascii},
    GLYPH_LIST(GLYPH_ROW)
#undef GLYPH_ROW
};

static bool glyph_is_narrow(const char *sign)
{
	uint32_t code = 0;
	size_t n = text_utf8_next(sign, strlen(sign), &code);

	return n && wcwidth((wchar_t)code) == 1;
}

void glyphs_init(struct glyphs *g, bool utf8)
{
	g->utf8 = utf8;
	for (int i = 0; i < GLYPH_COUNT; i++) {
		const struct glyph_pair *pair = &glyph_table[i];
		g->sign[i] = utf8 && glyph_is_narrow(pair->utf8) ? pair->utf8 : pair->ascii;
	}
}

bool glyphs_locale_is_utf8(void)
{
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}
