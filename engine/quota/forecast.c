#include "config.h"
#include "engine/quota/forecast.h"
#include "engine/quota/day.h"

enum { FORECAST_MAX_DAYS = 36525, FORECAST_SHORTEST_DAY_S = 23 * 3600 };

/* Less than a thousandth of a unit is none: what sums of parts leave behind. */
static const double forecast_none = 1e-6;

struct forecast_walk {
	const struct forecast_plan *in;
	struct forecast_work *works;
	size_t n;
	int64_t day, start, reset; /* of the day under way; start: now on the first one */
	double t;                  /* seconds since start */
	struct plan_day units;     /* what the day has */
	double moved;              /* units spent on this day */
	double last;               /* t of the last unit spent */
	double stage_last[STAGE_COUNT];
};

const char *forecast_limit_word(enum forecast_limit limit)
{
	static const char *const words[] = {"rate", "quota", "never"};

	return words[limit];
}

/* What the walk keeps of a work besides its result. */
static bool forecast_is_open(const struct forecast_work *w)
{
	return w->units > forecast_none;
}

/* Has its turn come? */
static bool forecast_has_begun(const struct forecast_walk *f, size_t i)
{
	for (size_t b = 0; b < i && f->works[i].after; b++)
		if (f->works[b].stage == f->works[i].stage && forecast_is_open(&f->works[b]))
			return false;
	return true;
}

static bool forecast_may_work(const struct forecast_work *w)
{
	return forecast_is_open(w) && !(w->has_budget && w->budget_left <= forecast_none);
}

/* Units a second of each work until the next event. */
static void forecast_rates(
    const struct forecast_walk *f, const struct plan_part *parts, double *rates)
{
	double want[STAGE_COUNT] = {0}, scale[STAGE_COUNT];
	double rest = (double)(f->reset - f->start) - f->t;

	for (size_t i = 0; i < f->n; i++) {
		const struct forecast_work *w = &f->works[i];
		bool now = forecast_may_work(w) && forecast_has_begun(f, i) &&
		           parts[w->stage].left > forecast_none && w->units_per_h > 0;
		rates[i] = now ? w->units_per_h / 3600 : 0;
		want[w->stage] += rates[i];
	}
	for (int s = 0; s < STAGE_COUNT; s++) {
		double even = rest > 0 ? parts[s].unspent / rest : 0;
		scale[s] = f->in->plan->pace == PLAN_EVEN && want[s] > even ? even / want[s] : 1;
	}
	for (size_t i = 0; i < f->n; i++)
		rates[i] *= scale[f->works[i].stage];
}

static double forecast_least(double a, double units, double rate)
{
	return rate > 0 && units / rate < a ? units / rate : a;
}

/* Seconds until something ends at these rates, at most until the reset. */
static double forecast_next(
    const struct forecast_walk *f, const struct plan_part *parts, const double *rates)
{
	double dt = (double)(f->reset - f->start) - f->t, sum = 0, by[STAGE_COUNT] = {0};

	for (size_t i = 0; i < f->n; i++) {
		const struct forecast_work *w = &f->works[i];
		dt = forecast_least(dt, w->units, rates[i]);
		if (w->has_budget)
			dt = forecast_least(dt, w->budget_left, rates[i]);
		by[w->stage] += rates[i];
		sum += rates[i];
	}
	for (int s = 0; s < STAGE_COUNT; s++)
		dt = forecast_least(dt, parts[s].left, by[s]);
	dt = forecast_least(dt, f->units.left, sum);
	return dt > 0 ? dt : 0;
}

static void forecast_advance(struct forecast_walk *f, const double *rates, double dt)
{
	for (size_t i = 0; i < f->n; i++) {
		struct forecast_work *w = &f->works[i];
		double units = rates[i] * dt;
		if (!forecast_is_open(w))
			continue;
		if (rates[i] <= 0) {
			w->out.idle_s += (int64_t)(dt + 0.5);
			continue;
		}
		w->units -= units;
		w->budget_left -= units;
		f->units.spent[w->stage] += units;
		f->units.left -= units;
		f->moved += units;
		f->last = f->stage_last[w->stage] = f->t + dt;
		if (!forecast_is_open(w))
			w->out.end = f->start + (int64_t)(f->t + dt + 0.5);
	}
	f->t += dt;
}

/* One stretch of constant rates. */
static void forecast_stretch(struct forecast_walk *f)
{
	struct plan_part parts[STAGE_COUNT];
	double rates[FORECAST_WORKS];
	double dt;

	for (int s = 0; s < STAGE_COUNT; s++)
		f->units.work[s] = false;
	for (size_t i = 0; i < f->n; i++)
		if (forecast_may_work(&f->works[i]))
			f->units.work[f->works[i].stage] = true;
	plan_divide(f->in->plan, &f->units, parts);
	forecast_rates(f, parts, rates);
	dt = forecast_next(f, parts, rates);
	for (size_t i = 0; i < f->n; i++) {
		struct forecast_work *w = &f->works[i];
		if (forecast_is_open(w) && forecast_has_begun(f, i) && w->units_per_h > 0 &&
		    rates[i] < w->units_per_h / 3600 * (1 - 1e-9) && dt > 0)
			w->out.limit = FORECAST_BY_QUOTA;
	}
	forecast_advance(f, rates, dt);
}

static bool forecast_day(struct forecast_walk *f)
{
	double length = (double)(f->reset - f->start);
	bool open = true;

	f->moved = 0;
	f->last = 0;
	/* each stretch but the last ends a work, a budget, a share or the day */
	for (size_t i = 0; i < 4 * (f->n + STAGE_COUNT) && f->t < length - 1e-6 && open; i++) {
		forecast_stretch(f);
		open = false;
		for (size_t w = 0; w < f->n; w++)
			open = open || forecast_is_open(&f->works[w]);
	}
	return open;
}

static void forecast_next_day(struct forecast_walk *f)
{
	f->day++;
	f->start = f->reset;
	f->reset = day_end(f->day);
	f->t = 0;
	f->units = (struct plan_day){.units = f->in->per_day, .left = f->in->per_day};
	for (size_t i = 0; i < f->n; i++) {
		f->works[i].budget_left = f->works[i].budget_per_day;
		f->works[i].out.resets += forecast_is_open(&f->works[i]);
	}
}

static void forecast_tell_today(
    const struct forecast_walk *f, bool open, struct forecast_today *today)
{
	double end = (double)(f->reset - f->start) - 1;
	bool work = false;

	*today = (struct forecast_today){.left_over = f->units.left};
	for (size_t i = 0; i < f->n; i++) {
		const struct forecast_work *w = &f->works[i];
		if (!forecast_is_open(w) || w->units_per_h <= 0)
			continue;
		work = true;
		if (f->stage_last[w->stage] < end)
			today->stage_dry_at[w->stage] =
			    f->start + (int64_t)(f->stage_last[w->stage] + 0.5);
	}
	if (!open || !work || f->last >= end)
		return;
	today->dry_at = f->start + (int64_t)(f->last + 0.5);
	today->idle_s = f->reset - today->dry_at;
}

static void forecast_begin(struct forecast_walk *f)
{
	double spent = 0;

	f->day = day_number(f->in->now);
	f->start = f->in->now;
	f->reset = day_end(f->day);
	f->units.left = f->in->left > 0 ? f->in->left : 0;
	for (int s = 0; s < STAGE_COUNT; s++) {
		f->units.spent[s] = f->in->spent[s];
		spent += f->in->spent[s];
	}
	f->units.units = f->units.left + spent;
	for (size_t i = 0; i < f->n; i++)
		f->works[i].out =
		    (struct forecast_out){.end = forecast_is_open(&f->works[i]) ? 0 : f->in->now};
}

/* What a full day made of each work. */
struct forecast_full {
	double units[FORECAST_WORKS];
	int64_t idle_s[FORECAST_WORKS];
};

static void forecast_note(const struct forecast_walk *f, struct forecast_full *full)
{
	for (size_t i = 0; i < f->n; i++) {
		full->units[i] = f->works[i].units;
		full->idle_s[i] = f->works[i].out.idle_s;
	}
}

/* For how many days from now on nothing happens but what happened on the day that began with `full`:
 * all was spent before its end, and no work comes to its own. */
static int64_t forecast_same_days(const struct forecast_walk *f, const struct forecast_full *full)
{
	double days = FORECAST_MAX_DAYS;

	for (size_t i = 0; i < f->n; i++) {
		const struct forecast_work *w = &f->works[i];
		double spent = full->units[i] - w->units;
		if (!forecast_is_open(w) && full->units[i] > forecast_none)
			return 0;
		if (spent > forecast_none && w->units / spent < days)
			days = w->units / spent;
	}
	return f->last < (double)FORECAST_SHORTEST_DAY_S && days >= 2 ? (int64_t)days - 1 : 0;
}

/* At the beginning of a day: lets days pass that are like the last one. */
static int64_t forecast_skip(struct forecast_walk *f, const struct forecast_full *full)
{
	int64_t days = forecast_same_days(f, full), length = f->start - day_start(f->day - 1), from;

	if (!days)
		return 0;
	from = f->start;
	f->day += days;
	f->start = day_start(f->day);
	f->reset = day_end(f->day);
	for (size_t i = 0; i < f->n; i++) {
		struct forecast_work *w = &f->works[i];
		if (!forecast_is_open(w))
			continue;
		/* days of other lengths differ by the time at their end, when nothing is spent */
		w->out.idle_s +=
		    f->start - from - days * (length - (w->out.idle_s - full->idle_s[i]));
		w->out.resets += days;
		w->units -= (double)days * (full->units[i] - w->units);
	}
	return days;
}

void forecast_plan(const struct forecast_plan *in, struct forecast_work *works, size_t n,
    struct forecast_today *today)
{
	struct forecast_full full;
	struct forecast_walk f = {
	    .in = in, .works = works, .n = n < FORECAST_WORKS ? n : FORECAST_WORKS};
	bool open = f.n > 0;

	forecast_begin(&f);
	for (int64_t day = 0; day < FORECAST_MAX_DAYS && open; day++) {
		forecast_note(&f, &full);
		open = forecast_day(&f);
		if (day == 0 && today)
			forecast_tell_today(&f, open, today);
		if (day > 0 && f.moved <= forecast_none)
			break; /* so it will be on every day */
		if (!open)
			break;
		forecast_next_day(&f);
		if (day > 0)
			day += forecast_skip(&f, &full);
	}
	if (!f.n && today)
		*today = (struct forecast_today){.left_over = f.units.left};
	for (size_t i = 0; i < f.n; i++)
		if (forecast_is_open(&works[i])) {
			works[i].out.end = 0;
			works[i].out.limit = FORECAST_NEVER;
		}
}

struct forecast_out forecast_run(const struct forecast_in *in)
{
	static const struct plan alone = {.share = {[STAGE_METADATA] = 100}};
	struct forecast_plan plan = {
	    .now = in->now, .plan = &alone, .per_day = in->per_day, .left = in->left_today};
	struct forecast_work work = {
	    .stage = STAGE_METADATA, .units = in->units, .units_per_h = in->units_per_h};

	forecast_plan(&plan, &work, 1, NULL);
	return work.out;
}

int64_t forecast_settle(int64_t shown, int64_t fresh, int64_t now)
{
	int64_t ahead = fresh - now;
	int64_t step = ahead < 86400 ? 60 : ahead < 7 * 86400 ? 900 : 86400;

	if (shown <= now || fresh <= 0)
		return fresh;
	return fresh - shown <= step && shown - fresh <= step ? shown : fresh;
}
