/* The Discovery view as a resource, from sums that are kept while discovery works. */
#include "config.h"
#include "db/staging_numbers.h"
#include "engine/engine_parts.h"
#include "engine/base/clock.h"
#include "engine/discovery/method.h"
#include "engine/discovery/providers.h"

#include <stdlib.h>
#include <string.h>

enum { LOOK_HOURS = 7 * 24, LOOK_FUNNEL_HOURS = 24, LOOK_CONFIDENCES = 11 };

/* Sums as objects in objects: dots in names become levels, as in the results of jobs. */
struct finds {
	json_t *all; /* {"youtube_featured": {"new": 12, …}, "external": {"NAME": …}} */
	json_t *day; /* the same of the last 24 hours */
	int64_t now_hour;
	int64_t hours[LOOK_HOURS]; /* new channels; [0] is the running hour */
};

static bool finds_add(json_t *to, const char *name, int64_t value)
{
	const char *dot;

	while ((dot = strchr(name, '.'))) {
		json_t *next = json_object_getn(to, name, (size_t)(dot - name));
		if (!json_is_object(next)) {
			next = json_object();
			if (json_object_setn_new(to, name, (size_t)(dot - name), next))
				return false;
		}
		to = next;
		name = dot + 1;
	}
	value += json_integer_value(json_object_get(to, name));
	return json_object_set_new(to, name, json_integer(value)) == 0;
}

static bool finds_is_new(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && strcmp(dot, ".new") == 0;
}

static enum err finds_row(
    void *arg, int64_t hour, const char *name, int64_t value, struct errbuf *eb)
{
	struct finds *f = arg;
	int64_t ago = f->now_hour - hour;
	bool ok = true;

	if (!hour)
		ok = finds_add(f->all, name, value);
	else if (ago >= 0 && ago < LOOK_FUNNEL_HOURS)
		ok = finds_add(f->day, name, value);
	if (hour && ago >= 0 && ago < LOOK_HOURS && finds_is_new(name))
		f->hours[ago] += value;
	return ok ? ERR_OK : err_set(eb, ERR_NOMEM, "out of memory");
}

static int64_t finds_number(const json_t *of, const char *method, const char *what)
{
	return json_integer_value(json_object_get(json_object_get(of, method), what));
}

/* ---- methods ---- */

/* Why a method cannot go on now: its bucket is empty, or the API is left alone. */
static const char *finds_state(
    struct engine *e, const struct snapshot *s, const struct discovery_method *m, int64_t *until)
{
	const char *state = "ok";

	*until = 0;
	if (strcmp(m->name, "external") == 0)
		state = providers_count(e->parts.providers) ? "ok" : "off";
	else if (m->units > 0 && ledger_left(e->parts.ledger, m->bucket) <= 0) {
		state = "empty";
		*until = s->reset_at;
	}
	for (size_t i = 0; i < s->n_services && m->units > 0; i++)
		if (strcmp(s->services[i].group, "youtube") == 0 && s->services[i].since) {
			state = s->services[i].breaker;
			*until = s->services[i].until;
		}
	return state;
}

/* How many of one for each of the other; null where nothing was spent or found. */
static void finds_ratio(json_t *out, const char *name, double of, double by)
{
	json_object_set_new(out, name, by > 0 ? json_real(of / by) : json_null());
}

static json_t *finds_method(struct engine *e, const struct snapshot *s,
    const struct discovery_method *m, const struct finds *f)
{
	static const char *const numbers[] = {
	    "sources", "units", "found", "known", "new", "confirmed", "missing", "unconfirmed"};
	int64_t fresh = finds_number(f->all, m->name, "new");
	int64_t units = finds_number(f->all, m->name, "units"), until;
	json_t *out = json_pack("{s:s,s:s,s:s,s:s,s:f,s:f,s:b}", "method", m->name, "service",
	    m->service ? m->service : "", "help", m->help, "bucket", bucket_word(m->bucket),
	    "units_per_source", m->units, "confidence", m->confidence, "is_default", m->is_default);

	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		json_object_set_new(
		    out, numbers[i], json_integer(finds_number(f->all, m->name, numbers[i])));
	/* every call of a method costs one unit of its bucket */
	json_object_set_new(out, "calls", json_integer(units));
	finds_ratio(
	    out, "new_per_source", (double)fresh, (double)finds_number(f->all, m->name, "sources"));
	finds_ratio(out, "new_per_100_units", (double)fresh * 100, (double)units);
	finds_ratio(out, "units_per_new", (double)units, (double)fresh);
	json_object_set_new(out, "state", json_string(finds_state(e, s, m, &until)));
	json_object_set_new(out, "until", json_integer(until));
	return out;
}

static json_t *finds_methods(struct engine *e, const struct snapshot *s, const struct finds *f)
{
	json_t *list = json_array();

	for (const struct discovery_method *const *m = discovery_methods(); *m; m++)
		json_array_append_new(list, finds_method(e, s, *m, f));
	return list;
}

/* ---- external services ---- */

static json_t *finds_providers(struct engine *e, const struct snapshot *s, const struct finds *f)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->n_services; i++) {
		const struct snapshot_service *v = &s->services[i];
		const json_t *sums = json_object_get(json_object_get(f->all, "external"), v->name);
		json_t *j;
		if (strcmp(v->group, "service") != 0)
			continue;
		j = json_pack("{s:s,s:s,s:s,s:I,s:I,s:I,s:I,s:f,s:O*}", "name", v->name, "breaker",
		    v->breaker, "trouble", v->trouble, "since", (json_int_t)v->since, "until",
		    (json_int_t)v->until, "hour_calls", (json_int_t)v->hour_calls, "hour_errors",
		    (json_int_t)v->hour_errors, "p95_ms", (double)v->p95_us / 1000, "outcomes",
		    sums);
		for (int p = 0; p < providers_count(e->parts.providers); p++)
			if (strcmp(providers_at(e->parts.providers, p)->name, v->name) == 0)
				json_object_set_new(j, "confidence",
				    json_real(providers_at(e->parts.providers, p)->confidence));
		json_array_append_new(list, j);
	}
	return list;
}

/* ---- all of it ---- */

/* What all methods of a day came to. */
static json_t *finds_funnel(const struct finds *f)
{
	static const char *const steps[] = {
	    "sources", "found", "known", "new", "confirmed", "missing", "unconfirmed"};
	json_t *out = json_object();

	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		int64_t sum = 0;
		for (const struct discovery_method *const *m = discovery_methods(); *m; m++)
			sum += finds_number(f->day, (*m)->name, steps[i]);
		json_object_set_new(out, steps[i], json_integer(sum));
	}
	return out;
}

static json_t *finds_hours(const struct finds *f)
{
	json_t *list = json_array();

	for (int i = 0; i < LOOK_HOURS; i++)
		json_array_append_new(list, json_integer(f->hours[i]));
	return list;
}

/* Links by tenths of confidence: [10] is certain. */
static json_t *finds_confidences(const struct finds *f)
{
	json_t *list = json_array();
	char name[16];

	for (int i = 0; i < LOOK_CONFIDENCES; i++) {
		snprintf(name, sizeof name, "%d", i);
		json_array_append_new(list, json_integer(finds_number(f->all, "confidence", name)));
	}
	return list;
}

/* The one that brings most new channels for its units, of those that can go on. */
static const struct discovery_method *finds_best(
    struct engine *e, const struct snapshot *s, const struct finds *f, double *per_100)
{
	const struct discovery_method *best = NULL;

	*per_100 = 0;
	for (const struct discovery_method *const *m = discovery_methods(); *m; m++) {
		int64_t units = finds_number(f->all, (*m)->name, "units");
		double got = units > 0 ? 100.0 * (double)finds_number(f->all, (*m)->name, "new") /
		                             (double)units
		                       : 0;
		int64_t until;
		if (got <= *per_100 || strcmp(finds_state(e, s, *m, &until), "ok") != 0)
			continue;
		*per_100 = got;
		best = *m;
	}
	return best;
}

static json_t *finds_object(struct engine *e, const struct snapshot *s, const struct finds *f)
{
	const int64_t *items = s->items[SNAPSHOT_DISCOVERY];
	double per_100;
	const struct discovery_method *best = finds_best(e, s, f, &per_100);

	return json_pack("{s:s,s:f,s:o,s:o,s:o,s:o,s:o,s:I,s:I,s:I}", "best",
	    best ? best->name : "", "best_new_per_100_units", per_100, "methods",
	    finds_methods(e, s, f), "providers", finds_providers(e, s, f), "funnel_24h",
	    finds_funnel(f), "new_per_hour", finds_hours(f), "confidence", finds_confidences(f),
	    "sources_done", (json_int_t)items[SNAPSHOT_DONE], "sources_left",
	    (json_int_t)(items[SNAPSHOT_PENDING] + items[SNAPSHOT_ABSENT]), "sources_failed",
	    (json_int_t)items[SNAPSHOT_FAILED]);
}

char *engine_discovery_json(struct engine *e, struct errbuf *eb)
{
	const struct snapshot *s = engine_snapshot(e);
	struct finds f = {
	    .all = json_object(), .day = json_object(), .now_hour = clock_now() / 3600};
	enum err err = s && f.all && f.day ? ERR_OK : err_set(eb, ERR_NOMEM, "out of memory");
	char *text = NULL;

	if (!err) {
		pthread_mutex_lock(&e->look);
		err = staging_numbers_each(e->reader, 0, finds_row, &f, eb);
		if (!err)
			err = staging_numbers_each(
			    e->reader, f.now_hour - LOOK_HOURS, finds_row, &f, eb);
		pthread_mutex_unlock(&e->look);
	}
	if (!err)
		text = engine_json_text(finds_object(e, s, &f), eb);
	json_decref(f.all);
	json_decref(f.day);
	snapshot_unref(s);
	return text;
}
