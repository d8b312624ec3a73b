/*
 * price - what the job in a form would cost: asked of the node again whenever the form says
 * something else and a moment has passed, without waiting for it. The screen's thread; owned by the
 * session.
 */
#ifndef TUBEOPS_TUI_PRICE_H
#define TUBEOPS_TUI_PRICE_H

#include "tui/dialog.h"
#include "tui/resource.h"

struct price {
	char *body;           /* of the newest question, owned; NULL: none yet */
	int64_t due_ms;       /* when it is to be sent; 0: it was */
	int64_t asked_ms;     /* when it was */
	uint64_t id;          /* of the question that waits; 0: none */
	struct answer answer; /* the newest one; its root is absent before the first */
	char error[200];      /* why there is none; "" */
};

/* Forgets all: another form was opened. */
void price_done(struct price *p);
/*
 * What the form says now: type and params (a JSON object, taken; NULL: it cannot be said yet). Asks
 * slot of n when it is due.
 */
void price_want(
    struct price *p, struct node *n, int slot, const char *type, char *params, int64_t mono_ms);
/* clock_mono_ms when price_want has something to do; INT64_MAX: nothing. */
int64_t price_next_ms(const struct price *p);
/* True when the answer was meant for it; a->text is taken then. */
bool price_take(struct price *p, struct node_answer *a);
/* The newest answer for people; now: UTC seconds. */
void price_show(const struct price *p, int64_t now, struct form_cost *out);
/* What makes another way of it: a member of an object for each field to change. */
struct json_node price_offer(const struct price *p, size_t i);
/* Asks once more for what was wanted last, at once. */
void price_again(struct price *p, int64_t mono_ms);
/*
 * What such a job would do, in one line: how many items, units, days. False: the newest answer is not
 * there yet.
 */
bool price_dry(const struct price *p, int64_t now, char *text, size_t size);
/* More than a day's share? Then text says so. False also when nothing is known. */
bool price_is_large(const struct price *p, char *text, size_t size);

#endif
