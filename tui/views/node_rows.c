/* Nodes of the cluster: the list, all of them together, one of them. */
#include "config.h"
#include "tui/views/worker_parts.h"
#include "tui/format.h"

#include <stdio.h>
#include <string.h>

enum { NODE_CLOCK_S = 2 /* clocks that differ by more are shown */ };

static const struct {
	const char *state, *shown;
	enum role role;
} node_states[] = {
    {"up", "up", ROLE_OK},
    {"late", "! late", ROLE_WARN},
    {"silent", "! silent", ROLE_ERROR},
    {"stopped", "stopped", ROLE_OFF},
    {"unknown", "unknown", ROLE_OFF},
};

static size_t node_count(const struct view_ctx *c, struct view_state *st)
{
	(void)st;
	return c->snap->n_nodes < SNAPSHOT_NODES ? c->snap->n_nodes : SNAPSHOT_NODES;
}

static void node_row(
    const struct view_ctx *c, struct view_state *st, size_t at, struct table_row *out)
{
	(void)st;
	out->item = &c->snap->nodes[at];
}

static void node_id(const struct table_row *r, char out[TABLE_ID])
{
	snprintf(out, TABLE_ID, "%s", ((const struct snapshot_node *)r->item)->id);
}

static const char *node_state(const struct table_row *r)
{
	return ((const struct snapshot_node *)r->item)->state;
}

/* Its name is what people type elsewhere. */
static void node_copy(const struct table_row *r, struct str *out)
{
	str_adds(out, ((const struct snapshot_node *)r->item)->name);
}

/* Columns that show a member as it is. */
#define COL_TEXT(name, member)                                                           \
	static void col_##name(                                                          \
	    const struct view_ctx *c, const struct table_row *r, struct table_cell *out) \
	{                                                                                \
		(void)c;                                                                 \
		snprintf(out->text, sizeof out->text, "%s",                              \
		    ((const struct snapshot_node *)r->item)->member);                    \
	}
#define COL_COUNT(name, member)                                                                    \
	static bool num_##name(const struct view_ctx *c, const struct table_row *r, double *out)   \
	{                                                                                          \
		(void)c;                                                                           \
		*out = (double)((const struct snapshot_node *)r->item)->member;                    \
		return true;                                                                       \
	}                                                                                          \
	static void col_##name(                                                                    \
	    const struct view_ctx *c, const struct table_row *r, struct table_cell *out)           \
	{                                                                                          \
		char text[FORMAT_SIZE];                                                            \
		(void)c;                                                                           \
		snprintf(out->text, sizeof out->text, "%s",                                        \
		    format_count(text, (int64_t)((const struct snapshot_node *)r->item)->member)); \
	}
COL_TEXT(host, host)
COL_COUNT(leases, leases)
COL_COUNT(outbox, outbox)
COL_COUNT(units, units_per_h)
COL_COUNT(used, units_used)

static void col_node(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct snapshot_node *n = r->item;

	(void)c;
	snprintf(out->text, sizeof out->text, "%s%s", n->name, n->is_here ? " (here)" : "");
}

static void col_state(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct snapshot_node *n = r->item;

	(void)c;
	snprintf(out->text, sizeof out->text, "%s", n->state);
	for (size_t i = 0; i < sizeof node_states / sizeof node_states[0]; i++)
		if (strcmp(node_states[i].state, n->state) == 0) {
			out->role = node_states[i].role;
			snprintf(out->text, sizeof out->text, "%s", node_states[i].shown);
		}
	if (*n->trouble && out->role == ROLE_OK)
		out->role = ROLE_WARN;
}

static void col_role(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct snapshot_node *n = r->item;

	(void)c;
	out->role = n->leads ? ROLE_TITLE : ROLE_NORMAL;
	snprintf(out->text, sizeof out->text, "%s", n->leads ? "leads" : n->role);
}

static bool num_items(const struct view_ctx *c, const struct table_row *r, double *out)
{
	(void)c;
	*out = ((const struct snapshot_node *)r->item)->items_per_s;
	return true;
}

static void col_items(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	(void)c;
	snprintf(out->text, sizeof out->text, "%.1f",
	    ((const struct snapshot_node *)r->item)->items_per_s);
}

static bool num_seen(const struct view_ctx *c, const struct table_row *r, double *out)
{
	*out = (double)(c->now - ((const struct snapshot_node *)r->item)->seen_at);
	return true;
}

static void col_seen(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct snapshot_node *n = r->item;
	int64_t s = c->now - n->seen_at;
	char text[FORMAT_SIZE];

	if (n->is_here && strcmp(n->state, "up") == 0)
		snprintf(out->text, sizeof out->text, "now");
	else
		snprintf(out->text, sizeof out->text, "%s", format_duration(text, s < 0 ? 0 : s));
}

/* One that runs another version than this node is marked. */
static void col_version(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct snapshot_node *n = r->item;
	bool differs = !n->stopped && strcmp(n->version, c->snap->version) != 0;

	out->role = differs ? ROLE_WARN : ROLE_NORMAL;
	snprintf(out->text, sizeof out->text, "%s%s", differs ? "! " : "", n->version);
}

static const struct table_col node_columns[] = {
    {"node", "NODE", 12, 18, 0, ALIGN_LEFT, col_node, NULL, NULL, NULL, FILTER_TEXT},
    {"state", "STATE", 8, 8, 0, ALIGN_LEFT, col_state, NULL, NULL, NULL, FILTER_TEXT},
    {"role", "ROLE", 6, 10, 3, ALIGN_LEFT, col_role, NULL, NULL, NULL, FILTER_TEXT},
    {"items", "ITEMS/s", 7, 7, 0, ALIGN_RIGHT, col_items, num_items, NULL, NULL, FILTER_NUMBER},
    {"units", "U/H", 6, 6, 1, ALIGN_RIGHT, col_units, num_units, NULL, NULL, FILTER_NUMBER},
    {"used", "TODAY", 6, 6, 7, ALIGN_RIGHT, col_used, num_used, NULL, NULL, FILTER_NUMBER},
    {"leases", "LEASES", 6, 6, 4, ALIGN_RIGHT, col_leases, num_leases, NULL, NULL, FILTER_NUMBER},
    {"outbox", "TO SEND", 7, 7, 6, ALIGN_RIGHT, col_outbox, num_outbox, NULL, NULL, FILTER_NUMBER},
    {"seen", "SEEN", 6, 8, 2, ALIGN_RIGHT, col_seen, num_seen, NULL, NULL, FILTER_NUMBER},
    {"version", "VERSION", 7, 9, 5, ALIGN_LEFT, col_version, NULL, NULL, NULL, FILTER_TEXT},
    {"host", "HOST", 8, 16, 8, ALIGN_LEFT, col_host, NULL, NULL, NULL, FILTER_TEXT},
};

const struct table_def node_table = {
    .what = "nodes",
    .cols = node_columns,
    .n_cols = sizeof node_columns / sizeof node_columns[0],
    .count = node_count,
    .row = node_row,
    .id = node_id,
    .copy = node_copy,
    .state = node_state,
    .order_words = "by name, stopped ones last",
    .empty = "no node is known yet: this one tells of itself when PostgreSQL answers",
};

void node_draw_sum(const struct view_ctx *c, const struct pane *p, int y)
{
	const struct snapshot_cluster *x = &c->snap->cluster;
	char a[FORMAT_SIZE], u[FORMAT_SIZE], l[FORMAT_SIZE];
	int w = p->at.w - 2;

	if (!x->ok)
		draw_textf(p, y, 1, w, ALIGN_LEFT, ROLE_ERROR, "! not part of the cluster: %s",
		    *x->trouble ? x->trouble : "it has not been asked yet");
	else
		draw_textf(p, y, 1, w, ALIGN_LEFT, x->gone || !x->has_leader ? ROLE_WARN : ROLE_OK,
		    "all  %.1f/s  %s u/h  %s / %s units%s", x->items_per_s,
		    format_count(a, (int64_t)x->units_per_h), format_full(u, x->units_used),
		    format_full(l, x->units_per_day), x->has_leader ? "" : "  ! none leads");
}

static const struct snapshot_node *node_find(const struct snapshot *s, const char *id)
{
	for (size_t i = 0; i < s->n_nodes && i < SNAPSHOT_NODES; i++)
		if (strcmp(s->nodes[i].id, id) == 0)
			return &s->nodes[i];
	return NULL;
}

void node_draw_note(const struct view_ctx *c, const char *id, const struct pane *p, int y)
{
	const struct snapshot_node *n = node_find(c->snap, id);
	char seen[FORMAT_SIZE], rows[FORMAT_SIZE], lag[FORMAT_SIZE];
	int w = p->at.w - 2, x = 1;

	if (!n)
		return;
	format_duration(seen, c->now - n->seen_at);
	format_full(rows, n->outbox);
	if (strcmp(n->state, "silent") == 0) {
		draw_textf(p, y, 1, w, ALIGN_LEFT, ROLE_WARN,
		    "! %s on %s was seen %s ago: others take its work, %s rows wait there. Start "
		    "it",
		    n->name, n->host, seen, rows);
		return;
	}
	if (*n->trouble) {
		draw_textf(p, y, 1, w, ALIGN_LEFT, ROLE_WARN, "! %s on %s: %s", n->name, n->host,
		    n->trouble);
		return;
	}
	x += draw_textf(p, y, x, w, ALIGN_LEFT, ROLE_OFF, "%s on %s", n->name, n->host) + 2;
	if (n->clock_ahead > NODE_CLOCK_S || n->clock_ahead < -NODE_CLOCK_S)
		x += draw_textf(p, y, x, w - x, ALIGN_LEFT, ROLE_WARN, "! clock %+lld s",
		         (long long)n->clock_ahead) +
		     2;
	draw_textf(p, y, x, w - x, ALIGN_LEFT, ROLE_OFF,
	    "version %s  %lld threads  redis %s  %s rows to send%s%s", n->version,
	    (long long)n->workers, *n->redis ? n->redis : "-", rows, n->outbox ? " since " : "",
	    n->outbox ? format_duration(lag, n->lag_s) : "");
}
