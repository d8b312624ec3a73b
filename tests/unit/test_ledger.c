#include "config.h"
#include "engine/quota/ledger.h"
#include "engine/quota/day.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define KEY_A "AIzaSyA0123456789012345678901234567890A"
#define KEY_B "AIzaSyB0123456789012345678901234567890B"
#define KEY_C "AIzaSyC0123456789012345678901234567890C"

enum { THREADS = 16 };

static int64_t fake_now;
static int64_t fake_mono;

static int64_t test_now(void)
{
	return fake_now;
}

static int64_t test_mono(void)
{
	return fake_mono;
}

struct place {
	char dir[64];
	char db[80];
	char env[80];
	char log[80];
	struct settings *settings;
	struct ledger *ledger;
	struct errbuf eb;
};

static int set_up(void **state)
{
	struct place *p = calloc(1, sizeof *p);
	FILE *f;

	if (!p)
		return -1;
	snprintf(p->dir, sizeof p->dir, "/tmp/test_ledger.XXXXXX");
	if (!mkdtemp(p->dir))
		return -1;
	snprintf(p->db, sizeof p->db, "%s/quota.db", p->dir);
	snprintf(p->env, sizeof p->env, "%s/env", p->dir);
	snprintf(p->log, sizeof p->log, "%s/log", p->dir);
	f = fopen(p->env, "w");
	if (!f || fclose(f) != 0 || settings_load(&p->settings, p->env, &p->eb))
		return -1;
	/* 2026-11-20, noon in Los Angeles */
	fake_now = 1795204800;
	fake_mono = 1000000;
	*state = p;
	return settings_set(p->settings, "API_RATE_LIMIT_DELAY", "0", "test", &p->eb) ? -1 : 0;
}

static int tear_down(void **state)
{
	static const char *const names[] = {
	    "quota.db", "quota.db-wal", "quota.db-shm", "env", "log"};
	struct place *p = *state;
	char path[128];

	ledger_close(p->ledger);
	settings_free(p->settings);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		snprintf(path, sizeof path, "%s/%s", p->dir, names[i]);
		unlink(path);
	}
	rmdir(p->dir);
	free(p);
	return 0;
}

static void put(struct place *p, const char *name, const char *value)
{
	assert_int_equal(settings_set(p->settings, name, value, "test", &p->eb), ERR_OK);
}

static void open_as(struct place *p, bool read_only, struct log *lg)
{
	struct ledger_config cfg = {.path = p->db,
	    .settings = p->settings,
	    .log = lg,
	    .now = test_now,
	    .mono_ms = test_mono,
	    .read_only = read_only};

	assert_int_equal(ledger_open(&p->ledger, &cfg, &p->eb), ERR_OK);
}

static void open_ledger(struct place *p)
{
	open_as(p, false, NULL);
}

static void reopen(struct place *p)
{
	ledger_close(p->ledger);
	open_ledger(p);
}

static enum err take(struct place *p, struct ledger_ticket *t, int64_t *until_ms, int64_t *until)
{
	return ledger_take(p->ledger, METHOD_CHANNELS_LIST, t, until_ms, until, &p->eb);
}

static void settle(struct place *p, struct ledger_ticket *t, enum fault fault, const char *reason)
{
	struct fault_info info = {.fault = fault, .status = 403};

	snprintf(info.reason, sizeof info.reason, "%s", reason);
	ledger_settle(p->ledger, t, true, &info, -1);
	assert_int_equal(t->key, 0);
}

/* Takes and settles n calls that all succeed. */
static void spend(struct place *p, int n)
{
	for (int i = 0; i < n; i++) {
		struct ledger_ticket t;
		int64_t until_ms, until;
		assert_int_equal(take(p, &t, &until_ms, &until), ERR_OK);
		settle(p, &t, FAULT_NONE, "");
	}
}

static enum err refused(struct place *p, int64_t *until_ms, int64_t *until)
{
	struct ledger_ticket t;
	enum err err = take(p, &t, until_ms, until);

	assert_int_equal(t.key, 0);
	assert_int_not_equal(err, ERR_OK);
	return err;
}

static struct ledger_key key_at(struct place *p, size_t i)
{
	struct ledger_key keys[8];
	size_t n = ledger_keys(p->ledger, keys, 8);

	assert_true(i < n);
	return keys[i];
}

static bool file_holds(const char *path, const char *text)
{
	size_t len = strlen(text), n;
	bool found = false;
	char *data = malloc(8 << 20);
	FILE *f = fopen(path, "rb");

	assert_non_null(data);
	if (f) {
		n = fread(data, 1, 8 << 20, f);
		found = memmem(data, n, text, len) != NULL;
		fclose(f);
	}
	free(data);
	return found;
}

static bool stored(const struct place *p, const char *text)
{
	char wal[96];

	snprintf(wal, sizeof wal, "%s-wal", p->db);
	return file_holds(p->db, text) || file_holds(wal, text);
}

static void add_key(struct place *p, const char *text, const char *name, const char *project,
    int64_t limit, enum err expected)
{
	struct secret *key = secret_new(text, strlen(text));
	int64_t id;

	assert_non_null(key);
	assert_int_equal(
	    ledger_key_add(p->ledger, key, name, project, limit, &id, &p->eb), expected);
	assert_true((id > 0) == (expected == ERR_OK));
	secret_free(key);
}

static void test_words(void **state)
{
	(void)state;
	assert_string_equal(key_state_word(KEY_OK), "ok");
	assert_string_equal(key_state_word(KEY_UNTESTED), "untested");
	assert_string_equal(method_info(METHOD_CHANNELS_LIST)->path, "/youtube/v3/channels");
	assert_int_equal(method_info(METHOD_CHANNELS_LIST)->cost, 1);
	assert_string_equal(bucket_word(BUCKET_SEARCH), "search");
	assert_int_equal(bucket_default_limit(BUCKET_SEARCH), 100);
	assert_int_equal(bucket_default_limit(BUCKET_UNITS), 10000);
}

static void test_no_key(void **state)
{
	struct place *p = *state;
	int64_t until_ms, until;

	put(p, "YOUTUBE_API_KEY_1", "  ");
	put(p, "YOUTUBE_API_KEY_2", "with blank inside");
	open_ledger(p);
	assert_int_equal(ledger_keys(p->ledger, NULL, 0), 0);
	assert_int_equal(refused(p, &until_ms, &until), ERR_UNAVAIL);
	assert_non_null(strstr(p->eb.text, "YOUTUBE_API_KEY_1"));
	assert_int_equal(ledger_left(p->ledger, BUCKET_UNITS), 0);
}

static void test_spend_and_reopen(void **state)
{
	struct place *p = *state;
	struct stat st;
	struct ledger_key k;

	put(p, "YOUTUBE_API_KEY_1", " " KEY_A "\n");
	put(p, "YOUTUBE_API_KEY_1_QUOTA", "100");
	open_ledger(p);
	assert_int_equal(stat(p->db, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(key_at(p, 0).state, KEY_UNTESTED);
	spend(p, 33);
	k = key_at(p, 0);
	assert_string_equal(k.name, "key1");
	assert_string_equal(k.project, "key1");
	assert_true(k.from_settings);
	assert_int_equal(k.state, KEY_OK);
	assert_int_equal(k.used[BUCKET_UNITS], 33);
	assert_int_equal(k.used[BUCKET_SEARCH], 0);
	assert_int_equal(k.limit[BUCKET_UNITS], 100);
	assert_int_equal(k.limit[BUCKET_SEARCH], 100);
	assert_int_equal(k.calls, 33);
	assert_int_equal(k.last_used, fake_now);
	reopen(p);
	k = key_at(p, 0);
	assert_int_equal(k.used[BUCKET_UNITS], 33);
	assert_int_equal(k.calls, 33);
	assert_int_equal(ledger_left(p->ledger, BUCKET_UNITS), 67);
	assert_int_equal(ledger_per_day(p->ledger, BUCKET_UNITS), 100);
}

static void test_unsent_goes_back(void **state)
{
	struct place *p = *state;
	struct ledger_ticket t;
	int64_t until_ms, until;

	put(p, "YOUTUBE_API_KEY_1", KEY_A);
	put(p, "YOUTUBE_API_KEY_1_QUOTA", "1");
	open_ledger(p);
	assert_int_equal(take(p, &t, &until_ms, &until), ERR_OK);
	assert_true(secret_is_equal(t.secret, KEY_A, strlen(KEY_A)));
	assert_string_equal(t.key_name, "key1");
	assert_int_equal(refused(p, &until_ms, &until), ERR_QUOTA);
	ledger_settle(p->ledger, &t, false, NULL, -1);
	assert_int_equal(key_at(p, 0).used[BUCKET_UNITS], 0);
	assert_int_equal(key_at(p, 0).calls, 0);
	spend(p, 1);
	assert_int_equal(refused(p, &until_ms, &until), ERR_QUOTA);
	reopen(p);
	assert_int_equal(key_at(p, 0).used[BUCKET_UNITS], 1);
}

static void test_crash_never_shows_less(void **state)
{
	struct place *p = *state;
	int status;
	pid_t child;

	put(p, "YOUTUBE_API_KEY_1", KEY_A);
	fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct ledger_config cfg = {
		    .path = p->db, .settings = p->settings, .now = test_now, .mono_ms = test_mono};
		bool fine = ledger_open(&p->ledger, &cfg, &p->eb) == ERR_OK;
		for (int i = 0; fine && i < 47; i++) {
			struct ledger_ticket t;
			int64_t until_ms, until;
			fine = take(p, &t, &until_ms, &until) == ERR_OK;
			ledger_settle(p->ledger, &t, true, NULL, -1);
		}
		_exit(fine ? 7 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 7);
	open_ledger(p);
	assert_int_equal(key_at(p, 0).used[BUCKET_UNITS], 60); /* three leases of 20 */
}

struct runner {
	struct ledger *ledger;
	int taken;
	int odd;
};

static void *run(void *arg)
{
	struct runner *r = arg;
	struct fault_info fine = {.fault = FAULT_NONE, .status = 200};

	for (int i = 0;; i++) {
		struct ledger_ticket t;
		struct ledger_key keys[4];
		int64_t until_ms, until;
		enum err err =
		    ledger_take(r->ledger, METHOD_CHANNELS_LIST, &t, &until_ms, &until, NULL);
		if (err == ERR_QUOTA)
			return NULL;
		r->odd += err != ERR_OK;
		/* every tenth call never leaves the machine */
		r->taken += i % 10 != 9;
		ledger_settle(r->ledger, &t, i % 10 != 9, &fine, -1);
		if (i % 50 == 0)
			r->odd += ledger_keys(r->ledger, keys, 4) != 3;
	}
}

static void test_threads_never_overspend(void **state)
{
	struct place *p = *state;
	struct runner runners[THREADS] = {{0}};
	pthread_t threads[THREADS];
	int sum = 0;

	put(p, "YOUTUBE_API_KEY_1", KEY_A);
	put(p, "YOUTUBE_API_KEY_1_PROJECT", "prod");
	put(p, "YOUTUBE_API_KEY_1_QUOTA", "1503");
	put(p, "YOUTUBE_API_KEY_2", KEY_B);
	put(p, "YOUTUBE_API_KEY_2_PROJECT", "prod");
	put(p, "YOUTUBE_API_KEY_3", KEY_C);
	put(p, "YOUTUBE_API_KEY_3_QUOTA", "777");
	open_ledger(p);
	for (int i = 0; i < THREADS; i++) {
		runners[i].ledger = p->ledger;
		assert_int_equal(pthread_create(&threads[i], NULL, run, &runners[i]), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(runners[i].odd, 0);
		sum += runners[i].taken;
	}
	assert_true(sum <= 1503 + 777);
	/* a thread may have stopped while another held the last unit and gave it back */
	assert_true(sum >= 1503 + 777 - THREADS);
	assert_int_equal(key_at(p, 0).used[BUCKET_UNITS] + key_at(p, 2).used[BUCKET_UNITS], sum);
	reopen(p);
	assert_int_equal(key_at(p, 0).used[BUCKET_UNITS] + key_at(p, 2).used[BUCKET_UNITS], sum);
}

static void test_shared_project(void **state)
{
	struct place *p = *state;
	int64_t until_ms, until;
	struct ledger_key a, b;

	put(p, "YOUTUBE_API_KEY_1", KEY_A);
	put(p, "YOUTUBE_API_KEY_1_PROJECT", "prod");
	put(p, "YOUTUBE_API_KEY_1_QUOTA", "30");
	put(p, "YOUTUBE_API_KEY_2", KEY_B);
	put(p, "YOUTUBE_API_KEY_2_PROJECT", "prod");
	put(p, "YOUTUBE_API_KEY_2_QUOTA", "50");
	put(p, "YOUTUBE_API_KEY_3", KEY_A); /* twice the same */
	open_ledger(p);
	assert_int_equal(ledger_keys(p->ledger, NULL, 0), 2);
	assert_int_equal(ledger_per_day(p->ledger, BUCKET_UNITS), 50);
	assert_int_equal(ledger_per_day(p->ledger, BUCKET_SEARCH), 100);
	spend(p, 50);
	a = key_at(p, 0);
	b = key_at(p, 1);
	assert_int_equal(a.calls, 25); /* the one used longest ago, so in turn */
	assert_int_equal(b.calls, 25);
	assert_int_equal(a.used[BUCKET_UNITS], 50);
	assert_int_equal(b.used[BUCKET_UNITS], 50);
	assert_int_equal(a.state, KEY_SPENT);
	assert_int_equal(b.until, ledger_reset_at(p->ledger));
	assert_int_equal(refused(p, &until_ms, &until), ERR_QUOTA);
	assert_int_equal(until, day_end(day_number(fake_now)));
	assert_int_equal(until_ms, fake_mono + (until - fake_now) * 1000);
}

static void test_choice_of_project(void **state)
{
	struct place *p = *state;

	put(p, "YOUTUBE_API_KEY_1", KEY_A);
	put(p, "YOUTUBE_API_KEY_1_QUOTA", "40");
	put(p, "YOUTUBE_API_KEY_2", KEY_B);
	put(p, "YOUTUBE_API_KEY_2_QUOTA", "100");
	open_ledger(p);
	spend(p, 60);
	assert_int_equal(key_at(p, 0).used[BUCKET_UNITS], 0);
	assert_int_equal(key_at(p, 1).used[BUCKET_UNITS], 60);
	spend(p, 20);
	assert_int_equal(key_at(p, 0).used[BUCKET_UNITS], 10);
	assert_int_equal(key_at(p, 1).used[BUCKET_UNITS], 70);
	spend(p, 60);
	assert_int_equal(ledger_left(p->ledger, BUCKET_UNITS), 0);
}

static void test_rate(void **state)
{
	struct place *p = *state;
	int64_t until_ms, until;

	put(p, "API_RATE_LIMIT_DELAY", "0.25");
	put(p, "YOUTUBE_API_KEY_1", KEY_A);
	put(p, "YOUTUBE_API_KEY_2", KEY_B);
	open_ledger(p);
	spend(p, 1);
	fake_mono += 100;
	spend(p, 1);
	assert_int_equal(refused(p, &until_ms, &until), ERR_BUSY);
	assert_int_equal(until_ms, fake_mono + 150);
	assert_int_equal(until, fake_now + 1);
	fake_mono += 150;
	spend(p, 1);
	assert_int_equal(key_at(p, 0).calls, 2);
	assert_int_equal(key_at(p, 1).calls, 1);
}

static void test_slow_down(void **state)
{
	struct place *p = *state;
	struct fault_info slow = {
	    .fault = FAULT_SLOW_DOWN, .status = 429, .reason = "rateLimitExceeded"};
	struct ledger_ticket first, second;
	int64_t until_ms, until;

	put(p, "YOUTUBE_API_KEY_1", KEY_A);
	open_ledger(p);
	assert_int_equal(take(p, &first, &until_ms, &until), ERR_OK);
	assert_int_equal(take(p, &second, &until_ms, &until), ERR_OK);
	ledger_settle(p->ledger, &first, true, &slow, 7);
	ledger_settle(
	    p->ledger, &second, true, &slow, -1); /* of the same burst: not slower still */
	assert_int_equal(key_at(p, 0).state, KEY_COOLING);
	assert_int_equal(key_at(p, 0).until, fake_now + 7);
	assert_int_equal(key_at(p, 0).errors, 2);
	assert_int_equal(refused(p, &until_ms, &until), ERR_BUSY);
	assert_int_equal(until_ms, fake_mono + 7000);
	fake_mono += 7000;
	spend(p, 1);
	assert_int_equal(refused(p, &until_ms, &until), ERR_BUSY);
	assert_int_equal(until_ms, fake_mono + 200); /* twice 0.1 s */
	fake_mono += 200;
	assert_int_equal(take(p, &first, &until_ms, &until), ERR_OK);
	ledger_settle(p->ledger, &first, true, &slow, -1);
	fake_mono += 1000;
	spend(p, 1);
	assert_int_equal(refused(p, &until_ms, &until), ERR_BUSY);
	assert_int_equal(until_ms, fake_mono + 400);
	fake_mono += 60000 + 400; /* 5 % faster after a minute */
	spend(p, 1);
	assert_int_equal(refused(p, &until_ms, &until), ERR_BUSY);
	assert_int_equal(until_ms, fake_mono + 380);
	fake_mono += 7200000;
	spend(p, 5); /* and some time later nothing is left of it */
}

static void test_unnamed_limits_are_a_day(void **state)
{
	struct place *p = *state;
	struct ledger_ticket t;
	int64_t until_ms, until;

	put(p, "YOUTUBE_API_KEY_1", KEY_A);
	open_ledger(p);
	for (int i = 1; i <= FAULT_UNNAMED_LIMIT + 2; i++) {
		assert_int_equal(take(p, &t, &until_ms, &until), ERR_OK);
		settle(p, &t, FAULT_SLOW_DOWN, i == 2 ? "rateLimitExceeded" : "rateLimitUnnamed");
		assert_int_equal(
		    key_at(p, 0).state, i < FAULT_UNNAMED_LIMIT + 2 ? KEY_COOLING : KEY_SPENT);
		fake_mono += 60000;
	}
	assert_int_equal(refused(p, &until_ms, &until), ERR_QUOTA);
	assert_int_equal(until, ledger_reset_at(p->ledger));
}

static void test_spent_until_midnight(void **state)
{
	struct place *p = *state;
	struct log_config cfg = {.level = LOG_DEBUG, .path = p->log};
	struct log *lg;
	struct ledger_ticket t;
	int64_t until_ms, until;
	uint64_t generation;

	put(p, "YOUTUBE_API_KEY_1", KEY_A);
	put(p, "YOUTUBE_API_KEY_1_PROJECT", "prod");
	put(p, "YOUTUBE_API_KEY_1_QUOTA", "2000");
	assert_int_equal(log_open(&lg, &cfg, &p->eb), ERR_OK);
	open_as(p, false, lg);
	spend(p, 1233);
	assert_int_equal(take(p, &t, &until_ms, &until), ERR_OK);
	settle(p, &t, FAULT_BUCKET_SPENT, "quotaExceeded");
	assert_int_equal(refused(p, &until_ms, &until), ERR_QUOTA);
	assert_int_equal(until, day_end(day_number(fake_now)));
	ledger_close(p->ledger);
	log_close(lg);
	assert_true(file_holds(p->log, "prod: refused at 1,234 of 2,000"));
	assert_false(file_holds(p->log, KEY_A));
	open_ledger(p);
	assert_int_equal(key_at(p, 0).state, KEY_SPENT);
	assert_int_equal(key_at(p, 0).used[BUCKET_UNITS], 1234);
	assert_int_equal(refused(p, &until_ms, &until), ERR_QUOTA);
	generation = ledger_generation(p->ledger);
	assert_int_equal(ledger_generation(p->ledger), generation);
	fake_now = until + 120;
	assert_int_equal(ledger_generation(p->ledger), generation + 1);
	assert_int_equal(key_at(p, 0).used[BUCKET_UNITS], 0);
	assert_int_equal(key_at(p, 0).calls, 0);
	spend(p, 1);
	assert_int_equal(key_at(p, 0).used[BUCKET_UNITS], 1);
	assert_int_equal(ledger_reset_at(p->ledger), until + 86400);
}

static void test_both_days_around_midnight(void **state)
{
	struct place *p = *state;
	int64_t midnight = day_end(day_number(fake_now)), until_ms, until;

	put(p, "YOUTUBE_API_KEY_1", KEY_A);
	put(p, "YOUTUBE_API_KEY_1_QUOTA", "100");
	open_ledger(p);
	fake_now = midnight - 121;
	spend(p, 95);
	fake_now = midnight - 120;
	spend(p, 3);
	assert_int_equal(key_at(p, 0).used[BUCKET_UNITS], 98);
	fake_now = midnight;
	assert_int_equal(key_at(p, 0).used[BUCKET_UNITS], 3);
	assert_int_equal(
	    ledger_left(p->ledger, BUCKET_UNITS), 2); /* yesterday's book is nearly full */
	spend(p, 2);
	assert_int_equal(refused(p, &until_ms, &until), ERR_QUOTA);
	assert_int_equal(until, midnight + 120);
	fake_now = midnight + 119;
	assert_int_equal(refused(p, &until_ms, &until), ERR_QUOTA);
	fake_now = midnight + 120;
	spend(p, 95);
	assert_int_equal(refused(p, &until_ms, &until), ERR_QUOTA);
	assert_int_equal(until, midnight + 86400);
	reopen(p);
	assert_int_equal(key_at(p, 0).used[BUCKET_UNITS], 100);
}

static void test_unsent_around_midnight(void **state)
{
	struct place *p = *state;
	int64_t midnight = day_end(day_number(fake_now)), until_ms, until;
	struct ledger_ticket t;

	put(p, "YOUTUBE_API_KEY_1", KEY_A);
	open_ledger(p);
	fake_now = midnight - 60;
	assert_int_equal(take(p, &t, &until_ms, &until), ERR_OK);
	assert_int_equal(key_at(p, 0).used[BUCKET_UNITS], 1);
	fake_now = midnight + 30;
	assert_int_equal(key_at(p, 0).used[BUCKET_UNITS], 1);
	ledger_settle(p->ledger, &t, false, NULL, -1);
	assert_int_equal(key_at(p, 0).used[BUCKET_UNITS], 0);
	fake_now = midnight - 60;
	assert_int_equal(key_at(p, 0).used[BUCKET_UNITS], 0);
}

static void test_probe_and_lag(void **state)
{
	struct place *p = *state;
	int64_t midnight = day_end(day_number(fake_now)), until_ms, until;
	struct ledger_ticket probe, t;

	put(p, "YOUTUBE_API_KEY_1", KEY_A);
	open_ledger(p);
	fake_now = midnight + 59;
	assert_int_equal(take(p, &probe, &until_ms, &until), ERR_OK);
	assert_int_equal(refused(p, &until_ms, &until), ERR_BUSY); /* one in flight */
	assert_true(until_ms > fake_mono && until_ms <= fake_mono + 1000);
	settle(p, &probe, FAULT_BUCKET_SPENT, "quotaExceeded");
	assert_int_equal(refused(p, &until_ms, &until), ERR_QUOTA);
	assert_int_equal(until, midnight + 119);
	assert_int_equal(key_at(p, 0).state, KEY_COOLING);
	assert_int_equal(key_at(p, 0).until, midnight + 119);
	fake_now = midnight + 119;
	assert_int_equal(take(p, &probe, &until_ms, &until), ERR_OK);
	assert_int_equal(take(p, &t, &until_ms, &until), ERR_OK); /* the first minute is over */
	settle(p, &t, FAULT_NONE, "");
	fake_now = midnight + 599;
	settle(p, &probe, FAULT_BUCKET_SPENT, "quotaExceeded");
	assert_int_equal(refused(p, &until_ms, &until), ERR_QUOTA);
	assert_int_equal(until, midnight + 659);
	fake_now = midnight + 660;
	assert_int_equal(take(p, &t, &until_ms, &until), ERR_OK);
	settle(p, &t, FAULT_BUCKET_SPENT, "quotaExceeded");
	assert_int_equal(refused(p, &until_ms, &until), ERR_QUOTA);
	assert_int_equal(until, midnight + 86400);
}

static void test_clock_set_back(void **state)
{
	struct place *p = *state;
	int64_t until_ms, until, tomorrow = fake_now + 86400;

	put(p, "YOUTUBE_API_KEY_1", KEY_A);
	put(p, "YOUTUBE_API_KEY_1_QUOTA", "100");
	open_ledger(p);
	fake_now = tomorrow;
	spend(p, 90);
	fake_now = tomorrow - 86400;
	reopen(p);
	spend(p, 10);
	assert_int_equal(key_at(p, 0).used[BUCKET_UNITS], 10);
	assert_int_equal(refused(p, &until_ms, &until), ERR_QUOTA);
	fake_now = tomorrow;
	assert_int_equal(key_at(p, 0).used[BUCKET_UNITS], 100);
}

static void test_clock_far_ahead_once(void **state)
{
	struct place *p = *state;
	int64_t until_ms, until, now = fake_now;

	put(p, "YOUTUBE_API_KEY_1", KEY_A);
	put(p, "YOUTUBE_API_KEY_1_QUOTA", "100");
	open_ledger(p);
	fake_now = now + 400 * 86400;
	spend(p, 70);
	fake_now = now;
	reopen(p);
	assert_int_equal(key_at(p, 0).used[BUCKET_UNITS], 70); /* they may have been today's */
	spend(p, 30);
	assert_int_equal(refused(p, &until_ms, &until), ERR_QUOTA);
	fake_now = now + 86400;
	reopen(p);
	assert_int_equal(key_at(p, 0).used[BUCKET_UNITS], 70);
}

static void test_refused_key(void **state)
{
	struct place *p = *state;
	struct ledger_ticket t;
	int64_t until_ms, until;
	uint64_t generation;

	put(p, "YOUTUBE_API_KEY_1", KEY_A);
	put(p, "YOUTUBE_API_KEY_1_PROJECT", "prod");
	put(p, "YOUTUBE_API_KEY_2", KEY_B);
	put(p, "YOUTUBE_API_KEY_2_PROJECT", "prod");
	open_ledger(p);
	assert_int_equal(take(p, &t, &until_ms, &until), ERR_OK);
	assert_string_equal(t.key_name, "key1");
	settle(p, &t, FAULT_KEY, "API_KEY_INVALID");
	for (int i = 0; i < 2; i++) {
		assert_int_equal(key_at(p, 0).state, KEY_REFUSED);
		assert_string_equal(key_at(p, 0).reason, "API_KEY_INVALID");
		spend(p, 3);
		assert_int_equal(key_at(p, 1).calls, 3 * (i + 1));
		reopen(p);
	}
	assert_int_equal(
	    ledger_take_key(p->ledger, "key1", METHOD_CHANNELS_LIST, &t, &p->eb), ERR_OK);
	assert_string_equal(t.key_name, "key1");
	settle(p, &t, FAULT_SERVER, "backendError");
	assert_int_equal(key_at(p, 0).errors, 2);
	generation = ledger_generation(p->ledger);
	assert_int_equal(ledger_key_enable(p->ledger, "key1", true, &p->eb), ERR_OK);
	assert_int_equal(ledger_generation(p->ledger), generation + 1);
	assert_int_not_equal(key_at(p, 0).state, KEY_REFUSED);
	assert_int_equal(
	    ledger_take_key(p->ledger, "nobody", METHOD_CHANNELS_LIST, &t, &p->eb), ERR_NOTFOUND);
}

static void test_refused_project(void **state)
{
	struct place *p = *state;
	struct ledger_ticket t;
	int64_t until_ms, until;

	put(p, "YOUTUBE_API_KEY_1", KEY_A);
	put(p, "YOUTUBE_API_KEY_1_PROJECT", "prod");
	put(p, "YOUTUBE_API_KEY_2", KEY_B);
	put(p, "YOUTUBE_API_KEY_2_PROJECT", "prod");
	open_ledger(p);
	assert_int_equal(take(p, &t, &until_ms, &until), ERR_OK);
	settle(p, &t, FAULT_PROJECT, "CONSUMER_SUSPENDED");
	reopen(p);
	assert_int_equal(key_at(p, 0).state, KEY_REFUSED);
	assert_int_equal(key_at(p, 1).state, KEY_REFUSED);
	assert_string_equal(key_at(p, 1).reason, "CONSUMER_SUSPENDED");
	assert_int_equal(refused(p, &until_ms, &until), ERR_UNAVAIL);
	assert_non_null(strstr(p->eb.text, "2 are refused"));
	assert_int_equal(ledger_per_day(p->ledger, BUCKET_UNITS), 0);
	assert_int_equal(ledger_key_enable(p->ledger, "key2", true, &p->eb), ERR_OK);
	reopen(p);
	spend(p, 2);
}

static void test_faults_that_blame_no_key(void **state)
{
	static const enum fault faults[] = {FAULT_REQUEST, FAULT_TARGET, FAULT_PAGE_TOKEN};
	struct place *p = *state;
	struct ledger_ticket t;
	int64_t until_ms, until;

	put(p, "YOUTUBE_API_KEY_1", KEY_A);
	open_ledger(p);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(take(p, &t, &until_ms, &until), ERR_OK);
		settle(p, &t, faults[i], "something");
	}
	assert_int_equal(key_at(p, 0).errors, 0);
	assert_int_equal(key_at(p, 0).state, KEY_OK);
	assert_int_equal(take(p, &t, &until_ms, &until), ERR_OK);
	settle(p, &t, FAULT_PARK, "processingFailure");
	assert_int_equal(key_at(p, 0).errors, 1);
	assert_int_equal(key_at(p, 0).used[BUCKET_UNITS], 4);
}

static void test_secrets_in_the_file(void **state)
{
	struct place *p = *state;

	put(p, "YOUTUBE_API_KEY_1", KEY_A);
	open_ledger(p);
	add_key(p, KEY_B, NULL, NULL, 0, ERR_OK);
	spend(p, 2);
	assert_false(stored(p, KEY_A));
	assert_true(stored(p, KEY_B));
	ledger_close(p->ledger);
	p->ledger = NULL;
	assert_false(stored(p, KEY_A));
	open_ledger(p);
	assert_int_equal(ledger_key_remove(p->ledger, "added1", &p->eb), ERR_OK);
	assert_false(stored(p, KEY_B));
	add_key(p, KEY_C, "mine", NULL, 0, ERR_OK);
	assert_true(stored(p, KEY_C));
	put(p, "YOUTUBE_API_KEY_2", KEY_C); /* now in the settings: its copy is wiped */
	reopen(p);
	assert_false(stored(p, KEY_C));
	assert_int_equal(ledger_keys(p->ledger, NULL, 0), 2);
	assert_string_equal(key_at(p, 1).name, "key2");
}

static void test_keys_by_hand(void **state)
{
	struct place *p = *state;
	struct ledger_key k;
	struct ledger_ticket t;
	int64_t until_ms, until;

	put(p, "YOUTUBE_API_KEY_1", KEY_A);
	open_ledger(p);
	add_key(p, KEY_A, NULL, NULL, 0, ERR_EXISTS);
	add_key(p, "  \n", NULL, NULL, 0, ERR_INVALID);
	add_key(p, "AIza\r\nX-Evil: 1", NULL, NULL, 0, ERR_INVALID);
	add_key(p, KEY_B, "two\nlines", NULL, 0, ERR_INVALID);
	add_key(p, KEY_B, "key1", NULL, 0, ERR_EXISTS);
	add_key(p, KEY_B, "spare", "lab", 700, ERR_OK);
	add_key(p, KEY_B, "other", NULL, 0, ERR_EXISTS);
	add_key(p, " " KEY_C " ", NULL, "lab", 500, ERR_OK);
	reopen(p);
	assert_int_equal(ledger_keys(p->ledger, NULL, 0), 3);
	k = key_at(p, 1);
	assert_string_equal(k.name, "spare");
	assert_string_equal(k.project, "lab");
	assert_false(k.from_settings);
	assert_int_equal(k.limit[BUCKET_UNITS], 700);
	assert_int_equal(ledger_per_day(p->ledger, BUCKET_UNITS), 10700);
	assert_int_equal(ledger_key_enable(p->ledger, k.print, false, &p->eb), ERR_OK);
	assert_int_equal(ledger_key_enable(p->ledger, "key1", false, &p->eb), ERR_OK);
	reopen(p);
	assert_int_equal(key_at(p, 0).state, KEY_OFF);
	assert_int_equal(key_at(p, 1).state, KEY_OFF);
	assert_int_equal(take(p, &t, &until_ms, &until), ERR_OK);
	assert_string_equal(t.key_name, "added1");
	/* removed while its call is under way: the secret stays until that is settled */
	assert_int_equal(ledger_key_remove(p->ledger, "added1", &p->eb), ERR_OK);
	assert_int_equal(ledger_keys(p->ledger, NULL, 0), 2);
	assert_true(secret_is_equal(t.secret, KEY_C, strlen(KEY_C)));
	settle(p, &t, FAULT_NONE, "");
	assert_int_equal(refused(p, &until_ms, &until), ERR_UNAVAIL);
	assert_int_equal(ledger_key_remove(p->ledger, "key1", &p->eb), ERR_DENIED);
	assert_int_equal(ledger_key_remove(p->ledger, "added1", &p->eb), ERR_NOTFOUND);
	assert_int_equal(key_at(p, 1).used[BUCKET_UNITS], 1);
}

static void test_key_leaves_the_settings(void **state)
{
	struct place *p = *state;
	int64_t id;

	put(p, "YOUTUBE_API_KEY_1", KEY_A);
	put(p, "YOUTUBE_API_KEY_2", KEY_B);
	open_ledger(p);
	spend(p, 4);
	id = key_at(p, 1).id;
	assert_int_equal(ledger_key_enable(p->ledger, "key2", false, &p->eb), ERR_OK);
	put(p, "YOUTUBE_API_KEY_2", "");
	reopen(p);
	assert_int_equal(ledger_keys(p->ledger, NULL, 0), 1);
	put(p, "YOUTUBE_API_KEY_2", KEY_B);
	reopen(p);
	assert_int_equal(key_at(p, 1).id, id);
	assert_int_equal(key_at(p, 1).state, KEY_OFF);
	assert_int_equal(key_at(p, 1).used[BUCKET_UNITS], 2);
}

static void test_looking(void **state)
{
	struct place *p = *state;
	struct ledger_ticket t;
	int64_t until_ms, until;

	put(p, "YOUTUBE_API_KEY_1", KEY_A);
	open_as(p, true, NULL);
	assert_int_equal(access(p->db, F_OK), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(key_at(p, 0).used[BUCKET_UNITS], 0);
	assert_int_equal(ledger_left(p->ledger, BUCKET_UNITS), 10000);
	reopen(p);
	spend(p, 5);
	ledger_close(p->ledger);
	open_as(p, true, NULL);
	assert_int_equal(key_at(p, 0).used[BUCKET_UNITS], 5);
	assert_int_equal(refused(p, &until_ms, &until), ERR_DENIED);
	assert_int_equal(
	    ledger_take_key(p->ledger, "key1", METHOD_CHANNELS_LIST, &t, &p->eb), ERR_DENIED);
	assert_int_equal(ledger_key_enable(p->ledger, "key1", false, &p->eb), ERR_DENIED);
	assert_int_equal(ledger_key_remove(p->ledger, "key1", &p->eb), ERR_DENIED);
	add_key(p, KEY_B, NULL, NULL, 0, ERR_DENIED);
}

static void test_looking_beside_a_writer(void **state)
{
	struct place *p = *state;
	struct ledger *writer;

	put(p, "YOUTUBE_API_KEY_1", KEY_A);
	open_ledger(p);
	writer = p->ledger;
	open_as(p, true, NULL);
	assert_int_equal(key_at(p, 0).used[BUCKET_UNITS], 0);
	for (int i = 0; i < 25; i++) {
		struct ledger_ticket t;
		int64_t until_ms, until;
		assert_int_equal(
		    ledger_take(writer, METHOD_CHANNELS_LIST, &t, &until_ms, &until, NULL), ERR_OK);
		ledger_settle(writer, &t, true, NULL, -1);
	}
	assert_int_equal(key_at(p, 0).used[BUCKET_UNITS], 40); /* two leases */
	ledger_close(p->ledger);
	p->ledger = writer;
	assert_int_equal(key_at(p, 0).used[BUCKET_UNITS], 25);
}

/* Not how it is meant to run, but not a way to overspend either. */
static void test_two_writers(void **state)
{
	struct place *p = *state;
	struct ledger *both[2];
	int taken = 0;
	enum err last[2] = {ERR_OK, ERR_OK};

	put(p, "YOUTUBE_API_KEY_1", KEY_A);
	put(p, "YOUTUBE_API_KEY_1_QUOTA", "110");
	open_ledger(p);
	both[0] = p->ledger;
	open_ledger(p);
	both[1] = p->ledger;
	for (int i = 0; !last[0] || !last[1]; i++) {
		struct ledger_ticket t;
		int64_t until_ms, until;
		last[i % 2] =
		    ledger_take(both[i % 2], METHOD_CHANNELS_LIST, &t, &until_ms, &until, &p->eb);
		taken += last[i % 2] == ERR_OK;
		ledger_settle(both[i % 2], &t, true, NULL, -1);
	}
	assert_int_equal(last[0], ERR_QUOTA);
	assert_int_equal(last[1], ERR_QUOTA);
	assert_int_equal(taken, 110);
	ledger_close(both[0]);
	assert_int_equal(key_at(p, 0).used[BUCKET_UNITS], 110);
}

static void run_sql(const struct place *p, const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(p->db, &db), SQLITE_OK);
	sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void test_no_lease_no_call(void **state)
{
	struct place *p = *state;
	struct ledger_ticket t;
	int64_t until_ms, until;

	put(p, "YOUTUBE_API_KEY_1", KEY_A);
	open_ledger(p);
	run_sql(p,
	    "CREATE TRIGGER broken BEFORE UPDATE ON key BEGIN SELECT raise(FAIL, 'broken'); END");
	spend(p, 20); /* the first lease has no changed key to store */
	assert_int_equal(take(p, &t, &until_ms, &until), ERR_INVALID);
	assert_int_equal(t.key, 0);
	assert_non_null(strstr(p->eb.text, "broken"));
	assert_int_equal(key_at(p, 0).used[BUCKET_UNITS], 20);
	run_sql(p, "DROP TRIGGER broken");
	spend(p, 20);
	assert_int_equal(key_at(p, 0).used[BUCKET_UNITS], 40);
}

static void test_bad_project_name(void **state)
{
	struct place *p = *state;
	struct ledger_config cfg = {.path = p->db, .settings = p->settings};
	char name[80];

	memset(name, 'x', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	put(p, "YOUTUBE_API_KEY_1", KEY_A);
	put(p, "YOUTUBE_API_KEY_1_PROJECT", name);
	assert_int_equal(ledger_open(&p->ledger, &cfg, &p->eb), ERR_INVALID);
	assert_null(p->ledger);
	assert_non_null(strstr(p->eb.text, "YOUTUBE_API_KEY_1_PROJECT"));
}

#define LEDGER_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_words),
	    LEDGER_TEST(test_no_key),
	    LEDGER_TEST(test_spend_and_reopen),
	    LEDGER_TEST(test_unsent_goes_back),
	    LEDGER_TEST(test_crash_never_shows_less),
	    LEDGER_TEST(test_threads_never_overspend),
	    LEDGER_TEST(test_shared_project),
	    LEDGER_TEST(test_choice_of_project),
	    LEDGER_TEST(test_rate),
	    LEDGER_TEST(test_slow_down),
	    LEDGER_TEST(test_unnamed_limits_are_a_day),
	    LEDGER_TEST(test_spent_until_midnight),
	    LEDGER_TEST(test_both_days_around_midnight),
	    LEDGER_TEST(test_unsent_around_midnight),
	    LEDGER_TEST(test_probe_and_lag),
	    LEDGER_TEST(test_clock_set_back),
	    LEDGER_TEST(test_clock_far_ahead_once),
	    LEDGER_TEST(test_refused_key),
	    LEDGER_TEST(test_refused_project),
	    LEDGER_TEST(test_faults_that_blame_no_key),
	    LEDGER_TEST(test_secrets_in_the_file),
	    LEDGER_TEST(test_keys_by_hand),
	    LEDGER_TEST(test_key_leaves_the_settings),
	    LEDGER_TEST(test_looking),
	    LEDGER_TEST(test_looking_beside_a_writer),
	    LEDGER_TEST(test_two_writers),
	    LEDGER_TEST(test_no_lease_no_call),
	    LEDGER_TEST(test_bad_project_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
