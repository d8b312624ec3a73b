/*
 * staging_handles - names that are no ids ("@handle", /user/, /c/), asked once: the cache of hits
 * and misses that imports and discovery share. Threads as in staging.h; W: the writer alone, inside
 * its transaction. Names are lower case without "@"; staging_handle_key makes them so.
 */
#ifndef TUBEOPS_DB_STAGING_HANDLES_H
#define TUBEOPS_DB_STAGING_HANDLES_H

#include "db/staging.h"
#include "engine/base/str.h"

/* How long a miss is believed before the name may be asked again. */
enum { HANDLE_MISS_DAYS = 60 };

/* The name as it is kept: without "@", ASCII lower case, blanks and dots at the ends cut. False
 * when nothing that can be a name is left (3..30 characters for handles). */
bool staging_handle_key(const char *kind, const char *text, size_t len, struct str *out);
/*
 * What is known, cheapest first: the cache, then the customUrl of fetched channels. ERR_NOTFOUND:
 * nobody has asked yet. texts of *out are those of the call. Any connection.
 */
enum err staging_handle_get(struct staging *s, const char *kind, const char *name,
    struct handle_row *out, struct errbuf *eb) MUST_CHECK;
/* W: what an answer said, DONE with cid or MISSING; mentions are added. An import's unresolved row
 * of that name becomes a channel (new in staging, or known already) and leaves `unresolved`. */
enum err staging_handle_put(
    struct staging *s, const struct handle_row *h, struct errbuf *eb) MUST_CHECK;

#endif
