/* Jobs as a list in pages, for screens and scripts. */
#include "config.h"
#include "engine/engine_parts.h"
#include "engine/jobs_found.h"
#include "engine/snapshot_json.h"
#include "engine/base/clock.h"
#include "engine/base/str.h"
#include "engine/base/text.h"

#include <string.h>

enum { JOBS_BYTES = 8 * 1024 * 1024 };

static const struct snapshot_shape *jobs_shape(void)
{
	return snapshot_field_find(snapshot_shape(), "jobs")->of;
}

bool engine_job_read(struct json_node row, struct snapshot_job *out)
{
	struct errbuf eb = {.code = ERR_OK};

	*out = (struct snapshot_job){.no = 0};
	return snapshot_shape_decode(jobs_shape(), row, out, &eb) == ERR_OK && out->no > 0;
}

void engine_job_write(const struct snapshot_job *j, struct str *out)
{
	snapshot_shape_encode(jobs_shape(), j, out);
}

/* ---- an answer ---- */

/* Finds the job of this number. ERR_NOTFOUND: it is gone. */
typedef enum err jobs_get_fn(void *arg, int64_t no, struct snapshot_job *out, struct errbuf *eb);

static void jobs_place(
    const struct jobs_found *f, const char *name, bool is_there, size_t at, struct str *out)
{
	char place[JOBS_PLACE];

	str_addf(out, ",\"%s\":", name);
	if (is_there) {
		jobs_found_place(f, at, place);
		text_add_json(out, place, strlen(place));
	} else {
		str_adds(out, "null");
	}
}

static void jobs_counts(const struct jobs_counts *c, struct str *out)
{
	bool first = true;

	str_addf(out, ",\"total\":%lld,\"total_is\":\"exact\",\"all\":%lld,\"states\":{",
	    (long long)c->total, (long long)c->all);
	for (int s = 0; s < JOB_IS_COUNT; s++)
		if (c->states[s]) {
			str_addf(out, "%s\"%s\":%lld", first ? "" : ",",
			    snapshot_job_word((enum snapshot_job_state)s), (long long)c->states[s]);
			first = false;
		}
	str_adds(out, "},\"can\":{");
	first = true;
	for (int a = 0; a < ACTION_COUNT; a++)
		if (action_info((enum action)a)->arg == ARG_JOB) {
			str_addf(out, "%s\"%s\":%lld", first ? "" : ",",
			    action_info((enum action)a)->word, (long long)c->can[a]);
			first = false;
		}
	str_adds(out, "}");
}

static enum err jobs_answer(struct jobs_found *f, const struct engine_jobs *l, jobs_get_fn *get,
    void *arg, struct str *out, struct errbuf *eb)
{
	struct snapshot_job job;
	size_t from = 0, n = 0, rows = 0;
	enum err err = ERR_OK;

	jobs_found_order(f);
	if (l->around)
		jobs_found_around(f, l->around, l->limit, &from, &n);
	else
		err = jobs_found_page(f, l->after, l->before, l->limit, &from, &n, eb);
	str_adds(out, "{\"jobs\":[");
	for (size_t i = from; i < from + n && !err; i++) {
		err = get(arg, jobs_found_no(f, i), &job, eb);
		if (!err) {
			str_adds(out, rows++ ? "," : "");
			engine_job_write(&job, out);
		}
		err = err == ERR_NOTFOUND ? ERR_OK : err;
	}
	str_addc(out, ']');
	jobs_place(
	    f, "next", n && from + n < (size_t)jobs_found_counts(f)->total, from + n - 1, out);
	jobs_place(f, "previous", n && from > 0, from, out);
	str_addf(out, ",\"position\":%zu", from);
	jobs_counts(jobs_found_counts(f), out);
	str_adds(out, "}");
	return err;
}

static char *jobs_take(struct str *out, enum err err, struct errbuf *eb)
{
	char *text = NULL;

	if (!err && out->err)
		err = err_set(eb, out->err, "the answer is too long: ask for fewer rows");
	if (!err && !(text = str_take(out)))
		err_set(eb, ERR_NOMEM, "out of memory");
	str_done(out);
	return text;
}

/* ---- of the engine ---- */

struct jobs_walk {
	struct engine *engine;
	struct staging *staging;
	const struct snapshot *snap; /* of this moment; its jobs are shown as they are there */
	struct jobs_found *found;
};

/* A stored job as it is shown. */
static void jobs_show(
    const struct jobs_walk *w, const struct job_row *stored, struct snapshot_job *out)
{
	struct dispatcher_job live = {.rate = 0};
	struct job_row row = *stored;
	bool here = false;

	for (size_t i = 0; w->snap && i < w->snap->n_jobs; i++)
		if (w->snap->jobs[i].no == row.no) {
			*out = w->snap->jobs[i];
			return;
		}
	engine_job_truth(w->engine, &row);
	if (job_status_is_open(row.status) && w->engine->parts.dispatcher)
		here = dispatcher_job_get(w->engine->parts.dispatcher, row.no, &live);
	engine_job_shape(here ? &live.row : &row, here ? &live : NULL, out);
}

static enum err jobs_walk_one(void *arg, const struct job_row *stored, struct errbuf *eb)
{
	struct jobs_walk *w = arg;
	struct snapshot_job job;

	jobs_show(w, stored, &job);
	return jobs_found_take(w->found, &job, eb);
}

static enum err jobs_walk_get(void *arg, int64_t no, struct snapshot_job *out, struct errbuf *eb)
{
	struct jobs_walk *w = arg;
	struct job_row row;
	enum err err = staging_job_get(w->staging, no, &row, NULL, eb);

	if (!err)
		jobs_show(w, &row, out);
	return err;
}

static enum err jobs_walk(struct jobs_walk *w, const char *q, const char *sort, struct errbuf *eb)
{
	enum err err = jobs_found_open(&w->found, q, sort, clock_now(), eb);

	if (!err)
		err = staging_jobs_each(w->staging, JOB_STATUS_COUNT, 0, jobs_walk_one, w, eb);
	return err;
}

enum err engine_jobs_found(struct engine *e, struct staging *s, const char *q, const char *sort,
    struct jobs_found **out, struct errbuf *eb)
{
	struct jobs_walk w = {.engine = e, .staging = s, .snap = engine_snapshot(e)};
	enum err err = jobs_walk(&w, q, sort, eb);

	snapshot_unref(w.snap);
	*out = w.found;
	if (!err) {
		jobs_found_order(w.found);
		return ERR_OK;
	}
	jobs_found_close(w.found);
	*out = NULL;
	return err;
}

char *engine_jobs_list_json(struct engine *e, const struct engine_jobs *l, struct errbuf *eb)
{
	struct jobs_walk w = {.engine = e, .snap = engine_snapshot(e)};
	struct str out;
	enum err err = engine_reader_take(e, NULL, &w.staging, eb);

	str_init(&out, JOBS_BYTES);
	if (!err)
		err = jobs_walk(&w, l->q, l->sort, eb);
	if (!err)
		err = jobs_answer(w.found, l, jobs_walk_get, &w, &out, eb);
	engine_reader_give(e, w.staging);
	snapshot_unref(w.snap);
	jobs_found_close(w.found);
	return jobs_take(&out, err, eb);
}

/* ---- the older way: an array, the newest first ---- */

struct jobs_array {
	struct engine *engine;
	struct jobs_walk walk;
	int64_t before, left;
	json_t *array;
};

static enum err jobs_array_one(void *arg, const struct job_row *stored, struct errbuf *eb)
{
	struct jobs_array *a = arg;
	struct job_row row = *stored;
	struct snapshot_job job;

	if (a->before && row.no >= a->before)
		return ERR_OK;
	jobs_show(&a->walk, stored, &job);
	if (!jobs_found_passes(a->walk.found, &job))
		return ERR_OK;
	if (a->left-- <= 0)
		return ERR_CANCELLED;
	if (job_status_is_open(row.status))
		engine_job_live(a->engine, &row);
	return json_array_append_new(a->array, engine_job_row(&row))
	           ? err_set(eb, ERR_NOMEM, "out of memory")
	           : ERR_OK;
}

char *engine_jobs_find_json(
    struct engine *e, const char *q, int64_t before, int64_t limit, struct errbuf *eb)
{
	struct jobs_array a = {.engine = e,
	    .walk = {.engine = e, .snap = engine_snapshot(e)},
	    .before = before,
	    .left = limit,
	    .array = json_array()};
	enum err err = jobs_found_open(&a.walk.found, q, NULL, clock_now(), eb);

	if (!err)
		err = engine_reader_take(e, NULL, &a.walk.staging, eb);
	if (!err)
		err =
		    staging_jobs_each(a.walk.staging, JOB_STATUS_COUNT, 0, jobs_array_one, &a, eb);
	engine_reader_give(e, a.walk.staging);
	snapshot_unref(a.walk.snap);
	jobs_found_close(a.walk.found);
	if (!err)
		return engine_json_text(a.array, eb);
	json_decref(a.array);
	return NULL;
}

/* ---- of jobs at hand ---- */

struct jobs_hand {
	const struct snapshot_job *jobs;
	size_t n;
};

static enum err jobs_hand_get(void *arg, int64_t no, struct snapshot_job *out, struct errbuf *eb)
{
	const struct jobs_hand *h = arg;

	for (size_t i = 0; i < h->n; i++)
		if (h->jobs[i].no == no) {
			*out = h->jobs[i];
			return ERR_OK;
		}
	return err_set(eb, ERR_NOTFOUND, "there is no job J-%lld", (long long)no);
}

char *engine_jobs_pick_json(const struct snapshot_job *jobs, size_t n, const struct engine_jobs *l,
    int64_t now, struct errbuf *eb)
{
	struct jobs_hand hand = {jobs, n};
	struct jobs_found *f = NULL;
	struct str out;
	enum err err = jobs_found_open(&f, l->q, l->sort, now, eb);

	str_init(&out, JOBS_BYTES);
	for (size_t i = 0; i < n && !err; i++)
		err = jobs_found_take(f, &jobs[i], eb);
	if (!err)
		err = jobs_answer(f, l, jobs_hand_get, &hand, &out, eb);
	jobs_found_close(f);
	return jobs_take(&out, err, eb);
}
