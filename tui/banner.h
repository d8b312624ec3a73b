/*
 * banner - what the console says above a view when the node that it shows cannot be reached: since
 * when, why, when it is tried again, how old the picture is, what is held. The screen's thread.
 */
#ifndef TUBEOPS_TUI_BANNER_H
#define TUBEOPS_TUI_BANNER_H

#include "tui/screen.h"

/* Lines that it would fill on a large screen; 0: there is nothing to tell. */
int banner_lines(const struct screen *sc);
void banner_draw(const struct screen *sc, const struct pane *p);
/* In one line, for where there is no room; "" when there is nothing to tell. */
void banner_words(const struct screen *sc, char *out, size_t size);

#endif
