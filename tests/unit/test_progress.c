#include "config.h"
#include "tui/cli_text.h"
#include "tui/progress.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

enum { NOW = 1795435200 };

static struct snapshot_job running(void)
{
	struct snapshot_job j = {.no = 1001,
	    .type = "batch_metadata",
	    .word = "metadata",
	    .status = "running",
	    .total = 10000,
	    .processed = 5420,
	    .units = 109,
	    .rate = 813.4,
	    .eta = NOW + 6};

	return j;
}

static void expect_line(const struct snapshot_job *j, int width, const char *want)
{
	struct str line;

	str_init(&line, 4096);
	progress_format(&line, j, NOW, width);
	assert_string_equal(str_get(&line), want);
	str_done(&line);
}

static void test_line(void **state)
{
	struct snapshot_job j = running();

	(void)state;
	expect_line(&j, 80,
	    "metadata  [########........] 54.2 %  5,420 / 10,000  813/s  ETA 00:06  units 109");
	/* too narrow for a bar worth its place */
	expect_line(&j, 66, "metadata  54.2 %  5,420 / 10,000  813/s  ETA 00:06  units 109");
	expect_line(&j, 20, "metadata  54.2 %  5,");
	expect_line(&j, 200,
	    "metadata  [#####################...................] 54.2 %  5,420 / 10,000  813/s  "
	    "ETA "
	    "00:06  units 109");
}

static void test_ends_of_the_bar(void **state)
{
	struct snapshot_job j = running();

	(void)state;
	j.units = 0;
	j.eta = 0;
	j.rate = 0;
	j.total = 10;
	j.processed = 0;
	expect_line(&j, 40, "metadata  [.........] 0.0 %  0 / 10  0/s");
	j.processed = 10;
	expect_line(&j, 40, "metadata  [########] 100 %  10 / 10  0/s");
	j.total = -1;
	j.processed = 1234567;
	expect_line(&j, 80, "metadata  1,234,567  0/s");
}

static void test_waiting(void **state)
{
	struct snapshot_job j = running();
	struct str line;

	(void)state;
	memcpy(j.status, "waiting", sizeof "waiting");
	memcpy(j.reason, "all quota is spent", sizeof "all quota is spent");
	j.until = 1795420800; /* 2026-11-23 08:00Z */
	str_init(&line, 4096);
	progress_format(&line, &j, NOW, 200);
	assert_non_null(strstr(str_get(&line), "  waiting: all quota is spent until "));
	assert_null(strstr(str_get(&line), "ETA"));
	str_done(&line);
}

static void test_duration(void **state)
{
	static const struct {
		int64_t seconds;
		const char *want;
	} rows[] = {{-5, "00:00"}, {0, "00:00"}, {6, "00:06"}, {3599, "59:59"}, {3600, "1:00:00"},
	    {86399, "23:59:59"}, {86400, "1 d 00:00"}, {10 * 86400 + 3 * 3600 + 240, "10 d 03:04"}};
	char buf[CLI_TIME_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_string_equal(cli_duration(rows[i].seconds, buf), rows[i].want);
	assert_true(strlen(cli_duration(INT64_MAX, buf)) < CLI_TIME_SIZE);
}

static void test_when(void **state)
{
	char buf[CLI_TIME_SIZE];

	(void)state;
	assert_string_equal(cli_when(0, buf), "-");
	assert_string_equal(cli_when(86400, buf), "1970-01-02 00:00Z");
	assert_string_equal(cli_when(951782399, buf), "2000-02-28 23:59Z");
	assert_string_equal(cli_when(951782400, buf), "2000-02-29 00:00Z");
}

static void test_json(void **state)
{
	static const char in[] = "a\"b\\c\n\td\x1b[31m\xff\xc3\xa9";
	struct str out;

	(void)state;
	str_init(&out, 4096);
	cli_add_json(&out, in, sizeof in - 1);
	assert_string_equal(str_get(&out), "\"a\\\"b\\\\c\\n\\u0009d[31m\xef\xbf\xbd\xc3\xa9\"");
	str_reset(&out);
	cli_add_json(&out, "", 0);
	assert_string_equal(str_get(&out), "\"\"");
	str_done(&out);
}

static void test_json_members(void **state)
{
	static const char text[] =
	    "{\"n\":12,\"big\":9007199254740993,\"r\":1.5,\"t\":\"x\\u001by\"}";
	struct json_reader *reader = json_reader_new(4096, 8);
	struct json_node root;
	struct str out;

	(void)state;
	assert_non_null(reader);
	assert_int_equal(json_reader_parse(reader, text, sizeof text - 1, &root, NULL), ERR_OK);
	assert_int_equal(cli_json_int(root, "n", -1), 12);
	assert_int_equal(cli_json_int(root, "big", -1), INT64_C(9007199254740993));
	assert_int_equal(cli_json_int(root, "none", -1), -1);
	assert_int_equal(cli_json_int(root, "t", -1), -1);
	assert_true(cli_json_real(root, "r") == 1.5);
	assert_true(cli_json_real(root, "n") == 12.0);
	assert_true(cli_json_real(root, "t") == 0.0);
	str_init(&out, 64);
	cli_json_text(root, "t", &out);
	assert_string_equal(str_get(&out), "xy");
	cli_json_text(root, "n", &out);
	assert_string_equal(str_get(&out), "xy");
	str_done(&out);
	json_reader_free(reader);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_line),
	    cmocka_unit_test(test_ends_of_the_bar),
	    cmocka_unit_test(test_waiting),
	    cmocka_unit_test(test_duration),
	    cmocka_unit_test(test_when),
	    cmocka_unit_test(test_json),
	    cmocka_unit_test(test_json_members),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
