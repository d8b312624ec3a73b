/*
 * staging_discovery - the graph that discovery finds: edges between channels, and the channels it
 * brought. Threads as in staging.h; W: the writer alone, inside its transaction.
 */
#ifndef TUBEOPS_DB_STAGING_DISCOVERY_H
#define TUBEOPS_DB_STAGING_DISCOVERY_H

#include "db/staging.h"

/* W: a new edge, or one more sight of a known one (seen grows, last_seen moves). *is_new may be
 * NULL. Does not touch the outbox: staging_edges_changed once per source. */
enum err staging_edge_put(
    struct staging *s, const struct edge_row *e, bool *is_new, struct errbuf *eb) MUST_CHECK;
/* W: the discoveries of this source enter the outbox. */
enum err staging_edges_changed(
    struct staging *s, const struct cid *source, struct errbuf *eb) MUST_CHECK;
/*
 * W: a channel that discovery brought: stored as pending in every operation with origin and depth,
 * once. *added is false when it stood in staging already, however it came there. title may be NULL.
 */
enum err staging_found_put(struct staging *s, const struct cid *cid, const char *title,
    int64_t origin, const struct cid *source, int depth, int64_t job, bool *added,
    struct errbuf *eb) MUST_CHECK;
/* Steps from an imported channel; 0 for those that did not come from discovery. */
enum err staging_found_depth(
    struct staging *s, const struct cid *cid, int *depth, struct errbuf *eb) MUST_CHECK;

/* Return ERR_CANCELLED to end a walk early. Rows are borrowed. */
typedef enum err staging_edge_fn(void *arg, const struct edge_row *e, struct errbuf *eb);
/* From or to one channel. */
enum err staging_edges_from(struct staging *s, const struct cid *source, staging_edge_fn *fn,
    void *arg, struct errbuf *eb) MUST_CHECK;
enum err staging_edges_to(struct staging *s, const struct cid *target, staging_edge_fn *fn,
    void *arg, struct errbuf *eb) MUST_CHECK;
/* All in order of (source, target, method), after source *after (NULL: from the first). */
enum err staging_edges_each(struct staging *s, const struct cid *after, staging_edge_fn *fn,
    void *arg, struct errbuf *eb) MUST_CHECK;

#endif
