/*
 * view - what a view of the console is: a table of functions and lists. A new view is one file in
 * tui/views and one row in view.c. Views draw from the snapshot and from answers of the node, and do
 * nothing else: keys, actions, filters, marks, history are the console's. The screen's thread.
 */
#ifndef TUBEOPS_TUI_VIEW_H
#define TUBEOPS_TUI_VIEW_H

#include "engine/snapshot.h"
#include "tui/draw.h"
#include "tui/keys.h"
#include "tui/node.h"
#include "tui/resource.h"
#include "tui/table.h"

struct view_ops;

enum {
	VIEW_PARTS = 6,     /* panes or tabs of a view */
	VIEW_RESOURCES = 8, /* answers that a view may hold at a time */
	VIEW_PARAMS = 128,
	VIEW_SLOTS = VIEW_PARTS + VIEW_RESOURCES
};

/* What a view may know. */
struct view_ctx {
	const struct snapshot *snap;
	int64_t now;     /* UTC seconds */
	int64_t mono_ms; /* clock_mono_ms */
	const struct layout *layout;
	struct node *node;
	bool read_only;
	bool frozen;                  /* nothing is asked for; numbers stand still */
	bool dialog;                  /* something is asked: lists hold their order */
	const struct view_ops *under; /* help: the view it explains, */
	bool help_all;                /* and whether it shows all keys */
};

/* What a view's own key asks the console to do: an action, the form of a job, another place. */
struct view_wish {
	enum { WISH_NONE, WISH_ACTION, WISH_FORM, WISH_GO } kind;
	enum action action;
	char target[TABLE_ID]; /* of the action or the place */
	const char *job_type;  /* of the form; constant */
	const char *view;      /* where to go; constant */
	int part;              /* and to which pane of it, 0 of pages */
	char text
	    [VIEW_PARAMS]; /* the action's params_json; NAME=VALUE of the form; the place's row */
};

/* What the console keeps for a view as long as it runs; zero to begin with. */
struct view_state {
	const struct view_ops *ops;
	struct table tables[VIEW_PARTS]; /* of the parts that have a list */
	int part;                        /* the pane that has the focus, or the tab that is shown */
	bool zoom;                       /* that pane alone */
	char target[TABLE_ID];           /* of pages: what they are about */
	struct resource resources[VIEW_RESOURCES];
	int slot; /* of its first question to the node */
	struct view_wish wish;
	void *own; /* ops->own_size bytes, zero to begin with */
};

/* One pane (all are seen at once when there is room) or tab (one at a time). */
struct view_part {
	const char *name;
	const struct table_def *table; /* NULL: no list */
	unsigned on; /* what its rows are, ON_…; 0: nothing can be done with them */
};

struct view_ops {
	const char *name; /* ":jobs", tubeops screen jobs */
	/* In the line of tabs; NULL: a page that is opened from a row of another view. */
	const char *title, *title_wide;
	char key;
	const struct view_part *parts;
	int n_parts;
	bool tabs; /* parts are shown one at a time */
	/* False: Tab passes this part by; NULL: all are there. */
	bool (*has_part)(const struct snapshot *s, int part);
	const struct view_ops
	    *page;        /* what Enter on a row opens, unless the list says so; NULL: nothing */
	unsigned on;      /* of pages: what they are about, ON_… */
	bool in_short;    /* 60x16: named in the last line */
	bool own_message; /* 80x24: the message has a line of its own */
	size_t own_size;
	void (*draw)(const struct view_ctx *c, struct view_state *st, const struct pane *p);
	/* What stands behind the title in the line of tabs: "3> 2!"; may be NULL. */
	void (*badge)(const struct snapshot *s, char *out, size_t size);
	const struct key_row *keys; /* of this view alone, ended by KEY_CMD_NONE; may be NULL */
	/* A key of KEY_CMD_VIEW was pressed: row->arg. False: nothing to do. May be NULL. */
	bool (*command)(const struct view_ctx *c, struct view_state *st, int arg);
	/* KEY_CMD_OPEN, KEY_CMD_CLOSE or KEY_CMD_AGAIN was pressed; true: it meant something of the view's own. May
	 * be NULL. */
	bool (*takes)(const struct view_ctx *c, struct view_state *st, enum key_cmd cmd);
	/* Of pages: the state of what they are about, for action_can(); NULL: not known. */
	const char *(*state)(const struct view_ctx *c, struct view_state *st);
	const char *hints;                   /* for the last line, most useful first */
	void (*done)(struct view_state *st); /* frees what own points to; may be NULL */
};

extern const struct view_ops view_dash;
extern const struct view_ops view_jobs;
extern const struct view_ops view_job;
extern const struct view_ops view_store;
extern const struct view_ops view_alerts;
extern const struct view_ops view_keys;
extern const struct view_ops view_key;
extern const struct view_ops view_workers;
extern const struct view_ops view_service;
extern const struct view_ops view_channels;
extern const struct view_ops view_channel;
extern const struct view_ops view_discovery;
extern const struct view_ops view_log;
extern const struct view_ops view_help;

/* Parts that other views lead to. */
enum { VIEW_KEYS_WHAT_IF = 2 };

/* All views, ended by NULL; the first is shown at start. */
const struct view_ops *const *view_list(void);
size_t view_count(void);
/* By name, or by its wide title in any case; NULL when there is none. */
const struct view_ops *view_find(const char *name);

void view_state_init(struct view_state *st, const struct view_ops *ops, int slot);
void view_state_done(struct view_state *st);
/* A page about another thing begins anew. */
void view_state_aim(struct view_state *st, const char *target);

/* The page that Enter on a row of the part in focus opens; NULL: none. */
const struct view_ops *view_opens(const struct view_state *st);
/* Does any row of the view open this page? */
bool view_can_open(const struct view_ops *v, const struct view_ops *page);

/* The list that keys move in; NULL when the part in focus has none. */
struct table *view_table(struct view_state *st);
/* What rows of the part in focus are, and what the page is about. */
unsigned view_on(const struct view_state *st);

/*
 * Answer i of the view to GET path (a format); renewed when it is older than refresh_ms (0: never).
 * root is absent until it is there; why says what to draw instead ("loading …", an error).
 */
const struct resource *view_get(const struct view_ctx *c, struct view_state *st, int i,
    int64_t refresh_ms, const char *path, ...) PRINTF_LIKE(5, 6);
/* Hands an answer to whom it was meant for; false: nobody here. */
bool view_take(struct view_state *st, struct node_answer *a, int64_t mono_ms);
/* Draws "loading" or the error of a resource that is not there; false: it is there, draw it. */
bool view_draw_missing(const struct resource *r, const struct pane *p, int y);

/* ---- what several views draw: view_parts.c ---- */
/* The day's units that screens show: of all nodes where this one is one of a cluster. */
struct view_units {
	int64_t used, per_day;
	double per_h;
	const int64_t *hours; /* of the snapshot: since the day began */
};
struct view_units view_units(const struct snapshot *s);
/* A frame by profile: a box when wide, a rule with a title, nothing when short. Returns what is
 * inside. */
struct pane view_open(
    const struct view_ctx *c, const struct pane *p, const char *title, const char *right);
/* "Jobs > J-1042 metadata     [Overview]  Errors 212  Items": extra[i] may be NULL. */
void view_draw_tabs(const struct view_ctx *c, const struct view_state *st, const struct pane *p,
    const char *crumbs, const char *const *extra);
/* Words of a text in as many lines as they need, at most `most`; returns the line after them. */
int view_draw_words(const struct pane *p, int y, int x, int most, const char *text);
/* What is marked, and what the keys will do to how many of them; up to three lines. */
void view_draw_marks(const struct view_ctx *c, struct view_state *st, const struct pane *p);
/* The list of a part with its rule line below: count, filter, order. */
void view_draw_list(
    const struct view_ctx *c, struct view_state *st, int part, const struct pane *p);

#endif
