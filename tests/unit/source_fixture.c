#include "config.h"
#include "tests/unit/source_fixture.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	int fd;

	assert_non_null(f);
	memcpy(f->path, "/tmp/test_csv_XXXXXX", sizeof "/tmp/test_csv_XXXXXX");
	fd = mkstemp(f->path);
	assert_true(fd >= 0);
	close(fd);
	str_init(&f->seen, (size_t)64 * 1024 * 1024);
	*state = f;
	return 0;
}

int tear_down(void **state)
{
	struct fixture *f = *state;

	unlink(f->path);
	str_done(&f->seen);
	free(f);
	return 0;
}

static void note(struct str *out, const struct source_text *t)
{
	str_addc(out, '|');
	if (t->text)
		str_add(out, t->text, t->len);
	else
		str_adds(out, "-");
}

void read_path(struct fixture *f, const char *path, const char *format, size_t block)
{
	struct source_config cfg = {.path = path, .format = format, .block = block};
	struct source *s;
	struct source_row row;
	bool more = true;

	str_reset(&f->seen);
	f->rows = 0;
	f->format[0] = '\0';
	f->eb = (struct errbuf){0};
	f->err = source_open(&s, &cfg, &f->eb);
	if (f->err)
		return;
	snprintf(f->format, sizeof f->format, "%s", source_format_name(s));
	while (!(f->err = source_next(s, &row, &more, &f->eb)) && more) {
		f->rows++;
		f->item = row.item;
		if (row.problem) {
			str_addf(&f->seen, "%lld!%s\n", (long long)row.line, row.problem);
			continue;
		}
		str_addf(&f->seen, "%lld", (long long)row.line);
		note(&f->seen, &row.ref);
		note(&f->seen, &row.title);
		note(&f->seen, &row.description);
		str_addc(&f->seen, '\n');
	}
	source_close(s);
}

void put_file(struct fixture *f, const char *text, size_t len)
{
	int fd = open(f->path, O_WRONLY | O_TRUNC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), (ssize_t)len);
	close(fd);
}

void check_n(
    struct fixture *f, const char *format, const char *text, size_t len, const char *expected)
{
	static const size_t blocks[] = {0, 1, 2, 3, 7, 64};

	put_file(f, text, len);
	for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) {
		read_path(f, f->path, format, blocks[i]);
		assert_string_equal(f->eb.text, "");
		assert_int_equal(f->err, ERR_OK);
		assert_string_equal(str_get(&f->seen), expected);
	}
}

void check(struct fixture *f, const char *text, const char *expected)
{
	check_n(f, NULL, text, strlen(text), expected);
}

void check_borders(struct fixture *f, const char *first, const char *filler, const char *tail,
    size_t tail_len, const char *expected)
{
	static const size_t blocks[] = {0, 1, 2, 3, 5, 7, 11, 64};
	size_t n = INPUT_HEAD / strlen(filler) + 1, len = strlen(expected);
	struct str text;

	str_init(&text, (size_t)1024 * 1024);
	str_adds(&text, first);
	for (size_t i = 0; i < n; i++)
		str_adds(&text, filler);
	assert_true(text.len > INPUT_HEAD);
	str_add(&text, tail, tail_len);
	assert_int_equal(text.err, ERR_OK);
	put_file(f, str_get(&text), text.len);
	str_done(&text);
	for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) {
		read_path(f, f->path, NULL, blocks[i]);
		assert_string_equal(f->eb.text, "");
		assert_true(f->seen.len > len);
		assert_string_equal(str_get(&f->seen) + f->seen.len - len, expected);
	}
}

void check_broken(
    struct fixture *f, const char *text, size_t len, const char *expected, const char *words)
{
	static const size_t blocks[] = {0, 1, 2, 3, 7, 64};

	put_file(f, text, len);
	for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) {
		read_path(f, f->path, NULL, blocks[i]);
		assert_string_equal(str_get(&f->seen), expected);
		assert_int_not_equal(f->err, ERR_OK);
		assert_non_null(strstr(f->eb.text, words));
		assert_non_null(strstr(f->eb.text, f->path + 5)); /* the file's name */
	}
}
