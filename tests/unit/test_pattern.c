/* Texts in texts: kinds of patterns, both cases, expressions compared with the C library's, time. */
#include "config.h"
#include "engine/base/pattern.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <regex.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static bool fits(enum pattern_kind kind, const char *pattern, bool nocase, const char *text)
{
	struct errbuf eb = {0};
	struct pattern *p;
	bool result;

	if (pattern_new(&p, kind, pattern, strlen(pattern), nocase, &eb))
		fail_msg("%s: %s", pattern, eb.text);
	result = pattern_fits(p, text, strlen(text));
	pattern_free(p);
	return result;
}

static void test_kinds(void **state)
{
	static const struct {
		enum pattern_kind kind;
		const char *pattern, *text;
		bool nocase, fits;
	} rows[] = {
	    {PATTERN_IS, "abc", "abc", false, true},
	    {PATTERN_IS, "abc", "ABC", false, false},
	    {PATTERN_IS, "abc", "ABC", true, true},
	    {PATTERN_IS, "abc", "abcd", true, false},
	    {PATTERN_IS, "abc", "ab", true, false},
	    {PATTERN_IS, "", "", false, true},
	    {PATTERN_IS, "", "a", false, false},
	    {PATTERN_BEGINS, "ab", "ABC", true, true},
	    {PATTERN_BEGINS, "ab", "ABC", false, false},
	    {PATTERN_BEGINS, "", "", false, true},
	    {PATTERN_BEGINS, "abc", "ab", false, false},
	    {PATTERN_HAS, "bc", "abcd", false, true},
	    {PATTERN_HAS, "bc", "aBCd", false, false},
	    {PATTERN_HAS, "bc", "aBCd", true, true},
	    {PATTERN_HAS, "", "", false, true},
	    {PATTERN_HAS, "aab", "aaab", false, true},
	    {PATTERN_HAS, "abcd", "abc", false, false},
	    {PATTERN_TAG, "en", "en", true, true},
	    {PATTERN_TAG, "en", "EN-gb", true, true},
	    {PATTERN_TAG, "en", "eng", true, false},
	    {PATTERN_TAG, "en-GB", "en", true, false},
	    /* both cases beyond ASCII */
	    {PATTERN_IS, "ärger", "ÄRGER", true, true},
	    {PATTERN_HAS, "лекси", "АЛЕКСИС", true, true},
	    {PATTERN_HAS, "ένα", "ΈΝΑ δύο", true, true},
	    {PATTERN_HAS, "ấ", "ĐẤT", true, true},
	    {PATTERN_HAS, "ł", "ŁÓDŹ", true, true},
	    {PATTERN_HAS, "ÿ", "Ÿ", true, false}, /* the fold table leaves it alone */
	    {PATTERN_HAS, "料理", "日本料理", true, true},
	    {PATTERN_HAS, "×", "÷", true, false},
	    /* broken bytes are no letter */
	    {PATTERN_HAS, "b",
	        "a\xC3"
	        "b",
	        true, true},
	    {PATTERN_IS, "é", "\xC3", true, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (fits(rows[i].kind, rows[i].pattern, rows[i].nocase, rows[i].text) !=
		    rows[i].fits)
			fail_msg("%zu: \"%s\" in \"%s\"", i, rows[i].pattern, rows[i].text);
}

static void test_expressions(void **state)
{
	static const struct {
		const char *pattern, *text;
		bool fits;
	} rows[] = {
	    {"", "", true},
	    {"a", "xay", true},
	    {"^a", "xa", false},
	    {"a$", "xa", true},
	    {"^$", "", true},
	    {"^$", "a", false},
	    {"^(ab|cd)+$", "abcdab", true},
	    {"^(ab|cd)+$", "abcda", false},
	    {"a.c",
	        "a\xE6\x96\x99"
	        "c",
	        true},
	    {"^.$", "\xE6\x96\x99", true},
	    {"[0-9]{3}", "ab12c345", true},
	    {"^[0-9]{3}$", "1234", false},
	    {"^a{2,3}$", "aaaa", false},
	    {"^a{2,3}$", "aaa", true},
	    {"^a{2,}$", "aaaaaa", true},
	    {"^a{0}b$", "b", true},
	    {"^a{0}b$", "ab", false},
	    {"^(a{0,2}b){2}$", "aabb", true},
	    {"^\\d+\\s\\w+$", "12 ab", true},
	    {"^\\d+\\s\\w+$", "12-ab", false},
	    {"^\\D\\W\\S$", "a- ", false},
	    {"^\\D\\W\\S$", "a-x", true},
	    {"[^a-c]", "abc", false},
	    {"[]x]", "]", true},
	    {"[^]x]", "]x", false},
	    {"[a\\]]", "]", true},
	    {"[\\d-]", "-", true},
	    {"(?:ab)*c", "ababc", true},
	    {"(a*)*b", "aaab", true},
	    {"^(a*)*$", "aaaa", true},
	    {"^(a|b|)*$", "abab", true},
	    {"a|b|c", "c", true},
	    {"^(a|b|c)$", "bc", false},
	    {"\\.com$", "a.com", true},
	    {"\\.com$", "axcom", false},
	    {"a+?b", "aab", true},
	    {"^[а-я]+$", "привет", true},
	    {"^[α-ω]", "ΑΒΓ", true},
	    {"^[A-Z]+$", "abc", true}, /* both cases */
	    {"^[^A-Z]+$", "abc", false},
	    {"^abc$", "ABC", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (fits(PATTERN_REGULAR, rows[i].pattern, true, rows[i].text) != rows[i].fits)
			fail_msg("%zu: \"%s\" in \"%s\"", i, rows[i].pattern, rows[i].text);
	assert_false(fits(PATTERN_REGULAR, "^abc$", false, "ABC"));
}

static void test_what_is_no_expression(void **state)
{
	static const char *const rows[] = {"(", ")", "a)", "(a", "[", "[a", "[^", "*", "+a", "?",
	    "{2}", "a{", "a{2", "a{x}", "a{3,2}", "a{101}", "a{1,101}", "a**b{", "\\", "\\1", "\\q",
	    "[b-a]", "a|*", "(((((((((((((((((((((((((((((((a)))))))))))))))))))))))))))))))",
	    "((a{100}){100}){100}", "(a{90}){90}"};
	struct errbuf eb;
	struct pattern *p;
	char lengthy[2 * PATTERN_LIMIT];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		eb = (struct errbuf){0};
		if (!pattern_new(&p, PATTERN_REGULAR, rows[i], strlen(rows[i]), true, &eb))
			fail_msg("%s was taken", rows[i]);
		assert_null(p);
		assert_memory_equal(eb.text, "expression: ", 12);
	}
	memset(lengthy, 'a', sizeof lengthy);
	assert_int_equal(
	    pattern_new(&p, PATTERN_REGULAR, lengthy, sizeof lengthy, true, &eb), ERR_LIMIT);
}

static uint32_t seed = 1;

static uint32_t any(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

/* An expression that both this and the C library know. */
static void make_expression(char *out, size_t *n, int depth)
{
	static const char *const atoms[] = {"a", "b", "c", ".", "[ab]", "[^a]", "^", "$"};
	uint32_t parts = 1 + any(3);

	for (uint32_t i = 0; i < parts && *n < 60; i++) {
		const char *atom = atoms[any(depth ? 6 : 8)];
		if (depth < 3 && !any(3)) {
			out[(*n)++] = '(';
			make_expression(out, n, depth + 1);
			if (!any(2)) {
				out[(*n)++] = '|';
				make_expression(out, n, depth + 1);
			}
			out[(*n)++] = ')';
		} else {
			memcpy(out + *n, atom, strlen(atom));
			*n += strlen(atom);
			if (*atom == '^' || *atom == '$')
				continue; /* what repeating them means is nobody's business */
		}
		if (!any(3))
			out[(*n)++] = "*+?"[any(3)];
		else if (!any(6)) {
			memcpy(out + *n, "{1,2}", 5);
			*n += 5;
		}
	}
	out[*n] = '\0';
}

static void test_as_the_c_library(void **state)
{
	int compared = 0, fitting = 0;

	(void)state;
	for (int i = 0; i < 4000; i++) {
		char expression[200], text[12];
		size_t n = 0;
		regex_t re;
		make_expression(expression, &n, 0);
		if (regcomp(&re, expression, REG_EXTENDED | REG_NOSUB))
			continue;
		for (int k = 0; k < 12; k++) {
			uint32_t len = any(9);
			bool ours, theirs;
			for (uint32_t c = 0; c < len; c++)
				text[c] = (char)('a' + any(3));
			text[len] = '\0';
			ours = fits(PATTERN_REGULAR, expression, false, text);
			theirs = regexec(&re, text, 0, NULL, 0) == 0;
			if (ours != theirs)
				fail_msg(
				    "\"%s\" in \"%s\": %d, not %d", expression, text, ours, theirs);
			compared++;
			fitting += ours;
		}
		regfree(&re);
	}
	assert_true(compared > 20000);
	assert_true(fitting > compared / 10 && fitting < compared * 9 / 10);
}

/* What makes machines that try one way after the other run for years. */
static void test_no_expression_is_slow(void **state)
{
	static const char *const rows[] = {"^(a*)*$", "^(a|a)*$", "^(a+)+$", "(a*){20}(b*){20}c$",
	    "^(a?){50}a{50}$", "^((a*)*)*$"};
	char text[20001];

	(void)state;
	memset(text, 'a', sizeof text - 1);
	text[sizeof text - 2] = '!';
	text[sizeof text - 1] = '\0';
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_false(fits(PATTERN_REGULAR, rows[i], true, text));
}

static void test_small_letters_and_sure_prefixes(void **state)
{
	(void)state;
	assert_true(pattern_is_small("abc 料 ß", strlen("abc 料 ß")));
	assert_false(pattern_is_small("abC", 3));
	assert_false(pattern_is_small("Ä", strlen("Ä")));
	assert_int_equal(pattern_sure_prefix("linus", 5), 5);
	assert_int_equal(pattern_sure_prefix("LINUS", 5), 5);
	assert_int_equal(pattern_sure_prefix("caféx", strlen("caféx")), 3);
	assert_int_equal(pattern_sure_prefix("Ärger", strlen("Ärger")), 0);
	assert_int_equal(pattern_sure_prefix("料理", strlen("料理")), strlen("料理"));
	assert_int_equal(pattern_sure_prefix("a\xFFz", 3), 1);
	assert_int_equal(pattern_sure_prefix("", 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_kinds),
	    cmocka_unit_test(test_expressions),
	    cmocka_unit_test(test_what_is_no_expression),
	    cmocka_unit_test(test_as_the_c_library),
	    cmocka_unit_test(test_no_expression_is_slow),
	    cmocka_unit_test(test_small_letters_and_sure_prefixes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
