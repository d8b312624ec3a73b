/*
 * redis_fault - what an error text of Redis or Upstash asks for: one table. Pure, any thread.
 */
#ifndef TUBEOPS_DB_REDIS_FAULT_H
#define TUBEOPS_DB_REDIS_FAULT_H

#include "engine/base/err.h"

#include <stddef.h>

enum redis_fault {
	REDIS_FINE,
	REDIS_LOST,     /* no connection; the client makes another when its wait is over */
	REDIS_AGAIN,    /* the same may work soon: loading, failover, too many requests at once */
	REDIS_HALT,     /* somebody must do something: password, rights, memory, a plan's limit */
	REDIS_NO_GROUP, /* the stream or its group is not there (any more) */
	REDIS_GROUP_EXISTS, /* XGROUP CREATE: it is there already */
	REDIS_NO_SCRIPT,    /* EVALSHA: send the script itself */
	REDIS_PENDING_FULL, /* Upstash: 1,000 entries wait for this consumer's XACK */
	REDIS_REFUSED       /* this command: it would be refused again */
};

struct redis_state {
	const char *start; /* how the text begins, at a word's end */
	enum redis_fault fault;
	enum err err;
	const char *advice; /* for people; NULL: the server's words are enough */
};

/* Never NULL: what is not in the table is REDIS_REFUSED. text of len bytes, without a leading "-". */
const struct redis_state *redis_state_find(const char *text, size_t len);

#endif
