/*
 * engine_found - the channels that a filter finds, in the order of a list, some hundreds at a time and
 * without an end: for exports. What no index helps with is looked through all the same. A walk belongs
 * to one thread.
 */
#ifndef TUBEOPS_ENGINE_FOUND_H
#define TUBEOPS_ENGINE_FOUND_H

#include "db/staging.h"

enum { FOUND_MOST = 1000 }; /* ids of one step */

struct found;

/*
 * q: the filter language, NULL: all; sort: as lists call it, NULL: by id. In another order a channel
 * whose place changes meanwhile may come twice or not at all. ERR_INVALID: one of them is wrong.
 */
enum err found_open(
    struct found **out, const char *q, const char *sort, struct errbuf *eb) MUST_CHECK;
/* The next ids, perhaps none although *more is true: then so much was looked through in vain. */
enum err found_next(struct found *f, struct staging *s, struct cid ids[FOUND_MOST], size_t *n,
    bool *more, struct errbuf *eb) MUST_CHECK;
/* NULL is allowed. */
void found_close(struct found *f);

#endif
