/*
 * out: a growing byte buffer with a limit; a failure is remembered, so one test at the end is
 * enough.
 * Threads: none of its own; a buffer belongs to whoever holds it.
 * Ownership: borrows every text given; out_take hands the bytes over (free() them).
 */
#ifndef SIM_OUT_H
#define SIM_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct out {
	char *data;
	size_t len;
	size_t cap;
	size_t limit;
	bool failed;
};

/* A borrowed piece of text, not ended by a NUL. */
struct slice {
	const char *p;
	size_t len;
};

void out_init(struct out *o, size_t limit);
void out_done(struct out *o);
/* Makes room for n more bytes; false (and failed) when it cannot. */
bool out_grow(struct out *o, size_t n);
/* Gives the bytes away (NULL after a failure) and leaves an empty buffer. */
char *out_take(struct out *o, size_t *len);
void out_u64(struct out *o, uint64_t v);
/* v with at least width digits, zeros in front. */
void out_padded(struct out *o, uint64_t v, unsigned width);
/* JSON string content (no quotes) from text known to be UTF-8. */
void out_json(struct out *o, const char *p, size_t len);
/* The same from outside text: broken UTF-8 becomes U+FFFD. */
void out_json_outside(struct out *o, const char *p, size_t len);

static inline void out_reset(struct out *o)
{
	o->len = 0;
	o->failed = false;
}

static inline bool out_room(struct out *o, size_t n)
{
	return o->cap - o->len >= n || out_grow(o, n);
}

static inline void out_add(struct out *o, const char *p, size_t n)
{
	if (n == 0 || !out_room(o, n))
		return;
	memcpy(o->data + o->len, p, n);
	o->len += n;
}

static inline void out_char(struct out *o, char c)
{
	if (out_room(o, 1))
		o->data[o->len++] = c;
}

static inline void out_text(struct out *o, const char *s)
{
	out_add(o, s, strlen(s));
}

static inline struct slice slice_of(const char *s)
{
	return (struct slice){s, strlen(s)};
}

bool slice_equals(struct slice a, const char *b);
/* A decimal number without sign within min..max. */
bool slice_to_u64(struct slice s, uint64_t min, uint64_t max, uint64_t *v);

#endif
