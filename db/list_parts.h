/*
 * list_parts - the inside of lists, shared by the files db/list_*.c alone: what a thing's table says,
 * and statements with their values while they are put together.
 */
#ifndef TUBEOPS_DB_LIST_PARTS_H
#define TUBEOPS_DB_LIST_PARTS_H

#include "db/list.h"

enum { LIST_KEYS = 4, LIST_ARMS = 16, LIST_BLOB = 24 };

/* ---- tables ---- */

enum list_kind {
	LIST_TEXT,
	LIST_INT,
	LIST_REAL,
	LIST_TIME, /* UTC seconds */
	LIST_FLAG, /* 0, 1 */
	LIST_CID,  /* as UC… */
	LIST_UUID, /* a channel's key as UUID: the id that the original gives it */
	LIST_VID,
	LIST_STATE,   /* of an operation, as word */
	LIST_IS_DONE, /* the same as true or false */
	LIST_OP,
	LIST_JOB,  /* number as J-1042 */
	LIST_ARRAY /* of texts, stored as JSON */
};

/* Something that can be shown. In the order of names, as objects are written. name NULL: the end. */
struct list_field {
	const char *name;
	enum list_kind kind;
	const char *sql;
	unsigned needs; /* tables that it is read from: bits of the thing's joins */
	bool usual;
};

/* What belongs to a filter field, at the same place as it. */
struct list_source {
	const char *sql; /* FILTER_CHOICE: a number (its place among the words), or a text */
	unsigned needs;
	bool is_text_choice;
	const char *why; /* what has no index, for people; NULL: a way finds it */
	const char
	    *sum; /* "SELECT … WHERE": of how many rows a condition on it holds; NULL: unknown */
};

/* An order: columns that together are unique. The first may have no value, then it stands last. */
struct list_sort {
	const char *word;
	const char *columns[LIST_KEYS]; /* the first with its collation */
	const char *collation;          /* the same alone, " COLLATE NOCASE"; NULL: none */
	unsigned needs;                 /* rows without these tables are left out */
	bool has_unknown;
	bool descending; /* when nobody says */
	bool
	    natural; /* nobody can ask for it: only with a filter that knows its way (list_natural) */
};

enum list_key { LIST_KEY_NONE, LIST_KEY_NUMBER, LIST_KEY_TEXT, LIST_KEY_ID };

/* How an index is walked. Its first column may be fixed (equal), the next is what it sorts by. */
struct list_way {
	const char *from;  /* with INDEXED BY where it matters */
	unsigned has;      /* tables in it */
	const char *id;    /* what the thing's first key column is called here; NULL: the same */
	int sort;          /* whose order it is in; -1: none's */
	const char *equal; /* expression that terms of equal_field fix; NULL: none */
	int equal_field;
	uint64_t equal_choices; /* of choices: those that the index holds; 0: any text */
	enum { LIST_AS_IS, LIST_UPPER, LIST_PRIMARY } equal_form; /* how texts stand there */
	const char *key; /* what terms of `field` make ranges of */
	enum list_key key_kind;
	int field;          /* -1: none */
	const char *prefix; /* stands before every text in the index; NULL: nothing */
	const char *guard;  /* what the rows of a partial index have in common; NULL: none */
};

struct list_join {
	unsigned bit;   /* of the table that it brings */
	unsigned after; /* what must be there before */
	const char *sql;
	unsigned from;      /* only where this one leads; 0: any */
	const char *demand; /* says that a row has this table; NULL: every row has */
};

struct list_thing {
	const char *name;
	const char *key[LIST_KEYS]; /* columns that name a row; the first NULL ends */
	const char *from;           /* the table of these */
	unsigned has;
	const struct list_field *fields;
	const struct filter_field *filters;
	const struct list_source *sources;
	const struct list_sort *sorts; /* the end: word NULL */
	const struct list_way *ways;   /* the end: from NULL */
	const struct list_join *joins; /* the end: bit 0 */
	/* How many rows there are, of those with the tables `needs`. */
	int64_t (*count)(const struct counters *c, unsigned needs);
	bool is_rough; /* … about so many */
	/* How many of them are so (of FILTER_CHOICE, one choice); -1: not known. */
	int64_t (*choice_count)(const struct counters *c, int field, int choice);
	/* Of a field that says which tables a row has: which choices those with `demands` have nearly
	 * always. 0: it says nothing of that; then counts of all rows hold for these too. */
	uint64_t (*choices_of)(int field, unsigned demands);
	bool has_rank; /* the first order knows its n-th row: staging_rank */
	/* Where a few rows out of all can be had, for estimates; the end: from NULL. */
	struct list_sample {
		const char *from, *key;
		unsigned has;
		bool is_id; /* keys are channels', else numbers from 1 on */
	} samples[3];
};

/* ---- statements ---- */

enum list_bind_kind {
	LIST_BIND_NULL,
	LIST_BIND_INT,
	LIST_BIND_REAL,
	LIST_BIND_TEXT, /* borrowed; text NULL: it stands in blob */
	LIST_BIND_BLOB,
	LIST_BIND_PATTERN, /* borrowed */
	LIST_BIND_VISIT    /* struct list_visit, borrowed */
};

struct list_visit;

struct list_bind {
	enum list_bind_kind kind;
	int64_t number;
	double real;
	const char *text;
	size_t len; /* of text or blob */
	unsigned char blob[LIST_BLOB];
	const void *pointer;
};

struct list_sql {
	struct str text;
	struct list_bind *binds;
	size_t n, room;
	enum err err; /* stays */
};

void list_sql_init(struct list_sql *q);
void list_sql_done(struct list_sql *q);
void list_sql_add(struct list_sql *q, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Appends "?" and its value. */
void list_sql_bind(struct list_sql *q, const struct list_bind *b);
void list_sql_int(struct list_sql *q, int64_t n);
/* Appends joins so that all of `needs` are there; *has: what is, before and after. */
void list_sql_joins(
    struct list_sql *q, const struct list_thing *t, unsigned from, unsigned needs, unsigned *has);
/* Prepares and binds; *out is the caller's to finalize. */
enum err list_sql_prepare(
    struct staging *s, struct list_sql *q, sqlite3_stmt **out, struct errbuf *eb) MUST_CHECK;

/* ---- places ---- */

/* Values of an order's columns: where a row stands. */
struct list_place {
	int n;
	struct list_bind values[LIST_KEYS];
	char *texts[LIST_KEYS]; /* owned */
};

enum err list_place_read(struct list_place *p, const struct list_thing *t, int sort,
    bool descending, const char *text, struct errbuf *eb) MUST_CHECK;
/* From columns `first` on of a row. NULL: no memory. Owned. */
char *list_place_write(
    const struct list_thing *t, int sort, bool descending, sqlite3_value *const *values);
void list_place_done(struct list_place *p);

/* ---- filters as SQL (list_where.c) ---- */

/* Once per connection: the functions that statements of lists use. */
enum err list_functions(struct staging *s, struct errbuf *eb) MUST_CHECK;
/* A condition that is 0, 1 or NULL. */
void list_where(struct list_sql *q, const struct list_thing *t, const struct filter_node *n);
/* Tables that the condition is read from; and those without which it cannot hold. */
unsigned list_where_needs(const struct list_thing *t, const struct filter_node *n);
unsigned list_where_demands(const struct list_thing *t, const struct filter_node *n);

/* ---- plans (list_plan.c) ---- */

struct list_bound {
	bool is_set, open; /* open: the end itself is not in it */
	bool beyond;       /* of texts: behind all that begin so */
	struct list_bind value;
};

/* One range of an index. */
struct list_arm {
	bool has_equal;
	struct list_bind equal;
	struct list_bound lo, hi;
	bool unknown; /* rows whose key has no value */
	bool known;   /* only those that have one */
};

struct list_plan {
	const struct list_way *way;
	struct list_arm arms[LIST_ARMS];
	int n_arms;
	bool in_order; /* the way is in the order that is asked for */
	bool none;     /* nothing can fit */
	bool whole;    /* all rows in the arms fit: no other condition is left */
	int64_t rows;  /* that it will look at, about; at least so many when is_scan */
	int64_t found; /* rows in the arms; -1: not counted to the end */
	bool is_scan;
	bool is_guess; /* that it is none: by a few rows that were looked at */
	const char *why;
	unsigned demands; /* tables that every row must have */
};

/* list_total.c: how many of some rows, taken here and there, fit. *seen 0: nowhere can some be had. */
enum err list_sample_rows(struct staging *s, const struct list_ask *ask, const struct list_plan *p,
    const struct counters *c, int64_t *seen, int64_t *fit, int64_t *all,
    struct errbuf *eb) MUST_CHECK;
/* skip: rows that the walk will pass one by one. */
enum err list_plan_make(struct staging *s, const struct list_ask *ask, int64_t skip,
    const struct counters *c, struct list_plan *p, struct errbuf *eb) MUST_CHECK;
/*
 * Makes *p the way of which every row in its arms fits and an index alone tells how many there are;
 * left as it is when there is none: what shows a page fast is not what counts all.
 */
enum err list_plan_count(struct staging *s, const struct list_ask *ask, const struct counters *c,
    struct list_plan *p, struct errbuf *eb) MUST_CHECK;
/* The condition of one arm: "(… AND …)", or "1". */
void list_arm_where(struct list_sql *q, const struct list_way *w, const struct list_arm *a);

#endif
