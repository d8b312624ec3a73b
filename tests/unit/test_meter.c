/* meter: counts per minute, the histogram, many threads; busy: shares of time; limits: the judgement. */
#include "config.h"
#include "engine/base/meter.h"
#include "engine/base/process.h"
#include "engine/jobs/busy.h"
#include "engine/limits.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MINUTE = 60000 };

/* ---- meter ---- */

static void test_scale(void **state)
{
	(void)state;
	assert_int_equal(meter_bucket_us(0), 0);
	assert_int_equal(meter_bucket_us(1), 64);
	assert_int_equal(meter_bucket_us(2), 80);
	assert_int_equal(meter_bucket_us(5), 128);
	for (int i = 1; i < METER_BUCKETS; i++) {
		double wide = (double)meter_bucket_us(i + 1) / (double)meter_bucket_us(i);
		assert_true(wide > 1.1 && wide < 1.26);
	}
	assert_true(meter_bucket_us(METER_BUCKETS) > 120 * 1000 * 1000);
}

/* Each duration is counted in the bucket that holds it. */
static void test_buckets(void **state)
{
	const int64_t durations[] = {0, 1, 63, 64, 79, 80, 127, 128, 1000, 310000, 60000000};

	(void)state;
	for (size_t d = 0; d < sizeof durations / sizeof durations[0]; d++) {
		struct meter *m = meter_new();
		uint32_t counts[METER_BUCKETS];
		int found = -1;
		meter_note(m, MINUTE, durations[d], false);
		meter_histogram(m, MINUTE, counts);
		for (int i = 0; i < METER_BUCKETS; i++)
			if (counts[i]) {
				assert_int_equal(found, -1);
				found = i;
			}
		assert_in_range(
		    durations[d], meter_bucket_us(found), meter_bucket_us(found + 1) - 1);
		meter_free(m);
	}
}

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Against the exact answer: no more wrong than a bucket is wide. */
static void test_quantiles(void **state)
{
	static int64_t all[5000];
	struct meter *m = meter_new();
	struct meter_numbers n;
	uint64_t x = 88172645463325252u;

	(void)state;
	for (int i = 0; i < 5000; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		all[i] = (int64_t)exp((double)(x % 10000) / 10000 * 8) * 500;
		meter_note(m, 5 * MINUTE, all[i], false);
	}
	qsort(all, 5000, sizeof all[0], compare);
	meter_read(m, 5 * MINUTE, &n);
	assert_int_equal(n.calls, 5000);
	assert_true(fabs((double)n.p50_us / (double)all[2500] - 1) < 0.25);
	assert_true(fabs((double)n.p95_us / (double)all[4750] - 1) < 0.25);
	assert_true(n.most_us >= all[4999] && (double)n.most_us < (double)all[4999] * 1.26);
	meter_free(m);
}

/* An hour goes by: what is older is no longer counted, but in the sums since the start. */
static void test_minutes(void **state)
{
	struct meter *m = meter_new();
	struct meter_numbers n;

	(void)state;
	for (int minute = 0; minute < 200; minute++)
		for (int i = 0; i <= minute % 7; i++)
			meter_note(m, (int64_t)minute * MINUTE + i, 1000, i == 3);
	meter_read(m, 199 * MINUTE + 30000, &n);
	for (int ago = 0; ago < METER_MINUTES; ago++) {
		assert_int_equal(n.per_minute[ago], (199 - ago) % 7 + 1);
		assert_int_equal(n.errors_per_minute[ago], (199 - ago) % 7 >= 3);
	}
	assert_int_equal(n.calls, 794);
	assert_int_equal(n.hour_calls, 234);
	meter_read(m, 199 * MINUTE + 70 * MINUTE, &n); /* nothing since */
	assert_int_equal(n.hour_calls + n.hour_errors, 0);
	assert_int_equal(n.p50_us, 0);
	assert_true(n.calls > 0 && n.errors > 0);
	meter_note(m, 10 * MINUTE, 5, true); /* hours too late: its place belongs to another time */
	meter_read(m, 199 * MINUTE + 70 * MINUTE, &n);
	assert_int_equal(n.hour_calls + n.hour_errors, 0);
	meter_note(NULL, 0, 0, false);
	meter_read(NULL, 0, &n);
	assert_int_equal(n.calls, 0);
	meter_free(m);
}

struct hammer {
	struct meters *meters;
	struct meter *meter;
	atomic_llong clock;
};

static void *hammer(void *arg)
{
	struct hammer *h = arg;

	for (int i = 0; i < 20000; i++) {
		/* time goes on under everybody's hands: a minute every 1,500 notes */
		int64_t now = (int64_t)atomic_fetch_add(&h->clock, 40);
		meter_note(h->meter, now, i % 977, i % 10 == 0);
		if (i % 4096 == 0) {
			struct meter_numbers n[4];
			assert_true(meters_read(h->meters, now, n, 4) >= 1);
			assert_ptr_equal(meters_get(h->meters, "youtube", "one"), h->meter);
		}
	}
	return NULL;
}

static void test_threads(void **state)
{
	struct hammer h = {.meters = meters_new()};
	struct meter_numbers n;
	pthread_t t[4];
	int64_t last;

	(void)state;
	h.meter = meters_get(h.meters, "youtube", "one");
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&t[i], NULL, hammer, &h), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	last = (int64_t)atomic_load(&h.clock) - 40;
	meter_read(h.meter, last, &n);
	assert_int_equal(n.calls, 80000);
	assert_int_equal(n.errors, 8000);
	assert_int_equal(n.hour_calls, 80000);
	assert_int_equal(n.hour_errors, 8000);
	for (int ago = 1; ago < 53; ago++)
		assert_int_equal(n.per_minute[ago], 1500);
	meters_free(h.meters);
}

static void test_set(void **state)
{
	struct meters *ms = meters_new();
	struct meter *a = meters_get(ms, "youtube", "channels.list");
	struct meter_numbers n[METERS_MOST + 1];
	char name[16];

	(void)state;
	assert_non_null(a);
	assert_ptr_equal(meters_get(ms, "youtube", "channels.list"), a);
	assert_ptr_equal(meters_find(ms, "youtube", "channels.list"), a);
	assert_null(meters_find(ms, "youtube", "videos.list"));
	assert_ptr_not_equal(meters_get(ms, "service", "channels.list"), a);
	for (int i = 0; i < METERS_MOST; i++) {
		snprintf(name, sizeof name, "n%d", i);
		assert_int_equal(meters_get(ms, "g", name) != NULL, i < METERS_MOST - 2);
	}
	assert_int_equal(meters_read(ms, 0, n, METERS_MOST + 1), METERS_MOST);
	assert_string_equal(n[0].group, "youtube");
	assert_string_equal(n[0].name, "channels.list");
	assert_string_equal(n[2].name, "n0");
	assert_null(meters_get(NULL, "a", "b"));
	assert_int_equal(meters_read(NULL, 0, n, 3), 0);
	meters_free(ms);
}

/* ---- busy ---- */

static bool is_about(double a, double b)
{
	return fabs(a - b) < 1e-9;
}

static void test_busy(void **state)
{
	struct busy b = {0};

	(void)state;
	assert_true(is_about(busy_share(&b, 5000, 300000), 0));
	/* a second at work, a second not, from 100,000 on */
	for (int64_t t = 100000; t < 130000; t += 2000) {
		busy_add(&b, t, t + 1000, true);
		busy_add(&b, t + 1000, t + 2000, false);
	}
	assert_true(is_about(busy_share(&b, 130000, 300000), 0.5));
	assert_true(is_about(busy_share(&b, 160000, 300000), 0.25)); /* then nothing */
	busy_add(&b, 130000, 160000, true);                          /* or one long call */
	assert_true(is_about(busy_share(&b, 160000, 300000), 0.75));
	busy_add(&b, 160000, 160000 + 1000000, true); /* longer than all that is kept */
	assert_true(is_about(busy_share(&b, 1160000, 300000), 1));
	busy_add(&b, 1160000, 1460000, false);
	assert_true(is_about(busy_share(&b, 1460000, 300000), 0));
	busy_add(&b, 1460000, 9000000, false);
	assert_true(is_about(busy_share(&b, 9000000, 300000), 0));
}

/* ---- the judgement ---- */

static const struct limits_in usual = {.workers = 8,
    .calling = 2,
    .busy = 0.1,
    .call_ms = 310,
    .calls_per_s = 1,
    .jobs_running = 1,
    .keys = 6,
    .key_gap_s = 0.1,
    .units_left = 60000,
    .units_per_day = 90000,
    .reset_in_s = 40000,
    .writer_room = 256,
    .commit_ms = 3};

static struct limits judged(const struct limits_in *in)
{
	struct limits l;

	limits_judge(in, &l);
	assert_true(strlen(l.text) > 10 && strlen(l.text) < sizeof l.text - 1);
	return l;
}

static void test_limits(void **state)
{
	struct limits_in in = usual;
	struct limits l = judged(&in);

	(void)state;
	assert_int_equal(l.what, LIMIT_NOTHING);
	assert_false(l.more_threads);
	assert_true(fabs(l.threads_per_s - 25.8) < 0.01 && fabs(l.keys_per_s - 60) < 0.01);
	assert_true(fabs(l.day_per_s - 1.0417) < 0.001);

	in.jobs_running = 0;
	assert_int_equal(judged(&in).what, LIMIT_NO_WORK);
	in.jobs_waiting = 1;
	assert_int_equal(judged(&in).what, LIMIT_NO_WORK); /* for its turn: there is quota */
	in.units_left = 0;
	l = judged(&in);
	assert_int_equal(l.what, LIMIT_QUOTA);
	assert_non_null(strstr(l.text, "90000 units of today are spent"));

	in = usual;
	in.keys = 0;
	assert_int_equal(judged(&in).what, LIMIT_KEYS);
	in = usual;
	in.service_open = true;
	assert_int_equal(judged(&in).what, LIMIT_SERVICE);
	in = usual;
	in.writer_queued = 200;
	assert_int_equal(judged(&in).what, LIMIT_WRITER);
	in = usual;
	in.writer_stalled = true;
	assert_int_equal(judged(&in).what, LIMIT_WRITER);
}

static void test_limits_of_rate(void **state)
{
	struct limits_in in = usual;
	struct limits l;

	(void)state;
	in.slot_wait = 5;
	l = judged(&in);
	assert_int_equal(l.what, LIMIT_RATE);
	assert_non_null(strstr(l.text, "6 keys may make 60.0 calls/s"));
	assert_false(l.more_threads);
	in = usual;
	in.keys = 1;
	in.calls_per_s = 9.7; /* waits of a few ms are seldom seen */
	assert_int_equal(judged(&in).what, LIMIT_RATE);
	assert_non_null(strstr(judged(&in).text, "1 key may make 10.0"));
}

/* All threads call all the time: more help where keys and quota have room, and only there. */
static void test_limits_of_threads(void **state)
{
	struct limits_in in = usual;
	struct limits l;

	(void)state;
	in.workers = in.calling = 2;
	in.busy = 0.95;
	in.calls_per_s = 6;
	in.units_left = 1000000;
	in.units_per_day = 1000000;
	l = judged(&in);
	assert_int_equal(l.what, LIMIT_THREADS);
	assert_true(l.more_threads);
	assert_non_null(strstr(l.text, "more would help"));
	in.keys = 1;
	in.key_gap_s = 0.15; /* 6.67 a second: level with 2 threads at 310 ms */
	l = judged(&in);
	assert_int_equal(l.what, LIMIT_THREADS);
	assert_false(l.more_threads);
	in = usual;
	in.workers = in.calling = 2;
	in.busy = 0.95;
	l = judged(&in); /* 6.45/s spend 60,000 units long before the reset */
	assert_int_equal(l.what, LIMIT_QUOTA);
	assert_false(l.more_threads);
}

/* ---- this process ---- */

static void test_process(void **state)
{
	struct process_numbers a, b;
	char *held = malloc(32 << 20), who[64];
	int fds[2];

	(void)state;
	process_read(&a);
	assert_true(a.rss_bytes > 100000 && a.threads >= 1 && a.files >= 0 && a.cpu_ms >= 0);
	assert_non_null(held);
	memset(held, 1, 32 << 20);
	assert_int_equal(pipe(fds), 0);
	process_read(&b);
	assert_int_equal(b.files, a.files + 2);
	assert_true(b.rss_bytes - a.rss_bytes > 30 << 20);
	assert_true(b.cpu_ms >= a.cpu_ms);
	close(fds[0]);
	close(fds[1]);
	assert_true(held[1 << 20] == 1);
	free(held);
	assert_true(process_disk_free("/") >= 0);
	assert_int_equal(process_disk_free("/nowhere/at/all"), -1);
	assert_true(strlen(process_user(who, sizeof who)) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_scale),
	    cmocka_unit_test(test_buckets),
	    cmocka_unit_test(test_quantiles),
	    cmocka_unit_test(test_minutes),
	    cmocka_unit_test(test_threads),
	    cmocka_unit_test(test_set),
	    cmocka_unit_test(test_busy),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_limits_of_rate),
	    cmocka_unit_test(test_limits_of_threads),
	    cmocka_unit_test(test_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
