/*
 * held - actions that were asked for while the node could not be reached: a few batches, in the
 * order they were asked for, each with the state in which every one of its things was seen then.
 * Whoever sends them later looks first whether that is still so: nobody decided about anything
 * else. What ends or deletes is never held, nor is what has no state to compare. The screen's
 * thread.
 */
#ifndef TUBEOPS_TUI_HELD_H
#define TUBEOPS_TUI_HELD_H

#include "tui/batch.h"

enum { HELD_MOST = 8, HELD_WORDS = 160 };

/* Zero to begin with; owns its batches. */
struct held {
	struct batch *items[HELD_MOST];
	size_t n;
};

/* Why an action that asks so (0 to 4, enum action_ask) is never held; NULL: it may be. */
const char *held_refuses(enum action a, enum action_ask level);
/*
 * Notes in what state b's things stand in s: what somebody saw who asked for it. Nothing is noted when one
 * of them is not there, or has no state.
 */
void held_see(struct batch *b, const struct snapshot *s);
/* Takes b, in place of one that says otherwise to the same things, and returns NULL; else says why not, and b
 * stays the caller's. */
const char *held_add(struct held *h, struct batch *b);
/* The first one, owned; NULL: none. */
struct batch *held_take(struct held *h);
/* Drops the last one; false: there is none. words: what it would have done. */
bool held_drop(struct held *h, char *words, size_t size);
/*
 * Takes out of b what is not in s as it was seen. Each time says so: "J-1042 was running, is paused".
 * False: nothing of b is left.
 */
bool held_check(struct batch *b, const struct snapshot *s, struct str *changed);
/* "1 action is held: pause J-1042   (u drops it)"; "" when there is none. */
void held_words(const struct held *h, char *out, size_t size);
void held_done(struct held *h);

#endif
