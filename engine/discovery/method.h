/*
 * method - a way to find channels that belong to a channel, one file each (featured.c, …) and one
 * row in methods.c. A method looks at one source at a time, in the order of the chunk, on a worker
 * thread; it calls the API through the search that it was given and reports what it found. The job
 * type batch_discovery (engine/jobs/discovery.c) owns the search, combines, confirms and stores.
 */
#ifndef TUBEOPS_DISCOVERY_METHOD_H
#define TUBEOPS_DISCOVERY_METHOD_H

#include "db/staging.h"
#include "engine/base/json_reader.h"
#include "engine/base/str.h"
#include "engine/youtube/client.h"
#include "engine/youtube/method.h"

struct search; /* one chunk's search: search.h */

/* In which order the methods look at the sources of a chunk. */
enum search_turn {
	TURN_QUIET =
	    -1, /* its find makes no call itself: what it wants is packed before others call */
	TURN_CALLS,
	TURN_LIKE /* makes no call, but needs all sources of the chunk in the index of similar channels */
};

/* The channel that a method looks at, as staging knows it; borrowed for the call. */
struct search_source {
	int at; /* its position in the chunk */
	const struct channel_row *row;
};

struct discovery_method {
	const char *name;    /* "youtube_featured": --method, stored, in results */
	const char *service; /* the original's service_name, where it has one */
	double confidence;   /* prior, 0..1 */
	enum bucket bucket;  /* that its calls spend */
	double units;        /* per source, roughly: for dry runs */
	int most;            /* targets per source unless --per-source says; 0: SEARCH_PER_SOURCE,
	                        -1: all that it finds */
	enum search_turn turn;
	bool is_default; /* used when no --method is given */
	const char *help;
	/*
	 * Looks at one source: search_call for what it needs, search_report for what it finds,
	 * search_want_video / search_want_handle for what can be asked 50 at a time or must be looked
	 * up. An error of search_call other than ERR_NOTFOUND (the target's final state: nothing
	 * there) is returned as it is: the same source is looked at again later, from its beginning.
	 * The search takes back what the broken look reported, and answers again, without a call,
	 * what was answered before: a method need not remember where it stood, if it asks the same in
	 * the same order.
	 */
	enum err (*find)(struct search *s, const struct search_source *src, struct errbuf *eb);
};

/* Targets of one source and method at most, where the method says nothing else. */
enum { SEARCH_PER_SOURCE = 10, DISCOVERY_METHODS = 32 };

/* NULL-terminated, cheapest first, at most DISCOVERY_METHODS. */
const struct discovery_method *const *discovery_methods(void);
const struct discovery_method *discovery_method_find(const char *name);

#endif
