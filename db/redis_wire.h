/*
 * redis_wire - bytes to and from one server, over TCP or over TLS on it. No call waits longer than its
 * deadline (by clock_mono_ms), and every wait ends early when the stop flag rises: names are looked up
 * beside, sockets never block. A wire belongs to one thread at a time.
 * SIGPIPE must be ignored by the process (engine_global_init does).
 */
#ifndef TUBEOPS_DB_REDIS_WIRE_H
#define TUBEOPS_DB_REDIS_WIRE_H

#include "engine/base/err.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct redis_wire;

struct redis_wire_config {
	const char *host; /* a name or an address; borrowed for the call */
	int port;
	bool tls;
	const char *ca_file;     /* TLS: certificates to trust besides the system's; NULL: none */
	const atomic_bool *stop; /* borrowed for the wire's life; NULL: never */
};

/*
 * Connects, over TLS with certificate and host name checked. ERR_NOTFOUND: no such name; ERR_UNAVAIL,
 * ERR_TIMEOUT; ERR_DENIED: the certificate; ERR_CANCELLED.
 */
enum err redis_wire_open(struct redis_wire **out, const struct redis_wire_config *cfg,
    int64_t deadline_ms, struct errbuf *eb) MUST_CHECK;
void redis_wire_close(struct redis_wire *w);

/* Bytes read or written; 0: nothing now, wait first; -1: broken or ended, and eb says how. */
ssize_t redis_wire_read(struct redis_wire *w, void *buf, size_t len, struct errbuf *eb);
ssize_t redis_wire_write(struct redis_wire *w, const void *buf, size_t len, struct errbuf *eb);
/* Waits until what gave 0 is worth another try. ERR_TIMEOUT, ERR_CANCELLED. */
enum err redis_wire_wait(struct redis_wire *w, int64_t deadline_ms, struct errbuf *eb) MUST_CHECK;

/* ---- redis_resolve.c ---- */
struct addrinfo;
/* The addresses of a host, to be freed by freeaddrinfo. The thread that asks for a name may outlive the
 * call: no look-up can be stopped. ERR_NOTFOUND, ERR_UNAVAIL, ERR_TIMEOUT, ERR_CANCELLED. */
enum err redis_resolve(const char *host, int port, const atomic_bool *stop, int64_t deadline_ms,
    struct addrinfo **out, struct errbuf *eb) MUST_CHECK;

/* ---- redis_tls.c ---- */
struct redis_tls;
/* For a connected socket that does not block. host: what the certificate must name. */
struct redis_tls *redis_tls_new(int fd, const char *host, const char *ca_file, struct errbuf *eb);
void redis_tls_free(struct redis_tls *t);
/* 1 done; 0: wait for *events (POLLIN, POLLOUT); -1. Likewise bytes, 0, -1 of the others. */
int redis_tls_handshake(struct redis_tls *t, short *events, struct errbuf *eb);
ssize_t redis_tls_read(
    struct redis_tls *t, void *buf, size_t len, short *events, struct errbuf *eb);
ssize_t redis_tls_write(
    struct redis_tls *t, const void *buf, size_t len, short *events, struct errbuf *eb);

#endif
