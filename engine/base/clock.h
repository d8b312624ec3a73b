/*
 * clock - the only place that asks the system for the time, and waiting on it.
 * Any thread. Times of day are UTC seconds (or ms) since 1970; mono is for waiting only.
 */
#ifndef TUBEOPS_BASE_CLOCK_H
#define TUBEOPS_BASE_CLOCK_H

#include "engine/base/err.h"

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

int64_t clock_now(void);
int64_t clock_now_ms(void);
/* Never goes back; counts from an unknown start. */
int64_t clock_mono_ms(void);
int64_t clock_mono_us(void); /* the same clock */
/* A condition variable whose timed waits use the monotonic clock. */
void clock_cond_init(pthread_cond_t *c);
/* Waits until clock_mono_ms() >= until_ms: ERR_OK when woken, ERR_TIMEOUT when the time came. */
enum err clock_cond_wait_until(pthread_cond_t *c, pthread_mutex_t *lock, int64_t until_ms);
/* Sleeps without regard to signals; at most a few seconds, never under a lock. */
void clock_sleep_ms(int64_t ms);

/* A day and time of day in the proleptic Gregorian calendar, UTC. */
struct clock_date {
	int64_t year;
	int month; /* 1..12 */
	int day;   /* 1..31 */
	int hour, minute, second;
	int weekday; /* 0 = Sunday */
};
struct clock_date clock_date_from(int64_t utc_s);
int64_t clock_date_to(const struct clock_date *d);
/* Days since 1970-01-01 of a calendar date. */
int64_t clock_days_from_civil(int64_t year, int month, int day);

enum { CLOCK_ISO_SIZE = 40 };
/* "2026-11-22T12:18:39Z" into buf (CLOCK_ISO_SIZE bytes); returns buf. */
char *clock_iso(int64_t utc_s, char *buf);
/* The original's naive form: "2026-11-22T12:18:39" with ".123000" when ms is not whole. */
char *clock_iso_naive_ms(int64_t utc_ms, char *buf);
/*
 * RFC 3339 with 0 to 9 fraction digits and Z or an offset, as the YouTube API sends it
 * (youtube-api: section 6); fraction dropped. ERR_INVALID.
 */
enum err clock_parse_rfc3339(const char *text, size_t len, int64_t *utc_s) MUST_CHECK;
/* The same, or a day as "2026-11-22": its beginning in UTC. */
enum err clock_parse_moment(const char *text, size_t len, int64_t *utc_s) MUST_CHECK;

#endif
