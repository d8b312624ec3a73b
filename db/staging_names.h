/*
 * staging_names - names that imports held instead of ids, on their way to become channels: the table
 * `unresolved` says what waits, the cache of staging_handles what is known. Threads as in staging.h;
 * W: the writer alone, inside its transaction.
 */
#ifndef TUBEOPS_DB_STAGING_NAMES_H
#define TUBEOPS_DB_STAGING_NAMES_H

#include "db/staging.h"
#include "engine/base/str.h"

/* What became of all that imports left unresolved. */
struct staging_names_found {
	int64_t resolved; /* by the cache and the customUrl of fetched channels: for nothing */
	int64_t channels; /* of them new in staging */
};

/* W: takes every unresolved name up among those to be asked, or resolves it at once; names that an
 * earlier job gave up on are asked again. */
enum err staging_names_collect(
    struct staging *s, struct staging_names_found *out, struct errbuf *eb) MUST_CHECK;
/* How many that would make due, at most: some may be known already. Any connection. */
enum err staging_names_waiting(struct staging *s, int64_t *out, struct errbuf *eb) MUST_CHECK;
/* Kind (static text) and name of number no (FEED_NAMES) into *name; ERR_NOTFOUND. Any connection. */
enum err staging_name_get(struct staging *s, int64_t no, const char **kind, struct str *name,
    struct errbuf *eb) MUST_CHECK;
/*
 * W: an answer said whose it is: staging_handle_put, and *added says whether that brought a channel
 * that is new in staging. *known: it stands there now. An erased channel's name counts as missed.
 */
enum err staging_name_resolved(struct staging *s, const char *kind, const char *name,
    const struct cid *cid, int64_t at, bool *known, bool *added, struct errbuf *eb) MUST_CHECK;
/* W: nobody has it; believed for HANDLE_MISS_DAYS. The import's row says why. */
enum err staging_name_missed(struct staging *s, const char *kind, const char *name, int64_t at,
    struct errbuf *eb) MUST_CHECK;
/* W: it could not be asked; the next job tries again. */
enum err staging_name_failed(struct staging *s, int64_t no, struct errbuf *eb) MUST_CHECK;
/* Does anything wait for a name? */
enum err staging_names_wanted(struct staging *s, bool *yes, struct errbuf *eb) MUST_CHECK;
/* W: a fetched channel says that this customUrl is its own: whatever waits for it is resolved. */
enum err staging_name_offer(struct staging *s, const char *custom_url, const struct cid *cid,
    int64_t at, struct errbuf *eb) MUST_CHECK;

#endif
