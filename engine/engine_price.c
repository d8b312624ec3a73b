/* What a job would cost: units and days with today's keys and plan, whom it delays, and what would be
 * cheaper. Nothing is started. */
#include "config.h"
#include "engine/engine_look_plan.h"
#include "db/staging_sums.h"
#include "engine/base/clock.h"
#include "engine/quota/day.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Up to so many channels are counted, not estimated. */
enum { PRICE_EXACT = 200000, PRICE_DELAY_S = 60 };

struct price {
	const struct snapshot *s;
	struct staging *reader;
	const struct job_type *type;
	json_t *params;
	bool estimated; /* items are */
	int64_t due;    /* channels, whatever its budget of units pays */
	int64_t items;  /* of them: those that it pays */
	struct job_price cost;
	/* of the bucket that decides, the slowest one */
	struct forecast_out out;
	enum bucket bucket;
	double ahead; /* units of open jobs that go first */
};

static int64_t price_param(const json_t *params, const char *name)
{
	const json_t *v = json_object_get(params, name);

	return json_is_integer(v) ? json_integer_value(v) : -1;
}

/* ---- how much ---- */

/* What there is no time to count, from sums: false when it must be counted. */
static bool price_estimate(struct price *p, const struct feed_ask *ask, struct errbuf *eb)
{
	const struct snapshot_stage *discovery = look_plan_stage(p->s, STAGE_DISCOVERY);
	int64_t day;

	if (p->s->channels <= PRICE_EXACT)
		return false;
	switch (p->type->feed) {
	case FEED_METADATA:
		p->items = p->s->items[SNAPSHOT_METADATA][SNAPSHOT_PENDING] +
		           p->s->items[SNAPSHOT_METADATA][SNAPSHOT_ABSENT];
		return true;
	case FEED_VIDEOS:
		p->items = look_plan_due_videos(p->s, ask->bound);
		return true;
	case FEED_DISCOVERY:
		p->items = discovery->target - discovery->done;
		return true;
	case FEED_REFRESH:
		return staging_sums_fetched(p->reader, ask->bound, &p->items, &day, eb) == ERR_OK;
	default:
		return false;
	}
}

/* A job that may spend so many units and no more does as many items as they pay. */
static void price_within(struct price *p)
{
	int64_t units = price_param(p->params, "units");
	double total = 0, part;

	p->due = p->items;
	for (int b = 0; b < BUCKET_COUNT; b++)
		total += p->cost.units[b];
	if (units < 0 || total <= (double)units)
		return;
	if (!p->type->price) { /* a unit is a call for 50 */
		p->items = p->items < units * CHUNK_IDS ? p->items : units * CHUNK_IDS;
	} else {
		p->items = (int64_t)((double)p->items * (double)units / total);
		p->estimated = true;
	}
	part = p->items ? (double)units / total : 0;
	for (int b = 0; b < BUCKET_COUNT; b++)
		p->cost.units[b] *= part;
}

/* How many items are due, and what they cost. */
static enum err price_count(struct engine *e, struct price *p, struct errbuf *eb)
{
	struct feed_ask ask = {0};
	int64_t limit = price_param(p->params, "limit");
	enum err err = ERR_OK;

	if (p->type->run)
		return ERR_OK;
	if (p->type->ask)
		p->type->ask(&e->parts, p->params, clock_now_ms(), &ask);
	ask.today = day_number(clock_now());
	p->estimated = price_estimate(p, &ask, eb);
	if (!p->estimated)
		err = staging_feed_count(p->reader, p->type->feed, &ask, &p->items, eb);
	if (err)
		return err;
	p->items = limit >= 0 && limit < p->items ? limit : p->items;
	if (p->type->price)
		err = p->type->price(p->reader, &e->parts, p->params, &p->items, &p->cost, eb);
	else
		p->cost.units[p->type->bucket] = (double)((p->items + CHUNK_IDS - 1) / CHUNK_IDS);
	price_within(p);
	return err;
}

static double price_least(double a, int64_t b)
{
	return b >= 0 && (double)b < a ? (double)b : a;
}

static double price_units(const struct price *p, enum bucket b)
{
	return p->cost.units[b];
}

/* ---- until when ---- */

static bool price_is_planned(const struct price *p, enum bucket b)
{
	return b == BUCKET_UNITS && p->type->stage != STAGE_NONE;
}

/* The job as work of its stage. */
static struct forecast_work price_work(const struct price *p)
{
	int64_t a_day = price_param(p->params, "units_per_day");

	return (struct forecast_work){.stage = p->type->stage,
	    .units = price_units(p, BUCKET_UNITS),
	    .units_per_h = look_plan_stage(p->s, p->type->stage)->units_per_h,
	    .has_budget = a_day >= 0,
	    .budget_left = (double)a_day,
	    .budget_per_day = (double)a_day};
}

static struct forecast_out price_by_plan(struct price *p)
{
	struct forecast_work work = price_work(p);
	struct forecast_plan in;
	struct plan plan;

	look_plan_of(p->s, &plan, &in);
	return look_plan_extra(p->s, &plan, &work, &p->ahead);
}

/* Of a bucket that the plan does not divide. */
static struct forecast_out price_by_bucket(struct engine *e, const struct price *p, enum bucket b)
{
	int64_t a_day = price_param(p->params, "units_per_day");
	struct forecast_in in = {.now = p->s->made_at,
	    .units = price_units(p, b),
	    .units_per_h = look_plan_stage(p->s, STAGE_METADATA)->units_per_h};

	in.left_today = price_least((double)ledger_left(e->parts.ledger, b), a_day);
	in.per_day = price_least((double)ledger_per_day(e->parts.ledger, b), a_day);
	return forecast_run(&in);
}

static bool price_is_later(const struct forecast_out *a, const struct forecast_out *b)
{
	if (b->limit == FORECAST_NEVER)
		return false;
	return a->limit == FORECAST_NEVER || a->end > b->end;
}

static void price_finish(struct engine *e, struct price *p)
{
	p->out = (struct forecast_out){.end = p->s->made_at};
	for (int i = 0; i < BUCKET_COUNT; i++) {
		enum bucket b = (enum bucket)i;
		struct forecast_out out;
		if (price_units(p, b) <= 0)
			continue;
		out = price_is_planned(p, b) ? price_by_plan(p) : price_by_bucket(e, p, b);
		if (!price_is_later(&out, &p->out))
			continue;
		p->out = out;
		p->bucket = b;
	}
}

static enum err price_fill(struct engine *e, struct price *p, struct errbuf *eb)
{
	enum err err = price_count(e, p, eb);

	if (!err)
		price_finish(e, p);
	return err;
}

/* ---- the report ---- */

static json_t *price_time(const struct forecast_out *out)
{
	char iso[CLOCK_ISO_SIZE];

	return out->limit == FORECAST_NEVER ? json_null() : json_string(clock_iso(out->end, iso));
}

static json_t *price_days(const struct price *p)
{
	double days = (double)(p->out.end - p->s->made_at) / 86400;

	return p->out.limit == FORECAST_NEVER ? json_null() : json_real(round(days * 10) / 10);
}

static json_t *price_buckets(struct engine *e, const struct price *p)
{
	int64_t a_day = price_param(p->params, "units_per_day");
	json_t *all = json_object();

	for (int i = 0; i < BUCKET_COUNT; i++) {
		enum bucket b = (enum bucket)i;
		double left = price_least((double)ledger_left(e->parts.ledger, b), a_day);
		double day = price_least((double)ledger_per_day(e->parts.ledger, b), a_day);
		if (price_units(p, b) > 0)
			json_object_set_new(all, bucket_word(b),
			    json_pack("{s:I,s:I,s:I}", "units",
			        (json_int_t)(price_units(p, b) + 0.5), "left_today",
			        (json_int_t)left, "per_day", (json_int_t)day));
	}
	return all;
}

/* The share of its stage, and what goes first. */
static json_t *price_share(const struct price *p)
{
	const struct snapshot_stage *g;

	if (p->type->stage == STAGE_NONE)
		return json_null();
	g = look_plan_stage(p->s, p->type->stage);
	return json_pack("{s:s,s:i,s:I,s:I,s:I,s:I}", "stage", g->name, "percent", g->share,
	    "units_per_day", (json_int_t)g->units_per_day, "left_today", (json_int_t)g->left_today,
	    "lent", (json_int_t)g->lent, "units_ahead", (json_int_t)(p->ahead + 0.5));
}

/* Stages at work that will be done later because of it. */
static json_t *price_delays(const struct price *p)
{
	struct forecast_out before[STAGE_COUNT], after[STAGE_COUNT];
	struct forecast_plan in;
	struct forecast_work work;
	json_t *list = json_array();
	struct plan plan;

	if (p->type->stage == STAGE_NONE || price_units(p, BUCKET_UNITS) <= 0)
		return list;
	work = price_work(p);
	look_plan_of(p->s, &plan, &in);
	look_plan_finish(p->s, &plan, NULL, before);
	look_plan_finish(p->s, &plan, &work, after);
	for (int i = 0; i < STAGE_COUNT; i++) {
		const struct snapshot_stage *g = look_plan_stage(p->s, (enum stage)i);
		if (i == (int)p->type->stage || !g->has_work || before[i].limit == FORECAST_NEVER)
			continue;
		if (after[i].limit == FORECAST_NEVER ||
		    after[i].end > before[i].end + PRICE_DELAY_S)
			json_array_append_new(
			    list, json_pack("{s:s,s:o,s:o}", "stage", g->name, "before",
			              price_time(&before[i]), "after", price_time(&after[i])));
	}
	return list;
}

static const char *price_note(const struct price *p)
{
	return p->type->run                     ? "costs no quota; what it would do is not counted "
	                                          "beforehand"
	       : p->due && !p->items            ? "its units do not suffice for one channel"
	       : p->out.limit == FORECAST_NEVER ? "never ends with the keys there are: add one"
	       : p->out.resets                  ? "goes on by itself when a new quota day begins"
	                                        : "fits into what is left today";
}

static json_t *price_offer(const struct price *p, const struct price *less, struct job_offer *o)
{
	char loses[160];

	snprintf(loses, sizeof loses, "%s", o->loses);
	if (less->items < p->items)
		snprintf(loses, sizeof loses, "%lld channels%s%s",
		    (long long)(p->items - less->items), o->loses[0] ? ", " : "", o->loses);
	return json_pack("{s:s,s:O,s:I,s:I,s:o,s:o,s:s}", "text", o->text, "params", o->patch,
	    "items", (json_int_t)less->items, "units",
	    (json_int_t)(price_units(less, p->bucket) + 0.5), "days", price_days(less), "ends_at",
	    price_time(&less->out), "loses", loses);
}

/* Another way with its price; NULL when it is none, or no cheaper. */
static json_t *price_try(struct engine *e, const struct price *p, struct job_offer *o)
{
	struct price less = {.s = p->s, .reader = p->reader, .type = p->type};
	json_t *given = json_deep_copy(p->params), *j = NULL;

	if (given && json_object_update(given, o->patch) == 0 &&
	    job_params_check(p->type, given, &less.params, NULL) == ERR_OK &&
	    price_fill(e, &less, NULL) == ERR_OK && less.items > 0 &&
	    price_units(&less, p->bucket) < price_units(p, p->bucket))
		j = price_offer(p, &less, o);
	json_decref(given);
	json_decref(less.params);
	return j;
}

static json_t *price_cheaper(struct engine *e, const struct price *p)
{
	struct job_offer offers[JOB_OFFERS];
	int n = p->type->offers && p->items > 0 ? p->type->offers(&e->parts, p->params, offers) : 0;
	json_t *list = json_array();

	for (int i = 0; i < n; i++) {
		json_t *j = price_try(e, p, &offers[i]);
		if (j)
			json_array_append_new(list, j);
		json_decref(offers[i].patch);
	}
	return list;
}

static json_t *price_report(struct engine *e, const struct price *p)
{
	bool none = p->type->run;
	json_t *j = json_pack("{s:s,s:o,s:o,s:o,s:o,s:I,s:s}", "type", p->type->info.name, "items",
	    none ? json_null() : json_integer(p->items), "items_due",
	    none ? json_null() : json_integer(p->due), "buckets", price_buckets(e, p), "ends_at",
	    price_time(&p->out), "waits_for_midnights", (json_int_t)p->out.resets, "note",
	    price_note(p));
	json_t *more =
	    json_pack("{s:b,s:I,s:s,s:o,s:s,s:o,s:o,s:o}", "estimated", p->estimated, "units",
	        (json_int_t)(price_units(p, p->bucket) + 0.5), "bucket", bucket_word(p->bucket),
	        "days", price_days(p), "limited_by", forecast_limit_word(p->out.limit), "share",
	        price_share(p), "delays", price_delays(p), "cheaper", price_cheaper(e, p));

	if (!j || !more || json_object_update(j, more)) {
		json_decref(j);
		j = NULL;
	}
	json_decref(more);
	return j;
}

static enum err price_begin(
    struct engine *e, const char *type, json_t *given, struct price *p, struct errbuf *eb)
{
	enum err err;

	p->type = job_type_meant(type, given, eb);
	if (!p->type)
		return ERR_INVALID;
	err = job_params_check(p->type, given, &p->params, eb);
	if (err)
		return err;
	p->s = engine_snapshot(e);
	return p->s ? ERR_OK : err_set(eb, ERR_NOMEM, "out of memory");
}

/* What it would read, as far as the caller may name it; what is wrong with that is no error of ours. */
static json_t *price_preview(
    struct engine *e, const struct price *p, const char *by, const struct staging_limit *limit)
{
	struct errbuf eb = {.code = ERR_OK};
	struct secret *secret = NULL;
	json_t *admitted = NULL, *out = NULL;
	enum err err;

	if (!p->type->preview || !by)
		return json_null();
	err = job_params_admit(p->type, e->parts.settings, by, p->params, &admitted, &secret, &eb);
	if (!err)
		err = p->type->preview(p->reader, admitted, limit, &out, &eb);
	secret_free(secret);
	json_decref(admitted);
	if (!err)
		return out ? out : json_null();
	return json_pack("{s:s}", "error", err_text(&eb));
}

char *engine_price_json(struct engine *e, const char *type, const char *params_json, const char *by,
    const struct staging_limit *limit, struct errbuf *eb)
{
	json_t *given = params_json ? json_loads(params_json, JSON_REJECT_DUPLICATES, NULL) : NULL;
	struct price p = {.bucket = BUCKET_UNITS};
	char *text = NULL;
	json_t *j = NULL;
	enum err err;

	if (params_json && !given)
		err = err_set(eb, ERR_INVALID, "the parameters are no JSON object");
	else
		err = price_begin(e, type, given, &p, eb);
	if (!err)
		err = engine_reader_take(e, limit, &p.reader, eb);
	if (!err)
		err = price_fill(e, &p, eb);
	if (err == ERR_CANCELLED && staging_limit_check(p.reader, eb) == ERR_TIMEOUT)
		err = ERR_TIMEOUT;
	if (!err)
		j = price_report(e, &p);
	if (j)
		json_object_set_new(j, "preview", price_preview(e, &p, by, limit));
	engine_reader_give(e, p.reader);
	text = j ? json_dumps(j,
	               JSON_COMPACT | JSON_SORT_KEYS | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(12))
	         : NULL;
	if (!err && !text)
		err_set(eb, ERR_NOMEM, "out of memory");
	json_decref(j);
	json_decref(given);
	json_decref(p.params);
	snapshot_unref(p.s);
	return text;
}
