/* What a key was used for, and the hours of the Pacific day: panes beside the lists of Keys. */
#include "config.h"
#include "tui/views/key_parts.h"
#include "engine/base/clock.h"
#include "tui/format.h"

#include <stdio.h>
#include <string.h>

/* ---- one key ---- */

static int key_draw_fact(
    const struct pane *p, int y, const char *name, enum role role, const char *text)
{
	draw_text(p, y, 1, 9, ALIGN_LEFT, ROLE_NORMAL, name);
	draw_text(p, y, 11, p->at.w - 12, ALIGN_LEFT, role, text);
	return y + 1;
}

static int key_draw_facts(
    const struct view_ctx *c, const struct snapshot_key *k, const struct pane *p, int y)
{
	char text[TABLE_TEXT], a[FORMAT_SIZE], b[FORMAT_SIZE];
	enum role role;
	const char *word = key_shown_state(k, &role);

	snprintf(text, sizeof text, "%s%s", role == ROLE_ERROR ? "! " : "", word);
	if (k->until > 0)
		snprintf(text, sizeof text, "%s until %s, %s", word,
		    format_when(a, k->until, c->now), format_countdown(b, k->until - c->now));
	y = key_draw_fact(p, y, "state", role, text);
	y = key_draw_fact(p, y, "reason", ROLE_NORMAL, *k->reason ? k->reason : "-");
	snprintf(text, sizeof text, "%s, the fingerprint: the key itself is never shown", k->print);
	y = key_draw_fact(p, y, "print", ROLE_NORMAL, text);
	snprintf(text, sizeof text, "%s, %s of %s units used today", k->project,
	    format_full(a, k->used), format_full(b, k->limit));
	y = key_draw_fact(p, y, "project", ROLE_NORMAL, text);
	snprintf(text, sizeof text, "%s, %s failed", format_full(a, k->calls),
	    format_full(b, k->errors));
	y = key_draw_fact(p, y, "calls", ROLE_NORMAL, text);
	snprintf(
	    text, sizeof text, "%s", k->last_used ? format_when(a, k->last_used, c->now) : "never");
	return key_draw_fact(p, y, "last used", ROLE_NORMAL, text);
}

static int64_t key_week_most(const struct snapshot_day *week)
{
	int64_t most = 0;

	for (int i = 0; i < SNAPSHOT_WEEK; i++)
		most = week[i].units > most ? week[i].units : most;
	return most;
}

/* Oldest first, today last. */
static void key_draw_week(
    const struct view_ctx *c, const struct snapshot_day *week, const struct pane *p, int y)
{
	int64_t most = key_week_most(week);
	char day[FORMAT_SIZE], units[FORMAT_SIZE], failed[FORMAT_SIZE];
	int bar = p->at.w - 31;

	for (int i = SNAPSHOT_WEEK - 1; i >= 0 && y < p->at.h; i--, y++) {
		const struct snapshot_day *d = &week[i];
		int64_t at = c->snap->day_start - (int64_t)i * 86400 + 43200;
		draw_textf(p, y, 1, 7, ALIGN_LEFT, ROLE_NORMAL, "%.6s", format_day(day, at));
		if (bar > 3)
			draw_bar(p, y, 9, bar, ROLE_BUSY,
			    most > 0 ? (double)d->units / (double)most : 0);
		draw_text(
		    p, y, p->at.w - 21, 8, ALIGN_RIGHT, ROLE_NORMAL, format_full(units, d->units));
		draw_textf(p, y, p->at.w - 12, 11, ALIGN_RIGHT, d->failed ? ROLE_WARN : ROLE_OFF,
		    "%s lost", format_count(failed, d->failed));
	}
}

void key_draw_history(const struct view_ctx *c, const struct snapshot_key *k, const struct pane *p)
{
	int y = key_draw_facts(c, k, p, 0) + 1;

	if (y >= p->at.h)
		return;
	draw_text(p, y, 1, p->at.w - 1, ALIGN_LEFT, ROLE_TITLE,
	    "Units through it by Pacific day; lost: calls that failed");
	key_draw_week(c, k->week, p, y + 1);
}

void key_draw_project(
    const struct view_ctx *c, const struct snapshot_project *x, const struct pane *p)
{
	struct snapshot_day week[SNAPSHOT_WEEK] = {{0}};
	const struct snapshot *s = c->snap;
	char text[TABLE_TEXT];
	int y = 0;

	for (size_t i = 0; i < s->n_keys && i < SNAPSHOT_KEYS; i++)
		for (int d = 0; d < SNAPSHOT_WEEK && strcmp(s->keys[i].project, x->name) == 0;
		     d++) {
			week[d].units += s->keys[i].week[d].units;
			week[d].failed += s->keys[i].week[d].failed;
		}
	y = key_draw_fact(p, y, "state", ROLE_NORMAL, x->state);
	if (*x->reason)
		y = key_draw_fact(p, y, "reason", ROLE_ERROR, x->reason);
	snprintf(text, sizeof text, "%lld, %lld usable", (long long)x->keys, (long long)x->usable);
	y = key_draw_fact(p, y, "keys", ROLE_NORMAL, text);
	draw_text(p, ++y, 1, p->at.w - 1, ALIGN_LEFT, ROLE_TITLE,
	    "Units by Pacific day; lost: calls that failed");
	key_draw_week(c, week, p, y + 1);
}

/* ---- hours ---- */

enum { HOUR_LABEL = 6 };

static int64_t hours_most(const struct snapshot *s)
{
	int64_t most = 0;

	for (size_t i = 0; i < s->n_hours && i < SNAPSHOT_HOURS; i++)
		most = s->hours[i] > most ? s->hours[i] : most;
	return most;
}

static void hours_draw_columns(
    const struct view_ctx *c, const struct pane *p, int h, int each, int64_t most)
{
	const struct snapshot *s = c->snap;
	int64_t hour = (c->now - s->day_start) / 3600;
	char n[FORMAT_SIZE];

	for (int i = 0; i < (int)s->n_hours && i < SNAPSHOT_HOURS; i++) {
		struct clock_date d = clock_date_from(s->day_start + (int64_t)i * 3600);
		struct pane at = pane_part(p, (struct rect){0, HOUR_LABEL + i * each, h, each - 1});
		double value = (double)s->hours[i];
		draw_graph(&at, i == hour ? ROLE_BUSY : ROLE_OK, &value, 1, (double)most);
		draw_textf(p, h, HOUR_LABEL + i * each, each, ALIGN_LEFT,
		    i == hour ? ROLE_TITLE : ROLE_OFF, "%02d", d.hour);
	}
	draw_text(p, 0, 0, HOUR_LABEL - 1, ALIGN_RIGHT, ROLE_OFF, format_count(n, most));
}

static void hours_draw_notes(const struct view_ctx *c, const struct pane *p, int y)
{
	const struct snapshot *s = c->snap;
	char a[FORMAT_SIZE], b[FORMAT_SIZE];

	draw_textf(p, y, 1, p->at.w - 2, ALIGN_LEFT, ROLE_NORMAL,
	    "units by UTC hour, the running one bright   even pace is %s an hour",
	    format_count(a, s->n_hours ? s->units_per_day / (int64_t)s->n_hours : 0));
	draw_textf(p, y + 1, 1, p->at.w - 2, ALIGN_LEFT, ROLE_NORMAL,
	    "for calls that brought nothing: %s today   left unspent at the last reset: %s",
	    format_full(a, s->units_failed),
	    s->units_left_over < 0 ? "not known" : format_full(b, s->units_left_over));
}

void key_draw_hours(const struct view_ctx *c, const struct pane *p)
{
	int n = c->snap->n_hours ? (int)c->snap->n_hours : 1;
	int each = (p->at.w - HOUR_LABEL) / n, h = p->at.h - 3;

	if (h < 1 || each < 3) {
		if (p->at.h > 1)
			hours_draw_notes(c, p, 0);
		return;
	}
	hours_draw_columns(c, p, h, each, hours_most(c->snap));
	hours_draw_notes(c, p, h + 1);
}
