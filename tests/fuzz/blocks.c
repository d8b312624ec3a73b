/*
 * blocks - a file must mean the same wherever the blocks it is read in end. The input is put behind
 * a head that decides separator and columns, so that a block ends within it: at the byte that the
 * second character says, and every BLOCKS_SMALL after it. The first digit chooses format and head.
 */
#include "config.h"
#include "db/sources/input.h"
#include "tests/fuzz/rows.h"

#define BLOCKS_ID "UCkKk1XTkh1d4bv7t_cNrfjg"

enum {
	BLOCKS_SMALL = 1000,
	/* what is read before the first row is asked for: whole small blocks */
	BLOCKS_HEAD = (INPUT_HEAD / BLOCKS_SMALL + 1) * BLOCKS_SMALL,
	BLOCKS_LARGE = 2 * INPUT_HEAD, /* all at once */
	BLOCKS_ROWS = 60               /* more than are looked at */
};

static const struct blocks_kind {
	const char *format;
	const char *head;
	const char *row; /* follows it BLOCKS_ROWS times */
} blocks_kinds[] = {
    {"csv", "channel_id,title,description\n", BLOCKS_ID ",t,d\n"},
    {"csv", "", BLOCKS_ID ";" BLOCKS_ID "\n"},
    {"csv", "id\tname\n", BLOCKS_ID "\tt\n"},
    {"list", "", BLOCKS_ID "\n"},
    {"json", "", "\"" BLOCKS_ID "\"\n"},
    {"json", "[", "\"" BLOCKS_ID "\",\n"},
    {"json", "{\"kind\": {\"a\": [1, \"]\"]}, \"channels\": [", "\"" BLOCKS_ID "\",\n"},
};

static uint64_t blocks_read(const char *path, const char *format, size_t block)
{
	struct source_config cfg = {.path = path, .format = format, .block = block};
	struct source *s = NULL;
	struct errbuf eb = {0};
	struct source_row row;
	uint64_t sum = UINT64_C(0xCBF29CE484222325);
	bool more = true;
	enum err err = source_open(&s, &cfg, &eb);

	while (!err) {
		err = source_next(s, &row, &more, &eb);
		if (err || !more)
			break;
		sum = rows_mix_row(sum, &row);
	}
	source_close(s);
	sum = rows_mix(sum, &err, sizeof err);
	return rows_mix(sum, eb.text, err ? strlen(eb.text) : 0);
}

/* Head, rows and a long blank line up to where the input begins. */
static void blocks_put_head(int fd, const struct blocks_kind *kind, size_t inside)
{
	size_t size = BLOCKS_HEAD - inside, row = strlen(kind->row), at = strlen(kind->head);
	char *text = malloc(size);

	FUZZ_CHECK(text && at + BLOCKS_ROWS * row <= size);
	memset(text, ' ', size);
	text[size - 1] = '\n';
	memcpy(text, kind->head, at);
	for (int i = 0; i < BLOCKS_ROWS; i++, at += row)
		memcpy(text + at, kind->row, row);
	rows_put(fd, text, size);
	free(text);
}

int FUZZ_ONE(const uint8_t *data, size_t size)
{
	size_t n = sizeof blocks_kinds / sizeof blocks_kinds[0];
	const struct blocks_kind *kind = &blocks_kinds[fuzz_choose(&data, &size, n)];
	char path[ROWS_PATH];
	int fd;

	if (!size)
		return 0;
	fd = rows_file(path);
	blocks_put_head(fd, kind, data[0]);
	rows_put(fd, data + 1, size - 1);
	FUZZ_CHECK(blocks_read(path, kind->format, BLOCKS_SMALL) ==
	           blocks_read(path, kind->format, BLOCKS_LARGE));
	close(fd);
	return 0;
}
