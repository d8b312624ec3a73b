/* The plan: who may spend what of a day, a change in hand, and what if. */
#include "config.h"
#include "tui/views/key_parts.h"
#include "tui/format.h"

#include <stdio.h>
#include <string.h>

enum { PLAN_REFRESH_MS = 10000 };

/* ---- what would be ---- */

static const struct resource *plan_if(const struct view_state *st)
{
	return &st->resources[KEYS_WHAT_IF];
}

void key_plan_ask(const struct view_ctx *c, struct view_state *st)
{
	const struct keys_own *own = st->own;

	if (own && *own->draft)
		view_get(c, st, KEYS_WHAT_IF, PLAN_REFRESH_MS, "/api/plan/what-if?%s=%d",
		    own->draft, own->draft_share);
	else
		view_get(c, st, KEYS_WHAT_IF, PLAN_REFRESH_MS, "/api/plan/what-if");
}

/* The stage in the answer; absent while it is not there. */
static struct json_node plan_if_stage(struct view_state *st, const char *name)
{
	struct resource *r = &st->resources[KEYS_WHAT_IF];
	const struct json_node *items;
	size_t n = 0;

	if (!r->answer.root.doc)
		return (struct json_node){0};
	items = answer_items(&r->answer, "stages", &n);
	for (size_t i = 0; i < n; i++)
		if (strcmp(answer_text(items[i], "name"), name) == 0)
			return items[i];
	return (struct json_node){0};
}

/* ---- a change in hand ---- */

static const struct snapshot_stage *plan_stage(const struct snapshot *s, const char *name)
{
	for (size_t i = 0; i < s->n_stages && i < SNAPSHOT_STAGES; i++)
		if (s->stages[i].is_planned && strcmp(s->stages[i].name, name) == 0)
			return &s->stages[i];
	return NULL;
}

void key_plan_change(const struct view_ctx *c, struct view_state *st, int by)
{
	struct keys_own *own = st->own;
	const struct snapshot_stage *g = plan_stage(c->snap, st->tables[KEYS_PLAN].selected);
	int share;

	st->part = KEYS_PLAN;
	if (!own || !g)
		return;
	share = strcmp(own->draft, g->name) == 0 ? own->draft_share : g->share;
	share += by;
	share = share < 0 ? 0 : share > 100 ? 100 : share;
	snprintf(own->draft, sizeof own->draft, "%s", share == g->share ? "" : g->name);
	own->draft_share = share;
}

bool key_plan_apply(struct view_state *st)
{
	struct keys_own *own = st->own;

	if (!own || !*own->draft)
		return false;
	st->wish = (struct view_wish){.kind = WISH_ACTION, .action = ACTION_PLAN_SHARE};
	snprintf(st->wish.target, sizeof st->wish.target, "%s", own->draft);
	snprintf(st->wish.text, sizeof st->wish.text, "{\"percent\":%d}", own->draft_share);
	own->draft[0] = 0;
	return true;
}

bool key_plan_drop(struct view_state *st)
{
	struct keys_own *own = st->own;
	bool had = own && *own->draft;

	if (had)
		own->draft[0] = 0;
	return had;
}

/* ---- the list of stages ---- */

static size_t plan_count(const struct view_ctx *c, struct view_state *st)
{
	struct keys_own *own = st->own;
	const struct snapshot *s = c->snap;

	if (!own)
		return 0;
	own->n_stages = 0;
	for (size_t i = 0; i < s->n_stages && i < SNAPSHOT_STAGES; i++) {
		const struct snapshot_stage *g = &s->stages[i];
		struct json_node other =
		    *own->draft ? plan_if_stage(st, g->name) : (struct json_node){0};
		if (!g->is_planned)
			continue;
		own->stages[own->n_stages++] = (struct key_stage){.now = g,
		    .changed = other.doc != NULL,
		    .share = other.doc ? (int)answer_int(other, "share") : g->share,
		    .units_per_day =
		        other.doc ? answer_int(other, "units_per_day") : g->units_per_day,
		    .finish = other.doc ? answer_time(other, "finish") : g->finish,
		    .limit = g->target <= g->done ? "done"
		             : other.doc          ? answer_text(other, "limited_by")
		                                  : g->limit};
	}
	return own->n_stages;
}

static void plan_row(
    const struct view_ctx *c, struct view_state *st, size_t at, struct table_row *out)
{
	const struct keys_own *own = st->own;

	(void)c;
	out->item = &own->stages[at];
}

static void plan_id(const struct table_row *r, char out[TABLE_ID])
{
	const struct key_stage *g = r->item;

	snprintf(out, TABLE_ID, "%s", g->now->name);
}

static void col_stage(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct key_stage *g = r->item;

	(void)c;
	out->role = g->now->has_work ? ROLE_BUSY : ROLE_NORMAL;
	snprintf(out->text, sizeof out->text, "%s", g->now->name);
}

static void col_share(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct key_stage *g = r->item;
	bool other = g->changed && g->share != g->now->share;

	(void)c;
	out->role = other ? ROLE_WARN : ROLE_NORMAL;
	if (other)
		snprintf(out->text, sizeof out->text, "%d>%d%%", g->now->share, g->share);
	else
		snprintf(out->text, sizeof out->text, "%d%%", g->share);
}

static void draw_spent(
    const struct view_ctx *c, const struct table_row *r, const struct pane *p, int y, int x, int w)
{
	const struct key_stage *g = r->item;

	(void)c;
	draw_bar(p, y, x, w, g->now->has_work ? ROLE_BUSY : ROLE_OFF,
	    g->now->units_per_day > 0 ? (double)g->now->spent / (double)g->now->units_per_day : 0);
}

static void plan_full(struct table_cell *out, int64_t n)
{
	char text[FORMAT_SIZE];

	snprintf(out->text, sizeof out->text, "%s", format_full(text, n));
}

static void col_per_day(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct key_stage *g = r->item;

	(void)c;
	plan_full(out, g->units_per_day);
}

static void col_spent(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct key_stage *g = r->item;

	(void)c;
	plan_full(out, g->now->spent);
}

static void col_left(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct key_stage *g = r->item;

	(void)c;
	plan_full(out, g->now->left_today);
}

static void col_items(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct key_stage *g = r->item;
	char n[FORMAT_SIZE];

	(void)c;
	snprintf(out->text, sizeof out->text, "%s", format_count(n, g->now->target - g->now->done));
}

static void col_units(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct key_stage *g = r->item;
	char n[FORMAT_SIZE];

	(void)c;
	snprintf(out->text, sizeof out->text, "%s", format_count(n, g->now->units_left));
}

/* A finish that is none, in a word; NULL: it is a time. */
static const char *plan_no_finish(const char *limit, int64_t finish)
{
	return strcmp(limit, "done") == 0    ? "done"
	       : strcmp(limit, "never") == 0 ? "never"
	       : finish <= 0                 ? "-"
	                                     : NULL;
}

static bool num_days(const struct view_ctx *c, const struct table_row *r, double *out)
{
	const struct key_stage *g = r->item;

	*out = (double)(g->finish - c->now);
	return !plan_no_finish(g->limit, g->finish);
}

static void col_days(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct key_stage *g = r->item;
	const char *none = plan_no_finish(g->limit, g->finish);
	char days[FORMAT_SIZE];

	snprintf(
	    out->text, sizeof out->text, "%s", none ? "-" : format_days(days, g->finish - c->now));
}

static void col_finish(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct key_stage *g = r->item;
	const char *none = plan_no_finish(g->limit, g->finish);
	bool late = g->now->is_late && !g->changed;
	char when[FORMAT_SIZE];

	out->role = late ? ROLE_WARN : ROLE_NORMAL;
	snprintf(out->text, sizeof out->text, "%s%s", late ? "! " : "",
	    none ? none : format_when(when, g->finish, c->now));
}

static const struct table_col plan_columns[] = {
    {"stage", "stage", 9, 10, 0, ALIGN_LEFT, col_stage, NULL, NULL, NULL, FILTER_TEXT},
    {"share", "share", 7, 7, 0, ALIGN_RIGHT, col_share, NULL, NULL, NULL, FILTER_TEXT},
    {NULL, "", 12, 30, 7, ALIGN_LEFT, NULL, NULL, draw_spent, NULL, FILTER_TEXT},
    {"per_day", "units/day", 9, 11, 3, ALIGN_RIGHT, col_per_day, NULL, NULL, NULL, FILTER_TEXT},
    {"spent", "spent", 9, 11, 2, ALIGN_RIGHT, col_spent, NULL, NULL, NULL, FILTER_TEXT},
    {"left", "left today", 10, 11, 4, ALIGN_RIGHT, col_left, NULL, NULL, NULL, FILTER_TEXT},
    {"items", "items left", 10, 11, 5, ALIGN_RIGHT, col_items, NULL, NULL, NULL, FILTER_TEXT},
    {"units", "units left", 10, 11, 6, ALIGN_RIGHT, col_units, NULL, NULL, NULL, FILTER_TEXT},
    {"days", "days", 7, 9, 1, ALIGN_RIGHT, col_days, num_days, NULL, NULL, FILTER_NUMBER},
    {"finish", "finish", 13, 22, 2, ALIGN_LEFT, col_finish, num_days, NULL, NULL, FILTER_TEXT},
};

const struct table_def key_plan_table = {
    .what = "stages",
    .cols = plan_columns,
    .n_cols = sizeof plan_columns / sizeof plan_columns[0],
    .count = plan_count,
    .row = plan_row,
    .id = plan_id,
    .order_words = "as work goes",
    .empty = "no plan is known",
};

/* ---- what if: videos of channels with so many subscribers alone ---- */

static size_t if_count(const struct view_ctx *c, struct view_state *st)
{
	size_t n = 0;

	(void)c;
	if (plan_if(st)->answer.root.doc)
		answer_items(&st->resources[KEYS_WHAT_IF].answer, "videos", &n);
	return n;
}

static void if_row(
    const struct view_ctx *c, struct view_state *st, size_t at, struct table_row *out)
{
	size_t n;

	(void)c;
	out->json = answer_items(&st->resources[KEYS_WHAT_IF].answer, "videos", &n)[at];
}

static void if_id(const struct table_row *r, char out[TABLE_ID])
{
	snprintf(out, TABLE_ID, "%lld", (long long)answer_int(r->json, "min_subscribers"));
}

static void col_least(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	int64_t least = answer_int(r->json, "min_subscribers");
	char n[FORMAT_SIZE];

	(void)c;
	if (!least)
		snprintf(out->text, sizeof out->text, "all");
	else if (least % 1000000 == 0)
		snprintf(out->text, sizeof out->text, "%lldM", (long long)least / 1000000);
	else if (least % 1000 == 0)
		snprintf(out->text, sizeof out->text, "%lldk", (long long)least / 1000);
	else
		snprintf(out->text, sizeof out->text, "%s", format_full(n, least));
}

static void col_channels(
    const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	(void)c;
	plan_full(out, answer_int(r->json, "channels"));
}

static void col_cost(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	char n[FORMAT_SIZE];

	(void)c;
	snprintf(out->text, sizeof out->text, "%s", format_count(n, answer_int(r->json, "units")));
}

static void col_if_days(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	int64_t finish = answer_time(r->json, "finish");
	const char *none = plan_no_finish(answer_text(r->json, "limited_by"), finish);
	char days[FORMAT_SIZE];

	snprintf(
	    out->text, sizeof out->text, "%s", none ? "-" : format_days(days, finish - c->now));
}

static void col_if_finish(
    const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	int64_t finish = answer_time(r->json, "finish");
	const char *none = plan_no_finish(answer_text(r->json, "limited_by"), finish);
	char when[FORMAT_SIZE];

	snprintf(
	    out->text, sizeof out->text, "%s", none ? none : format_when(when, finish, c->now));
}

static const struct table_col if_columns[] = {
    {"least", "only >=", 8, 10, 0, ALIGN_LEFT, col_least, NULL, NULL, NULL, FILTER_TEXT},
    {"channels", "channels", 10, 12, 0, ALIGN_RIGHT, col_channels, NULL, NULL, NULL, FILTER_TEXT},
    {"units", "units", 7, 9, 0, ALIGN_RIGHT, col_cost, NULL, NULL, NULL, FILTER_TEXT},
    {"days", "days", 7, 9, 0, ALIGN_RIGHT, col_if_days, NULL, NULL, NULL, FILTER_TEXT},
    {"finish", "finish", 11, 14, 0, ALIGN_LEFT, col_if_finish, NULL, NULL, NULL, FILTER_TEXT},
};

const struct table_def key_if_table = {
    .what = "lines",
    .cols = if_columns,
    .n_cols = sizeof if_columns / sizeof if_columns[0],
    .count = if_count,
    .row = if_row,
    .id = if_id,
    .order_words = "most subscribers first",
    .empty = "the engine has not answered yet; R asks again",
};

bool key_if_start(const struct view_ctx *c, struct view_state *st)
{
	struct table *t = &st->tables[KEYS_IF];
	struct table_row row;

	if (!t->n || !table_find(t, c, st, t->selected, &row))
		return false;
	st->wish = (struct view_wish){.kind = WISH_FORM, .job_type = "batch_videos"};
	if (answer_int(row.json, "min_subscribers"))
		snprintf(st->wish.text, sizeof st->wish.text, "min_subscribers=%lld",
		    (long long)answer_int(row.json, "min_subscribers"));
	return true;
}

/* ---- notes ---- */

static int plan_draw_draft(const struct keys_own *own, const struct pane *p, int y, int w)
{
	draw_textf(p, y, 1, w, ALIGN_LEFT, ROLE_WARN,
	    "%s %d%% is not applied yet: Enter applies it, Esc drops it, the rest gives way",
	    own->draft, own->draft_share);
	return y + 1;
}

/* Stages that cannot keep up with what comes. */
static int plan_draw_growth(const struct view_ctx *c, const struct pane *p, int y, int h)
{
	char n[2][FORMAT_SIZE];

	for (size_t i = 0; i < c->snap->n_stages && i < SNAPSHOT_STAGES && h > 0; i++) {
		const struct snapshot_stage *g = &c->snap->stages[i];
		if (g->grows_per_day <= 0)
			continue;
		draw_textf(p, y++, 1, p->at.w - 2, ALIGN_LEFT, ROLE_NORMAL,
		    "%s: %s more grow due each day, its share does %s a day%s", g->name,
		    format_count(n[0], g->grows_per_day), format_count(n[1], g->items_per_day),
		    g->items_per_day < g->grows_per_day ? ": it falls behind" : "");
		h--;
	}
	return y;
}

int key_plan_draw_notes(
    const struct view_ctx *c, struct view_state *st, const struct pane *p, int y, int h)
{
	const struct keys_own *own = st->own;
	int end = y + h, w = p->at.w - 2;

	if (own && *own->draft && y < end)
		y = plan_draw_draft(own, p, y, w);
	if (y < end)
		draw_textf(p, y++, 1, w, ALIGN_LEFT, ROLE_NORMAL,
		    "pace %s, lending %s   :pace even spreads the units   :lend off keeps shares",
		    c->snap->plan_pace, c->snap->plan_lend ? "on" : "off");
	return plan_draw_growth(c, p, y, end - y);
}
