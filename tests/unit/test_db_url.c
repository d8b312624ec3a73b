/* Addresses of databases: their parts, what is refused, and that no password gets out. */
#include "config.h"
#include "db/sources/db_url.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

static void check_masked(const char *text, const char *expected)
{
	struct str out;

	str_init(&out, 1000);
	db_url_mask(text, &out);
	assert_string_equal(str_get(&out), expected);
	str_done(&out);
}

static void check_place(const char *text, const char *expected)
{
	struct db_url url;
	struct str out;

	assert_int_equal(db_url_parse(&url, text, NULL), ERR_OK);
	str_init(&out, 1000);
	db_url_place(&url, &out);
	assert_string_equal(str_get(&out), expected);
	str_done(&out);
	db_url_done(&url);
}

static void test_parts(void **state)
{
	struct db_url url;

	(void)state;
	assert_int_equal(db_url_parse(&url,
	                     "mysql://us%40er:p%2Fw%3A%23%25@db.example.org:3307/my%20db"
	                     "?table=ch%26an&column=id&title=&ssl-mode=required&sslrootcert=/a%3Fb",
	                     NULL),
	    ERR_OK);
	assert_int_equal(url.kind, DB_MYSQL);
	assert_string_equal(url.user, "us@er");
	assert_string_equal(secret_reveal(url.password), "p/w:#%");
	assert_string_equal(url.host, "db.example.org");
	assert_int_equal(url.port, 3307);
	assert_string_equal(url.database, "my db");
	assert_string_equal(url.options[DB_URL_TABLE], "ch&an");
	assert_string_equal(url.options[DB_URL_COLUMN], "id");
	assert_string_equal(url.options[DB_URL_TITLE], "");
	assert_null(url.options[DB_URL_DESCRIPTION]);
	assert_string_equal(url.options[DB_URL_SSL_MODE], "required");
	assert_string_equal(url.options[DB_URL_SSL_CA], "/a?b");
	db_url_done(&url);
	assert_int_equal(db_url_parse(&url, "PostgreSQL://[2001:db8::1]/x", NULL), ERR_OK);
	assert_int_equal(url.kind, DB_POSTGRES);
	assert_null(url.user);
	assert_null(url.password);
	assert_string_equal(url.host, "2001:db8::1");
	assert_int_equal(url.port, 0);
	db_url_done(&url);
	/* a password with @ in it, and one that was masked by us */
	assert_int_equal(db_url_parse(&url, "mysql://u:a@b@h/d", NULL), ERR_OK);
	assert_string_equal(secret_reveal(url.password), "a@b");
	assert_false(url.masked);
	db_url_done(&url);
	assert_int_equal(db_url_parse(&url, "mysql://u:***@h/d", NULL), ERR_OK);
	assert_null(url.password);
	assert_true(url.masked);
	db_url_done(&url);
	assert_int_equal(db_url_parse(&url, "mysql:///d?socket=/run/s", NULL), ERR_OK);
	assert_string_equal(url.options[DB_URL_SOCKET], "/run/s");
	db_url_done(&url);
	check_place("mariadb://u:p@[::1]:5/d?table=x", "[::1]:5/d");
	check_place("postgres://h/d", "h:5432/d");
	check_place("mysql://h/d", "h:3306/d");
}

static void test_refused(void **state)
{
	static const char *const bad[] = {"mysql://u:Geheim1@", "mysql://u:Geheim1@/d",
	    "mysql://u:Geheim1@h", "mysql://u:Geheim1@h/", "mysql://u:Geheim1@h:0/d",
	    "mysql://u:Geheim1@h:65536/d", "mysql://u:Geheim1@h:/x/y", "mysql://u:Geheim1/x@h/d",
	    "mysql://u:Geheim1#x@h/d", "mysql://u:Geheim1?x@h/d", "mysql://u:Geheim1%zz@h/d",
	    "mysql://u:Geheim1%00@h/d", "mysql://u:Geheim1%2@h/d", "mysql://u:Geheim1@[::1/d",
	    "mysql://u:Geheim1@[::1]x/d", "mysql://u@h/d?password=Geheim1",
	    "mysql://u@h/d?schema=Geheim1", "postgresql://u@h/d?socket=Geheim1",
	    "mysql://u@h/d?Geheim1", "mysql://u:Geheim1@h:12a/d"};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct errbuf eb = {0};
		struct db_url url;

		assert_true(db_url_is_one(bad[i]));
		assert_int_equal(db_url_parse(&url, bad[i], &eb), ERR_INVALID);
		assert_true(strlen(eb.text) > 10);
		assert_null(strstr(eb.text, "Geheim1"));
		db_url_done(&url);
	}
	assert_false(db_url_is_one("list.csv"));
	assert_false(db_url_is_one("/mysql://h/d"));
	assert_false(db_url_is_one("mysql:/h/d"));
}

static void test_masks(void **state)
{
	(void)state;
	check_masked("mysql://u:Geheim1@h:1/d?table=a", "mysql://u:***@h:1/d?table=a");
	check_masked("mysql://u:a@b:c@h/d", "mysql://u:***@h/d");
	check_masked("mysql://u:@h/d", "mysql://u:***@h/d");
	check_masked("mysql://u@h:1/d?table=a:b@c", "mysql://u@h:1/d?table=a:b@c");
	check_masked("mysql://[::1]:1/d@x", "mysql://[::1]:1/d@x");
	check_masked("MYSQL://u:***@h/d", "MYSQL://u:***@h/d");
	check_masked("/a/list:x@y.csv", "/a/list:x@y.csv");
}

static void check_listed(const char *text, const char *list, bool expected)
{
	struct db_url url;

	assert_int_equal(db_url_parse(&url, text, NULL), ERR_OK);
	assert_int_equal(db_url_is_listed(&url, list), expected);
	db_url_done(&url);
}

static void test_listed(void **state)
{
	(void)state;
	check_listed("mysql://h/d", "", false);
	check_listed("mysql://h/d", "h", true);
	check_listed("mysql://h/d", "a, H ,b", true);
	check_listed("mysql://h/d", "h.example.org,xh", false);
	check_listed("mysql://h/d", "h:3306", true);
	check_listed("mysql://h:3307/d", "h:3306", false);
	check_listed("mysql://h:3307/d", "h", true);
	check_listed("mysql://[::1]:9/d", "[::1]:9", true);
	check_listed("mysql://h/d?socket=/run/s", "h", false);
	check_listed("mysql://h/d", ":3306,[", false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_parts),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_masks),
	    cmocka_unit_test(test_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
