/*
 * Budgets of units of shared jobs: each node gets a few units from PostgreSQL before it spends them, as it
 * gets those of the quota, so that all together never spend more. What a crash leaves unspent counts as spent.
 */
#include "config.h"
#include "engine/base/clock.h"
#include "engine/cluster/cluster_parts.h"

enum err node_budgets(struct cluster *c, struct errbuf *eb)
{
	struct cluster_portion got;
	struct shared_want want;
	bool any = false;
	enum err err = ERR_OK;

	while (!err && shared_budget_wants(c->shared, &want)) {
		err = cluster_budget(c->pg, &want.job, want.day, want.least, want.want, &got, eb);
		if (!err)
			shared_budget_put(c->shared, &want, got.got, got.units_left);
		any = true;
	}
	if (any)
		dispatcher_shared_again(c->parts->dispatcher);
	return err;
}

enum err node_budgets_back(struct cluster *c, bool all, struct errbuf *eb)
{
	enum err err = ERR_OK;

	for (int i = 0; i < c->n_jobs && !err; i++) {
		const struct follow *f = &c->jobs[i];
		bool rests = all || (f->status != JOB_RUNNING && f->status != JOB_STATUS_COUNT);
		int64_t n, day;

		/* taken out first: an answer that is lost must not give them twice */
		while (!err && (n = shared_budget_back(c->shared, &f->of.job, rests, &day)) > 0)
			err = cluster_budget_back(c->pg, &f->of.job, day, n, eb);
	}
	return err;
}

enum err node_end_spent(struct cluster *c, struct follow *f, struct errbuf *eb)
{
	bool is_idle = node_is_spent(f) && f->of.open && !f->of.leased && !f->of.ended;
	int64_t now = clock_mono_ms();

	f->is_closed = f->is_closed && node_is_spent(f);
	f->spent_ms = !is_idle ? 0 : f->spent_ms ? f->spent_ms : now;
	if (!node_is_home(c, f) || !is_idle || now - f->spent_ms < NODE_SPENT_MS)
		return ERR_OK;
	f->is_closed = true;
	return cluster_job_close(c->pg, &f->of.job, c->lease_ms / 4, eb);
}
