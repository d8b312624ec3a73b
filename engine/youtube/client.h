/*
 * client - one connection to the YouTube Data API: a libcurl easy handle with hard limits on
 * time, size and redirects, certificate checks on, gzip, the key in a header. One per worker
 * thread, never shared. client_global_init once in main before threads.
 */
#ifndef TUBEOPS_YOUTUBE_CLIENT_H
#define TUBEOPS_YOUTUBE_CLIENT_H

#include "engine/base/err.h"
#include "engine/base/meter.h"
#include "engine/base/secret.h"
#include "engine/youtube/fault.h"
#include "engine/youtube/method.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

struct client;

/* What all clients of a process learn together: how long each method takes and fails, and how far
 * this machine's clock is from the server's. Any thread. */
struct client_watch {
	struct meter *methods[METHOD_COUNT]; /* borrowed */
	_Atomic int64_t date_at;             /* clock_now of the last answer with a date; 0: none */
	_Atomic int64_t date_ahead; /* seconds that the server's clock was ahead of ours then */
};

struct client_config {
	struct client_watch *watch; /* NULL: nobody is told */
	const char *base; /* "https://youtube.googleapis.com"; http:// only for loopback */
	const atomic_bool
	    *stop;          /* set: a call in flight ends at once with ERR_CANCELLED; may be NULL */
	int64_t connect_ms; /* 0: 10,000 */
	int64_t total_ms;   /* 0: 60,000 */
	size_t body_limit;  /* decoded bytes; 0: 8 MiB */
};

/* Valid until the next call on the same client. */
struct client_reply {
	int status;       /* HTTP; 0 when there was no answer */
	const char *body; /* NUL-terminated and followed by at least 64 readable bytes */
	size_t len;
	int64_t retry_after_s; /* -1: not said; else 0..300 */
	int64_t date;          /* server's Date as UTC seconds; 0 not said */
	int64_t elapsed_ms;
	struct fault_info fault;
};

enum err client_global_init(struct errbuf *eb) MUST_CHECK;
void client_global_done(void);
/* ERR_INVALID for a base that is no http(s) address or plain http to another machine. */
enum err client_new(
    struct client **out, const struct client_config *cfg, struct errbuf *eb) MUST_CHECK;
void client_free(struct client *c);
/* Memory of its buffers, in bytes; what libcurl keeps besides is not counted. */
size_t client_bytes(const struct client *c);
/*
 * GET base + path of m + "?" + query (already escaped). Always fills reply->fault; returns ERR_OK
 * whenever the question "what now" is answered by it, network trouble included, and other codes
 * only for ERR_CANCELLED and ERR_NOMEM.
 */
enum err client_call(struct client *c, enum method m, const char *query, const struct secret *key,
    struct client_reply *reply, struct errbuf *eb) MUST_CHECK;

#endif
