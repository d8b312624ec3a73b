/*
 * words - a second look at short texts: small words and letters that tell languages apart which CLD2
 * mixes up or does not know. The words are in words.txt. Pure, any thread.
 */
#ifndef TUBEOPS_LANGUAGE_WORDS_H
#define TUBEOPS_LANGUAGE_WORDS_H

#include <stddef.h>

/* How much somebody else's guess counts against words and letters. */
enum { WORDS_TRUST_NONE = 0, WORDS_TRUST_DOUBTED = 2, WORDS_TRUST_SURE = 6 };

/*
 * text: clean UTF-8. guess: somebody else's answer, may be NULL. Returns the code that fits best all
 * in all, a static text or guess itself; NULL: there was no guess, and the words say too little.
 */
const char *words_choose(const char *text, size_t len, const char *guess, int trust);

#endif
