/* ids and clock: round trips, orders, what is refused; the calendar against the C library. */
#include "config.h"
#include "engine/base/clock.h"
#include "engine/base/ids.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 100000 };

static uint64_t dice(void)
{
	static uint64_t x = UINT64_C(0x9E3779B97F4A7C15);

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x;
}

static struct cid random_cid(void)
{
	struct cid c;
	uint64_t a = dice(), b = dice();

	memcpy(c.b, &a, 8);
	memcpy(c.b + 8, &b, 8);
	return c;
}

static int sign(int n)
{
	return (n > 0) - (n < 0);
}

static void test_cid_random(void **state)
{
	struct cid last = random_cid();
	char last_text[CID_TEXT + 1];

	(void)state;
	cid_format(&last, last_text);
	for (int i = 0; i < ROUNDS; i++) {
		struct cid c = random_cid(), back;
		char text[CID_TEXT + 1];
		if (i % 3 == 0) /* neighbours too */
			memcpy(c.b, last.b, (size_t)(i / 3 % 16));
		assert_int_equal(strlen(cid_format(&c, text)), CID_TEXT);
		assert_memory_equal(text, "UC", 2);
		assert_true(cid_parse(text, CID_TEXT, &back));
		assert_memory_equal(back.b, c.b, CID_BYTES);
		assert_int_equal(sign(strcmp(text, last_text)), sign(cid_compare(&c, &last)));
		last = c;
		memcpy(last_text, text, sizeof text);
	}
}

static void test_cid_refused(void **state)
{
	static const char good[] = "UC_x5XG1OV2P6uZZ5FSM9Ttw";
	static const char alphabet[] =
	    "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";
	struct cid c, was = random_cid();
	char text[CID_TEXT + 2];
	int accepted = 0;

	(void)state;
	assert_true(cid_parse(good, CID_TEXT, &c));
	assert_string_equal(cid_format(&c, text), good);
	c = was;
	assert_false(cid_parse(good, CID_TEXT - 1, &c));
	assert_false(cid_parse("UC_x5XG1OV2P6uZZ5FSM9Ttwx", 25, &c));
	assert_false(cid_parse("", 0, &c));
	for (size_t at = 0; at < CID_TEXT; at++)
		for (int ch = 0; ch < 256; ch++) {
			bool ok = at == 0    ? ch == 'U'
			          : at == 1  ? ch == 'C'
			          : at == 23 ? ch && strchr("AQgw", ch) != NULL
			                     : ch && strchr(alphabet, ch) != NULL;
			memcpy(text, good, sizeof good);
			text[at] = (char)ch;
			if (cid_parse(text, CID_TEXT, &c) != ok)
				fail_msg("byte %d at %zu", ch, at);
			accepted += ok;
		}
	assert_int_equal(accepted, 1 + 1 + 21 * 64 + 4);
	memset(c.b, 0, CID_BYTES);
	assert_string_equal(cid_format(&c, text), "UC---------------------A");
	memset(c.b, 0xFF, CID_BYTES);
	assert_string_equal(cid_format(&c, text), "UCzzzzzzzzzzzzzzzzzzzzzw");
}

static void test_vid(void **state)
{
	int64_t last = 0, v;
	char text[VID_TEXT + 1], last_text[VID_TEXT + 1];

	(void)state;
	vid_format(last, last_text);
	for (int i = 0; i < ROUNDS; i++) {
		int64_t id = (int64_t)dice();
		if (i % 3 == 0)
			id = last + (int64_t)(dice() % 64);
		assert_int_equal(strlen(vid_format(id, text)), VID_TEXT);
		assert_true(vid_parse(text, VID_TEXT, &v));
		assert_true(v == id);
		assert_int_equal(sign(strcmp(text, last_text)), (id > last) - (id < last));
		last = id;
		memcpy(last_text, text, sizeof text);
	}
	assert_string_equal(vid_format(INT64_MIN, text), "----------0");
	assert_string_equal(vid_format(INT64_MAX, text), "zzzzzzzzzzw");
	assert_true(vid_parse("dQw4w9WgXcQ", 11, &v));
	assert_string_equal(vid_format(v, text), "dQw4w9WgXcQ");
	v = 77;
	assert_false(vid_parse("dQw4w9WgXc", 10, &v));
	assert_false(vid_parse("dQw4w9WgXcQQ", 12, &v));
	assert_false(vid_parse("dQw4w9WgXcR", 11, &v)); /* padding bits */
	assert_false(vid_parse("dQw4 9WgXcQ", 11, &v));
	assert_false(vid_parse("dQw4w9WgXc\0", 11, &v));
	assert_int_equal(v, 77);
}

/* A list of real channels: every id in it comes back as it was. */
static void test_real_ids(void **state)
{
	const char *top = getenv("TOP_SRCDIR");
	char path[4096], line[4096];
	int ids = 0;
	FILE *f;

	(void)state;
	snprintf(path, sizeof path, "%s/../shared/data/channels-3080.csv", top ? top : ".");
	f = fopen(path, "r");
	if (!f) {
		print_message("skipped: %s is not here\n", path);
		skip();
	}
	while (fgets(line, sizeof line, f))
		for (char *p = line; (p = strstr(p, "UC")) != NULL; p += 2) {
			struct cid c;
			char text[CID_TEXT + 1];
			size_t n = strspn(p, "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_"
			                     "abcdefghijklmnopqrstuvwxyz");
			if (n != CID_TEXT || (p > line && !strchr(",\"/", p[-1])))
				continue;
			assert_true(cid_parse(p, n, &c));
			assert_memory_equal(cid_format(&c, text), p, CID_TEXT);
			ids++;
			break;
		}
	fclose(f);
	assert_in_range(ids, 3000, 3080);
}

static void test_uuid(void **state)
{
	static const char *const same[] = {"c0ffee00-1234-4abc-8def-0123456789ab",
	    "C0FFEE00-1234-4ABC-8DEF-0123456789AB", "c0ffee0012344abc8def0123456789ab",
	    "{c0ffee00-1234-4abc-8def-0123456789ab}",
	    "urn:uuid:c0ffee00-1234-4abc-8def-0123456789ab", "c0ff-ee001234-4abc8def-0123456789ab"};
	static const char *const bad[] = {"", "c0ffee00", "c0ffee00-1234-4abc-8def-0123456789a",
	    "c0ffee00-1234-4abc-8def-0123456789abc", "c0ffee00-1234-4abc-8def-0123456789ag",
	    "{c0ffee00-1234-4abc-8def-0123456789ab", "c0ffee00 1234 4abc 8def 0123456789ab"};
	struct uuid u, v;
	char text[UUID_TEXT + 1];

	(void)state;
	for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
		assert_true(uuid_parse(same[i], strlen(same[i]), &u));
		assert_string_equal(uuid_format(&u, text), same[0]);
	}
	v = u;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(uuid_parse(bad[i], strlen(bad[i]), &u));
	assert_memory_equal(&u, &v, sizeof u);
	for (int i = 0; i < 100; i++) {
		assert_int_equal(uuid_new(&u), ERR_OK);
		assert_memory_not_equal(&u, &v, sizeof u);
		uuid_format(&u, text);
		assert_int_equal(text[14], '4');
		assert_non_null(strchr("89ab", text[19]));
		v = u;
	}
}

/* ---- clock ---- */

static void check_date(int64_t t)
{
	struct clock_date d = clock_date_from(t);
	struct tm tm;
	time_t at = (time_t)t;

	assert_non_null(gmtime_r(&at, &tm));
	assert_int_equal(d.year, tm.tm_year + 1900);
	assert_int_equal(d.month, tm.tm_mon + 1);
	assert_int_equal(d.day, tm.tm_mday);
	assert_int_equal(d.hour, tm.tm_hour);
	assert_int_equal(d.minute, tm.tm_min);
	assert_int_equal(d.second, tm.tm_sec);
	assert_int_equal(d.weekday, tm.tm_wday);
	assert_true(clock_date_to(&d) == t);
	assert_true((int64_t)timegm(&tm) == t);
}

static void test_dates(void **state)
{
	const int64_t from = INT64_C(-2208988800), to = INT64_C(7289654400); /* 1900 .. 2201 */
	char iso[CLOCK_ISO_SIZE];

	(void)state;
	for (int64_t day = from; day < to; day += 86400) {
		check_date(day);
		check_date(day + 86399);
	}
	for (int i = 0; i < ROUNDS; i++)
		check_date(from + (int64_t)(dice() % (uint64_t)(to - from)));
	assert_int_equal(clock_days_from_civil(1970, 1, 1), 0);
	assert_int_equal(clock_days_from_civil(2000, 3, 1), 11017);
	assert_string_equal(clock_iso(0, iso), "1970-01-01T00:00:00Z");
	assert_string_equal(clock_iso(1795350000, iso), "2026-11-22T12:20:00Z");
	assert_string_equal(clock_iso(-1, iso), "1969-12-31T23:59:59Z");
	assert_string_equal(
	    clock_iso_naive_ms(INT64_C(1795350000123), iso), "2026-11-22T12:20:00.123000");
	assert_string_equal(clock_iso_naive_ms(INT64_C(1795350000000), iso), "2026-11-22T12:20:00");
}

static void test_rfc3339(void **state)
{
	static const struct {
		const char *text;
		int64_t want;
	} good[] = {
	    {"2026-11-22T12:20:00Z", 1795350000},
	    {"2026-11-22T12:20:00.1Z", 1795350000},
	    {"2026-11-22T12:20:00.123Z", 1795350000},
	    {"2026-11-22T12:20:00.1234Z", 1795350000},
	    {"2026-11-22T12:20:00.123456Z", 1795350000},
	    {"2026-11-22T12:20:00.123456789Z", 1795350000},
	    {"2026-11-22t12:20:00z", 1795350000},
	    {"2026-11-22 12:20:00Z", 1795350000},
	    {"2026-11-22T14:20:00+02:00", 1795350000},
	    {"2026-11-22T04:20:00.5-08:00", 1795350000},
	    {"2026-11-22T17:50:00+05:30", 1795350000},
	    {"1970-01-01T00:00:00Z", 0},
	    {"1969-12-31T23:59:59Z", -1},
	    {"2024-02-29T00:00:00Z", 1709164800},
	    {"2016-12-31T23:59:60Z", 1483228800},
	};
	static const char *const bad[] = {"", "2026", "2026-11-22", "2026-11-22T12:20:00",
	    "2026-11-22T12:20Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
	    "2026-01-32T00:00:00Z", "2026-02-30T00:00:00Z", "2025-02-29T00:00:00Z",
	    "2026-04-31T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-01T24:00:00Z",
	    "2026-01-01T00:60:00Z", "2026-01-01T00:00:61Z", "2026-01-01T00:00:00ZZ",
	    "2026-01-01T00:00:00+0200", "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+02:60",
	    "2026-01-01T00:00:00 Z", "26-01-01T00:00:00Z", "+026-01-01T00:00:00Z",
	    "2026/01/01T00:00:00Z"};
	int64_t t;

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		t = 5;
		assert_int_equal(
		    clock_parse_rfc3339(good[i].text, strlen(good[i].text), &t), ERR_OK);
		assert_int_equal(t, good[i].want);
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		t = 5;
		if (clock_parse_rfc3339(bad[i], strlen(bad[i]), &t) != ERR_INVALID || t != 5)
			fail_msg("%s was taken", bad[i]);
	}
	for (size_t n = 0; n < 20; n++) /* torn anywhere, with what follows not to be read */
		assert_int_equal(clock_parse_rfc3339("2026-11-22T12:20:00Z", n, &t), ERR_INVALID);
	for (int i = 0; i < ROUNDS / 10; i++) {
		int64_t want = (int64_t)(dice() % UINT64_C(7000000000));
		char iso[CLOCK_ISO_SIZE];
		clock_iso(want, iso);
		assert_int_equal(clock_parse_rfc3339(iso, strlen(iso), &t), ERR_OK);
		assert_int_equal(t, want);
	}
}

static void test_now(void **state)
{
	int64_t s = clock_now(), ms = clock_now_ms(), mono = clock_mono_ms();
	pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	pthread_cond_t never;

	(void)state;
	assert_in_range(ms / 1000 - s, 0, 1);
	assert_true(s > INT64_C(1700000000));
	clock_sleep_ms(20);
	assert_true(clock_mono_ms() - mono >= 20);
	clock_sleep_ms(-5);
	clock_cond_init(&never);
	pthread_mutex_lock(&lock);
	mono = clock_mono_ms();
	assert_int_equal(clock_cond_wait_until(&never, &lock, mono + 30), ERR_TIMEOUT);
	assert_true(clock_mono_ms() >= mono + 30);
	assert_int_equal(clock_cond_wait_until(&never, &lock, -1), ERR_TIMEOUT);
	pthread_mutex_unlock(&lock);
	pthread_cond_destroy(&never);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_cid_random),
	    cmocka_unit_test(test_cid_refused),
	    cmocka_unit_test(test_vid),
	    cmocka_unit_test(test_real_ids),
	    cmocka_unit_test(test_uuid),
	    cmocka_unit_test(test_dates),
	    cmocka_unit_test(test_rfc3339),
	    cmocka_unit_test(test_now),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
