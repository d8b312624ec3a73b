/*
 * guard - what keeps a few clients from taking the server from all others: a time by which each
 * connection must have done its next step, and a number of requests a second for each address. Any
 * thread; a thread of its own cuts off who is late.
 */
#ifndef TUBEOPS_REST_GUARD_H
#define TUBEOPS_REST_GUARD_H

#include "engine/base/err.h"

#include <stdint.h>
#include <sys/socket.h>

enum {
	GUARD_BYTES_PER_S =
	    8 * 1024 /* a body or a reply may take its patience, and this long more */
};

struct rest_guard;
struct rest_guarded; /* one connection */

struct rest_guard_numbers {
	int64_t open;     /* connections */
	int64_t cut;      /* that were late, since the start */
	int64_t too_many; /* requests beyond their rate */
};

/*
 * patience_ms: for the headers of a request, between requests, and for anything that makes no
 * progress. rate: requests a second of one address, 0 any; loopback: of this machine too.
 */
struct rest_guard *rest_guard_start(int64_t patience_ms, int64_t rate, bool loopback);
/* After the last rest_guard_leave. NULL is allowed. */
void rest_guard_stop(struct rest_guard *g);

/* A new connection, whose first request's headers are due now; NULL: no memory. */
struct rest_guarded *rest_guard_enter(struct rest_guard *g, int fd);
/* Before its socket is closed. NULL is allowed, as in the functions below. */
void rest_guard_leave(struct rest_guard *g, struct rest_guarded *c);
/* Its next step is due when its patience has passed, and as long as bytes more may take. */
void rest_guard_expect(struct rest_guard *g, struct rest_guarded *c, int64_t bytes);
/* The same for what began at since_ms (clock_mono_ms): a slow sender gains nothing by each byte. */
void rest_guard_expect_since(
    struct rest_guard *g, struct rest_guarded *c, int64_t since_ms, int64_t bytes);
/* It waits for us: nothing is due. */
void rest_guard_forgive(struct rest_guard *g, struct rest_guarded *c);

/* May this address send one more request now? now_ms as clock_mono_ms. IPv6: by its /64. */
bool rest_guard_admit(struct rest_guard *g, const struct sockaddr *from, int64_t now_ms);
void rest_guard_numbers(struct rest_guard *g, struct rest_guard_numbers *out);

#endif
