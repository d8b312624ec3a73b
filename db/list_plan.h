/*
 * list_plan - arms of plans, between list_plan.c (which way) and list_arms.c (which ranges) alone.
 */
#ifndef TUBEOPS_DB_LIST_PLAN_H
#define TUBEOPS_DB_LIST_PLAN_H

#include "db/list_parts.h"

/* Makes the plan's arms of a term that fixes the first column of its way. */
bool list_arms_equal(struct list_plan *p, const struct list_thing *t, const struct filter_node *n);
/* Narrows them by a term of the column that its way sorts by. first: no other term did yet. */
bool list_arms_range(struct list_plan *p, const struct filter_node *n, bool first);

#endif
