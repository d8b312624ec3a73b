/*
 * cells - cells of lists whose rows are JSON, for the views: a member of the row as text, number,
 * time. CELL and NUMBER make the functions that a struct table_col wants. The screen's thread.
 */
#ifndef TUBEOPS_TUI_VIEWS_CELLS_H
#define TUBEOPS_TUI_VIEWS_CELLS_H

#include "tui/view.h"

#include <stdio.h>

/* A function of this name that fills a cell from a member. */
#define CELL(name, fill, member)                                                         \
	static void name(                                                                \
	    const struct view_ctx *c, const struct table_row *r, struct table_cell *out) \
	{                                                                                \
		fill(c, r, member, out);                                                 \
	}
/* One for sorting and filters by number. */
#define NUMBER(name, member)                                                               \
	static bool name(const struct view_ctx *c, const struct table_row *r, double *out) \
	{                                                                                  \
		(void)c;                                                                   \
		return cell_number(r, member, out);                                        \
	}

/* A row's id, or what Enter opens, from a member. */
#define ID(name, member)                                                        \
	static void name(const struct table_row *r, char out[TABLE_ID])         \
	{                                                                       \
		snprintf(out, TABLE_ID, "%.71s", answer_text(r->json, member)); \
	}
/* What `c` copies of a row. */
#define COPY(name, member)                                           \
	static void name(const struct table_row *r, struct str *out) \
	{                                                            \
		str_adds(out, answer_text(r->json, member));         \
	}

/* Each takes what is not there for "-", but cell_member, which says nothing then. */
typedef void cell_fn(const struct view_ctx *c, const struct table_row *r, const char *member,
    struct table_cell *out);
cell_fn cell_member;  /* a text; a number in full */
cell_fn cell_text;    /* the same, "-" when it is not there */
cell_fn cell_count;   /* 14.1M */
cell_fn cell_clock;   /* UTC ms: 18:47:12Z */
cell_fn cell_seconds; /* ms: 4.1s */
cell_fn cell_day;     /* a time as text: 2026-11-21 */
cell_fn cell_ago;     /* a time as text: 5 h ago */
cell_fn cell_length;  /* seconds: 24:18 */
cell_fn cell_tag;     /* a language: en of en-GB */
bool cell_number(const struct table_row *r, const char *member, double *out);

/* "18.9k" of a member, "-" when it is not there; buf of FORMAT_SIZE bytes; returned. */
char *cell_count_of(struct json_node node, const char *member, char *buf);

#endif
