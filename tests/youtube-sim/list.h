/*
 * list: the envelope that all list methods share, and their page tokens.
 * Threads: a struct list belongs to the call it was begun for.
 */
#ifndef SIM_LIST_H
#define SIM_LIST_H

#include "method.h"
#include "page_token.h"

struct list {
	struct call *c;
	struct jsonw w;
	size_t hole;
	uint64_t view;
	uint64_t sum;
	size_t shown;
	bool has_items;
};

struct list_head {
	const char *kind;
	const struct page *next; /* NULL: the last page */
	const struct page *last; /* NULL: the first page; only says that there is one before */
	uint64_t list;           /* a hash of what is listed */
	bool padded;
	const struct slice *region; /* or NULL */
	bool has_page_info;
	uint64_t total;
	uint64_t per_page;
};

/* A hash of what a token is good for: the method and the filter's value. */
uint64_t list_hash(const struct call *c, struct slice value);
/* Reads pageToken. No token: *given is false. NULL or the refusal. */
const struct error_def *list_page(
    const struct call *c, uint64_t list, bool padded, struct page *p, bool *given);
/* Writes all but the items. False: out of memory. */
bool list_begin(struct list *l, struct call *c, const struct list_head *head);
/* Opens an item and writes kind and etag. own: a hash of the thing. False: items are not selected.
 */
bool list_item(struct list *l, const char *kind, uint64_t own);
void list_item_end(struct list *l);
/* NULL, or out of memory. */
const struct error_def *list_end(struct list *l);

#endif
