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
struct found_row {
	struct cid cid, source; /* which led to it first */
	const char *title;      /* NULL: not told */
	int64_t origin, job;
	int depth;    /* steps from an imported channel */
	bool is_done; /* its metadata is stored in this transaction */
};

/*
 * W: a channel that discovery brought: stored with origin and depth, once, as pending in every
 * operation but metadata that is done. *added is false when it stood in staging already, however it
 * came there: then nothing changes. Does not touch the outbox.
 */
enum err staging_found_put(
    struct staging *s, const struct found_row *f, bool *added, struct errbuf *eb) MUST_CHECK;
/* W: a channel that discovery brought before was found on a shorter way: the feed may want it now.
 * Channels found through it keep their depth. Does nothing to others. */
enum err staging_found_nearer(struct staging *s, const struct cid *cid, const struct cid *source,
    int depth, struct errbuf *eb) MUST_CHECK;
/* Steps from an imported channel; 0 for those that did not come from discovery. */
enum err staging_found_depth(
    struct staging *s, const struct cid *cid, int *depth, struct errbuf *eb) MUST_CHECK;

/* Does it stand in staging? */
enum err staging_channel_has(
    struct staging *s, const struct cid *cid, bool *yes, struct errbuf *eb) MUST_CHECK;

/* W: the origin of what one job found, made on first use. */
enum err staging_origin_of(struct staging *s, const char *source, const char *label, int64_t *id,
    struct errbuf *eb) MUST_CHECK;

/* W: this job may take this channel (allow: of the list of those that alone may be taken), or not. */
enum err staging_rule_put(struct staging *s, int64_t job, const struct cid *cid, bool allow,
    struct errbuf *eb) MUST_CHECK;
/* Has the job a list of this kind? */
enum err staging_rules_have(
    struct staging *s, int64_t job, bool allow, bool *yes, struct errbuf *eb) MUST_CHECK;
/* ERR_NOTFOUND: the lists do not name it. */
enum err staging_rule_get(struct staging *s, int64_t job, const struct cid *cid, bool *allow,
    struct errbuf *eb) MUST_CHECK;

/* A video that a text links to, and whose it is. */
struct mentioned_video {
	int64_t vid;
	bool found; /* channel is known; else YouTube did not return it */
	struct cid channel;
	int64_t at; /* UTC seconds */
};
/* W: what an answer said. */
enum err staging_mentioned_video_put(
    struct staging *s, const struct mentioned_video *v, struct errbuf *eb) MUST_CHECK;
/* ERR_NOTFOUND: nobody asked yet. */
enum err staging_mentioned_video_get(
    struct staging *s, int64_t vid, struct mentioned_video *out, struct errbuf *eb) MUST_CHECK;

/* Title and description of the newest videos of a channel, at most max; may be NULL; borrowed. */
typedef enum err staging_text_fn(
    void *arg, const char *title, const char *description, struct errbuf *eb);
enum err staging_video_texts(struct staging *s, const struct cid *channel, int max,
    staging_text_fn *fn, void *arg, struct errbuf *eb) MUST_CHECK;

/* Return ERR_CANCELLED to end a walk early. Rows are borrowed. */
typedef enum err staging_edge_fn(void *arg, const struct edge_row *e, struct errbuf *eb);
/* From or to one channel. */
enum err staging_edges_from(struct staging *s, const struct cid *source, staging_edge_fn *fn,
    void *arg, struct errbuf *eb) MUST_CHECK;
enum err staging_edges_to(struct staging *s, const struct cid *target, staging_edge_fn *fn,
    void *arg, struct errbuf *eb) MUST_CHECK;
/* The one of this method from one to the other; none: fn is not called. */
enum err staging_edge_get(struct staging *s, const struct cid *source, const struct cid *target,
    const char *method, staging_edge_fn *fn, void *arg, struct errbuf *eb) MUST_CHECK;
/* Does any method lead from one to the other? */
enum err staging_edge_has(struct staging *s, const struct cid *source, const struct cid *target,
    bool *yes, struct errbuf *eb) MUST_CHECK;
/* To how many channels one leads. */
enum err staging_edges_degree(
    struct staging *s, const struct cid *source, int64_t *n, struct errbuf *eb) MUST_CHECK;
/* All in order of (source, target, method), after source *after (NULL: from the first). */
enum err staging_edges_each(struct staging *s, const struct cid *after, staging_edge_fn *fn,
    void *arg, struct errbuf *eb) MUST_CHECK;

#endif
