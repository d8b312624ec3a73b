/* err and str: words, cuts, limits, sticky failures, numbers. */
#include "config.h"
#include "engine/base/err.h"
#include "engine/base/str.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static void test_err_words(void **state)
{
	static const enum err temporary[] = {
	    ERR_NOMEM, ERR_BUSY, ERR_TIMEOUT, ERR_UNAVAIL, ERR_QUOTA, ERR_IO};
	int n = 0;

	(void)state;
	assert_string_equal(err_word(ERR_OK), "ok");
	assert_string_equal(err_word(ERR_IO), "input/output error");
	assert_string_equal(err_word((enum err)99), "unknown error");
	for (int i = ERR_OK; i <= ERR_IO; i++) {
		assert_true(err_word((enum err)i)[0] != '\0');
		for (int k = 0; k < i; k++)
			assert_string_not_equal(err_word((enum err)i), err_word((enum err)k));
		n += err_is_temporary((enum err)i);
	}
	for (size_t i = 0; i < sizeof temporary / sizeof temporary[0]; i++)
		assert_true(err_is_temporary(temporary[i]));
	assert_int_equal(n, sizeof temporary / sizeof temporary[0]);
	assert_false(err_is_temporary((enum err)99));
}

static void test_err_texts(void **state)
{
	struct errbuf eb = {0};

	(void)state;
	assert_int_equal(err_set(NULL, ERR_BUSY, "nobody listens"), ERR_BUSY);
	assert_string_equal(err_text(NULL), "unknown error");
	assert_string_equal(err_text(&eb), "ok");
	eb.code = ERR_TIMEOUT;
	assert_string_equal(err_text(&eb), "timed out");
	assert_int_equal(err_set(&eb, ERR_NOTFOUND, "no %s number %d", "job", 7), ERR_NOTFOUND);
	assert_int_equal(eb.code, ERR_NOTFOUND);
	assert_string_equal(err_text(&eb), "no job number 7");
	assert_int_equal(err_prefix(&eb, "staging %d", 2), ERR_NOTFOUND);
	assert_string_equal(eb.text, "staging 2: no job number 7");
	assert_int_equal(err_prefix(&eb, "open"), ERR_NOTFOUND);
	assert_string_equal(eb.text, "open: staging 2: no job number 7");
}

/* A text of n ASCII letters and then one character of 2, 3 or 4 bytes, torn anywhere or not. */
static void test_err_cut(void **state)
{
	static const char *const chars[] = {"\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x8E\xA5"};
	char text[600];

	(void)state;
	for (size_t c = 0; c < 3; c++)
		for (size_t n = 500; n < 520; n++) {
			size_t size = strlen(chars[c]), fits = n + size <= 511 ? n + size : n;
			struct errbuf eb;
			memset(text, 'x', n);
			memcpy(text + n, chars[c], size + 1);
			err_set(&eb, ERR_INVALID, "%s", text);
			assert_int_equal(strlen(eb.text), fits < 511 ? fits : n > 511 ? 511 : fits);
			assert_memory_equal(eb.text, text, strlen(eb.text));
		}
	{
		struct errbuf eb;
		memset(text, 'y', sizeof text - 1);
		text[sizeof text - 1] = '\0';
		err_set(&eb, ERR_IO, "%s", text);
		assert_int_equal(strlen(eb.text), 511);
		assert_int_equal(err_prefix(&eb, "head"), ERR_IO);
		assert_int_equal(strlen(eb.text), 511);
		assert_memory_equal(eb.text, "head: yyyy", 10);
	}
}

static void test_str_grows(void **state)
{
	struct str s;
	char *p;

	(void)state;
	str_init(&s, 100000);
	assert_string_equal(str_get(&s), "");
	for (int i = 0; i < 10000; i++)
		str_addf(&s, "%d,", i % 10);
	assert_int_equal(s.err, ERR_OK);
	assert_int_equal(s.len, 20000);
	for (size_t i = 0; i < 20000; i += 2) {
		assert_int_equal(str_get(&s)[i], '0' + (int)(i / 2 % 10));
		assert_int_equal(str_get(&s)[i + 1], ',');
	}
	assert_int_equal(str_get(&s)[20000], '\0');
	str_reset(&s);
	assert_string_equal(str_get(&s), "");
	str_adds(&s, "ab");
	str_add(&s, "c\0d", 3);
	str_addc(&s, 'e');
	assert_int_equal(s.len, 6);
	assert_memory_equal(str_get(&s), "abc\0de", 7);
	p = str_room(&s, 3);
	assert_non_null(p);
	memcpy(p, "xyz", 3);
	str_grown(&s, 2);
	assert_memory_equal(str_get(&s), "abc\0dexy", 9);
	p = str_take(&s);
	assert_memory_equal(p, "abc\0dexy", 9);
	free(p);
	assert_int_equal(s.len, 0);
	p = str_take(&s);
	assert_string_equal(p, "");
	free(p);
	str_done(&s);
}

static void test_str_limit(void **state)
{
	struct str s;

	(void)state;
	str_init(&s, 5);
	str_adds(&s, "12345");
	assert_int_equal(s.err, ERR_OK);
	assert_string_equal(str_get(&s), "12345");
	str_adds(&s, "");
	assert_int_equal(s.err, ERR_OK);
	str_addc(&s, '6');
	assert_int_equal(s.err, ERR_LIMIT);
	str_reset(&s);
	assert_int_equal(s.err, ERR_OK);
	str_adds(&s, "123");
	str_addf(&s, "%s", "456");
	assert_int_equal(s.err, ERR_LIMIT);
	/* sticky: what would fit is refused too, and nothing is there to be taken */
	str_addc(&s, 'x');
	assert_null(str_room(&s, 1));
	str_grown(&s, 1);
	assert_string_equal(str_get(&s), "123");
	assert_null(str_take(&s));
	str_init(&s, 0);
	str_addc(&s, 'x');
	assert_int_equal(s.err, ERR_LIMIT);
	str_done(&s);
}

static void test_str_to_i64(void **state)
{
	static const struct {
		const char *text;
		enum err err;
		int64_t value;
	} rows[] = {
	    {"0", ERR_OK, 0},
	    {"-0", ERR_OK, 0},
	    {"+7", ERR_OK, 7},
	    {"0000000000000000000000000012", ERR_OK, 12},
	    {"9223372036854775807", ERR_OK, INT64_MAX},
	    {"-9223372036854775808", ERR_OK, INT64_MIN},
	    {"9223372036854775808", ERR_LIMIT, 0},
	    {"-9223372036854775809", ERR_LIMIT, 0},
	    {"99999999999999999999999", ERR_LIMIT, 0},
	    {"", ERR_INVALID, 0},
	    {"-", ERR_INVALID, 0},
	    {"+", ERR_INVALID, 0},
	    {"--1", ERR_INVALID, 0},
	    {" 1", ERR_INVALID, 0},
	    {"1 ", ERR_INVALID, 0},
	    {"1.0", ERR_INVALID, 0},
	    {"0x10", ERR_INVALID, 0},
	    {"1e3", ERR_INVALID, 0},
	    {"\xD9\xA1", ERR_INVALID, 0},
	};
	int64_t v;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		v = -77;
		assert_int_equal(str_to_i64(rows[i].text, INT64_MIN, INT64_MAX, &v), rows[i].err);
		assert_true(v == (rows[i].err ? -77 : rows[i].value));
	}
	assert_int_equal(str_to_i64("10", 1, 10, &v), ERR_OK);
	assert_int_equal(str_to_i64("11", 1, 10, &v), ERR_LIMIT);
	assert_int_equal(str_to_i64("0", 1, 10, &v), ERR_LIMIT);
	assert_int_equal(v, 10);
	assert_int_equal(str_to_i64_n("1234", 2, 0, 100, &v), ERR_OK);
	assert_int_equal(v, 12);
	assert_int_equal(str_to_i64_n("1234", 0, 0, 100, &v), ERR_INVALID);
}

static void test_str_to_double(void **state)
{
	static const struct {
		const char *text;
		enum err err;
		double value;
	} rows[] = {
	    {"0.25", ERR_OK, 0.25},
	    {"-2.5", ERR_OK, -2.5},
	    {"+3", ERR_OK, 3},
	    {".5", ERR_OK, 0.5},
	    {"5.", ERR_OK, 5},
	    {"60", ERR_OK, 60},
	    {"60.01", ERR_LIMIT, 0},
	    {"-60.01", ERR_LIMIT, 0},
	    {"", ERR_INVALID, 0},
	    {".", ERR_INVALID, 0},
	    {"-", ERR_INVALID, 0},
	    {"1,5", ERR_INVALID, 0},
	    {"1e2", ERR_INVALID, 0},
	    {"nan", ERR_INVALID, 0},
	    {"inf", ERR_INVALID, 0},
	    {"1.2.3", ERR_INVALID, 0},
	    {" 1", ERR_INVALID, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		double v = -77;
		assert_int_equal(str_to_double(rows[i].text, -60, 60, &v), rows[i].err);
		if (rows[i].err)
			assert_true(v > -78 && v < -76);
		else
			assert_true(v - rows[i].value < 1e-12 && rows[i].value - v < 1e-12);
	}
}

static void test_str_nocase(void **state)
{
	char *copy = str_dup_n("abcdef", 3);

	(void)state;
	assert_string_equal(copy, "abc");
	free(copy);
	copy = str_dup("whole");
	assert_string_equal(copy, "whole");
	free(copy);
	assert_true(str_is_equal_nocase("Content-TYPE", "content-type"));
	assert_true(str_is_equal_nocase("", ""));
	assert_false(str_is_equal_nocase("a", "ab"));
	assert_false(str_is_equal_nocase("ab", "a"));
	assert_false(str_is_equal_nocase("[", "{")); /* 0x20 apart, but no letters */
	assert_false(str_is_equal_nocase("\xC3\x84", "\xC3\xA4"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_err_words),
	    cmocka_unit_test(test_err_texts),
	    cmocka_unit_test(test_err_cut),
	    cmocka_unit_test(test_str_grows),
	    cmocka_unit_test(test_str_limit),
	    cmocka_unit_test(test_str_to_i64),
	    cmocka_unit_test(test_str_to_double),
	    cmocka_unit_test(test_str_nocase),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
