/*
 * unpack - gzip (RFC 1952) and zstd (RFC 8878) streams back into text, piece by piece: members and
 * frames one behind the other count as one text, as gzip and zstd themselves have it. Memory is one
 * window: 32 KiB of gzip, at most 128 MiB of zstd. Belongs to one thread.
 */
#ifndef TUBEOPS_DB_SOURCES_UNPACK_H
#define TUBEOPS_DB_SOURCES_UNPACK_H

#include "engine/base/err.h"

#include <stddef.h>

struct unpack;

enum { UNPACK_HEAD = 4 }; /* bytes that unpack_is_packed wants to see, when there are as many */

/* By the magic bytes: is this gzip or zstd? */
bool unpack_is_packed(const char *head, size_t len);
/* For what begins with head. ERR_NOMEM. */
enum err unpack_new(
    struct unpack **out, const char *head, size_t len, struct errbuf *eb) MUST_CHECK;
void unpack_free(struct unpack *u);
/*
 * Takes some of in[0..*in_len) and makes some of out[0..*out_len); both become what was taken and
 * made. Nothing of both: it needs more. ERR_CORRUPT when the bytes make no sense, ERR_LIMIT for a
 * zstd window beyond 128 MiB; what was made before is given by the call before.
 */
enum err unpack_some(struct unpack *u, const char *in, size_t *in_len, char *out, size_t *out_len,
    struct errbuf *eb) MUST_CHECK;
/* Nothing comes any more: ERR_CORRUPT when the text is not whole. */
enum err unpack_end(const struct unpack *u, struct errbuf *eb) MUST_CHECK;

#endif
