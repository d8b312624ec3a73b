#include "config.h"
#include "engine/base/ids.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

/* base64url's characters in ASCII order: rank in here = value, so numbers sort as texts do */
static const char ids_alphabet[] =
    "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";
static const char cid_last[] = "AQgw";
static const char vid_last[] = "048AEIMQUYcgkosw";

static int ids_rank(char c)
{
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 38;
	if (c >= 'A' && c <= 'Z')
		return c - 'A' + 11;
	if (c >= '0' && c <= '9')
		return c - '0' + 1;
	return c == '_' ? 37 : c == '-' ? 0 : -1;
}

/* Position of c in a short set of allowed characters; -1 when it is none of them. */
static int ids_index(const char *set, char c)
{
	const char *at = c ? strchr(set, c) : NULL;

	return at ? (int)(at - set) : -1;
}

/* n characters of 6 bits into one number; a negative rank anywhere makes *bad true */
static uint64_t ids_gather(const char *p, size_t n, bool *bad)
{
	uint64_t v = 0;

	for (size_t i = 0; i < n; i++) {
		int r = ids_rank(p[i]);
		*bad = *bad || r < 0;
		v = v << 6 | (uint64_t)(r & 63);
	}
	return v;
}

static void ids_store64(unsigned char *b, uint64_t v)
{
	for (int i = 7; i >= 0; i--, v >>= 8)
		b[i] = (unsigned char)v;
}

static uint64_t ids_load64(const unsigned char *b)
{
	uint64_t v = 0;

	for (int i = 0; i < 8; i++)
		v = v << 8 | b[i];
	return v;
}

bool cid_parse(const char *text, size_t len, struct cid *out)
{
	bool bad = false;
	uint64_t a, b, c;
	int last;

	if (len != CID_TEXT || text[0] != 'U' || text[1] != 'C')
		return false;
	a = ids_gather(text + 2, 10, &bad);  /* 60 bits */
	b = ids_gather(text + 12, 10, &bad); /* 60 bits */
	c = ids_gather(text + 22, 1, &bad);  /* 6 bits */
	last = ids_index(cid_last, text[23]);
	if (bad || last < 0)
		return false;
	ids_store64(out->b, a << 4 | b >> 56);
	ids_store64(out->b + 8, b << 8 | c << 2 | (uint64_t)last);
	return true;
}

char *cid_format(const struct cid *id, char *buf)
{
	uint64_t hi = ids_load64(id->b), lo = ids_load64(id->b + 8);
	uint64_t a = hi >> 4, b = (hi & 15) << 56 | lo >> 8;

	buf[0] = 'U';
	buf[1] = 'C';
	for (int i = 9; i >= 0; i--, a >>= 6, b >>= 6) {
		buf[2 + i] = ids_alphabet[a & 63];
		buf[12 + i] = ids_alphabet[b & 63];
	}
	buf[22] = ids_alphabet[lo >> 2 & 63];
	buf[23] = cid_last[lo & 3];
	buf[24] = '\0';
	return buf;
}

int cid_compare(const struct cid *a, const struct cid *b)
{
	return memcmp(a->b, b->b, CID_BYTES);
}

struct cid cid_from_number(int64_t n)
{
	struct cid c = {{0}};

	ids_store64(c.b + 8, (uint64_t)n);
	return c;
}

int64_t cid_number(const struct cid *c)
{
	return (int64_t)ids_load64(c->b + 8);
}

bool vid_parse(const char *text, size_t len, int64_t *out)
{
	bool bad = false;
	uint64_t v;
	int last;

	if (len != VID_TEXT)
		return false;
	v = ids_gather(text, 10, &bad);
	last = ids_index(vid_last, text[10]);
	if (bad || last < 0)
		return false;
	*out = (int64_t)((v << 4 | (uint64_t)last) ^ UINT64_C(1) << 63);
	return true;
}

char *vid_format(int64_t vid, char *buf)
{
	uint64_t v = (uint64_t)vid ^ UINT64_C(1) << 63;

	buf[10] = vid_last[v & 15];
	v >>= 4;
	for (int i = 9; i >= 0; i--, v >>= 6)
		buf[i] = ids_alphabet[v & 63];
	buf[11] = '\0';
	return buf;
}

enum err uuid_new(struct uuid *out)
{
	if (getrandom(out->b, sizeof out->b, 0) != (ssize_t)sizeof out->b)
		return ERR_IO;
	out->b[6] = (unsigned char)((out->b[6] & 0x0F) | 0x40);
	out->b[8] = (unsigned char)((out->b[8] & 0x3F) | 0x80);
	return ERR_OK;
}

enum err uuid_from_text(const char *text, size_t len, struct uuid *out)
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	if (EVP_Digest(text, len, sum, &n, EVP_sha256(), NULL) != 1 || n < sizeof out->b)
		return ERR_NOMEM;
	memcpy(out->b, sum, sizeof out->b);
	out->b[6] = (unsigned char)((out->b[6] & 0x0f) | 0x80);
	out->b[8] = (unsigned char)((out->b[8] & 0x3f) | 0x80);
	return ERR_OK;
}

char *uuid_format(const struct uuid *u, char *buf)
{
	static const char hex[] = "0123456789abcdef";
	char *p = buf;

	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*p++ = '-';
		*p++ = hex[u->b[i] >> 4];
		*p++ = hex[u->b[i] & 15];
	}
	*p = '\0';
	return buf;
}

static int ids_hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool uuid_parse(const char *text, size_t len, struct uuid *out)
{
	struct uuid u = {{0}};
	size_t digits = 0;

	if (len >= 9 && strncasecmp(text, "urn:uuid:", 9) == 0) {
		text += 9;
		len -= 9;
	}
	if (len >= 2 && text[0] == '{' && text[len - 1] == '}') {
		text++;
		len -= 2;
	}
	for (size_t i = 0; i < len; i++) {
		int h = ids_hex(text[i]);
		if (text[i] == '-')
			continue;
		if (h < 0 || digits == 32)
			return false;
		u.b[digits / 2] = (unsigned char)(u.b[digits / 2] << 4 | h);
		digits++;
	}
	if (digits != 32)
		return false;
	*out = u;
	return true;
}
