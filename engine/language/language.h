/*
 * language - which language a text is in. Pure, any thread.
 */
#ifndef TUBEOPS_LANGUAGE_H
#define TUBEOPS_LANGUAGE_H

#include <stdbool.h>
#include <stddef.h>

struct language_guess {
	char code[16]; /* BCP 47: "en", "zh-Hant", "und" when nothing can be said */
	const char
	    *source; /* "youtube" (defaultLanguage), "cld2" (a guess, words.h's included); static */
	int confidence; /* 0..100 */
};

/*
 * The owner's own word (declared, may be NULL or junk) wins; else title and description are read
 * without their addresses, e-mails, handles and hashtags: small words and letters may say enough
 * (words.h), which is quick; else CLD2 guesses, and they have a second look. Texts are clean UTF-8
 * and may be NULL.
 * False when there is no text at all and nothing declared.
 */
bool language_guess(
    const char *declared, const char *title, const char *description, struct language_guess *out);

#endif
