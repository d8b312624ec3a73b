/* Whole screens as text, from the demo's scenarios: exact widths, key facts, a few lines in full. */
#include "config.h"
#include "engine/base/text.h"
#include "tests/unit/scenario.h"
#include "tui/session.h"
#include "tui/view.h"

#include <locale.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <setjmp.h>
#include <cmocka.h>

static int line_columns(const char *line, size_t len)
{
	int columns = 0;

	for (size_t at = 0; at < len;) {
		uint32_t code = 0;
		size_t n = text_utf8_next(line + at, len - at, &code);
		int w = wcwidth((wchar_t)code);
		assert_true(n > 0 && w >= 0);
		columns += w;
		at += n;
	}
	return columns;
}

/* h lines of exactly w columns, without controls; ASCII alone when asked. */
static void assert_shape(const char *text, int w, int h, bool ascii)
{
	int lines = 0;

	for (const char *p = text; *p; lines++) {
		size_t len = strcspn(p, "\n");
		assert_int_equal(line_columns(p, len), w);
		for (size_t i = 0; i < len; i++) {
			assert_true((unsigned char)p[i] >= 0x20 && p[i] != 0x7f);
			assert_false(ascii && (unsigned char)p[i] >= 0x80);
		}
		p += len + (p[len] == '\n');
	}
	assert_int_equal(lines, h);
}

static struct node *scenario(const char *name)
{
	struct demo_config cfg = {.scenario = name, .types = scenario_types()};
	struct node *n = demo_open(&cfg);

	assert_non_null(n);
	return n;
}

/* Owned; the test frees it. */
static char *screen(const char *name, const char *view, int w, int h, bool ascii)
{
	struct node *n = scenario(name);
	char *text = session_text(n, view, w, h, ascii, 1000);

	assert_non_null(text);
	assert_shape(text, w, h, ascii);
	node_close(n);
	return text;
}

static void assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		print_error("\"%s\" is not in:\n%s", part, text);
	assert_non_null(strstr(text, part));
}

/* Line n without the blanks at its end. */
static void assert_line(const char *text, int n, const char *want)
{
	size_t len;
	char line[1024];

	for (int i = 0; i < n; i++)
		text = strchr(text, '\n') + 1;
	len = strcspn(text, "\n");
	while (len && text[len - 1] == ' ')
		len--;
	snprintf(line, sizeof line, "%.*s", (int)len, text);
	assert_string_equal(line, want);
}

static const char *const scenarios[] = {
    "campaign", "busy", "rest", "empty", "nokey", "spent", "trouble", "postgres", "redis", "many"};

static void test_every_scenario_and_size(void **state)
{
	static const int sizes[][2] = {{80, 24}, {160, 50}, {60, 16}, {40, 12}, {20, 4}, {120, 30},
	    {100, 28}, {119, 29}, {79, 23}, {300, 100}, {1, 1}, {2, 3}, {19, 3}, {61, 200},
	    {1000, 20}};
	static const char *const views[] = {"dash", "jobs", "help", "job:J-1042", "job:J-1042:1",
	    "job:J-1042:2", "job:J-1042:3", "job:J-1042:4", "job:J-9:1", "keys", "keys::1",
	    "keys::2", "key:k7", "workers", "workers::1", "workers::2", "service:channels.list",
	    "channels", "channel:UCsn6cjffsvyOZCZxvGoJxGg", "channel:UCsn6cjffsvyOZCZxvGoJxGg:1",
	    "channel:UCsn6cjffsvyOZCZxvGoJxGg:2", "channel:UCsn6cjffsvyOZCZxvGoJxGg:3", "discovery",
	    "discovery::1", "log"};

	(void)state;
	for (size_t i = 0; i < sizeof scenarios / sizeof scenarios[0]; i++)
		for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++)
			for (int ascii = 0; ascii < 2; ascii++)
				for (size_t v = 0; v < sizeof views / sizeof views[0]; v++)
					free(screen(scenarios[i], views[v], sizes[k][0],
					    sizes[k][1], ascii));
}

static void test_standard(void **state)
{
	char *text = screen("campaign", "dash", 80, 24, false);

	(void)state;
	assert_line(text, 0,
	    " tubeops local RW  pg ok  yt ok                   Sun 18:47:12Z  reset 13:12:48");
	assert_has(text, " [1 Dash]  2 Jobs 3> 2! ");
	assert_line(text, 2,
	    " STAGE        DONE / TARGET                 % U/ITEM   UNITS FINISH at this plan");
	assert_line(text, 3,
	    " import     15.00M / 15.00M ███████████   100      -       - done Thu 19 Nov");
	assert_line(
	    text, 4, " metadata    6.39M / 15.00M ████▋░░░░░░  42.6  .0204    175k Thu 00:48Z");
	assert_line(
	    text, 5, " videos       1.05M / 6.21M █▊░░░░░░░░░  16.8   1.52   7.85M ! 09 Sep 2027");
	assert_line(text, 8,
	    "─ Quota, Pacific day ──────────────────────── project prod, 5 keys of 6 usable ─");
	assert_line(text, 10,
	    " pace   44% of the day gone, 69% spent (x1.55)  dry 02:06Z, then idle 5h54m");
	assert_line(
	    text, 11, " search █████ 500 / 500 empty           stats  ██░░░ 4,210 / 10,000 lasts");
	assert_line(text, 16,
	    "─ Blocked: what and why ────────────────────────────── 5, 2 more below   until ─");
	assert_line(text, 17,
	    ">  ! key k7           400 API_KEY_INVALID x5, off since 16:20Z    you: 3 then t");
	assert_line(
	    text, 21, ">  J-1042 metadata  running     1.08M/2.00M  54.1  39.5/s   212 01:14Z");
	assert_line(
	    text, 23, " Enter open  n new job  i import  Tab blocked  : command  ? help  q back");
	free(text);
}

static void test_standard_ascii(void **state)
{
	char *text = screen("campaign", "dash", 80, 24, true);

	(void)state;
	assert_line(
	    text, 4, " metadata    6.39M / 15.00M #####......  42.6  .0204    175k Thu 00:48Z");
	assert_line(text, 20,
	    "- Jobs ---------------------------------------------- 3 running, 11 more below -");
	free(text);
}

static void test_wide(void **state)
{
	char *text = screen("campaign", "dash", 160, 50, false);

	(void)state;
	assert_has(text, " tubeops 1.0 local RW   pg ok, 0 to send   youtube ok 212 ms ");
	assert_has(text, "  1 failed  updated 0.0s");
	assert_has(text, "┌─ Campaign ─");
	assert_has(text, "alive 6.21M of 6.39M looked up   gone 183,402   given up 1,269");
	assert_has(text, "┌─ Units left today ─");
	assert_has(text, "left 27,157   burning 4,180/h   even pace ·   forecast • dry 02:06Z");
	assert_has(text, "┌─ Channels a second, last 60 min ─");
	assert_has(text, "rows/s sent");
	assert_has(text, " 02:06Z  no units for any job, for 5h54m; imports go on");
	assert_has(text, " videos    ██████████████▍░░░░░░     18,600 / 27,000  30% ");
	free(text);
	text = screen("campaign", "dash", 160, 50, true);
	assert_has(text, "+- Campaign -");
	free(text);
}

static void test_short_and_small(void **state)
{
	char *text = screen("campaign", "dash", 60, 16, false);

	(void)state;
	assert_line(text, 0, " tubeops local RW pg ok yt ok           18:47Z  reset 13:12");
	assert_has(text, " metadata    42.6 ████████▌░░░░░░░░░░░ Thu 00:48Z");
	assert_has(text, "   J-1041  videos    running      66.6 Tue 04:00Z");
	assert_has(text, "62,843 / 90,000  69%");
	assert_has(text, " ! J-1038 metadata  failed: ids not valid   you: 2 then r");
	free(text);
	text = screen("busy", "dash", 40, 12, false);
	assert_line(text, 0, " tubeops local RW         Sun 18:47:12Z");
	assert_line(text, 2, " This window is 40x12.");
	assert_line(text, 7, " units   62,843/90,000  dry 01:17Z");
	assert_line(text, 8, " jobs    2 running  1 waiting");
	assert_line(text, 11, " q leave");
	free(text);
	text = screen("busy", "dash", 9, 2, false);
	assert_line(text, 0, "too small");
	free(text);
}

static void test_what_to_do(void **state)
{
	char *text = screen("empty", "dash", 80, 24, false);

	(void)state;
	assert_has(text, "Nothing imported yet.");
	assert_has(text, "[ ] add an API key           press 3 then n  tubeops keys add");
	assert_has(text, "[ ] import channel ids       press i         tubeops import FILE");
	assert_has(text, "! YouTube          no API key yet: nothing can be fetched");
	assert_has(text, "yt no key");
	free(text);
	text = screen("nokey", "dash", 80, 24, false);
	assert_has(text, "! no key yet, so no units to spend: 3 then n adds one");
	assert_has(text, "no key: 3 then n");
	free(text);
	text = screen("rest", "dash", 80, 24, false);
	assert_has(text, "n, then 05 Nov 2027");
	assert_has(text, "nothing is blocked");
	free(text);
	text = screen("spent", "dash", 80, 24, false);
	assert_has(text, "yt NO QUOTA");
	assert_has(text, "All quota of this Pacific day is spent: new units 08:00Z, in 13:12:48");
	assert_has(text, "project prod     its units of today are spent");
	free(text);
	text = screen("trouble", "dash", 160, 50, false);
	assert_has(text, "STAGING!   PG DOWN 2m   ");
	assert_has(text, "! storing          disk full");
	assert_has(text, "! key k3 ");
	assert_has(text, "you: 4 then K");
	free(text);
}

static void test_jobs(void **state)
{
	char *text = screen("campaign", "jobs", 80, 24, false);

	(void)state;
	assert_has(text, "  1 Dash  [2 Jobs 3> 2!] ");
	assert_line(
	    text, 2, "   ID      TYPE      STATE        DONE/TOTAL     %    RATE   ERR ETA / WHY");
	assert_line(
	    text, 3, ">  J-1042  metadata  running     1.08M/2.00M  54.1  39.5/s   212 01:14Z");
	assert_has(
	    text, "   J-1034  metadata  interrupted  612k/1.00M  61.2       -    18 resumable");
	assert_has(text, "─ 13 jobs ─");
	assert_has(text, "─ sort: state, then newest ─");
	assert_has(text, " p pause   X cancel   + raise   - lower   a all");
	free(text);
	text = screen("campaign", "jobs", 160, 50, false);
	assert_has(text, "J-1042 metadata ─");
	free(text);
}

static void test_keys(void **state)
{
	char *text = screen("campaign", "keys", 80, 24, false);

	(void)state;
	assert_has(text, " [3 Keys 1!]  4 Work 1!");
	assert_has(
	    text, "     units              62,843/90,000 ████████▍░░░  69  4,180   02:06Z ok");
	assert_has(
	    text, "     search calls             500/500 ████████████ 100      0        - empty");
	assert_has(text,
	    "     k7  9e11d4                     0                0      0          ! INVALID");
	assert_has(
	    text, "   videos         30%    27,000      18,600      8,400     290.2 ! 09 Sep 2027");
	free(text);
	text = screen("campaign", "keys::2", 80, 24, false);
	assert_has(text, "   10k             402,700      612k      22.8 15 Dec 2026");
	free(text);
	text = screen("campaign", "key:k7", 80, 24, false);
	assert_has(text, " Keys > prod / k7");
	assert_has(text, " state     ! INVALID");
	free(text);
	text = screen("empty", "keys", 80, 24, false);
	assert_has(text, "No YouTube API key yet.");
	assert_has(text, "   n  here, and paste a key: it is not shown, and not logged");
	free(text);
}

static void test_workers(void **state)
{
	char *text = screen("campaign", "workers", 80, 24, false);

	(void)state;
	assert_has(text,
	    " 8 threads   2 calling  1 writing  3 wait for a slot  1 backing off  ! 1 stalled");
	assert_has(text,
	    "   w8   ! stalled? J-1040  similar: GET /channels       41.7s  10.5k    0  9,810");
	assert_has(text, "! OPEN 11m");
	free(text);
	text = screen("campaign", "workers::2", 80, 24, false);
	assert_has(text, " PostgreSQL  ok");
	free(text);
	text = screen("trouble", "workers::2", 80, 24, false);
	assert_has(text, " staging     ! disk full: give the disk space, or mend it");
	assert_has(text, " PostgreSQL  ! DOWN: connection refused 127.0.0.1:5432");
	free(text);
	text = screen("campaign", "service:channels.list", 80, 24, false);
	assert_has(text, " 200-250      ████");
	free(text);
}

static void test_job_page(void **state)
{
	char *text = screen("campaign", "job:J-1042", 80, 24, false);

	(void)state;
	assert_has(text, "  1 Dash  [2 Jobs 3> 2!]"); /* whatever opened it */
	assert_has(
	    text, " Jobs > J-1042 metadata           [Overview]  Errors 212   Items   Log   Args");
	assert_has(text, " 1,083,412 / 2,000,000  54.1%");
	assert_has(text, " done                  1,061,907    98.0%    retrying now        14");
	assert_has(text, " limited   its own cap of 0.8 calls/s");
	free(text);
	text = screen("campaign", "job:J-1042:1", 80, 24, false);
	assert_has(text, "[Errors 212]");
	assert_has(text, "backendError 503");
	assert_has(text, "rateLimitExceeded 429");
	free(text);
	text = screen("campaign", "job:J-1042:2", 80, 24, false);
	assert_has(text, "w1   calling   channels.list 50 ~   0.3s     0    50 UC0kzR8w0qVdemo");
	free(text);
	text = screen("campaign", "job:J-1042:4", 80, 24, false);
	assert_has(text, "oldest first");
	free(text);
	text = screen("campaign", "job:J-9:1", 80, 24, false);
	assert_has(text, "! Job not found");
	free(text);
}

/* What a column of the help has room for. */
static const char *cut(const char *help)
{
	static char text[40];

	snprintf(text, sizeof text, "%.39s", help);
	return text;
}

/* Every key that works in a view stands in its help. */
static void test_help(void **state)
{
	char *text = screen("busy", "help", 300, 100, false);

	(void)state;
	for (int a = 0; a < ACTION_COUNT; a++)
		if (*action_info((enum action)a)->keys &&
		    (action_info((enum action)a)->on & ON_JOB))
			assert_has(text, cut(action_info((enum action)a)->help));
	for (const struct key_row *row = keys_common(); row->cmd != KEY_CMD_NONE; row++)
		if (row->needs != KEY_NEEDS_PARTS)
			assert_has(text, row->help);
	assert_has(text, "import channel ids");
	assert_has(text, "interrupted");
	free(text);
}

static void test_unknown_view(void **state)
{
	struct node *n = scenario("busy");

	(void)state;
	assert_null(session_text(n, "nothing", 80, 24, false, 0));
	node_close(n);
}

/* ---- keys ---- */

/* In a view a key is of the console, of the view, or of actions on its rows, and of one alone. */
static void test_no_key_means_two_things(void **state)
{
	(void)state;
	for (const struct view_ops *const *v = view_list(); *v; v++) {
		const struct key_row *tables[] = {(*v)->keys, keys_common()};
		bool seen[KEYS_F10 + 1] = {false};
		unsigned on = (*v)->on | ON_DASH;

		for (int i = 0; i < (*v)->n_parts; i++)
			on |= (*v)->parts[i].on;
		for (int t = 0; t < 2; t++)
			for (const struct key_row *row = tables[t]; row && row->cmd != KEY_CMD_NONE;
			     row++)
				for (size_t k = 0; k < 4 && row->key[k]; k++) {
					assert_false(seen[row->key[k]]);
					seen[row->key[k]] = true;
				}
		for (int a = 0; a < ACTION_COUNT; a++)
			for (const char *k = action_info((enum action)a)->keys; *k; k++)
				if ((action_info((enum action)a)->on & on) &&
				    seen[(unsigned char)*k])
					assert_int_equal(
					    a, keys_find((*v)->keys, *k)->cmd == KEY_CMD_ACTION
					           ? a
					           : ACTION_JOB_START);
	}
	assert_int_equal(keys_action(ON_JOB, 'X', "running"), ACTION_JOB_CANCEL);
	assert_int_equal(keys_action(ON_JOB, 'p', "running"), ACTION_JOB_PAUSE);
	assert_int_equal(keys_action(ON_JOB, 'p', "paused"), ACTION_JOB_RESUME);
	assert_int_equal(keys_action(ON_JOB, 'x', "running"), ACTION_COUNT);
	assert_null(keys_find(NULL, KEYS_NONE));
	assert_string_equal(keys_find(view_dash.keys, 'i')->job_type, "migration");
	assert_null(keys_find(NULL, 'i'));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_scenario_and_size),
	    cmocka_unit_test(test_standard),
	    cmocka_unit_test(test_standard_ascii),
	    cmocka_unit_test(test_wide),
	    cmocka_unit_test(test_short_and_small),
	    cmocka_unit_test(test_what_to_do),
	    cmocka_unit_test(test_jobs),
	    cmocka_unit_test(test_keys),
	    cmocka_unit_test(test_workers),
	    cmocka_unit_test(test_job_page),
	    cmocka_unit_test(test_help),
	    cmocka_unit_test(test_unknown_view),
	    cmocka_unit_test(test_no_key_means_two_things),
	};

	if (!setlocale(LC_ALL, "C.UTF-8"))
		return 77; /* this system has no UTF-8 locale: skipped */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
