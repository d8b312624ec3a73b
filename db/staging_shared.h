/*
 * staging_shared - what a node of a cluster keeps in staging of the work that it shares: channels lent
 * by another node, and marks: what became of ids of a work chunk, on their way to PostgreSQL with the
 * rows that they tell of. Threads as in staging.h; W: the writer alone, inside its transaction.
 */
#ifndef TUBEOPS_DB_STAGING_SHARED_H
#define TUBEOPS_DB_STAGING_SHARED_H

#include "db/staging.h"

enum { MARK_IDS = 50 };

struct staging_mark {
	int64_t chunk;
	int epoch;
	enum op
	    op; /* what was done with the ids: with videos their rows are carried too, and facts told */
	int64_t units; /* below 2^24 */
	int n;
	struct cid ids[MARK_IDS];
	unsigned char at[MARK_IDS * 2]; /* places in the chunk, high byte first */
	unsigned char outcome[MARK_IDS];
	uint64_t facts[MARK_IDS]; /* of OP_VIDEOS: db/cluster.h */
};

/* W: enters the outbox, whatever walks there are. */
enum err staging_mark_add(
    struct staging *s, const struct staging_mark *m, struct errbuf *eb) MUST_CHECK;
/* The mark of an outbox row of kind OUTBOX_MARK. ERR_NOTFOUND; ERR_CORRUPT. */
enum err staging_mark_get(
    struct staging *s, int64_t seq, struct staging_mark *out, struct errbuf *eb) MUST_CHECK;
/* Does the outbox have a mark of this work chunk? Reads all of it. */
enum err staging_marks_wait(
    struct staging *s, int64_t chunk, bool *any, struct errbuf *eb) MUST_CHECK;
/* W: channels that are not here yet become pending ones of this origin. *added of them. */
enum err staging_channels_lend(struct staging *s, const struct cid *ids, int n, int64_t origin,
    int64_t *added, struct errbuf *eb) MUST_CHECK;

#endif
