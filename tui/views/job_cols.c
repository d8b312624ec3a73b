#include "config.h"
#include "tui/views/job_cols.h"
#include "tui/format.h"
#include "engine/engine.h"

#include <stdio.h>
#include <string.h>

enum { JOBS_LIST_PAGE = 200 };

enum role job_state_role(enum snapshot_job_state state)
{
	static const enum role roles[JOB_IS_COUNT] = {
	    [JOB_IS_RUNNING] = ROLE_BUSY,
	    [JOB_IS_THROTTLED] = ROLE_WARN,
	    [JOB_IS_PAUSED] = ROLE_OFF,
	    [JOB_IS_WAITING] = ROLE_OFF,
	    [JOB_IS_INTERRUPTED] = ROLE_WARN,
	    [JOB_IS_QUEUED] = ROLE_OFF,
	    [JOB_IS_FAILED] = ROLE_ERROR,
	    [JOB_IS_DONE] = ROLE_OK,
	    [JOB_IS_DONE_BUT] = ROLE_OK,
	    [JOB_IS_CANCELLED] = ROLE_OFF,
	    [JOB_IS_OTHER] = ROLE_NORMAL,
	};

	return roles[state];
}

const char *job_state_word(const struct snapshot_job *j, char *buf)
{
	if (strcmp(j->status, "waiting") == 0 && j->wait[0])
		snprintf(buf, FORMAT_SIZE, "wait:%s", j->wait);
	else
		snprintf(buf, FORMAT_SIZE, "%s", snapshot_job_word(snapshot_job_state(j)));
	return buf;
}

static void job_why_ended(const struct snapshot_job *j, char *out, size_t size)
{
	char took[FORMAT_SIZE];

	if (strcmp(j->status, "completed") == 0 && j->worked_ms > 0)
		snprintf(out, size, "took %s", format_took(took, j->worked_ms / 1000));
	else
		snprintf(out, size, "%s", j->reason);
}

void job_why(const struct view_ctx *c, const struct snapshot_job *j, char *out, size_t size)
{
	char when[FORMAT_SIZE], left[FORMAT_SIZE];

	if (!j->open)
		job_why_ended(j, out, size);
	else if (strcmp(j->status, "running") == 0 && j->eta > 0 && (!j->wait[0] || !*j->reason))
		snprintf(out, size, "%s", format_when(when, j->eta, c->now));
	else if (strcmp(j->status, "interrupted") == 0)
		snprintf(out, size, "resumable");
	else if (strcmp(j->status, "waiting") == 0 && j->until > 0)
		snprintf(out, size, "%s %s", format_when(when, j->until, c->now),
		    format_countdown(left, j->until - c->now));
	else
		snprintf(out, size, "%s", j->reason);
}

const struct snapshot_job *job_find(const struct snapshot *s, const char *name)
{
	char id[TABLE_ID];

	for (size_t i = 0; i < s->n_jobs && i < SNAPSHOT_JOBS; i++) {
		snprintf(id, sizeof id, "J-%lld", (long long)s->jobs[i].no);
		if (strcmp(id, name) == 0)
			return &s->jobs[i];
	}
	return NULL;
}

/* ---- columns ---- */

static void col_id(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct snapshot_job *j = r->item;

	(void)c;
	snprintf(out->text, sizeof out->text, "J-%lld", (long long)j->no);
}

static bool num_id(const struct view_ctx *c, const struct table_row *r, double *out)
{
	const struct snapshot_job *j = r->item;

	(void)c;
	*out = (double)j->no;
	return true;
}

static void col_type(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct snapshot_job *j = r->item;

	(void)c;
	snprintf(out->text, sizeof out->text, "%s", j->word[0] ? j->word : j->type);
}

static void col_state(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct snapshot_job *j = r->item;
	char word[FORMAT_SIZE];

	(void)c;
	out->role = job_state_role(snapshot_job_state(j));
	snprintf(out->text, sizeof out->text, "%s", job_state_word(j, word));
}

static void draw_progress(
    const struct view_ctx *c, const struct table_row *r, const struct pane *p, int y, int x, int w)
{
	const struct snapshot_job *j = r->item;

	(void)c;
	draw_bar(p, y, x, w, job_state_role(snapshot_job_state(j)),
	    j->total > 0 ? (double)j->processed / (double)j->total : 0);
}

static void col_done(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct snapshot_job *j = r->item;
	char a[FORMAT_SIZE], b[FORMAT_SIZE];

	(void)c;
	snprintf(out->text, sizeof out->text, "%s/%s", format_count(a, j->processed),
	    j->total < 0 ? "?" : format_count(b, j->total));
}

static bool num_done(const struct view_ctx *c, const struct table_row *r, double *out)
{
	const struct snapshot_job *j = r->item;

	(void)c;
	*out = (double)j->processed;
	return true;
}

static void col_percent(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct snapshot_job *j = r->item;
	char buf[FORMAT_SIZE];

	(void)c;
	snprintf(out->text, sizeof out->text, "%s", format_percent(buf, j->processed, j->total));
}

static bool num_percent(const struct view_ctx *c, const struct table_row *r, double *out)
{
	const struct snapshot_job *j = r->item;

	(void)c;
	*out = j->total > 0 ? 100.0 * (double)j->processed / (double)j->total : 0;
	return j->total > 0;
}

static void col_rate(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct snapshot_job *j = r->item;
	char buf[FORMAT_SIZE];

	(void)c;
	snprintf(out->text, sizeof out->text, "%s", format_rate(buf, j->rate));
}

static bool num_rate(const struct view_ctx *c, const struct table_row *r, double *out)
{
	const struct snapshot_job *j = r->item;

	(void)c;
	*out = j->rate;
	return true;
}

static void col_failed(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct snapshot_job *j = r->item;
	char buf[FORMAT_SIZE];

	(void)c;
	out->role = j->failed > 0 ? ROLE_WARN : ROLE_NORMAL;
	snprintf(out->text, sizeof out->text, "%s", format_count(buf, j->failed));
}

static bool num_failed(const struct view_ctx *c, const struct table_row *r, double *out)
{
	const struct snapshot_job *j = r->item;

	(void)c;
	*out = (double)j->failed;
	return true;
}

static void col_units(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct snapshot_job *j = r->item;
	char buf[FORMAT_SIZE];

	(void)c;
	snprintf(out->text, sizeof out->text, "%s", format_count(buf, j->units));
}

static bool num_units(const struct view_ctx *c, const struct table_row *r, double *out)
{
	const struct snapshot_job *j = r->item;

	(void)c;
	*out = (double)j->units;
	return true;
}

static void col_why(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	job_why(c, r->item, out->text, sizeof out->text);
}

static bool num_why(const struct view_ctx *c, const struct table_row *r, double *out)
{
	const struct snapshot_job *j = r->item;

	(void)c;
	*out = (double)(j->eta > 0 ? j->eta : j->until);
	return *out > 0;
}

static const struct table_col job_columns[] = {
    {"id", "ID", 6, 7, 0, ALIGN_LEFT, col_id, num_id, NULL, "id:desc", FILTER_TEXT},
    {"type", "TYPE", 9, 9, 1, ALIGN_LEFT, col_type, NULL, NULL, "type:asc", FILTER_TEXT},
    {"state", "STATE", 11, 11, 0, ALIGN_LEFT, col_state, NULL, NULL, "state:asc", FILTER_TEXT},
    {NULL, "", 12, 12, 7, ALIGN_LEFT, NULL, NULL, draw_progress, NULL, FILTER_TEXT},
    {"done", "DONE/TOTAL", 11, 13, 4, ALIGN_RIGHT, col_done, num_done, NULL, "done:desc",
        FILTER_NUMBER},
    {"percent", "%", 5, 5, 2, ALIGN_RIGHT, col_percent, num_percent, NULL, "percent:desc",
        FILTER_NUMBER},
    {"rate", "RATE", 7, 7, 6, ALIGN_RIGHT, col_rate, num_rate, NULL, "rate:desc", FILTER_NUMBER},
    {"err", "ERR", 5, 5, 5, ALIGN_RIGHT, col_failed, num_failed, NULL, "err:desc", FILTER_NUMBER},
    {"units", "UNITS", 7, 7, 8, ALIGN_RIGHT, col_units, num_units, NULL, "units:desc",
        FILTER_NUMBER},
    {"why", "ETA / WHY", 15, 60, 0, ALIGN_LEFT, col_why, num_why, NULL, "why:asc", FILTER_TEXT},
};

/* ---- rows ---- */

static size_t job_count(const struct view_ctx *c, struct view_state *st)
{
	(void)st;
	return c->snap->n_jobs < SNAPSHOT_JOBS ? c->snap->n_jobs : SNAPSHOT_JOBS;
}

static void job_row(
    const struct view_ctx *c, struct view_state *st, size_t at, struct table_row *out)
{
	(void)st;
	out->item = &c->snap->jobs[at];
}

static void job_id(const struct table_row *r, char out[TABLE_ID])
{
	const struct snapshot_job *j = r->item;

	snprintf(out, TABLE_ID, "J-%lld", (long long)j->no);
}

static const char *job_row_state(const struct table_row *r)
{
	return snapshot_job_can(snapshot_job_state(r->item));
}

static int job_order(const struct table_row *a, const struct table_row *b)
{
	const struct snapshot_job *x = a->item, *y = b->item;
	int order =
	    snapshot_job_order(snapshot_job_state(x)) - snapshot_job_order(snapshot_job_state(y));

	return order ? order : (x->no < y->no) - (x->no > y->no);
}

/* ---- all of them, in pages ---- */

static void jobs_path(const struct view_ctx *c, const struct view_state *st, struct str *out)
{
	(void)c;
	(void)st;
	str_adds(out, "/api/jobs");
}

static bool jobs_read(struct json_node row, void *item)
{
	return engine_job_read(row, item);
}

/* As the snapshot has it now, while it has it. */
static const void *jobs_now(const struct view_ctx *c, const void *item)
{
	const struct snapshot_job *j = item;

	for (size_t i = 0; j && i < c->snap->n_jobs && i < SNAPSHOT_JOBS; i++)
		if (c->snap->jobs[i].no == j->no)
			return &c->snap->jobs[i];
	return item;
}

/* Another one when a job of the snapshot came, went or changed its state. */
static uint64_t jobs_stamp(const struct view_ctx *c)
{
	const uint64_t prime = UINT64_C(1099511628211);
	uint64_t stamp = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < c->snap->n_jobs && i < SNAPSHOT_JOBS; i++) {
		const struct snapshot_job *j = &c->snap->jobs[i];
		stamp = (stamp ^ (uint64_t)j->no) * prime;
		stamp = (stamp ^ (uint64_t)snapshot_job_state(j)) * prime;
	}
	return stamp;
}

static const struct pages_def job_pages = {
    .path = jobs_path,
    .items = "jobs",
    .sort = "state:asc",
    .limit = JOBS_LIST_PAGE,
    .exports = "jobs",
    .item_size = sizeof(struct snapshot_job),
    .read = jobs_read,
    .now = jobs_now,
    .stamp = jobs_stamp,
};

#define JOB_TABLE                                                                                  \
	.what = "jobs", .cols = job_columns, .n_cols = sizeof job_columns / sizeof job_columns[0], \
	.count = job_count, .row = job_row, .id = job_id, .state = job_row_state,                  \
	.order = job_order, .order_words = "state, then newest",                                   \
	.empty = "no job yet: n starts one, i imports channel ids"

const struct table_def job_table = {JOB_TABLE};

const struct table_def job_list_table = {JOB_TABLE, .pages = &job_pages};
