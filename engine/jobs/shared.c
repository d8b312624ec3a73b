#include "config.h"
#include "engine/jobs/shared.h"
#include "engine/base/clock.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum {
	SHARED_ASKED_MS = 3000,
	SHARED_AHEAD =
	    16 /* units of a budget that are got before they are needed, if there are plenty */
};

enum { ID_DONE, ID_FREE, ID_OUT };

struct lease {
	struct lease *next;
	struct shared_lease of;
	int n, n_free, n_out;
	int at; /* no free one before it */
	struct cid *ids;
	unsigned char *states;
};

/* Units in hand of a job's budget. */
struct budget {
	int64_t day, units;          /* for calls on this Pacific day */
	int64_t old_day, old_units;  /* left over from an earlier one */
	int64_t least, want;         /* to be asked for */
	bool day_is_spent, is_spent; /* as the last answer has it */
};

struct known {
	struct known *next;
	struct shared_job of;
	int64_t asked_ms; /* clock_mono_ms when the dispatcher asked; 0: never */
	int most;         /* ids that it takes at once */
	bool in_vain;     /* and got nothing: it will not ask again by itself */
	int64_t vain_ms;  /* clock_mono_ms since when */
	struct budget budget;
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

static void take_ids(struct lease *l, int most, struct chunk *c)
{
	c->lease.chunk = l->of.chunk;
	c->lease.epoch = l->of.epoch;
	for (; l->at < l->n && c->n < most; l->at++) {
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

enum feed_answer shared_take(struct shared *s, const struct uuid *job, int most, struct chunk *c)
{
	int64_t now = clock_boot_ms();
	enum feed_answer answer = FEED_LATER;
	struct known *k;

	pthread_mutex_lock(&s->lock);
	k = find_job(s, job);
	if (k) {
		k->asked_ms = clock_mono_ms();
		k->most = most;
		pthread_cond_signal(&s->wake);
	}
	for (struct lease *l = s->leases; l && !c->n && !(k && k->budget.is_spent); l = l->next)
		if (l->n_free && l->of.until_ms > now && is_of(l, job))
			take_ids(l, most, c);
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
		/* somebody has given back */
		if (k->budget.is_spent && job->units_left) {
			k->budget.is_spent = k->budget.day_is_spent = false;
			*is_changed = true;
		}
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
		out[n++] = (struct shared_hold){l->of, !l->n_free && !l->n_out, l->n_out > 0};
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

static const struct known *find_wanting(const struct shared *s, int64_t workers)
{
	int64_t now = clock_mono_ms();

	for (const struct known *k = s->jobs; k; k = k->next)
		if (k->asked_ms && (k->in_vain || now - k->asked_ms < SHARED_ASKED_MS) &&
		    !k->of.is_over && !k->budget.is_spent &&
		    free_ids(s, &k->of.uuid) < workers * k->of.ahead * k->most)
			return k;
	return NULL;
}

bool shared_wants(struct shared *s, int64_t workers, struct uuid *job)
{
	const struct known *k;

	pthread_mutex_lock(&s->lock);
	k = find_wanting(s, workers);
	if (k)
		*job = k->of.uuid;
	pthread_mutex_unlock(&s->lock);
	return k != NULL;
}

/* ---- budgets ---- */

enum err shared_spend(struct shared *s, const struct uuid *job, int64_t day, int64_t cost)
{
	struct known *k;
	struct budget *b;
	enum err err = ERR_OK;

	pthread_mutex_lock(&s->lock);
	k = find_job(s, job);
	b = k && k->of.has_budget ? &k->budget : NULL;
	if (b && b->day != day)
		*b = (struct budget){
		    .day = day, .old_day = b->day, .old_units = b->units, .is_spent = b->is_spent};
	if (b && b->units < cost)
		err = b->is_spent ? ERR_LIMIT : b->day_is_spent ? ERR_QUOTA : ERR_BUSY;
	else if (b)
		b->units -= cost;
	if (b && !b->is_spent && !b->day_is_spent && b->units < SHARED_AHEAD / 2) {
		int64_t least = err ? cost - b->units : 0;

		b->least = least > b->least ? least : b->least;
		b->want = b->least + SHARED_AHEAD;
		s->poked = true;
		pthread_cond_signal(&s->wake);
	}
	pthread_mutex_unlock(&s->lock);
	return err;
}

void shared_unspend(struct shared *s, const struct uuid *job, int64_t day, int64_t cost)
{
	struct known *k;

	pthread_mutex_lock(&s->lock);
	k = find_job(s, job);
	if (k && k->of.has_budget && k->budget.day == day)
		k->budget.units += cost;
	else if (k && k->of.has_budget && k->budget.old_day == day)
		k->budget.old_units += cost;
	pthread_mutex_unlock(&s->lock);
}

bool shared_budget_wants(struct shared *s, struct shared_want *out)
{
	const struct known *k;

	pthread_mutex_lock(&s->lock);
	for (k = s->jobs; k && !k->budget.want;)
		k = k->next;
	if (k)
		*out = (struct shared_want){
		    k->of.uuid, k->budget.day, k->budget.least, k->budget.want};
	pthread_mutex_unlock(&s->lock);
	return k != NULL;
}

void shared_budget_put(
    struct shared *s, const struct shared_want *of, int64_t got, int64_t units_left)
{
	struct known *k;

	pthread_mutex_lock(&s->lock);
	k = find_job(s, &of->job);
	if (k && k->budget.day == of->day) {
		struct budget *b = &k->budget;

		b->units += got;
		b->least = b->want = 0;
		b->is_spent = got < of->least && units_left == 0;
		b->day_is_spent = got < of->least && units_left != 0;
	} else if (k) { /* midnight has come */
		k->budget.old_day = of->day;
		k->budget.old_units += got;
	}
	pthread_mutex_unlock(&s->lock);
}

static bool has_work(const struct shared *s, const struct uuid *job)
{
	const struct lease *l = s->leases;

	while (l && !(is_of(l, job) && (l->n_free || l->n_out)))
		l = l->next;
	return l != NULL;
}

int64_t shared_budget_back(struct shared *s, const struct uuid *job, bool rests, int64_t *day)
{
	struct known *k;
	int64_t n = 0;

	pthread_mutex_lock(&s->lock);
	k = find_job(s, job);
	if (k && k->budget.old_units) {
		n = k->budget.old_units;
		*day = k->budget.old_day;
		k->budget.old_units = 0;
	} else if (k &&
	           (rests || k->budget.is_spent || k->budget.day_is_spent || !has_work(s, job))) {
		n = k->budget.units;
		*day = k->budget.day;
		k->budget.units = k->budget.least = k->budget.want = 0;
	}
	pthread_mutex_unlock(&s->lock);
	return n;
}

bool shared_budget_is_over(struct shared *s, const struct uuid *job)
{
	const struct known *k;
	bool is_over;

	pthread_mutex_lock(&s->lock);
	k = find_job(s, job);
	is_over = k && k->budget.is_spent;
	pthread_mutex_unlock(&s->lock);
	return is_over;
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
