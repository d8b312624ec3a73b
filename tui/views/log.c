/* The log: follows what is written, or stands still; by level, source, job, time and filter. */
#include "config.h"
#include "tui/views/log_parts.h"
#include "tui/format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	LOG_FOOT = 3,
	LOG_SIDE = 40, /* columns beside the list */
	LOG_SUMMARY_MS = 5000,
	LOG_BEFORE_TEXT = 37, /* columns of the list before the message */
	LOG_NEAR = 50         /* rows from the head at which older lines are asked for */
};

enum log_key {
	LOG_KEY_FOLLOW,
	LOG_KEY_WRAP,
	LOG_KEY_MORE,
	LOG_KEY_LESS,
	LOG_KEY_SOURCE,
	LOG_KEY_JOB,
	LOG_KEY_WINDOW,
	LOG_KEY_ERROR,
	LOG_KEY_NEXT,
	LOG_KEY_BEFORE
};

static const struct {
	int minutes;
	const char *word;
} log_windows[] = {{0, "any time"}, {1, "last 1m"}, {5, "last 5m"}, {15, "last 15m"},
    {60, "last 1h"}, {1440, "last 24h"}};

enum { LOG_WINDOWS = sizeof log_windows / sizeof log_windows[0] };

static size_t log_window(const struct log_own *own)
{
	size_t i = 0;

	while (i + 1 < LOG_WINDOWS && log_windows[i].minutes != own->choice.minutes)
		i++;
	return i;
}

static const struct log_row *log_chosen(const struct log_own *own, const struct table *t)
{
	return t->n && t->at < t->n && t->lines[t->at].at < own->n_rows
	           ? &own->rows[t->lines[t->at].at]
	           : NULL;
}

/* ---- keys ---- */

static bool log_next_source(struct log_own *own)
{
	struct log_lines *l = &own->lines;
	size_t i = 0;

	while (own->choice.source[0] && i < l->n_sources &&
	       strcmp(l->sources[i++], own->choice.source) != 0)
		;
	snprintf(own->choice.source, sizeof own->choice.source, "%s",
	    i < l->n_sources ? l->sources[i] : "");
	return true;
}

/* The job of the line; of all jobs when one was chosen. */
static bool log_job(struct log_own *own, const struct table *t)
{
	const struct log_row *row = log_chosen(own, t);
	bool was = own->choice.job[0] != 0;

	if (!was && row)
		snprintf(own->choice.job, sizeof own->choice.job, "%s", row->line->job);
	else
		own->choice.job[0] = 0;
	return was || own->choice.job[0];
}

/* The next error below the cursor, else the first of all. */
static bool log_next_error(struct log_own *own, struct table *t)
{
	for (size_t i = 1; i <= t->n; i++) {
		size_t line = (t->at + i) % t->n;
		const struct log_row *row = &own->rows[t->lines[line].at];
		if (row->line->level != LOG_ERROR || row->piece)
			continue;
		own->follow = false;
		table_go(t, line);
		snprintf(own->pinned, sizeof own->pinned, "%s", t->selected);
		return true;
	}
	return false;
}

static bool log_command(const struct view_ctx *c, struct view_state *st, int arg)
{
	struct log_own *own = st->own;
	struct table *t = &st->tables[0];

	(void)c;
	own->find.seeks = 0;
	switch ((enum log_key)arg) {
	case LOG_KEY_FOLLOW:
		own->follow = !own->follow;
		return true;
	case LOG_KEY_WRAP:
		own->wrap = !own->wrap;
		return true;
	case LOG_KEY_MORE:
		own->choice.level += own->choice.level < LOG_DEBUG;
		return true;
	case LOG_KEY_LESS:
		own->choice.level -= own->choice.level > LOG_ERROR;
		return true;
	case LOG_KEY_SOURCE:
		return log_next_source(own);
	case LOG_KEY_JOB:
		return log_job(own, t);
	case LOG_KEY_WINDOW:
		own->choice.minutes = log_windows[(log_window(own) + 1) % LOG_WINDOWS].minutes;
		return true;
	case LOG_KEY_ERROR:
		return log_next_error(own, t);
	case LOG_KEY_NEXT:
	case LOG_KEY_BEFORE:
		log_find_step(own, t, arg == LOG_KEY_NEXT ? 1 : -1);
		return true;
	}
	return false;
}

/* ---- drawing ---- */

/* "   / backend", or what n and N look for. */
static void log_find_words(const struct log_own *own, const struct table *t, char *out, size_t size)
{
	const struct log_find *f = &own->find;

	*out = 0;
	if (t->filter.len)
		snprintf(out, size, "   / %s", str_get(&t->filter));
	else if (f->text.len)
		snprintf(out, size, "   n N %s%s", str_get(&f->text),
		    f->seeks  ? ": reading"
		    : f->vain ? ": no other line"
		              : "");
}

/* "level>=info  src:all  job:all  last 15m   FOLLOW" and how many lines. */
static void log_words(const struct log_own *own, const struct table *t, char *left,
    size_t left_size, char *right, size_t right_size)
{
	char n[FORMAT_SIZE], below[FORMAT_SIZE + 16] = "", find[1200];

	log_find_words(own, t, find, sizeof find);
	snprintf(left, left_size, "level>=%s  src:%s  job:%s  %s   %s%s%s",
	    log_level_word(own->choice.level), *own->choice.source ? own->choice.source : "all",
	    *own->choice.job ? own->choice.job : "all", log_windows[log_window(own)].word,
	    own->follow ? "FOLLOW" : "", own->wrap ? " wrap" : "", find);
	if (!own->follow && t->n)
		snprintf(
		    below, sizeof below, ", %s below", format_full(n, (int64_t)(t->n - 1 - t->at)));
	snprintf(right, right_size, "%s%s line%s%s", format_full(n, (int64_t)own->lines.n),
	    own->lines.at_oldest ? "" : "+", own->lines.n == 1 ? "" : "s", below);
}

/* Where the cursor was left: moving up ends following, the last row begins it again. Where newer lines
 * were let go, only a jump there (G) means them all. */
static void log_follow(struct log_own *own, struct table *t)
{
	bool moved = t->selected[0] && own->pinned[0] && strcmp(t->selected, own->pinned) != 0;

	if (!own->begun)
		own->begun = own->follow = true;
	else if (moved)
		own->follow = t->n && t->at + 1 == t->n &&
		              (!own->lines.newer || t->at > own->at + (size_t)t->page);
	own->at = t->at;
	if (own->follow && own->lines.newer)
		log_lines_restart(&own->lines);
}

static void log_draw_list(const struct view_ctx *c, struct view_state *st, const struct pane *p)
{
	struct log_own *own = st->own;
	struct table *t = &st->tables[0];

	log_rows_make(own, p->at.w - LOG_BEFORE_TEXT);
	table_update(t, c, st, false);
	log_find_go(own, t);
	if (own->follow)
		table_go(t, t->n);
	table_draw(t, c, st, p);
	snprintf(own->pinned, sizeof own->pinned, "%s", t->n ? t->selected : "");
	if (own->lines.error[0]) {
		draw_textf(p, 1, TABLE_EDGE, p->at.w - TABLE_EDGE, ALIGN_LEFT, ROLE_ERROR, "! %s",
		    own->lines.error);
		draw_text(p, 2, TABLE_EDGE, p->at.w - TABLE_EDGE, ALIGN_LEFT, ROLE_NORMAL,
		    "  / edits the filter, R asks again");
	} else if (!t->n && own->lines.path.len) {
		draw_text(p, 1, TABLE_EDGE, p->at.w - TABLE_EDGE, ALIGN_LEFT, ROLE_OFF, "loading");
	}
}

static void log_update(const struct view_ctx *c, struct view_state *st)
{
	struct log_own *own = st->own;
	struct table *t = &st->tables[0];

	if (!own->begun)
		own->choice.level = LOG_INFO;
	log_follow(own, t);
	if (own->filtered && !t->filter.len && t->selected[0])
		own->follow = false; /* what stood around the line is wanted */
	own->filtered = t->filter.len > 0;
	log_find_note(&own->find, str_get(&t->filter), c->now);
	log_lines_update(&own->lines, c, st, LOG_LINES, &own->choice, str_get(&t->filter),
	    (!own->follow && t->at < LOG_NEAR) || t->n < (size_t)t->page, t->at + LOG_NEAR >= t->n);
}

static void log_draw_narrow(const struct view_ctx *c, struct view_state *st, const struct pane *p)
{
	int foot = c->layout->profile == PROFILE_SHORT ? 0 : LOG_FOOT;
	struct pane list = pane_part(p, (struct rect){1, 0, p->at.h - foot - 1, p->at.w});
	struct pane below = pane_part(p, (struct rect){p->at.h - foot, 0, foot, p->at.w});
	struct log_own *own = st->own;
	char left[TABLE_TEXT + 1200], right[TABLE_TEXT];
	int w;

	log_draw_list(c, st, &list);
	log_words(own, &st->tables[0], left, sizeof left, right, sizeof right);
	w = draw_columns(p, right) + 2;
	draw_text(p, 0, 1, p->at.w - w - 1, ALIGN_LEFT, ROLE_NORMAL, left);
	draw_text(p, 0, p->at.w - w + 1, w - 2, ALIGN_RIGHT, ROLE_OFF, right);
	if (foot)
		log_draw_line(&below, log_chosen(own, &st->tables[0]));
}

static void log_draw_wide(const struct view_ctx *c, struct view_state *st, const struct pane *p)
{
	int w = st->zoom ? p->at.w : p->at.w - LOG_SIDE, since = 0;
	struct pane left = pane_part(p, (struct rect){0, 0, p->at.h, w});
	struct pane side = pane_part(p, (struct rect){0, w, p->at.h, p->at.w - w});
	struct pane in = pane_part(&left, (struct rect){1, 1, left.at.h - 2, left.at.w - 2});
	struct pane list = pane_part(&in, (struct rect){0, 0, in.at.h - LOG_FOOT - 1, in.at.w});
	struct pane line =
	    pane_part(&in, (struct rect){in.at.h - LOG_FOOT - 1, 0, LOG_FOOT + 1, in.at.w});
	struct log_own *own = st->own;
	char words[TABLE_TEXT + 1200], right[TABLE_TEXT];

	log_draw_list(c, st, &list);
	log_words(own, &st->tables[0], words, sizeof words, right, sizeof right);
	draw_box(&left, words, right);
	log_draw_line(&line, log_chosen(own, &st->tables[0]));
	if (st->zoom)
		return;
	since = own->choice.minutes;
	/* the window moves on by minutes, so that the same answer serves for some seconds */
	log_draw_summary(c, &side,
	    view_get(c, st, LOG_SUMMARY, LOG_SUMMARY_MS, "/api/log/summary?since=%lld",
	        since ? (long long)(c->now / 60 - since) * 60000 : 0));
}

static void log_draw(const struct view_ctx *c, struct view_state *st, const struct pane *p)
{
	log_update(c, st);
	if (c->layout->profile == PROFILE_WIDE)
		log_draw_wide(c, st, p);
	else
		log_draw_narrow(c, st, p);
}

static void log_badge(const struct snapshot *s, char *out, size_t size)
{
	*out = 0;
	if (s->log_errors)
		snprintf(out, size, "%llu", (unsigned long long)s->log_errors);
}

static void log_done(struct view_state *st)
{
	struct log_own *own = st->own;

	log_lines_done(&own->lines);
	log_find_done(&own->find);
	free(own->rows);
}

static const struct view_part log_parts[] = {{"Log", &log_line_table, ON_LOG}};

#define VIEW_KEY(key_, arg_, group_, help_)                                                 \
	{                                                                                   \
		{key_}, KEY_CMD_VIEW, arg_, NULL, group_, (const char[]){key_, 0}, help_, 0 \
	}

static const struct key_row log_keys[] = {
    VIEW_KEY('f', LOG_KEY_FOLLOW, KEY_GROUP_SHOW, "follow new lines"),
    VIEW_KEY('w', LOG_KEY_WRAP, KEY_GROUP_SHOW, "wrap long lines"),
    VIEW_KEY('+', LOG_KEY_MORE, KEY_GROUP_FIND, "lesser levels too"),
    VIEW_KEY('-', LOG_KEY_LESS, KEY_GROUP_FIND, "only worse levels"),
    VIEW_KEY('s', LOG_KEY_SOURCE, KEY_GROUP_FIND, "next source, then all"),
    VIEW_KEY('J', LOG_KEY_JOB, KEY_GROUP_FIND, "this job alone, then all"),
    VIEW_KEY('t', LOG_KEY_WINDOW, KEY_GROUP_FIND, "time window, 1 min to all"),
    VIEW_KEY('e', LOG_KEY_ERROR, KEY_GROUP_MOVE, "next error"),
    VIEW_KEY('n', LOG_KEY_NEXT, KEY_GROUP_MOVE, "next line that fits what / said"),
    VIEW_KEY('N', LOG_KEY_BEFORE, KEY_GROUP_MOVE, "line before that fits it"),
    {{KEYS_NONE}, KEY_CMD_NONE, 0, NULL, KEY_GROUP_MOVE, NULL, NULL, 0},
};

const struct view_ops view_log = {
    .name = "log",
    .title = "Log",
    .title_wide = "Log",
    .in_short = true,
    .key = '7',
    .parts = log_parts,
    .n_parts = 1,
    .own_message = true,
    .own_size = sizeof(struct log_own),
    .draw = log_draw,
    .badge = log_badge,
    .keys = log_keys,
    .command = log_command,
    .hints = "f follow  w wrap  + - level  s source  / filter  M mark  S save  ? help  "
             "J job  t time  e next error  c copy line  q back",
    .done = log_done,
};
