/* Answers of dialogs, and what became of actions. */
#include "config.h"
#include "tui/session_parts.h"

#include <string.h>

/* ---- answers ---- */

static void act_confirmed(struct session *s)
{
	struct batch *b = s->asked;

	s->asked = NULL;
	session_shut(s);
	session_run(s, b, false);
}

void session_answered(struct session *s, enum dialog_answer answer)
{
	size_t picked = dialog_picked(s->dialog);
	struct table *t;

	switch (s->purpose) {
	case PURPOSE_TYPE:
		session_form(s, dialog_type(s->dialog)->name, NULL, 0, false);
		break;
	case PURPOSE_FORM:
		session_form_answered(s, answer);
		break;
	case PURPOSE_ACT:
		act_confirmed(s);
		break;
	case PURPOSE_ACTIONS:
		session_shut(s);
		session_act(s, s->choices[picked], NULL, 0, NULL);
		break;
	case PURPOSE_SORT:
		session_shut(s);
		t = session_table(s);
		if (t)
			table_sort_by(t, s->sort_cols[picked]);
		break;
	case PURPOSE_MARK_ALL:
		session_shut(s);
		t = session_table(s);
		if (t)
			table_mark_all(t);
		break;
	case PURPOSE_SCAN:
		session_shut(s);
		t = session_table(s);
		if (t)
			table_allow_scan(t, true);
		break;
	case PURPOSE_KEY:
		session_key_given(s);
		break;
	case PURPOSE_PROJECT:
		session_project_given(s);
		break;
	case PURPOSE_SET:
		session_set_picked(s, picked);
		break;
	case PURPOSE_LEAVE:
	case PURPOSE_LEAVE_IDLE:
	case PURPOSE_NONE:
		break;
	}
}

/* ---- what became of it ---- */

/* Done ones lose their mark, refused ones keep it. */
static void act_unmark(struct session *s, const struct batch *b)
{
	for (size_t v = 0; v < s->n_states; v++)
		for (int i = 0; i < VIEW_PARTS; i++) {
			struct table *t = &s->states[v].tables[i];
			if (!t->def ||
			    !(action_info(b->action)->on & s->states[v].ops->parts[i].on))
				continue;
			if (b->ok && b->everything) { /* what matched may be gone */
				table_unmark(t);
				t->again = true;
			}
			if (b->ok && t->def->pages && t->def->pages->stamp)
				t->again = true; /* what it did may lie beyond the snapshot */
			for (size_t k = 0; k < b->targets.n; k++)
				if (!ids_has(&b->bad, b->targets.ids[k]))
					ids_remove(&t->marks, b->targets.ids[k]);
		}
}

static void act_tell(struct session *s, const struct batch *b)
{
	const char *done = action_done(b->action);

	if (b->lost)
		session_say(s, ROLE_WARN, "! no answer from the engine yet; the log will tell");
	else if (b->ok + b->refused == 1)
		session_say(
		    s, b->refused ? ROLE_ERROR : ROLE_OK, "%s%s", b->refused ? "! " : "", b->text);
	else if (b->refused)
		session_say(
		    s, ROLE_WARN, "%zu %s, %zu refused: %s", b->ok, done, b->refused, b->text);
	else
		session_say(s, ROLE_OK, "%zu %s", b->ok, done);
}

void session_results(struct session *s)
{
	struct batch *b;

	while ((b = batches_take(s->batches))) {
		act_tell(s, b);
		act_unmark(s, b);
		if (b->then && !b->refused && !b->lost) {
			batches_add(s->batches, b->then);
			b->then = NULL;
		}
		batch_free(b);
		s->next_snapshot_ms = 0;
	}
}
