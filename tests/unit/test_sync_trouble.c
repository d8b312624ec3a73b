/*
 * The sync in trouble: lost sessions, locks, bad addresses. With TEST_RESTART somebody else stops and
 * starts the server when this program prints "pushing"; without it the test ends the session itself.
 */
#include "config.h"
#include "tests/unit/sync_fixture.h"
#include "engine/base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void test_restart(void **state)
{
	struct bench *b = bench_new();
	struct sync *s;
	struct sync_numbers n;
	struct errbuf eb = {0};
	bool restart = getenv("TEST_RESTART") != NULL, disturbed = false, failed = false;
	int64_t until = clock_mono_ms() + 90000;

	(void)state;
	fill(b, 0, 20000);
	fetch(b, 0, 20000, "fetched", 1700000000);
	b->cfg.batch = 200;
	assert_int_equal(sync_start(&s, &b->cfg, &eb), ERR_OK);
	for (;;) {
		sync_numbers(s, &n);
		failed = failed || n.trouble[0];
		if (n.rows >= 2000 && !disturbed) {
			disturbed = true;
			if (restart) {
				printf("pushing\n");
				fflush(stdout);
			} else {
				ask(b,
				    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE "
				    "application_name = 'tubeops'");
			}
		}
		if (n.rows >= 20000 && n.ok && n.outbox == 0 && n.walk_left == 0)
			break;
		if (clock_mono_ms() > until)
			fail_msg("not finished: %lld rows, %s", (long long)n.rows, n.trouble);
		clock_sleep_ms(20);
	}
	assert_true(disturbed && failed);
	/* what comes later is sent on a poke alone */
	fetch(b, 5, 1, "later", 1700000001);
	sync_poke(s);
	for (int64_t rows = n.rows; n.rows == rows; sync_numbers(s, &n)) {
		assert_true(clock_mono_ms() < until + 10000);
		clock_sleep_ms(20);
	}
	sync_stop(s);
	PQfinish(b->pg);
	b->pg = connect_pg(b);
	check_equal(b, 20000, 20000);
	assert_int_equal(push(b).rows, 0);
	bench_free(b);
}

static void test_stop_is_quick(void **state)
{
	struct bench *b = bench_new();
	struct sync *s;
	struct errbuf eb = {0};
	int64_t began;

	(void)state;
	fill(b, 0, 5000);
	push(b);
	/* somebody holds the table: the push waits for a lock */
	fetch(b, 0, 10, "fetched", 1700000000);
	ask(b, "BEGIN; LOCK TABLE channels");
	assert_int_equal(sync_start(&s, &b->cfg, &eb), ERR_OK);
	clock_sleep_ms(700);
	began = clock_mono_ms();
	sync_stop(s);
	assert_true(clock_mono_ms() - began < 1500);
	ask(b, "ROLLBACK");
	assert_int_equal(push(b).rows, 10);
	bench_free(b);
}

static enum err push_to(struct bench *b, const char *url, struct sync_numbers *n, struct errbuf *eb)
{
	struct sync_config cfg = b->cfg;
	struct secret *secret = secret_new(url, strlen(url));
	enum err err;

	cfg.url = secret;
	err = sync_push(&cfg, NULL, NULL, NULL, n, eb);
	secret_free(secret);
	return err;
}

static void test_bad_addresses(void **state)
{
	static const char *const urls[] = {
	    "postgresql://tubeops:hidden42@127.0.0.1:1/none",
	    "postgresql://tubeops:hidden42@127.0.0.1:port/none",
	    "postgresql://tubeops:hidden42@127.0.0.1:1/none?hidden42",
	    "postgresql://tubeops:a@hidden42@127.0.0.1:1/none",
	    "mysql://tubeops:hidden42@127.0.0.1:1/none",
	    "hidden42",
	};
	struct bench *b = bench_new();
	struct str url;
	char *log;

	(void)state;
	for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
		struct sync_numbers n;
		struct errbuf eb = {0};
		enum err err = push_to(b, urls[i], &n, &eb);

		assert_int_equal(err, i == 0 ? ERR_UNAVAIL : ERR_INVALID);
		assert_true(strlen(eb.text) > 20);
		assert_null(strstr(eb.text, "hidden42"));
		assert_null(strstr(n.trouble, "hidden42"));
		assert_false(n.ok);
	}
	/* a database that only reads asks for a person, at once */
	str_init(&url, 4096);
	str_addf(&url, "%s&options=-c%%20default_transaction_read_only%%3Don", str_get(&b->url));
	{
		struct sync_numbers n;
		struct errbuf eb = {0};

		assert_int_equal(push_to(b, str_get(&url), &n, &eb), ERR_DENIED);
		assert_non_null(strstr(eb.text, "only reads"));
	}
	str_reset(&url);
	str_addf(&url, "%s&dbname=tubeops_no_such_database", str_get(&b->url));
	{
		struct sync_numbers n;
		struct errbuf eb = {0};

		assert_int_equal(push_to(b, str_get(&url), &n, &eb), ERR_NOTFOUND);
		assert_non_null(strstr(eb.text, "create the database"));
	}
	/* a server that trusts everybody would not mind */
	str_reset(&url);
	str_addf(&url, "%s&password=hidden42", str_get(&b->url));
	{
		struct sync_numbers n;
		struct errbuf eb = {0};
		enum err err = push_to(b, str_get(&url), &n, &eb);

		assert_true(err == ERR_OK || err == ERR_DENIED);
		assert_true(err == ERR_OK || strstr(eb.text, "check user and password"));
		assert_null(strstr(eb.text, "hidden42"));
	}
	str_done(&url);
	log = read_log(b);
	assert_null(strstr(log, "hidden42"));
	free(log);
	bench_free(b);
}

static void test_not_configured(void **state)
{
	struct bench *b = bench_new();
	struct sync *s;
	struct sync_numbers n;
	struct errbuf eb = {0};

	(void)state;
	b->cfg.url = NULL;
	assert_int_equal(sync_start(&s, &b->cfg, &eb), ERR_OK);
	sync_poke(s);
	sync_numbers(s, &n);
	assert_false(n.configured);
	assert_int_equal(n.rows, 0);
	sync_stop(s);
	assert_int_equal(sync_push(&b->cfg, NULL, NULL, NULL, &n, &eb), ERR_DENIED);
	assert_non_null(strstr(eb.text, "DATABASE_URL"));
	bench_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_restart),
	    cmocka_unit_test(test_stop_is_quick),
	    cmocka_unit_test(test_bad_addresses),
	    cmocka_unit_test(test_not_configured),
	};

	if (!bench_ready())
		return BENCH_SKIPPED;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
