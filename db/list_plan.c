/*
 * Which index a list is walked by. Rows in ranges of an index are counted up to a bound, which costs
 * a millisecond at most; whole tables and states are known from the counters. The way that looks at
 * the fewest rows is taken; one that looks at too many is a scan, which is told instead of done.
 */
#include "config.h"
#include "db/list_plan.h"

#include <math.h>
#include <string.h>

enum {
	PLAN_CAP = 20000, /* rows of a range that are counted */
	PLAN_TERMS = 24,  /* terms that are looked at; more are left to the condition */
	PLAN_WIDE = 8,    /* what a row costs that is looked up, to one in the narrow table */
	PLAN_FIT = 4      /* rows of a sample that must fit, for it to say something */
};

struct planner {
	struct staging *s;
	const struct list_ask *ask;
	const struct list_thing *thing;
	const struct counters *counters;
	const struct filter_node *root;
	int64_t skip; /* rows that are passed one by one */
	const struct filter_node *terms[PLAN_TERMS];
	double share[PLAN_TERMS]; /* of rows that a term lets pass, about; 0: nobody knows */
	int n_terms;
	unsigned demands; /* tables that a row must have */
	bool all_terms;   /* terms has them all */
};

static void plan_terms(struct planner *k)
{
	const struct filter_node *n = k->root;

	if (!n)
		return;
	if (n->kind != FILTER_AND) {
		k->terms[k->n_terms++] = n;
		return;
	}
	for (n = n->child; n && k->n_terms < PLAN_TERMS; n = n->next)
		k->terms[k->n_terms++] = n;
	k->all_terms = !n;
}

/* ---- counting ranges ---- */

static enum err plan_count_arm(struct planner *k, const struct list_way *w,
    const struct list_arm *a, int64_t *n, struct errbuf *eb)
{
	struct list_sql q;
	sqlite3_stmt *stmt;
	bool row = false;
	enum err err;

	list_sql_init(&q);
	list_sql_add(&q, "SELECT count(*) FROM (SELECT 1 FROM %s WHERE ", w->from);
	list_arm_where(&q, w, a);
	list_sql_add(&q, " LIMIT ");
	list_sql_int(&q, PLAN_CAP);
	list_sql_add(&q, ")");
	err = list_sql_prepare(k->s, &q, &stmt, eb);
	if (!err)
		err = db_step(staging_db(k->s), stmt, &row, eb);
	*n += !err && row ? sqlite3_column_int64(stmt, 0) : 0;
	sqlite3_finalize(stmt);
	list_sql_done(&q);
	return err;
}

/* Rows in the plan's arms, counted up to the bound. */
static enum err plan_count(
    struct planner *k, const struct list_plan *p, int64_t *n, bool *is_exact, struct errbuf *eb)
{
	enum err err = ERR_OK;

	*n = 0;
	for (int i = 0; i < p->n_arms && *n < PLAN_CAP && !err; i++)
		err = plan_count_arm(k, p->way, &p->arms[i], n, eb);
	*is_exact = *n < PLAN_CAP;
	return err;
}

/* ---- how much a term lets pass ---- */

static double plan_choice_share(struct planner *k, const struct filter_node *n, double all)
{
	uint64_t usual = k->thing->choices_of ? k->thing->choices_of(n->field, k->demands) : 0;
	double sum = 0;

	if (usual) /* the rows that are walked are no sample of all */
		return n->choices & usual ? 1 : 0;

	for (int i = 0; k->thing->filters[n->field].words[i]; i++) {
		int64_t c = (n->choices >> i & 1) && k->thing->choice_count
		                ? k->thing->choice_count(k->counters, n->field, i)
		                : 0;
		if (c < 0)
			return 0;
		sum += (double)c;
	}
	return sum / all;
}

/* By an index that has this term's field in front. */
static enum err plan_index_share(
    struct planner *k, const struct filter_node *n, double all, double *out, struct errbuf *eb)
{
	for (const struct list_way *w = k->thing->ways; w->from; w++) {
		struct list_plan p = {.way = w, .n_arms = 1};
		int64_t rows;
		bool is_exact;
		enum err err;
		if (w->equal ? !list_arms_equal(&p, k->thing, n) : !list_arms_range(&p, n, true))
			continue;
		err = plan_count(k, &p, &rows, &is_exact, eb);
		*out = (double)rows / all;
		return err;
	}
	return ERR_OK;
}

/* Where another table knows how many rows are so. */
static enum err plan_sum_share(
    struct planner *k, const struct filter_node *n, double all, double *out, struct errbuf *eb)
{
	struct list_sql q;
	sqlite3_stmt *stmt = NULL;
	bool row = false;
	enum err err;

	list_sql_init(&q);
	list_sql_add(&q, "%s", k->thing->sources[n->field].sum);
	list_where(&q, k->thing, n);
	err = list_sql_prepare(k->s, &q, &stmt, eb);
	if (!err)
		err = db_step(staging_db(k->s), stmt, &row, eb);
	if (!err && row)
		*out = fmin(sqlite3_column_double(stmt, 0) / all, 1);
	sqlite3_finalize(stmt);
	list_sql_done(&q);
	return err;
}

static enum err plan_share(
    struct planner *k, const struct filter_node *n, double *out, struct errbuf *eb)
{
	double all = (double)k->thing->count(k->counters, list_where_needs(k->thing, n)), one;
	enum err err = ERR_OK;

	*out = n->kind == FILTER_AND;
	all = all > 1 ? all : 1;
	for (const struct filter_node *c = n->child; c && !err; c = c->next) {
		err = plan_share(k, c, &one, eb);
		*out = n->kind == FILTER_AND ? *out * one : fmax(*out, one);
	}
	if (n->kind == FILTER_NOT && !err)
		*out = *out > 0 ? fmax(1 - *out, 0) : 0.1; /* what is rare is absent mostly */
	if (n->child || n->field == FILTER_ANY || err)
		return err;
	if (n->kind == FILTER_AMONG)
		*out = plan_choice_share(k, n, all);
	if (*out > 0 || (n->kind == FILTER_AMONG && k->thing->choices_of &&
	                    k->thing->choices_of(n->field, k->demands)))
		return ERR_OK;
	return k->thing->sources[n->field].sum ? plan_sum_share(k, n, all, out, eb)
	                                       : plan_index_share(k, n, all, out, eb);
}

/* ---- one way ---- */

/* The arms of p's way; used: terms that the arms hold as a whole. False: it cannot be gone. */
static bool plan_arms(struct planner *k, struct list_plan *p, bool used[PLAN_TERMS], bool *narrowed)
{
	struct list_plan next;
	bool first = true;

	p->n_arms = 1;
	p->arms[0] = (struct list_arm){.has_equal = false};
	*narrowed = false;
	memset(used, 0, PLAN_TERMS * sizeof used[0]);
	for (int i = 0; i < k->n_terms && p->way->equal && !*narrowed; i++)
		*narrowed = used[i] = list_arms_equal(p, k->thing, k->terms[i]);
	if (p->way->equal && !*narrowed)
		return false;
	for (int i = 0; i < k->n_terms; i++) {
		next = *p;
		if (!list_arms_range(&next, k->terms[i], first))
			continue;
		*p = next;
		*narrowed = used[i] = true;
		first = false;
	}
	return true;
}

/* Does the index hold less of these texts than the term says? */
static bool plan_is_loose(const struct list_plan *p, const struct filter_node *n)
{
	bool primary = p->way->equal && p->way->equal_form == LIST_PRIMARY;

	for (size_t i = 0; i < n->n && n->kind == FILTER_FITS; i++) {
		const struct filter_text *x = &n->texts[i];
		if (primary ? memchr(x->text, '-', x->len) != NULL
		            : p->way->key_kind == LIST_KEY_TEXT &&
		                  pattern_sure_prefix(x->text, x->len) < x->len)
			return true;
	}
	return false;
}

static bool plan_is_whole(struct planner *k, const struct list_plan *p, const bool used[PLAN_TERMS])
{
	for (int i = 0; i < k->n_terms; i++)
		if (!used[i] || plan_is_loose(p, k->terms[i]))
			return false;
	return k->all_terms;
}

/* What the terms that the arms do not hold let pass together; why: what nobody knows. */
static double plan_rest(struct planner *k, const bool used[PLAN_TERMS], const char **why)
{
	double share = 1;

	*why = NULL;
	for (int i = 0; i < k->n_terms; i++) {
		const struct filter_node *n = k->terms[i];
		if (used[i])
			continue;
		share *= k->share[i];
		if (!(k->share[i] > 0) && !*why)
			*why = n->kind < FILTER_FITS || n->field == FILTER_ANY
			           ? "words (title=word* and @handle have one)"
			           : k->thing->sources[n->field].why;
	}
	if (!*why && !(share > 0))
		*why = "this";
	return k->all_terms ? share : 0;
}

static enum err plan_way(
    struct planner *k, const struct list_way *w, struct list_plan *p, bool *can, struct errbuf *eb)
{
	const struct list_ask *a = k->ask;
	double need = (double)(k->skip + a->limit + 1), rest, rows;
	int64_t all = k->thing->count(k->counters, w->has);
	bool used[PLAN_TERMS], narrowed, is_exact = false;
	enum err err = ERR_OK;

	*p = (struct list_plan){.way = w, .in_order = w->sort == a->sort, .found = -1};
	/* rows without the way's tables would be passed over */
	*can = !(w->has & ~(k->thing->has | k->demands)) && plan_arms(k, p, used, &narrowed);
	if (!*can)
		return ERR_OK;
	p->rows = all;
	if (narrowed && !p->none)
		err = plan_count(k, p, &p->rows, &is_exact, eb);
	if (is_exact || p->none)
		p->found = p->rows = p->none ? 0 : p->rows;
	else if (!narrowed && w->has == k->thing->has)
		p->found = all;
	rows = is_exact || !narrowed ? (double)p->rows : (double)all;
	rest = plan_rest(k, used, &p->why);
	if (k->demands & ~w->has) /* rows without those tables are passed */
		rest *= (double)k->thing->count(k->counters, k->demands) / (double)(all ? all : 1);
	p->whole = plan_is_whole(k, p, used);
	if (p->in_order && p->whole)
		rows = fmin(rows, need);
	else if (p->in_order && rest > 0)
		rows = fmin(rows, need / rest);
	p->rows = (int64_t)rows;
	return err;
}

/* A row of the narrow table costs less than one that is looked up elsewhere. */
static double plan_cost(struct planner *k, const struct list_plan *p)
{
	unsigned needs = list_where_needs(k->thing, k->root) | p->demands;
	bool narrow = p->in_order && p->way->has == k->thing->has && !(needs & ~p->way->has);

	/* what is not in order is sorted as well, and cannot be gone on with */
	return (double)p->rows * (narrow ? 1 : PLAN_WIDE) * (p->in_order ? 1 : 1.5);
}

/* What looks like a scan may be none: a few rows tell how many fit, where that is not rare. */
static enum err plan_second_look(struct planner *k, struct list_plan *p, struct errbuf *eb)
{
	double need = (double)(k->skip + k->ask->limit + 1), rows;
	int64_t seen, fit, all;
	enum err err;

	if (!p->in_order)
		return ERR_OK;
	err = list_sample_rows(k->s, k->ask, p, k->counters, &seen, &fit, &all, eb);
	if (err || fit < PLAN_FIT)
		return err;
	rows = need * (double)seen / (double)fit;
	p->is_guess = rows <= (double)LIST_SCAN_ROWS;
	p->is_scan = !p->is_guess;
	if (p->is_guess)
		p->rows = (int64_t)rows;
	return ERR_OK;
}

enum err list_plan_make(struct staging *s, const struct list_ask *ask, int64_t skip,
    const struct counters *c, struct list_plan *out, struct errbuf *eb)
{
	struct planner k = {.s = s,
	    .ask = ask,
	    .thing = ask->thing,
	    .counters = c,
	    .skip = skip,
	    .root = filter_root(ask->filter),
	    .all_terms = true};
	struct list_plan p;
	double best = -1;
	enum err err = ERR_OK;
	bool can;

	k.demands =
	    (k.thing->sorts[ask->sort].needs | list_where_demands(k.thing, k.root)) & ~k.thing->has;
	plan_terms(&k);
	for (int i = 0; i < k.n_terms && !err; i++)
		err = plan_share(&k, k.terms[i], &k.share[i], eb);
	for (const struct list_way *w = k.thing->ways; w->from && !err; w++) {
		err = plan_way(&k, w, &p, &can, eb);
		p.demands = k.demands;
		if (err || !can || (best >= 0 && plan_cost(&k, &p) >= best))
			continue;
		best = plan_cost(&k, &p);
		*out = p;
	}
	out->is_scan = !err && out->rows > LIST_SCAN_ROWS;
	if (!out->why)
		out->why = out->in_order ? "this" : "this order";
	return err || !out->is_scan ? err : plan_second_look(&k, out, eb);
}

int list_natural(const struct list_thing *t, const struct filter *f)
{
	const struct filter_node *root = filter_root(f);
	const struct filter_node *n = root && root->kind == FILTER_AND ? root->child : root;

	for (; n; n = n == root ? NULL : n->next)
		for (const struct list_way *w = t->ways; w->from; w++) {
			struct list_plan p = {.way = w, .n_arms = 1};
			if (w->key_kind == LIST_KEY_TEXT && w->sort > 0 &&
			    list_arms_range(&p, n, true))
				return w->sort;
		}
	return 0;
}

enum err list_plan_count(struct staging *s, const struct list_ask *ask, const struct counters *c,
    struct list_plan *out, struct errbuf *eb)
{
	struct planner k = {.s = s,
	    .ask = ask,
	    .thing = ask->thing,
	    .counters = c,
	    .root = filter_root(ask->filter),
	    .demands = out->demands,
	    .all_terms = true};
	enum err err = ERR_OK;

	plan_terms(&k);
	for (const struct list_way *w = k.thing->ways; k.root && w->from && !err; w++) {
		struct list_plan p;
		bool can;
		if (k.demands & ~w->has)
			continue;
		err = plan_way(&k, w, &p, &can, eb);
		p.demands = k.demands;
		if (err || !can || !p.whole || (out->whole && out->way == w))
			continue;
		*out = p;
		break;
	}
	return err;
}
