/* Dialogs: questions, the menu of job types, forms made from parameters, the line editor. */
#include "config.h"
#include "tests/unit/scenario.h"
#include "tui/dialog.h"
#include "tui/input.h"
#include "tui/keys.h"

#include <locale.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>

static void type(struct dialog *d, const char *text)
{
	for (; *text; text++)
		assert_int_equal(dialog_key(d, *text), DIALOG_OPEN);
}

static void assert_params(const struct dialog *d, const char *want)
{
	char *json = dialog_params_json(d);

	assert_non_null(json);
	assert_string_equal(json, want);
	free(json);
}

/* What the dialog looks like on 80x24; owned. */
static char *picture(const struct dialog *d)
{
	struct surface s;
	struct glyphs g;
	struct pane p;
	char *text;

	assert_true(surface_init(&s, 80, 24));
	glyphs_init(&g, false);
	p = pane_whole(&s, &g);
	dialog_draw(d, &p);
	text = surface_text(&s);
	assert_non_null(text);
	surface_done(&s);
	return text;
}

static void assert_shows(const struct dialog *d, const char *part)
{
	char *text = picture(d);

	if (!strstr(text, part))
		print_error("\"%s\" is not in:\n%s", part, text);
	assert_non_null(strstr(text, part));
	free(text);
}

static void test_line(void **state)
{
	struct dialog *d = dialog_line("Retry 3 jobs?");

	(void)state;
	assert_shows(d, " Retry 3 jobs? y/N");
	assert_int_equal(dialog_key(d, 'x'), DIALOG_OPEN);
	assert_int_equal(dialog_key(d, 'y'), DIALOG_YES);
	assert_int_equal(dialog_key(d, KEYS_ENTER), DIALOG_NO);
	assert_int_equal(dialog_key(d, KEYS_ESC), DIALOG_NO);
	dialog_free(d);
}

static void test_confirm(void **state)
{
	struct dialog *d =
	    dialog_confirm("Cancel a job", "End J-1042?\nReally?", "Keep it", "End it");

	(void)state;
	assert_shows(d, "+- Cancel a job -");
	assert_shows(d, "| End J-1042?");
	assert_shows(d, "| Really?");
	assert_shows(d, "[ Keep it ]");
	assert_int_equal(dialog_key(d, 'x'), DIALOG_OPEN);
	assert_int_equal(dialog_key(d, KEYS_ENTER), DIALOG_NO); /* a stray Enter ends nothing */
	assert_int_equal(dialog_key(d, KEYS_TAB), DIALOG_OPEN);
	assert_shows(d, "[ End it ]");
	assert_int_equal(dialog_key(d, KEYS_ENTER), DIALOG_YES);
	assert_int_equal(dialog_key(d, 'y'), DIALOG_YES);
	assert_int_equal(dialog_key(d, 'n'), DIALOG_NO);
	assert_int_equal(dialog_key(d, KEYS_ESC), DIALOG_NO);
	assert_false(dialog_paste(d, "y"));
	assert_null(dialog_type(d));
	dialog_free(d);
	dialog_free(NULL);
}

static void test_count(void **state)
{
	struct dialog *d = dialog_count("Erase 128 channels?", "All of it.", 128, "erase");

	(void)state;
	assert_shows(d, "Type 128 to go on:");
	assert_int_equal(dialog_key(d, 'y'), DIALOG_OPEN);
	assert_int_equal(dialog_key(d, KEYS_ENTER), DIALOG_OPEN);
	assert_shows(d, "that is not 128");
	type(d, "12");
	assert_int_equal(dialog_key(d, KEYS_ENTER), DIALOG_OPEN);
	type(d, "8");
	assert_int_equal(dialog_key(d, KEYS_ENTER), DIALOG_YES);
	assert_int_equal(dialog_key(d, KEYS_ESC), DIALOG_NO);
	dialog_free(d);
}

static void test_pick(void **state)
{
	struct dialog *d = dialog_pick("Actions");

	(void)state;
	assert_true(dialog_pick_add(d, 'p', "pause", false));
	assert_true(dialog_pick_add(d, 'X', "cancel", true));
	assert_true(dialog_pick_add(d, 0, "more", false));
	assert_shows(d, "p  pause");
	assert_int_equal(dialog_key(d, 'X'), DIALOG_OPEN); /* it is off */
	assert_int_equal(dialog_key(d, KEYS_DOWN), DIALOG_OPEN);
	assert_int_equal(dialog_key(d, KEYS_ENTER), DIALOG_OPEN);
	assert_int_equal(dialog_key(d, KEYS_DOWN), DIALOG_OPEN);
	assert_int_equal(dialog_key(d, KEYS_ENTER), DIALOG_YES);
	assert_int_equal(dialog_picked(d), 2);
	assert_int_equal(dialog_key(d, 'p'), DIALOG_YES);
	assert_int_equal(dialog_picked(d), 0);
	assert_int_equal(dialog_key(d, KEYS_ESC), DIALOG_NO);
	dialog_free(d);
}

static const struct job_param secret_params[] = {
    {.name = "key", .type = PARAM_TEXT, .help = "paste it"},
    {.name = "name", .type = PARAM_TEXT, .help = "its name"},
};
static const struct form_def secret_form = {
    .title = "New API key", .help = "", .params = secret_params, .n_params = 2, .secret = "key"};

static void test_secret(void **state)
{
	struct dialog *d = dialog_form_of(&secret_form, "", true);
	char *text;

	(void)state;
	assert_true(dialog_paste(d, "AIzaSecret\n"));
	text = picture(d);
	assert_null(strstr(text, "AIza"));
	assert_non_null(strstr(text, "10 characters (not shown)"));
	free(text);
	assert_string_equal(dialog_form_text(d, "key"), "AIzaSecret");
	assert_int_equal(dialog_key(d, KEYS_ENTER), DIALOG_OPEN);
	assert_shows(d, "! name: is needed");
	type(d, "k7");
	assert_params(d, "{\"name\":\"k7\"}"); /* a secret is in no JSON */
	assert_int_equal(dialog_key(d, KEYS_ENTER), DIALOG_YES);
	dialog_free(d);
}

/* ":new videos subs>=10k videos=25 limit=1m" */
static void test_form_fill(void **state)
{
	static const struct job_param params[] = {
	    {.name = "limit", .type = PARAM_NUMBER, .most = 2000000, .optional = true},
	    {.name = "videos_per_channel",
	        .type = PARAM_NUMBER,
	        .optional = true,
	        .word = "videos="},
	    {.name = "min_subscribers", .type = PARAM_NUMBER, .optional = true, .word = "subs>="},
	    {.name = "again", .type = PARAM_FLAG},
	    {.name = "method", .type = PARAM_LIST},
	};
	const struct job_type_info info = {"batch_videos", "videos", "", params, 5};
	struct dialog *d = dialog_form(&info, "", true);

	(void)state;
	assert_true(dialog_form_fill(d, "subs>=10k"));
	assert_true(dialog_form_fill(d, "videos=25"));
	assert_true(dialog_form_fill(d, "limit=1.5m"));
	assert_true(dialog_form_fill(d, "again"));
	assert_true(dialog_form_fill(d, "method=featured,search"));
	assert_params(d, "{\"limit\":1500000,\"videos_per_channel\":25,\"min_subscribers\":10000,"
	                 "\"again\":true,\"method\":[\"featured\",\"search\"]}");
	assert_false(dialog_form_fill(d, "subs<=10k"));
	assert_false(dialog_form_fill(d, "limit=1.5"));
	assert_false(dialog_form_fill(d, "limit=many"));
	assert_false(dialog_form_fill(d, "colour=red"));
	assert_int_equal(dialog_key(d, KEYS_ENTER), DIALOG_YES);
	dialog_free(d);
}

static void test_form_cost(void **state)
{
	struct dialog *d = dialog_form(scenario_types()[0], "", true);
	struct form_cost cost = {
	    .lines = {{.label = "units", .text = "604,050 for 402,700 channels"}},
	    .n = 1,
	    .offers = {{.text = "without details"},
	        {.text = "fewer channels", .loses = "loses 340,860 channels"}},
	    .n_offers = 2,
	    .counting = true};

	(void)state;
	dialog_form_cost(d, &cost);
	assert_shows(d, "What this will cost");
	assert_shows(d, "counting...");
	assert_shows(d, "units     604,050 for 402,700 channels");
	assert_shows(d, "[2] fewer channels");
	/* a digit is typed where a field takes it; an offer is taken where none does */
	assert_int_equal(dialog_key(d, '1'), DIALOG_OPEN);
	assert_int_equal(dialog_key(d, KEYS_TAB), DIALOG_OPEN);
	assert_int_equal(dialog_key(d, KEYS_TAB), DIALOG_OPEN);
	assert_int_equal(dialog_key(d, '2'), DIALOG_OFFER);
	assert_int_equal(dialog_form_offer(d), 1);
	assert_int_equal(dialog_key(d, ' '), DIALOG_OFFER);
	assert_int_equal(dialog_form_offer(d), 0);
	assert_int_equal(dialog_key(d, KEYS_DOWN), DIALOG_OPEN);
	assert_shows(d, "| loses 340,860 channels");
	assert_int_equal(dialog_key(d, KEYS_ENTER), DIALOG_OFFER);
	assert_int_equal(dialog_form_offer(d), 1);
	cost.n_offers = 0; /* the focus does not stay where nothing is */
	dialog_form_cost(d, &cost);
	assert_int_equal(dialog_key(d, KEYS_ENTER), DIALOG_YES);
	assert_int_equal(dialog_key(d, 'd'), DIALOG_TRY);
	dialog_form_warn(d, "a lot");
	assert_shows(d, "! a lot");
	assert_int_equal(dialog_key(d, KEYS_ENTER), DIALOG_YES);
	assert_true(dialog_form_is_warned(d));
	dialog_key(d, KEYS_TAB);
	assert_false(dialog_form_is_warned(d));
	dialog_free(d);
}

static void test_menu(void **state)
{
	struct dialog *d = dialog_menu("New job", scenario_types());

	(void)state;
	assert_shows(d, "1  metadata");
	assert_shows(d, "2  import         read channel ids from a file");
	assert_int_equal(dialog_key(d, '9'), DIALOG_OPEN);
	assert_int_equal(dialog_key(d, KEYS_DOWN), DIALOG_OPEN);
	assert_string_equal(dialog_type(d)->name, "migration");
	assert_int_equal(dialog_key(d, 'j'), DIALOG_OPEN);
	assert_string_equal(dialog_type(d)->name, "batch_metadata");
	assert_int_equal(dialog_key(d, KEYS_UP), DIALOG_OPEN);
	assert_int_equal(dialog_key(d, KEYS_ENTER), DIALOG_YES);
	assert_string_equal(dialog_type(d)->name, "migration");
	assert_int_equal(dialog_key(d, '1'), DIALOG_YES);
	assert_string_equal(dialog_type(d)->name, "batch_metadata");
	assert_int_equal(dialog_key(d, KEYS_ESC), DIALOG_NO);
	dialog_free(d);
}

static void test_form_defaults(void **state)
{
	struct dialog *d = dialog_form(scenario_types()[0], "a note", true);

	(void)state;
	assert_shows(d, "New job: metadata");
	assert_shows(d, "| batch size          [1000        ] channels taken at a time");
	assert_shows(d, "| a note");
	assert_params(d, "{\"batch_size\":1000}");
	assert_int_equal(dialog_key(d, KEYS_ENTER), DIALOG_YES);
	dialog_free(d);
}

static void test_form_numbers(void **state)
{
	struct dialog *d = dialog_form(scenario_types()[0], "", true);

	(void)state;
	dialog_key(d, KEYS_CTRL('u'));
	type(d, "x0-0y7"); /* letters are not taken */
	assert_params(d, "{\"batch_size\":7}");
	dialog_key(d, KEYS_CTRL('u'));
	type(d, "100001");
	assert_int_equal(dialog_key(d, KEYS_ENTER), DIALOG_OPEN);
	assert_shows(d, "! batch size: a whole number from 1 to 100000");
	dialog_key(d, KEYS_BACKSPACE);
	assert_params(d, "{\"batch_size\":10000}");
	dialog_key(d, KEYS_TAB);
	type(d, "-");
	assert_int_equal(dialog_key(d, KEYS_ENTER), DIALOG_OPEN);
	assert_shows(d, "! limit: a whole number from 1 to 1000000000");
	dialog_key(d, KEYS_BACKSPACE);
	type(d, "50");
	dialog_key(d, KEYS_BACKTAB);
	dialog_key(d, KEYS_CTRL('u'));
	assert_int_equal(dialog_key(d, KEYS_ENTER), DIALOG_YES);
	assert_params(d, "{\"limit\":50}");
	dialog_free(d);
}

static void test_form_texts(void **state)
{
	struct dialog *d = dialog_form(scenario_types()[1], "", true);

	(void)state;
	/* the field that must be filled has the focus */
	assert_int_equal(dialog_key(d, KEYS_ENTER), DIALOG_OPEN);
	assert_shows(d, "! source path: is needed");
	type(d, "/a b/\"c\"\\");
	dialog_key(d, 0xe4);
	dialog_key(d, KEYS_DOWN);
	dialog_key(d, ' ');
	assert_shows(d, "[x] only count");
	dialog_key(d, KEYS_DOWN);
	type(d, " id, channel_id ,,");
	assert_params(d, "{\"source_path\":\"/a b/\\\"c\\\"\\\\\u00e4\",\"dry_run\":true,"
	                 "\"columns\":[\"id\",\"channel_id\"]}");
	assert_int_equal(dialog_key(d, KEYS_ENTER), DIALOG_YES);
	assert_int_equal(dialog_key(d, KEYS_ESC), DIALOG_NO);
	dialog_free(d);
}

static void test_form_paste(void **state)
{
	struct dialog *d = dialog_form(scenario_types()[1], "", false);

	(void)state;
	assert_true(dialog_paste(d, "/tmp/\u00e4\033[2Jids.csv\r\nrm -rf\n"));
	assert_params(d, "{\"source_path\":\"/tmp/[2Jids.csv\",\"dry_run\":false}");
	dialog_key(d, KEYS_TAB);
	assert_false(dialog_paste(d, "text")); /* a flag takes none */
	dialog_free(d);
}

static void test_form_fits_any_screen(void **state)
{
	struct dialog *d = dialog_form(scenario_types()[1], "note", true);
	const struct form_cost cost = {.n = FORM_LINES, .n_offers = FORM_OFFERS};

	(void)state;
	dialog_form_cost(d, &cost);
	for (int w = 1; w <= 100; w += 3)
		for (int h = 1; h <= 30; h++) {
			struct surface s;
			struct glyphs g;
			struct pane p;
			assert_true(surface_init(&s, w, h));
			glyphs_init(&g, true);
			p = pane_whole(&s, &g);
			dialog_draw(d, &p);
			assert_true(s.cursor_x < w && s.cursor_y < h);
			surface_done(&s);
		}
	dialog_free(d);
}

static void test_input_editing(void **state)
{
	struct input in;

	(void)state;
	assert_true(input_init(&in, "", false, true));
	input_insert(&in, "a\u65e5b");
	input_key(&in, KEYS_LEFT);
	input_key(&in, KEYS_BACKSPACE);
	assert_string_equal(input_text(&in), "ab");
	input_key(&in, 0x65e5);
	input_key(&in, KEYS_HOME);
	input_key(&in, KEYS_DELETE);
	assert_string_equal(input_text(&in), "\u65e5b");
	input_key(&in, KEYS_RIGHT);
	input_key(&in, 'X');
	assert_string_equal(input_text(&in), "\u65e5Xb");
	input_key(&in, KEYS_END);
	input_insert(&in, " /data/dir/file.csv");
	input_key(&in, KEYS_CTRL('w'));
	assert_string_equal(input_text(&in), "\u65e5Xb /data/dir/");
	input_key(&in, KEYS_CTRL('u'));
	assert_string_equal(input_text(&in), "");
	input_key(&in, KEYS_BACKSPACE);
	input_key(&in, KEYS_DELETE);
	input_key(&in, KEYS_LEFT);
	input_key(&in, KEYS_RIGHT);
	assert_string_equal(input_text(&in), "");
	assert_false(input_key(&in, KEYS_ENTER));
	assert_true(input_key(&in, 'q'));
	input_done(&in);
}

static void test_input_limit(void **state)
{
	struct input in;

	(void)state;
	assert_true(input_init(&in, "", false, true));
	for (int i = 0; i < INPUT_LIMIT + 100; i++)
		input_key(&in, 'a');
	assert_int_equal(strlen(input_text(&in)), INPUT_LIMIT);
	input_key(&in, KEYS_BACKSPACE);
	input_key(&in, 0x65e5); /* three bytes have no room any more */
	assert_int_equal(strlen(input_text(&in)), INPUT_LIMIT - 1);
	input_done(&in);
}

static void test_input_scrolls(void **state)
{
	struct input in;
	struct surface s;
	struct glyphs g;
	struct pane p;
	char *text;

	(void)state;
	assert_true(input_init(&in, "/data/a/long/path/file.csv", false, true));
	assert_true(surface_init(&s, 14, 1));
	glyphs_init(&g, true);
	p = pane_whole(&s, &g);
	input_draw(&in, &p, 0, 0, 12, true);
	text = surface_text(&s);
	assert_string_equal(text, "[/file.csv ]  \n");
	assert_int_equal(s.cursor_x, 10);
	free(text);
	input_key(&in, KEYS_HOME);
	input_draw(&in, &p, 0, 0, 12, true);
	text = surface_text(&s);
	assert_string_equal(text, "[/data/a/l~]  \n");
	assert_int_equal(s.cursor_x, 1);
	assert_true(s.cursor_shown);
	free(text);
	surface_done(&s);
	input_done(&in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_line),
	    cmocka_unit_test(test_confirm),
	    cmocka_unit_test(test_count),
	    cmocka_unit_test(test_pick),
	    cmocka_unit_test(test_secret),
	    cmocka_unit_test(test_form_fill),
	    cmocka_unit_test(test_form_cost),
	    cmocka_unit_test(test_menu),
	    cmocka_unit_test(test_form_defaults),
	    cmocka_unit_test(test_form_numbers),
	    cmocka_unit_test(test_form_texts),
	    cmocka_unit_test(test_form_paste),
	    cmocka_unit_test(test_form_fits_any_screen),
	    cmocka_unit_test(test_input_editing),
	    cmocka_unit_test(test_input_limit),
	    cmocka_unit_test(test_input_scrolls),
	};

	if (!setlocale(LC_ALL, "C.UTF-8"))
		return 77; /* this system has no UTF-8 locale: skipped */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
