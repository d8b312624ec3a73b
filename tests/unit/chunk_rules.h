/*
 * chunk_rules - the rules of work chunks and of quota grants as pure functions, the same as the SQL
 * functions of db/sql/postgres-004.sql: test_cluster drives both side by side, test_cluster_model
 * explores these. Any thread.
 */
#ifndef TUBEOPS_TESTS_CHUNK_RULES_H
#define TUBEOPS_TESTS_CHUNK_RULES_H

#include <stdbool.h>

enum { RULE_IDS = 3, RULE_LOST_MOST = 8 };
enum { RULE_READY, RULE_LEASED, RULE_DONE, RULE_ASIDE = 4 };

struct rule_chunk {
	unsigned char n;                   /* ids, at most RULE_IDS */
	unsigned char state, epoch, owner; /* owner: from 1, 0 none */
	unsigned char lost;
	bool expired; /* the lease ran out, and the slack after it */
	unsigned char outcome[RULE_IDS];
};

/* True: the node has it, with c->epoch. */
bool rule_claim(struct rule_chunk *c, int node);
bool rule_renew(struct rule_chunk *c, int node, int epoch);
bool rule_release(struct rule_chunk *c, int epoch);
/* False: the epoch is old or the chunk is over; nothing has changed. */
bool rule_mark(struct rule_chunk *c, int epoch, int at, int outcome);

struct rule_quota {
	int limit, granted, nodes;
	bool exhausted;
};
/* What tubeops_grant gives for a grant that it does not know yet. */
int rule_grant(struct rule_quota *q, int used, int want);

#endif
