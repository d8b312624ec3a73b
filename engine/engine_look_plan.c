#include "config.h"
#include "engine/engine_look_plan.h"
#include "db/staging_sums.h"
#include "engine/quota/day.h"
#include "engine/quota/plan_stored.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	LOOK_MEASURED_ENOUGH = 1000000, /* items */
	LOOK_LATE_S = 90 * 86400,       /* a finish without a date asked for is late after that */
	LOOK_CALL_MS = 100              /* as long as none was made */
};

_Static_assert((int)SNAPSHOT_BUCKETS == (int)BUCKET_COUNT, "snapshot.h and method.h disagree");
_Static_assert((int)SNAPSHOT_HOURS == (int)LEDGER_HOURS, "snapshot.h and ledger.h disagree");
_Static_assert((int)SNAPSHOT_WEEK == (int)LEDGER_WEEK, "snapshot.h and ledger.h disagree");
_Static_assert((int)SNAPSHOT_STAGES == (int)STAGE_COUNT + 1, "snapshot.h and plan.h disagree");

/* ---- what is known ---- */

void look_plan_measure(struct look_facts *f, const struct job_row *row)
{
	const struct job_type *type = job_type_find(row->type);
	struct look_measured *m;

	if (type && type->run && strcmp(row->type, "migration") == 0 &&
	    row->completed_ms / 1000 > f->import_ended_at)
		f->import_ended_at = row->completed_ms / 1000;
	/* types that change no states count other things than channels */
	if (!type || type->stage == STAGE_NONE || type->op == OP_NONE || row->units <= 0)
		return;
	m = &f->measured[type->stage];
	if (m->items >= (double)LOOK_MEASURED_ENOUGH)
		return;
	m->units += (double)row->units;
	m->items += (double)row->processed;
}

static double look_capacity(const struct engine *e, const struct snapshot *s)
{
	double delay = settings_decimal(e->parts.settings, SET_RATE_DELAY, 0);
	double workers = (double)settings_number(e->parts.settings, SET_WORKERS, 0);
	double by_workers = workers * 3600e3 / (double)(s->api_ms > 0 ? s->api_ms : LOOK_CALL_MS);
	double keys = s->n_keys_usable ? (double)s->n_keys_usable : 1;
	double by_keys = delay > 0 ? keys * 3600 / delay : by_workers;

	return by_keys < by_workers ? by_keys : by_workers;
}

static struct snapshot_stage *look_stage(struct snapshot *s, enum stage stage)
{
	return &s->stages[(int)stage + 1]; /* [0] is the import */
}

const struct snapshot_stage *look_plan_stage(const struct snapshot *s, enum stage stage)
{
	return &s->stages[(int)stage + 1];
}

int64_t look_plan_due_videos(const struct snapshot *s, int64_t least)
{
	enum { CLASSES = sizeof s->due_videos / sizeof s->due_videos[0] };
	double here, above, part;
	int64_t power = 1;
	int i = 0;

	if (least <= 1)
		return s->due_videos[0];
	for (; i + 1 < CLASSES && power * 10 <= least; i++)
		power *= 10;
	here = (double)s->due_videos[i];
	above = i + 1 < CLASSES ? (double)s->due_videos[i + 1] : 0;
	part = log10((double)least / (double)power);
	if (above <= 0)
		return (int64_t)(part < 1 ? here * (1 - part) : 0);
	return (int64_t)(here * pow(above / here, part) + 0.5);
}

static void look_count_op(struct snapshot_stage *g, const int64_t *items, int64_t target)
{
	g->missing = items[ITEM_MISSING];
	g->failed = items[ITEM_FAILED];
	g->done = items[ITEM_DONE] + g->missing + g->failed;
	g->target = target > g->done ? target : g->done;
}

/* Videos that are due are counted apart: whoever has no metadata any more is pending too. */
static enum err look_count_videos(struct engine *e, struct snapshot *s, struct errbuf *eb)
{
	struct snapshot_stage *g = look_stage(s, STAGE_VIDEOS);
	int64_t due[SUMS_DIGITS], sum = 0;
	enum err err = staging_sums_due_videos(e->reader, due, eb);

	if (err)
		return err;
	for (int d = SUMS_DIGITS - 1; d >= 0; d--) {
		sum += due[d];
		/* d digits are 10^(d - 1) at least; hidden numbers are in "all" alone */
		if (d > 0 && d - 1 < (int)(sizeof s->due_videos / sizeof s->due_videos[0]))
			s->due_videos[d - 1] = sum;
	}
	s->due_videos[0] = sum;
	look_count_op(g, s->items[OP_VIDEOS], 0);
	g->target = g->done + sum;
	return ERR_OK;
}

static enum err look_count_refresh(struct engine *e, struct snapshot *s, struct errbuf *eb)
{
	struct snapshot_stage *g = look_stage(s, STAGE_REFRESH);
	int64_t days = settings_number(e->parts.settings, SET_REFRESH_DAYS, 0), older = 0;
	enum err err = staging_sums_fetched(
	    e->reader, s->made_at - days * 86400, &older, &g->grows_per_day, eb);

	g->target = s->items[OP_METADATA][ITEM_DONE];
	g->target = g->target > older ? g->target : older;
	g->done = g->target - older;
	return err;
}

static void look_count_import(struct snapshot *s, const struct look_facts *f)
{
	struct snapshot_stage *g = &s->stages[0];

	snprintf(g->name, sizeof g->name, "import");
	g->done = g->target = s->channels;
	g->finish = f->import_ended_at;
	for (size_t i = 0; i < s->n_jobs; i++) {
		const struct snapshot_job *j = &s->jobs[i];
		if (!j->open || strcmp(j->type, "migration") != 0)
			continue;
		g->finish = j->eta;
		g->has_work = true;
		if (j->total > j->processed)
			g->target += j->total - j->processed;
	}
	snprintf(g->limit, sizeof g->limit, "%s",
	    g->has_work   ? forecast_limit_word(FORECAST_BY_RATE)
	    : s->channels ? "done"
	                  : "");
}

static void look_price_stage(
    struct snapshot *s, enum stage stage, const struct look_facts *f, double capacity)
{
	struct snapshot_stage *g = look_stage(s, stage);
	const struct look_measured *m = &f->measured[stage];
	double share = (double)s->units_per_day * g->share / 100;

	snprintf(g->name, sizeof g->name, "%s", stage_word(stage));
	g->is_planned = true;
	g->measured = m->items >= 1 && m->units > 0;
	g->units_each = g->measured ? m->units / m->items : stage_default_units(stage);
	g->units_left = (int64_t)((double)(g->target - g->done) * g->units_each + 0.999999);
	g->units_per_day = (int64_t)(share + 0.5);
	g->items_per_day = (int64_t)(share / g->units_each);
	g->units_per_h = capacity;
	g->has_work = f->work[stage];
}

static enum err look_stages(struct engine *e, struct snapshot *s, const struct look_facts *f,
    const struct plan *plan, struct errbuf *eb)
{
	double capacity = look_capacity(e, s);
	enum err err;

	s->n_stages = SNAPSHOT_STAGES;
	look_count_import(s, f);
	look_count_op(look_stage(s, STAGE_METADATA), s->items[OP_METADATA], s->channels);
	look_count_op(look_stage(s, STAGE_DISCOVERY), s->items[OP_DISCOVERY],
	    s->items[OP_METADATA][ITEM_DONE]);
	err = look_count_videos(e, s, eb);
	if (!err)
		err = look_count_refresh(e, s, eb);
	for (int i = 0; i < STAGE_COUNT; i++) {
		look_stage(s, (enum stage)i)->share = plan->share[i];
		look_stage(s, (enum stage)i)->target_at = plan->target[i];
		look_price_stage(s, (enum stage)i, f, capacity);
	}
	return err;
}

/* ---- the day ---- */

static void look_part(struct snapshot_stage *g, const struct plan_part *part)
{
	g->left_today = (int64_t)(part->left + 0.999999);
	g->lent = (int64_t)(part->lent + (part->lent < 0 ? -0.5 : 0.5));
}

/* What each stage may still spend; of those without work, what they might if they had some. */
static void look_divide(struct snapshot *s, const struct plan *plan, const struct ledger_day *d)
{
	struct plan_day day = {.left = (double)d->left};
	struct plan_part parts[STAGE_COUNT], other[STAGE_COUNT];

	for (int i = 0; i <= STAGE_COUNT; i++)
		day.units += (double)d->spent[i];
	day.units += day.left;
	for (int i = 0; i < STAGE_COUNT; i++) {
		day.spent[i] = (double)d->spent[i];
		day.work[i] = look_stage(s, (enum stage)i)->has_work;
	}
	plan_divide(plan, &day, parts);
	for (int i = 0; i < STAGE_COUNT; i++) {
		struct snapshot_stage *g = look_stage(s, (enum stage)i);
		bool works = day.work[i];
		day.work[i] = true;
		plan_divide(plan, &day, other);
		day.work[i] = works;
		g->spent = d->spent[i];
		look_part(g, works ? &parts[i] : &other[i]);
		if (!works)
			g->lent = (int64_t)(parts[i].lent - 0.5);
	}
}

static void look_day(struct engine *e, struct snapshot *s, const struct plan *plan)
{
	struct ledger_day d;
	double units = 0;

	ledger_day(e->parts.ledger, BUCKET_UNITS, &d);
	d.left = d.left < s->units_left ? d.left : s->units_left; /* a cluster's nodes share it */
	s->n_hours = (size_t)d.n_hours;
	memcpy(s->hours, d.hours, sizeof s->hours);
	s->units_failed = d.failed;
	s->units_left_over = d.left_over;
	s->day_gone = (double)(s->made_at - s->day_start) / (double)(s->reset_at - s->day_start);
	for (int i = 0; i <= STAGE_COUNT; i++)
		units += (double)d.spent[i];
	s->day_spent = units + (double)d.left > 0 ? units / (units + (double)d.left) : 0;
	if (s->cluster.units_per_day > 0)
		s->day_spent = (double)s->cluster.units_used / (double)s->cluster.units_per_day;
	s->plan_lend = plan->lend;
	snprintf(s->plan_pace, sizeof s->plan_pace, "%s", plan_pace_word(plan->pace));
	look_divide(s, plan, &d);
}

/* ---- projects ---- */

static void look_bucket(const struct snapshot *s, enum bucket b, const struct ledger_bucket *in,
    struct snapshot_bucket *out)
{
	const char *state = in->refused_at                ? "refused"
	                    : in->left <= 0               ? "empty"
	                    : in->cool_until > s->made_at ? "cooling"
	                                                  : "ok";
	int64_t dry;

	snprintf(out->name, sizeof out->name, "%s", bucket_word(b));
	snprintf(out->state, sizeof out->state, "%s", state);
	out->used = in->used;
	out->limit = in->limit;
	out->left = in->left;
	out->per_hour = in->per_hour;
	out->until = in->cool_until > s->made_at ? in->cool_until : 0;
	if (in->left <= 0 || in->per_hour <= 0)
		return;
	dry = s->made_at + (int64_t)((double)in->left * 3600 / (double)in->per_hour);
	out->dry_at = dry < s->reset_at ? dry : 0;
}

static enum err look_projects(struct engine *e, struct snapshot *s, struct errbuf *eb)
{
	struct ledger_project_look *found = calloc(SNAPSHOT_PROJECTS, sizeof *found);
	size_t n = found ? ledger_projects(e->parts.ledger, found, SNAPSHOT_PROJECTS) : 0;

	for (size_t i = 0; i < n && i < SNAPSHOT_PROJECTS; i++) {
		struct snapshot_project *p = &s->projects[s->n_projects++];
		snprintf(p->name, sizeof p->name, "%s", found[i].name);
		snprintf(p->reason, sizeof p->reason, "%s", found[i].refused);
		snprintf(p->state, sizeof p->state, "%s",
		    found[i].refused[0] ? "refused"
		    : found[i].usable   ? "in use"
		                        : "off");
		p->keys = found[i].keys;
		p->usable = found[i].usable;
		for (int b = 0; b < BUCKET_COUNT; b++)
			look_bucket(s, (enum bucket)b, &found[i].buckets[b], &p->buckets[b]);
	}
	free(found);
	return found ? ERR_OK : err_set(eb, ERR_NOMEM, "out of memory");
}

/* ---- finish times ---- */

void look_plan_of(const struct snapshot *s, struct plan *plan, struct forecast_plan *in)
{
	*plan = (struct plan){.lend = s->plan_lend};
	*in = (struct forecast_plan){.now = s->made_at,
	    .plan = plan,
	    .per_day = (double)s->units_per_day,
	    .left = (double)s->units_left};
	plan_pace_parse(s->plan_pace, &plan->pace);
	for (int i = 0; i < STAGE_COUNT; i++) {
		const struct snapshot_stage *g = look_plan_stage(s, (enum stage)i);
		plan->share[i] = g->share;
		plan->target[i] = g->target_at;
		in->spent[i] = (double)g->spent;
	}
}

static struct forecast_work look_stage_work(const struct snapshot *s, enum stage stage)
{
	const struct snapshot_stage *g = look_plan_stage(s, stage);

	return (struct forecast_work){
	    .stage = stage, .units = (double)g->units_left, .units_per_h = g->units_per_h};
}

/* What a day's share leaves when as much as comes to be due every day was fetched: what grows ends
 * later than what stands still. */
static void look_grow(
    const struct snapshot *s, const struct plan *plan, enum stage stage, struct forecast_out *out)
{
	const struct snapshot_stage *g = look_plan_stage(s, stage);
	double share = (double)s->units_per_day * plan->share[stage] / 100;
	double growth = (double)g->grows_per_day * g->units_each;

	if (growth <= 0 || out->limit == FORECAST_NEVER || g->units_left <= 0)
		return;
	if (growth >= share) {
		*out = (struct forecast_out){.limit = FORECAST_NEVER};
		return;
	}
	out->end =
	    s->made_at + (int64_t)((double)(out->end - s->made_at) * share / (share - growth));
}

/* The stages at work, and one more with so many units: what becomes of that one. */
static struct forecast_out look_finish_one(const struct snapshot *s, const struct forecast_plan *in,
    enum stage stage, double units, const struct forecast_work *extra)
{
	struct forecast_work works[STAGE_COUNT + 1];
	size_t n = 0, at = 0;

	for (int i = 0; i < STAGE_COUNT; i++) {
		if (!look_plan_stage(s, (enum stage)i)->has_work && i != (int)stage)
			continue;
		at = i == (int)stage ? n : at;
		works[n++] = look_stage_work(s, (enum stage)i);
	}
	works[at].units = units;
	if (extra && extra->stage != stage && !look_plan_stage(s, extra->stage)->has_work)
		works[n++] = *extra;
	forecast_plan(in, works, n, NULL);
	return works[at].out;
}

void look_plan_finish(const struct snapshot *s, const struct plan *plan,
    const struct forecast_work *extra, struct forecast_out out[STAGE_COUNT])
{
	struct forecast_plan in;
	struct plan own;

	look_plan_of(s, &own, &in);
	in.plan = plan;
	for (int i = 0; i < STAGE_COUNT; i++) {
		double units = (double)look_plan_stage(s, (enum stage)i)->units_left;
		out[i] = look_finish_one(s, &in, (enum stage)i, units, extra);
		look_grow(s, plan, (enum stage)i, &out[i]);
	}
}

struct forecast_out look_plan_only(
    const struct snapshot *s, const struct plan *plan, enum stage stage, double units)
{
	struct forecast_plan in;
	struct plan own;

	look_plan_of(s, &own, &in);
	in.plan = plan;
	return look_finish_one(s, &in, stage, units, NULL);
}

static void look_finish(struct snapshot *s, const struct plan *plan, const struct snapshot *last)
{
	struct forecast_out out[STAGE_COUNT];

	look_plan_finish(s, plan, NULL, out);
	for (int i = 0; i < STAGE_COUNT; i++) {
		struct snapshot_stage *g = look_stage(s, (enum stage)i);
		int64_t shown = last ? look_plan_stage(last, (enum stage)i)->finish : 0;
		int64_t most = g->target_at ? g->target_at : s->made_at + LOOK_LATE_S;
		bool over = g->target <= g->done;
		snprintf(g->limit, sizeof g->limit, "%s",
		    !over       ? forecast_limit_word(out[i].limit)
		    : g->target ? "done"
		                : "");
		g->finish = over ? 0 : forecast_settle(shown, out[i].end, s->made_at);
		g->is_late = !over && (!g->finish || g->finish > most);
	}
}

/* ---- jobs ---- */

static double look_job_units(
    const struct snapshot *s, const struct snapshot_job *j, const struct look_job_facts *f)
{
	double items = j->total < 0 ? 0 : (double)(j->total - j->processed), each;
	double units;

	if (!f->type || f->type->run || items <= 0)
		return 0;
	if (j->units > 0 && j->processed > 0)
		each = (double)j->units / (double)j->processed;
	else if (f->type->stage != STAGE_NONE && f->type->op != OP_NONE)
		each = look_plan_stage(s, f->type->stage)->units_each;
	else
		each = 1.0 / (double)CHUNK_IDS;
	units = items * each;
	return f->units_left >= 0 && (double)f->units_left < units ? (double)f->units_left : units;
}

/* Units an hour that a job can spend: as measured, or all there is when nothing was. */
static double look_job_speed(const struct snapshot *s, const struct snapshot_job *j,
    const struct look_job_facts *f, double units)
{
	double items = (double)(j->total - j->processed);
	double capacity = look_plan_stage(s, STAGE_METADATA)->units_per_h;
	double measured = f->rate * 3600 * units / items;

	/* at even pace a job was never as fast as it could be */
	return f->rate > 0 && strcmp(s->plan_pace, plan_pace_word(PLAN_FAST)) == 0 ? measured
	                                                                           : capacity;
}

/* Of other buckets than the plan's. */
static int64_t look_eta_alone(struct engine *e, const struct snapshot *s,
    const struct snapshot_job *j, const struct look_job_facts *f, double units)
{
	struct forecast_in in = {.now = s->made_at,
	    .units = units,
	    .units_per_h = look_job_speed(s, j, f, units),
	    .left_today = (double)ledger_left(e->parts.ledger, f->type->bucket),
	    .per_day = (double)ledger_per_day(e->parts.ledger, f->type->bucket)};

	return forecast_run(&in).end;
}

static int64_t look_eta_shown(
    const struct snapshot *s, const struct snapshot *last, int64_t no, int64_t fresh)
{
	for (size_t i = 0; last && i < last->n_jobs; i++)
		if (last->jobs[i].no == no)
			return forecast_settle(last->jobs[i].eta, fresh, s->made_at);
	return fresh;
}

static bool look_job_goes_on(const struct snapshot_job *j)
{
	return strcmp(j->status, "running") == 0 || strcmp(j->status, "waiting") == 0 ||
	       strcmp(j->status, "pending") == 0;
}

static void look_job_prices(
    struct engine *e, struct snapshot *s, const struct look_facts *f, const struct snapshot *last)
{
	for (size_t i = 0; i < s->n_jobs; i++) {
		struct snapshot_job *j = &s->jobs[i];
		const struct look_job_facts *facts = &f->jobs[i];
		double units = look_job_goes_on(j) ? look_job_units(s, j, facts) : 0;
		if (units <= 0)
			continue;
		j->units_left = (int64_t)(units + 0.999999);
		j->units_per_h = look_job_speed(s, j, facts, units);
		if (facts->type->stage == STAGE_NONE)
			j->eta =
			    look_eta_shown(s, last, j->no, look_eta_alone(e, s, j, facts, units));
	}
}

/* The open jobs of the plan's stages, oldest first; at[i]: where works[i] stands in the snapshot. */
static size_t look_jobs_works(const struct snapshot *s, struct forecast_work *works, size_t *at)
{
	size_t n = 0;

	for (size_t i = s->n_jobs; i-- > 0;) {
		const struct snapshot_job *j = &s->jobs[i];
		const struct job_type *type = job_type_find(j->type);
		if (!type || type->stage == STAGE_NONE || j->units_left <= 0)
			continue;
		at[n] = i;
		works[n++] = (struct forecast_work){.stage = type->stage,
		    .units = (double)j->units_left,
		    .units_per_h = j->units_per_h,
		    .after = j->waits_its_turn,
		    .has_budget = j->units_per_day >= 0,
		    .budget_left = (double)j->day_units_left,
		    .budget_per_day = (double)j->units_per_day};
	}
	return n;
}

struct forecast_out look_plan_extra(const struct snapshot *s, const struct plan *plan,
    const struct forecast_work *extra, double *ahead)
{
	struct forecast_work works[SNAPSHOT_JOBS + 1];
	size_t at[SNAPSHOT_JOBS], n = look_jobs_works(s, works, at);
	struct forecast_plan in;
	struct plan own;

	look_plan_of(s, &own, &in);
	in.plan = plan;
	*ahead = 0;
	for (size_t i = 0; i < n; i++)
		*ahead += works[i].stage == extra->stage ? works[i].units : 0;
	works[n] = *extra;
	works[n].after = true;
	forecast_plan(&in, works, n + 1, NULL);
	return works[n].out;
}

static void look_jobs_finish(
    struct snapshot *s, const struct look_facts *f, const struct snapshot *last)
{
	struct forecast_work works[SNAPSHOT_JOBS];
	size_t at[SNAPSHOT_JOBS], n = look_jobs_works(s, works, at);
	struct forecast_today today;
	struct forecast_plan in;
	struct plan plan;

	look_plan_of(s, &plan, &in);
	forecast_plan(&in, works, n, &today);
	for (size_t i = 0; i < n; i++) {
		struct snapshot_job *j = &s->jobs[at[i]];
		/* as long as nothing was measured nobody is told a time; who waits for units was at work */
		bool waits = j->processed > 0 && strcmp(j->wait, "quota") == 0;
		if (f->jobs[at[i]].rate > 0 || waits)
			j->eta = look_eta_shown(s, last, j->no, works[i].out.end);
	}
	s->dry_at = today.dry_at;
	s->idle_s = today.idle_s;
	for (int i = 0; i < STAGE_COUNT; i++)
		look_stage(s, (enum stage)i)->dry_at = today.stage_dry_at[i];
}

/* Single-step jobs have a rate and nothing to wait for. */
static void look_single_steps(struct snapshot *s, const struct look_facts *f)
{
	for (size_t i = 0; i < s->n_jobs; i++) {
		struct snapshot_job *j = &s->jobs[i];
		double left = (double)(j->total - j->processed);
		if (f->jobs[i].type && f->jobs[i].type->run && j->open && j->rate > 0 &&
		    j->total > j->processed)
			j->eta = s->made_at + (int64_t)(left / j->rate + 0.5);
	}
}

enum err look_plan(
    struct engine *e, struct snapshot *s, const struct look_facts *f, struct errbuf *eb)
{
	struct plan plan;
	enum err err = plan_load(e->parts.settings, e->reader, &plan, eb);

	if (err)
		return err;
	look_single_steps(s, f);
	err = look_stages(e, s, f, &plan, eb);
	if (!err)
		err = look_projects(e, s, eb);
	if (err)
		return err;
	look_day(e, s, &plan);
	look_finish(s, &plan, e->last);
	look_job_prices(e, s, f, e->last);
	look_jobs_finish(s, f, e->last);
	return ERR_OK;
}
