/*
 * draw - the only functions that draw: text, bars, graphs, rules and boxes, into a pane of a
 * surface. Nothing drawn can leave its field or its pane, whatever the text holds. Belongs to the
 * thread of its surface.
 */
#ifndef TUBEOPS_TUI_DRAW_H
#define TUBEOPS_TUI_DRAW_H

#include "engine/base/err.h"
#include "tui/glyph.h"
#include "tui/layout.h"
#include "tui/surface.h"

enum align { ALIGN_LEFT, ALIGN_RIGHT, ALIGN_CENTRE };

/* A rectangle of a surface; places inside it count from its upper left corner. */
struct pane {
	struct surface *s;
	const struct glyphs *g;
	struct rect at;
};

/* The whole surface. */
struct pane pane_whole(struct surface *s, const struct glyphs *g);
/* A part of p, cut where it would leave it. */
struct pane pane_part(const struct pane *p, struct rect r);

/*
 * Shows text in a field of width columns and pads the rest with blanks. What does not fit is cut
 * and ends in "~". Controls, bidirectional controls, broken UTF-8 and characters of unknown width
 * are shown as "?". Returns how many columns the text takes in the field.
 */
int draw_text(const struct pane *p, int y, int x, int width, enum align align, enum role role,
    const char *text);
/* The same with a format; the text is cut at 4 kB. */
int draw_textf(const struct pane *p, int y, int x, int width, enum align align, enum role role,
    const char *fmt, ...) PRINTF_LIKE(7, 8);
/* Columns that draw_text would need for all of text. */
int draw_columns(const struct pane *p, const char *text);

/* Marks a line of the pane as the chosen row; the cursor stands there after the frame. */
void draw_select(const struct pane *p, int y);
/* The terminal's cursor, shown: for input fields. */
void draw_cursor(const struct pane *p, int y, int x);
void draw_blank(const struct pane *p);
/* fraction: 0..1, others are brought into it. */
void draw_bar(const struct pane *p, int y, int x, int width, enum role role, double fraction);
/* One line: the n values, oldest first, spread over the width; the greatest fills a cell. */
void draw_spark(
    const struct pane *p, int y, int x, int width, enum role role, const double *values, size_t n);
/* The same over all lines of the pane; scaled to most. */
void draw_graph(const struct pane *p, enum role role, const double *values, size_t n, double most);
/* A line through the pane with a title, and a text at its right end; both may be NULL. */
void draw_rule(const struct pane *p, int y, const char *title, const char *right);
/* A frame around the pane; returns what is inside. */
struct pane draw_box(const struct pane *p, const char *title, const char *right);
/* " q leave  ? help": letters before the first blank of each hint as ROLE_KEY. Hints are separated
 * by two blanks; what does not fit is left out whole. */
void draw_hints(const struct pane *p, int y, const char *hints);
/* The column after the last character that is no blank. */
int draw_line_end(const struct pane *p, int y);

#endif
