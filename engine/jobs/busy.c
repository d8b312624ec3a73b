#include "config.h"
#include "engine/jobs/busy.h"

/* Empties the slices that went by since the last note. */
static void busy_turn(struct busy *b, int64_t slice)
{
	int64_t from = b->newest + 1;

	if (slice - from >= BUSY_SLICES)
		from = slice - BUSY_SLICES + 1;
	for (int64_t s = from; s <= slice; s++)
		b->ms[s % BUSY_SLICES] = 0;
	if (slice > b->newest)
		b->newest = slice;
}

void busy_add(struct busy *b, int64_t from_ms, int64_t to_ms, bool at_work)
{
	int64_t least = (to_ms / BUSY_SLICE_MS - BUSY_SLICES + 1) * BUSY_SLICE_MS;

	if (!b->first_ms)
		b->first_ms = from_ms;
	if (from_ms < least)
		from_ms = least;
	busy_turn(b, to_ms / BUSY_SLICE_MS);
	while (at_work && from_ms < to_ms) {
		int64_t slice = from_ms / BUSY_SLICE_MS, end = (slice + 1) * BUSY_SLICE_MS;
		end = end < to_ms ? end : to_ms;
		b->ms[slice % BUSY_SLICES] += (int32_t)(end - from_ms);
		from_ms = end;
	}
}

double busy_share(const struct busy *b, int64_t now_ms, int64_t window_ms)
{
	int64_t from = now_ms - window_ms, sum = 0, begin;

	if (!b->first_ms || now_ms <= b->first_ms)
		return 0;
	from = from > b->first_ms ? from : b->first_ms;
	begin = from / BUSY_SLICE_MS;
	for (int64_t s = begin; s <= b->newest; s++)
		if (s > b->newest - BUSY_SLICES)
			sum += b->ms[s % BUSY_SLICES];
	/* the first slice counts whole, so the time begins with it */
	from = begin * BUSY_SLICE_MS > b->first_ms ? begin * BUSY_SLICE_MS : b->first_ms;
	return sum >= now_ms - from ? 1 : (double)sum / (double)(now_ms - from);
}
