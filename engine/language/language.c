#include "config.h"
#include "engine/language/language.h"

#include "engine/base/text.h"
#include "engine/language/cld2.h"
#include "engine/language/words.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
	TITLE_MAX = 400, /* bytes looked at; more make the answer slower, not better */
	WORDS_MAX =
	    160, /* of title and description after stripping: more costs more than it tells */
	WORDS_AGAIN = 250, /* bytes of the second try; junk costs most */
	LETTERS_FEW = 12,  /* with fewer, a guess that CLD2 itself doubts is worth nothing */
	DOUBTED_MOST = 40, /* confidence of a guess that CLD2 doubts */
	TAIL = 64,         /* zeros after the text, CLD2 reads in words */
	WORDS_SIZE = WORDS_MAX + 4 + TAIL
};

/* Old and over-broad codes, and what they are called now. */
static const struct {
	const char *old, *now;
} language_renamed[] = {{"iw", "he"}, {"jw", "jv"}, {"in", "id"}, {"ji", "yi"}, {"mo", "ro"},
    {"no", "nb"}, {"zh-CN", "zh"}, {"zh-TW", "zh-Hant"}, {"zhT", "zh-Hant"}};

/* ---- codes ---- */

static char language_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static char language_upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - ('a' - 'A')) : c;
}

static bool language_is_letter(char c)
{
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'z';
}

static bool language_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Length of the subtag at p; 0 when it breaks the rules of its place. */
static size_t language_subtag(const char *p, bool first)
{
	size_t n = 0;

	while (language_is_letter(p[n]) || (!first && language_is_digit(p[n])))
		n++;
	if (p[n] && p[n] != '-')
		return 0;
	return n >= 2 && n <= (first ? 3 : 8) ? n : 0;
}

/* Appends "en", "-Hant", "-US" in the usual case; false when the code is full. */
static bool language_add_subtag(struct language_guess *out, const char *p, size_t n, bool first)
{
	size_t at = strlen(out->code);

	if (at + !first + n >= sizeof out->code)
		return false;
	if (!first)
		out->code[at++] = '-';
	for (size_t i = 0; i < n; i++) {
		bool upper = !first && (n == 2 || (n == 4 && i == 0));
		out->code[at + i] = upper ? language_upper(p[i]) : language_lower(p[i]);
	}
	out->code[at + n] = '\0';
	return true;
}

/* Fills out->code from a declared tag; false when it is junk. Too long: whole subtags are left. */
static bool language_declared(const char *tag, struct language_guess *out)
{
	bool first = true, room = true;
	const char *p = tag;

	out->code[0] = '\0';
	for (;;) {
		size_t n = language_subtag(p, first);
		const char *subtag = p;
		if (!n)
			return false;
		for (size_t i = 0;
		     first && i < sizeof language_renamed / sizeof language_renamed[0]; i++)
			if (n == 2 && language_renamed[i].old[2] == '\0' &&
			    strncasecmp(p, language_renamed[i].old, 2) == 0)
				subtag = language_renamed[i].now;
		room = room && language_add_subtag(out, subtag, n, first);
		if (!p[n])
			break;
		p += n + 1;
		first = false;
	}
	return strcmp(out->code, "und") != 0;
}

static void language_set_detected(struct language_guess *out, const char *code)
{
	size_t n;

	for (size_t i = 0; i < sizeof language_renamed / sizeof language_renamed[0]; i++)
		if (strcmp(code, language_renamed[i].old) == 0)
			code = language_renamed[i].now;
	n = strlen(code);
	/* CLD2 calls scripts without a language of their own xx-Goth and the like */
	if (n < 2 || n >= sizeof out->code || strncmp(code, "xx", 2) == 0 ||
	    strncmp(code, "un", 3) == 0)
		return;
	memcpy(out->code, code, n + 1);
}

/* ---- words ---- */

static bool language_is_blank(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/* A byte that an address may hold; addresses end at blanks, quotes and other scripts. */
static bool language_is_address(char c)
{
	return c > ' ' && c < 0x7F && !strchr("\"<>`{}|", c);
}

static bool language_is_name(char c)
{
	return language_is_letter(c) || language_is_digit(c) || c == '_' || c == '-' || c == '.' ||
	       c == '+' || c == '%';
}

static size_t language_run(const char *p, const char *end, bool (*is)(char))
{
	size_t n = 0;

	while (p + n < end && is(p[n]))
		n++;
	return n;
}

static bool language_starts(const char *p, const char *end, const char *with)
{
	size_t n = strlen(with);

	return (size_t)(end - p) >= n && strncasecmp(p, with, n) == 0;
}

/*
 * Bytes at p that are no words: an address, a handle, the rest of an e-mail, a hashtag. `word` is
 * where the ASCII word that p is in began: "example.com/x" is known as one at its slash.
 */
static size_t language_noise(const char *p, const char *word, const char *end)
{
	size_t n;

	if (*p == '@') {
		n = 1 + language_run(p + 1, end, language_is_name);
		/* handles exist in other scripts, too; an e-mail ends where ASCII ends */
		while (p == word && p + n < end && !language_is_blank(p[n]) && (p[n] & '\x80'))
			n++;
		return n;
	}
	if (*p == '#') {
		for (n = 1; p + n < end && !language_is_blank(p[n]) && p[n] != '#'; n++)
			;
		return n;
	}
	if (p == word &&
	    (language_starts(p, end, "http://") || language_starts(p, end, "https://") ||
	        language_starts(p, end, "www.")))
		return language_run(p, end, language_is_address);
	if (*p == '/' && p > word + 3 && memchr(word, '.', (size_t)(p - word)))
		return language_run(p, end, language_is_address);
	return 0;
}

/* The words of title and description; WORDS_SIZE bytes. */
struct language_words {
	char *text;
	size_t len;
};

/* Only here can noise begin: most bytes need no closer look. */
static bool language_may_be_noise(const char *p, const char *word)
{
	return *p == '@' || *p == '#' || *p == '/' ||
	       (p == word && (*p == 'h' || *p == 'H' || *p == 'w' || *p == 'W'));
}

/* Appends the words of a text and a blank; stops when WORDS_MAX bytes are there. */
static void language_add_words(const char *text, size_t len, struct language_words *out)
{
	const char *p = text, *end = text + len, *word = text;
	size_t word_at = out->len, n;

	while (p < end && out->len < WORDS_MAX) {
		n = language_may_be_noise(p, word) ? language_noise(p, word, end) : 0;
		if (n) {
			/* the beginning of an e-mail or address was taken for a word */
			if (*p != '#')
				out->len = word_at;
			out->text[out->len++] = ' ';
			p += n;
		} else {
			out->text[out->len++] = *p++;
		}
		if (n || !language_is_name(p[-1])) {
			word = p;
			word_at = out->len;
			continue;
		}
		/* nothing begins within a word */
		while (p < end && out->len < WORDS_MAX && language_is_letter(*p))
			out->text[out->len++] = *p++;
	}
	/* stopped within a character: without its beginning, too, for CLD2 refuses broken text */
	if (p < end && (*p & '\xC0') == '\x80') {
		while (out->len && (out->text[out->len - 1] & '\xC0') == '\x80')
			out->len--;
		out->len -= out->len > 0;
	}
	out->text[out->len++] = ' ';
}

/* Letters, roughly: emoji, punctuation and digits do not count; an ideograph is worth three. */
static int language_letters(const char *text, size_t len)
{
	int letters = 0;

	for (size_t i = 0; i < len;) {
		uint32_t c = 0;
		size_t n = text[i] & '\x80' ? text_utf8_next(text + i, len - i, &c) : 1;
		if (c >= 0x3040 && c < 0xD7FF)
			letters += 3;
		else if (n == 1)
			letters += language_is_letter(text[i]);
		else if (c >= 0xC0 && (c < 0x2000 || c >= 0x2C00) && c < 0xFE00)
			letters++;
		i += n ? n : 1;
	}
	return letters;
}

/* ---- the guess ---- */

/* How far a guess by words is believed that makes CLD2's superfluous, contradicts or replaces it. */
enum { WORDS_ENOUGH = 90, WORDS_SURE = 50, WORDS_DOUBTED = 30 };

/* What CLD2 makes of the words; false when nothing. */
static bool language_ask_cld2(
    const char *text, size_t len, int letters, struct language_guess *out, bool *sure)
{
	struct cld2_result r;

	*sure = false;
	if (!cld2_detect(text, len, false, &r))
		return false;
	if (r.code && r.reliable) {
		*sure = true;
		language_set_detected(out, r.code);
		out->confidence = r.percent > DOUBTED_MOST ? r.percent : DOUBTED_MOST + 1;
	} else if (letters >= LETTERS_FEW &&
	           cld2_detect(text, text_utf8_cut(text, len, WORDS_AGAIN), true, &r) && r.code) {
		language_set_detected(out, r.code);
		out->confidence = r.percent * DOUBTED_MOST / 100;
	}
	return strcmp(out->code, "und") != 0;
}

static void language_detect(const char *text, size_t len, struct language_guess *out)
{
	int letters = language_letters(text, len);
	struct words_scores scores;
	const char *better;
	bool known, sure;

	if (!letters)
		return;
	words_read(text, len, &scores);
	better = words_sure(&scores);
	if (better) {
		language_set_detected(out, better);
		out->confidence = WORDS_ENOUGH;
		return;
	}
	known = language_ask_cld2(text, len, letters, out, &sure);
	better = words_choose(&scores, known ? out->code : NULL,
	    sure    ? WORDS_TRUST_SURE
	    : known ? WORDS_TRUST_DOUBTED
	            : WORDS_TRUST_NONE);
	if (!better) {
		out->confidence = 0;
	} else if (strcmp(better, out->code) != 0) {
		language_set_detected(out, better);
		out->confidence = sure ? WORDS_SURE : WORDS_DOUBTED;
	}
}

static void language_add(struct language_words *words, const char *text, size_t max)
{
	size_t len = text ? strnlen(text, max + 1) : 0;

	if (len && words->len < WORDS_MAX)
		language_add_words(text, text_utf8_cut(text, len, max), words);
}

bool language_guess(
    const char *declared, const char *title, const char *description, struct language_guess *out)
{
	struct language_words words = {NULL, 0};

	*out = (struct language_guess){.code = "und", .source = "youtube", .confidence = 100};
	if (declared && language_declared(declared, out))
		return true;
	*out = (struct language_guess){.code = "und", .source = "cld2", .confidence = 0};
	if ((!title || !*title) && (!description || !*description))
		return false;
	words.text = malloc(WORDS_SIZE);
	if (!words.text)
		return true;
	language_add(&words, title, TITLE_MAX);
	language_add(&words, description, WORDS_MAX);
	words.len =
	    text_utf8_cut(words.text, words.len, words.len < WORDS_MAX ? words.len : WORDS_MAX);
	memset(words.text + words.len, 0, WORDS_SIZE - words.len);
	language_detect(words.text, words.len, out);
	free(words.text);
	return true;
}
