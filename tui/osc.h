/*
 * osc - operating system commands for terminals: sequences that most of them know and that the others
 * ignore. Pure; what cannot be held sets out->err.
 */
#ifndef TUBEOPS_TUI_OSC_H
#define TUBEOPS_TUI_OSC_H

#include "engine/base/str.h"

enum { OSC_ROOM = 8192 /* what out must be able to hold */ };

/* Into the clipboard; xterm's control sequences: "52 ; c ; base64". At most 4 kB of text. */
void osc_copy(struct str *out, const char *text);
/*
 * A note on the desktop; iTerm2's "9 ; text". What is no ASCII becomes "?", whatever the locale is. The
 * program's name stands before it, because "9 ; 4 ; ..." means something else to some.
 */
void osc_note(struct str *out, const char *text);

#endif
