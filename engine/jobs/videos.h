/*
 * videos - fetching the newest uploads of channels, for the job types that do it. As in job_type.h:
 * members of a struct job_type with `keeps`.
 */
#ifndef TUBEOPS_JOBS_VIDEOS_H
#define TUBEOPS_JOBS_VIDEOS_H

#include "engine/jobs/worker.h"

int videos_chunk_ids(const json_t *params);
void videos_summary(json_t *result);
enum err videos_work(struct work *w, struct chunk *c, struct errbuf *eb) MUST_CHECK;
enum err videos_commit(struct staging *s, struct chunk *c, struct errbuf *eb) MUST_CHECK;
void videos_drop(struct chunk *c);
/* videos_bring.c */
enum err videos_bring(struct postgres *pg, struct chunk *c, struct errbuf *eb) MUST_CHECK;

#endif
