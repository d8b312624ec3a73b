/*
 * address - what a REST server may listen on and who may talk to it: addresses, Host and Origin
 * headers. Pure functions, any thread.
 */
#ifndef TUBEOPS_REST_ADDRESS_H
#define TUBEOPS_REST_ADDRESS_H

#include "engine/base/err.h"

#include <sys/socket.h>

struct rest_address {
	struct sockaddr_storage at;
	socklen_t size;
};

/*
 * "127.0.0.1:5000", "[::1]:5000", "localhost:5000"; port 0 is allowed. ERR_INVALID says what to
 * write.
 */
enum err rest_address_parse(
    const char *text, struct rest_address *out, struct errbuf *eb) MUST_CHECK;
bool rest_address_is_loopback(const struct rest_address *a);
/* Does a Host header name this machine from its inside (localhost, 127.0.0.1, [::1], any port)? */
bool rest_host_is_local(const char *host);
/* The same for an Origin header ("http://localhost:3000"); "null" is not local. */
bool rest_origin_is_local(const char *origin);

#endif
