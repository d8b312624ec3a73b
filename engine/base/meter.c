#include "config.h"
#include "engine/base/meter.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	METER_RING = METER_MINUTES + 4, /* late notes of the last minute must not hit the first */
	METER_SLICE_MINUTES = 5,
	METER_SLICES = METER_MINUTES / METER_SLICE_MINUTES + 1,
	METER_FIRST_BIT = 6, /* the first bucket ends at 2^6 us */
	METER_PER_DOUBLING = 4
};

/*
 * A count that belongs to one moment: the number of a minute or slice above, the count below. Both
 * change together, so a place of a ring can begin anew without a lock and without losing a note.
 */
typedef _Atomic uint64_t meter_cell;

struct meter {
	atomic_uint_fast64_t calls, errors;
	meter_cell minute_calls[METER_RING];
	meter_cell minute_errors[METER_RING];
	meter_cell slices[METER_SLICES][METER_BUCKETS];
};

static void cell_add(meter_cell *cell, uint32_t moment, uint32_t n)
{
	uint64_t was = atomic_load_explicit(cell, memory_order_relaxed), now;

	do {
		uint32_t at = (uint32_t)(was >> 32);
		if (at == moment)
			now = was + n;
		else if (at && (int32_t)(at - moment) > 0)
			return; /* so late that its place holds another time */
		else
			now = (uint64_t)moment << 32 | n;
	} while (!atomic_compare_exchange_weak_explicit(
	    cell, &was, now, memory_order_relaxed, memory_order_relaxed));
}

static uint32_t cell_read(const meter_cell *cell, uint32_t moment)
{
	uint64_t is = atomic_load_explicit(cell, memory_order_relaxed);

	return (uint32_t)(is >> 32) == moment ? (uint32_t)is : 0;
}

/* Minutes and slices are numbered from 1: 0 is a place that was never used. */
static uint32_t meter_minute(int64_t mono_ms)
{
	return (uint32_t)(mono_ms / 60000) + 1;
}

static uint32_t meter_slice(int64_t mono_ms)
{
	return (uint32_t)(mono_ms / (60000 * METER_SLICE_MINUTES)) + 1;
}

/* ---- the scale ---- */

static int meter_bucket(int64_t us)
{
	uint64_t v = us < 0 ? 0 : (uint64_t)us;
	int bit = v ? 63 - __builtin_clzll(v) : 0, i;

	if (bit < METER_FIRST_BIT)
		return 0;
	i = 1 + (bit - METER_FIRST_BIT) * METER_PER_DOUBLING + (int)(v >> (bit - 2) & 3);
	return i < METER_BUCKETS ? i : METER_BUCKETS - 1;
}

int64_t meter_bucket_us(int i)
{
	int bit = METER_FIRST_BIT + (i - 1) / METER_PER_DOUBLING;

	return i <= 0 ? 0 : (INT64_C(4) + (i - 1) % METER_PER_DOUBLING) << (bit - 2);
}

int64_t meter_quantile(const uint32_t counts[METER_BUCKETS], double share)
{
	double all = 0, want, below = 0;

	for (int i = 0; i < METER_BUCKETS; i++)
		all += counts[i];
	want = all * share;
	for (int i = 0; i < METER_BUCKETS; i++) {
		double from = (double)meter_bucket_us(i), to = (double)meter_bucket_us(i + 1);
		if (counts[i] && below + counts[i] >= want)
			return (int64_t)(from + (to - from) * (want - below) / counts[i]);
		below += counts[i];
	}
	return 0;
}

/* ---- one meter ---- */

struct meter *meter_new(void)
{
	return calloc(1, sizeof(struct meter));
}

void meter_free(struct meter *m)
{
	free(m);
}

void meter_note(struct meter *m, int64_t mono_ms, int64_t us, bool failed)
{
	uint32_t minute = meter_minute(mono_ms), slice = meter_slice(mono_ms);

	if (!m)
		return;
	atomic_fetch_add_explicit(&m->calls, 1, memory_order_relaxed);
	cell_add(&m->minute_calls[minute % METER_RING], minute, 1);
	if (failed) {
		atomic_fetch_add_explicit(&m->errors, 1, memory_order_relaxed);
		cell_add(&m->minute_errors[minute % METER_RING], minute, 1);
	}
	if (us >= 0)
		cell_add(&m->slices[slice % METER_SLICES][meter_bucket(us)], slice, 1);
}

void meter_histogram(const struct meter *m, int64_t mono_ms, uint32_t counts[METER_BUCKETS])
{
	uint32_t slice = meter_slice(mono_ms);

	memset(counts, 0, METER_BUCKETS * sizeof counts[0]);
	for (uint32_t ago = 0; m && ago < METER_SLICES && ago < slice; ago++)
		for (int i = 0; i < METER_BUCKETS; i++)
			counts[i] +=
			    cell_read(&m->slices[(slice - ago) % METER_SLICES][i], slice - ago);
}

void meter_read(const struct meter *m, int64_t mono_ms, struct meter_numbers *out)
{
	uint32_t minute = meter_minute(mono_ms), counts[METER_BUCKETS];

	*out = (struct meter_numbers){.calls = 0};
	if (!m)
		return;
	out->calls = (int64_t)atomic_load_explicit(&m->calls, memory_order_relaxed);
	out->errors = (int64_t)atomic_load_explicit(&m->errors, memory_order_relaxed);
	for (uint32_t ago = 0; ago < METER_MINUTES && ago < minute; ago++) {
		uint32_t at = minute - ago;
		out->per_minute[ago] = cell_read(&m->minute_calls[at % METER_RING], at);
		out->errors_per_minute[ago] = cell_read(&m->minute_errors[at % METER_RING], at);
		out->hour_calls += out->per_minute[ago];
		out->hour_errors += out->errors_per_minute[ago];
	}
	meter_histogram(m, mono_ms, counts);
	out->p50_us = meter_quantile(counts, 0.50);
	out->p95_us = meter_quantile(counts, 0.95);
	out->most_us = meter_quantile(counts, 1);
}

/* ---- the set ---- */

struct meters {
	pthread_mutex_t lock; /* guards n and the names; rank: leaf */
	size_t n;
	struct meters_row {
		char group[METER_GROUP];
		char name[METER_NAME];
		struct meter *meter;
	} rows[METERS_MOST];
};

struct meters *meters_new(void)
{
	struct meters *ms = calloc(1, sizeof *ms);

	if (ms)
		pthread_mutex_init(&ms->lock, NULL);
	return ms;
}

void meters_free(struct meters *ms)
{
	if (!ms)
		return;
	for (size_t i = 0; i < ms->n; i++)
		meter_free(ms->rows[i].meter);
	pthread_mutex_destroy(&ms->lock);
	free(ms);
}

static struct meters_row *meters_row_locked(struct meters *ms, const char *group, const char *name)
{
	for (size_t i = 0; i < ms->n; i++)
		if (strncmp(ms->rows[i].group, group, METER_GROUP - 1) == 0 &&
		    strncmp(ms->rows[i].name, name, METER_NAME - 1) == 0)
			return &ms->rows[i];
	return NULL;
}

struct meter *meters_find(struct meters *ms, const char *group, const char *name)
{
	const struct meters_row *row;
	struct meter *found = NULL;

	if (!ms)
		return NULL;
	pthread_mutex_lock(&ms->lock);
	row = meters_row_locked(ms, group, name);
	if (row)
		found = row->meter;
	pthread_mutex_unlock(&ms->lock);
	return found;
}

struct meter *meters_get(struct meters *ms, const char *group, const char *name)
{
	struct meter *found = meters_find(ms, group, name), *fresh;
	struct meters_row *row;

	if (found || !ms || !(fresh = meter_new()))
		return found;
	pthread_mutex_lock(&ms->lock);
	row = meters_row_locked(ms, group, name);
	if (row) { /* somebody was quicker */
		found = row->meter;
	} else if (ms->n < METERS_MOST) {
		row = &ms->rows[ms->n++];
		snprintf(row->group, sizeof row->group, "%s", group);
		snprintf(row->name, sizeof row->name, "%s", name);
		found = row->meter = fresh;
		fresh = NULL;
	}
	pthread_mutex_unlock(&ms->lock);
	meter_free(fresh);
	return found;
}

size_t meters_read(struct meters *ms, int64_t mono_ms, struct meter_numbers *out, size_t max)
{
	size_t n = 0;

	if (!ms)
		return 0;
	pthread_mutex_lock(&ms->lock);
	for (; n < ms->n && n < max; n++) {
		meter_read(ms->rows[n].meter, mono_ms, &out[n]);
		memcpy(out[n].group, ms->rows[n].group, sizeof out[n].group);
		memcpy(out[n].name, ms->rows[n].name, sizeof out[n].name);
	}
	pthread_mutex_unlock(&ms->lock);
	return n;
}
