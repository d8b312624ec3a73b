/*
 * events_diff - what changed between two snapshots, as the texts of server-sent events. Pure but for
 * the function it calls; any thread.
 */
#ifndef TUBEOPS_REST_EVENTS_DIFF_H
#define TUBEOPS_REST_EVENTS_DIFF_H

#include "engine/snapshot.h"

/* name: "job" …; json: one line, borrowed for the call. */
typedef void rest_event_fn(void *arg, const char *name, const char *json);

/* before NULL: nothing was known; only what is wrong now is told. */
void rest_events_diff(
    const struct snapshot *before, const struct snapshot *now, rest_event_fn *fn, void *arg);

#endif
