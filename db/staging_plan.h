/*
 * staging_plan - what was changed of the plan at run time, as names with numbers; what they mean is
 * engine/quota/plan_stored.h. Threads as in staging.h; W: the writer alone, inside its transaction.
 */
#ifndef TUBEOPS_DB_STAGING_PLAN_H
#define TUBEOPS_DB_STAGING_PLAN_H

#include "db/staging.h"

typedef void staging_plan_fn(void *arg, const char *name, int64_t value);
enum err staging_plan_each(
    struct staging *s, staging_plan_fn *fn, void *arg, struct errbuf *eb) MUST_CHECK;
/* W */
enum err staging_plan_put(
    struct staging *s, const char *name, int64_t value, struct errbuf *eb) MUST_CHECK;

#endif
