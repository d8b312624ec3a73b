/*
 * handover - leaving the console while its work goes on: the engine of this process ends cleanly, then
 * a process without a screen takes the data folder over with the same settings and address, and goes
 * on with the jobs that were interrupted. Passwords of database imports under way are not handed over
 * (they are in memory alone): such an import needs IMPORT_PASSWORD to go on. Main thread only, after
 * the terminal was given back.
 */
#ifndef TUBEOPS_HANDOVER_H
#define TUBEOPS_HANDOVER_H

#include "tui/spawn.h"

/* What is being done: said at each step, and about 4 times a second while the new process starts.
 * False: wait no longer, the new process goes on by itself. */
typedef bool handover_progress_fn(void *arg, const char *what);

/*
 * Ends and frees the engine whatever is returned; progress may be NULL. ERR_UNAVAIL: no new process
 * could begin, in its words; all is stored, and the jobs go on at the next start. ERR_CANCELLED:
 * progress said so.
 */
enum err handover_run(struct cli *c, struct engine *e, handover_progress_fn *progress, void *arg,
    struct spawned *out, struct errbuf *eb) MUST_CHECK;

#endif
