/*
 * gunzip - unpacks a gzip text (RFC 1952) that is whole in memory, in half the time that zlib takes
 * for a stream. One object belongs to one thread at a time.
 */
#ifndef TUBEOPS_BASE_GUNZIP_H
#define TUBEOPS_BASE_GUNZIP_H

#include "engine/base/str.h"

struct gunzip;

/* NULL when out of memory. */
struct gunzip *gunzip_new(void);
void gunzip_free(struct gunzip *g);
/*
 * Makes out what in[0..len) holds, of all its members, `most` bytes at most. ERR_INVALID: it is no
 * gzip, damaged or torn; ERR_LIMIT: it holds more than `most` or than out may, found without
 * writing that much; ERR_NOMEM. out is then empty.
 */
enum err gunzip_text(
    struct gunzip *g, const char *in, size_t len, size_t most, struct str *out) MUST_CHECK;

#endif
