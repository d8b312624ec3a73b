/*
 * search_parts - the inside of a search, shared by the files engine/discovery/search*.c alone.
 */
#ifndef TUBEOPS_DISCOVERY_SEARCH_PARTS_H
#define TUBEOPS_DISCOVERY_SEARCH_PARTS_H

#include "engine/discovery/search_run.h"

enum {
	SEARCH_PACK = 50,              /* ids in one call */
	SEARCH_VIDEOS_PER_SOURCE = 50, /* of one method */
	SEARCH_HANDLES_PER_SOURCE = 50 /* of one method; most need no call */
};

struct search_place {
	struct cid cid;
	int depth;
	uint32_t looked;  /* methods that are done with it */
	uint32_t refused; /* of these: whose request was refused */
	bool begun, dropped;
	int handle_calls;
	int n_finds[DISCOVERY_METHODS];
	int last[DISCOVERY_METHODS]; /* find, plus 1; 0: none */
};

/* Something to be looked up for a source: a video by number or a handle by name. */
struct search_want {
	int at;
	int method;
	int64_t vid;
	const char *name; /* of handles; in the search's memory */
	const char *service;
	double confidence;
	bool answered;
};

/* An answer of the look under way. */
struct search_reply {
	char *query;
	enum method method;
	enum err err; /* ERR_OK or ERR_NOTFOUND */
	char *body;
	struct client_reply reply;
};

/* Targets by id: positions in their list, plus 1; 0: free. */
struct search_index {
	int *slots;
	size_t n; /* a power of two, at least twice as many as targets; 0 at first */
};

/* A growing array; items of one size. */
struct search_list {
	void *items;
	size_t size; /* of one */
	int n, room;
};

struct search {
	struct search_config cfg;
	const struct discovery_method *methods[DISCOVERY_METHODS];
	int most[DISCOVERY_METHODS]; /* targets per source */
	int n_methods;
	int handle_calls; /* per source at most */
	struct arena *arena;
	struct str query;
	struct search_texts texts;
	struct search_place places[SEARCH_SOURCES];

	int method; /* that calls now; -1: confirming */
	int from, upto;
	struct search_list finds, videos, handles, targets, brought;
	struct search_index by_id;
	struct search_list notes;   /* that the owner has not got */
	struct search_list learned; /* names: what was answered, for the whole chunk */
	int learned_from;           /* the first that the owner has not got */
	struct search_list seen;    /* videos: what was answered and not handed over */
	struct search_list replies; /* of the look under way */
	int at_reply;
};

/* Room for one more, zeroed; NULL when out of memory. */
void *search_push(struct search_list *l);
/* Reports for a place; as search_report. */
enum err search_add(struct search *s, int at, int method, const struct cid *target,
    const char *title, const char *service, double confidence, struct errbuf *eb) MUST_CHECK;
/* The target's entry, made when there is none; NULL when out of memory. */
struct search_target *search_target_put(struct search *s, const struct search_find *f);
/* A call for the sources from..upto on behalf of a method (-1: confirming). */
enum err search_ask(struct search *s, int method, int from, int upto, enum method what,
    struct client_reply *reply, struct errbuf *eb) MUST_CHECK;

enum err search_videos(struct search *s, struct errbuf *eb) MUST_CHECK;
enum err search_names(struct search *s, struct errbuf *eb) MUST_CHECK;

#endif
