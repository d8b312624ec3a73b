/*
 * job_lent - a job of another node of a cluster that this one works at: its parameters name its home. Pure.
 */
#ifndef TUBEOPS_JOBS_JOB_LENT_H
#define TUBEOPS_JOBS_JOB_LENT_H

#include <stdbool.h>
#include <string.h>

/* Among the parameters of such a job, as stored; no job type has a parameter of this name. */
#define JOB_HOME "home_node"

/* params: as stored, JSON. */
static inline bool job_is_lent(const char *params)
{
	return strstr(params, "\"" JOB_HOME "\":\"") != NULL;
}

#endif
