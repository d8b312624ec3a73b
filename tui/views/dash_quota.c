#include "config.h"
#include "tui/views/dash_parts.h"
#include "tui/format.h"

#include <stdio.h>
#include <string.h>

/* ---- stages ---- */

struct stage {
	const char *name;
	const char *job_type;
	int op; /* index of snapshot.items; -1: the import, which has no such counts */
};

static const struct stage stage_table[] = {
    {"import", "migration", -1},
    {"metadata", "batch_metadata", SNAPSHOT_METADATA},
    {"videos", "batch_videos", SNAPSHOT_VIDEOS},
    {"discovery", "batch_discovery", SNAPSHOT_DISCOVERY},
};

enum { STAGES = sizeof stage_table / sizeof stage_table[0], STAGES_ALWAYS = 2 };

const struct snapshot_job *dash_open_job(const struct snapshot *s, const char *type)
{
	for (size_t i = 0; i < s->n_jobs && i < SNAPSHOT_JOBS; i++)
		if (s->jobs[i].open && strcmp(s->jobs[i].type, type) == 0)
			return &s->jobs[i];
	return NULL;
}

static int64_t stage_begun(const struct snapshot *s, int op)
{
	const int64_t *n = s->items[op];

	return n[SNAPSHOT_DONE] + n[SNAPSHOT_MISSING] + n[SNAPSHOT_FAILED];
}

/* Later stages are shown once somebody used them. */
static bool stage_is_shown(const struct snapshot *s, int stage)
{
	return stage < STAGES_ALWAYS || stage_begun(s, stage_table[stage].op) > 0 ||
	       dash_open_job(s, stage_table[stage].job_type);
}

int dash_stage_count(const struct view_ctx *c)
{
	int n = 0;

	for (int i = 0; i < STAGES; i++)
		n += stage_is_shown(c->snap, i);
	return n;
}

struct stage_numbers {
	int64_t done, total, gone, failed;
	const struct snapshot_job *job;
};

static struct stage_numbers stage_numbers(const struct snapshot *s, const struct stage *stage)
{
	struct stage_numbers n = {.job = dash_open_job(s, stage->job_type)};

	if (stage->op < 0) {
		n.done = n.job ? n.job->processed : s->channels;
		n.total = n.job ? n.job->total : s->channels;
		n.failed = n.job ? n.job->failed : -1;
		n.gone = -1;
		return n;
	}
	for (int i = 0; i < SNAPSHOT_STATES; i++)
		n.total += s->items[stage->op][i];
	n.done = stage_begun(s, stage->op);
	n.gone = s->items[stage->op][SNAPSHOT_MISSING];
	n.failed = s->items[stage->op][SNAPSHOT_FAILED];
	return n;
}

static const char *stage_finish(
    char *buf, const struct view_ctx *c, const struct stage *stage, const struct stage_numbers *n)
{
	if (n->job && n->job->eta > 0)
		return format_when(buf, n->job->eta, c->now);
	if (n->job)
		return n->job->status;
	if (n->total > 0 && n->done >= n->total)
		return "done";
	if (stage->op >= 0 && n->total && !c->snap->items[stage->op][SNAPSHOT_PENDING])
		return "rest later"; /* absent once: asked again on another day */
	return stage->op < 0 ? "i imports" : n->total ? "n starts it" : "-";
}

static void stage_draw(
    const struct view_ctx *c, const struct pane *p, int y, const struct stage *stage)
{
	struct stage_numbers n = stage_numbers(c->snap, stage);
	char a[FORMAT_SIZE], b[FORMAT_SIZE];
	int tail = p->at.w > 90 ? 32 : 28, bar = p->at.w - 37 - tail;
	int x = 37 + bar;
	double part = n.total > 0 ? (double)n.done / (double)n.total : 0;

	draw_text(p, y, 1, 11, ALIGN_LEFT, n.job ? ROLE_BUSY : ROLE_NORMAL, stage->name);
	draw_textf(p, y, 12, 17, ALIGN_RIGHT, ROLE_NORMAL, "%s / %s", format_count(a, n.done),
	    n.total < 0 ? "?" : format_count(b, n.total));
	draw_bar(p, y, 30, bar, ROLE_OK, part);
	draw_text(p, y, 31 + bar, 5, ALIGN_RIGHT, ROLE_NORMAL, format_percent(a, n.done, n.total));
	draw_text(p, y, x, 7, ALIGN_RIGHT, ROLE_NORMAL, format_count(a, n.gone));
	draw_text(p, y, x + 7, 7, ALIGN_RIGHT, n.failed > 0 ? ROLE_WARN : ROLE_NORMAL,
	    format_count(a, n.failed));
	draw_text(p, y, x + 15, tail - 15, ALIGN_LEFT, ROLE_NORMAL, stage_finish(a, c, stage, &n));
}

static void stages_draw_short(const struct view_ctx *c, const struct pane *p)
{
	int y = 0;

	for (int i = 0; i < STAGES && y < p->at.h; i++) {
		struct stage_numbers n = stage_numbers(c->snap, &stage_table[i]);
		double part = n.total > 0 ? (double)n.done / (double)n.total : 0;
		char a[FORMAT_SIZE];
		if (!stage_is_shown(c->snap, i))
			continue;
		draw_text(p, y, 1, 10, ALIGN_LEFT, ROLE_NORMAL, stage_table[i].name);
		draw_text(
		    p, y, 11, 6, ALIGN_RIGHT, ROLE_NORMAL, format_percent(a, n.done, n.total));
		draw_bar(p, y, 18, p->at.w - 35, ROLE_OK, part);
		draw_text(p, y, p->at.w - 16, 16, ALIGN_LEFT, ROLE_NORMAL,
		    stage_finish(a, c, &stage_table[i], &n));
		y++;
	}
}

void dash_draw_stages(const struct view_ctx *c, const struct pane *p)
{
	bool boxed = c->layout->profile == PROFILE_WIDE;
	struct pane in = boxed ? view_open(c, p, "Campaign", NULL) : *p;
	int y = 1, x;

	if (c->layout->profile == PROFILE_SHORT) {
		stages_draw_short(c, p);
		return;
	}
	draw_text(&in, 0, 1, 11, ALIGN_LEFT, ROLE_TITLE, "STAGE");
	draw_text(&in, 0, 12, 17, ALIGN_RIGHT, ROLE_TITLE, "DONE / TARGET");
	x = in.at.w - (in.at.w > 90 ? 32 : 28);
	draw_text(&in, 0, x - 6, 5, ALIGN_RIGHT, ROLE_TITLE, "%");
	draw_text(&in, 0, x, 7, ALIGN_RIGHT, ROLE_TITLE, "GONE");
	draw_text(&in, 0, x + 7, 7, ALIGN_RIGHT, ROLE_TITLE, "FAILED");
	draw_text(&in, 0, x + 15, in.at.w - x - 15, ALIGN_LEFT, ROLE_TITLE, "FINISH");
	for (int i = 0; i < STAGES && y < in.at.h; i++)
		if (stage_is_shown(c->snap, i))
			stage_draw(c, &in, y++, &stage_table[i]);
}

/* ---- quota ---- */

enum { QUOTA_BRIEF = 50, QUOTA_FULL = 70 }; /* columns from which more is shown */

static double quota_part(const struct snapshot *s)
{
	return s->units_per_day > 0 ? (double)s->units_used / (double)s->units_per_day : 0;
}

static void quota_draw_units(const struct view_ctx *c, const struct pane *p, int y)
{
	const struct snapshot *s = c->snap;
	char used[FORMAT_SIZE], limit[FORMAT_SIZE], rate[FORMAT_SIZE];
	bool brief = p->at.w < QUOTA_BRIEF || c->layout->profile == PROFILE_SHORT;
	int tail = brief ? 21 : 31, bar = p->at.w - 9 - tail;
	enum role role = dash_quota_is_spent(s) ? ROLE_WARN : ROLE_OK;

	draw_text(p, y, 1, 6, ALIGN_LEFT, ROLE_NORMAL, "units");
	draw_bar(p, y, 8, bar, role, quota_part(s));
	format_full(used, s->units_used);
	format_full(limit, s->units_per_day);
	draw_textf(p, y, 9 + bar, tail, ALIGN_LEFT, ROLE_NORMAL, "%s / %s  %d%%", used, limit,
	    (int)(quota_part(s) * 100));
	if (!brief)
		draw_textf(p, y, 9 + bar + 22, tail - 22, ALIGN_LEFT, ROLE_NORMAL, "%s/h",
		    format_count(rate, (int64_t)s->units_per_h));
}

/* When the units will be gone at this rate; 0: they last to the reset. */
static int64_t quota_dry_at(const struct view_ctx *c)
{
	const struct snapshot *s = c->snap;
	double seconds;

	if (!(s->units_per_h >= 1) || s->units_left <= 0)
		return 0;
	seconds = (double)s->units_left / s->units_per_h * 3600;
	if (seconds >= (double)(s->reset_at - c->now))
		return 0;
	return c->now + (int64_t)seconds;
}

static void quota_draw_pace(const struct view_ctx *c, const struct pane *p, int y)
{
	const struct snapshot *s = c->snap;
	int64_t dry = quota_dry_at(c), day = s->reset_at - s->day_start;
	double gone = day > 0 ? (double)(c->now - s->day_start) / (double)day : 0;
	char when[FORMAT_SIZE], idle[FORMAT_SIZE];
	bool brief = p->at.w < QUOTA_FULL;
	int w = p->at.w - 8, x = 8;

	draw_text(p, y, 1, 6, ALIGN_LEFT, ROLE_NORMAL, "pace");
	if (dash_quota_is_spent(s)) {
		draw_textf(p, y, x, w, ALIGN_LEFT, ROLE_WARN, "spent; new units %s, in %s",
		    format_when(when, s->reset_at, c->now),
		    format_duration(idle, s->reset_at - c->now));
		return;
	}
	x += draw_textf(p, y, x, w, ALIGN_LEFT, ROLE_NORMAL,
	    brief ? "day %d%%, spent %d%%" : "%d%% of the day gone, %d%% spent", (int)(gone * 100),
	    (int)(quota_part(s) * 100));
	if (dry)
		draw_textf(p, y, x + 2, p->at.w - x - 2, ALIGN_LEFT, ROLE_WARN,
		    brief ? "dry %s, idle %s" : "dry %s, then idle %s",
		    format_when(when, dry, c->now), format_duration(idle, s->reset_at - dry));
	else
		draw_textf(p, y, x + 2, p->at.w - x - 2, ALIGN_LEFT, ROLE_NORMAL,
		    "lasts to the reset %s", format_when(when, s->reset_at, c->now));
}

struct key_state {
	const char *state;
	enum role role;
	char sign;
};

static const struct key_state *quota_key_state(const char *state)
{
	static const struct key_state table[] = {
	    {"ok", ROLE_OK, ' '},
	    {"cooling", ROLE_OFF, ' '},
	    {"spent", ROLE_OFF, ' '},
	    {"untested", ROLE_NORMAL, ' '},
	    {"off", ROLE_OFF, ' '},
	    {"refused", ROLE_ERROR, '!'},
	};
	static const struct key_state other = {"", ROLE_NORMAL, ' '};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (strcmp(table[i].state, state) == 0)
			return &table[i];
	return &other;
}

/* "24,902 / 30.0k err 3    reset 13h12m", as much of it as w columns take. */
static void quota_draw_key_numbers(
    const struct view_ctx *c, const struct pane *p, int y, int x, const struct snapshot_key *k)
{
	char a[FORMAT_SIZE], b[FORMAT_SIZE];
	bool brief = p->at.w < QUOTA_BRIEF;
	int64_t until = k->until > 0 ? k->until : c->snap->reset_at;
	int w = brief ? 7 : 16;

	if (k->shares_project)
		draw_textf(p, y, x, w, ALIGN_RIGHT, ROLE_OFF, "in %s", k->project);
	else if (brief)
		draw_text(p, y, x, w, ALIGN_RIGHT, ROLE_NORMAL, format_count(a, k->used));
	else
		draw_textf(p, y, x, w, ALIGN_RIGHT, ROLE_NORMAL, "%s / %s", format_full(a, k->used),
		    format_count(b, k->limit));
	x += w + 2;
	if (p->at.w >= QUOTA_FULL) {
		draw_textf(p, y, x, 8, ALIGN_LEFT, k->errors ? ROLE_WARN : ROLE_OFF, "err %s",
		    format_count(a, k->errors));
		x += 9;
	}
	draw_textf(p, y, x, p->at.w - x - 1, ALIGN_LEFT, ROLE_NORMAL, "%s %s",
	    k->until > 0 ? "back in" : "reset", format_duration(a, until - c->now));
}

static void quota_draw_key(
    const struct view_ctx *c, const struct pane *p, int y, const struct snapshot_key *k)
{
	const struct key_state *state = quota_key_state(k->state);
	int tail = p->at.w >= QUOTA_FULL ? 43 : p->at.w >= QUOTA_BRIEF ? 34 : 25;
	int x = p->at.w - tail, bar = x - 23;

	draw_textf(p, y, 1, 2, ALIGN_LEFT, state->role, "%c", state->sign);
	draw_text(p, y, 3, bar > 0 ? 10 : 5, ALIGN_LEFT, ROLE_NORMAL, k->name);
	draw_text(p, y, bar > 0 ? 14 : 9, 8, ALIGN_LEFT, state->role, k->state);
	if (state->sign == '!') {
		draw_text(p, y, 23, p->at.w - 24, ALIGN_LEFT, ROLE_NORMAL, k->reason);
		return;
	}
	if (bar > 0)
		draw_bar(p, y, 23, bar, k->shares_project ? ROLE_OFF : state->role,
		    k->limit > 0 ? (double)k->used / (double)k->limit : 0);
	quota_draw_key_numbers(c, p, y, x, k);
}

void dash_draw_quota(const struct view_ctx *c, const struct pane *p)
{
	const struct snapshot *s = c->snap;
	char right[64];
	struct pane in;
	int y = 2;

	snprintf(right, sizeof right, "%zu of %zu key%s usable", s->n_keys_usable, s->n_keys,
	    s->n_keys == 1 ? "" : "s");
	in = view_open(c, p, "Quota, Pacific day", right);
	if (!s->n_keys) {
		draw_text(&in, 0, 1, in.at.w - 1, ALIGN_LEFT, ROLE_OFF,
		    "no key yet, so no units to spend");
		return;
	}
	quota_draw_units(c, &in, 0);
	if (c->layout->profile == PROFILE_SHORT) {
		quota_draw_pace(c, &in, 1);
		return;
	}
	quota_draw_pace(c, &in, 1);
	for (size_t i = 0; i < s->n_keys && i < SNAPSHOT_KEYS && y < in.at.h; i++, y++) {
		if (y == in.at.h - 1 && i + 1 < s->n_keys) {
			draw_textf(&in, y, 3, in.at.w - 4, ALIGN_LEFT, ROLE_OFF, "%zu more keys",
			    s->n_keys - i);
			break;
		}
		quota_draw_key(c, &in, y, &s->keys[i]);
	}
}
