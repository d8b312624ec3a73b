/*
 * cluster - what the nodes of a cluster share in PostgreSQL, one call a statement: who lives, who leads,
 * shared jobs, their chunks with leases and done maps, quota grants. Rules stand in
 * db/sql/postgres-004.sql and -006.sql; times are the server's. A session is its caller's; one thread at a time.
 * Every call may be repeated when it is not known whether it was done. Errors are postgres_query's.
 */
#ifndef TUBEOPS_DB_CLUSTER_H
#define TUBEOPS_DB_CLUSTER_H

#include "db/postgres.h"
#include "db/rows.h"
#include "db/staging_feeds.h"

/* ---- nodes ---- */
struct cluster_self {
	struct uuid node; /* of the data folder */
	struct uuid boot; /* of this process */
	const char *name, *host, *version, *role;
	int patience_ms; /* after which another process that was not seen is taken for dead */
};
/* *ok false: another process lives on this node. */
enum err cluster_join(
    struct postgres *pg, const struct cluster_self *self, bool *ok, struct errbuf *eb) MUST_CHECK;
/* Says that it lives; facts: JSON. *ok false: another process has taken this node. */
enum err cluster_beat(struct postgres *pg, const struct cluster_self *self, const char *facts,
    bool *ok, struct errbuf *eb) MUST_CHECK;
enum err cluster_leave(
    struct postgres *pg, const struct cluster_self *self, struct errbuf *eb) MUST_CHECK;
/* Asks for the lead or holds it for lease_ms more. */
enum err cluster_lead(struct postgres *pg, const struct uuid *node, int lease_ms, bool *ok,
    struct errbuf *eb) MUST_CHECK;
struct cluster_node {
	struct uuid node;
	char name[64], host[128], version[32], role[12];
	int64_t started_at; /* UTC seconds */
	int64_t seen_ms;    /* milliseconds since it was seen */
	int64_t told_ms;    /* when that was: UTC milliseconds by the server's clock */
	bool stopped, leads;
	int64_t leases;     /* chunks that it holds */
	int64_t units_used; /* on that day */
	char facts[1024];   /* JSON */
};
/* At most max, those that stopped last; *n of them. day: Pacific. */
enum err cluster_nodes(struct postgres *pg, int64_t day, struct cluster_node *out, int max, int *n,
    struct errbuf *eb) MUST_CHECK;
/* What a node has used of a pool of the common bucket, and what its settings allow. */
struct cluster_use {
	char pool[80];
	int64_t used, limit;
};
/* Tells all of this node's day; rows that are as before are not written. */
enum err cluster_use_tell(struct postgres *pg, const struct uuid *node, int64_t day,
    const struct cluster_use *use, int n, struct errbuf *eb) MUST_CHECK;
/* The common bucket of all nodes on a day: each pool counts once. */
struct cluster_units {
	int64_t pools, used, limit;
	int64_t left; /* 0 of a pool that YouTube calls spent */
};
enum err cluster_units(
    struct postgres *pg, int64_t day, struct cluster_units *out, struct errbuf *eb) MUST_CHECK;
/* The server's clock, UTC milliseconds. */
enum err cluster_clock(struct postgres *pg, int64_t *now_ms, struct errbuf *eb) MUST_CHECK;

/* ---- jobs that one node asks of another ---- */
struct cluster_ask {
	struct uuid job;  /* that it will be */
	struct uuid node; /* that is to start it */
	char type[JOB_TYPE_SIZE];
	char params[512]; /* JSON */
	char who[64];
	bool is_old; /* of cluster_asks: asked more than an hour ago */
};
enum err cluster_ask_add(
    struct postgres *pg, const struct cluster_ask *a, struct errbuf *eb) MUST_CHECK;
/* What is asked of a node, oldest first; at most max. */
enum err cluster_asks(struct postgres *pg, const struct uuid *node, struct cluster_ask *out,
    int max, int *n, struct errbuf *eb) MUST_CHECK;
enum err cluster_ask_done(
    struct postgres *pg, const struct uuid *job, struct errbuf *eb) MUST_CHECK;

/* The cluster's own name. */
enum err cluster_name(struct postgres *pg, struct uuid *out, struct errbuf *eb) MUST_CHECK;

/* ---- jobs ---- */
enum cluster_want { CLUSTER_GO_ON, CLUSTER_PAUSE, CLUSTER_CANCEL };
struct cluster_job {
	struct uuid job, home;
	char type[JOB_TYPE_SIZE];
	enum cluster_want want;
	int64_t wanted;          /* grows with each change of want */
	int64_t planned;         /* ids in chunks */
	bool is_planned;         /* all of them */
	struct feed_place place; /* of the walk */
	int64_t chunks;          /* cut so far */
	int64_t open;            /* of them: neither done nor set aside */
	int64_t leased;          /* of these: held by nodes that renew them */
	int64_t away;            /* done, and the home does not have them yet */
	int64_t aside;           /* set aside: their leases ran out again and again */
	bool ended;
	/* by all nodes */
	int64_t done, missing, absent, failed, units;
	bool has_budget;    /* of units, in all or on each day */
	int64_t units_left; /* of that in all, to be had from cluster_budget; -1: there is none */
	char *params;       /* the caller's */
};
/* Units that a job may spend from now on; of those of that day its home has spent some already. */
struct cluster_limits {
	int64_t units, units_per_day; /* -1: any */
	int64_t day, day_spent;       /* Pacific day */
};
/* Makes a job known; does nothing to a known one. */
enum err cluster_job_add(struct postgres *pg, const struct uuid *job, const struct uuid *home,
    const char *type, const char *params, const struct cluster_limits *limits,
    struct errbuf *eb) MUST_CHECK;
/* Jobs that have not ended, and those that ended within the last hour, oldest first; at most max. Params are the caller's. */
enum err cluster_jobs(
    struct postgres *pg, struct cluster_job *out, int max, int *n, struct errbuf *eb) MUST_CHECK;
/* What a person wants; *wanted is its number. */
enum err cluster_job_want(struct postgres *pg, const struct uuid *job, enum cluster_want want,
    int64_t *wanted, struct errbuf *eb) MUST_CHECK;
/* The home's: one chunk more. ids in key order; seq from 0 without gaps; to: where the walk is then. */
enum err cluster_plan(struct postgres *pg, const struct uuid *job, int64_t seq,
    const struct cid *ids, int n, const struct feed_place *to, struct errbuf *eb) MUST_CHECK;
/* The home's: the walk is over (true), or begins anew. */
enum err cluster_planned(
    struct postgres *pg, const struct uuid *job, bool over, struct errbuf *eb) MUST_CHECK;
enum err cluster_job_end(struct postgres *pg, const struct uuid *job, struct errbuf *eb) MUST_CHECK;
/* Jobs that ended before so many days, and quota days, go. */
enum err cluster_forget(struct postgres *pg, int days, struct errbuf *eb) MUST_CHECK;

/* ---- chunks ---- */
enum { CLUSTER_CHUNK_IDS = 2500 };
/* What became of an id, as the done map holds it. */
enum cluster_outcome {
	CLUSTER_OPEN,
	CLUSTER_DONE,
	CLUSTER_MISSING,
	CLUSTER_ABSENT,
	CLUSTER_FAILED
};
struct cluster_chunk {
	int64_t id;
	struct uuid job;
	int epoch;
	int n;
	int64_t units_away; /* spent by others than its home */
	struct cid ids[CLUSTER_CHUNK_IDS];
	unsigned char outcome[CLUSTER_CHUNK_IDS];
	uint64_t facts[CLUSTER_CHUNK_IDS];
};
/* What is told of an id besides its rows: of videos, how a walk along its uploads ended. 0: nothing. */
uint64_t cluster_facts(const struct upload_list_row *l);
/* False: nothing was told. l->cid is the caller's. */
bool cluster_facts_read(uint64_t facts, struct upload_list_row *l);
/*
 * Takes the next chunk of a job (chunk 0), or this one; a lease that ran out more than slack_ms ago may
 * be taken. *got false: there is none.
 */
enum err cluster_claim(struct postgres *pg, const struct uuid *node, const struct uuid *job,
    int64_t chunk, int lease_ms, int slack_ms, struct cluster_chunk *out, bool *got,
    struct errbuf *eb) MUST_CHECK;
struct cluster_lease {
	int64_t chunk;
	int epoch;
	bool held; /* of cluster_renew: still this node's */
};
enum err cluster_renew(struct postgres *pg, const struct uuid *node, struct cluster_lease *leases,
    int n, int lease_ms, struct errbuf *eb) MUST_CHECK;
enum err cluster_release(
    struct postgres *pg, const struct cluster_lease *lease, struct errbuf *eb) MUST_CHECK;

/* A chunk that may be claimed, as the stream names it. */
struct cluster_pointer {
	int64_t chunk;
	struct uuid job;
};
/* Claimable chunks that were not published, or longer than again_s ago; at most max. */
enum err cluster_unseen(struct postgres *pg, int again_s, int slack_ms, struct cluster_pointer *out,
    int max, int *n, struct errbuf *eb) MUST_CHECK;
enum err cluster_published(
    struct postgres *pg, const struct cluster_pointer *p, int n, struct errbuf *eb) MUST_CHECK;
/* The stream is lost: none is published. */
enum err cluster_unpublished(struct postgres *pg, struct errbuf *eb) MUST_CHECK;

/* Some ids of a chunk and what became of them, as the outbox carries it. */
struct cluster_mark {
	int64_t chunk;
	int epoch;
	int64_t units;
	int n;
	const unsigned char *at;      /* two bytes each, high first */
	const unsigned char *outcome; /* a byte each */
	const uint64_t *facts;        /* NULL: none are told */
};
/* Adds the statement that tells of m: to be run in the transaction that holds its rows. */
void cluster_mark_sql(struct str *out, const struct uuid *node, const struct cluster_mark *m);

/* ---- bringing results home ---- */
/* The next chunk of a job that is done and whose results its home does not have; *got false: none. */
enum err cluster_away(struct postgres *pg, const struct uuid *job, struct cluster_chunk *out,
    bool *got, struct errbuf *eb) MUST_CHECK;
enum err cluster_came_home(struct postgres *pg, int64_t chunk, struct errbuf *eb) MUST_CHECK;
/* Metadata of these channels. Rows are borrowed by fn for its call. */
typedef enum err cluster_meta_fn(void *arg, const struct channel_meta *m, struct errbuf *eb);
enum err cluster_metas(struct postgres *pg, const struct cid *ids, int n, cluster_meta_fn *fn,
    void *arg, struct errbuf *eb) MUST_CHECK;
/* Of how many of these PostgreSQL has metadata. */
enum err cluster_metas_known(struct postgres *pg, const struct cid *ids, int n, int64_t *known,
    struct errbuf *eb) MUST_CHECK;
enum { CLUSTER_VIDEOS = 20000 };
/*
 * All videos of these channels, one channel after the other; as cluster_metas. ERR_LIMIT, and none is given: several
 * channels have more than CLUSTER_VIDEOS together, ask for fewer of them.
 */
typedef enum err cluster_video_fn(void *arg, const struct video_row *v, struct errbuf *eb);
enum err cluster_videos(struct postgres *pg, const struct cid *ids, int n, cluster_video_fn *fn,
    void *arg, struct errbuf *eb) MUST_CHECK;

/* ---- budgets of jobs ---- */
/*
 * Units of a job's budget on a Pacific day: at least `least` if there are as many, else what there is,
 * and up to `want` where there is plenty. *units_left of its budget in all; 0 also of an ended job.
 */
struct cluster_portion {
	int64_t got, units_left; /* units_left -1: it has no budget in all */
};
enum err cluster_budget(struct postgres *pg, const struct uuid *job, int64_t day, int64_t least,
    int64_t want, struct cluster_portion *out, struct errbuf *eb) MUST_CHECK;
/* Gives back what was got for this day and not spent. Not to be repeated: it would be counted twice. */
enum err cluster_budget_back(struct postgres *pg, const struct uuid *job, int64_t day, int64_t n,
    struct errbuf *eb) MUST_CHECK;
/* The home's, when the budget in all is spent: chunks that nobody works at are over as they are. */
enum err cluster_job_close(
    struct postgres *pg, const struct uuid *job, int slack_ms, struct errbuf *eb) MUST_CHECK;

/* ---- quota ---- */
struct cluster_pool_day {
	char pool[80];
	char bucket[32];
	int64_t day; /* Pacific days since 1970-01-01 */
};
/* *pool of this key on all nodes: the first one that was told. */
enum err cluster_key(struct postgres *pg, const char *print, const char *pool, char *out,
    size_t size, struct errbuf *eb) MUST_CHECK;
/*
 * Asks for units: limit is a day's, used was spent without a grant, want is wished for. grant: new for
 * each question, the same when it is repeated. *got: used and what there was.
 */
struct cluster_grant {
	struct uuid grant;
	struct cluster_pool_day of;
	int64_t limit, used, want;
};
enum err cluster_grant(struct postgres *pg, const struct uuid *node, const struct cluster_grant *g,
    int64_t *got, struct errbuf *eb) MUST_CHECK;
/* Gives n units back that will never be used. */
enum err cluster_give_back(struct postgres *pg, const struct uuid *node, const struct uuid *grant,
    const struct cluster_pool_day *of, int64_t n, struct errbuf *eb) MUST_CHECK;
/* YouTube says that the bucket is spent. */
enum err cluster_exhausted(
    struct postgres *pg, const struct cluster_pool_day *of, struct errbuf *eb) MUST_CHECK;

#endif
