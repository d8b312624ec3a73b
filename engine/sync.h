/*
 * sync - carries the outbox of staging to PostgreSQL: a thread of its own, or one synchronous push.
 * At least once and idempotent: PostgreSQL commits first, then the writer strikes the rows out. It
 * reads staging through a connection of its own, a batch at a time. Walks (everything, one import)
 * and single rows take turns, so that neither waits for the end of the other.
 * While PostgreSQL is down the thread tries again after 1 to 60 s; nothing is lost meanwhile.
 * The functions on a struct sync may be called from any thread, start and stop from its owner.
 */
#ifndef TUBEOPS_SYNC_H
#define TUBEOPS_SYNC_H

#include "engine/base/meter.h"
#include "engine/base/secret.h"
#include "engine/jobs/writer.h"

#include <stdatomic.h>

struct sync;

struct sync_config {
	const struct secret
	    *url; /* DATABASE_URL, copied; NULL: not configured, start does nothing */
	const char *staging_path; /* copied */
	struct writer *writer;    /* borrowed until sync_stop */
	struct log *log;          /* the same */
	int batch;                /* channels in one transaction; 0: the default */
	struct meters *meters;    /* statements are counted there; borrowed; NULL is fine */
};

struct sync_numbers {
	bool configured;
	bool ok;           /* the last contact with PostgreSQL was good */
	char trouble[320]; /* why not, and when it tries again; "" when ok */
	int64_t retry_at;  /* UTC seconds; 0: not waiting */
	int64_t rows;      /* sent and committed since the start */
	int64_t written;   /* of them new or changed in PostgreSQL */
	int64_t refused;   /* rows that PostgreSQL does not take; each is in the log */
	int64_t batches;
	int64_t outbox;    /* rows of the outbox at the last look */
	int64_t walk_left; /* channels that a walk still has to visit, estimated from its key */
	int64_t last_ok;   /* UTC seconds of the last good contact; 0: never */
	int64_t since;     /* UTC seconds: since when it is not ok; 0: it is */
	int64_t tries;     /* in vain since then */
};

/* Starts the thread, also when there is nothing to sync to: it then sleeps for good. */
enum err sync_start(struct sync **out, const struct sync_config *cfg, struct errbuf *eb) MUST_CHECK;
/* Ends the thread within a second or so; what was not acknowledged is sent again next time. */
void sync_stop(struct sync *s);
/* Something entered the outbox. Cheap; any number of calls make one push. */
void sync_poke(struct sync *s);
/* Somebody wants it now: a wait after trouble ends too. */
void sync_now(struct sync *s);
void sync_numbers(struct sync *s, struct sync_numbers *out);

/* Called after every batch; false ends the push with ERR_CANCELLED. */
typedef bool sync_progress_fn(void *arg, const struct sync_numbers *n);
/*
 * Pushes in this thread until the outbox is empty. PostgreSQL may be away for some seconds, not
 * longer. stop and progress may be NULL. *out has the numbers in every case. Not beside a running
 * struct sync of the same staging file: both would send the same rows.
 */
enum err sync_push(const struct sync_config *cfg, const atomic_bool *stop,
    sync_progress_fn *progress, void *arg, struct sync_numbers *out, struct errbuf *eb) MUST_CHECK;

#endif
