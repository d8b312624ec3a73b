/*
 * slow - which running jobs work slower than they could because something outside asked for it, and
 * what: the state "throttled" of screens. Pure functions on a snapshot under construction.
 */
#ifndef TUBEOPS_SLOW_H
#define TUBEOPS_SLOW_H

#include "engine/snapshot.h"

/*
 * Marks running jobs that call the API (wait "slow", a reason when they have none) by limits.what,
 * and those that look for channels while an external service is left alone. Keys, services and
 * limits are there already.
 */
void slow_mark(struct snapshot *s);

#endif
