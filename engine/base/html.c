#include "config.h"
#include "engine/base/html.h"

#include "engine/base/text.h"

#include <string.h>
#include <strings.h>

enum {
	HTML_REFERENCE = 10,   /* longest that is read: &#x10FFFF; */
	HTML_INNER_MOST = 2048 /* of a link: pages of links that never end cost no more */
};

static const struct {
	const char *name;
	const char *text;
} html_names[] = {
    {"amp", "&"}, {"lt", "<"}, {"gt", ">"}, {"quot", "\""}, {"apos", "'"}, {"nbsp", " "}};

static void html_add_code(struct str *out, uint32_t c)
{
	if (c < 0x80) {
		str_addc(out, (char)c);
	} else if (c < 0x800) {
		str_addc(out, (char)(0xC0 | c >> 6));
		str_addc(out, (char)(0x80 | (c & 63)));
	} else if (c < 0x10000) {
		str_addc(out, (char)(0xE0 | c >> 12));
		str_addc(out, (char)(0x80 | (c >> 6 & 63)));
		str_addc(out, (char)(0x80 | (c & 63)));
	} else {
		str_addc(out, (char)(0xF0 | c >> 18));
		str_addc(out, (char)(0x80 | (c >> 12 & 63)));
		str_addc(out, (char)(0x80 | (c >> 6 & 63)));
		str_addc(out, (char)(0x80 | (c & 63)));
	}
}

/* A number after "&#"; controls and what is no character are refused. */
static bool html_number(const char *p, size_t len, struct str *out)
{
	bool hex = len && (*p == 'x' || *p == 'X');
	uint32_t c = 0;

	if (len <= hex)
		return false;
	for (size_t i = hex; i < len; i++) {
		char d = p[i];
		uint32_t v = d >= '0' && d <= '9'          ? (uint32_t)(d - '0')
		             : hex && d >= 'a' && d <= 'f' ? (uint32_t)(d - 'a' + 10)
		             : hex && d >= 'A' && d <= 'F' ? (uint32_t)(d - 'A' + 10)
		                                           : 99;
		if (v == 99)
			return false;
		c = c * (hex ? 16 : 10) + v;
		if (c > 0x10FFFF)
			return false;
	}
	if (c < ' ' || (c >= 0x7F && c < 0xA0) || (c >= 0xD800 && c < 0xE000))
		return false;
	html_add_code(out, c);
	return true;
}

/* p stands behind the &, len is what is before the ; */
static bool html_reference(const char *p, size_t len, struct str *out)
{
	if (len > 1 && *p == '#')
		return html_number(p + 1, len - 1, out);
	for (size_t i = 0; i < sizeof html_names / sizeof html_names[0]; i++)
		if (strlen(html_names[i].name) == len && memcmp(p, html_names[i].name, len) == 0) {
			str_adds(out, html_names[i].text);
			return true;
		}
	return false;
}

void html_unescape(const char *text, size_t len, struct str *out)
{
	for (size_t i = 0; i < len;) {
		const char *and = memchr(text + i, '&', len - i), *end;
		size_t plain = and? (size_t)(and-text) - i : len - i, rest;

		str_add(out, text + i, plain);
		i += plain;
		if (!and)
			break;
		rest = len - i - 1;
		end = memchr(and+1, ';', rest < HTML_REFERENCE ? rest : HTML_REFERENCE);
		if (end && html_reference(and+1, (size_t)(end - and-1), out)) {
			i = (size_t)(end - text) + 1;
		} else {
			str_addc(out, '&');
			i++;
		}
	}
}

/* ---- links ---- */

static bool html_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

/* Does a tag of this name begin at p (behind its <)? */
static bool html_is_tag(const char *p, size_t len, const char *name)
{
	size_t n = strlen(name);

	return len >= n && strncasecmp(p, name, n) == 0 &&
	       (len == n || html_is_blank(p[n]) || p[n] == '>' || p[n] == '/');
}

/* Where `what` begins at or after from, in any case; len when nowhere. */
static size_t html_find(const char *page, size_t len, size_t from, const char *what)
{
	const char small = what[0];
	const char large = small >= 'a' && small <= 'z' ? (char)(small - 'a' + 'A') : small;
	size_t n = strlen(what);

	for (; from + n <= len; from++)
		if ((page[from] == small || page[from] == large) &&
		    strncasecmp(page + from, what, n) == 0)
			return from;
	return len;
}

/* Behind the > that ends the tag, quotes respected. */
static size_t html_tag_end(const char *page, size_t len, size_t at)
{
	char quote = 0;

	for (; at < len; at++) {
		if (quote)
			quote = page[at] == quote ? 0 : quote;
		else if (page[at] == '>')
			return at + 1;
		else if ((page[at] == '"' || page[at] == '\'') && page[at - 1] == '=')
			quote = page[at];
	}
	return len;
}

/* The value of href between at and end of one tag. */
static bool html_href(const char *page, size_t at, size_t end, struct html_link *out)
{
	while ((at = html_find(page, end, at, "href")) < end) {
		size_t p = at + 4, n = 0;
		bool begins = html_is_blank(page[at - 1]) || page[at - 1] == '"' ||
		              page[at - 1] == '\'' || page[at - 1] == '/';
		at = p;
		while (p < end && html_is_blank(page[p]))
			p++;
		if (!begins || p >= end || page[p] != '=')
			continue;
		for (p++; p < end && html_is_blank(page[p]); p++)
			;
		if (p < end && (page[p] == '"' || page[p] == '\'')) {
			const char *close = memchr(page + p + 1, page[p], end - p - 1);
			if (!close)
				return false;
			*out = (struct html_link){.href = page + p + 1};
			out->href_len = (size_t)(close - out->href);
			return true;
		}
		while (p + n < end && !html_is_blank(page[p + n]) && page[p + n] != '>')
			n++;
		*out = (struct html_link){.href = page + p, .href_len = n};
		return n > 0;
	}
	return false;
}

/* Behind a comment, a script or a style that begins at at (behind its <); at when none does. */
static size_t html_skip(const char *page, size_t len, size_t at)
{
	size_t end;

	if (len - at >= 3 && memcmp(page + at, "!--", 3) == 0) {
		end = html_find(page, len, at + 3, "-->");
		return end < len ? end + 3 : len;
	}
	if (html_is_tag(page + at, len - at, "script"))
		return html_find(page, len, at, "</script");
	if (html_is_tag(page + at, len - at, "style"))
		return html_find(page, len, at, "</style");
	return at;
}

bool html_link_next(const char *page, size_t len, size_t *at, struct html_link *out)
{
	while (*at < len) {
		const char *open = memchr(page + *at, '<', len - *at);
		size_t p, end, skipped;

		if (!open)
			break;
		p = (size_t)(open - page) + 1;
		skipped = html_skip(page, len, p);
		if (skipped != p) {
			*at = skipped;
			continue;
		}
		if (p >= len || !html_is_tag(page + p, len - p, "a")) {
			*at = p;
			continue;
		}
		end = html_tag_end(page, len, p);
		*at = end;
		if (!html_href(page, p + 1, end, out))
			continue;
		out->inner = page + end;
		skipped = len - end < HTML_INNER_MOST ? len : end + HTML_INNER_MOST;
		out->inner_len = html_find(page, skipped, end, "</a") - end;
		return true;
	}
	*at = len;
	return false;
}

void html_text(const char *html, size_t len, struct str *out)
{
	struct str raw;
	bool blank = true;

	str_init(&raw, len + 1);
	for (size_t i = 0; i < len;) {
		size_t n = 0;
		while (i + n < len && html[i + n] != '<')
			n++;
		html_unescape(html + i, n, &raw);
		i += n;
		if (i < len) {
			str_addc(&raw, ' ');
			i = html_tag_end(html, len, i + 1);
		}
	}
	for (size_t i = 0; i < raw.len; i++) {
		bool is = html_is_blank(raw.text[i]);
		if (!is || !blank)
			str_addc(out, is ? ' ' : raw.text[i]);
		blank = is;
	}
	while (out->len && out->text[out->len - 1] == ' ')
		out->text[--out->len] = '\0';
	str_done(&raw);
}
