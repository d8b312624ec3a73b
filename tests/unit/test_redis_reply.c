/* Addresses of Redis, error texts, and replies in both forms, hostile ones above all. */
#include "config.h"
#include "db/redis.h"
#include "engine/base/json_reader.h"
#include "engine/base/str.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LIMIT = 64 * 1024 };

/* ---- addresses ---- */

struct named {
	struct secret *url, *upstash, *token;
	struct redis_target t;
	struct errbuf eb;
};

static struct secret *hide(const char *text)
{
	return text ? secret_new(text, strlen(text)) : NULL;
}

static enum err find(struct named *n, const char *url, const char *upstash, const char *token)
{
	struct redis_names names;

	*n = (struct named){.url = hide(url), .upstash = hide(upstash), .token = hide(token)};
	names = (struct redis_names){.url = n->url, .upstash = n->upstash, .token = n->token};
	return redis_target_find(&n->t, &names, &n->eb);
}

static void done(struct named *n)
{
	redis_target_done(&n->t);
	secret_free(n->url);
	secret_free(n->upstash);
	secret_free(n->token);
}

static void test_addresses(void **state)
{
	static const struct {
		const char *url, *upstash, *token;
		enum redis_kind kind;
		const char *setting, *place, *user, *secret;
	} good[] = {
	    {"redis://127.0.0.1", NULL, NULL, REDIS_TCP, "REDIS_URL", "127.0.0.1:6379/0", NULL,
	        NULL},
	    {"redis://:p%2F%40@h:7/3", NULL, NULL, REDIS_TCP, "REDIS_URL", "h:7/3", NULL, "p/@"},
	    {"REDISS://u:a@b@h/", NULL, NULL, REDIS_TLS, "REDIS_URL", "h:6379/0", "u", "a@b"},
	    {"rediss://:p@[::1]:5/2?ssl_cert_reqs=CERT_REQUIRED", NULL, NULL, REDIS_TLS,
	        "REDIS_URL", "[::1]:5/2", NULL, "p"},
	    {"redis://:@h", NULL, NULL, REDIS_TCP, "REDIS_URL", "h:6379/0", NULL, NULL},
	    {NULL, "https://x.upstash.io", "tok", REDIS_REST, "UPSTASH_REDIS_URL",
	        "https://x.upstash.io", NULL, "tok"},
	    {"redis://h", "https://x.upstash.io/", "tok", REDIS_REST, "UPSTASH_REDIS_URL",
	        "https://x.upstash.io", NULL, "tok"},
	    {NULL, "https://:t0@x.io:8443/a//", NULL, REDIS_REST, "UPSTASH_REDIS_URL",
	        "https://x.io:8443/a", NULL, "t0"},
	    {NULL, "https://x.io/?_token=t%2B1", NULL, REDIS_REST, "UPSTASH_REDIS_URL",
	        "https://x.io", NULL, "t+1"},
	    {NULL, "http://127.0.0.1:8079", "tok", REDIS_REST, "UPSTASH_REDIS_URL",
	        "http://127.0.0.1:8079", NULL, "tok"},
	    {NULL, "rediss://default:pw@x.io:6379", NULL, REDIS_TLS, "UPSTASH_REDIS_URL",
	        "x.io:6379/0", "default", "pw"},
	    {NULL, "rediss://x.io:6379", "tok", REDIS_TLS, "UPSTASH_REDIS_URL", "x.io:6379/0", NULL,
	        "tok"},
	    {"redis://h", "your_upstash_redis_url_here", "tok", REDIS_TCP, "REDIS_URL", "h:6379/0",
	        NULL, NULL},
	    {"redis://h", "https://x.io", NULL, REDIS_TCP, "REDIS_URL", "h:6379/0", NULL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		struct named n;

		if (find(&n, good[i].url, good[i].upstash, good[i].token))
			fail_msg("%zu: %s", i, n.eb.text);
		assert_int_equal(n.t.kind, good[i].kind);
		assert_string_equal(n.t.setting, good[i].setting);
		assert_string_equal(n.t.place, good[i].place);
		assert_string_equal(n.t.user ? n.t.user : "", good[i].user ? good[i].user : "");
		assert_string_equal(n.t.secret ? secret_reveal(n.t.secret) : "",
		    good[i].secret ? good[i].secret : "");
		done(&n);
	}
}

static void test_addresses_that_do_not_count(void **state)
{
	struct named n;

	(void)state;
	assert_int_equal(find(&n, NULL, NULL, NULL), ERR_NOTFOUND);
	done(&n);
	assert_int_equal(find(&n, NULL, "your_upstash_redis_url_here", NULL), ERR_NOTFOUND);
	done(&n);
	assert_int_equal(find(&n, NULL, NULL, "tok"), ERR_NOTFOUND);
	assert_non_null(strstr(n.eb.text, "UPSTASH_REDIS_URL"));
	done(&n);
	assert_int_equal(find(&n, "redis://h", "https://x.io", NULL), ERR_OK);
	assert_non_null(strstr(n.t.note, "UPSTASH_REDIS_REST_TOKEN"));
	done(&n);
	assert_int_equal(find(&n, NULL, "https://x.io", NULL), ERR_INVALID);
	assert_non_null(strstr(n.eb.text, "UPSTASH_REDIS_REST_TOKEN"));
	done(&n);
}

static void test_addresses_refused(void **state)
{
	static const char *const bad[] = {"Geheim1", "rediss//Geheim1", "redis:/h/Geheim1",
	    "redis://", "redis://:Geheim1@", "redis://:Geheim1@:1", "redis://Geheim1@h",
	    "redis://:***@h", "redis://:Geheim1@h:0", "redis://:Geheim1@h:65536",
	    "redis://:Geheim1@h/x", "redis://:Geheim1@h/-1", "redis://:Geheim1@h/1/2",
	    "redis://:Geheim1/x@h", "redis://:Geheim1#x@h", "redis://:Geheim1%zz@h",
	    "redis://:Geheim1%00@h", "redis://:Geheim1@[::1", "redis://:Geheim1@h?password=Geheim1",
	    "redis://h?ssl_cert_reqs=CERT_REQUIRED", "rediss://:Geheim1@h?ssl_cert_reqs=none",
	    "unix:///run/Geheim1", "https://:Geheim1@h", "http://127.0.0.1:1"};
	static const char *const bad_upstash[] = {"x.upstash.io/Geheim1", "ftp://:Geheim1@x.io",
	    "http://:Geheim1@x.io", "https://:Geheim1@", "https://:Geheim1@x.io?a=b",
	    "https://:Geheim1@x.io#a", "https://:***@x.io", "https://:Geheim%0a1@x.io",
	    "https://u:12/Geheim1@x.io"};

	(void)state;
	for (size_t i = 0;
	     i < sizeof bad / sizeof bad[0] + sizeof bad_upstash / sizeof bad_upstash[0]; i++) {
		bool upstash = i >= sizeof bad / sizeof bad[0];
		const char *text = upstash ? bad_upstash[i - sizeof bad / sizeof bad[0]] : bad[i];
		struct named n;

		if (find(&n, upstash ? NULL : text, upstash ? text : NULL,
		        upstash ? "tok" : NULL) != ERR_INVALID)
			fail_msg("%s was taken", text);
		assert_true(strlen(n.eb.text) > 20);
		assert_null(strstr(n.eb.text, "Geheim"));
		assert_non_null(strstr(n.eb.text, "REDIS_URL"));
		done(&n);
	}
}

/* ---- error texts ---- */

static void test_faults(void **state)
{
	static const struct {
		const char *text;
		enum redis_fault fault;
		enum err err;
	} rows[] = {
	    {"NOAUTH Authentication required.", REDIS_HALT, ERR_DENIED},
	    {"WRONGPASS invalid or missing auth token", REDIS_HALT, ERR_DENIED},
	    {"LOADING Redis is loading the dataset in memory", REDIS_AGAIN, ERR_UNAVAIL},
	    {"BUSY Redis is busy running a script", REDIS_AGAIN, ERR_UNAVAIL},
	    {"BUSYGROUP Consumer Group name already exists", REDIS_GROUP_EXISTS, ERR_EXISTS},
	    {"BUSYKEY Target key name already exists.", REDIS_REFUSED, ERR_INVALID},
	    {"NOGROUP No such key 's' or consumer group 'g'", REDIS_NO_GROUP, ERR_NOTFOUND},
	    {"NOSCRIPT No matching script.", REDIS_NO_SCRIPT, ERR_NOTFOUND},
	    {"OOM command not allowed when used memory > 'maxmemory'.", REDIS_HALT, ERR_LIMIT},
	    {"ERR max daily request limit exceeded", REDIS_HALT, ERR_QUOTA},
	    {"ERR max daily request limit exceeded. Limit: 10", REDIS_HALT, ERR_QUOTA},
	    {"ERR max requests limit exceeded.", REDIS_HALT, ERR_QUOTA},
	    {"ERR XReadGroup is cancelled. Pending Entries List limit per consumer is about to be "
	     "reached. Limit: 1000, Current PEL size: 90, Requested Read: 20, Key: k, Group: g, "
	     "Consumer: c.",
	        REDIS_PENDING_FULL, ERR_LIMIT},
	    {"ERR syntax error", REDIS_REFUSED, ERR_INVALID},
	    {"ERR", REDIS_REFUSED, ERR_INVALID},
	    {"", REDIS_REFUSED, ERR_INVALID},
	    {"READONLY You can't write against a read only replica.", REDIS_AGAIN, ERR_UNAVAIL},
	    {"MOVED 3999 127.0.0.1:6381", REDIS_HALT, ERR_INVALID},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct redis_state *s = redis_state_find(rows[i].text, strlen(rows[i].text));

		if (s->fault != rows[i].fault || s->err != rows[i].err)
			fail_msg("%s: %d %d", rows[i].text, (int)s->fault, (int)s->err);
	}
}

/* ---- RESP ---- */

/* Feeds text in pieces of `step` bytes; n replies are due. */
static enum err feed(
    const char *text, size_t len, size_t step, size_t n, struct redis_answer **out, bool *whole)
{
	struct redis_resp *p = redis_resp_new();
	struct redis_answer *a = redis_answer_new(n, LIMIT);
	struct errbuf eb = {0};
	enum err err = ERR_OK;

	assert_true(p && a);
	redis_resp_expect(p, a, LIMIT);
	*whole = false;
	for (size_t at = 0; at < len && !err; at += step) {
		char *piece; /* of its own, so that a sanitizer sees a read beyond it */
		size_t size = len - at < step ? len - at : step;

		piece = malloc(size);
		assert_non_null(piece);
		memcpy(piece, text + at, size);
		err = redis_resp_feed(p, piece, size, whole, &eb);
		free(piece);
		assert_true(!err || eb.text[0]);
	}
	redis_resp_free(p);
	if (out)
		*out = a;
	else
		redis_answer_free(a);
	return err;
}

static void test_resp(void **state)
{
	static const char text[] =
	    "+OK\r\n:-42\r\n$-1\r\n*-1\r\n$0\r\n\r\n$5\r\na\0\r\nb\r\n"
	    "-ERR no\r\n*4\r\n:1\r\n*2\r\n$1\r\nx\r\n*0\r\n$-1\r\n-NOPERM y\r\n";

	(void)state;
	for (size_t step = 1; step < sizeof text; step++) {
		struct redis_answer *a;
		const struct redis_reply *r;
		bool whole;

		assert_int_equal(feed(text, sizeof text - 1, step, 8, &a, &whole), ERR_OK);
		assert_true(whole);
		r = a->replies;
		assert_true(redis_reply_is(&r[0], "OK"));
		assert_int_equal(r[1].type, REDIS_NUMBER);
		assert_int_equal(r[1].number, -42);
		assert_int_equal(r[2].type, REDIS_NIL);
		assert_int_equal(r[3].type, REDIS_NIL);
		assert_true(redis_reply_is(&r[4], ""));
		assert_int_equal(r[5].n, 5);
		assert_memory_equal(r[5].text, "a\0\r\nb", 6);
		assert_int_equal(r[6].type, REDIS_ERROR);
		assert_string_equal(r[6].text, "ERR no");
		assert_null(redis_reply_text(&r[6]));
		assert_int_equal(r[7].n, 4);
		assert_true(redis_reply_is(redis_reply_item(redis_reply_item(&r[7], 1), 0), "x"));
		assert_int_equal(
		    redis_reply_item(redis_reply_item(&r[7], 1), 1)->type, REDIS_ARRAY);
		assert_int_equal(redis_reply_item(&r[7], 3)->type, REDIS_ERROR);
		assert_int_equal(redis_reply_item(&r[7], 4)->type, REDIS_NIL);
		redis_answer_free(a);
	}
}

static void test_resp_hostile(void **state)
{
	static const struct {
		const char *text;
		enum err err; /* ERR_OK: more is waited for */
	} rows[] = {
	    {"HTTP/1.1 400 Bad Request\r\n\r\n", ERR_CORRUPT},
	    {"\x15\x03\x03\x00\x02\x02\x46", ERR_CORRUPT}, /* a TLS alert */
	    {"$-2\r\n", ERR_CORRUPT},
	    {"$x\r\n", ERR_CORRUPT},
	    {"$9223372036854775807\r\n", ERR_OK},
	    {"$99999999999999999999\r\n", ERR_CORRUPT},
	    {"*2147483647\r\n", ERR_LIMIT},
	    {"*4294967297\r\n", ERR_CORRUPT},
	    {"*99999999999999999999\r\n", ERR_CORRUPT},
	    {"*-7\r\n", ERR_CORRUPT},
	    {"*1000000\r\n", ERR_LIMIT},
	    {":12a\r\n", ERR_CORRUPT},
	    {":99999999999999999999\r\n", ERR_CORRUPT},
	    {"+OK\r\n+OK\r\n", ERR_CORRUPT}, /* one was asked for */
	    {"*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n", ERR_LIMIT},
	    {"\r\n", ERR_CORRUPT},
	    {"+", ERR_OK},
	    {"*2\r\n:1\r\n", ERR_OK},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		for (size_t step = 1; step < 12; step += 5) {
			bool whole;
			enum err err =
			    feed(rows[i].text, strlen(rows[i].text), step, 1, NULL, &whole);

			/* versions of hiredis differ in what they call it, and in what they wait for */
			if (whole || (rows[i].err && !err))
				fail_msg("%s by %zu: %d", rows[i].text, step, (int)err);
			assert_true(err == ERR_OK || err == ERR_CORRUPT || err == ERR_LIMIT);
		}
}

/* A text or a line without end is not kept for ever. */
static void test_resp_limits(void **state)
{
	static char text[LIMIT + 100];
	bool whole;

	(void)state;
	memset(text, 'x', sizeof text);
	text[0] = '+';
	assert_int_equal(feed(text, sizeof text, 4096, 1, NULL, &whole), ERR_LIMIT);
	memcpy(text, "$100000000\r\n", 12);
	assert_int_equal(feed(text, sizeof text, 4096, 1, NULL, &whole), ERR_LIMIT);
	for (size_t i = 0; i + 4 <= sizeof text; i += 4)
		memcpy(text + i, ":1\r\n", 4);
	memcpy(text, "*16000\r\n", 8); /* small on the wire, large as a tree */
	assert_int_equal(feed(text, sizeof text, 4096, 1, NULL, &whole), ERR_LIMIT);
}

/* ---- JSON ---- */

static enum err read_json(const char *text, enum redis_encoding encoding, size_t n,
    struct redis_answer **out, const struct redis_reply **whole)
{
	struct json_reader *json = json_reader_new(LIMIT, 12);
	struct redis_answer *a = redis_answer_new(n ? n : 1, LIMIT);
	struct errbuf eb = {0};
	enum err err;

	assert_true(json && a);
	err = redis_json_read(json, text, strlen(text), encoding, n > 0, a, whole, &eb);
	assert_true(!err || eb.text[0]);
	json_reader_free(json);
	if (out)
		*out = a;
	else
		redis_answer_free(a);
	return err;
}

static void test_json(void **state)
{
	const struct redis_reply *whole, *r;
	struct redis_answer *a;

	(void)state;
	assert_int_equal(read_json("{\"result\":[\"YmFy\",null,7,[\"\",\"/+8=\"],\"OK\"]}",
	                     REDIS_ENCODING_BASE64, 0, &a, &whole),
	    ERR_OK);
	r = a->replies;
	assert_null(whole);
	assert_int_equal(r->n, 5);
	assert_true(redis_reply_is(&r->items[0], "bar"));
	assert_int_equal(r->items[1].type, REDIS_NIL);
	assert_int_equal(r->items[2].number, 7);
	assert_true(redis_reply_is(redis_reply_item(&r->items[3], 0), ""));
	assert_memory_equal(redis_reply_item(&r->items[3], 1)->text, "\xff\xef", 3);
	assert_true(redis_reply_is(&r->items[4], "OK"));
	redis_answer_free(a);
	assert_int_equal(
	    read_json("[{\"result\":\"x y\"},{\"error\":\"ERR no\"},{\"result\":null}]",
	        REDIS_ENCODING_PLAIN, 3, &a, &whole),
	    ERR_OK);
	assert_null(whole);
	assert_true(redis_reply_is(&a->replies[0], "x y"));
	assert_int_equal(a->replies[1].type, REDIS_ERROR);
	assert_string_equal(a->replies[1].text, "ERR no");
	assert_int_equal(a->replies[2].type, REDIS_NIL);
	redis_answer_free(a);
	assert_int_equal(
	    read_json("{\"error\":\"ERR discarded\"}", REDIS_ENCODING_BASE64, 2, &a, &whole),
	    ERR_OK);
	assert_non_null(whole);
	assert_string_equal(whole->text, "ERR discarded");
	redis_answer_free(a);
}

static void test_json_hostile(void **state)
{
	static const struct {
		const char *text;
		size_t several;
		enum err err;
	} rows[] = {
	    {"", 0, ERR_CORRUPT},
	    {"<html>502 Bad Gateway</html>", 0, ERR_CORRUPT},
	    {"{\"result\":\"YmF", 0, ERR_CORRUPT},
	    {"{\"result\":1}{}", 0, ERR_CORRUPT},
	    {"[]", 0, ERR_CORRUPT},
	    {"null", 0, ERR_CORRUPT},
	    {"{}", 0, ERR_CORRUPT},
	    {"{\"error\":1}", 0, ERR_CORRUPT},
	    {"{\"result\":true}", 0, ERR_CORRUPT},
	    {"{\"result\":1.5}", 0, ERR_CORRUPT},
	    {"{\"result\":{\"a\":1}}", 0, ERR_CORRUPT},
	    {"{\"result\":9223372036854775808}", 0, ERR_CORRUPT},
	    {"{\"result\":\"YmF\"}", 0, ERR_CORRUPT},
	    {"{\"result\":\"Ym!y\"}", 0, ERR_CORRUPT},
	    {"{\"result\":\"====\"}", 0, ERR_CORRUPT},
	    {"{\"result\":\"Y===\"}", 0, ERR_CORRUPT},
	    {"{\"result\":\"YmFy YmFy\"}", 0, ERR_CORRUPT},
	    {"{\"result\":\"\\u0000\\u0000\\u0000\\u0000\"}", 0, ERR_CORRUPT},
	    {"{\"result\":[[[[[[[[[[[[[[1]]]]]]]]]]]]]]}", 0, ERR_LIMIT},
	    {"[{\"result\":1}]", 2, ERR_CORRUPT},
	    {"[{\"result\":1},{\"result\":1},{\"result\":1}]", 2, ERR_CORRUPT},
	    {"[1,2]", 2, ERR_CORRUPT},
	    {"{\"result\":1}", 2, ERR_CORRUPT},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct redis_reply *whole;
		enum err err =
		    read_json(rows[i].text, REDIS_ENCODING_BASE64, rows[i].several, NULL, &whole);

		if (err != rows[i].err)
			fail_msg("%s: %d", rows[i].text, (int)err);
		assert_null(whole);
	}
}

static void test_json_limits(void **state)
{
	const struct redis_reply *whole;
	struct str text;

	(void)state;
	str_init(&text, LIMIT);
	str_adds(&text, "{\"result\":[1");
	while (text.len < 20000)
		str_adds(&text, ",1");
	str_adds(&text, "]}");
	assert_int_equal(
	    read_json(str_get(&text), REDIS_ENCODING_BASE64, 0, NULL, &whole), ERR_LIMIT);
	str_done(&text);
}

static void test_json_words(void **state)
{
	const char *const words[] = {"SET", "a\"b\n\x01", "ä\xf0\x9f\x98\x80", "x\0y"};
	const size_t lens[] = {3, 5, 6, 3};
	const char *const bad[] = {"SET", "\xff"};
	struct str out;

	(void)state;
	str_init(&out, LIMIT);
	assert_int_equal(redis_json_words(&out, words, lens, 4, NULL), ERR_OK);
	assert_string_equal(
	    str_get(&out), "[\"SET\",\"a\\\"b\\n\\u0001\",\"ä\xf0\x9f\x98\x80\",\"x\\u0000y\"]");
	assert_int_equal(redis_json_words(&out, bad, NULL, 2, NULL), ERR_INVALID);
	str_done(&out);
	str_init(&out, 10);
	assert_int_equal(redis_json_words(&out, words, lens, 4, NULL), ERR_LIMIT);
	str_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_addresses),
	    cmocka_unit_test(test_addresses_that_do_not_count),
	    cmocka_unit_test(test_addresses_refused),
	    cmocka_unit_test(test_faults),
	    cmocka_unit_test(test_resp),
	    cmocka_unit_test(test_resp_hostile),
	    cmocka_unit_test(test_resp_limits),
	    cmocka_unit_test(test_json),
	    cmocka_unit_test(test_json_hostile),
	    cmocka_unit_test(test_json_limits),
	    cmocka_unit_test(test_json_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
