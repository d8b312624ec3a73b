#include "config.h"
#include "engine/base/filter_values.h"
#include "engine/base/clock.h"
#include "engine/base/str.h"

#include <math.h>
#include <string.h>

enum { VALUE_LIMIT = 40 };

/* Factors by their letter, of numbers or of ages. */
struct value_unit {
	char letter;
	double factor;
};

static bool value_factor(const struct value_unit *units, size_t n, char letter, double *out)
{
	for (size_t i = 0; i < n; i++)
		if (units[i].letter == (letter | 32)) {
			*out = units[i].factor;
			return true;
		}
	return false;
}

static bool value_plain(const char *text, size_t len, double *out)
{
	char copy[VALUE_LIMIT + 1];

	if (!len || len > VALUE_LIMIT)
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	return str_to_double(copy, -1e18, 1e18, out) == ERR_OK;
}

bool filter_number(const char *text, size_t len, double *out)
{
	static const struct value_unit units[] = {
	    {'k', 1e3}, {'m', 1e6}, {'g', 1e9}, {'b', 1e9}, {'t', 1e12}};
	double factor = 1;

	if (len && value_factor(units, sizeof units / sizeof units[0], text[len - 1], &factor))
		len--;
	if (!value_plain(text, len, out))
		return false;
	if (factor > 1) /* 2.3m is whole, whatever 2.3 is in binary */
		*out = floor(*out * factor + 0.5);
	return true;
}

bool filter_age(const char *text, size_t len, int64_t *out)
{
	static const struct value_unit units[] = {
	    {'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 7 * 86400}, {'y', 365.0 * 86400}};
	double factor, n;

	if (len < 2 ||
	    !value_factor(units, sizeof units / sizeof units[0], text[len - 1], &factor) ||
	    !value_plain(text, len - 1, &n) || n < 0 || n * factor > 1e12)
		return false;
	*out = (int64_t)(n * factor);
	return true;
}

/* Exactly `digits` digits at *text, and what stands before them. */
static bool value_digits(const char **text, const char *end, char before, int digits, int *out)
{
	if (before && (*text == end || *(*text)++ != before))
		return false;
	for (*out = 0; digits; digits--) {
		if (*text == end || **text < '0' || **text > '9')
			return false;
		*out = *out * 10 + (*(*text)++ - '0');
	}
	return true;
}

/* From `at` on: hours and minutes, perhaps seconds, perhaps Z; *length: seconds it stands for. */
static bool value_clock(
    const char *at, const char *end, int64_t *out, int64_t *length, bool has_hours_alone)
{
	int hour, minute = 0, second = 0;

	*length = 3600;
	if (!value_digits(&at, end, '\0', 2, &hour))
		return false;
	if (at < end && *at == ':') {
		*length = 60;
		if (!value_digits(&at, end, ':', 2, &minute))
			return false;
	} else if (!has_hours_alone) {
		return false;
	}
	if (at < end && *at == ':') {
		*length = 1;
		if (!value_digits(&at, end, ':', 2, &second))
			return false;
	}
	at += at < end && (*at == 'Z' || *at == 'z');
	*out = hour * 3600 + minute * 60 + second;
	return at == end && hour < 24 && minute < 60 && second < 60;
}

static int value_month_days(int year, int month)
{
	return (int)(clock_days_from_civil(month == 12 ? year + 1 : year, month % 12 + 1, 1) -
	             clock_days_from_civil(year, month, 1));
}

/* What follows the year. */
static bool value_day(const char *at, const char *end, int year, int64_t *from, int64_t *to)
{
	int month, day;
	int64_t clock, length;

	if (!value_digits(&at, end, '-', 2, &month) || month < 1 || month > 12)
		return false;
	*from = clock_days_from_civil(year, month, 1) * 86400;
	*to = *from + value_month_days(year, month) * 86400LL;
	if (at == end)
		return true;
	if (!value_digits(&at, end, '-', 2, &day) || day < 1 || day > value_month_days(year, month))
		return false;
	*from += (day - 1) * 86400LL;
	*to = *from + 86400;
	if (at == end)
		return true;
	if ((*at | 32) != 't' || !value_clock(at + 1, end, &clock, &length, true))
		return false;
	*from += clock;
	*to = *from + length;
	return true;
}

bool filter_date(const char *text, size_t len, int64_t now, int64_t *from, int64_t *to)
{
	const char *at = text, *end = text + len;
	int year;
	int64_t clock, length;

	if (value_clock(text, end, &clock, &length, false)) {
		*from = now - ((now % 86400) + 86400) % 86400 + clock;
		*to = *from + length;
		return true;
	}
	if (!value_digits(&at, end, '\0', 4, &year) || year < 1)
		return false;
	*from = clock_days_from_civil(year, 1, 1) * 86400;
	*to = clock_days_from_civil(year + 1, 1, 1) * 86400;
	return at == end || value_day(at, end, year, from, to);
}
