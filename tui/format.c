#include "config.h"
#include "tui/format.h"
#include "engine/base/clock.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static char *format_dash(char *buf)
{
	memcpy(buf, "-", 2);
	return buf;
}

/* n / unit with so many digits after the point, cut. */
static char *format_scaled(char *buf, int64_t n, int64_t unit, int digits, const char *suffix)
{
	int64_t whole = n / unit, rest = n % unit;

	if (digits == 0)
		snprintf(buf, FORMAT_SIZE, "%lld%s", (long long)whole, suffix);
	else if (digits == 1)
		snprintf(buf, FORMAT_SIZE, "%lld.%lld%s", (long long)whole,
		    (long long)(rest / (unit / 10)), suffix);
	else
		snprintf(buf, FORMAT_SIZE, "%lld.%02lld%s", (long long)whole,
		    (long long)(rest / (unit / 100)), suffix);
	return buf;
}

char *format_full(char *buf, int64_t n)
{
	char digits[24];
	size_t len, out = 0;

	if (n < 0)
		return format_dash(buf);
	len = (size_t)snprintf(digits, sizeof digits, "%lld", (long long)n);
	for (size_t i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			buf[out++] = ',';
		buf[out++] = digits[i];
	}
	buf[out] = 0;
	return buf;
}

struct format_step {
	int64_t below, unit;
	int digits;
	const char *suffix;
};

char *format_count(char *buf, int64_t n)
{
	static const struct format_step steps[] = {
	    {100000, 1000, 1, "k"},
	    {1000000, 1000, 0, "k"},
	    {100000000, 1000000, 2, "M"},
	    {1000000000, 1000000, 1, "M"},
	    {100000000000, 1000000000, 2, "G"},
	    {INT64_MAX, 1000000000, 0, "G"},
	};
	size_t i = 0;

	if (n < 10000)
		return format_full(buf, n);
	while (n >= steps[i].below && i + 1 < sizeof steps / sizeof steps[0])
		i++;
	return format_scaled(buf, n, steps[i].unit, steps[i].digits, steps[i].suffix);
}

char *format_bytes(char *buf, int64_t n)
{
	static const struct format_step steps[] = {
	    {1000, 1, 0, " B"},
	    {1000000, 1000, 0, " kB"},
	    {1000000000, 1000000, 1, " MB"},
	    {INT64_MAX, 1000000000, 1, " GB"},
	};
	size_t i = 0;

	if (n < 0)
		return format_dash(buf);
	while (n >= steps[i].below && i + 1 < sizeof steps / sizeof steps[0])
		i++;
	return format_scaled(buf, n, steps[i].unit, steps[i].digits, steps[i].suffix);
}

char *format_percent(char *buf, int64_t part, int64_t whole)
{
	int64_t tenths;

	if (whole <= 0 || part < 0)
		return format_dash(buf);
	if (part >= whole) {
		memcpy(buf, "100", 4);
		return buf;
	}
	tenths = (int64_t)((double)part * 1000.0 / (double)whole);
	return format_scaled(buf, tenths > 999 ? 999 : tenths, 10, 1, "");
}

char *format_rate(char *buf, double per_s)
{
	if (!(per_s > 0))
		return format_dash(buf);
	if (per_s >= 1000)
		snprintf(buf, FORMAT_SIZE, "%.1fk/s", per_s < 1e12 ? per_s / 1000 : 1e9);
	else if (per_s >= 1)
		snprintf(buf, FORMAT_SIZE, "%.1f/s", per_s);
	else if (per_s * 60 >= 1)
		snprintf(buf, FORMAT_SIZE, "%.1f/m", per_s * 60);
	else
		snprintf(buf, FORMAT_SIZE, "%.1f/h", per_s * 3600);
	return buf;
}

char *format_duration(char *buf, int64_t seconds)
{
	long long s = seconds < 0 ? 0 : seconds;

	if (s < 60)
		snprintf(buf, FORMAT_SIZE, "%llds", s);
	else if (s < 3600)
		snprintf(buf, FORMAT_SIZE, "%lldm", s / 60);
	else if (s < 48 * 3600)
		snprintf(buf, FORMAT_SIZE, "%lldh%02lldm", s / 3600, s / 60 % 60);
	else
		snprintf(buf, FORMAT_SIZE, "%lld.%lld d", s / 86400, s % 86400 / 8640);
	return buf;
}

char *format_took(char *buf, int64_t seconds)
{
	long long s = seconds < 0 ? 0 : seconds;

	if (s >= 60 && s < 3600)
		snprintf(buf, FORMAT_SIZE, "%lldm%02llds", s / 60, s % 60);
	else if (s >= 48 * 3600 && s < 100 * 3600)
		snprintf(buf, FORMAT_SIZE, "%lldh%02lldm", s / 3600, s / 60 % 60);
	else
		format_duration(buf, s);
	return buf;
}

char *format_days(char *buf, int64_t seconds)
{
	int64_t tenths = seconds > 0 ? seconds / 8640 : 0;

	if (tenths >= 10000)
		return format_full(buf, tenths / 10);
	return format_scaled(buf, tenths, 10, 1, "");
}

char *format_each(char *buf, double units)
{
	char text[FORMAT_SIZE];

	if (!(units > 0))
		return format_dash(buf);
	if (units < 1)
		snprintf(text, sizeof text, "%.4f", units);
	else
		snprintf(text, sizeof text, "%.2f", units < 1e6 ? units : 1e6);
	snprintf(buf, FORMAT_SIZE, "%s", units < 1 && *text == '0' ? text + 1 : text);
	return buf;
}

char *format_countdown(char *buf, int64_t seconds)
{
	long long s = seconds < 0 ? 0 : seconds;

	snprintf(buf, FORMAT_SIZE, "%02lld:%02lld:%02lld", s / 3600, s / 60 % 60, s % 60);
	return buf;
}

char *format_clock(char *buf, int64_t at)
{
	struct clock_date d = clock_date_from(at);

	snprintf(buf, FORMAT_SIZE, "%02d:%02d:%02dZ", d.hour, d.minute, d.second);
	return buf;
}

const char *format_weekday(int64_t at)
{
	static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

	return days[(unsigned)clock_date_from(at).weekday % 7];
}

static const char *format_month(const struct clock_date *d)
{
	static const char *const months[] = {
	    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

	return months[(unsigned)(d->month - 1) % 12];
}

char *format_day(char *buf, int64_t at)
{
	struct clock_date d = clock_date_from(at);

	snprintf(buf, FORMAT_SIZE, "%s %02d %s", format_weekday(at), d.day, format_month(&d));
	return buf;
}

char *format_when(char *buf, int64_t at, int64_t now)
{
	struct clock_date d = clock_date_from(at), today = clock_date_from(now);
	int64_t away = at > now ? at - now : now - at;
	bool soon = at > now && away < 86400 - 60;

	if (at == 0)
		return format_dash(buf);
	if (soon || (d.year == today.year && d.month == today.month && d.day == today.day))
		snprintf(buf, FORMAT_SIZE, "%02d:%02dZ", d.hour, d.minute);
	else if (away < 7 * 86400)
		snprintf(buf, FORMAT_SIZE, "%s %02d:%02dZ", format_weekday(at), d.hour, d.minute);
	else
		snprintf(
		    buf, FORMAT_SIZE, "%02d %s %lld", d.day, format_month(&d), (long long)d.year);
	return buf;
}

char *format_ago(char *buf, int64_t at, int64_t now)
{
	static const struct {
		int64_t unit;
		char word;
	} steps[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
	int64_t gone = now > at ? now - at : 0;
	size_t i = 0;

	if (!at)
		return format_dash(buf);
	while (i + 1 < sizeof steps / sizeof steps[0] && gone < steps[i].unit)
		i++;
	snprintf(buf, FORMAT_SIZE, "%lld %c ago", (long long)(gone / steps[i].unit), steps[i].word);
	return buf;
}

char *format_length(char *buf, int64_t s)
{
	if (s < 0)
		return format_dash(buf);
	if (s < 3600)
		snprintf(buf, FORMAT_SIZE, "%lld:%02lld", (long long)(s / 60), (long long)(s % 60));
	else
		snprintf(buf, FORMAT_SIZE, "%lld:%02lld:%02lld", (long long)(s / 3600),
		    (long long)(s / 60 % 60), (long long)(s % 60));
	return buf;
}

char *format_date(char *buf, int64_t at)
{
	struct clock_date d = clock_date_from(at);

	if (!at)
		return format_dash(buf);
	snprintf(buf, FORMAT_SIZE, "%04d-%02d-%02d", (int)d.year, d.month, d.day);
	return buf;
}
