/*
 * import_gen ROWS [SEED] - a list of channels as CSV on stdout for measuring imports: 38 bytes a
 * row in the mean, ids random by the seed, 2 % duplicates spread over all earlier rows, 1 % quoted
 * titles with a comma. Any number of rows in constant memory: row n's id is a function of seed and
 * n, so an earlier one can be had again without keeping it.
 */
#include "config.h"
#include "engine/base/ids.h"
#include "engine/base/str.h"

#include <stdio.h>
#include <string.h>

enum { GEN_DUPLICATES = 2, GEN_QUOTED = 1, GEN_TITLE_LEAST = 6, GEN_TITLE_MORE = 13 };

/* splitmix64: a good mix of all bits of a counter */
static uint64_t gen_mix(uint64_t seed, uint64_t n)
{
	uint64_t z = seed + (n + 1) * UINT64_C(0x9E3779B97F4A7C15);

	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	return z ^ z >> 31;
}

static void gen_id(uint64_t seed, uint64_t row, char *text)
{
	struct cid cid;
	uint64_t hi = gen_mix(seed, row * 4), lo = gen_mix(seed, row * 4 + 1);

	memcpy(cid.b, &hi, sizeof hi);
	memcpy(cid.b + sizeof hi, &lo, sizeof lo);
	cid_format(&cid, text);
}

/* Letters and blanks; with a comma and quotes for one row in a hundred. */
static size_t gen_title(uint64_t dice, char *out)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz ABCDE";
	size_t len = GEN_TITLE_LEAST + dice % GEN_TITLE_MORE, n = 0;
	bool quoted = (dice >> 8) % 100 < GEN_QUOTED;

	if (quoted)
		out[n++] = '"';
	for (size_t i = 0; i < len; i++)
		out[n++] = quoted && i == len / 2 ? ',' : letters[gen_mix(dice, i) & 31];
	if (quoted)
		out[n++] = '"';
	return n;
}

static bool gen_row(uint64_t seed, uint64_t row)
{
	char line[CID_TEXT + 2 + GEN_TITLE_LEAST + GEN_TITLE_MORE + 4];
	uint64_t dice = gen_mix(seed, row * 4 + 2), source = row;
	size_t n;

	if (row && dice % 100 < GEN_DUPLICATES)
		source = gen_mix(seed, row * 4 + 3) % row;
	gen_id(seed, source, line);
	line[CID_TEXT] = ',';
	n = CID_TEXT + 1 + gen_title(dice >> 16, line + CID_TEXT + 1);
	line[n++] = '\n';
	return fwrite(line, 1, n, stdout) == n;
}

int main(int argc, char **argv)
{
	int64_t rows = 0, seed = 1;

	if (argc < 2 || str_to_i64(argv[1], 0, INT64_C(1000000000000), &rows) ||
	    (argc > 2 && str_to_i64(argv[2], 0, INT64_MAX, &seed))) {
		fputs("usage: import_gen ROWS [SEED] > FILE.csv\n", stderr);
		return 2;
	}
	puts("channel_id,title");
	for (int64_t i = 0; i < rows; i++)
		if (!gen_row((uint64_t)seed, (uint64_t)i))
			break;
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fputs("import_gen: cannot write\n", stderr);
		return 1;
	}
	return 0;
}
