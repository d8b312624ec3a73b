/*
 * filter - the filter language that all lists, the log, REST (?q=) and exports share:
 *
 *   word          some column has it (small letters match both cases); word* one begins with it
 *   !word         not (before anything)
 *   ~regex        some column fits the expression (pattern.h)
 *   field=value   = != > >= < <= : (contains) ~ (expression); numbers with k, m, g; times as ages
 *                 (30d, 2h) or dates (2026-11-20); value* begins with; - is "not known"
 *   field=a,b     one of
 *   a b           both;  a | b  either (binds weaker)
 *   "a b"         as it stands, blanks and signs and all
 *
 * A parsed filter does not change: any thread. It is asked about a row in memory here;
 * db/list_where makes SQL of the same tree. Hostile text is refused with words that say where and
 * what to write.
 */
#ifndef TUBEOPS_BASE_FILTER_H
#define TUBEOPS_BASE_FILTER_H

#include "engine/base/err.h"
#include "engine/base/pattern.h"

#include <stddef.h>
#include <stdint.h>

enum {
	FILTER_LIMIT = 2000, /* bytes of a filter */
	FILTER_NODES = 200,
	FILTER_VALUES = 1000 /* in all its lists together */
};

enum filter_kind {
	FILTER_TEXT,
	FILTER_TAG, /* a language: de takes de-AT */
	FILTER_ID,  /* a channel's id: cases differ; a word that is one is looked for here alone */
	FILTER_NUMBER, /* with fractions */
	FILTER_TIME,   /* UTC seconds */
	FILTER_CHOICE, /* one of `words` */
	FILTER_RANK    /* the same, and each is more than those before it; beginnings will do */
};

/* What can be asked about. A table of these ends with name NULL. */
struct filter_field {
	const char *name;
	const char *also; /* other names, separated by blanks; NULL: none */
	enum filter_kind kind;
	bool any;                 /* words without a field look here too; of texts alone */
	char mark;                /* words that begin with it are looked for here alone, as the
	                             beginning; rows have no mark ('@' of handles). 0: none */
	const char *const *words; /* of choices: NULL at the end */
};
#define FILTER_FIELDS_END               \
	{                               \
		.name = (const char *)0 \
	}

enum filter_node_kind {
	FILTER_AND,
	FILTER_OR,
	FILTER_NOT,
	FILTER_FITS,   /* the text of a field, or of any, fits one of `patterns` */
	FILTER_WITHIN, /* the number of a field lies in one of `ranges` */
	FILTER_AMONG   /* the word of a field is one of `choices` (bits) */
};

enum { FILTER_ANY = -1 };

/* From lo to hi; without `has_` it is open there. */
struct filter_range {
	double lo, hi;
	bool has_lo, has_hi;
	bool above_lo, below_hi; /* the end itself is not meant */
};

/* A text that is looked for, as pattern and (so many bytes of it) as it was written. */
struct filter_text {
	enum pattern_kind how;
	const char *text;
	size_t len;
	struct pattern *pattern;
};

struct filter_node {
	enum filter_node_kind kind;
	const struct filter_node *child; /* AND, OR: the first of several; NOT: the one */
	const struct filter_node *next;  /* of the same parent */
	int field;                       /* number in the table; FILTER_ANY */
	bool or_unknown;                 /* it also holds when the value is not known */
	size_t n;                        /* of texts or ranges */
	struct filter_text *texts;
	struct filter_range *ranges;
	uint64_t choices;
};

struct filter;

/*
 * now: UTC seconds, what ages count back from. fields is borrowed for the filter's life. *at (may be
 * NULL): the byte that an error is about. An empty text is a filter that all rows pass.
 * ERR_INVALID, ERR_LIMIT.
 */
enum err filter_parse(struct filter **out, const char *text, const struct filter_field *fields,
    int64_t now, size_t *at, struct errbuf *eb) MUST_CHECK;
/* Rows must pass the other one too, which f takes. Of the same table of fields. */
enum err filter_join(struct filter *f, struct filter *other, struct errbuf *eb) MUST_CHECK;
void filter_free(struct filter *f);
/* NULL: all rows pass. */
const struct filter_node *filter_root(const struct filter *f);
const struct filter_field *filter_fields(const struct filter *f);

/* What a row has in a field: a text, or a number. Neither: it is not known. */
struct filter_data {
	const char *text;
	bool has_number;
	double number;
	const char *also; /* another name of the text's; NULL: none */
};
typedef void filter_get_fn(const void *row, int field, struct filter_data *out);
/* f may be NULL: true. */
bool filter_match(const struct filter *f, filter_get_fn *get, const void *row);

#endif
