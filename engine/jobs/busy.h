/*
 * busy - which share of its recent time somebody was at work, in slices of ten seconds. Time is an
 * argument (clock_mono_ms), so it can be tested. Not locked: its owner's lock guards it.
 */
#ifndef TUBEOPS_JOBS_BUSY_H
#define TUBEOPS_JOBS_BUSY_H

#include <stdbool.h>
#include <stdint.h>

enum { BUSY_SLICE_MS = 10000, BUSY_SLICES = 31 };

struct busy {
	int64_t newest;   /* number of the slice that was written last */
	int64_t first_ms; /* since when there is something to say; 0: not yet */
	int32_t ms[BUSY_SLICES];
};

/* It was at work from..to (or it was not: then time only goes on). */
void busy_add(struct busy *b, int64_t from_ms, int64_t to_ms, bool at_work);
/* The share (0..1) of the last window_ms, at most 5 minutes, or of the time since the first note. */
double busy_share(const struct busy *b, int64_t now_ms, int64_t window_ms);

#endif
