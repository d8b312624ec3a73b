/*
 * discovery_parts - what the files of the job type batch_discovery share: its lists of channels that
 * may or may not be taken, and the rows that go from a worker to the writer.
 */
#ifndef TUBEOPS_JOBS_DISCOVERY_PARTS_H
#define TUBEOPS_JOBS_DISCOVERY_PARTS_H

#include "db/staging_terms.h"
#include "engine/discovery/search_run.h"
#include "engine/jobs/job_type.h"

/* An edge with what its numbers need. */
struct discovery_edge {
	struct edge_row row;
	int method; /* its position in discovery_rows.methods */
	int depth;  /* of the target on this way */
};

/* A chunk's rows; all in its arena but for static texts. */
struct discovery_rows {
	const char *const *methods; /* names, by position */
	int n_methods;
	struct discovery_edge *edges; /* those of one source stand together */
	int n_edges;
	struct search_brought *brought;
	int n_brought;
	struct term_row *terms; /* of those that were brought; as staging_terms_put likes them */
	int n_terms;
	struct search_target *plain; /* found, not confirmed: they stay pending */
	int n_plain;
	struct handle_row *handles;
	int n_handles;
	struct mentioned_video *videos;
	int n_videos;
	struct search_note *notes; /* states and sightings */
	int n_notes;
};

/* ERR_INVALID in words when methods or lists make no sense. Reads the deny file. */
enum err discovery_check(const json_t *params, struct errbuf *eb) MUST_CHECK;
/* W: stores the lists of a job; once, so that the file may change or go afterwards. */
enum err discovery_begin(
    struct staging *s, int64_t job, const json_t *params, struct errbuf *eb) MUST_CHECK;
/* Has a job with these parameters lists? */
bool discovery_has_lists(const json_t *params);
/* Any connection: may this job take this channel? */
enum err discovery_may_take(struct staging *s, int64_t job, const json_t *params,
    const struct cid *cid, bool *yes, struct errbuf *eb) MUST_CHECK;

/*
 * Worker: these channels enter the index of similar ones, before anybody looks for their like. So
 * of two channels at least the one that entered last sees the other, whatever runs beside. _begin
 * posts, without waiting; _end waits for the commit and frees (NULL: there was nothing to wait for).
 */
struct discovery_index;
enum err discovery_index_begin(struct writer *w, struct staging *reader, const struct cid *ids,
    int n, struct discovery_index **out, struct errbuf *eb) MUST_CHECK;
enum err discovery_index_end(struct discovery_index *index, struct errbuf *eb) MUST_CHECK;
/* W: stores r->notes: what methods remember, and whom enough sources led to (discovery_notes.c). */
enum err discovery_notes_commit(struct staging *s, struct chunk *c, const struct discovery_rows *r,
    struct errbuf *eb) MUST_CHECK;
/* W: stores c->rows (struct discovery_rows, or NULL) and counts what it meant. */
enum err discovery_commit(struct staging *s, struct chunk *c, struct errbuf *eb) MUST_CHECK;

#endif
