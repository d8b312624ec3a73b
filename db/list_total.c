/* How many rows a filter lets pass: exactly where that is cheap, else about, from a few of them. */
#include "config.h"
#include "db/list_walk.h"
#include "db/staging_core.h"
#include "db/staging_rank.h"
#include "engine/base/clock.h"

enum { TOTAL_PLACES = 25, TOTAL_EACH = 20 };

static enum err total_count(struct staging *s, const struct list_ask *ask,
    const struct list_plan *p, int64_t *out, struct errbuf *eb)
{
	enum err err = ERR_OK;

	*out = 0;
	for (int i = 0; i < p->n_arms && !err; i++) {
		sqlite3_stmt *stmt = NULL;
		struct list_sql q;
		bool row = false;
		list_sql_init(&q);
		list_sql_add(&q, "SELECT count(*)");
		list_walk_from(&q, ask, p, p->demands);
		list_sql_add(&q, " WHERE ");
		list_arm_where(&q, p->way, &p->arms[i]);
		/* an index alone is counted far quicker */
		if (!p->whole || (p->demands & ~p->way->has))
			list_walk_where(&q, ask, p);
		err = list_sql_prepare(s, &q, &stmt, eb);
		if (!err)
			err = db_step(s->db, stmt, &row, eb);
		*out += !err && row ? sqlite3_column_int64(stmt, 0) : 0;
		sqlite3_finalize(stmt);
		list_sql_done(&q);
	}
	return err;
}

static const struct list_sample *total_sample(const struct list_thing *t, const struct list_plan *p)
{
	const struct list_sample *found = NULL;

	for (const struct list_sample *m = t->samples; m->from; m++)
		if (!found || (m->has & p->demands))
			found = m;
	return found;
}

/* Looks at a few rows behind evenly spread keys. */
static enum err total_look(struct staging *s, sqlite3_stmt *stmt, const struct list_sample *m,
    int64_t most, int64_t *seen, int64_t *fit, struct errbuf *eb)
{
	enum err err = ERR_OK;
	bool row = true;

	for (int i = 0; i < TOTAL_PLACES && !err; i++) {
		struct cid cid = {{(unsigned char)((2 * i + 1) * 256 / (2 * TOTAL_PLACES))}};
		if (m->is_id)
			db_bind_cid(stmt, sqlite3_bind_parameter_count(stmt), &cid);
		else
			sqlite3_bind_int64(
			    stmt, sqlite3_bind_parameter_count(stmt), most * i / TOTAL_PLACES);
		while (!err && !(err = db_step(s->db, stmt, &row, eb)) && row) {
			++*seen;
			*fit += sqlite3_column_int64(stmt, 0);
		}
		sqlite3_reset(stmt);
	}
	return err;
}

static enum err total_largest(
    struct staging *s, const struct list_sample *m, int64_t *out, struct errbuf *eb)
{
	struct list_sql q;
	sqlite3_stmt *stmt = NULL;
	bool row = false;
	enum err err;

	*out = 0;
	if (m->is_id)
		return ERR_OK;
	list_sql_init(&q);
	list_sql_add(&q, "SELECT max(%s) FROM %s", m->key, m->from);
	err = list_sql_prepare(s, &q, &stmt, eb);
	if (!err)
		err = db_step(s->db, stmt, &row, eb);
	*out = !err && row ? sqlite3_column_int64(stmt, 0) : 0;
	sqlite3_finalize(stmt);
	list_sql_done(&q);
	return err;
}

enum err list_sample_rows(struct staging *s, const struct list_ask *ask, const struct list_plan *p,
    const struct counters *c, int64_t *seen, int64_t *fit, int64_t *all, struct errbuf *eb)
{
	const struct list_sample *m = total_sample(ask->thing, p);
	const struct filter_node *root = filter_root(ask->filter);
	int64_t most = 0;
	unsigned has;
	struct list_sql q;
	sqlite3_stmt *stmt = NULL;
	enum err err;

	*seen = *fit = *all = 0;
	if (!m || !root)
		return ERR_OK;
	has = m->has;
	*all = ask->thing->count(c, m->has);
	list_sql_init(&q);
	list_sql_add(&q, "SELECT coalesce(");
	list_where(&q, ask->thing, root);
	list_sql_add(&q, ", 0) FROM %s", m->from);
	list_sql_joins(&q, ask->thing, m->has, list_where_needs(ask->thing, root), &has);
	list_sql_add(&q, " WHERE %s >= ? ORDER BY %s LIMIT %d", m->key, m->key, TOTAL_EACH);
	err = list_sql_prepare(s, &q, &stmt, eb);
	if (!err)
		err = total_largest(s, m, &most, eb);
	if (!err)
		err = total_look(s, stmt, m, most, seen, fit, eb);
	sqlite3_finalize(stmt);
	list_sql_done(&q);
	return err;
}

static enum err total_guess(struct staging *s, const struct list_ask *ask,
    const struct list_plan *p, const struct counters *c, int64_t *out, struct errbuf *eb)
{
	int64_t seen, fit, all;
	enum err err = list_sample_rows(s, ask, p, c, &seen, &fit, &all, eb);

	*out = seen ? (int64_t)((double)all * (double)fit / (double)seen) : -1;
	return err;
}

/* Counts for as long as was allowed, then guesses. */
static enum err total_timed(struct staging *s, const struct list_ask *ask,
    const struct list_plan *walked, const struct counters *c, struct list_answer *out,
    struct errbuf *eb)
{
	const struct staging_limit *limit = s->limit;
	struct list_plan p = *walked;
	struct staging_limit own = {
	    .until_ms = clock_mono_ms() + ask->count_ms, .stop = limit ? limit->stop : NULL};
	enum err err;

	if (limit && limit->until_ms && limit->until_ms < own.until_ms)
		own.until_ms = limit->until_ms;
	staging_limit_set(s, &own);
	err = list_plan_count(s, ask, c, &p, eb);
	if (!err)
		err = total_count(s, ask, &p, &out->total, eb);
	if (err == ERR_CANCELLED && staging_limit_check(s, NULL) == ERR_TIMEOUT)
		out->is_estimate = true;
	staging_limit_set(s, limit);
	if (!out->is_estimate)
		return err;
	return total_guess(s, ask, &p, c, &out->total, eb);
}

/* One state alone is counted already; -1: it is more than that. */
static int64_t total_of_choice(
    const struct list_thing *t, const struct filter_node *n, const struct counters *c)
{
	int64_t sum = 0;

	if (!n || n->kind != FILTER_AMONG || n->or_unknown || !t->choice_count)
		return -1;
	for (int i = 0; t->filters[n->field].words[i]; i++) {
		int64_t one = n->choices >> i & 1 ? t->choice_count(c, n->field, i) : 0;
		if (one < 0)
			return -1;
		sum += one;
	}
	return sum;
}

enum err list_total(struct staging *s, const struct list_ask *ask, const struct list_plan *p,
    const struct counters *c, struct list_answer *out, struct errbuf *eb)
{
	out->total = -1;
	if (!filter_root(ask->filter) && !ask->thing->is_rough) {
		out->total = ask->thing->count(c, p->demands);
		out->is_estimate = p->demands != 0;
		return ERR_OK;
	}
	out->total = total_of_choice(ask->thing, filter_root(ask->filter), c);
	if (out->total >= 0)
		return ERR_OK;
	if (p->none || (p->whole && p->found >= 0 && !(p->demands & ~p->way->has))) {
		out->total = p->none ? 0 : p->found;
		return ERR_OK;
	}
	if (ask->count == LIST_COUNT_TIMED)
		return total_timed(s, ask, p, c, out, eb);
	return ERR_OK;
}
