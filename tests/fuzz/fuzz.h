/*
 * fuzz - what the fuzz targets share. A target is one file with FUZZ_ONE, one word in FUZZ_TARGETS of
 * tests/tests.am and a folder of inputs in tests/fuzz/corpus. With --enable-fuzzing libFuzzer calls it;
 * else replay.c feeds it the corpus, as one of the unit tests. One thread.
 */
#ifndef TUBEOPS_TESTS_FUZZ_H
#define TUBEOPS_TESTS_FUZZ_H

#include "engine/base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Takes one input, which is borrowed and may hold anything. Always 0. */
#define FUZZ_ONE LLVMFuzzerTestOneInput
int FUZZ_ONE(const uint8_t *data, size_t size);

/* Like assert, in any build: what must hold for every input. */
#define FUZZ_CHECK(what) fuzz_check((what), #what, __FILE__, __LINE__)

static inline void fuzz_check(bool holds, const char *what, const char *file, int line)
{
	if (holds)
		return;
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
	abort();
}

/* NULL is clean. */
static inline void fuzz_check_clean(const char *text)
{
	FUZZ_CHECK(!text || text_is_clean(text, strlen(text)));
}

/* The digit that an input begins with chooses one of n; *data and *size go behind it. */
static inline size_t fuzz_choose(const uint8_t **data, size_t *size, size_t n)
{
	uint8_t first = *size ? **data : '0';

	*data += *size > 0;
	*size -= *size > 0;
	return (uint8_t)(first - '0') % n;
}

#endif
