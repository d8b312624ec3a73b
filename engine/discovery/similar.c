#include "config.h"
#include "engine/discovery/similar.h"
#include "db/staging_discovery.h"
#include "engine/discovery/search.h"

#include <stdlib.h>
#include <string.h>

static const double similar_least = 0.3; /* below, two channels have hardly more than their size */

/* ---- terms ---- */

/* FNV-1a over the text in ASCII lower case, positive; kind keeps topics and keywords apart. */
static int64_t similar_hash(char kind, const char *text)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	h = (h ^ (unsigned char)kind) * UINT64_C(0x100000001b3);
	for (; *text; text++) {
		char c = *text >= 'A' && *text <= 'Z' ? (char)(*text + 32) : *text;
		h = (h ^ (unsigned char)c) * UINT64_C(0x100000001b3);
	}
	return (int64_t)(h >> 1);
}

static int similar_add(char kind, const struct text_list *list, int64_t *terms, int n, int most)
{
	for (int i = 0; i < list->n && n < most; i++) {
		int64_t h = similar_hash(kind, list->items[i]);
		int k = 0;
		while (k < n && terms[k] != h)
			k++;
		if (k == n)
			terms[n++] = h;
	}
	return n;
}

int similar_terms(const struct channel_meta *m, int64_t *terms)
{
	int n = similar_add('t', &m->topics, terms, 0, SIMILAR_TERMS / 2);

	return similar_add('k', &m->keywords, terms, n, SIMILAR_TERMS);
}

static double similar_jaccard(char kind, const struct text_list *a, const struct text_list *b)
{
	int64_t x[SIMILAR_TERMS], y[SIMILAR_TERMS];
	int n = similar_add(kind, a, x, 0, SIMILAR_TERMS);
	int m = similar_add(kind, b, y, 0, SIMILAR_TERMS), both = 0;

	for (int i = 0; i < n; i++)
		for (int k = 0; k < m; k++)
			both += x[i] == y[k];
	return both ? (double)both / (n + m - both) : 0;
}

double similar_score(const struct channel_meta *a, const struct channel_meta *b)
{
	double small = (double)a->subscriber_count, large = (double)b->subscriber_count, ratio = 0;
	double score = 0.4 * similar_jaccard('t', &a->topics, &b->topics) +
	               0.3 * similar_jaccard('k', &a->keywords, &b->keywords);

	if (a->subscriber_count > 0 && b->subscriber_count > 0)
		ratio = small < large ? small / large : large / small;
	if (ratio > 0.1)
		score += 0.2 * ratio;
	if (a->language && b->language && strcmp(a->language, b->language) == 0 &&
	    strcmp(a->language, "und") != 0)
		score += 0.1;
	return score > 1 ? 1 : score;
}

/* ---- the look ---- */

struct similar_term {
	int64_t id, holders;
};

struct similar_hit {
	struct cid cid;
	double weight; /* rare terms that it shares weigh more */
};

struct similar_best {
	struct cid cid;
	double score;
};

static int similar_rarest(const void *a, const void *b)
{
	const struct similar_term *x = a, *y = b;

	return x->holders < y->holders ? -1 : x->holders > y->holders;
}

static int similar_by_cid(const void *a, const void *b)
{
	return cid_compare(
	    &((const struct similar_hit *)a)->cid, &((const struct similar_hit *)b)->cid);
}

static int similar_by_weight(const void *a, const void *b)
{
	const struct similar_hit *x = a, *y = b;

	if (x->weight < y->weight || x->weight > y->weight)
		return x->weight > y->weight ? -1 : 1;
	return cid_compare(&x->cid, &y->cid);
}

/* The channels that share terms with the source, each once; at most SIMILAR_READ. */
static enum err similar_gather(struct staging *st, const struct channel_meta *m,
    struct similar_hit *hits, int *n, struct errbuf *eb)
{
	int64_t ids[SIMILAR_TERMS];
	struct similar_term terms[SIMILAR_TERMS];
	struct cid *cids = malloc(SIMILAR_READ * sizeof *cids);
	int n_terms = similar_terms(m, ids), read = 0, got = 0, kept = 0;
	enum err err = cids ? ERR_OK : err_set(eb, ERR_NOMEM, "out of memory");

	for (int i = 0; i < n_terms && !err; i++) {
		terms[i].id = ids[i];
		err = staging_term_count(st, ids[i], &terms[i].holders, eb);
	}
	if (!err)
		qsort(terms, (size_t)n_terms, sizeof terms[0], similar_rarest);
	for (int i = 0; i < n_terms && read < SIMILAR_READ && !err; i++) {
		err = staging_term_channels(st, terms[i].id, cids, SIMILAR_READ - read, &got, eb);
		for (int k = 0; k < got && !err; k++)
			hits[read++] =
			    (struct similar_hit){cids[k], 1.0 / (double)(terms[i].holders + 1)};
	}
	free(cids);
	qsort(hits, (size_t)read, sizeof *hits, similar_by_cid);
	for (int i = 0; i < read; i++)
		if (kept && cid_compare(&hits[kept - 1].cid, &hits[i].cid) == 0)
			hits[kept - 1].weight += hits[i].weight;
		else
			hits[kept++] = hits[i];
	*n = kept;
	return err;
}

struct similar_look {
	const struct channel_meta *source;
	struct similar_best best[SIMILAR_MOST + 1]; /* falling */
	int n;
};

static enum err similar_compare(void *arg, const struct channel_row *row, struct errbuf *eb)
{
	struct similar_look *l = arg;
	double score = row->has_meta ? similar_score(l->source, &row->meta) : 0;
	int i = l->n;

	(void)eb;
	if (score < similar_least)
		return ERR_OK;
	for (; i > 0 && l->best[i - 1].score < score; i--)
		l->best[i] = l->best[i - 1];
	l->best[i] = (struct similar_best){row->cid, score};
	l->n += l->n < SIMILAR_MOST;
	return ERR_OK;
}

static enum err similar_find(struct search *s, const struct search_source *src, struct errbuf *eb)
{
	struct staging *st = search_reader(s);
	struct similar_look l = {.source = &src->row->meta};
	struct similar_hit *hits = malloc(SIMILAR_READ * sizeof *hits);
	int n = 0, compared = 0;
	enum err err = hits ? similar_gather(st, &src->row->meta, hits, &n, eb)
	                    : err_set(eb, ERR_NOMEM, "out of memory");

	if (!err)
		qsort(hits, (size_t)n, sizeof *hits, similar_by_weight);
	for (int i = 0; i < n && compared < SIMILAR_COMPARED && !err; i++) {
		if (cid_compare(&hits[i].cid, &src->row->cid) == 0)
			continue;
		err = staging_channel_get(st, &hits[i].cid, similar_compare, &l, eb);
		err = err == ERR_NOTFOUND ? ERR_OK : err;
		compared++;
	}
	for (int i = 0; i < l.n && !err; i++)
		err = search_report(s, src, &l.best[i].cid, NULL, NULL, l.best[i].score, eb);
	free(hits);
	return err;
}

const struct discovery_method similar_method = {
    .name = "similar_content",
    .service = "tubeops",
    .confidence = 0.6,
    .bucket = BUCKET_UNITS,
    .units = 0,
    .most = SIMILAR_MOST,
    .is_quiet = true,
    .is_default = true,
    .help = "channels in staging with like topics, keywords, language and size; no calls",
    .find = similar_find,
};
