/*
 * cluster - this node among others (CLUSTER=1): a thread with a PostgreSQL session of its own that keeps
 * it known, leads when it is its turn, cuts chunks of the jobs that began here, claims chunks for
 * the dispatcher (jobs/shared.h), renews their leases, gets quota grants for the ledger, and brings
 * home what other nodes fetched. What a node fetched goes through its staging and outbox: sync tells
 * PostgreSQL of it in the transaction that holds the rows. Without PostgreSQL it works on inside its
 * leases and grants, then idles. All functions belong to the engine's owner but cluster_look.
 */
#ifndef TUBEOPS_CLUSTER_CLUSTER_H
#define TUBEOPS_CLUSTER_CLUSTER_H

#include "db/cluster.h"
#include "engine/jobs/parts.h"

struct cluster;

/* Reads or makes this node's identity (node.id in the data folder); starts nothing. */
enum err cluster_open(struct cluster **out, const struct settings *settings, struct log *log,
    const char *data_dir, const char *staging_path, struct errbuf *eb) MUST_CHECK;
const struct uuid *cluster_node_id(const struct cluster *c);
struct shared *cluster_shared(struct cluster *c);
/* For ledger_config.grant_wanted; arg: the cluster. Any thread. */
void cluster_grant_wanted(void *arg);
/* parts: complete; borrowed until cluster_stop. */
enum err cluster_start(
    struct cluster *c, const struct engine_parts *parts, struct errbuf *eb) MUST_CHECK;
/* Nothing is claimed any more; leases go on. */
void cluster_quiet(struct cluster *c);
/* After the dispatcher and the sync: gives chunks and units back, says goodbye, ends the thread. */
void cluster_stop(struct cluster *c);
void cluster_close(struct cluster *c);

enum { CLUSTER_NODES = 64 };
struct cluster_look {
	bool joined, leads;
	char trouble[160]; /* "": all is well */
	struct cluster_node nodes[CLUSTER_NODES];
	int n_nodes;
	struct cluster_units units; /* of the Pacific day */
	int64_t seen_ms;            /* clock_mono_ms when nodes and units were read; 0: never */
};
/* Any thread. c may be NULL: nothing. */
void cluster_look(struct cluster *c, struct cluster_look *out);
/* Reads nodes and units over a session of the caller's; the rest of out stays. */
enum err cluster_see(struct postgres *pg, struct cluster_look *out, struct errbuf *eb) MUST_CHECK;
/*
 * The same for who is no node: a session that lasts for this call, which may wait some seconds. What is
 * wrong stands in out->trouble; joined then means that the cluster was seen.
 */
void cluster_peek(const struct settings *settings, struct log *log, struct cluster_look *out);
/*
 * Asks another node to start a job; its thread sends it. Any thread. ERR_UNAVAIL: this node is not part of
 * the cluster now; ERR_BUSY: too many wait to be sent.
 */
enum err cluster_ask_node(
    struct cluster *c, const struct cluster_ask *ask, struct errbuf *eb) MUST_CHECK;
/* How the Redis of the settings is, which only brings hints: all work goes on without it. */
struct cluster_redis {
	bool configured, ok;
	char place[96];    /* "127.0.0.1:6379/0" */
	char trouble[160]; /* "": all is well */
	int64_t since;     /* UTC seconds: since when it is not ok; 0: it is */
	int64_t tries;     /* in vain since then */
	int64_t retry_at;  /* UTC seconds; 0: it is ok */
	int64_t last_ok;   /* of the last answer; 0: none yet */
};
/* Any thread. c may be NULL: nothing. */
void cluster_redis(struct cluster *c, struct cluster_redis *out);
/* Tries to reach it now, not when its wait is over. Any thread. */
void cluster_redis_now(struct cluster *c);
/* The identity that a data folder has; false: it never was a node's. */
bool cluster_id_read(const char *data_dir, struct uuid *out);

#endif
