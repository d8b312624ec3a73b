/*
 * engine_found - what a filter finds among the things that lists show (channels, videos, discoveries),
 * in the order of a list, some hundreds at a time and without an end: for exports. What no index helps
 * with is looked through all the same. A walk belongs to one thread.
 */
#ifndef TUBEOPS_ENGINE_FOUND_H
#define TUBEOPS_ENGINE_FOUND_H

#include "db/staging.h"

enum { FOUND_MOST = 1000 }; /* keys of one step */

struct found;

/* What names a row. */
struct found_key {
	struct cid channel; /* of discoveries: the source */
	int64_t vid;        /* videos */
	struct cid target;  /* discoveries */
	char method[64];    /* discoveries */
};

/*
 * what: "channels", "videos", "discoveries". q: the filter language, NULL: all; sort: as lists call it, NULL: by
 * id. channel: only what belongs to it (videos), or what it led to (discoveries); NULL: any. In another order
 * a row whose place changes meanwhile may come twice or not at all. ERR_INVALID: one of them is wrong.
 */
enum err found_open(struct found **out, const char *what, const char *q, const char *sort,
    const char *channel, struct errbuf *eb) MUST_CHECK;
/* The next keys, perhaps none although *more is true: then so much was looked through in vain. */
enum err found_next(struct found *f, struct staging *s, struct found_key keys[FOUND_MOST],
    size_t *n, bool *more, struct errbuf *eb) MUST_CHECK;
/* NULL is allowed. */
void found_close(struct found *f);

#endif
