/*
 * filter - the filter language of lists that the console holds itself (jobs, keys, workers, the
 * log's newest lines): words, !word, ~regex, field op value (op: = != > >= < <= :), a b both,
 * a | b either, =a,b one of. Longer lists are filtered by the engine in the same language. Owned by
 * its list; the screen's thread.
 */
#ifndef TUBEOPS_TUI_FILTER_H
#define TUBEOPS_TUI_FILTER_H

#include "engine/base/err.h"

#include <stddef.h>

/* A row as a filter sees it. */
struct filter_row {
	const void *arg;
	size_t n; /* fields */
	const char *(*name)(const void *arg, size_t field);
	/* Borrowed until the next call; never NULL. */
	const char *(*text)(const void *arg, size_t field);
	/* False: it has no number. */
	bool (*number)(const void *arg, size_t field, double *out);
};

struct filter;

/* names: fields that there are, ended by NULL. ERR_INVALID says what is wrong and how it is written. */
enum err filter_new(struct filter **out, const char *text, const char *const *names,
    struct errbuf *eb) MUST_CHECK;
void filter_free(struct filter *f);
/* NULL takes every row. */
bool filter_takes(const struct filter *f, const struct filter_row *row);

#endif
