/*
 * caps - what the terminal can do, asked from its description (terminfo). Main thread only.
 */
#ifndef TUBEOPS_TUI_CAPS_H
#define TUBEOPS_TUI_CAPS_H

#include "engine/base/err.h"
#include "engine/base/str.h"

/* Is there a terminal on stdin and stdout that can move its cursor? ERR_UNAVAIL says what to use
 * instead. To be called before curses starts. */
enum err caps_check(struct errbuf *eb) MUST_CHECK;
/* Appends a capability's text without its delays; nothing when there is none. After newterm. */
void caps_add(struct str *out, const char *name);
/* Does it tell pasted text from typed? */
bool caps_has_paste(void);

#endif
