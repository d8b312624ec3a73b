/*
 * One suite for every way to a real server: TEST_REDIS_URL, or TEST_UPSTASH_URL and TEST_UPSTASH_TOKEN;
 * TEST_REDIS_CA names a CA. Started by tests/integration/test_redis.py; without an address it is skipped.
 * TEST_ONLY is a pattern of test names; those of the group "up and down" talk to who started the program:
 * a word on a line of its own says that the server should now be taken away, or be brought back.
 */
#include "config.h"
#include "db/redis.h"
#include "engine/base/clock.h"
#include "engine/base/str.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SKIPPED = 77, ANSWER_MS = 20000, QUICK_MS = 500, BIG = 3 * 1024 * 1024 };

static struct redis_config base;

static struct redis *client(int64_t answer_ms)
{
	struct redis_config cfg = base;
	struct errbuf eb = {0};
	struct redis *r;

	cfg.answer_ms = cfg.connect_ms = answer_ms;
	if (redis_new(&r, &cfg, &eb))
		fail_msg("%s", eb.text);
	return r;
}

/* One command that must work. */
static struct redis_answer *ask(struct redis *r, struct redis_command c)
{
	struct redis_answer *a;
	struct errbuf eb = {0};

	if (redis_ask(r, &c, &a, &eb))
		fail_msg("%s: %s", c.words[0], eb.text);
	return a;
}

static void run(struct redis *r, struct redis_command c)
{
	redis_answer_free(ask(r, c));
}

static int64_t number(struct redis *r, struct redis_command c)
{
	struct redis_answer *a = ask(r, c);
	int64_t n = INT64_MIN;

	assert_true(redis_reply_number(a->replies, &n));
	redis_answer_free(a);
	return n;
}

/* One that must fail so. */
static void refuse(struct redis *r, struct redis_command c, enum err err, enum redis_fault fault)
{
	struct redis_answer *a;
	struct errbuf eb = {0};
	enum err got = redis_ask(r, &c, &a, &eb);

	if (got != err || redis_fault(r) != fault)
		fail_msg("%s: %d %d %s", c.words[0], (int)got, (int)redis_fault(r), eb.text);
	assert_null(a);
	assert_non_null(strstr(eb.text, redis_place(r)));
	assert_int_equal(redis_wait_ms(r), 0); /* the server answers: no reason to wait */
}

/* ---- values ---- */

static void test_values(void **state)
{
	static char big[BIG];
	struct redis *r = client(ANSWER_MS);
	struct redis_answer *a;

	(void)state;
	run(r, REDIS_COMMAND("FLUSHDB"));
	run(r, REDIS_COMMAND("SET", "k", "ä \"quoted\" \\ line\nend\t", "PX", "60000"));
	a = ask(r, REDIS_COMMAND("GET", "k"));
	assert_true(redis_reply_is(a->replies, "ä \"quoted\" \\ line\nend\t"));
	redis_answer_free(a);
	assert_in_range(number(r, REDIS_COMMAND("PTTL", "k")), 1, 60000);
	a = ask(r, REDIS_COMMAND("GET", "none"));
	assert_int_equal(a->replies->type, REDIS_NIL);
	redis_answer_free(a);
	run(r, REDIS_COMMAND("SET", "empty", ""));
	a = ask(r, REDIS_COMMAND("MGET", "empty", "none", "k"));
	assert_int_equal(a->replies->n, 3);
	assert_true(redis_reply_is(redis_reply_item(a->replies, 0), ""));
	assert_int_equal(redis_reply_item(a->replies, 1)->type, REDIS_NIL);
	redis_answer_free(a);
	assert_int_equal(
	    number(r, REDIS_COMMAND("DECRBY", "n", "9223372036854775807")), -INT64_MAX);
	/* bytes that are no UTF-8: made by the server, so that REST can be asked for them too */
	run(r, REDIS_COMMAND("SETBIT", "bits", "0", "1"));
	a = ask(r, REDIS_COMMAND("GET", "bits"));
	assert_int_equal(a->replies->n, 1);
	assert_memory_equal(a->replies->text, "\x80", 2);
	redis_answer_free(a);
	memset(big, 'z', sizeof big - 1);
	run(r, REDIS_COMMAND("SET", "big", big));
	a = ask(r, REDIS_COMMAND("GET", "big"));
	assert_true(redis_reply_is(a->replies, big));
	redis_answer_free(a);
	run(r, REDIS_COMMAND("FLUSHDB"));
	redis_free(r);
}

static void test_binary(void **state)
{
	static const char bytes[] = "\0\xff\r\n*1\r\n\0";
	const char *const words[] = {"SET", "bin", bytes};
	const size_t lens[] = {3, 3, sizeof bytes - 1};
	const struct redis_command set = {.words = words, .lens = lens, .n = 3};
	struct redis *r = client(ANSWER_MS);
	struct redis_answer *a;

	(void)state;
	if (!redis_can_block(r)) { /* REST has no way to say such bytes, and says so */
		refuse(r, set, ERR_INVALID, REDIS_REFUSED);
	} else {
		run(r, set);
		a = ask(r, REDIS_COMMAND("GET", "bin"));
		assert_int_equal(a->replies->n, sizeof bytes - 1);
		assert_memory_equal(a->replies->text, bytes, sizeof bytes);
		redis_answer_free(a);
	}
	run(r, REDIS_COMMAND("DEL", "bin"));
	redis_free(r);
}

static void test_refusals(void **state)
{
	struct redis *r = client(ANSWER_MS);

	(void)state;
	run(r, REDIS_COMMAND("SET", "text", "no number"));
	refuse(r, REDIS_COMMAND("INCR", "text"), ERR_INVALID, REDIS_REFUSED);
	refuse(r, REDIS_COMMAND("LPUSH", "text", "a"), ERR_INVALID, REDIS_REFUSED);
	refuse(r, REDIS_COMMAND("NOSUCHCOMMAND"), ERR_INVALID, REDIS_REFUSED);
	refuse(r, REDIS_COMMAND("GET"), ERR_INVALID, REDIS_REFUSED);
	refuse(r, REDIS_COMMAND("EVALSHA", "0000000000000000000000000000000000000000", "0"),
	    ERR_NOTFOUND, REDIS_NO_SCRIPT);
	run(r, REDIS_COMMAND("DEL", "text"));
	redis_free(r);
}

/* ---- several commands ---- */

static void test_pipeline(void **state)
{
	const struct redis_command commands[] = {REDIS_COMMAND("SET", "p", "x"),
	    REDIS_COMMAND("INCR", "p"), REDIS_COMMAND("APPEND", "p", "y"),
	    REDIS_COMMAND("GET", "p"), REDIS_COMMAND("NOSUCHCOMMAND"), REDIS_COMMAND("DEL", "p")};
	const struct redis_call call = {.commands = commands, .n = 6};
	struct redis *r = client(ANSWER_MS);
	struct redis_answer *a;
	enum redis_fault fault;
	struct errbuf eb = {0};

	(void)state;
	if (redis_call(r, &call, &a, &eb))
		fail_msg("%s", eb.text);
	assert_int_equal(a->n, 6);
	assert_true(redis_reply_is(&a->replies[0], "OK"));
	assert_int_equal(redis_reply_fault(r, &a->replies[1], &fault, &eb), ERR_INVALID);
	assert_int_equal(fault, REDIS_REFUSED);
	assert_non_null(strstr(eb.text, "not an integer"));
	assert_int_equal(a->replies[2].number, 2);
	assert_true(redis_reply_is(&a->replies[3], "xy"));
	assert_int_equal(a->replies[4].type, REDIS_ERROR);
	assert_int_equal(a->replies[5].number, 1);
	redis_answer_free(a);
	redis_free(r);
}

/* A thousand answers, and commands of some megabytes in all. */
static void test_long_pipeline(void **state)
{
	static char value[3000];
	static const char *words[1000][3];
	static struct redis_command commands[1000];
	static char keys[1000][16];
	const struct redis_call call = {.commands = commands, .n = 1000};
	struct redis *r = client(ANSWER_MS);
	struct redis_answer *a;
	struct errbuf eb = {0};

	(void)state;
	memset(value, 'v', sizeof value - 1);
	for (int i = 0; i < 1000; i++) {
		snprintf(keys[i], sizeof keys[i], "l%d", i / 2);
		words[i][0] = i % 2 ? "GET" : "SET";
		words[i][1] = keys[i];
		words[i][2] = value;
		commands[i] =
		    (struct redis_command){.words = words[i], .n = (size_t)(i % 2 ? 2 : 3)};
	}
	if (redis_call(r, &call, &a, &eb))
		fail_msg("%s", eb.text);
	for (int i = 0; i < 1000; i++)
		assert_true(redis_reply_is(&a->replies[i], i % 2 ? value : "OK"));
	redis_answer_free(a);
	run(r, REDIS_COMMAND("FLUSHDB"));
	redis_free(r);
}

static void test_transaction(void **state)
{
	const struct redis_command good[] = {REDIS_COMMAND("SET", "t", "1"),
	    REDIS_COMMAND("INCR", "t"), REDIS_COMMAND("LPUSH", "t", "x"),
	    REDIS_COMMAND("GET", "t")};
	const struct redis_command bad[] = {
	    REDIS_COMMAND("SET", "t", "changed"), REDIS_COMMAND("NOSUCHCOMMAND")};
	struct redis_call call = {.commands = good, .n = 4, .all_or_none = true};
	struct redis *r = client(ANSWER_MS);
	struct redis_answer *a;
	struct errbuf eb = {0};

	(void)state;
	/* a command that fails while it is done leaves the others alone */
	if (redis_call(r, &call, &a, &eb))
		fail_msg("%s", eb.text);
	assert_int_equal(a->n, 4);
	assert_true(redis_reply_is(&a->replies[0], "OK"));
	assert_int_equal(a->replies[1].number, 2);
	assert_int_equal(a->replies[2].type, REDIS_ERROR);
	assert_true(redis_reply_is(&a->replies[3], "2"));
	redis_answer_free(a);
	/* one that cannot be done at all: nothing is done */
	call.commands = bad;
	call.n = 2;
	assert_int_equal(redis_call(r, &call, &a, &eb), ERR_INVALID);
	assert_null(a);
	assert_int_equal(redis_fault(r), REDIS_REFUSED);
	a = ask(r, REDIS_COMMAND("GET", "t"));
	assert_true(redis_reply_is(a->replies, "2"));
	redis_answer_free(a);
	/* and of one command */
	call.n = 1;
	if (redis_call(r, &call, &a, &eb))
		fail_msg("%s", eb.text);
	assert_true(redis_reply_is(a->replies, "OK"));
	redis_answer_free(a);
	run(r, REDIS_COMMAND("DEL", "t"));
	redis_free(r);
}

/* ---- streams, as the cluster uses them ---- */

static void make_stream(struct redis *r)
{
	run(r, REDIS_COMMAND("DEL", "s"));
	run(r, REDIS_COMMAND("XGROUP", "CREATE", "s", "g", "0", "MKSTREAM"));
}

static void test_stream(void **state)
{
	struct redis *r = client(ANSWER_MS);
	const struct redis_reply *entries, *entry;
	struct redis_answer *a;
	char id[40];

	(void)state;
	run(r, REDIS_COMMAND("DEL", "s"));
	refuse(r, REDIS_COMMAND("XREADGROUP", "GROUP", "g", "me", "STREAMS", "s", ">"),
	    ERR_NOTFOUND, REDIS_NO_GROUP);
	make_stream(r);
	refuse(r, REDIS_COMMAND("XGROUP", "CREATE", "s", "g", "0", "MKSTREAM"), ERR_EXISTS,
	    REDIS_GROUP_EXISTS);
	a = ask(r, REDIS_COMMAND("XREADGROUP", "GROUP", "g", "me", "STREAMS", "s", ">"));
	assert_int_equal(a->replies->type, REDIS_NIL); /* nothing there */
	redis_answer_free(a);
	run(r, REDIS_COMMAND("XADD", "s", "*", "c", "17", "e", "1"));
	run(r, REDIS_COMMAND("XADD", "s", "*", "c", "18", "e", "1"));
	a = ask(
	    r, REDIS_COMMAND("XREADGROUP", "GROUP", "g", "me", "COUNT", "1", "STREAMS", "s", ">"));
	entries = redis_reply_item(redis_reply_item(a->replies, 0), 1);
	assert_int_equal(entries->n, 1);
	entry = redis_reply_item(entries, 0);
	snprintf(id, sizeof id, "%s", redis_reply_text(redis_reply_item(entry, 0)));
	assert_true(redis_reply_is(redis_reply_item(redis_reply_item(entry, 1), 1), "17"));
	redis_answer_free(a);
	a = ask(r, REDIS_COMMAND("XAUTOCLAIM", "s", "g", "other", "0", "0-0", "COUNT", "10"));
	assert_true(redis_reply_is(redis_reply_item(a->replies, 0), "0-0"));
	assert_int_equal(redis_reply_item(a->replies, 1)->n, 1);
	redis_answer_free(a);
	assert_int_equal(number(r, REDIS_COMMAND("XACK", "s", "g", id)), 1);
	assert_int_equal(number(r, REDIS_COMMAND("XACK", "s", "g", id)), 0);
	assert_int_equal(number(r, REDIS_COMMAND("XDEL", "s", id)), 1);
	assert_int_equal(number(r, REDIS_COMMAND("XLEN", "s")), 1);
	run(r, REDIS_COMMAND("DEL", "s"));
	redis_free(r);
}

/* Entries that were deleted while they waited come back without a body. */
static void test_stream_holes(void **state)
{
	struct redis *r = client(ANSWER_MS);
	const struct redis_reply *entry;
	struct redis_answer *a;

	(void)state;
	make_stream(r);
	run(r, REDIS_COMMAND("XADD", "s", "1-1", "c", "1"));
	run(r, REDIS_COMMAND("XREADGROUP", "GROUP", "g", "me", "STREAMS", "s", ">"));
	run(r, REDIS_COMMAND("XDEL", "s", "1-1"));
	a = ask(r, REDIS_COMMAND("XREADGROUP", "GROUP", "g", "me", "STREAMS", "s", "0"));
	entry = redis_reply_item(redis_reply_item(redis_reply_item(a->replies, 0), 1), 0);
	assert_true(redis_reply_is(redis_reply_item(entry, 0), "1-1"));
	assert_int_equal(redis_reply_item(entry, 1)->type, REDIS_NIL);
	redis_answer_free(a);
	run(r, REDIS_COMMAND("DEL", "s"));
	redis_free(r);
}

static void test_blocking_read(void **state)
{
	static const char *const words[] = {
	    "XREADGROUP", "GROUP", "g", "me", "BLOCK", "300", "STREAMS", "s", ">"};
	const struct redis_command read = {.words = words, .n = 9};
	struct redis_call call = {.commands = &read, .n = 1, .answer_ms = ANSWER_MS};
	struct redis *r = client(ANSWER_MS);
	struct redis_answer *a;
	struct errbuf eb = {0};

	(void)state;
	make_stream(r);
	if (!redis_can_block(r)) {
		assert_int_equal(redis_ask(r, &read, &a, &eb), ERR_INVALID);
		redis_free(r);
		return;
	}
	if (redis_call(r, &call, &a, &eb)) /* the call's own time, above BLOCK */
		fail_msg("%s", eb.text);
	assert_int_equal(a->replies->type, REDIS_NIL);
	redis_answer_free(a);
	call.answer_ms = 50; /* and below it */
	assert_int_equal(redis_call(r, &call, &a, &eb), ERR_TIMEOUT);
	assert_int_equal(redis_fault(r), REDIS_LOST);
	clock_sleep_ms(redis_wait_ms(r) + 1);
	run(r, REDIS_COMMAND("DEL", "s")); /* the late answer is nobody's */
	redis_free(r);
}

/* Upstash alone: 1,000 entries may wait for one consumer. */
static void test_pending_full(void **state)
{
	static const char *const add[] = {"XADD", "s", "*", "c", "1"};
	static struct redis_command commands[1000];
	struct redis_call call = {.commands = commands, .n = 1000};
	struct redis *r = client(ANSWER_MS);
	struct redis_answer *a;
	struct errbuf eb = {0};

	(void)state;
	make_stream(r);
	for (int i = 0; i < 1000; i++)
		commands[i] = (struct redis_command){.words = add, .n = 5};
	if (redis_call(r, &call, &a, &eb))
		fail_msg("%s", eb.text);
	redis_answer_free(a);
	run(r,
	    REDIS_COMMAND("XREADGROUP", "GROUP", "g", "me", "COUNT", "900", "STREAMS", "s", ">"));
	if (redis_can_block(r))
		run(r, REDIS_COMMAND(
		           "XREADGROUP", "GROUP", "g", "me", "COUNT", "200", "STREAMS", "s", ">"));
	else
		refuse(r,
		    REDIS_COMMAND(
		        "XREADGROUP", "GROUP", "g", "me", "COUNT", "200", "STREAMS", "s", ">"),
		    ERR_LIMIT, REDIS_PENDING_FULL);
	run(r, REDIS_COMMAND("DEL", "s"));
	redis_free(r);
}

static void test_script(void **state)
{
	struct redis *r = client(ANSWER_MS);
	struct redis_answer *a;

	(void)state;
	a = ask(r, REDIS_COMMAND("EVAL", "return {1,'a',{2,{3,false}},redis.call('ECHO',ARGV[1])}",
	               "0", "said"));
	assert_int_equal(a->replies->n, 4);
	assert_true(redis_reply_is(redis_reply_item(a->replies, 3), "said"));
	assert_int_equal(
	    redis_reply_item(redis_reply_item(redis_reply_item(a->replies, 2), 1), 1)->type,
	    REDIS_NIL);
	redis_answer_free(a);
	redis_free(r);
}

/* An answer above the limit is refused, and the next one is read as if nothing had been. */
static void test_answer_limit(void **state)
{
	struct redis *r;
	struct errbuf eb = {0};
	struct redis_config cfg = base;

	(void)state;
	cfg.answer_limit = 64 * 1024;
	cfg.answer_ms = ANSWER_MS;
	assert_int_equal(redis_new(&r, &cfg, &eb), ERR_OK);
	run(r, REDIS_COMMAND("EVAL", "redis.call('SET','big',string.rep('x',5000000))", "0"));
	assert_int_equal(redis_ask(r, &REDIS_COMMAND("GET", "big"), NULL, &eb), ERR_LIMIT);
	clock_sleep_ms(redis_wait_ms(r) + 1);
	assert_int_equal(number(r, REDIS_COMMAND("DEL", "big")), 1);
	redis_free(r);
}

static void test_check(void **state)
{
	struct redis *r = client(ANSWER_MS);
	struct redis_health h;
	struct errbuf eb = {0};

	(void)state;
	if (redis_check(r, &h, &eb))
		fail_msg("%s", eb.text);
	assert_true(strlen(h.version) >= 5);
	assert_in_range(h.version[0], '5', '9');
	assert_true(h.clients >= 1);
	assert_true(h.memory[0]);
	assert_string_equal(h.policy, "noeviction");
	assert_int_equal(number(r, REDIS_COMMAND("EXISTS", "test_connection_key")), 0);
	redis_free(r);
}

/* ---- up and down: whoever started us takes the server away and brings it back ---- */

static void tell(const char *word)
{
	printf("\n%s\n", word);
	fflush(stdout);
}

/* Calls until it worked, then until it did not, then until it works again; each call ends by itself. */
static void test_outage(void **state)
{
	struct redis *r = client(QUICK_MS);
	struct errbuf eb = {0};
	int64_t until = clock_mono_ms() + 100000;

	(void)state;
	while (redis_ask(r, &REDIS_COMMAND("INCR", "outage"), NULL, &eb) && clock_mono_ms() < until)
		clock_sleep_ms(10);
	tell("take away");
	while (
	    !redis_ask(r, &REDIS_COMMAND("INCR", "outage"), NULL, &eb) && clock_mono_ms() < until)
		clock_sleep_ms(2);
	assert_true(redis_fault(r) == REDIS_LOST || redis_fault(r) == REDIS_AGAIN);
	for (int i = 0; i < 20; i++) { /* some failures more, none of which may hang */
		assert_true(redis_ask(r, &REDIS_COMMAND("INCR", "outage"), NULL, &eb) != ERR_OK);
		clock_sleep_ms(10);
	}
	tell("bring back");
	while (redis_ask(r, &REDIS_COMMAND("INCR", "outage"), NULL, &eb) && clock_mono_ms() < until)
		clock_sleep_ms(redis_wait_ms(r) + 1);
	if (clock_mono_ms() >= until)
		fail_msg("%s", eb.text);
	redis_free(r);
}

/* What it says when it cannot be reached: for whoever started us. */
static void test_says(void **state)
{
	struct redis *r = client(ANSWER_MS);
	struct errbuf eb = {0};
	enum err err = redis_ask(r, &REDIS_COMMAND("PING"), NULL, &eb);

	(void)state;
	printf("\nsays %s: %s\n", err_word(err), err ? eb.text : "fine");
	redis_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_values),
	    cmocka_unit_test(test_binary),
	    cmocka_unit_test(test_refusals),
	    cmocka_unit_test(test_pipeline),
	    cmocka_unit_test(test_long_pipeline),
	    cmocka_unit_test(test_transaction),
	    cmocka_unit_test(test_stream),
	    cmocka_unit_test(test_stream_holes),
	    cmocka_unit_test(test_blocking_read),
	    cmocka_unit_test(test_pending_full),
	    cmocka_unit_test(test_script),
	    cmocka_unit_test(test_answer_limit),
	    cmocka_unit_test(test_check),
	};
	const struct CMUnitTest outside[] = {
	    cmocka_unit_test(test_outage),
	    cmocka_unit_test(test_says),
	};
	const char *url = getenv("TEST_REDIS_URL"), *upstash = getenv("TEST_UPSTASH_URL"),
	           *token = getenv("TEST_UPSTASH_TOKEN"), *only = getenv("TEST_ONLY");

	if (!url && !upstash) {
		printf("skipped: neither TEST_REDIS_URL nor TEST_UPSTASH_URL names a server\n");
		return SKIPPED;
	}
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return 1;
	base.names = (struct redis_names){.url = url ? secret_new(url, strlen(url)) : NULL,
	    .upstash = upstash ? secret_new(upstash, strlen(upstash)) : NULL,
	    .token = token ? secret_new(token, strlen(token)) : NULL};
	base.ca_file = getenv("TEST_REDIS_CA");
	if (only)
		cmocka_set_test_filter(only);
	return only ? cmocka_run_group_tests(outside, NULL, NULL)
	            : cmocka_run_group_tests(tests, NULL, NULL);
}
