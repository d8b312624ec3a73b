/*
 * staging_terms - the index of similar channels: which hold a term (a topic or keyword, as a number),
 * and what channels are likened by. Threads as in staging.h; W: the writer alone, inside its
 * transaction.
 */
#ifndef TUBEOPS_DB_STAGING_TERMS_H
#define TUBEOPS_DB_STAGING_TERMS_H

#include "db/staging.h"

struct term_row {
	int64_t term;
	struct cid cid;
};

/* For qsort: by term, then by channel. */
int term_row_compare(const void *a, const void *b);
/* W: channels hold terms; a term that `most` hold already takes no more. Rows of one term stand
 * together: in the order of term_row_compare it costs least. */
enum err staging_terms_put(
    struct staging *s, const struct term_row *rows, int n, int most, struct errbuf *eb) MUST_CHECK;
/* How many channels hold a term; 0 for one that is not known. */
enum err staging_term_count(
    struct staging *s, int64_t term, int64_t *n, struct errbuf *eb) MUST_CHECK;
/* At most max of them, *n in cids. */
enum err staging_term_channels(struct staging *s, int64_t term, struct cid *cids, int max, int *n,
    struct errbuf *eb) MUST_CHECK;

/* What a channel is likened by: of m its lists, language and subscribers alone; borrowed. */
typedef enum err staging_traits_fn(void *arg, const struct channel_meta *m, struct errbuf *eb);
/* ERR_NOTFOUND: it has no metadata. */
enum err staging_traits_get(struct staging *s, const struct cid *cid, staging_traits_fn *fn,
    void *arg, struct errbuf *eb) MUST_CHECK;

#endif
