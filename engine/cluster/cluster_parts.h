/*
 * cluster_parts - the inside of a cluster's node, shared by the files engine/cluster/ alone. Everything
 * but `lock`'s belongs to its thread.
 */
#ifndef TUBEOPS_CLUSTER_CLUSTER_PARTS_H
#define TUBEOPS_CLUSTER_CLUSTER_PARTS_H

#include "engine/cluster/cluster.h"
#include "engine/jobs/dispatcher.h"
#include "engine/jobs/shared.h"

#include <pthread.h>
#include <string.h>

enum {
	NODE_JOBS = 128,      /* shared jobs that a node follows */
	NODE_LEASES = 64,     /* chunks in hand: the sync is behind when there are more */
	NODE_CALLS_AHEAD = 3, /* calls of each worker that are leased before they are wanted */
	NODE_TURNS_AHEAD = 1, /* the same where a turn is many calls */
	NODE_ASKS = 16,       /* jobs that wait to be asked of other nodes */
	NODE_AHEAD = 200,     /* chunks that are cut before they are asked for */
	NODE_BEAT_MS = 3000,
	NODE_PATIENCE_MS = 15000,
	NODE_JOBS_MS = 400,
	NODE_SPENT_MS = 3000, /* a job without units at which nobody works for so long is over */
	NODE_HELD_MS = 60000, /* longest wait for metadata on its way to PostgreSQL */
	NODE_IDLE_MS = 5000,  /* longest time between two vain claims */
	NODE_LEAD_MS = 30000
};

/* A shared job as this node follows it. */
struct follow {
	struct cluster_job of;
	int64_t no;             /* here; 0: it is not here */
	int64_t wanted;         /* what of `wanted` was heard of; -1: nothing yet */
	int64_t claim_ms;       /* clock_mono_ms: no claim before */
	int64_t plan_ms;        /* the same of its next chunk */
	int64_t held_ms;        /* since when that waits for metadata to be in PostgreSQL; 0: not */
	int64_t spent_ms;       /* since when its budget is spent and nobody works at it; 0: not */
	int64_t vain;           /* claims in vain in a row */
	bool is_closed;         /* what was open when its budget was spent is over */
	bool seen;              /* in the last answer */
	enum job_status status; /* here */
};

struct stream;
struct bringer;

struct cluster {
	const struct engine_parts *parts;
	const struct settings *settings;
	struct log *log;
	struct secret *url;
	struct shared *shared;
	struct staging *reader;
	char *staging_path;
	struct cluster_self self;
	char host[128];
	bool fetches, leads_at_all;
	int lease_ms;

	pthread_t thread;
	bool has_thread;
	atomic_bool quiet, stopping, hurried, gone;
	atomic_bool redis_now; /* somebody wants Redis to be tried */

	struct postgres *pg;
	bool joined, leads;
	int errors;
	int64_t claims, claim_ms; /* that PostgreSQL was asked for, and how long they took */
	int64_t beat_ms, jobs_ms, renew_ms, tidy_ms, try_ms; /* clock_mono_ms of the next time */
	struct follow *jobs;
	int n_jobs;
	struct cluster_chunk *chunk; /* of one claim */
	struct stream *stream;       /* NULL: no Redis is configured */
	struct bringer *bringer;     /* NULL before the start */
	int64_t outbox_ms; /* clock_mono_ms since when the outbox holds rows; 0: it is empty */

	pthread_mutex_t lock; /* guards what follows; rank: leaf */
	struct cluster_ask asks[NODE_ASKS];
	int n_asks;
	struct cluster_look look;
	struct cluster_redis redis;
};

/* ---- cluster_jobs.c ---- */
/* Learns of shared jobs, tells of those that began here, follows what people want. */
enum err node_jobs(struct cluster *c, struct errbuf *eb) MUST_CHECK;
/* Claims one chunk if the dispatcher wants ids; *did: there was one. */
enum err node_claim(struct cluster *c, bool *did, struct errbuf *eb) MUST_CHECK;
enum err node_renew(struct cluster *c, struct errbuf *eb) MUST_CHECK;
/* Gives back leases of jobs that do not go on here, or all of them. */
enum err node_release(struct cluster *c, bool all, struct errbuf *eb) MUST_CHECK;

/* ---- cluster_lend.c ---- */
/* The ids of c->chunk enter staging, with the metadata that work at them needs. */
enum err node_lend_ids(struct cluster *c, const struct follow *f, struct errbuf *eb) MUST_CHECK;

/* ---- cluster_home.c ---- */
/* Cuts one more chunk of each job that began here; *did: there was something to cut. */
enum err node_plan(struct cluster *c, bool *did, struct errbuf *eb) MUST_CHECK;
/* Nothing is planned or away any more: has something become pending meanwhile? */
enum err node_walk_again(
    struct cluster *c, struct follow *f, bool *again, struct errbuf *eb) MUST_CHECK;

/* ---- cluster_bring.c ---- */
/* A job that began here and has results away. */
struct bring_job {
	struct uuid job;
	int64_t no;
	const struct job_type *type;
};
struct bring_numbers {
	int64_t chunks, ms; /* brought home, and how long that took */
};
/* Its thread ends with bringer_stop; what is under way when the cluster gets quiet is done. */
enum err bringer_start(struct cluster *c, struct errbuf *eb) MUST_CHECK;
void bringer_stop(struct cluster *c);
/* Jobs whose results are to be brought home now; at most NODE_JOBS. To be asked again. */
void bringer_ask(struct cluster *c, const struct bring_job *jobs, int n);
void bringer_numbers(const struct cluster *c, struct bring_numbers *out);

/* ---- cluster_stream.c ---- */
enum err node_stream_open(struct cluster *c, struct errbuf *eb) MUST_CHECK;
void node_stream_close(struct cluster *c);
void node_stream_name(struct cluster *c, const struct uuid *cluster);
/* Who leads: tells of chunks that are ready; *did: there are more. */
enum err node_publish(struct cluster *c, bool *did, struct errbuf *eb) MUST_CHECK;
/*
 * Once a minute while nothing else is asked of it, and again and again while it is away: so that its state
 * is known when there is no work to hand out.
 */
void node_stream_look(struct cluster *c);
/* "ok", "away", "none". */
const char *node_stream_word(const struct cluster *c);
/* The next chunk that the stream names; false: none now, or no Redis. */
bool node_pointer(struct cluster *c, struct cluster_pointer *out);

/* ---- cluster_ask.c ---- */
/* Sends what people here want of other nodes. */
enum err node_ask_send(struct cluster *c, struct errbuf *eb) MUST_CHECK;
/* Starts what is asked of this one. */
enum err node_ask_answer(struct cluster *c, struct errbuf *eb) MUST_CHECK;

/* ---- cluster_quota.c ---- */
/* Keys to pools, once a session. */
enum err node_pools(struct cluster *c, struct errbuf *eb) MUST_CHECK;
enum err node_grants(struct cluster *c, struct errbuf *eb) MUST_CHECK;
enum err node_give_back(struct cluster *c, struct errbuf *eb) MUST_CHECK;

/* ---- cluster_budget.c ---- */
/* Asks for units of budgets of jobs that this node works at. */
enum err node_budgets(struct cluster *c, struct errbuf *eb) MUST_CHECK;
/* Gives back what is not needed here now; all: whatever there is. */
enum err node_budgets_back(struct cluster *c, bool all, struct errbuf *eb) MUST_CHECK;
/* Ends what a job that began here and has spent its budget leaves open. */
enum err node_end_spent(struct cluster *c, struct follow *f, struct errbuf *eb) MUST_CHECK;

/* ---- cluster_look.c ---- */
/* Says that this node lives and sees who else does. */
enum err node_beat(struct cluster *c, struct errbuf *eb) MUST_CHECK;
void node_trouble(struct cluster *c, const char *text);

/* Nobody gets units of its budget in all any more; some may still have some. */
static inline bool node_is_spent(const struct follow *f)
{
	return f->of.units_left == 0;
}

static inline bool node_is_home(const struct cluster *c, const struct follow *f)
{
	return memcmp(&f->of.home, &c->self.node, sizeof f->of.home) == 0;
}

#endif
