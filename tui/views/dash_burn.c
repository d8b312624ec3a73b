/* Units left over the Pacific day: what was, even pace, and what the forecast says. */
#include "config.h"
#include "tui/views/dash_parts.h"
#include "tui/format.h"

#include <stdio.h>

enum { BURN_LABEL = 7, BURN_COLUMNS = SURFACE_MAX_W };

/* Spent since the day began, at a moment that has passed. */
static double burn_spent(const struct snapshot *s, double at_s)
{
	const int64_t *hours = view_units(s).hours;
	double spent = 0;

	for (size_t i = 0; i < s->n_hours && i < SNAPSHOT_HOURS; i++) {
		double part = (at_s - (double)i * 3600) / 3600;
		double now = ((double)(s->made_at - s->day_start) - (double)i * 3600) / 3600;
		double whole = now > 0 && now < 1 ? now : 1; /* the running hour is not over */
		if (part > 0)
			spent += (double)hours[i] * (part < whole ? part / whole : 1);
	}
	return spent;
}

/* What nobody may spend when the shares are gone. */
static double burn_rest(const struct snapshot *s)
{
	double may = 0, left = (double)s->units_left;

	for (size_t i = 0; i < s->n_stages && i < SNAPSHOT_STAGES; i++)
		may += s->stages[i].has_work ? (double)s->stages[i].left_today : 0;
	return left > may ? left - may : 0;
}

/* Left at a moment to come: a line to where the forecast says that it is dry, or to the reset. */
static double burn_forecast(const struct snapshot *s, double at_s)
{
	double now = (double)(s->made_at - s->day_start), left = (double)s->units_left;
	double dry = (double)(s->dry_at - s->day_start), rest = burn_rest(s);

	if (s->dry_at > s->made_at)
		return at_s < dry ? left + (rest - left) * (at_s - now) / (dry - now) : rest;
	left -= view_units(s).per_h * (at_s - now) / 3600;
	return left > 0 ? left : 0;
}

static void burn_draw_axis(const struct view_ctx *c, const struct pane *in, int h)
{
	char n[FORMAT_SIZE];

	for (int y = 0; y < h; y++) {
		bool labelled = y == 0 || y == h / 2;
		draw_text(in, y, 0, BURN_LABEL - 1, ALIGN_RIGHT, ROLE_OFF,
		    labelled ? format_count(n, view_units(c->snap).per_day * (h - y) / h) : "");
		draw_text(in, y, BURN_LABEL - 1, 1, ALIGN_LEFT, ROLE_RULE,
		    in->g->sign[labelled ? GLYPH_AXIS : GLYPH_LINE_V]);
	}
}

/* A sign in the line that a number of units falls into. */
static void burn_point(
    const struct view_ctx *c, const struct pane *plot, int x, double units, enum glyph sign)
{
	int h = plot->at.h;
	int y = h - 1 - (int)(units / (double)view_units(c->snap).per_day * h);

	if (y >= 0 && y < h)
		draw_text(plot, y, x, 1, ALIGN_LEFT, sign == GLYPH_POINT ? ROLE_WARN : ROLE_OFF,
		    plot->g->sign[sign]);
}

static void burn_draw_lines(const struct view_ctx *c, const struct pane *plot)
{
	const struct snapshot *s = c->snap;
	double day = (double)(s->reset_at - s->day_start), now = (double)(c->now - s->day_start);
	double values[BURN_COLUMNS] = {0}, all = (double)view_units(s).per_day;
	int w = plot->at.w < BURN_COLUMNS ? plot->at.w : BURN_COLUMNS;

	for (int x = 0; x < w; x++)
		if ((x + 0.5) * day / w <= now)
			values[x] = all - burn_spent(s, (x + 0.5) * day / w);
	draw_graph(plot, ROLE_OK, values, (size_t)w, all);
	for (int x = 0; x < w; x++) {
		double at = (x + 0.5) * day / w, even = all * (1 - at / day);
		if (even > values[x])
			burn_point(c, plot, x, even, GLYPH_DOT);
		if (at > now)
			burn_point(c, plot, x, burn_forecast(s, at), GLYPH_POINT);
	}
}

static void burn_draw_foot(const struct view_ctx *c, const struct pane *in, int y)
{
	const struct snapshot *s = c->snap;
	double day = (double)(s->reset_at - s->day_start);
	int w = in->at.w - BURN_LABEL - 1;
	char a[FORMAT_SIZE], b[FORMAT_SIZE], when[FORMAT_SIZE];
	int now = BURN_LABEL + (int)((double)(c->now - s->day_start) / day * w);

	draw_text(
	    in, y, BURN_LABEL, 7, ALIGN_LEFT, ROLE_OFF, format_when(when, s->day_start, c->now));
	draw_textf(in, y, in->at.w - 14, 13, ALIGN_RIGHT, ROLE_OFF, "%s reset",
	    format_when(when, s->reset_at, c->now));
	if (now > BURN_LABEL + 8 && now < in->at.w - 18)
		draw_text(in, y, now, 3, ALIGN_LEFT, ROLE_TITLE, "now");
	if (s->dry_at)
		snprintf(a, sizeof a, "dry %s", format_when(when, s->dry_at, c->now));
	else
		snprintf(a, sizeof a, "lasts");
	draw_textf(in, y + 1, 1, in->at.w - 2, ALIGN_LEFT, ROLE_NORMAL,
	    "left %s   burning %s/h   even pace %s   forecast %s %s", format_full(b, s->units_left),
	    format_count(when, (int64_t)view_units(s).per_h), in->g->sign[GLYPH_DOT],
	    in->g->sign[GLYPH_POINT], a);
}

void dash_draw_burn(const struct view_ctx *c, const struct pane *p)
{
	const struct snapshot *s = c->snap;
	char right[FORMAT_SIZE * 2], n[FORMAT_SIZE];
	struct pane in, plot;
	int h;

	snprintf(right, sizeof right, "%s a day", format_full(n, view_units(s).per_day));
	in = draw_box(p, "Units left today", s->n_keys ? right : NULL);
	h = in.at.h - 2;
	if (view_units(s).per_day <= 0 || s->reset_at <= s->day_start || h < 2) {
		draw_text(&in, 0, 1, in.at.w - 2, ALIGN_LEFT, ROLE_OFF,
		    "no units to spend: 3 then n adds a key");
		return;
	}
	plot = pane_part(&in, (struct rect){0, BURN_LABEL, h, in.at.w - BURN_LABEL - 1});
	burn_draw_axis(c, &in, h);
	burn_draw_lines(c, &plot);
	burn_draw_foot(c, &in, h);
}
