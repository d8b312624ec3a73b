#include "config.h"
#include "engine/language/words.h"

#include "engine/base/text.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct words_language {
	const char *code;
	uint64_t near; /* languages that are hard to tell from it */
	uint64_t rare; /* of these, those that are much more frequent */
};

/*
 * A text (of ends: backwards), the languages that have it, and the row that is its longest
 * beginning (-1: none).
 */
struct words_word {
	const char *text;
	uint64_t of;
	int up;
};

struct words_letter {
	uint32_t code;
	uint64_t of;
};

#include "engine/language/words.txt.h"

#define WORDS_COUNT(table) (sizeof(table) / sizeof((table)[0]))

enum {
	WORDS_LANGUAGES = WORDS_COUNT(words_languages),
	WORD_MAX = 40, /* bytes; longer ones are not looked at */
	WORD_SIZE = WORD_MAX + 4,
	LONG_WORD = 5, /* bytes of words that stems and ends are looked for in */
	/* what is found in one language alone counts so much */
	WORD_WEIGHT = 6,
	STEM_WEIGHT = 5,
	END_WEIGHT = 3,
	LEAST_WEIGHT = 1,   /* and in many so much */
	FOREIGN_LETTER = 3, /* what a letter that a language does not have costs it */
	ALONE_LEAST = 6,    /* evidence that is a guess by itself */
	ALONE_AHEAD = 2,
	SURE_LEAST = 12, /* evidence that makes any other guess superfluous */
	SURE_AHEAD = 6,
	NEAR_TRUST = 1,   /* what a guess counts against one that is near it */
	HASH_START = 5381 /* as in words.awk */
};

_Static_assert(WORDS_COUNT(words_languages) <= WORDS_LANGUAGES_MOST, "a bit for each language");

/* Lower case of the letters that words.txt has; others stay. */
static uint32_t words_lower(uint32_t c)
{
	if ((c >= 'A' && c <= 'Z') || (c >= 0xC0 && c <= 0xDE && c != 0xD7) ||
	    (c >= 0x410 && c <= 0x42F))
		return c + 0x20;
	if (c >= 0x400 && c <= 0x40F)
		return c + 0x50;
	if (c == 0x130)
		return 'i';
	/* in these blocks a capital stands before its small letter */
	if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E))
		return c + (c & 1);
	if ((c >= 0x100 && c <= 0x137) || (c >= 0x14A && c <= 0x177) ||
	    (c >= 0x218 && c <= 0x21B) || (c >= 0x490 && c <= 0x491) ||
	    (c >= 0x1EA0 && c <= 0x1EF9))
		return c | 1;
	return c == 0x1A0 || c == 0x1AF ? c + 1 : c == 0x18F ? 0x259 : c;
}

/* A letter, or a mark on one, or an apostrophe within a word. */
static bool words_is_letter(uint32_t c)
{
	if (c == 0x964 || c == 0x965) /* full stops of India */
		return false;
	return (c >= 'a' && c <= 'z') || c == '\'' ||
	       (c >= 0xC0 && c != 0xD7 && c != 0xF7 && (c < 0x2000 || c >= 0x2C00));
}

static size_t words_encode(uint32_t c, char *out)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xC0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3F));
		return 2;
	}
	out[0] = (char)(0xE0 | (c >> 12 & 0xF));
	out[1] = (char)(0x80 | (c >> 6 & 0x3F));
	out[2] = (char)(0x80 | (c & 0x3F));
	return 3;
}

/* As words.awk reckons it, a byte more. */
static uint32_t words_hash(uint32_t h, char byte)
{
	return h * 33 + (unsigned char)byte;
}

/* The row that word is, whose hash the caller reckoned; NULL: none. */
static const struct words_word *words_find(const char *word, uint32_t hash)
{
	for (uint32_t at = hash % WORDS_SLOTS; words_word_slots[at]; at = (at + 1) % WORDS_SLOTS) {
		const struct words_word *row = &words_word_table[words_word_slots[at] - 1];
		if (strcmp(word, row->text) == 0)
			return row;
	}
	return NULL;
}

/* The longest row that word begins with, and is longer than; NULL: none. first: where the rows of
 * each first byte begin. */
static const struct words_word *words_find_start(
    const struct words_word *table, const unsigned short *first, const char *word)
{
	const unsigned char byte = (unsigned char)*word;
	size_t from = first[byte], to = first[byte + 1];

	while (from < to) {
		size_t at = (from + to) / 2;
		if (strcmp(word, table[at].text) < 0)
			to = at;
		else
			from = at + 1;
	}
	/* the last row that is not behind word, then its beginnings */
	for (int at = (int)from - 1; at >= first[byte]; at = table[at].up) {
		size_t len = strlen(table[at].text);
		if (strncmp(word, table[at].text, len) == 0 && word[len])
			return &table[at];
	}
	return NULL;
}

static uint64_t words_find_letter(uint32_t c)
{
	size_t from = 0, to = WORDS_COUNT(words_letter_table);

	while (from < to) {
		size_t at = (from + to) / 2;
		if (words_letter_table[at].code == c)
			return words_letter_table[at].of;
		if (c < words_letter_table[at].code)
			to = at;
		else
			from = at + 1;
	}
	return 0;
}

/* The fewer languages share it the more it says; one letter says little in any case. */
static void words_count(struct words_scores *s, const struct words_word *w, int most)
{
	int weight = w ? most + 1 - __builtin_popcountll(w->of) : 0;

	if (weight < LEAST_WEIGHT)
		weight = LEAST_WEIGHT;
	if (w && !w->text[1])
		weight = 1;
	for (uint64_t of = w ? w->of : 0; of; of &= of - 1)
		s->words[__builtin_ctzll(of)] += weight;
}

static void words_add(struct words_scores *s, const char *word, size_t len, uint32_t hash)
{
	const struct words_word *whole = words_find(word, hash);
	char back[WORD_SIZE];

	words_count(s, whole, WORD_WEIGHT);
	if (whole || len < LONG_WORD)
		return;
	for (size_t i = 0; i < len; i++)
		back[i] = word[len - 1 - i];
	back[len] = '\0';
	words_count(s, words_find_start(words_stem_table, words_stem_first, word), STEM_WEIGHT);
	words_count(s, words_find_start(words_end_table, words_end_first, back), END_WEIGHT);
}

/* A letter of another script than Latin that nobody here has is foreign to all. */
static void words_add_letter(struct words_scores *s, uint32_t c)
{
	uint64_t of = words_find_letter(c);
	uint64_t one = of || c >= 0x370 ? words_lettered & ~of & ~s->foreign[2] : 0;
	uint64_t two = s->foreign[0] & one;

	s->foreign[0] ^= one;
	s->foreign[2] |= s->foreign[1] & two;
	s->foreign[1] ^= two;
}

static int words_foreign(const struct words_scores *s, size_t language)
{
	int n = 0;

	if (!(s->foreign[0] | s->foreign[1] | s->foreign[2]))
		return 0;
	for (int plane = 2; plane >= 0; plane--)
		n = 2 * n + (int)(s->foreign[plane] >> language & 1);
	return n;
}

/* The word that is being read, behind the one before it. */
struct words_pair {
	char text[2 * WORD_SIZE];
	size_t start, len;   /* of the word */
	uint32_t word, both; /* hashes: of it, and of all of text */
	bool fits;
};

static void words_pair_start(struct words_pair *p)
{
	p->start = p->len = 0;
	p->word = p->both = HASH_START;
}

static void words_pair_add(struct words_pair *p, char byte)
{
	p->text[p->len++] = byte;
	p->word = words_hash(p->word, byte);
	p->both = words_hash(p->both, byte);
}

/* The word becomes the one before the next. */
static void words_pair_step(struct words_pair *p, size_t n)
{
	memmove(p->text, p->text + p->start, n);
	p->text[n] = ' ';
	p->start = p->len = n + 1;
	p->both = words_hash(p->word, ' ');
	p->word = HASH_START;
}

static void words_end_word(struct words_scores *s, struct words_pair *p)
{
	size_t n = p->len - p->start;

	p->text[p->len] = '\0';
	if (n && p->fits) {
		words_add(s, p->text + p->start, n, p->word);
		if (p->start)
			words_count(s, words_find(p->text, p->both), WORD_WEIGHT);
		words_pair_step(p, n);
	} else {
		words_pair_start(p);
	}
	p->fits = true;
}

/* ASCII letters at i, which most texts consist of, in lower case; how many. What changes with each
 * of them is kept apart, for a byte written to *p could be any of it. */
static size_t words_read_ascii(const char *text, size_t len, size_t i, struct words_pair *p)
{
	const size_t from = i, most = p->start + WORD_MAX;
	size_t at = p->len;
	uint32_t word = p->word, both = p->both;
	bool fits = p->fits;

	for (; i < len; i++) {
		char c = (char)(text[i] | 0x20);
		if (c < 'a' || c > 'z')
			break;
		fits = fits && at < most;
		if (!fits)
			continue;
		p->text[at++] = c;
		word = words_hash(word, c);
		both = words_hash(both, c);
	}
	p->len = at;
	p->word = word;
	p->both = both;
	p->fits = fits;
	return i - from;
}

void words_read(const char *text, size_t len, struct words_scores *s)
{
	struct words_pair p = {.fits = true};
	char letter[4];
	size_t bytes;

	*s = (struct words_scores){0};
	words_pair_start(&p);
	for (size_t i = 0; i <= len; i += bytes) {
		uint32_t c;
		i += words_read_ascii(text, len, i, &p);
		c = i < len ? (unsigned char)text[i] : ' ';
		bytes = c < 0x80 ? 1 : text_utf8_next(text + i, len - i, &c);
		if (!bytes) {
			bytes = 1;
			c = ' ';
		}
		c = words_lower(c == 0x2019 ? '\'' : c);
		if (words_is_letter(c)) {
			if (c >= 0x80)
				words_add_letter(s, c);
			p.fits = p.fits && p.len - p.start < WORD_MAX && c < 0x10000;
			for (size_t k = 0, n = p.fits ? words_encode(c, letter) : 0; k < n; k++)
				words_pair_add(&p, letter[k]);
		} else if (p.len > p.start) {
			words_end_word(s, &p);
		} else if (c != ' ') {
			words_pair_start(&p); /* what stands between makes no pair */
		}
	}
}

static int words_score(const struct words_scores *s, size_t language)
{
	return s->words[language] - FOREIGN_LETTER * words_foreign(s, language);
}

/* What a guess of somebody else is ahead of another language, besides words and letters. */
static int words_ahead(size_t guess, size_t other, int trust)
{
	uint64_t bit = UINT64_C(1) << other;

	if (words_languages[guess].rare & bit)
		return -1;
	if ((words_languages[guess].near & bit) && trust > NEAR_TRUST)
		return NEAR_TRUST;
	return trust;
}

static size_t words_index(const char *code)
{
	size_t i = 0;

	while (i < WORDS_LANGUAGES && (!code || words_languages[i].code[0] != code[0] ||
	                                  strcmp(words_languages[i].code, code) != 0))
		i++;
	return i;
}

/* The language with the highest score, the first of equals; *second: the score of the next. */
static size_t words_best(const struct words_scores *s, size_t guess, int trust, int *second)
{
	size_t best = guess;
	int most = INT_MIN;

	*second = INT_MIN;
	for (size_t i = 0; i < WORDS_LANGUAGES; i++) {
		int score = words_score(s, i);
		if (guess < WORDS_LANGUAGES && i != guess)
			score -= words_ahead(guess, i, trust);
		if (score > most || (score == most && i == guess)) {
			*second = most;
			most = score;
			best = i;
		} else if (score > *second) {
			*second = score;
		}
	}
	return best;
}

const char *words_sure(const struct words_scores *s)
{
	int second, score;
	size_t best = words_best(s, WORDS_LANGUAGES, 0, &second);

	score = words_score(s, best);
	return score >= SURE_LEAST && score >= second + SURE_AHEAD && score >= 2 * second
	           ? words_languages[best].code
	           : NULL;
}

const char *words_choose(const struct words_scores *s, const char *guess, int trust)
{
	size_t known = words_index(guess), best;
	int second, score;

	best = words_best(s, known, trust, &second);
	score = words_score(s, best);
	if (guess && known == WORDS_LANGUAGES)
		return score > trust && score > second ? words_languages[best].code : guess;
	if (!guess && (score < ALONE_LEAST || score < second + ALONE_AHEAD))
		return NULL;
	return words_languages[best].code;
}
