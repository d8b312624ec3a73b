/*
 * filter_parts - reading a filter, between filter.c (the whole) and filter_terms.c (one field and
 * its values) alone.
 */
#ifndef TUBEOPS_BASE_FILTER_PARTS_H
#define TUBEOPS_BASE_FILTER_PARTS_H

#include "engine/base/arena.h"
#include "engine/base/filter.h"

struct filter {
	struct arena *arena;
	const struct filter_field *fields;
	const struct filter_node *root;
	struct pattern **patterns; /* all of them, to be freed */
	size_t n_patterns, room;
	struct filter *other; /* joined: its nodes hang below our root */
};

enum filter_sign {
	SIGN_IS,
	SIGN_IS_NOT,
	SIGN_ABOVE,
	SIGN_FROM,
	SIGN_BELOW,
	SIGN_TO,
	SIGN_HAS,
	SIGN_FITS
};

/* One value as it was written. */
struct filter_value {
	size_t at;
	const char *text;
	size_t len;
	bool quoted, begins, unknown;
};

/* Where the reading stands. The first failure stays; functions do nothing useful after it. */
struct filter_reader {
	struct filter *f;
	const char *text;
	size_t len, at;
	int64_t now;
	size_t nodes, values;
	size_t *bad;
	struct errbuf *eb;
	enum err err;
	/* the values of the term that is being read */
	struct filter_text texts[FILTER_VALUES];
	struct filter_range ranges[FILTER_VALUES];
	size_t n_texts, n_ranges;
};

/* at: the byte that it is about. */
void filter_fail(struct filter_reader *r, size_t at, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* How much of a text such words hold: whole characters. For %.*s. */
int filter_cut(const char *text, size_t len);
/* NULL: it failed. */
struct filter_node *filter_node_new(struct filter_reader *r, enum filter_node_kind kind);
struct filter_node *filter_not(struct filter_reader *r, struct filter_node *child);
void filter_skip_blanks(struct filter_reader *r);

/* A word or ~expression, where the reading stands. */
struct filter_node *filter_any_term(struct filter_reader *r);
/* The values behind a field's name (at `at`) and sign. */
struct filter_node *filter_field_term(
    struct filter_reader *r, int field, enum filter_sign op, size_t at);

#endif
