/* Shared jobs and the chunks of them that this node holds. */
#include "config.h"
#include "db/staging_shared.h"
#include "engine/base/clock.h"
#include "engine/base/str.h"
#include "engine/cluster/cluster_parts.h"
#include "engine/jobs/job_lent.h"
#include "engine/quota/day.h"

#include <stdlib.h>

/* ---- learning of jobs ---- */

static struct follow *follow_find(struct cluster *c, const struct uuid *job)
{
	for (int i = 0; i < c->n_jobs; i++)
		if (memcmp(&c->jobs[i].of.job, job, sizeof *job) == 0)
			return &c->jobs[i];
	return NULL;
}

/* Takes j's parameters. */
static void follow_put(struct cluster *c, const struct cluster_job *j)
{
	struct follow *f = follow_find(c, &j->job);

	if (!f && c->n_jobs == NODE_JOBS) {
		free(j->params);
		return;
	}
	if (!f) {
		f = &c->jobs[c->n_jobs++];
		*f = (struct follow){.wanted = -1};
	}
	if (f->of.open != j->open)
		f->claim_ms = f->vain = 0;
	free(f->of.params);
	f->of = *j;
	f->seen = true;
}

static enum err follow_all(struct cluster *c, struct errbuf *eb)
{
	struct cluster_job *jobs = calloc(NODE_JOBS, sizeof *jobs);
	int n = 0, kept = 0;
	enum err err = jobs ? cluster_jobs(c->pg, jobs, NODE_JOBS, &n, eb)
	                    : err_set(eb, ERR_NOMEM, "out of memory");

	for (int i = 0; i < c->n_jobs; i++)
		c->jobs[i].seen = false;
	for (int i = 0; i < n && !err; i++)
		follow_put(c, &jobs[i]);
	for (int i = 0; i < n && err; i++)
		free(jobs[i].params);
	free(jobs);
	for (int i = 0; i < c->n_jobs && !err; i++)
		if (c->jobs[i].seen)
			c->jobs[kept++] = c->jobs[i];
		else
			free(c->jobs[i].of.params);
	c->n_jobs = err ? c->n_jobs : kept;
	return err;
}

/* A job that began here becomes known to all. */
static enum err node_tell(
    struct cluster *c, const struct dispatcher_job *job, bool *told, struct errbuf *eb)
{
	const int64_t a_day = job->units_per_day, left = job->day_units_left;
	const struct cluster_limits limits = {
	    job->units_left, a_day, day_number(clock_now()), a_day > left ? a_day - left : 0};
	struct job_row row;
	char *params = NULL;
	enum err err;

	if (!job->shares || job->row.status != JOB_RUNNING || !job->begun ||
	    follow_find(c, &job->row.uuid))
		return ERR_OK;
	err = staging_job_get(c->reader, job->row.no, &row, &params, eb);
	if (!err && !job_is_lent(params)) {
		err = cluster_job_add(
		    c->pg, &row.uuid, &c->self.node, job->type->info.name, params, &limits, eb);
		*told = true;
	}
	free(params);
	return err;
}

/* A job that began elsewhere is worked at here. */
static enum err node_lend(struct cluster *c, struct follow *f, struct errbuf *eb)
{
	const struct job_type *type = job_type_find(f->of.type);
	json_t *params = json_loads(f->of.params, 0, NULL);
	char home[UUID_TEXT + 1];
	enum err err = ERR_OK;

	/* one that this version does not know is left to others */
	if (type && type->bring && json_is_object(params)) {
		json_object_set_new(params, JOB_HOME, json_string(uuid_format(&f->of.home, home)));
		err = dispatcher_job_add_as(
		    c->parts->dispatcher, &f->of.job, type, params, NULL, "cluster", &f->no, eb);
	}
	json_decref(params);
	return err;
}

static enum err node_place(struct cluster *c, struct follow *f, struct errbuf *eb)
{
	struct dispatcher_job job;
	enum err err = f->no ? ERR_OK : staging_job_find(c->reader, &f->of.job, &f->no, eb);

	if (err == ERR_NOTFOUND) {
		f->no = 0;
		err =
		    f->of.ended || node_is_home(c, f) || !c->fetches ? ERR_OK : node_lend(c, f, eb);
	}
	f->status = JOB_STATUS_COUNT;
	if (!err && f->no && dispatcher_job_get(c->parts->dispatcher, f->no, &job))
		f->status = job.row.status;
	return err;
}

/* ---- what people want ---- */

static bool status_wants(enum job_status status, enum cluster_want *out)
{
	*out = status == JOB_PAUSED      ? CLUSTER_PAUSE
	       : status == JOB_CANCELLED ? CLUSTER_CANCEL
	                                 : CLUSTER_GO_ON;
	return status == JOB_PAUSED || status == JOB_CANCELLED || status == JOB_RUNNING ||
	       status == JOB_WAITING;
}

static void node_obey(struct cluster *c, struct follow *f)
{
	static const enum action actions[] = {[CLUSTER_GO_ON] = ACTION_JOB_RESUME,
	    [CLUSTER_PAUSE] = ACTION_JOB_PAUSE,
	    [CLUSTER_CANCEL] = ACTION_JOB_CANCEL};
	struct str said;
	struct errbuf eb = {0};

	str_init(&said, 256);
	if (dispatcher_job_act(
	        c->parts->dispatcher, f->no, actions[f->of.want], "cluster", &said, &eb))
		log_at(c->log, LOG_DEBUG, "cluster", f->no, "%s", err_text(&eb));
	str_done(&said);
	f->status = JOB_STATUS_COUNT; /* another one now */
}

/* The newest wish counts, here or elsewhere. */
static enum err node_follow(struct cluster *c, struct follow *f, struct errbuf *eb)
{
	enum cluster_want here;
	bool has = f->no && status_wants(f->status, &here);
	bool is_news = f->of.wanted > f->wanted;

	if (is_news) {
		f->wanted = f->of.wanted;
		if (has && here != f->of.want && !f->of.ended)
			node_obey(c, f);
		return ERR_OK;
	}
	if (!has || here == f->of.want || f->of.ended)
		return ERR_OK;
	f->of.want = here;
	return cluster_job_want(c->pg, &f->of.job, here, &f->wanted, eb);
}

/* ---- how far it is ---- */

static enum err node_show(struct cluster *c, struct follow *f, bool *changed, struct errbuf *eb)
{
	const struct cluster_job *j = &f->of;
	const struct job_type *type = job_type_find(j->type);
	struct shared_job shown = {.uuid = j->job,
	    .is_home = node_is_home(c, f),
	    .ahead = type && type->keeps ? NODE_TURNS_AHEAD : NODE_CALLS_AHEAD,
	    .has_budget = j->has_budget,
	    .units_left = j->units_left,
	    .planned = j->planned,
	    .processed = j->done + j->missing + j->absent + j->failed};
	bool again = false, now = false;
	enum err err = ERR_OK;

	shown.is_over = j->ended || ((j->is_planned || f->is_closed) && !j->open &&
	                                (!shown.is_home || !j->away));
	if (shown.is_home && shown.is_over && !j->ended)
		err = node_walk_again(c, f, &again, eb);
	if (err)
		return err;
	shown.is_over = shown.is_over && !again;
	shown.is_spent = node_is_spent(f);
	if (shared_job_put(c->shared, &shown, &now))
		return err_set(eb, ERR_NOMEM, "out of memory");
	*changed = *changed || now;
	if (shown.is_home && !j->ended && f->no &&
	    (f->status == JOB_COMPLETED || f->status == JOB_FAILED || f->status == JOB_CANCELLED))
		return cluster_job_end(c->pg, &j->job, eb);
	return ERR_OK;
}

static void node_ask_home(struct cluster *c)
{
	struct bring_job jobs[NODE_JOBS];
	int n = 0;

	for (int i = 0; i < c->n_jobs; i++) {
		const struct follow *f = &c->jobs[i];
		const struct job_type *type = job_type_find(f->of.type);

		if (type && node_is_home(c, f) && f->no && f->of.away)
			jobs[n++] = (struct bring_job){f->of.job, f->no, type};
	}
	if (n)
		bringer_ask(c, jobs, n);
}

enum err node_jobs(struct cluster *c, struct errbuf *eb)
{
	enum { MANY = 256 };
	struct dispatcher_job *here = calloc(MANY, sizeof *here);
	size_t n = here ? dispatcher_jobs(c->parts->dispatcher, here, MANY) : 0;
	bool told = false, changed = false;
	enum err err = here ? follow_all(c, eb) : err_set(eb, ERR_NOMEM, "out of memory");

	for (size_t i = 0; i < n && !err; i++)
		err = node_tell(c, &here[i], &told, eb);
	free(here);
	if (!err && told)
		err = follow_all(c, eb);
	for (int i = 0; i < c->n_jobs && !err; i++) {
		err = node_place(c, &c->jobs[i], eb);
		if (!err)
			err = node_follow(c, &c->jobs[i], eb);
		if (!err)
			err = node_show(c, &c->jobs[i], &changed, eb);
		if (!err)
			err = node_end_spent(c, &c->jobs[i], eb);
	}
	if (changed)
		dispatcher_shared_again(c->parts->dispatcher);
	if (!err)
		node_ask_home(c);
	return err;
}

/* ---- leases ---- */

static int64_t node_until(const struct cluster *c, int64_t asked_ms)
{
	return asked_ms + c->lease_ms - c->lease_ms / 6;
}

static enum err node_take(struct cluster *c, struct follow *f, int64_t asked_ms, struct errbuf *eb)
{
	const struct shared_lease lease = {
	    c->chunk->id, c->chunk->epoch, c->chunk->job, node_until(c, asked_ms)};
	enum err err = node_is_home(c, f) ? ERR_OK : node_lend_ids(c, f, eb);

	if (!err &&
	    shared_lease_add(c->shared, &lease, c->chunk->ids, c->chunk->outcome, c->chunk->n))
		err = err_set(eb, ERR_NOMEM, "out of memory");
	if (!err)
		dispatcher_shared_again(c->parts->dispatcher);
	return err;
}

/* May this node work at a chunk of it now? */
static bool node_may_claim(const struct follow *f)
{
	return f && !f->of.ended && f->of.want == CLUSTER_GO_ON && f->status == JOB_RUNNING;
}

static enum err node_try(
    struct cluster *c, struct follow *f, int64_t chunk, bool *did, struct errbuf *eb)
{
	int64_t asked = clock_boot_ms(), began = clock_mono_ms();
	enum err err = cluster_claim(c->pg, &c->self.node, &f->of.job, chunk, c->lease_ms,
	    c->lease_ms / 4, c->chunk, did, eb);

	if (!err && *did)
		err = node_take(c, f, asked, eb);
	c->claims++;
	c->claim_ms += clock_mono_ms() - began;
	return err;
}

enum err node_claim(struct cluster *c, bool *did, struct errbuf *eb)
{
	struct shared_hold holds[NODE_LEASES];
	int64_t workers = settings_number(c->settings, SET_WORKERS, 0);
	struct cluster_pointer p;
	struct follow *f;
	struct uuid job;
	enum err err;

	if (shared_leases(c->shared, holds, NODE_LEASES) == NODE_LEASES ||
	    !shared_wants(c->shared, workers, &job))
		return ERR_OK;
	f = follow_find(c, &job);
	if (!node_may_claim(f))
		return ERR_OK;
	if (node_pointer(c, &p)) {
		struct follow *named = follow_find(c, &p.job);

		err = node_may_claim(named) ? node_try(c, named, p.chunk, did, eb) : ERR_OK;
		*did = true; /* there may be more */
		return err;
	}
	/* straight from PostgreSQL: there is no stream, or it does not say all */
	if (clock_mono_ms() < f->claim_ms)
		return ERR_OK;
	err = node_try(c, f, 0, did, eb);
	f->claim_ms = *did ? 0 : clock_mono_ms() + (INT64_C(200) << f->vain);
	f->vain = *did ? 0 : f->vain + (f->vain < 5);
	return err;
}

enum err node_renew(struct cluster *c, struct errbuf *eb)
{
	struct shared_hold holds[NODE_LEASES];
	struct cluster_lease leases[NODE_LEASES];
	int n = shared_leases(c->shared, holds, NODE_LEASES);
	int64_t asked = clock_boot_ms();
	bool again = false;
	enum err err;

	for (int i = 0; i < n; i++)
		leases[i] =
		    (struct cluster_lease){holds[i].lease.chunk, holds[i].lease.epoch, false};
	err = n ? cluster_renew(c->pg, &c->self.node, leases, n, c->lease_ms, eb) : ERR_OK;
	for (int i = 0; i < n && !err; i++) {
		if (!leases[i].held && !holds[i].done)
			log_at(c->log, LOG_WARNING, "cluster", 0,
			    "the lease of work chunk %lld is lost", (long long)leases[i].chunk);
		if (shared_lease_renew(
		        c->shared, leases[i].chunk, leases[i].held, node_until(c, asked)))
			again = true;
	}
	if (again)
		dispatcher_shared_again(c->parts->dispatcher);
	return err;
}

/* Its job's home ends a job whose budget is spent when nobody has a lease: what was done under this one must have
 * been told before. */
static bool lease_is_told(struct cluster *c, const struct shared_hold *h)
{
	bool untold = true;

	return !h->is_out &&
	       staging_marks_wait(c->reader, h->lease.chunk, &untold, NULL) == ERR_OK && !untold;
}

/* Does a chunk of this job go on here? */
static bool lease_goes_on(struct cluster *c, const struct shared_hold *h)
{
	const struct follow *f = follow_find(c, &h->lease.job);
	bool is_wanted =
	    f && !f->of.ended && f->of.want == CLUSTER_GO_ON &&
	    (f->status == JOB_RUNNING || f->status == JOB_PENDING || f->status == JOB_STATUS_COUNT);

	if (is_wanted && shared_budget_is_over(c->shared, &f->of.job))
		return h->done || !lease_is_told(c, h);
	return h->done || is_wanted;
}

enum err node_release(struct cluster *c, bool all, struct errbuf *eb)
{
	struct shared_hold holds[NODE_LEASES];
	int n = shared_leases(c->shared, holds, NODE_LEASES);
	enum err err = ERR_OK;

	for (int i = 0; i < n && !err; i++) {
		struct cluster_lease lease = {holds[i].lease.chunk, holds[i].lease.epoch, false};

		if (!all && lease_goes_on(c, &holds[i]))
			continue;
		err = cluster_release(c->pg, &lease, eb);
		if (!err)
			shared_lease_drop(c->shared, lease.chunk);
	}
	return err;
}
