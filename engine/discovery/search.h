/*
 * search - what the methods of one chunk share: calls, what they found, and what is still to be
 * looked up in packs of 50. Made and owned by the job type batch_discovery; a worker thread's
 * alone. Calls go through a function of the owner, so that this folder knows no worker.
 */
#ifndef TUBEOPS_DISCOVERY_SEARCH_H
#define TUBEOPS_DISCOVERY_SEARCH_H

#include "engine/discovery/method.h"

#include <jansson.h>

/* What the owner gives; valid as long as the search. */
struct search_config {
	/* One API call on behalf of a method (units are counted for it); errors as work_call. */
	enum err (*call)(void *arg, enum method method, const char *query,
	    struct client_reply *reply, struct errbuf *eb);
	/* For a 200 whose body makes no sense; returns ERR_BUSY. */
	enum err (*torn)(void *arg, struct errbuf *eb);
	void *arg;
	struct json_reader *json;
	struct staging *reader; /* shows what was committed */
	const json_t *params;   /* of the job, checked */
	int per_source;         /* targets of one source and method at most */
};

/* The current method calls the API. w's reply is valid until the next call. */
enum err search_call(struct search *s, enum method method, const char *query,
    struct client_reply *reply, struct errbuf *eb) MUST_CHECK;
enum err search_torn(struct search *s, struct errbuf *eb) MUST_CHECK;
struct json_reader *search_json(struct search *s);
struct staging *search_reader(struct search *s);
const json_t *search_params(const struct search *s);
struct str *search_query(struct search *s); /* scratch, empty */

/*
 * The current method found a channel for this source. title may be NULL; service NULL: the
 * method's; confidence < 0: the method's. The source itself, repeats, denied ids and those past
 * the cap per source are dropped here. ERR_NOMEM alone.
 */
enum err search_report(struct search *s, const struct search_source *src, const struct cid *target,
    const char *title, const char *service, double confidence, struct errbuf *eb) MUST_CHECK;
/* A video whose channel is wanted: looked up 50 at a time (videos.list), reported for src. */
enum err search_want_video(
    struct search *s, const struct search_source *src, int64_t vid, struct errbuf *eb) MUST_CHECK;
/* A "@handle" (without the @): staging's cache first, then one channels.list?forHandle. */
enum err search_want_handle(struct search *s, const struct search_source *src, const char *name,
    const char *service, double confidence, struct errbuf *eb) MUST_CHECK;

#endif
