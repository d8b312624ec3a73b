/* What a job will cost, below the fields of its form: a rule, lines, cheaper ways. */
#include "config.h"
#include "tui/dialog_parts.h"

#include <stdio.h>

enum {
	COST_LABEL = 10,
	COST_OFFER = 63, /* columns that an offer needs before there is room for what it loses */
	COST_USUAL = 5   /* lines kept so that the box does not jump */
};

int cost_lines(const struct form_cost *cost, int most)
{
	int want;

	if (!cost || most < 3)
		return 0;
	want = (int)(cost->n + cost->n_offers);
	want = 2 + (want > COST_USUAL ? want : COST_USUAL);
	return want < most ? want : most;
}

static void cost_draw_offer(
    const struct form_cost *cost, const struct pane *p, int y, size_t i, bool focus)
{
	int x = 1 + COST_LABEL, w = p->at.w - x - 1, text = w > COST_OFFER ? COST_OFFER : w;

	if (i == 0)
		draw_text(p, y, 1, COST_LABEL - 1, ALIGN_LEFT, ROLE_OFF, "cheaper");
	draw_textf(p, y, x, 4, ALIGN_LEFT, focus ? ROLE_TITLE : ROLE_KEY, "[%zu]", i + 1);
	draw_text(p, y, x + 4, text - 4, ALIGN_LEFT, focus ? ROLE_TITLE : ROLE_NORMAL,
	    cost->offers[i].text);
	draw_text(p, y, x + text + 1, w - text - 1, ALIGN_LEFT, ROLE_OFF, cost->offers[i].loses);
	if (focus)
		draw_cursor(p, y, x + 1);
}

void cost_draw(const struct form_cost *cost, const struct pane *p, int y, int h, int chosen)
{
	int end = y + h - 1; /* a blank line stands below */

	draw_rule(p, y++, "What this will cost",
	    !cost->counting ? NULL
	    : p->g->utf8    ? "counting…"
	                    : "counting...");
	for (size_t i = 0; i < cost->n && y < end; i++, y++) {
		draw_text(p, y, 1, COST_LABEL - 1, ALIGN_LEFT, ROLE_OFF, cost->lines[i].label);
		draw_text(p, y, 1 + COST_LABEL, p->at.w - COST_LABEL - 2, ALIGN_LEFT,
		    cost->lines[i].role, cost->lines[i].text);
	}
	for (size_t i = 0; i < cost->n_offers && y < end; i++, y++)
		cost_draw_offer(cost, p, y, i, (int)i == chosen);
}
