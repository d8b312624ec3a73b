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
