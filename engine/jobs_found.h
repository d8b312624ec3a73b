/*
 * jobs_found - jobs as a list for people: which of them pass a filter, in which order they stand, and
 * which are on the page that begins at a place. It takes the jobs one after the other, as snapshots
 * have them, and keeps some bytes of each that passes. The same for the engine's list (engine_jobs_list.c),
 * exports, actions on all that match, and the demo. Pure; of one thread at a time.
 */
#ifndef TUBEOPS_JOBS_FOUND_H
#define TUBEOPS_JOBS_FOUND_H

#include "engine/command.h"
#include "engine/snapshot.h"

enum { JOBS_PLACE = 64 };

struct jobs_found;

/* How many were looked at, and how many of them pass: in all, by state, and so that an action can be done. */
struct jobs_counts {
	int64_t all, total;
	int64_t states[JOB_IS_COUNT];
	int64_t can[ACTION_COUNT]; /* of actions on jobs */
};

/*
 * q: a filter, NULL or "": all. sort: "state" (NULL and "" mean it), "id", "type", "done", "percent", "rate", "err",
 * "units", "why" (when it ends or goes on), "created", "ended", each with ":asc" or ":desc" behind it or "-" before
 * it. now: UTC seconds, for ages. ERR_INVALID says what there is.
 */
enum err jobs_found_open(struct jobs_found **out, const char *q, const char *sort, int64_t now,
    struct errbuf *eb) MUST_CHECK;
/* NULL is allowed. */
void jobs_found_close(struct jobs_found *f);
/* Does it pass the filter? */
bool jobs_found_passes(const struct jobs_found *f, const struct snapshot_job *j);
enum err jobs_found_take(
    struct jobs_found *f, const struct snapshot_job *j, struct errbuf *eb) MUST_CHECK;

/* After the last one: puts them in order. From now on rows have numbers from 0. */
void jobs_found_order(struct jobs_found *f);
const struct jobs_counts *jobs_found_counts(const struct jobs_found *f);
int64_t jobs_found_no(const struct jobs_found *f, size_t at);
enum snapshot_job_state jobs_found_state(const struct jobs_found *f, size_t at);
/* Where a row stands, for `after` and `before`. */
void jobs_found_place(const struct jobs_found *f, size_t at, char out[JOBS_PLACE]);
/*
 * The rows of a page: *from and how many, at most limit, behind the place `after`, or before the place `before` ("end":
 * the last ones); both NULL: the first. ERR_INVALID: no place of this order.
 */
enum err jobs_found_page(const struct jobs_found *f, const char *after, const char *before,
    int64_t limit, size_t *from, size_t *n, struct errbuf *eb) MUST_CHECK;

/* The page with the first of these jobs ("J-1042,J-1040") in its middle; none of them is there: the first page. */
void jobs_found_around(
    const struct jobs_found *f, const char *ids, int64_t limit, size_t *from, size_t *n);

#endif
