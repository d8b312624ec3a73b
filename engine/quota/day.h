/*
 * day - the Pacific day, by which YouTube counts quota. Pure arithmetic by the United States rule
 * since 2007 (daylight saving from the second Sunday of March to the first of November, 02:00
 * local time); setting TZ in a threaded process is no option. Any thread.
 * Source: YouTube Data API, "quota resets at midnight Pacific Time"; 15 U.S.C. 260a.
 */
#ifndef TUBEOPS_QUOTA_DAY_H
#define TUBEOPS_QUOTA_DAY_H

#include <stdint.h>

/* Seconds to add to UTC: -28800 in winter, -25200 in summer. */
int64_t day_pacific_offset(int64_t utc_s);
/* The Pacific date as days since 1970-01-01. */
int64_t day_number(int64_t utc_s);
/* First second of a Pacific day, and of the next (they are 23, 24 or 25 h apart). */
int64_t day_start(int64_t day);
int64_t day_end(int64_t day);
enum { DAY_TEXT_SIZE = 16 };
/* "2026-11-22" into buf; returns buf. */
char *day_format(int64_t day, char *buf);

#endif
