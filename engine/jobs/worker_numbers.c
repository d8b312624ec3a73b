/* What a worker shows of itself: state, words, counts, its share of time at work. */
#include "config.h"
#include "engine/jobs/worker_parts.h"
#include "engine/base/clock.h"

#include <stdio.h>
#include <string.h>

enum { WORKER_WINDOW_MS = 5 * 60 * 1000 };

/* States in which a worker waits for others; in all the rest it is busy. */
static const char *const worker_waits[] = {"idle", "slot wait", "stopped"};

static bool worker_is_busy(const char *state)
{
	for (size_t i = 0; i < sizeof worker_waits / sizeof worker_waits[0]; i++)
		if (strcmp(state, worker_waits[i]) == 0)
			return false;
	return true;
}

static void worker_move_locked(struct worker *k, const char *state, int64_t until_ms)
{
	struct worker_numbers *n = &k->numbers;
	int64_t now = clock_mono_ms();

	busy_add(&k->busy, n->since_ms, now, worker_is_busy(n->state));
	n->state = state;
	n->since_ms = now;
	n->until_ms = until_ms;
}

void work_state(struct work *w, const char *state)
{
	pthread_mutex_lock(&w->worker->lock);
	worker_move_locked(w->worker, state, 0);
	pthread_mutex_unlock(&w->worker->lock);
}

void work_say(struct work *w, const char *state, int64_t until_ms, const char *fmt, ...)
{
	struct worker *k = w->worker;
	va_list ap;

	va_start(ap, fmt);
	pthread_mutex_lock(&k->lock);
	worker_move_locked(k, state, until_ms);
	vsnprintf(k->numbers.doing, sizeof k->numbers.doing, fmt, ap);
	pthread_mutex_unlock(&k->lock);
	va_end(ap);
}

void worker_takes(struct worker *k, const struct chunk *c)
{
	pthread_mutex_lock(&k->lock);
	worker_move_locked(k, c ? "working" : "idle", 0);
	k->numbers.doing[0] = '\0';
	k->hand.n = c ? c->n : 0;
	k->hand.attempts = c ? c->attempts : 0;
	k->hand.since_ms = k->numbers.since_ms;
	if (c)
		memcpy(k->hand.ids, c->ids, (size_t)c->n * sizeof c->ids[0]);
	pthread_mutex_unlock(&k->lock);
}

void worker_count(struct worker *k, int64_t job, int64_t chunks, int64_t errors, int64_t ms)
{
	if (ms >= 0)
		meter_note(k->calls, clock_mono_ms(), ms * 1000, errors > 0);
	pthread_mutex_lock(&k->lock);
	k->numbers.job = job;
	k->numbers.chunks += chunks;
	k->numbers.errors += errors;
	k->numbers.calls += ms >= 0;
	if (ms >= 0)
		k->numbers.last_ms = ms;
	pthread_mutex_unlock(&k->lock);
}

void worker_note_memory(struct worker *k, size_t bytes, bool restarted)
{
	pthread_mutex_lock(&k->lock);
	k->numbers.bytes = (int64_t)bytes;
	k->numbers.restarts += restarted;
	pthread_mutex_unlock(&k->lock);
}

void worker_numbers(struct worker *k, struct worker_numbers *out)
{
	int64_t now = clock_mono_ms();
	struct meter_numbers calls;
	struct busy busy;

	pthread_mutex_lock(&k->lock);
	*out = k->numbers;
	busy = k->busy;
	pthread_mutex_unlock(&k->lock);
	busy_add(&busy, out->since_ms, now, worker_is_busy(out->state)); /* what goes on now */
	out->busy = busy_share(&busy, now, WORKER_WINDOW_MS);
	meter_read(k->calls, now, &calls);
	out->p95_us = calls.p95_us;
}

int64_t worker_since(struct worker *k)
{
	int64_t since;

	pthread_mutex_lock(&k->lock);
	since = k->numbers.since_ms;
	pthread_mutex_unlock(&k->lock);
	return since;
}

void worker_hand(struct worker *k, struct worker_hand *out)
{
	pthread_mutex_lock(&k->lock);
	*out = k->hand;
	pthread_mutex_unlock(&k->lock);
}

/* ---- interrupting it ---- */

void worker_abort(struct worker *k, bool yes)
{
	k->kicked_ms = 0;
	atomic_store(&k->abort, yes);
}

void worker_kick(struct worker *k)
{
	atomic_store(&k->abort, true);
	k->kicked_ms = clock_mono_ms();
}

int64_t worker_kicked(const struct worker *k)
{
	return k->kicked_ms;
}

const atomic_bool *worker_abort_flag(const struct worker *k)
{
	return &k->abort;
}

/* ---- a call in words ---- */

/* Value of a parameter as it stands in the query, NULL when it has none. */
static const char *words_param(const char *query, const char *name, size_t *len)
{
	size_t n = strlen(name);

	for (const char *at = query; at; at = strchr(at, '&')) {
		at += *at == '&';
		if (strncmp(at, name, n) == 0 && at[n] == '=') {
			*len = strcspn(at + n + 1, "&");
			return at + n + 1;
		}
	}
	return NULL;
}

/* Ids in a list, whether its commas are escaped or not. */
static int words_count(const char *value, size_t len)
{
	int n = 1;

	for (size_t i = 0; i < len; i++)
		n += value[i] == ',' || (value[i] == '%' && i + 2 < len && value[i + 1] == '2' &&
		                            (value[i + 2] == 'C' || value[i + 2] == 'c'));
	return n;
}

void worker_call_words(enum method m, const char *query, char *buf, size_t size)
{
	static const char *const of[] = {
	    "id", "playlistId", "channelId", "forHandle", "forUsername", "videoId"};
	const char *value = NULL;
	size_t len = 0;
	int n;

	for (size_t i = 0; i < sizeof of / sizeof of[0] && !value; i++)
		value = words_param(query, of[i], &len);
	n = value ? words_count(value, len) : 0;
	if (n > 1)
		snprintf(buf, size, "%s %d ids", method_info(m)->name, n);
	else
		snprintf(buf, size, "%s%s%.*s", method_info(m)->name, n ? " " : "", (int)len,
		    value ? value : "");
}
