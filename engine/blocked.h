/*
 * blocked - the list "what does not go on, why, until when" of the dashboard, read from a snapshot.
 * Pure; those that need a person come first, then what goes on by itself soonest.
 */
#ifndef TUBEOPS_BLOCKED_H
#define TUBEOPS_BLOCKED_H

#include "engine/snapshot.h"

/* Fills s->blocked from the rest of s. */
void blocked_find(struct snapshot *s);

#endif
