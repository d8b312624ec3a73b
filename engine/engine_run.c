/* One job from start to end in this process, and one push of the outbox. */
#include "config.h"
#include "engine/engine_parts.h"
#include "engine/jobs/spool.h"
#include "engine/base/clock.h"
#include "engine/base/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RUN_TICK_MS = 250, RUN_SHOW_MS = 100, RUN_DRAIN_MS = 8000 };

const struct job_type_info *const *engine_job_types(void)
{
	static const struct job_type_info *infos[32];

	/* the same pointers whoever comes first: a race would write what is there already */
	for (size_t i = 0; job_types()[i] && i + 1 < sizeof infos / sizeof infos[0]; i++)
		infos[i] = &job_types()[i]->info;
	return infos;
}

/* ---- continuing ---- */

struct run_find {
	const char *type;
	const char *params;
	int64_t no;
};

static enum err run_find_row(void *arg, const struct job_row *r, struct errbuf *eb)
{
	struct run_find *f = arg;

	(void)eb;
	if (!job_status_is_open(r->status) || strcmp(r->type, f->type) != 0 ||
	    strcmp(r->params, f->params) != 0)
		return ERR_OK;
	f->no = r->no;
	return ERR_CANCELLED; /* the newest one will do */
}

enum err engine_job_begin(struct engine *e, const struct job_type *type, const json_t *params,
    struct secret *secret, const char *who, int64_t *no, bool *goes_on, struct errbuf *eb)
{
	char *text = json_dumps(params, JSON_COMPACT | JSON_SORT_KEYS);
	struct run_find f = {type->info.name, text ? text : "", 0};
	struct str said;
	enum err err;

	pthread_mutex_lock(&e->look);
	err = staging_jobs_each(e->reader, JOB_STATUS_COUNT, 0, run_find_row, &f, eb);
	pthread_mutex_unlock(&e->look);
	free(text);
	if (err) {
		secret_free(secret);
		return err;
	}
	*goes_on = f.no != 0;
	if (!f.no)
		return dispatcher_job_add(e->parts.dispatcher, type, params, secret, who, no, eb);
	*no = f.no;
	err = dispatcher_job_secret(e->parts.dispatcher, f.no, secret, eb);
	if (err)
		return err;
	str_init(&said, 256);
	err = dispatcher_job_act(e->parts.dispatcher, f.no, ACTION_JOB_RESUME, who, &said, eb);
	/* one that is pending or at work already goes on by itself */
	if (err == ERR_DENIED)
		err = ERR_OK;
	str_done(&said);
	return err;
}

/* ---- waiting ---- */

struct run_wait {
	int64_t no;
	bool wait; /* for quota too */
	engine_progress_fn *progress;
	void *arg;
	int64_t shown_ms; /* clock_mono_ms */
	bool stop_asked;
};

/* ERR_BUSY: not over yet. */
static enum err run_look(const struct run_wait *r, const struct job_row *j, struct errbuf *eb)
{
	const char *why = j->reason[0] ? j->reason : job_status_word(j->status);

	switch (j->status) {
	case JOB_COMPLETED:
		return ERR_OK;
	case JOB_FAILED:
		return err_set(eb, ERR_INVALID, "%s", why);
	case JOB_CANCELLED:
	case JOB_PAUSED:
	case JOB_INTERRUPTED:
		return err_set(eb, ERR_CANCELLED, "%s", why);
	case JOB_WAITING:
		return r->wait ? ERR_BUSY
		               : err_set(eb, j->until ? ERR_QUOTA : ERR_UNAVAIL, "%s", why);
	default:
		return ERR_BUSY;
	}
}

static void run_ask_stop(struct engine *e, int64_t no)
{
	struct str said;
	struct errbuf eb;

	str_init(&said, 256);
	if (dispatcher_job_act(e->parts.dispatcher, no, ACTION_JOB_PAUSE, "signal", &said, &eb))
		log_at(e->parts.log, LOG_DEBUG, "run", no, "%s", err_text(&eb));
	str_done(&said);
}

/* Shows how far it is, and asks the job to stop when the caller wants that. Chunks end more often
 * than anybody can read. */
static void run_show(struct engine *e, struct run_wait *r)
{
	int64_t now_ms = clock_mono_ms();
	const struct snapshot *s;

	if (!r->progress || now_ms < r->shown_ms + RUN_SHOW_MS)
		return;
	r->shown_ms = now_ms;
	s = engine_snapshot(e);
	if (s && !r->progress(r->arg, s, r->no) && !r->stop_asked) {
		r->stop_asked = true;
		run_ask_stop(e, r->no);
	}
	snapshot_unref(s);
}

static enum err run_to_end(struct engine *e, struct run_wait *r, struct errbuf *eb)
{
	struct dispatcher_job job;
	uint64_t seen = 0;
	enum err err = ERR_BUSY;

	while (err == ERR_BUSY) {
		dispatcher_wait_change(e->parts.dispatcher, &seen, RUN_TICK_MS);
		if (!dispatcher_job_get(e->parts.dispatcher, r->no, &job))
			return err_set(eb, ERR_NOTFOUND, "J-%lld is gone", (long long)r->no);
		err = run_look(r, &job.row, eb);
		r->shown_ms = err == ERR_BUSY ? r->shown_ms : 0; /* the last word is shown */
		run_show(e, r);
	}
	return err;
}

enum err engine_run_job(struct engine *e, const char *type, const char *params_json, bool wait,
    engine_progress_fn *progress, void *arg, char **result_json, struct errbuf *eb)
{
	struct run_wait r = {.wait = wait, .progress = progress, .arg = arg};
	const struct job_type *t = NULL;
	json_t *given =
	    params_json ? json_loads(params_json, JSON_REJECT_DUPLICATES, NULL) : json_object();
	struct secret *secret = NULL;
	json_t *params = NULL;
	const struct command as = {.action = ACTION_JOB_START, .by = "cli"};
	struct command_reply begun = {.err = ERR_OK};
	int64_t began = clock_mono_ms();
	bool goes_on = false;
	char who[64];
	enum err err;

	*result_json = NULL;
	if (!given)
		err = err_set(eb, ERR_INVALID, "the parameters are no JSON object");
	else if (!(t = job_type_meant(type, given, eb)))
		err = ERR_INVALID;
	else
		err = job_params_admit(t, e->parts.settings, "cli", given, &params, &secret, eb);
	if (!err)
		err = engine_job_begin(
		    e, t, params, secret, engine_who(&as, who, sizeof who), &r.no, &goes_on, eb);
	snprintf(begun.text, sizeof begun.text, "run%s", goes_on ? ", goes on" : "");
	begun.job = r.no;
	if (!err)
		engine_audit(e, &as, &begun, "");
	json_decref(given);
	json_decref(params);
	if (err)
		return err;
	err = run_to_end(e, &r, eb);
	/* what calls in flight bring still belongs to the result; those that hang are dropped */
	if (!dispatcher_quiet(e->parts.dispatcher, RUN_DRAIN_MS))
		dispatcher_hurry(e->parts.dispatcher);
	*result_json = engine_result_text(e, r.no, (double)(clock_mono_ms() - began) / 1000, eb);
	return err;
}

enum err engine_spool(const char *data_dir, char **path, int *fd, struct errbuf *eb)
{
	return spool_new(data_dir, path, fd, eb);
}

/* ---- sync ---- */

struct run_sync {
	struct engine *engine;
	engine_progress_fn *progress;
	void *arg;
};

static bool run_sync_progress(void *arg, const struct sync_numbers *n)
{
	struct run_sync *r = arg;
	const struct snapshot *s;
	bool go_on = true;

	(void)n;
	if (!r->progress || !(s = engine_snapshot(r->engine)))
		return true;
	go_on = r->progress(r->arg, s, 0);
	snapshot_unref(s);
	return go_on;
}

enum err engine_sync(
    struct engine *e, engine_progress_fn *progress, void *arg, int64_t *rows, struct errbuf *eb)
{
	struct sync_config cfg = {.url = settings_secret(e->parts.settings, SET_DATABASE_URL, 0),
	    .staging_path = e->staging_path,
	    .writer = e->parts.writer,
	    .log = e->parts.log};
	struct run_sync r = {e, progress, arg};
	struct sync_numbers n = {0};
	enum err err;

	*rows = 0;
	if (!cfg.url)
		return err_set(
		    eb, ERR_INVALID, "DATABASE_URL is not set: there is no PostgreSQL to sync to");
	err = sync_push(&cfg, NULL, run_sync_progress, &r, &n, eb);
	*rows = n.rows;
	return err;
}
