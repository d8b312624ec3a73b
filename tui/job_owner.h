/*
 * job_owner - a job that the process which owns the data folder does while this command watches it:
 * the same progress, the same outcome as when it runs here. Main thread only.
 */
#ifndef TUBEOPS_JOB_OWNER_H
#define TUBEOPS_JOB_OWNER_H

#include "tui/job_watch.h"

/*
 * Hands the job over (an open one of the same type and parameters goes on instead) and watches it to
 * its end; with --detach only to its start. Whatever ends the watching, the job goes on there. When
 * the owner ends and another takes the folder over, the watching goes on with that one. Fills out in
 * every case.
 */
void job_owner_watch(
    struct cli *c, const char *type, const char *params, bool wait, struct job_outcome *out);

#endif
