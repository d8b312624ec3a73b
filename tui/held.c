#include "config.h"
#include "tui/held.h"
#include "tui/format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- states ---- */

/* Kinds of things whose state a snapshot has. False: it is not there. */
typedef bool held_state_fn(
    const struct snapshot *s, const char *id, enum action a, char out[BATCH_SEEN]);

static bool held_adds_up(enum action a)
{
	return a == ACTION_JOB_RAISE || a == ACTION_JOB_LOWER;
}

static bool held_job(const struct snapshot *s, const char *id, enum action a, char out[BATCH_SEEN])
{
	bool weighs = held_adds_up(a) || a == ACTION_JOB_WEIGHT;
	char no[32];

	for (size_t i = 0; i < s->n_jobs; i++) {
		const struct snapshot_job *j = &s->jobs[i];
		snprintf(no, sizeof no, "J-%lld", (long long)j->no);
		if (strcmp(id, no) != 0 && strcmp(id, no + 2) != 0 && strcmp(id, j->uuid) != 0)
			continue;
		if (weighs)
			snprintf(out, BATCH_SEEN, "%s with weight %d", j->status, j->weight);
		else
			snprintf(out, BATCH_SEEN, "%s", j->status);
		return true;
	}
	return false;
}

static bool held_key(const struct snapshot *s, const char *id, enum action a, char out[BATCH_SEEN])
{
	(void)a;
	for (size_t i = 0; i < s->n_keys; i++)
		if (strcmp(s->keys[i].name, id) == 0) {
			snprintf(out, BATCH_SEEN, "%s", s->keys[i].state);
			return true;
		}
	return false;
}

static bool held_alert(
    const struct snapshot *s, const char *id, enum action a, char out[BATCH_SEEN])
{
	char no[32], day[FORMAT_SIZE], clock[FORMAT_SIZE];

	(void)a;
	for (size_t i = 0; i < s->n_alerts; i++) {
		snprintf(no, sizeof no, "%lld", (long long)s->alerts[i].id);
		if (strcmp(no, id) != 0)
			continue;
		/* a node that starts anew counts from the same numbers: kind and begin tell which it is */
		snprintf(out, BATCH_SEEN, "%s (%s since %s %s)",
		    s->alerts[i].until   ? "over"
		    : s->alerts[i].acked ? "silenced"
		                         : "lasting",
		    s->alerts[i].kind, format_date(day, s->alerts[i].since),
		    format_clock(clock, s->alerts[i].since));
		return true;
	}
	return false;
}

static held_state_fn *held_state_of(enum action a)
{
	static held_state_fn *const kinds[] = {
	    [ARG_JOB] = held_job, [ARG_KEY] = held_key, [ARG_ALERT] = held_alert};
	size_t arg = (size_t)action_info(a)->arg;

	return arg < sizeof kinds / sizeof kinds[0] ? kinds[arg] : NULL;
}

const char *held_refuses(enum action a, enum action_ask level)
{
	if (level >= ASK_BOX || (action_info(a)->flags & ACT_FINAL))
		return "what ends or deletes is never held for later";
	if (!held_state_of(a) || (action_info(a)->flags & ACT_NEW))
		return "only what is done to jobs, keys and alerts that are there is held for "
		       "later";
	return NULL;
}

void held_see(struct batch *b, const struct snapshot *s)
{
	held_state_fn *state = held_state_of(b->action);

	free(b->seen);
	b->seen = NULL;
	if (!state || !s || !b->targets.n || b->together || b->everything)
		return;
	b->seen = calloc(b->targets.n, sizeof *b->seen);
	for (size_t i = 0; b->seen && i < b->targets.n; i++)
		if (!state(s, b->targets.ids[i], b->action, b->seen[i])) {
			free(b->seen);
			b->seen = NULL;
		}
}

bool held_check(struct batch *b, const struct snapshot *s, struct str *changed)
{
	held_state_fn *state = held_state_of(b->action);
	size_t kept = 0;

	for (size_t i = 0; i < b->targets.n; i++) {
		char now[BATCH_SEEN] = "not there any more";
		if (state(s, b->targets.ids[i], b->action, now) && strcmp(now, b->seen[i]) == 0) {
			memmove(b->targets.ids[kept], b->targets.ids[i], TABLE_ID);
			memmove(b->seen[kept++], b->seen[i], BATCH_SEEN);
			continue;
		}
		str_addf(changed, "%s%s was %s, is %s", changed->len ? "; " : "", b->targets.ids[i],
		    b->seen[i], now);
	}
	b->targets.n = kept;
	return kept > 0;
}

/* ---- the queue ---- */

/* The same action on the same things. */
static bool held_is_same(const struct batch *a, const struct batch *b)
{
	if (a->action != b->action || a->targets.n != b->targets.n)
		return false;
	for (size_t i = 0; i < b->targets.n; i++)
		if (strcmp(a->targets.ids[i], b->targets.ids[i]) != 0)
			return false;
	return true;
}

static bool held_text_is(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") == 0;
}

/* Takes out the one of which b is another wording. False: it is held as it is, and would be refused when it is
 * sent, because it was done. */
static bool held_make_way(struct held *h, const struct batch *b)
{
	for (size_t i = 0; i < h->n && !held_adds_up(b->action); i++) {
		struct batch *a = h->items[i];
		if (!held_is_same(a, b))
			continue;
		if (held_text_is(a->params, b->params) && held_text_is(a->project, b->project))
			return false;
		batch_free(a);
		memmove(&h->items[i], &h->items[i + 1], (--h->n - i) * sizeof h->items[0]);
		return true;
	}
	return true;
}

const char *held_add(struct held *h, struct batch *b)
{
	const char *why = held_refuses(b->action, action_info(b->action)->ask);

	if (why)
		return why;
	if (!b->seen)
		return "its state is not among those that this screen knows, so it is not held";
	if (!held_make_way(h, b))
		return "it is held already";
	if (h->n == HELD_MOST)
		return "as many are held as there may be; u drops the last of them";
	h->items[h->n++] = b;
	return NULL;
}

struct batch *held_take(struct held *h)
{
	struct batch *b = h->n ? h->items[0] : NULL;

	if (b)
		memmove(h->items, h->items + 1, --h->n * sizeof h->items[0]);
	return b;
}

bool held_drop(struct held *h, char *words, size_t size)
{
	if (!h->n)
		return false;
	h->n--;
	batch_words(h->items[h->n], words, size);
	batch_free(h->items[h->n]);
	return true;
}

void held_words(const struct held *h, char *out, size_t size)
{
	char words[TABLE_ID + 64];

	*out = '\0';
	if (!h->n)
		return;
	batch_words(h->items[h->n - 1], words, sizeof words);
	if (h->n == 1)
		snprintf(out, size, "1 action is held: %s   (u drops it)", words);
	else
		snprintf(
		    out, size, "%zu actions are held, the last: %s   (u drops it)", h->n, words);
}

void held_done(struct held *h)
{
	while (h->n)
		batch_free(h->items[--h->n]);
}
