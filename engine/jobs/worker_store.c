/* From a worker's result to staging: states, rows, numbers and counts in one part of a transaction. */
#include "config.h"
#include "db/cluster.h"
#include "db/staging_dead.h"
#include "db/staging_erase.h"
#include "db/staging_shared.h"
#include "engine/base/clock.h"
#include "engine/jobs/worker_parts.h"
#include "engine/quota/day.h"

#include <stdlib.h>
#include <string.h>

static enum err worker_store_dead(struct staging *s, struct chunk *c, int i, struct errbuf *eb)
{
	struct dead_letter d = {.cid = c->ids[i],
	    .op = c->type->op,
	    .reason = c->reasons[i],
	    .message = c->messages[i],
	    .attempts = c->attempts + 1,
	    .job = c->job,
	    .at = clock_now()};

	c->failed++;
	return staging_dead_letter_put(s, &d, eb);
}

static enum err worker_store_absent(struct staging *s, struct chunk *c, int i, struct errbuf *eb)
{
	enum item_state now = ITEM_ABSENT;
	enum err err = staging_absence(s, c->type->op, &c->ids[i], c->day, c->job, &now, eb);

	c->absent += now == ITEM_ABSENT;
	c->missing += now == ITEM_MISSING;
	return err;
}

enum err worker_is_known(
    struct staging *s, const struct chunk *c, const struct cid *cid, bool *known, struct errbuf *eb)
{
	enum item_state state = ITEM_PENDING;
	bool due = false;
	enum err err = staging_state_get(s, c->type->op, cid, &state, eb);

	*known = err == ERR_NOTFOUND || (!err && state != ITEM_PENDING && state != ITEM_ABSENT);
	if (err == ERR_NOTFOUND || err || !c->type->ages || state == ITEM_PENDING)
		return err == ERR_NOTFOUND ? ERR_OK : err;
	err = staging_refresh_is_due(s, &c->ask, cid, &due, eb);
	*known = !due;
	return err;
}

static enum err worker_store_item(struct staging *s, struct chunk *c, int i, struct errbuf *eb)
{
	const enum op op = c->type->op;
	const struct cid *cid = &c->ids[i];
	int64_t asked_by = 0;
	bool moved = false, erased = false, known = false;
	enum err err = c->lease.chunk ? worker_is_known(s, c, cid, &known, eb) : ERR_OK;

	if (err || known)
		return err;
	if (c->states[i] == ITEM_DONE)
		err = staging_state_done(s, op, cid, &moved, eb);
	if (err || moved) {
		c->done += moved;
		return err;
	}
	err = staging_is_erased(s, cid, &erased, eb);
	if (err || erased) { /* since it was handed out: nothing of it is kept */
		c->missing += erased;
		return err;
	}
	err = staging_absence_job(s, op, cid, &asked_by, eb);
	if (!err && asked_by == c->job)
		c->absent--; /* this job counted it as absent on an earlier day */
	if (err)
		return err;
	if (c->states[i] == ITEM_ABSENT)
		return worker_store_absent(s, c, i, eb);
	if (c->states[i] == ITEM_FAILED)
		return worker_store_dead(s, c, i, eb);
	c->missing += c->states[i] == ITEM_MISSING;
	c->done += c->states[i] == ITEM_DONE;
	return staging_state_set(s, op, cid, c->states[i], NULL, eb);
}

/* Of a type that changes no states: its items are only counted. */
static void worker_count_item(struct chunk *c, int i)
{
	c->done += c->states[i] == ITEM_DONE;
	c->missing += c->states[i] == ITEM_MISSING;
	c->absent += c->states[i] == ITEM_ABSENT;
	c->failed += c->states[i] == ITEM_FAILED;
}

/* What other nodes must know, on its way with the rows. */
static enum err worker_store_mark(struct staging *s, const struct chunk *c, struct errbuf *eb)
{
	static const unsigned char outcomes[ITEM_STATE_COUNT] = {[ITEM_DONE] = CLUSTER_DONE,
	    [ITEM_ABSENT] = CLUSTER_ABSENT,
	    [ITEM_MISSING] = CLUSTER_MISSING,
	    [ITEM_FAILED] = CLUSTER_FAILED};
	struct staging_mark m = {.chunk = c->lease.chunk,
	    .epoch = c->lease.epoch,
	    .op = c->type->op,
	    .units = c->units + c->lease.untold,
	    .n = c->n};

	for (int i = 0; i < c->n; i++) {
		m.ids[i] = c->ids[i];
		m.at[2 * i] = (unsigned char)(c->lease.at[i] >> 8);
		m.at[2 * i + 1] = (unsigned char)(c->lease.at[i] & 0xff);
		m.outcome[i] = outcomes[c->states[i]];
		m.facts[i] = c->lease.facts[i];
	}
	return staging_mark_add(s, &m, eb);
}

enum err worker_store(struct staging *s, struct chunk *c, struct errbuf *eb)
{
	const int counted = c->n_numbers;
	struct chunk_number before[CHUNK_NUMBERS];
	struct job_count by;
	enum err err = ERR_OK;

	/* this may run again: what commit counts must not stay */
	memcpy(before, c->numbers, (size_t)counted * sizeof before[0]);
	c->done = c->missing = c->absent = c->failed = 0;
	for (int i = 0; i < c->n && !err; i++)
		if (c->type->op == OP_NONE)
			worker_count_item(c, i);
		else
			err = worker_store_item(s, c, i, eb);
	if (!err && (c->n_rows || c->type->keeps))
		err = c->type->commit(s, c, eb);
	for (int i = 0; i < c->n_numbers && !err; i++)
		err = staging_job_number_add(s, c->job, c->numbers[i].name, c->numbers[i].by, eb);
	if (!err && c->lease.chunk && c->lease.epoch && c->n)
		err = worker_store_mark(s, c, eb);
	c->n_numbers = counted;
	memcpy(c->numbers, before, (size_t)counted * sizeof before[0]);
	by = (struct job_count){c->done, c->missing, c->absent, c->failed, c->units, c->day};
	return err ? err : staging_job_count(s, c->job, &by, eb);
}

struct worker_stored {
	struct dispatcher *dispatcher;
	struct chunk *chunk;
};

static enum err worker_stored_apply(struct staging *s, void *arg, struct errbuf *eb)
{
	return worker_store(s, ((struct worker_stored *)arg)->chunk, eb);
}

static void worker_stored_after(void *arg, enum err err, const struct errbuf *eb)
{
	struct worker_stored *st = arg;

	dispatcher_done(st->dispatcher, st->chunk, err, eb);
	free(st);
}

void worker_deliver(struct worker *k, struct chunk *c)
{
	struct worker_stored *st = malloc(sizeof *st);
	struct write_op op = {
	    .apply = worker_stored_apply, .after = worker_stored_after, .arg = st};
	struct errbuf eb;
	enum err err = ERR_NOMEM;

	work_say(&k->work, "writing", 0, "store %d rows", c->n_rows);
	c->day = c->day ? c->day : day_number(clock_now());
	if (st) {
		*st = (struct worker_stored){k->dispatcher, c};
		err = writer_post(k->parts->writer, &op);
	}
	if (err) {
		free(st);
		err_set(&eb, err, "the result could not be handed to the writer");
		dispatcher_done(k->dispatcher, c, err, &eb);
	}
}

void worker_fail_all(struct worker *k, struct chunk *c, const struct fault_info *f)
{
	if (!c->arena)
		c->arena = arena_new(0);
	for (int i = 0; i < c->n; i++) {
		c->states[i] = ITEM_FAILED;
		c->reasons[i] = c->arena ? arena_dup(c->arena, f->reason, strlen(f->reason)) : NULL;
		c->messages[i] =
		    c->arena ? arena_dup(c->arena, f->message, strlen(f->message)) : NULL;
		if (!c->reasons[i])
			c->reasons[i] = "unknown";
	}
	c->n_rows = 0;
	worker_deliver(k, c);
}
