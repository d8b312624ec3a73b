#include "config.h"
#include "tui/draw.h"
#include "engine/base/str.h"
#include "engine/base/text.h"

#include <string.h>
#include <wchar.h>

enum { DRAW_TEXT_LIMIT = 4096, DRAW_SPARK_MAX = SURFACE_MAX_W };

struct pane pane_whole(struct surface *s, const struct glyphs *g)
{
	return (struct pane){s, g, {0, 0, s->h, s->w}};
}

struct pane pane_part(const struct pane *p, struct rect r)
{
	struct pane part = *p;

	part.at = rect_clip((struct rect){p->at.y + r.y, p->at.x + r.x, r.h, r.w}, p->at);
	return part;
}

/* ---- characters ---- */

struct code_range {
	uint32_t first, last;
};

/* Both tables are ordered. Refused: what can move or reorder other text on a terminal. */
static const struct code_range draw_refused[] = {
    {0x061C, 0x061C}, {0x200E, 0x200F}, {0x2028, 0x202E}, {0x2066, 0x2069}, {0xFFF9, 0xFFFB}};
/* Dropped: invisible, and terminals disagree about the width of what they join or colour. */
static const struct code_range draw_dropped[] = {{0x200B, 0x200D}, {0x2060, 0x2064},
    {0xFE00, 0xFE0F}, {0xFEFF, 0xFEFF}, {0x1F3FB, 0x1F3FF}, {0xE0000, 0xE0FFF}};

static bool draw_is_in(const struct code_range *ranges, size_t n, uint32_t code)
{
	for (size_t i = 0; i < n; i++)
		if (code >= ranges[i].first && code <= ranges[i].last)
			return true;
	return false;
}

enum draw_kind { DRAW_BASE, DRAW_MARK, DRAW_DROP, DRAW_SPACE, DRAW_REFUSE };

/* What a code is on this terminal; *width only of DRAW_BASE. */
static enum draw_kind draw_kind_of(const struct glyphs *g, uint32_t code, int *width)
{
	*width = 1;
	if (code == '\t' || code == '\n')
		return DRAW_SPACE;
	if (code >= 0x20 && code < 0x7F)
		return DRAW_BASE;
	if (code < 0xA0)
		return DRAW_REFUSE;
	if (draw_is_in(draw_dropped, sizeof draw_dropped / sizeof draw_dropped[0], code))
		return DRAW_DROP;
	if (!g->utf8 ||
	    draw_is_in(draw_refused, sizeof draw_refused / sizeof draw_refused[0], code))
		return DRAW_REFUSE;
	*width = wcwidth((wchar_t)code);
	if (*width == 0)
		return DRAW_MARK;
	return *width == 1 || *width == 2 ? DRAW_BASE : DRAW_REFUSE;
}

struct draw_scan {
	const struct glyphs *g;
	const char *p, *end;
	char text[CELL_BYTES]; /* the character found, with its marks */
	int width;
};

/* Adds the combining marks that follow to a character already in s->text. */
static void draw_scan_marks(struct draw_scan *s, size_t len)
{
	int marks = 0, width;

	while (s->p < s->end) {
		uint32_t code = 0;
		size_t n = text_utf8_next(s->p, (size_t)(s->end - s->p), &code);
		enum draw_kind kind = n ? draw_kind_of(s->g, code, &width) : DRAW_REFUSE;
		if (kind != DRAW_MARK && kind != DRAW_DROP)
			break;
		if (kind == DRAW_MARK && marks++ < CELL_MARKS) {
			memcpy(s->text + len, s->p, n);
			len += n;
		}
		s->p += n;
	}
	s->text[len] = 0;
}

/* The next character as it may be shown; false at the end. */
static bool draw_scan_next(struct draw_scan *s)
{
	while (s->p < s->end) {
		uint32_t code = 0;
		size_t n = text_utf8_next(s->p, (size_t)(s->end - s->p), &code);
		enum draw_kind kind = n ? draw_kind_of(s->g, code, &s->width) : DRAW_REFUSE;
		const char *from = s->p;
		s->p += n ? n : 1;
		if (kind == DRAW_DROP)
			continue;
		if (kind != DRAW_BASE) { /* a mark without a base has none to stand on */
			s->width = 1;
			from = kind == DRAW_SPACE ? " " : "?";
			n = 1;
		}
		memcpy(s->text, from, n);
		draw_scan_marks(s, n);
		return true;
	}
	return false;
}

/* Columns of text, but no more is counted once there are more than enough. */
static int draw_measure(const struct glyphs *g, const char *text, int enough)
{
	struct draw_scan s = {.g = g, .p = text, .end = text + strlen(text)};
	int columns = 0;

	while (columns <= enough && draw_scan_next(&s))
		columns += s.width;
	return columns;
}

int draw_columns(const struct pane *p, const char *text)
{
	return draw_measure(p->g, text, 1 << 30);
}

/* One character at a place of the pane; ignored outside of it. */
static void draw_put(
    const struct pane *p, int y, int x, const char *text, int width, enum role role)
{
	if (y >= 0 && x >= 0 && y < p->at.h && x + width <= p->at.w)
		surface_put(p->s, p->at.y + y, p->at.x + x, text, width, role);
}

static void draw_pad(const struct pane *p, int y, int x, int end)
{
	for (; x < end; x++)
		draw_put(p, y, x, " ", 1, ROLE_NORMAL);
}

int draw_text(const struct pane *p, int y, int x, int width, enum align align, enum role role,
    const char *text)
{
	struct draw_scan s = {.g = p->g, .p = text, .end = text + strlen(text)};
	int columns, room, at;

	if (x < 0 || x >= p->at.w)
		return 0;
	if (width > p->at.w - x)
		width = p->at.w - x;
	if (width <= 0 || y < 0 || y >= p->at.h)
		return 0;
	columns = draw_measure(p->g, text, width);
	room = columns > width ? width - 1 : width;
	at = x;
	if (columns < width && align != ALIGN_LEFT)
		at += align == ALIGN_RIGHT ? width - columns : (width - columns) / 2;
	draw_pad(p, y, x, at);
	room += x;
	while (at < room && draw_scan_next(&s) && at + s.width <= room) {
		draw_put(p, y, at, s.text, s.width, role);
		at += s.width;
	}
	if (columns > width) {
		draw_pad(p, y, at, room);
		draw_put(p, y, room, "~", 1, role);
		return width;
	}
	draw_pad(p, y, at, x + width);
	return columns;
}

int draw_textf(const struct pane *p, int y, int x, int width, enum align align, enum role role,
    const char *fmt, ...)
{
	struct str text;
	va_list ap;
	int columns;

	str_init(&text, DRAW_TEXT_LIMIT);
	va_start(ap, fmt);
	str_addv(&text, fmt, ap);
	va_end(ap);
	columns = draw_text(p, y, x, width, align, role, str_get(&text));
	str_done(&text);
	return columns;
}

/* ---- marks ---- */

void draw_select(const struct pane *p, int y)
{
	if (y < 0 || y >= p->at.h)
		return;
	for (int x = 0; x < p->at.w; x++)
		surface_cell(p->s, p->at.y + y, p->at.x + x)->selected = true;
	p->s->cursor_y = p->at.y + y;
	p->s->cursor_x = p->at.x;
}

void draw_cursor(const struct pane *p, int y, int x)
{
	if (y < 0 || x < 0 || y >= p->at.h || x >= p->at.w)
		return;
	p->s->cursor_y = p->at.y + y;
	p->s->cursor_x = p->at.x + x;
	p->s->cursor_shown = true;
}

void draw_blank(const struct pane *p)
{
	for (int y = 0; y < p->at.h; y++)
		draw_pad(p, y, 0, p->at.w);
}

/* ---- bars and graphs ---- */

void draw_bar(const struct pane *p, int y, int x, int width, enum role role, double fraction)
{
	double part = fraction > 0 ? (fraction < 1 ? fraction : 1) : 0;
	int eighths = (int)(part * width * 8);

	for (int i = 0; i < width; i++) {
		int here = eighths - i * 8;
		enum glyph g = here >= 8   ? GLYPH_BAR_FULL
		               : here <= 0 ? GLYPH_BAR_EMPTY
		                           : (enum glyph)(GLYPH_BAR_1 + here - 1);
		draw_put(p, y, x + i, p->g->sign[g], 1, here > 0 ? role : ROLE_RULE);
	}
}

/* The mean of the values that fall into cell i of width, taken in parts where cells cut values. */
static double draw_sample(const double *values, size_t n, int i, int width)
{
	double from = (double)i * (double)n / width, to = (double)(i + 1) * (double)n / width;
	double sum = 0;

	for (size_t k = (size_t)from; k < n && (double)k < to; k++) {
		double begin = (double)k > from ? (double)k : from;
		double end = (double)(k + 1) < to ? (double)(k + 1) : to;
		sum += values[k] * (end - begin);
	}
	return sum / (to - from);
}

/* Eighths of a column h cells high; something is never drawn as nothing. */
static int draw_height(double value, double most, int h)
{
	int eighths;

	if (!(value > 0) || !(most > 0))
		return 0;
	eighths = (int)((value < most ? value / most : 1.0) * h * 8 + 0.5);
	return eighths ? eighths : 1;
}

static void draw_column(const struct pane *p, int y, int x, int h, int eighths, enum role role)
{
	for (int i = 0; i < h; i++) {
		int here = eighths - i * 8;
		const char *sign =
		    here <= 0 ? " " : p->g->sign[GLYPH_RISE_1 + (here > 8 ? 8 : here) - 1];
		draw_put(p, y + h - 1 - i, x, sign, 1, role);
	}
}

static void draw_columns_of(const struct pane *p, struct rect r, enum role role,
    const double *values, size_t n, double most)
{
	double cells[DRAW_SPARK_MAX];
	double top = 0;

	if (r.w > DRAW_SPARK_MAX)
		r.w = DRAW_SPARK_MAX;
	for (int i = 0; i < r.w; i++) {
		cells[i] = n ? draw_sample(values, n, i, r.w) : 0;
		top = cells[i] > top ? cells[i] : top;
	}
	for (int i = 0; i < r.w; i++)
		draw_column(
		    p, r.y, r.x + i, r.h, draw_height(cells[i], most > 0 ? most : top, r.h), role);
}

void draw_spark(
    const struct pane *p, int y, int x, int width, enum role role, const double *values, size_t n)
{
	draw_columns_of(p, (struct rect){y, x, 1, width}, role, values, n, 0);
}

void draw_graph(const struct pane *p, enum role role, const double *values, size_t n, double most)
{
	draw_columns_of(p, (struct rect){0, 0, p->at.h, p->at.w}, role, values, n, most);
}

/* ---- frames ---- */

void draw_rule(const struct pane *p, int y, const char *title, const char *right)
{
	int w = p->at.w, columns;

	for (int x = 0; x < w; x++)
		draw_put(p, y, x, p->g->sign[GLYPH_LINE_H], 1, ROLE_RULE);
	if (title && *title && w > 6) {
		columns = draw_columns(p, title);
		columns = columns > w - 5 ? w - 5 : columns;
		draw_pad(p, y, 1, 2);
		draw_text(p, y, 2, columns, ALIGN_LEFT, ROLE_TITLE, title);
		draw_pad(p, y, 2 + columns, 3 + columns);
		w -= columns + 3;
	}
	if (right && *right && draw_columns(p, right) + 5 <= w) {
		columns = draw_columns(p, right);
		w = p->at.w - columns - 3;
		draw_pad(p, y, w, w + 1);
		draw_text(p, y, w + 1, columns, ALIGN_LEFT, ROLE_NORMAL, right);
		draw_pad(p, y, w + 1 + columns, w + 2 + columns);
	}
}

struct pane draw_box(const struct pane *p, const char *title, const char *right)
{
	const char *const *sign = p->g->sign;
	struct pane line = pane_part(p, (struct rect){0, 1, 1, p->at.w - 2});
	int last_y = p->at.h - 1, last_x = p->at.w - 1;

	draw_rule(&line, 0, title, right);
	for (int x = 1; x < last_x; x++)
		draw_put(p, last_y, x, sign[GLYPH_LINE_H], 1, ROLE_RULE);
	for (int y = 1; y < last_y; y++) {
		draw_put(p, y, 0, sign[GLYPH_LINE_V], 1, ROLE_RULE);
		draw_put(p, y, last_x, sign[GLYPH_LINE_V], 1, ROLE_RULE);
	}
	draw_put(p, 0, 0, sign[GLYPH_TOP_LEFT], 1, ROLE_RULE);
	draw_put(p, 0, last_x, sign[GLYPH_TOP_RIGHT], 1, ROLE_RULE);
	draw_put(p, last_y, 0, sign[GLYPH_BOTTOM_LEFT], 1, ROLE_RULE);
	draw_put(p, last_y, last_x, sign[GLYPH_BOTTOM_RIGHT], 1, ROLE_RULE);
	return pane_part(p, (struct rect){1, 1, p->at.h - 2, p->at.w - 2});
}

void draw_hints(const struct pane *p, int y, const char *hints)
{
	struct str key, rest;
	int x = 1;

	str_init(&key, DRAW_TEXT_LIMIT);
	str_init(&rest, DRAW_TEXT_LIMIT);
	draw_pad(p, y, 0, p->at.w);
	while (*hints) {
		size_t len = strcspn(hints, " ");
		const char *gap = strstr(hints, "  ");
		size_t all = gap ? (size_t)(gap - hints) : strlen(hints);
		str_reset(&key);
		str_reset(&rest);
		str_add(&key, hints, len);
		str_add(&rest, hints + len, all - len);
		if (x + draw_columns(p, str_get(&key)) + draw_columns(p, str_get(&rest)) > p->at.w)
			break;
		x += draw_text(
		    p, y, x, draw_columns(p, str_get(&key)), ALIGN_LEFT, ROLE_KEY, str_get(&key));
		x += draw_text(p, y, x, draw_columns(p, str_get(&rest)), ALIGN_LEFT, ROLE_NORMAL,
		    str_get(&rest));
		x += 2;
		hints += all;
		while (*hints == ' ')
			hints++;
	}
	str_done(&key);
	str_done(&rest);
}

int draw_line_end(const struct pane *p, int y)
{
	int x = p->at.w;

	while (x > 0 && strcmp(surface_cell(p->s, p->at.y + y, p->at.x + x - 1)->text, " ") == 0)
		x--;
	return x;
}
