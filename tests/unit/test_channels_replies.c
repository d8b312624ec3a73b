/* channels.list: replies that are torn, odd, shuffled or too long, and too little memory. */
#include "config.h"
#include "tests/unit/channels_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void test_torn(void **state)
{
	static const char *const rows[] = {"", "[]", "null", "5", "\"x\"", "{\"items\":{}}",
	    "{\"items\":null}", "{\"items\":\"x\"}", "{\"items\":[]", "<html></html>",
	    "{\"error\":{\"code\":503}}", "{\"items\":[],\"error\":{}}",
	    "{\"kind\":\"youtube#videoListResponse\",\"items\":[]}",
	    "{\"items\":[]}{\"items\":[]}"};
	static const char nul[] = "{\"items\":[]}\0\0";
	struct fix *f = *state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(parse(f, rows[i]), ERR_INVALID);
		assert_int_equal(f->n, 0);
		assert_null(f->rows);
		assert_true(strlen(f->eb.text) > 10);
	}
	assert_int_equal(parse_n(f, nul, sizeof nul - 1), ERR_INVALID);
	assert_int_equal(parse(f, "{}"), ERR_OK);
	assert_int_equal(f->n, 0);
}

static void test_odd_and_repeated(void **state)
{
	struct fix *f = *state;

	assert_int_equal(
	    parse(f, "{\"items\":[null,5,\"x\",[],{},{\"id\":5},{\"id\":\"not a channel\"},"
	             "{\"id\":\"" ID_A "\",\"snippet\":{\"title\":\"first\"}},"
	             "{\"id\":\"UC_x5XG1OV2P6uZZ5FSM9Ttx\"},"
	             "{\"id\":\"" ID_A "\",\"snippet\":{\"title\":\"second\"}},"
	             "{\"id\":\"" ID_A "\\u0000\"},{\"id\":\"" ID_B "\"}]}"),
	    ERR_OK);
	assert_int_equal(f->n, 2);
	assert_int_equal(f->odd, 9);
	check_text(f->rows[0].title, "first");
	assert_int_equal(
	    channels_parse(f->reader, "{\"items\":[1]}", 13, f->arena, &f->rows, &f->n, NULL, NULL),
	    ERR_OK);
	assert_int_equal(f->n, 0);
}

/* Fifty channels in an order of their own: each row has its own texts. */
static void test_fifty_shuffled(void **state)
{
	struct fix *f = *state;
	struct cid cid;
	struct str body;
	char id[CID_TEXT + 1];

	str_init(&body, 1 << 20);
	str_adds(&body, "{\"kind\":\"youtube#channelListResponse\",\"items\":[");
	assert_true(cid_parse(ID_A, 24, &cid));
	for (int i = 0; i < 50; i++) {
		int k = i * 37 % 50;
		cid.b[3] = (unsigned char)k;
		str_addf(&body,
		    "%s{\"id\":\"%s\",\"snippet\":{\"title\":\"T%d\"},\"statistics\":{"
		    "\"viewCount\":\"%d\"}}",
		    i ? "," : "", cid_format(&cid, id), k, k * 1000);
	}
	str_adds(&body, "]}");
	assert_int_equal(parse_n(f, body.text, body.len), ERR_OK);
	assert_int_equal(f->n, 50);
	for (int i = 0; i < 50; i++) {
		char want[16];
		int k = f->rows[i].cid.b[3];
		assert_int_equal(k, i * 37 % 50);
		snprintf(want, sizeof want, "T%d", k);
		check_text(f->rows[i].title, want);
		assert_int_equal(f->rows[i].view_count, k * 1000);
	}
	str_done(&body);
}

static void test_truncated_everywhere(void **state)
{
	static const char body[] =
	    " {\"kind\":\"youtube#channelListResponse\",\"items\":[{\"id\":\"" ID_A
	    "\",\"snippet\":{\"title\":\"T\\ud83d\\ude00\xC3\xA4\",\"thumbnails\":{\"high\":{"
	    "\"url\":"
	    "\"u\",\"width\":800}}},\"statistics\":{\"viewCount\":\"5\",\"videoCount\":17},"
	    "\"topicDetails\":{\"topicCategories\":[\"t\"]},\"status\":{\"madeForKids\":false}}]}";
	struct fix *f = *state;

	for (size_t n = 0; n < sizeof body - 1; n++) {
		char *copy = malloc(n + 1);
		assert_non_null(copy);
		memcpy(copy, body, n);
		assert_int_equal(parse_n(f, copy, n), ERR_INVALID);
		assert_int_equal(f->n, 0);
		/* with NULs instead of the rest */
		free(copy);
		copy = calloc(1, sizeof body);
		assert_non_null(copy);
		memcpy(copy, body, n);
		assert_int_equal(parse_n(f, copy, sizeof body - 1), ERR_INVALID);
		free(copy);
	}
	assert_int_equal(parse(f, body), ERR_OK);
	assert_int_equal(f->n, 1);
	check_text(f->rows[0].title, "T\xF0\x9F\x98\x80\xC3\xA4");
	assert_int_equal(f->rows[0].made_for_kids, 0);
}

static void test_nested(void **state)
{
	enum { DEPTH = 10000 };
	struct fix *f = *state;
	struct str body;

	str_init(&body, 1 << 20);
	str_adds(&body, "{\"items\":[{\"id\":\"" ID_A "\",\"snippet\":");
	for (int i = 0; i < DEPTH; i++)
		str_adds(&body, "{\"title\":");
	str_adds(&body, "1");
	for (int i = 0; i < DEPTH; i++)
		str_addc(&body, '}');
	str_adds(&body, "}]}");
	assert_int_equal(parse_n(f, body.text, body.len), ERR_LIMIT);
	assert_int_equal(f->n, 0);
	str_done(&body);
}

/* A reply that is far too long is cut, not believed and not a danger. */
static void test_too_many(void **state)
{
	struct fix *f = *state;
	struct cid cid;
	struct str body;
	char id[CID_TEXT + 1];

	str_init(&body, 4 << 20);
	str_adds(&body, "{\"items\":[0");
	assert_true(cid_parse(ID_A, 24, &cid));
	for (int i = 0; i < 5000; i++) {
		cid.b[2] = (unsigned char)(i >> 8);
		cid.b[3] = (unsigned char)i;
		str_addf(&body, ",{\"id\":\"%s\"}", cid_format(&cid, id));
	}
	str_adds(&body, "]}");
	assert_int_equal(parse_n(f, body.text, body.len), ERR_OK);
	assert_int_equal(f->n, 1000);
	str_done(&body);
}

static void test_memory(void **state)
{
	static const char body[] = "{\"items\":[{\"id\":\"" ID_A "\",\"snippet\":{\"title\":"
	                           "\"0123456789012345678901234567890123456789\"}}]}";
	struct fix *f = *state;

	/* each limit at which another allocation is the one that fails */
	for (size_t limit = 1; limit <= 700; limit += 20) {
		struct arena *a = arena_new(limit);
		enum err e;
		assert_non_null(a);
		e = channels_parse(
		    f->reader, body, sizeof body - 1, a, &f->rows, &f->n, NULL, &f->eb);
		assert_true(e == ERR_NOMEM || (e == ERR_OK && f->n == 1 && f->rows[0].title));
		assert_true(limit > 200 || e == ERR_NOMEM);
		arena_free(a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CHANNELS_TEST(test_torn),
	    CHANNELS_TEST(test_odd_and_repeated),
	    CHANNELS_TEST(test_fifty_shuffled),
	    CHANNELS_TEST(test_truncated_everywhere),
	    CHANNELS_TEST(test_nested),
	    CHANNELS_TEST(test_too_many),
	    CHANNELS_TEST(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
