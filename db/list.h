/*
 * list - what staging holds as lists for people and scripts: channels, videos, discoveries, dead
 * letters. Each is one table (list_NAME.c): fields that can be shown, fields that can be asked for
 * (the filter language), orders, and ways to walk it by an index. From these come the statements;
 * a list is read page by page from a place (keyset), so page 700,000 costs what page 1 does. What no
 * index helps with is known before it is run. Any reading connection; one thread at a time.
 */
#ifndef TUBEOPS_DB_LIST_H
#define TUBEOPS_DB_LIST_H

#include "db/staging.h"
#include "engine/base/filter.h"
#include "engine/base/str.h"

struct list_thing;
extern const struct list_thing list_channels, list_videos, list_discoveries, list_dead_letters;

enum {
	LIST_MOST = 1000,        /* rows of one page */
	LIST_FIELDS = 64,        /* of one row */
	LIST_SCAN_ROWS = 200000, /* more rows to look at than these are a scan */
	LIST_DEEP = 10000 /* rows that a page by number may pass, where only passing finds it */
};

const char *list_name(const struct list_thing *t);
/* For filter_parse. */
const struct filter_field *list_filter_fields(const struct list_thing *t);
/* Names of fields, from 0; NULL beyond the last. */
const char *list_field_name(const struct list_thing *t, int field);
/* Names of orders, from 0; NULL beyond the last. The first is the order without a wish. */
const char *list_sort_word(const struct list_thing *t, int sort);

/*
 * Fills chosen with numbers of fields that text names, separated by commas; the usual ones when it
 * is NULL or empty. ERR_INVALID names the first that there is not, and those that there are.
 */
enum err list_choose(const struct list_thing *t, const char *text, int chosen[LIST_FIELDS], int *n,
    struct errbuf *eb) MUST_CHECK;
/*
 * The order of rows when nobody asks for one: that of the texts when the filter says how titles or
 * handles begin, which so costs a page and not all that match; else the first.
 */
int list_natural(const struct list_thing *t, const struct filter *f);
/* "subs", "subs:desc", "-subs", "title:asc"; NULL or "": the first, its natural way. */
enum err list_sort_choose(const struct list_thing *t, const char *text, int *sort, bool *descending,
    struct errbuf *eb) MUST_CHECK;

enum list_count { LIST_COUNT_CHEAP, LIST_COUNT_TIMED };

struct list_ask {
	const struct list_thing *thing;
	const struct filter *filter; /* NULL: all */
	int sort;
	bool descending;
	const char *place; /* of an answer; NULL: from the beginning, or the end */
	bool backwards;    /* what stands before the place; without one: the last rows */
	int64_t skip; /* rows to pass: pages by number. With a filter or another order: LIST_DEEP */
	int limit;    /* 0..LIST_MOST rows */
	const int *fields;
	int n_fields;
	bool scan; /* it may be looked through row by row, for scan_ms at most */
	int64_t scan_ms;
	enum list_count count;
	int64_t count_ms; /* LIST_COUNT_TIMED */
};

struct list_answer {
	struct str rows; /* JSON objects, separated by commas; init and done are the caller's */
	int n;
	/* A scan that was not wanted: nothing was read. */
	bool is_scan;
	int64_t scan_rows;     /* that it would look at */
	const char *why;       /* for people: what has no index */
	const char *quick;     /* an order in which it is no scan; NULL: none is known */
	bool partial;          /* the scan's time was over before the page was full */
	char *next, *previous; /* places to go on from; owned; NULL: nothing is there */
	int64_t total;         /* -1: not known */
	bool is_estimate;      /* of total */
	int64_t position;      /* of the first row among all, from 0; -1: not known */
};

/*
 * ERR_INVALID: a place that is none of this order. ERR_TIMEOUT, ERR_CANCELLED: the limit of the
 * connection.
 */
enum err list_run(struct staging *s, const struct list_ask *ask, struct list_answer *out,
    struct errbuf *eb) MUST_CHECK;
/* Frees what out owns but rows. */
void list_answer_done(struct list_answer *out);

/* One row by its channel (things of one key column): appends its JSON object. ERR_NOTFOUND. */
enum err list_row(struct staging *s, const struct list_thing *t, const struct cid *cid,
    const int *fields, int n_fields, struct str *out, struct errbuf *eb) MUST_CHECK;

#endif
