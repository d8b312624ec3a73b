/*
 * stdin_copy - standard input into a file, until its end or a signal. Main thread only.
 */
#ifndef TUBEOPS_STDIN_COPY_H
#define TUBEOPS_STDIN_COPY_H

#include "tui/cli.h"

/* to: open for writing. ERR_CANCELLED: a signal asked for a stop. */
enum err stdin_copy(struct cli *c, int to, struct errbuf *eb) MUST_CHECK;

#endif
