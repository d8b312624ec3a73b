/*
 * keywords - what a channel is about, in a few words to search for. Pure functions, any thread.
 *
 * In this order, without repeats, until there are enough:
 *   1. its first 3 stored keywords       2. up to 3 words of title and description, most frequent first
 *   3. the names of its first 2 topics   4. the first words of the title
 *
 * Words are found in all scripts by ICU: word boundaries by Unicode's rules, by dictionary where
 * nobody writes blanks (Chinese, Japanese, Thai, Lao, Khmer, Burmese); compatibility forms are made
 * plain first (full width, "bold" letters). A word counts when all of it is letters, when it is long
 * enough for its script, and when it is no stop word of the larger languages. Addresses and @names
 * are no words. Ties go to what stands first, so that the same texts give the same words.
 * Source: the original's keyword rules, which knew ASCII and English alone.
 */
#ifndef TUBEOPS_DISCOVERY_KEYWORDS_H
#define TUBEOPS_DISCOVERY_KEYWORDS_H

#include "db/rows.h"
#include "engine/base/arena.h"
#include "engine/base/str.h"

enum { KEYWORDS_MOST = 8 };

/* Fills out with at most `most` (1..KEYWORDS_MOST) keywords in m's texts, in the arena; 0 when
 * nothing is there. ERR_NOMEM. */
enum err keywords_pick(const struct channel_meta *m, int most, struct arena *arena,
    struct text_list *out, struct errbuf *eb) MUST_CHECK;
/* Step 2 alone: the most frequent words of a text. */
enum err keywords_extract(const char *title, const char *description, int most, struct arena *arena,
    struct text_list *out, struct errbuf *eb) MUST_CHECK;
/* "https://en.wikipedia.org/wiki/Hip_hop_music" -> "Hip hop music"; false for anything else. */
bool keywords_topic(const char *url, struct str *out);
/* Appends a keyword as a search is asked for it: clean, on one line, without the characters that are
 * operators there (| and a leading -, quotes), at most KEYWORDS_BYTES. */
enum { KEYWORDS_BYTES = 100 };
void keywords_plain(const char *text, struct str *out);
/* Is this (lower case) one of the words that say nothing? */
bool keywords_is_stop(const char *word);

#endif
