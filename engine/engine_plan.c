/* The plan: as JSON, changed by people, and what would be if it were another one. */
#include "config.h"
#include "engine/engine_look_plan.h"
#include "engine/base/clock.h"
#include "engine/base/str.h"
#include "engine/quota/plan_stored.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PLAN_DATE_SIZE = 16 };

static json_t *plan_time(int64_t s)
{
	char iso[CLOCK_ISO_SIZE];

	return s > 0 ? json_string(clock_iso(s, iso)) : json_null();
}

/* The day by whose end it is wanted. */
static json_t *plan_date(int64_t s)
{
	struct clock_date d = clock_date_from(s);
	char text[PLAN_DATE_SIZE];

	snprintf(text, sizeof text, "%04d-%02d-%02d", (int)(d.year % 10000), d.month, d.day);
	return s > 0 ? json_string(text) : json_null();
}

/* Enough places to be read, not so many that they pretend. */
static json_t *plan_real(double x, double places)
{
	return json_real(round(x * places) / places);
}

/* Takes j; NULL when out of memory. */
static char *plan_text(json_t *j, struct errbuf *eb)
{
	char *text = j ? json_dumps(j, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENSURE_ASCII |
	                                   JSON_REAL_PRECISION(12))
	               : NULL;
	if (!text)
		err_set(eb, ERR_NOMEM, "out of memory");
	json_decref(j);
	return text;
}

/* ---- as it is ---- */

static json_t *plan_report_stage(const struct snapshot_stage *g)
{
	json_t *j = json_pack("{s:s,s:I,s:I,s:I,s:I,s:I,s:o,s:s,s:b,s:b}", "name", g->name, "done",
	    (json_int_t)g->done, "target", (json_int_t)g->target, "left",
	    (json_int_t)(g->target - g->done), "missing", (json_int_t)g->missing, "failed",
	    (json_int_t)g->failed, "finish", plan_time(g->finish), "limited_by", g->limit, "late",
	    g->is_late, "has_work", g->has_work);
	json_t *more;

	if (!g->is_planned)
		return j;
	more = json_pack("{s:o,s:b,s:I,s:I,s:I,s:i,s:I,s:I,s:I,s:I,s:o,s:o}", "units_per_item",
	    plan_real(g->units_each, 1e4), "measured", g->measured, "units_left",
	    (json_int_t)g->units_left, "items_per_day", (json_int_t)g->items_per_day,
	    "grows_per_day", (json_int_t)g->grows_per_day, "share", g->share, "units_per_day",
	    (json_int_t)g->units_per_day, "spent_today", (json_int_t)g->spent, "left_today",
	    (json_int_t)g->left_today, "lent", (json_int_t)g->lent, "dry_at", plan_time(g->dry_at),
	    "target_date", plan_date(g->target_at));
	if (!j || !more || json_object_update(j, more)) {
		json_decref(j);
		j = NULL;
	}
	json_decref(more);
	return j;
}

static json_t *plan_report_bucket(const struct snapshot_bucket *b)
{
	return json_pack("{s:s,s:I,s:I,s:I,s:I,s:o,s:s,s:o}", "name", b->name, "used",
	    (json_int_t)b->used, "limit", (json_int_t)b->limit, "left", (json_int_t)b->left,
	    "per_hour", (json_int_t)b->per_hour, "dry_at", plan_time(b->dry_at), "state", b->state,
	    "until", plan_time(b->until));
}

static json_t *plan_report_project(const struct snapshot_project *p)
{
	json_t *buckets = json_array();

	for (int b = 0; b < SNAPSHOT_BUCKETS; b++)
		json_array_append_new(buckets, plan_report_bucket(&p->buckets[b]));
	return json_pack("{s:s,s:s,s:s,s:I,s:I,s:o}", "name", p->name, "state", p->state, "reason",
	    p->reason, "keys", (json_int_t)p->keys, "usable", (json_int_t)p->usable, "buckets",
	    buckets);
}

json_t *plan_report(const struct snapshot *s)
{
	json_t *stages = json_array(), *projects = json_array(), *hours = json_array();

	for (size_t i = 0; i < s->n_stages; i++)
		json_array_append_new(stages, plan_report_stage(&s->stages[i]));
	for (size_t i = 0; i < s->n_projects; i++)
		json_array_append_new(projects, plan_report_project(&s->projects[i]));
	for (size_t i = 0; i < s->n_hours; i++)
		json_array_append_new(hours, json_integer(s->hours[i]));
	return json_pack("{s:o,s:o,s:o,s:b,s:s,s:I,s:I,s:I,s:I,s:o,s:o,s:o,s:o,s:o,s:o,s:I}",
	    "stages", stages, "projects", projects, "units_by_hour", hours, "lend", s->plan_lend,
	    "pace", s->plan_pace, "units_used", (json_int_t)s->units_used, "units_left",
	    (json_int_t)s->units_left, "units_per_day", (json_int_t)s->units_per_day,
	    "units_failed", (json_int_t)s->units_failed, "left_over_yesterday",
	    s->units_left_over < 0 ? json_null() : json_integer(s->units_left_over), "day_gone",
	    plan_real(s->day_gone, 1e4), "day_spent", plan_real(s->day_spent, 1e4), "day_start",
	    plan_time(s->day_start), "reset_at", plan_time(s->reset_at), "dry_at",
	    plan_time(s->dry_at), "idle_seconds", (json_int_t)s->idle_s);
}

char *engine_plan_of_json(const struct snapshot *s, struct errbuf *eb)
{
	return plan_text(plan_report(s), eb);
}

char *engine_plan_json(struct engine *e, struct errbuf *eb)
{
	const struct snapshot *s = engine_snapshot(e);
	char *text = s ? engine_plan_of_json(s, eb) : NULL;

	if (!s)
		err_set(eb, ERR_NOMEM, "out of memory");
	snapshot_unref(s);
	return text;
}

/* ---- words and numbers of people ---- */

/* What a caller gave by name, as text: REST sends numbers and true, others words. */
static bool plan_given(const json_t *given, const char *name, struct str *out)
{
	const json_t *v = json_object_get(given, name);

	str_reset(out);
	if (json_is_string(v))
		str_adds(out, json_string_value(v));
	else if (json_is_integer(v))
		str_addf(out, "%lld", (long long)json_integer_value(v));
	else if (json_is_boolean(v))
		str_adds(out, json_is_true(v) ? "on" : "off");
	else
		return false;
	return !out->err;
}

static enum err plan_give_share(
    struct plan *p, enum stage stage, const char *text, struct errbuf *eb)
{
	int64_t percent;

	if (str_to_i64(text, 0, 100, &percent))
		return err_set(eb, ERR_INVALID,
		    "share of %s: \"%.24s\" is no whole number from 0 to 100", stage_word(stage),
		    text);
	plan_set_share(p, stage, (int)percent);
	return ERR_OK;
}

static enum err plan_give_pace(struct plan *p, const char *text, struct errbuf *eb)
{
	return plan_pace_parse(text, &p->pace)
	           ? ERR_OK
	           : err_set(eb, ERR_INVALID, "pace: \"%.24s\" is neither fast nor even", text);
}

static enum err plan_give_lend(struct plan *p, const char *text, struct errbuf *eb)
{
	bool on = strcmp(text, "on") == 0;

	if (!on && strcmp(text, "off") != 0)
		return err_set(eb, ERR_INVALID, "lend: \"%.24s\" is neither on nor off", text);
	p->lend = on;
	return ERR_OK;
}

static bool plan_is_date(const char *text)
{
	return strlen(text) == 10 && strspn(text, "0123456789-") == 10 && text[4] == '-' &&
	       text[7] == '-';
}

/* "2026-12-31": until the end of that day (UTC). none: no date. */
static enum err plan_give_target(
    struct plan *p, enum stage stage, const char *text, struct errbuf *eb)
{
	char full[CLOCK_ISO_SIZE];
	int64_t at;

	if (strcmp(text, "none") == 0) {
		p->target[stage] = 0;
		return ERR_OK;
	}
	snprintf(full, sizeof full, "%.10sT23:59:59Z", text);
	if (!plan_is_date(text) || clock_parse_rfc3339(full, strlen(full), &at) || at <= 0)
		return err_set(eb, ERR_INVALID,
		    "target of %s: \"%.24s\" is no day: write 2026-12-31, or none",
		    stage_word(stage), text);
	p->target[stage] = at;
	return ERR_OK;
}

/* ---- changing ---- */

struct plan_change {
	const struct settings *settings;
	enum action action;
	enum stage stage;
	const char *value;
	struct plan was, is;
};

static enum err plan_change_apply(struct staging *s, void *arg, struct errbuf *eb)
{
	struct plan_change *c = arg;
	enum err err = plan_load(c->settings, s, &c->was, eb);

	c->is = c->was;
	if (!err && c->action == ACTION_PLAN_SHARE)
		err = plan_give_share(&c->is, c->stage, c->value, eb);
	else if (!err && c->action == ACTION_PLAN_PACE)
		err = plan_give_pace(&c->is, c->value, eb);
	else if (!err && c->action == ACTION_PLAN_LEND)
		err = plan_give_lend(&c->is, c->value, eb);
	else if (!err)
		err = plan_give_target(&c->is, c->stage, c->value, eb);
	return err ? err : plan_save(s, &c->was, &c->is, eb);
}

static void plan_say_shares(const struct plan *p, struct str *out)
{
	for (int s = 0; s < STAGE_COUNT; s++)
		str_addf(out, "%s%s %d%%", s ? ", " : "", stage_word((enum stage)s), p->share[s]);
}

static void plan_say(const struct plan_change *c, struct str *out)
{
	switch (c->action) {
	case ACTION_PLAN_SHARE:
		str_addf(out, "share of %s %d%% (it was %d%%): ", stage_word(c->stage),
		    c->is.share[c->stage], c->was.share[c->stage]);
		plan_say_shares(&c->is, out);
		break;
	case ACTION_PLAN_PACE:
		str_addf(out, "pace %s (it was %s)", plan_pace_word(c->is.pace),
		    plan_pace_word(c->was.pace));
		break;
	case ACTION_PLAN_LEND:
		str_addf(out, "lending %s (it was %s)", c->is.lend ? "on" : "off",
		    c->was.lend ? "on" : "off");
		break;
	default:
		str_addf(out, "target of %s: %s", stage_word(c->stage), c->value);
	}
}

/* Which member of the body says what, and does it say a stage too? */
static const struct {
	enum action action;
	const char *value;
	bool staged;
} plan_words[] = {
    {ACTION_PLAN_SHARE, "percent", true},
    {ACTION_PLAN_PACE, "pace", false},
    {ACTION_PLAN_LEND, "lend", false},
    {ACTION_PLAN_TARGET, "date", true},
};

static enum err plan_read_change(const struct command *command, const json_t *given,
    struct plan_change *c, struct str *value, struct errbuf *eb)
{
	size_t w = 0;
	struct str stage;

	while (plan_words[w].action != command->action)
		w++;
	str_init(&stage, 64);
	if (command->target)
		str_adds(&stage, command->target);
	else
		plan_given(given, "stage", &stage);
	c->stage = stage_find(str_get(&stage));
	str_done(&stage);
	if (plan_words[w].staged && c->stage == STAGE_NONE)
		return err_set(
		    eb, ERR_INVALID, "stage: send one of metadata, videos, discovery, refresh");
	if (!plan_given(given, plan_words[w].value, value))
		return err_set(eb, ERR_INVALID, "%s is missing", plan_words[w].value);
	c->value = str_get(value);
	return ERR_OK;
}

enum err command_plan(
    struct engine *e, const struct command *command, struct command_reply *r, struct errbuf *eb)
{
	json_t *given = command->params_json ? json_loads(command->params_json, 0, NULL) : NULL;
	struct plan_change c = {.settings = e->parts.settings, .action = command->action};
	struct str value, said;
	enum err err;

	str_init(&value, 256);
	str_init(&said, sizeof r->text - 1);
	err = plan_read_change(command, given, &c, &value, eb);
	if (!err) {
		pthread_mutex_lock(&e->planning); /* stored and told in one order */
		err = writer_run(e->parts.writer, plan_change_apply, &c, false, eb);
		if (!err && e->parts.dispatcher)
			dispatcher_plan_set(e->parts.dispatcher, &c.is);
		pthread_mutex_unlock(&e->planning);
	}
	if (!err) {
		plan_say(&c, &said);
		snprintf(r->text, sizeof r->text, "%s", str_get(&said));
	}
	str_done(&value);
	str_done(&said);
	json_decref(given);
	return err;
}

/* ---- what if ---- */

/* {"videos": 40, "lend": "off", "pace": "even"}: the plan of the snapshot with these changes. */
static enum err plan_other(const json_t *given, struct plan *p, struct errbuf *eb)
{
	enum err err = ERR_OK;
	struct str text;

	str_init(&text, 256);
	for (int s = 0; s < STAGE_COUNT && !err; s++)
		if (plan_given(given, stage_word((enum stage)s), &text))
			err = plan_give_share(p, (enum stage)s, str_get(&text), eb);
	if (!err && plan_given(given, "lend", &text))
		err = plan_give_lend(p, str_get(&text), eb);
	if (!err && plan_given(given, "pace", &text))
		err = plan_give_pace(p, str_get(&text), eb);
	str_done(&text);
	return err;
}

static json_t *plan_days(const struct snapshot *s, const struct forecast_out *out)
{
	return out->limit == FORECAST_NEVER
	           ? json_null()
	           : plan_real((double)(out->end - s->made_at) / 86400, 10);
}

static json_t *plan_if_stages(const struct snapshot *s, const struct plan *p)
{
	struct forecast_out out[STAGE_COUNT];
	json_t *list = json_array();

	look_plan_finish(s, p, NULL, out);
	for (int i = 0; i < STAGE_COUNT; i++) {
		const struct snapshot_stage *g = look_plan_stage(s, (enum stage)i);
		json_array_append_new(
		    list, json_pack("{s:s,s:i,s:I,s:I,s:o,s:o,s:s}", "name", g->name, "share",
		              p->share[i], "units_per_day",
		              (json_int_t)((double)s->units_per_day * p->share[i] / 100 + 0.5),
		              "units_left", (json_int_t)g->units_left, "finish",
		              plan_time(out[i].end), "days", plan_days(s, &out[i]), "limited_by",
		              forecast_limit_word(out[i].limit)));
	}
	return list;
}

/* Videos of channels with so many subscribers alone. */
static json_t *plan_if_videos(const struct snapshot *s, const struct plan *p)
{
	static const struct {
		int digits; /* the least is 10^digits; 0: all */
		int64_t least;
	} rows[] = {{6, 1000000}, {5, 100000}, {4, 10000}, {3, 1000}, {0, 0}};
	double each = look_plan_stage(s, STAGE_VIDEOS)->units_each;
	json_t *list = json_array();

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		int64_t channels = s->due_videos[rows[i].digits];
		double units = ceil((double)channels * each);
		struct forecast_out out = look_plan_only(s, p, STAGE_VIDEOS, units);
		json_array_append_new(
		    list, json_pack("{s:I,s:I,s:I,s:o,s:o,s:s}", "min_subscribers",
		              (json_int_t)rows[i].least, "channels", (json_int_t)channels, "units",
		              (json_int_t)units, "finish", plan_time(out.end), "days",
		              plan_days(s, &out), "limited_by", forecast_limit_word(out.limit)));
	}
	return list;
}

char *engine_whatif_json(struct engine *e, const char *changes, struct errbuf *eb)
{
	const struct snapshot *s = engine_snapshot(e);
	json_t *given = changes ? json_loads(changes, JSON_REJECT_DUPLICATES, NULL) : NULL;
	struct forecast_plan in;
	struct plan plan;
	char *text = NULL;
	enum err err = ERR_OK;

	if (!s)
		err = err_set(eb, ERR_NOMEM, "out of memory");
	else if (changes && !given)
		err = err_set(eb, ERR_INVALID, "the changes are no JSON object");
	if (!err) {
		look_plan_of(s, &plan, &in);
		err = plan_other(given, &plan, eb);
	}
	if (!err)
		text = plan_text(json_pack("{s:b,s:s,s:o,s:o}", "lend", plan.lend, "pace",
		                     plan_pace_word(plan.pace), "stages", plan_if_stages(s, &plan),
		                     "videos", plan_if_videos(s, &plan)),
		    eb);
	json_decref(given);
	snapshot_unref(s);
	return text;
}
