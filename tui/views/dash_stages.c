/* The whole campaign: a line per stage, with its end at this plan. */
#include "config.h"
#include "tui/views/dash_parts.h"
#include "tui/format.h"

#include <stdio.h>
#include <string.h>

enum { STAGE_TEXT = 64 };

int dash_stage_count(const struct view_ctx *c)
{
	return c->snap->n_stages < SNAPSHOT_STAGES ? (int)c->snap->n_stages : SNAPSHOT_STAGES;
}

/* The import that works; NULL: none does. */
static const struct snapshot_job *stage_import(
    const struct snapshot *s, const struct snapshot_stage *g)
{
	for (size_t i = 0; i < s->n_jobs && i < SNAPSHOT_JOBS && !g->is_planned; i++)
		if (s->jobs[i].open && strcmp(s->jobs[i].type, "migration") == 0)
			return &s->jobs[i];
	return NULL;
}

static const char *stage_import_finish(
    const struct view_ctx *c, const struct snapshot_stage *g, char *buf)
{
	const struct snapshot_job *j = stage_import(c->snap, g);
	char day[FORMAT_SIZE];

	if (j && j->eta > 0)
		return format_when(buf, j->eta, c->now);
	if (j)
		snprintf(buf, STAGE_TEXT, "%s", j->status);
	else if (g->finish > 0)
		snprintf(buf, STAGE_TEXT, "done %s", format_day(day, g->finish));
	else
		snprintf(buf, STAGE_TEXT, "%s", c->snap->channels ? "done" : "i imports");
	return buf;
}

/* All that is left was absent once, and is asked for again on another Pacific day. */
static bool stage_is_absent(const struct snapshot *s, const struct snapshot_stage *g)
{
	static const char *const ops[SNAPSHOT_OPS] = {
	    [SNAPSHOT_METADATA] = "metadata",
	    [SNAPSHOT_VIDEOS] = "videos",
	    [SNAPSHOT_DISCOVERY] = "discovery",
	};

	for (int op = 0; op < SNAPSHOT_OPS; op++)
		if (strcmp(ops[op], g->name) == 0)
			return s->items[op][SNAPSHOT_ABSENT] > 0 && !s->items[op][SNAPSHOT_PENDING];
	return false;
}

/* "Thu 00:48Z", "! 09 Sep 2027", "done", "n, then 15 Dec 2026": what to press. */
static const char *stage_finish(const struct view_ctx *c, const struct snapshot_stage *g, char *buf)
{
	const char *late = g->is_late ? "! " : "";
	char when[FORMAT_SIZE];
	bool rests = !g->has_work && g->target > g->done;

	if (!g->is_planned)
		return stage_import_finish(c, g, buf);
	if (strcmp(g->limit, "done") == 0 || (!g->finish && g->target <= g->done))
		snprintf(buf, STAGE_TEXT, "%s", g->target > 0 ? "done" : "-");
	else if (rests && stage_is_absent(c->snap, g))
		snprintf(buf, STAGE_TEXT, "rest on another day");
	else if (!c->snap->n_keys)
		snprintf(buf, STAGE_TEXT, "no key: 3 then n");
	else if (g->finish > 0)
		snprintf(buf, STAGE_TEXT, "%s%s", rests ? "n, then " : late,
		    format_when(when, g->finish, c->now));
	else
		snprintf(buf, STAGE_TEXT, "%s%s", late,
		    rests                            ? "n starts it"
		    : strcmp(g->limit, "never") == 0 ? "never, with these keys"
		                                     : "-");
	return buf;
}

static enum role stage_role(const struct snapshot_stage *g)
{
	return g->is_late && g->is_planned ? ROLE_WARN : ROLE_NORMAL;
}

static double stage_part(const struct snapshot_stage *g)
{
	return g->target > 0 ? (double)g->done / (double)g->target : 0;
}

/* Refresh has no end: what it still has to do now. */
static bool stage_is_endless(const struct snapshot_stage *g)
{
	return g->grows_per_day > 0;
}

/* ---- columns ---- */

struct stage_places {
	int bar, bar_w, percent, each, units, day, finish; /* day 0: not shown */
};

static struct stage_places stage_places(const struct pane *p)
{
	struct stage_places at = {.bar = 28};
	int tail = p->at.w >= 90 ? 50 : 41;

	at.bar_w = p->at.w - at.bar - tail;
	at.percent = at.bar + at.bar_w;
	at.each = at.percent + 6;
	at.units = at.each + 7;
	at.day = p->at.w >= 90 ? at.units + 8 : 0;
	at.finish = (at.day ? at.day + 8 : at.units + 8) + 1;
	return at;
}

static void stage_draw_titles(const struct pane *p, int y)
{
	struct stage_places at = stage_places(p);

	draw_text(p, y, 1, 10, ALIGN_LEFT, ROLE_TITLE, "STAGE");
	draw_text(p, y, 11, 16, ALIGN_RIGHT, ROLE_TITLE, "DONE / TARGET");
	draw_text(p, y, at.percent, 6, ALIGN_RIGHT, ROLE_TITLE, "%");
	draw_text(p, y, at.each, 7, ALIGN_RIGHT, ROLE_TITLE, "U/ITEM");
	draw_text(p, y, at.units, 8, ALIGN_RIGHT, ROLE_TITLE, "UNITS");
	if (at.day)
		draw_text(p, y, at.day, 8, ALIGN_RIGHT, ROLE_TITLE, "PER DAY");
	draw_text(p, y, at.finish, p->at.w - at.finish, ALIGN_LEFT, ROLE_TITLE,
	    p->at.w - at.finish >= 19 ? "FINISH at this plan" : "FINISH");
}

static void stage_draw_done(
    const struct view_ctx *c, const struct snapshot_stage *g, const struct pane *p, int y)
{
	struct stage_places at = stage_places(p);
	const struct snapshot_job *j = stage_import(c->snap, g);
	int64_t done = j ? j->processed : g->done, target = j ? j->total : g->target;
	char a[FORMAT_SIZE], b[FORMAT_SIZE];

	if (stage_is_endless(g)) {
		draw_textf(p, y, 11, 16, ALIGN_RIGHT, ROLE_NORMAL, "%s are due",
		    format_count(a, target - done));
		draw_text(p, y, at.percent, 6, ALIGN_RIGHT, ROLE_NORMAL, "-");
		return;
	}
	draw_textf(p, y, 11, 16, ALIGN_RIGHT, ROLE_NORMAL, "%s / %s", format_count(a, done),
	    target < 0 ? "?" : format_count(b, target));
	if (at.bar_w > 3)
		draw_bar(p, y, at.bar, at.bar_w, g->has_work || j ? ROLE_BUSY : ROLE_OK,
		    target > 0 ? (double)done / (double)target : 0);
	draw_text(p, y, at.percent, 6, ALIGN_RIGHT, ROLE_NORMAL, format_percent(a, done, target));
}

static void stage_draw(
    const struct view_ctx *c, const struct snapshot_stage *g, const struct pane *p, int y)
{
	struct stage_places at = stage_places(p);
	char text[STAGE_TEXT];

	draw_text(p, y, 1, 10, ALIGN_LEFT, g->has_work ? ROLE_BUSY : ROLE_NORMAL, g->name);
	stage_draw_done(c, g, p, y);
	draw_text(p, y, at.each, 7, ALIGN_RIGHT, ROLE_NORMAL, format_each(text, g->units_each));
	draw_text(p, y, at.units, 8, ALIGN_RIGHT, ROLE_NORMAL,
	    format_count(text, g->is_planned && g->target > 0 ? g->units_left : -1));
	if (at.day)
		draw_text(p, y, at.day, 8, ALIGN_RIGHT, ROLE_NORMAL,
		    format_count(text, g->is_planned ? g->items_per_day : -1));
	draw_text(p, y, at.finish, p->at.w - at.finish, ALIGN_LEFT, stage_role(g),
	    stage_finish(c, g, text));
}

/* What the lookups found. */
static void stages_draw_sum(const struct view_ctx *c, const struct pane *p, int y)
{
	const struct snapshot *s = c->snap;
	const int64_t *n = s->items[SNAPSHOT_METADATA];
	char a[6][FORMAT_SIZE];

	draw_textf(p, y, 1, p->at.w - 2, ALIGN_LEFT, ROLE_NORMAL,
	    "alive %s of %s looked up   gone %s   given up %s   channels %s   videos %s",
	    format_count(a[0], n[SNAPSHOT_DONE]),
	    format_count(a[1], n[SNAPSHOT_DONE] + n[SNAPSHOT_MISSING] + n[SNAPSHOT_FAILED]),
	    format_full(a[2], n[SNAPSHOT_MISSING]), format_full(a[3], n[SNAPSHOT_FAILED]),
	    format_count(a[4], s->channels), format_count(a[5], s->videos));
}

static void stages_draw_short(const struct view_ctx *c, const struct pane *p)
{
	char text[STAGE_TEXT];
	int y = 0;

	for (int i = 0; i < dash_stage_count(c) && y < p->at.h; i++) {
		const struct snapshot_stage *g = &c->snap->stages[i];
		if (!g->is_planned && !stage_import(c->snap, g) && c->snap->channels)
			continue;
		draw_text(p, y, 1, 10, ALIGN_LEFT, ROLE_NORMAL, g->name);
		if (stage_is_endless(g))
			draw_textf(p, y, 11, 12, ALIGN_RIGHT, ROLE_NORMAL, "%s due",
			    format_count(text, g->target - g->done));
		else
			draw_text(p, y, 11, 6, ALIGN_RIGHT, ROLE_NORMAL,
			    format_percent(text, g->done, g->target));
		if (!stage_is_endless(g))
			draw_bar(p, y, 18, p->at.w - 40, ROLE_OK, stage_part(g));
		draw_text(
		    p, y, p->at.w - 21, 21, ALIGN_LEFT, stage_role(g), stage_finish(c, g, text));
		y++;
	}
}

void dash_draw_stages(const struct view_ctx *c, const struct pane *p)
{
	bool boxed = c->layout->profile == PROFILE_WIDE;
	struct pane in = boxed ? draw_box(p, "Campaign", NULL) : *p;
	int n = dash_stage_count(c);

	if (c->layout->profile == PROFILE_SHORT) {
		stages_draw_short(c, p);
		return;
	}
	stage_draw_titles(&in, 0);
	for (int i = 0; i < n; i++)
		stage_draw(c, &c->snap->stages[i], &in, 1 + i);
	if (in.at.h > n + 1 && boxed)
		stages_draw_sum(c, &in, n + 1);
}
