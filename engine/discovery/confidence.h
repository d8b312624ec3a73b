/*
 * confidence - how sure it is that a channel belongs, over all edges that lead to it: a noisy or,
 * in which repeats count less and less, sources that lead everywhere say little, and old sights
 * fade. Source: noisy-or of link prediction; the constants are planning guesses.
 */
#ifndef TUBEOPS_DISCOVERY_CONFIDENCE_H
#define TUBEOPS_DISCOVERY_CONFIDENCE_H

#include "db/staging.h"

struct confidence_edge {
	double prior;    /* of the edge, 0..1 */
	int64_t seen;    /* times */
	int64_t degree;  /* channels that its source leads to */
	double age_days; /* since it was seen last */
};

enum { CONFIDENCE_HALF_LIFE_DAYS = 180 };

/*
 * 1 - product over edges of (1 - prior * (1 - 0.5^seen) * 1 / (1 + log10(1 + degree)) *
 * 0.5^(age / 180)); 15 % more, at most 0.99, when the channel leads back to one of the sources.
 * 0 without edges. Pure.
 */
double discovery_confidence(const struct confidence_edge *edges, size_t n, bool is_mutual);
/* The same for a channel in staging, as of `now` (UTC seconds). Any connection. */
enum err discovery_combined(struct staging *s, const struct cid *target, int64_t now, double *out,
    struct errbuf *eb) MUST_CHECK;

#endif
