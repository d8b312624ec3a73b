/*
 * staging_rank - the number of a channel in key order, and the channel of a number, over any number
 * of channels in well under a millisecond: counts of keys by their first two bytes, kept in the
 * transactions that add and delete channels. Any connection; W: the writer's.
 */
#ifndef TUBEOPS_DB_STAGING_RANK_H
#define TUBEOPS_DB_STAGING_RANK_H

#include "db/staging.h"

struct staging_import;

/* W: a channel came (by 1) or went (by -1). */
enum err staging_rank_add(
    struct staging *s, const struct cid *cid, int by, struct errbuf *eb) MUST_CHECK;
/* W: the rows of this import that were taken; added of them were new. */
enum err staging_rank_import(
    struct staging *s, const struct staging_import *im, struct errbuf *eb) MUST_CHECK;
/* W: counts anew when there are channels and no counts: a file of before them. */
enum err staging_rank_build(struct staging *s, struct errbuf *eb) MUST_CHECK;

/* The n-th channel (from 0). False: there are not so many. */
enum err staging_rank_at(
    struct staging *s, int64_t n, struct cid *cid, bool *found, struct errbuf *eb) MUST_CHECK;
/* How many channels have a key below this one. */
enum err staging_rank_of(
    struct staging *s, const struct cid *cid, int64_t *n, struct errbuf *eb) MUST_CHECK;
/* Counts and compares: ERR_CORRUPT with the first difference. */
enum err staging_rank_check(struct staging *s, struct errbuf *eb) MUST_CHECK;

#endif
