#include "config.h"
#include "engine/jobs/shared.h"
#include "engine/base/clock.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { SHARED_ASKED_MS = 3000 };

enum { ID_DONE, ID_FREE, ID_OUT };

struct lease {
	struct lease *next;
	struct shared_lease of;
	int n, n_free, n_out;
	int at; /* no free one before it */
	struct cid *ids;
	unsigned char *states;
};

struct known {
	struct known *next;
	struct shared_job of;
	int64_t asked_ms; /* clock_mono_ms when the dispatcher asked; 0: never */
	bool in_vain;     /* and got nothing: it will not ask again by itself */
	int64_t vain_ms;  /* clock_mono_ms since when */
};

struct shared {
	pthread_mutex_t lock; /* guards all below; rank: leaf */
	pthread_cond_t wake;
	bool poked;
	struct lease *leases; /* oldest first */
	struct known *jobs;
	struct shared_numbers numbers;
};

struct shared *shared_new(void)
{
	struct shared *s = calloc(1, sizeof *s);

	if (!s)
		return NULL;
	pthread_mutex_init(&s->lock, NULL);
	clock_cond_init(&s->wake);
	return s;
}

static void lease_free(struct lease *l)
{
	free(l->ids);
	free(l->states);
	free(l);
}

void shared_free(struct shared *s)
{
	if (!s)
		return;
	while (s->leases) {
		struct lease *next = s->leases->next;
		lease_free(s->leases);
		s->leases = next;
	}
	while (s->jobs) {
		struct known *next = s->jobs->next;
		free(s->jobs);
		s->jobs = next;
	}
	pthread_cond_destroy(&s->wake);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

static struct known *find_job(struct shared *s, const struct uuid *job)
{
	struct known *k = s->jobs;

	while (k && memcmp(&k->of.uuid, job, sizeof *job) != 0)
		k = k->next;
	return k;
}

static struct lease *find_lease(struct shared *s, int64_t chunk)
{
	struct lease *l = s->leases;

	while (l && l->of.chunk != chunk)
		l = l->next;
	return l;
}

static bool is_of(const struct lease *l, const struct uuid *job)
{
	return memcmp(&l->of.job, job, sizeof *job) == 0;
}

/* ---- for the dispatcher ---- */

static void take_ids(struct lease *l, struct chunk *c)
{
	c->lease.chunk = l->of.chunk;
	c->lease.epoch = l->of.epoch;
	for (; l->at < l->n && c->n < CHUNK_IDS; l->at++) {
		if (l->states[l->at] != ID_FREE)
			continue;
		l->states[l->at] = ID_OUT;
		l->n_free--;
		l->n_out++;
		c->lease.at[c->n] = (uint16_t)l->at;
		c->ids[c->n++] = l->ids[l->at];
	}
}

static void note_answer(struct shared *s, struct known *k, bool in_vain)
{
	int64_t now = clock_mono_ms();

	if (in_vain && !k->in_vain) {
		k->vain_ms = now;
		s->numbers.waits++;
	} else if (!in_vain && k->in_vain) {
		s->numbers.ms += now - k->vain_ms;
	}
	k->in_vain = in_vain;
}

enum feed_answer shared_take(struct shared *s, const struct uuid *job, struct chunk *c)
{
	int64_t now = clock_boot_ms();
	enum feed_answer answer = FEED_LATER;
	struct known *k;

	pthread_mutex_lock(&s->lock);
	k = find_job(s, job);
	if (k) {
		k->asked_ms = clock_mono_ms();
		pthread_cond_signal(&s->wake);
	}
	for (struct lease *l = s->leases; l && !c->n; l = l->next)
		if (l->n_free && l->of.until_ms > now && is_of(l, job))
			take_ids(l, c);
	if (c->n)
		answer = FEED_GIVEN;
	else if (k && k->of.is_over)
		answer = FEED_EMPTY;
	if (k)
		note_answer(s, k, answer == FEED_LATER);
	pthread_mutex_unlock(&s->lock);
	return answer;
}

bool shared_holds(struct shared *s, const struct chunk *c)
{
	const struct lease *l;
	bool holds;

	pthread_mutex_lock(&s->lock);
	l = find_lease(s, c->lease.chunk);
	holds = l && l->of.epoch == c->lease.epoch && l->of.until_ms > clock_boot_ms();
	pthread_mutex_unlock(&s->lock);
	return holds;
}

void shared_settle(struct shared *s, const struct chunk *c, bool stored)
{
	struct lease *l;

	pthread_mutex_lock(&s->lock);
	l = find_lease(s, c->lease.chunk);
	for (int i = 0; l && l->of.epoch == c->lease.epoch && i < c->n; i++) {
		int at = c->lease.at[i];

		if (l->states[at] != ID_OUT)
			continue;
		l->states[at] = stored ? ID_DONE : ID_FREE;
		l->n_out--;
		l->n_free += !stored;
		l->at = !stored && at < l->at ? at : l->at;
	}
	pthread_cond_signal(&s->wake);
	pthread_mutex_unlock(&s->lock);
}

bool shared_job_get(struct shared *s, const struct uuid *job, struct shared_job *out)
{
	const struct known *k;

	pthread_mutex_lock(&s->lock);
	k = find_job(s, job);
	if (k)
		*out = k->of;
	pthread_mutex_unlock(&s->lock);
	return k != NULL;
}

/* ---- for the cluster's thread ---- */

enum err shared_job_put(struct shared *s, const struct shared_job *job, bool *is_changed)
{
	struct known *k;

	*is_changed = false;
	pthread_mutex_lock(&s->lock);
	k = find_job(s, &job->uuid);
	if (!k) {
		k = calloc(1, sizeof *k);
		if (k) {
			k->next = s->jobs;
			s->jobs = k;
			*is_changed = true;
		}
	}
	if (k) {
		*is_changed =
		    *is_changed || k->of.is_over != job->is_over || k->of.planned != job->planned;
		k->of = *job;
	}
	pthread_mutex_unlock(&s->lock);
	return k ? ERR_OK : ERR_NOMEM;
}

enum err shared_lease_add(struct shared *s, const struct shared_lease *lease, const struct cid *ids,
    const unsigned char *outcome, int n)
{
	struct lease *l = calloc(1, sizeof *l), **end;

	if (!l)
		return ERR_NOMEM;
	l->of = *lease;
	l->n = n;
	l->ids = malloc((size_t)n * sizeof *ids);
	l->states = malloc((size_t)n);
	if (!l->ids || !l->states) {
		lease_free(l);
		return ERR_NOMEM;
	}
	memcpy(l->ids, ids, (size_t)n * sizeof *ids);
	for (int i = 0; i < n; i++) {
		l->states[i] = outcome[i] ? ID_DONE : ID_FREE;
		l->n_free += !outcome[i];
	}
	shared_lease_drop(s, lease->chunk); /* an older one of the same chunk is lost */
	pthread_mutex_lock(&s->lock);
	for (end = &s->leases; *end; end = &(*end)->next)
		;
	*end = l;
	s->numbers.leases++;
	pthread_mutex_unlock(&s->lock);
	return ERR_OK;
}

bool shared_lease_renew(struct shared *s, int64_t chunk, bool held, int64_t until_ms)
{
	int64_t now = clock_boot_ms();
	bool lasts_again;
	struct lease *l;

	if (!held) {
		shared_lease_drop(s, chunk);
		return false;
	}
	pthread_mutex_lock(&s->lock);
	l = find_lease(s, chunk);
	lasts_again = l && l->of.until_ms <= now && until_ms > now;
	if (l)
		l->of.until_ms = until_ms;
	pthread_mutex_unlock(&s->lock);
	return lasts_again;
}

int shared_leases(struct shared *s, struct shared_hold *out, int max)
{
	int n = 0;

	pthread_mutex_lock(&s->lock);
	for (const struct lease *l = s->leases; l && n < max; l = l->next)
		out[n++] = (struct shared_hold){l->of, !l->n_free && !l->n_out};
	pthread_mutex_unlock(&s->lock);
	return n;
}

void shared_lease_drop(struct shared *s, int64_t chunk)
{
	struct lease **link, *l;

	pthread_mutex_lock(&s->lock);
	for (link = &s->leases; *link && (*link)->of.chunk != chunk; link = &(*link)->next)
		;
	l = *link;
	if (l)
		*link = l->next;
	pthread_mutex_unlock(&s->lock);
	if (l)
		lease_free(l);
}

static int64_t free_ids(const struct shared *s, const struct uuid *job)
{
	int64_t n = 0, now = clock_boot_ms();

	for (const struct lease *l = s->leases; l; l = l->next)
		if (is_of(l, job) && l->of.until_ms > now)
			n += l->n_free;
	return n;
}

static const struct known *find_wanting(const struct shared *s, int64_t least)
{
	int64_t now = clock_mono_ms();

	for (const struct known *k = s->jobs; k; k = k->next)
		if (k->asked_ms && (k->in_vain || now - k->asked_ms < SHARED_ASKED_MS) &&
		    !k->of.is_over && free_ids(s, &k->of.uuid) < least)
			return k;
	return NULL;
}

bool shared_wants(struct shared *s, int64_t least, struct uuid *job)
{
	const struct known *k;

	pthread_mutex_lock(&s->lock);
	k = find_wanting(s, least);
	if (k)
		*job = k->of.uuid;
	pthread_mutex_unlock(&s->lock);
	return k != NULL;
}

void shared_numbers(struct shared *s, struct shared_numbers *out)
{
	pthread_mutex_lock(&s->lock);
	*out = s->numbers;
	pthread_mutex_unlock(&s->lock);
}

void shared_wait(struct shared *s, int64_t until_ms)
{
	pthread_mutex_lock(&s->lock);
	if (!s->poked)
		clock_cond_wait_until(&s->wake, &s->lock, until_ms);
	s->poked = false;
	pthread_mutex_unlock(&s->lock);
}

void shared_poke(struct shared *s)
{
	pthread_mutex_lock(&s->lock);
	s->poked = true;
	pthread_cond_signal(&s->wake);
	pthread_mutex_unlock(&s->lock);
}
