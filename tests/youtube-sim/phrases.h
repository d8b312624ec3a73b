/*
 * phrases: words and sentences of many languages, written for this simulator, from which titles
 * and descriptions of made-up channels are put together. Constant data, any thread.
 */
#ifndef SIM_PHRASES_H
#define SIM_PHRASES_H

#include <stddef.h>

#define PHRASES_WORDS 8
#define PHRASES_SENTENCES 9

struct phrases {
	const char *lang;
	unsigned weight;  /* share of the channels, in thousandths of the sum */
	const char *glue; /* between head and tail of a title */
	const char *countries[4];
	const char *heads[PHRASES_WORDS]; /* any head goes with any tail */
	const char *tails[PHRASES_WORDS];
	const char *sentences[PHRASES_SENTENCES];
};

extern const struct phrases phrases_table[];
extern const size_t phrases_count;
extern const unsigned phrases_weight; /* the sum of all weights */

#endif
