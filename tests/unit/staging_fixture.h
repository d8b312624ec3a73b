/*
 * staging_fixture - a writing connection to a fresh staging file, one per test, and transactions
 * that fail the test when they fail. Includes cmocka. Test threads alone.
 */
#ifndef TUBEOPS_TESTS_STAGING_FIXTURE_H
#define TUBEOPS_TESTS_STAGING_FIXTURE_H

#include "db/staging.h"
#include "tests/unit/scratch.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

struct room {
	struct scratch scratch;
	struct staging *s;
};

int set_up(void **state);
int tear_down(void **state);
void begin(struct staging *s);
/* Commits and checks that every counter tells the truth. */
void commit(struct staging *s);

#endif
