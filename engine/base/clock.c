#include "config.h"
#include "engine/base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

int64_t clock_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t clock_now(void)
{
	return clock_now_ms() / 1000;
}

int64_t clock_mono_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t clock_mono_ms(void)
{
	return clock_mono_us() / 1000;
}

void clock_cond_init(pthread_cond_t *c)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(c, &attr);
	pthread_condattr_destroy(&attr);
}

static struct timespec clock_timespec(int64_t ms)
{
	return (struct timespec){
	    .tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000};
}

enum err clock_cond_wait_until(pthread_cond_t *c, pthread_mutex_t *lock, int64_t until_ms)
{
	struct timespec t = clock_timespec(until_ms < 0 ? 0 : until_ms);

	return pthread_cond_timedwait(c, lock, &t) == ETIMEDOUT ? ERR_TIMEOUT : ERR_OK;
}

void clock_sleep_ms(int64_t ms)
{
	struct timespec t = clock_timespec(ms < 0 ? 0 : ms);

	while (nanosleep(&t, &t) != 0 && errno == EINTR)
		;
}

/* The well-known era arithmetic: a year that begins in March makes leap days fall at its end. */
int64_t clock_days_from_civil(int64_t year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t yoe = y - era * 400;
	int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

	return era * 146097 + doe - 719468;
}

struct clock_date clock_date_from(int64_t utc_s)
{
	int64_t days = utc_s / 86400, rest = utc_s % 86400;
	struct clock_date d;
	int64_t z, era, doe, yoe, doy, mp;

	if (rest < 0) {
		rest += 86400;
		days--;
	}
	z = days + 719468;
	era = (z >= 0 ? z : z - 146096) / 146097;
	doe = z - era * 146097;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	d.day = (int)(doy - (153 * mp + 2) / 5 + 1);
	d.month = (int)(mp < 10 ? mp + 3 : mp - 9);
	d.year = yoe + era * 400 + (d.month <= 2 ? 1 : 0);
	d.hour = (int)(rest / 3600);
	d.minute = (int)(rest / 60 % 60);
	d.second = (int)(rest % 60);
	d.weekday = (int)(((days + 4) % 7 + 7) % 7);
	return d;
}

int64_t clock_date_to(const struct clock_date *d)
{
	return clock_days_from_civil(d->year, d->month, d->day) * 86400 + d->hour * 3600 +
	       d->minute * 60 + d->second;
}

char *clock_iso(int64_t utc_s, char *buf)
{
	struct clock_date d = clock_date_from(utc_s);

	snprintf(buf, CLOCK_ISO_SIZE, "%04lld-%02d-%02dT%02d:%02d:%02dZ", (long long)d.year,
	    d.month, d.day, d.hour, d.minute, d.second);
	return buf;
}

char *clock_iso_naive_ms(int64_t utc_ms, char *buf)
{
	int64_t s = utc_ms / 1000, ms = utc_ms % 1000;
	struct clock_date d = clock_date_from(s);
	int n = snprintf(buf, CLOCK_ISO_SIZE, "%04lld-%02d-%02dT%02d:%02d:%02d", (long long)d.year,
	    d.month, d.day, d.hour, d.minute, d.second);

	if (ms && n > 0 && n < CLOCK_ISO_SIZE)
		snprintf(buf + n, CLOCK_ISO_SIZE - (size_t)n, ".%03d000", (int)ms);
	return buf;
}

/* Reads exactly n digits; -1 when one of them is none. */
static int clock_digits(const char **p, const char *end, int n)
{
	int v = 0;

	for (; n > 0; n--, (*p)++) {
		if (*p == end || **p < '0' || **p > '9')
			return -1;
		v = v * 10 + (**p - '0');
	}
	return v;
}

static bool clock_take(const char **p, const char *end, char c)
{
	if (*p == end || **p != c)
		return false;
	(*p)++;
	return true;
}

static enum err clock_parse_offset(const char **p, const char *end, int64_t *offset_s)
{
	int sign, h, m;

	*offset_s = 0;
	if (clock_take(p, end, 'Z') || clock_take(p, end, 'z'))
		return ERR_OK;
	sign = clock_take(p, end, '-') ? -1 : clock_take(p, end, '+') ? 1 : 0;
	if (!sign)
		return ERR_INVALID;
	h = clock_digits(p, end, 2);
	if (!clock_take(p, end, ':'))
		return ERR_INVALID;
	m = clock_digits(p, end, 2);
	if (h < 0 || h > 23 || m < 0 || m > 59)
		return ERR_INVALID;
	*offset_s = sign * (h * 3600 + m * 60);
	return ERR_OK;
}

enum err clock_parse_rfc3339(const char *text, size_t len, int64_t *utc_s)
{
	const char *p = text, *end = text + len;
	struct clock_date d = {0};
	int64_t offset;
	bool ok;

	d.year = clock_digits(&p, end, 4);
	ok = clock_take(&p, end, '-');
	d.month = clock_digits(&p, end, 2);
	ok = ok && clock_take(&p, end, '-');
	d.day = clock_digits(&p, end, 2);
	ok = ok &&
	     (clock_take(&p, end, 'T') || clock_take(&p, end, 't') || clock_take(&p, end, ' '));
	d.hour = clock_digits(&p, end, 2);
	ok = ok && clock_take(&p, end, ':');
	d.minute = clock_digits(&p, end, 2);
	ok = ok && clock_take(&p, end, ':');
	d.second = clock_digits(&p, end, 2);
	if (!ok || d.year < 0 || d.month < 1 || d.month > 12 || d.day < 1 || d.day > 31 ||
	    d.hour < 0 || d.hour > 23 || d.minute < 0 || d.minute > 59 || d.second < 0 ||
	    d.second > 60)
		return ERR_INVALID;
	if (clock_take(&p, end, '.'))
		while (p < end && *p >= '0' && *p <= '9')
			p++;
	if (clock_parse_offset(&p, end, &offset) || p != end)
		return ERR_INVALID;
	/* 30 February would come back as a day of March */
	if (clock_date_from(clock_days_from_civil(d.year, d.month, d.day) * 86400).day != d.day)
		return ERR_INVALID;
	*utc_s = clock_date_to(&d) - offset;
	return ERR_OK;
}

enum { CLOCK_DAY = 10 }; /* characters of 2026-11-22 */

enum err clock_parse_moment(const char *text, size_t len, int64_t *utc_s)
{
	static const char midnight[] = "T00:00:00Z";
	char whole[CLOCK_DAY + sizeof midnight];

	if (len != CLOCK_DAY)
		return clock_parse_rfc3339(text, len, utc_s);
	memcpy(whole, text, CLOCK_DAY);
	memcpy(whole + CLOCK_DAY, midnight, sizeof midnight);
	return clock_parse_rfc3339(whole, sizeof whole - 1, utc_s);
}
