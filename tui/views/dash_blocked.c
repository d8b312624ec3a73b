/* What does not go on and what is wrong: what, why, until when or what helps. */
#include "config.h"
#include "tui/views/dash_parts.h"
#include "tui/blocked_place.h"
#include "tui/format.h"

#include <stdio.h>
#include <string.h>

static enum role line_role(const struct dash_line *l)
{
	static const char *const errors[] = {"failed", "refused", "stopped", "none"};

	if (l->alert)
		return strcmp(l->alert->level, "error") == 0 ? ROLE_ERROR : ROLE_WARN;
	for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++)
		if (strcmp(errors[i], l->blocked->state) == 0)
			return ROLE_ERROR;
	return l->blocked->person && strcmp(l->blocked->state, "paused") != 0 ? ROLE_WARN
	                                                                      : ROLE_OFF;
}

static void line_place(const struct dash_line *l, struct blocked_place *out)
{
	if (l->alert)
		alert_place_of(l->alert, out);
	else
		blocked_place_of(l->blocked, out);
}

/* ---- columns ---- */

static void col_what(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct dash_line *l = r->item;

	(void)c;
	out->role = line_role(l);
	snprintf(out->text, sizeof out->text, "%s %s", out->role == ROLE_OFF ? " " : "!",
	    l->alert ? l->alert->kind : l->blocked->what);
	for (char *p = out->text; l->alert && *p; p++)
		*p = (char)(*p == '_' ? ' ' : *p);
}

static void col_why(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct dash_line *l = r->item;
	const struct snapshot_blocked *b = l->blocked;

	(void)c;
	if (l->alert)
		snprintf(out->text, sizeof out->text, "%s", l->alert->text);
	else if (strcmp(b->state, "failed") == 0 || strcmp(b->state, "interrupted") == 0 ||
	         !*b->why)
		snprintf(
		    out->text, sizeof out->text, "%s%s%s", b->state, *b->why ? ": " : "", b->why);
	else
		snprintf(out->text, sizeof out->text, "%s", b->why);
}

static void col_until(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct dash_line *l = r->item;
	bool person = l->alert ? l->alert->person : l->blocked->person;
	const char *help = l->alert ? l->alert->help : l->blocked->help;
	int64_t until = l->alert ? 0 : l->blocked->until;
	char when[FORMAT_SIZE], left[FORMAT_SIZE];
	struct blocked_place place;

	line_place(l, &place);
	if (until > 0)
		snprintf(out->text, sizeof out->text, "%s %s", format_when(when, until, c->now),
		    format_countdown(left, until - c->now));
	else if (person)
		snprintf(out->text, sizeof out->text, "you: %s", place.keys ? place.keys : help);
	else if (l->alert)
		snprintf(out->text, sizeof out->text, "since %s",
		    format_when(when, l->alert->since, c->now));
}

static bool num_until(const struct view_ctx *c, const struct table_row *r, double *out)
{
	const struct dash_line *l = r->item;

	(void)c;
	*out = l->alert ? 0 : (double)l->blocked->until;
	return *out > 0;
}

static const struct table_col blocked_columns[] = {
    {"what", "WHAT", 14, 18, 0, ALIGN_LEFT, col_what, NULL, NULL, NULL, FILTER_TEXT},
    {"why", "WHY", 6, 160, 0, ALIGN_LEFT, col_why, NULL, NULL, NULL, FILTER_TEXT},
    {"until", "UNTIL", 15, 15, 0, ALIGN_RIGHT, col_until, num_until, NULL, NULL, FILTER_NUMBER},
};

/* ---- rows ---- */

static size_t blocked_count(const struct view_ctx *c, struct view_state *st)
{
	const struct snapshot *s = c->snap;
	struct dash_own *own = st->own;

	if (!own)
		return 0;
	own->n = 0;
	for (int person = 1; person >= 0; person--) { /* what needs a person first */
		for (size_t i = 0; i < s->n_blocked && i < SNAPSHOT_BLOCKED; i++)
			if (s->blocked[i].person == (person != 0))
				own->lines[own->n++] = (struct dash_line){&s->blocked[i], NULL};
		for (size_t i = 0; i < s->n_alerts && i < SNAPSHOT_ALERTS; i++)
			if (alert_is_shown(&s->alerts[i]) && s->alerts[i].person == (person != 0))
				own->lines[own->n++] = (struct dash_line){NULL, &s->alerts[i]};
	}
	return own->n;
}

static void blocked_row(
    const struct view_ctx *c, struct view_state *st, size_t at, struct table_row *out)
{
	const struct dash_own *own = st->own;

	(void)c;
	out->item = &own->lines[at];
}

/* An alert is its number, as :ack wants it. */
static void blocked_id(const struct table_row *r, char out[TABLE_ID])
{
	const struct dash_line *l = r->item;

	if (l->alert)
		snprintf(out, TABLE_ID, "%lld", (long long)l->alert->id);
	else
		snprintf(out, TABLE_ID, "%s", l->blocked->what);
}

static unsigned blocked_on(const struct table_row *r)
{
	const struct dash_line *l = r->item;

	return l->alert ? ON_ALERT : 0;
}

static const char *blocked_row_state(const struct table_row *r)
{
	const struct dash_line *l = r->item;

	return l->alert ? NULL : "no alert";
}

const struct table_def blocked_table = {
    .what = "lines",
    .cols = blocked_columns,
    .n_cols = sizeof blocked_columns / sizeof blocked_columns[0],
    .count = blocked_count,
    .row = blocked_row,
    .id = blocked_id,
    .state = blocked_row_state,
    .on = blocked_on,
    .opens = &view_store, /* of those that have no list */
    .order_words = "what needs a person, then by end",
    .empty = "nothing is blocked",
};

bool dash_blocked_open(const struct view_ctx *c, struct view_state *st, struct table *t)
{
	struct blocked_place place;
	struct table_row row;

	if (!t->n || !table_find(t, c, st, t->selected, &row))
		return false;
	line_place(row.item, &place);
	st->wish = (struct view_wish){
	    .kind = WISH_GO, .view = place.page ? place.page : place.view, .part = place.part};
	snprintf(st->wish.target, sizeof st->wish.target, "%s", place.page ? place.row : "");
	snprintf(st->wish.text, sizeof st->wish.text, "%s", place.page ? "" : place.row);
	return true;
}
