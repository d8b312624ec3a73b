/* What is asked for while the node cannot be reached, and what becomes of it when it can again. */
#include "config.h"
#include "tui/session_parts.h"

#include <stdint.h>

bool session_is_cut(const struct session *s)
{
	struct node_link link;

	node_link(s->node, &link);
	return link.state != NODE_LINK_HERE && link.state != NODE_LINK_OK;
}

bool session_cut_refuses(struct session *s, enum action a, enum action_ask level)
{
	const char *why = session_is_cut(s) ? held_refuses(a, level) : NULL;

	if (why)
		session_say(s, ROLE_WARN, "%s: not sent, the connection is lost; %s",
		    action_info(a)->word, why);
	return why != NULL;
}

static void session_hold_one(struct session *s, struct batch *b)
{
	char words[TABLE_ID + 64];
	const char *why = held_add(&s->held, b);

	batch_words(b, words, sizeof words);
	if (why) {
		session_say(s, ROLE_WARN, "%s: not sent, the connection is lost; %s", words, why);
		batch_free(b);
		return;
	}
	s->held_told = false;
	session_say(s, ROLE_WARN, "%s is held until the connection is back   u drops it", words);
}

void session_hold(struct session *s, struct batch *chain)
{
	while (chain) {
		struct batch *next = chain->next;
		session_hold_one(s, chain);
		chain = next;
	}
}

void session_hold_waiting(struct session *s)
{
	struct batch *b;

	while (session_is_cut(s) && (b = batches_withdraw(s->batches)))
		session_hold(s, b);
}

/* What was dropped stays to be read until somebody has read it. */
static void session_say_changed(struct session *s, const struct str *changed)
{
	session_say(s, ROLE_WARN, "! not sent: %s. Decide anew", str_get(changed));
	session_say_until_read(s);
}

void session_held_release(struct session *s, const struct snapshot *snap)
{
	struct node_link link;
	struct str changed;
	struct batch *b;
	size_t sent = 0;

	node_link(s->node, &link);
	if (!s->held.n || link.state != NODE_LINK_OK || snap->mono_ms < link.since_ms)
		return; /* what the snapshot says is from before */
	str_init(&changed, SESSION_MESSAGE - 64);
	while ((b = held_take(&s->held))) {
		size_t before = changed.len;
		char words[TABLE_ID + 64];
		batch_words(b, words, sizeof words);
		if (held_check(b, snap, &changed)) {
			batches_add(s->batches, b);
			sent++;
		} else {
			batch_free(b);
		}
		if (changed.len > before)
			str_addf(&changed, " (%s)", words);
	}
	if (changed.len)
		session_say_changed(s, &changed);
	else if (sent)
		session_say(s, ROLE_OFF, "what was held is sent");
	str_done(&changed);
}

bool session_held_drop(struct session *s)
{
	char words[TABLE_ID + 64];

	if (!held_drop(&s->held, words, sizeof words))
		return false;
	session_say(s, ROLE_OK, "dropped: %s is not sent", words);
	return true;
}

bool session_held_keeps(struct session *s, const char *again)
{
	if (!s->held.n || s->held_told)
		return false;
	s->held_told = true;
	session_say(s, ROLE_WARN, "%zu action%s held and would be dropped; %s again leaves",
	    s->held.n, s->held.n == 1 ? " is" : "s are", again);
	return true;
}
