/*
 * postgres_rows - channels and jobs as PostgreSQL takes them: a batch of channels is copied into a
 * temporary table and put in its place by one transaction. What becomes of each field is in
 * postgres_rows.c, of each conflict in db/sql/postgres-upsert.sql. One thread at a time.
 */
#ifndef TUBEOPS_DB_POSTGRES_ROWS_H
#define TUBEOPS_DB_POSTGRES_ROWS_H

#include "db/postgres.h"
#include "db/rows.h"

struct postgres_batch;

/* NULL when out of memory. */
struct postgres_batch *postgres_batch_new(void);
void postgres_batch_free(struct postgres_batch *b);
void postgres_batch_reset(struct postgres_batch *b);
/* Copies the row. ERR_LIMIT: too large or too many, nothing was added. */
enum err postgres_batch_add(
    struct postgres_batch *b, const struct channel_row *row, struct errbuf *eb) MUST_CHECK;
size_t postgres_batch_count(const struct postgres_batch *b);
/* Of its text; a batch of some tens of MiB is large enough. */
size_t postgres_batch_bytes(const struct postgres_batch *b);
/* The channel added last; NULL when it is empty. */
const struct cid *postgres_batch_last(const struct postgres_batch *b);

/* What a batch came to. */
struct postgres_pushed {
	int64_t rows;    /* PostgreSQL has them now */
	int64_t written; /* of them new or changed */
	int64_t refused; /* set aside, each told to the refusal function */
};
typedef void postgres_refused_fn(void *arg, const struct cid *cid, const struct errbuf *why);

/* Once per session, after postgres_migrate. */
enum err postgres_rows_prepare(struct postgres *pg, struct errbuf *eb) MUST_CHECK;
/* Sends the batch and returns while the server works on it. */
enum err postgres_batch_send(
    struct postgres *pg, const struct postgres_batch *b, struct errbuf *eb) MUST_CHECK;
/*
 * Waits for the commit of what was sent. When a row is at fault the batch is halved until it is
 * found, and the rest goes in: only then is refused() called. b must not have changed since.
 */
enum err postgres_batch_finish(struct postgres *pg, const struct postgres_batch *b,
    postgres_refused_fn *refused, void *arg, struct postgres_pushed *out,
    struct errbuf *eb) MUST_CHECK;
/*
 * Writes one job. The original knows four words: waiting, paused and interrupted are "pending"
 * there, cancelled is "failed" with a message that begins with "cancelled".
 */
enum err postgres_job_put(
    struct postgres *pg, const struct job_row *j, struct errbuf *eb) MUST_CHECK;
/* The original's word for a status. */
const char *postgres_job_status(enum job_status status);

#endif
