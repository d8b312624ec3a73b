/*
 * feed - hands out the channels that a kind of work is due for, each once: walks staging page by
 * page and starts over only when everything handed out has been stored. The dispatcher thread's
 * alone. A kind of feed is one row of the table in feed.c: a page query and a count.
 */
#ifndef TUBEOPS_JOBS_FEED_H
#define TUBEOPS_JOBS_FEED_H

#include "db/staging_feeds.h"

struct feed {
	enum feed_kind kind;
	struct feed_ask ask; /* of the job it works for now */
	struct cid *page;    /* ids read and not yet handed out: page[at..n) */
	int n, at, room;
	struct feed_place place; /* the last one read */
	bool at_end;             /* the walk has passed the last one */
	int64_t found;           /* since the walk began */
	int64_t out;             /* handed out and neither stored nor given up */
};

enum feed_answer {
	FEED_GIVEN, /* at least one id */
	FEED_LATER, /* the walk is over, but what is out may come back */
	FEED_EMPTY  /* nothing is pending, and nothing is out */
};

enum err feed_init(struct feed *f, enum feed_kind kind, int page, struct errbuf *eb) MUST_CHECK;
void feed_done(struct feed *f);
/*
 * Up to max ids into ids; *n of them. Fills chunks across page borders, so that only the last one
 * of a walk can be short. Another ask begins another walk, once nothing is out. *answer as above;
 * counts n into f->out.
 */
enum err feed_take(struct feed *f, struct staging *s, const struct feed_ask *ask, struct cid *ids,
    int max, int *n, enum feed_answer *answer, struct errbuf *eb);
/* n ids were stored (again: false) or dropped unhandled and will be found by another walk. */
void feed_settle(struct feed *f, int n, bool again);
/* Something became pending behind the walk (an import, a retry, a new day): walk once more. */
void feed_again(struct feed *f);

#endif
