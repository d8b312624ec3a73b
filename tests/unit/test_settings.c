/* .env files, the table of settings, secrets. */
#include "config.h"
#include "engine/base/env_file.h"
#include "engine/base/settings.h"
#include "engine/base/str.h"
#include "tests/unit/scratch.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

static struct scratch scratch;

static int set_up(void **state)
{
	(void)state;
	for (int i = 0; i < SET_COUNT; i++) {
		unsetenv(settings_info((enum setting)i)->name);
		if (settings_info((enum setting)i)->alias)
			unsetenv(settings_info((enum setting)i)->alias);
	}
	return scratch_open(&scratch);
}

static int tear_down(void **state)
{
	(void)state;
	scratch_close(&scratch);
	return 0;
}

/* ---- the format ---- */

static enum err note_pair(
    void *arg, const char *name, const char *value, int line, struct errbuf *eb)
{
	struct str *s = arg;

	if (strcmp(name, "STOP") == 0)
		return err_set(eb, ERR_DENIED, "stopped at %d", line);
	str_addf(s, "%d:%s=[%s];", line, name, value);
	return ERR_OK;
}

static void check_env(const char *in, const char *want, enum err err, const char *message)
{
	struct errbuf eb = {0};
	struct str s;

	str_init(&s, 4096);
	assert_int_equal(env_file_parse("f", in, strlen(in), note_pair, &s, &eb), err);
	assert_string_equal(str_get(&s), want);
	if (message)
		assert_string_equal(eb.text, message);
	str_done(&s);
}

static void test_env_grammar(void **state)
{
	(void)state;
	check_env("", "", ERR_OK, NULL);
	check_env("A=1\nB=2", "1:A=[1];2:B=[2];", ERR_OK, NULL);
	check_env("\xEF\xBB\xBF"
	          "A=1\r\n\r\nB=2\r\n",
	    "1:A=[1];3:B=[2];", ERR_OK, NULL);
	check_env("# c\n\n  # d\nA=1", "4:A=[1];", ERR_OK, NULL);
	check_env("export A=1\nexport\tB = 2 \nexported=3", "1:A=[1];2:B=[2];3:exported=[3];",
	    ERR_OK, NULL);
	check_env(
	    "A=x y # rest\nB=x#y\nC= \nD=", "1:A=[x y];2:B=[x#y];3:C=[];4:D=[];", ERR_OK, NULL);
	check_env("A='a \\n # \"b'\nB=\"a\\n\\t\\\"\\\\\\$ # 'b\" # c",
	    "1:A=[a \\n # \"b];2:B=[a\n\t\"\\$ # 'b];", ERR_OK, NULL);
	check_env(
	    "A=\"one\r\ntwo\"\nB='x\ny' \nC=3", "1:A=[one\ntwo];3:B=[x\ny];5:C=[3];", ERR_OK, NULL);
	check_env("_a9=\xC3\xA9", "1:_a9=[\xC3\xA9];", ERR_OK, NULL);
	check_env("A=a=b", "1:A=[a=b];", ERR_OK, NULL);
	check_env("A=1\nSTOP=1\nB=2", "1:A=[1];", ERR_DENIED, "stopped at 2");
}

static void test_env_errors(void **state)
{
	(void)state;
	check_env("A=1\nnonsense\n", "1:A=[1];", ERR_INVALID, "f:2: expected NAME=value");
	check_env("\n=x", "", ERR_INVALID, "f:2: expected NAME=value");
	check_env("9A=x", "", ERR_INVALID, "f:1: expected NAME=value");
	check_env("A-B=x", "", ERR_INVALID, "f:1: expected NAME=value");
	check_env("A", "", ERR_INVALID, "f:1: expected NAME=value");
	check_env("A='x\n\n", "", ERR_INVALID, "f:1: A: the closing quote is missing");
	check_env("A=\"x\\\"", "", ERR_INVALID, "f:1: A: the closing quote is missing");
	check_env("A='1\n2' x", "", ERR_INVALID, "f:2: A: text after the closing quote");
	check_env("\nA=x\x01y", "", ERR_INVALID,
	    "f:2: A: value holds control characters or bytes that are no UTF-8");
	check_env("A=\xFF", "", ERR_INVALID,
	    "f:1: A: value holds control characters or bytes that are no UTF-8");
	check_env("A=x\ry", "", ERR_INVALID,
	    "f:1: A: value holds control characters or bytes that are no UTF-8");
}

static void put_file(const char *name, const char *text, size_t len)
{
	FILE *f = fopen(scratch_path(&scratch, name), "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static void test_env_sizes(void **state)
{
	size_t mib = 1024 * 1024;
	char *text = malloc(mib + 1);
	struct errbuf eb = {0};
	struct str s;

	(void)state;
	str_init(&s, 4096);
	memset(text, '\n', mib + 1);
	memcpy(text + mib - 4, "\nA=1", 4);
	put_file("size", text, mib); /* the most there may be */
	assert_int_equal(env_file_read(scratch_path(&scratch, "size"), note_pair, &s, &eb), ERR_OK);
	assert_non_null(strstr(str_get(&s), ":A=[1];"));
	put_file("size", text, mib + 1);
	assert_int_equal(
	    env_file_read(scratch_path(&scratch, "size"), note_pair, &s, &eb), ERR_LIMIT);
	assert_non_null(strstr(eb.text, "1 MiB"));
	memset(text, 'x', mib);
	memcpy(text, "A=", 2);
	put_file("size", text, 100000);
	assert_int_equal(
	    env_file_read(scratch_path(&scratch, "size"), note_pair, &s, &eb), ERR_LIMIT);
	assert_non_null(strstr(eb.text, ":1: name or value too long"));
	assert_int_equal(
	    env_file_read(scratch_path(&scratch, "none"), note_pair, &s, &eb), ERR_NOTFOUND);
	str_done(&s);
	free(text);
}

/* ---- the table ---- */

static void test_table(void **state)
{
	(void)state;
	for (int i = 0; i < SET_COUNT; i++) {
		const struct setting_info *info = settings_info((enum setting)i);
		int64_t n = -1;
		double d = -1;
		assert_true(info->name[0] && info->help[0]);
		for (int k = 0; k < i; k++)
			assert_string_not_equal(info->name, settings_info((enum setting)k)->name);
		if (info->type == SETTING_NUMBER || info->type == SETTING_FLAG)
			assert_int_equal(
			    str_to_i64(info->fallback, info->least, info->most, &n), ERR_OK);
		if (info->type == SETTING_DECIMAL)
			assert_int_equal(str_to_double(info->fallback, (double)info->least,
			                     (double)info->most, &d),
			    ERR_OK);
		if (info->type == SETTING_SECRET_TEXT)
			assert_string_equal(info->fallback, "");
	}
}

static struct settings *load(const char *text)
{
	struct errbuf eb = {0};
	struct settings *s = NULL;

	put_file("env", text, strlen(text));
	if (settings_load(&s, scratch_path(&scratch, "env"), &eb))
		fail_msg("%s", eb.text);
	return s;
}

static void test_defaults(void **state)
{
	struct settings *s = load("UNKNOWN_OF_ANOTHER_PROGRAM=1\n");

	(void)state;
	assert_int_equal(settings_number(s, SET_BATCH_SIZE, 0), 1000);
	assert_int_equal(settings_number(s, SET_API_KEY_QUOTA, 3), 10000);
	assert_true(settings_decimal(s, SET_RATE_DELAY, 0) > 0.0999 &&
	            settings_decimal(s, SET_RATE_DELAY, 0) < 0.1001);
	assert_false(settings_flag(s, SET_CLUSTER));
	assert_string_equal(settings_text(s, SET_LISTEN, 0), "127.0.0.1:5000");
	assert_null(settings_secret(s, SET_DATABASE_URL, 0));
	assert_false(settings_is_set(s, SET_BATCH_SIZE, 0));
	assert_string_equal(settings_origin(s, SET_BATCH_SIZE, 0), "default");
	assert_int_equal(settings_family_max(s, SET_API_KEY), 0);
	settings_free(s);
	settings_free(NULL);
}

static void test_precedence(void **state)
{
	struct errbuf eb = {0};
	struct settings *s;

	(void)state;
	setenv("DEFAULT_BATCH_SIZE", "200", 1);
	setenv("CELERY_CONCURRENCY", "3", 1);
	s = load(
	    "A=1\nDEFAULT_BATCH_SIZE=100\nWORKER_CONCURRENCY=2\nMAX_ATTEMPTS=7\nMAX_ATTEMPTS=8\n"
	    "REFRESH_AFTER_DAYS=\n");
	assert_int_equal(settings_number(s, SET_BATCH_SIZE, 0), 200);
	assert_string_equal(settings_origin(s, SET_BATCH_SIZE, 0), "environment");
	assert_int_equal(settings_number(s, SET_WORKERS, 0), 3); /* by its other name */
	assert_int_equal(settings_number(s, SET_MAX_ATTEMPTS, 0), 8);
	assert_non_null(strstr(settings_origin(s, SET_MAX_ATTEMPTS, 0), "env:5"));
	assert_int_equal(settings_number(s, SET_REFRESH_DAYS, 0), 30); /* empty: its default */
	assert_int_equal(settings_set(s, "DEFAULT_BATCH_SIZE", "300", "--batch-size", &eb), ERR_OK);
	assert_int_equal(settings_number(s, SET_BATCH_SIZE, 0), 300);
	assert_string_equal(settings_origin(s, SET_BATCH_SIZE, 0), "--batch-size");
	assert_int_equal(settings_set(s, "NO_SUCH", "1", "--x", &eb), ERR_NOTFOUND);
	assert_non_null(strstr(eb.text, "NO_SUCH"));
	settings_free(s);
	unsetenv("DEFAULT_BATCH_SIZE");
	unsetenv("CELERY_CONCURRENCY");
}

static void test_family(void **state)
{
	struct settings *s =
	    load("YOUTUBE_API_KEY_1=one\nYOUTUBE_API_KEY_7=seven\nYOUTUBE_API_KEY_7_QUOTA=500\n"
	         "YOUTUBE_API_KEY_7_PROJECT=p\nYOUTUBE_API_KEY_0=no\nYOUTUBE_API_KEY_01=no\n"
	         "YOUTUBE_API_KEY_1001=no\nYOUTUBE_API_KEY_=no\nYOUTUBE_API_KEY_2x=no\n"
	         "YOUTUBE_API_KEY_3=\n");

	(void)state;
	assert_int_equal(settings_family_max(s, SET_API_KEY), 7);
	assert_string_equal(secret_reveal(settings_secret(s, SET_API_KEY, 1)), "one");
	assert_string_equal(secret_reveal(settings_secret(s, SET_API_KEY, 7)), "seven");
	assert_null(settings_secret(s, SET_API_KEY, 2));
	assert_null(settings_secret(s, SET_API_KEY, 3)); /* empty counts as not set */
	assert_int_equal(settings_number(s, SET_API_KEY_QUOTA, 7), 500);
	assert_int_equal(settings_number(s, SET_API_KEY_QUOTA, 1), 10000);
	assert_string_equal(settings_text(s, SET_API_KEY_PROJECT, 7), "p");
	settings_free(s);
}

static void check_bad(const char *name, const char *value, const char *least, const char *most)
{
	char line[200];
	struct errbuf eb = {0};
	struct settings *s = NULL;

	snprintf(line, sizeof line, "X=1\n%s=%s\n", name, value);
	put_file("env", line, strlen(line));
	assert_int_equal(settings_load(&s, scratch_path(&scratch, "env"), &eb), ERR_INVALID);
	assert_null(s);
	if (!strstr(eb.text, "env:2: ") || !strstr(eb.text, name) || !strstr(eb.text, value) ||
	    !strstr(eb.text, least) || !strstr(eb.text, most))
		fail_msg("%s=%s: %s", name, value, eb.text);
}

static void test_bad_values(void **state)
{
	char least[32], most[32], over[32], under[32];
	struct errbuf eb = {0};
	struct settings *s = NULL;

	(void)state;
	for (int i = 0; i < SET_COUNT; i++) {
		const struct setting_info *info = settings_info((enum setting)i);
		if (strchr(info->name, '#'))
			continue;
		snprintf(least, sizeof least, "%lld", (long long)info->least);
		snprintf(most, sizeof most, "%lld", (long long)info->most);
		snprintf(over, sizeof over, "%lld", (long long)info->most + 1);
		snprintf(under, sizeof under, "%lld", (long long)info->least - 1);
		if (info->type == SETTING_NUMBER || info->type == SETTING_DECIMAL) {
			check_bad(info->name, "many", least, most);
			check_bad(info->name, over, least, most);
			check_bad(info->name, under, least, most);
		}
		if (info->type == SETTING_FLAG)
			check_bad(info->name, "2", "0", "1");
	}
	setenv("MAX_ATTEMPTS", "0", 1);
	put_file("env", "", 0);
	assert_int_equal(settings_load(&s, scratch_path(&scratch, "env"), &eb), ERR_INVALID);
	assert_string_equal(
	    eb.text, "environment: MAX_ATTEMPTS: \"0\" is not a whole number from 1 to 100");
	unsetenv("MAX_ATTEMPTS");
	assert_int_equal(settings_load(&s, scratch_path(&scratch, "none"), &eb), ERR_NOTFOUND);
}

static void test_flags(void **state)
{
	static const char *const words[] = {
	    "0", "1", "no", "YES", "False", "true", "off", "On", "", NULL};
	struct errbuf eb = {0};
	struct settings *s = load("");

	(void)state;
	for (int i = 0; words[i]; i++) {
		assert_int_equal(settings_set(s, "CLUSTER", words[i], "test", &eb), ERR_OK);
		assert_int_equal(settings_flag(s, SET_CLUSTER), i % 2);
	}
	settings_free(s);
}

/* What is secret is in no message, whatever is wrong beside it. */
static void test_secrets_stay(void **state)
{
	static const char text[] = "SECRET_KEY=hunter2\nDATABASE_URL=postgresql://u:hunter2@h/d\n"
	                           "API_TOKEN='hunter2\n";
	struct errbuf eb = {0};
	struct settings *s = NULL;

	(void)state;
	put_file("env", text, strlen(text));
	assert_int_equal(settings_load(&s, scratch_path(&scratch, "env"), &eb), ERR_INVALID);
	assert_non_null(strstr(eb.text, "API_TOKEN"));
	assert_null(strstr(eb.text, "hunter2"));
	put_file("env", "API_TOKEN=hunter2\x01\n", 19);
	assert_int_equal(settings_load(&s, scratch_path(&scratch, "env"), &eb), ERR_INVALID);
	assert_null(strstr(eb.text, "hunter2"));
	s = load("API_TOKEN=hunter2\n");
	assert_string_equal(settings_text(s, SET_API_TOKEN, 0), "");
	assert_string_equal(secret_reveal(settings_secret(s, SET_API_TOKEN, 0)), "hunter2");
	settings_free(s);
}

static void check_data_dir(const char *file, const char *xdg, const char *home, const char *want)
{
	struct settings *s = load(file);
	char *dir;

	xdg ? setenv("XDG_DATA_HOME", xdg, 1) : unsetenv("XDG_DATA_HOME");
	home ? setenv("HOME", home, 1) : unsetenv("HOME");
	dir = settings_data_dir(s);
	assert_string_equal(dir, want);
	free(dir);
	settings_free(s);
}

static void test_data_dir(void **state)
{
	(void)state;
	check_data_dir("TUBEOPS_DATA=/d\n", "/x", "/h", "/d");
	check_data_dir("", "/x", "/h", "/x/tubeops");
	check_data_dir("", "relative", "/h", "/h/.local/share/tubeops");
	check_data_dir("", NULL, "/h", "/h/.local/share/tubeops");
	check_data_dir("", NULL, NULL, "./.local/share/tubeops");
	setenv("TUBEOPS_TEST_WORD", "yes", 1);
	assert_string_equal(settings_environment("TUBEOPS_TEST_WORD"), "yes");
	assert_null(settings_environment("TUBEOPS_TEST_NO_SUCH"));
}

static void test_secret(void **state)
{
	struct secret *s = secret_new("abc", 3), *copy = secret_copy(s), *empty = secret_new("", 0);

	(void)state;
	assert_string_equal(secret_print(s), "ba7816"); /* of SHA-256 of abc */
	assert_string_equal(secret_print(empty), "e3b0c4");
	assert_string_equal(secret_reveal(copy), "abc");
	assert_ptr_not_equal(secret_reveal(copy), secret_reveal(s));
	assert_int_equal(secret_length(s), 3);
	assert_int_equal(secret_length(empty), 0);
	assert_true(secret_is_equal(s, "abcd", 3));
	assert_false(secret_is_equal(s, "abd", 3));
	assert_false(secret_is_equal(s, "ab", 2));
	assert_false(secret_is_equal(s, "abcd", 4));
	assert_true(secret_is_equal(empty, "", 0));
	secret_free(s);
	assert_string_equal(secret_reveal(copy), "abc");
	secret_free(copy);
	secret_free(empty);
	secret_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_env_grammar),
	    cmocka_unit_test(test_env_errors),
	    cmocka_unit_test(test_env_sizes),
	    cmocka_unit_test(test_table),
	    cmocka_unit_test(test_defaults),
	    cmocka_unit_test(test_precedence),
	    cmocka_unit_test(test_family),
	    cmocka_unit_test(test_bad_values),
	    cmocka_unit_test(test_flags),
	    cmocka_unit_test(test_secrets_stay),
	    cmocka_unit_test(test_data_dir),
	    cmocka_unit_test(test_secret),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
