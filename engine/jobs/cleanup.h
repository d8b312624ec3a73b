/*
 * cleanup - jobs that ended long ago leave staging, with their numbers and rules. Any thread that
 * may wait for the writer.
 */
#ifndef TUBEOPS_JOBS_CLEANUP_H
#define TUBEOPS_JOBS_CLEANUP_H

#include "engine/jobs/writer.h"

/* As the original's nightly task. */
enum { CLEANUP_DAYS = 7 };

/* Those completed, failed or cancelled more than so many days ago, but for the newest job of all:
 * numbers go on from it. *n of them. */
enum err cleanup_jobs(struct writer *w, int64_t days, int64_t *n, struct errbuf *eb) MUST_CHECK;

#endif
