/*
 * view - what a view of the console is: a table of functions. A new view is one file in tui/views
 * and one row in view.c. Views draw from the snapshot and nothing else. The screen's thread.
 */
#ifndef TUBEOPS_TUI_VIEW_H
#define TUBEOPS_TUI_VIEW_H

#include "engine/snapshot.h"
#include "tui/draw.h"
#include "tui/keys.h"

struct view_ops;

/* What a view may know. */
struct view_ctx {
	const struct snapshot *snap;
	int64_t now; /* UTC seconds */
	const struct layout *layout;
	bool read_only;
	const struct view_ops *under; /* help: the view it explains */
};

/* What the console keeps for a view between frames. */
struct view_state {
	int64_t selected; /* identity of the chosen row, not its number; 0: the first */
	int top;          /* rows scrolled away; drawing brings it into range */
	int page;         /* rows that were visible in the last frame */
};

struct view_ops {
	const char *name;
	const char *title; /* in the line of tabs; NULL: not there */
	char key;          /* chooses it */
	void (*draw)(const struct view_ctx *c, struct view_state *st, const struct pane *p);
	/* Rows that can be chosen, and the identity of one; NULL: none. */
	size_t (*row_count)(const struct view_ctx *c);
	int64_t (*row_id)(const struct view_ctx *c, size_t row);
	const struct key_row *keys; /* of this view alone, ended by KEY_CMD_NONE; may be NULL */
	const char *hints;          /* for the last line, most useful first */
};

extern const struct view_ops view_dash;
extern const struct view_ops view_help;

/* All views, ended by NULL; the first is shown at start. */
const struct view_ops *const *view_list(void);
/* By name; NULL when there is none. */
const struct view_ops *view_find(const char *name);

/* Number of the chosen row: where its identity stands now, else the first. */
size_t view_selected_row(
    const struct view_ops *v, const struct view_ctx *c, const struct view_state *st);
/* Moves the choice by so many rows, stopping at the ends. */
void view_move(
    const struct view_ops *v, const struct view_ctx *c, struct view_state *st, int64_t by);
/* Scrolls so that row is among `page` visible ones. */
void view_scroll_to(struct view_state *st, size_t row, size_t rows, int page);

#endif
