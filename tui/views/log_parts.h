/*
 * log_parts - the pieces of the Log view: what it keeps, its rows, and what is drawn beside the list.
 * The screen's thread.
 */
#ifndef TUBEOPS_TUI_VIEWS_LOG_PARTS_H
#define TUBEOPS_TUI_VIEWS_LOG_PARTS_H

#include "tui/views/log_lines.h"

/* A line of the list: a whole line of the log, or a piece of it when long ones are wrapped. What is said
 * again and again is one line. */
struct log_row {
	const struct log_held *line; /* the first of them, */
	const struct log_held *last; /* and the last */
	int times;
	int piece;        /* from 0 */
	size_t from, len; /* of its text */
};

/* What was looked for last: n and N go to lines that fit it when the filter is gone as well. */
struct log_find {
	struct str text;       /* "": nothing yet */
	struct filter *filter; /* owned */
	int seeks; /* -1: towards older lines, which are read meanwhile; 1: newer; 0: not */
	bool vain; /* the last search found nothing */
};

struct log_own {
	struct log_lines lines;
	struct log_choice choice;
	struct log_row *rows; /* owned */
	size_t n_rows, room;
	bool begun, follow, wrap;
	struct log_find find;
	bool filtered;         /* the list had a filter in the last picture */
	char pinned[TABLE_ID]; /* the row under the cursor in the last picture, */
	size_t at;             /* and where it stood */
};

enum { LOG_LINES, LOG_SUMMARY }; /* answers that are held */

extern const struct table_def log_line_table;

/* ---- log_find.c ---- */
/* A filter of the list: what n and N look for from now on. */
void log_find_note(struct log_find *f, const char *filter, int64_t now);
void log_find_done(struct log_find *f);
/* To the next line that fits (1) or the one before (-1); on with log_find_go while it seeks. */
void log_find_step(struct log_own *own, struct table *t, int by);
/* Goes on among the rows that are there now. */
void log_find_go(struct log_own *own, struct table *t);

/* Makes the rows of the lines anew; w: columns that a text has. */
void log_rows_make(struct log_own *own, int w);
/* "18:46:56.441" of UTC ms; buf of FORMAT_SIZE bytes; returned. */
char *log_clock(int64_t at_ms, char *buf);
enum role log_role_of(enum log_level level);

/* The line under the cursor in full. */
void log_draw_line(const struct pane *p, const struct log_row *row);
/* Beside the list: levels, sources, troubles, hours; from the answer to /api/log/summary. */
void log_draw_summary(const struct view_ctx *c, const struct pane *p, const struct resource *r);

#endif
