/*
 * scenario - made-up snapshots for tests of the screen: always the same numbers for a name.
 */
#ifndef TUBEOPS_TESTS_SCENARIO_H
#define TUBEOPS_TESTS_SCENARIO_H

#include "engine/command.h"
#include "engine/snapshot.h"

/* 2026-11-22 18:47:12 UTC, a Sunday: "now" of all scenarios. */
#define SCENARIO_NOW INT64_C(1795373232)

/*
 * busy: three jobs, three keys, work in full swing; rest: nothing works; empty: first run without a
 * key; nokey: channels but no key; spent: all quota gone; trouble: PostgreSQL and staging trouble,
 * a refused key, an interrupted job; many: all tables full, hostile texts.
 * Returns owned (snapshot_unref); NULL: no such name or no memory.
 */
struct snapshot *scenario_new(const char *name);
/* The kinds of jobs of the scenarios, NULL-terminated. */
const struct job_type_info *const *scenario_types(void);

#endif
