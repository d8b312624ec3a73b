/* The lines in memory: kept by number and by size, searched without holding anybody up. */
#include "config.h"
#include "engine/base/log_parts.h"
#include "engine/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOG_LOOK = 256 /* lines taken under the lock at a time */ };

void log_entry_drop(struct log_entry *e)
{
	if (e && atomic_fetch_sub_explicit(&e->holders, 1, memory_order_acq_rel) == 1)
		free(e);
}

/* ---- keeping ---- */

enum err log_ring_init(struct log_ring *r, size_t lines)
{
	*r = (struct log_ring){.room = lines};
	r->lines = calloc(lines, sizeof(struct log_entry *));
	return r->lines ? ERR_OK : ERR_NOMEM;
}

static void log_ring_forget(struct log_ring *r)
{
	struct log_entry *old = r->lines[r->first % r->room];

	r->lines[r->first++ % r->room] = NULL;
	r->bytes -= old->len;
	log_entry_drop(old);
}

void log_ring_done(struct log_ring *r)
{
	while (r->first && r->first <= r->last)
		log_ring_forget(r);
	free(r->lines);
	r->lines = NULL;
}

/* Lines are short; a flood of long ones must not fill the memory, so their sum is bounded as well. */
void log_ring_add(struct log_ring *r, struct log_entry *e)
{
	e->seq = ++r->last;
	while (r->first && r->first < r->last &&
	       (r->last - r->first >= r->room || r->bytes + e->len > r->room * LOG_RING_LINE))
		log_ring_forget(r);
	if (!r->first)
		r->first = 1;
	r->bytes += e->len;
	atomic_fetch_add_explicit(&e->holders, 1, memory_order_relaxed);
	r->lines[e->seq % r->room] = e;
}

/* ---- searching ---- */

static struct log_text log_text_of(const struct log_entry *e)
{
	int64_t place = atomic_load(&e->place);

	return (struct log_text){
	    e->seq, e->at_ms, e->level, e->job, e->source, e->text, place > 0 ? place : 0};
}

bool log_is_asked(const struct log_ask *a, const struct log_text *line)
{
	return line->level <= a->level && (!a->job || line->job == a->job) &&
	       line->at_ms >= a->since_ms && (!a->until_ms || line->at_ms < a->until_ms) &&
	       (!a->source || !*a->source || strcmp(line->source, a->source) == 0) &&
	       (!a->find || !*a->find || strcasestr(line->text, a->find)) &&
	       (!a->takes || a->takes(a->takes_arg, line));
}

/* One more holder of each of the lines from..upto that are still there; returns how many. */
static size_t log_hold(struct log *lg, uint64_t from, uint64_t upto, struct log_entry **out)
{
	size_t n = 0;

	pthread_mutex_lock(&lg->lock);
	if (from < lg->ring.first)
		from = lg->ring.first;
	if (upto > lg->ring.last)
		upto = lg->ring.last;
	for (uint64_t seq = from; seq && seq <= upto && n < LOG_LOOK; seq++) {
		struct log_entry *e = lg->ring.lines[seq % lg->ring.room];
		atomic_fetch_add_explicit(&e->holders, 1, memory_order_relaxed);
		out[n++] = e;
	}
	pthread_mutex_unlock(&lg->lock);
	return n;
}

/* What was found: newest first, or oldest first with `after`. Every line in it is held. */
struct log_found {
	struct log_entry **lines;
	size_t n, limit;
};

/* Keeps what fits and lets go of the rest; in the order of the walk. */
static void log_sort_out(
    const struct log_ask *a, struct log_entry **held, size_t n, bool down, struct log_found *f)
{
	for (size_t i = 0; i < n; i++) {
		struct log_entry *e = held[down ? n - 1 - i : i];
		const struct log_text line = log_text_of(e);
		if (f->n < f->limit && log_is_asked(a, &line))
			f->lines[f->n++] = e;
		else
			log_entry_drop(e);
	}
}

static void log_walk_up(
    struct log *lg, const struct log_ask *a, uint64_t from, uint64_t upto, struct log_found *f)
{
	struct log_entry *held[LOG_LOOK];
	size_t n;

	while (f->n < f->limit && from <= upto && (n = log_hold(lg, from, upto, held)) > 0) {
		from = held[n - 1]->seq + 1;
		log_sort_out(a, held, n, false, f);
	}
}

static void log_walk_down(
    struct log *lg, const struct log_ask *a, uint64_t from, uint64_t upto, struct log_found *f)
{
	struct log_entry *held[LOG_LOOK];

	while (f->n < f->limit && from <= upto) {
		uint64_t low = upto - from >= LOG_LOOK ? upto - LOG_LOOK + 1 : from;
		size_t n = log_hold(lg, low, upto, held);
		log_sort_out(a, held, n, true, f);
		if (low == from)
			return;
		upto = low - 1;
	}
}

void log_numbers(struct log *lg, struct log_numbers *out)
{
	*out = (struct log_numbers){.oldest = 0};
	if (!lg)
		return;
	pthread_mutex_lock(&lg->lock);
	out->oldest = lg->ring.first;
	out->newest = lg->ring.last;
	out->dropped = lg->dropped;
	out->queued = lg->queued;
	memcpy(out->by_level, lg->by_level, sizeof out->by_level);
	if (lg->ring.first)
		out->oldest_ms = lg->ring.lines[lg->ring.first % lg->ring.room]->at_ms;
	pthread_mutex_unlock(&lg->lock);
}

enum err log_search(
    struct log *lg, const struct log_ask *a, log_line_fn *fn, void *arg, struct log_numbers *out)
{
	struct log_found f = {.limit = a->limit};
	uint64_t from, upto;

	log_numbers(lg, out);
	if (!lg || !a->limit || !out->newest)
		return ERR_OK;
	f.lines = calloc(a->limit, sizeof(struct log_entry *));
	if (!f.lines)
		return ERR_NOMEM;
	from = a->after >= out->oldest ? a->after + 1 : out->oldest;
	upto = a->before && a->before <= out->newest ? a->before - 1 : out->newest;
	if (a->after)
		log_walk_up(lg, a, from, upto, &f);
	else
		log_walk_down(lg, a, from, upto, &f);
	for (size_t i = 0; i < f.n; i++) {
		const struct log_entry *e = f.lines[a->after ? i : f.n - 1 - i];
		const struct log_text line = log_text_of(e);
		fn(arg, &line);
	}
	for (size_t i = 0; i < f.n; i++)
		log_entry_drop(f.lines[i]);
	free(f.lines);
	return ERR_OK;
}

size_t log_tail(struct log *lg, uint64_t after, struct log_line *lines, size_t max)
{
	size_t n = 0;
	uint64_t seq;

	if (!lg || !max)
		return 0;
	pthread_mutex_lock(&lg->lock);
	seq = after + 1 > lg->ring.first ? after + 1 : lg->ring.first;
	if (lg->ring.last >= max && seq <= lg->ring.last - max)
		seq = lg->ring.last - max + 1;
	for (; seq && seq <= lg->ring.last && n < max; seq++) {
		const struct log_entry *e = lg->ring.lines[seq % lg->ring.room];
		struct log_line *line = &lines[n++];
		*line = (struct log_line){e->seq, e->at_ms, e->level, e->job, "", ""};
		memcpy(line->source, e->source, sizeof line->source);
		snprintf(line->text, sizeof line->text, "%.*s",
		    (int)text_utf8_cut(e->text, e->len, sizeof line->text - 1), e->text);
	}
	pthread_mutex_unlock(&lg->lock);
	return n;
}
