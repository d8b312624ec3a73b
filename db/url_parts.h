/*
 * url_parts - pieces of a server's address: user:password@host:port (RFC 3986; percent signs are
 * decoded, an IPv6 host stands in brackets). What db_url and redis_url share. Pure functions, any
 * thread. Texts that are returned are owned by the caller; what *out held before is freed. No error
 * text repeats a part of the URL, for any part may be a password gone astray.
 */
#ifndef TUBEOPS_DB_URL_PARTS_H
#define TUBEOPS_DB_URL_PARTS_H

#include "engine/base/err.h"
#include "engine/base/secret.h"

#include <stddef.h>

/* Bytes of text behind "://" up to the path, the options or the end; *user: of them before the @, and it. */
size_t url_authority_length(const char *text, size_t *user);
/* The decoded part; `what` names it in messages. ERR_INVALID, ERR_LIMIT (4,096 bytes). */
enum err url_part(
    char **out, const char *p, size_t len, const char *what, struct errbuf *eb) MUST_CHECK;
/* "user:password" without the @. *password stays NULL without a colon; *masked: it stands there as ***. */
enum err url_user_part(char **user, struct secret **password, bool *masked, const char *p,
    size_t len, struct errbuf *eb) MUST_CHECK;
/* "host:port"; *host without brackets, may be empty; *port 0: none. */
enum err url_host_part(
    char **host, int *port, const char *p, size_t len, struct errbuf *eb) MUST_CHECK;
/* Decoded and kept as a secret. */
enum err url_secret_part(
    struct secret **out, const char *p, size_t len, struct errbuf *eb) MUST_CHECK;

#endif
