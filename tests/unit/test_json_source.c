/* JSON as a source: lines, arrays, objects around an array, rubbish in and around them, any size. */
#include "config.h"
#include "tests/unit/source_fixture.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

static void test_json_lines(void **state)
{
	struct fixture *f = *state;

	check(f,
	    "{\"channel_id\":\"" A "\",\"title\":\"One\",\"description\":\"d\"}\n\n"
	    "{\"Channel Id\": \"" B "\", \"name\": \"T\\u00e9\"}\r\n\"" C
	    "\"\n{\"title\":\"x\"}\n{oops\n12\n",
	    "1|" A "|One|d\n3|" B "|Té|-\n4|" C "|-|-\n5!no member channel_id, id or url\n"
	    "6!not JSON\n7!neither an object nor a text\n");
	assert_string_equal(f->format, "json");
	/* what the YouTube API gives */
	check(f,
	    "{\"kind\":\"youtube#searchResult\",\"id\":{\"channelId\":\"" A
	    "\"},\"snippet\":{\"title\":\"One\",\"description\":\"d\"}}\n"
	    "{\"id\":\"" B "\",\"snippet\":{\"title\":\"Two\"}}\n",
	    "1|" A "|One|d\n2|" B "|Two|-\n");
}

static void test_json_documents(void **state)
{
	struct fixture *f = *state;

	check(f, "[\n {\"id\": \"" A "\",\n  \"title\": \"a ] } \\\" b\"},\n \"" B "\"\n]\n",
	    "2|" A "|a ] } \" b|-\n4|" B "|-|-\n");
	check(f,
	    "{\"total\": {\"n\": [1, 2]}, \"channels\": [{\"id\":\"" A "\"},{\"id\":\"" B
	    "\"}], \"x\": 1}",
	    "1|" A "|-|-\n1|" B "|-|-\n");
	check(f, "[]", "");
	check(f, "{\"channels\":[]}", "");
	/* one document behind the other, as pages of an API are put together */
	check(f, "{\"channels\":[\"" A "\"],\"next\":2}\n{\"page\":2,\"channels\":[\"" B "\"]}\n",
	    "1|" A "|-|-\n2|" B "|-|-\n");
	assert_int_equal(f->item, 1);
	check(f, "[\"" A "\"]\n[\"" B "\"] [\"" C "\"]", "1|" A "|-|-\n2|" B "|-|-\n2|" C "|-|-\n");
	check(f, "[\"" A "\"]\nrubbish [\n[\"" B "\"]\n",
	    "1|" A "|-|-\n2!neither an array nor an object with channels\n3|" B "|-|-\n");
	check(f, "{\"channels\":[\"" A "\"]}{\"x\":1}",
	    "1|" A "|-|-\n1!an object without channels\n");
}

static void test_json_borders(void **state)
{
	static const char lines[] =
	    "{\"id\":\"" A "\",\"title\":\"\\\"\\u00e9\"}\r\n\n{\"id\"\n\"" B "\"";
	static const char items[] =
	    "{\"id\":\"" A "\",\n\"title\":\"]}\\\"\"},\n \"" B "\" ], \"z\":{} }";

	check_borders(*state, "", "{\"id\":\"" A "\"}\n", lines, sizeof lines - 1,
	    "1929|" A "|\"é|-\n1931!not JSON\n1932|" B "|-|-\n");
	check_borders(*state, "{\"channels\":[\n", "{\"id\":\"" A "\"},\n", items, sizeof items - 1,
	    "1875|" A "|]}\"|-\n1877|" B "|-|-\n");
}

/* What makes no sense costs itself alone, and is named by line and by place in the array. */
static void test_json_bad_items(void **state)
{
	struct fixture *f = *state;

	check(f, "[\"" A "\", {\"id\": \"" B "\" \"x\"}, 12, {\"t\":1}, [\"" A "\"], \"" C "\"]",
	    "1|" A "|-|-\n1!not JSON\n1!neither an object nor a text\n"
	    "1!no member channel_id, id or url\n1!neither an object nor a text\n1|" C "|-|-\n");
	assert_int_equal(f->item, 6);
	check(f, "[{\"id\":\"" A "\"}},{\"id\":\"" B "\"}]",
	    "1|" A "|-|-\n1!a } without its {\n1|" B "|-|-\n");
	/* a quote that is missing would turn all that follows inside out */
	check(f, "[\n{\"id\":\"" A "},\n{\"id\":\"" B "\"},\n{\"id\":\"" C "\"}\n]\n",
	    "2!a text in it is never closed\n3|" B "|-|-\n4|" C "|-|-\n");
	check_n(f, NULL, "[\"a\0b\",\"" A "\"]", 34, "1!a NUL byte\n1|" A "|-|-\n");
}

static void test_json_torn(void **state)
{
	struct fixture *f = *state;
	static const char item[] = "[\"" A "\",\n {\"id\": \"" B;
	static const char array[] = "[\"" A "\",\n\"" B "\",";
	static const char object[] = "{\"channels\":[\"" A "\"],\n\"more\": [1, 2";
	static const char member[] = "{\"channels\":[\"" A "\"],\n more: 1}";

	check_broken(f, item, sizeof item - 1,
	    "1|" A "|-|-\n2!the file ends in the middle of an item\n",
	    "line 2: the file ends before");
	check_broken(f, array, sizeof array - 1, "1|" A "|-|-\n2|" B "|-|-\n",
	    "line 2: the file ends before");
	check_broken(f, object, sizeof object - 1, "1|" A "|-|-\n", "line 2: the file ends before");
	check_broken(f, member, sizeof member - 1, "1|" A "|-|-\n",
	    "line 2: the object's next member has no name");
}

/* Writes `times` copies of text between head and tail. */
static void put_many(
    struct fixture *f, const char *head, const char *text, int times, const char *tail)
{
	FILE *file = fopen(f->path, "w");

	assert_non_null(file);
	assert_true(fputs(head, file) >= 0);
	for (int i = 0; i < times; i++)
		assert_true(fputs(text, file) >= 0);
	assert_true(fputs(tail, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

/* Counts rows alone; returns the bytes that the process has grown by at its peak. */
static int64_t read_rows(struct fixture *f, int64_t *rows, int64_t *bad)
{
	struct source_config cfg = {.path = f->path};
	struct rusage before, after;
	struct source_row row;
	struct source *s;
	bool more = true;

	*rows = *bad = 0;
	getrusage(RUSAGE_SELF, &before);
	assert_int_equal(source_open(&s, &cfg, &f->eb), ERR_OK);
	while (!(f->err = source_next(s, &row, &more, &f->eb)) && more) {
		(*rows)++;
		*bad += row.problem != NULL;
	}
	assert_int_equal(source_bytes(s), source_size(s));
	source_close(s);
	getrusage(RUSAGE_SELF, &after);
	return (int64_t)(after.ru_maxrss - before.ru_maxrss) * 1024;
}

static void test_json_big(void **state)
{
	static const char row[] =
	    "{\"channel_id\":\"" A "\",\"title\":\"T\\n\\\"\",\"n\":[1,{\"a\":\"]\"}]},";
	enum { SIZE = 64 * 1024 * 1024, TIMES = SIZE / (int)(sizeof row - 1) };
	struct fixture *f = *state;
	int64_t rows, bad;

	/* 64 MB in one line, in a memory that does not know of it */
	put_many(f, "[", row, TIMES, "\"" B "\"]");
	assert_in_range(read_rows(f, &rows, &bad), 0, SIZE / 2);
	assert_int_equal(f->err, ERR_OK);
	assert_int_equal(rows, TIMES + 1);
	assert_int_equal(bad, 0);
	/* as much in another member, in front of the channels and behind them */
	put_many(f, "{\"rubbish\":[", row, TIMES / 4, "0],\"channels\":[\"" A "\"],\"x\":1}");
	assert_in_range(read_rows(f, &rows, &bad), 0, SIZE / 2);
	assert_int_equal(f->err, ERR_OK);
	assert_int_equal(rows, 1);
	put_many(f, "{\"channels\":[\"" A "\"],\"rubbish\":[", row, TIMES / 4, "0]}");
	assert_in_range(read_rows(f, &rows, &bad), 0, SIZE / 2);
	assert_int_equal(f->err, ERR_OK);
	assert_int_equal(rows, 1);
	/* an item of 20 MB is one that is refused */
	put_many(
	    f, "[\"" A "\",{\"title\":\"", "0123456789abcdefghij", 1024 * 1024, "\"},\"" B "\"]");
	assert_in_range(read_rows(f, &rows, &bad), 0, SIZE / 2);
	assert_int_equal(f->err, ERR_OK);
	assert_int_equal(rows, 3);
	assert_int_equal(bad, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    SOURCE_TEST(test_json_lines),
	    SOURCE_TEST(test_json_documents),
	    SOURCE_TEST(test_json_borders),
	    SOURCE_TEST(test_json_bad_items),
	    SOURCE_TEST(test_json_torn),
	    SOURCE_TEST(test_json_big),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
