#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "out.h"

#include <stdlib.h>

#define OUT_FIRST_CAP 256

void out_init(struct out *o, size_t limit)
{
	*o = (struct out){.limit = limit};
}

void out_done(struct out *o)
{
	free(o->data);
	*o = (struct out){.limit = o->limit};
}

bool out_grow(struct out *o, size_t n)
{
	size_t cap = o->cap ? o->cap : OUT_FIRST_CAP;
	char *data;

	if (o->failed || n > o->limit || o->len > o->limit - n) {
		o->failed = true;
		return false;
	}
	while (cap < o->len + n)
		cap *= 2;
	data = realloc(o->data, cap);
	if (data == NULL) {
		o->failed = true;
		return false;
	}
	o->data = data;
	o->cap = cap;
	return true;
}

char *out_take(struct out *o, size_t *len)
{
	char *data = o->data;

	*len = o->len;
	if (o->failed) {
		free(data);
		data = NULL;
		*len = 0;
	}
	*o = (struct out){.limit = o->limit};
	return data;
}

void out_padded(struct out *o, uint64_t v, unsigned width)
{
	char digits[24];
	size_t at = sizeof digits;

	do {
		digits[--at] = (char)('0' + v % 10);
		v /= 10;
	} while (v != 0 || (sizeof digits - at < width && at > 0));
	out_add(o, digits + at, sizeof digits - at);
}

void out_u64(struct out *o, uint64_t v)
{
	out_padded(o, v, 1);
}

/* Google writes < and > of a JSON text as \u003c and \u003e. */
static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c != '"' && c != '\\' && c != '<' && c != '>' && c != 0x7f;
}

static void out_escape(struct out *o, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	static const char from[] = "\n\r\t\"\\\b\f";
	static const char to[] = "nrt\"\\bf";
	const char *hit = c ? strchr(from, c) : NULL;

	out_char(o, '\\');
	if (hit != NULL) {
		out_char(o, to[hit - from]);
		return;
	}
	out_add(o, "u00", 3);
	out_char(o, hex[c >> 4]);
	out_char(o, hex[c & 15]);
}

void out_json(struct out *o, const char *p, size_t len)
{
	size_t at = 0, start;

	while (at < len) {
		start = at;
		while (at < len && is_plain((unsigned char)p[at]))
			at++;
		out_add(o, p + start, at - start);
		if (at < len)
			out_escape(o, (unsigned char)p[at++]);
	}
}

/* The length of the valid UTF-8 sequence at p, or 0. */
static size_t utf8_length(const unsigned char *p, size_t len)
{
	size_t need = p[0] < 0x80                   ? 1
	              : p[0] >= 0xc2 && p[0] < 0xe0 ? 2
	              : p[0] >= 0xe0 && p[0] < 0xf0 ? 3
	              : p[0] >= 0xf0 && p[0] < 0xf5 ? 4
	                                            : 0;

	if (need == 0 || need > len)
		return 0;
	for (size_t i = 1; i < need; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
	    (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return need;
}

void out_json_outside(struct out *o, const char *p, size_t len)
{
	const unsigned char *u = (const unsigned char *)p;
	size_t n;

	for (size_t at = 0; at < len; at += n) {
		n = utf8_length(u + at, len - at);
		if (n == 0) {
			out_add(o, "\xef\xbf\xbd", 3);
			n = 1;
		} else {
			out_json(o, p + at, n);
		}
	}
}

bool slice_equals(struct slice a, const char *b)
{
	size_t len = strlen(b);

	return a.len == len && (len == 0 || memcmp(a.p, b, len) == 0);
}

bool slice_to_u64(struct slice s, uint64_t min, uint64_t max, uint64_t *v)
{
	uint64_t n = 0;

	if (s.len == 0 || s.len > 20)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		unsigned d = (unsigned)((unsigned char)s.p[i] - '0');

		if (d > 9 || n > (UINT64_MAX - d) / 10)
			return false;
		n = n * 10 + d;
	}
	if (n < min || n > max)
		return false;
	*v = n;
	return true;
}
