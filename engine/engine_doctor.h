/*
 * engine_doctor - what the checks of doctor share. For the files engine_doctor*.c alone; the thread that
 * called engine_doctor.
 */
#ifndef TUBEOPS_ENGINE_DOCTOR_H
#define TUBEOPS_ENGINE_DOCTOR_H

#include "engine/base/str.h"
#include "engine/engine_parts.h"

struct doctor {
	const struct engine_config *cfg;
	engine_doctor_fn *fn;
	void *arg;
	struct str text;
	struct engine *engine; /* looking; NULL when that failed */
};

/* level: 0 well, 1 to be looked at, 2 wrong. What it says is masked. */
void doctor_say(struct doctor *d, int level, const char *part, const char *fmt, ...)
    PRINTF_LIKE(4, 5);

/* engine_doctor_cluster.c: settings, schema, clocks, names, who leads. Says nothing without CLUSTER. */
void doctor_cluster(struct doctor *d);

#endif
