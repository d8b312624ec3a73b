/*
 * The dispatcher asks the plan: which stages have work, what each may still spend today, how fast.
 * What was spent is counted here from what the ledger knew when it was asked first on a day: calls in
 * flight are in it, so that shares hold to the unit.
 */
#include "config.h"
#include "engine/jobs/dispatcher_parts.h"
#include "engine/base/clock.h"
#include "engine/quota/day.h"
#include "engine/quota/plan_stored.h"

#include <string.h>

enum { DISPATCH_PLAN_MS = 1000 };

/* A new day begins with all units, until the ledger says what it holds already. */
static void plan_day_locked(struct dispatch_plan *p, int64_t today)
{
	if (p->number == today)
		return;
	p->number = today;
	p->other = 0;
	p->day.units = p->per_day;
	memset(p->day.spent, 0, sizeof p->day.spent);
	memset(p->pacers, 0, sizeof p->pacers);
	p->is_known = false;
	p->asked_ms = 0;
}

/* May jobs of this kind and state spend units of their stage today? */
static bool plan_job_has_work(const struct job *j)
{
	if (!dispatch_is_chunked(j->type) || j->is_spent)
		return false;
	return j->row.status == JOB_PENDING || j->row.status == JOB_RUNNING ||
	       (j->row.status == JOB_WAITING && !j->day_is_spent);
}

/* What is left of the day, and for whom. */
static void plan_parts_locked(struct dispatcher *d, struct plan_part *parts)
{
	struct dispatch_plan *p = &d->plan;
	double spent = p->other;

	memset(p->day.work, 0, sizeof p->day.work);
	for (const struct job *j = d->jobs; j; j = j->next)
		if (j->type->stage != STAGE_NONE && plan_job_has_work(j))
			p->day.work[j->type->stage] = true;
	for (int s = 0; s < STAGE_COUNT; s++)
		spent += p->day.spent[s];
	p->day.left = p->day.units > spent ? p->day.units - spent : 0;
	plan_divide(&p->plan, &p->day, parts);
}

void dispatch_plan_ask_locked(struct dispatcher *d)
{
	struct dispatch_plan *p = &d->plan;
	int64_t now_ms = clock_mono_ms();
	struct ledger_day day;
	double spent = 0;

	if (p->asked_ms && now_ms < p->asked_ms + DISPATCH_PLAN_MS)
		return;
	pthread_mutex_unlock(&d->lock);
	ledger_day(d->parts->ledger, BUCKET_UNITS, &day);
	pthread_mutex_lock(&d->lock);
	p->per_day = (double)day.per_day;
	plan_day_locked(p, day.day);
	if (!p->is_known)
		for (int s = 0; s < STAGE_COUNT; s++)
			p->day.spent[s] = (double)day.spent[s];
	p->is_known = true;
	p->asked_ms = now_ms;
	p->other = (double)day.spent[STAGE_NONE];
	for (int s = 0; s <= STAGE_COUNT; s++)
		spent += (double)day.spent[s];
	p->day.units = spent + (double)day.left;
}

/* The pace of a stage; ERR_BUSY until *until_ms. */
static enum err plan_pace_locked(struct dispatcher *d, enum stage stage,
    const struct plan_part *part, int64_t cost, int64_t *until_ms, struct errbuf *eb)
{
	struct dispatch_plan *p = &d->plan;
	int64_t now = clock_now(), wait;

	if (p->plan.pace != PLAN_EVEN)
		return ERR_OK;
	wait = plan_pace_wait(&p->pacers[stage], part->unspent, now, day_end(day_number(now)),
	    clock_mono_ms(), (double)cost);
	if (!wait)
		return ERR_OK;
	*until_ms = wait;
	return err_set(eb, ERR_BUSY, "units are spread over the day");
}

enum err dispatch_plan_spend_locked(struct dispatcher *d, struct job *j, int64_t cost,
    int64_t *until, int64_t *until_ms, struct errbuf *eb)
{
	struct plan_part parts[STAGE_COUNT];
	enum stage stage = j->type->stage;
	enum err err;

	if (stage == STAGE_NONE)
		return ERR_OK;
	plan_day_locked(&d->plan, day_number(clock_now()));
	plan_parts_locked(d, parts);
	/* when nothing is left for anybody, or seems so, the ledger knows why and until when */
	if (d->plan.day.left < (double)cost) {
		d->plan.asked_ms = 0;
	} else if (!plan_may_spend(&parts[stage], d->plan.day.spent[stage], (double)cost)) {
		j->share_is_spent = true;
		*until = day_end(d->plan.number);
		return err_set(eb, ERR_QUOTA, "share of %s spent", stage_word(stage));
	}
	err = plan_pace_locked(d, stage, &parts[stage], cost, until_ms, eb);
	if (!err)
		d->plan.day.spent[stage] += (double)cost;
	return err;
}

void dispatch_plan_unspend_locked(struct dispatcher *d, const struct job *j, int64_t cost)
{
	double *spent;

	if (j->type->stage == STAGE_NONE)
		return;
	spent = &d->plan.day.spent[j->type->stage];
	*spent = *spent > (double)cost ? *spent - (double)cost : 0;
}

bool dispatch_plan_may_go_on_locked(struct dispatcher *d, const struct job *j)
{
	struct plan_part parts[STAGE_COUNT];
	enum stage stage = j->type->stage;

	if (!j->share_is_spent || stage == STAGE_NONE)
		return false;
	plan_parts_locked(d, parts);
	return d->plan.day.left >= 1 && plan_may_spend(&parts[stage], d->plan.day.spent[stage], 1);
}

enum err dispatch_plan_open(struct dispatcher *d, struct errbuf *eb)
{
	return plan_load(d->parts->settings, d->reader, &d->plan.plan, eb);
}

void dispatcher_plan_set(struct dispatcher *d, const struct plan *plan)
{
	pthread_mutex_lock(&d->lock);
	d->plan.plan = *plan;
	memset(d->plan.pacers, 0, sizeof d->plan.pacers);
	pthread_cond_signal(&d->work);
	pthread_cond_broadcast(&d->changed);
	pthread_mutex_unlock(&d->lock);
}

void dispatcher_plan_work(struct dispatcher *d, bool work[STAGE_COUNT])
{
	struct plan_part parts[STAGE_COUNT];

	pthread_mutex_lock(&d->lock);
	plan_parts_locked(d, parts);
	memcpy(work, d->plan.day.work, sizeof d->plan.day.work);
	pthread_mutex_unlock(&d->lock);
}
