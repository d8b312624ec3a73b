/* The last hour: small graphs, how long services take, one big graph. */
#include "config.h"
#include "tui/views/dash_parts.h"
#include "tui/format.h"

#include <stdio.h>
#include <string.h>

/* ---- the last hour ---- */

struct series {
	const char *name;
	size_t offset; /* of the counter in struct snapshot_minute */
	double scale;  /* from a count in a minute to the unit shown */
	enum role role;
	int digits;
};

static const struct series series_table[] = {
    {"units/h", offsetof(struct snapshot_minute, units), 60.0, ROLE_BUSY, 0},
    {"channels/s", offsetof(struct snapshot_minute, items), 1.0 / 60, ROLE_OK, 1},
    {"errors/min", offsetof(struct snapshot_minute, errors), 1.0, ROLE_WARN, 0},
    {"rows/s sent", offsetof(struct snapshot_minute, rows), 1.0 / 60, ROLE_BUSY, 1},
};

enum { SERIES_UNITS, SERIES_CHANNELS, SERIES_ERRORS, SERIES_ROWS, SERIES_COUNT };

static double series_value(const struct series *t, const struct snapshot_minute *m)
{
	int64_t n;

	memcpy(&n, (const char *)m + t->offset, sizeof n);
	return (double)n * t->scale;
}

/* Oldest first. The running minute is not full yet: a live rate stands for it if there is one. */
static double series_fill(const struct snapshot *s, int which, double out[SNAPSHOT_HISTORY])
{
	const struct series *t = &series_table[which];

	for (int i = 0; i < SNAPSHOT_HISTORY; i++)
		out[SNAPSHOT_HISTORY - 1 - i] = series_value(t, &s->minutes[i]);
	if (which == SERIES_UNITS)
		out[SNAPSHOT_HISTORY - 1] = s->units_per_h;
	if (which == SERIES_CHANNELS)
		out[SNAPSHOT_HISTORY - 1] = s->items_per_s;
	return out[SNAPSHOT_HISTORY - 1];
}

static double series_peak(const double *values)
{
	double peak = 0;

	for (int i = 0; i < SNAPSHOT_HISTORY; i++)
		peak = values[i] > peak ? values[i] : peak;
	return peak;
}

static const char *series_text(char *buf, const struct series *t, double value)
{
	if (t->digits && value > 0 && value < 1000) {
		snprintf(buf, FORMAT_SIZE, "%.1f", value);
		return buf;
	}
	return format_count(buf, (int64_t)(value + 0.5));
}

/* The services that were asked most in the last hour. */
static void history_draw_services(const struct view_ctx *c, const struct pane *p, int y)
{
	const struct snapshot *s = c->snap;
	int64_t below = INT64_MAX;
	int w = p->at.w - 39;

	draw_rule(p, y++, "Calls, last hour", "p50   p95 ms");
	while (y < p->at.h) {
		const struct snapshot_service *best = NULL;
		double values[SNAPSHOT_HISTORY];
		for (size_t i = 0; i < s->n_services && i < SNAPSHOT_SERVICES; i++)
			if (s->services[i].hour_calls > 0 && s->services[i].hour_calls < below &&
			    (!best || s->services[i].hour_calls > best->hour_calls))
				best = &s->services[i];
		if (!best)
			return;
		below = best->hour_calls;
		for (int i = 0; i < SNAPSHOT_HISTORY; i++)
			values[SNAPSHOT_HISTORY - 1 - i] = best->minutes[i];
		draw_text(p, y, 1, 20, ALIGN_LEFT, ROLE_NORMAL, best->name);
		draw_spark(p, y, 21, w, ROLE_BUSY, values, SNAPSHOT_HISTORY);
		draw_textf(p, y, 21 + w, 8, ALIGN_RIGHT, ROLE_NORMAL, "%lld",
		    (long long)(best->p50_us + 500) / 1000);
		draw_textf(p, y, 29 + w, 8, ALIGN_RIGHT, ROLE_NORMAL, "%lld",
		    (long long)(best->p95_us + 500) / 1000);
		y++;
	}
}

void dash_draw_history(const struct view_ctx *c, const struct pane *p)
{
	struct pane in = view_open(
	    c, p, c->snap->cluster.on ? "Last 60 min, this node" : "Last 60 min", "now    peak");
	double values[SNAPSHOT_HISTORY];
	char buf[FORMAT_SIZE];
	int w = in.at.w - 14 - 19;

	for (int i = 0; i < SERIES_COUNT && i < in.at.h; i++) {
		const struct series *t = &series_table[i];
		double live = series_fill(c->snap, i, values);
		draw_text(&in, i, 1, 12, ALIGN_LEFT, ROLE_NORMAL, t->name);
		draw_spark(&in, i, 13, w, t->role, values, SNAPSHOT_HISTORY);
		draw_text(&in, i, 13 + w, 10, ALIGN_RIGHT, ROLE_NORMAL, series_text(buf, t, live));
		draw_text(&in, i, 23 + w, 8, ALIGN_RIGHT, ROLE_NORMAL,
		    series_text(buf, t, series_peak(values)));
	}
	if (in.at.h > SERIES_COUNT + 1 && c->layout->profile == PROFILE_WIDE)
		history_draw_services(c, &in, SERIES_COUNT);
}

/* A scale whose top is 1, 2 or 5 times a power of ten, so that it seldom changes. */
static double graph_top(double peak)
{
	double top = 1;

	while (top < peak && top < 1e12) {
		if (top * 2 >= peak)
			return top * 2;
		if (top * 5 >= peak)
			return top * 5;
		top *= 10;
	}
	return top;
}

void dash_draw_graph(const struct view_ctx *c, const struct pane *p)
{
	char right[FORMAT_SIZE * 2], buf[FORMAT_SIZE];
	const struct series *t = &series_table[SERIES_CHANNELS];
	double values[SNAPSHOT_HISTORY];
	double live = series_fill(c->snap, SERIES_CHANNELS, values),
	       top = graph_top(series_peak(values));
	struct pane in, plot;
	int h;

	snprintf(right, sizeof right, "now %s", series_text(buf, t, live));
	in = view_open(c, p, "Channels a second, last 60 min", right);
	h = in.at.h - 1;
	if (h < 1)
		return;
	plot = pane_part(&in, (struct rect){0, 9, h, in.at.w - 10});
	for (int y = 0; y < h; y++) {
		bool labelled = y == 0 || y == h / 2;
		const char *text = "";
		if (labelled)
			text = series_text(buf, t, top * (h - y) / h);
		draw_text(&in, y, 1, 7, ALIGN_RIGHT, ROLE_OFF, text);
		draw_text(&in, y, 8, 1, ALIGN_LEFT, ROLE_RULE,
		    in.g->sign[labelled ? GLYPH_AXIS : GLYPH_LINE_V]);
	}
	draw_graph(&plot, ROLE_OK, values, SNAPSHOT_HISTORY, top);
	draw_text(&in, h, 9, 12, ALIGN_LEFT, ROLE_OFF, "60 min ago");
	draw_text(&in, h, in.at.w - 17, 16, ALIGN_RIGHT, ROLE_OFF, "now");
	draw_text(&in, h, 9 + plot.at.w / 2 - 5, 10, ALIGN_CENTRE, ROLE_OFF, "30 min");
}
