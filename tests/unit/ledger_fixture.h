/*
 * ledger_fixture - a folder of its own with settings and a ledger, at a time the test sets. Asserts
 * with cmocka. Test threads alone; the clocks are read by any thread.
 */
#ifndef TUBEOPS_TESTS_LEDGER_FIXTURE_H
#define TUBEOPS_TESTS_LEDGER_FIXTURE_H

#include "engine/quota/ledger.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#define KEY_A "AIzaSyA0123456789012345678901234567890A"
#define KEY_B "AIzaSyB0123456789012345678901234567890B"
#define KEY_C "AIzaSyC0123456789012345678901234567890C"

#define LEDGER_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

struct place {
	char dir[64];
	char db[80];
	char env[80];
	char log[80];
	struct settings *settings;
	struct ledger *ledger;
	struct errbuf eb;
};

/* What test_now and test_mono tell; set_up makes it 2026-11-20, noon in Los Angeles. */
extern int64_t fake_now, fake_mono;

int64_t test_now(void);
int64_t test_mono(void);

int set_up(void **state);
int tear_down(void **state);

/* Sets a setting. */
void put(struct place *p, const char *name, const char *value);
void open_as(struct place *p, bool read_only, struct log *lg);
void open_ledger(struct place *p);
void reopen(struct place *p);

enum err take(struct place *p, struct ledger_ticket *t, int64_t *until_ms, int64_t *until);
/* A take that must fail; returns how. */
enum err refused(struct place *p, int64_t *until_ms, int64_t *until);
void settle(struct place *p, struct ledger_ticket *t, enum fault fault, const char *reason);
/* Takes and settles n calls that all succeed. */
void spend(struct place *p, int n);

/* Adds a key by hand; it must end as expected. */
void add_key(struct place *p, const char *text, const char *name, const char *project,
    int64_t limit, enum err expected);
struct ledger_key key_at(struct place *p, size_t i);
bool file_holds(const char *path, const char *text);

#endif
