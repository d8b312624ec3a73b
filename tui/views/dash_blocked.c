/* What does not go on: what, why, until when or what helps. */
#include "config.h"
#include "tui/views/dash_parts.h"
#include "tui/format.h"

#include <stdio.h>
#include <string.h>

/* By the state of what is blocked: which keys help, and where a line leads. */
static const struct blocked_state {
	const char *state;
	const char *keys; /* NULL: the engine's words say it */
	const char *view; /* where Enter goes; a page is about the named thing */
	bool page;
} blocked_states[] = {
    {"failed", "2 then r", "job", true},
    {"interrupted", "2 then r", "job", true},
    {"paused", "2 then r", "job", true},
    {"waiting", "3 then n", "job", true},
    {"refused", "3 then t", "key", true},
    {"none", "3 then n", "keys", false},
    {"stopped", "make space", "workers", false},
    {"away", "start it", "workers", false},
    {"spent", NULL, "keys", false},
    {"cooling", NULL, "keys", false},
    {"stalled", "4 then K", "workers", false},
    {"open", "4 then b", "workers", false},
    {"trial", "4 then b", "workers", false},
};

static const struct blocked_state *blocked_state(const struct snapshot_blocked *b)
{
	static const struct blocked_state other = {"", NULL, "workers", false};

	for (size_t i = 0; i < sizeof blocked_states / sizeof blocked_states[0]; i++)
		if (strcmp(blocked_states[i].state, b->state) == 0)
			return &blocked_states[i];
	return &other;
}

static enum role blocked_role(const struct snapshot_blocked *b)
{
	static const char *const errors[] = {"failed", "refused", "stopped", "none"};

	for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++)
		if (strcmp(errors[i], b->state) == 0)
			return ROLE_ERROR;
	return b->person && strcmp(b->state, "paused") != 0 ? ROLE_WARN : ROLE_OFF;
}

/* ---- columns ---- */

static void col_what(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct snapshot_blocked *b = r->item;

	(void)c;
	out->role = blocked_role(b);
	snprintf(out->text, sizeof out->text, "%s %s", out->role == ROLE_OFF ? " " : "!", b->what);
}

static void col_why(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct snapshot_blocked *b = r->item;

	(void)c;
	if (strcmp(b->state, "failed") == 0 || strcmp(b->state, "interrupted") == 0 || !*b->why)
		snprintf(
		    out->text, sizeof out->text, "%s%s%s", b->state, *b->why ? ": " : "", b->why);
	else
		snprintf(out->text, sizeof out->text, "%s", b->why);
}

static void col_until(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct snapshot_blocked *b = r->item;
	const char *keys = blocked_state(b)->keys;
	char when[FORMAT_SIZE], left[FORMAT_SIZE];

	if (b->until > 0)
		snprintf(out->text, sizeof out->text, "%s %s", format_when(when, b->until, c->now),
		    format_countdown(left, b->until - c->now));
	else if (b->person)
		snprintf(out->text, sizeof out->text, "you: %s", keys ? keys : b->help);
}

static bool num_until(const struct view_ctx *c, const struct table_row *r, double *out)
{
	const struct snapshot_blocked *b = r->item;

	(void)c;
	*out = (double)b->until;
	return b->until > 0;
}

static const struct table_col blocked_columns[] = {
    {"what", "WHAT", 14, 18, 0, ALIGN_LEFT, col_what, NULL, NULL, NULL, FILTER_TEXT},
    {"why", "WHY", 6, 160, 0, ALIGN_LEFT, col_why, NULL, NULL, NULL, FILTER_TEXT},
    {"until", "UNTIL", 15, 15, 0, ALIGN_RIGHT, col_until, num_until, NULL, NULL, FILTER_NUMBER},
};

/* ---- rows ---- */

static size_t blocked_count(const struct view_ctx *c, struct view_state *st)
{
	(void)st;
	return c->snap->n_blocked < SNAPSHOT_BLOCKED ? c->snap->n_blocked : SNAPSHOT_BLOCKED;
}

static void blocked_row(
    const struct view_ctx *c, struct view_state *st, size_t at, struct table_row *out)
{
	(void)st;
	out->item = &c->snap->blocked[at];
}

static void blocked_id(const struct table_row *r, char out[TABLE_ID])
{
	const struct snapshot_blocked *b = r->item;

	snprintf(out, TABLE_ID, "%s", b->what);
}

const struct table_def blocked_table = {
    .what = "lines",
    .cols = blocked_columns,
    .n_cols = sizeof blocked_columns / sizeof blocked_columns[0],
    .count = blocked_count,
    .row = blocked_row,
    .id = blocked_id,
    .order_words = "what needs a person, then by end",
    .empty = "nothing is blocked",
};

/* "J-1034" of "J-1034 metadata", "k7" of "key k7": what its page is about. */
static void blocked_name(const char *what, char *out, size_t size)
{
	const char *blank = strchr(what, ' ');

	if (blank && strncmp(what, "key ", 4) == 0)
		snprintf(out, size, "%s", blank + 1);
	else
		snprintf(out, size, "%.*s", (int)strcspn(what, " "), what);
}

bool dash_blocked_open(const struct view_ctx *c, struct view_state *st, struct table *t)
{
	const struct blocked_state *state;
	const struct snapshot_blocked *b;
	struct table_row row;

	if (!t->n || !table_find(t, c, st, t->selected, &row))
		return false;
	b = row.item;
	state = blocked_state(b);
	st->wish = (struct view_wish){.kind = WISH_GO, .view = state->view};
	if (state->page)
		blocked_name(b->what, st->wish.target, sizeof st->wish.target);
	return true;
}
