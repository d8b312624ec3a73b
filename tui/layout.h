/*
 * layout - where things stand on a screen of a given size. Pure functions without state: the same
 * size and wishes always give the same places. Any thread.
 */
#ifndef TUBEOPS_TUI_LAYOUT_H
#define TUBEOPS_TUI_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

struct rect {
	int y, x, h, w; /* nothing to be seen when h or w is 0 */
};

enum profile {
	PROFILE_NONE,   /* below 20x4: two words */
	PROFILE_SMALL,  /* a message with the vital numbers */
	PROFILE_SHORT,  /* from 60x16 */
	PROFILE_NARROW, /* from 80x24 */
	PROFILE_WIDE    /* from 120x30 */
};

struct layout {
	enum profile profile;
	struct rect header, tabs, banner, view, message, hints;
	bool message_shared; /* the message lies over the last line of the view */
};

/* What a view and its reader want of the frame. */
struct frame_want {
	bool own_message; /* the message has a line of its own even where lines are few */
	bool bare;        /* no header, tabs and hints */
	int banner;       /* lines above the view for what is the matter; at most half of them */
};

/* The part of r that lies in frame; empty when there is none. */
struct rect rect_clip(struct rect r, struct rect frame);
/* A rectangle of at most h x w in the middle of frame. */
struct rect rect_middle(struct rect frame, int h, int w);

void layout_frame(struct layout *l, int w, int h, struct frame_want want);

/* One part of a column of panes. */
struct layout_part {
	int least; /* lines it needs to be shown at all */
	int wish;  /* lines it would fill */
	int rank;  /* 0: the last to be left out */
	int got;   /* the answer; 0: left out */
};
/* Shares h lines among n parts: those of high rank are left out until the rest fits, then all
 * grow by turns up to their wish; what is left goes to the part numbered `rest`. */
void layout_share(struct layout_part *parts, size_t n, int h, size_t rest);

/* The dashboard's panes. */
enum dash_pane {
	DASH_STAGES,  /* the whole campaign */
	DASH_QUOTA,   /* of the Pacific day; wide: and its plan */
	DASH_BURN,    /* units left over the day as a graph; wide only */
	DASH_HISTORY, /* the last hour as lines of small graphs */
	DASH_GRAPH,   /* the last hour as a big graph; wide only */
	DASH_NOTICES, /* what is blocked, why, until when */
	DASH_JOBS,
	DASH_NEXT, /* what comes in the next 24 h; wide only */
	DASH_LOG,
	DASH_PANES
};

/* How much there is to show. */
struct dash_want {
	int notices, stages, quota /* lines of it when narrow */, jobs;
};

/* Places inside the view (l->view has the origin); for profiles from SHORT. */
void layout_dash(const struct layout *l, const struct dash_want *want, struct rect out[DASH_PANES]);

#endif
