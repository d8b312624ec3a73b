/*
 * glyph - the signs that bars, graphs and frames are made of, by name, in two sets: UTF-8 and
 * ASCII. Every sign is one column wide. The screen's thread; filled once, read-only afterwards.
 */
#ifndef TUBEOPS_TUI_GLYPH_H
#define TUBEOPS_TUI_GLYPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* name, UTF-8, ASCII */
#define GLYPH_LIST(X)                        \
	X(GLYPH_BAR_FULL, "\u2588", "#")     \
	X(GLYPH_BAR_1, "\u258f", ".")        \
	X(GLYPH_BAR_2, "\u258e", ".")        \
	X(GLYPH_BAR_3, "\u258d", ".")        \
	X(GLYPH_BAR_4, "\u258c", "#")        \
	X(GLYPH_BAR_5, "\u258b", "#")        \
	X(GLYPH_BAR_6, "\u258a", "#")        \
	X(GLYPH_BAR_7, "\u2589", "#")        \
	X(GLYPH_BAR_EMPTY, "\u2591", ".")    \
	X(GLYPH_RISE_1, "\u2581", ".")       \
	X(GLYPH_RISE_2, "\u2582", ".")       \
	X(GLYPH_RISE_3, "\u2583", ".")       \
	X(GLYPH_RISE_4, "\u2584", ":")       \
	X(GLYPH_RISE_5, "\u2585", ":")       \
	X(GLYPH_RISE_6, "\u2586", ":")       \
	X(GLYPH_RISE_7, "\u2587", "|")       \
	X(GLYPH_RISE_8, "\u2588", "|")       \
	X(GLYPH_LINE_H, "\u2500", "-")       \
	X(GLYPH_LINE_V, "\u2502", "|")       \
	X(GLYPH_TOP_LEFT, "\u250c", "+")     \
	X(GLYPH_TOP_RIGHT, "\u2510", "+")    \
	X(GLYPH_BOTTOM_LEFT, "\u2514", "+")  \
	X(GLYPH_BOTTOM_RIGHT, "\u2518", "+") \
	X(GLYPH_AXIS, "\u2524", "|")         \
	X(GLYPH_DOT, "\u00b7", ".")          \
	X(GLYPH_POINT, "\u2022", "o")

enum glyph {
#define GLYPH_ENUM(name, utf8, ascii) name,
	GLYPH_LIST(GLYPH_ENUM)
#undef GLYPH_ENUM
	    GLYPH_COUNT
};

struct glyphs {
	bool utf8; /* text other than ASCII can be shown too */
	const char *sign[GLYPH_COUNT];
};

/* Signs that the locale does not know as one column wide fall back to ASCII one by one. */
void glyphs_init(struct glyphs *g, bool utf8);
/* Does the locale that setlocale() chose speak UTF-8? */
bool glyphs_locale_is_utf8(void);
/* Writes a code as UTF-8; returns how many of the 4 bytes, 0 for what is no character. */
size_t glyph_encode(uint32_t code, char out[4]);

#endif
