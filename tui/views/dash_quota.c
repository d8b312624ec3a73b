/* Units of the Pacific day: buckets, pace, when they will be gone; wide: and the plan's shares. */
#include "config.h"
#include "tui/views/dash_parts.h"
#include "tui/format.h"

#include <stdio.h>
#include <string.h>

bool dash_quota_is_spent(const struct snapshot *s)
{
	return s->n_keys > 0 && s->units_per_day > 0 && s->units_left <= 0;
}

int dash_quota_lines(const struct snapshot *s)
{
	return !s->n_keys ? 1 : dash_quota_is_spent(s) ? 3 : 2 + (s->n_projects > 0);
}

static double quota_part(const struct view_units *u)
{
	return u->per_day > 0 ? (double)u->used / (double)u->per_day : 0;
}

/* ---- lines ---- */

static void quota_draw_units(const struct view_ctx *c, const struct pane *p, int y)
{
	const struct snapshot *s = c->snap;
	struct view_units u = view_units(s);
	char used[FORMAT_SIZE], limit[FORMAT_SIZE], rate[FORMAT_SIZE];
	bool brief = c->layout->profile == PROFILE_SHORT;
	int tail = brief ? 21 : 33, bar = p->at.w - 9 - tail;

	draw_text(p, y, 1, 6, ALIGN_LEFT, ROLE_NORMAL, "units");
	draw_bar(p, y, 8, bar, dash_quota_is_spent(s) ? ROLE_WARN : ROLE_OK, quota_part(&u));
	format_full(used, u.used);
	format_full(limit, u.per_day);
	draw_textf(p, y, 9 + bar, 23, ALIGN_LEFT, ROLE_NORMAL, "%s / %s %3d%%", used, limit,
	    (int)(quota_part(&u) * 100));
	if (!brief)
		draw_textf(p, y, p->at.w - 10, 9, ALIGN_RIGHT, ROLE_NORMAL, "%s/h",
		    format_count(rate, (int64_t)u.per_h));
}

/* How the day and its units go together; returns the column after it. */
static int quota_draw_parts(const struct view_ctx *c, const struct pane *p, int y, int x)
{
	const struct snapshot *s = c->snap;
	int w = p->at.w - x - 1;

	if (p->at.w < 70)
		return x + draw_textf(p, y, x, w, ALIGN_LEFT, ROLE_NORMAL, "day %d%%, spent %d%%",
		               (int)(s->day_gone * 100), (int)(s->day_spent * 100));
	if (s->day_gone <= 0)
		return x + draw_text(p, y, x, w, ALIGN_LEFT, ROLE_NORMAL, "the day has just begun");
	return x + draw_textf(p, y, x, w, ALIGN_LEFT, ROLE_NORMAL,
	               "%d%% of the day gone, %d%% spent (x%.2f)", (int)(s->day_gone * 100),
	               (int)(s->day_spent * 100), s->day_spent / s->day_gone);
}

static void quota_draw_pace(const struct view_ctx *c, const struct pane *p, int y)
{
	const struct snapshot *s = c->snap;
	char when[FORMAT_SIZE], idle[FORMAT_SIZE];
	bool brief = p->at.w < 70;
	int x;

	draw_text(p, y, 1, 6, ALIGN_LEFT, ROLE_NORMAL, "pace");
	x = quota_draw_parts(c, p, y, 8) + 2;
	if (s->dry_at)
		draw_textf(p, y, x, p->at.w - x - 1, ALIGN_LEFT, ROLE_WARN,
		    brief ? "dry %s, idle %s" : "dry %s, then idle %s",
		    format_when(when, s->dry_at, c->now), format_duration(idle, s->idle_s));
	else
		draw_textf(p, y, x, p->at.w - x - 1, ALIGN_LEFT, ROLE_NORMAL,
		    brief ? "lasts" : "lasts to the reset at %s",
		    format_when(when, s->reset_at, c->now));
}

/* "search ████ 500 / 500 empty" */
static void quota_draw_bucket(
    const struct view_ctx *c, const struct snapshot_bucket *b, const struct pane *p)
{
	char used[FORMAT_SIZE], limit[FORMAT_SIZE], when[FORMAT_SIZE];
	bool ok = strcmp(b->state, "ok") == 0;
	int bar = p->at.w - 8 - 24;

	draw_text(p, 0, 0, 6, ALIGN_LEFT, ROLE_NORMAL, b->name);
	if (bar > 3)
		draw_bar(p, 0, 7, bar, ok ? ROLE_OK : ROLE_OFF,
		    b->limit > 0 ? (double)b->used / (double)b->limit : 0);
	draw_textf(p, 0, 8 + bar, p->at.w - 8 - bar, ALIGN_LEFT, ROLE_NORMAL, "%s / %s %s",
	    format_full(used, b->used), format_full(limit, b->limit),
	    !ok         ? b->state
	    : b->dry_at ? format_when(when, b->dry_at, c->now)
	                : "lasts");
}

/* The other buckets of the first project that is used, side by side. */
static void quota_draw_buckets(const struct view_ctx *c, const struct pane *p, int y)
{
	const struct snapshot_project *x = &c->snap->projects[0];
	int w = (p->at.w - 2) / (SNAPSHOT_BUCKETS - 1);

	for (int b = 1; b < SNAPSHOT_BUCKETS; b++) {
		struct pane at = pane_part(p, (struct rect){y, 1 + (b - 1) * w, 1, w - 2});
		quota_draw_bucket(c, &x->buckets[b], &at);
	}
}

/* ---- nothing left ---- */

static void quota_draw_spent(const struct view_ctx *c, const struct pane *p, int y)
{
	const struct snapshot *s = c->snap;
	char when[FORMAT_SIZE], left[FORMAT_SIZE];
	int64_t day = s->reset_at - s->day_start;
	double gone = day > 0 ? (double)(c->now - s->day_start) / (double)day : 0;
	int bar = p->at.w - 29;

	draw_textf(p, y, 1, p->at.w - 2, ALIGN_LEFT, ROLE_WARN,
	    "All quota of this Pacific day is spent: new units %s, in %s",
	    format_when(when, s->reset_at, c->now), format_countdown(left, s->reset_at - c->now));
	if (y + 1 >= p->at.h)
		return;
	draw_text(p, y + 1, 1, 6, ALIGN_LEFT, ROLE_NORMAL, "day");
	draw_bar(p, y + 1, 8, bar, ROLE_OFF, gone);
	draw_textf(
	    p, y + 1, 9 + bar, 19, ALIGN_LEFT, ROLE_NORMAL, "%d%% of it gone", (int)(gone * 100));
	draw_text(p, y + 2, 1, p->at.w - 2, ALIGN_LEFT, ROLE_OFF,
	    "jobs go on by themselves then; imports cost nothing.  3 shows the plan");
}

/* ---- wide: all of it ---- */

static int quota_draw_row(const struct view_ctx *c, const struct snapshot_bucket *b,
    const struct pane *p, int y, int64_t dry_at)
{
	char a[FORMAT_SIZE];
	bool ok = strcmp(b->state, "ok") == 0;
	int bar = p->at.w - 32;

	draw_text(p, y, 1, 8, ALIGN_LEFT, ROLE_NORMAL, b->name);
	draw_bar(p, y, 9, bar, ok ? ROLE_OK : ROLE_OFF,
	    b->limit > 0 ? (double)b->used / (double)b->limit : 0);
	draw_text(p, y, 9 + bar, 8, ALIGN_RIGHT, ROLE_NORMAL, format_full(a, b->used));
	draw_text(p, y, 17 + bar, 7, ALIGN_RIGHT, ROLE_NORMAL, format_count(a, b->per_hour));
	draw_text(p, y, 25 + bar, 6, ALIGN_RIGHT, ok ? ROLE_NORMAL : ROLE_OFF,
	    !ok      ? b->state
	    : dry_at ? format_when(a, dry_at, c->now)
	             : "lasts");
	return y + 1;
}

/* Keys that cannot be used, by name; else how many there are. */
static int quota_draw_keys(const struct view_ctx *c, const struct pane *p, int y)
{
	const struct snapshot *s = c->snap;
	bool any = false;

	for (size_t i = 0; i < s->n_keys && i < SNAPSHOT_KEYS && y < p->at.h; i++) {
		if (strcmp(s->keys[i].state, "refused") != 0)
			continue;
		draw_textf(p, y++, 1, p->at.w - 2, ALIGN_LEFT, ROLE_ERROR, "! %s: %s",
		    s->keys[i].name, s->keys[i].reason);
		any = true;
		break;
	}
	if (!any)
		draw_textf(p, y++, 1, p->at.w - 2, ALIGN_LEFT, ROLE_OFF, "%zu of %zu keys usable",
		    s->n_keys_usable, s->n_keys);
	return y;
}

static void quota_draw_plan(const struct view_ctx *c, const struct pane *p, int y)
{
	const struct snapshot *s = c->snap;
	char a[FORMAT_SIZE], b[FORMAT_SIZE];
	int bar = p->at.w - 37;

	draw_rule(p, y++, "Plan", "spent / share today");
	for (size_t i = 0; i < s->n_stages && i < SNAPSHOT_STAGES && y < p->at.h; i++) {
		const struct snapshot_stage *g = &s->stages[i];
		if (!g->is_planned)
			continue;
		draw_text(p, y, 1, 10, ALIGN_LEFT, g->has_work ? ROLE_BUSY : ROLE_NORMAL, g->name);
		draw_bar(p, y, 11, bar, g->has_work ? ROLE_BUSY : ROLE_OFF,
		    g->units_per_day > 0 ? (double)g->spent / (double)g->units_per_day : 0);
		draw_textf(p, y, 12 + bar, 19, ALIGN_RIGHT, ROLE_NORMAL, "%s / %s",
		    format_full(a, g->spent), format_full(b, g->units_per_day));
		draw_textf(p, y++, 31 + bar, 5, ALIGN_RIGHT, ROLE_NORMAL, "%d%%", g->share);
	}
	if (y < p->at.h)
		draw_textf(p, y, 1, p->at.w - 2, ALIGN_LEFT, ROLE_OFF,
		    "pace %s, lending %s; 3 changes it", s->plan_pace, s->plan_lend ? "on" : "off");
}

/* The common bucket of all nodes as if it were one project's. */
static struct snapshot_bucket quota_common(const struct snapshot *s)
{
	const struct snapshot_cluster *x = &s->cluster;
	struct snapshot_bucket b = {.used = x->units_used,
	    .limit = x->units_per_day,
	    .left = x->units_left,
	    .per_hour = (int64_t)x->units_per_h,
	    .dry_at = s->dry_at};

	if (!x->on || x->units_per_day <= 0)
		return s->projects[0].buckets[0];
	snprintf(b.name, sizeof b.name, "units");
	snprintf(b.state, sizeof b.state, "%s", x->units_left > 0 ? "ok" : "empty");
	return b;
}

static void quota_draw_wide(const struct view_ctx *c, const struct pane *in)
{
	const struct snapshot *s = c->snap;
	int y = 0;

	if (dash_quota_is_spent(s)) {
		quota_draw_spent(c, in, 0);
		y = 3;
	}
	for (int b = 0; b < SNAPSHOT_BUCKETS && s->n_projects; b++) {
		struct snapshot_bucket at = b ? s->projects[0].buckets[b] : quota_common(s);
		y = quota_draw_row(
		    c, &at, in, y, b == 0 && s->n_projects == 1 ? s->dry_at : at.dry_at);
	}
	if (!s->n_projects) {
		quota_draw_units(c, in, y);
		quota_draw_pace(c, in, y + 1);
		y += 2;
	}
	y = quota_draw_keys(c, in, y);
	if (in->at.h - y > 2)
		quota_draw_plan(c, in, y);
}

void dash_draw_quota(const struct view_ctx *c, const struct pane *p)
{
	const struct snapshot *s = c->snap;
	bool wide = c->layout->profile == PROFILE_WIDE;
	const char *title =
	    s->cluster.on ? "Quota of all nodes, Pacific day" : "Quota, Pacific day";
	char right[160];
	struct pane in;

	if (wide)
		snprintf(right, sizeof right, "used   per h   dry");
	else
		snprintf(right, sizeof right, "%s%.40s%s%zu key%s of %zu usable",
		    s->n_projects == 1 ? "project " : "",
		    s->n_projects == 1 ? s->projects[0].name : "", s->n_projects == 1 ? ", " : "",
		    s->n_keys_usable, s->n_keys_usable == 1 ? "" : "s", s->n_keys);
	in = view_open(c, p, title, s->n_keys ? right : NULL);
	if (!s->n_keys) {
		draw_text(&in, 0, 1, in.at.w - 1, ALIGN_LEFT, ROLE_WARN,
		    "! no key yet, so no units to spend: 3 then n adds one");
	} else if (wide) {
		quota_draw_wide(c, &in);
	} else if (dash_quota_is_spent(s)) {
		quota_draw_spent(c, &in, 0);
	} else {
		quota_draw_units(c, &in, 0);
		quota_draw_pace(c, &in, 1);
		if (s->n_projects && in.at.h > 2 && c->layout->profile != PROFILE_SHORT)
			quota_draw_buckets(c, &in, 2);
	}
}
