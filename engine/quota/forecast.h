/*
 * forecast - when work will be finished, waiting for quota included: the one function behind every
 * finish time on any screen, in REST and in texts. Walks from reset to reset with the plan's shares,
 * lending and pace; between two of its events (work ends, a share or the day is spent, a reset) every
 * rate is constant, so that the walk is exact. Pure; any thread.
 */
#ifndef TUBEOPS_QUOTA_FORECAST_H
#define TUBEOPS_QUOTA_FORECAST_H

#include "engine/quota/plan.h"

#include <stddef.h>

enum { FORECAST_WORKS = 80 }; /* at most, in one forecast */

enum forecast_limit { FORECAST_BY_RATE, FORECAST_BY_QUOTA, FORECAST_NEVER };

/* rate, quota, never */
const char *forecast_limit_word(enum forecast_limit limit);

struct forecast_out {
	int64_t end;    /* UTC seconds; 0: never */
	int64_t resets; /* Pacific midnights it waits for */
	int64_t idle_s; /* time during which it can spend nothing */
	enum forecast_limit limit;
};

/* One piece of work: a job, or all that a stage has left. */
struct forecast_work {
	enum stage stage;
	double units;       /* still to be spent on it */
	double units_per_h; /* as fast as it can spend them; <= 0: not known, it never ends */
	bool after;      /* begins when the works of its stage before it in the list have ended */
	bool has_budget; /* of its own on each day, besides the plan: */
	double budget_left, budget_per_day;
	struct forecast_out out; /* filled */
};

struct forecast_plan {
	int64_t now; /* UTC seconds */
	const struct plan *plan;
	double per_day;            /* units of a full day */
	double left;               /* of today, for whatever work */
	double spent[STAGE_COUNT]; /* of today */
};

/* The rest of today. */
struct forecast_today {
	int64_t dry_at; /* when there is work and nothing that it may spend any more; 0: it lasts */
	int64_t idle_s; /* from then until the reset */
	double left_over; /* units that nobody will have spent at the reset */
	/* when the stage has work and may spend nothing more; 0: it lasts, or has no work */
	int64_t stage_dry_at[STAGE_COUNT];
};

/* All works together; today may be NULL. Gives up (never) after 100 years. */
void forecast_plan(const struct forecast_plan *in, struct forecast_work *works, size_t n,
    struct forecast_today *today);

/* The same for one work that has a share of its own and shares it with nobody. */
struct forecast_in {
	int64_t now;        /* UTC seconds */
	double units;       /* still to be spent on this work */
	double units_per_h; /* as fast as it can spend them; <= 0: not known */
	double left_today;  /* units it may still spend on this Pacific day */
	double per_day;     /* on a full day */
};

struct forecast_out forecast_run(const struct forecast_in *in);

/*
 * The finish time to show: `shown` stays as long as the fresh one differs by no more than a forecast
 * can tell: a minute within a day from now, a quarter of an hour within a week, a day beyond. So it
 * does not flicker. 0 is never.
 */
int64_t forecast_settle(int64_t shown, int64_t fresh, int64_t now);

#endif
