/*
 * status - the numbers of now for commands that show some, and the block of lines that `tubeops status`
 * and `tubeops top` print of them. Main thread only.
 */
#ifndef TUBEOPS_STATUS_H
#define TUBEOPS_STATUS_H

#include "engine/snapshot.h"
#include "tui/cli.h"

/*
 * The numbers of now: of the process that owns the folder, which alone knows what its leases of units
 * were used for and how fast jobs go, or of the folder when none does or it cannot be asked. NULL: it
 * was said why, and *code tells how to leave. Unref it.
 */
const struct snapshot *status_look(struct cli *c, enum cli_exit *code) MUST_CHECK;
/*
 * Prints s; with --json what engine_status_of_json says on one line. CLI_FAILED when something needs
 * a person.
 */
enum cli_exit status_show(struct cli *c, const struct snapshot *s);

#endif
