/*
 * ledger_grant - units of a cluster: a ledger that was opened `granted` uses only what the cluster has
 * granted to this node, whatever the limits say; grants are on the disk before their first unit is used.
 * Who asks PostgreSQL calls these, from any thread; nothing here waits for a network.
 */
#ifndef TUBEOPS_QUOTA_LEDGER_GRANT_H
#define TUBEOPS_QUOTA_LEDGER_GRANT_H

#include "engine/quota/ledger.h"

struct ledger_grant {
	char project[64];
	char pool[80]; /* the same on every node for the same units */
	enum bucket bucket;
	int64_t day; /* Pacific */
	int64_t limit;
	int64_t used; /* beyond what was granted: spent before this node belonged to the cluster */
	int64_t want;
	bool is_spent; /* nothing is wanted: YouTube says that the bucket is spent */
};

/* What is wanted now; returns how many, at most max. */
size_t ledger_grant_wants(struct ledger *l, struct ledger_grant *out, size_t max);
/* got: units of this grant, `used` included; 0: there are none now, it is wanted again later. */
enum err ledger_grant_add(
    struct ledger *l, const struct ledger_grant *g, int64_t got, struct errbuf *eb) MUST_CHECK;
/* After the last call: takes what is not used off the book (in `want`), to be given back. */
size_t ledger_grant_rest(struct ledger *l, struct ledger_grant *out, size_t max);

struct ledger_pool {
	char key[64], print[8], project[64], pool[80];
};
/* The pool of each key. */
size_t ledger_pools(struct ledger *l, struct ledger_pool *out, size_t max);

#endif
