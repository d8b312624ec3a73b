/*
 * discovery_parts - the lists of the Discovery view and what is drawn of the answer to
 * GET /api/discovery. The screen's thread.
 */
#ifndef TUBEOPS_TUI_VIEWS_DISCOVERY_PARTS_H
#define TUBEOPS_TUI_VIEWS_DISCOVERY_PARTS_H

#include "tui/views/cells.h"

/* Answers that are held. */
enum { DISCOVERY_ALL };

/* Ways to find channels: methods, then external services. */
extern const struct table_def discovery_way_table;
/* Which channel led to which, newest first: in pages. */
extern const struct table_def discovery_link_table;

/* A way's name without what they all begin with: "featured" of youtube_featured. */
const char *discovery_word(const char *method);

/* Each draws its lines from y on and returns the line after them. */
int discovery_draw_funnel(const struct pane *p, int y, struct json_node root);
int discovery_draw_hours(const struct pane *p, int y, int lines, struct json_node root);
int discovery_draw_confidences(const struct pane *p, int y, struct json_node root);
/* What the chosen way is, why it does not go on, and which brings most for its units. */
int discovery_draw_notes(const struct view_ctx *c, const struct pane *p, int y,
    struct json_node way, struct json_node root);

#endif
