#include "config.h"
#include "engine/discovery/confidence.h"
#include "db/staging_discovery.h"

#include <math.h>
#include <stdlib.h>

static const double confidence_mutual = 1.15, confidence_top = 0.99;

double discovery_confidence(const struct confidence_edge *edges, size_t n, bool is_mutual)
{
	double not_any = 1, all;

	for (size_t i = 0; i < n; i++) {
		const struct confidence_edge *e = &edges[i];
		double age = e->age_days > 0 ? e->age_days : 0;
		double repeat = 1 - pow(0.5, (double)(e->seen > 0 ? e->seen : 0));
		double hub = 1 / (1 + log10(1 + (double)(e->degree > 0 ? e->degree : 0)));
		double fade = pow(0.5, age / (double)CONFIDENCE_HALF_LIFE_DAYS);
		double prior = e->prior < 0 ? 0 : e->prior > 1 ? 1 : e->prior;
		not_any *= 1 - prior * repeat * hub * fade;
	}
	all = 1 - not_any;
	if (is_mutual && n)
		all = all * confidence_mutual > confidence_top ? fmax(all, confidence_top)
		                                               : all * confidence_mutual;
	return all;
}

struct confidence_walk {
	struct staging *s;
	int64_t now;
	struct confidence_edge *edges;
	size_t n, room;
	bool is_mutual;
};

static enum err confidence_one(void *arg, const struct edge_row *e, struct errbuf *eb)
{
	struct confidence_walk *w = arg;
	int64_t degree = 0;
	bool back = false;
	enum err err = staging_edges_degree(w->s, &e->source, &degree, eb);

	if (!err && !w->is_mutual)
		err = staging_edge_has(w->s, &e->target, &e->source, &back, eb);
	if (err)
		return err;
	w->is_mutual = w->is_mutual || back;
	if (w->n == w->room) {
		size_t room = w->room ? w->room * 2 : 16;
		struct confidence_edge *grown = realloc(w->edges, room * sizeof *grown);
		if (!grown)
			return err_set(eb, ERR_NOMEM, "out of memory");
		w->edges = grown;
		w->room = room;
	}
	w->edges[w->n++] = (struct confidence_edge){.prior = e->confidence,
	    .seen = e->seen,
	    .degree = degree,
	    .age_days = (double)(w->now - e->last_seen) / 86400};
	return ERR_OK;
}

enum err discovery_combined(
    struct staging *s, const struct cid *target, int64_t now, double *out, struct errbuf *eb)
{
	struct confidence_walk w = {.s = s, .now = now};
	enum err err = staging_edges_to(s, target, confidence_one, &w, eb);

	*out = err ? 0 : discovery_confidence(w.edges, w.n, w.is_mutual);
	free(w.edges);
	return err;
}
