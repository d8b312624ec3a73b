/*
 * negotiate - headers by which client and server agree: packing, ETags, keys of requests that must
 * not be done twice. Pure functions, any thread; headers are as they came.
 */
#ifndef TUBEOPS_REST_NEGOTIATE_H
#define TUBEOPS_REST_NEGOTIATE_H

#include <stdbool.h>
#include <stddef.h>

enum { REST_ETAG_SIZE = 24, REST_IDEMPOTENCY_MOST = 255 };

/* Does this Accept-Encoding take gzip? RFC 9110 12.5.3: by name or "*", not with q=0. */
bool rest_takes_gzip(const char *accept_encoding);
/* A weak tag of a text, W/"0123456789abcdef", into out (REST_ETAG_SIZE bytes). */
void rest_etag(const char *text, size_t len, char *out, size_t size);
/* Does If-None-Match name it? RFC 9110 13.1.2: "*" or a list, compared weakly. */
bool rest_etag_matches(const char *if_none_match, const char *etag);
/* 1..255 visible ASCII characters, with or without quotes around. */
bool rest_idempotency_is_valid(const char *key);

#endif
