/*
 * staging_events - the timeline of each job and the errors it met, for its page. A job keeps
 * STAGING_EVENTS rows at most. Threads as in staging.h; W: the writer alone, inside its transaction.
 */
#ifndef TUBEOPS_DB_STAGING_EVENTS_H
#define TUBEOPS_DB_STAGING_EVENTS_H

#include "db/staging.h"

enum {
	STAGING_EVENTS = 200,
	STAGING_EVENT_FOLD_MS = 10 * 60 * 1000 /* the same within it counts as one row, n grows */
};

struct job_event {
	int64_t job;
	int64_t at_ms, last_ms; /* UTC; last_ms 0: at_ms */
	int64_t n;              /* how often; of kinds with `one`: what is compared */
	const char *kind;       /* running paused … slow key quota best … */
	const char *text;
	const char *who; /* "": nobody */
	bool one;        /* the job has one row of this kind: the one with the largest n */
};

/* W */
enum err staging_job_event_put(
    struct staging *s, const struct job_event *e, struct errbuf *eb) MUST_CHECK;
typedef enum err staging_job_event_fn(void *arg, const struct job_event *e, struct errbuf *eb);
/* Oldest first. */
enum err staging_job_events_each(struct staging *s, int64_t job, staging_job_event_fn *fn,
    void *arg, struct errbuf *eb) MUST_CHECK;

struct job_error {
	const char *reason;
	int64_t seen, retried, recovered;
	int64_t last_ms;
};
/* W: adds to the numbers of this reason. */
enum err staging_job_error_add(
    struct staging *s, int64_t job, const struct job_error *by, struct errbuf *eb) MUST_CHECK;
typedef enum err staging_job_error_fn(void *arg, const struct job_error *e, struct errbuf *eb);
/* The most frequent first. */
enum err staging_job_errors_each(struct staging *s, int64_t job, staging_job_error_fn *fn,
    void *arg, struct errbuf *eb) MUST_CHECK;

#endif
