/*
 * page_token: the text of a page token. It holds where the next page starts, as an item of the
 * list and not as an offset, and how many pages came before; a token of another list, or one that
 * was changed, is not read. Pure functions, any thread.
 */
#ifndef SIM_PAGE_TOKEN_H
#define SIM_PAGE_TOKEN_H

#include "out.h"

struct page {
	uint64_t anchor; /* below 2^44 */
	uint64_t serial; /* below 2^20 */
};

/* list: a hash of what is listed. padded: ends in an equals sign, as those of comments do. */
void page_token_write(struct out *to, struct page p, uint64_t list, bool padded);
bool page_token_read(struct slice text, struct page *p, uint64_t list, bool padded);

#endif
