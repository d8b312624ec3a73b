/*
 * history - what happened per second and per minute, for rates and graphs. Time is an argument
 * (clock_mono_ms), so it can be tested. Not locked: its owner's lock guards it.
 */
#ifndef TUBEOPS_JOBS_HISTORY_H
#define TUBEOPS_JOBS_HISTORY_H

#include <stdint.h>

enum { HISTORY_MINUTES = 60, HISTORY_SECONDS = 64 };

enum history_what { HISTORY_UNITS, HISTORY_ITEMS, HISTORY_ERRORS, HISTORY_ROWS, HISTORY_WHATS };

struct history {
	int64_t minute; /* number of the running one */
	int64_t second;
	int64_t minutes[HISTORY_MINUTES][HISTORY_WHATS]; /* ring by number */
	int64_t seconds[HISTORY_SECONDS];                /* items only */
	int64_t first_ms;                                /* of the first event; 0: none yet */
};

void history_add(struct history *h, int64_t now_ms, enum history_what what, int64_t n);
/* Items a second over the last window_s seconds (1..60), or since the first event if that is less. */
double history_rate(struct history *h, int64_t now_ms, int window_s);
/* The sum of the last n minutes (1..60), the running one included. */
int64_t history_sum(struct history *h, int64_t now_ms, enum history_what what, int n);
/* One minute: 0 is the running one. */
int64_t history_minute(struct history *h, int64_t now_ms, enum history_what what, int ago);

#endif
