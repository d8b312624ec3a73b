/*
 * job_numbers - what a job counted besides its items (chunk_count), as members of its result: dots
 * in a name become levels. Any thread with a connection of its own.
 */
#ifndef TUBEOPS_JOBS_JOB_NUMBERS_H
#define TUBEOPS_JOBS_JOB_NUMBERS_H

#include "engine/jobs/job_type.h"

/* Adds the numbers of job no to an object, then lets its type complete it. type may be NULL. */
enum err job_numbers_read(struct staging *s, int64_t no, const struct job_type *type, json_t *into,
    struct errbuf *eb) MUST_CHECK;

#endif
