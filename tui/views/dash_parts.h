/*
 * dash_parts - the panes of the dashboard, each drawn into the place that layout_dash gave it. For the
 * files of the dashboard alone. The screen's thread.
 */
#ifndef TUBEOPS_TUI_VIEWS_DASH_PARTS_H
#define TUBEOPS_TUI_VIEWS_DASH_PARTS_H

#include "tui/view.h"

/* ---- dash_stages.c ---- */
int dash_stage_count(const struct view_ctx *c);
void dash_draw_stages(const struct view_ctx *c, const struct pane *p);

/* ---- dash_quota.c, dash_burn.c ---- */
/* Is there a key at all, and has none units left today? */
bool dash_quota_is_spent(const struct snapshot *s);
/* Lines below its title when narrow. */
int dash_quota_lines(const struct snapshot *s);
void dash_draw_quota(const struct view_ctx *c, const struct pane *p);
void dash_draw_burn(const struct view_ctx *c, const struct pane *p);

/* ---- dash_history.c ---- */
void dash_draw_history(const struct view_ctx *c, const struct pane *p);
void dash_draw_graph(const struct view_ctx *c, const struct pane *p);

/* ---- dash_blocked.c ---- */
/* One of both. */
struct dash_line {
	const struct snapshot_blocked *blocked;
	const struct snapshot_alert *alert;
};

struct dash_own {
	struct dash_line lines[SNAPSHOT_BLOCKED + SNAPSHOT_ALERTS];
	size_t n;
};

extern const struct table_def blocked_table;
/* Where the chosen line leads: a wish to go there; false: nowhere. */
bool dash_blocked_open(const struct view_ctx *c, struct view_state *st, struct table *t);

/* ---- dash_next.c ---- */
void dash_draw_next(const struct view_ctx *c, const struct pane *p);
void dash_draw_log(const struct view_ctx *c, const struct pane *p);

/* ---- dash_first.c ---- */
bool dash_is_first_run(const struct snapshot *s);
/* What to do when there is nothing yet; returns the next line. */
int dash_draw_first(const struct view_ctx *c, const struct pane *p);

#endif
