/* Whole screens as text, from made-up snapshots: exact widths, key facts, a few lines in full. */
#include "config.h"
#include "engine/base/text.h"
#include "tests/unit/scenario.h"
#include "tui/screen.h"

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

/* Owned; the test frees it. */
static char *screen(const char *scenario, const char *view, int w, int h, bool ascii)
{
	struct snapshot *s = scenario_new(scenario);
	char *text;

	assert_non_null(s);
	text = console_screen_text(s, view, w, h, ascii);
	assert_non_null(text);
	assert_shape(text, w, h, ascii);
	snapshot_unref(s);
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
    "busy", "rest", "empty", "nokey", "spent", "trouble", "many"};

static void test_every_scenario_and_size(void **state)
{
	static const int sizes[][2] = {{80, 24}, {160, 50}, {60, 16}, {40, 12}, {20, 4}, {120, 30},
	    {100, 28}, {119, 29}, {79, 23}, {300, 100}, {1, 1}, {2, 3}, {19, 3}, {61, 200},
	    {1000, 20}};

	(void)state;
	for (size_t i = 0; i < sizeof scenarios / sizeof scenarios[0]; i++)
		for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++)
			for (int ascii = 0; ascii < 2; ascii++) {
				free(screen(scenarios[i], "dash", sizes[k][0], sizes[k][1], ascii));
				free(screen(scenarios[i], "help", sizes[k][0], sizes[k][1], ascii));
			}
}

static void test_standard(void **state)
{
	char *text = screen("busy", NULL, 80, 24, false);

	(void)state;
	assert_line(text, 0,
	    " tubeops local RW  db ok  pg ok  yt ok            Sun 18:47:12Z  reset 13:12:48");
	assert_line(text, 1,
	    " [1 Dash]   2 running  1 waiting                                15.00M channels");
	assert_line(
	    text, 2, " STAGE          DONE / TARGET                     %    GONE FAILED FINISH");
	assert_line(
	    text, 4, " metadata      6.40M / 15.00M ██████▍░░░░░░░░  42.6    183k    212 01:13Z");
	assert_line(text, 5,
	    "─ Quota, Pacific day ────────────────────────────────────── 2 of 3 keys usable ─");
	assert_line(text, 7, " pace   44% of the day gone, 69% spent  dry 01:17Z, then idle 6h43m");
	assert_line(text, 8,
	    "   k1         ok       ███████████▌░░  24,902 / 30.0k  err 0    reset 13h12m");
	assert_line(text, 10,
	    "   k3         cooling  ███████▎░░░░░░  15,564 / 30.0k  err 0    back in 40s");
	assert_line(
	    text, 15, ">J-1042  metadata  running     █████▍░░░░  54.1  39.5/s 01:13Z  6h26m");
	assert_line(
	    text, 17, " J-1044  metadata  waiting     ░░░░░░░░░░   1.0       - 08:00Z quota spent");
	assert_line(
	    text, 19, " 8 workers: 4 calling  2 parsing  1 slot wait  1 idle  last call 212 ms");
	assert_line(text, 22, " 18:46:15Z I J-1042 10 batches ok: 500 ids, 491 found, 9 gone");
	assert_line(text, 23,
	    " n new job  i import  ? help  q leave  p pause  r resume  X cancel  t retry");
	free(text);
}

static void test_standard_ascii(void **state)
{
	char *text = screen("busy", "dash", 80, 24, true);

	(void)state;
	assert_line(
	    text, 4, " metadata      6.40M / 15.00M ######.........  42.6    183k    212 01:13Z");
	assert_line(text, 14,
	    "- Jobs -------------------------------------------------------- 2 running of 4 -");
	assert_line(
	    text, 15, ">J-1042  metadata  running     #####.....  54.1  39.5/s 01:13Z  6h26m");
	free(text);
}

static void test_wide(void **state)
{
	char *text = screen("busy", "dash", 160, 50, false);

	(void)state;
	assert_has(text, "staging 812.4 MB   REST 127.0.0.1:5000   up 7h00m   0.1.0");
	assert_has(text, "┌─ Campaign ─");
	assert_has(text, "┌─ Channels a second, last 60 min ─");
	assert_has(text, "rows/s sent");
	assert_has(text, "1.08M/2.00M");
	assert_has(text, "│   2 calling        1s J-1042      212 ms    813 err 1");
	free(text);
	text = screen("busy", "dash", 160, 50, true);
	assert_has(text, "+- Campaign -");
	free(text);
}

static void test_short_and_small(void **state)
{
	char *text = screen("busy", "dash", 60, 16, false);

	(void)state;
	assert_line(text, 0, " tubeops local RW  db ok  pg ok  yt ok 18:47Z  reset 13h12m");
	assert_has(text, ">J-1042  metadata  running      54.1 01:13Z  6h26m");
	assert_has(text, "62,843 / 90,000  69%");
	free(text);
	text = screen("busy", "dash", 40, 12, false);
	assert_line(text, 0, " tubeops local");
	assert_line(text, 2, " 40x12 is too small.");
	assert_line(text, 6, " units  62,843/90,000");
	assert_line(text, 7, " jobs   2 running  1 waiting");
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
	assert_has(text, "[ ] import channel ids   press i  tubeops import FILE");
	assert_has(text, "set YOUTUBE_API_KEY_1 in .env, or run: tubeops keys add ");
	assert_has(text, "yt no key");
	free(text);
	text = screen("nokey", "dash", 80, 24, false);
	assert_has(text, "! keys       none yet: set YOUTUBE_API_KEY_1 in .env");
	assert_has(text, "n starts it");
	free(text);
	text = screen("spent", "dash", 80, 24, false);
	assert_has(text, "yt NO QUOTA");
	assert_has(
	    text, "quota      today's units are spent; jobs go on by themselves  08:00Z  13h12m");
	assert_has(text, "spent; new units 08:00Z, in 13h12m");
	free(text);
	text = screen("trouble", "dash", 160, 50, false);
	assert_has(text, "STAGING!  PG DOWN");
	assert_has(text, "! staging    disk full");
	assert_has(text, "! postgres   connection refused 127.0.0.1:5432");
	assert_has(text, "12.4k rows wait here");
	assert_has(text, "! k3         API key not valid (5 times)");
	assert_has(text, "J-1034: r goes on");
	assert_has(text, "1 of 8");
	free(text);
}

static void test_help(void **state)
{
	char *text = screen("busy", "help", 80, 24, false);
	size_t n;
	const struct key_row *rows = keys_actions(&n);

	(void)state;
	for (size_t i = 0; i < n; i++)
		if (rows[i].key[0])
			assert_has(text, rows[i].help);
	for (const struct key_row *row = keys_common(); row->cmd != KEY_CMD_NONE; row++)
		assert_has(text, row->help);
	assert_has(text, "import channel ids from a file");
	assert_has(text, "! interrupted");
	free(text);
}

static void test_unknown_view(void **state)
{
	struct snapshot *s = scenario_new("busy");

	(void)state;
	assert_null(console_screen_text(s, "nothing", 80, 24, false));
	snapshot_unref(s);
}

/* ---- keys and the choice of rows ---- */

static void test_no_key_means_two_things(void **state)
{
	const struct view_ops *const *v = view_list();
	const struct key_row *tables[3] = {NULL, keys_common(), NULL};
	size_t n;
	const struct key_row *actions = keys_actions(&n);

	(void)state;
	for (; *v; v++) {
		bool seen[0x110040] = {false};
		tables[0] = (*v)->keys;
		for (int t = 0; t < 2; t++)
			for (const struct key_row *row = tables[t]; row && row->cmd != KEY_CMD_NONE;
			     row++)
				for (size_t k = 0; k < 4 && row->key[k]; k++) {
					assert_false(seen[row->key[k]]);
					seen[row->key[k]] = true;
				}
		for (size_t i = 0; i < n; i++) {
			assert_false(actions[i].key[0] && seen[actions[i].key[0]]);
			seen[actions[i].key[0]] = true;
		}
	}
	assert_int_equal(keys_find(NULL, 'X')->action, ACTION_JOB_CANCEL);
	assert_null(keys_find(NULL, 'x'));
	assert_null(keys_find(NULL, KEYS_NONE));
	assert_string_equal(keys_find(view_dash.keys, 'i')->job_type, "migration");
	assert_null(keys_find(NULL, 'i'));
}

static void test_choice_is_an_identity(void **state)
{
	struct snapshot *s = scenario_new("many");
	struct layout l;
	struct view_ctx c = {.snap = s, .layout = &l};
	struct view_state st = {0};
	struct snapshot_job first;

	(void)state;
	view_move(&view_dash, &c, &st, 2);
	assert_int_equal(st.selected, s->jobs[2].no);
	view_move(&view_dash, &c, &st, -100000);
	assert_int_equal(st.selected, 1042);
	view_move(&view_dash, &c, &st, 100000);
	assert_int_equal(view_selected_row(&view_dash, &c, &st), SNAPSHOT_JOBS - 1);
	/* the list is sorted anew: the choice stays with its job */
	st.selected = 1042;
	first = s->jobs[0];
	s->jobs[0] = s->jobs[5];
	s->jobs[5] = first;
	assert_int_equal(view_selected_row(&view_dash, &c, &st), 5);
	st.selected = 999999;
	assert_int_equal(view_selected_row(&view_dash, &c, &st), 0);
	snapshot_unref(s);
}

static void test_scrolling(void **state)
{
	struct view_state st = {0};

	(void)state;
	view_scroll_to(&st, 0, 10, 4);
	assert_int_equal(st.top, 0);
	view_scroll_to(&st, 4, 10, 4);
	assert_int_equal(st.top, 1);
	view_scroll_to(&st, 9, 10, 4);
	assert_int_equal(st.top, 6);
	view_scroll_to(&st, 9, 10, 8);
	assert_int_equal(st.top, 2);
	view_scroll_to(&st, 1, 10, 4);
	assert_int_equal(st.top, 1);
	view_scroll_to(&st, 0, 0, 4);
	assert_int_equal(st.top, 0);
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
	    cmocka_unit_test(test_help),
	    cmocka_unit_test(test_unknown_view),
	    cmocka_unit_test(test_no_key_means_two_things),
	    cmocka_unit_test(test_choice_is_an_identity),
	    cmocka_unit_test(test_scrolling),
	};

	if (!setlocale(LC_ALL, "C.UTF-8"))
		return 77; /* this system has no UTF-8 locale: skipped */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
