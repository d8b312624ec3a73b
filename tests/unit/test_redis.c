/* What a server may do to a client: hang up, say nothing, talk rubbish, never end. Each script is played
 * by a thread of this program; no call may outlast its deadline, and the next one must work. */
#include "config.h"
#include "db/redis.h"
#include "engine/base/backoff.h"
#include "engine/base/clock.h"
#include "engine/base/str.h"
#include "tests/unit/redis_script.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

enum { SHORT_MS = 300, LONG_MS = 20000, LIMIT = 1 << 20 };

static struct redis *client_of(
    const char *url, const atomic_bool *stop, int64_t answer_ms, struct errbuf *eb)
{
	struct secret *secret = secret_new(url, strlen(url));
	struct redis_config cfg = {.stop = stop,
	    .connect_ms = answer_ms,
	    .answer_ms = answer_ms,
	    .answer_limit = LIMIT,
	    .names.url = secret};
	struct redis *r = NULL;

	assert_int_equal(redis_new(&r, &cfg, eb), ERR_OK);
	secret_free(secret);
	return r;
}

static struct redis *client(
    struct redis_script *s, const char *login, const atomic_bool *stop, int64_t answer_ms)
{
	char url[200];

	snprintf(url, sizeof url, "redis://%s127.0.0.1:%d/0", login, redis_script_port(s));
	return client_of(url, stop, answer_ms, NULL);
}

static enum err ask(struct redis *r, struct errbuf *eb)
{
	*eb = (struct errbuf){0};
	return redis_ask(r, &REDIS_COMMAND("GET", "k"), NULL, eb);
}

/* Asks until it works; what is between is a wait that the client told. */
static void ask_until_good(struct redis *r)
{
	struct errbuf eb = {0};
	int tries = 0;

	while (ask(r, &eb) && ++tries < 100) {
		assert_true(redis_fault(r) == REDIS_LOST || redis_fault(r) == REDIS_AGAIN);
		assert_true(redis_wait_ms(r) <= 30000);
		clock_sleep_ms(redis_wait_ms(r) + 1);
	}
	if (tries == 100)
		fail_msg("%s", eb.text);
	assert_int_equal(redis_wait_ms(r), 0);
	assert_int_equal(redis_fault(r), REDIS_FINE);
}

/* ---- scripts that go wrong once, and well afterwards ---- */

static void play_good(struct redis_script *s, int fd)
{
	if (redis_script_login(s, fd))
		while (redis_script_expect(s, fd, "GET"))
			redis_script_say(fd, "$1\r\nv\r\n");
}

static void play_hang_up_at_once(struct redis_script *s, int fd, int n)
{
	if (n)
		play_good(s, fd);
}

static void play_hang_up_on_command(struct redis_script *s, int fd, int n)
{
	if (n)
		play_good(s, fd);
	else if (redis_script_login(s, fd))
		redis_script_expect(s, fd, "GET");
}

static void play_hang_up_in_answer(struct redis_script *s, int fd, int n)
{
	if (n) {
		play_good(s, fd);
	} else if (redis_script_login(s, fd) && redis_script_expect(s, fd, "GET")) {
		redis_script_say(fd, "$100\r\nonly so much");
	}
}

static void play_garbage(struct redis_script *s, int fd, int n)
{
	if (n)
		play_good(s, fd);
	else if (redis_script_login(s, fd) && redis_script_expect(s, fd, "GET"))
		redis_script_say(fd, "what?\r\n");
}

static void play_two_answers(struct redis_script *s, int fd, int n)
{
	if (n)
		play_good(s, fd);
	else if (redis_script_login(s, fd) && redis_script_expect(s, fd, "GET"))
		redis_script_say(fd, "$1\r\nv\r\n$1\r\nw\r\n");
}

static void play_huge(struct redis_script *s, int fd, int n)
{
	static char zeros[1 << 16];

	if (n) {
		play_good(s, fd);
	} else if (redis_script_login(s, fd) && redis_script_expect(s, fd, "GET")) {
		redis_script_say(fd, "$536870912\r\n");
		for (int i = 0; i < 64; i++) /* 4 MiB: the client must have gone by then */
			redis_script_send(fd, zeros, sizeof zeros);
	}
}

static void play_many(struct redis_script *s, int fd, int n)
{
	if (n) {
		play_good(s, fd);
	} else if (redis_script_login(s, fd) && redis_script_expect(s, fd, "GET")) {
		redis_script_say(fd, "*2000000000\r\n");
		redis_script_hang(s, fd);
	}
}

static void play_loading(struct redis_script *s, int fd, int n)
{
	if (n > 1)
		play_good(s, fd);
	else if (redis_script_expect(s, fd, "PING\r\n"))
		redis_script_say(fd, "+OK\r\n-LOADING Redis is loading the dataset in memory\r\n");
}

static const struct trouble {
	redis_script_fn *play;
	enum err err;
	const char *words;
} troubles[] = {
    {play_hang_up_at_once, ERR_UNAVAIL, "hung up"},
    {play_hang_up_on_command, ERR_UNAVAIL, "hung up"},
    {play_hang_up_in_answer, ERR_UNAVAIL, "hung up"},
    {play_garbage, ERR_CORRUPT, "protocol"},
    {play_two_answers, ERR_CORRUPT, "more answers"},
    {play_huge, ERR_LIMIT, "larger"},
    {play_many, ERR_LIMIT, "larger"},
    {play_loading, ERR_UNAVAIL, "LOADING"},
};

static void test_trouble_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof troubles / sizeof troubles[0]; i++) {
		struct redis_script *s = redis_script_start(troubles[i].play);
		struct redis *r = client(s, "", NULL, LONG_MS);
		struct errbuf eb;
		enum err err = ask(r, &eb);

		if (err != troubles[i].err || !strstr(eb.text, troubles[i].words))
			fail_msg("%zu: %d %s", i, (int)err, eb.text);
		assert_non_null(strstr(eb.text, "127.0.0.1:"));
		ask_until_good(r);
		redis_free(r);
		redis_script_stop(s);
	}
}

/* ---- silence ---- */

static void play_silence_at_login(struct redis_script *s, int fd, int n)
{
	if (n)
		play_good(s, fd);
	else
		redis_script_hang(s, fd);
}

static void play_silence(struct redis_script *s, int fd, int n)
{
	if (n)
		play_good(s, fd);
	else if (redis_script_login(s, fd))
		redis_script_hang(s, fd);
}

/* Bytes come, so the connection lives; but the answer never ends. */
static void play_drip(struct redis_script *s, int fd, int n)
{
	if (n) {
		play_good(s, fd);
	} else if (redis_script_login(s, fd) && redis_script_expect(s, fd, "GET")) {
		redis_script_say(fd, "$500\r\n");
		for (int i = 0; i < 400; i++) {
			redis_script_say(fd, "x");
			clock_sleep_ms(5);
		}
	}
}

static void test_silence(void **state)
{
	redis_script_fn *const plays[] = {play_silence_at_login, play_silence, play_drip};

	(void)state;
	for (size_t i = 0; i < sizeof plays / sizeof plays[0]; i++) {
		struct redis_script *s = redis_script_start(plays[i]);
		struct redis *r = client(s, "", NULL, SHORT_MS);
		struct errbuf eb;

		assert_int_equal(ask(r, &eb), ERR_TIMEOUT);
		assert_int_equal(redis_fault(r), REDIS_LOST);
		redis_free(r);
		r = client(s, "", NULL, LONG_MS);
		ask_until_good(r);
		redis_free(r);
		redis_script_stop(s);
	}
}

static void *raise_soon(void *arg)
{
	clock_sleep_ms(50);
	atomic_store((atomic_bool *)arg, true);
	return NULL;
}

/* Without the flag each of these would last twenty seconds, and the program be killed. */
static void test_stop(void **state)
{
	redis_script_fn *const plays[] = {play_silence_at_login, play_silence};

	(void)state;
	for (size_t i = 0; i < sizeof plays / sizeof plays[0]; i++) {
		struct redis_script *s = redis_script_start(plays[i]);
		atomic_bool stop = false;
		struct redis *r = client(s, "", &stop, LONG_MS * 100);
		struct errbuf eb;
		pthread_t thread;

		assert_int_equal(pthread_create(&thread, NULL, raise_soon, &stop), 0);
		assert_int_equal(ask(r, &eb), ERR_CANCELLED);
		pthread_join(thread, NULL);
		assert_int_equal(ask(r, &eb), ERR_CANCELLED);
		atomic_store(&stop, false);
		ask_until_good(r); /* and it left no wait behind */
		redis_free(r);
		redis_script_stop(s);
	}
}

/* ---- waits ---- */

static void play_never(struct redis_script *s, int fd, int n)
{
	(void)s;
	(void)fd;
	(void)n;
}

/* While it waits a call fails at once, with the reason, and nothing is sent. */
static void test_wait_after_failures(void **state)
{
	struct redis_script *s = redis_script_start(play_never);
	struct redis *r = client(s, "", NULL, LONG_MS);
	struct errbuf eb;
	int told = 0;

	(void)state;
	for (int i = 0; i < 6; i++) {
		clock_sleep_ms(redis_wait_ms(r));
		while (redis_wait_ms(r))
			clock_sleep_ms(1);
		assert_true(ask(r, &eb) != ERR_OK);
		if (redis_wait_ms(r) > 100) {
			int before = redis_script_connections(s);

			assert_int_equal(ask(r, &eb), ERR_UNAVAIL);
			assert_non_null(strstr(eb.text, "next try"));
			assert_non_null(strstr(eb.text, "hung up"));
			assert_int_equal(redis_script_connections(s), before);
			told++;
		}
	}
	/* six full jitters, all of them below 100 ms of 200 to 6,400: about one in a million */
	assert_true(told > 0);
	redis_free(r);
	redis_script_stop(s);
}

static void test_backoff(void **state)
{
	int64_t most = 0;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		int64_t ms = backoff_ms(3, 100, 10000);

		assert_in_range(ms, 0, 800);
		most = ms > most ? ms : most;
		assert_in_range(backoff_ms(0, 100, 10000), 0, 100);
		assert_in_range(backoff_ms(60, 100, 10000), 0, 10000);
		assert_in_range(backoff_ms(1 << 30, 100, 10000), 0, 10000);
	}
	assert_true(most > 400);
}

/* ---- logging in ---- */

static void play_echo_password(struct redis_script *s, int fd, int n)
{
	(void)n;
	if (redis_script_expect(s, fd, "PING\r\n"))
		redis_script_say(fd,
		    "-ERR unknown command AUTH Geheim1/2 with \033[31mcolours\r\n+OK\r\n+PONG\r\n");
}

static void test_secrets_do_not_come_back(void **state)
{
	struct redis_script *s = redis_script_start(play_echo_password);
	struct redis *r = client(s, ":Geheim1%2F2@", NULL, LONG_MS);
	struct errbuf eb;

	(void)state;
	assert_true(ask(r, &eb) != ERR_OK);
	assert_null(strstr(eb.text, "Geheim"));
	assert_null(strchr(eb.text, '\033'));
	assert_non_null(strstr(eb.text, "***"));
	redis_free(r);
	redis_script_stop(s);
}

static void play_login_words(struct redis_script *s, int fd, int n)
{
	(void)n;
	if (redis_script_expect(s, fd,
	        "*3\r\n$4\r\nAUTH\r\n$2\r\nme\r\n$3\r\npw1\r\n"
	        "*3\r\n$6\r\nCLIENT\r\n$7\r\nSETNAME\r\n$7\r\ntubeops\r\n"
	        "*2\r\n$6\r\nSELECT\r\n$1\r\n7\r\n*1\r\n$4\r\nPING\r\n")) {
		/* no CLIENT here, no right to PING: neither matters */
		redis_script_say(
		    fd, "+OK\r\n-ERR unknown command 'CLIENT'\r\n+OK\r\n-NOPERM ping\r\n");
		while (redis_script_expect(s, fd, "GET"))
			redis_script_say(fd, "$-1\r\n");
	}
}

static void test_login_words(void **state)
{
	struct redis_script *s = redis_script_start(play_login_words);
	struct errbuf eb;
	struct redis *r;
	char url[100];

	(void)state;
	snprintf(url, sizeof url, "redis://me:pw1@127.0.0.1:%d/7", redis_script_port(s));
	r = client_of(url, NULL, LONG_MS, NULL);
	if (ask(r, &eb))
		fail_msg("%s", eb.text);
	assert_true(redis_can_block(r));
	redis_free(r);
	redis_script_stop(s);
}

/* ---- connections that ended while nobody looked ---- */

static void play_one_answer(struct redis_script *s, int fd, int n)
{
	(void)n;
	if (redis_script_login(s, fd) && redis_script_expect(s, fd, "GET"))
		redis_script_say(fd, "$1\r\nv\r\n");
}

/* The client hears that the server hung up before it sends, so that no command is in doubt. */
static void test_stale_connection(void **state)
{
	struct redis_script *s = redis_script_start(play_one_answer);
	struct redis *r = client(s, "", NULL, LONG_MS);
	struct errbuf eb;

	(void)state;
	for (int i = 0; i < 5; i++) {
		if (ask(r, &eb))
			fail_msg("%d: %s", i, eb.text);
		assert_int_equal(redis_script_connections(s), i + 1);
		redis_script_wait_closed(s, i + 1);
	}
	redis_free(r);
	redis_script_stop(s);
}

/* ---- many commands ---- */

/* Answers each command at once and reads on only when the answer is out: a client that sends everything
 * before it reads would wait for ever. */
static void play_eager(struct redis_script *s, int fd, int n)
{
	static char text[128 * 1024];

	(void)n;
	memset(text, 'x', sizeof text);
	if (!redis_script_login(s, fd))
		return;
	for (int i = 0; i < 100; i++) {
		char head[32];

		if (!i && !redis_script_expect(s, fd, "ECHO"))
			return;
		snprintf(head, sizeof head, "$%d\r\n", 1000);
		redis_script_say(fd, head);
		redis_script_send(fd, text, 1000);
		redis_script_say(fd, "\r\n");
	}
	redis_script_hang(s, fd);
}

static void test_large_pipeline(void **state)
{
	static char big[512 * 1024];
	struct redis_script *s = redis_script_start(play_eager);
	struct redis *r = client(s, "", NULL, LONG_MS);
	const char *words[] = {"ECHO", big};
	struct redis_command commands[100];
	struct redis_call call = {.commands = commands, .n = 100};
	struct redis_answer *a;
	struct errbuf eb = {0};
	enum err err;

	(void)state;
	memset(big, 'y', sizeof big - 1);
	for (int i = 0; i < 100; i++)
		commands[i] = (struct redis_command){.words = words, .n = 2};
	err = redis_call(r, &call, &a, &eb);
	/* what it answers before it heard everything is worth nothing */
	assert_true(err == ERR_CORRUPT || err == ERR_OK);
	redis_answer_free(a);
	redis_free(r);
	redis_script_stop(s);
}

static void test_calls_that_make_no_sense(void **state)
{
	struct redis_script *s = redis_script_start(play_never);
	struct redis *r = client(s, "", NULL, LONG_MS);
	const struct redis_command nothing = {.n = 0};
	struct redis_answer *a;

	(void)state;
	assert_int_equal(redis_call(r, &(struct redis_call){.n = 0}, &a, NULL), ERR_INVALID);
	assert_int_equal(
	    redis_call(r, &(struct redis_call){.commands = &nothing, .n = 1}, &a, NULL),
	    ERR_INVALID);
	assert_int_equal(redis_fault(r), REDIS_REFUSED);
	assert_int_equal(redis_script_connections(s), 0);
	redis_free(r);
	redis_script_stop(s);
}

static void test_names_that_are_not_found(void **state)
{
	struct redis *r = client_of("redis://no-such-host.invalid/0", NULL, LONG_MS, NULL);
	struct errbuf eb;
	enum err err = ask(r, &eb);

	(void)state;
	assert_true(err == ERR_NOTFOUND || err == ERR_UNAVAIL || err == ERR_TIMEOUT);
	assert_non_null(strstr(eb.text, "name of the server"));
	redis_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_trouble_once),
	    cmocka_unit_test(test_silence),
	    cmocka_unit_test(test_stop),
	    cmocka_unit_test(test_wait_after_failures),
	    cmocka_unit_test(test_backoff),
	    cmocka_unit_test(test_secrets_do_not_come_back),
	    cmocka_unit_test(test_login_words),
	    cmocka_unit_test(test_stale_connection),
	    cmocka_unit_test(test_large_pipeline),
	    cmocka_unit_test(test_calls_that_make_no_sense),
	    cmocka_unit_test(test_names_that_are_not_found),
	};

	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
