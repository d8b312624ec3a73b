#include "config.h"
#include "tui/views/dash_parts.h"
#include "engine/base/clock.h"
#include "engine/base/str.h"
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

void dash_draw_history(const struct view_ctx *c, const struct pane *p)
{
	struct pane in = view_open(c, p, "Last 60 min", "now    peak");
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

/* ---- workers ---- */

struct worker_state {
	const char *state;
	enum role role;
};

static const struct worker_state worker_states[] = {
    {"working", ROLE_BUSY},
    {"calling", ROLE_BUSY},
    {"parsing", ROLE_BUSY},
    {"writing", ROLE_BUSY},
    {"slot wait", ROLE_OFF},
    {"backoff", ROLE_WARN},
    {"idle", ROLE_OFF},
    {"stopped", ROLE_OFF},
};

enum { WORKER_STATES = sizeof worker_states / sizeof worker_states[0] };

static void workers_draw_sum(const struct view_ctx *c, const struct pane *p, int y, int x)
{
	const struct snapshot *s = c->snap;
	char buf[FORMAT_SIZE];

	for (int i = 0; i < WORKER_STATES; i++) {
		int n = 0;
		for (size_t k = 0; k < s->n_workers && k < SNAPSHOT_WORKERS; k++)
			n += strcmp(s->workers[k].state, worker_states[i].state) == 0;
		if (n)
			x += 2 + draw_textf(p, y, x, p->at.w - x, ALIGN_LEFT, worker_states[i].role,
			             "%d %s", n, worker_states[i].state);
	}
	if (s->api_seen)
		draw_textf(p, y, x, p->at.w - x, ALIGN_LEFT, ROLE_NORMAL, "last call %s ms",
		    format_full(buf, s->api_ms));
}

static void workers_draw_row(const struct view_ctx *c, const struct pane *p, int y, size_t i)
{
	const struct snapshot_worker *w = &c->snap->workers[i];
	enum role role = w->stalled ? ROLE_WARN : ROLE_NORMAL;
	char buf[FORMAT_SIZE];

	for (int k = 0; k < WORKER_STATES && !w->stalled; k++)
		if (strcmp(w->state, worker_states[k].state) == 0)
			role = worker_states[k].role;
	draw_textf(p, y, 1, 3, ALIGN_RIGHT, ROLE_NORMAL, "%zu", i + 1);
	draw_text(p, y, 5, 10, ALIGN_LEFT, role, w->stalled ? "stalled?" : w->state);
	draw_text(p, y, 15, 7, ALIGN_RIGHT, ROLE_NORMAL,
	    format_duration(buf, (c->snap->mono_ms - w->since_ms) / 1000));
	if (w->job)
		draw_textf(p, y, 23, 8, ALIGN_LEFT, ROLE_NORMAL, "J-%lld", (long long)w->job);
	draw_textf(p, y, 32, 9, ALIGN_RIGHT, ROLE_NORMAL, "%s ms", format_full(buf, w->last_ms));
	if (p->at.w < 54)
		return;
	draw_text(p, y, 41, 7, ALIGN_RIGHT, ROLE_NORMAL, format_count(buf, w->chunks));
	draw_textf(p, y, 49, p->at.w - 50, ALIGN_LEFT, w->errors ? ROLE_WARN : ROLE_OFF, "err %s",
	    format_count(buf, w->errors));
}

void dash_draw_workers(const struct view_ctx *c, const struct pane *p)
{
	const struct snapshot *s = c->snap;
	char right[FORMAT_SIZE];
	struct pane in;
	int y = 1;

	if (c->layout->profile != PROFILE_WIDE) {
		int x = 1 + draw_textf(
		                p, 0, 1, 14, ALIGN_LEFT, ROLE_NORMAL, "%zu workers:", s->n_workers);
		workers_draw_sum(c, p, 0, x + 1);
		return;
	}
	snprintf(right, sizeof right, "%zu", s->n_workers);
	in = view_open(c, p, "Workers", right);
	workers_draw_sum(c, &in, 0, 1);
	for (size_t i = 0; i < s->n_workers && i < SNAPSHOT_WORKERS && y < in.at.h; i++)
		workers_draw_row(c, &in, y++, i);
}

/* ---- log ---- */

struct log_look {
	char letter;
	enum role role;
};

static struct log_look log_look_of(enum log_level level)
{
	static const struct log_look looks[] = {
	    [LOG_ERROR] = {'E', ROLE_ERROR},
	    [LOG_WARNING] = {'W', ROLE_WARN},
	    [LOG_INFO] = {'I', ROLE_NORMAL},
	    [LOG_DEBUG] = {'D', ROLE_OFF},
	};

	return level <= LOG_DEBUG ? looks[level] : looks[LOG_DEBUG];
}

void dash_draw_log(const struct view_ctx *c, const struct pane *p)
{
	const struct snapshot *s = c->snap;
	char right[FORMAT_SIZE + 16] = "", count[FORMAT_SIZE];
	struct pane in;
	size_t n = s->n_log < SNAPSHOT_LOG ? s->n_log : SNAPSHOT_LOG, first;

	if (s->log_errors)
		snprintf(right, sizeof right, "%s error%s",
		    format_count(count, (int64_t)s->log_errors), s->log_errors == 1 ? "" : "s");
	in = view_open(c, p, "Log", right);
	first = n > (size_t)in.at.h ? n - (size_t)in.at.h : 0;
	for (size_t i = first; i < n; i++) {
		const struct log_line *line = &s->log[i];
		struct log_look look = log_look_of(line->level);
		char clock[FORMAT_SIZE], job[24] = "";
		int y = (int)(i - first), x = 1;
		format_clock(clock, line->at_ms / 1000);
		if (line->job)
			snprintf(job, sizeof job, "J-%lld ", (long long)line->job);
		x += draw_text(&in, y, x, 9, ALIGN_LEFT, ROLE_OFF, clock) + 1;
		x += draw_textf(&in, y, x, 1, ALIGN_LEFT, look.role, "%c", look.letter) + 1;
		draw_textf(&in, y, x, in.at.w - x, ALIGN_LEFT, look.role, "%s%s", job, line->text);
	}
	if (!n)
		draw_text(&in, 0, 1, in.at.w - 1, ALIGN_LEFT, ROLE_OFF, "nothing yet");
}
