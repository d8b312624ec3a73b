#include "config.h"
#include "engine/base/json_reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

enum { SIZE_LIMIT = 8 << 20, DEPTH = 64 };

struct fix {
	struct json_reader *r;
	struct json_node root;
	struct errbuf eb;
};

static int fix_start(void **state)
{
	struct fix *f = calloc(1, sizeof *f);

	assert_non_null(f);
	f->r = json_reader_new(SIZE_LIMIT, DEPTH);
	assert_non_null(f->r);
	*state = f;
	return 0;
}

static int fix_end(void **state)
{
	struct fix *f = *state;

	json_reader_free(f->r);
	free(f);
	return 0;
}

/* The text is copied to the end of an own block, so that a read beyond it is seen. */
static enum err parse_n(struct fix *f, const char *text, size_t len)
{
	char *copy = malloc(len ? len : 1);
	enum err e;

	assert_non_null(copy);
	memcpy(copy, text, len);
	e = json_reader_parse(f->r, copy, len, &f->root, &f->eb);
	free(copy);
	return e;
}

static enum err parse(struct fix *f, const char *text)
{
	return parse_n(f, text, strlen(text));
}

static void check_text(struct json_node node, const char *want, size_t want_len)
{
	const char *text;
	size_t len;

	assert_true(json_node_text(node, &text, &len));
	assert_int_equal(len, want_len);
	assert_memory_equal(text, want, want_len);
	assert_int_equal(text[len], 0);
}

static void test_types(void **state)
{
	static const struct {
		const char *name;
		enum json_type type;
	} want[] = {{"n", JSON_NODE_NULL}, {"b", JSON_NODE_BOOL}, {"i", JSON_NODE_INT},
	    {"m", JSON_NODE_INT}, {"u", JSON_NODE_REAL}, {"r", JSON_NODE_REAL},
	    {"t", JSON_NODE_TEXT}, {"a", JSON_NODE_ARRAY}, {"o", JSON_NODE_OBJECT},
	    {"none", JSON_NODE_NONE}};
	struct fix *f = *state;
	bool b = false;

	assert_int_equal(
	    parse(f, "{\"n\":null,\"b\":true,\"i\":7,\"m\":-9223372036854775808,"
	             "\"u\":9223372036854775808,\"r\":1.5,\"t\":\"x\",\"a\":[],\"o\":{}}"),
	    ERR_OK);
	for (size_t i = 0; i < sizeof want / sizeof want[0]; i++)
		assert_int_equal(
		    json_node_type(json_node_get(f->root, want[i].name)), want[i].type);
	assert_true(json_node_bool(json_node_get(f->root, "b"), &b));
	assert_true(b);
	assert_false(json_node_bool(json_node_get(f->root, "i"), &b));
}

static void test_ints(void **state)
{
	static const struct {
		const char *text;
		bool ok;
		int64_t value;
	} rows[] = {{"0", true, 0}, {"-5", true, -5}, {"9223372036854775807", true, INT64_MAX},
	    {"9223372036854775808", false, 0}, {"18446744073709551615", false, 0},
	    {"\"19900000\"", true, 19900000}, {"\"9223372036854775807\"", true, INT64_MAX},
	    {"\"18446744073709551615\"", false, 0}, {"\"\"", false, 0}, {"\" 5\"", false, 0},
	    {"\"5x\"", false, 0}, {"\"1e3\"", false, 0}, {"1e3", true, 1000}, {"1.5", false, 0},
	    {"1e300", false, 0}, {"true", false, 0}, {"null", false, 0}, {"[1]", false, 0},
	    {"123456789012345678901234567890", false, 0}, {"-12345678901234567890123", false, 0}};
	struct fix *f = *state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		int64_t v = -99;
		assert_int_equal(parse(f, rows[i].text), ERR_OK);
		assert_int_equal(json_node_int(f->root, &v), rows[i].ok);
		assert_int_equal(v, rows[i].ok ? rows[i].value : -99);
	}
}

static void test_get_and_path(void **state)
{
	struct fix *f = *state;
	struct json_node none = {NULL, 0};
	int64_t v = 0;
	const char *text = "x";
	size_t len = 9;

	assert_int_equal(
	    parse(f, "{\"a\":{\"skip\":[[1],{\"c\":1}],\"b\":{\"c\":41}},\"b\":1,\"b\":2}"),
	    ERR_OK);
	assert_true(json_node_int(json_node_path(f->root, "a/b/c"), &v));
	assert_int_equal(v, 41);
	assert_true(json_node_int(json_node_path(f->root, "b"), &v));
	assert_int_equal(v, 1);
	assert_null(json_node_path(f->root, "a/x/c").doc);
	assert_null(json_node_path(f->root, "a/b/c/d").doc);
	assert_null(json_node_get(f->root, "").doc);
	assert_null(json_node_get(none, "a").doc);
	assert_int_equal(json_node_type(none), JSON_NODE_NONE);
	assert_false(json_node_int(none, &v));
	assert_false(json_node_text(none, &text, &len));
	assert_null(text);
	assert_int_equal(len, 0);
}

static void test_walk(void **state)
{
	struct fix *f = *state;
	struct json_walk w;
	struct json_node item;
	const char *name = "x";
	int64_t v = 0, sum = 0;
	int n = 0;

	assert_int_equal(
	    parse(f, "{\"a\":[1,[9],2,{\"q\":9},3.5,3],\"e\":[],\"z\":\"t\"}"), ERR_OK);
	json_walk_start(&w, json_node_get(f->root, "a"));
	while (json_walk_next(&w, &item, &name)) {
		assert_null(name);
		sum += json_node_int(item, &v) ? v : 0;
		n++;
	}
	assert_int_equal(n, 6);
	assert_int_equal(sum, 6);
	json_walk_start(&w, f->root);
	assert_true(json_walk_next(&w, &item, &name));
	assert_string_equal(name, "a");
	assert_true(json_walk_next(&w, &item, NULL));
	assert_true(json_walk_next(&w, &item, &name));
	assert_string_equal(name, "z");
	check_text(item, "t", 1);
	assert_false(json_walk_next(&w, &item, &name));
	json_walk_start(&w, json_node_get(f->root, "e"));
	assert_false(json_walk_next(&w, &item, NULL));
	json_walk_start(&w, json_node_get(f->root, "z"));
	assert_false(json_walk_next(&w, &item, NULL));
}

static void test_mending(void **state)
{
	static const struct {
		const char *json, *want;
		size_t len; /* 0: strlen of want */
	} rows[] = {{"\"a\\ud83dz\"", "a\xEF\xBF\xBDz", 0}, {"\"\\udc00\"", "\xEF\xBF\xBD", 0},
	    {"\"\\ud83d\\ud83d\\ude00\"", "\xEF\xBF\xBD\xF0\x9F\x98\x80", 0},
	    {"\"\\uD83D\\uDE00 \\u003cb\\u003e\"", "\xF0\x9F\x98\x80 <b>", 0},
	    {"\"\\ude00\\ud83d\"", "\xEF\xBF\xBD\xEF\xBF\xBD", 0}, {"\"\\\\ud83d\"", "\\ud83d", 0},
	    {"\"\\\\\\ud83d\"", "\\\xEF\xBF\xBD", 0}, {"\"a\xFFz\"", "a\xEF\xBF\xBDz", 0},
	    {"\"\xC3\xA4\xE2\x82\"", "\xC3\xA4\xEF\xBF\xBD\xEF\xBF\xBD", 0},
	    {"\"\xED\xA0\x80\"", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD", 0},
	    {"\"\xF5q\\ud800\"", "\xEF\xBF\xBDq\xEF\xBF\xBD", 0}, {"\"a\\u0000b\"", "a\0b", 3},
	    {"\xEF\xBB\xBF\"bom\"", "bom", 0}};
	struct fix *f = *state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(parse(f, rows[i].json), ERR_OK);
		check_text(f->root, rows[i].want, rows[i].len ? rows[i].len : strlen(rows[i].want));
	}
}

static void test_names_with_nul(void **state)
{
	struct fix *f = *state;
	int64_t v = 0;

	assert_int_equal(parse(f, "{\"a\\u0000b\":1,\"a\":2}"), ERR_OK);
	assert_true(json_node_int(json_node_get(f->root, "a"), &v));
	assert_int_equal(v, 2);
}

static void test_refused(void **state)
{
	static const char *const rows[] = {"", " ", "{", "}", "{}{}", "{} x", "[1,]", "{\"a\":}",
	    "{\"a\" 1}", "\"abc", "tru", "nul", "01", "1e999", "\"\\x\"", "\"\\u12\"", "\"\\ud8\"",
	    "\"a\nb\"", "'a'", "<html>", "\xFF", "\\", "{\"a\":1}\xEF\xBB\xBF", "[1 2]", "--1",
	    "-"};
	static const char nul[] = "{\"a\":\0 1}";
	struct fix *f = *state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(parse(f, rows[i]), ERR_INVALID);
		assert_null(f->root.doc);
		assert_true(strlen(f->eb.text) > 10);
	}
	assert_int_equal(parse_n(f, nul, sizeof nul - 1), ERR_INVALID);
	assert_int_equal(parse_n(f, "[]\0", 3), ERR_INVALID);
	assert_int_equal(parse_n(f, "\0\0\0", 3), ERR_INVALID);
	assert_int_equal(parse(f, "[]"), ERR_OK);
}

/* With something inside: the parser does not count an empty innermost array. */
static char *nested(int depth)
{
	size_t n = (size_t)depth;
	char *text = malloc(n * 2 + 2);

	assert_non_null(text);
	memset(text, '[', n);
	text[n] = '1';
	memset(text + n + 1, ']', n);
	text[n * 2 + 1] = '\0';
	return text;
}

static void test_depth(void **state)
{
	static const struct {
		int depth;
		enum err want;
	} rows[] = {
	    {DEPTH, ERR_OK}, {DEPTH + 1, ERR_LIMIT}, {10000, ERR_LIMIT}, {300000, ERR_LIMIT}};
	struct fix *f = *state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char *text = nested(rows[i].depth);
		assert_int_equal(parse(f, text), rows[i].want);
		free(text);
	}
	assert_int_equal(parse(f, "{\"a\":1}"), ERR_OK);
}

static void test_size(void **state)
{
	struct json_reader *r = json_reader_new(10, 4);
	struct json_node root;

	(void)state;
	assert_non_null(r);
	assert_int_equal(json_reader_parse(r, "[1,2,3,45]", 10, &root, NULL), ERR_OK);
	assert_int_equal(json_reader_parse(r, "[1,2,3,456]", 11, &root, NULL), ERR_LIMIT);
	assert_null(root.doc);
	/* mending may make it longer than the limit */
	assert_int_equal(
	    json_reader_parse(r, "\"\xFF\xFF\xFF\xFF\xFF\xFF\xFF\"", 9, &root, NULL), ERR_OK);
	json_reader_free(r);
	json_reader_free(NULL);
}

/* Grows, shrinks, meets errors in between: the reader must stay usable. */
static void test_reuse(void **state)
{
	static const size_t sizes[] = {10, 70000, 100, 1000000, 5, 3000000, 64};
	struct fix *f = *state;

	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		size_t n = sizes[i];
		char *text = malloc(n + 2);
		assert_non_null(text);
		memset(text, 'x', n + 2);
		text[0] = text[n + 1] = '"';
		assert_int_equal(parse_n(f, text, n + 2), ERR_OK);
		check_text(f->root, text + 1, n);
		assert_int_equal(parse_n(f, text, n + 1), ERR_INVALID);
		free(text);
	}
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fix_start, fix_end)
	const struct CMUnitTest tests[] = {T(test_types), T(test_ints), T(test_get_and_path),
	    T(test_walk), T(test_mending), T(test_names_with_nul), T(test_refused), T(test_depth),
	    T(test_size), T(test_reuse)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
