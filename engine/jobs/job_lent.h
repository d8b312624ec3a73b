/*
 * job_lent - which jobs the nodes of a cluster share, and a job of another node that this one works at: its
 * parameters name its home. Pure.
 */
#ifndef TUBEOPS_JOBS_JOB_LENT_H
#define TUBEOPS_JOBS_JOB_LENT_H

#include "engine/jobs/job_type.h"

#include <stdbool.h>
#include <string.h>

/* Among the parameters of such a job, as stored; no job type has a parameter of this name. */
#define JOB_HOME "home_node"

/* params: as stored, JSON. */
static inline bool job_is_lent(const char *params)
{
	return strstr(params, "\"" JOB_HOME "\":\"") != NULL;
}

/*
 * May nodes share it? A job with a budget of units of its own is done by its node alone: nodes do not ask
 * each other before each call.
 */
static inline bool job_may_share(const struct job_type *type, const json_t *params)
{
	return type->shares && json_integer_value(json_object_get(params, "units")) <= 0 &&
	       json_integer_value(json_object_get(params, "units_per_day")) <= 0;
}

#endif
