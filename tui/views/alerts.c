/* The page of alerts: what is the matter, since when, what helps; A silences one until it ends. */
#include "config.h"
#include "tui/view.h"
#include "tui/format.h"

#include <stdio.h>
#include <string.h>

/* Word of an alert's state, as ACTION_LIST has it. */
static const char *alert_state(const struct snapshot_alert *a)
{
	return a->until ? "ended" : a->acked ? "acked" : "lasts";
}

static const char *alert_row_state(const struct table_row *r)
{
	return alert_state(r->item);
}

static enum role alert_role(const struct snapshot_alert *a)
{
	if (a->until || a->acked)
		return ROLE_OFF;
	return strcmp(a->level, "error") == 0 ? ROLE_ERROR : ROLE_WARN;
}

/* ---- columns ---- */

static void col_id(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct snapshot_alert *a = r->item;

	(void)c;
	snprintf(out->text, sizeof out->text, "%lld", (long long)a->id);
}

static bool num_id(const struct view_ctx *c, const struct table_row *r, double *out)
{
	const struct snapshot_alert *a = r->item;

	(void)c;
	*out = (double)a->id;
	return true;
}

static void col_state(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct snapshot_alert *a = r->item;

	(void)c;
	out->role = alert_role(a);
	snprintf(out->text, sizeof out->text, "%s%s",
	    a->person && !a->until && !a->acked ? "! " : "", alert_state(a));
}

static void col_level(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct snapshot_alert *a = r->item;

	(void)c;
	snprintf(out->text, sizeof out->text, "%s", a->level);
}

static void col_since(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct snapshot_alert *a = r->item;
	char when[FORMAT_SIZE];

	snprintf(out->text, sizeof out->text, "%s", format_when(when, a->since, c->now));
}

static bool num_since(const struct view_ctx *c, const struct table_row *r, double *out)
{
	const struct snapshot_alert *a = r->item;

	(void)c;
	*out = (double)a->since;
	return true;
}

static void col_subject(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct snapshot_alert *a = r->item;

	(void)c;
	snprintf(out->text, sizeof out->text, "%s", *a->subject ? a->subject : "this node");
}

static void col_text(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct snapshot_alert *a = r->item;

	(void)c;
	snprintf(out->text, sizeof out->text, "%s", a->text);
}

static void col_help(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct snapshot_alert *a = r->item;

	(void)c;
	snprintf(out->text, sizeof out->text, "%s", a->help);
}

static const struct table_col alert_cols[] = {
    {"id", "NO", 4, 4, 3, ALIGN_RIGHT, col_id, num_id, NULL, NULL, FILTER_NUMBER},
    {"state", "STATE", 8, 8, 0, ALIGN_LEFT, col_state, NULL, NULL, NULL, FILTER_TEXT},
    {"level", "LEVEL", 7, 7, 4, ALIGN_LEFT, col_level, NULL, NULL, NULL, FILTER_TEXT},
    {"since", "SINCE", 10, 10, 1, ALIGN_LEFT, col_since, num_since, NULL, NULL, FILTER_TIME},
    {"subject", "OF", 10, 16, 0, ALIGN_LEFT, col_subject, NULL, NULL, NULL, FILTER_TEXT},
    {"text", "WHAT", 30, 80, 0, ALIGN_LEFT, col_text, NULL, NULL, NULL, FILTER_TEXT},
    {"help", "WHAT HELPS", 28, 40, 2, ALIGN_LEFT, col_help, NULL, NULL, NULL, FILTER_TEXT},
};

/* ---- rows ---- */

static size_t alert_count(const struct view_ctx *c, struct view_state *st)
{
	(void)st;
	return c->snap->n_alerts < SNAPSHOT_ALERTS ? c->snap->n_alerts : SNAPSHOT_ALERTS;
}

static void alert_row(
    const struct view_ctx *c, struct view_state *st, size_t at, struct table_row *out)
{
	(void)st;
	out->item = &c->snap->alerts[at];
}

static void alert_id(const struct table_row *r, char out[TABLE_ID])
{
	const struct snapshot_alert *a = r->item;

	snprintf(out, TABLE_ID, "%lld", (long long)a->id);
}

static const struct table_def alert_table = {
    .what = "alerts",
    .cols = alert_cols,
    .n_cols = sizeof alert_cols / sizeof alert_cols[0],
    .count = alert_count,
    .row = alert_row,
    .id = alert_id,
    .state = alert_row_state,
    .order_words = "lasting ones, then newest",
    .empty = "nothing is the matter, and nothing was in the last hour",
};

/* ---- the page ---- */

enum { ALERTS_LINES = 4 };

/* The chosen one in full: columns cut it. */
static void alerts_draw_chosen(
    const struct view_ctx *c, struct view_state *st, const struct pane *p)
{
	char when[FORMAT_SIZE];
	const struct snapshot_alert *a;
	struct table_row row;

	if (!table_find(&st->tables[0], c, st, st->tables[0].selected, &row))
		return;
	a = row.item;
	draw_text(p, 0, 1, p->at.w - 2, ALIGN_LEFT, alert_role(a), a->text);
	draw_textf(p, 1, 1, p->at.w - 2, ALIGN_LEFT, ROLE_NORMAL, "what helps   %s", a->help);
	if (a->until)
		draw_textf(p, 2, 1, p->at.w - 2, ALIGN_LEFT, ROLE_OFF, "ended        %s",
		    format_when(when, a->until, c->now));
	else if (!a->acked)
		draw_text(
		    p, 2, 1, p->at.w - 2, ALIGN_LEFT, ROLE_OFF, "A silences it until it ends");
}

static void alerts_draw(const struct view_ctx *c, struct view_state *st, const struct pane *p)
{
	struct pane in = view_open(c, p, "Alerts", NULL);
	int below = in.at.h > 3 * ALERTS_LINES ? ALERTS_LINES : 0;
	struct pane list = pane_part(&in, (struct rect){0, 0, in.at.h - below, in.at.w});
	struct pane chosen = pane_part(&in, (struct rect){in.at.h - below, 0, below, in.at.w});

	view_draw_list(c, st, 0, &list);
	alerts_draw_chosen(c, st, &chosen);
}

static const struct view_part alerts_parts[] = {{"Alerts", &alert_table, ON_ALERT}};

const struct view_ops view_alerts = {
    .name = "alerts",
    .title_wide = "what is the matter",
    .parts = alerts_parts,
    .n_parts = 1,
    .own_message = true,
    .draw = alerts_draw,
    .hints = "A silence  Space mark  / filter  a actions  ? help  q back",
};
