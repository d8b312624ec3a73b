/*
 * forecast - when work will be finished, waiting for quota included: the one function behind every
 * finish time on any screen. Pure; any thread.
 */
#ifndef TUBEOPS_QUOTA_FORECAST_H
#define TUBEOPS_QUOTA_FORECAST_H

#include <stdint.h>

struct forecast_in {
	int64_t now;        /* UTC seconds */
	double units;       /* still to be spent on this work */
	double units_per_h; /* as fast as it can spend them; <= 0: not known */
	double left_today;  /* units it may still spend on this Pacific day */
	double per_day;     /* on a full day */
};

enum forecast_limit { FORECAST_BY_RATE, FORECAST_BY_QUOTA, FORECAST_NEVER };

struct forecast_out {
	int64_t end;    /* UTC seconds; 0: never */
	int64_t resets; /* Pacific midnights it waits for */
	int64_t idle_s; /* time during which nothing can be spent */
	enum forecast_limit limit;
};

/* Walks from reset to reset; gives up (never) after 100 years. */
struct forecast_out forecast_run(const struct forecast_in *in);

#endif
