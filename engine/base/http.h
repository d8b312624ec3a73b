/*
 * http - GET and POST over one libcurl handle with hard limits on time and size, no redirects,
 * certificate checks on, gzip. What client (the YouTube Data API), discovery's providers and Redis
 * over REST have in common. A handle belongs to one thread at a time. client_global_init once in main
 * before threads.
 */
#ifndef TUBEOPS_BASE_HTTP_H
#define TUBEOPS_BASE_HTTP_H

#include "engine/base/err.h"
#include "engine/base/secret.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

struct http;

struct http_config {
	bool plain; /* http:// may be used: of http_check_address */
	const atomic_bool
	    *stop;          /* set: a call in flight ends at once with ERR_CANCELLED; may be NULL */
	int64_t connect_ms; /* 0: 10,000 */
	int64_t total_ms;   /* 0: 60,000 */
	size_t body_limit;  /* decoded bytes; 0: 8 MiB */
	const char *ca_file; /* certificates to trust besides the system's; NULL: none */
};

/* One line of the request. The value is `prefix` and then the secret, or `prefix` alone. */
struct http_header {
	const char *name;
	const char *prefix;
	const struct secret *secret; /* NULL: none; wiped from memory after the call */
};

enum { HTTP_REASON = 64, HTTP_MESSAGE = 256 };

struct http_request {
	const char *url; /* that was checked */
	const struct http_header *headers;
	int n;
	const char *body; /* NULL: a GET; else POSTed, and borrowed for the call */
	size_t len;
	int64_t total_ms; /* 0: as http_config says */
};

/* Valid until the next call on the same handle. */
struct http_reply {
	int status;       /* 0 when there was no answer */
	const char *body; /* NUL-terminated and followed by at least 64 readable bytes */
	size_t len;
	int64_t retry_after_s; /* -1: not said; else 0..300 */
	int64_t date;          /* server's Date as UTC seconds; 0 not said */
	int64_t elapsed_ms;
	/* why there is no whole answer; "" when there is one, whatever its status */
	char reason[HTTP_REASON];   /* "timeout", "connect", "tooLarge" …; ASCII */
	char message[HTTP_MESSAGE]; /* for people; cleaned, without secrets */
};

/*
 * Is it an address that a key may be sent to: https, or http to this machine (*plain)? `what` names
 * it in messages ("the API address"). is_base: it may have no query either.
 */
enum err http_check_address(
    const char *address, bool is_base, const char *what, bool *plain, struct errbuf *eb) MUST_CHECK;
/* A line end in a header's value could smuggle in another header. Neither empty nor with blanks. */
bool http_is_sound(const struct secret *value);

enum err http_new(struct http **out, const struct http_config *cfg, struct errbuf *eb) MUST_CHECK;
void http_free(struct http *h);
/* Memory of its buffers, in bytes; what libcurl keeps besides is not counted. */
size_t http_bytes(const struct http *h);
/*
 * Sends a request, once: libcurl never repeats it on its own. ERR_OK whenever reply says what
 * happened, network trouble included; other codes only for ERR_CANCELLED and ERR_NOMEM.
 */
enum err http_send(struct http *h, const struct http_request *request, struct http_reply *reply,
    struct errbuf *eb) MUST_CHECK;
/* The same for a GET. */
enum err http_get(struct http *h, const char *url, const struct http_header *headers, int n,
    struct http_reply *reply, struct errbuf *eb) MUST_CHECK;

#endif
