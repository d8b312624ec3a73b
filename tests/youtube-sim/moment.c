#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "moment.h"

#include <time.h>

void moment_write(struct out *to, int64_t utc, unsigned digits, uint64_t fraction)
{
	time_t t = (time_t)utc;
	struct tm tm;

	gmtime_r(&t, &tm);
	out_padded(to, (uint64_t)tm.tm_year + 1900, 4);
	out_char(to, '-');
	out_padded(to, (uint64_t)tm.tm_mon + 1, 2);
	out_char(to, '-');
	out_padded(to, (uint64_t)tm.tm_mday, 2);
	out_char(to, 'T');
	out_padded(to, (uint64_t)tm.tm_hour, 2);
	out_char(to, ':');
	out_padded(to, (uint64_t)tm.tm_min, 2);
	out_char(to, ':');
	out_padded(to, (uint64_t)tm.tm_sec, 2);
	if (digits > 0) {
		out_char(to, '.');
		out_padded(to, fraction, digits);
	}
	out_char(to, 'Z');
}

void moment_duration(struct out *to, uint64_t seconds)
{
	static const struct {
		unsigned unit;
		char letter;
	} units[] = {{3600, 'H'}, {60, 'M'}, {1, 'S'}};
	uint64_t rest = seconds % 86400;

	out_char(to, 'P');
	if (seconds >= 86400 || seconds == 0) {
		out_u64(to, seconds / 86400);
		out_char(to, 'D');
	}
	if (rest > 0)
		out_char(to, 'T');
	for (unsigned i = 0; i < sizeof units / sizeof units[0]; i++) {
		if (rest / units[i].unit == 0)
			continue;
		out_u64(to, rest / units[i].unit);
		out_char(to, units[i].letter);
		rest %= units[i].unit;
	}
}
