/*
 * words - small words and letters that tell languages apart. Where they say enough nobody else is
 * asked; else they have a second look at what CLD2 makes of a short text, which mixes some languages
 * up and does not know others. The words are in words.txt. Pure, any thread.
 */
#ifndef TUBEOPS_LANGUAGE_WORDS_H
#define TUBEOPS_LANGUAGE_WORDS_H

#include <stddef.h>
#include <stdint.h>

/* How much somebody else's guess counts against words and letters. */
enum { WORDS_TRUST_NONE = 0, WORDS_TRUST_DOUBTED = 2, WORDS_TRUST_SURE = 6 };

enum { WORDS_LANGUAGES_MOST = 64 };

/* What a text's words and letters say of each language. */
struct words_scores {
	int words[WORDS_LANGUAGES_MOST];
	/* foreign letters of all languages at once, a bit of the number in each: counted to 4 and no
	 * further, for a name in a text may have some */
	uint64_t foreign[3];
};

/* text: clean UTF-8. */
void words_read(const char *text, size_t len, struct words_scores *s);
/* The code of the language that has so much of it that no other guess is needed; NULL: none. */
const char *words_sure(const struct words_scores *s);
/*
 * guess: somebody else's answer, may be NULL. Returns the code that fits best all in all, a static
 * text or guess itself; NULL: there was no guess, and the words say too little.
 */
const char *words_choose(const struct words_scores *s, const char *guess, int trust);

#endif
