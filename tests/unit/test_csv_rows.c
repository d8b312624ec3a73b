/* Rows of a CSV file with every byte as it stands: kinds, cells, ends of lines, and nothing lost. */
#include "config.h"
#include "db/sources/csv_rows.h"
#include "engine/base/str.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define A "UCkKk1XTkh1d4bv7t_cNrfjg"
#define B "UCiQJ0oSWJir5--WLFzkhCkw"

struct fixture {
	char path[64];
	struct str seen; /* a word a row: kind, cells, length of its end */
	struct str refs; /* of data rows, each with a | before it */
	struct str all;  /* bodies and ends one after the other */
	bool mark;
	char sep;
	enum err err;
	struct errbuf eb;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	int fd;

	assert_non_null(f);
	memcpy(f->path, "/tmp/test_rows_XXXXXX", sizeof "/tmp/test_rows_XXXXXX");
	fd = mkstemp(f->path);
	assert_true(fd >= 0);
	close(fd);
	str_init(&f->seen, (size_t)1024 * 1024);
	str_init(&f->refs, (size_t)1024 * 1024);
	str_init(&f->all, (size_t)64 * 1024 * 1024);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	unlink(f->path);
	str_done(&f->seen);
	str_done(&f->refs);
	str_done(&f->all);
	free(f);
	return 0;
}

static void note(struct fixture *f, const struct csv_rows_row *row)
{
	static const char kinds[] = {[CSV_ROWS_HEADER] = 'h',
	    [CSV_ROWS_DATA] = 'd',
	    [CSV_ROWS_BLANK] = '-',
	    [CSV_ROWS_BROKEN] = 'x'};

	str_add(&f->all, row->body.text, row->body.len);
	str_add(&f->all, row->end.text, row->end.len);
	if (row->goes_on) {
		assert_int_equal(row->kind, CSV_ROWS_BROKEN);
		assert_int_equal(row->end.len, 0);
		assert_true(row->body.len > 0);
		return;
	}
	str_addf(&f->seen, "%s%c%d+%d", f->seen.len ? " " : "", kinds[row->kind], row->cells,
	    (int)row->end.len);
	if (row->kind == CSV_ROWS_DATA) {
		str_addc(&f->refs, '|');
		str_add(&f->refs, row->ref.text ? row->ref.text : "", row->ref.len);
	}
}

/* Reads a file of these bytes to its end. */
static void read_bytes(struct fixture *f, const char *bytes, size_t len, const char *column)
{
	FILE *out = fopen(f->path, "wb");
	struct csv_rows *rows = NULL;
	struct csv_rows_row row;
	bool more = true;

	assert_non_null(out);
	assert_int_equal(fwrite(bytes, 1, len, out), len);
	assert_int_equal(fclose(out), 0);
	str_reset(&f->seen);
	str_reset(&f->refs);
	str_reset(&f->all);
	f->err = csv_rows_open(&rows, f->path, column, NULL, &f->eb);
	if (f->err)
		return;
	f->mark = csv_rows_has_mark(rows);
	f->sep = csv_rows_separator(rows);
	assert_int_equal(csv_rows_size(rows), len);
	while (!f->err && !(f->err = csv_rows_next(rows, &row, &more, &f->eb)) && more)
		note(f, &row);
	assert_int_equal(csv_rows_bytes(rows), len);
	csv_rows_close(rows);
}

static void test_shapes(void **state)
{
	static const struct {
		const char *bytes, *seen, *refs;
		char sep;
	} table[] = {
	    {"channel_id,n\n" A ",1\n", "h2+1 d2+1", "|" A, ','},
	    {"\xEF\xBB\xBF"
	     "channel_id;n\r\n" A ";1\r\n" B ";2",
	        "h2+2 d2+2 d2+0", "|" A "|" B, ';'},
	    {A "\n\n" B "\n", "d1+1 -1+1 d1+1", "|" A "|" B, ','},
	    {A "\r" B "\r", "d1+1 d1+1", "|" A "|" B, ','},
	    {"n\tid\n1\t" A "\n  \n2\n3\t" B "\tmore\n", "h2+1 d2+1 -1+1 d1+1 d3+1", "|" A "||" B,
	        '\t'},
	    /* a header of unknown words, and none at all */
	    {"Wort,Kennung\nx," A "\n", "h2+1 d2+1", "|" A, ','},
	    {"x," A "\ny," B "\n", "d2+1 d2+1", "|" A "|" B, ','},
	    /* what tries to be a channel is no header */
	    {"UCshort,x\n" A ",y\n", "d2+1 d2+1", "|UCshort|" A, ','},
	    /* quoted cells, newlines in them, doubled quotes */
	    {"id,t\n\"" A "\",\"a\r\nb\"\r\n" B ",\"c\"\"d\"\n", "h2+1 d2+2 d2+1", "|" A "|" B,
	        ','},
	    /* an unclosed quote costs its line alone */
	    {"id,t\n" A ",\"open\n" B ",t\n", "h2+1 x0+1 d2+1", "|" B, ','},
	    /* a carriage return at the very end is the end of its line */
	    {"id,t\n" A ",t\r", "h2+1 d2+1", "|" A, ','},
	    /* several ids a row: one channel a row all the same */
	    {A "," B "\n" B "," A "\n", "d2+1 d2+1", "|" A "|" B, ','},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		const char *bytes = table[i].bytes;
		bool mark = memcmp(bytes, "\xEF\xBB\xBF", 3) == 0;
		read_bytes(f, bytes, strlen(bytes), NULL);
		assert_int_equal(f->err, ERR_OK);
		assert_string_equal(str_get(&f->seen), table[i].seen);
		assert_string_equal(str_get(&f->refs), table[i].refs);
		assert_int_equal(f->sep, table[i].sep);
		assert_int_equal(f->mark, mark);
		assert_string_equal(str_get(&f->all), bytes + (mark ? 3 : 0));
	}
}

static void test_column(void **state)
{
	static const char bytes[] = "a, Other ,id\n1," A "," B "\n";
	struct fixture *f = *state;

	read_bytes(f, bytes, sizeof bytes - 1, "other");
	assert_string_equal(str_get(&f->refs), "|" A);
	read_bytes(f, bytes, sizeof bytes - 1, "3");
	assert_string_equal(str_get(&f->refs), "|" B);
	read_bytes(f, bytes, sizeof bytes - 1, "1");
	assert_string_equal(str_get(&f->refs), "|1");
	/* a number may be a name */
	read_bytes(f, "1,2\n" A "," B "\n", strlen("1,2\n" A "," B "\n"), "2");
	assert_string_equal(str_get(&f->seen), "h2+1 d2+1");
	assert_string_equal(str_get(&f->refs), "|" B);
	read_bytes(f, bytes, sizeof bytes - 1, "none");
	assert_int_equal(f->err, ERR_INVALID);
	assert_non_null(strstr(err_text(&f->eb), "none"));
	assert_non_null(strstr(err_text(&f->eb), "a, Other ,id"));
}

static void test_refused(void **state)
{
	struct fixture *f = *state;

	read_bytes(f, "[\"" A "\"]", strlen("[\"" A "\"]"), NULL);
	assert_int_equal(f->err, ERR_INVALID);
	read_bytes(f, "a,b\nc,d\n", 8, NULL);
	assert_int_equal(f->err, ERR_INVALID);
	read_bytes(f,
	    "\xFF\xFE"
	    "a",
	    3, NULL);
	assert_int_equal(f->err, ERR_INVALID);
	read_bytes(f, "", 0, NULL);
	assert_int_equal(f->err, ERR_OK);
	assert_int_equal(f->all.len, 0);
}

/* Lines beyond any block and any limit, whatever stands around the borders of the blocks. */
static void test_long_lines(void **state)
{
	static const size_t lengths[] = {1024 * 1024 - 30, 1024 * 1024 + 1, 4 * 1024 * 1024 + 7,
	    5 * 1024 * 1024, 9 * 1024 * 1024 + 3};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
		struct str s;
		size_t n = lengths[i];
		str_init(&s, (size_t)32 * 1024 * 1024);
		str_adds(&s, "id,t\r\n" A ",");
		for (size_t k = 0; k < n; k++)
			str_addc(&s, k % 1021 == 0 ? '\r' : 'x');
		str_adds(&s, "\r\n" B ",t\r\n");
		assert_int_equal(s.err, ERR_OK);
		read_bytes(f, str_get(&s), s.len, NULL);
		assert_int_equal(f->err, ERR_OK);
		assert_int_equal(f->all.len, s.len);
		assert_memory_equal(str_get(&f->all), str_get(&s), s.len);
		assert_string_equal(
		    str_get(&f->seen), n > SOURCE_FIELD_MAX ? "h2+2 x0+2 d2+2" : "h2+2 d2+2 d2+2");
		str_done(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_shapes, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_column, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_refused, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_long_lines, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
