/*
 * engine_report - what the files that make JSON for REST and --json share besides engine_json_text:
 * times and progress in the original's form. The files engine_*.c alone.
 */
#ifndef TUBEOPS_ENGINE_REPORT_H
#define TUBEOPS_ENGINE_REPORT_H

#include "engine/engine_parts.h"

#include <jansson.h>

/* "2026-11-22T12:18:39.123000", null for 0. */
json_t *report_time_ms(int64_t utc_ms);
json_t *report_time(int64_t utc_s);
/* Percent as an unrounded number; the whole number 0 while the total is not known. */
json_t *report_progress(const struct job_row *r);
/* The members of GET /api/stats. NULL: out of memory. */
json_t *report_stats(const struct snapshot *s);
/* The members of GET /api/nodes (engine_nodes.c). NULL: out of memory. */
json_t *report_cluster(const struct snapshot *s);
bool report_key_is_active(const struct snapshot_key *k);

#endif
