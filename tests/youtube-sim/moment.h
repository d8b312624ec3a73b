/*
 * moment: dates as the API writes them. Pure functions, any thread.
 */
#ifndef SIM_MOMENT_H
#define SIM_MOMENT_H

#include "out.h"

#define MOMENT_2005 INT64_C(1104537600) /* 2005-01-01 in UTC seconds */
#define MOMENT_END INT64_C(1793491200)  /* 2026-11-01: nothing in the universe is newer */

/* RFC 3339 in UTC with `digits` digits of a second (0: no point). */
void moment_write(struct out *to, int64_t utc, unsigned digits, uint64_t fraction);
/* ISO 8601 as videos have it: PT4M13S, P1DT2H, P0D. */
void moment_duration(struct out *to, uint64_t seconds);

#endif
