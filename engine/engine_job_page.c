/* The page of one job: everything that is known of it, in one look. */
#include "config.h"
#include "db/staging_dead.h"
#include "db/staging_events.h"
#include "engine/engine_parts.h"
#include "engine/base/clock.h"
#include "engine/base/str.h"
#include "engine/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE_LOG = 50, PAGE_TEXT = 64 * 1024, PAGE_ROW = 4096 };

/* What is gathered before anything is written. */
struct page {
	struct engine *engine;
	struct job_row row;
	char *params;
	struct dispatcher_page *live; /* of no job in memory: all 0 */
	bool is_live;
	json_t *errors; /* by reason */
	json_t *timeline;
	int64_t best_n; /* items of the best minute that was stored */
	int64_t now_ms, mono_ms;
};

static int64_t page_utc_ms(const struct page *p, int64_t mono_ms)
{
	return mono_ms ? p->now_ms + (mono_ms - p->mono_ms) : 0;
}

/* ---- errors ---- */

static json_t *page_error(struct page *p, const char *reason)
{
	json_t *j = json_object_get(p->errors, reason);

	if (j)
		return j;
	j = json_pack("{s:s,s:i,s:i,s:i,s:i,s:i,s:i}", "reason", reason, "seen", 0, "retried", 0,
	    "recovered", 0, "waiting", 0, "dead", 0, "last_ms", 0);
	json_object_set_new(p->errors, reason, j);
	return json_object_get(p->errors, reason);
}

static void page_error_add(json_t *error, const char *name, int64_t by)
{
	json_int_t is = json_integer_value(json_object_get(error, name));

	json_object_set_new(error, name, json_integer(is + by));
}

static void page_error_put(struct page *p, const struct job_error *e, int64_t waiting)
{
	json_t *j = page_error(p, e->reason);

	page_error_add(j, "seen", e->seen);
	page_error_add(j, "retried", e->retried);
	page_error_add(j, "recovered", e->recovered);
	page_error_add(j, "waiting", waiting);
	if (e->last_ms > json_integer_value(json_object_get(j, "last_ms")))
		json_object_set_new(j, "last_ms", json_integer(e->last_ms));
}

static enum err page_stored_error(void *arg, const struct job_error *e, struct errbuf *eb)
{
	(void)eb;
	page_error_put(arg, e, 0);
	return ERR_OK;
}

static enum err page_dead(void *arg, enum op op, const char *reason, int64_t n, struct errbuf *eb)
{
	(void)op;
	(void)eb;
	page_error_add(page_error(arg, reason), "dead", n);
	return ERR_OK;
}

static void page_live_errors(struct page *p)
{
	for (int i = 0; i < p->live->n_troubles; i++) {
		const struct dispatcher_trouble *t = &p->live->troubles[i];
		const struct job_error e = {
		    t->reason, t->seen, t->retried, t->recovered, t->last_ms};
		page_error_put(p, &e, t->waiting);
	}
}

/* An array, the most frequent first. */
static json_t *page_errors(struct page *p)
{
	json_t *list = json_array(), *j;
	const char *reason;

	json_object_foreach(p->errors, reason, j)
	{
		json_int_t n = json_integer_value(json_object_get(j, "seen"));
		size_t at = 0;
		while (at < json_array_size(list) &&
		       json_integer_value(json_object_get(json_array_get(list, at), "seen")) >= n)
			at++;
		json_array_insert(list, at, j);
	}
	return list;
}

/* ---- timeline ---- */

static enum err page_event(void *arg, const struct job_event *e, struct errbuf *eb)
{
	struct page *p = arg;
	json_t *j = json_pack("{s:I,s:I,s:I,s:s,s:s}", "at_ms", (json_int_t)e->at_ms, "last_ms",
	    (json_int_t)e->last_ms, "n", (json_int_t)(e->one ? 1 : e->n), "kind", e->kind, "text",
	    e->text);

	if (!j)
		return err_set(eb, ERR_NOMEM, "out of memory");
	if (*e->who)
		json_object_set_new(j, "who", json_string(e->who));
	if (strcmp(e->kind, "best") == 0) {
		p->best_n = e->n;
		json_object_set_new(j, "n", json_integer(1));
	}
	json_array_append_new(p->timeline, j);
	return ERR_OK;
}

/* ---- items in hand ---- */

static json_t *page_ids(const struct page *p, const struct worker_hand *h)
{
	const struct job_type *type = job_type_find(p->row.type);
	json_t *ids = json_array();
	char id[CID_TEXT + 1];

	if (!type || type->feed == FEED_NAMES) /* keys that stand for something else */
		return ids;
	for (int i = 0; i < h->n; i++)
		json_array_append_new(ids, json_string(cid_format(&h->ids[i], id)));
	return ids;
}

static json_t *page_hands(const struct page *p)
{
	json_t *list = json_array();

	for (int i = 0; i < p->live->n_hands; i++) {
		const struct dispatcher_hand *h = &p->live->hands[i];
		json_array_append_new(
		    list, json_pack("{s:i,s:s,s:s,s:I,s:I,s:i,s:i,s:o}", "worker", h->worker,
		              "state", h->numbers.state, "doing", h->numbers.doing, "state_ms",
		              (json_int_t)(p->mono_ms - h->numbers.since_ms), "hand_ms",
		              (json_int_t)(p->mono_ms - h->hand.since_ms), "attempts",
		              h->hand.attempts, "items", h->hand.n, "ids", page_ids(p, &h->hand)));
	}
	return list;
}

static json_t *page_waits(const struct page *p)
{
	json_t *list = json_array();

	for (int i = 0; i < p->live->n_waits; i++) {
		const struct dispatcher_wait *w = &p->live->waits[i];
		json_array_append_new(
		    list, json_pack("{s:i,s:i,s:I,s:s}", "items", w->n, "attempts", w->attempts,
		              "at_ms", (json_int_t)page_utc_ms(p, w->at_ms), "reason", w->trouble));
	}
	return list;
}

/* ---- numbers ---- */

static json_t *page_outcome(const struct page *p)
{
	const struct job_row *r = &p->row;
	int64_t left = r->total < 0 ? 0 : r->total - r->done - r->missing - r->failed;

	return json_pack("{s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I}", "done", (json_int_t)r->done,
	    "missing", (json_int_t)r->missing, "absent_once", (json_int_t)r->absent, "failed",
	    (json_int_t)r->failed, "pending", (json_int_t)(left > 0 ? left : 0), "waiting",
	    (json_int_t)p->live->waiting, "retrying", (json_int_t)p->live->retrying,
	    "next_retry_ms", (json_int_t)page_utc_ms(p, p->live->next_retry_ms));
}

static json_t *page_rate(const struct page *p)
{
	const struct job_row *r = &p->row;
	double average = r->worked_ms > 0 ? (double)r->processed * 1000 / (double)r->worked_ms : 0;
	double best = (double)p->best_n / 60;
	json_t *minutes = json_array();

	for (int i = 0; i < DISPATCHER_MINUTES; i++)
		json_array_append_new(minutes, json_integer(p->live->minutes[i]));
	best = best > p->live->best ? best : p->live->best;
	best = best > average ? best : average; /* a job shorter than a minute */
	return json_pack("{s:f,s:f,s:f,s:o}", "now", p->live->now, "average", average, "best", best,
	    "minutes", minutes);
}

static json_t *page_units(const struct page *p)
{
	const struct job_row *r = &p->row;
	double each = r->processed > 0 ? (double)r->units / (double)r->processed : 0;
	double left = r->total > r->processed ? (double)(r->total - r->processed) * each : 0;
	json_t *j = json_pack("{s:I,s:f,s:f,s:I}", "spent", (json_int_t)r->units, "per_item", each,
	    "left", left, "spent_today", (json_int_t)p->live->day_spent);

	if (p->live->max_units >= 0)
		json_object_set_new(j, "budget", json_integer(p->live->max_units));
	if (p->live->max_day_units >= 0)
		json_object_set_new(j, "budget_per_day", json_integer(p->live->max_day_units));
	return j;
}

/* Why it is not faster: its own state and caps, else what limits this node. */
static void page_limits(const struct page *p, json_t *out)
{
	const struct snapshot *s = engine_snapshot(p->engine);
	const struct job_type *type = job_type_find(p->row.type);
	const char *text = p->row.reason;

	if (p->row.status == JOB_RUNNING && type && type->run)
		text = "it works by itself, without workers: its source, this machine's disk";
	else if (p->row.status == JOB_RUNNING && s)
		text = s->limits.text;
	json_object_set_new(out, "limited_by", json_string(text));
	for (size_t i = 0; s && i < s->n_jobs; i++)
		if (s->jobs[i].no == p->row.no && s->jobs[i].eta)
			json_object_set_new(out, "eta", json_integer(s->jobs[i].eta));
	snapshot_unref(s);
}

/* ---- parameters ---- */

/* What a type took for a secret was never stored; what only looks like one is masked here. */
static json_t *page_masked(const json_t *v)
{
	struct str out;
	json_t *j;

	str_init(&out, PAGE_TEXT);
	text_mask_secrets(json_string_value(v), json_string_length(v), &out);
	j = json_string(out.err ? "(too long to be shown)" : str_get(&out));
	str_done(&out);
	return j;
}

static json_t *page_args(const struct page *p)
{
	json_t *params = p->params ? json_loads(p->params, 0, NULL) : NULL;
	json_t *args = json_object(), *v;
	const char *name;

	json_object_foreach(params, name, v)
	{
		if (json_is_string(v))
			json_object_set_new(args, name, page_masked(v));
		else
			json_object_set(args, name, v);
	}
	json_decref(params);
	return args;
}

/* ---- all of it ---- */

static enum err page_read_locked(struct page *p, const char *job, struct errbuf *eb)
{
	struct staging *s = p->engine->reader;
	struct dead_filter dead = {.op = OP_NONE};
	int64_t no = 0;
	enum err err = engine_job_no_locked(p->engine, job, &no, eb);

	dead.job = no;
	if (err == ERR_NOTFOUND)
		err_set(eb, err, "Job not found");
	if (!err)
		err = staging_job_get(s, no, &p->row, &p->params, eb);
	if (!err)
		err = staging_job_errors_each(s, no, page_stored_error, p, eb);
	if (!err)
		err = staging_dead_reasons_each(s, &dead, page_dead, p, eb);
	if (!err)
		err = staging_job_events_each(s, no, page_event, p, eb);
	return err;
}

/* Its row in lists, for a screen whose snapshot does not have it. */
static json_t *page_row(const struct page *p)
{
	struct snapshot_job job;
	struct str text;
	json_t *row;

	engine_job_shape(&p->row, NULL, &job);
	str_init(&text, PAGE_ROW);
	engine_job_write(&job, &text);
	row = json_loads(str_get(&text), 0, NULL);
	str_done(&text);
	return row;
}

static json_t *page_object(struct page *p)
{
	const struct log_ask ask = {.level = LOG_DEBUG, .job = p->row.no, .limit = PAGE_LOG};
	json_t *job = engine_job_object(p->engine, &p->row);
	struct log_numbers lines;
	json_t *out;

	if (p->engine->parts.dispatcher)
		p->is_live = dispatcher_job_page(p->engine->parts.dispatcher, p->row.no, p->live);
	page_live_errors(p);
	out = json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o*,s:b}", "job", job, "outcome",
	    page_outcome(p), "errors", page_errors(p), "in_hand", page_hands(p), "in_line",
	    page_waits(p), "timeline", json_incref(p->timeline), "rate", page_rate(p), "units",
	    page_units(p), "args", page_args(p), "log", engine_log_lines(p->engine, &ask, &lines),
	    "live", p->is_live);
	if (out)
		page_limits(p, out);
	if (out)
		json_object_set_new(out, "row", page_row(p));
	return out;
}

char *engine_job_page_json(struct engine *e, const char *job, struct errbuf *eb)
{
	struct page p = {.engine = e,
	    .live = calloc(1, sizeof *p.live),
	    .errors = json_object(),
	    .timeline = json_array(),
	    .now_ms = clock_now_ms(),
	    .mono_ms = clock_mono_ms()};
	enum err err =
	    p.live && p.errors && p.timeline ? ERR_OK : err_set(eb, ERR_NOMEM, "out of memory");
	char *text = NULL;

	if (!err) {
		pthread_mutex_lock(&e->look);
		err = page_read_locked(&p, job, eb);
		pthread_mutex_unlock(&e->look);
	}
	if (!err)
		text = engine_json_text(page_object(&p), eb);
	json_decref(p.errors);
	json_decref(p.timeline);
	free(p.params);
	free(p.live);
	return text;
}
