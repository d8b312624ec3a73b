/*
 * channel_parts - channels as rows, and the pieces of one channel's page, drawn from the answers to
 * GET /api/channels and /api/channels/{id}; for the files of the Channels view and the channel page.
 * The screen's thread.
 */
#ifndef TUBEOPS_TUI_VIEWS_CHANNEL_PARTS_H
#define TUBEOPS_TUI_VIEWS_CHANNEL_PARTS_H

#include "tui/views/cells.h"

/* All channels, in pages. */
extern const struct table_def channel_table;
/* What the channel of a page led to, its videos: in pages. */
extern const struct table_def channel_video_table, channel_link_table;
/* What was done with it, and all that is known of it: from the page's first answer. */
extern const struct table_def channel_history_table, channel_about_table;

/* The page's answers; the lists of what it led to and of its videos are pages of their own. */
enum { CHANNEL_ONE, CHANNEL_FOUND_BY };

/* Appends "/api/channels/ID" and rest. */
void channel_path(struct str *out, const char *id, const char *rest);
/* Its title, or its id when it has none. */
const char *channel_name(struct json_node channel);
/* "MVD": metadata, videos, discovery are there; "." not yet, "x" it is gone, "!" given up. */
void channel_letters(struct json_node channel, char out[4]);
/* "2 h ago"; "! 33 d ago" of data that is older than it may be. */
void channel_age(const struct view_ctx *c, struct json_node channel, struct table_cell *out);

/* Each draws lines from y on and returns the line after them. */
/* Two lines: who it is, and its numbers. */
int channel_draw_head(
    const struct view_ctx *c, const struct pane *p, int y, struct json_node channel);
/* Two lines below a list: row is its row there, channel the whole answer or absent. */
void channel_draw_brief(
    const struct pane *p, const struct view_ctx *c, struct json_node row, struct json_node channel);
/* Beside a list: one fact a line. */
int channel_draw_facts(
    const struct view_ctx *c, const struct pane *p, int y, struct json_node channel);
/* Newest videos, and what it led to: answers to …/videos and …/discoveries. */
void channel_draw_videos(const struct pane *p, struct json_node answer);
void channel_draw_found(const struct pane *p, struct json_node answer);

/* ---- the tab About (channel_about.c) ---- */
struct channel_about;
/* Lines of text made from the answer when it or the width is another; own of the page. */
struct channel_own {
	struct channel_about *about; /* owned */
};
void channel_about_update(
    const struct view_ctx *c, struct channel_own *own, const struct resource *r, int w);
void channel_about_free(struct channel_about *a);

/* Keys of the list of channels and of the page of one. */
extern const struct key_row channel_keys[];

#endif
