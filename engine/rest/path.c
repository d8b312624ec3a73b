#include "config.h"
#include "engine/rest/path.h"

#include <string.h>
#include <strings.h>

static int path_hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool rest_decode(const char *text, size_t len, bool plus, struct str *out)
{
	for (size_t i = 0; i < len; i++) {
		int high, low;
		if (text[i] != '%') {
			str_addc(out, plus && text[i] == '+' ? ' ' : text[i]);
			continue;
		}
		if (len - i < 3)
			return false;
		high = path_hex(text[i + 1]);
		low = path_hex(text[i + 2]);
		if (high < 0 || low < 0 || (!high && !low))
			return false;
		str_addc(out, (char)(high << 4 | low));
		i += 2;
	}
	return !out->err;
}

bool rest_path_match(const char *pattern, const char *path, struct str *arg)
{
	if (arg)
		str_reset(arg);
	while (*pattern) {
		size_t len;
		if (*pattern != '{') {
			if (*pattern++ != *path++)
				return false;
			continue;
		}
		len = strcspn(path, "/");
		if (!len || (arg && !rest_decode(path, len, false, arg)))
			return false;
		path += len;
		pattern += strcspn(pattern, "}") + 1;
	}
	return !*path;
}

bool rest_query_get(const char *query, const char *name, struct str *value)
{
	struct str key;
	bool found = false;

	str_init(&key, REST_ARG_LIMIT);
	for (const char *p = query; p && *p && !found;) {
		size_t len = strcspn(p, "&");
		const char *eq = memchr(p, '=', len);
		size_t key_len = eq ? (size_t)(eq - p) : len;
		str_reset(&key);
		if (rest_decode(p, key_len, true, &key) && strcmp(str_get(&key), name) == 0) {
			str_reset(value);
			found = true;
			if (eq && !rest_decode(eq + 1, len - key_len - 1, true, value)) {
				str_reset(value);
				str_add(value, eq + 1, len - key_len - 1);
			}
		}
		p += len + (p[len] == '&');
	}
	str_done(&key);
	return found;
}

/* Leaves digits and sign of what Python's int() would take; false when it would not. */
static bool path_plain_int(const struct str *in, struct str *out)
{
	const char *p = str_get(in), *end = p + in->len;

	while (p < end && strchr(" \t\r\n\v\f", *p))
		p++;
	while (end > p && strchr(" \t\r\n\v\f", end[-1]))
		end--;
	for (const char *c = p; c < end; c++) {
		bool between = c > p && c + 1 < end && c[-1] >= '0' && c[-1] <= '9' &&
		               c[1] >= '0' && c[1] <= '9';
		if (*c == '_' && !between)
			return false;
		if (*c != '_')
			str_addc(out, *c);
	}
	return !out->err;
}

enum err rest_query_int(const char *query, const char *name, int64_t fallback, int64_t least,
    int64_t most, int64_t *out, struct errbuf *eb)
{
	struct str value, plain;
	enum err err = ERR_OK;

	str_init(&value, REST_ARG_LIMIT);
	str_init(&plain, REST_ARG_LIMIT);
	*out = fallback;
	if (rest_query_get(query, name, &value) && value.len &&
	    (!path_plain_int(&value, &plain) || str_to_i64(str_get(&plain), least, most, out)))
		err = err_set(eb, ERR_INVALID, "%s must be a whole number from %lld to %lld", name,
		    (long long)least, (long long)most);
	str_done(&plain);
	str_done(&value);
	return err;
}

bool rest_is_json_type(const char *content_type)
{
	size_t len = strcspn(content_type, "; \t");
	struct str type;
	bool json;

	str_init(&type, REST_ARG_LIMIT);
	str_add(&type, content_type, len);
	json = str_is_equal_nocase(str_get(&type), "application/json") ||
	       (len > 17 && strncasecmp(str_get(&type), "application/", 12) == 0 &&
	           str_is_equal_nocase(str_get(&type) + len - 5, "+json"));
	str_done(&type);
	return json && len <= REST_ARG_LIMIT;
}
