/* What comes in the next 24 hours, and what was written to the log. */
#include "config.h"
#include "tui/views/dash_parts.h"
#include "tui/format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- next ---- */

enum { NEXT_MOST = SNAPSHOT_JOBS * 2 + SNAPSHOT_STAGES + SNAPSHOT_KEYS + 2, NEXT_S = 86400 };

struct next_event {
	int64_t at;
	char text[160];
};

struct next_list {
	const struct view_ctx *c;
	struct next_event events[NEXT_MOST];
	size_t n;
};

/* The new event, whose text is to be filled; NULL: it is not within the next day. */
static char *next_add(struct next_list *l, int64_t at)
{
	if (at <= l->c->now || at > l->c->now + NEXT_S || l->n == NEXT_MOST)
		return NULL;
	l->events[l->n].at = at;
	return l->events[l->n++].text;
}

static void next_jobs(struct next_list *l)
{
	const struct snapshot *s = l->c->snap;
	enum { SIZE = sizeof l->events[0].text };
	char *text;

	for (size_t i = 0; i < s->n_jobs && i < SNAPSHOT_JOBS; i++) {
		const struct snapshot_job *j = &s->jobs[i];
		if (j->open && (text = next_add(l, j->eta)))
			snprintf(text, SIZE, "J-%lld %s is done", (long long)j->no, j->word);
		if (j->open && (text = next_add(l, j->until)))
			snprintf(text, SIZE, "J-%lld %s goes on: %.100s", (long long)j->no, j->word,
			    j->reason);
	}
}

static void next_quota(struct next_list *l)
{
	const struct snapshot *s = l->c->snap;
	enum { SIZE = sizeof l->events[0].text };
	char *text, n[FORMAT_SIZE];

	for (size_t i = 0; i < s->n_stages && i < SNAPSHOT_STAGES; i++)
		if ((text = next_add(l, s->stages[i].dry_at)) && s->stages[i].dry_at != s->dry_at)
			snprintf(text, SIZE, "%s: its share of today is spent", s->stages[i].name);
		else if (text)
			l->n--; /* the line about the day says it */
	if ((text = next_add(l, s->dry_at)))
		snprintf(text, SIZE, "no units for any job, for %s; imports go on",
		    format_duration(n, s->idle_s));
	if ((text = next_add(l, s->reset_at)))
		snprintf(text, SIZE, "a new quota day: %s units", format_full(n, s->units_per_day));
}

static int next_compare(const void *a, const void *b)
{
	const struct next_event *x = a, *y = b;

	return x->at < y->at ? -1 : x->at > y->at;
}

void dash_draw_next(const struct view_ctx *c, const struct pane *p)
{
	struct next_list *l = calloc(1, sizeof *l);
	struct pane in = view_open(c, p, "Next 24 h", NULL);
	char when[FORMAT_SIZE];

	if (!l)
		return;
	l->c = c;
	next_jobs(l);
	next_quota(l);
	qsort(l->events, l->n, sizeof l->events[0], next_compare);
	for (size_t i = 0; i < l->n && i < (size_t)in.at.h; i++) {
		draw_text(&in, (int)i, 1, 7, ALIGN_LEFT, ROLE_OFF,
		    format_when(when, l->events[i].at, c->now));
		draw_text(&in, (int)i, 9, in.at.w - 10, ALIGN_LEFT, ROLE_NORMAL, l->events[i].text);
	}
	if (!l->n)
		draw_text(&in, 0, 1, in.at.w - 2, ALIGN_LEFT, ROLE_OFF, "nothing is expected");
	free(l);
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
