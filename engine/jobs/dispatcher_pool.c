/* The dispatcher's workers: starting, noticing those that hang, replacing, ending. */
#include "config.h"
#include "engine/jobs/dispatcher_parts.h"
#include "engine/base/clock.h"

#include <string.h>

enum { POOL_LOST_MS = 1000, POOL_KICK_MS = 5000 /* then a kick was in vain */ };

enum err dispatch_pool_start(struct dispatcher *d, int workers, struct errbuf *eb)
{
	for (int i = 0; i < workers; i++) {
		struct worker *k = worker_start(d->parts, d, i + 1, eb);
		if (!k)
			return ERR_NOMEM;
		pthread_mutex_lock(&d->lock);
		d->workers[d->n_workers++] = k;
		pthread_mutex_unlock(&d->lock);
	}
	return ERR_OK;
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
	d->taken--;
	pthread_cond_broadcast(&d->changed);
}

void dispatch_pool_watch_locked(struct dispatcher *d)
{
	int at = d->n_lost < DISPATCH_LOST ? pool_find_stuck_locked(d) : -1;
	struct errbuf eb = {0};
	struct worker *fresh;

	if (at < 0)
		return;
	pthread_mutex_unlock(&d->lock);
	fresh = worker_start(d->parts, d, worker_number(d->workers[at]), &eb);
	pthread_mutex_lock(&d->lock);
	/* it may have come back meanwhile; then there is one worker more for the last chunk of it */
	if (!fresh) {
		log_at(d->parts->log, LOG_ERROR, "dispatch", 0, "a worker hangs and %s",
		    err_text(&eb));
		return;
	}
	log_at(d->parts->log, LOG_ERROR, "dispatch", 0,
	    "worker %d made no progress for %lld s: replaced, its channels are tried again",
	    worker_number(fresh),
	    (long long)settings_number(d->parts->settings, SET_WORKER_STUCK, 0));
	if (*worker_inside(d->workers[at]))
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
