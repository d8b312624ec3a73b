/* What /api/redis-test is told: at once, whatever the server does. With TEST_REDIS_URL also of a real one. */
#include "config.h"
#include "engine/engine_redis.h"
#include "engine/base/clock.h"
#include "tests/unit/redis_script.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct settings *settings_of(const char *url)
{
	struct settings *s;
	struct errbuf eb = {0};

	if (settings_load(&s, "/dev/null", &eb) || settings_set(s, "REDIS_URL", url, "test", &eb) ||
	    settings_set(s, "UPSTASH_REDIS_URL", "", "test", &eb) ||
	    settings_set(s, "ENVIRONMENT", "tests", "test", &eb))
		fail_msg("%s", eb.text);
	return s;
}

/* A probe of a Redis, and the settings that name it. */
struct probed {
	struct settings *s;
	struct redis_probe *p;
	struct redis_script *script; /* NULL: a server from elsewhere, or none */
};

static struct probed probe(const char *url)
{
	struct probed it = {.s = settings_of(url)};
	struct errbuf eb = {0};

	if (redis_probe_start(&it.p, it.s, NULL, &eb))
		fail_msg("%s", eb.text);
	return it;
}

static struct probed probe_script(redis_script_fn *play)
{
	struct redis_script *script = redis_script_start(play);
	struct probed it;
	char url[64];

	snprintf(url, sizeof url, "redis://127.0.0.1:%d/0", redis_script_port(script));
	it = probe(url);
	it.script = script;
	return it;
}

static void end(struct probed it)
{
	redis_probe_stop(it.p);
	settings_free(it.s);
	if (it.script)
		redis_script_stop(it.script);
}

static void check_error(struct redis_probe *p, const char *words)
{
	json_t *j = redis_probe_json(p);

	assert_non_null(j);
	assert_string_equal(json_string_value(json_object_get(j, "status")), "error");
	if (!strstr(json_string_value(json_object_get(j, "message")), words))
		fail_msg("%s", json_string_value(json_object_get(j, "message")));
	assert_int_equal(json_object_size(j), 2);
	json_decref(j);
}

static void test_not_configured(void **state)
{
	static const char *const rows[][2] = {
	    {"", "set REDIS_URL"}, {"nonsense", "write redis://"}, {"redis://h/x", "number"}};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct probed it = probe(rows[i][0]);

		check_error(it.p, rows[i][1]);
		end(it);
	}
}

static void play_hang(struct redis_script *s, int fd, int n)
{
	(void)n;
	redis_script_hang(s, fd);
}

/* The server says nothing, and the check goes on: callers hear so, and the end does not wait for it. */
static void test_hanging(void **state)
{
	struct probed it = probe_script(play_hang);

	(void)state;
	assert_int_equal(redis_script_connections(it.script), 0); /* nobody asked yet */
	check_error(it.p, "no answer yet from Redis at 127.0.0.1:");
	for (int i = 0; i < 1000;
	     i++) /* none of these waits, or the test lasts a quarter of an hour */
		check_error(it.p, "");
	assert_int_equal(redis_script_connections(it.script), 1);
	end(it);
}

static void play_refuse(struct redis_script *s, int fd, int n)
{
	(void)n;
	if (redis_script_expect(s, fd, "PING\r\n"))
		redis_script_say(fd, "-NOAUTH Authentication required.\r\n-NOAUTH x\r\n");
	redis_script_hang(s, fd);
}

static void test_refused(void **state)
{
	struct probed it = probe_script(play_refuse);

	(void)state;
	check_error(it.p, "");
	for (int i = 0; i < 100; i++)
		check_error(it.p, "NOAUTH");
	assert_int_equal(redis_script_connections(it.script), 1); /* from the last result */
	end(it);
}

static void test_real(void **state)
{
	const char *url = getenv("TEST_REDIS_URL");
	struct probed it;
	json_t *j = NULL;

	(void)state;
	if (!url)
		skip();
	it = probe(url);
	for (int i = 0; i < 600; i++) { /* a busy machine may need more than one try */
		j = redis_probe_json(it.p);
		if (strcmp(json_string_value(json_object_get(j, "status")), "success") == 0)
			break;
		json_decref(j);
		j = NULL;
		clock_sleep_ms(100);
	}
	assert_non_null(j);
	assert_int_equal(json_object_size(j), 5);
	assert_non_null(strchr(json_string_value(json_object_get(j, "redis_version")), '.'));
	assert_true(json_integer_value(json_object_get(j, "connected_clients")) >= 1);
	assert_true(strlen(json_string_value(json_object_get(j, "used_memory_human"))) > 1);
	assert_string_equal(json_string_value(json_object_get(j, "environment")), "tests");
	json_decref(j);
	end(it);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_not_configured),
	    cmocka_unit_test(test_hanging),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_real),
	};

	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
