/* What a job would cost: units and days, with today's keys. Nothing is started. */
#include "config.h"
#include "engine/engine_parts.h"
#include "engine/base/clock.h"
#include "engine/quota/day.h"
#include "engine/quota/forecast.h"

#include <stdio.h>
#include <stdlib.h>

enum { PRICE_CALLS_PER_WORKER_H = 36000 }; /* at 100 ms a call */

struct price {
	const struct job_type *type;
	json_t *params;
	int64_t items;
	struct job_price cost;
	int64_t end; /* UTC seconds; 0: never */
	int64_t days;
	const char *limit;
	json_t *buckets;
};

static int64_t price_param(const json_t *params, const char *name)
{
	const json_t *v = json_object_get(params, name);

	return json_is_integer(v) ? json_integer_value(v) : -1;
}

/* How many items are due, and what they cost. The look lock is held. */
static enum err price_count_locked(struct engine *e, struct price *p, struct errbuf *eb)
{
	struct feed_ask ask = {0};
	int64_t limit = price_param(p->params, "limit");
	enum err err;

	if (p->type->run)
		return ERR_OK;
	if (p->type->ask)
		p->type->ask(&e->parts, p->params, clock_now_ms(), &ask);
	ask.today = day_number(clock_now());
	err = staging_feed_count(e->reader, p->type->feed, &ask, &p->items, eb);
	if (err)
		return err;
	p->items = limit >= 0 && limit < p->items ? limit : p->items;
	if (p->type->price)
		return p->type->price(e->reader, &e->parts, p->params, &p->items, &p->cost, eb);
	p->cost.units[p->type->bucket] = (double)((p->items + CHUNK_IDS - 1) / CHUNK_IDS);
	return ERR_OK;
}

static double price_least(double a, int64_t b)
{
	return b >= 0 && (double)b < a ? (double)b : a;
}

/* When this bucket's part would be done; the slowest one decides. */
static void price_bucket(struct engine *e, struct price *p, enum bucket b)
{
	int64_t day_limit = price_param(p->params, "units_per_day");
	int64_t workers = settings_number(e->parts.settings, SET_WORKERS, 0);
	struct forecast_in in = {.now = clock_now(),
	    .units = p->cost.units[b],
	    .units_per_h = (double)(workers * PRICE_CALLS_PER_WORKER_H)};
	struct forecast_out out;
	json_t *row;

	in.units = price_least(in.units, price_param(p->params, "units"));
	in.left_today = price_least((double)ledger_left(e->parts.ledger, b), day_limit);
	in.per_day = price_least((double)ledger_per_day(e->parts.ledger, b), day_limit);
	if (in.units <= 0)
		return;
	out = forecast_run(&in);
	row = json_pack("{s:I,s:I,s:I}", "units", (json_int_t)(in.units + 0.5), "left_today",
	    (json_int_t)in.left_today, "per_day", (json_int_t)in.per_day);
	json_object_set_new(p->buckets, bucket_word(b), row);
	if (out.limit == FORECAST_NEVER)
		p->limit = "never: there is no quota";
	if (out.limit == FORECAST_NEVER || (p->end && out.end > p->end)) {
		p->end = out.limit == FORECAST_NEVER ? 0 : out.end;
		p->days = out.resets;
	}
}

static json_t *price_report(const struct price *p)
{
	char iso[CLOCK_ISO_SIZE];
	json_t *j = json_pack("{s:s,s:o,s:O}", "type", p->type->info.name, "items",
	    p->type->run ? json_null() : json_integer(p->items), "buckets", p->buckets);

	if (p->limit)
		json_object_set_new(j, "ends_at", json_null());
	else
		json_object_set_new(j, "ends_at", json_string(clock_iso(p->end, iso)));
	json_object_set_new(j, "waits_for_midnights", json_integer(p->days));
	json_object_set_new(j, "note",
	    json_string(p->type->run ? "costs no quota; what it would do is not counted beforehand"
	                : p->limit   ? "never ends with the keys there are: add one"
	                : p->days    ? "goes on by itself when a new quota day begins"
	                             : "fits into what is left today"));
	return j;
}

char *engine_price_json(
    struct engine *e, const char *type, const char *params_json, struct errbuf *eb)
{
	struct price p = {.buckets = json_object(), .end = clock_now()};
	json_t *given = params_json ? json_loads(params_json, JSON_REJECT_DUPLICATES, NULL) : NULL;
	char *text = NULL;
	json_t *j = NULL;
	enum err err;

	if (params_json && !given)
		err = err_set(eb, ERR_INVALID, "the parameters are no JSON object");
	else if (!(p.type = job_type_meant(type, given, eb)))
		err = ERR_INVALID;
	else
		err = job_params_check(p.type, given, &p.params, eb);
	pthread_mutex_lock(&e->look);
	if (!err)
		err = price_count_locked(e, &p, eb);
	pthread_mutex_unlock(&e->look);
	for (int b = 0; b < BUCKET_COUNT && !err; b++)
		price_bucket(e, &p, (enum bucket)b);
	if (!err)
		j = price_report(&p);
	text = j ? json_dumps(j, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENSURE_ASCII) : NULL;
	if (!err && !text)
		err_set(eb, ERR_NOMEM, "out of memory");
	json_decref(j);
	json_decref(given);
	json_decref(p.params);
	json_decref(p.buckets);
	return text;
}
