/*
 * similar - likeness of two channels by what is stored of them: topics, keywords, size, language.
 *
 * It scales by an inverted index in staging (term, term_channel): topics and keywords as hashes,
 * each with at most SIMILAR_HOLDERS channels - a word that more have tells nothing. The index is
 * filled as discovery meets channels (those it confirmed, and sources before they are looked at), so
 * a source is likened to those met before it: look at edges in both directions. A look reads at most SIMILAR_READ rows of
 * it, rarest terms first, and the metadata of SIMILAR_COMPARED channels.
 */
#ifndef TUBEOPS_DISCOVERY_SIMILAR_H
#define TUBEOPS_DISCOVERY_SIMILAR_H

#include "db/staging_terms.h"

enum {
	SIMILAR_TERMS = 40,
	SIMILAR_HOLDERS = 1000,
	SIMILAR_READ = 600,
	SIMILAR_COMPARED = 24,
	SIMILAR_MOST = 8
};

/* The terms of a channel, none twice, at most SIMILAR_TERMS; returns how many. Pure. */
int similar_terms(const struct channel_meta *m, int64_t *terms);
/* The same as rows of the index; out has room for SIMILAR_TERMS. Pure. */
int similar_rows(const struct channel_meta *m, struct term_row *out);
/* A channel has no more terms than this. Pure. */
int similar_room(const struct channel_meta *m);
/*
 * 0..1: 0.4 x Jaccard of topics + 0.3 x Jaccard of keywords + 0.2 x smaller / larger subscriber
 * count when that is over 0.1 + 0.1 for the same language. Pure.
 */
double similar_score(const struct channel_meta *a, const struct channel_meta *b);

#endif
