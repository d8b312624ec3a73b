/*
 * shared - jobs that several nodes share, as the dispatcher sees them: what it may hand out of the
 * chunks that this node holds, in place of a feed. The cluster's thread fills it and tells it of leases;
 * it knows neither of PostgreSQL nor of other nodes. Any thread; its lock is a leaf.
 *
 * An id is handed out once while it is out; what was stored is never handed out again under the same
 * lease. Past its deadline, which is before the server's, nothing of a lease is handed out or begun.
 */
#ifndef TUBEOPS_JOBS_SHARED_H
#define TUBEOPS_JOBS_SHARED_H

#include "engine/jobs/feed.h"
#include "engine/jobs/job_type.h"

struct shared;

/* What is known of a shared job. */
struct shared_job {
	struct uuid uuid;
	bool is_home;       /* its channels are here */
	bool is_over;       /* nothing is left to be claimed or brought home */
	bool has_budget;    /* of units: shared_spend */
	bool is_spent;      /* nothing is left of it, and there was more to do */
	int64_t units_left; /* of that in all, for whoever asks; -1: it has none in all */
	int ahead;          /* turns of each worker that are leased before they are wanted */
	int64_t planned;    /* ids in chunks so far */
	int64_t processed;  /* of them, by all nodes */
};

/* NULL when out of memory. */
struct shared *shared_new(void);
void shared_free(struct shared *s);

/* ---- for the dispatcher ---- */
/* Fills c->ids, c->n (at most most, 1..CHUNK_IDS) and c->lease. FEED_EMPTY: the job is over. */
enum feed_answer shared_take(struct shared *s, const struct uuid *job, int most, struct chunk *c);
/* May c still be worked on? */
bool shared_holds(struct shared *s, const struct chunk *c);
/* c has ended: stored, or to be handed out again. */
void shared_settle(struct shared *s, const struct chunk *c, bool stored);
/* False: nobody has told of it yet. */
bool shared_job_get(struct shared *s, const struct uuid *job, struct shared_job *out);

/*
 * Takes units of its budget for a call on this Pacific day. ERR_BUSY: they are asked for, come again soon;
 * ERR_QUOTA: of this day there are none left; ERR_LIMIT: none at all. Of a job without a budget always
 * ERR_OK.
 */
enum err shared_spend(
    struct shared *s, const struct uuid *job, int64_t day, int64_t cost) MUST_CHECK;
/* They were not used. */
void shared_unspend(struct shared *s, const struct uuid *job, int64_t day, int64_t cost);

/* ---- for the cluster's thread ---- */
/* Units that are asked for: least are needed now. False: nothing is. */
struct shared_want {
	struct uuid job;
	int64_t day, least, want;
};
bool shared_budget_wants(struct shared *s, struct shared_want *out);
/* The answer; units_left as in struct shared_job. */
void shared_budget_put(
    struct shared *s, const struct shared_want *of, int64_t got, int64_t units_left);
/* Takes out units that others may have: all when the job rests here, else those that it has no use for now. 0:
 * there are none; day: that they are of. To be asked again. */
int64_t shared_budget_back(struct shared *s, const struct uuid *job, bool rests, int64_t *day);
/* Nothing is left of its budget, as far as was heard. */
bool shared_budget_is_over(struct shared *s, const struct uuid *job);

/* *is_changed: the dispatcher should look again. ERR_NOMEM. */
enum err shared_job_put(
    struct shared *s, const struct shared_job *job, bool *is_changed) MUST_CHECK;
/* A lease: ids and what became of them so far (done map: 0 still to do). until_ms: clock_boot_ms. */
struct shared_lease {
	int64_t chunk;
	int epoch;
	struct uuid job;
	int64_t until_ms;
};
enum err shared_lease_add(struct shared *s, const struct shared_lease *lease, const struct cid *ids,
    const unsigned char *outcome, int n) MUST_CHECK;
/*
 * held: it lasts until until_ms; else it is lost: what is out of it counts for nobody. True: it had run out
 * here, while its node slept say, and lasts again: the dispatcher, which got nothing of it, is to ask again.
 */
bool shared_lease_renew(struct shared *s, int64_t chunk, bool held, int64_t until_ms);
/* Leases that there are; done: nothing of it is to be handed out, and nothing is out. At most max. */
struct shared_hold {
	struct shared_lease lease;
	bool done, is_out; /* is_out: some of it is with workers, or with the writer */
};
int shared_leases(struct shared *s, struct shared_hold *out, int max);
/* It was told, given back or lost. */
void shared_lease_drop(struct shared *s, int64_t chunk);
/* A job that asked for ids lately and has less left to hand out than so many workers take in the turns that
 * it is ahead; false: none. */
bool shared_wants(struct shared *s, int64_t workers, struct uuid *job);
/* Where this node's workers lacked ids of jobs that were not over; since the start. */
struct shared_numbers {
	int64_t leases;    /* that were had */
	int64_t waits, ms; /* times that a job asked in vain, and how long until it got some */
};
void shared_numbers(struct shared *s, struct shared_numbers *out);
/* Waits until a job wants ids, a poke, or the time (clock_mono_ms). */
void shared_wait(struct shared *s, int64_t until_ms);
void shared_poke(struct shared *s);

#endif
