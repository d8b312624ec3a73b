#include "config.h"
#include "tui/blocked_place.h"

#include <stdio.h>
#include <string.h>

/* How a row's name comes out of what the engine says: "J-1034 metadata", "key k7", "worker 3". */
enum place_row { ROW_NONE, ROW_WORD, ROW_KEY, ROW_WORKER };

static const struct place {
	const char *word; /* the state of what is blocked, or the kind of an alert */
	const char *keys, *view;
	int part;
	enum place_row row;
	const char *page;
} places[] = {
    {"failed", "2 then r", "jobs", 0, ROW_WORD, "job"},
    {"interrupted", "2 then r", "jobs", 0, ROW_WORD, "job"},
    {"paused", "2 then r", "jobs", 0, ROW_WORD, "job"},
    {"waiting", "3 then n", "jobs", 0, ROW_WORD, "job"},
    {"refused", "3 then t", "keys", 0, ROW_KEY, "key"},
    {"none", "3 then n", "keys", 0, ROW_NONE, NULL},
    {"spent", NULL, "keys", 0, ROW_NONE, NULL},
    {"cooling", NULL, "keys", 0, ROW_NONE, NULL},
    {"stalled", "4 then K", "workers", 0, ROW_WORKER, NULL},
    {"open", "4 then b", "workers", 1, ROW_WORD, NULL},
    {"trial", "4 then b", "workers", 1, ROW_WORD, NULL},
    {"stopped", "make space", "workers", 2, ROW_NONE, NULL},
    {"away", "start it", "workers", 2, ROW_WORD, "store"},
    /* alerts that nothing blocked tells of */
    {"disk_low", "make space", "workers", 2, ROW_NONE, NULL},
    {"error_rate", "7 then e", "workers", 1, ROW_NONE, NULL},
    {"ledger_differs", "3 whose?", "keys", 0, ROW_NONE, NULL},
    {"quota_early", "3 the plan", "keys", 1, ROW_NONE, NULL},
    {"finish_moved", "3 the plan", "keys", 1, ROW_NONE, NULL},
    {"stale_growing", "3 the plan", "keys", 1, ROW_NONE, NULL},
    {"clock", "set the clock", "workers", 0, ROW_NONE, NULL},
    {"crashed", "read the log", "dash", 0, ROW_NONE, NULL},
    {"node_silent", "4 start it", "workers", 3, ROW_NONE, NULL},
    {"node_clock", "set its clock", "workers", 3, ROW_NONE, NULL},
    {"versions_differ", "4 update", "workers", 3, ROW_NONE, NULL},
    {"no_leader", "4 start one", "workers", 3, ROW_NONE, NULL},
    {"cluster", "run doctor", "workers", 3, ROW_NONE, NULL},
};

static const struct place *place_find(const char *word)
{
	static const struct place other = {"", NULL, "dash", 0, ROW_NONE, NULL};

	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
		if (strcmp(places[i].word, word) == 0)
			return &places[i];
	return &other;
}

static void place_row(const struct place *p, const char *what, char out[TABLE_ID])
{
	const char *blank = strchr(what, ' ');

	*out = 0;
	if (p->row == ROW_WORD)
		snprintf(out, TABLE_ID, "%.*s", (int)strcspn(what, " "), what);
	else if (p->row == ROW_KEY && blank)
		snprintf(out, TABLE_ID, "%s", blank + 1);
	else if (p->row == ROW_WORKER && blank)
		snprintf(out, TABLE_ID, "w%s", blank + 1);
}

static void place_fill(const struct place *p, const char *what, struct blocked_place *out)
{
	*out = (struct blocked_place){
	    .keys = p->keys, .view = p->view, .part = p->part, .page = p->page};
	place_row(p, what, out->row);
}

void blocked_place_of(const struct snapshot_blocked *b, struct blocked_place *out)
{
	place_fill(place_find(b->state), b->what, out);
}

void alert_place_of(const struct snapshot_alert *a, struct blocked_place *out)
{
	place_fill(place_find(a->kind), a->subject, out);
}

bool alert_is_shown(const struct snapshot_alert *a)
{
	static const char *const told[] = {"key_refused", "no_key", "job_failed", "job_interrupted",
	    "staging", "store_away", "breaker", "stalled"};

	for (size_t i = 0; i < sizeof told / sizeof told[0]; i++)
		if (strcmp(told[i], a->kind) == 0)
			return false;
	return !a->until && !a->acked;
}
