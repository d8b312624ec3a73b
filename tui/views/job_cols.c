#include "config.h"
#include "tui/views/job_cols.h"
#include "tui/format.h"

#include <stdio.h>
#include <string.h>

static const struct job_state job_states[] = {
    {"running", "running", ROLE_BUSY, ' ', 0},
    {"paused", "paused", ROLE_OFF, ' ', 2},
    {"waiting", "waiting", ROLE_OFF, ' ', 3},
    {"interrupted", "interrupted", ROLE_WARN, '!', 4},
    {"pending", "queued", ROLE_OFF, ' ', 5},
    {"failed", "failed", ROLE_ERROR, '!', 6},
    {"completed", "done", ROLE_OK, ' ', 7},
    {"cancelled", "cancelled", ROLE_OFF, ' ', 7},
};

static const struct job_state job_state_slow = {"running", "throttled", ROLE_WARN, '~', 1};
static const struct job_state job_state_done_but = {"completed", "done*", ROLE_OK, ' ', 7};
static const struct job_state job_state_other = {"", "?", ROLE_NORMAL, ' ', 8};

const struct job_state *job_state_of(const struct snapshot_job *j)
{
	if (strcmp(j->status, "completed") == 0 && j->failed > 0)
		return &job_state_done_but;
	if (strcmp(j->status, "running") == 0 && j->wait[0])
		return &job_state_slow;
	for (size_t i = 0; i < sizeof job_states / sizeof job_states[0]; i++)
		if (strcmp(job_states[i].status, j->status) == 0)
			return &job_states[i];
	return &job_state_other;
}

const char *job_state_word(const struct snapshot_job *j, char *buf)
{
	if (strcmp(j->status, "waiting") == 0 && j->wait[0])
		snprintf(buf, FORMAT_SIZE, "wait:%s", j->wait);
	else
		snprintf(buf, FORMAT_SIZE, "%s", job_state_of(j)->word);
	return buf;
}

const char *job_action_state(const struct snapshot_job *j)
{
	return strcmp(j->status, "completed") == 0 && j->failed > 0 ? "completed*" : j->status;
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
	out->role = job_state_of(j)->role;
	snprintf(out->text, sizeof out->text, "%s", job_state_word(j, word));
}

static void draw_progress(
    const struct view_ctx *c, const struct table_row *r, const struct pane *p, int y, int x, int w)
{
	const struct snapshot_job *j = r->item;

	(void)c;
	draw_bar(p, y, x, w, job_state_of(j)->role,
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
    {"id", "ID", 6, 7, 0, ALIGN_LEFT, col_id, num_id, NULL, NULL, FILTER_TEXT},
    {"type", "TYPE", 9, 9, 1, ALIGN_LEFT, col_type, NULL, NULL, NULL, FILTER_TEXT},
    {"state", "STATE", 11, 11, 0, ALIGN_LEFT, col_state, NULL, NULL, NULL, FILTER_TEXT},
    {NULL, "", 12, 12, 7, ALIGN_LEFT, NULL, NULL, draw_progress, NULL, FILTER_TEXT},
    {"done", "DONE/TOTAL", 11, 13, 4, ALIGN_RIGHT, col_done, num_done, NULL, NULL, FILTER_NUMBER},
    {"percent", "%", 5, 5, 2, ALIGN_RIGHT, col_percent, num_percent, NULL, NULL, FILTER_NUMBER},
    {"rate", "RATE", 7, 7, 6, ALIGN_RIGHT, col_rate, num_rate, NULL, NULL, FILTER_NUMBER},
    {"err", "ERR", 5, 5, 5, ALIGN_RIGHT, col_failed, num_failed, NULL, NULL, FILTER_NUMBER},
    {"units", "UNITS", 7, 7, 8, ALIGN_RIGHT, col_units, num_units, NULL, NULL, FILTER_NUMBER},
    {"why", "ETA / WHY", 15, 60, 0, ALIGN_LEFT, col_why, num_why, NULL, NULL, FILTER_TEXT},
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
	return job_action_state(r->item);
}

static int job_order(const struct table_row *a, const struct table_row *b)
{
	const struct snapshot_job *x = a->item, *y = b->item;
	int order = job_state_of(x)->order - job_state_of(y)->order;

	return order ? order : (x->no < y->no) - (x->no > y->no);
}

const struct table_def job_table = {
    .what = "jobs",
    .cols = job_columns,
    .n_cols = sizeof job_columns / sizeof job_columns[0],
    .count = job_count,
    .row = job_row,
    .id = job_id,
    .state = job_row_state,
    .order = job_order,
    .order_words = "state, then newest",
    .empty = "no job yet: n starts one, i imports channel ids",
};
