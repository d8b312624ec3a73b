/*
 * rest - the HTTP server that scripts talk to: libmicrohttpd in front, one route table behind.
 * Starts threads of its own; rest_start and rest_stop belong to one thread. Its threads only call
 * engine functions that any thread may call.
 */
#ifndef TUBEOPS_REST_H
#define TUBEOPS_REST_H

#include "engine/base/err.h"
#include "engine/base/log.h"
#include "engine/base/settings.h"

struct engine;
struct rest;

/*
 * Listens on address ("127.0.0.1:5000", "[::1]:5000", "localhost:0"). e, s and lg are borrowed
 * until rest_stop. *port (may be NULL) is the port it got. ERR_INVALID for an address that makes no
 * sense, ERR_DENIED for one beyond this machine without API_TOKEN, ERR_BUSY when it is in use.
 */
enum err rest_start(struct rest **out, struct engine *e, const struct settings *s, struct log *lg,
    const char *address, int *port, struct errbuf *eb) MUST_CHECK;
/* Does it talk TLS? Its address is https:// then. */
bool rest_is_tls(const struct rest *r);
/* Ends connections and threads; returns when no handler runs any more. NULL is allowed. */
void rest_stop(struct rest *r);

#endif
