/*
 * The plan: shares that change, what lending gives to whom, pace; and the forecast of a whole plan
 * against a minute-by-minute simulation of it.
 */
#include "config.h"
#include "engine/base/clock.h"
#include "engine/quota/day.h"
#include "engine/quota/forecast.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PLANS = 1000, WORKS = 7 };

static double dice(void)
{
	static uint64_t x = UINT64_C(0x9E3779B97F4A7C15);

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return (double)(x >> 11) / 9007199254740992.0;
}

static int64_t at(int year, int month, int day, int hour, int minute)
{
	struct clock_date d = {
	    .year = year, .month = month, .day = day, .hour = hour, .minute = minute};

	return clock_date_to(&d);
}

static void check_near(double got, double want)
{
	if (fabs(got - want) > 1e-6 * (1 + fabs(want)))
		fail_msg("%f, not %f", got, want);
}

/* ---- shares ---- */

static void check_shares(const struct plan *p, int a, int b, int c, int d)
{
	int want[STAGE_COUNT] = {a, b, c, d};

	for (int s = 0; s < STAGE_COUNT; s++)
		if (p->share[s] != want[s])
			fail_msg("%s: %d, not %d", stage_word((enum stage)s), p->share[s], want[s]);
}

static void test_shares(void **state)
{
	static const char *const bad[] = {"", "60", "60,30,5", "60,30,5,5,0", "60,30,5,6",
	    "60,30,5,", "60,-5,40,5", "a,b,c,d", "60,30,5,5 ", "101,-1,0,0"};
	struct errbuf eb = {0};
	struct plan p;

	(void)state;
	plan_default(&p);
	check_shares(&p, 60, 30, 5, 5);
	assert_true(p.lend && p.pace == PLAN_FAST);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (plan_parse_shares(bad[i], &p, &eb) != ERR_INVALID)
			fail_msg("\"%s\" was taken", bad[i]);
	check_shares(&p, 60, 30, 5, 5);
	assert_int_equal(plan_parse_shares("0,100,0,0", &p, &eb), ERR_OK);
	check_shares(&p, 0, 100, 0, 0);
	plan_set_share(&p, STAGE_VIDEOS, 40); /* the others had nothing: all get the same */
	check_shares(&p, 20, 40, 20, 20);
	plan_default(&p);
	plan_set_share(&p, STAGE_VIDEOS, 40);
	check_shares(&p, 52, 40, 4, 4); /* 51.4, 4.3, 4.3: what is cut off goes where it was most */
	plan_set_share(&p, STAGE_METADATA, 100);
	check_shares(&p, 100, 0, 0, 0);
	plan_set_share(&p, STAGE_METADATA, 200);
	check_shares(&p, 100, 0, 0, 0);
	plan_set_share(&p, STAGE_METADATA, -3);
	assert_int_equal(p.share[STAGE_METADATA], 0);
	for (int i = 0; i < 2000; i++) {
		int sum = 0;
		plan_set_share(&p, (enum stage)(dice() * (double)STAGE_COUNT), (int)(dice() * 101));
		for (int s = 0; s < STAGE_COUNT; s++) {
			assert_in_range(p.share[s], 0, 100);
			sum += p.share[s];
		}
		assert_int_equal(sum, 100);
	}
}

static void test_words(void **state)
{
	enum plan_pace pace = PLAN_FAST;

	(void)state;
	for (int s = 0; s < STAGE_COUNT; s++) {
		assert_int_equal(stage_find(stage_word((enum stage)s)), s);
		assert_true(stage_default_units((enum stage)s) > 0);
	}
	assert_int_equal(stage_find("imports"), STAGE_NONE);
	assert_string_equal(stage_word(STAGE_NONE), "");
	assert_true(plan_pace_parse("even", &pace) && pace == PLAN_EVEN);
	assert_false(plan_pace_parse("slow", &pace));
	assert_string_equal(plan_pace_word(PLAN_EVEN), "even");
}

/* ---- a day divided ---- */

static void test_divide(void **state)
{
	struct plan_day d = {.units = 1000, .left = 1000, .work = {true, true, true, true}};
	struct plan_part part[STAGE_COUNT];
	struct plan p;

	(void)state;
	plan_default(&p);
	plan_divide(&p, &d, part);
	check_near(part[STAGE_METADATA].left, 600); /* all have work: nothing is lent */
	check_near(part[STAGE_REFRESH].allowed, 50);
	check_near(part[STAGE_REFRESH].lent, 0);

	d.work[STAGE_METADATA] = false; /* it is done after 100 of its 600 */
	d.spent[STAGE_METADATA] = 100;
	d.left = 900;
	plan_divide(&p, &d, part);
	check_near(part[STAGE_VIDEOS].lent, 500 * 30 / 40.0);
	check_near(part[STAGE_DISCOVERY].allowed, 50 + 500 * 5 / 40.0);
	check_near(part[STAGE_METADATA].lent, -500);
	check_near(part[STAGE_METADATA].left, 0);

	p.lend = false;
	plan_divide(&p, &d, part);
	check_near(part[STAGE_VIDEOS].allowed, 300);
	check_near(part[STAGE_METADATA].left, 500);
	p.lend = true;

	/* one alone has all, to the last unit */
	d = (struct plan_day){.units = 8, .left = 8, .work = {[STAGE_DISCOVERY] = true}};
	plan_divide(&p, &d, part);
	check_near(part[STAGE_DISCOVERY].allowed, 8);
	assert_true(plan_may_spend(&part[STAGE_DISCOVERY], 7, 1));
	assert_false(plan_may_spend(&part[STAGE_DISCOVERY], 8, 1));

	/* videos had borrowed 500, then metadata has work again: it gets what is left */
	d = (struct plan_day){.units = 1000, .left = 200, .work = {true, true, false, false}};
	d.spent[STAGE_VIDEOS] = 800;
	plan_divide(&p, &d, part);
	check_near(part[STAGE_VIDEOS].left, 0);
	check_near(part[STAGE_METADATA].left, 200);

	/* a stage that had borrowed and is done leaves what is left, not what it was once owed */
	d = (struct plan_day){.units = 1000, .left = 150, .work = {[STAGE_METADATA] = true}};
	d.spent[STAGE_VIDEOS] = 850;
	plan_divide(&p, &d, part);
	check_near(part[STAGE_METADATA].allowed, 600);
	check_near(part[STAGE_METADATA].left, 150);

	/* nobody at work has a share: all get the same */
	assert_int_equal(plan_parse_shares("100,0,0,0", &p, NULL), ERR_OK);
	d = (struct plan_day){.units = 100, .left = 100, .work = {false, true, true, false}};
	plan_divide(&p, &d, part);
	check_near(part[STAGE_VIDEOS].left, 50);
	check_near(part[STAGE_DISCOVERY].left, 50);
	/* parts of units are rounded up */
	d.units = d.left = 33;
	plan_divide(&p, &d, part);
	assert_true(plan_may_spend(&part[STAGE_VIDEOS], 16, 1));
	assert_false(plan_may_spend(&part[STAGE_VIDEOS], 17, 1));
}

/* Whatever the day was like: nobody's rest is negative or above what there is, lending makes no
 * units, and with one stage at work nothing is left lying. */
static void test_divide_any(void **state)
{
	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct plan_day d = {.units = 1 + dice() * 100000};
		struct plan_part part[STAGE_COUNT];
		struct plan p;
		double allowed = 0, rest = d.units;
		int n = 0;
		plan_default(&p);
		p.lend = i % 4 != 0;
		plan_set_share(&p, (enum stage)(dice() * (double)STAGE_COUNT), (int)(dice() * 101));
		for (int s = 0; s < STAGE_COUNT; s++) {
			d.work[s] = dice() < 0.5;
			n += d.work[s];
			d.spent[s] = rest * dice() * dice();
			rest -= d.spent[s];
		}
		d.left = rest;
		plan_divide(&p, &d, part);
		for (int s = 0; s < STAGE_COUNT; s++) {
			assert_true(part[s].left >= 0 && part[s].left <= d.left + 1e-6);
			allowed += d.work[s] ? part[s].allowed : d.spent[s];
			if (n == 1 && d.work[s] && p.lend)
				assert_true(part[s].left >= d.left - 1e-6);
		}
		/* what idle stages had borrowed lies above; nothing else does */
		for (int s = 0; s < STAGE_COUNT; s++)
			if (!d.work[s] && d.spent[s] > d.units * p.share[s] / 100)
				allowed -= d.spent[s] - d.units * p.share[s] / 100;
		if (n && allowed > d.units * (1 + 1e-9))
			fail_msg("day %d: %f of %f", i, allowed, d.units);
	}
}

/* ---- pace ---- */

static void test_pace(void **state)
{
	struct plan_pacer pacer = {0};
	int64_t reset = at(2026, 11, 2, 8, 0), now = at(2026, 11, 1, 7, 0); /* a day of 25 hours */
	int64_t mono = 5000000, start = mono, spent = 0;
	double left = 1000;

	(void)state;
	check_near(plan_even_rate(1000, now, reset), 1000.0 / 90000);
	check_near(plan_even_rate(0, now, reset), 0);
	check_near(plan_even_rate(10, reset, reset), 0);
	while (mono - start < 25 * 3600 * 1000) {
		int64_t t = now + (mono - start) / 1000;
		int64_t wait = plan_pace_wait(&pacer, left, t, reset, mono, 1);
		if (wait) {
			assert_true(wait > mono);
			mono = wait;
			continue;
		}
		spent++;
		left--;
		mono += 700; /* a call */
		if (spent % 40 == 0)
			check_near(
			    (double)spent / 1000, round((double)(mono - start) / 90e6 * 25) / 25);
	}
	assert_in_range(spent, 995, 1000);
	/* whoever stood still for hours does not run afterwards: the rest is spread anew */
	pacer = (struct plan_pacer){0};
	assert_int_equal(plan_pace_wait(&pacer, 100, now, now + 36000, 1000, 1), 0);
	assert_int_equal(plan_pace_wait(&pacer, 99, now, now + 36000, 1000, 1), 361001);
	assert_int_equal(plan_pace_wait(&pacer, 99, now + 18000, now + 36000, 18001000, 1), 0);
	assert_in_range(
	    plan_pace_wait(&pacer, 98, now + 18000, now + 36000, 18001000, 1), 18182000, 18185000);
	assert_int_equal(plan_pace_wait(&pacer, 0, now + 18060, now + 36000, 18061000, 1), 0);
}

/* ---- the forecast of a whole plan ---- */

struct trial {
	struct plan plan;
	struct forecast_plan in;
	struct forecast_work works[WORKS];
	size_t n;
};

struct sim {
	const struct trial *t;
	double units[WORKS], budget[WORKS], spent[STAGE_COUNT], left, day_units;
	int64_t end[WORKS], now, reset;
};

static bool sim_has_work(const struct sim *m, size_t i)
{
	return m->units[i] > 1e-6 && !(m->t->works[i].has_budget && m->budget[i] <= 1e-6);
}

/* What a stage has not spent of what it may, by the words of the plan. */
static double sim_stage_left(const struct sim *m, int s)
{
	const struct plan *p = &m->t->plan;
	double own[STAGE_COUNT], pool = 0, at_work = 0;
	bool work[STAGE_COUNT] = {false};
	double left;

	for (size_t i = 0; i < m->t->n; i++)
		work[m->t->works[i].stage] = work[m->t->works[i].stage] || sim_has_work(m, i);
	for (int k = 0; k < STAGE_COUNT; k++) {
		own[k] = m->day_units * p->share[k] / 100;
		if (work[k])
			at_work += p->share[k];
		else
			pool += own[k] - m->spent[k];
	}
	left = own[s] - m->spent[s];
	if (p->lend && pool > 0) {
		int n = 0;
		for (int k = 0; k < STAGE_COUNT; k++)
			n += work[k];
		left += at_work > 0 ? pool * p->share[s] / at_work : pool / n;
	}
	return left < 0 ? 0 : left;
}

static bool sim_has_begun(const struct sim *m, size_t i)
{
	for (size_t b = 0; b < i && m->t->works[i].after; b++)
		if (m->t->works[b].stage == m->t->works[i].stage && m->units[b] > 1e-6)
			return false;
	return true;
}

/* What everybody wants in this step, cut to what their stages and the day have. */
static void sim_wants(const struct sim *m, double step, double *can)
{
	double left[STAGE_COUNT], want[STAGE_COUNT] = {0}, sum = 0, cut;

	for (int s = 0; s < STAGE_COUNT; s++)
		left[s] = sim_stage_left(m, s);
	for (size_t i = 0; i < m->t->n; i++) {
		const struct forecast_work *w = &m->t->works[i];
		bool now = sim_has_work(m, i) && sim_has_begun(m, i) && left[w->stage] > 1e-6;
		can[i] = now ? w->units_per_h / 3600 * step : 0;
		want[w->stage] += can[i];
	}
	for (size_t i = 0; i < m->t->n; i++) {
		const enum stage s = m->t->works[i].stage;
		double most = left[s];
		if (m->t->plan.pace == PLAN_EVEN)
			most = left[s] * step / (double)(m->reset - m->now);
		if (want[s] > most)
			can[i] *= most / want[s];
		sum += can[i];
	}
	cut = sum > m->left && sum > 0 ? m->left / sum : 1;
	for (size_t i = 0; i < m->t->n; i++)
		can[i] *= cut;
}

static void sim_step(struct sim *m, int64_t step)
{
	double can[WORKS];

	sim_wants(m, (double)step, can);
	for (size_t i = 0; i < m->t->n; i++) {
		const struct forecast_work *w = &m->t->works[i];
		double used = can[i];
		if (w->has_budget && used > m->budget[i])
			used = m->budget[i];
		if (used >= m->units[i] - 2e-6 && m->units[i] > 1e-6) {
			/* at full speed, even when its share would not have lasted the step */
			double rate = w->units_per_h / 3600;
			if (m->t->plan.pace == PLAN_EVEN)
				rate = can[i] / (double)step;
			m->end[i] = m->now + (int64_t)(m->units[i] / rate);
			used = m->units[i];
			m->units[i] = 0;
		} else {
			m->units[i] -= used;
		}
		m->budget[i] -= used;
		m->spent[w->stage] += used;
		m->left -= used;
	}
	m->now += step;
	if (m->now < m->reset)
		return;
	m->reset = day_end(day_number(m->now));
	m->left = m->day_units = m->t->in.per_day;
	memset(m->spent, 0, sizeof m->spent);
	for (size_t i = 0; i < m->t->n; i++)
		m->budget[i] = m->t->works[i].budget_per_day;
}

static void simulate(const struct trial *t, int64_t step, int64_t *end)
{
	struct sim m = {.t = t,
	    .left = t->in.left,
	    .day_units = t->in.left,
	    .now = t->in.now,
	    .reset = day_end(day_number(t->in.now))};
	bool open = true;

	for (size_t i = 0; i < t->n; i++) {
		m.units[i] = t->works[i].units;
		m.budget[i] = t->works[i].budget_left;
	}
	for (int s = 0; s < STAGE_COUNT; s++) {
		m.spent[s] = t->in.spent[s];
		m.day_units += t->in.spent[s];
	}
	while (open && m.now < t->in.now + 70 * INT64_C(86400)) {
		int64_t most = m.reset - m.now;
		sim_step(&m, most < step ? most : step);
		open = false;
		for (size_t i = 0; i < t->n; i++)
			open = open || m.units[i] > 1e-6;
	}
	memcpy(end, m.end, sizeof m.end);
}

/* Any plan, at any time of a day of any length, with any number of works. */
static void make_trial(struct trial *t, int number)
{
	double per_day = 500 + dice() * 100000, rest = per_day;

	*t = (struct trial){.n = 1 + (size_t)(dice() * (double)WORKS)};
	plan_default(&t->plan);
	plan_set_share(
	    &t->plan, (enum stage)(dice() * (double)STAGE_COUNT), 1 + (int)(dice() * 96));
	t->plan.lend = dice() < 0.7;
	t->plan.pace = dice() < 0.35 ? PLAN_EVEN : PLAN_FAST;
	t->in = (struct forecast_plan){.now = at(2026, 1, 1, 0, 0) + (int64_t)(dice() * 4e7),
	    .plan = &t->plan,
	    .per_day = per_day};
	if (number % 5 == 0) /* the days of 23 and 25 hours */
		t->in.now = (number % 10 ? at(2026, 3, 8, 8, 0) : at(2026, 11, 1, 7, 0)) +
		            (int64_t)(dice() * 86400);
	for (int s = 0; s < STAGE_COUNT; s++) {
		t->in.spent[s] = number % 7 ? rest * dice() * dice() : 0;
		rest -= t->in.spent[s];
	}
	t->in.left = number % 11 ? rest : 0;
	for (size_t i = 0; i < t->n; i++) {
		struct forecast_work *w = &t->works[i];
		w->stage = (enum stage)(dice() * (double)STAGE_COUNT);
		w->units = per_day * dice() * dice() * (number % 29 ? 1 : 4) * (i ? 1 : 3);
		w->units_per_h = 20 + dice() * dice() * 20000;
		w->after = dice() < 0.3;
		w->has_budget = dice() < 0.2;
		w->budget_per_day = per_day * (0.02 + dice() * 0.5);
		w->budget_left = w->budget_per_day * dice();
	}
}

/* A finish that hangs on the last minute of a day or a share may fall on either side of it: then a
 * finer simulation must come to the same end. */
static bool trial_agrees(
    const struct trial *t, int64_t step, int64_t most, size_t *at_work, int64_t *want)
{
	simulate(t, step, want);
	for (*at_work = 0; *at_work < t->n; (*at_work)++)
		if (llabs(t->works[*at_work].out.end - want[*at_work]) > most)
			return false;
	return true;
}

/* Its forecast; work that takes longer than is worth simulating is made less. */
static void forecast_trial(struct trial *t, struct forecast_work *works)
{
	int64_t last = INT64_MAX;

	while (last > t->in.now + 60 * INT64_C(86400)) {
		memcpy(works, t->works, sizeof t->works);
		forecast_plan(&t->in, works, t->n, NULL);
		last = 0;
		for (size_t i = 0; i < t->n; i++) {
			last = works[i].out.end > last ? works[i].out.end : last;
			t->works[i].out = works[i].out;
		}
		for (size_t i = 0; i < t->n && last > t->in.now + 60 * INT64_C(86400); i++)
			t->works[i].units /= 2;
	}
}

static void test_plans_against_simulation(void **state)
{
	int by_quota = 0, waited = 0, even = 0, finer = 0;

	(void)state;
	for (int i = 0; i < PLANS; i++) {
		struct forecast_work works[WORKS];
		int64_t want[WORKS];
		struct trial t;
		size_t n;
		make_trial(&t, i);
		forecast_trial(&t, works);
		if (!trial_agrees(&t, 60, 120, &n, want)) {
			finer++;
			if (!trial_agrees(&t, 1, 30, &n, want))
				fail_msg("plan %d, work %zu ends %lld, not %lld", i, n,
				    (long long)works[n].out.end, (long long)want[n]);
		}
		for (n = 0; n < t.n; n++) {
			by_quota += works[n].out.limit == FORECAST_BY_QUOTA;
			waited += works[n].out.resets > 0;
		}
		even += t.plan.pace == PLAN_EVEN;
	}
	print_message("%d by quota, %d waited, %d even, %d looked at more closely\n", by_quota,
	    waited, even, finer);
	assert_in_range(even, 200, 500);
	assert_in_range(waited, 300, PLANS * WORKS);
	assert_in_range(by_quota, 300, PLANS * WORKS);
	assert_in_range(finer, 0, PLANS / 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_shares),
	    cmocka_unit_test(test_words),
	    cmocka_unit_test(test_divide),
	    cmocka_unit_test(test_divide_any),
	    cmocka_unit_test(test_pace),
	    cmocka_unit_test(test_plans_against_simulation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
