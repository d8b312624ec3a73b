/*
 * progress - one line about a running job on a terminal's stderr, redrawn in place at most 4 times
 * a second; nothing where stderr is no terminal. Main thread only.
 */
#ifndef TUBEOPS_PROGRESS_H
#define TUBEOPS_PROGRESS_H

#include "engine/base/str.h"
#include "engine/snapshot.h"

struct progress;

/* NULL, which all other functions take, when there is nothing to draw on. */
struct progress *progress_new(void);
/* Clears the line. */
void progress_free(struct progress *p);
void progress_show(struct progress *p, const struct snapshot_job *job, int64_t now);
/*
 * Takes the line away, so that something else can be written; the next progress_show brings it
 * back.
 */
void progress_clear(struct progress *p);
/* The line itself, at most width columns. Pure. */
void progress_format(struct str *out, const struct snapshot_job *job, int64_t now, int width);

#endif
