/*
 * replay - the main program of the fuzz targets where libFuzzer is not: feeds each file named, and
 * each beginning of it. Says which it is at, so that a crash shows its input.
 */
#include "config.h"
#include "tests/fuzz/fuzz.h"

enum { REPLAY_MAX = 1 << 20, REPLAY_TORN = 400 /* beginnings of a file that are tried */ };

/* A copy of its own, so that a sanitizer sees a read beyond it. */
static bool replay_feed(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	if (!copy)
		return false;
	memcpy(copy, data, size);
	FUZZ_ONE(copy, size);
	free(copy);
	return true;
}

static bool replay_file(const char *path, uint8_t *buf)
{
	FILE *f = fopen(path, "rb");
	size_t size = f ? fread(buf, 1, REPLAY_MAX, f) : 0;
	size_t step = size / REPLAY_TORN + 1;
	bool ok = f && !ferror(f) && replay_feed(buf, size);

	if (f)
		fclose(f);
	for (size_t n = 0; ok && n < size; n += step)
		ok = replay_feed(buf, n);
	return ok;
}

int main(int argc, char **argv)
{
	uint8_t *buf = malloc(REPLAY_MAX);
	int failed = 0;

	for (int i = 1; i < argc; i++) {
		printf("%s\n", argv[i]);
		fflush(stdout);
		if (!buf || !replay_file(argv[i], buf)) {
			printf("%s: cannot be read\n", argv[i]);
			failed++;
		}
	}
	free(buf);
	printf("%d passed, %d failed\n", argc - 1 - failed, failed + (argc < 2));
	return failed || argc < 2;
}
