#include "config.h"
#include "engine/blocked.h"
#include "engine/base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	BLOCKED_FAILED_S = 86400,
	BLOCKED_PERSON_S = 300 /* then a machine alone may not mend it */
};

static void PRINTF_LIKE(6, 7) blocked_add(struct snapshot *s, const char *state, bool person,
    int64_t until, const char *help, const char *fmt, ...)
{
	struct snapshot_blocked *b;
	va_list ap;

	if (s->n_blocked == SNAPSHOT_BLOCKED)
		return;
	b = &s->blocked[s->n_blocked++];
	*b = (struct snapshot_blocked){.until = until, .person = person};
	snprintf(b->state, sizeof b->state, "%s", state);
	snprintf(b->help, sizeof b->help, "%s", help);
	va_start(ap, fmt);
	vsnprintf(b->what, sizeof b->what, fmt, ap);
	va_end(ap);
	text_utf8_mend(b->what);
}

static void blocked_why(struct snapshot *s, const char *why)
{
	struct snapshot_blocked *b = &s->blocked[s->n_blocked - 1];

	snprintf(b->why, sizeof b->why, "%.159s", why);
	text_utf8_mend(b->why);
}

static void blocked_jobs(struct snapshot *s)
{
	/* one that waits goes on by itself, at a time or when a key can be used */
	static const struct {
		const char *status, *help;
		bool person;
	} rows[] = {{"failed", "retry it when the cause is gone", true},
	    {"interrupted", "resume it", true}, {"paused", "resume it", true},
	    {"waiting", "", false}};

	for (size_t i = 0; i < s->n_jobs; i++) {
		const struct snapshot_job *j = &s->jobs[i];
		for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
			bool old =
			    !j->open && s->made_at - j->completed_ms / 1000 > BLOCKED_FAILED_S;
			if (strcmp(j->status, rows[r].status) != 0 || old)
				continue;
			/* no time is known: it waits for a usable key */
			bool person = rows[r].person || !j->until;
			blocked_add(s, j->status, person, j->until,
			    rows[r].help[0] ? rows[r].help
			    : person        ? "keys: add or enable one"
			                    : "",
			    "J-%lld %s", (long long)j->no, j->word);
			blocked_why(s, j->reason);
		}
	}
}

static void blocked_keys(struct snapshot *s)
{
	if (!s->n_keys) {
		blocked_add(s, "none", true, 0, "keys: add one", "YouTube");
		blocked_why(s, "no API key yet: nothing can be fetched");
	}
	for (size_t i = 0; i < s->n_keys; i++) {
		const struct snapshot_key *k = &s->keys[i];
		if (strcmp(k->state, "refused") == 0) {
			blocked_add(
			    s, k->state, true, 0, "replace it, then test it", "key %.40s", k->name);
			blocked_why(s, k->reason);
		} else if (k->until && !k->shares_project) {
			blocked_add(s, k->state, false, k->until, "", "project %.36s", k->project);
			blocked_why(s, strcmp(k->state, "spent") == 0
			                   ? "its units of today are spent"
			                   : "YouTube wants it slower");
		}
	}
}

static void blocked_workers(struct snapshot *s)
{
	for (size_t i = 0; i < s->n_workers; i++) {
		const struct snapshot_worker *w = &s->workers[i];
		if (!w->stalled)
			continue;
		blocked_add(s, "stalled", true, 0, "workers: kick it", "worker %zu", i + 1);
		blocked_why(s, w->doing);
	}
}

static void blocked_services(struct snapshot *s)
{
	bool youtube = false;

	for (size_t i = 0; i < s->n_services; i++) {
		const struct snapshot_service *v = &s->services[i];
		bool of_api = strcmp(v->group, "youtube") == 0;
		if (!v->since || (of_api && youtube))
			continue;
		youtube = youtube || of_api;
		blocked_add(s, v->breaker, s->made_at - v->since > BLOCKED_PERSON_S * 6, v->until,
		    "workers: reset it", "%s", of_api ? "YouTube" : v->name);
		blocked_why(s, v->trouble);
	}
}

static void blocked_stores(struct snapshot *s)
{
	const struct snapshot_facts *x = &s->facts;

	if (!s->staging_ok) {
		blocked_add(s, "stopped", true, 0, "give the disk space, or mend it", "storing");
		blocked_why(s, s->staging_trouble);
	}
	if (s->pg_configured && x->pg_since) {
		blocked_add(s, "away", s->made_at - x->pg_since > BLOCKED_PERSON_S, x->pg_retry_at,
		    "start it, or see to the network", "PostgreSQL");
		blocked_why(s, s->pg_trouble);
	}
	if (s->redis_configured && x->redis_since) {
		blocked_add(s, "away", s->made_at - x->redis_since > BLOCKED_PERSON_S,
		    x->redis_retry_at, "start it, or see to the network", "Redis");
		blocked_why(s, s->redis_trouble);
	}
}

static int blocked_compare(const void *a, const void *b)
{
	const struct snapshot_blocked *x = a, *y = b;
	int64_t at = x->until ? x->until : INT64_MAX, bt = y->until ? y->until : INT64_MAX;

	if (x->person != y->person)
		return x->person ? -1 : 1;
	return at < bt ? -1 : at > bt;
}

void blocked_find(struct snapshot *s)
{
	s->n_blocked = 0;
	blocked_stores(s);
	blocked_keys(s);
	blocked_jobs(s);
	blocked_services(s);
	blocked_workers(s);
	qsort(s->blocked, s->n_blocked, sizeof s->blocked[0], blocked_compare);
}
