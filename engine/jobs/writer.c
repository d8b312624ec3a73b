#include "config.h"
#include "engine/jobs/writer.h"
#include "engine/base/clock.h"
#include "engine/base/process.h"
#include "engine/base/queue.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	/* short: who is ahead of the writer waits, and leaves it processor and memory */
	WRITER_QUEUE = 16,
	WRITER_GROUP =
	    8, /* in one transaction: fewer write pages more often, more keep workers waiting */
	WRITER_CHECKPOINT_PAGES =
	    16000, /* 64 MiB of WAL: a page that is written often goes to the file once */
	WRITER_WAIT_MS = 1000,
	WRITER_GIVE_UP_MS = 10000 /* when stopping: staging keeps what was committed */
};

struct writer {
	struct staging *staging; /* the thread's alone */
	struct log *log;
	struct queue *queue; /* of struct write_op, owned by the queue's holder */
	pthread_t thread;
	_Atomic int64_t give_up_at; /* clock_mono_ms; 0: never */

	pthread_mutex_t lock; /* guards numbers and posting; rank: writer */
	struct writer_numbers numbers;
	struct meter *meter;
};

/* Errors that a person or time can mend: the whole group waits instead of being lost. */
static bool writer_should_wait(enum err err)
{
	return err == ERR_IO || err == ERR_BUSY;
}

static void writer_set_trouble(struct writer *w, const struct errbuf *eb)
{
	bool news;

	pthread_mutex_lock(&w->lock);
	news = eb && !w->numbers.stalled;
	w->numbers.stalled = eb != NULL;
	snprintf(w->numbers.trouble, sizeof w->numbers.trouble, "%.150s", eb ? eb->text : "");
	pthread_mutex_unlock(&w->lock);
	if (news)
		log_at(w->log, LOG_ERROR, "writer", 0, "staging cannot be written, trying on: %s",
		    err_text(eb));
}

/* Runs one function inside the open transaction. in_part: its failure undoes only itself. */
static enum err writer_apply(struct writer *w, struct write_op *op, bool in_part, struct errbuf *eb)
{
	struct errbuf end;
	enum err err;

	if (!in_part)
		return op->apply(w->staging, op->arg, eb);
	err = staging_part_begin(w->staging, eb);
	if (err)
		return err;
	err = op->apply(w->staging, op->arg, eb);
	if (staging_part_end(w->staging, !err, &end) && !err) {
		*eb = end;
		err = end.code;
	}
	return err;
}

struct writer_outcome {
	enum err err;
	struct errbuf eb;
};

/*
 * One try at the whole group. An error that writer_should_wait takes everything back. *failed: so
 * does another one where functions are not parts.
 */
static enum err writer_try(struct writer *w, struct write_op **group, size_t n, bool in_parts,
    struct writer_outcome *outcomes, bool *failed, struct errbuf *eb)
{
	enum err err = staging_begin(w->staging, eb);

	*failed = false;
	memset(outcomes, 0, n * sizeof *outcomes);
	for (size_t i = 0; i < n && !err; i++) {
		struct writer_outcome *o = &outcomes[i];
		o->err = writer_apply(w, group[i], in_parts, &o->eb);
		if (writer_should_wait(o->err)) {
			err = o->err;
			*eb = o->eb;
		} else if (o->err && !in_parts) {
			*failed = true;
			staging_rollback(w->staging);
			return ERR_OK;
		}
	}
	if (err) {
		staging_rollback(w->staging);
		return err;
	}
	return staging_commit(w->staging, eb);
}

/* Functions seldom fail: the group is cut into parts, which cost time, once one of it did. */
static enum err writer_transaction(struct writer *w, struct write_op **group, size_t n,
    struct writer_outcome *outcomes, struct errbuf *eb)
{
	bool failed;
	enum err err = writer_try(w, group, n, false, outcomes, &failed, eb);

	/* of a single one the outcome tells its own failure */
	if (!err && failed && n > 1)
		err = writer_try(w, group, n, true, outcomes, &failed, eb);
	return err;
}

static void writer_checkpoint(struct writer *w, bool truncate)
{
	struct errbuf eb = {0};

	if (staging_checkpoint(w->staging, truncate, &eb))
		log_at(w->log, LOG_WARNING, "writer", 0, "%s", err_text(&eb));
}

static void writer_count(struct writer *w, size_t n, int64_t us, bool failed)
{
	pthread_mutex_lock(&w->lock);
	meter_note(w->meter, clock_mono_ms(), us, failed);
	w->numbers.ops += n;
	w->numbers.commits++;
	w->numbers.commit_us = us;
	w->numbers.wal_pages = staging_wal_pages(w->staging);
	pthread_mutex_unlock(&w->lock);
}

/* Has the time for a disk that refuses run out? */
static bool writer_has_given_up(struct writer *w)
{
	int64_t at = atomic_load(&w->give_up_at);

	return at && clock_mono_ms() >= at;
}

static void writer_group(struct writer *w, struct write_op **group, size_t n)
{
	struct writer_outcome outcomes[WRITER_GROUP];
	struct errbuf eb = {0};
	int64_t wait_ms = 100, began = clock_mono_us();
	enum err err;

	while (writer_should_wait(err = writer_transaction(w, group, n, outcomes, &eb))) {
		if (group[0]->once)
			break;
		writer_set_trouble(w, &eb);
		if (writer_has_given_up(w))
			break;
		clock_sleep_ms(wait_ms);
		wait_ms = wait_ms * 2 > 5000 ? 5000 : wait_ms * 2;
	}
	if (!err)
		writer_set_trouble(w, NULL);
	writer_count(w, n, clock_mono_us() - began, err != ERR_OK);
	for (size_t i = 0; i < n; i++) {
		struct writer_outcome *o = &outcomes[i];
		if (err && !o->err) {
			o->err = err;
			o->eb = eb;
		}
		if (o->err)
			log_at(w->log, LOG_DEBUG, "writer", 0, "refused: %s", err_text(&o->eb));
		if (group[i]->after)
			group[i]->after(group[i]->arg, o->err, &o->eb);
		free(group[i]);
	}
	if (staging_wal_pages(w->staging) >= WRITER_CHECKPOINT_PAGES)
		writer_checkpoint(w, false);
}

static bool writer_is_alone(const struct write_op *op)
{
	return op->alone || op->once;
}

static void *writer_main(void *arg)
{
	struct writer *w = arg;
	struct write_op *group[WRITER_GROUP];
	void *next = NULL;

	process_thread("writer", 0);
	for (;;) {
		size_t n = 0;
		enum err err = next ? ERR_OK : queue_pop(w->queue, WRITER_WAIT_MS, &next);
		if (err == ERR_CANCELLED)
			break;
		if (err)
			continue;
		group[n++] = next;
		next = NULL;
		while (n < WRITER_GROUP && !writer_is_alone(group[0]) &&
		       queue_pop(w->queue, 0, &next) == ERR_OK) {
			if (writer_is_alone(next))
				break;
			group[n++] = next;
			next = NULL;
		}
		writer_group(w, group, n);
	}
	return NULL;
}

enum err writer_start(struct writer **out, const char *path, struct log *log, struct errbuf *eb)
{
	struct writer *w = calloc(1, sizeof *w);
	enum err err;

	*out = NULL;
	if (!w)
		return err_set(eb, ERR_NOMEM, "out of memory");
	w->log = log;
	pthread_mutex_init(&w->lock, NULL);
	w->queue = queue_new(WRITER_QUEUE);
	err = w->queue ? staging_open(&w->staging, path, DB_WRITE, eb)
	               : err_set(eb, ERR_NOMEM, "out of memory");
	/* what a crash left in the WAL goes into the file before anybody reads */
	if (!err)
		err = staging_checkpoint(w->staging, false, eb);
	if (!err && pthread_create(&w->thread, NULL, writer_main, w) != 0)
		err = err_set(eb, ERR_NOMEM, "cannot start the writer thread");
	if (err) {
		staging_close(w->staging);
		queue_free(w->queue);
		free(w);
		return err;
	}
	*out = w;
	return ERR_OK;
}

void writer_give_up(struct writer *w)
{
	pthread_mutex_lock(&w->lock);
	if (w->numbers.stalled) {
		atomic_store(&w->give_up_at, clock_mono_ms());
		queue_close(w->queue);
	}
	pthread_mutex_unlock(&w->lock);
}

void writer_stop(struct writer *w)
{
	if (!w)
		return;
	if (!atomic_load(&w->give_up_at))
		atomic_store(&w->give_up_at, clock_mono_ms() + WRITER_GIVE_UP_MS);
	queue_close(w->queue);
	pthread_join(w->thread, NULL);
	writer_checkpoint(w, true);
	staging_close(w->staging);
	queue_free(w->queue);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

enum err writer_post(struct writer *w, const struct write_op *op)
{
	struct write_op *copy = malloc(sizeof *copy);
	enum err err;

	if (!copy)
		return ERR_NOMEM;
	*copy = *op;
	err = queue_push(w->queue, copy);
	if (err)
		free(copy);
	return err;
}

/* ---- waiting for one ---- */

struct writer_promise {
	write_fn *fn;
	void *arg;
	pthread_mutex_t lock; /* guards what follows; rank: leaf */
	pthread_cond_t ended;
	bool is_done;
	enum err err;
	struct errbuf eb;
};

static enum err promise_apply(struct staging *s, void *arg, struct errbuf *eb)
{
	struct writer_promise *p = arg;

	return p->fn(s, p->arg, eb);
}

static void promise_after(void *arg, enum err err, const struct errbuf *eb)
{
	struct writer_promise *p = arg;

	pthread_mutex_lock(&p->lock);
	p->is_done = true;
	p->err = err;
	p->eb = *eb;
	pthread_cond_signal(&p->ended);
	pthread_mutex_unlock(&p->lock);
}

static void promise_free(struct writer_promise *p)
{
	pthread_cond_destroy(&p->ended);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

/* op: how it is to be run. */
static enum err promise_post(struct writer *w, write_fn *fn, void *arg, struct write_op op,
    struct writer_promise **out, struct errbuf *eb)
{
	struct writer_promise *p = calloc(1, sizeof *p);
	enum err err;

	*out = p;
	if (!p)
		return err_set(eb, ERR_NOMEM, "out of memory");
	p->fn = fn;
	p->arg = arg;
	op.apply = promise_apply;
	op.after = promise_after;
	op.arg = p;
	pthread_mutex_init(&p->lock, NULL);
	clock_cond_init(&p->ended);
	err = writer_post(w, &op);
	if (err) {
		promise_free(p);
		*out = NULL;
		err_set(eb, err, "staging is being closed");
	}
	return err;
}

enum err writer_promise(
    struct writer *w, write_fn *fn, void *arg, struct writer_promise **out, struct errbuf *eb)
{
	return promise_post(w, fn, arg, (struct write_op){0}, out, eb);
}

enum err writer_await(struct writer_promise *p, struct errbuf *eb)
{
	enum err err;

	pthread_mutex_lock(&p->lock);
	while (!p->is_done)
		pthread_cond_wait(&p->ended, &p->lock);
	pthread_mutex_unlock(&p->lock);
	err = p->err;
	if (err && eb)
		*eb = p->eb;
	promise_free(p);
	return err;
}

static enum err writer_wait_for(
    struct writer *w, write_fn *fn, void *arg, struct write_op op, struct errbuf *eb)
{
	struct writer_promise *p;
	enum err err = promise_post(w, fn, arg, op, &p, eb);

	return err ? err : writer_await(p, eb);
}

enum err writer_run(struct writer *w, write_fn *fn, void *arg, bool alone, struct errbuf *eb)
{
	return writer_wait_for(w, fn, arg, (struct write_op){.alone = alone}, eb);
}

enum err writer_run_once(struct writer *w, write_fn *fn, void *arg, struct errbuf *eb)
{
	return writer_wait_for(w, fn, arg, (struct write_op){.once = true}, eb);
}

void writer_meter(struct writer *w, struct meter *m)
{
	pthread_mutex_lock(&w->lock);
	w->meter = m;
	pthread_mutex_unlock(&w->lock);
}

void writer_numbers(struct writer *w, struct writer_numbers *out)
{
	pthread_mutex_lock(&w->lock);
	*out = w->numbers;
	pthread_mutex_unlock(&w->lock);
	out->queued = (int64_t)queue_count(w->queue);
	out->room = WRITER_QUEUE;
}
