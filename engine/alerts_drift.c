/* What was thought of the stages hour by hour: has their end moved, does what is due for a refresh grow? */
#include "config.h"
#include "engine/alerts.h"

#include <string.h>

enum {
	DRIFT_STEP_S = 3600,
	DRIFT_LONG_S = 86400,
	DRIFT_MOVED_S = 86400,
	DRIFT_STALE_S = 6 * 3600, /* what is due is compared with what was so long ago at least */
	DRIFT_STALE_LEAST = 100   /* fewer channels are no news, nor is a hundredth more */
};

static const struct snapshot_stage *drift_refresh(const struct snapshot *s)
{
	for (size_t i = 0; i < s->n_stages; i++)
		if (strcmp(s->stages[i].name, "refresh") == 0)
			return &s->stages[i];
	return NULL;
}

static void drift_forget(struct alert_drift *d, int64_t now)
{
	int old = 0;

	while (old < d->n && (now - d->list[old].at > DRIFT_LONG_S || old + ALERT_DRIFTS == d->n))
		old++;
	d->n -= old;
	memmove(d->list, d->list + old, (size_t)d->n * sizeof d->list[0]);
}

void alert_drift_note(struct alert_drift *d, const struct snapshot *s)
{
	const struct snapshot_stage *refresh = drift_refresh(s);
	struct alert_reckoning *r;

	if (!s->n_stages || (d->n && s->made_at - d->list[d->n - 1].at < DRIFT_STEP_S))
		return;
	drift_forget(d, s->made_at);
	r = &d->list[d->n++];
	*r = (struct alert_reckoning){
	    .at = s->made_at, .due = refresh ? refresh->target - refresh->done : 0};
	for (size_t i = 0; i < s->n_stages && i < SNAPSHOT_STAGES; i++)
		r->finish[i] = s->stages[i].has_work ? s->stages[i].finish : 0;
}

/* One that is not at work ends a day later each day, which is no news. */
const struct alert_reckoning *alert_drift_moved(
    const struct alert_drift *d, const struct snapshot *s, size_t stage)
{
	const struct snapshot_stage *g = &s->stages[stage];

	if (!g->has_work || (!g->finish && strcmp(g->limit, "never") != 0))
		return NULL;
	for (int i = 0; i < d->n; i++) {
		const struct alert_reckoning *r = &d->list[i];
		if (!r->finish[stage] || s->made_at - r->at > DRIFT_LONG_S)
			continue;
		return !g->finish || g->finish - r->finish[stage] > DRIFT_MOVED_S ? r : NULL;
	}
	return NULL;
}

const struct alert_reckoning *alert_drift_stale(
    const struct alert_drift *d, const struct snapshot *s)
{
	const struct snapshot_stage *refresh = drift_refresh(s);
	int64_t due = refresh ? refresh->target - refresh->done : 0;

	for (int i = 0; i < d->n; i++) {
		const struct alert_reckoning *r = &d->list[i];
		if (s->made_at - r->at > DRIFT_LONG_S)
			continue;
		if (s->made_at - r->at < DRIFT_STALE_S)
			return NULL;
		return due - r->due > DRIFT_STALE_LEAST && due - r->due > r->due / 100 ? r : NULL;
	}
	return NULL;
}
