/* Views by keys on the demo's data: lists in pages, pages of one thing, the log, discovery. */
#include "config.h"
#include "engine/base/str.h"
#include "tests/unit/scenario.h"
#include "tests/unit/scratch.h"
#include "tui/keys.h"
#include "tui/pages.h"
#include "tui/session.h"

#include <locale.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>

/* A console at work: keys go in, the last picture stands in text. */
struct desk {
	struct node *node;
	struct session *session;
	struct surface surface;
	char *text;
	int64_t ms;
	char sent[1000]; /* what the node was told last */
	int n_sent;
};

static void desk_sent(void *arg, const struct command *c)
{
	struct desk *d = arg;

	snprintf(d->sent, sizeof d->sent, "%s %s %s", action_info(c->action)->word,
	    c->target ? c->target : "-", c->params_json ? c->params_json : "-");
	d->n_sent++;
}

static void desk_look(struct desk *d)
{
	for (int i = 0; i < 4; i++) { /* questions, their answers, and what these ask for */
		d->ms += 100;
		session_tick(d->session, DEMO_NOW * 1000, d->ms);
		session_draw(d->session, &d->surface);
	}
	free(d->text);
	d->text = surface_text(&d->surface);
	assert_non_null(d->text);
}

static void desk_open(struct desk *d, const char *view, int w, int h)
{
	struct demo_config cfg = {.types = scenario_types(), .sent = desk_sent, .arg = d};
	struct session_config session = {.undo_ms = -1};

	*d = (struct desk){.node = demo_open(&cfg), .ms = 1000};
	assert_non_null(d->node);
	session.node = d->node;
	d->session = session_new(&session);
	assert_non_null(d->session);
	assert_true(surface_init(&d->surface, w, h));
	desk_look(d);
	assert_true(session_go(d->session, view, ""));
	desk_look(d);
}

static void desk_close(struct desk *d)
{
	session_free(d->session);
	surface_done(&d->surface);
	node_close(d->node);
	free(d->text);
}

static void desk_press(struct desk *d, int key)
{
	session_key(d->session, key);
	desk_look(d);
}

static void desk_type(struct desk *d, const char *text)
{
	for (; *text; text++)
		session_key(d->session, (unsigned char)*text);
	desk_look(d);
}

static void desk_has(const struct desk *d, const char *part)
{
	if (!strstr(d->text, part))
		print_error("\"%s\" is not in:\n%s", part, d->text);
	assert_non_null(strstr(d->text, part));
}

static void desk_lacks(const struct desk *d, const char *part)
{
	if (strstr(d->text, part))
		print_error("\"%s\" is in:\n%s", part, d->text);
	assert_null(strstr(d->text, part));
}

/* ---- channels ---- */

static void test_channels_go_to_both_ends(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d, "channels", 80, 24);
	desk_has(&d, "row 1 of 15,000,000");
	desk_has(&d, ">  Marques Brownlee");
	desk_press(&d, 'G');
	desk_has(&d, "row 15,000,000 of 15,000,000");
	desk_press(&d, 'k');
	desk_has(&d, "row 14,999,999 of 15,000,000");
	for (int i = 0; i < 40; i++) /* further back than one page of the node */
		desk_press(&d, KEYS_PAGE_UP);
	desk_has(&d, "row 14,999,439 of 15,000,000");
	desk_press(&d, 'g');
	desk_has(&d, "row 1 of 15,000,000");
	desk_close(&d);
}

/* More rows than are held: the chosen one stays the chosen one when the head is dropped. */
static void test_channels_hold_a_part_of_the_list(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d, "channels", 80, 24);
	for (int i = 0; i < 200; i++)
		desk_press(&d, KEYS_PAGE_DOWN);
	desk_has(&d, "row 2,801 of 15,000,000");
	desk_has(&d, ">  Piano 2800");
	for (int i = 0; i < 200; i++)
		desk_press(&d, KEYS_PAGE_UP);
	desk_has(&d, "row 1 of 15,000,000");
	desk_has(&d, ">  Marques Brownlee");
	desk_close(&d);
}

static void test_channels_filter(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d, "channels", 80, 24);
	desk_press(&d, 'G');
	desk_type(&d, "/subs>=1m");
	desk_press(&d, KEYS_ENTER);
	desk_has(&d, "/ subs>=1m");
	desk_has(&d, "5,210 match (exact) of 15.00M");
	desk_has(&d, ">  Marques Brownlee");
	desk_type(&d, "/");
	desk_press(&d, KEYS_CTRL('u'));
	desk_type(&d, "subs>=1g");
	desk_press(&d, KEYS_ENTER);
	desk_has(&d, "nothing matches  subs>=1g   \\ clears the filter, / edits it");
	desk_type(&d, "/");
	desk_press(&d, KEYS_CTRL('u'));
	desk_type(&d, "color=red");
	desk_press(&d, KEYS_ENTER);
	desk_has(&d, "! ");
	desk_has(&d, "/ edits the filter, \\ clears it, R asks again");
	desk_lacks(&d, "Marques Brownlee");
	desk_press(&d, '\\');
	desk_has(&d, ">  Marques Brownlee");
	desk_close(&d);
}

/* Marks are ids: what was marked stays marked while other rows are looked at. */
static void test_channels_marks_are_ids(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d, "channels", 80, 24);
	desk_type(&d, "  ");
	desk_has(&d, "2 marked");
	desk_press(&d, 'G');
	desk_has(&d, "2 marked, 2 not visible");
	desk_press(&d, 'g');
	desk_has(&d, ">* Marques Brownlee");
	desk_has(&d, " * Linus Tech Tips");
	desk_close(&d);
}

/* One command for all that are marked, and for all that match with the number that was seen. */
static void test_channels_act_together(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d, "channels", 80, 24);
	desk_type(&d, "jj");
	desk_press(&d, 'm');
	assert_string_equal(d.sent, "fetch UCsn6cjffsvyOZCZxvGoJxGg -");
	desk_type(&d, "k  ");
	desk_press(&d, 'v');
	assert_int_equal(d.n_sent, 2);
	assert_non_null(strstr(d.sent, "videos - {\"channels\":[\"UC"));
	assert_non_null(strstr(d.sent, "\"UCsn6cjffsvyOZCZxvGoJxGg\"]}"));
	desk_lacks(&d, "2 marked"); /* it was done */
	desk_type(&d, "/subs>=1m");
	desk_press(&d, KEYS_ENTER);
	desk_type(&d, "**");
	desk_has(&d, "14 marked. Mark all 5,210 channels that match subs>=1m? y/N");
	desk_press(&d, 'y');
	desk_has(&d, "all channels that match are marked");
	desk_press(&d, 'D');
	desk_has(&d, "Type 5210 to go on");
	desk_type(&d, "5209");
	desk_press(&d, KEYS_ENTER);
	assert_int_equal(d.n_sent, 2);
	desk_press(&d, KEYS_BACKSPACE);
	desk_press(&d, KEYS_BACKSPACE);
	desk_type(&d, "10");
	desk_press(&d, KEYS_ENTER);
	assert_int_equal(d.n_sent, 3);
	assert_string_equal(d.sent, "erase - {\"q\":\"subs>=1m\",\"n\":5210}");
	desk_lacks(&d, "are marked");
	desk_close(&d);
}

static void test_channel_page(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d, "channels", 80, 24);
	desk_type(&d, "jj");
	desk_has(&d, "videos 50 of 2,640   discovered 8, 3 new   found by 1");
	desk_press(&d, KEYS_ENTER);
	desk_has(&d, "Channels > UCsn6cjffsvyOZCZxvGoJxGg [Videos 50]");
	desk_has(&d, "[5 Chan]");
	desk_has(&d, "King crab: how to take it apart   21:44  1.88M");
	desk_has(&d, "50 stored of 2,640 on YouTube");
	desk_press(&d, 'j');
	desk_press(&d, 'c');
	assert_string_equal(
	    session_copied(d.session), "https://www.youtube.com/watch?v=q3Zt0rW1n01");
	desk_press(&d, KEYS_TAB);
	desk_has(&d, "[About]");
	desk_has(&d, ">  id            UCsn6cjffsvyOZCZxvGoJxGg");
	desk_press(&d, 'G');
	desk_has(&d, "A channel that takes fish apart and eats it.");
	desk_press(&d, KEYS_TAB);
	desk_has(&d, ">  きまぐれ vlog");
	desk_has(&d, "found by 1: Tokyo Kitchen (similar_content)");
	desk_press(&d, 'j');
	desk_press(&d, KEYS_ENTER); /* the page of the channel that was found */
	desk_has(&d, "Channels > UC");
	desk_has(&d, "[Videos 0]");
	desk_press(&d, 'q');
	desk_has(&d, "[Discovery 8]");
	desk_press(&d, KEYS_TAB);
	desk_press(&d, KEYS_ENTER); /* the job that fetched it */
	desk_has(&d, "Jobs > J-1042");
	desk_press(&d, 'q');
	desk_has(&d, "[History]");
	desk_press(&d, 'q');
	desk_has(&d, "row 3 of 15,000,000");
	desk_close(&d);
}

static void test_channel_that_is_not_there(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d, "channels", 80, 24);
	desk_type(&d, ":channel UCnothere");
	desk_press(&d, KEYS_ENTER);
	desk_has(&d, "! there is no such channel here   R asks again");
	desk_press(&d, 'q');
	desk_has(&d, "row 1 of 15,000,000");
	desk_close(&d);
}

/* ---- the log ---- */

static void test_log_follows_until_somebody_moves(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d, "log", 80, 24);
	desk_has(&d, "FOLLOW");
	desk_has(&d, ">  18:47:10.950 I fetch    J-1042 10 batches: ids 500 found 488 gone 12");
	desk_has(&d, "39 lines ");
	desk_press(&d, 'k');
	desk_lacks(&d, "FOLLOW");
	desk_has(&d, "39 lines, 1 below");
	desk_press(&d, 'G');
	desk_has(&d, "FOLLOW");
	desk_press(&d, 'f');
	desk_lacks(&d, "FOLLOW");
	desk_press(&d, 'g');
	desk_has(&d, ">  18:45:06.086 I fetch");
	desk_close(&d);
}

static void test_log_shows_what_is_chosen(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d, "log", 80, 24);
	desk_press(&d, '-');
	desk_has(&d, "level>=warning");
	desk_has(&d, " 7 lines");
	desk_press(&d, '-');
	desk_has(&d, " 2 lines");
	desk_press(&d, '-'); /* errors are the least there is */
	desk_has(&d, "level>=error");
	desk_type(&d, "++");
	desk_press(&d, 's');
	desk_has(&d, "src:db");
	desk_lacks(&d, "fetch  J-1042");
	for (int i = 0; i < 10 && strstr(d.text, "src:all") == NULL; i++)
		desk_press(&d, 's');
	desk_has(&d, "39 lines");
	desk_press(&d, 'J');
	desk_has(&d, "job:J-1042");
	desk_lacks(&d, "J-1040");
	desk_press(&d, 'J');
	desk_has(&d, "job:all");
	desk_press(&d, 't');
	desk_has(&d, "last 1m");
	desk_lacks(&d, "18:46:08");
	desk_type(&d, "/backend");
	desk_press(&d, KEYS_ENTER);
	desk_has(&d, " 1 line ");
	desk_has(&d, "/ backend");
	desk_press(&d, '\\'); /* stays on the line, with what stood around it */
	desk_has(&d, ">  18:46:48.001 E http ");
	desk_has(&d, "18:46:50.214 I http ");
	desk_lacks(&d, "FOLLOW");
	desk_close(&d);
}

static void test_log_errors_marks_and_jobs(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d, "log", 80, 24);
	desk_press(&d, 'e');
	desk_has(&d, ">  18:46:48.001 E http     J-1041");
	desk_lacks(&d, "FOLLOW");
	/* the line is seen whole below */
	desk_has(&d, " videos.list 503 backendError key=prod/k2 attempt 1 of 5, next in 2.1 s ");
	desk_press(&d, 'e');
	desk_has(&d, ">  18:46:56.441 E http     J-1042");
	desk_press(&d, 'w');
	desk_has(&d, "attempt 1 of 5, next in 1.4 s");
	desk_press(&d, 'c');
	assert_string_equal(session_copied(d.session),
	    "18:46:56.441 error http J-1042 channels.list timeout connect 5 s key=prod/k8 attempt "
	    "1 of 5, next in 1.4 s");
	desk_press(&d, KEYS_ENTER);
	desk_has(&d, "Jobs > J-1042");
	desk_press(&d, 'q');
	desk_has(&d, "[7 Log 3]");
	desk_press(&d, 'M');
	desk_has(&d, "done (made up): mark");
	desk_close(&d);
}

static void test_log_is_saved_as_it_is_filtered(void **state)
{
	struct scratch dir;
	struct desk d;
	char command[600], text[400] = "";
	FILE *f;

	(void)state;
	assert_int_equal(scratch_open(&dir), 0);
	desk_open(&d, "log", 80, 24);
	desk_type(&d, "--");
	snprintf(command, sizeof command, ":lines %s", scratch_path(&dir, "saved.txt"));
	desk_type(&d, command);
	desk_press(&d, KEYS_ENTER);
	desk_has(&d, "saved: ");
	f = fopen(scratch_path(&dir, "saved.txt"), "r");
	assert_non_null(f);
	text[fread(text, 1, sizeof text - 1, f)] = 0;
	fclose(f);
	assert_string_equal(text,
	    "18:46:48.001 error http J-1041 videos.list 503 backendError key=prod/k2 attempt 1 of "
	    "5, next in 2.1 s\n"
	    "18:46:56.441 error http J-1042 channels.list timeout connect 5 s key=prod/k8 attempt "
	    "1 of 5, next in 1.4 s\n");
	desk_close(&d);
	scratch_close(&dir);
}

/* ---- discovery ---- */

static void test_discovery(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d, "discovery", 80, 24);
	desk_has(&d, ">  similar_content ");
	desk_has(&d, "featured                204k   611k   88.4k  0.43     43.3");
	desk_has(&d, "channels in staging with like topics, no calls");
	desk_type(&d, "jjj");
	desk_has(&d, ">  keyword_search ");
	desk_has(&d, "empty 08:00Z");
	desk_press(&d, 'j');
	desk_has(&d, "socialblade: 429 seven times; tried again at 18:58Z");
	desk_press(&d, 'b'); /* asks it again now */
	desk_has(&d, "Reset socialblade? y/N");
	desk_press(&d, 'y');
	desk_has(&d, "done (made up): reset socialblade");
	desk_press(&d, '%');
	desk_has(&d, "/ confidence>=0.5");
	desk_lacks(&d, "La Abuela");
	desk_type(&d, "%%%");
	desk_has(&d, "% least confidence");
	desk_press(&d, KEYS_TAB);
	desk_press(&d, 'j');
	desk_press(&d, 'z');
	desk_has(&d, "La Abuela");
	desk_lacks(&d, "Funnel");
	desk_press(&d, KEYS_ENTER);
	desk_has(&d, "Channels > UCq7cH0aN900000000000001");
	desk_press(&d, 'q');
	desk_has(&d, "[6 Disc]");
	desk_close(&d);
}

/* ---- pages without a list ---- */

/* A node that keeps what it is asked to itself. */
struct mute {
	struct node node; /* first */
	char path[200];
	int asked;
};

static uint64_t mute_ask(
    struct node *n, int slot, const char *method, const char *path, const char *body)
{
	struct mute *m = (struct mute *)(void *)n;

	(void)slot;
	(void)method;
	(void)body;
	snprintf(m->path, sizeof m->path, "%s", path);
	return (uint64_t)++m->asked;
}

static uint64_t mute_stamp(const struct view_ctx *c)
{
	(void)c;
	return 1;
}

static void mute_answer(struct mute *m, struct pages *p, int status, int64_t mono)
{
	struct node_answer a = {
	    .id = (uint64_t)m->asked, .status = status, .text = str_dup("{\"jobs\":[]}")};

	assert_true(pages_take(p, &a, mono));
}

/* Without an answer: the end stays wanted, and what was looked at is not left for the head. */
static void test_a_late_answer(void **state)
{
	static const struct node_ops ops = {.ask = mute_ask};
	const struct pages_def def = {.items = "jobs", .stamp = mute_stamp};
	struct mute m = {.node = {.ops = &ops}};
	struct pages *p = pages_new();

	(void)state;
	assert_non_null(p);
	pages_want(p, &def, &m.node, 9, "/jobs?a=1", false, 1000);
	pages_want(p, &def, &m.node, 9, "/jobs?a=1", false, 17000);
	assert_int_equal(m.asked, 2); /* the first one is asked again */
	mute_answer(&m, p, 200, 18000);
	pages_renew(p, &m.node, 9, "J-1", 20000);
	assert_string_equal(m.path, "/jobs?a=1&around=J-1");
	assert_int_equal(pages_state(p), PAGES_READY);
	pages_want(p, &def, &m.node, 9, "/jobs?a=1", false, 36000);
	assert_int_equal(m.asked, 3);
	assert_false(pages_is_asking(p)); /* and may be asked anew */
	assert_true(pages_tried_ms(p) == 20000);
	pages_jump(p, &m.node, 9, true, 40000);
	pages_want(p, &def, &m.node, 9, "/jobs?a=1", false, 56000);
	assert_int_equal(m.asked, 5);
	assert_string_equal(m.path, "/jobs?a=1&before=end");
	mute_answer(&m, p, 200, 57000);
	assert_int_equal(pages_landed(p), -1);
	pages_free(p);
}

/* What is wrong is said until another answer is there. */
static void test_an_error_stays_while_it_is_asked_again(void **state)
{
	static const struct node_ops ops = {.ask = mute_ask};
	const struct pages_def def = {.items = "jobs", .stamp = mute_stamp};
	struct mute m = {.node = {.ops = &ops}};
	struct pages *p = pages_new();

	(void)state;
	assert_non_null(p);
	pages_want(p, &def, &m.node, 9, "/jobs?a=1", false, 1000);
	mute_answer(&m, p, 400, 1100);
	assert_true(pages_is_refused(p));
	pages_renew(p, &m.node, 9, NULL, 2000);
	assert_int_equal(pages_state(p), PAGES_FAILED);
	mute_answer(&m, p, 503, 2100);
	assert_false(pages_is_refused(p)); /* another time it may be answered */
	pages_renew(p, &m.node, 9, NULL, 3000);
	mute_answer(&m, p, 200, 3100);
	assert_int_equal(pages_state(p), PAGES_READY);
	pages_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_channels_go_to_both_ends),
	    cmocka_unit_test(test_channels_hold_a_part_of_the_list),
	    cmocka_unit_test(test_channels_filter),
	    cmocka_unit_test(test_channels_marks_are_ids),
	    cmocka_unit_test(test_channels_act_together),
	    cmocka_unit_test(test_channel_page),
	    cmocka_unit_test(test_channel_that_is_not_there),
	    cmocka_unit_test(test_log_follows_until_somebody_moves),
	    cmocka_unit_test(test_log_shows_what_is_chosen),
	    cmocka_unit_test(test_log_errors_marks_and_jobs),
	    cmocka_unit_test(test_log_is_saved_as_it_is_filtered),
	    cmocka_unit_test(test_discovery),
	    cmocka_unit_test(test_a_late_answer),
	    cmocka_unit_test(test_an_error_stays_while_it_is_asked_again),
	};

	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
