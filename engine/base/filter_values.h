/*
 * filter_values - numbers, ages and dates as filters and people write them. Pure functions.
 */
#ifndef TUBEOPS_BASE_FILTER_VALUES_H
#define TUBEOPS_BASE_FILTER_VALUES_H

#include "engine/base/err.h"

#include <stddef.h>
#include <stdint.h>

/* "12", "1.5k", "3m", "2g" (b is g), with a sign. */
bool filter_number(const char *text, size_t len, double *out);
/* "30d", "2h", "45s", "5m" (minutes), "3w", "1y" (365 days): seconds. */
bool filter_age(const char *text, size_t len, int64_t *out);
/*
 * "2026", "2026-11", "2026-11-20", "2026-11-20T18:47" (or with seconds, and Z), "18:47" (of the day
 * that now is in): from its first second to the one behind its last.
 */
bool filter_date(const char *text, size_t len, int64_t now, int64_t *from, int64_t *to);

#endif
