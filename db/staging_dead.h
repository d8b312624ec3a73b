/*
 * staging_dead - dead letters: channels that an operation gave up on, with the reason. Threads as in
 * staging.h; W: the writer alone, inside its transaction.
 */
#ifndef TUBEOPS_DB_STAGING_DEAD_H
#define TUBEOPS_DB_STAGING_DEAD_H

#include "db/staging.h"

/* Which letters are meant; every member that is set must fit. {.op = OP_NONE} means all. */
struct dead_filter {
	enum op op;            /* OP_NONE: any */
	int64_t job;           /* 0: any */
	const char *reason;    /* NULL: any */
	const struct cid *cid; /* NULL: any */
};

/* W: state failed and a dead letter. */
enum err staging_dead_letter_put(
    struct staging *s, const struct dead_letter *d, struct errbuf *eb) MUST_CHECK;
/* W: these channels become pending in the operation that failed, their letters go; *n of them. */
enum err staging_dead_retry(
    struct staging *s, const struct dead_filter *which, int64_t *n, struct errbuf *eb) MUST_CHECK;
/* W: these letters go; the channels stay failed, and no retry of all finds them again. */
enum err staging_dead_drop(
    struct staging *s, const struct dead_filter *which, int64_t *n, struct errbuf *eb) MUST_CHECK;

/* Return ERR_CANCELLED to end a walk early. Rows are borrowed. */
typedef enum err staging_dead_letter_fn(void *arg, const struct dead_letter *d, struct errbuf *eb);
/* Newest first, at most max (0: all). */
enum err staging_dead_letters_each(struct staging *s, const struct dead_filter *which, int64_t max,
    staging_dead_letter_fn *fn, void *arg, struct errbuf *eb) MUST_CHECK;
/* How many of each operation and reason, most first. */
typedef enum err staging_dead_reason_fn(
    void *arg, enum op op, const char *reason, int64_t n, struct errbuf *eb);
enum err staging_dead_reasons_each(struct staging *s, const struct dead_filter *which,
    staging_dead_reason_fn *fn, void *arg, struct errbuf *eb) MUST_CHECK;

#endif
