#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config.h"
#include "db/postgres_text.h"

#include <string.h>

static struct str out;

static int setup(void **state)
{
	(void)state;
	str_init(&out, 4096);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	str_done(&out);
	return 0;
}

static const char *field(const char *text)
{
	str_reset(&out);
	postgres_text_field(&out, text);
	return str_get(&out);
}

static void test_field(void **state)
{
	(void)state;
	assert_string_equal(field(NULL), "\\N");
	assert_string_equal(field(""), "");
	assert_string_equal(field("plain"), "plain");
	assert_string_equal(field("a\tb\nc\rd\\e"), "a\\tb\\nc\\rd\\\\e");
	assert_string_equal(field("\\N"), "\\\\N");
	assert_string_equal(field("\\."), "\\\\.");
	assert_string_equal(field("\n"), "\\n");
	assert_string_equal(field("\xF0\x9F\x98\x80 \xC3\xA9"), "\xF0\x9F\x98\x80 \xC3\xA9");
}

static void test_cut(void **state)
{
	(void)state;
	assert_int_equal(postgres_text_cut("abc", 5), 3);
	assert_int_equal(postgres_text_cut("abc", 2), 2);
	assert_int_equal(postgres_text_cut("abc", 0), 0);
	assert_int_equal(postgres_text_cut("\xC3\xA9\xC3\xA9\xC3\xA9", 3), 6);
	assert_int_equal(postgres_text_cut("\xC3\xA9\xC3\xA9\xC3\xA9", 2), 4);
	assert_int_equal(postgres_text_cut("\xF0\x9F\x98\x80xy", 2), 5);
	/* broken bytes count one each and never run over the end */
	assert_int_equal(postgres_text_cut("\xF0\x9F\x98", 2), 2);
	assert_int_equal(postgres_text_cut("\xFF\xFE\xFD", 2), 2);
	str_reset(&out);
	postgres_text_field_cut(&out, "\xC3\xA9\n\xC3\xA9z", 3);
	assert_string_equal(str_get(&out), "\xC3\xA9\\n\xC3\xA9");
	str_reset(&out);
	postgres_text_field_cut(&out, "ab\ncd", 2);
	assert_string_equal(str_get(&out), "ab");
	str_reset(&out);
	postgres_text_field_cut(&out, NULL, 3);
	assert_string_equal(str_get(&out), "\\N");
}

static void test_list(void **state)
{
	const char *items[] = {"a", "b \"c\"", "d\\e", "", "{f,g}", "NULL", "h\ni"};
	struct text_list list = {.items = items, .n = 7};

	(void)state;
	str_reset(&out);
	postgres_text_list(&out, &list);
	assert_string_equal(
	    str_get(&out), "{\"a\",\"b \\\"c\\\"\",\"d\\\\e\",\"\",\"{f,g}\",\"NULL\",\"h\ni\"}");
	/* as a field the backslashes of the literal are doubled */
	list.n = 3;
	str_reset(&out);
	postgres_text_field_list(&out, &list);
	assert_string_equal(str_get(&out), "{\"a\",\"b \\\\\"c\\\\\"\",\"d\\\\\\\\e\"}");
	list.n = 0;
	str_reset(&out);
	postgres_text_field_list(&out, &list);
	assert_string_equal(str_get(&out), "{}");
	list.n = -1;
	str_reset(&out);
	postgres_text_field_list(&out, &list);
	assert_string_equal(str_get(&out), "\\N");
}

static void test_values(void **state)
{
	(void)state;
	str_reset(&out);
	postgres_text_field_int(&out, -5, -1);
	postgres_text_field_int(&out, -1, -1);
	postgres_text_field_bool(&out, 1);
	postgres_text_field_bool(&out, 0);
	postgres_text_field_bool(&out, -1);
	assert_string_equal(str_get(&out), "-5\\Ntf\\N");
	str_reset(&out);
	postgres_text_field_time(&out, 1795349919);
	assert_string_equal(str_get(&out), "2026-11-22 12:18:39");
	str_reset(&out);
	postgres_text_field_time(&out, -1);
	assert_string_equal(str_get(&out), "1969-12-31 23:59:59");
	str_reset(&out);
	postgres_text_field_time(&out, INT64_MIN);
	postgres_text_field_time(&out, INT64_MAX);
	postgres_text_field_time(&out, 253402300800);
	assert_string_equal(str_get(&out), "\\N\\N\\N");
	str_reset(&out);
	assert_true(postgres_text_time(&out, 1795349919045));
	assert_string_equal(str_get(&out), "2026-11-22 12:18:39.045");
	str_reset(&out);
	assert_true(postgres_text_time(&out, -1));
	assert_string_equal(str_get(&out), "1969-12-31 23:59:59.999");
	str_reset(&out);
	postgres_text_name(&out, "odd\"name");
	assert_string_equal(str_get(&out), "\"odd\"\"name\"");
}

static void check_url(const char *url, const char *clean, const char *schema)
{
	struct str got;
	struct errbuf eb = {0};

	str_init(&got, 4096);
	assert_int_equal(postgres_text_url(url, &got, &out, &eb), ERR_OK);
	assert_string_equal(str_get(&got), clean);
	assert_string_equal(str_get(&out), schema);
	str_done(&got);
}

static void test_url(void **state)
{
	struct errbuf eb = {0};
	struct str got;

	(void)state;
	check_url("postgresql://u:p@h:1/d", "postgresql://u:p@h:1/d", "");
	check_url("postgres://h/d", "postgresql://h/d", "");
	check_url("postgresql+psycopg2://u:p@h/d", "postgresql://u:p@h/d", "");
	check_url("postgresql://h/d?schema=public", "postgresql://h/d", "public");
	check_url("postgresql://h/d?schema=my%20own&sslmode=require",
	    "postgresql://h/d?sslmode=require", "my own");
	check_url("postgresql://h/d?sslmode=require&schema=x&connect_timeout=3",
	    "postgresql://h/d?sslmode=require&connect_timeout=3", "x");
	check_url("host=h dbname=d", "host=h dbname=d", "");
	str_init(&got, 4096);
	assert_int_equal(postgres_text_url("mysql://u:hidden@h/d", &got, &out, &eb), ERR_INVALID);
	assert_null(strstr(eb.text, "hidden"));
	assert_int_equal(
	    postgres_text_url("postgresql://h/d?schema=a%2", &got, &out, &eb), ERR_INVALID);
	assert_int_equal(
	    postgres_text_url("postgresql://h/d?schema=a%00b", &got, &out, &eb), ERR_INVALID);
	str_done(&got);
}

static void test_states(void **state)
{
	static const struct {
		const char *code;
		enum postgres_fault fault;
		enum err err;
	} cases[] = {
	    {"08006", POSTGRES_LOST, ERR_UNAVAIL},
	    {"57P01", POSTGRES_LOST, ERR_UNAVAIL},
	    {"57P03", POSTGRES_LOST, ERR_UNAVAIL},
	    {"57014", POSTGRES_AGAIN, ERR_TIMEOUT},
	    {"40P01", POSTGRES_AGAIN, ERR_BUSY},
	    {"40001", POSTGRES_AGAIN, ERR_BUSY},
	    {"55P03", POSTGRES_AGAIN, ERR_BUSY},
	    {"53300", POSTGRES_AGAIN, ERR_BUSY},
	    {"53100", POSTGRES_HALT, ERR_IO},
	    {"25006", POSTGRES_HALT, ERR_DENIED},
	    {"22001", POSTGRES_DATA, ERR_INVALID},
	    {"23514", POSTGRES_DATA, ERR_INVALID},
	    {"42501", POSTGRES_HALT, ERR_DENIED},
	    {"42703", POSTGRES_HALT, ERR_INVALID},
	    {"ZZZZZ", POSTGRES_HALT, ERR_INVALID},
	    {"", POSTGRES_LOST, ERR_UNAVAIL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_int_equal(postgres_state_find(cases[i].code)->fault, cases[i].fault);
		assert_int_equal(postgres_state_find(cases[i].code)->err, cases[i].err);
	}
	assert_int_equal(postgres_state_find(NULL)->fault, POSTGRES_LOST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_field),
	    cmocka_unit_test(test_cut),
	    cmocka_unit_test(test_list),
	    cmocka_unit_test(test_values),
	    cmocka_unit_test(test_url),
	    cmocka_unit_test(test_states),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
