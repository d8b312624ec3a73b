/*
 * postgres_rows - channels, videos, edges and jobs as PostgreSQL takes them: a batch of one kind is
 * copied into a temporary table and put in its place by one transaction. What becomes of each field
 * is in postgres_channels.c, _videos.c, _edges.c, of each conflict in db/sql/postgres-*.sql. One
 * thread at a time.
 */
#ifndef TUBEOPS_DB_POSTGRES_ROWS_H
#define TUBEOPS_DB_POSTGRES_ROWS_H

#include "db/postgres.h"
#include "db/rows.h"

/* In this order rows of one time may be sent: what is erased first, channels before what is theirs. */
enum postgres_kind {
	POSTGRES_GONE,
	POSTGRES_CHANNELS,
	POSTGRES_VIDEOS,
	POSTGRES_EDGES,
	POSTGRES_KINDS
};

struct postgres_batch;

/* NULL when out of memory. */
struct postgres_batch *postgres_batch_new(void);
void postgres_batch_free(struct postgres_batch *b);
/* Empties it, for rows of this kind alone. */
void postgres_batch_reset(struct postgres_batch *b, enum postgres_kind kind);
/* These copy the row. ERR_LIMIT: too large or too many, nothing was added. */
/* forgot: what PostgreSQL had of this channel may just have been taken away. */
enum err postgres_batch_channel(struct postgres_batch *b, const struct channel_row *row,
    bool forgot, struct errbuf *eb) MUST_CHECK;
enum err postgres_batch_video(
    struct postgres_batch *b, const struct video_row *v, struct errbuf *eb) MUST_CHECK;
enum err postgres_batch_edge(
    struct postgres_batch *b, const struct edge_row *e, struct errbuf *eb) MUST_CHECK;
static const int64_t POSTGRES_ERASE = INT64_MAX;
/*
 * before POSTGRES_ERASE: the channel goes, with its videos and discoveries. Else UTC seconds: what
 * YouTube told of it before that goes (metadata, videos, discoveries), its row stays.
 */
enum err postgres_batch_gone(
    struct postgres_batch *b, const struct cid *cid, int64_t before, struct errbuf *eb) MUST_CHECK;
enum postgres_kind postgres_batch_kind(const struct postgres_batch *b);
size_t postgres_batch_count(const struct postgres_batch *b);
/* Of its text; a batch of some tens of MiB is large enough. */
size_t postgres_batch_bytes(const struct postgres_batch *b);

/* What a batch came to. */
struct postgres_pushed {
	int64_t rows;    /* PostgreSQL has them now */
	int64_t written; /* of them new or changed */
	int64_t refused; /* set aside, each told to the refusal function */
};
/* what: "channel UC…", "video … of …": for the log; borrowed. */
typedef void postgres_refused_fn(void *arg, const char *what, const struct errbuf *why);

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
