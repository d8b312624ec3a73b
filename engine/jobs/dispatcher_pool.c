/* The dispatcher's workers: starting, noticing those that hang, replacing, ending. */
#include "config.h"
#include "engine/jobs/dispatcher_parts.h"
#include "engine/base/clock.h"

#include <string.h>

enum { POOL_LOST_MS = 1000, POOL_KICK_MS = 5000 /* then a kick was in vain */ };

enum err dispatch_pool_start(struct dispatcher *d, int workers, struct errbuf *eb)
{
	enum err err = ERR_OK;

	pthread_mutex_lock(&d->lock);
	d->n_wanted = workers;
	while (d->n_workers < workers && !err) {
		struct worker *k = worker_start(d->parts, d, d->n_workers + 1, eb);
		if (k)
			d->workers[d->n_workers++] = k;
		else
			err = ERR_NOMEM;
	}
	pthread_mutex_unlock(&d->lock);
	return err;
}

/* ---- how many ---- */

void dispatcher_workers_set(struct dispatcher *d, int n)
{
	pthread_mutex_lock(&d->lock);
	d->n_wanted = n;
	pthread_cond_signal(&d->work);
	pthread_cond_broadcast(&d->chunk);
	pthread_mutex_unlock(&d->lock);
}

int dispatcher_workers_wanted(struct dispatcher *d)
{
	int n;

	pthread_mutex_lock(&d->lock);
	n = d->n_wanted;
	pthread_mutex_unlock(&d->lock);
	return n;
}

bool dispatch_pool_ends_locked(struct dispatcher *d, struct worker *k)
{
	bool *leaves = worker_leaves(k);

	for (int i = d->n_wanted; i < d->n_workers; i++)
		*leaves = *leaves || d->workers[i] == k;
	if (*leaves)
		pthread_cond_signal(&d->work); /* so that its place is seen to soon */
	return *leaves;
}

/* It was told to end and has: a join waits for nothing. */
static bool pool_has_ended(struct worker *k)
{
	struct worker_numbers n;

	worker_numbers(k, &n);
	return *worker_leaves(k) && strcmp(n.state, "stopped") == 0;
}

/* Worker i has number i + 1: the last go first, and one that is wanted again begins in its place. */
static void pool_resize_locked(struct dispatcher *d)
{
	struct errbuf eb = {0};

	while (d->n_workers > d->n_wanted && pool_has_ended(d->workers[d->n_workers - 1]))
		worker_join(d->workers[--d->n_workers]);
	for (int i = 0; i < d->n_wanted; i++) {
		struct worker *fresh = NULL;
		if (i == d->n_workers || pool_has_ended(d->workers[i]))
			fresh = worker_start(d->parts, d, i + 1, &eb);
		else
			continue;
		if (!fresh) {
			log_at(d->parts->log, LOG_ERROR, "dispatch", 0, "%s", err_text(&eb));
			d->n_wanted = i > 0 ? i : 1;
			return;
		}
		if (i < d->n_workers)
			worker_join(d->workers[i]);
		else
			d->n_workers++;
		d->workers[i] = fresh;
	}
}

/* ---- those that hang ---- */

void dispatcher_enter(struct dispatcher *d, struct worker *k, struct chunk *c)
{
	pthread_mutex_lock(&d->lock);
	*worker_inside(k) = c;
	worker_abort(k, d->abort_calls); /* a kick was for the chunk before */
	pthread_mutex_unlock(&d->lock);
}

bool dispatcher_leave(struct dispatcher *d, struct worker *k, struct chunk *c)
{
	bool lost;

	pthread_mutex_lock(&d->lock);
	*worker_inside(k) = NULL;
	lost = c->is_lost;
	if (lost)
		dispatch_chunk_free(c);
	pthread_mutex_unlock(&d->lock);
	return lost;
}

bool dispatcher_is_replaced(struct dispatcher *d, const struct worker *k)
{
	bool replaced = false;

	pthread_mutex_lock(&d->lock);
	for (int i = 0; i < d->n_lost; i++)
		replaced = replaced || d->lost[i] == k;
	pthread_mutex_unlock(&d->lock);
	return replaced;
}

bool dispatcher_forsaken(struct dispatcher *d)
{
	bool forsaken, last;

	pthread_mutex_lock(&d->lock);
	forsaken = d->orphan;
	d->n_lost -= forsaken;
	last = forsaken && !d->n_lost;
	pthread_mutex_unlock(&d->lock);
	if (last)
		dispatch_free_last(d);
	return forsaken;
}

bool dispatch_pool_orphan(struct dispatcher *d)
{
	bool hang;

	pthread_mutex_lock(&d->lock);
	hang = d->n_lost > 0;
	d->orphan = hang;
	for (int i = 0; i < d->n_lost; i++)
		worker_detach(d->lost[i]);
	if (hang)
		log_at(d->parts->log, LOG_ERROR, "dispatch", 0, "%d workers still hang", d->n_lost);
	pthread_mutex_unlock(&d->lock);
	return hang;
}

/* The place of a worker that has shown no progress for too long; -1: there is none. */
static int pool_find_stuck_locked(struct dispatcher *d)
{
	int64_t most = settings_number(d->parts->settings, SET_WORKER_STUCK, 0) * 1000;
	int64_t now = clock_mono_ms();

	for (int i = 0; i < d->n_workers; i++) {
		struct worker *k = d->workers[i];
		int64_t since = worker_since(k), kicked = worker_kicked(k);
		if (*worker_inside(k) && (now - since > most || (kicked && since <= kicked &&
		                                                    now - kicked > POOL_KICK_MS)))
			return i;
	}
	return -1;
}

void dispatch_abort_calls_locked(struct dispatcher *d)
{
	if (d->abort_calls)
		return;
	d->abort_calls = true;
	for (int i = 0; i < d->n_workers; i++)
		worker_abort(d->workers[i], true);
	for (int i = 0; i < d->n_lost; i++)
		worker_abort(d->lost[i], true);
}

enum err dispatcher_kick(struct dispatcher *d, int64_t worker, struct errbuf *eb)
{
	struct worker_numbers n;
	struct worker *k = NULL;
	enum err err = ERR_OK;

	pthread_mutex_lock(&d->lock);
	for (int i = 0; i < d->n_workers; i++)
		if (worker_number(d->workers[i]) == worker)
			k = d->workers[i];
	if (k)
		worker_numbers(k, &n);
	if (!k)
		err = err_set(eb, ERR_NOTFOUND, "there is no worker %lld", (long long)worker);
	else if (!*worker_inside(k) || strcmp(n.state, "slot wait") == 0)
		err = err_set(eb, ERR_DENIED, "worker %lld is %s: there is nothing to interrupt",
		    (long long)worker, *worker_inside(k) ? "waiting for its turn" : n.state);
	else
		worker_kick(k);
	pthread_mutex_unlock(&d->lock);
	return err;
}

/* Its channels stay pending in staging and are found by another walk. */
static void pool_give_up_locked(struct dispatcher *d, struct chunk *c)
{
	struct job *j = dispatch_job_find_locked(d, c->job);

	c->is_lost = true;
	if (j) {
		j->out -= c->n;
		j->chunks--;
	}
	dispatch_settled_locked(d, c, false);
	dispatch_given_back_locked(d);
	pthread_cond_broadcast(&d->changed);
}

void dispatch_pool_watch_locked(struct dispatcher *d)
{
	struct errbuf eb = {0};
	struct worker *fresh;
	int at;

	if (d->stopping)
		return;
	pool_resize_locked(d);
	at = d->n_lost < DISPATCH_LOST ? pool_find_stuck_locked(d) : -1;
	if (at < 0)
		return;
	fresh = worker_start(d->parts, d, worker_number(d->workers[at]), &eb);
	if (!fresh) {
		log_at(d->parts->log, LOG_ERROR, "dispatch", 0, "a worker hangs and %s",
		    err_text(&eb));
		return;
	}
	log_at(d->parts->log, LOG_ERROR, "dispatch", 0,
	    "worker %d made no progress for %lld s: replaced, its channels are tried again",
	    worker_number(fresh),
	    (long long)settings_number(d->parts->settings, SET_WORKER_STUCK, 0));
	pool_give_up_locked(d, *worker_inside(d->workers[at]));
	d->lost[d->n_lost++] = d->workers[at];
	d->workers[at] = fresh;
	d->replaced++;
}

/* ---- the end ---- */

void dispatch_pool_join(struct dispatcher *d, int n)
{
	int hang = 0;

	for (int i = 0; i < n; i++)
		worker_join(d->workers[i]);
	for (int i = 0; i < d->n_lost; i++)
		if (!worker_join_within(d->lost[i], POOL_LOST_MS))
			d->lost[hang++] = d->lost[i];
	d->n_lost = hang;
}
