#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "universe.h"

#include <stdlib.h>

#include "adopted.h"
#include "ids.h"

#define ROUNDS 6
#define TERMINATED_PER_1000 20

struct universe {
	uint64_t channels;
	uint64_t seed;
	uint64_t base;
	uint64_t round_key[ROUNDS];
	struct adopted *adopted; /* of the first channel numbers, NULL: none */
};

struct universe *universe_new(uint64_t channels, uint64_t seed)
{
	struct universe *u = calloc(1, sizeof *u);

	if (u == NULL)
		return NULL;
	u->channels = channels;
	u->seed = seed;
	u->base = ids_mix(seed + 0x51ed270b8f0c2d45u);
	for (unsigned i = 0; i < ROUNDS; i++)
		u->round_key[i] = ids_mix(u->base + (i + 1) * 0x9e3779b97f4a7c15u);
	return u;
}

void universe_free(struct universe *u)
{
	if (u != NULL)
		adopted_free(u->adopted);
	free(u);
}

bool universe_adopt(struct universe *u, const char *path)
{
	adopted_free(u->adopted);
	u->adopted = adopted_read(path);
	return u->adopted != NULL && adopted_count(u->adopted) <= u->channels;
}

uint64_t universe_channels(const struct universe *u)
{
	return u->channels;
}

uint64_t universe_seed(const struct universe *u)
{
	return u->seed;
}

/* A Feistel network over 128 bits: whatever the round function, it can be run backwards. */
static struct bits128 permute(const struct universe *u, struct bits128 b)
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		uint64_t next = b.hi ^ ids_mix(b.lo + u->round_key[i]);

		b.hi = b.lo;
		b.lo = next;
	}
	return b;
}

static struct bits128 permute_back(const struct universe *u, struct bits128 b)
{
	for (unsigned i = ROUNDS; i-- > 0;) {
		uint64_t last = b.lo ^ ids_mix(b.hi + u->round_key[i]);

		b.lo = b.hi;
		b.hi = last;
	}
	return b;
}

void universe_id(const struct universe *u, uint64_t index, char *to)
{
	struct bits128 b;

	if (!adopted_id(u->adopted, index, &b))
		b = permute(u, (struct bits128){0, index});
	ids_channel_write(b, to);
}

enum universe_hit universe_find(const struct universe *u, struct slice id, uint64_t *index)
{
	struct bits128 b;

	if (!ids_channel_read(id.p, id.len, &b))
		return UNIVERSE_UNKNOWN;
	if (!adopted_find(u->adopted, b, index)) {
		b = permute_back(u, b);
		/* the made-up id of a number whose place a real one took is nobody's */
		if (b.hi != 0 || b.lo >= u->channels || b.lo < adopted_count(u->adopted))
			return UNIVERSE_UNKNOWN;
		*index = b.lo;
	}
	return universe_terminated(u, *index) ? UNIVERSE_TERMINATED : UNIVERSE_FOUND;
}

struct bits128 universe_scramble(const struct universe *u, struct bits128 b)
{
	return permute(u, b);
}

struct bits128 universe_unscramble(const struct universe *u, struct bits128 b)
{
	return permute_back(u, b);
}

uint64_t universe_scramble64(const struct universe *u, uint64_t v, uint64_t tweak)
{
	uint32_t left = (uint32_t)(v >> 32), right = (uint32_t)v, next;

	for (unsigned i = 0; i < ROUNDS; i++) {
		next = left ^ (uint32_t)(ids_mix(right + u->round_key[i] + tweak) >> 16);
		left = right;
		right = next;
	}
	return (uint64_t)left << 32 | right;
}

uint64_t universe_unscramble64(const struct universe *u, uint64_t v, uint64_t tweak)
{
	uint32_t left = (uint32_t)(v >> 32), right = (uint32_t)v, last;

	for (unsigned i = ROUNDS; i-- > 0;) {
		last = right ^ (uint32_t)(ids_mix(left + u->round_key[i] + tweak) >> 16);
		right = left;
		left = last;
	}
	return (uint64_t)left << 32 | right;
}

/* Numbers in names: base 32 of the number, scrambled within 40 bits (xor and an odd factor:
 * invertible). */
#define NAME_BITS_MASK 0xffffffffffu
#define NAME_FACTOR 0x9e3779b97du
static const char name_digits[] = "0123456789abcdefghjkmnpqrstvwxyz";

static uint64_t name_inverse(void)
{
	uint64_t x = NAME_FACTOR;

	for (unsigned i = 0; i < 6; i++)
		x *= 2 - NAME_FACTOR * x;
	return x;
}

void universe_name_number(const struct universe *u, uint64_t index, struct out *to)
{
	uint64_t v = ((index ^ u->base) * NAME_FACTOR) & NAME_BITS_MASK;

	for (unsigned i = 0; i < 8; i++)
		out_char(to, name_digits[v >> (35 - 5 * i) & 31]);
}

bool universe_find_name(const struct universe *u, struct slice name, uint64_t *index)
{
	uint64_t v = 0;

	if (name.len < 8)
		return false;
	for (size_t i = name.len - 8; i < name.len; i++) {
		char c = name.p[i] >= 'A' && name.p[i] <= 'Z' ? (char)(name.p[i] + 32) : name.p[i];
		const char *hit = c ? strchr(name_digits, c) : NULL;

		if (hit == NULL)
			return false;
		v = v << 5 | (uint64_t)(hit - name_digits);
	}
	v = ((v * name_inverse()) ^ u->base) & NAME_BITS_MASK;
	*index = v;
	return v < u->channels && !universe_terminated(u, v);
}

uint64_t universe_draw(const struct universe *u, uint64_t index, enum draw what)
{
	return ids_mix(u->base ^ ids_mix(index * 0x9e3779b97f4a7c15u + (uint64_t)what + 1));
}

bool universe_terminated(const struct universe *u, uint64_t index)
{
	return universe_draw(u, index, DRAW_TERMINATED) % 1000 < TERMINATED_PER_1000;
}
