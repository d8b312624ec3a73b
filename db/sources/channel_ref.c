#include "config.h"
#include "db/sources/channel_ref.h"
#include "engine/base/text.h"

#include <string.h>
#include <strings.h>

enum { REF_NAME_MAX = 300 }; /* bytes; 30 characters, percent-encoded, and some room */

struct ref_span {
	const char *p;
	size_t n;
};

static bool ref_is_around(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '"' || c == '\'' ||
	       c == '<' || c == '>';
}

static struct ref_span ref_trim(const char *text, size_t len)
{
	while (len && ref_is_around(text[0])) {
		text++;
		len--;
	}
	while (len && ref_is_around(text[len - 1]))
		len--;
	return (struct ref_span){text, len};
}

/* Takes word off the front, ASCII case ignored. */
static bool ref_take(struct ref_span *s, const char *word)
{
	size_t n = strlen(word);

	if (s->n < n || strncasecmp(s->p, word, n) != 0)
		return false;
	s->p += n;
	s->n -= n;
	return true;
}

/* Up to the first of the characters that end a part of a URL. */
static struct ref_span ref_part(struct ref_span s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] != '/' && s.p[n] != '?' && s.p[n] != '#' && s.p[n] != '&')
		n++;
	return (struct ref_span){s.p, n};
}

static void ref_none(struct channel_ref *out, const char *reason)
{
	out->kind = CHANNEL_REF_NONE;
	out->reason = reason;
}

static void ref_id(struct ref_span s, struct channel_ref *out)
{
	if (cid_parse(s.p, s.n, &out->cid))
		out->kind = CHANNEL_REF_ID;
	else if (s.n != CID_TEXT)
		ref_none(out, "a channel id has 24 characters");
	else if (s.p[0] != 'U' || s.p[1] != 'C')
		ref_none(out, "a channel id begins with UC");
	else
		ref_none(
		    out, "a channel id has letters, digits, - and _, and ends in A, Q, g or w");
}

static int ref_hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Percent signs decoded, as many bytes as at most REF_NAME_MAX give; returns how many. */
static size_t ref_decode(struct ref_span s, char *plain)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n && n < REF_NAME_MAX; i++) {
		int hi = s.p[i] == '%' && i + 2 < s.n ? ref_hex(s.p[i + 1]) : -1;
		int lo = hi >= 0 ? ref_hex(s.p[i + 2]) : -1;
		plain[n++] = s.p[i];
		if (lo >= 0) {
			plain[n - 1] = (char)(hi << 4 | lo);
			i += 2;
		}
	}
	return n;
}

/* Letters, digits, dots, dashes, underscores; any text beyond ASCII; also percent-encoded. */
static bool ref_is_name(struct ref_span s)
{
	char plain[REF_NAME_MAX];
	size_t n;

	if (!s.n || s.n > REF_NAME_MAX)
		return false;
	n = ref_decode(s, plain);
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)plain[i];
		bool word =
		    (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
		if (!word && c < 0x80 && !(c && strchr(".-_+", c)))
			return false;
	}
	return text_is_clean(plain, n);
}

static void ref_named(enum channel_ref_kind kind, struct ref_span s, struct channel_ref *out)
{
	if (!ref_is_name(s)) {
		ref_none(out, kind == CHANNEL_REF_HANDLE
		                  ? "not a handle: @ and letters are expected"
		                  : "the URL holds no channel name");
		return;
	}
	out->kind = kind;
	out->name = s.p;
	out->name_len = s.n;
}

/* Pages of youtube.com that are no channel, whatever youtube.com/NAME might mean. */
static bool ref_is_page(struct ref_span s)
{
	static const char *const pages[] = {"watch", "playlist", "results", "feed", "shorts",
	    "embed", "live", "hashtag", "gaming", "premium", "about", "t", "v", "e", "post", "clip",
	    "attribution_link", "redirect", "channel", "user", "c", "feeds"};

	for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++)
		if (strlen(pages[i]) == s.n && strncasecmp(pages[i], s.p, s.n) == 0)
			return true;
	return false;
}

/* A feed's address carries the id in its query. */
static bool ref_query_id(struct ref_span path, struct channel_ref *out)
{
	static const char name[] = "channel_id=";

	for (size_t i = 1; i + sizeof name - 1 <= path.n; i++) {
		struct ref_span s = {path.p + i, path.n - i};
		if ((path.p[i - 1] == '?' || path.p[i - 1] == '&') && ref_take(&s, name)) {
			ref_id(ref_part(s), out);
			return true;
		}
	}
	return false;
}

/* path is what follows the host's slash. */
static void ref_path(struct ref_span path, struct channel_ref *out)
{
	static const struct {
		const char *prefix;
		enum channel_ref_kind kind;
	} prefixes[] = {{"channel/", CHANNEL_REF_ID}, {"user/", CHANNEL_REF_USER},
	    {"c/", CHANNEL_REF_CUSTOM}, {"@", CHANNEL_REF_HANDLE}};

	if (ref_query_id(path, out))
		return;
	for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
		if (!ref_take(&path, prefixes[i].prefix))
			continue;
		if (prefixes[i].kind == CHANNEL_REF_ID)
			ref_id(ref_part(path), out);
		else
			ref_named(prefixes[i].kind, ref_part(path), out);
		return;
	}
	if (ref_is_page(ref_part(path)))
		ref_none(out, "the URL is not that of a channel");
	else
		ref_named(CHANNEL_REF_CUSTOM, ref_part(path), out);
}

/* False when the text is no URL at all. */
static bool ref_url(struct ref_span s, struct channel_ref *out)
{
	static const char *const hosts[] = {"www.youtube.com", "youtube.com", "m.youtube.com",
	    "music.youtube.com", "studio.youtube.com", "gaming.youtube.com",
	    "www.youtube-nocookie.com"};
	bool scheme = ref_take(&s, "https://") || ref_take(&s, "http://") || ref_take(&s, "//");
	struct ref_span host = ref_part(s);

	for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
		if (strlen(hosts[i]) != host.n || strncasecmp(hosts[i], host.p, host.n) != 0)
			continue;
		s.p += host.n;
		s.n -= host.n;
		if (!ref_take(&s, "/"))
			s.n = 0;
		ref_path(s, out);
		return true;
	}
	if (scheme)
		ref_none(out, "the URL is not of youtube.com");
	return scheme;
}

void channel_ref_parse(const char *text, size_t len, struct channel_ref *out)
{
	struct ref_span s = {text, len};

	out->name = NULL;
	out->name_len = 0;
	out->reason = NULL;
	out->kind = CHANNEL_REF_ID;
	if (cid_parse(text, len, &out->cid))
		return;
	s = ref_trim(text, len);
	if (!s.n) {
		ref_none(out, "no channel id");
	} else if (memchr(s.p, '\0', s.n)) {
		ref_none(out, "a NUL byte");
	} else if (ref_take(&s, "@")) {
		ref_named(CHANNEL_REF_HANDLE, s, out);
	} else if (s.p[0] == '/' && (s.n < 2 || s.p[1] != '/')) {
		s.p++;
		s.n--;
		ref_path(s, out);
	} else if (!ref_url(s, out)) {
		if (s.p[0] == 'U' && s.n > 1 && s.p[1] == 'C')
			ref_id(s, out);
		else if (s.n == CID_TEXT)
			ref_id(s, out);
		else
			ref_none(out, "neither a channel id nor a channel URL nor a @handle");
	}
}

const char *channel_ref_word(enum channel_ref_kind kind)
{
	switch (kind) {
	case CHANNEL_REF_HANDLE:
		return "handle";
	case CHANNEL_REF_USER:
		return "user";
	case CHANNEL_REF_CUSTOM:
		return "custom";
	case CHANNEL_REF_NONE:
	case CHANNEL_REF_ID:
		break;
	}
	return NULL;
}

void channel_ref_name(const struct channel_ref *ref, struct str *out)
{
	char plain[REF_NAME_MAX];
	size_t n = ref_decode((struct ref_span){ref->name, ref->name_len}, plain);

	for (size_t i = 0; i < n; i++)
		if (plain[i] >= 'A' && plain[i] <= 'Z')
			plain[i] = (char)(plain[i] + ('a' - 'A'));
	if (ref->kind == CHANNEL_REF_HANDLE)
		str_addc(out, '@');
	str_add(out, plain, n);
}
