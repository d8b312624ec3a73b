/* Snapshots: numbers copied out of every part. */
#include "config.h"
#include "engine/engine_look_plan.h"
#include "engine/snapshot_json.h"
#include "engine/base/clock.h"
#include "engine/base/str.h"
#include "engine/quota/day.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	LOOK_NEWEST = 500 /* jobs that are read */,
	LOOK_FRESH_MS = 250,
	LOOK_WORKED_MS = 60000,
	LOOK_JSON_LIMIT = 8 * 1024 * 1024
};

_Static_assert((int)SNAPSHOT_OPS == (int)OP_COUNT, "snapshot.h and rows.h disagree");
_Static_assert((int)SNAPSHOT_STATES == (int)ITEM_STATE_COUNT, "snapshot.h and rows.h disagree");
_Static_assert(
    (int)SNAPSHOT_HISTORY == (int)DISPATCHER_MINUTES, "snapshot.h and dispatcher.h disagree");

/* ---- jobs ---- */

struct look_list {
	const struct engine *engine;
	struct snapshot *s;
	struct dispatcher_job *live;
	size_t n_live;
	struct look_facts *facts;
	bool open;      /* the pass for open jobs, then the one for the rest */
	int64_t oldest; /* number of the last one that was read */
	int64_t read;   /* so many */
};

/* What a forecast needs of it. live: NULL when it is not at work here. */
static void look_job_facts(
    struct snapshot_job *j, const struct dispatcher_job *live, struct look_job_facts *out)
{
	*out = (struct look_job_facts){.type = job_type_find(j->type),
	    .units_left = live ? live->units_left : -1,
	    .rate = j->rate};
	j->day_units_left = live ? live->day_units_left : -1;
	j->units_per_day = live ? live->units_per_day : -1;
	j->waits_its_turn =
	    out->type && out->type->alone && strcmp(j->status, job_status_word(JOB_PENDING)) == 0;
	if (j->worked_ms >= LOOK_WORKED_MS && j->processed > 0)
		out->rate = (double)j->processed * 1000 / (double)j->worked_ms;
}

/* What a job waits for, in a word. */
static const char *look_wait(const struct job_row *r, const struct dispatcher_job *live)
{
	if (r->status != JOB_WAITING)
		return "";
	if (!r->until)
		return "keys";
	if (live && live->day_units_left == 0)
		return "budget";
	return strncmp(r->reason, "share of ", 9) == 0 ? "share" : "quota";
}

void engine_job_shape(
    const struct job_row *r, const struct dispatcher_job *live, struct snapshot_job *j)
{
	const struct job_type *type = job_type_find(r->type);

	*j = (struct snapshot_job){.no = r->no};
	uuid_format(&r->uuid, j->uuid);
	snprintf(j->type, sizeof j->type, "%s", r->type);
	snprintf(j->word, sizeof j->word, "%.15s", type ? type->info.word : r->type);
	snprintf(j->status, sizeof j->status, "%s", job_status_word(r->status));
	snprintf(j->reason, sizeof j->reason, "%s", r->reason);
	snprintf(j->wait, sizeof j->wait, "%s", look_wait(r, live));
	j->weight = r->weight;
	j->until = r->until;
	j->total = r->total;
	j->processed = r->processed;
	j->done = r->done;
	j->missing = r->missing;
	j->absent = r->absent;
	j->failed = r->failed;
	j->pending = r->total < 0 ? 0 : r->total - r->done - r->missing - r->failed;
	j->units = r->units;
	j->rate = live && r->status == JOB_RUNNING ? live->rate : 0;
	j->created_ms = r->created_ms;
	j->started_ms = r->started_ms;
	j->completed_ms = r->completed_ms;
	j->worked_ms = r->worked_ms;
	j->open = job_status_is_open(r->status);
}

static void look_job(
    struct look_list *l, const struct job_row *r, const struct dispatcher_job *live)
{
	struct snapshot *s = l->s;
	struct snapshot_job *j;

	if (s->n_jobs == SNAPSHOT_JOBS)
		return;
	j = &s->jobs[s->n_jobs++];
	engine_job_shape(r, live, j);
	look_job_facts(j, live, &l->facts->jobs[s->n_jobs - 1]);
}

static void look_count_status(struct snapshot *s, enum job_status status)
{
	int64_t *const places[JOB_STATUS_COUNT] = {[JOB_PENDING] = &s->jobs_pending,
	    [JOB_RUNNING] = &s->jobs_running,
	    [JOB_WAITING] = &s->jobs_waiting,
	    [JOB_PAUSED] = &s->jobs_paused,
	    [JOB_INTERRUPTED] = &s->jobs_interrupted,
	    [JOB_FAILED] = &s->jobs_failed};

	if (places[status])
		(*places[status])++;
}

void engine_job_truth(const struct engine *e, struct job_row *row)
{
	int64_t pid;

	if (e->mode != ENGINE_LOOK || row->status != JOB_RUNNING ||
	    engine_owner(e->data_dir, &pid, NULL, 0))
		return;
	row->status = JOB_INTERRUPTED;
	if (!row->reason[0])
		snprintf(row->reason, sizeof row->reason,
		    "its process ended; the same command goes on with it");
}

static enum err look_stored_job(void *arg, const struct job_row *r, struct errbuf *eb)
{
	struct look_list *l = arg;
	struct job_row truth = *r;
	const struct job_row *row = &truth;
	const struct dispatcher_job *live = NULL;

	(void)eb;
	l->oldest = r->no;
	l->read++;
	engine_job_truth(l->engine, &truth);
	for (size_t i = 0; i < l->n_live; i++)
		if (l->live[i].row.no == r->no) {
			live = &l->live[i];
			row = &live->row; /* newer than what is stored */
		}
	if (l->open)
		look_plan_measure(l->facts, row);
	if (job_status_is_open(row->status) != l->open)
		return ERR_OK;
	if (l->open || (row->status == JOB_FAILED && l->read <= LOOK_NEWEST))
		look_count_status(l->s, row->status);
	look_job(l, row, live);
	return ERR_OK;
}

static int look_compare_live(const void *a, const void *b)
{
	const struct dispatcher_job *x = a, *y = b;

	return (x->row.no < y->row.no) - (x->row.no > y->row.no);
}

/* Open jobs that are older than all that were read: who is at work here knows them. */
static void look_older_open(struct look_list *l)
{
	qsort(l->live, l->n_live, sizeof *l->live, look_compare_live);
	for (size_t i = 0; i < l->n_live; i++) {
		const struct job_row *row = &l->live[i].row;
		if (row->no >= l->oldest || !job_status_is_open(row->status))
			continue;
		look_count_status(l->s, row->status);
		look_job(l, row, &l->live[i]);
	}
}

/* Which stages have work when no dispatcher here knows it better. */
static void look_work(const struct snapshot *s, struct look_facts *f)
{
	for (size_t i = 0; i < s->n_jobs; i++) {
		const struct job_type *type = f->jobs[i].type;
		enum job_status status;
		if (type && !type->run && type->stage != STAGE_NONE &&
		    job_status_parse(s->jobs[i].status, &status) &&
		    (status == JOB_PENDING || status == JOB_RUNNING || status == JOB_WAITING))
			f->work[type->stage] = true;
	}
}

static enum err look_jobs(
    struct engine *e, struct snapshot *s, struct look_facts *facts, struct errbuf *eb)
{
	struct look_list l = {.engine = e, .s = s, .open = true, .facts = facts};
	int64_t most =
	    e->parts.dispatcher ? LOOK_NEWEST : 0; /* without one nobody else knows older ones */
	enum err err;

	l.live = calloc(SNAPSHOT_JOBS * 4, sizeof *l.live);
	if (!l.live)
		return err_set(eb, ERR_NOMEM, "out of memory");
	if (e->parts.dispatcher)
		l.n_live = dispatcher_jobs(e->parts.dispatcher, l.live, SNAPSHOT_JOBS * 4);
	err = staging_jobs_each(e->reader, JOB_STATUS_COUNT, most, look_stored_job, &l, eb);
	if (!err)
		look_older_open(&l);
	l.open = false;
	l.read = 0;
	if (!err)
		err = staging_jobs_each(
		    e->reader, JOB_STATUS_COUNT, LOOK_NEWEST, look_stored_job, &l, eb);
	free(l.live);
	if (e->parts.dispatcher)
		dispatcher_plan_work(e->parts.dispatcher, facts->work);
	else
		look_work(s, facts);
	return err;
}

/* ---- the rest ---- */

static void look_keys(struct engine *e, struct snapshot *s)
{
	struct ledger_key *keys = calloc(SNAPSHOT_KEYS, sizeof *keys);
	size_t n = keys ? ledger_keys(e->parts.ledger, keys, SNAPSHOT_KEYS) : 0;

	for (size_t i = 0; i < n && i < SNAPSHOT_KEYS; i++) {
		const struct ledger_key *k = &keys[i];
		struct snapshot_key *out = &s->keys[s->n_keys++];
		snprintf(out->name, sizeof out->name, "%s", k->name);
		snprintf(out->project, sizeof out->project, "%s", k->project);
		snprintf(out->print, sizeof out->print, "%s", k->print);
		snprintf(out->state, sizeof out->state, "%s", key_state_word(k->state));
		snprintf(out->reason, sizeof out->reason, "%s", k->reason);
		out->used = k->used[BUCKET_UNITS];
		out->limit = k->limit[BUCKET_UNITS];
		out->calls = k->calls;
		out->errors = k->errors;
		out->last_used = k->last_used;
		out->until = k->until;
		out->per_hour = k->per_hour;
		for (int ago = 0; ago < SNAPSHOT_WEEK; ago++) {
			out->week[ago].units = k->week[ago].units;
			out->week[ago].failed = k->week[ago].failed;
		}
		out->spent_at = k->spent_at;
		for (size_t b = 0; b < i; b++)
			out->shares_project =
			    out->shares_project || strcmp(keys[b].project, k->project) == 0;
		s->n_keys_usable += k->state != KEY_REFUSED && k->state != KEY_OFF;
		if (!out->shares_project)
			s->units_used += out->used;
	}
	free(keys);
	s->units_left = ledger_left(e->parts.ledger, BUCKET_UNITS);
	s->units_per_day = ledger_per_day(e->parts.ledger, BUCKET_UNITS);
	s->reset_at = ledger_reset_at(e->parts.ledger);
	s->day_start = day_start(day_number(s->made_at));
}

static void look_dispatch(struct engine *e, struct snapshot *s)
{
	struct dispatcher_numbers n;

	dispatcher_numbers(e->parts.dispatcher, &n);
	for (int i = 0; i < SNAPSHOT_HISTORY; i++)
		s->minutes[i] = (struct snapshot_minute){
		    n.minutes[i].units, n.minutes[i].items, n.minutes[i].errors, n.minutes[i].rows};
	s->items_per_s = n.items_per_s;
	s->units_per_h = n.units_per_h;
	s->api_seen = n.api_seen;
	s->api_ok = n.api_ok;
	s->api_ms = n.api_ms;
	s->draining = n.draining;
	s->workers_replaced = n.workers_replaced;
	snprintf(s->api_trouble, sizeof s->api_trouble, "%s", n.api_trouble);
}

static int64_t look_size(const char *path, const char *suffix)
{
	struct str name;
	struct stat st;
	int64_t size = 0;

	str_init(&name, 4096);
	str_addf(&name, "%s%s", path, suffix);
	if (!name.err && stat(str_get(&name), &st) == 0)
		size = st.st_size;
	str_done(&name);
	return size;
}

static void look_storage(struct engine *e, struct snapshot *s)
{
	struct sync_numbers y;
	struct writer_numbers w;

	s->staging_ok = true;
	s->staging_bytes = look_size(e->staging_path, "");
	s->wal_bytes = look_size(e->staging_path, "-wal");
	if (e->parts.writer) {
		writer_numbers(e->parts.writer, &w);
		s->staging_ok = !w.stalled;
		snprintf(s->staging_trouble, sizeof s->staging_trouble, "%s", w.trouble);
		s->commit_us = w.commit_us;
	}
	s->pg_configured = settings_secret(e->parts.settings, SET_DATABASE_URL, 0) != NULL;
	if (!e->parts.sync)
		return;
	sync_numbers(e->parts.sync, &y);
	s->pg_ok = y.ok;
	s->pg_rows = y.rows;
	snprintf(s->pg_trouble, sizeof s->pg_trouble, "%.150s", y.trouble);
}

static enum err look_counters(struct engine *e, struct snapshot *s, struct errbuf *eb)
{
	struct counters c;
	enum err err = staging_counters(e->reader, &c, eb);

	if (err)
		return err;
	s->channels = c.channels;
	s->videos = c.videos;
	s->unresolved = c.unresolved;
	s->outbox = c.outbox;
	for (int op = 0; op < SNAPSHOT_OPS; op++)
		for (int st = 0; st < SNAPSHOT_STATES; st++)
			s->items[op][st] = c.items[op][st];
	return ERR_OK;
}

enum err engine_look_locked(struct engine *e, struct snapshot *s, struct errbuf *eb)
{
	struct look_facts facts = {.import_ended_at = 0};
	enum err err;

	s->seq = ++e->seq;
	s->made_at = clock_now();
	s->mono_ms = clock_mono_ms();
	snprintf(s->version, sizeof s->version, "%s", PACKAGE_VERSION);
	snprintf(s->node, sizeof s->node, "%s", settings_text(e->parts.settings, SET_NODE_NAME, 0));
	s->pid = getpid();
	s->started_at = e->started_at;
	snprintf(s->listen, sizeof s->listen, "%s", e->listen);
	look_keys(e, s);
	if (e->parts.dispatcher)
		look_dispatch(e, s);
	look_storage(e, s);
	err = look_counters(e, s, eb);
	engine_look_nodes_locked(e, s);
	if (!err)
		err = look_jobs(e, s, &facts, eb);
	if (!err)
		err = look_plan(e, s, &facts, eb);
	engine_look_work_locked(e, s);
	engine_look_facts_locked(e, s);
	s->n_log = log_tail(e->parts.log, 0, s->log, SNAPSHOT_LOG);
	s->log_errors = log_errors(e->parts.log);
	if (e->commands)
		command_queue_replies(e->commands, s);
	return err;
}

const struct snapshot *engine_snapshot(struct engine *e)
{
	const struct snapshot *result = NULL;
	struct snapshot *fresh;
	struct errbuf eb = {0};

	pthread_mutex_lock(&e->look);
	if (!e->last || e->last_is_old || clock_mono_ms() - e->last->mono_ms >= LOOK_FRESH_MS) {
		e->last_is_old = false;
		fresh = snapshot_new();
		if (fresh && engine_look_locked(e, fresh, &eb))
			snprintf(fresh->staging_trouble, sizeof fresh->staging_trouble, "%.150s",
			    err_text(&eb));
		if (fresh) {
			snapshot_unref(e->last);
			e->last = fresh;
		}
	}
	if (e->last)
		result = snapshot_ref(e->last);
	pthread_mutex_unlock(&e->look);
	return result;
}

char *engine_snapshot_json(struct engine *e, struct errbuf *eb)
{
	const struct snapshot *s = engine_snapshot(e);
	struct str out;
	char *text;

	str_init(&out, LOOK_JSON_LIMIT);
	if (s)
		snapshot_encode(s, &out);
	snapshot_unref(s);
	text = s ? str_take(&out) : NULL;
	str_done(&out);
	if (!text)
		err_set(eb, ERR_NOMEM, "out of memory");
	return text;
}

const struct snapshot *engine_snapshot_read(const char *json, size_t len, struct errbuf *eb)
{
	struct snapshot *s = NULL;

	return snapshot_decode(json, len, &s, eb) ? NULL : s;
}

void engine_look_again(struct engine *e)
{
	pthread_mutex_lock(&e->look);
	e->last_is_old = true;
	pthread_mutex_unlock(&e->look);
}

enum err engine_job_no_locked(struct engine *e, const char *text, int64_t *no, struct errbuf *eb)
{
	struct job_row row;
	struct uuid uuid;

	if (uuid_parse(text, strlen(text), &uuid))
		return staging_job_find(e->reader, &uuid, no, eb);
	if (strncmp(text, "J-", 2) == 0 || strncmp(text, "j-", 2) == 0)
		text += 2;
	if (str_to_i64(text, 1, INT64_MAX, no))
		return err_set(eb, ERR_INVALID, "Invalid job ID format");
	return staging_job_get(e->reader, *no, &row, NULL, eb);
}
