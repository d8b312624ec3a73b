#include "config.h"
#include "engine/base/text.h"

#include <string.h>
#include <strings.h>

size_t text_utf8_next(const char *text, size_t len, uint32_t *code)
{
	const unsigned char *p = (const unsigned char *)text;
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	uint32_t c;
	size_t n;

	if (!len)
		return 0;
	if (p[0] < 0x80) {
		*code = p[0];
		return 1;
	}
	n = p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : p[0] >= 0xC2 ? 2 : 0;
	if (!n || n > len || p[0] > 0xF4)
		return 0;
	c = p[0] & (0x7Fu >> n);
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xC0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3Fu);
	}
	if (c < least[n] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
		return 0;
	*code = c;
	return n;
}

size_t text_utf8_cut(const char *text, size_t len, size_t max)
{
	if (len <= max)
		return len;
	while (max && ((unsigned char)text[max] & 0xC0) == 0x80)
		max--;
	return max;
}

void text_utf8_mend(char *text)
{
	size_t len = strlen(text), at = len;
	uint32_t code;

	while (at && len - at < 3 && ((unsigned char)text[at - 1] & 0xC0) == 0x80)
		at--;
	if (at && (unsigned char)text[at - 1] >= 0xC0 &&
	    text_utf8_next(text + at - 1, len - at + 1, &code) != len - at + 1)
		text[at - 1] = '\0';
}

static bool text_is_control(uint32_t c)
{
	return (c < 0x20 && c != '\n' && c != '\t') || (c >= 0x7F && c < 0xA0);
}

/* Eight bytes at once: true when all are ASCII from space to tilde (nearly all text is). */
static bool text_is_plain8(const char *p)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), high = ones << 7;
	uint64_t v;

	memcpy(&v, p, sizeof v);
	/* a byte below 0x20 borrows into its high bit; 0x7F carries into it */
	return !((v | (v - ones * 0x20) | (v + ones)) & high);
}

bool text_is_clean(const char *in, size_t len)
{
	for (size_t i = 0; i < len;) {
		uint32_t code;
		size_t n;
		if (len - i >= 8 && text_is_plain8(in + i)) {
			i += 8;
			continue;
		}
		n = text_utf8_next(in + i, len - i, &code);
		if (!n || text_is_control(code))
			return false;
		i += n;
	}
	return true;
}

/* Eight bytes at once: true when none is below 0x20, 0x7F, or the lead of a C1 control (0xC2). */
static bool text_is_quiet8(const char *p)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), high = ones << 7;
	uint64_t v, del, c2;

	memcpy(&v, p, sizeof v);
	del = v ^ ones * 0x7F;
	c2 = v ^ ones * 0xC2;
	return !((((v - ones * 0x20) & ~v) | ((del - ones) & ~del) | ((c2 - ones) & ~c2)) & high);
}

bool text_is_clean_utf8(const char *in, size_t len)
{
	const unsigned char *p = (const unsigned char *)in;

	for (size_t i = 0; i < len;) {
		if (len - i >= 8 && text_is_quiet8(in + i)) {
			i += 8;
			continue;
		}
		if ((p[i] < 0x20 && p[i] != '\n' && p[i] != '\t') || p[i] == 0x7F ||
		    (p[i] == 0xC2 && i + 1 < len && p[i + 1] < 0xA0))
			return false;
		i++;
	}
	return true;
}

size_t text_clean(const char *in, size_t len, struct str *out)
{
	size_t changed = 0, kept = 0, i = 0;

	while (i < len) {
		uint32_t code = 0;
		size_t n = text_utf8_next(in + i, len - i, &code);
		if (n && !text_is_control(code)) {
			i += n;
			continue;
		}
		str_add(out, in + kept, i - kept);
		if (!n)
			str_adds(out, "\xEF\xBF\xBD");
		else if (code == '\r' && (i + 1 == len || in[i + 1] != '\n'))
			str_addc(out, '\n');
		changed += code != '\r';
		i += n ? n : 1;
		kept = i;
	}
	str_add(out, in + kept, i - kept);
	return changed;
}

void text_escape(const char *in, size_t len, struct str *out)
{
	size_t i = 0;

	while (i < len) {
		uint32_t code = 0;
		size_t n = text_utf8_next(in + i, len - i, &code);
		if (in[i] == '\n')
			str_adds(out, "\\n");
		else if (in[i] == '\t')
			str_adds(out, "\\t");
		else if (!n || text_is_control(code))
			str_addf(out, "\\x%02X", (unsigned)(n > 1 ? code : (unsigned char)in[i]));
		else
			str_add(out, in + i, n);
		i += n ? n : 1;
	}
}

void text_add_json(struct str *out, const char *text, size_t len)
{
	size_t kept = 0;

	str_addc(out, '"');
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];
		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		str_add(out, text + kept, i - kept);
		kept = i + 1;
		if (c >= 0x20)
			str_addf(out, "\\%c", c);
		else if (c == '\n')
			str_adds(out, "\\n");
		else
			str_addf(out, "\\u%04x", c);
	}
	str_add(out, text + kept, len - kept);
	str_addc(out, '"');
}

/* ---- secrets ---- */

static bool text_is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-';
}

/* Length of a Google API key at p ("AIza" and the word after it), 0 when there is none. */
static size_t text_google_key(const char *p, size_t len)
{
	size_t n = 4;

	if (len < 20 || memcmp(p, "AIza", 4) != 0)
		return 0;
	while (n < len && text_is_word(p[n]))
		n++;
	return n >= 20 ? n : 0;
}

static const char *const text_secret_names[] = {"x-goog-api-key", "authorization", "access_token",
    "api_token", "api_key", "apikey", "api-key", "password", "passwd", "secret_key", "secret",
    "token", "pwd", "key"};

static size_t text_without_number(const char *in, size_t end)
{
	size_t at = end;

	while (at && in[at - 1] >= '0' && in[at - 1] <= '9')
		at--;
	return at < end && at && in[at - 1] == '_' ? at - 1 : end;
}

/* Does a secret's name end in front of in[i], a ':' or '='? Quotes may close it. */
static bool text_names_secret(const char *in, size_t i)
{
	size_t end = i;

	while (end && strchr(" \"'\\", in[end - 1]))
		end--;
	if (in[i] == '=')
		end = text_without_number(in, end); /* YOUTUBE_API_KEY_1=… */
	for (size_t k = 0; k < sizeof text_secret_names / sizeof text_secret_names[0]; k++) {
		size_t n = strlen(text_secret_names[k]);
		if (end >= n && strncasecmp(in + end - n, text_secret_names[k], n) == 0 &&
		    (end == n || !((in[end - n - 1] >= 'a' && in[end - n - 1] <= 'z') ||
		                     (in[end - n - 1] >= 'A' && in[end - n - 1] <= 'Z'))))
			return true;
	}
	return false;
}

static size_t text_skip(const char *in, size_t len, size_t i, const char *set)
{
	while (i < len && in[i] && strchr(set, in[i]))
		i++;
	return i;
}

/* Appends the blanks, quotes and "Bearer" before a value; returns where the value begins. */
static size_t text_value_start(const char *in, size_t len, size_t i, struct str *out)
{
	static const char *const schemes[] = {"bearer ", "basic ", "token "};
	size_t from = i;

	i = text_skip(in, len, i, " \"'\\");
	for (size_t k = 0; k < sizeof schemes / sizeof schemes[0]; k++) {
		size_t n = strlen(schemes[k]);
		if (len - i > n && strncasecmp(in + i, schemes[k], n) == 0)
			i = text_skip(in, len, i + n, " ");
	}
	str_add(out, in + from, i - from);
	return i;
}

/* Where the value that begins at i ends: a quoted one at its quote, whatever it holds. */
static size_t text_value_end(const char *in, size_t len, size_t i)
{
	char quote = i && (in[i - 1] == '"' || in[i - 1] == '\'') ? in[i - 1] : '\0';
	bool nested =
	    quote && i > 1 && in[i - 2] == '\\'; /* JSON in JSON: the quotes are escaped */

	for (; quote && i < len && in[i] != quote; i++) {
		if (in[i] == '\\' && nested && i + 1 < len && in[i + 1] == quote)
			return i;
		if (in[i] == '\\' && i + 1 < len)
			i++;
	}
	while (!quote && i < len && !strchr(" \t\n\"'&,;)}]<>", in[i]))
		i++;
	return i;
}

/* At "://": where the password of user:password@host lies. */
static bool text_url_password(const char *in, size_t len, size_t i, size_t *from, size_t *to)
{
	size_t colon = 0, at = 0;

	for (size_t k = i + 3; k < len && !strchr(" \t\n\"'<>/?#", in[k]); k++) {
		if (in[k] == ':' && !colon)
			colon = k + 1;
		if (in[k] == '@')
			at = k; /* the last one: a password may hold @ */
	}
	if (!colon || !at || colon > at)
		return false;
	*from = colon;
	*to = at;
	return true;
}

void text_mask_secrets(const char *in, size_t len, struct str *out)
{
	size_t i = 0, from, to;

	while (i < len) {
		size_t n = in[i] == 'A' ? text_google_key(in + i, len - i) : 0;
		if (n) {
			str_adds(out, "***");
			i += n;
		} else if ((in[i] == '=' || in[i] == ':') && text_names_secret(in, i)) {
			str_addc(out, in[i]);
			i = text_value_start(in, len, i + 1, out);
			n = text_value_end(in, len, i);
			if (n > i)
				str_adds(out, "***");
			i = n;
		} else if (in[i] == ':' && len - i > 3 && memcmp(in + i, "://", 3) == 0 &&
		           text_url_password(in, len, i, &from, &to)) {
			str_add(out, in + i, from - i);
			str_adds(out, "***");
			i = to;
		} else {
			str_addc(out, in[i++]);
		}
	}
}

void text_hide(const char *in, size_t len, const char *hidden, struct str *out)
{
	size_t n = hidden ? strlen(hidden) : 0;

	for (size_t i = 0; i < len;) {
		if (n && i + n <= len && memcmp(in + i, hidden, n) == 0) {
			str_adds(out, "***");
			i += n;
		} else {
			str_addc(out, in[i++]);
		}
	}
}

static int text_hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool text_percent_decode(const char *in, size_t len, struct str *out)
{
	for (size_t i = 0; i < len; i++) {
		int hi, lo;

		if (in[i] != '%') {
			str_addc(out, in[i]);
			continue;
		}
		hi = len - i > 2 ? text_hex(in[i + 1]) : -1;
		lo = len - i > 2 ? text_hex(in[i + 2]) : -1;
		if (hi < 0 || lo < 0 || hi + lo == 0)
			return false;
		str_addc(out, (char)(hi * 16 + lo));
		i += 2;
	}
	return true;
}
