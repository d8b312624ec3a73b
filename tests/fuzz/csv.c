/*
 * csv - files of channels through every reader: CSV, plain list, JSON Lines and documents. The first
 * digit chooses the format: 0 guessed, 1 csv, 2 list, 3 json. What begins like gzip or zstd is
 * unpacked: its rows' lines and bytes are not those of the input then.
 */
#include "config.h"
#include "db/sources/unpack.h"
#include "tests/fuzz/rows.h"

static int64_t csv_lines(const uint8_t *data, size_t size)
{
	int64_t lines = 1;

	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n' || data[i] == '\r';
	return lines;
}

/* Length of what the file holds from a row's first byte on; rows come in the file's order. */
static size_t csv_find_raw(const uint8_t *data, size_t size, size_t from, struct source_text raw)
{
	const uint8_t *at = memmem(data + from, size - from, raw.text, raw.len);

	FUZZ_CHECK(at);
	return (size_t)(at - data);
}

static void csv_check_row(const struct source_row *row, int64_t last_line)
{
	const struct source_text *texts[] = {&row->ref, &row->title, &row->description};

	FUZZ_CHECK(row->line >= last_line);
	FUZZ_CHECK(row->problem || row->ref.text || row->title.text || row->description.text ||
	           row->raw.len);
	FUZZ_CHECK(!row->problem || *row->problem);
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		FUZZ_CHECK(texts[i]->text || !texts[i]->len);
		FUZZ_CHECK(row->problem || texts[i]->len <= SOURCE_FIELD_MAX);
	}
}

static void csv_read(struct source *s, const uint8_t *data, size_t size)
{
	struct errbuf eb = {0};
	struct source_row row;
	int64_t lines = csv_lines(data, size), last = 1;
	size_t at = 0, rows = 0;
	bool more = true, packed = unpack_is_packed((const char *)data, size);
	enum err err;

	for (;;) {
		err = source_next(s, &row, &more, &eb);
		if (err || !more)
			break;
		csv_check_row(&row, last);
		last = row.line;
		if (packed)
			continue;
		FUZZ_CHECK(row.line <= lines);
		if (row.raw.len)
			at = csv_find_raw(data, size, at, row.raw);
		FUZZ_CHECK(++rows <= size);
	}
	FUZZ_CHECK(!err || eb.text[0]);
	FUZZ_CHECK(err || source_bytes(s) == (int64_t)size);
	/* the end stays the end */
	if (!err)
		FUZZ_CHECK(!source_next(s, &row, &more, &eb) && !more);
}

int FUZZ_ONE(const uint8_t *data, size_t size)
{
	static const char *const formats[] = {NULL, "csv", "list", "json"};
	size_t format = fuzz_choose(&data, &size, sizeof formats / sizeof formats[0]);
	char path[ROWS_PATH];
	int fd = rows_file(path);
	struct source_config cfg = {.path = path, .format = formats[format], .block = 64 * 1024};
	struct errbuf eb = {0};
	struct source *s = NULL;
	enum err err;

	rows_put(fd, data, size);
	err = source_open(&s, &cfg, &eb);
	FUZZ_CHECK(!err == (s != NULL));
	FUZZ_CHECK(!err || err == ERR_INVALID ||
	           (unpack_is_packed((const char *)data, size) &&
	               (err == ERR_CORRUPT || err == ERR_LIMIT)));
	FUZZ_CHECK(!err || eb.text[0]);
	if (s) {
		FUZZ_CHECK(!cfg.format || strcmp(source_format_name(s), cfg.format) == 0);
		csv_read(s, data, size);
	}
	source_close(s);
	close(fd);
	return 0;
}
