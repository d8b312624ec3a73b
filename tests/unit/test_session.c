/* The console without a terminal: forms that ask what they cost, resizes, what calls for somebody. */
#include "config.h"
#include "tests/unit/scenario.h"
#include "tui/keys.h"
#include "tui/osc.h"
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

/* A node in front of the demo's that counts what it is asked, and whose alerts a test changes. */
struct tap {
	struct node node; /* first */
	struct node *demo;
	int prices;
	char body[512];
	int64_t alert; /* one more begins; 0: none */
	uint64_t bell;
	bool silent;    /* answers nothing */
	char list[512]; /* path of the list that was asked for last */
	int lists;
	bool deaf;      /* for lists */
	uint64_t wrong; /* a list's question, answered so; 0: none */
	int slot;
	bool ended; /* jobs are, all of them */
	struct node_link link;
	int sent;
};

static struct tap *tap_of(struct node *n)
{
	return (struct tap *)(void *)n;
}

static const struct snapshot *tap_snapshot(struct node *n)
{
	struct tap *t = tap_of(n);
	const struct snapshot *was = node_snapshot(t->demo);
	struct snapshot *s = snapshot_new();
	struct snapshot_refs *refs;

	assert_non_null(s);
	refs = s->refs;
	*s = *was;
	s->refs = refs;
	snapshot_unref(was);
	s->bell = t->bell;
	for (size_t i = 0; i < s->n_jobs && t->ended; i++)
		snprintf(s->jobs[i].status, sizeof s->jobs[i].status, "cancelled");
	if (t->alert) {
		struct snapshot_alert *a = &s->alerts[s->n_alerts++];
		*a = (struct snapshot_alert){.id = t->alert, .person = true, .since = s->made_at};
		snprintf(a->text, sizeof a->text, "the disk is nearly full");
	}
	return s;
}

static uint64_t tap_send(struct node *n, const struct command *c)
{
	tap_of(n)->sent++;
	return node_send(tap_of(n)->demo, c);
}

static uint64_t tap_ask(
    struct node *n, int slot, const char *method, const char *path, const char *body)
{
	struct tap *t = tap_of(n);

	if (strcmp(path, "/api/jobs/price") == 0) {
		assert_string_equal(method, "POST");
		snprintf(t->body, sizeof t->body, "%s", body);
		t->prices++;
		if (t->silent)
			return 7;
	}
	if (strncmp(path, "/api/jobs?", 10) == 0) {
		snprintf(t->list, sizeof t->list, "%s", path);
		t->lists++;
		if (t->deaf)
			return 8;
		if (strstr(path, "q=colour")) {
			t->slot = slot;
			return t->wrong = 9;
		}
	}
	return node_ask(t->demo, slot, method, path, body);
}

static bool tap_take(struct node *n, struct node_answer *a)
{
	struct tap *t = tap_of(n);

	if (!t->wrong)
		return node_take(t->demo, a);
	*a = (struct node_answer){.id = t->wrong,
	    .status = 400,
	    .slot = t->slot,
	    .text = str_dup("{\"error\":\"there is no colour\"}")};
	t->wrong = 0;
	return true;
}

static int tap_wake_fd(struct node *n)
{
	(void)n;
	return -1;
}

static void tap_link(struct node *n, struct node_link *out)
{
	*out = tap_of(n)->link;
}

static void tap_close(struct node *n)
{
	node_close(tap_of(n)->demo);
}

static const struct node_ops tap_ops = {.snapshot = tap_snapshot,
    .send = tap_send,
    .ask = tap_ask,
    .take = tap_take,
    .wake_fd = tap_wake_fd,
    .close = tap_close,
    .link = tap_link};

struct room {
	struct tap tap;
	struct session *s;
	struct surface to;
	int64_t mono;
};

static int set_up(void **state)
{
	struct room *r = calloc(1, sizeof *r);
	struct demo_config cfg = {.scenario = "campaign"};
	struct session_config session = {.undo_ms = -1};

	if (!r || !surface_init(&r->to, 80, 24))
		return -1;
	r->tap.demo = demo_open(&cfg);
	r->tap.node = *r->tap.demo;
	r->tap.node.ops = &tap_ops;
	session.node = &r->tap.node;
	r->s = session_new(&session);
	r->mono = 1000000;
	*state = r;
	return r->s && r->tap.demo ? 0 : -1;
}

static int tear_down(void **state)
{
	struct room *r = *state;

	session_free(r->s);
	node_close(&r->tap.node);
	surface_done(&r->to);
	free(r);
	return 0;
}

/* So much later. */
static void after(struct room *r, int64_t ms)
{
	r->mono += ms;
	session_tick(r->s, DEMO_NOW * 1000 + r->mono - 1000000, r->mono);
	session_draw(r->s, &r->to);
}

static void press(struct room *r, const char *keys)
{
	for (; *keys; keys++)
		session_key(r->s, *keys == '\n' ? KEYS_ENTER : *keys == '\t' ? KEYS_TAB : *keys);
	after(r, 0);
}

static void assert_shows(struct room *r, const char *part)
{
	char *text = surface_text(&r->to);

	assert_non_null(text);
	if (!strstr(text, part))
		fail_msg("\"%s\" is not in:\n%s", part, text);
	free(text);
}

static void assert_hides(struct room *r, const char *part)
{
	char *text = surface_text(&r->to);

	assert_non_null(text);
	if (strstr(text, part))
		fail_msg("\"%s\" is in:\n%s", part, text);
	free(text);
}

/* ---- what a form costs ---- */

/* At once when it opens; then 300 ms after the last key, and never for what was answered already. */
static void test_when_a_price_is_asked(void **state)
{
	struct room *r = *state;

	after(r, 0);
	press(r, ":new videos subs>=10k videos=25\n");
	after(r, 1);
	assert_int_equal(r->tap.prices, 1);
	assert_string_equal(r->tap.body, "{\"type\":\"batch_videos\",\"videos_per_channel\":25,"
	                                 "\"min_subscribers\":10000,\"counts_only\":false}");
	after(r, 1000);
	assert_int_equal(r->tap.prices, 1);
	assert_shows(r, "What this will cost");
	press(r, "5");
	assert_int_equal(session_next_ms(r->s) <= r->mono + 300, true);
	after(r, 200);
	press(r, "0");
	after(r, 299);
	assert_int_equal(r->tap.prices, 1);
	assert_shows(r, "counting");
	after(r, 1);
	assert_int_equal(r->tap.prices, 2);
	assert_non_null(strstr(r->tap.body, "\"limit\":50,"));
	after(r, 1);
	assert_hides(r, "counting");
	assert_shows(r, "for ~50 channels");
}

/* A budget of units pays some of the channels, and the price says which. */
static void test_what_a_budget_pays(void **state)
{
	struct room *r = *state;

	after(r, 0);
	press(r, ":new metadata units=1\n");
	after(r, 1);
	assert_shows(r, "~1 for ~49 of 8,");
	assert_shows(r, "channels   0.0204 each");
}

/* A price that does not come leaves the form as it was: it can be filled and started. */
static void test_a_price_that_does_not_come(void **state)
{
	struct room *r = *state;

	r->tap.silent = true;
	after(r, 0);
	press(r, ":new metadata limit=50\n");
	after(r, 5000);
	assert_shows(r, "counting");
	after(r, 11000);
	assert_int_equal(r->tap.prices, 2); /* asked once more */
	press(r, "\n");
	after(r, 1000);
	assert_hides(r, "New job");
	assert_shows(r, "batch_metadata started");
}

/* More than a day's share is asked for twice; another key in between begins anew. */
static void test_a_large_job_is_asked_for_twice(void **state)
{
	struct room *r = *state;

	after(r, 0);
	press(r, ":new videos videos=25\n");
	after(r, 1);
	press(r, "\n");
	assert_shows(r, "! ");
	assert_shows(r, "more than the 27,000 a day of its share");
	press(r, "\t");
	press(r, "\n");
	assert_shows(r, "more than the 27,000 a day of its share");
	press(r, "\n");
	after(r, 1000);
	assert_hides(r, "New job");
	assert_shows(r, "batch_videos started");
}

static void test_an_offer_fills_the_fields(void **state)
{
	struct room *r = *state;

	after(r, 0);
	press(r, ":new videos\n");
	after(r, 1);
	assert_shows(r, "[1] ");
	press(r, "\t\t\t1"); /* on the flag: digits are keys there */
	after(r, 300);
	after(r, 1);
	assert_non_null(strstr(r->tap.body, "\"min_subscribers\":10000"));
	assert_shows(r, "[10000");
}

/* ---- resizes ---- */

/* A thousand sizes at random while numbers change: what was chosen stays chosen. */
static void test_resizes(void **state)
{
	struct room *r = *state;
	unsigned dice = 7;
	char chosen[64];

	after(r, 0);
	press(r, "2jjj");
	press(r, "c");
	snprintf(chosen, sizeof chosen, "%s", session_copied(r->s));
	assert_int_equal(strncmp(chosen, "J-", 2), 0);
	for (int i = 0; i < 1000; i++) {
		dice = dice * 1103515245 + 12345;
		surface_done(&r->to);
		assert_true(surface_init(
		    &r->to, (int)(1 + (dice >> 8) % 300), (int)(1 + (dice >> 17) % 100)));
		session_touch(r->s);
		after(r, 700);
	}
	press(r, "c");
	assert_string_equal(session_copied(r->s), chosen);
}

/* ---- what calls for somebody ---- */

static void test_a_new_alert_is_said_once(void **state)
{
	struct room *r = *state;

	after(r, 0);
	assert_hides(r, "the disk is nearly full");
	r->tap.alert = 99;
	after(r, 3000);
	assert_shows(r, "! the disk is nearly full   :alerts shows all");
	after(r, 20000);
	assert_hides(r, "! the disk is nearly full   :alerts");
	press(r, ":alerts\n");
	assert_shows(r, "the disk is nearly full");
}

static void test_the_bell_is_asked_for(void **state)
{
	struct room *r = *state;

	after(r, 0);
	r->tap.bell = 5;
	after(r, 3000);
	assert_int_equal(session_effects(r->s) & SESSION_BELL, 0);
	press(r, ":set bell on\n");
	session_effects(r->s);
	after(r, 3000);
	assert_int_equal(session_effects(r->s) & SESSION_BELL, 0); /* it rang before */
	r->tap.bell = 6;
	after(r, 3000);
	assert_int_equal(session_effects(r->s) & SESSION_BELL, SESSION_BELL);
	after(r, 3000);
	assert_int_equal(session_effects(r->s) & SESSION_BELL, 0);
}

static void test_a_note_is_asked_for(void **state)
{
	struct room *r = *state;
	struct str osc;

	after(r, 0);
	press(r, ":set note on\n");
	r->tap.bell = 1;
	r->tap.alert = 98;
	session_effects(r->s);
	after(r, 3000);
	assert_int_equal(session_effects(r->s) & (SESSION_NOTE | SESSION_BELL), SESSION_NOTE);
	assert_string_equal(session_note(r->s), "the disk is nearly full");
	str_init(&osc, OSC_ROOM);
	osc_note(&osc, "a\033]52;c;x\a \xc2\x9b");
	assert_string_equal(str_get(&osc), "\033]9;tubeops: a?]52;c;x? ??\033\\");
	str_done(&osc);
	after(r, 3000);
	assert_int_equal(session_effects(r->s) & SESSION_NOTE, 0);
}

/* ---- a node that is not reached ---- */

static void tap_cut(struct room *r, enum node_link_state state)
{
	r->tap.link = (struct node_link){
	    .state = state, .since_ms = r->mono - 14000, .retry_ms = r->mono + 2500};
	snprintf(r->tap.link.text, sizeof r->tap.link.text, "read timeout");
	after(r, 0);
}

static void test_the_banner(void **state)
{
	struct room *r = *state;

	after(r, 0);
	press(r, "2");
	assert_hides(r, "connection");
	tap_cut(r, NODE_LINK_LOST);
	assert_shows(r, "LINK LOST 14s");
	assert_shows(r, "! connection lost 14s ago, trying again in 3s (R now): read timeout");
	assert_shows(
	    r, "What you see is from 18:47:12Z. Nothing you press is sent before it is ba");
	press(r, "p");
	assert_shows(r, "1 action is held: pause J-10");
	press(r, "u");
	assert_hides(r, "action is held");
	press(r, "R");
	assert_shows(r, "trying now");
	tap_cut(r, NODE_LINK_REFUSED);
	assert_shows(r, "! refused 14s ago, trying again in 3s (R now): read timeout");
	tap_cut(r, NODE_LINK_DIFFERS);
	assert_shows(r, "! version differs (R tries again): read timeout");
	surface_done(&r->to);
	assert_true(surface_init(&r->to, 40, 12)); /* no room for a banner */
	press(r, "p");
	assert_shows(r, "pause J-10"); /* an answer to a key goes before the link */
	press(r, "u");
	after(r, 9000);
	tap_cut(r, NODE_LINK_LOST);
	assert_shows(r, "! connection lost 14s ago, trying");
	tap_cut(r, NODE_LINK_OK);
	assert_hides(r, "connection");
	assert_int_equal(r->tap.sent, 0);
}

/* Snapshots from before the line was back say nothing of what is true now. */
static void test_what_is_held_waits_for_a_new_snapshot(void **state)
{
	struct room *r = *state;

	after(r, 0);
	press(r, "2");
	tap_cut(r, NODE_LINK_LOST);
	press(r, "p");
	r->tap.link = (struct node_link){.state = NODE_LINK_OK, .since_ms = INT64_MAX};
	after(r, 5000);
	after(r, 5000);
	assert_int_equal(r->tap.sent, 0);
	r->tap.link.since_ms = 0;
	after(r, 5000);
	after(r, 5000);
	assert_int_equal(r->tap.sent, 1);
	assert_hides(r, "action is held");
}

/* What was not sent stays to be read, whatever else there is to say in the meantime. */
static void test_what_was_not_sent_is_read(void **state)
{
	struct room *r = *state;

	after(r, 0);
	press(r, "2");
	tap_cut(r, NODE_LINK_LOST);
	press(r, "p");
	r->tap.ended = true;
	r->tap.alert = 77;
	tap_cut(r, NODE_LINK_OK);
	after(r, 5000);
	assert_shows(r, "! not sent: J-1042 was running, is cancelled (pause J-1042). Decide a");
	r->tap.alert = 78;
	after(r, 60000);
	after(r, 5000);
	assert_shows(r, "! not sent: J-1042");
	press(r, "c");
	assert_shows(r, "copied: J-10");
	assert_int_equal(r->tap.sent, 0);
}

/* What was in its undo time was asked for first. */
static void test_what_is_held_keeps_its_order(void **state)
{
	struct room *r = *state;

	after(r, 0);
	press(r, "2:set undo 5s\n");
	press(r, "p");
	tap_cut(r, NODE_LINK_LOST);
	press(r, "+");
	assert_shows(r, "2 actions are held, the last: raise J-10");
	press(r, "uu");
	assert_int_equal(r->tap.sent, 0);
}

static void test_leaving_tells_what_it_drops(void **state)
{
	struct room *r = *state;

	r->tap.node.leaves = false;
	after(r, 0);
	press(r, "2");
	tap_cut(r, NODE_LINK_LOST);
	press(r, "p:detach\n");
	assert_shows(r, "1 action is held and would be dropped; :detach again leaves");
	assert_int_equal(session_effects(r->s) & SESSION_DETACH, 0);
	press(r, "up"); /* another one */
	press(r, ":attach elsewhere:8000\n");
	assert_shows(r, "1 action is held and would be dropped; :attach again leaves");
	assert_int_equal(session_effects(r->s) & SESSION_ATTACH, 0);
	press(r, "up");
	press(r, "Q");
	assert_shows(r, "1 action is held and would be dropped; Q again leaves");
	assert_int_equal(session_ended(r->s), SESSION_ON);
	press(r, "Q");
	assert_int_equal(session_ended(r->s), SESSION_QUIT);
}

/* ---- lists in pages ---- */

/* It would be wrong again: why is to be read. */
static void test_a_wrong_question_is_asked_once(void **state)
{
	struct room *r = *state;
	int asked;

	after(r, 0);
	press(r, "2");
	after(r, 1000);
	press(r, "/colour=red\n");
	after(r, 1000);
	asked = r->tap.lists;
	for (int i = 0; i < 100; i++) {
		after(r, 100);
		assert_shows(r, "there is no colour");
	}
	assert_int_equal(r->tap.lists, asked);
	press(r, "R");
	after(r, 100);
	assert_int_equal(r->tap.lists, asked + 1);
	press(r, "\\");
	after(r, 1000);
	assert_shows(r, "J-1042");
}

/* While an answer is awaited a list is not asked for from its head. */
static void test_a_list_is_asked_again_in_turn(void **state)
{
	struct room *r = *state;
	int asked;

	after(r, 0);
	press(r, "2");
	after(r, 1000);
	asked = r->tap.lists;
	r->tap.deaf = true;
	press(r, "R");
	after(r, 100);
	press(r, "R");
	after(r, 100);
	assert_int_equal(r->tap.lists, asked + 1);
	r->tap.deaf = false;
	after(r, 15100); /* no answer comes any more */
	after(r, 100);
	assert_true(r->tap.lists > asked + 1);
}

/* ---- settings ---- */

static void test_settings_act_at_once(void **state)
{
	struct room *r = *state;

	after(r, 0);
	assert_null(session_theme(r->s)); /* by the terminal */
	press(r, ":theme high\n");
	assert_string_equal(session_theme(r->s)->name, "high");
	assert_int_equal(session_effects(r->s) & SESSION_THEME, SESSION_THEME);
	press(r, ":theme ../../etc/passwd\n");
	assert_shows(r, "! a theme's name has letters");
	assert_string_equal(session_theme(r->s)->name, "high");
	press(r, ":set theme none-such\n");
	assert_shows(r, "there is no theme none-such");
	press(r, ":set\n");
	assert_shows(r, "theme    high     set here");
	press(r, "\n");
	assert_shows(r, ":set theme ");
	press(r, "auto\n");
	assert_null(session_theme(r->s));
	press(r, ":set ascii on\n");
	after(r, 20000);
	assert_hides(r, "─");
	press(r, ":set nonsense 1\n");
	assert_shows(r, "! there is no setting nonsense");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    T(test_when_a_price_is_asked),
	    T(test_what_a_budget_pays),
	    T(test_a_price_that_does_not_come),
	    T(test_a_large_job_is_asked_for_twice),
	    T(test_an_offer_fills_the_fields),
	    T(test_resizes),
	    T(test_a_new_alert_is_said_once),
	    T(test_the_bell_is_asked_for),
	    T(test_a_note_is_asked_for),
	    T(test_the_banner),
	    T(test_what_is_held_waits_for_a_new_snapshot),
	    T(test_a_wrong_question_is_asked_once),
	    T(test_a_list_is_asked_again_in_turn),
	    T(test_what_was_not_sent_is_read),
	    T(test_what_is_held_keeps_its_order),
	    T(test_leaving_tells_what_it_drops),
	    T(test_settings_act_at_once),
	};
#undef T

	if (!setlocale(LC_ALL, "C.UTF-8"))
		return 77; /* this system has no UTF-8 locale: skipped */
	unsetenv("XDG_CONFIG_HOME");
	unsetenv("HOME");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
