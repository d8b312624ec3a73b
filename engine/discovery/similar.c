#include "config.h"
#include "engine/discovery/similar.h"
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

int similar_rows(const struct channel_meta *m, struct term_row *out)
{
	int64_t terms[SIMILAR_TERMS];
	int n = similar_terms(m, terms);

	for (int i = 0; i < n; i++)
		out[i] = (struct term_row){terms[i], m->cid};
	return n;
}

int similar_room(const struct channel_meta *m)
{
	int n = (m->topics.n > 0 ? m->topics.n : 0) + (m->keywords.n > 0 ? m->keywords.n : 0);

	return n < SIMILAR_TERMS ? n : SIMILAR_TERMS;
}

struct similar_set {
	int64_t ids[SIMILAR_TERMS];
	int n;
};

/* A channel as it is likened to others. */
struct similar_traits {
	struct similar_set topics, keywords;
	double subscribers;   /* 0 or less: hidden */
	const char *language; /* borrowed; NULL: not known */
};

static void similar_traits_of(const struct channel_meta *m, struct similar_traits *out)
{
	out->topics.n = similar_add('t', &m->topics, out->topics.ids, 0, SIMILAR_TERMS);
	out->keywords.n = similar_add('k', &m->keywords, out->keywords.ids, 0, SIMILAR_TERMS);
	out->subscribers = (double)m->subscriber_count;
	out->language = m->language && strcmp(m->language, "und") != 0 ? m->language : NULL;
}

static double similar_jaccard(const struct similar_set *a, const struct similar_set *b)
{
	int both = 0;

	for (int i = 0; i < a->n; i++)
		for (int k = 0; k < b->n; k++)
			both += a->ids[i] == b->ids[k];
	return both ? (double)both / (a->n + b->n - both) : 0;
}

static double similar_likeness(const struct similar_traits *a, const struct similar_traits *b)
{
	double small = a->subscribers, large = b->subscribers, ratio = 0;
	double score = 0.4 * similar_jaccard(&a->topics, &b->topics) +
	               0.3 * similar_jaccard(&a->keywords, &b->keywords);

	if (small > 0 && large > 0)
		ratio = small < large ? small / large : large / small;
	if (ratio > 0.1)
		score += 0.2 * ratio;
	if (a->language && b->language && strcmp(a->language, b->language) == 0)
		score += 0.1;
	return score > 1 ? 1 : score;
}

double similar_score(const struct channel_meta *a, const struct channel_meta *b)
{
	struct similar_traits x, y;

	similar_traits_of(a, &x);
	similar_traits_of(b, &y);
	return similar_likeness(&x, &y);
}

/* ---- the look ---- */

enum { SIMILAR_SLOTS = 2048 }; /* a power of two, at least twice SIMILAR_READ */

struct similar_term {
	int64_t id, holders;
};

struct similar_hit {
	struct cid cid;
	double weight; /* rare terms that it shares weigh more */
};

/* The channels that share terms with a source, each once. */
struct similar_hits {
	struct similar_hit items[SIMILAR_READ];
	int n;
	unsigned short slots[SIMILAR_SLOTS]; /* number of an item, plus 1; 0: free */
};

struct similar_best {
	struct cid cid;
	double score;
};

struct similar_look {
	const struct cid *cid; /* of the source */
	struct similar_traits source;
	struct similar_hits hits;
	struct cid read[SIMILAR_READ];                    /* of one term */
	const struct similar_hit *near[SIMILAR_COMPARED]; /* falling by weight */
	int n_near;
	struct similar_best best[SIMILAR_MOST + 1]; /* falling */
	int n;
};

static int similar_rarest(const void *a, const void *b)
{
	const struct similar_term *x = a, *y = b;

	return x->holders < y->holders ? -1 : x->holders > y->holders;
}

static bool similar_is_nearer(const struct similar_hit *x, const struct similar_hit *y)
{
	if (x->weight < y->weight || x->weight > y->weight)
		return x->weight > y->weight;
	return cid_compare(&x->cid, &y->cid) < 0;
}

/* Ids are random: their bytes will do for a place. */
static void similar_hit_add(struct similar_hits *hits, const struct cid *cid, double weight)
{
	struct similar_hit *hit;
	uint64_t h;
	size_t i;

	memcpy(&h, cid->b, sizeof h);
	for (i = h * UINT64_C(0x9e3779b97f4a7c15) >> 20 & (SIMILAR_SLOTS - 1); hits->slots[i];
	     i = (i + 1) & (SIMILAR_SLOTS - 1)) {
		hit = &hits->items[hits->slots[i] - 1];
		if (cid_compare(&hit->cid, cid) == 0) {
			hit->weight += weight;
			return;
		}
	}
	hits->items[hits->n++] = (struct similar_hit){*cid, weight};
	hits->slots[i] = (unsigned short)hits->n;
}

/* The channels that share terms with the source: SIMILAR_READ rows, of the rarest terms first. */
static enum err similar_gather(
    struct staging *st, const struct channel_meta *m, struct similar_look *l, struct errbuf *eb)
{
	int64_t ids[SIMILAR_TERMS];
	struct similar_term terms[SIMILAR_TERMS];
	int n_terms = similar_terms(m, ids), read = 0, got = 0;
	enum err err = ERR_OK;

	for (int i = 0; i < n_terms && !err; i++) {
		terms[i].id = ids[i];
		err = staging_term_count(st, ids[i], &terms[i].holders, eb);
	}
	if (!err)
		qsort(terms, (size_t)n_terms, sizeof terms[0], similar_rarest);
	for (int i = 0; i < n_terms && read < SIMILAR_READ && !err; i++) {
		err =
		    staging_term_channels(st, terms[i].id, l->read, SIMILAR_READ - read, &got, eb);
		for (int k = 0; k < got && !err; k++)
			similar_hit_add(
			    &l->hits, &l->read[k], 1.0 / (double)(terms[i].holders + 1));
		read += got;
	}
	return err;
}

/* Those of the greatest weight, but the source itself. */
static void similar_choose(struct similar_look *l)
{
	for (int h = 0; h < l->hits.n; h++) {
		const struct similar_hit *hit = &l->hits.items[h];
		int i = l->n_near;
		if (cid_compare(&hit->cid, l->cid) == 0)
			continue;
		if (i == SIMILAR_COMPARED && !similar_is_nearer(hit, l->near[--i]))
			continue;
		for (; i > 0 && similar_is_nearer(hit, l->near[i - 1]); i--)
			l->near[i] = l->near[i - 1];
		l->near[i] = hit;
		l->n_near += l->n_near < SIMILAR_COMPARED;
	}
}

static enum err similar_compare(void *arg, const struct channel_meta *m, struct errbuf *eb)
{
	struct similar_look *l = arg;
	struct similar_traits its;
	double score;
	int i = l->n;

	(void)eb;
	similar_traits_of(m, &its);
	score = similar_likeness(&l->source, &its);
	if (score < similar_least)
		return ERR_OK;
	for (; i > 0 && l->best[i - 1].score < score; i--)
		l->best[i] = l->best[i - 1];
	l->best[i] = (struct similar_best){m->cid, score};
	l->n += l->n < SIMILAR_MOST;
	return ERR_OK;
}

static enum err similar_find(struct search *s, const struct search_source *src, struct errbuf *eb)
{
	struct staging *st = search_reader(s);
	struct similar_look *l = malloc(sizeof *l);
	enum err err;

	if (!l)
		return err_set(eb, ERR_NOMEM, "out of memory");
	l->hits.n = l->n_near = l->n = 0;
	memset(l->hits.slots, 0, sizeof l->hits.slots);
	l->cid = &src->row->cid;
	similar_traits_of(&src->row->meta, &l->source);
	err = similar_gather(st, &src->row->meta, l, eb);
	if (!err)
		similar_choose(l);
	for (int i = 0; i < l->n_near && !err; i++) {
		err = staging_traits_get(st, &l->near[i]->cid, similar_compare, l, eb);
		err = err == ERR_NOTFOUND ? ERR_OK : err;
	}
	for (int i = 0; i < l->n && !err; i++)
		err = search_report(s, src, &l->best[i].cid, NULL, NULL, l->best[i].score, eb);
	free(l);
	return err;
}

const struct discovery_method similar_method = {
    .name = "similar_content",
    .service = "tubeops",
    .confidence = 0.6,
    .bucket = BUCKET_UNITS,
    .units = 0,
    .most = SIMILAR_MOST,
    .turn = TURN_LIKE,
    .is_default = true,
    .help = "channels in staging with like topics, keywords, language and size; no calls",
    .find = similar_find,
};
