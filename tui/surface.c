#include "config.h"
#include "tui/surface.h"
#include "engine/base/str.h"

#include <stdlib.h>
#include <string.h>

static int surface_clamp(int n, int most)
{
	return n < 1 ? 1 : n > most ? most : n;
}

bool surface_init(struct surface *s, int w, int h)
{
	*s = (struct surface){
	    .w = surface_clamp(w, SURFACE_MAX_W), .h = surface_clamp(h, SURFACE_MAX_H)};
	s->cells = calloc((size_t)s->w * (size_t)s->h, sizeof *s->cells);
	if (!s->cells) {
		s->w = s->h = 0;
		return false;
	}
	surface_clear(s);
	return true;
}

void surface_done(struct surface *s)
{
	free(s->cells);
	*s = (struct surface){0};
}

static void cell_blank(struct cell *c)
{
	*c = (struct cell){.text = " ", .width = 1, .role = ROLE_NORMAL};
}

void surface_clear(struct surface *s)
{
	size_t n = (size_t)s->w * (size_t)s->h;

	for (size_t i = 0; i < n; i++)
		cell_blank(&s->cells[i]);
	s->cursor_y = s->cursor_x = 0;
	s->cursor_shown = false;
}

struct cell *surface_cell(const struct surface *s, int y, int x)
{
	return &s->cells[(size_t)y * (size_t)s->w + (size_t)x];
}

void surface_put(struct surface *s, int y, int x, const char *text, int width, enum role role)
{
	struct cell *c;
	size_t len = strlen(text);

	if (y < 0 || x < 0 || y >= s->h || x + width > s->w || width < 1 || width > 2 ||
	    len >= CELL_BYTES)
		return;
	c = surface_cell(s, y, x);
	if (c->width == 0 && x > 0)
		cell_blank(c - 1);
	if (c[width - 1].width == 2 && x + width < s->w)
		cell_blank(c + width);
	*c = (struct cell){.width = (unsigned char)width, .role = (unsigned char)role};
	memcpy(c->text, text, len + 1);
	if (width == 2)
		c[1] = (struct cell){.width = 0, .role = (unsigned char)role};
}

char *surface_text(const struct surface *s)
{
	struct str out;

	str_init(&out, (size_t)s->w * (size_t)s->h * CELL_BYTES + (size_t)s->h + 1);
	for (int y = 0; y < s->h; y++) {
		for (int x = 0; x < s->w; x++)
			str_adds(&out, surface_cell(s, y, x)->text);
		str_addc(&out, '\n');
	}
	return str_take(&out);
}

/* ---- with colours ---- */

/* The 8 first colours have numbers of their own, which every terminal knows. */
static void ansi_style(struct str *out, struct theme_style style, bool selected)
{
	str_adds(out, "\033[0");
	if (style.bold)
		str_adds(out, ";1");
	if (style.dim)
		str_adds(out, ";2");
	if (style.reverse != selected)
		str_adds(out, ";7");
	if (style.colour >= 8)
		str_addf(out, ";38;5;%d", style.colour);
	else if (style.colour >= 0)
		str_addf(out, ";%d", 30 + style.colour);
	str_addc(out, 'm');
}

static bool ansi_is_plain(struct theme_style style, bool selected)
{
	return style.colour == THEME_DEFAULT && !style.bold && !style.dim &&
	       style.reverse == selected;
}

static void ansi_line(struct str *out, const struct surface *s, int y, int colours, int theme)
{
	const struct cell *before = NULL;
	bool plain = true;

	for (int x = 0; x < s->w; x++) {
		const struct cell *c = surface_cell(s, y, x);
		struct theme_style style = theme_style((enum role)c->role, colours, theme, false);
		bool same = before && before->role == c->role && before->selected == c->selected;
		bool goes_plain = ansi_is_plain(style, c->selected);
		if (!same && !(plain && goes_plain))
			ansi_style(out, style, c->selected);
		plain = goes_plain;
		before = c;
		str_adds(out, c->text);
	}
	if (!plain)
		str_adds(out, "\033[0m");
	str_addc(out, '\n');
}

char *surface_ansi(const struct surface *s, int colours, int theme)
{
	struct str out;

	str_init(&out, (size_t)s->w * (size_t)s->h * (CELL_BYTES + 24) + (size_t)s->h * 8 + 1);
	for (int y = 0; y < s->h; y++)
		ansi_line(&out, s, y, colours, theme);
	return str_take(&out);
}
