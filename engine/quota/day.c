#include "config.h"
#include "engine/quota/day.h"
#include "engine/base/clock.h"

#include <stdio.h>

enum { DAY_SECONDS = 86400, DAY_WINTER = -28800, DAY_SUMMER = -25200 };

static int64_t day_floor(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* The n-th Sunday of a month, as days since 1970-01-01 (a Thursday). */
static int64_t day_sunday(int64_t year, int month, int n)
{
	int64_t first = clock_days_from_civil(year, month, 1);
	int64_t weekday = (first % 7 + 7 + 4) % 7;

	return first + (7 - weekday) % 7 + 7 * (n - 1);
}

int64_t day_pacific_offset(int64_t utc_s)
{
	/* both changes lie far from New Year, so the year by winter time is the right one */
	int64_t year = clock_date_from(utc_s + DAY_WINTER).year;
	int64_t begin = day_sunday(year, 3, 2) * DAY_SECONDS + 2 * 3600 - DAY_WINTER;
	int64_t end = day_sunday(year, 11, 1) * DAY_SECONDS + 2 * 3600 - DAY_SUMMER;

	return utc_s >= begin && utc_s < end ? DAY_SUMMER : DAY_WINTER;
}

int64_t day_number(int64_t utc_s)
{
	return day_floor(utc_s + day_pacific_offset(utc_s), DAY_SECONDS);
}

int64_t day_start(int64_t day)
{
	/* the clocks change at 02:00, so the offset at midnight is that of the hour before it */
	int64_t summer = day * DAY_SECONDS - DAY_SUMMER;

	return day_pacific_offset(summer) == DAY_SUMMER ? summer : day * DAY_SECONDS - DAY_WINTER;
}

int64_t day_end(int64_t day)
{
	return day_start(day + 1);
}

char *day_format(int64_t day, char *buf)
{
	struct clock_date d = clock_date_from(day * DAY_SECONDS);
	unsigned year = d.year < 0 ? 0 : d.year > 9999 ? 9999 : (unsigned)d.year;

	snprintf(buf, DAY_TEXT_SIZE, "%04u-%02u-%02u", year % 10000, (unsigned)d.month % 100,
	    (unsigned)d.day % 100);
	return buf;
}
