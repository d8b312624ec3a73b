/*
 * engine_nodes - what was read of the cluster, into a snapshot: how each node is, and all of them together.
 * Pure; any thread.
 */
#ifndef TUBEOPS_ENGINE_NODES_H
#define TUBEOPS_ENGINE_NODES_H

#include "engine/cluster/cluster.h"
#include "engine/snapshot.h"

/* After s->made_at, mono_ms and day_start. here: this node, or NULL; lease_s: after which it is silent. */
void engine_nodes_show(
    struct snapshot *s, const struct cluster_look *look, const struct uuid *here, int64_t lease_s);
/* Sums of what stands in s->nodes. */
void engine_nodes_sum(struct snapshot *s);

#endif
