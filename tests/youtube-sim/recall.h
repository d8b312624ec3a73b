/*
 * recall: answers that were given once, by the request's text, so that whoever measures a client
 * does not measure the making of answers.
 * Threads: any. Ownership: everything is copied.
 */
#ifndef SIM_RECALL_H
#define SIM_RECALL_H

#include "out.h"

struct recall;

/* What of an answer is not in its body. */
struct recall_facts {
	size_t found;
	bool gzip;
	char etag[28];
};

struct recall *recall_new(void);
void recall_free(struct recall *r);
/* Appends the body that this request got before; false: it is the first of its kind. */
bool recall_find(
    struct recall *r, struct slice request, struct recall_facts *facts, struct out *body);
/* Without memory it is not kept. */
void recall_keep(
    struct recall *r, struct slice request, const struct recall_facts *facts, struct slice body);

#endif
