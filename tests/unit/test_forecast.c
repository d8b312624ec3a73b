/* forecast against a minute-by-minute simulation and a table of known finish times; history. */
#include "config.h"
#include "engine/base/clock.h"
#include "engine/jobs/history.h"
#include "engine/quota/day.h"
#include "engine/quota/forecast.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>

static int64_t at(int year, int month, int day, int hour, int minute)
{
	struct clock_date d = {
	    .year = year, .month = month, .day = day, .hour = hour, .minute = minute};

	return clock_date_to(&d);
}

static double dice(void)
{
	static uint64_t x = UINT64_C(0x2545F4914F6CDD1D);

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return (double)(x >> 11) / 9007199254740992.0;
}

/* What really happens, a minute at a time: spend at the rate while the day's share lasts. */
static struct forecast_out simulate(const struct forecast_in *in)
{
	struct forecast_out out = {.limit = FORECAST_BY_RATE};
	double units = in->units, share = in->left_today, a_minute = in->units_per_h / 60;
	int64_t t = in->now, reset = day_end(day_number(t));

	while (units > 1e-9) {
		int64_t step = reset - t < 60 ? reset - t : 60;
		double can = a_minute * (double)step / 60;
		if (share < can) {
			double used = share / can;
			if (units <= share) {
				out.end = t + (int64_t)((double)step * units / can);
				return out;
			}
			out.limit = FORECAST_BY_QUOTA;
			out.idle_s += (int64_t)((double)step * (1 - used));
			can = share;
		}
		if (units <= can) {
			out.end = t + (int64_t)((double)step * units / can);
			return out;
		}
		units -= can;
		share -= can;
		t += step;
		if (t == reset) {
			share = in->per_day;
			reset = day_end(day_number(t));
			out.resets++;
		}
	}
	out.end = t;
	return out;
}

static void test_against_simulation(void **state)
{
	int by_quota = 0, waited = 0;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		struct forecast_in in = {.now = at(2026, 1, 1, 0, 0) + (int64_t)(dice() * 4e7),
		    .per_day = 500 + dice() * 100000,
		    .units_per_h = 20 + dice() * 8000};
		struct forecast_out got, want;
		in.left_today = in.per_day * dice();
		in.units = in.per_day * dice() * (i % 10 == 0 ? 30 : 3);
		if (i % 7 == 0)
			in.left_today = 0;
		got = forecast_run(&in);
		want = simulate(&in);
		if (llabs(got.end - want.end) > 2 || got.resets != want.resets ||
		    got.limit != want.limit ||
		    llabs(got.idle_s - want.idle_s) > 2 * (want.resets + 60))
			fail_msg("plan %d: end %lld %lld, resets %lld %lld, limit %d %d, idle %lld "
			         "%lld",
			    i, (long long)got.end, (long long)want.end, (long long)got.resets,
			    (long long)want.resets, got.limit, want.limit, (long long)got.idle_s,
			    (long long)want.idle_s);
		by_quota += got.limit == FORECAST_BY_QUOTA;
		waited += got.resets > 0;
	}
	assert_in_range(by_quota, 100, 950); /* the plans are of all kinds */
	assert_in_range(waited, 200, 950);
}

/* A Sunday evening with two job types under way; finish times worked out by hand. */
static void test_scenario(void **state)
{
	static const struct {
		double units, per_h, left, per_day;
		int day, month, year, hour, minute; /* hour -1: the day alone is known */
		int64_t resets;
		enum forecast_limit limit;
	} rows[] = {
	    {175460, 2899, 18737, 54000, 26, 11, 2026, 0, 48, 3, FORECAST_BY_QUOTA},
	    {18699, 2899, 18737, 54000, 23, 11, 2026, 1, 14, 0, FORECAST_BY_RATE},
	    {31312, 1149, 8400, 27000, 24, 11, 2026, 3, 56, 1, FORECAST_BY_QUOTA},
	    {635362, 1807, 8400, 27000, 16, 12, 2026, 11, 18, 24, FORECAST_BY_QUOTA},
	    {7.85e6, 1149, 8400, 27000, 9, 9, 2027, -1, 0, 291, FORECAST_BY_QUOTA},
	    {5.90e6, 1149, 4500, 4500, 25, 6, 2030, -1, 0, 1311, FORECAST_BY_QUOTA},
	};
	int64_t now = at(2026, 11, 22, 18, 47);

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct forecast_in in = {
		    now, rows[i].units, rows[i].per_h, rows[i].left, rows[i].per_day};
		struct forecast_out out = forecast_run(&in);
		bool day_only = rows[i].hour < 0;
		int64_t want = at(rows[i].year, rows[i].month, rows[i].day,
		    day_only ? 12 : rows[i].hour, rows[i].minute);
		char iso[CLOCK_ISO_SIZE];
		if (llabs(out.end - want) > (day_only ? 43200 : 120))
			fail_msg("row %zu ends %s", i, clock_iso(out.end, iso));
		assert_int_equal(out.resets, rows[i].resets);
		assert_int_equal(out.limit, rows[i].limit);
	}
}

static void test_edges(void **state)
{
	int64_t now = at(2026, 11, 1, 7, 0); /* a day of 25 hours begins */
	struct forecast_in in = {.now = now, .units = 0, .units_per_h = 0};
	struct forecast_out out = forecast_run(&in);

	(void)state;
	assert_int_equal(out.end, now); /* nothing to do needs no rate */
	in = (struct forecast_in){now, 10, 0, 100, 100};
	assert_int_equal(forecast_run(&in).limit, FORECAST_NEVER);
	assert_int_equal(forecast_run(&in).end, 0);
	in = (struct forecast_in){now, 10, 5, 0, 0};
	assert_int_equal(forecast_run(&in).limit, FORECAST_NEVER);
	in = (struct forecast_in){now, 1e15, 1, 24, 24};
	assert_int_equal(forecast_run(&in).limit, FORECAST_NEVER);
	/* 25 hours are there for a rate of 100: 2500 units end at the reset, one more a day later */
	in = (struct forecast_in){now, 2500, 100, 1e9, 1e9};
	out = forecast_run(&in);
	assert_int_equal(out.end, now + 25 * 3600);
	assert_int_equal(out.resets, 0);
	in.units = 2600;
	out = forecast_run(&in);
	assert_int_equal(out.end, now + 26 * 3600);
	assert_int_equal(out.resets, 1);
	assert_int_equal(out.idle_s, 0);
	/* more was spent than planned: nothing is left, and nothing is added */
	in = (struct forecast_in){now, 100, 100, -5000, 1000};
	out = forecast_run(&in);
	assert_int_equal(out.end, now + 26 * 3600);
	assert_int_equal(out.idle_s, 25 * 3600);
}

/* ---- history ---- */

static void check_rate(struct history *h, int64_t now, int window, double want)
{
	double got = history_rate(h, now, window);

	if (got < want - 0.001 || got > want + 0.001)
		fail_msg("rate %f, not %f", got, want);
}

static void test_history_rate(void **state)
{
	struct history h = {0};
	int64_t t = 5000000000;

	(void)state;
	check_rate(&h, t, 60, 0);
	history_add(&h, t, HISTORY_ITEMS, 50);
	check_rate(&h, t, 60, 50); /* no second has passed: as if one had */
	for (int i = 1; i < 60; i++)
		history_add(&h, t + i * 1000, HISTORY_ITEMS, 50);
	check_rate(&h, t + 9999 + 20000, 60, 60 * 50 / 29.999);
	check_rate(&h, t + 59999, 10, 50);
	check_rate(&h, t + 60000, 60, 59 * 50 / 60.0);
	check_rate(&h, t + 64000, 10, 5 * 50 / 10.0);
	check_rate(&h, t + 200000, 60, 0);
	history_add(&h, t + 200000, HISTORY_UNITS, 99); /* other things do not count as items */
	check_rate(&h, t + 200000, 60, 0);
}

static void test_history_minutes(void **state)
{
	struct history h = {0};
	int64_t t = 60000 * 1000;

	(void)state;
	for (int m = 0; m < 100; m++)
		for (int what = 0; what < HISTORY_WHATS; what++)
			history_add(
			    &h, t + m * 60000 + what, (enum history_what)what, m * 10 + what);
	t += 99 * 60000 + 30000;
	for (int ago = 0; ago < 60; ago++)
		for (int what = 0; what < HISTORY_WHATS; what++)
			assert_int_equal(history_minute(&h, t, (enum history_what)what, ago),
			    (99 - ago) * 10 + what);
	assert_int_equal(history_sum(&h, t, HISTORY_UNITS, 5), 990 + 980 + 970 + 960 + 950);
	t += 3 * 60000; /* three minutes of silence */
	assert_int_equal(history_minute(&h, t, HISTORY_ROWS, 0), 0);
	assert_int_equal(history_minute(&h, t, HISTORY_ROWS, 2), 0);
	assert_int_equal(history_minute(&h, t, HISTORY_ROWS, 3), 993);
	assert_int_equal(history_sum(&h, t, HISTORY_UNITS, 5), 990 + 980);
	t += 61 * 60000;
	assert_int_equal(history_sum(&h, t, HISTORY_UNITS, 60), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_against_simulation),
	    cmocka_unit_test(test_scenario),
	    cmocka_unit_test(test_edges),
	    cmocka_unit_test(test_history_rate),
	    cmocka_unit_test(test_history_minutes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
