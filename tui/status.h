/*
 * status - the block of lines that `tubeops status` and `tubeops top` print of a snapshot. Main thread
 * only.
 */
#ifndef TUBEOPS_STATUS_H
#define TUBEOPS_STATUS_H

#include "engine/snapshot.h"
#include "tui/cli.h"

/*
 * Prints s, a snapshot of e; with --json what engine_status_json says on one line. CLI_FAILED when
 * something needs a person.
 */
enum cli_exit status_show(struct cli *c, struct engine *e, const struct snapshot *s);

#endif
