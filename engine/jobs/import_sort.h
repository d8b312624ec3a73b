/*
 * import_sort - rows of an import in memory, sorted by key: a block that entries fill from below
 * and texts from above. One thread at a time.
 */
#ifndef TUBEOPS_JOBS_IMPORT_SORT_H
#define TUBEOPS_JOBS_IMPORT_SORT_H

#include "engine/base/ids.h"

#include <stddef.h>
#include <stdint.h>

/* The key as numbers, and where the row's texts lie. A later row has a larger at. */
struct import_entry {
	uint64_t hi, lo;
	uint32_t at;    /* distance of the texts from the end of the block */
	uint32_t bytes; /* of the texts, with their lengths in front */
};

struct import_block {
	unsigned char *mem;
	size_t cap;
	size_t n;     /* entries at mem */
	size_t texts; /* bytes at the end of mem */
};

/* Title and description as lengths (7 bits a byte, least first), then their bytes. */
struct import_texts {
	const char *text;
	uint32_t title_len, description_len;
};

enum { IMPORT_LENGTH_MAX = 5, IMPORT_TITLE_MAX = 2000, IMPORT_DESCRIPTION_MAX = 20 * 1024 };
/* the most that one row takes of a run */
enum {
	IMPORT_ROW_MAX =
	    CID_BYTES + 2 * IMPORT_LENGTH_MAX + IMPORT_TITLE_MAX + IMPORT_DESCRIPTION_MAX
};

/* False when out of memory. Pages are used as they are filled. */
bool import_block_init(struct import_block *b, size_t cap);
void import_block_done(struct import_block *b);
/* False when it is full. */
bool import_block_add(struct import_block *b, const struct cid *cid, const struct import_texts *t);
/* Sorts by key, rows of one key in the order they came. */
void import_block_sort(struct import_block *b);
/* Of a sorted block: keeps the first row of each key; returns how many it dropped. */
size_t import_block_unique(struct import_block *b);
static inline struct import_entry *import_block_entries(const struct import_block *b)
{
	return (struct import_entry *)(void *)b->mem;
}
static inline const unsigned char *import_block_texts(
    const struct import_block *b, const struct import_entry *e)
{
	return b->mem + b->cap - e->at;
}

void import_key_split(const struct cid *cid, uint64_t *hi, uint64_t *lo);
void import_key_join(uint64_t hi, uint64_t lo, struct cid *cid);
/* Reads the lengths at p; returns how many bytes they and the texts take, 0 when len is too short. */
size_t import_texts_read(const unsigned char *p, size_t len, struct import_texts *out);

#endif
