/*
 * teller - speaks while the main thread waits for staging to take a job: a disk that is full is told
 * at once, and a signal ends the waiting. Main thread only.
 */
#ifndef TUBEOPS_TELLER_H
#define TUBEOPS_TELLER_H

#include "tui/cli.h"

struct teller;

/* Shows warnings (cli_show_warnings) from now on. NULL when there can be no thread: it is silent then. */
struct teller *teller_start(struct cli *c, struct engine *e);
/* The main thread speaks again. NULL is none. */
void teller_end(struct teller *t);

#endif
