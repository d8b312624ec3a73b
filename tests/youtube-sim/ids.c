#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "ids.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static int value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '-' ? 62 : c == '_' ? 63 : -1;
}

uint64_t ids_mix(uint64_t x)
{
	x ^= x >> 32;
	x *= 0xd6e8feb86659fd93u;
	x ^= x >> 29;
	x *= 0xa0761d6478bd642fu;
	x ^= x >> 32;
	return x;
}

uint64_t ids_hash(const char *p, size_t len, uint64_t seed)
{
	uint64_t h = ids_mix(seed ^ len);

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)p[i]) * 0x9e3779b97f4a7c15u + (h >> 47);
	return ids_mix(h);
}

void ids_channel_write(struct bits128 bits, char *to)
{
	to[0] = 'U';
	to[1] = 'C';
	for (int i = 0; i < 10; i++)
		to[2 + i] = alphabet[bits.hi >> (58 - 6 * i) & 63];
	to[12] = alphabet[(bits.hi & 15) << 2 | bits.lo >> 62];
	for (int i = 0; i < 10; i++)
		to[13 + i] = alphabet[bits.lo >> (56 - 6 * i) & 63];
	to[23] = alphabet[(bits.lo & 3) << 4];
}

bool ids_channel_shaped(const char *p, size_t len)
{
	if (len != IDS_CHANNEL_LEN || p[0] != 'U' || p[1] != 'C')
		return false;
	for (size_t i = 2; i < len; i++)
		if (value_of(p[i]) < 0)
			return false;
	return true;
}

bool ids_channel_read(const char *p, size_t len, struct bits128 *bits)
{
	uint64_t hi = 0, lo = 0, v;

	if (!ids_channel_shaped(p, len))
		return false;
	for (size_t i = 2; i < 12; i++)
		hi = hi << 6 | (uint64_t)value_of(p[i]);
	v = (uint64_t)value_of(p[12]);
	hi = hi << 4 | v >> 2;
	lo = v & 3;
	for (size_t i = 13; i < 23; i++)
		lo = lo << 6 | (uint64_t)value_of(p[i]);
	v = (uint64_t)value_of(p[23]);
	if (v & 15)
		return false;
	*bits = (struct bits128){hi, lo << 2 | v >> 4};
	return true;
}

void ids_video_write(uint64_t bits, char *to)
{
	for (int i = 0; i < 10; i++)
		to[i] = alphabet[bits >> (58 - 6 * i) & 63];
	to[10] = alphabet[(bits & 15) << 2];
}

bool ids_video_read(const char *p, size_t len, uint64_t *bits)
{
	uint64_t v = 0;
	int last;

	if (len != IDS_VIDEO_LEN)
		return false;
	for (size_t i = 0; i < IDS_VIDEO_LEN; i++)
		if (value_of(p[i]) < 0)
			return false;
	for (size_t i = 0; i < IDS_VIDEO_LEN - 1; i++)
		v = v << 6 | (uint64_t)value_of(p[i]);
	last = value_of(p[IDS_VIDEO_LEN - 1]);
	*bits = v << 4 | (uint64_t)last >> 2;
	return (last & 3) == 0;
}

void ids_base64_write(const char *p, size_t triples, char *to)
{
	for (size_t i = 0; i < triples; i++) {
		const unsigned char *b = (const unsigned char *)p + 3 * i;
		unsigned v = (unsigned)b[0] << 16 | (unsigned)b[1] << 8 | b[2];

		for (unsigned k = 0; k < 4; k++)
			to[4 * i + k] = alphabet[v >> (18 - 6 * k) & 63];
	}
}

bool ids_base64_read(const char *p, size_t quads, char *to)
{
	for (size_t i = 0; i < quads; i++) {
		unsigned v = 0;

		for (unsigned k = 0; k < 4; k++) {
			if (value_of(p[4 * i + k]) < 0)
				return false;
			v = v << 6 | (unsigned)value_of(p[4 * i + k]);
		}
		for (unsigned k = 0; k < 3; k++)
			to[3 * i + k] = (char)(v >> (16 - 8 * k) & 255);
	}
	return true;
}

void ids_noise_write(uint64_t h, char *to, size_t n)
{
	uint64_t left = 0;

	for (size_t i = 0; i < n; i++) {
		if (i % 10 == 0)
			left = ids_mix(h + i * 0x9e3779b97f4a7c15u + 1);
		to[i] = alphabet[left & 63];
		left >>= 6;
	}
}

void ids_etag_write(uint64_t a, uint64_t b, char *to)
{
	ids_noise_write(ids_mix(a) ^ b, to, IDS_ETAG_LEN);
	to[IDS_ETAG_LEN - 1] = alphabet[(ids_mix(b + 7) ^ a) % 16 * 4];
}
