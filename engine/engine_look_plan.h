/*
 * engine_look_plan - the plan's part of a snapshot: stages, projects, hours, and every finish time.
 * For engine/engine_*.c alone; the look lock is held.
 */
#ifndef TUBEOPS_ENGINE_LOOK_PLAN_H
#define TUBEOPS_ENGINE_LOOK_PLAN_H

#include "engine/engine_parts.h"
#include "engine/quota/forecast.h"

/* What the look at jobs leaves for the plan: by place in snapshot.jobs. */
struct look_job_facts {
	const struct job_type *type; /* NULL: this version knows none of that name */
	double rate;                 /* items a second, over the time it worked; 0 not known */
	int64_t units_left;          /* of its budget; -1: none */
};

struct look_measured {
	double units, items; /* of jobs, newest first, until there are enough */
};

struct look_facts {
	struct look_job_facts jobs[SNAPSHOT_JOBS];
	struct look_measured measured[STAGE_COUNT];
	bool work[STAGE_COUNT];  /* jobs that may spend units today */
	int64_t import_ended_at; /* the last one; UTC seconds; 0 */
};

/* One stored or live job, for what was measured; newest first. */
void look_plan_measure(struct look_facts *f, const struct job_row *row);
/* Stages, projects, hours and finish times, when jobs, keys and counters stand in s. */
enum err look_plan(
    struct engine *e, struct snapshot *s, const struct look_facts *f, struct errbuf *eb);

/* ---- what else computes with a plan (engine_price.c, engine_plan.c): on snapshots alone ---- */

/* The plan and the units of today that stand in a snapshot. */
void look_plan_of(const struct snapshot *s, struct plan *plan, struct forecast_plan *in);
/*
 * The finish times of the stages with a plan: by enum stage, each as if it were at work together with
 * those that are. extra: work of a stage that may not be at work yet, which then is; NULL: none.
 */
void look_plan_finish(const struct snapshot *s, const struct plan *plan,
    const struct forecast_work *extra, struct forecast_out out[STAGE_COUNT]);
/* The finish of one stage if so many units were all that it has left. */
struct forecast_out look_plan_only(
    const struct snapshot *s, const struct plan *plan, enum stage stage, double units);
/* The finish of more work, begun now behind the open jobs of its stage; ahead: units of those. */
struct forecast_out look_plan_extra(const struct snapshot *s, const struct plan *plan,
    const struct forecast_work *extra, double *ahead);
/* Channels due for videos with so many subscribers at least (0: any): exact for powers of ten, in
 * between as if sizes fell evenly on a logarithmic scale. */
int64_t look_plan_due_videos(const struct snapshot *s, int64_t least);
/* The stage's place in snapshot.stages. */
const struct snapshot_stage *look_plan_stage(const struct snapshot *s, enum stage stage);

/* ---- engine_plan.c ---- */
/* As GET /api/plan shows it; a new reference, NULL when out of memory. */
json_t *plan_report(const struct snapshot *s);

#endif
