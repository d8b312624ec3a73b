/*
 * key_parts - the lists and panes of the Keys view: projects with their buckets and keys, the plan
 * with a change that is not applied yet, what if. For the files of the Keys view alone. The screen's
 * thread.
 */
#ifndef TUBEOPS_TUI_VIEWS_KEY_PARTS_H
#define TUBEOPS_TUI_VIEWS_KEY_PARTS_H

#include "tui/view.h"

enum { KEYS_LIST, KEYS_PLAN, KEYS_IF = VIEW_KEYS_WHAT_IF, KEYS_PARTS };

/* The answer that is held: GET /api/plan/what-if, with the change in hand. */
enum { KEYS_WHAT_IF };

enum key_row_kind { KEY_ROW_PROJECT, KEY_ROW_BUCKET, KEY_ROW_KEY };

/* A line of the list; what it points to is the snapshot's. */
struct key_line {
	enum key_row_kind kind;
	const struct snapshot_project *project; /* NULL: of a key that is in none of them */
	const struct snapshot_bucket *bucket;
	const struct snapshot_key *key;
};

enum { KEY_LINES = SNAPSHOT_PROJECTS * (1 + SNAPSHOT_BUCKETS) + SNAPSHOT_KEYS };

/* A stage of the plan as it is, or as it would be with the change in hand. */
struct key_stage {
	const struct snapshot_stage *now;
	bool changed; /* the numbers below are those of the change */
	int share;
	int64_t units_per_day, finish;
	const char *limit; /* of its finish */
};

struct keys_own {
	struct key_line lines[KEY_LINES];
	size_t n_lines;
	struct key_stage stages[SNAPSHOT_STAGES];
	size_t n_stages;
	char draft[16]; /* stage whose share is being changed; "": none */
	int draft_share;
};

extern const struct table_def key_table;
extern const struct table_def key_plan_table;
extern const struct table_def key_if_table;

/* A key's state in a word, "parked" or "INVALID", and how it is drawn. */
const char *key_shown_state(const struct snapshot_key *k, enum role *role);
/* The key of a name; NULL: there is none. */
const struct snapshot_key *key_find(const struct snapshot *s, const char *name);
/* One line about the chosen row. */
void key_draw_note(const struct view_ctx *c, struct view_state *st, const struct pane *p, int y);
/* What one key was used for: state, reason, units by day. */
void key_draw_history(const struct view_ctx *c, const struct snapshot_key *k, const struct pane *p);

/* Asks what would be with the change in hand; to be called before the lists are drawn. */
void key_plan_ask(const struct view_ctx *c, struct view_state *st);
/* The chosen stage's share by so many percent; nothing is applied. */
void key_plan_change(const struct view_ctx *c, struct view_state *st, int by);
/* Asks for the change in hand; false: there is none. */
bool key_plan_apply(struct view_state *st);
/* Forgets it; false: there was none. */
bool key_plan_drop(struct view_state *st);
/* Opens the form of a job with the chosen line of what-if; false: there is none. */
bool key_if_start(const struct view_ctx *c, struct view_state *st);
/* "pace fast   lending on", and what a change would do; at most h lines. Returns the next line. */
int key_plan_draw_notes(
    const struct view_ctx *c, struct view_state *st, const struct pane *p, int y, int h);
/* The same of a project: the sum of its keys. */
void key_draw_project(
    const struct view_ctx *c, const struct snapshot_project *x, const struct pane *p);
/* Units by hour of the Pacific day. */
void key_draw_hours(const struct view_ctx *c, const struct pane *p);

#endif
