/*
 * import_fixture - a folder of its own with a staging file, its writer and a list to import. Asserts
 * with cmocka. Test threads alone.
 */
#ifndef TUBEOPS_TESTS_IMPORT_FIXTURE_H
#define TUBEOPS_TESTS_IMPORT_FIXTURE_H

#include "engine/jobs/import.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#define A "UCkKk1XTkh1d4bv7t_cNrfjg"
#define B "UCiQJ0oSWJir5--WLFzkhCkw"
#define C "UC---3DJRLoMKDlbxvqCE2-A"

#define IMPORT_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

struct fixture {
	char dir[64], staging[96], list[96];
	struct writer *writer;
	struct import_result result;
	struct errbuf eb;
};

int set_up(void **state);
int tear_down(void **state);

/* Writes f->list. */
void put_list(const struct fixture *f, const char *text, size_t len);
struct import_config config(const struct fixture *f);
/* Imports f->list; the whole must go well. */
const struct import_result *import(struct fixture *f, const struct import_config *cfg);
const struct import_result *import_text(struct fixture *f, const char *text);

/* A number from the staging file, by a connection that only reads. */
int64_t ask(const struct fixture *f, const char *sql);
void check_sum(const struct import_result *r);
void check_counters(struct fixture *f);

#endif
