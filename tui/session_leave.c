/* Leaving: what is asked, by what would stop. */
#include "config.h"
#include "tui/keys.h"
#include "tui/session_parts.h"

#include <stdio.h>
#include <string.h>

/* Rows of the question when jobs are at work here. */
enum { LEAVE_HEADLESS, LEAVE_STOP, LEAVE_STAY };

/* What was asked for is done before: only a second time leaves without its answers. */
static void leave_end(struct session *s, enum session_end how)
{
	batches_due(s->batches, s->mono_ms, true);
	session_hold_waiting(s);
	if (s->leaving == SESSION_ON && session_held_keeps(s, "Q")) {
		session_shut(s);
		return;
	}
	batches_send(s->batches, s->node, s->cfg.by, s->mono_ms);
	session_shut(s);
	if (s->leaving != SESSION_ON || !batches_is_waiting(s->batches)) {
		s->end = how;
		return;
	}
	s->leaving = how;
	s->next_snapshot_ms = 0;
	session_say(s, ROLE_WARN, "leaving when all that was asked for is sent; Q again: at once");
}

static int64_t leave_busy(const struct session *s)
{
	const struct snapshot *snap = s->screen.snap;

	return snap ? snap->jobs_running + snap->jobs_waiting + snap->jobs_pending : 0;
}

static void leave_ask_busy(struct session *s, int64_t busy)
{
	const char *listen = s->screen.snap->listen;
	bool can = s->node->hands_over;
	char title[64], go_on[160];
	struct dialog *d;

	snprintf(title, sizeof title, "Leave? %lld job%s at work in this process", (long long)busy,
	    busy == 1 ? " is" : "s are");
	snprintf(go_on, sizeof go_on, "Go on without a screen%s%s%s; tubeops attach comes back",
	    *listen ? " (" : "", listen, *listen ? ")" : "");
	d = dialog_pick(title);
	if (d &&
	    (!dialog_pick_add(d, 'h', go_on, !can) ||
	        !dialog_pick_add(d, 's',
	            "Leave and stop cleanly: calls end, jobs go on at the next start", false) ||
	        !dialog_pick_add(d, 'n', "Stay here", false))) {
		dialog_free(d);
		d = NULL;
	}
	if (d)
		dialog_pick_at(d, LEAVE_STAY);
	session_open(s, d, PURPOSE_LEAVE);
}

void session_leave(struct session *s)
{
	int64_t busy = leave_busy(s);

	if (s->leaving != SESSION_ON)
		leave_end(s, s->leaving);
	else if (s->saver && !busy)
		session_open(s,
		    dialog_line("Leave, and give up the export? Its file is not whole."),
		    PURPOSE_LEAVE_IDLE);
	else if (!s->node->leaves)
		leave_end(s, SESSION_QUIT);
	else if (busy)
		leave_ask_busy(s, busy);
	else
		session_open(
		    s, dialog_line("Leave tubeops? No job is at work."), PURPOSE_LEAVE_IDLE);
}

void session_leave_at_rest(struct session *s)
{
	if (leave_busy(s) || s->saver)
		session_leave(s);
	else
		leave_end(s, SESSION_QUIT);
}

bool session_leave_key(struct session *s, int key)
{
	bool idle = s->purpose == PURPOSE_LEAVE_IDLE;
	enum dialog_answer answer;
	size_t picked;

	if (!idle && s->purpose != PURPOSE_LEAVE)
		return false;
	/* ^C a second time is meant, and y means what it means everywhere */
	if (key == KEYS_CTRL('c') || (!idle && (key == 'y' || key == 'Y'))) {
		leave_end(s, SESSION_QUIT);
		return true;
	}
	answer = dialog_key(s->dialog, key);
	picked = answer == DIALOG_YES && !idle ? dialog_picked(s->dialog) : LEAVE_STOP;
	if (answer == DIALOG_NO || (answer == DIALOG_YES && picked == LEAVE_STAY))
		session_shut(s);
	else if (answer == DIALOG_YES)
		leave_end(s, picked == LEAVE_HEADLESS ? SESSION_HANDOVER : SESSION_QUIT);
	return true;
}
