#include "config.h"
#include "engine/rest/address.h"
#include "engine/rest/path.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

static void test_match(void **state)
{
	static const struct {
		const char *pattern, *path, *arg; /* arg NULL: no match */
	} rows[] = {
	    {"/health", "/health", ""},
	    {"/health", "/health/", NULL},
	    {"/health", "/healthy", NULL},
	    {"/health", "/heal", NULL},
	    {"/health", "", NULL},
	    {"/api/jobs/{id}", "/api/jobs/J-1001", "J-1001"},
	    {"/api/jobs/{id}", "/api/jobs/", NULL},
	    {"/api/jobs/{id}", "/api/jobs", NULL},
	    {"/api/jobs/{id}", "/api/jobs/1/", NULL},
	    {"/api/jobs/{id}", "/api/jobs/1/pause", NULL},
	    {"/api/jobs/{id}/pause", "/api/jobs/1/pause", "1"},
	    {"/api/jobs/{id}/pause", "/api/jobs/1/pausex", NULL},
	    {"/api/jobs/{id}/pause", "/api/jobs//pause", NULL},
	    {"/api/keys/{name}/test", "/api/keys/prod%2Fk7/test", "prod/k7"},
	    {"/api/keys/{name}/test", "/api/keys/a+b/test", "a+b"},
	    {"/api/jobs/{id}", "/api/jobs/%00", NULL},
	    {"/api/jobs/{id}", "/api/jobs/%zz", NULL},
	    {"/api/jobs/{id}", "/api/jobs/%4", NULL},
	};
	struct str arg;

	(void)state;
	str_init(&arg, REST_ARG_LIMIT);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		bool match = rest_path_match(rows[i].pattern, rows[i].path, &arg);
		if (match != (rows[i].arg != NULL))
			fail_msg("%s against %s", rows[i].path, rows[i].pattern);
		if (match)
			assert_string_equal(str_get(&arg), rows[i].arg);
	}
	str_done(&arg);
}

static void test_match_limits_its_argument(void **state)
{
	char path[2 * REST_ARG_LIMIT] = "/api/jobs/";
	size_t head = strlen(path);
	struct str arg;

	(void)state;
	str_init(&arg, REST_ARG_LIMIT);
	memset(path + head, 'x', REST_ARG_LIMIT);
	path[head + REST_ARG_LIMIT] = '\0';
	assert_true(rest_path_match("/api/jobs/{id}", path, &arg));
	assert_int_equal(arg.len, REST_ARG_LIMIT);
	path[head + REST_ARG_LIMIT] = 'x';
	path[head + REST_ARG_LIMIT + 1] = '\0';
	assert_false(rest_path_match("/api/jobs/{id}", path, &arg));
	str_done(&arg);
}

static void test_query(void **state)
{
	struct str value;

	(void)state;
	str_init(&value, REST_ARG_LIMIT);
	assert_false(rest_query_get(NULL, "status", &value));
	assert_false(rest_query_get("", "status", &value));
	assert_false(rest_query_get("status2=x&xstatus=y", "status", &value));
	assert_true(rest_query_get("limit=5&status=a%20b+c&status=second", "status", &value));
	assert_string_equal(str_get(&value), "a b c");
	assert_true(rest_query_get("st%61tus=x", "status", &value));
	assert_string_equal(str_get(&value), "x");
	assert_true(rest_query_get("status", "status", &value));
	assert_string_equal(str_get(&value), "");
	assert_true(rest_query_get("&&status=%zz", "status", &value));
	assert_string_equal(str_get(&value), "%zz");
	str_done(&value);
}

static void test_query_int(void **state)
{
	static const struct {
		const char *query;
		enum err err;
		int64_t value;
	} rows[] = {
	    {NULL, ERR_OK, 50},
	    {"limit=", ERR_OK, 50},
	    {"limit=0", ERR_OK, 0},
	    {"limit=1000", ERR_OK, 1000},
	    {"limit=+7+", ERR_OK, 7},
	    {"limit=%2B7", ERR_OK, 7},
	    {"limit=1_00", ERR_OK, 100},
	    {"limit=1__0", ERR_INVALID, 0},
	    {"limit=_1", ERR_INVALID, 0},
	    {"limit=1001", ERR_INVALID, 0},
	    {"limit=-1", ERR_INVALID, 0},
	    {"limit=5.0", ERR_INVALID, 0},
	    {"limit=0x10", ERR_INVALID, 0},
	    {"limit=99999999999999999999", ERR_INVALID, 0},
	    {"limit=%zz", ERR_INVALID, 0},
	    {"limit=%20", ERR_INVALID, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct errbuf eb = {.code = ERR_OK};
		int64_t value = -9;
		enum err err = rest_query_int(rows[i].query, "limit", 50, 0, 1000, &value, &eb);
		if (err != rows[i].err)
			fail_msg("%s gave %d", rows[i].query, (int)err);
		if (!err)
			assert_int_equal(value, rows[i].value);
		else
			assert_string_equal(eb.text, "limit must be a whole number from 0 to 1000");
	}
}

static void test_json_type(void **state)
{
	(void)state;
	assert_true(rest_is_json_type("application/json"));
	assert_true(rest_is_json_type("Application/JSON; charset=utf-8"));
	assert_true(rest_is_json_type("application/problem+json"));
	assert_false(rest_is_json_type("application/jsonx"));
	assert_false(rest_is_json_type("text/json"));
	assert_false(rest_is_json_type("application/x-www-form-urlencoded"));
	assert_false(rest_is_json_type("application/+json"));
	assert_false(rest_is_json_type(""));
}

static void test_address(void **state)
{
	static const char *const bad[] = {"", ":5000", "5000", "127.0.0.1",
	    "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:+1",
	    "::1:5000", "[::1]", "[::1:5000", "[]:5000", "example.org:80", "256.0.0.1:80",
	    "127.0.0.1 :80"};
	struct rest_address a;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct errbuf eb;

	(void)state;
	assert_int_equal(rest_address_parse("127.0.0.1:5000", &a, &eb), ERR_OK);
	memcpy(&v4, &a.at, sizeof v4);
	assert_int_equal(ntohs(v4.sin_port), 5000);
	assert_int_equal(ntohl(v4.sin_addr.s_addr), 0x7f000001);
	assert_true(rest_address_is_loopback(&a));
	assert_int_equal(rest_address_parse("LocalHost:0", &a, &eb), ERR_OK);
	assert_true(rest_address_is_loopback(&a));
	assert_int_equal(rest_address_parse("[::1]:65535", &a, &eb), ERR_OK);
	memcpy(&v6, &a.at, sizeof v6);
	assert_int_equal(v6.sin6_family, AF_INET6);
	assert_int_equal(ntohs(v6.sin6_port), 65535);
	assert_true(rest_address_is_loopback(&a));
	assert_int_equal(rest_address_parse("0.0.0.0:80", &a, &eb), ERR_OK);
	assert_false(rest_address_is_loopback(&a));
	assert_int_equal(rest_address_parse("[::]:80", &a, &eb), ERR_OK);
	assert_false(rest_address_is_loopback(&a));
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (rest_address_parse(bad[i], &a, &eb) != ERR_INVALID)
			fail_msg("\"%s\" was taken", bad[i]);
	assert_non_null(strstr(eb.text, "write ADDRESS:PORT"));
}

static void test_callers(void **state)
{
	(void)state;
	assert_true(rest_host_is_local("localhost"));
	assert_true(rest_host_is_local("LOCALHOST:8080"));
	assert_true(rest_host_is_local("127.0.0.1:1"));
	assert_true(rest_host_is_local("[::1]"));
	assert_true(rest_host_is_local("[::1]:5000"));
	assert_false(rest_host_is_local("localhost.evil.example"));
	assert_false(rest_host_is_local("evil.example:5000"));
	assert_false(rest_host_is_local("localhost:x"));
	assert_false(rest_host_is_local(""));
	assert_true(rest_origin_is_local("http://localhost:3000"));
	assert_true(rest_origin_is_local("https://[::1]"));
	assert_false(rest_origin_is_local("null"));
	assert_false(rest_origin_is_local("http://evil.example"));
	assert_false(rest_origin_is_local("http://localhost.evil.example"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_match),
	    cmocka_unit_test(test_match_limits_its_argument),
	    cmocka_unit_test(test_query),
	    cmocka_unit_test(test_query_int),
	    cmocka_unit_test(test_json_type),
	    cmocka_unit_test(test_address),
	    cmocka_unit_test(test_callers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
