/*
 * sync_portion - the inside of the sync alone: some channels and what of each is to be carried to
 * PostgreSQL, read out of staging batch by batch in the order in which PostgreSQL must get it: what
 * is to be gone, channels, their videos, their discoveries. Always what staging has now. One thread.
 */
#ifndef TUBEOPS_SYNC_PORTION_H
#define TUBEOPS_SYNC_PORTION_H

#include "db/postgres_rows.h"
#include "db/staging.h"

struct portion;

/* For at most max channels. NULL when out of memory. */
struct portion *portion_new(int max);
void portion_free(struct portion *p);
void portion_reset(struct portion *p);
bool portion_is_full(const struct portion *p);
int portion_count(const struct portion *p);
/* The channel added last; NULL when there is none. */
const struct cid *portion_last(const struct portion *p);
/* Takes what a single outbox row asks for; rows that name no channel are ignored. */
void portion_add(struct portion *p, const struct outbox_row *r);
struct staging_mark;
/* Channels that a mark tells of; to a portion that is not full. */
void portion_add_mark(struct portion *p, const struct staging_mark *m);
/* Was the batch that was filled last the last one with rows that marks tell of: of channels, or their
 * videos? */
bool portion_marks_are_over(struct portion *p);
/*
 * For walks: a channel whose row is in the first batch already, with all that hangs on it; in key
 * order, and not mixed with portion_add.
 */
void portion_add_sent(struct portion *p, const struct cid *key);
/* Fills b with the next rows, of one kind; none: all was read. */
enum err portion_fill(
    struct portion *p, struct staging *s, struct postgres_batch *b, struct errbuf *eb) MUST_CHECK;
/* Has b enough rows for one transaction? */
bool portion_is_enough(const struct portion *p, const struct postgres_batch *b);

#endif
