/* Keys: projects, their buckets and keys; the plan; what if. */
#include "config.h"
#include "tui/views/key_parts.h"
#include "tui/format.h"

#include <stdio.h>
#include <string.h>

enum {
	KEYS_PLAN_LINES = 6,
	KEYS_NOTES = 2,
	KEYS_IF_LINES = 7,
	KEYS_HOURS = 10, /* lines of the graph of hours at least */
	KEYS_TOP = 9     /* and of the list */
};

/* ---- no key yet ---- */

static const struct {
	const char *key, *text;
} keys_first[] = {
    {"n", "here, and paste a key: it is not shown, and not logged"},
    {"t", "then tests it with one call (1 unit)"},
    {"2", "and there n starts to fetch metadata"},
};

enum { KEYS_FIRST = sizeof keys_first / sizeof keys_first[0] };

static void keys_draw_first(const struct pane *p)
{
	int y = 1, w = p->at.w - 2;

	draw_text(p, y++, 1, w, ALIGN_LEFT, ROLE_TITLE, "No YouTube API key yet.");
	draw_text(p, ++y, 1, w, ALIGN_LEFT, ROLE_NORMAL,
	    "Import and browsing work without one. Metadata, videos and most ways to find");
	draw_text(p, ++y, 1, w, ALIGN_LEFT, ROLE_NORMAL, "channels need at least one.");
	y += 2;
	for (int i = 0; i < KEYS_FIRST; i++, y++) {
		draw_text(p, y, 3, 2, ALIGN_LEFT, ROLE_KEY, keys_first[i].key);
		draw_text(p, y, 6, w - 6, ALIGN_LEFT, ROLE_NORMAL, keys_first[i].text);
	}
	draw_text(p, ++y, 1, w, ALIGN_LEFT, ROLE_NORMAL,
	    "Or put YOUTUBE_API_KEY_1=... into .env or the environment and start anew.");
	y += 2;
	draw_text(p, y++, 1, w, ALIGN_LEFT, ROLE_OFF,
	    "Quota belongs to the Google Cloud project, not to the key: two keys of one");
	draw_text(p, y, 1, w, ALIGN_LEFT, ROLE_OFF,
	    "project share the same 10,000 units a day. Give each key its project's name.");
}

/* ---- panes ---- */

static void keys_reset_words(const struct view_ctx *c, char *out, size_t size)
{
	char when[FORMAT_SIZE], left[FORMAT_SIZE];

	snprintf(out, size, "resets %s, in %s", format_when(when, c->snap->reset_at, c->now),
	    format_countdown(left, c->snap->reset_at - c->now));
}

static void keys_draw_list(const struct view_ctx *c, struct view_state *st, const struct pane *p)
{
	struct pane list = pane_part(p, (struct rect){0, 0, p->at.h - 1, p->at.w});

	table_draw(&st->tables[KEYS_LIST], c, st, &list);
	key_draw_note(c, st, p, p->at.h - 1);
}

static void keys_draw_plan(const struct view_ctx *c, struct view_state *st, const struct pane *p)
{
	int stages = (int)st->tables[KEYS_PLAN].n;
	int h = p->at.h < 1 + stages ? p->at.h : 1 + stages;
	struct pane list = pane_part(p, (struct rect){0, 0, h, p->at.w});

	table_draw(&st->tables[KEYS_PLAN], c, st, &list);
	key_plan_draw_notes(c, st, p, h, p->at.h - h);
}

static void keys_draw_if(const struct view_ctx *c, struct view_state *st, const struct pane *p)
{
	const struct resource *r = &st->resources[KEYS_WHAT_IF];
	int h = p->at.h < KEYS_IF_LINES ? p->at.h : KEYS_IF_LINES - 1;
	struct pane list = pane_part(p, (struct rect){0, 0, h, p->at.w});

	if (view_draw_missing(r, p, 0))
		return;
	table_draw(&st->tables[KEYS_IF], c, st, &list);
	if (p->at.h > h)
		draw_text(p, h, 1, p->at.w - 2, ALIGN_LEFT, ROLE_OFF,
		    "videos of these channels alone.  Enter opens that job, filled in");
	if (p->at.h > h + 1)
		draw_text(p, h + 1, 1, p->at.w - 2, ALIGN_LEFT, ROLE_OFF,
		    "more units: ask YouTube for them with its audit form");
}

static void keys_draw_part(
    const struct view_ctx *c, struct view_state *st, const struct pane *p, int part)
{
	if (part == KEYS_LIST)
		keys_draw_list(c, st, p);
	else if (part == KEYS_PLAN)
		keys_draw_plan(c, st, p);
	else
		keys_draw_if(c, st, p);
}

/* ---- sizes ---- */

/* The list, and below it the plan or what if. */
static void keys_draw_narrow(const struct view_ctx *c, struct view_state *st, const struct pane *p)
{
	int below = st->part == KEYS_IF ? KEYS_IF : KEYS_PLAN;
	int h = 1 + (below == KEYS_IF ? KEYS_IF_LINES : KEYS_PLAN_LINES - 1 + KEYS_NOTES);
	struct pane top = pane_part(p, (struct rect){0, 0, p->at.h - h, p->at.w});
	struct pane foot = pane_part(p, (struct rect){p->at.h - h, 0, h, p->at.w});
	char right[FORMAT_SIZE * 3];

	keys_reset_words(c, right, sizeof right);
	keys_draw_part(c, st, &top, KEYS_LIST);
	draw_rule(&foot, 0,
	    below == KEYS_IF ? "What if: videos, by subscribers" : "Plan: who may spend what",
	    right);
	foot = pane_part(&foot, (struct rect){1, 0, h - 1, foot.at.w});
	keys_draw_part(c, st, &foot, below);
}

static const char *const keys_titles[KEYS_PARTS] = {
    [KEYS_LIST] = "Projects, buckets, keys",
    [KEYS_PLAN] = "Plan: who may spend what",
    [KEYS_IF] = "What if: videos, by subscribers",
};

static void keys_draw_box(
    const struct view_ctx *c, struct view_state *st, const struct pane *p, struct rect r, int part)
{
	static const char *const rights[KEYS_PARTS] = {
	    [KEYS_LIST] = "keys share the quota of their project",
	    [KEYS_PLAN] = "+ - change the share of the row, the rest gives way",
	    [KEYS_IF] = "w",
	};
	struct pane at = pane_part(p, r);
	struct pane in = draw_box(&at, keys_titles[part], rights[part]);

	keys_draw_part(c, st, &in, part);
}

/* The project that the chosen row is, or is a part of. */
static const struct snapshot_project *keys_project(const struct view_ctx *c, struct view_state *st)
{
	struct table *t = &st->tables[KEYS_LIST];
	struct table_row row;

	return t->n && table_find(t, c, st, t->selected, &row)
	           ? ((const struct key_line *)row.item)->project
	           : NULL;
}

static void keys_draw_side(
    const struct view_ctx *c, struct view_state *st, const struct pane *p, struct rect r)
{
	const struct snapshot_key *k = key_find(c->snap, st->tables[KEYS_LIST].selected);
	const struct snapshot_project *x = keys_project(c, st);
	struct pane at = pane_part(p, r), in;
	char title[TABLE_TEXT];

	snprintf(title, sizeof title, "%s%s%s", x ? x->name : "", k ? " / " : "", k ? k->name : "");
	in = draw_box(&at, title, "history");
	if (k)
		key_draw_history(c, k, &in);
	else if (x)
		key_draw_project(c, x, &in);
}

static void keys_draw_wide(const struct view_ctx *c, struct view_state *st, const struct pane *p)
{
	int w = p->at.w * 5 / 8, side = p->at.w - w;
	int plan = 2 + KEYS_PLAN_LINES - 1 + 3, rest = p->at.h - plan;
	int lines = (int)st->tables[KEYS_LIST].n + 5;
	int top = lines < rest - KEYS_HOURS ? lines : rest - KEYS_HOURS, mid;
	char reset[FORMAT_SIZE * 3];
	struct pane at, in;

	top = top > KEYS_TOP ? top : KEYS_TOP;
	mid = rest - top;
	keys_reset_words(c, reset, sizeof reset);
	if (st->zoom) {
		keys_draw_box(c, st, p, (struct rect){0, 0, p->at.h, p->at.w}, st->part);
		return;
	}
	keys_draw_box(c, st, p, (struct rect){0, 0, top, w}, KEYS_LIST);
	keys_draw_side(c, st, p, (struct rect){0, w, top, side});
	at = pane_part(p, (struct rect){top, 0, mid, w});
	in = draw_box(&at, "Units per hour of the Pacific day", reset);
	key_draw_hours(c, &in);
	keys_draw_box(c, st, p, (struct rect){top, w, mid, side}, KEYS_IF);
	keys_draw_box(c, st, p, (struct rect){rest, 0, plan, p->at.w}, KEYS_PLAN);
}

static void keys_draw(const struct view_ctx *c, struct view_state *st, const struct pane *p)
{
	key_plan_ask(c, st);
	for (int i = 0; i < KEYS_PARTS; i++) /* all lists know their lines, drawn or not */
		table_update(&st->tables[i], c, st, c->dialog);
	if (!c->snap->n_keys && st->part == KEYS_LIST)
		keys_draw_first(p);
	else if (c->layout->profile == PROFILE_WIDE)
		keys_draw_wide(c, st, p);
	else if (st->zoom || c->layout->profile == PROFILE_SHORT)
		keys_draw_part(c, st, p, st->part);
	else
		keys_draw_narrow(c, st, p);
}

/* ---- keys ---- */

enum { KEYS_MORE, KEYS_LESS, KEYS_WHATIF };

static bool keys_command(const struct view_ctx *c, struct view_state *st, int arg)
{
	if (arg == KEYS_WHATIF)
		st->part = st->part == KEYS_IF ? KEYS_PLAN : KEYS_IF;
	else
		key_plan_change(c, st, arg == KEYS_MORE ? 1 : -1);
	return true;
}

static bool keys_takes(const struct view_ctx *c, struct view_state *st, enum key_cmd cmd)
{
	if (cmd == KEY_CMD_CLOSE)
		return key_plan_drop(st);
	if (st->part == KEYS_IF)
		return key_if_start(c, st);
	if (st->part == KEYS_PLAN)
		key_plan_apply(st);
	/* projects and buckets have no page */
	return st->part == KEYS_PLAN || !key_find(c->snap, st->tables[KEYS_LIST].selected);
}

static void keys_badge(const struct snapshot *s, char *out, size_t size)
{
	int refused = 0;

	*out = 0;
	for (size_t i = 0; i < s->n_keys && i < SNAPSHOT_KEYS; i++)
		refused += strcmp(s->keys[i].state, "refused") == 0;
	if (refused)
		snprintf(out, size, "%d!", refused);
	else if (!s->n_keys)
		snprintf(out, size, "!");
}

static const struct view_part keys_parts[KEYS_PARTS] = {
    [KEYS_LIST] = {"Keys", &key_table, ON_KEY},
    [KEYS_PLAN] = {"Plan", &key_plan_table, ON_STAGE},
    [KEYS_IF] = {"What if", &key_if_table, 0},
};

static const struct key_row keys_rows[] = {
    {{'+'}, KEY_CMD_VIEW, KEYS_MORE, NULL, KEY_GROUP_ACT, "+", "a larger share for this stage", 0},
    {{'-'}, KEY_CMD_VIEW, KEYS_LESS, NULL, KEY_GROUP_ACT, "-", "a smaller share", 0},
    {{'w'}, KEY_CMD_VIEW, KEYS_WHATIF, NULL, KEY_GROUP_SHOW, "w", "what if: videos of whom", 0},
    {{KEYS_NONE}, KEY_CMD_NONE, 0, NULL, KEY_GROUP_MOVE, NULL, NULL, 0},
};

const struct view_ops view_keys = {
    .name = "keys",
    .title = "Keys",
    .title_wide = "Keys",
    .in_short = true,
    .key = '3',
    .parts = keys_parts,
    .n_parts = KEYS_PARTS,
    .page = &view_key,
    .own_size = sizeof(struct keys_own),
    .draw = keys_draw,
    .badge = keys_badge,
    .keys = keys_rows,
    .command = keys_command,
    .takes = keys_takes,
    .hints = "t test  D disable  n new  + - share  w what-if  Enter history  ? help  Tab pane  "
             "X remove  a actions",
};

/* ---- the page of a key ---- */

static void key_draw(const struct view_ctx *c, struct view_state *st, const struct pane *p)
{
	const struct snapshot_key *k = key_find(c->snap, st->target);
	struct pane in = pane_part(p, (struct rect){2, 0, p->at.h - 2, p->at.w});

	draw_textf(p, 0, 1, p->at.w - 2, ALIGN_LEFT, ROLE_TITLE, "Keys > %s%s%s",
	    k ? k->project : "", k ? " / " : "", st->target);
	if (k)
		key_draw_history(c, k, &in);
	else
		draw_text(&in, 0, 1, in.at.w - 2, ALIGN_LEFT, ROLE_WARN,
		    "this is no key: Esc goes back, Enter on a key opens its history");
}

static const char *key_page_state(const struct view_ctx *c, struct view_state *st)
{
	const struct snapshot_key *k = key_find(c->snap, st->target);

	return k ? k->state : NULL;
}

const struct view_ops view_key = {
    .name = "key",
    .on = ON_KEY,
    .draw = key_draw,
    .state = key_page_state,
    .hints = "t test  D disable  X remove  c copy its name  a actions  Esc back  ? help",
};
