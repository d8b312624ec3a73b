/* The page of PostgreSQL or Redis: since when it is away, what goes on all the same and why nothing is lost. */
#include "config.h"
#include "tui/view.h"
#include "tui/format.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { STORE_LABEL = 15, STORE_TEXT = 600, STORE_LINES = 4 };

/* Of one of them, as a snapshot has it. */
struct store_state {
	const char *trouble, *place;
	int64_t since, retry_at, tries, last_ok;
	bool configured;
};

/* What is said of it while it is away; the text, or (NULL) what fn writes. false: nothing now. */
struct store_row {
	const char *label, *text;
	bool (*fn)(const struct view_ctx *c, char *out, size_t size);
};

struct store_kind {
	const char *name, *none;
	void (*state)(const struct snapshot *s, struct store_state *out);
	const struct store_row *rows; /* ended by one without a label */
};

/* ---- PostgreSQL ---- */

static void postgres_state(const struct snapshot *s, struct store_state *out)
{
	*out = (struct store_state){.trouble = s->pg_trouble,
	    .place = "",
	    .since = s->facts.pg_since,
	    .retry_at = s->facts.pg_retry_at,
	    .tries = s->facts.pg_tries,
	    .last_ok = s->facts.pg_last_ok,
	    .configured = s->pg_configured};
}

static bool postgres_work(const struct view_ctx *c, char *out, size_t size)
{
	if (c->snap->staging_ok)
		snprintf(out, size,
		    "goes on: calls are made and units are spent, as what they bring is stored "
		    "here "
		    "first");
	else
		snprintf(out, size, "stands still before long: staging takes nothing either (%s)",
		    c->snap->staging_trouble);
	return true;
}

static bool postgres_waiting(const struct view_ctx *c, char *out, size_t size)
{
	const struct snapshot_facts *x = &c->snap->facts;
	char n[FORMAT_SIZE], free[FORMAT_SIZE], day[FORMAT_SIZE];
	int used = snprintf(out, size, "%s rows in the outbox, which has no limit but the disk",
	    format_full(n, c->snap->outbox));

	if (x->disk_free >= 0 && (size_t)used < size)
		used += snprintf(
		    out + used, size - (size_t)used, ": %s free", format_bytes(free, x->disk_free));
	if (x->disk_free >= 0 && x->disk_growth > 0 && (size_t)used < size)
		snprintf(out + used, size - (size_t)used, ", lately a day took %s",
		    format_bytes(day, x->disk_growth));
	return true;
}

static bool postgres_safe(const struct view_ctx *c, char *out, size_t size)
{
	char n[FORMAT_SIZE];

	snprintf(out, size,
	    "every result is in staging (%s on this disk) before it counts as done; the outbox is "
	    "sent in order when PostgreSQL is back, and what comes twice changes nothing",
	    format_bytes(n, c->snap->staging_bytes));
	return true;
}

static bool postgres_cluster(const struct view_ctx *c, char *out, size_t size)
{
	snprintf(
	    out, size, "chunks and units that this node holds are used up, then shared jobs wait");
	return c->snap->cluster.on;
}

static const struct store_row postgres_rows[] = {
    {"work", NULL, postgres_work},
    {"waiting", NULL, postgres_waiting},
    {"safe", NULL, postgres_safe},
    {"cluster", NULL, postgres_cluster},
    {"not now", "what others read in PostgreSQL is as old as the last good contact", NULL},
    {NULL, NULL, NULL},
};

/* ---- Redis ---- */

static void redis_state(const struct snapshot *s, struct store_state *out)
{
	*out = (struct store_state){.trouble = s->redis_trouble,
	    .place = s->redis_place,
	    .since = s->facts.redis_since,
	    .retry_at = s->facts.redis_retry_at,
	    .tries = s->facts.redis_tries,
	    .last_ok = s->facts.redis_last_ok,
	    .configured = s->redis_configured};
}

static const struct store_row redis_rows[] = {
    {"still works",
        "all jobs, those that nodes share too: chunks are claimed in PostgreSQL, and units are "
        "granted there",
        NULL},
    {"slower",
        "handing out work: a node that lacks some is not told of new chunks, it asks PostgreSQL "
        "every 7 s at the latest",
        NULL},
    {"missing", "nothing: how other nodes are is told through PostgreSQL", NULL},
    {"risk",
        "none: Redis holds no record, only hints. Each node keeps its own pace towards YouTube "
        "with it and without it",
        NULL},
    {NULL, NULL, NULL},
};

static const struct store_kind store_kinds[] = {
    {"PostgreSQL", "No PostgreSQL is named (DATABASE_URL): results stay in staging.",
        postgres_state, postgres_rows},
    {"Redis", "No Redis is asked: only nodes of a cluster (CLUSTER=1) use one (REDIS_URL).",
        redis_state, redis_rows},
};

static const struct store_kind *store_kind_of(const char *name)
{
	for (size_t i = 0; i < sizeof store_kinds / sizeof store_kinds[0]; i++)
		if (strcasecmp(store_kinds[i].name, name) == 0)
			return &store_kinds[i];
	return NULL;
}

/* ---- drawing ---- */

/* Since when and until when, in two columns where there is room. */
static int store_draw_times(
    const struct view_ctx *c, const struct store_state *x, const struct pane *p, int y)
{
	char a[FORMAT_SIZE], b[FORMAT_SIZE], text[4][96];
	const char *labels[] = {"down since", "next try", "last good", "tries"};
	int half = p->at.w >= 76 ? 44 : 32;
	bool two = p->at.w >= half + 26;

	snprintf(text[0], sizeof text[0], "%s  (%s)", format_clock(a, x->since),
	    format_duration(b, c->now - x->since));
	if (x->retry_at > c->now)
		snprintf(
		    text[1], sizeof text[1], "in %s", format_duration(a, x->retry_at - c->now));
	else
		snprintf(text[1], sizeof text[1], "now");
	snprintf(text[2], sizeof text[2], "%s",
	    x->last_ok ? format_clock(a, x->last_ok) : "not since the start");
	snprintf(text[3], sizeof text[3], "%lld", (long long)x->tries);
	for (int i = 0; i < 4; i++) {
		int at = two && i % 2 ? half : 3;
		draw_text(p, y, at, 12, ALIGN_LEFT, ROLE_OFF, labels[i]);
		draw_text(p, y, at + STORE_LABEL - 2,
		    (two && at < half ? half : p->at.w) - at - STORE_LABEL + 2, ALIGN_LEFT,
		    ROLE_NORMAL, text[i]);
		y += !two || i % 2;
	}
	return y;
}

static void store_draw_away(const struct view_ctx *c, const struct store_kind *k,
    const struct store_state *x, const struct pane *p)
{
	int gap = c->layout->profile != PROFILE_SHORT, y = gap;
	char text[STORE_TEXT];

	snprintf(text, sizeof text, "%s does not answer%s%s: %s", k->name, *x->place ? " at " : "",
	    x->place, x->trouble);
	y = view_draw_words(p, y, 1, 2, text) + gap;
	y = store_draw_times(c, x, p, y) + gap;
	for (const struct store_row *r = k->rows; r->label; r++) {
		const char *words = r->text;
		if (r->fn && r->fn(c, text, sizeof text))
			words = text;
		if (!words)
			continue;
		draw_text(p, y, 3, STORE_LABEL - 3, ALIGN_LEFT, ROLE_OFF, r->label);
		y = view_draw_words(p, y, STORE_LABEL + 1, STORE_LINES, words);
	}
}

static void store_draw(const struct view_ctx *c, struct view_state *st, const struct pane *p)
{
	const struct store_kind *k = store_kind_of(st->target);
	struct store_state x;
	char text[STORE_TEXT], n[FORMAT_SIZE];

	if (!k) {
		view_draw_words(p, 1, 1, 2, ":store postgresql  and  :store redis  are there");
		return;
	}
	k->state(c->snap, &x);
	if (x.configured && x.since) {
		store_draw_away(c, k, &x, p);
		return;
	}
	if (x.configured && x.last_ok)
		snprintf(text, sizeof text, "%s answers%s%s; the last time at %s.", k->name,
		    *x.place ? " at " : "", x.place, format_clock(n, x.last_ok));
	else
		snprintf(text, sizeof text, "%s was not asked for anything yet.", k->name);
	view_draw_words(p, 1, 1, 2, x.configured ? text : k->none);
}

/* R: it is tried now, not when its wait is over. */
static bool store_takes(const struct view_ctx *c, struct view_state *st, enum key_cmd cmd)
{
	const struct store_kind *k = store_kind_of(st->target);
	struct store_state x;

	if (cmd != KEY_CMD_AGAIN || !k)
		return false;
	k->state(c->snap, &x);
	if (!x.configured || !x.since)
		return false;
	st->wish = (struct view_wish){.kind = WISH_ACTION, .action = ACTION_SYNC};
	return true;
}

const struct view_ops view_store = {
    .name = "store",
    .on = ON_DASH, /* what can be done anywhere */
    .draw = store_draw,
    .takes = store_takes,
    .hints = "R try now  7 log  Esc back  ? help",
};
