/* text: the sanitiser, escaping for logs, and the masking of secrets. */
#include "config.h"
#include "engine/base/text.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BAD "\xEF\xBF\xBD"

static void check_clean(const char *in, size_t len, const char *want, size_t changed)
{
	struct str out;

	str_init(&out, 4096);
	assert_int_equal(text_clean(in, len, &out), changed);
	assert_int_equal(out.err, ERR_OK);
	assert_string_equal(str_get(&out), want);
	assert_int_equal(out.len, strlen(want));
	assert_true(text_is_clean(str_get(&out), out.len));
	assert_int_equal(text_is_clean(in, len), len == strlen(want) && memcmp(in, want, len) == 0);
	str_done(&out);
}

static void test_clean(void **state)
{
	static const struct {
		const char *in, *want;
		size_t changed;
	} rows[] = {
	    {"", "", 0},
	    {"plain text\tand\nlines", "plain text\tand\nlines", 0},
	    {"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x8E\xA5", "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x8E\xA5", 0},
	    {"\xF4\x8F\xBF\xBF\xEF\xBF\xBF", "\xF4\x8F\xBF\xBF\xEF\xBF\xBF", 0},
	    {"a\r\nb\rc\r", "a\nb\nc\n", 0},
	    {"\r\r\n", "\n\n", 0},
	    {"a\x1B[31mb\x07", "a[31mb", 2},
	    {"\x7F\xC2\x80\xC2\x9B\xC2\x9F\xC2\xA0", "\xC2\xA0", 4},
	    {"\x80", BAD, 1},
	    {"\xBF\xBF", BAD BAD, 2},
	    {"\xC0\xAF", BAD BAD, 2},         /* overlong / */
	    {"\xC1\xBF", BAD BAD, 2},         /* overlong DEL */
	    {"\xE0\x80\xAF", BAD BAD BAD, 3}, /* overlong in three */
	    {"\xE0\x9F\xBF", BAD BAD BAD, 3},
	    {"\xF0\x80\x80\xAF", BAD BAD BAD BAD, 4}, /* and in four */
	    {"\xF0\x8F\xBF\xBF", BAD BAD BAD BAD, 4},
	    {"\xED\xA0\x80", BAD BAD BAD, 3}, /* surrogates */
	    {"\xED\xBF\xBF", BAD BAD BAD, 3},
	    {"\xED\x9F\xBF\xEE\x80\x80", "\xED\x9F\xBF\xEE\x80\x80", 0},
	    {"\xF4\x90\x80\x80", BAD BAD BAD BAD, 4}, /* above U+10FFFF */
	    {"\xF5\x80\x80\x80", BAD BAD BAD BAD, 4},
	    {"\xFE\xFF", BAD BAD, 2},
	    {"\xC3", BAD, 1}, /* torn at the end */
	    {"\xE2\x82", BAD BAD, 2},
	    {"\xF0\x9F\x8E", BAD BAD BAD, 3},
	    {"\xC3z", BAD "z", 1}, /* torn before something */
	    {"\xE2\x82z", BAD BAD "z", 2},
	    {"\xE2\x82\xC3\xA9", BAD BAD "\xC3\xA9", 2},
	    {"x\xC3\xA9\x80y", "x\xC3\xA9" BAD "y", 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		check_clean(rows[i].in, strlen(rows[i].in), rows[i].want, rows[i].changed);
	check_clean("a\0b", 3, "ab", 1);
	for (char c = 1; c < 0x20; c++) {
		char in[4] = {'<', c, '>', '\0'};
		if (c != '\n' && c != '\t' && c != '\r')
			check_clean(in, 3, "<>", 1);
	}
}

/* Every code point encodes and comes back; every other pair of bytes is refused. */
/* On valid UTF-8 the quick look must answer as the thorough one, at every place of a word. */
static void test_clean_utf8(void **state)
{
	static const char *const parts[] = {"a", "\n", "\t", "\x1f", "\x7f", "~", " ", "\xc2\x80",
	    "\xc2\x9f", "\xc2\xa0", "\xc3\x82", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\r", "\x01",
	    "plain words "};
	const size_t n = sizeof parts / sizeof parts[0];
	char text[64];

	(void)state;
	for (size_t lead = 0; lead < 20; lead++)
		for (size_t i = 0; i < n; i++)
			for (size_t k = 0; k < n; k++) {
				int len = snprintf(text, sizeof text, "%.*s%s%s", (int)lead,
				    "xxxxxxxxxxxxxxxxxxxx", parts[i], parts[k]);
				assert_int_equal(text_is_clean_utf8(text, (size_t)len),
				    text_is_clean(text, (size_t)len));
			}
}

static void test_utf8_next(void **state)
{
	uint32_t code = 0;

	(void)state;
	for (uint32_t c = 0x80; c <= 0x10FFFF; c++) {
		char p[4];
		size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
		bool surrogate = c >= 0xD800 && c <= 0xDFFF;
		for (size_t i = n - 1; i > 0; i--)
			p[i] = (char)(0x80 | (c >> 6 * (n - 1 - i) & 0x3F));
		p[0] = (char)((n == 2 ? 0xC0 : n == 3 ? 0xE0 : 0xF0) | c >> 6 * (n - 1));
		if (text_utf8_next(p, n, &code) != (surrogate ? 0 : n) || (!surrogate && code != c))
			fail_msg("U+%04X", c);
		if (text_utf8_next(p, n - 1, &code))
			fail_msg("U+%04X torn", c);
	}
	for (unsigned a = 0x80; a < 0x100; a++)
		for (unsigned b = 0; b < 0x100; b++) {
			char p[2] = {(char)a, (char)b};
			bool good = a >= 0xC2 && a <= 0xDF && b >= 0x80 && b <= 0xBF;
			assert_int_equal(text_utf8_next(p, 2, &code), good ? 2 : 0);
		}
	assert_int_equal(text_utf8_next("", 0, &code), 0);
}

static void test_utf8_cut(void **state)
{
	static const char text[] = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x8E\xA5";
	static const size_t want[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10};

	(void)state;
	for (size_t max = 0; max < sizeof want / sizeof want[0]; max++)
		assert_int_equal(text_utf8_cut(text, sizeof text - 1, max), want[max]);
}

static void test_clean_limit(void **state)
{
	char in[300];
	struct str out;

	(void)state;
	memset(in, 0xFF, sizeof in);
	str_init(&out, 3 * sizeof in); /* the most it may take */
	assert_int_equal(text_clean(in, sizeof in, &out), sizeof in);
	assert_int_equal(out.err, ERR_OK);
	assert_int_equal(out.len, 3 * sizeof in);
	str_done(&out);
	str_init(&out, 10);
	text_clean(in, sizeof in, &out);
	assert_int_equal(out.err, ERR_LIMIT);
	str_done(&out);
}

static void test_escape(void **state)
{
	static const char in[] = "a\nb\tc\rd\x1B[0m\x7F\xC2\x9B\xC3\xA9\xFF\0z";
	struct str out;

	(void)state;
	str_init(&out, 1000);
	text_escape(in, sizeof in - 1, &out);
	assert_string_equal(str_get(&out), "a\\nb\\tc\\x0Dd\\x1B[0m\\x7F\\x9B\xC3\xA9\\xFF\\x00z");
	str_done(&out);
}

#define KEY "AIzaSyA-1234567890_abcdefghijklmnopqrst"

static void check_mask(const char *in, const char *want)
{
	struct str out;

	str_init(&out, 4096);
	text_mask_secrets(in, strlen(in), &out);
	assert_string_equal(str_get(&out), want);
	str_done(&out);
}

static void test_mask(void **state)
{
	static const struct {
		const char *in, *want;
	} rows[] = {
	    {"x-goog-api-key: hunter2", "x-goog-api-key: ***"},
	    {"X-Goog-Api-Key: " KEY "\r", "X-Goog-Api-Key: ***"},
	    {"Authorization: Bearer abc.def-1", "Authorization: Bearer ***"},
	    {"AUTHORIZATION: bearer abc", "AUTHORIZATION: bearer ***"},
	    {"authorization: Basic dXNlcjpwYXNz", "authorization: Basic ***"},
	    {"GET /v3/channels?key=abc123&id=UCx", "GET /v3/channels?key=***&id=UCx"},
	    {"https://h/p?part=id&KEY=abc#frag", "https://h/p?part=id&KEY=***"},
	    {"{\"api_key\":\"abc\",\"n\":1}", "{\"api_key\":\"***\",\"n\":1}"},
	    {"{\"apiKey\" : \"abc\"}", "{\"apiKey\" : \"***\"}"},
	    {"{\"password\": \"two words\", \"x\": \"y\"}",
	        "{\"password\": \"***\", \"x\": \"y\"}"},
	    {"{\"token\":\"a\\\"b\"} end", "{\"token\":\"***\"} end"},
	    {"\"{\\\"key\\\":\\\"abc\\\",\\\"n\\\":2}\"",
	        "\"{\\\"key\\\":\\\"***\\\",\\\"n\\\":2}\""},
	    {"{'secret': 'abc'}", "{'secret': '***'}"},
	    {"YOUTUBE_API_KEY_1=short", "YOUTUBE_API_KEY_1=***"},
	    {"YOUTUBE_API_KEY_12=\"" KEY "\"", "YOUTUBE_API_KEY_12=\"***\""},
	    {"SECRET_KEY=abc API_TOKEN=def", "SECRET_KEY=*** API_TOKEN=***"},
	    {"UPSTASH_REDIS_REST_TOKEN = abc", "UPSTASH_REDIS_REST_TOKEN = ***"},
	    {"password=a,token=b;pwd=c passwd: d", "password=***,token=***;pwd=*** passwd: ***"},
	    {"postgresql://me:p4ss@host:5432/db", "postgresql://me:***@host:5432/db"},
	    {"redis://:p@ss@host/0 and redis://u:q@h", "redis://:***@host/0 and redis://u:***@h"},
	    {"see " KEY ", " KEY "x", "see ***, ***"},
	    {"<" KEY ">", "<***>"},
	    {"Password=\"open end", "Password=\"***"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		check_mask(rows[i].in, rows[i].want);
}

static void test_mask_leaves(void **state)
{
	static const char *const rows[] = {
	    "",
	    "=",
	    ":",
	    "monkey=banana turkey: bird",
	    "https://host:5000/path?part=snippet&id=UCabc",
	    "http://127.0.0.1:8080/a:b@c",
	    "mail me@example.org at 12:30:15",
	    "keys: 3 of 4 usable, tokens=12",
	    "keyword=a the key is refused, the password too",
	    "YOUTUBE_API_KEY_1: too fast, now a call every 200 ms",
	    "AIzaShort and AIza",
	    "J-1042 done=5 missing=0 units=7",
	    "pageToken_text is CAUQAA",
	    "\xC3\xA9\xE2\x82\xAC \xF0\x9F\x8E\xA5",
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		check_mask(rows[i], rows[i]);
}

static void test_percent_decode(void **state)
{
	static const struct {
		const char *in, *want; /* NULL: refused */
	} rows[] = {
	    {"", ""},
	    {"plain+text", "plain+text"},
	    {"p%2Fw%3a%25", "p/w:%"},
	    {"%C3%A9", "\xC3\xA9"},
	    {"%", NULL},
	    {"a%2", NULL},
	    {"%zz", NULL},
	    {"%2g", NULL},
	    {"%00", NULL},
	    {"%%41", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct str out;
		bool good;

		str_init(&out, 100);
		good = text_percent_decode(rows[i].in, strlen(rows[i].in), &out);
		assert_int_equal(good, rows[i].want != NULL);
		if (good)
			assert_string_equal(str_get(&out), rows[i].want);
		str_done(&out);
	}
}

static void test_hide(void **state)
{
	static const char *const rows[][3] = {
	    {"WRONGPASS s3cret and s3cret", "s3cret", "WRONGPASS *** and ***"},
	    {"s3cre", "s3cret", "s3cre"},
	    {"aaaa", "aa", "******"},
	    {"as it is", "", "as it is"},
	    {"as it is", NULL, "as it is"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct str out;

		str_init(&out, 100);
		text_hide(rows[i][0], strlen(rows[i][0]), rows[i][1], &out);
		assert_string_equal(str_get(&out), rows[i][2]);
		str_done(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_clean),
	    cmocka_unit_test(test_clean_utf8),
	    cmocka_unit_test(test_utf8_next),
	    cmocka_unit_test(test_utf8_cut),
	    cmocka_unit_test(test_clean_limit),
	    cmocka_unit_test(test_escape),
	    cmocka_unit_test(test_mask),
	    cmocka_unit_test(test_mask_leaves),
	    cmocka_unit_test(test_percent_decode),
	    cmocka_unit_test(test_hide),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
