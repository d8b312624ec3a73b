/*
 * staging_wanted - lists of channels by name: what a job that is given the list may fetch, instead
 * of everything that is pending. An import fills a list, whoever asked for it drops it; FEED_WANTED
 * hands it out. W as in staging.h. A list that does not exist is an empty one.
 */
#ifndef TUBEOPS_DB_STAGING_WANTED_H
#define TUBEOPS_DB_STAGING_WANTED_H

#include "db/staging.h"

/* W: the number of the list, which is made when there is none. */
enum err staging_wanted_open(
    struct staging *s, const char *name, int64_t *list, struct errbuf *eb) MUST_CHECK;
/* W: drops at most max of its channels; *n of them. Fewer than max: it is empty now. */
enum err staging_wanted_clear(
    struct staging *s, const char *name, int64_t max, int64_t *n, struct errbuf *eb) MUST_CHECK;
/* W: drops the list itself, after its channels. */
enum err staging_wanted_drop(struct staging *s, const char *name, struct errbuf *eb) MUST_CHECK;
/*
 * W: the ids that one job was given, which hang on it and go with its row; FEED_FETCH_… hand them
 * out. May be called again with the same.
 */
enum err staging_wanted_give(
    struct staging *s, int64_t job, const struct cid *cid, struct errbuf *eb) MUST_CHECK;

#endif
