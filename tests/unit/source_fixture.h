/*
 * source_fixture - a file of its own that is read as a source: what rows come, at which lines, and
 * how it ends. Asserts with cmocka. Test threads alone.
 */
#ifndef TUBEOPS_TESTS_SOURCE_FIXTURE_H
#define TUBEOPS_TESTS_SOURCE_FIXTURE_H

#include "db/sources/input.h"
#include "db/sources/source.h"
#include "engine/base/str.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#define A "UCkKk1XTkh1d4bv7t_cNrfjg"
#define B "UCiQJ0oSWJir5--WLFzkhCkw"
#define C "UC---3DJRLoMKDlbxvqCE2-A"

#define SOURCE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

struct fixture {
	char path[64];
	struct str seen; /* rows as "line|ref|title|description" or "line!problem" */
	enum err err;
	struct errbuf eb;
	char format[16];
	int rows;
	int64_t item; /* of the last row */
};

int set_up(void **state);
int tear_down(void **state);

void put_file(struct fixture *f, const char *text, size_t len);
/* Reads all of a source into f->seen. */
void read_path(struct fixture *f, const char *path, const char *format, size_t block);
/* The same rows must come whatever the size of the blocks. */
void check_n(
    struct fixture *f, const char *format, const char *text, size_t len, const char *expected);
void check(struct fixture *f, const char *text, const char *expected);
/* The rows of text, then a failure that says `words`. */
void check_broken(
    struct fixture *f, const char *text, size_t len, const char *expected, const char *words);
/*
 * first, then many rows of filler (more than the head that is always read at once), then tail: the
 * rows must be the same whether the tail comes in one block or byte by byte.
 */
void check_borders(struct fixture *f, const char *first, const char *filler, const char *tail,
    size_t tail_len, const char *expected);

#endif
