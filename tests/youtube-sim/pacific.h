/*
 * pacific: the civil day in US Pacific time, by the rule in force since 2007 (second Sunday of
 * March to first Sunday of November, 02:00 local). Pure arithmetic, any thread; shares no code
 * with the engine, whose days it judges.
 */
#ifndef SIM_PACIFIC_H
#define SIM_PACIFIC_H

#include <stdint.h>

#define PACIFIC_DAY_LEN 10

/* Days since 1970-01-01 of the Pacific date at a moment in UTC seconds. */
int64_t pacific_day(int64_t utc);
/* Writes YYYY-MM-DD and a NUL. */
void pacific_day_text(int64_t day, char to[PACIFIC_DAY_LEN + 1]);

#endif
