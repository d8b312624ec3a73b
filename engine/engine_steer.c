/*
 * Commands that steer what is at work without changing what it is: a job's weight, ended jobs that are
 * to be forgotten, how many workers there are, a push to PostgreSQL.
 */
#include "config.h"
#include "db/staging.h"
#include "engine/cluster/cluster.h"
#include "engine/engine_parts.h"

#include <stdio.h>

enum { STEER_WEIGHT_MOST = 100, STEER_SLICE = 500 /* jobs forgotten in one piece of writing */ };

/* The n of {"n": 5}; false: there is none. */
static bool steer_number(const struct command *c, int64_t *n)
{
	json_t *given = c->params_json ? json_loads(c->params_json, 0, NULL) : NULL;
	const json_t *value = json_object_get(given, "n");
	bool is = json_is_integer(value);

	*n = json_integer_value(value);
	json_decref(given);
	return is;
}

/* ---- jobs ---- */

/* The number and the row of the job that is meant: as staging has it, its state as it is now. */
static enum err steer_job(
    struct engine *e, const struct command *c, struct job_row *row, struct errbuf *eb)
{
	struct dispatcher_job live;
	int64_t no = 0;
	enum err err;

	pthread_mutex_lock(&e->look);
	err = engine_job_no_locked(e, c->target ? c->target : "", &no, eb);
	if (!err)
		err = staging_job_get(e->reader, no, row, NULL, eb);
	pthread_mutex_unlock(&e->look);
	if (!err && e->parts.dispatcher && dispatcher_job_get(e->parts.dispatcher, no, &live))
		row->status = live.row.status;
	return err;
}

struct steer_weigh {
	int64_t no;
	int weight;
};

static enum err steer_weigh_apply(struct staging *s, void *arg, struct errbuf *eb)
{
	const struct steer_weigh *w = arg;

	return staging_job_weigh(s, w->no, w->weight, eb);
}

/* Up and down by doubling and halving: from one end of the scale to the other in seven steps. */
static int64_t steer_weight(enum action action, int64_t is, int64_t wanted)
{
	int64_t to = action == ACTION_JOB_RAISE   ? is * 2
	             : action == ACTION_JOB_LOWER ? is / 2
	                                          : wanted;

	if (action == ACTION_JOB_WEIGHT)
		return to;
	return to < 1 ? 1 : to > STEER_WEIGHT_MOST ? STEER_WEIGHT_MOST : to;
}

enum err command_job_weight(
    struct engine *e, const struct command *c, struct command_reply *r, struct errbuf *eb)
{
	struct steer_weigh w;
	struct job_row row = {.no = 0};
	int64_t wanted = 0, to;
	enum err err = steer_job(e, c, &row, eb);

	if (err)
		return err;
	r->job = row.no;
	if (c->action == ACTION_JOB_WEIGHT && !steer_number(c, &wanted))
		return err_set(eb, ERR_INVALID, "say the weight as n: 1 to %d", STEER_WEIGHT_MOST);
	to = steer_weight(c->action, row.weight > 0 ? row.weight : 1, wanted);
	if (to < 1 || to > STEER_WEIGHT_MOST)
		return err_set(eb, ERR_INVALID, "a weight is 1 to %d", STEER_WEIGHT_MOST);
	if (!job_status_is_open(row.status))
		return err_set(eb, ERR_DENIED, "J-%lld is %s: it needs no workers any more",
		    (long long)row.no, job_status_word(row.status));
	w = (struct steer_weigh){.no = row.no, .weight = (int)to};
	err = writer_run(e->parts.writer, steer_weigh_apply, &w, false, eb);
	if (err)
		return err;
	if (e->parts.dispatcher)
		dispatcher_job_weigh(e->parts.dispatcher, row.no, w.weight);
	snprintf(r->text, sizeof r->text, "J-%lld: weight %d, was %d", (long long)row.no, w.weight,
	    row.weight);
	return ERR_OK;
}

static enum err steer_forget_apply(struct staging *s, void *arg, struct errbuf *eb)
{
	return staging_job_forget(s, *(const int64_t *)arg, eb);
}

enum err command_job_delete(
    struct engine *e, const struct command *c, struct command_reply *r, struct errbuf *eb)
{
	struct job_row row = {.no = 0};
	enum err err = steer_job(e, c, &row, eb);

	if (!err && e->parts.dispatcher)
		err = dispatcher_job_forget(e->parts.dispatcher, row.no, eb);
	if (!err)
		err = writer_run(e->parts.writer, steer_forget_apply, &row.no, false, eb);
	if (!err)
		snprintf(r->text, sizeof r->text, "J-%lld is deleted", (long long)row.no);
	return err;
}

struct steer_forget {
	int64_t nos[STEER_SLICE];
	size_t n;
	int64_t gone;
};

static enum err steer_forget_these(struct staging *s, void *arg, struct errbuf *eb)
{
	struct steer_forget *f = arg;

	return staging_jobs_forget_these(s, f->nos, f->n, &f->gone, eb);
}

enum err engine_jobs_forget(
    struct engine *e, const int64_t *nos, size_t n, int64_t *gone, struct errbuf *eb)
{
	struct dispatcher *d = e->parts.dispatcher;
	struct steer_forget f;
	enum err err = ERR_OK;
	size_t at = 0;

	*gone = 0;
	while (at < n && !err) {
		f.n = 0;
		f.gone = 0;
		for (; at < n && f.n < STEER_SLICE; at++)
			if (!d || dispatcher_job_forget(d, nos[at], NULL) == ERR_OK)
				f.nos[f.n++] = nos[at];
		err = writer_run(e->parts.writer, steer_forget_these, &f, false, eb);
		*gone += err ? 0 : f.gone;
	}
	return err;
}

/* ---- workers ---- */

enum err command_workers(
    struct engine *e, const struct command *c, struct command_reply *r, struct errbuf *eb)
{
	int64_t is, to = 0;

	if (!e->parts.dispatcher)
		return err_set(eb, ERR_UNAVAIL, "nothing works here; start `tubeops serve`");
	is = dispatcher_workers_wanted(e->parts.dispatcher);
	if (c->action == ACTION_WORKERS_SET && !steer_number(c, &to))
		return err_set(
		    eb, ERR_INVALID, "say how many workers as n: 1 to %d", DISPATCHER_WORKERS);
	to = c->action == ACTION_WORKERS_MORE    ? is + 1
	     : c->action == ACTION_WORKERS_FEWER ? is - 1
	                                         : to;
	if (to < 1 || to > DISPATCHER_WORKERS)
		return err_set(eb, ERR_DENIED, "there may be 1 to %d workers", DISPATCHER_WORKERS);
	dispatcher_workers_set(e->parts.dispatcher, (int)to);
	snprintf(r->text, sizeof r->text,
	    "%lld workers, were %lld; WORKER_CONCURRENCY is what the next start has", (long long)to,
	    (long long)is);
	return ERR_OK;
}

/* ---- PostgreSQL ---- */

enum err command_sync(
    struct engine *e, const struct command *c, struct command_reply *r, struct errbuf *eb)
{
	struct sync_numbers n = {.configured = false};
	struct cluster_redis redis;

	(void)c;
	if (e->parts.sync)
		sync_numbers(e->parts.sync, &n);
	cluster_redis(e->cluster, &redis);
	cluster_redis_now(e->cluster);
	if (!n.configured)
		return err_set(eb, ERR_UNAVAIL,
		    "nothing is sent to PostgreSQL: give DATABASE_URL and start again");
	sync_now(e->parts.sync);
	snprintf(r->text, sizeof r->text, "what PostgreSQL does not have is sent now%s",
	    redis.since ? "; Redis is tried" : "");
	return ERR_OK;
}
