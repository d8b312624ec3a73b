/* alerts: which hold, when they begin and end, whom they tell; what is blocked. */
#include "config.h"
#include "engine/alerts.h"
#include "engine/base/text.h"
#include "engine/blocked.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

static struct snapshot *snap;
static struct alert_pace pace;
static struct alert_drift drift;
static struct alert_found found[ALERTS_FOUND];

static int set_up(void **state)
{
	(void)state;
	snap = snapshot_new();
	assert_non_null(snap);
	snap->made_at = 1000000;
	snap->mono_ms = 500000;
	snap->started_at = 1000000 - 100000;
	snap->staging_ok = true;
	snap->n_keys = snap->n_keys_usable = 1;
	snap->facts.disk_free = INT64_C(1) << 40;
	snap->facts.disk_growth = -1;
	snprintf(snap->keys[0].name, sizeof snap->keys[0].name, "k1");
	snprintf(snap->keys[0].project, sizeof snap->keys[0].project, "prod");
	snprintf(snap->keys[0].state, sizeof snap->keys[0].state, "ok");
	snap->keys[0].limit = 10000;
	pace = (struct alert_pace){.n = 0};
	drift = (struct alert_drift){.n = 0};
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	snapshot_unref(snap);
	return 0;
}

/* The only condition that holds, or NULL when none does. */
static const struct alert_found *only(void)
{
	size_t n = alerts_find(snap, &pace, &drift, found, ALERTS_FOUND);

	assert_in_range(n, 0, 1);
	return n ? &found[0] : NULL;
}

static void assert_found(enum alert_kind kind, const char *subject, const char *words)
{
	const struct alert_found *f = only();

	assert_non_null(f);
	assert_string_equal(alert_info(f->kind)->word, alert_info(kind)->word);
	assert_string_equal(f->subject, subject);
	if (!strstr(f->text, words))
		fail_msg("\"%s\" does not say \"%s\"", f->text, words);
}

static struct snapshot_job *job(const char *status, int64_t ended_ago)
{
	struct snapshot_job *j = &snap->jobs[snap->n_jobs++];

	j->no = 1000 + (int64_t)snap->n_jobs;
	snprintf(j->status, sizeof j->status, "%s", status);
	snprintf(j->word, sizeof j->word, "videos");
	snprintf(j->reason, sizeof j->reason, "because");
	j->open = strcmp(status, "failed") != 0;
	j->completed_ms = j->open ? 0 : (snap->made_at - ended_ago) * 1000;
	return j;
}

static struct snapshot_service *service(const char *group, const char *name)
{
	struct snapshot_service *v = &snap->services[snap->n_services++];

	snprintf(v->group, sizeof v->group, "%s", group);
	snprintf(v->name, sizeof v->name, "%s", name);
	return v;
}

/* ---- what holds ---- */

static void test_nothing(void **state)
{
	(void)state;
	job("running", 0);
	job("failed", 90000); /* old news */
	service("youtube", "channels.list")->recent_calls = 1000;
	assert_null(only());
}

static void test_keys(void **state)
{
	struct snapshot_key *k = &snap->keys[0];

	(void)state;
	snprintf(k->state, sizeof k->state, "refused");
	snprintf(k->reason, sizeof k->reason, "API_KEY_INVALID");
	assert_found(ALERT_KEY_REFUSED, "k1", "key k1 is refused: API_KEY_INVALID");
	snap->n_keys_usable = 0;
	assert_int_equal(alerts_find(snap, &pace, &drift, found, ALERTS_FOUND), 2);
	assert_int_equal(found[1].kind, ALERT_NO_KEY);
	snap->n_keys = 0; /* none at all: a first start, no alarm */
	assert_null(only());
	snap->n_keys = snap->n_keys_usable = 1;
	snprintf(k->state, sizeof k->state, "spent");
	k->spent_at = 999000;
	k->used = 9950; /* leases: as good as all of it */
	assert_null(only());
	k->used = 8887;
	assert_found(ALERT_LEDGER, "prod", "refused at 8887 of 10000");
	assert_int_equal(found[0].since, 999000);
	k->shares_project = true; /* said once for each project */
	assert_null(only());
}

static void test_jobs(void **state)
{
	(void)state;
	job("failed", 100);
	assert_found(ALERT_JOB_FAILED, "J-1001", "J-1001 videos failed: because");
	assert_int_equal(found[0].since, 1000000 - 100);
	snap->n_jobs = 0;
	job("interrupted", 0);
	assert_found(ALERT_JOB_INTERRUPTED, "J-1001", "was interrupted");
}

static void test_storage(void **state)
{
	(void)state;
	snap->staging_ok = false;
	snprintf(snap->staging_trouble, sizeof snap->staging_trouble, "disk full");
	assert_found(ALERT_STAGING, "", "disk full");
	snap->staging_ok = true;
	snap->facts.disk_free = INT64_C(2) << 30;
	assert_null(only());
	snap->facts.disk_growth = INT64_C(3) << 30;
	assert_found(ALERT_DISK_LOW, "", "2048 MB are free");
	snap->facts.disk_growth = 0;
	snap->facts.disk_free = INT64_C(100) << 20;
	assert_found(ALERT_DISK_LOW, "", "100 MB are free");
	snap->facts.disk_free = -1; /* not known is no alarm */
	assert_null(only());
	snap->facts.pg_since = 999990;
	assert_null(only()); /* none is configured */
	snap->pg_configured = true;
	snap->facts.pg_tries = 14;
	assert_found(ALERT_STORE_AWAY, "PostgreSQL", "tried 14 times");
	assert_int_equal(found[0].since, 999990);
}

static void test_services(void **state)
{
	struct snapshot_service *v;

	(void)state;
	/* the methods of the API share one breaker */
	for (int i = 0; i < 3; i++) {
		v = service("youtube", i ? "videos.list" : "channels.list");
		v->since = 990000;
		snprintf(v->trouble, sizeof v->trouble, "backendError");
	}
	assert_found(ALERT_BREAKER, "youtube", "YouTube does not answer usefully: backendError");
	for (int i = 0; i < 3; i++)
		snap->services[i].since = 0;
	service("service", "example.com")->since = 999000;
	assert_found(ALERT_BREAKER, "example.com", "example.com");
	snap->services[3].since = 0;
	snap->services[0].recent_calls = 60;
	snap->services[1].recent_calls = 40;
	snap->services[1].recent_errors = 5;
	assert_null(only()); /* 5 % is not above 5 % */
	snap->services[1].recent_errors = 6;
	assert_found(ALERT_ERROR_RATE, "", "6 of 100 calls");
	snap->services[0].recent_calls = 0;
	snap->services[1].recent_calls = 19;
	assert_null(only()); /* too few to speak of a rate */
}

static void test_node(void **state)
{
	struct snapshot_worker *w = &snap->workers[2];

	(void)state;
	snap->n_workers = 3;
	w->since_ms = 200000;
	w->until_ms = 300000;
	w->stalled = true;
	assert_found(ALERT_STALLED, "w3", "worker 3");
	assert_int_equal(found[0].since, 1000000 - 200);
	w->stalled = false;
	snap->facts.clock_ahead = 93;
	assert_null(only()); /* nobody said so yet */
	snap->facts.clock_at = 999999;
	assert_found(ALERT_CLOCK, "", "93 s behind");
	snap->facts.clock_ahead = -93;
	assert_found(ALERT_CLOCK, "", "93 s ahead");
	snap->facts.clock_ahead = 30;
	assert_null(only());
	snap->facts.crashed = true;
	snap->facts.crashed_jobs = 2;
	assert_null(only()); /* more than a day ago */
	snap->started_at = 1000000 - 60;
	assert_found(ALERT_CRASHED, "", "2 jobs were interrupted");
}

/* ---- earlier than was to be expected ---- */

static void test_pace(void **state)
{
	const int64_t reset = 200000;
	int64_t now = 100000, left = 90000;

	(void)state;
	/* 4,000 an hour: enough for 22 hours, the reset is in 27 */
	for (int i = 0; i < 12; i++, now += 600, left -= 667)
		alert_pace_note(&pace, now, left, 4000, reset);
	/* then somebody else spends the rest within half an hour */
	for (int i = 0; i < 3; i++, now += 600, left -= 25000)
		alert_pace_note(&pace, now, left, 150000, reset);
	alert_pace_note(&pace, now, 0, 0, reset);
	assert_int_equal(pace.spent_at, now);
	assert_true(pace.early_s > 10 * 3600);
	snap->made_at = now;
	assert_found(ALERT_QUOTA_EARLY, "units", "minutes earlier");
	snap->made_at = reset; /* a new day */
	assert_null(only());
	alert_pace_note(&pace, reset, 90000, 0, reset + 86400);
	assert_int_equal(pace.spent_at, 0);
}

static void test_pace_as_expected(void **state)
{
	const int64_t reset = 200000;
	int64_t now = 100000;

	(void)state;
	for (int64_t left = 60000; left > 0; left -= 5000, now += 600)
		alert_pace_note(&pace, now, left, 30000, reset);
	alert_pace_note(&pace, now, 0, 0, reset);
	assert_int_equal(pace.spent_at, now);
	assert_true(pace.early_s >= -600 && pace.early_s <= 600);
	assert_null(only());
	alert_pace_note(&pace, now + 60, 10000, 0, reset); /* a key was added: it is not spent */
	assert_int_equal(pace.spent_at, 0);
}

/* ---- what moves away ---- */

static void stages(int64_t metadata_ends, int64_t due)
{
	static const char *const names[] = {"import", "metadata", "refresh"};

	snap->n_stages = 3;
	for (size_t i = 0; i < 3; i++)
		snprintf(snap->stages[i].name, sizeof snap->stages[i].name, "%s", names[i]);
	snap->stages[1].has_work = true;
	snap->stages[1].finish = metadata_ends;
	snprintf(snap->stages[1].limit, sizeof snap->stages[1].limit, "%s",
	    metadata_ends ? "quota" : "never");
	snap->stages[2].target = 50000;
	snap->stages[2].done = 50000 - due;
}

/* So many hours go by, and it is noted what is thought now. */
static void hours_go(int n)
{
	for (int i = 0; i < n; i++, snap->made_at += 3600)
		alert_drift_note(&drift, snap);
}

static void test_a_finish_that_moves(void **state)
{
	int64_t end = snap->made_at + 30 * 86400;

	(void)state;
	stages(end, 0);
	hours_go(4);
	assert_int_equal(drift.n, 4);
	assert_null(only());
	stages(end + 86400, 0);
	assert_null(only()); /* a day, and no more */
	stages(end + 86401, 0);
	assert_found(ALERT_FINISH_MOVED, "metadata", "4 h ago that was 1970-02-11");
	snap->stages[1].has_work = false; /* nobody is at it: of course it comes later */
	assert_null(only());
	stages(0, 0);
	assert_found(ALERT_FINISH_MOVED, "metadata", "metadata ends never");
	stages(end + 86401, 0);
	hours_go(30); /* a day later that is how it is */
	assert_int_equal(drift.n, ALERT_DRIFTS);
	assert_null(only());
}

static void test_what_is_due_grows(void **state)
{
	(void)state;
	stages(0, 20000);
	snap->stages[1].has_work = false;
	hours_go(5);
	snap->stages[2].done -= 5000;
	assert_null(only()); /* less than 6 hours say nothing */
	hours_go(2);
	assert_found(
	    ALERT_STALE, "", "25000 channels are due for a refresh, 5000 more than 7 h ago");
	snap->stages[2].done += 4900;
	assert_null(only());
	snap->stages[2].done += 10000; /* it is caught up with */
	assert_null(only());
}

/* ---- beginnings and ends ---- */

static struct alerts list;

static void round_of(int64_t now, size_t n, ...)
{
	struct alert_found f[4];
	va_list ap;

	va_start(ap, n);
	for (size_t i = 0; i < n; i++) {
		f[i] = (struct alert_found){.kind = va_arg(ap, enum alert_kind)};
		snprintf(f[i].subject, sizeof f[i].subject, "%s", va_arg(ap, const char *));
		snprintf(f[i].text, sizeof f[i].text, "at %lld", (long long)now);
	}
	va_end(ap);
	alerts_update(&list, f, n, now);
}

static const struct snapshot *shown(void)
{
	snap->n_alerts = 0;
	snap->alerts_person = 0;
	alerts_show(&list, snap);
	return snap;
}

static void test_begin_and_end(void **state)
{
	(void)state;
	memset(&list, 0, sizeof list);
	round_of(100, 1, ALERT_KEY_REFUSED, "k1");
	assert_int_equal(shown()->n_alerts, 1);
	assert_int_equal(snap->alerts_person, 1);
	assert_int_equal(snap->bell, 1);
	assert_string_equal(snap->alerts[0].kind, "key_refused");
	assert_string_equal(snap->alerts[0].level, "error");
	assert_int_equal(snap->alerts[0].since, 100);
	round_of(105, 2, ALERT_KEY_REFUSED, "k1", ALERT_KEY_REFUSED, "k2");
	assert_int_equal(shown()->n_alerts, 2);
	assert_string_equal(snap->alerts[0].subject, "k2"); /* the newest first */
	assert_int_equal(snap->alerts[1].since, 100);
	assert_string_equal(snap->alerts[1].text, "at 105");
	assert_int_equal(snap->bell, 2);
	round_of(110, 1, ALERT_KEY_REFUSED, "k2");
	assert_int_equal(shown()->n_alerts, 2); /* it ended, and stays to be seen for a while */
	assert_int_equal(snap->alerts[1].until, 110);
	assert_int_equal(snap->alerts_person, 1);
	round_of(111 + ALERTS_STAY_S, 1, ALERT_KEY_REFUSED, "k2");
	assert_int_equal(shown()->n_alerts, 1);
	/* the same again is another alert */
	round_of(120 + ALERTS_STAY_S, 2, ALERT_KEY_REFUSED, "k2", ALERT_KEY_REFUSED, "k1");
	assert_int_equal(shown()->alerts[0].id, 3);
}

/* What comes and goes all the time is an alert each time, and rings once in ten minutes. */
static void test_rings_once(void **state)
{
	(void)state;
	memset(&list, 0, sizeof list);
	for (int64_t now = 100; now < 100 + ALERTS_QUIET_S; now += 100) {
		round_of(now, 1, ALERT_KEY_REFUSED, "k1");
		round_of(now + 50, 0);
	}
	assert_int_equal(shown()->n_alerts, ALERTS_QUIET_S / 100);
	assert_int_equal(list.bell, 1);
	round_of(100 + ALERTS_QUIET_S, 2, ALERT_KEY_REFUSED, "k1", ALERT_KEY_REFUSED, "k2");
	assert_int_equal(list.bell, 3);
}

/* Some must have lasted for a while before they are worth a word. */
static void test_delay(void **state)
{
	(void)state;
	memset(&list, 0, sizeof list);
	for (int64_t now = 100; now < 160; now += 5)
		round_of(now, 1, ALERT_STORE_AWAY, "PostgreSQL");
	assert_int_equal(shown()->n_alerts, 0);
	round_of(160, 1, ALERT_STORE_AWAY, "PostgreSQL");
	assert_int_equal(shown()->n_alerts, 1);
	assert_int_equal(snap->alerts[0].since, 100);
	memset(&list, 0, sizeof list);
	round_of(100, 1, ALERT_STORE_AWAY, "PostgreSQL");
	round_of(150, 0); /* it came back */
	round_of(159, 1, ALERT_STORE_AWAY, "PostgreSQL");
	round_of(170, 1, ALERT_STORE_AWAY, "PostgreSQL");
	assert_int_equal(shown()->n_alerts, 0);
	assert_int_equal(list.bell, 0);
}

static void test_ack(void **state)
{
	(void)state;
	memset(&list, 0, sizeof list);
	round_of(100, 1, ALERT_KEY_REFUSED, "k1");
	assert_false(alerts_ack(&list, 77));
	assert_true(alerts_ack(&list, 1));
	assert_int_equal(shown()->alerts_person, 0);
	assert_true(snap->alerts[0].acked);
	assert_null(alerts_untold(&list, 101));
	round_of(102, 1, ALERT_KEY_REFUSED, "k1"); /* silent until it ends */
	assert_int_equal(shown()->alerts_person, 0);
	round_of(103, 0);
	assert_false(alerts_ack(&list, 1));
	round_of(104, 1, ALERT_KEY_REFUSED, "k1");
	assert_int_equal(shown()->alerts_person, 1);
}

/* Never twice within ten minutes for the same thing, however often it comes and goes. */
static void test_told(void **state)
{
	struct alert *one;

	(void)state;
	memset(&list, 0, sizeof list);
	round_of(100, 2, ALERT_KEY_REFUSED, "k1", ALERT_QUOTA_EARLY, "units");
	one = alerts_untold(&list, 100);
	assert_non_null(one);
	assert_int_equal(one->found.kind, ALERT_KEY_REFUSED);
	one->told_at = 100;
	assert_null(alerts_untold(&list, 100)); /* the other one needs nobody */
	for (int64_t now = 110; now < 100 + ALERTS_QUIET_S; now += 10) {
		round_of(now, now / 10 % 2 ? 1 : 0, ALERT_KEY_REFUSED, "k1");
		assert_null(alerts_untold(&list, now));
	}
	round_of(101 + ALERTS_QUIET_S, 1, ALERT_KEY_REFUSED, "k1");
	assert_non_null(alerts_untold(&list, 101 + ALERTS_QUIET_S));
	round_of(102 + ALERTS_QUIET_S, 2, ALERT_KEY_REFUSED, "k1", ALERT_KEY_REFUSED, "k9");
	alerts_untold(&list, 102 + ALERTS_QUIET_S)->told_at = 102 + ALERTS_QUIET_S;
	assert_string_equal(alerts_untold(&list, 102 + ALERTS_QUIET_S)->found.subject, "k9");
}

/* More than there is room for: those that ended go first. */
static void test_many(void **state)
{
	char name[64];

	(void)state;
	memset(&list, 0, sizeof list);
	for (int i = 0; i < 500; i++) {
		snprintf(name, sizeof name, "k%d", i);
		round_of(1000 + i, 2, ALERT_KEY_REFUSED, name, ALERT_NO_KEY, "");
	}
	assert_int_equal(list.n, ALERTS_KEPT);
	assert_int_equal(shown()->n_alerts, SNAPSHOT_ALERTS);
	assert_string_equal(snap->alerts[0].subject, "k499");
	assert_string_equal(snap->alerts[1].kind, "no_key");
	assert_int_equal(snap->alerts[1].since, 1000);
	assert_true(snap->alerts[2].until > 0);
}

/* ---- what is blocked ---- */

static void test_blocked(void **state)
{
	struct snapshot_service *v;

	(void)state;
	blocked_find(snap);
	assert_int_equal(snap->n_blocked, 0);
	job("waiting", 0)->until = 1000500;
	job("paused", 0);
	job("failed", 10);
	job("failed", 100000);
	job("running", 0);
	snprintf(snap->keys[0].state, sizeof snap->keys[0].state, "spent");
	snap->keys[0].until = 1000400;
	v = service("service", "example.com");
	v->since = 999990;
	v->until = 1000060;
	snprintf(v->breaker, sizeof v->breaker, "open");
	blocked_find(snap);
	assert_int_equal(snap->n_blocked, 5);
	/* a person first, then what goes on soonest */
	assert_true(snap->blocked[0].person && snap->blocked[1].person);
	assert_false(snap->blocked[2].person);
	assert_string_equal(snap->blocked[2].what, "example.com");
	assert_string_equal(snap->blocked[3].what, "project prod");
	assert_string_equal(snap->blocked[4].what, "J-1001 videos");
	assert_string_equal(snap->blocked[4].why, "because");
	assert_int_equal(snap->blocked[4].until, 1000500);
	/* without a time it waits for a key, which a person must bring */
	snap->jobs[0].until = 0;
	blocked_find(snap);
	assert_int_equal(snap->n_blocked, 5);
	assert_true(snap->blocked[2].person);
}

/* What no job tells: there is no key, a worker hangs. */
static void test_blocked_node(void **state)
{
	(void)state;
	snap->n_keys = 0;
	snap->n_workers = 2;
	snap->workers[1].stalled = true;
	snprintf(snap->workers[1].doing, sizeof snap->workers[1].doing, "videos.list 50 ids");
	blocked_find(snap);
	assert_int_equal(snap->n_blocked, 2);
	assert_string_equal(snap->blocked[0].what, "YouTube");
	assert_string_equal(snap->blocked[0].state, "none");
	assert_string_equal(snap->blocked[1].what, "worker 2");
	assert_string_equal(snap->blocked[1].why, "videos.list 50 ids");
	assert_true(snap->blocked[0].person && snap->blocked[1].person);
}

static void test_blocked_many(void **state)
{
	(void)state;
	for (int i = 0; i < SNAPSHOT_JOBS; i++)
		job("paused", 0);
	blocked_find(snap);
	assert_int_equal(snap->n_blocked, SNAPSHOT_BLOCKED);
}

/* A text that was cut in the middle of a character loses its half. */
static void test_cut(void **state)
{
	struct snapshot_job *j = job("failed", 1);

	(void)state;
	for (size_t i = 0; i + 3 < sizeof j->reason; i += 3)
		memcpy(j->reason + i, "\xE2\x82\xAC", 4);
	for (size_t pad = 0; pad < 4; pad++) {
		memset(j->word, 'x', pad);
		j->word[pad] = '\0';
		assert_int_equal(alerts_find(snap, &pace, &drift, found, ALERTS_FOUND), 1);
		assert_true(text_is_clean(found[0].text, strlen(found[0].text)));
	}
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    T(test_nothing),
	    T(test_keys),
	    T(test_jobs),
	    T(test_storage),
	    T(test_services),
	    T(test_node),
	    T(test_pace),
	    T(test_pace_as_expected),
	    T(test_a_finish_that_moves),
	    T(test_what_is_due_grows),
	    T(test_begin_and_end),
	    T(test_rings_once),
	    T(test_delay),
	    T(test_ack),
	    T(test_told),
	    T(test_many),
	    T(test_blocked),
	    T(test_blocked_node),
	    T(test_blocked_many),
	    T(test_cut),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
