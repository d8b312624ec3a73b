#include "config.h"
#include "engine/discovery/mentions.h"
#include "engine/base/text.h"

#include <string.h>
#include <strings.h>

struct mentions {
	const char *text;
	size_t len;
	bool (*fn)(void *arg, const struct mention *m);
	void *arg;
	int n;
	bool ended;
};

static bool mention_is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool mention_is_id(char c)
{
	return mention_is_word(c) || c == '_' || c == '-';
}

static void mention_tell(struct mentions *m, const struct mention *what)
{
	if (m->ended)
		return;
	m->ended = !m->fn(m->arg, what) || ++m->n >= MENTIONS_MOST;
}

/* Does text at i begin with this word (ASCII case ignored)? */
static bool mention_at(const struct mentions *m, size_t i, const char *word)
{
	size_t n = strlen(word);

	return m->len - i >= n && strncasecmp(m->text + i, word, n) == 0;
}

/* ---- ids ---- */

/* A channel id that stands for itself: not a part of a longer word. Returns its length or 0. */
static size_t mention_channel(struct mentions *m, size_t i)
{
	struct mention what = {.kind = MENTION_CHANNEL};

	if (m->len - i < CID_TEXT || (i && mention_is_id(m->text[i - 1])) ||
	    (i + CID_TEXT < m->len && mention_is_id(m->text[i + CID_TEXT])) ||
	    !cid_parse(m->text + i, CID_TEXT, &what.cid))
		return 0;
	mention_tell(m, &what);
	return CID_TEXT;
}

static void mention_video(struct mentions *m, size_t i)
{
	struct mention what = {.kind = MENTION_VIDEO};

	if (m->len - i < VID_TEXT ||
	    (i + VID_TEXT < m->len && mention_is_id(m->text[i + VID_TEXT])) ||
	    !vid_parse(m->text + i, VID_TEXT, &what.vid))
		return;
	mention_tell(m, &what);
}

/* ---- names ---- */

/* Bytes of a character that a handle may hold: letters and digits of any script, _ - . */
static size_t mention_name_char(const struct mentions *m, size_t i)
{
	uint32_t c = 0;
	size_t n = text_utf8_next(m->text + i, m->len - i, &c);

	if (!n || c < 0x80)
		return n && (mention_is_id(m->text[i]) || m->text[i] == '.') ? 1 : 0;
	if (c < 0xB7 || c == 0xBF || c == 0xD7 || c == 0xF7 || (c >= 0x2000 && c <= 0x2BFF) ||
	    (c >= 0x3000 && c <= 0x3004) || (c >= 0x3008 && c <= 0x3020) ||
	    (c >= 0xE000 && c <= 0xF8FF) || (c >= 0xFE00 && c <= 0xFE0F) ||
	    (c >= 0xFF00 && c <= 0xFF0F) || c == 0xFEFF || c == 0xFFFD || c >= 0x1F000)
		return 0;
	return n;
}

static bool mention_is_edge(char c)
{
	return c == '_' || c == '-' || c == '.';
}

/* The name behind an "@" at i; returns the bytes that it takes, 0 when there is none. */
static size_t mention_name(const struct mentions *m, size_t i, struct mention *what)
{
	size_t from = i + 1, end = from, n;

	while (end < m->len && end - from <= MENTION_NAME_MAX && (n = mention_name_char(m, end)))
		end += n;
	what->name = m->text + from;
	what->len = end - from;
	/* a fediverse address, or longer than any handle */
	if (what->len > MENTION_NAME_MAX || (end < m->len && m->text[end] == '@'))
		what->len = 0;
	while (what->len && mention_is_edge(what->name[what->len - 1]))
		what->len--;
	if (what->len && mention_is_edge(what->name[0]))
		what->len = 0;
	return end - i;
}

/* May an "@" at i begin a name? After a letter it is an e-mail address, after "/" another site's. */
static bool mention_may_begin(const struct mentions *m, size_t i)
{
	size_t from = i;

	if (!i)
		return true;
	if ((unsigned char)m->text[i - 1] < 0x80)
		return !m->text[i - 1] ||
		       (!mention_is_word(m->text[i - 1]) && !strchr("._-%+@/=&~", m->text[i - 1]));
	do
		from--;
	while (from && ((unsigned char)m->text[from] & 0xC0) == 0x80);
	return mention_name_char(m, from) == 0;
}

/* Where a whole word stands last, plus 1; 0 when it does not. */
static size_t mention_last(const char *text, size_t len, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = len; i-- > 0;)
		if (len - i >= n && strncasecmp(text + i, word, n) == 0 &&
		    (i == 0 || !mention_is_word(text[i - 1])) &&
		    (i + n == len || !mention_is_word(text[i + n])))
			return i + 1;
	return 0;
}

/*
 * What the line says before a bare @name: 1 YouTube, -1 another service, 0 nothing. The nearest word
 * counts: "Instagram: @a, YouTube: @b".
 */
static int mention_context(const struct mentions *m, size_t i)
{
	static const struct {
		const char *word;
		int says;
	} words[] = {{"youtube", 1}, {"yt", 1}, {"channel", 1}, {"instagram", -1}, {"insta", -1},
	    {"ig", -1}, {"twitter", -1}, {"x", -1}, {"tiktok", -1}, {"telegram", -1},
	    {"facebook", -1}, {"fb", -1}, {"threads", -1}, {"snapchat", -1}, {"twitch", -1},
	    {"discord", -1}, {"mastodon", -1}, {"bluesky", -1}, {"email", -1}, {"mail", -1}};
	size_t from = i, nearest = 0;
	int says = 0;

	while (from && i - from < MENTION_CONTEXT_MAX && m->text[from - 1] != '\n')
		from--;
	for (size_t k = 0; k < sizeof words / sizeof words[0]; k++) {
		size_t at = mention_last(m->text + from, i - from, words[k].word);
		if (at > nearest) {
			nearest = at;
			says = words[k].says;
		}
	}
	return says;
}

static size_t mention_bare(struct mentions *m, size_t i)
{
	struct mention what = {.kind = MENTION_AT};
	size_t n = mention_name(m, i, &what);
	int says;

	if (!mention_may_begin(m, i) || !what.len)
		return n ? n : 1;
	says = mention_context(m, i);
	if (says > 0)
		what.kind = MENTION_HANDLE;
	if (says >= 0)
		mention_tell(m, &what);
	return n;
}

/* ---- addresses ---- */

static bool mention_ends_path(char c)
{
	return c == '\0' || c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '"' ||
	       c == '<' || c == '>' || c == '(' || c == ')' || c == '\\' || c == '|';
}

/* The query of a watch page may have v= anywhere. */
static void mention_watch(struct mentions *m, size_t i)
{
	for (; i + 2 < m->len && !mention_ends_path(m->text[i]); i++)
		if ((m->text[i] == '?' || m->text[i] == '&' || m->text[i] == ';') &&
		    m->text[i + 1] == 'v' && m->text[i + 2] == '=') {
			mention_video(m, i + 3);
			return;
		}
}

/* What follows "youtube.com/". Returns how many bytes were understood. */
static size_t mention_page(struct mentions *m, size_t i)
{
	static const char *const videos[] = {"shorts/", "embed/", "live/", "v/", "e/"};
	struct mention what = {.kind = MENTION_HANDLE};

	if (i < m->len && m->text[i] == '@') {
		size_t n = mention_name(m, i, &what);
		if (what.len)
			mention_tell(m, &what);
		return n;
	}
	if (mention_at(m, i, "watch")) {
		mention_watch(m, i + 5);
		return 5;
	}
	for (size_t k = 0; k < sizeof videos / sizeof videos[0]; k++)
		if (mention_at(m, i, videos[k])) {
			mention_video(m, i + strlen(videos[k]));
			return strlen(videos[k]);
		}
	return 0;
}

/* An address of YouTube at i; 0 when there is none. Names of other sites may end like its own. */
static size_t mention_site(struct mentions *m, size_t i)
{
	static const char *const hosts[] = {"youtube.com/", "youtube-nocookie.com/"};

	if (i && (mention_is_id(m->text[i - 1])))
		return 0;
	if (mention_at(m, i, "youtu.be/")) {
		mention_video(m, i + 9);
		return 9;
	}
	for (size_t k = 0; k < sizeof hosts / sizeof hosts[0]; k++)
		if (mention_at(m, i, hosts[k]))
			return strlen(hosts[k]) + mention_page(m, i + strlen(hosts[k]));
	return 0;
}

/* What a mention may begin with: most bytes need no closer look. */
static const bool mention_begins[256] = {['U'] = true, ['@'] = true, ['y'] = true, ['Y'] = true};

void mentions_scan(
    const char *text, size_t len, bool (*fn)(void *arg, const struct mention *m), void *arg)
{
	struct mentions m = {.text = text, .len = len, .fn = fn, .arg = arg};
	size_t i = 0, n;

	while (i < len && !m.ended) {
		if (!mention_begins[(unsigned char)text[i]]) {
			i++;
			continue;
		}
		n = 0;
		if (text[i] == 'U')
			n = mention_channel(&m, i);
		else if (text[i] == '@')
			n = mention_bare(&m, i);
		else if (text[i] == 'y' || text[i] == 'Y')
			n = mention_site(&m, i);
		i += n ? n : 1;
	}
}
