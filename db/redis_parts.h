/*
 * redis_parts - the inside of struct redis, shared by redis.c and the transports alone.
 */
#ifndef TUBEOPS_DB_REDIS_PARTS_H
#define TUBEOPS_DB_REDIS_PARTS_H

#include "db/redis.h"

struct redis_link; /* what a transport holds while connected; its own affair */

/*
 * How bytes travel. After an error of open there is no link; after one of call the link is of no more
 * use unless r->fault is set to something else than REDIS_LOST.
 */
struct redis_transport {
	/* Connects and logs in. */
	enum err (*open)(
	    struct redis *r, struct redis_link **out, int64_t deadline_ms, struct errbuf *eb);
	/* Fills a. Answers that are errors of single commands are replies, not errors. */
	enum err (*call)(struct redis *r, struct redis_link *l, const struct redis_call *call,
	    struct redis_answer *a, int64_t deadline_ms, struct errbuf *eb);
	/* Did the other side hang up while nothing was asked? */
	bool (*is_stale)(struct redis_link *l);
	void (*close)(struct redis_link *l);
	bool can_block;
};

extern const struct redis_transport redis_transport_stream, redis_transport_rest;

struct redis {
	struct redis_target target;
	const struct redis_transport *transport;
	struct redis_link *link; /* NULL: not connected */
	char *ca_file;
	const atomic_bool *stop;
	struct log *log;
	int64_t connect_ms, answer_ms;
	size_t answer_limit;
	enum redis_fault fault;
	int failures;          /* one after the other */
	int64_t again_at;      /* by clock_mono_ms: no connection is tried before */
	struct errbuf trouble; /* of the last failure */
	int64_t pause_ms; /* what the server itself asked for with its last refusal; 0: nothing */
};

/* Says "Redis at …: " and the server's words, without secrets, and sets r->fault. Never ERR_OK. */
enum err redis_refused(struct redis *r, const char *text, size_t len, struct errbuf *eb);

#endif
