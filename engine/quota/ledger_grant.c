#include "config.h"
#include "engine/quota/ledger_grant.h"
#include "engine/quota/day.h"
#include "engine/quota/ledger_parts.h"

#include <stdio.h>
#include <string.h>

enum {
	GRANT_LEAST = 100,     /* units that are asked for at least */
	GRANT_SHARE = 200,     /* of a day's units in one grant: what a lost node may hold back */
	GRANT_AGAIN_MS = 15000 /* a pool that had nothing is asked again */
};

static int64_t grant_size(const struct ledger_project *p, enum bucket b)
{
	int64_t share = p->limit[b] / GRANT_SHARE;

	return share > GRANT_LEAST ? share : GRANT_LEAST;
}

static int64_t grant_left(const struct ledger_book *book)
{
	return book->granted - book->used + book->unspent;
}

/* Could the cluster give more for this book? */
static bool grant_is_possible(
    const struct ledger *l, const struct ledger_project *p, const struct ledger_book *book)
{
	return l->granted && !book->spent_at && book->granted < p->limit[book->bucket] &&
	       l->mono_ms() >= book->dry_ms;
}

bool ledger_grant_ask_locked(struct ledger *l, struct ledger_project *p, enum bucket b,
    int64_t cost, const struct ledger_moment *m)
{
	bool any = false;

	for (int i = 0; i < m->n_days && l->granted; i++) {
		struct ledger_book *book = ledger_book_locked(l, p, b, m->days[i], NULL);

		if (!book)
			return false;
		if (grant_left(book) >= cost)
			continue;
		if (!grant_is_possible(l, p, book))
			return false;
		any = book->wants = true;
	}
	if (any && l->grant_wanted)
		l->grant_wanted(l->grant_arg);
	return any;
}

void ledger_grant_look_locked(struct ledger *l, struct ledger_project *p, struct ledger_book *book)
{
	if (!l->granted || book->wants || grant_left(book) * 2 > grant_size(p, book->bucket) ||
	    !grant_is_possible(l, p, book))
		return;
	book->wants = true;
	if (l->grant_wanted)
		l->grant_wanted(l->grant_arg);
}

/* Keys without a project are pools of their own, however they are numbered on each node. */
static void grant_pool(
    const struct ledger *l, const struct ledger_project *p, char *out, size_t size)
{
	for (const struct ledger_slot *s = l->keys; s; s = s->next)
		if (s->project == p && strcmp(s->name, p->name) == 0) {
			snprintf(out, size, "key:%s", s->print);
			return;
		}
	snprintf(out, size, "project:%s", p->name);
}

static struct ledger_grant grant_of(
    const struct ledger *l, const struct ledger_project *p, const struct ledger_book *book)
{
	struct ledger_grant g = {.bucket = book->bucket,
	    .day = book->day,
	    .limit = p->limit[book->bucket],
	    .want = grant_size(p, book->bucket),
	    .is_spent = book->tell_spent};

	snprintf(g.project, sizeof g.project, "%s", p->name);
	grant_pool(l, p, g.pool, sizeof g.pool);
	if (book->used > book->granted)
		g.used = book->used - book->granted;
	return g;
}

/* A pool that had nothing may have something again: another node gave units back. */
static bool grant_is_due(const struct ledger *l, const struct ledger_project *p,
    const struct ledger_book *book, int64_t today)
{
	return book->wants || book->tell_spent ||
	       (book->dry_ms && book->day >= today && grant_is_possible(l, p, book));
}

size_t ledger_grant_wants(struct ledger *l, struct ledger_grant *out, size_t max)
{
	int64_t today = day_number(l->now());
	size_t n = 0;

	pthread_mutex_lock(&l->lock);
	for (struct ledger_project *p = l->projects; p; p = p->next)
		for (struct ledger_book *book = p->books; book && n < max; book = book->next)
			if (grant_is_due(l, p, book, today)) {
				out[n++] = grant_of(l, p, book);
				book->tell_spent = false;
			}
	pthread_mutex_unlock(&l->lock);
	return n;
}

static enum err grant_store(
    struct ledger *l, const struct ledger_grant *g, int64_t granted, struct errbuf *eb)
{
	const struct quota_book_row row = {
	    .project = g->project, .bucket = bucket_word(g->bucket), .day = g->day};
	enum err err = quota_store_begin(l->store, eb);

	if (!err)
		err = quota_store_grant_put(l->store, &row, granted, eb);
	if (!err)
		return quota_store_commit(l->store, eb);
	quota_store_rollback(l->store);
	return err;
}

static enum err grant_add_locked(
    struct ledger *l, const struct ledger_grant *g, int64_t got, struct errbuf *eb)
{
	struct ledger_project *p = ledger_project_get(l, g->project);
	struct ledger_book *book = p ? ledger_book_locked(l, p, g->bucket, g->day, eb) : NULL;
	enum err err;

	if (!book)
		return err_set(eb, ERR_NOMEM, "a grant of units has no book");
	book->wants = false;
	if (got <= g->used)
		book->dry_ms = l->mono_ms() + GRANT_AGAIN_MS;
	if (!got)
		return ERR_OK;
	err = grant_store(l, g, book->granted + got, eb);
	if (err)
		return err;
	book->granted += got;
	if (book->dry_ms && got > g->used) {
		book->dry_ms = 0;
		l->generation++; /* a job that waits for units may go on */
	}
	return ERR_OK;
}

enum err ledger_grant_add(
    struct ledger *l, const struct ledger_grant *g, int64_t got, struct errbuf *eb)
{
	enum err err;

	pthread_mutex_lock(&l->lock);
	err = grant_add_locked(l, g, got, eb);
	pthread_mutex_unlock(&l->lock);
	return err;
}

static size_t grant_rest_locked(struct ledger *l, struct ledger_grant *out, size_t max)
{
	int64_t today = day_number(l->now());
	size_t n = 0;

	for (struct ledger_project *p = l->projects; p; p = p->next)
		for (struct ledger_book *book = p->books; book && n < max; book = book->next) {
			/* leases are still on the book: what is unspent of them is free as well */
			int64_t used = book->used - book->unspent, rest = book->granted - used;
			struct ledger_grant g = grant_of(l, p, book);

			if (book->day < today || rest <= 0 || grant_store(l, &g, used, NULL))
				continue;
			book->granted = used;
			g.want = rest;
			out[n++] = g;
		}
	return n;
}

size_t ledger_grant_rest(struct ledger *l, struct ledger_grant *out, size_t max)
{
	size_t n = 0;

	pthread_mutex_lock(&l->lock);
	if (l->granted && !l->read_only)
		n = grant_rest_locked(l, out, max);
	pthread_mutex_unlock(&l->lock);
	return n;
}

size_t ledger_pools(struct ledger *l, struct ledger_pool *out, size_t max)
{
	size_t n = 0;

	pthread_mutex_lock(&l->lock);
	for (const struct ledger_slot *s = l->keys; s && n < max; s = s->next, n++) {
		struct ledger_pool *p = &out[n];

		snprintf(p->key, sizeof p->key, "%s", s->name);
		snprintf(p->print, sizeof p->print, "%s", s->print);
		snprintf(p->project, sizeof p->project, "%s", s->project->name);
		grant_pool(l, s->project, p->pool, sizeof p->pool);
	}
	pthread_mutex_unlock(&l->lock);
	return n;
}
