/* The ledger's keys: from the settings, added by hand, removed; their secrets in the file. */
#include "config.h"
#include "tests/unit/ledger_fixture.h"

#include <stdio.h>
#include <string.h>

static bool stored(const struct place *p, const char *text)
{
	char wal[96];

	snprintf(wal, sizeof wal, "%s-wal", p->db);
	return file_holds(p->db, text) || file_holds(wal, text);
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

/* A key put into a project shares its units; its own stay booked where they were spent. */
static void test_key_into_a_project(void **state)
{
	struct place *p = *state;
	struct ledger_ticket t;
	int64_t until_ms, until;

	put(p, "YOUTUBE_API_KEY_1", KEY_A);
	open_ledger(p);
	add_key(p, KEY_B, "spare", NULL, 700, ERR_OK);
	assert_int_equal(ledger_key_enable(p->ledger, "key1", false, &p->eb), ERR_OK);
	assert_int_equal(take(p, &t, &until_ms, &until), ERR_OK);
	assert_int_equal(ledger_key_group(p->ledger, "spare", "lab", &p->eb), ERR_BUSY);
	assert_string_equal(key_at(p, 1).project, "spare");
	settle(p, &t, FAULT_NONE, "");
	assert_int_equal(ledger_key_group(p->ledger, "spare", "lab", &p->eb), ERR_OK);
	assert_string_equal(key_at(p, 1).project, "lab");
	assert_int_equal(key_at(p, 1).used[BUCKET_UNITS], 0);
	add_key(p, KEY_C, "more", "lab", 0, ERR_OK);
	spend(p, 3);
	assert_int_equal(key_at(p, 2).used[BUCKET_UNITS], 3);
	reopen(p);
	assert_string_equal(key_at(p, 1).project, "lab");
	assert_int_equal(key_at(p, 1).limit[BUCKET_UNITS], 700);
	assert_int_equal(key_at(p, 1).used[BUCKET_UNITS], 3);
	assert_int_equal(ledger_key_group(p->ledger, "key1", "lab", &p->eb), ERR_DENIED);
	assert_non_null(strstr(p->eb.text, "YOUTUBE_API_KEY_1_PROJECT"));
	assert_int_equal(ledger_key_group(p->ledger, "none", "lab", &p->eb), ERR_NOTFOUND);
	assert_int_equal(ledger_key_group(p->ledger, "more", "two\nlines", &p->eb), ERR_INVALID);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
	    LEDGER_TEST(test_secrets_in_the_file),
	    LEDGER_TEST(test_keys_by_hand),
	    LEDGER_TEST(test_key_leaves_the_settings),
	    LEDGER_TEST(test_key_into_a_project),
	    LEDGER_TEST(test_bad_project_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
