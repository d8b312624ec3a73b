/* Packed sources: gzip and zstd, several members, torn and damaged ones, memory. */
#include "config.h"
#include "tests/unit/source_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <zlib.h>
#include <zstd.h>

enum { PACKED_MAX = 4 * 1024 * 1024 };

struct packed {
	char *bytes; /* owned */
	size_t len;
};

typedef void pack_fn(struct packed *p, const char *text, size_t len);

/* Appends one gzip member. */
static void pack_gzip(struct packed *p, const char *text, size_t len)
{
	z_stream z = {0};

	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	z.next_in = (Bytef *)(uintptr_t)text;
	z.avail_in = (uInt)len;
	z.next_out = (Bytef *)p->bytes + p->len;
	z.avail_out = (uInt)(PACKED_MAX - p->len);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	p->len = PACKED_MAX - z.avail_out;
	deflateEnd(&z);
}

/* Appends one zstd frame with a checksum. */
static void pack_zstd(struct packed *p, const char *text, size_t len)
{
	ZSTD_CCtx *c = ZSTD_createCCtx();
	size_t n;

	assert_non_null(c);
	ZSTD_CCtx_setParameter(c, ZSTD_c_checksumFlag, 1);
	n = ZSTD_compress2(c, p->bytes + p->len, PACKED_MAX - p->len, text, len);
	assert_false(ZSTD_isError(n));
	p->len += n;
	ZSTD_freeCCtx(c);
}

static pack_fn *const packers[] = {pack_gzip, pack_zstd};

static void pack_new(struct packed *p)
{
	p->len = 0;
	p->bytes = malloc(PACKED_MAX);
	assert_non_null(p->bytes);
}

static void pack_many(pack_fn *pack, struct packed *p, int rows)
{
	struct str text;

	str_init(&text, (size_t)64 * 1024 * 1024);
	for (int i = 0; i < rows; i++)
		str_addf(&text, A ",title %d\n", i);
	assert_int_equal(text.err, ERR_OK);
	pack(p, str_get(&text), text.len);
	str_done(&text);
}

static void test_members(void **state)
{
	static const char one[] = "channel_id,title\n" A ",\"O", two[] = "ne\"\n" B ",Two\n";

	for (size_t i = 0; i < sizeof packers / sizeof packers[0]; i++) {
		struct packed p;
		pack_new(&p);
		packers[i](&p, one, sizeof one - 1);
		packers[i](&p, "", 0);
		packers[i](&p, two, sizeof two - 1);
		check_n(*state, NULL, p.bytes, p.len, "2|" A "|One|-\n3|" B "|Two|-\n");
		free(p.bytes);
	}
}

static void test_formats(void **state)
{
	static const char json[] = "\xEF\xBB\xBF[\"" A "\"]", list[] = A "\r\n\r\n" B "\r\n";

	for (size_t i = 0; i < sizeof packers / sizeof packers[0]; i++) {
		struct packed p;
		pack_new(&p);
		packers[i](&p, json, sizeof json - 1);
		check_n(*state, NULL, p.bytes, p.len, "1|" A "|-|-\n");
		p.len = 0;
		packers[i](&p, list, sizeof list - 1);
		check_n(*state, NULL, p.bytes, p.len, "1|" A "|-|-\n3|" B "|-|-\n");
		p.len = 0;
		packers[i](&p, "", 0);
		check_n(*state, NULL, p.bytes, p.len, "");
		free(p.bytes);
	}
	/* as tapes and block devices have it */
	{
		struct packed p;
		pack_new(&p);
		pack_gzip(&p, A "\n", 25);
		memset(p.bytes + p.len, 0, 1000);
		check_n(*state, NULL, p.bytes, p.len + 1000, "1|" A "|-|-\n");
		memcpy(p.bytes + p.len, "rubbish", 7);
		check_broken(*state, p.bytes, p.len + 7, "1|" A "|-|-\n",
		    "line 2: the gzip data is damaged");
		free(p.bytes);
	}
}

/* The last whole row at or before `rows` rows, as it is seen. */
static void check_last(struct fixture *f, int most)
{
	char *last = strrchr(str_get(&f->seen), 'U');

	assert_in_range(f->rows, 1, most);
	assert_non_null(last);
	assert_int_equal(atoll(strstr(last, "title ") + 6), f->rows - 1);
}

static void test_torn(void **state)
{
	enum { ROWS = 20000 };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof packers / sizeof packers[0]; i++) {
		static const size_t blocks[] = {0, 1, 4096};
		struct packed p;
		char words[64];

		pack_new(&p);
		pack_many(packers[i], &p, ROWS);
		for (size_t k = 0; k < sizeof blocks / sizeof blocks[0]; k++) {
			put_file(f, p.bytes, p.len * 3 / 4);
			read_path(f, f->path, NULL, blocks[k]);
			assert_int_equal(f->err, ERR_CORRUPT);
			check_last(f, ROWS - 1);
			assert_true(f->rows > ROWS / 4); /* what came before the tear is there */
			snprintf(words, sizeof words, "line %d: ", f->rows + 1);
			assert_non_null(strstr(f->eb.text, words));
			assert_non_null(strstr(f->eb.text, "ends too early"));
			assert_non_null(strstr(f->eb.text, f->path + 5));
			/* one byte is wrong; the check sum at the end is what may tell */
			p.bytes[p.len * 3 / 4] ^= 0x55;
			put_file(f, p.bytes, p.len);
			read_path(f, f->path, NULL, blocks[k]);
			assert_int_equal(f->err, ERR_CORRUPT);
			assert_true(f->rows > ROWS / 4);
			assert_non_null(strstr(f->eb.text, "damaged"));
			p.bytes[p.len * 3 / 4] ^= 0x55;
		}
		free(p.bytes);
	}
	/* one that is all in the head: its last line is no row, it may lack its end */
	{
		struct packed p;
		pack_new(&p);
		pack_many(pack_gzip, &p, 100);
		check_broken(f, p.bytes, 30, "", "line 1: the gzip data ends too early");
		put_file(f, p.bytes, p.len - 8);
		read_path(f, f->path, NULL, 0);
		assert_int_equal(f->err, ERR_CORRUPT);
		assert_int_equal(f->rows, 100);
		put_file(f, p.bytes, p.len - 40);
		read_path(f, f->path, NULL, 0);
		assert_int_equal(f->err, ERR_CORRUPT);
		check_last(f, 99);
		free(p.bytes);
	}
	/* only the magic bytes */
	put_file(f, "\x1F\x8B\x08\x00", 4);
	read_path(f, f->path, NULL, 0);
	assert_int_equal(f->err, ERR_CORRUPT);
	put_file(f, "\x28\xB5\x2F\xFD", 4);
	read_path(f, f->path, NULL, 0);
	assert_int_equal(f->err, ERR_CORRUPT);
}

/* A frame that asks for 1 GiB of memory is refused with what to do. */
static void test_window(void **state)
{
	struct fixture *f = *state;
	/* header: no content size, no checksum; window 2^(10 + 20); then one raw block, the last */
	static const char frame[] = "\x28\xB5\x2F\xFD\x00\xA0\x09\x00\x00x";

	put_file(f, frame, sizeof frame - 1);
	read_path(f, f->path, NULL, 0);
	assert_int_equal(f->err, ERR_LIMIT);
	assert_non_null(strstr(f->eb.text, "128 MiB"));
}

/* A line of 256 MB in a few KB: it streams through. */
static void test_bomb(void **state)
{
	enum { PIECE = 16 * 1024 * 1024, PIECES = 16 };
	struct fixture *f = *state;
	char *line = malloc(PIECE);
	struct rusage before, after;
	struct packed p;

	assert_non_null(line);
	memset(line, 'x', PIECE);
	for (size_t i = 0; i < sizeof packers / sizeof packers[0]; i++) {
		pack_new(&p);
		packers[i](&p, A "\n", 25);
		for (int k = 0; k < PIECES; k++)
			packers[i](&p, line, PIECE);
		packers[i](&p, "\n" B "\n", 26);
		put_file(f, p.bytes, p.len);
		free(p.bytes);
		getrusage(RUSAGE_SELF, &before);
		read_path(f, f->path, NULL, 0);
		getrusage(RUSAGE_SELF, &after);
		assert_int_equal(f->err, ERR_OK);
		assert_string_equal(str_get(&f->seen),
		    "1|" A "|-|-\n2!a field is longer than 1 MiB\n3|" B "|-|-\n");
		assert_in_range(after.ru_maxrss - before.ru_maxrss, 0, 64 * 1024);
	}
	free(line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    SOURCE_TEST(test_members),
	    SOURCE_TEST(test_formats),
	    SOURCE_TEST(test_torn),
	    SOURCE_TEST(test_window),
	    SOURCE_TEST(test_bomb),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
