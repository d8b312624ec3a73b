/* Walking an index, or several ranges of one, from a place on. */
#include "config.h"
#include "db/list_walk.h"
#include "db/staging_core.h"
#include "engine/base/clock.h"

#include <stdlib.h>
#include <string.h>

/* ---- how far it came ---- */

static void visit_free(sqlite3_value *values[LIST_KEYS])
{
	for (int i = 0; i < LIST_KEYS; i++) {
		sqlite3_value_free(values[i]);
		values[i] = NULL;
	}
}

void list_visit_note(struct list_visit *v, int n, sqlite3_value **values)
{
	visit_free(v->before);
	for (int i = 0; i < LIST_KEYS; i++) {
		v->before[i] = v->last[i];
		v->last[i] = i < n ? sqlite3_value_dup(values[i]) : NULL;
	}
	v->n = n;
	v->rows++;
}

void list_visit_done(struct list_visit *v)
{
	visit_free(v->last);
	visit_free(v->before);
}

static void spot_free(struct list_spot *spot)
{
	visit_free(spot->key);
	visit_free(spot->order);
}

void list_walk_done(struct list_walk *w)
{
	for (int i = 0; i < w->n; i++)
		spot_free(&w->spots[i]);
	free(w->spots);
	list_visit_done(&w->visit);
}

/* ---- the statement ---- */

static const struct list_sort *walk_sort(const struct list_walk *w)
{
	return &w->ask->thing->sorts[w->ask->sort];
}

static bool walk_is_down(const struct list_walk *w)
{
	return w->ask->descending != w->ask->backwards;
}

static int walk_count(const char *const columns[LIST_KEYS])
{
	int n = 0;

	while (n < LIST_KEYS && columns[n])
		n++;
	return n;
}

/* A column as the plan's way calls it. */
static const char *walk_column(const struct list_walk *w, const char *column)
{
	const char *id = w->plan->way->id;

	return id && strcmp(column, w->ask->thing->key[0]) == 0 ? id : column;
}

static void walk_columns(
    struct list_sql *q, const struct list_walk *w, const char *const columns[LIST_KEYS])
{
	for (int i = 0; i < walk_count(columns); i++)
		list_sql_add(q, "%s%s", i ? ", " : "", walk_column(w, columns[i]));
}

void list_walk_from(
    struct list_sql *q, const struct list_ask *ask, const struct list_plan *p, unsigned needs)
{
	unsigned has = p->way->has;

	list_sql_add(q, " FROM %s", p->way->from);
	list_sql_joins(q, ask->thing, p->way->has,
	    needs | list_where_needs(ask->thing, filter_root(ask->filter)), &has);
}

void list_walk_where(struct list_sql *q, const struct list_ask *ask, const struct list_plan *p)
{
	for (const struct list_join *j = ask->thing->joins; j->bit; j++)
		if ((p->demands & j->bit) && !(p->way->has & j->bit) && j->demand &&
		    !(j->from && !(p->way->has & j->from)))
			list_sql_add(q, " AND %s", j->demand);
	if (filter_root(ask->filter)) {
		list_sql_add(q, " AND ");
		list_where(q, ask->thing, filter_root(ask->filter));
	}
}

/* "(a, b) > (?, ?)" of the order's columns from `first` on. */
static void walk_beyond(struct list_sql *q, const struct list_walk *w, int first)
{
	const struct list_sort *o = walk_sort(w);
	int n = walk_count(o->columns);

	list_sql_add(q, "(");
	for (int i = first; i < n; i++)
		list_sql_add(q, "%s%s", i > first ? ", " : "", walk_column(w, o->columns[i]));
	list_sql_add(q, ") %s (", walk_is_down(w) ? "<" : ">");
	for (int i = first; i < n; i++) {
		list_sql_add(q, "%s", i > first ? ", " : "");
		list_sql_bind(q, &w->place->values[i]);
	}
	list_sql_add(q, ")");
}

/* What stands behind the place, in an arm that has values in the first column, or none there. */
static void walk_keyset_arm(struct list_sql *q, const struct list_walk *w, const struct list_arm *a)
{
	bool at_unknown = w->place && w->place->values[0].kind == LIST_BIND_NULL;

	if (!w->place || a->unknown != at_unknown) {
		/* all of this arm lies on one side of the place */
		bool ahead = !w->place || a->unknown != w->ask->backwards;
		list_sql_add(q, "%s", ahead ? "" : " AND 0");
		return;
	}
	list_sql_add(q, " AND ");
	walk_beyond(q, w, a->unknown ? 1 : 0);
}

/* The same where ranges are not in the order, and all are collected. */
static void walk_keyset_all(struct list_sql *q, const struct list_walk *w)
{
	const char *first = walk_column(w, walk_sort(w)->columns[0]);
	bool back = w->ask->backwards;

	if (!w->place)
		return;
	list_sql_add(q, " AND (");
	if (w->place->values[0].kind != LIST_BIND_NULL) {
		if (!back && walk_sort(w)->has_unknown)
			list_sql_add(q, "%s IS NULL OR ", first);
		walk_beyond(q, w, 0);
	} else {
		list_sql_add(q,
		    back ? "%s IS NOT NULL OR (%s IS NULL AND "
		         : "(%s IS NULL AND (%s IS NULL) AND ",
		    first, first);
		walk_beyond(q, w, 1);
		list_sql_add(q, ")");
	}
	list_sql_add(q, ")");
}

/* By the columns of the result, from number `first` on. */
static void walk_order(struct list_sql *q, const struct list_walk *w, int first, bool split)
{
	const struct list_sort *o = walk_sort(w);
	const char *down = walk_is_down(w) ? " DESC" : "";
	int n = walk_count(o->columns);

	list_sql_add(q, " ORDER BY ");
	if (split && o->has_unknown)
		list_sql_add(q, "%d%s, ", first + n, w->ask->backwards ? " DESC" : "");
	for (int i = 0; i < n; i++)
		list_sql_add(q, "%s%d%s%s", i ? ", " : "", first + i,
		    i == 0 && o->collation ? o->collation : "", down);
}

static void walk_visit(struct list_sql *q, struct list_walk *w)
{
	const struct list_bind b = {.kind = LIST_BIND_VISIT, .pointer = &w->visit};

	list_sql_add(q, " AND visit(");
	list_sql_bind(q, &b);
	list_sql_add(q, ", ");
	walk_columns(q, w, walk_sort(w)->columns);
	list_sql_add(q, ")");
}

/* Two ends on one side: the place is the nearer one, and SQLite must not begin at the other. */
static void walk_trim(const struct list_walk *w, struct list_arm *a)
{
	const struct list_bind *at = w->place ? &w->place->values[0] : NULL;
	struct list_bound *behind = walk_is_down(w) ? &a->hi : &a->lo;
	bool number = behind->value.kind == LIST_BIND_INT;

	if (!at || !w->plan->in_order || !behind->is_set || at->kind == LIST_BIND_NULL)
		return;
	if (number && at->kind == LIST_BIND_INT)
		behind->is_set = walk_is_down(w) ? at->number > behind->value.number
		                                 : at->number < behind->value.number;
	else if (w->plan->n_arms == 1)
		behind->is_set = false;
}

static void walk_arm(
    struct list_sql *q, struct list_walk *w, const struct list_arm *arm, int64_t most)
{
	struct list_arm trimmed = *arm, *a = &trimmed;
	const struct list_plan *p = w->plan;
	int n_key = walk_count(w->ask->thing->key);

	walk_trim(w, a);
	list_sql_add(q, "SELECT ");
	walk_columns(q, w, w->ask->thing->key);
	list_sql_add(q, ", ");
	walk_columns(q, w, walk_sort(w)->columns);
	if (walk_sort(w)->has_unknown)
		list_sql_add(q, ", %s IS NULL", walk_sort(w)->columns[0]);
	list_walk_from(
	    q, w->ask, p, p->demands | walk_sort(w)->needs | (p->way->id ? 0 : w->ask->thing->has));
	list_sql_add(q, " WHERE ");
	list_arm_where(q, p->way, a);
	if (p->in_order && walk_sort(w)->has_unknown)
		walk_keyset_arm(q, w, a);
	else
		walk_keyset_all(q, w);
	if ((p->is_scan || p->is_guess) && p->in_order)
		walk_visit(q, w);
	list_walk_where(q, w->ask, p);
	if (!p->in_order)
		return;
	walk_order(q, w, n_key + 1, false);
	list_sql_add(q, " LIMIT ");
	list_sql_int(q, most);
}

/* Several ranges become one list, of which only the beginning is wanted. */
static void walk_statement(
    struct list_sql *q, struct list_walk *w, const struct list_arm *arms, int n, int64_t most)
{
	if (n == 1 && w->plan->in_order) {
		walk_arm(q, w, &arms[0], most);
		return;
	}
	for (int i = 0; i < n; i++) {
		list_sql_add(q, "%sSELECT * FROM (", i ? " UNION ALL " : "");
		walk_arm(q, w, &arms[i], most);
		list_sql_add(q, ")");
	}
	walk_order(q, w, walk_count(w->ask->thing->key) + 1, true);
	list_sql_add(q, " LIMIT ");
	list_sql_int(q, most);
}

/* ---- running it ---- */

static enum err walk_take(struct list_walk *w, sqlite3_stmt *t, struct errbuf *eb)
{
	int n_key = walk_count(w->ask->thing->key), n = walk_count(walk_sort(w)->columns);
	struct list_spot *spot = &w->spots[w->n];

	if (w->skip > 0) {
		w->skip--;
		return ERR_OK;
	}
	if (w->n == w->ask->limit) {
		w->more = true;
		return ERR_OK;
	}
	w->n++;
	w->seen = w->visit.rows;
	for (int i = 0; i < n_key + n; i++) {
		sqlite3_value *v = sqlite3_value_dup(sqlite3_column_value(t, i));
		if (!v)
			return err_set(eb, ERR_NOMEM, "out of memory");
		if (i < n_key)
			spot->key[i] = v;
		else
			spot->order[i - n_key] = v;
	}
	return ERR_OK;
}

static enum err walk_arms(
    struct staging *s, struct list_walk *w, const struct list_arm *arms, int n, struct errbuf *eb)
{
	int64_t most = w->skip + w->ask->limit + 1 - w->n;
	sqlite3_stmt *stmt = NULL;
	struct list_sql q;
	bool row = true;
	enum err err;

	if (!n || w->more)
		return ERR_OK;
	list_sql_init(&q);
	walk_statement(&q, w, arms, n, most);
	err = list_sql_prepare(s, &q, &stmt, eb);
	while (!err && !w->more && !(err = db_step(staging_db(s), stmt, &row, eb)) && row)
		err = walk_take(w, stmt, eb);
	sqlite3_finalize(stmt);
	list_sql_done(&q);
	return err;
}

/* Rows without a value in the order's first column stand behind all others. */
static enum err walk_groups(struct staging *s, struct list_walk *w, struct errbuf *eb)
{
	const struct list_plan *p = w->plan;
	struct list_arm known[LIST_ARMS], unknown[LIST_ARMS];
	int n_known = 0, n_unknown = 0;
	bool split = walk_sort(w)->has_unknown;
	enum err err;

	if (!p->in_order)
		return walk_arms(s, w, p->arms, p->n_arms, eb);
	for (int i = 0; i < p->n_arms; i++) {
		struct list_arm a = p->arms[i];
		bool open = split && !a.unknown && !a.lo.is_set && !a.hi.is_set;
		a.known = open;
		if (!a.unknown)
			known[n_known++] = a;
		a.unknown = true;
		a.known = false;
		if (open || p->arms[i].unknown)
			unknown[n_unknown++] = a;
	}
	if (w->ask->backwards) {
		err = walk_arms(s, w, unknown, n_unknown, eb);
		return err ? err : walk_arms(s, w, known, n_known, eb);
	}
	err = walk_arms(s, w, known, n_known, eb);
	return err ? err : walk_arms(s, w, unknown, n_unknown, eb);
}

/* A scan has a time of its own, after which it says how far it came. */
static enum err walk_scan(struct staging *s, struct list_walk *w, struct errbuf *eb)
{
	const struct staging_limit *limit = s->limit;
	struct staging_limit own = {
	    .until_ms = clock_mono_ms() + w->ask->scan_ms, .stop = limit ? limit->stop : NULL};
	enum err err;

	if (limit && limit->until_ms && limit->until_ms < own.until_ms)
		own.until_ms = limit->until_ms;
	staging_limit_set(s, &own);
	err = walk_groups(s, w, eb);
	if (err == ERR_CANCELLED && staging_limit_check(s, NULL) == ERR_TIMEOUT &&
	    w->plan->in_order) {
		w->partial = true;
		err = ERR_OK;
	}
	staging_limit_set(s, limit);
	return err;
}

enum err list_walk_run(struct staging *s, struct list_walk *w, struct errbuf *eb)
{
	w->spots = calloc((size_t)w->ask->limit + 1, sizeof *w->spots);
	if (!w->spots)
		return err_set(eb, ERR_NOMEM, "out of memory");
	if (w->plan->none)
		return ERR_OK;
	return w->plan->is_scan || w->plan->is_guess ? walk_scan(s, w, eb) : walk_groups(s, w, eb);
}
