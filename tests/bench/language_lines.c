/*
 * language_lines - guesses the language of each line of standard input, as of a description without
 * title; prints the codes, a line each, and at last "# lines nanoseconds": what the guesses alone took.
 */
#include "config.h"
#include "engine/language/language.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static long long lines_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (long long)t.tv_sec * 1000000000 + t.tv_nsec;
}

int main(void)
{
	long long lines = 0, spent = 0;
	char *line = NULL;
	size_t size = 0;
	ssize_t n;

	while ((n = getline(&line, &size, stdin)) > 0) {
		struct language_guess g;
		long long from;

		line[n - 1] = line[n - 1] == '\n' ? '\0' : line[n - 1];
		from = lines_now();
		language_guess(NULL, NULL, line, &g);
		spent += lines_now() - from;
		lines++;
		puts(g.code);
	}
	printf("# %lld %lld\n", lines, spent);
	free(line);
	return 0;
}
