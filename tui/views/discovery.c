/* Ways to find channels: what each brought and cost, what became of the finds, the newest links. */
#include "config.h"
#include "tui/views/discovery_parts.h"
#include "tui/format.h"

#include <stdio.h>
#include <string.h>

enum {
	DISCOVERY_REFRESH_MS = 5000,
	DISCOVERY_FUNNEL = 5, /* lines of the funnel */
	DISCOVERY_NOTES = 2,
	DISCOVERY_WAYS = 12, /* ways that are shown at most when the pane is one of several */
	DISCOVERY_GRAPH = 8
};

enum discovery_part { DISCOVERY_METHODS, DISCOVERY_LINKS, DISCOVERY_PARTS };

enum { DISCOVERY_KEY_CONFIDENCE };

static const char *const discovery_confidences[] = {
    "", "confidence>=0.5", "confidence>=0.8", "confidence>=0.9"};

enum { DISCOVERY_CONFIDENCES = sizeof discovery_confidences / sizeof discovery_confidences[0] };

/* The next least confidence of the links; any other filter goes. */
static bool discovery_command(const struct view_ctx *c, struct view_state *st, int arg)
{
	struct table *links = &st->tables[DISCOVERY_LINKS];
	size_t i = 0;

	(void)arg;
	while (i + 1 < DISCOVERY_CONFIDENCES &&
	       strcmp(discovery_confidences[i], str_get(&links->filter)) != 0)
		i++;
	return table_filter(links, discovery_confidences[(i + 1) % DISCOVERY_CONFIDENCES], c->now);
}

/* ---- panes ---- */

static struct json_node discovery_chosen(const struct view_ctx *c, struct view_state *st)
{
	struct table *t = &st->tables[DISCOVERY_METHODS];
	struct table_row row = {0};

	table_row_at(t, c, st, t->at, &row);
	return row.json;
}

/* "Latest links" with what they are filtered by, in a frame or under a rule. */
static void discovery_draw_links(
    const struct view_ctx *c, struct view_state *st, const struct pane *p)
{
	struct table *t = &st->tables[DISCOVERY_LINKS];
	char right[TABLE_TEXT], title[TABLE_TEXT];
	struct pane in;

	snprintf(right, sizeof right, "%s%.200s", t->filter.len ? "/ " : "% least confidence",
	    str_get(&t->filter));
	snprintf(title, sizeof title, "%s",
	    st->part == DISCOVERY_LINKS ? "Latest links  <" : "Latest links");
	in = view_open(c, p, title, right);
	table_draw(t, c, st, &in);
}

static void discovery_draw_ways(
    const struct view_ctx *c, struct view_state *st, const struct pane *p)
{
	const struct resource *r = &st->resources[DISCOVERY_ALL];

	table_draw(&st->tables[DISCOVERY_METHODS], c, st, p);
	view_draw_missing(r, p, 1);
}

static int discovery_ways(const struct view_ctx *c, struct view_state *st, int most)
{
	int n = (int)discovery_way_table.count(c, st) + 1;

	return n < 3 ? 3 : n < most ? n : most;
}

static void discovery_draw_narrow(
    const struct view_ctx *c, struct view_state *st, const struct pane *p)
{
	bool is_short = c->layout->profile == PROFILE_SHORT;
	int ways = discovery_ways(c, st, is_short ? 6 : 8), y = ways;
	int funnel = is_short ? 0 : DISCOVERY_FUNNEL + 1;
	struct json_node root = st->resources[DISCOVERY_ALL].answer.root;
	struct pane part = pane_part(p, (struct rect){0, 0, ways, p->at.w});

	discovery_draw_ways(c, st, &part);
	if (funnel) {
		part = pane_part(p, (struct rect){y, 0, funnel, p->at.w});
		draw_rule(&part, 0, "Funnel, last 24 h", NULL);
		discovery_draw_funnel(&part, 1, root);
		y += funnel;
	}
	part = pane_part(p, (struct rect){y, 0, p->at.h - y - !is_short, p->at.w});
	discovery_draw_links(c, st, &part);
	part = pane_part(p, (struct rect){p->at.h - 1, 0, 1, p->at.w});
	if (!is_short)
		discovery_draw_notes(c, &part, 0, discovery_chosen(c, st), root);
}

static void discovery_draw_wide(
    const struct view_ctx *c, struct view_state *st, const struct pane *p)
{
	int w = p->at.w * 5 / 8, ways = discovery_ways(c, st, DISCOVERY_WAYS);
	int top = ways + DISCOVERY_NOTES + 3, y = 0;
	struct json_node root = st->resources[DISCOVERY_ALL].answer.root;
	struct pane left = pane_part(p, (struct rect){0, 0, top, w});
	struct pane links = pane_part(p, (struct rect){top, 0, p->at.h - top, w});
	struct pane side = pane_part(p, (struct rect){0, w, p->at.h, p->at.w - w});
	struct pane in = draw_box(
	    &left, st->part == DISCOVERY_METHODS ? "Methods  <" : "Methods", "whole campaign");
	struct pane list = pane_part(&in, (struct rect){0, 0, ways, in.at.w});

	discovery_draw_ways(c, st, &list);
	discovery_draw_notes(c, &in, ways + 1, discovery_chosen(c, st), root);
	discovery_draw_links(c, st, &links);
	in = draw_box(&side, "Funnel, last 24 h", NULL);
	y = discovery_draw_funnel(&in, y, root) + 1;
	draw_rule(&in, y++, "New channels an hour, 7 days", NULL);
	y = discovery_draw_hours(&in, y, DISCOVERY_GRAPH, root) + 1;
	draw_rule(&in, y++, "Links by confidence", NULL);
	discovery_draw_confidences(&in, y, root);
}

static void discovery_draw(const struct view_ctx *c, struct view_state *st, const struct pane *p)
{
	view_get(c, st, DISCOVERY_ALL, DISCOVERY_REFRESH_MS, "/api/discovery");
	if (st->zoom && st->part == DISCOVERY_LINKS)
		discovery_draw_links(c, st, p);
	else if (st->zoom)
		discovery_draw_ways(c, st, p);
	else if (c->layout->profile == PROFILE_WIDE)
		discovery_draw_wide(c, st, p);
	else
		discovery_draw_narrow(c, st, p);
}

static const struct view_part discovery_parts[DISCOVERY_PARTS] = {
    [DISCOVERY_METHODS] = {"Methods", &discovery_way_table, ON_SOURCE},
    [DISCOVERY_LINKS] = {"Links", &discovery_link_table, 0},
};

static const struct key_row discovery_keys[] = {
    {{'%'}, KEY_CMD_VIEW, DISCOVERY_KEY_CONFIDENCE, NULL, KEY_GROUP_FIND, "%",
        "least confidence of links", 0},
    {{KEYS_NONE}, KEY_CMD_NONE, 0, NULL, KEY_GROUP_MOVE, NULL, NULL, 0},
};

const struct view_ops view_discovery = {
    .name = "discovery",
    .title = "Disc",
    .title_wide = "Discovery",
    .key = '6',
    .parts = discovery_parts,
    .n_parts = DISCOVERY_PARTS,
    .own_message = true,
    .draw = discovery_draw,
    .keys = discovery_keys,
    .command = discovery_command,
    .hints = "n new run  b breaker reset  % least confidence  Tab links  Enter open channel  "
             "z zoom  / filter  ? help  q back",
};
