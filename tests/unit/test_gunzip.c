/* gunzip: several members, limits, promises that lie, torn and damaged texts. */
#include "config.h"
#include "engine/base/gunzip.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { ROOM = 1 << 20 };

struct fix {
	struct gunzip *g;
	struct str out;
	unsigned char packed[ROOM];
	size_t len;
};

static void add_member(struct fix *f, const char *text, size_t len)
{
	z_stream z = {0};

	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	z.next_in = (Bytef *)(uintptr_t)text;
	z.avail_in = (uInt)len;
	z.next_out = f->packed + f->len;
	z.avail_out = (uInt)(ROOM - f->len);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	f->len = ROOM - z.avail_out;
	deflateEnd(&z);
}

static enum err unpack(struct fix *f, size_t most)
{
	return gunzip_text(f->g, (const char *)f->packed, f->len, most, &f->out);
}

static void test_members(void **state)
{
	struct fix *f = *state;
	char *many = malloc(ROOM / 2);

	assert_non_null(many);
	memset(many, 'y', ROOM / 2);
	add_member(f, "first ", 6);
	assert_int_equal(unpack(f, ROOM), ERR_OK);
	assert_string_equal(str_get(&f->out), "first ");
	add_member(f, "", 0);
	add_member(f, many, ROOM / 2);
	add_member(f, "last", 4);
	assert_int_equal(unpack(f, ROOM), ERR_OK);
	assert_int_equal(f->out.len, 6 + ROOM / 2 + 4);
	assert_memory_equal(str_get(&f->out), "first yyy", 9);
	assert_string_equal(str_get(&f->out) + 6 + ROOM / 2, "last");
	free(many);
}

static void test_limit(void **state)
{
	struct fix *f = *state;
	char *many = calloc(1, ROOM);

	assert_non_null(many);
	add_member(f, many, ROOM);
	assert_int_equal(unpack(f, ROOM - 1), ERR_LIMIT);
	assert_int_equal(f->out.len, 0);
	assert_int_equal(unpack(f, ROOM), ERR_OK);
	assert_int_equal(f->out.len, ROOM);
	add_member(f, "x", 1);
	assert_int_equal(unpack(f, ROOM), ERR_LIMIT);
	free(many);
}

/* The trailer is as hostile as the rest: it must neither cost memory nor be believed. */
static void test_promises(void **state)
{
	struct fix *f = *state;

	add_member(f, "twelve bytes", 12);
	for (int i = 0; i < 4; i++)
		f->packed[f->len - 1 - (size_t)i] = 0xFF;
	assert_int_equal(unpack(f, SIZE_MAX / 4), ERR_INVALID);
	assert_true(f->out.cap < ROOM);
	memset(f->packed + f->len - 4, 0, 4);
	assert_int_equal(unpack(f, ROOM), ERR_INVALID);
}

static void test_damage(void **state)
{
	struct fix *f = *state;
	size_t whole;

	add_member(f, "0123456789abcdefghijklmnopqrstuvwxyz0123456789", 46);
	whole = f->len;
	for (f->len = 0; f->len < whole; f->len++)
		assert_int_equal(unpack(f, ROOM), ERR_INVALID);
	for (size_t i = 10; i < whole; i++) {
		unsigned char was = f->packed[i];
		enum err err;
		f->packed[i] ^= 0x55;
		err = unpack(f, ROOM);
		assert_true(err == ERR_INVALID);
		f->packed[i] = was;
	}
	assert_int_equal(unpack(f, ROOM), ERR_OK);
	memcpy(f->packed + f->len, "behind it: no member", 20);
	f->len += 20;
	assert_int_equal(unpack(f, ROOM), ERR_INVALID);
}

static int set_up(void **state)
{
	struct fix *f = calloc(1, sizeof *f);

	assert_non_null(f);
	f->g = gunzip_new();
	assert_non_null(f->g);
	str_init(&f->out, 4 * ROOM);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fix *f = *state;

	gunzip_free(f->g);
	str_done(&f->out);
	free(f);
	return 0;
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(test_members), T(test_limit), T(test_promises), T(test_damage)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
