/*
 * search - what a method of discovery works with: calls, and where it reports what it found. One
 * search is one chunk's, made and owned by the job type batch_discovery (search_run.h); a worker
 * thread's alone. Calls go through a function of the owner, so that this folder knows no worker.
 */
#ifndef TUBEOPS_DISCOVERY_SEARCH_H
#define TUBEOPS_DISCOVERY_SEARCH_H

#include "engine/discovery/method.h"
#include "engine/discovery/providers.h"

#include <jansson.h>

/*
 * The current method calls the API; its units are counted for it. What this look at this source
 * asked before and had answered is answered again without a call. reply is valid until the next
 * call. Errors as work_call (engine/jobs/worker.h).
 */
enum err search_call(struct search *s, enum method method, const char *query,
    struct client_reply *reply, struct errbuf *eb) MUST_CHECK;
/* For a 200 whose body makes no sense: forgets it, so that it is asked anew; returns ERR_BUSY. */
enum err search_torn(struct search *s, struct errbuf *eb) MUST_CHECK;
/* The method whose find() runs. */
const struct discovery_method *search_method(const struct search *s);
struct json_reader *search_json(struct search *s);
/* A reading connection; shows what was committed. */
struct staging *search_reader(struct search *s);
/* The job's parameters, checked. */
const json_t *search_params(const struct search *s);
/* Scratch for a query, empty; borrowed until the next search_call. */
struct str *search_query(struct search *s);

/*
 * The current method found a channel for this source. title may be NULL; service (static text)
 * NULL: the method's; confidence < 0: the method's. The source itself, denied ids and those past
 * the cap per source are dropped here; a repeat adds to the times that the edge was seen (and
 * keeps the higher confidence). ERR_NOMEM, or an error of staging.
 */
enum err search_report(struct search *s, const struct search_source *src, const struct cid *target,
    const char *title, const char *service, double confidence, struct errbuf *eb) MUST_CHECK;
/* A video whose channel is wanted: looked up 50 at a time (videos.list), reported for src. */
enum err search_want_video(
    struct search *s, const struct search_source *src, int64_t vid, struct errbuf *eb) MUST_CHECK;
/*
 * A "@handle" (without the @, any case): staging's cache first, then one channels.list?forHandle,
 * at most `handles_per_source` of those for one source. What is not asked waits in the cache for
 * the job type that resolves names. Anything that can be no handle is dropped.
 */
enum err search_want_handle(struct search *s, const struct search_source *src, const char *name,
    const char *service, double confidence, struct errbuf *eb) MUST_CHECK;

/* ---- what else a look leaves behind; taken back with it when it breaks ---- */

/* Adds to the job's number methods.METHOD.what, or methods.METHOD.who.what; who (may be NULL) and
 * what must outlive the search. */
enum err search_count(struct search *s, const struct search_source *src, const char *who,
    const char *what, int64_t by, struct errbuf *eb) MUST_CHECK;
/* Remembers how the source answered to the method: "closed" (it shows that to nobody) or "later"
 * (not asked, its bucket is spent). Static text. */
enum err search_close(struct search *s, const struct search_source *src, const char *state,
    struct errbuf *eb) MUST_CHECK;
/* Was that so less than so many days ago? */
enum err search_is_closed(struct search *s, const struct search_source *src, const char *state,
    int days, bool *yes, struct errbuf *eb) MUST_CHECK;
/*
 * A channel was seen below the source, too weak a sign by itself: it is found, with edges from all of
 * them, once `comment_sources` different sources led to it. Exact however many workers look: the
 * writer counts. Not confirmed here: it stays pending for batch_metadata, 50 a unit.
 */
enum err search_sight(struct search *s, const struct search_source *src, const struct cid *target,
    const char *title, struct errbuf *eb) MUST_CHECK;

/* The stored texts of the source that was read last (texts.h), for the methods that look at it. */
struct search_texts {
	int of; /* its position; -1: none */
	struct str all;
};
struct search_texts *search_texts(struct search *s);

/* Does the job use no other method? Then one whose bucket is spent may make it wait. */
bool search_is_alone(const struct search *s);
/* The services in use (NULL: none) and how to ask them. */
struct providers *search_providers(const struct search *s, struct provider_asking *asking);

#endif
