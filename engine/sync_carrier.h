/*
 * sync_carrier - the inside of engine/sync.c alone: moves outbox rows to PostgreSQL in rounds.
 * Belongs to one thread; only its numbers are read by others.
 */
#ifndef TUBEOPS_SYNC_CARRIER_H
#define TUBEOPS_SYNC_CARRIER_H

#include "db/postgres_rows.h"
#include "engine/sync.h"

struct carrier;

/* Copies cfg's texts. stop may be NULL. */
struct carrier *carrier_new(
    const struct sync_config *cfg, const atomic_bool *stop, struct errbuf *eb);
void carrier_free(struct carrier *c);
/* Called after each batch and each look at the outbox. */
void carrier_set_progress(struct carrier *c, sync_progress_fn *progress, void *arg);
/* Opens staging and PostgreSQL where they are not open, and migrates. */
enum err carrier_open(struct carrier *c, struct errbuf *eb) MUST_CHECK;
/* Ends the PostgreSQL session; the next carrier_open makes a new one. */
void carrier_disconnect(struct carrier *c);
/* What the last error asks for. POSTGRES_LOST when there was no session. */
enum postgres_fault carrier_fault(const struct carrier *c);
/* Some seconds of work at most. *more: the outbox was not empty. */
enum err carrier_round(struct carrier *c, bool *more, struct errbuf *eb) MUST_CHECK;
/* Any thread. */
void carrier_numbers(struct carrier *c, struct sync_numbers *out);
/* Notes how things stand; trouble NULL: well. */
void carrier_note(struct carrier *c, const char *trouble, int64_t retry_at);

#endif
