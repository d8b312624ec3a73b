/*
 * plan - how the units of a Pacific day are divided among the stages of the work: shares, lending,
 * pace. Only arithmetic; who spends asks here first. Pure; any thread.
 *
 * Shares are of the bucket BUCKET_UNITS; the other buckets are one kind of call each. A stage may
 * spend its share of the day. While another has no work left and lending is on, what that one has not
 * spent goes to those that have, by their shares; when it has work again, it gets what is still left.
 */
#ifndef TUBEOPS_QUOTA_PLAN_H
#define TUBEOPS_QUOTA_PLAN_H

#include "engine/base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* name, word, share in percent, units that an item costs as long as nothing was measured */
#define STAGE_LIST(X)                           \
	X(STAGE_METADATA, "metadata", 60, 0.02) \
	X(STAGE_VIDEOS, "videos", 30, 1.5)      \
	X(STAGE_DISCOVERY, "discovery", 5, 1.0) \
	X(STAGE_REFRESH, "refresh", 5, 0.02)

enum stage {
#define STAGE_ENUM(name, word, share, each) name,
	STAGE_LIST(STAGE_ENUM)
#undef STAGE_ENUM
	    STAGE_COUNT,
	STAGE_NONE = STAGE_COUNT /* what belongs to none: tests of keys */
};

/* "" for STAGE_NONE. */
const char *stage_word(enum stage s);
/* STAGE_NONE when there is no such stage. */
enum stage stage_find(const char *word);
double stage_default_units(enum stage s);

enum plan_pace {
	PLAN_FAST, /* as fast as keys and workers allow */
	PLAN_EVEN  /* spread over the hours that are left of the day */
};
const char *plan_pace_word(enum plan_pace pace);
bool plan_pace_parse(const char *word, enum plan_pace *out);

struct plan {
	int share[STAGE_COUNT]; /* percent of the day's units; 100 in sum */
	bool lend;
	enum plan_pace pace;
	int64_t target[STAGE_COUNT]; /* UTC second by which it is wanted; 0: no date */
};

/* The shares of STAGE_LIST, lending, fast. */
void plan_default(struct plan *p);
/* "60,30,5,5" in the order of STAGE_LIST; ERR_INVALID says what is wrong. */
enum err plan_parse_shares(const char *text, struct plan *p, struct errbuf *eb) MUST_CHECK;
/* One share changes, 0..100; the others give way, or grow, by their size. The sum stays 100. */
void plan_set_share(struct plan *p, enum stage s, int percent);

/* One bucket on one day. Units are doubles: forecasts work with parts of them. */
struct plan_day {
	double units;              /* of this day: spent by anybody, and left */
	double left;               /* of them left */
	double spent[STAGE_COUNT]; /* of them by each stage */
	bool work[STAGE_COUNT];    /* has it any left that it may spend units on today? */
};

struct plan_part {
	double allowed; /* units on this day, own share and lent ones */
	double lent;    /* of them by others; negative: its own, now with others */
	double unspent; /* of allowed; what even pace is reckoned by */
	double left;    /* the same, but never more than the day has left */
};

void plan_divide(const struct plan *p, const struct plan_day *d, struct plan_part out[STAGE_COUNT]);

/* May a stage that has spent so much of it today spend cost more? A part of a unit at the end of a
 * share is rounded up, or one unit of the day would be nobody's. */
bool plan_may_spend(const struct plan_part *part, double spent, double cost);

/* Units a second at even pace: left units over the time that is left; 0 without either. */
double plan_even_rate(double left, int64_t now, int64_t reset);

/* How a stage keeps its even pace: one per stage, all zero before its first unit. */
struct plan_pacer {
	int64_t minute; /* of the clock when per_s was reckoned */
	double per_s;
	double next_ms; /* monotonic: no unit before it */
};

/*
 * May it spend cost units now? 0: yes, and they are noted; else the monotonic time to ask again.
 * The rate is reckoned anew every minute from what is left.
 */
int64_t plan_pace_wait(struct plan_pacer *pacer, double left, int64_t now, int64_t reset,
    int64_t mono_ms, double cost);

#endif
