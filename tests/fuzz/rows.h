/*
 * rows - reads an input through source_open as if it were a file, and checks what every row must
 * keep to. For the targets csv and blocks.
 */
#ifndef TUBEOPS_TESTS_FUZZ_ROWS_H
#define TUBEOPS_TESTS_FUZZ_ROWS_H

#include "db/sources/source.h"
#include "tests/fuzz/fuzz.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

enum { ROWS_PATH = 32 };

/* A file in memory, and the name it can be opened by. */
static inline int rows_file(char path[ROWS_PATH])
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	FUZZ_CHECK(fd >= 0);
	snprintf(path, ROWS_PATH, "/proc/self/fd/%d", fd);
	return fd;
}

static inline void rows_put(int fd, const void *data, size_t size)
{
	FUZZ_CHECK(write(fd, data, size) == (ssize_t)size);
}

/* What was read, in one number: FNV-1a over lines, problems and texts. */
static inline uint64_t rows_mix(uint64_t sum, const void *data, size_t size)
{
	const uint8_t *p = data;

	for (size_t i = 0; i < size; i++)
		sum = (sum ^ p[i]) * UINT64_C(0x100000001B3);
	return sum;
}

static inline uint64_t rows_mix_text(uint64_t sum, struct source_text t)
{
	sum = rows_mix(sum, t.text ? "+" : "-", 1);
	sum = rows_mix(sum, &t.len, sizeof t.len);
	return rows_mix(sum, t.text, t.len);
}

static inline uint64_t rows_mix_row(uint64_t sum, const struct source_row *row)
{
	sum = rows_mix(sum, &row->line, sizeof row->line);
	sum = rows_mix(sum, row->problem ? "!" : ".", 1);
	if (row->problem)
		sum = rows_mix(sum, row->problem, strlen(row->problem));
	sum = rows_mix_text(sum, row->ref);
	sum = rows_mix_text(sum, row->title);
	sum = rows_mix_text(sum, row->description);
	return rows_mix_text(sum, row->raw);
}

#endif
