#include "config.h"
#include "engine/rest/negotiate.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char negotiate_blanks[] = " \t";

/* q=0, q=0. or q=0.000 among the parameters of one element: it is not wanted. */
static bool element_is_refused(const char *text, size_t len)
{
	const char *end = text + len, *p = text;

	while (p < end && (p = memchr(p, ';', (size_t)(end - p))) != NULL) {
		p++;
		p += strspn(p, negotiate_blanks);
		if (end - p < 3 || (p[0] | 32) != 'q' || p[1] != '=' || p[2] != '0')
			continue;
		p += 3;
		if (p < end && *p == '.')
			p++;
		while (p < end && *p == '0')
			p++;
		return p >= end || *p < '1' || *p > '9';
	}
	return false;
}

static bool element_is(const char *text, size_t len, const char *name)
{
	size_t n = 0;

	while (n < len && !strchr("; \t", text[n]))
		n++;
	return n == strlen(name) && strncasecmp(text, name, n) == 0;
}

bool rest_takes_gzip(const char *accept_encoding)
{
	bool any = false;

	for (const char *p = accept_encoding; *p;) {
		size_t len;

		p += strspn(p, " \t,");
		len = strcspn(p, ",");
		if (element_is(p, len, "gzip") || element_is(p, len, "x-gzip"))
			return !element_is_refused(p, len);
		if (element_is(p, len, "*"))
			any = !element_is_refused(p, len);
		p += len;
	}
	return any;
}

/* FNV-1a, 64 bits: two texts of one address that differ have different tags but for one in 2^64. */
void rest_etag(const char *text, size_t len, char *out, size_t size)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)text[i]) * UINT64_C(0x100000001b3);
	snprintf(out, size, "W/\"%016" PRIx64 "\"", hash);
}

bool rest_etag_matches(const char *if_none_match, const char *etag)
{
	const char *bare = strncmp(etag, "W/", 2) == 0 ? etag + 2 : etag;
	size_t bare_len = strlen(bare);

	for (const char *p = if_none_match; *p;) {
		size_t len;

		p += strspn(p, " \t,");
		if (*p == '*')
			return true;
		if (strncmp(p, "W/", 2) == 0)
			p += 2;
		len = *p == '"' ? strcspn(p + 1, "\"") + 1 : strcspn(p, ", \t");
		len += *p == '"' && p[len] == '"';
		if (len == bare_len && memcmp(p, bare, len) == 0)
			return true;
		p += len;
		p += strcspn(p, ",");
	}
	return false;
}

bool rest_idempotency_is_valid(const char *key)
{
	size_t len = strlen(key);

	for (size_t i = 0; i < len; i++)
		if (key[i] <= ' ' || key[i] > '~')
			return false;
	return len >= 1 && len <= REST_IDEMPOTENCY_MOST;
}
