#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "pacific.h"

#define DAY_SECONDS 86400
#define HOUR 3600

struct date {
	int64_t year;
	int month;
	int day;
};

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b != 0 && (a % b < 0) != (b < 0));
}

static int64_t days_before_year(int64_t year)
{
	int64_t y = year - 1;

	return 365 * y + floor_div(y, 4) - floor_div(y, 100) + floor_div(y, 400) - 719162;
}

static int is_leap(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int month_length(int64_t year, int month)
{
	static const int length[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return length[month - 1] + (month == 2 && is_leap(year));
}

static int64_t days_of(int64_t year, int month, int day)
{
	int64_t days = days_before_year(year) + day - 1;

	for (int m = 1; m < month; m++)
		days += month_length(year, m);
	return days;
}

static struct date date_of(int64_t days)
{
	struct date d = {1970 + floor_div(days, 366), 1, 1};

	while (days_before_year(d.year + 1) <= days)
		d.year++;
	days -= days_before_year(d.year);
	while (days >= month_length(d.year, d.month))
		days -= month_length(d.year, d.month++);
	d.day = (int)days + 1;
	return d;
}

/* The n-th Sunday of a month; 1970-01-01 was a Thursday. */
static int64_t sunday(int64_t year, int month, int n)
{
	int64_t first = days_of(year, month, 1);
	int64_t weekday = ((first + 4) % 7 + 7) % 7;

	return first + (7 - weekday) % 7 + 7 * (n - 1);
}

int64_t pacific_day(int64_t utc)
{
	struct date d = date_of(floor_div(utc, DAY_SECONDS));
	int64_t begin = sunday(d.year, 3, 2) * DAY_SECONDS + 10 * HOUR;
	int64_t end = sunday(d.year, 11, 1) * DAY_SECONDS + 9 * HOUR;
	int64_t offset = utc >= begin && utc < end ? 7 * HOUR : 8 * HOUR;

	return floor_div(utc - offset, DAY_SECONDS);
}

void pacific_day_text(int64_t day, char to[PACIFIC_DAY_LEN + 1])
{
	struct date d = date_of(day);
	int64_t year = d.year < 0 ? 0 : d.year % 10000;

	for (int i = 3; i >= 0; i--, year /= 10)
		to[i] = (char)('0' + year % 10);
	to[4] = '-';
	to[5] = (char)('0' + d.month / 10);
	to[6] = (char)('0' + d.month % 10);
	to[7] = '-';
	to[8] = (char)('0' + d.day / 10);
	to[9] = (char)('0' + d.day % 10);
	to[10] = '\0';
}
