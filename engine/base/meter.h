/*
 * meter - how often something is asked, how long it takes, how often it fails: one meter per thing
 * (an API method, a statement, a worker). Counts of the last 60 minutes and a histogram of the last
 * hour on a logarithmic scale. Time is an argument (clock_mono_ms), so it can be tested. Lock-free:
 * any thread notes and reads at any moment, and no note is lost. NULL is a meter that goes nowhere.
 * `meters` is the set of all that are shown; it owns them, and they stay where they are until it goes.
 */
#ifndef TUBEOPS_BASE_METER_H
#define TUBEOPS_BASE_METER_H

#include "engine/base/err.h"

#include <stddef.h>
#include <stdint.h>

enum {
	METER_MINUTES = 60,
	METER_BUCKETS = 89, /* 64 us, then four to each doubling up to two minutes and more */
	METER_GROUP = 16,
	METER_NAME = 40,
	METERS_MOST = 64
};

struct meter;
struct meters;

struct meter_numbers {
	char group[METER_GROUP];
	char name[METER_NAME];
	int64_t calls, errors;              /* since the start */
	int64_t hour_calls, hour_errors;    /* of the last 60 minutes */
	uint32_t per_minute[METER_MINUTES]; /* calls; [0] is the running minute */
	uint32_t errors_per_minute[METER_MINUTES];
	int64_t p50_us, p95_us, most_us; /* of the last hour; 0: nothing in it */
};

/* NULL: out of memory. */
struct meter *meter_new(void);
void meter_free(struct meter *m);
/* One call that took so long and ended now; us below 0: it has no duration worth counting. */
void meter_note(struct meter *m, int64_t mono_ms, int64_t us, bool failed);
/* group and name stay empty. */
void meter_read(const struct meter *m, int64_t mono_ms, struct meter_numbers *out);
/* How many calls of the last hour were in each bucket. */
void meter_histogram(const struct meter *m, int64_t mono_ms, uint32_t counts[METER_BUCKETS]);

/* The duration at which bucket i begins, in us; i may be METER_BUCKETS, the end of the last. */
int64_t meter_bucket_us(int i);
/* The duration that a share of all calls (0..1) stayed below, within a bucket by proportion; 0 when
 * there are none. */
int64_t meter_quantile(const uint32_t counts[METER_BUCKETS], double share);

struct meters *meters_new(void);
void meters_free(struct meters *ms);
/* Finds it or makes it; NULL when there are METERS_MOST or memory is out. */
struct meter *meters_get(struct meters *ms, const char *group, const char *name);
/* All, in the order in which they came; returns how many. */
size_t meters_read(struct meters *ms, int64_t mono_ms, struct meter_numbers *out, size_t max);
/* One that is there; NULL: none of this name. */
struct meter *meters_find(struct meters *ms, const char *group, const char *name);

#endif
