/* Every action's call of a REST server against that server's own table. */
#include "config.h"
#include "engine/rest/path.h"
#include "engine/rest/route.h"
#include "tui/action_route.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

/* The first path that fits is meant, as the server does it. */
static const struct rest_route *find(const char *path, struct str *arg)
{
	const struct rest_route *r = rest_routes();

	while (r->path && !rest_path_match(r->path, path, arg))
		r++;
	for (const struct rest_route *same = r; same->path; same++)
		if (strcmp(same->path, r->path) == 0 && same->methods & REST_POST)
			return same;
	return NULL;
}

static void test_every_action_finds_its_route(void **state)
{
	(void)state;
	for (int a = 0; a < ACTION_COUNT; a++) {
		const struct command c = {
		    .action = (enum action)a, .target = "a/b c%", .job_type = "refresh"};
		const struct rest_route *r;
		struct str path, body, arg;
		str_init(&path, 256);
		str_init(&body, 256);
		str_init(&arg, REST_ARG_LIMIT);
		action_route(&c, &path, &body);
		assert_int_equal(path.err, ERR_OK);
		r = find(str_get(&path), &arg);
		if (!r || r->action != (enum action)a)
			fail_msg("%s: %s is no route of it", action_info((enum action)a)->word,
			    str_get(&path));
		if (strchr(r->path, '{'))
			assert_string_equal(str_get(&arg), "a/b c%");
		str_done(&path);
		str_done(&body);
		str_done(&arg);
	}
}

/* Actions on all that match, or on many in one body, have a place in the path as well. */
static void test_many_find_their_route(void **state)
{
	(void)state;
	for (int a = 0; a < ACTION_COUNT; a++) {
		const struct command c = {.action = (enum action)a, .params_json = "{\"q\":\"x\"}"};
		const struct rest_route *r;
		struct str path, body, arg;
		if (!(action_info((enum action)a)->flags & (ACT_FILTER | ACT_TOGETHER)))
			continue;
		str_init(&path, 256);
		str_init(&body, 256);
		str_init(&arg, REST_ARG_LIMIT);
		action_route(&c, &path, &body);
		r = find(str_get(&path), &arg);
		if (!r || r->action != (enum action)a)
			fail_msg("%s: %s is no route of it", action_info((enum action)a)->word,
			    str_get(&path));
		if (strchr(r->path, '{'))
			assert_string_equal(str_get(&arg), COMMAND_MANY);
		assert_string_equal(str_get(&body), "{\"q\":\"x\"}");
		str_done(&path);
		str_done(&body);
		str_done(&arg);
	}
}

static void test_bodies(void **state)
{
	static const struct {
		struct command c;
		const char *path, *body;
	} rows[] = {
	    {{.action = ACTION_JOB_START, .job_type = "refresh", .params_json = "{\"days\":7}"},
	        "/api/jobs", "{\"type\":\"refresh\",\"days\":7}"},
	    {{.action = ACTION_JOB_START, .job_type = "refresh", .params_json = " { } "},
	        "/api/jobs", "{\"type\":\"refresh\" } "},
	    {{.action = ACTION_JOB_START, .job_type = "refresh"}, "/api/jobs",
	        "{\"type\":\"refresh\"}"},
	    {{.action = ACTION_JOB_PAUSE, .target = "J-1"}, "/api/jobs/J-1/pause", "{}"},
	    {{.action = ACTION_JOB_WEIGHT, .target = "J-1", .params_json = "{\"n\":5}"},
	        "/api/jobs/J-1/weight", "{\"n\":5}"},
	    {{.action = ACTION_KEY_ADD, .target = "k7", .secret = "s\"", .project = "p"},
	        "/api/keys/k7/add", "{\"key\":\"s\\\"\",\"project\":\"p\"}"},
	    {{.action = ACTION_PLAN_SHARE, .target = "videos", .params_json = "{\"percent\":4}"},
	        "/api/plan/share", "{\"stage\":\"videos\",\"percent\":4}"},
	    {{.action = ACTION_DEAD_DROP, .params_json = "{\"channels\":[\"UC1\"]}"},
	        "/api/dead-letters/drop", "{\"channels\":[\"UC1\"]}"},
	    {{.action = ACTION_SYNC}, "/api/node/sync", "{}"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct str path, body;
		str_init(&path, 256);
		str_init(&body, 256);
		action_route(&rows[i].c, &path, &body);
		assert_string_equal(str_get(&path), rows[i].path);
		assert_string_equal(str_get(&body), rows[i].body);
		str_done(&path);
		str_done(&body);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_action_finds_its_route),
	    cmocka_unit_test(test_many_find_their_route),
	    cmocka_unit_test(test_bodies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
