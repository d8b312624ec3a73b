/* Actions held for a node that is not reached: what is held, in what state things were, what is left of it. */
#include "config.h"
#include "tui/held.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>

static struct batch *asked(
    const struct snapshot *s, enum action a, const char *id, const char *more)
{
	struct batch *b = batch_new(a);

	assert_non_null(b);
	assert_true(ids_add(&b->targets, id));
	assert_true(!more || ids_add(&b->targets, more));
	held_see(b, s);
	return b;
}

static struct snapshot *jobs(void)
{
	static const char *const states[] = {"running", "paused", "completed"};
	struct snapshot *s = snapshot_new();

	assert_non_null(s);
	for (size_t i = 0; i < 3; i++) {
		struct snapshot_job *j = &s->jobs[s->n_jobs++];
		*j = (struct snapshot_job){.no = 1001 + (int64_t)i, .weight = 10};
		snprintf(j->status, sizeof j->status, "%s", states[i]);
	}
	snprintf(s->keys[0].name, sizeof s->keys[0].name, "k1");
	snprintf(s->keys[0].state, sizeof s->keys[0].state, "ok");
	s->n_keys = 1;
	return s;
}

static void test_what_is_never_held(void **state)
{
	(void)state;
	for (int a = 0; a < ACTION_COUNT; a++) {
		const struct action_info *info = action_info((enum action)a);
		const char *why = held_refuses((enum action)a, info->ask);
		if (info->ask >= ASK_BOX || (info->flags & ACT_FINAL))
			assert_string_equal(why, "what ends or deletes is never held for later");
		if (!why)
			assert_true(
			    info->arg == ARG_JOB || info->arg == ARG_KEY || info->arg == ARG_ALERT);
	}
	assert_null(held_refuses(ACTION_JOB_PAUSE, ASK_UNDO));
	assert_non_null(held_refuses(ACTION_JOB_PAUSE, ASK_BOX)); /* of a hundred jobs */
	assert_non_null(held_refuses(ACTION_JOB_START, ASK_NONE));
	assert_non_null(held_refuses(ACTION_KEY_ADD, ASK_NONE));
}

static void test_the_queue(void **state)
{
	struct snapshot *s = jobs();
	struct held h = {.n = 0};
	char words[HELD_WORDS];
	struct batch *b;

	(void)state;
	held_words(&h, words, sizeof words);
	assert_string_equal(words, "");
	assert_null(held_add(&h, asked(s, ACTION_JOB_PAUSE, "J-1001", NULL)));
	held_words(&h, words, sizeof words);
	assert_string_equal(words, "1 action is held: pause J-1001   (u drops it)");
	b = asked(s, ACTION_JOB_PAUSE, "J-1001", NULL);
	assert_string_equal(held_add(&h, b), "it is held already");
	batch_free(b);
	b = asked(s, ACTION_JOB_PAUSE, "J-1", NULL); /* not on the screen */
	assert_non_null(strstr(held_add(&h, b), "not among those"));
	batch_free(b);
	while (h.n < HELD_MOST) /* these add up */
		assert_null(held_add(&h, asked(s, ACTION_JOB_RAISE, "J-1001", NULL)));
	b = asked(s, ACTION_KEY_DISABLE, "k1", NULL);
	assert_string_equal(
	    held_add(&h, b), "as many are held as there may be; u drops the last of them");
	batch_free(b);
	assert_true(held_drop(&h, words, sizeof words));
	assert_string_equal(words, "raise J-1001");
	b = held_take(&h);
	assert_int_equal(b->action, ACTION_JOB_PAUSE);
	batch_free(b);
	assert_int_equal(h.n, HELD_MOST - 2);
	held_done(&h);
	assert_null(held_take(&h));
	assert_false(held_drop(&h, words, sizeof words));
	snapshot_unref(s);
}

static void test_another_wording_takes_the_place(void **state)
{
	struct snapshot *s = jobs();
	struct held h = {.n = 0};
	static const char *const weights[] = {"{\"weight\":5}", "{\"weight\":7}"};
	struct batch *b;

	(void)state;
	for (int i = 0; i < 2; i++) {
		b = asked(s, ACTION_JOB_WEIGHT, "J-1001", NULL);
		memset(
		    b->targets.ids[0] + 7, i, TABLE_ID - 7); /* what is behind an id is nothing */
		b->params = str_dup(weights[i]);
		assert_null(held_add(&h, b));
		assert_int_equal(h.n, 1);
	}
	b = asked(s, ACTION_JOB_WEIGHT, "J-1001", NULL);
	b->params = str_dup(weights[1]);
	assert_string_equal(held_add(&h, b), "it is held already");
	batch_free(b);
	assert_null(held_add(&h, asked(s, ACTION_JOB_PAUSE, "J-1001", NULL)));
	b = held_take(&h);
	assert_string_equal(b->params, weights[1]);
	batch_free(b);
	held_done(&h);
	snapshot_unref(s);
}

/* Their numbers begin anew with the node's process. */
static void test_another_alert_with_the_same_number(void **state)
{
	struct snapshot *s = jobs();
	struct batch *b;
	struct str changed;

	(void)state;
	s->alerts[0] = (struct snapshot_alert){.id = 3, .kind = "key_refused", .since = 1000};
	s->n_alerts = 1;
	b = asked(s, ACTION_ALERT_ACK, "3", NULL);
	str_init(&changed, 300);
	assert_true(held_check(b, s, &changed));
	s->alerts[0] = (struct snapshot_alert){.id = 3, .kind = "disk_full", .since = 90000};
	assert_false(held_check(b, s, &changed));
	assert_string_equal(str_get(&changed),
	    "3 was lasting (key_refused since 1970-01-01 00:16:40Z), is "
	    "lasting (disk_full since 1970-01-02 01:00:00Z)");
	str_done(&changed);
	batch_free(b);
	snapshot_unref(s);
}

static void test_what_has_changed_is_taken_out(void **state)
{
	struct snapshot *s = jobs();
	struct batch *two = asked(s, ACTION_JOB_PAUSE, "J-1001", "J-1002"),
	             *weight = asked(s, ACTION_JOB_RAISE, "1003", NULL),
	             *key = asked(s, ACTION_KEY_DISABLE, "k1", NULL);
	struct str changed;

	(void)state;
	str_init(&changed, 300);
	assert_true(held_check(two, s, &changed));
	assert_int_equal(two->targets.n, 2);
	assert_string_equal(str_get(&changed), "");
	snprintf(s->jobs[0].status, sizeof s->jobs[0].status, "failed");
	s->jobs[2].weight = 20;
	s->n_keys = 0;
	assert_true(held_check(two, s, &changed));
	assert_int_equal(two->targets.n, 1);
	assert_string_equal(two->targets.ids[0], "J-1002");
	assert_string_equal(str_get(&changed), "J-1001 was running, is failed");
	str_reset(&changed);
	assert_false(held_check(weight, s, &changed));
	assert_false(held_check(key, s, &changed));
	assert_string_equal(str_get(&changed), "1003 was completed with weight 10, is completed "
	                                       "with weight 20; k1 was ok, is not there "
	                                       "any more");
	str_done(&changed);
	batch_free(two);
	batch_free(weight);
	batch_free(key);
	snapshot_unref(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_what_is_never_held),
	    cmocka_unit_test(test_the_queue),
	    cmocka_unit_test(test_another_wording_takes_the_place),
	    cmocka_unit_test(test_another_alert_with_the_same_number),
	    cmocka_unit_test(test_what_has_changed_is_taken_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
