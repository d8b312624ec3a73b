#include "config.h"
#include "engine/discovery/keywords.h"

#include "engine/base/text.h"

#include <stdlib.h>
#include <string.h>
#include <unicode/ubrk.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/ustring.h>

enum {
	STORED_FIRST = 3,
	EXTRACTED = 3,
	TOPICS_FIRST = 2,
	TEXT_MOST = 16 * 1024, /* bytes of a text that are looked at */
	WORDS_MOST = 1024,     /* different ones */
	LETTERS_MOST = 40      /* longer runs are no words */
};

/* A word in UTF-16: where it stands in the text, how often it comes. */
struct keywords_word {
	int32_t at, len;
	int count;
};

/* ---- texts as ICU wants them ---- */

/* Blank-separated pieces that are addresses or names of accounts say nothing about the subject. */
static bool keywords_is_address(const char *p, size_t len)
{
	return memchr(p, '@', len) || memmem(p, len, "://", 3) ||
	       (len > 4 && strncasecmp(p, "www.", 4) == 0);
}

static void keywords_add_text(struct str *out, const char *text)
{
	size_t len = text ? text_utf8_cut(text, strlen(text), TEXT_MOST) : 0, from = 0;

	while (from < len) {
		size_t n = strcspn(text + from, " \t\r\n");
		n = n < len - from ? n : len - from;
		if (n && !keywords_is_address(text + from, n))
			str_add(out, text + from, n);
		from += n;
		if (from < len)
			str_addc(out, text[from++]);
	}
	str_addc(out, '\n');
}

/* What changes a text into *to: returns its length, with U_BUFFER_OVERFLOW_ERROR when cap is less. */
typedef int32_t keywords_change(
    UChar *to, int32_t cap, const UChar *from, int32_t len, UErrorCode *code);

static int32_t keywords_nfkc(
    UChar *to, int32_t cap, const UChar *from, int32_t len, UErrorCode *code)
{
	const UNormalizer2 *form = unorm2_getNFKCInstance(code);

	return U_FAILURE(*code) ? 0 : unorm2_normalize(form, from, len, to, cap, code);
}

static int32_t keywords_lower(
    UChar *to, int32_t cap, const UChar *from, int32_t len, UErrorCode *code)
{
	return u_strToLower(to, cap, from, len, "", code);
}

/* Replaces *text, which is owned. */
static bool keywords_apply(keywords_change *change, UChar **text, int32_t *len)
{
	UErrorCode code = U_ZERO_ERROR;
	int32_t need = change(NULL, 0, *text, *len, &code);
	UChar *to;

	if (code != U_BUFFER_OVERFLOW_ERROR)
		return U_SUCCESS(code); /* nothing in it */
	to = malloc(((size_t)need + 1) * sizeof *to);
	if (!to)
		return false;
	code = U_ZERO_ERROR;
	*len = change(to, need + 1, *text, *len, &code);
	free(*text);
	*text = to;
	return U_SUCCESS(code);
}

/* In plain lower-case letters; returns owned, NULL when out of memory. */
static UChar *keywords_wide(const char *text, size_t len, int32_t *out_len)
{
	UErrorCode code = U_ZERO_ERROR;
	UChar *wide = malloc((len + 1) * sizeof *wide);

	*out_len = 0;
	if (!wide)
		return NULL;
	u_strFromUTF8WithSub(
	    wide, (int32_t)len + 1, out_len, text, (int32_t)len, 0xFFFD, NULL, &code);
	if (U_FAILURE(code) || !keywords_apply(keywords_nfkc, &wide, out_len) ||
	    !keywords_apply(keywords_lower, &wide, out_len)) {
		free(wide);
		return NULL;
	}
	return wide;
}

/* Into the arena; NULL when out of memory. */
static char *keywords_narrow(struct arena *arena, const UChar *wide, int32_t len)
{
	UErrorCode code = U_ZERO_ERROR;
	size_t cap = (size_t)len * 3 + 1;
	char *text = arena_alloc(arena, cap);

	if (text)
		u_strToUTF8WithSub(text, (int32_t)cap, NULL, wide, len, 0xFFFD, NULL, &code);
	return text && U_SUCCESS(code) ? text : NULL;
}

/* ---- words ---- */

/* How many letters and marks make a word, by script. Letters of an alphabet say least each. */
static const struct {
	UScriptCode script;
	int least;
} keywords_scripts[] = {{USCRIPT_HAN, 2}, {USCRIPT_HANGUL, 2}, {USCRIPT_KATAKANA, 2},
    {USCRIPT_BOPOMOFO, 2}, {USCRIPT_THAI, 3}, {USCRIPT_LAO, 3}, {USCRIPT_KHMER, 3},
    {USCRIPT_MYANMAR, 3}, {USCRIPT_TIBETAN, 3}, {USCRIPT_ARABIC, 3}, {USCRIPT_HEBREW, 3},
    {USCRIPT_SYRIAC, 3}, {USCRIPT_ETHIOPIC, 2}, {USCRIPT_DEVANAGARI, 3}, {USCRIPT_BENGALI, 3},
    {USCRIPT_GURMUKHI, 3}, {USCRIPT_GUJARATI, 3}, {USCRIPT_ORIYA, 3}, {USCRIPT_TAMIL, 3},
    {USCRIPT_TELUGU, 3}, {USCRIPT_KANNADA, 3}, {USCRIPT_MALAYALAM, 3}, {USCRIPT_SINHALA, 3},
    /* particles and endings of Japanese, alone no subject */
    {USCRIPT_HIRAGANA, LETTERS_MOST + 1}};

enum { LEAST_LETTERS = 4 };

static int keywords_least(UScriptCode script)
{
	for (size_t i = 0; i < sizeof keywords_scripts / sizeof keywords_scripts[0]; i++)
		if (keywords_scripts[i].script == script)
			return keywords_scripts[i].least;
	return LEAST_LETTERS;
}

static bool keywords_is_apostrophe(UChar32 c)
{
	return c == '\'' || c == 0x2019 || c == 0x2BC;
}

/* The character at *i, which moves behind it. (ICU's macro for it converts signs.) */
static UChar32 keywords_next(const UChar *text, int32_t len, int32_t *i)
{
	UChar32 c = text[(*i)++];

	if (U16_IS_LEAD((unsigned)c) && *i < len && U16_IS_TRAIL((unsigned)text[*i]))
		c = U16_GET_SUPPLEMENTARY(c, text[(*i)++]);
	return c;
}

/* Letters with their marks, joiners between them; the script is that of the first letter, but a word
 * with one Han character is no Hiragana word. */
static bool keywords_is_word(const UChar *text, int32_t len)
{
	UErrorCode code = U_ZERO_ERROR;
	UScriptCode script = USCRIPT_COMMON;
	int letters = 0;

	for (int32_t i = 0; i < len;) {
		UChar32 c = keywords_next(text, len, &i);
		UScriptCode of;
		if (c == 0x200C || c == 0x200D)
			continue;
		if (!u_isalpha(c) && !(U_GET_GC_MASK(c) & U_GC_M_MASK))
			return false;
		letters++;
		of = uscript_getScript(c, &code);
		if (script == USCRIPT_COMMON || script == USCRIPT_INHERITED ||
		    (script == USCRIPT_HIRAGANA && of == USCRIPT_HAN))
			script = of;
	}
	return letters >= keywords_least(script) && letters <= LETTERS_MOST;
}

/* Unicode keeps "l'histoire" and "channel's" together: what matters is the longer part. */
static void keywords_part(const UChar *text, int32_t *at, int32_t *len)
{
	int32_t best = *at, best_len = 0, from = *at, end = *at + *len;

	for (int32_t i = *at; i <= end; i++)
		if (i == end || keywords_is_apostrophe(text[i])) {
			if (i - from > best_len) {
				best = from;
				best_len = i - from;
			}
			from = i + 1;
		}
	*at = best;
	*len = best_len;
}

static void keywords_count(
    struct keywords_word *words, int *n, const UChar *text, int32_t at, int32_t len)
{
	for (int i = 0; i < *n; i++)
		if (words[i].len == len && u_memcmp(text + words[i].at, text + at, len) == 0) {
			words[i].count++;
			return;
		}
	if (*n < WORDS_MOST)
		words[(*n)++] = (struct keywords_word){at, len, 1};
}

static bool keywords_collect(const UChar *text, int32_t len, struct keywords_word *words, int *n)
{
	UErrorCode code = U_ZERO_ERROR;
	UBreakIterator *breaks = ubrk_open(UBRK_WORD, "", text, len, &code);
	int32_t from, upto;

	if (U_FAILURE(code))
		return false;
	from = ubrk_first(breaks);
	for (; (upto = ubrk_next(breaks)) != UBRK_DONE; from = upto) {
		int32_t at = from, part = upto - from;
		if (ubrk_getRuleStatus(breaks) < UBRK_WORD_LETTER)
			continue;
		keywords_part(text, &at, &part);
		if (keywords_is_word(text + at, part))
			keywords_count(words, n, text, at, part);
	}
	ubrk_close(breaks);
	return true;
}

/* The most frequent one left, the earliest among equals; -1: none. */
static int keywords_best(const struct keywords_word *words, int n)
{
	int best = -1;

	for (int i = 0; i < n; i++)
		if (words[i].count > (best < 0 ? 0 : words[best].count))
			best = i;
	return best;
}

/* by_count: the most frequent first, else in the order of the text. */
static enum err keywords_words(const struct str *from, int most, bool by_count, struct arena *arena,
    struct text_list *out, struct errbuf *eb)
{
	struct keywords_word *words = calloc(WORDS_MOST, sizeof *words);
	const char **items = arena_alloc(arena, (size_t)most * sizeof *items);
	int32_t len = 0;
	UChar *text = keywords_wide(str_get(from), from->len, &len);
	bool ok = words && items && text && !from->err;
	int n = 0, kept = 0, at;

	if (ok)
		ok = keywords_collect(text, len, words, &n);
	for (int i = 0; i < n && !by_count; i++)
		words[i].count = 1;
	while (ok && kept < most && (at = keywords_best(words, n)) >= 0) {
		char *word = keywords_narrow(arena, text + words[at].at, words[at].len);
		words[at].count = 0;
		ok = word != NULL;
		if (ok && !keywords_is_stop(word))
			items[kept++] = word;
	}
	free(text);
	free(words);
	*out = (struct text_list){items, kept};
	return ok ? ERR_OK : err_set(eb, ERR_NOMEM, "out of memory while looking for keywords");
}

enum err keywords_extract(const char *title, const char *description, int most, struct arena *arena,
    struct text_list *out, struct errbuf *eb)
{
	struct str text;
	enum err err;

	str_init(&text, 2 * TEXT_MOST + 2);
	keywords_add_text(&text, title);
	keywords_add_text(&text, description);
	err = keywords_words(&text, most, true, arena, out, eb);
	str_done(&text);
	return err;
}

/* ---- topics ---- */

static int keywords_hex(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
	                              : -1;
}

bool keywords_topic(const char *url, struct str *out)
{
	static const char marker[] = ".wikipedia.org/wiki/";
	const char *p = strstr(url, marker), *end;

	if (!p)
		return false;
	p += sizeof marker - 1;
	end = p + strcspn(p, "?#");
	for (const char *q = p; q < end; q++)
		if (*q == '/')
			p = q + 1;
	str_reset(out);
	for (; p < end; p++) {
		int high = *p == '%' ? keywords_hex(p[1]) : -1;
		int low = high >= 0 ? keywords_hex(p[2]) : -1;
		char c = low >= 0 ? (char)(high * 16 + low) : *p == '_' ? ' ' : *p;
		if (c == '(')
			break; /* "Lifestyle_(sociology)" */
		str_addc(out, c);
		p += low >= 0 ? 2 : 0;
	}
	while (out->len && out->text[out->len - 1] == ' ')
		out->text[--out->len] = '\0';
	return !out->err && out->len && text_is_clean(out->text, out->len);
}

/* ---- choosing ---- */

void keywords_plain(const char *text, struct str *out)
{
	size_t from = out->len, len = strlen(text), n;
	bool blank = true;

	for (size_t i = 0; i < len; i += n) {
		uint32_t c = 0;
		n = text_utf8_next(text + i, len - i, &c);
		if (!n || c < ' ' || (c >= 0x7F && c < 0xA0) || strchr(" |\"", (int)c) ||
		    (c == '-' && blank)) {
			n = n ? n : 1;
			blank = blank || c != '-';
			if (!blank || out->len == from || out->text[out->len - 1] == ' ')
				continue;
			str_addc(out, ' ');
			continue;
		}
		if (out->len - from + n > KEYWORDS_BYTES)
			break;
		str_add(out, text + i, n);
		blank = false;
	}
	while (out->len > from && out->text[out->len - 1] == ' ')
		out->text[--out->len] = '\0';
}

struct keywords_choice {
	struct arena *arena;
	const char **items;
	const char **folded; /* lower case: what repeats are known by */
	int n, most;
	struct str text;
	bool failed;
};

static void keywords_choose(struct keywords_choice *c, const char *text)
{
	int32_t len = 0;
	UChar *wide;
	const char *folded;

	str_reset(&c->text);
	keywords_plain(text, &c->text);
	if (!c->text.len || c->n == c->most || c->failed)
		return;
	wide = keywords_wide(str_get(&c->text), c->text.len, &len);
	folded = wide ? keywords_narrow(c->arena, wide, len) : NULL;
	free(wide);
	c->failed = !folded;
	for (int i = 0; i < c->n && !c->failed; i++)
		if (strcmp(c->folded[i], folded) == 0)
			return;
	if (c->failed || keywords_is_stop(folded))
		return;
	c->folded[c->n] = folded;
	c->items[c->n] = arena_dup(c->arena, str_get(&c->text), c->text.len);
	c->failed = !c->items[c->n];
	c->n += !c->failed;
}

static void keywords_choose_list(struct keywords_choice *c, const struct text_list *list, int first)
{
	for (int i = 0; i < list->n && i < first; i++)
		keywords_choose(c, list->items[i]);
}

static void keywords_choose_topics(struct keywords_choice *c, const struct text_list *topics)
{
	struct str name;

	str_init(&name, TEXT_MOST);
	for (int i = 0; i < topics->n && i < TOPICS_FIRST; i++)
		if (keywords_topic(topics->items[i], &name))
			keywords_choose(c, str_get(&name));
	str_done(&name);
}

static enum err keywords_choose_title(
    struct keywords_choice *c, const char *title, struct errbuf *eb)
{
	struct text_list words = {NULL, 0};
	struct str text;
	enum err err;

	str_init(&text, TEXT_MOST + 1);
	keywords_add_text(&text, title);
	err = keywords_words(&text, c->most, false, c->arena, &words, eb);
	str_done(&text);
	if (!err)
		keywords_choose_list(c, &words, c->most);
	return err;
}

enum err keywords_pick(const struct channel_meta *m, int most, struct arena *arena,
    struct text_list *out, struct errbuf *eb)
{
	struct keywords_choice c = {.arena = arena,
	    .items = arena_alloc(arena, KEYWORDS_MOST * sizeof *c.items),
	    .folded = arena_alloc(arena, KEYWORDS_MOST * sizeof *c.folded),
	    .most = most < KEYWORDS_MOST ? most : KEYWORDS_MOST};
	struct text_list words = {NULL, 0};
	enum err err = ERR_OK;

	*out = (struct text_list){NULL, 0};
	if (!c.items || !c.folded)
		return err_set(eb, ERR_NOMEM, "out of memory while looking for keywords");
	str_init(&c.text, TEXT_MOST);
	keywords_choose_list(&c, &m->keywords, STORED_FIRST);
	if (c.n < c.most)
		err = keywords_extract(m->title, m->description, EXTRACTED, arena, &words, eb);
	if (!err)
		keywords_choose_list(&c, &words, EXTRACTED);
	keywords_choose_topics(&c, &m->topics);
	if (!err && c.n < c.most && m->title)
		err = keywords_choose_title(&c, m->title, eb);
	str_done(&c.text);
	if (!err && c.failed)
		err = err_set(eb, ERR_NOMEM, "out of memory while looking for keywords");
	*out = (struct text_list){c.items, c.n};
	return err;
}
