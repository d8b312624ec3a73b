/*
 * What if, in the demo: the shares give way as the engine's do, and a finish moves with its stage's
 * share. There is no forecast here: made-up data has no work to walk through.
 */
#include "config.h"
#include "tui/demo/demo.h"
#include "engine/base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PLAN_NAME = 16 };

/* The change of "?videos=31"; false: none. */
static bool plan_change(const char *rest, char name[PLAN_NAME], int *share)
{
	const char *equals = strchr(rest, '=');
	int64_t n;

	if (*rest != '?' || !equals || str_to_i64(equals + 1, 0, 100, &n) ||
	    equals - rest > PLAN_NAME)
		return false;
	snprintf(name, PLAN_NAME, "%.*s", (int)(equals - rest - 1), rest + 1);
	*share = (int)n;
	return true;
}

static void add_time(struct str *out, const char *name, int64_t at)
{
	char iso[CLOCK_ISO_SIZE];

	if (at > 0)
		str_addf(out, "\"%s\":\"%s\",", name, clock_iso(at, iso));
	else
		str_addf(out, "\"%s\":null,", name);
}

static void add_stage(struct str *out, const struct snapshot *s, const struct snapshot_stage *g,
    int share, bool first)
{
	int64_t left =
	    g->finish > s->made_at && share > 0 ? (g->finish - s->made_at) * g->share / share : 0;

	str_addf(out, "%s{\"name\":\"%s\",\"share\":%d,\"units_per_day\":%d,", first ? "" : ",",
	    g->name, share, 900 * share);
	add_time(out, "finish", left ? s->made_at + left : 0);
	str_addf(out, "\"limited_by\":\"%s\"}", left ? "quota" : "never");
}

static void add_stages(const struct snapshot *s, const char *changed, int share, struct str *out)
{
	int taken = 0, others = 0;
	bool first = true;

	for (size_t i = 0; i < s->n_stages; i++) {
		bool other = !changed || strcmp(s->stages[i].name, changed) != 0;
		others += other ? s->stages[i].share : 0;
		taken += other ? 0 : share;
	}
	for (size_t i = 0; i < s->n_stages; i++) {
		const struct snapshot_stage *g = &s->stages[i];
		int part = changed && others > 0 ? g->share * (100 - taken) / others : g->share;
		if (changed && strcmp(g->name, changed) == 0)
			part = share;
		if (!g->is_planned)
			continue;
		add_stage(out, s, g, part, first);
		first = false;
	}
}

struct demo_if_row {
	int64_t least, channels, units, seconds;
};

static const struct demo_if_row demo_if[] = {
    {1000000, 5210, 7919, 15780},
    {100000, 61840, 93997, 319680},
    {10000, 402700, 612104, 1969920},
    {1000, 1510000, 2295200, 7352640},
    {0, 5164000, 7849280, 25142400},
};

int demo_what_if(const struct snapshot *s, const char *rest, struct str *out)
{
	int share = 0;
	char name[PLAN_NAME];
	const char *changed = plan_change(rest, name, &share) ? name : NULL;

	str_adds(out, "{\"lend\":true,\"pace\":\"fast\",\"stages\":[");
	add_stages(s, changed, share, out);
	str_adds(out, "],\"videos\":[");
	for (size_t i = 0; i < sizeof demo_if / sizeof demo_if[0]; i++) {
		str_addf(out, "%s{\"min_subscribers\":%lld,\"channels\":%lld,\"units\":%lld,",
		    i ? "," : "", (long long)demo_if[i].least, (long long)demo_if[i].channels,
		    (long long)demo_if[i].units);
		add_time(out, "finish", s->made_at + demo_if[i].seconds);
		str_adds(out, "\"limited_by\":\"quota\"}");
	}
	str_adds(out, "]}");
	return 200;
}
