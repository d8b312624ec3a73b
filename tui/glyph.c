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

size_t glyph_encode(uint32_t code, char out[4])
{
	static const unsigned char lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
	size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;

	if (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
		return 0;
	for (size_t i = n; i > 1; i--) {
		out[i - 1] = (char)(0x80 | (code & 0x3F));
		code >>= 6;
	}
	out[0] = (char)(lead[n] | code);
	return n;
}
