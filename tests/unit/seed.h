/*
 * seed - channels made up for tests: numbered, in key order. Asserts with cmocka, which the
 * including file has included. Test threads alone.
 */
#ifndef TUBEOPS_TESTS_SEED_H
#define TUBEOPS_TESTS_SEED_H

#include "db/staging.h"
#include "db/staging_import.h"

#include <stdlib.h>

static inline struct cid seed_cid(uint32_t n)
{
	struct cid c = {{0}};

	for (int i = 0; i < 4; i++)
		c.b[i] = (unsigned char)(n >> (24 - 8 * i));
	c.b[15] = (unsigned char)n; /* all places of the text are used */
	c.b[9] = (unsigned char)(n * 37);
	return c;
}

static inline uint32_t seed_number(const struct cid *c)
{
	return (uint32_t)c->b[0] << 24 | (uint32_t)c->b[1] << 16 | (uint32_t)c->b[2] << 8 | c->b[3];
}

/* Inside a transaction: channels first .. first + n - 1; returns how many were new. */
static inline int64_t seed_put(
    struct staging *s, int64_t origin, uint32_t first, size_t n, const char *title)
{
	struct staging_import_row *rows = calloc(n ? n : 1, sizeof *rows);
	struct staging_import im = {.rows = rows, .n = n, .origin = origin};
	struct errbuf eb = {0};

	assert_non_null(rows);
	for (size_t i = 0; i < n; i++) {
		rows[i].cid = seed_cid(first + (uint32_t)i);
		rows[i].text = title;
		rows[i].title_len = title ? (uint32_t)strlen(title) : 0;
	}
	if (staging_import_put(s, &im, &eb))
		fail_msg("import: %s", eb.text);
	free(rows);
	return im.added;
}

/* A transaction of its own, with a new origin. */
static inline int64_t seed_channels(struct staging *s, uint32_t first, size_t n)
{
	struct errbuf eb = {0};
	int64_t origin = 0;

	assert_int_equal(staging_begin(s, &eb), ERR_OK);
	assert_int_equal(staging_origin_add(s, "migration", "seed", &origin, &eb), ERR_OK);
	assert_int_equal(seed_put(s, origin, first, n, "seeded"), (int64_t)n);
	assert_int_equal(staging_commit(s, &eb), ERR_OK);
	return origin;
}

#endif
