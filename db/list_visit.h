/*
 * list_visit - how far a walk through an index has come, row by row, so that one that was ended
 * early can go on there. Between list_where.c (who calls it from SQL) and list_run.c alone.
 */
#ifndef TUBEOPS_DB_LIST_VISIT_H
#define TUBEOPS_DB_LIST_VISIT_H

#include "db/list_parts.h"

/* Values of the order's columns of the last row seen and of the one before. */
struct list_visit {
	int64_t rows;
	int n;
	sqlite3_value *last[LIST_KEYS], *before[LIST_KEYS]; /* owned; NULL: none yet */
};

void list_visit_note(struct list_visit *v, int n, sqlite3_value **values);
void list_visit_done(struct list_visit *v);

#endif
