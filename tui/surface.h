/*
 * surface - the picture before it goes to a terminal or into a text: a grid of cells, each one
 * character (with its combining marks), a role and a mark. Everything is drawn here; nothing here
 * knows of curses. Belongs to one thread.
 */
#ifndef TUBEOPS_TUI_SURFACE_H
#define TUBEOPS_TUI_SURFACE_H

#include "tui/theme.h"

#include <stddef.h>

enum {
	CELL_MARKS = 4,                        /* combining characters that curses takes per cell */
	CELL_BYTES = 4 * (1 + CELL_MARKS) + 1, /* with NUL */
	SURFACE_MAX_W = 1000,
	SURFACE_MAX_H = 400
};

struct cell {
	char text[CELL_BYTES]; /* "" is the right half of a wide character */
	unsigned char width;   /* 1, 2, or 0 for a right half */
	unsigned char role;
	bool selected;
};

struct surface {
	int w, h;
	int cursor_y, cursor_x; /* where the terminal's cursor stands after a frame */
	bool cursor_shown;
	struct cell *cells; /* w * h, line by line */
};

/* Blank; sizes are brought into 1..SURFACE_MAX_*. False: out of memory, and s is empty. */
bool surface_init(struct surface *s, int w, int h);
void surface_done(struct surface *s);
void surface_clear(struct surface *s);
/* The cell at a place inside the surface. */
struct cell *surface_cell(const struct surface *s, int y, int x);
/* Puts one character of 1 or 2 columns; halves of wide ones it cuts become blanks. Ignored when
 * any part would lie outside. */
void surface_put(struct surface *s, int y, int x, const char *text, int width, enum role role);
/* All lines, each ended by a newline, exactly w columns wide. Returns owned; NULL: no memory. */
char *surface_text(const struct surface *s);
/* The same with ECMA-48 SGR sequences, as a terminal of so many colours would show the roles in a
 * theme (theme_find); each line begins and ends plain. */
char *surface_ansi(const struct surface *s, int colours, int theme);

#endif
