/*
 * blocked_place - where a thing that is blocked, or an alert, is seen and mended: by the word of its
 * state or kind, as one table. Pure functions.
 */
#ifndef TUBEOPS_TUI_BLOCKED_PLACE_H
#define TUBEOPS_TUI_BLOCKED_PLACE_H

#include "engine/snapshot.h"
#include "tui/table.h"

struct blocked_place {
	const char *keys;   /* what a person presses or does; NULL: the engine's words say it */
	const char *view;   /* the list that has it, */
	int part;           /* in this pane of the view, */
	char row[TABLE_ID]; /* as this row; "": none */
	const char *page;   /* its page; NULL: it has none */
};

void blocked_place_of(const struct snapshot_blocked *b, struct blocked_place *out);
void alert_place_of(const struct snapshot_alert *a, struct blocked_place *out);
/* Does no line about what is blocked say what this alert says, does it last, and is it not silenced? */
bool alert_is_shown(const struct snapshot_alert *a);

#endif
