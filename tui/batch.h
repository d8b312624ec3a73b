/*
 * batch - one action on one or many things, whose identities were frozen when it was asked for:
 * sent to the node a few at a time, answers counted, those refused remembered. Also what waits for
 * its undo time to be over: the node never hears of what was undone. The screen's thread.
 */
#ifndef TUBEOPS_TUI_BATCH_H
#define TUBEOPS_TUI_BATCH_H

#include "tui/node.h"
#include "tui/table.h"

enum { BATCH_SEEN = 96 };

struct batch {
	struct batch *next;
	enum action action;
	struct table_ids targets; /* empty: one command without a target */
	bool together;            /* all targets are one command: they stand in params */
	bool everything;          /* what a filter in params matches; no targets */
	size_t n;                 /* of everything, how many; 0: not known */
	char *job_type, *params, *secret, *project; /* owned; NULL: none */
	size_t sent, ok, refused;
	char text[256];           /* of the last answer; of the first refusal when there was one */
	struct table_ids bad;     /* refused ones */
	char (*seen)[BATCH_SEEN]; /* owned: states of the targets, by held_see; NULL: not known */
	int64_t heard_ms;         /* when something was sent or answered last */
	bool lost;                /* answers did not come */
	struct batch *then; /* owned; begun when nothing of this one was refused; NULL: none */
};

/* NULL: no memory. */
struct batch *batch_new(enum action action);
void batch_free(struct batch *b);
/* "pause J-1042", "cancel 3 jobs": what it will do. */
void batch_words(const struct batch *b, char *out, size_t size);

struct batches;

struct batches *batches_new(void);
void batches_free(struct batches *bs);
/* Takes b, which is sent from now on. */
void batches_add(struct batches *bs, struct batch *b);
/* The next one of which nothing was sent, owned: it is not sent then. NULL: none. */
struct batch *batches_withdraw(struct batches *bs);
/* Sends what the node takes. */
void batches_send(struct batches *bs, struct node *n, const char *by, int64_t mono_ms);
/* Counts the answers of a snapshot. */
void batches_hear(struct batches *bs, const struct snapshot *s, int64_t mono_ms);
/* The next one that has ended, owned; NULL: none. */
struct batch *batches_take(struct batches *bs);
bool batches_is_waiting(const struct batches *bs);

/* ---- undo ---- */
/* Takes b: it begins at due_ms. Whatever waited before begins at once. */
void batches_later(struct batches *bs, struct batch *b, int64_t due_ms);
/* Begins what is due; now: also what is not. */
void batches_due(struct batches *bs, int64_t mono_ms, bool now);
/* What waits, NULL: nothing; *left_ms until it begins. */
const struct batch *batches_pending(const struct batches *bs, int64_t mono_ms, int64_t *left_ms);
/* Drops what waits; false: nothing did. */
bool batches_undo(struct batches *bs);

#endif
