/* The ledger's file: leases, crashes, readers beside a writer. */
#include "config.h"
#include "tests/unit/ledger_fixture.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

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
		assert_int_equal(ledger_take(writer, METHOD_CHANNELS_LIST, STAGE_METADATA, &t,
		                     &until_ms, &until, NULL),
		    ERR_OK);
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
		last[i % 2] = ledger_take(both[i % 2], METHOD_CHANNELS_LIST, STAGE_METADATA, &t,
		    &until_ms, &until, &p->eb);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
	    LEDGER_TEST(test_spend_and_reopen),
	    LEDGER_TEST(test_unsent_goes_back),
	    LEDGER_TEST(test_crash_never_shows_less),
	    LEDGER_TEST(test_looking),
	    LEDGER_TEST(test_looking_beside_a_writer),
	    LEDGER_TEST(test_two_writers),
	    LEDGER_TEST(test_no_lease_no_call),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
