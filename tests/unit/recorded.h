/*
 * recorded - the recorded replies beside the project, for tests that read them: their path and
 * their text. TOP_SRCDIR names the project's root when the test runs elsewhere.
 */
#ifndef TUBEOPS_TESTS_RECORDED_H
#define TUBEOPS_TESTS_RECORDED_H

#include <stdio.h>
#include <stdlib.h>

/* folder: "channels", "errors". */
static inline void recorded_path(
    char *buf, size_t size, const char *folder, const char *name, const char *end)
{
	const char *root = getenv("TOP_SRCDIR");

	snprintf(buf, size, "%s/../shared/fixtures/%s/%s%s", root ? root : ".", folder, name, end);
}

/* Owned and NUL-terminated; NULL when there is no such file. At most 512 KiB. */
static inline char *recorded_read(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	char *text = f ? malloc(1 << 19) : NULL;

	if (text) {
		*len = fread(text, 1, (1 << 19) - 1, f);
		text[*len] = '\0';
	}
	if (f)
		fclose(f);
	return text;
}

#endif
