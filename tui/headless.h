/*
 * headless - what the console becomes when its terminal is gone (ssh broke off, the window was
 * closed): by the setting ON_HANGUP it stops, or the same process goes on without a screen, with its
 * REST server, as `tubeops serve` would. Main thread only.
 */
#ifndef TUBEOPS_HEADLESS_H
#define TUBEOPS_HEADLESS_H

#include "tui/cli.h"

/* ERR_INVALID: ON_HANGUP makes no sense. */
enum err headless_check(const struct cli *c, struct errbuf *eb) MUST_CHECK;
/* The screen has ended without anybody leaving it: shall the work go on? */
bool headless_wanted(const struct cli *c, struct engine *e);
/* Lets go of the terminal and sleeps until a signal asks for the end; SIGHUP opens the log anew. */
void headless_run(struct cli *c);

#endif
