#include "config.h"
#include "engine/jobs/import_sort.h"

#include <stdlib.h>
#include <string.h>

enum { SORT_SMALL = 24, SORT_DIGITS = 20 }; /* 16 bytes of key, 4 of at */

static uint64_t sort_load(const unsigned char *b)
{
	uint64_t v = 0;

	for (int i = 0; i < 8; i++)
		v = v << 8 | b[i];
	return v;
}

static void sort_store(unsigned char *b, uint64_t v)
{
	for (int i = 7; i >= 0; i--, v >>= 8)
		b[i] = (unsigned char)v;
}

void import_key_split(const struct cid *cid, uint64_t *hi, uint64_t *lo)
{
	*hi = sort_load(cid->b);
	*lo = sort_load(cid->b + 8);
}

void import_key_join(uint64_t hi, uint64_t lo, struct cid *cid)
{
	sort_store(cid->b, hi);
	sort_store(cid->b + 8, lo);
}

bool import_block_init(struct import_block *b, size_t cap)
{
	*b = (struct import_block){.mem = malloc(cap), .cap = cap};
	return b->mem != NULL;
}

void import_block_done(struct import_block *b)
{
	free(b->mem);
	*b = (struct import_block){0};
}

static size_t sort_put_length(unsigned char *p, uint32_t v)
{
	size_t n = 0;

	for (; v >= 0x80; v >>= 7)
		p[n++] = (unsigned char)(v | 0x80);
	p[n++] = (unsigned char)v;
	return n;
}

static size_t sort_get_length(const unsigned char *p, size_t len, uint32_t *out)
{
	uint32_t v = 0;

	for (size_t n = 0; n < len && n < IMPORT_LENGTH_MAX; n++) {
		v |= (uint32_t)(p[n] & 0x7F) << (7 * n);
		if (!(p[n] & 0x80)) {
			*out = v;
			return n + 1;
		}
	}
	return 0;
}

size_t import_texts_read(const unsigned char *p, size_t len, struct import_texts *out)
{
	size_t a = sort_get_length(p, len, &out->title_len);
	size_t b = a ? sort_get_length(p + a, len - a, &out->description_len) : 0;
	size_t all = a + b + out->title_len + (b ? out->description_len : 0);

	if (!b || all > len)
		return 0;
	out->text = (const char *)p + a + b;
	return all;
}

bool import_block_add(struct import_block *b, const struct cid *cid, const struct import_texts *t)
{
	unsigned char lengths[2 * IMPORT_LENGTH_MAX];
	size_t a = sort_put_length(lengths, t->title_len);
	size_t n = a + sort_put_length(lengths + a, t->description_len);
	size_t texts = (size_t)t->title_len + t->description_len;
	struct import_entry *e = import_block_entries(b) + b->n;
	unsigned char *to;

	if (b->cap - b->texts - b->n * sizeof *e < sizeof *e + n + texts)
		return false;
	b->texts += n + texts;
	to = b->mem + b->cap - b->texts;
	memcpy(to, lengths, n);
	if (texts)
		memcpy(to + n, t->text, texts);
	import_key_split(cid, &e->hi, &e->lo);
	e->at = (uint32_t)b->texts;
	e->bytes = (uint32_t)(n + texts);
	b->n++;
	return true;
}

static bool sort_is_less(const struct import_entry *a, const struct import_entry *b)
{
	if (a->hi != b->hi)
		return a->hi < b->hi;
	return a->lo != b->lo ? a->lo < b->lo : a->at < b->at;
}

static void sort_insertion(struct import_entry *e, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct import_entry x = e[i];
		size_t k = i;
		for (; k && sort_is_less(&x, &e[k - 1]); k--)
			e[k] = e[k - 1];
		e[k] = x;
	}
}

static unsigned sort_digit(const struct import_entry *e, int digit)
{
	if (digit < 8)
		return (unsigned)(e->hi >> (56 - 8 * digit)) & 0xFF;
	if (digit < 16)
		return (unsigned)(e->lo >> (120 - 8 * digit)) & 0xFF;
	return e->at >> (152 - 8 * digit) & 0xFF;
}

/*
 * In-place radix sort, most significant byte first: every entry is swapped to its bucket, then
 * the buckets are sorted by the next byte. Keys are nearly random bits, so two or three rounds
 * leave buckets for insertion; equal keys end in order of at, which is the order of the input.
 */
static void sort_radix(struct import_entry *e, size_t n, int digit)
{
	size_t next[256] = {0}, end[256], sum = 0;

	if (n <= SORT_SMALL || digit == SORT_DIGITS) {
		sort_insertion(e, n);
		return;
	}
	for (size_t i = 0; i < n; i++)
		next[sort_digit(&e[i], digit)]++;
	for (int b = 0; b < 256; b++) {
		size_t count = next[b];
		next[b] = sum;
		sum += count;
		end[b] = sum;
	}
	for (unsigned b = 0; b < 256; b++)
		while (next[b] < end[b]) {
			struct import_entry x = e[next[b]];
			unsigned d;
			while ((d = sort_digit(&x, digit)) != b) {
				struct import_entry out = e[next[d]];
				e[next[d]++] = x;
				x = out;
			}
			e[next[b]++] = x;
		}
	sum = 0;
	for (int b = 0; b < 256; b++) {
		if (end[b] - sum > 1)
			sort_radix(e + sum, end[b] - sum, digit + 1);
		sum = end[b];
	}
}

void import_block_sort(struct import_block *b)
{
	sort_radix(import_block_entries(b), b->n, 0);
}

size_t import_block_unique(struct import_block *b)
{
	struct import_entry *e = import_block_entries(b);
	size_t kept = 0, dropped;

	for (size_t i = 0; i < b->n; i++)
		if (!kept || e[kept - 1].hi != e[i].hi || e[kept - 1].lo != e[i].lo)
			e[kept++] = e[i];
	dropped = b->n - kept;
	b->n = kept;
	return dropped;
}
