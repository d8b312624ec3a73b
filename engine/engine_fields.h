/*
 * engine_fields - one row of CSV or JSON Lines, field by field, and the table of the columns that
 * a channel has. Pure functions; a struct fields belongs to one owner, who ends its row.
 */
#ifndef TUBEOPS_ENGINE_FIELDS_H
#define TUBEOPS_ENGINE_FIELDS_H

#include "db/rows.h"
#include "engine/base/str.h"

enum { FIELDS_LIMIT = 8 * 1024 * 1024 };

struct fields {
	struct str row; /* fails when the row gets longer than its limit */
	bool jsonl;
	bool first; /* no field of this row yet */
	char sep;   /* of CSV */
};

/* NULL and the value none are nothing in CSV and null in JSON. In CSV the name is not written. */
void fields_text(struct fields *x, const char *name, const char *text);
void fields_int(struct fields *x, const char *name, int64_t value, int64_t none);
/* 0..1, at most four digits. */
void fields_share(struct fields *x, const char *name, double share);
/* UTC seconds as ISO 8601. */
void fields_time(struct fields *x, const char *name, int64_t s, int64_t none);
/* In CSV a list is one field, its items separated by |. */
void fields_list(struct fields *x, const char *name, const struct text_list *list);

/* An export has the first so many columns, in the table's order. */
enum { CHANNEL_COLUMNS_EXPORTED = 23 };
/* The name of a channel's column, from 0; NULL beyond the last. */
const char *channel_column_name(int column);
void channel_column_put(int column, struct fields *x, const struct channel_row *r);

#endif
