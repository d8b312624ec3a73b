/*
 * list_walk - the first half of reading a list: which rows, as keys and places. Shared by list_run.c,
 * list_walk.c and list_total.c alone.
 */
#ifndef TUBEOPS_DB_LIST_WALK_H
#define TUBEOPS_DB_LIST_WALK_H

#include "db/list_visit.h"

/* One row: what names it, and where it stands. */
struct list_spot {
	sqlite3_value *key[LIST_KEYS], *order[LIST_KEYS]; /* owned */
};

struct list_walk {
	const struct list_ask *ask;
	const struct list_plan *plan;
	const struct list_place *place; /* NULL: from the beginning */
	int64_t skip;
	struct list_spot *spots; /* ask->limit + 1 places */
	int n;
	bool more;    /* there is at least one more row in this direction */
	bool partial; /* the scan's time was over */
	struct list_visit visit;
	int64_t seen; /* rows visited when the last spot was found */
};

enum err list_walk_run(struct staging *s, struct list_walk *w, struct errbuf *eb) MUST_CHECK;
void list_walk_done(struct list_walk *w);
/* What rows of the plan's arms must fulfil beside: " AND …". */
void list_walk_where(struct list_sql *q, const struct list_ask *ask, const struct list_plan *p);
/* FROM of the plan with all tables that `needs` and its condition take. */
void list_walk_from(
    struct list_sql *q, const struct list_ask *ask, const struct list_plan *p, unsigned needs);

/* list_total.c */
enum err list_total(struct staging *s, const struct list_ask *ask, const struct list_plan *p,
    const struct counters *c, struct list_answer *out, struct errbuf *eb) MUST_CHECK;

/* list_rows.c: appends the rows of these spots as JSON objects. */
enum err list_rows_write(struct staging *s, const struct list_ask *ask,
    const struct list_spot *spots, int n, bool backwards, struct str *out,
    struct errbuf *eb) MUST_CHECK;

#endif
