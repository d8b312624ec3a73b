/*
 * dash_parts - the panes of the dashboard, each drawn into the place that layout_dash gave it.
 * For the files of the dashboard alone. The screen's thread.
 */
#ifndef TUBEOPS_TUI_VIEWS_DASH_PARTS_H
#define TUBEOPS_TUI_VIEWS_DASH_PARTS_H

#include "tui/view.h"

enum { DASH_NOTICE_MAX = 12 };

/* Something that blocks work, or needs a person. Texts live in the snapshot. */
struct dash_notice {
	enum role role; /* ROLE_OFF: solves itself */
	const char *who;
	const char *what;
	char then[64]; /* until when, or what helps */
};
size_t dash_notices(const struct view_ctx *c, struct dash_notice out[DASH_NOTICE_MAX]);
void dash_draw_notices(const struct view_ctx *c, const struct pane *p);

int dash_stage_count(const struct view_ctx *c);
void dash_draw_stages(const struct view_ctx *c, const struct pane *p);
/* The open job of a type, NULL when there is none. */
const struct snapshot_job *dash_open_job(const struct snapshot *s, const char *type);

/* Is there a key at all, and has none units left today? */
bool dash_quota_is_spent(const struct snapshot *s);
void dash_draw_quota(const struct view_ctx *c, const struct pane *p);

void dash_draw_history(const struct view_ctx *c, const struct pane *p);
void dash_draw_graph(const struct view_ctx *c, const struct pane *p);

void dash_draw_workers(const struct view_ctx *c, const struct pane *p);
void dash_draw_log(const struct view_ctx *c, const struct pane *p);

#endif
