/* The filter language: what it means, what it refuses and with which words, numbers and times. */
#include "config.h"
#include "engine/base/clock.h"
#include "engine/base/filter.h"
#include "engine/base/filter_values.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const states[] = {"pending", "done", "absent", "missing", "failed", NULL};

enum { F_TITLE, F_HANDLE, F_LANG, F_SUBS, F_CONF, F_FETCHED, F_STATE, F_RANK };

static const struct filter_field fields[] = {
    [F_TITLE] = {"title", NULL, FILTER_TEXT, true, 0, NULL},
    [F_HANDLE] = {"handle", "custom_url", FILTER_TEXT, true, 0, NULL},
    [F_LANG] = {"lang", "language", FILTER_TAG, false, 0, NULL},
    [F_SUBS] = {"subs", "subscribers subscriber_count", FILTER_NUMBER, false, 0, NULL},
    [F_CONF] = {"confidence", NULL, FILTER_NUMBER, false, 0, NULL},
    [F_FETCHED] = {"fetched", NULL, FILTER_TIME, false, 0, NULL},
    [F_STATE] = {"state", "metadata", FILTER_CHOICE, false, 0, states},
    [F_RANK] = {"rank", NULL, FILTER_RANK, false, 0, states},
    FILTER_FIELDS_END,
};

/* 2026-11-22T18:47:12Z */
enum { NOW = 1795373232 };

struct row {
	const char *title, *handle, *lang;
	double subs; /* -1: not known */
	int64_t age; /* of what was fetched; -1: never */
	const char *state;
};

static void get(const void *arg, int field, struct filter_data *out)
{
	const struct row *r = arg;

	switch (field) {
	case F_TITLE:
		out->text = r->title;
		break;
	case F_HANDLE:
		out->text = r->handle;
		break;
	case F_LANG:
		out->text = r->lang;
		break;
	case F_STATE:
	case F_RANK:
		out->text = r->state;
		break;
	case F_SUBS:
		out->has_number = r->subs >= 0;
		out->number = r->subs;
		break;
	case F_FETCHED:
		out->has_number = r->age >= 0;
		out->number = (double)(NOW - r->age);
		break;
	default:
		break;
	}
}

static const struct row rows[] = {
    {"Linus Tech Tips", "@LinusTechTips", "en-US", 16600000, 7200, "done"},
    {"Marques Brownlee", "@mkbhd", "en", 20900000, 7300, "done"},
    {"きまぐれクック Kimagure Cook", "@kimagurecook", "ja", 14100000, 40 * 86400, "done"},
    {"Zé do Café", NULL, "pt", 500, 3 * 86400, "done"},
    {NULL, NULL, NULL, -1, -1, "pending"},
    {"DW Documentary", "@DW", "de", -1, 86400, "missing"},
    {"a|b \"quoted\" text", "@x", "deu", 10000, 60, "failed"},
};

enum { ROWS = sizeof rows / sizeof rows[0] };

/* The rows that pass, as digits. */
static void passing(const char *text, char out[ROWS + 1])
{
	struct errbuf eb = {0};
	struct filter *f;
	size_t n = 0;

	if (filter_parse(&f, text, fields, NOW, NULL, &eb))
		fail_msg("%s: %s", text, eb.text);
	for (int i = 0; i < ROWS; i++)
		if (filter_match(f, get, &rows[i]))
			out[n++] = (char)('0' + i);
	out[n] = '\0';
	filter_free(f);
}

/* Filters and the rows that pass. */
static const struct {
	const char *text, *rows;
} meanings[] = {
    {"", "0123456"},
    {"   ", "0123456"},
    {"tech", "0"},
    {"Tech", "0"},
    {"TECH", ""},
    {"café", "3"},
    {"linus*", "0"},
    {"@linus*", "0"},
    {"tips*", ""},
    {"\"Tech Tips\"", "0"},
    {"\"a|b\"", "6"},
    {"\"\\\"quoted\\\"\"", "6"},
    {"!tech", "123456"},
    {"!!tech", "0"},
    {"~^m.*b", "1"},
    {"~\"tech t|do c\"", "03"},
    {"~tips$|^dw", "05"},
    {"!~e", "34"},
    {"rank>=miss", "56"},
    {"rank<done", "4"},
    {"rank<=done", "01234"},
    {"rank>absent", "56"},
    {"rank=fail", "6"},
    {"rank=failed,done", "01236"},
    {"rank!=done", "456"},
    {"tech tips", "0"},
    {"tech | dw", "05"},
    {"tech|dw", "05"},
    {"tech x | dw", "5"},
    {"title:cook", "2"},
    {"title:Cook", "2"},
    {"title:COOK", ""},
    {"title=\"dw documentary\"", "5"},
    {"title=dw*", "5"},
    {"title=*", "012356"},
    {"title=-", "4"},
    {"title!=-", "012356"},
    {"handle=-", "34"},
    {"custom_url=@dw,@MKBHD", "15"},
    {"title~^[a-l]", "056"},
    {"lang=en", "01"},
    {"lang=EN", "01"},
    {"lang=en-US", "0"},
    {"lang=de", "5"},
    {"lang=de,ja", "25"},
    {"lang!=en", "23456"},
    {"language=-", "4"},
    {"subs>=10k", "0126"},
    {"subs>10k", "012"},
    {"subs=10k", "6"},
    {"subs=10000,500", "36"},
    {"subs!=10k", "012345"},
    {"subs<1k", "3"},
    {"subs<=14.1m", "236"},
    {"subs>0.02g", "1"},
    {"subs=-", "45"},
    {"subs!=-", "01236"},
    {"subscriber_count>=10k subs<15m", "26"},
    {"fetched<1d", "016"},
    {"fetched<=1d", "0156"},
    {"fetched>30d", "2"},
    {"fetched>=24h", "235"},
    {"fetched=-", "4"},
    {"fetched>2026-11-20", "0156"},
    {"fetched>=2026-11-19", "01356"},
    {"fetched=2026-11-22", "016"},
    {"fetched=2026-11", "01356"},
    {"fetched<2026-11", "2"},
    {"fetched=2026", "012356"},
    {"fetched>=18:46", "6"},
    {"fetched<2026-11-21T19", "235"},
    {"state=done", "0123"},
    {"state=done,failed", "01236"},
    {"state!=done", "456"},
    {"metadata:MISSING", "5"},
    {"state=m*", "5"},
    {"!state=done subs>1", "6"},
    {"lang=ja | state=pending fetched=-", "24"},
    {"confidence=-", "0123456"},
    {"https://www", ""},
    {"-", ""},
};

static void test_meaning(void **state)
{
	char got[ROWS + 1];

	(void)state;
	for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++) {
		passing(meanings[i].text, got);
		if (strcmp(got, meanings[i].rows) != 0)
			fail_msg("%s: rows %s, not %s", meanings[i].text, got, meanings[i].rows);
	}
}

static void test_refusals(void **state)
{
	static const struct {
		const char *text;
		size_t at;
		const char *says;
	} want[] = {
	    {"sub>=10k", 0, "column 1: there is no field \"sub\"; there are title handle lang"},
	    {"x sub=1", 2, "column 3: there is no field"},
	    {"é sub=1", 3, "column 3: there is no field"},
	    {"subs>=", 6, "a value belongs right behind subs"},
	    {"subs>= 10k", 6, "a value belongs right behind subs"},
	    {"subs>=ten", 6, "\"ten\" is no number; write subs>=10k"},
	    {"subs:", 5, "a value"},
	    {"subs~1", 0, "subs takes = !="},
	    {"subs>1,2", 5, "\"1,2\" is no number"},
	    {"title>a", 0, "title is a text"},
	    {"fetched<soon", 8, "\"soon\" is no time; write fetched<30d"},
	    {"fetched=30d", 8, "an age is shorter or longer: write fetched<30d"},
	    {"fetched>2026-13-01", 8, "is no time"},
	    {"fetched>2026-02-30", 8, "is no time"},
	    {"state=dne", 6, "state is never \"dne\"; it is one of pending done absent"},
	    {"state>done", 0, "state takes = and !="},
	    {"rank>dne", 5, "rank is never \"dne\"; it is one of pending done absent"},
	    {">=10k", 0, "a field belongs right before >="},
	    {"subs >= 10k", 5, "a field belongs right before >="},
	    {"! tech", 0, "belongs right behind the !"},
	    {"tech !", 5, "belongs right behind the !"},
	    {"a |", 3, "on both sides of a |"},
	    {"| a", 0, "on both sides of a |"},
	    {"a || b", 3, "on both sides of a |"},
	    {"\"abc", 0, "a \" without its second one"},
	    {"title=\"abc", 6, "a \" without its second one"},
	    {"\"abc\"def", 5, "a blank belongs behind the second \""},
	    {"~(", 1, "expression: a ( without its )"},
	    {"~", 1, "an expression belongs right behind the ~"},
	    {"title~[", 6, "expression: a [ without its ]"},
	    {"\"\"", 0, "nothing to look for"},
	    {"a\x01", 0, "control characters"},
	    {"a\xFF", 0, "control characters"},
	};
	struct errbuf eb;
	struct filter *f;
	size_t at;

	(void)state;
	for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
		eb = (struct errbuf){0};
		at = 999;
		if (!filter_parse(&f, want[i].text, fields, NOW, &at, &eb))
			fail_msg("%s was taken", want[i].text);
		assert_null(f);
		if (!strstr(eb.text, want[i].says) || at != want[i].at)
			fail_msg("%s: at %zu: %s", want[i].text, at, eb.text);
	}
}

/* As long, deep and many as anybody may send. */
static void test_limits(void **state)
{
	char *text = malloc(3 * FILTER_LIMIT);
	struct errbuf eb = {0};
	struct filter *f;

	(void)state;
	assert_non_null(text);
	memset(text, '!', FILTER_LIMIT - 1);
	memcpy(text + FILTER_LIMIT - 1, "a", 2);
	assert_int_equal(filter_parse(&f, text, fields, NOW, NULL, &eb), ERR_OK);
	filter_free(f);
	memset(text, 'a', FILTER_LIMIT + 1);
	text[FILTER_LIMIT + 1] = '\0';
	assert_int_equal(filter_parse(&f, text, fields, NOW, NULL, &eb), ERR_LIMIT);
	for (int i = 0; i < 900; i++)
		memcpy(text + 2 * i, "a ", 3);
	assert_int_equal(filter_parse(&f, text, fields, NOW, NULL, &eb), ERR_INVALID);
	assert_non_null(strstr(eb.text, "more than 200 parts"));
	memcpy(text, "subs=1", 7);
	for (int i = 0; i < 950; i++)
		memcpy(text + 6 + 2 * i, ",1", 3);
	assert_int_equal(filter_parse(&f, text, fields, NOW, NULL, &eb), ERR_OK);
	assert_int_equal(filter_root(f)->n, 951);
	filter_free(f);
	free(text);
}

static void test_numbers(void **state)
{
	static const struct {
		const char *text;
		double is; /* -1: none */
	} want[] = {{"0", 0}, {"10", 10}, {"1.5k", 1500}, {"2.3m", 2300000}, {"2G", 2e9},
	    {"3b", 3e9}, {"0.1t", 1e11}, {"", -1}, {"k", -1}, {"1kk", -1}, {"1e5", -1},
	    {"0x10", -1}, {"1 0", -1}, {"nan", -1}, {"inf", -1}, {"99999999999999999999999", -1},
	    {"11111111111111111111111111111111111111111111111111111111111111111111", -1}};

	(void)state;
	for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
		double n = -1;
		bool taken = filter_number(want[i].text, strlen(want[i].text), &n);
		if (taken != (want[i].is >= 0) || (taken && !(n == want[i].is)))
			fail_msg("%s: %f", want[i].text, n);
	}
}

static void test_times(void **state)
{
	static const struct {
		const char *text, *from, *to; /* NULL: none */
	} want[] = {
	    {"2026", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"},
	    {"2024-02", "2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z"},
	    {"2026-12-31", "2026-12-31T00:00:00Z", "2027-01-01T00:00:00Z"},
	    {"2026-11-20T18", "2026-11-20T18:00:00Z", "2026-11-20T19:00:00Z"},
	    {"2026-11-20T18:47", "2026-11-20T18:47:00Z", "2026-11-20T18:48:00Z"},
	    {"2026-11-20t18:47:05z", "2026-11-20T18:47:05Z", "2026-11-20T18:47:06Z"},
	    {"18:40", "2026-11-22T18:40:00Z", "2026-11-22T18:41:00Z"},
	    {"0:40", NULL, NULL},
	    {"24:00", NULL, NULL},
	    {"2026-1-1", NULL, NULL},
	    {"2026-11-20 18", NULL, NULL},
	    {"2026-11-31", NULL, NULL},
	    {"2025-02-29", NULL, NULL},
	    {"0000", NULL, NULL},
	    {"202", NULL, NULL},
	    {"20261", NULL, NULL},
	    {"2026-11-20T", NULL, NULL},
	    {"2026-11-20T18:47:05Zx", NULL, NULL},
	    {"", NULL, NULL},
	};
	char iso[CLOCK_ISO_SIZE];
	int64_t age;

	(void)state;
	for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
		int64_t from = 0, to = 0;
		bool taken = filter_date(want[i].text, strlen(want[i].text), NOW, &from, &to);
		if (taken != (want[i].from != NULL))
			fail_msg("%s: %d", want[i].text, taken);
		if (!taken)
			continue;
		assert_string_equal(clock_iso(from, iso), want[i].from);
		assert_string_equal(clock_iso(to, iso), want[i].to);
	}
	assert_true(filter_age("30d", 3, &age) && age == 30 * 86400);
	assert_true(filter_age("1.5h", 4, &age) && age == 5400);
	assert_true(filter_age("2w", 2, &age) && age == 14 * 86400);
	assert_false(filter_age("d", 1, &age));
	assert_false(filter_age("-3d", 3, &age));
	assert_false(filter_age("3", 1, &age));
	assert_false(filter_age("99999999999y", 12, &age));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_meaning),
	    cmocka_unit_test(test_refusals),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_numbers),
	    cmocka_unit_test(test_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
