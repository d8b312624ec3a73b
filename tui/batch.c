#include "config.h"
#include "tui/batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	BATCH_WINDOW = 24,        /* commands without an answer at a time */
	BATCH_PATIENCE_MS = 30000 /* how long an answer is awaited */
};

struct batch_wait {
	uint64_t id; /* of the command; 0: free */
	struct batch *batch;
	char target[TABLE_ID];
};

struct batches {
	struct batch *running, **end; /* in the order they began */
	struct batch *later;          /* waits for its undo time */
	int64_t due_ms;
	struct batch_wait waits[BATCH_WINDOW];
};

struct batch *batch_new(enum action action)
{
	struct batch *b = calloc(1, sizeof *b);

	if (b)
		b->action = action;
	return b;
}

static void batch_wipe(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}

void batch_free(struct batch *b)
{
	if (!b)
		return;
	batch_free(b->then);
	ids_done(&b->targets);
	ids_done(&b->bad);
	free(b->seen);
	free(b->job_type);
	batch_wipe(b->params);
	batch_wipe(b->secret);
	free(b->project);
	free(b);
}

static const char *batch_what(enum action_arg arg)
{
	static const char *const words[] = {
	    [ARG_TYPE] = "jobs",
	    [ARG_JOB] = "jobs",
	    [ARG_KEY] = "keys",
	    [ARG_DEAD] = "dead letters",
	    [ARG_SCHEDULE] = "schedules",
	    [ARG_CHANNEL] = "channels",
	    [ARG_MEMBER] = "nodes",
	};

	return (size_t)arg < sizeof words / sizeof words[0] && words[arg] ? words[arg] : "";
}

void batch_words(const struct batch *b, char *out, size_t size)
{
	const char *word = action_info(b->action)->word;

	if (b->job_type)
		snprintf(out, size, "%s %s", word, b->job_type);
	else if (b->targets.n == 1)
		snprintf(out, size, "%s %s", word, b->targets.ids[0]);
	else if (b->targets.n)
		snprintf(out, size, "%s %zu %s", word, b->targets.n,
		    batch_what(action_info(b->action)->arg));
	else if (b->everything && b->n)
		snprintf(
		    out, size, "%s %zu %s", word, b->n, batch_what(action_info(b->action)->arg));
	else
		snprintf(out, size, "%s", word);
}

struct batches *batches_new(void)
{
	struct batches *bs = calloc(1, sizeof *bs);

	if (bs)
		bs->end = &bs->running;
	return bs;
}

void batches_free(struct batches *bs)
{
	if (!bs)
		return;
	while (bs->running) {
		struct batch *b = bs->running;
		bs->running = b->next;
		batch_free(b);
	}
	batches_undo(bs);
	free(bs);
}

void batches_add(struct batches *bs, struct batch *b)
{
	b->next = NULL;
	*bs->end = b;
	bs->end = &b->next;
}

/* Takes *at out of those that run. */
static struct batch *batches_unlink(struct batches *bs, struct batch **at)
{
	struct batch *b = *at;

	*at = b->next;
	if (!b->next)
		bs->end = at;
	b->next = NULL;
	return b;
}

struct batch *batches_withdraw(struct batches *bs)
{
	for (struct batch **at = &bs->running; *at; at = &(*at)->next)
		if (!(*at)->sent)
			return batches_unlink(bs, at);
	return NULL;
}

/* ---- sending ---- */

static size_t batch_commands(const struct batch *b)
{
	return b->targets.n && !b->together ? b->targets.n : 1;
}

static struct batch_wait *batches_free_wait(struct batches *bs)
{
	for (int i = 0; i < BATCH_WINDOW; i++)
		if (!bs->waits[i].id)
			return &bs->waits[i];
	return NULL;
}

static bool batch_send_one(struct batch *b, struct node *n, const char *by, struct batch_wait *w)
{
	const char *target = b->targets.n && !b->together ? b->targets.ids[b->sent] : NULL;
	struct command c = {.action = b->action,
	    .target = target,
	    .job_type = b->job_type,
	    .params_json = b->params,
	    .secret = b->secret,
	    .project = b->project,
	    .by = by};

	w->id = node_send(n, &c);
	if (!w->id)
		return false;
	w->batch = b;
	snprintf(w->target, sizeof w->target, "%s", target ? target : "");
	b->sent++;
	return true;
}

void batches_send(struct batches *bs, struct node *n, const char *by, int64_t mono_ms)
{
	for (struct batch *b = bs->running; b; b = b->next)
		while (b->sent < batch_commands(b)) {
			struct batch_wait *w = batches_free_wait(bs);
			if (!w || !batch_send_one(b, n, by, w)) {
				b->heard_ms = b->heard_ms ? b->heard_ms : mono_ms;
				return; /* the rest goes when answers came */
			}
			b->heard_ms = mono_ms;
		}
}

static void batch_answer(struct batch *b, const char *target, bool ok, const char *text)
{
	if (ok)
		b->ok++;
	else
		b->refused++;
	if (!ok && *target)
		ids_add(&b->bad, target);
	if ((ok && !b->refused) || (!ok && b->refused == 1))
		snprintf(b->text, sizeof b->text, "%s", text);
}

void batches_hear(struct batches *bs, const struct snapshot *s, int64_t mono_ms)
{
	size_t room = sizeof s->replies / sizeof s->replies[0];

	for (size_t i = 0; i < s->n_replies && i < room; i++)
		for (int k = 0; k < BATCH_WINDOW; k++) {
			struct batch_wait *w = &bs->waits[k];
			if (!w->id || w->id != s->replies[i].id)
				continue;
			batch_answer(w->batch, w->target, s->replies[i].ok, s->replies[i].text);
			w->batch->heard_ms = mono_ms;
			w->id = 0;
		}
	for (struct batch *b = bs->running; b; b = b->next)
		b->lost = b->lost || (b->heard_ms && mono_ms - b->heard_ms > BATCH_PATIENCE_MS);
}

struct batch *batches_take(struct batches *bs)
{
	for (struct batch **at = &bs->running; *at; at = &(*at)->next) {
		struct batch *b = *at;
		if (!b->lost && b->ok + b->refused < batch_commands(b))
			continue;
		for (int k = 0; k < BATCH_WINDOW; k++)
			if (bs->waits[k].batch == b)
				bs->waits[k].id = 0;
		return batches_unlink(bs, at);
	}
	return NULL;
}

bool batches_is_waiting(const struct batches *bs)
{
	return bs->running != NULL;
}

/* ---- undo ---- */

void batches_due(struct batches *bs, int64_t mono_ms, bool now)
{
	struct batch *b = bs->later;

	if (!b || (!now && mono_ms < bs->due_ms))
		return;
	bs->later = NULL;
	while (b) {
		struct batch *next = b->next;
		batches_add(bs, b);
		b = next;
	}
}

void batches_later(struct batches *bs, struct batch *b, int64_t due_ms)
{
	batches_due(bs, 0, true);
	bs->later = b;
	bs->due_ms = due_ms;
}

const struct batch *batches_pending(const struct batches *bs, int64_t mono_ms, int64_t *left_ms)
{
	*left_ms = bs->due_ms > mono_ms ? bs->due_ms - mono_ms : 0;
	return bs->later;
}

bool batches_undo(struct batches *bs)
{
	bool any = bs->later != NULL;

	while (bs->later) {
		struct batch *b = bs->later;
		bs->later = b->next;
		batch_free(b);
	}
	return any;
}
