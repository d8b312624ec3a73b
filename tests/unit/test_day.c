#include "config.h"
#include "engine/quota/day.h"
#include "engine/base/clock.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int64_t at(int year, int month, int day, int hour, int minute, int second)
{
	struct clock_date d = {.year = year,
	    .month = month,
	    .day = day,
	    .hour = hour,
	    .minute = minute,
	    .second = second};

	return clock_date_to(&d);
}

/* The zone database is asked here alone: this program has one thread. */
static void check_with_zone(int64_t utc_s)
{
	time_t t = (time_t)utc_s;
	struct tm tm;

	assert_non_null(localtime_r(&t, &tm));
	assert_int_equal(day_pacific_offset(utc_s), tm.tm_gmtoff);
	assert_int_equal(
	    day_number(utc_s), clock_days_from_civil(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday));
}

static void test_zone_database(void **state)
{
	time_t probe = (time_t)at(2026, 7, 1, 12, 0, 0);
	struct tm tm;

	(void)state;
	setenv("TZ", "America/Los_Angeles", 1);
	tzset();
	assert_non_null(localtime_r(&probe, &tm));
	if (tm.tm_gmtoff != -25200) {
		print_message("no zone database here, checked against the POSIX rule\n");
		setenv("TZ", "PST8PDT,M3.2.0,M11.1.0", 1);
		tzset();
	}
	for (int64_t t = at(2020, 1, 1, 0, 0, 0); t < at(2041, 1, 1, 0, 0, 0); t += 3600) {
		check_with_zone(t - 1);
		check_with_zone(t);
	}
}

static void test_starts_and_ends(void **state)
{
	int64_t first = day_number(at(2020, 1, 1, 12, 0, 0)),
	        last = day_number(at(2041, 1, 1, 12, 0, 0));
	int hours[26] = {0};

	(void)state;
	for (int64_t d = first; d < last; d++) {
		int64_t length = day_end(d) - day_start(d);
		assert_int_equal(length % 3600, 0);
		assert_in_range(length / 3600, 23, 25);
		hours[length / 3600]++;
		assert_int_equal(day_number(day_start(d)), d);
		assert_int_equal(day_number(day_start(d) - 1), d - 1);
		assert_int_equal(day_number(day_end(d) - 1), d);
	}
	assert_int_equal(hours[23], 21);
	assert_int_equal(hours[25], 21);
	assert_int_equal(hours[24], last - first - 42);
}

static void test_known_days(void **state)
{
	int64_t fall = clock_days_from_civil(2026, 11, 1),
	        spring = clock_days_from_civil(2027, 3, 14);

	(void)state;
	assert_int_equal(day_start(fall), at(2026, 11, 1, 7, 0, 0));
	assert_int_equal(day_end(fall), at(2026, 11, 2, 8, 0, 0));
	assert_int_equal(day_start(spring), at(2027, 3, 14, 8, 0, 0));
	assert_int_equal(day_end(spring), at(2027, 3, 15, 7, 0, 0));
	assert_int_equal(day_pacific_offset(at(2026, 11, 1, 8, 59, 59)), -25200);
	assert_int_equal(day_pacific_offset(at(2026, 11, 1, 9, 0, 0)), -28800);
	assert_int_equal(day_pacific_offset(at(2027, 3, 14, 9, 59, 59)), -28800);
	assert_int_equal(day_pacific_offset(at(2027, 3, 14, 10, 0, 0)), -25200);
	assert_int_equal(day_number(-8 * 3600 + 8 * 3600 - 1), -1);
}

static void test_format(void **state)
{
	char buf[DAY_TEXT_SIZE];

	(void)state;
	assert_string_equal(day_format(clock_days_from_civil(2026, 11, 22), buf), "2026-11-22");
	assert_string_equal(day_format(0, buf), "1970-01-01");
	assert_string_equal(day_format(-1, buf), "1969-12-31");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_zone_database),
	    cmocka_unit_test(test_starts_and_ends),
	    cmocka_unit_test(test_known_days),
	    cmocka_unit_test(test_format),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
