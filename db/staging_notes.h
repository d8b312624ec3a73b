/*
 * staging_notes - what methods of discovery remember of channels besides edges: what need not be
 * asked again, and whom they saw too seldom to believe it. Threads as in staging.h; W: the writer
 * alone, inside its transaction.
 */
#ifndef TUBEOPS_DB_STAGING_NOTES_H
#define TUBEOPS_DB_STAGING_NOTES_H

#include "db/staging.h"

/* W: how a channel answered to `what` (a method's name): "closed" (it shows that to nobody), "later"
 * (it was not asked: the bucket was spent). at: UTC seconds. The newest stays. */
enum err staging_target_note_put(struct staging *s, const struct cid *cid, const char *what,
    const char *state, int64_t at, struct errbuf *eb) MUST_CHECK;
/* When that was; 0 when there is no such note. */
enum err staging_target_note_at(struct staging *s, const struct cid *cid, const char *what,
    const char *state, int64_t *at, struct errbuf *eb) MUST_CHECK;
/* W: there is no such note any more. */
enum err staging_target_note_drop(
    struct staging *s, const struct cid *cid, const char *what, struct errbuf *eb) MUST_CHECK;

/* W: target was seen below source (*is_new: for the first time); *n: below how many in all. */
enum err staging_sighting_put(struct staging *s, const struct cid *target, const struct cid *source,
    int64_t at, int64_t *n, bool *is_new, struct errbuf *eb) MUST_CHECK;

/* Return ERR_CANCELLED to end a walk early. */
typedef enum err staging_sighting_fn(
    void *arg, const struct cid *source, int64_t at, struct errbuf *eb);
/* The sources below which a target was seen, in key order. */
enum err staging_sightings_of(struct staging *s, const struct cid *target, staging_sighting_fn *fn,
    void *arg, struct errbuf *eb) MUST_CHECK;
/* W: forgets those last seen before `before` (UTC seconds). */
enum err staging_sightings_prune(struct staging *s, int64_t before, struct errbuf *eb) MUST_CHECK;

#endif
