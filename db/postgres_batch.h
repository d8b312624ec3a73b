/*
 * postgres_batch - the inside of a batch of rows, shared by the files db/postgres_*.c that write its
 * lines alone: one file per kind of row. One thread at a time.
 */
#ifndef TUBEOPS_DB_POSTGRES_BATCH_H
#define TUBEOPS_DB_POSTGRES_BATCH_H

#include "db/postgres_rows.h"

struct batch_row {
	size_t end;   /* of its line in text */
	bool special; /* the second group of the kind's statements has something to do for it */
};

struct postgres_batch {
	enum postgres_kind kind;
	struct str text; /* lines for COPY */
	struct batch_row *rows;
	size_t n, room;
	const char *also; /* postgres_batch_also */
};

/*
 * Ends the line that was appended to text since the last one. ERR_LIMIT: too large or too many,
 * the line is taken back.
 */
enum err postgres_batch_line(struct postgres_batch *b, bool special, struct errbuf *eb) MUST_CHECK;

/* A field with its tab in front; max: characters that the column takes, 0 any number. */
void batch_text(struct str *t, const char *text, size_t max);
void batch_int(struct str *t, int64_t value, int64_t none);
void batch_bool(struct str *t, int value);
void batch_time(struct str *t, int64_t utc_s);
void batch_list(struct str *t, const struct text_list *list);

#endif
