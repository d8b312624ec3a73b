/*
 * metadata - fetching channels by channels.list, for the job types that do it: 50 ids a call, the
 * language of each, rows and states. As in job_type.h: work on a worker's thread, commit on the
 * writer's.
 */
#ifndef TUBEOPS_JOBS_METADATA_H
#define TUBEOPS_JOBS_METADATA_H

#include "engine/jobs/worker.h"

/* One call for all ids of the chunk, in any order; brings them into key order. */
enum err metadata_work(struct work *w, struct chunk *c, struct errbuf *eb) MUST_CHECK;
enum err metadata_commit(struct staging *s, struct chunk *c, struct errbuf *eb) MUST_CHECK;
/*
 * Reads the reply of a channels.list that was not asked by id: rows with language and fetched_at
 * in the arena of the worker's chunk. ERR_BUSY (work_torn): it makes no sense.
 */
enum err metadata_read(struct work *w, const struct client_reply *reply, struct channel_meta **rows,
    int *n, int *odd, struct errbuf *eb) MUST_CHECK;

/* ---- metadata_bring.c ---- */
/* As the member of struct job_type. */
enum err metadata_bring(struct postgres *pg, struct chunk *c, struct errbuf *eb) MUST_CHECK;

#endif
