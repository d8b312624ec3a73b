/* Threads: the list, what they do together, what limits them. */
#include "config.h"
#include "tui/views/worker_parts.h"
#include "tui/format.h"

#include <stdio.h>
#include <string.h>

/* ---- threads ---- */

static const struct {
	const char *state, *words; /* of the sum, "3 wait for a slot" */
	enum role role;
} worker_states[] = {
    {"calling", "calling", ROLE_BUSY},
    {"working", "working", ROLE_BUSY},
    {"parsing", "parsing", ROLE_BUSY},
    {"writing", "writing", ROLE_BUSY},
    {"slot wait", "wait for a slot", ROLE_OFF},
    {"backoff", "backing off", ROLE_WARN},
    {"idle", "idle", ROLE_OFF},
    {"stopped", "stopped", ROLE_OFF},
};

enum { WORKER_STATES = sizeof worker_states / sizeof worker_states[0] };

static bool worker_rests(const struct snapshot_worker *w)
{
	return strcmp(w->state, "idle") == 0 || strcmp(w->state, "stopped") == 0;
}

static size_t worker_count(const struct view_ctx *c, struct view_state *st)
{
	struct workers_own *own = st->own;
	const struct snapshot *s = c->snap;

	if (!own)
		return 0;
	own->n_threads = 0;
	for (size_t i = 0; i < s->n_workers && i < SNAPSHOT_WORKERS; i++)
		if (!own->without_idle || !worker_rests(&s->workers[i]))
			own->threads[own->n_threads++] =
			    (struct worker_line){&s->workers[i], (int)i + 1};
	return own->n_threads;
}

static void worker_row(
    const struct view_ctx *c, struct view_state *st, size_t at, struct table_row *out)
{
	const struct workers_own *own = st->own;

	(void)c;
	out->item = &own->threads[at];
}

static const struct snapshot_worker *worker_of(const struct table_row *r)
{
	return ((const struct worker_line *)r->item)->worker;
}

static void worker_id(const struct table_row *r, char out[TABLE_ID])
{
	snprintf(out, TABLE_ID, "w%d", ((const struct worker_line *)r->item)->number);
}

static void col_worker(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	(void)c;
	worker_id(r, out->text);
}

static bool num_worker(const struct view_ctx *c, const struct table_row *r, double *out)
{
	(void)c;
	*out = ((const struct worker_line *)r->item)->number;
	return true;
}

static void col_state(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct snapshot_worker *w = worker_of(r);

	(void)c;
	for (int i = 0; i < WORKER_STATES; i++)
		if (strcmp(worker_states[i].state, w->state) == 0)
			out->role = worker_states[i].role;
	out->role = w->stalled ? ROLE_WARN : out->role;
	snprintf(out->text, sizeof out->text, "%s", w->stalled ? "! stalled?" : w->state);
}

static void col_job(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct snapshot_worker *w = worker_of(r);

	(void)c;
	if (w->job)
		snprintf(out->text, sizeof out->text, "J-%lld", (long long)w->job);
}

static void col_doing(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct snapshot_worker *w = worker_of(r);

	(void)c;
	snprintf(out->text, sizeof out->text, "%s", w->doing);
}

static bool num_for(const struct view_ctx *c, const struct table_row *r, double *out)
{
	const struct snapshot_worker *w = worker_of(r);

	*out = (double)(c->snap->mono_ms - w->since_ms);
	return true;
}

static void col_for(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct snapshot_worker *w = worker_of(r);
	int64_t ms = c->snap->mono_ms - w->since_ms;
	char text[FORMAT_SIZE];

	ms = ms < 0 ? 0 : ms;
	if (ms < 60000)
		snprintf(out->text, sizeof out->text, "%lld.%llds", (long long)ms / 1000,
		    (long long)ms % 1000 / 100);
	else
		snprintf(out->text, sizeof out->text, "%s", format_duration(text, ms / 1000));
}

static void cell_count(struct table_cell *out, int64_t n)
{
	char text[FORMAT_SIZE];

	snprintf(out->text, sizeof out->text, "%s", format_count(text, n));
}

static bool num_calls(const struct view_ctx *c, const struct table_row *r, double *out)
{
	const struct snapshot_worker *w = worker_of(r);

	(void)c;
	*out = (double)w->calls;
	return true;
}

static void col_calls(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct snapshot_worker *w = worker_of(r);

	(void)c;
	cell_count(out, w->calls);
}

static bool num_errors(const struct view_ctx *c, const struct table_row *r, double *out)
{
	const struct snapshot_worker *w = worker_of(r);

	(void)c;
	*out = (double)w->errors;
	return true;
}

static void col_errors(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct snapshot_worker *w = worker_of(r);

	(void)c;
	out->role = w->errors ? ROLE_WARN : ROLE_NORMAL;
	cell_count(out, w->errors);
}

static bool num_p95(const struct view_ctx *c, const struct table_row *r, double *out)
{
	const struct snapshot_worker *w = worker_of(r);

	(void)c;
	*out = (double)w->p95_ms;
	return w->p95_ms > 0;
}

static void col_p95(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct snapshot_worker *w = worker_of(r);
	char text[FORMAT_SIZE];

	(void)c;
	snprintf(out->text, sizeof out->text, "%s", format_full(text, w->p95_ms ? w->p95_ms : -1));
}

static bool num_busy(const struct view_ctx *c, const struct table_row *r, double *out)
{
	const struct snapshot_worker *w = worker_of(r);

	(void)c;
	*out = w->busy * 100;
	return true;
}

static void col_busy(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct snapshot_worker *w = worker_of(r);

	(void)c;
	snprintf(out->text, sizeof out->text, "%d%%", (int)(w->busy * 100));
}

static const struct table_col worker_columns[] = {
    {"w", "W", 4, 4, 0, ALIGN_LEFT, col_worker, num_worker, NULL, NULL, FILTER_TEXT},
    {"state", "STATE", 10, 10, 0, ALIGN_LEFT, col_state, NULL, NULL, NULL, FILTER_TEXT},
    {"job", "JOB", 7, 7, 1, ALIGN_LEFT, col_job, NULL, NULL, NULL, FILTER_TEXT},
    {"doing", "DOING NOW", 20, 40, 2, ALIGN_LEFT, col_doing, NULL, NULL, NULL, FILTER_TEXT},
    {"for", "FOR", 6, 6, 0, ALIGN_RIGHT, col_for, num_for, NULL, NULL, FILTER_NUMBER},
    {"calls", "CALLS", 6, 7, 3, ALIGN_RIGHT, col_calls, num_calls, NULL, NULL, FILTER_NUMBER},
    {"err", "ERR", 4, 5, 4, ALIGN_RIGHT, col_errors, num_errors, NULL, NULL, FILTER_NUMBER},
    {"p95", "P95 ms", 6, 7, 5, ALIGN_RIGHT, col_p95, num_p95, NULL, NULL, FILTER_NUMBER},
    {"busy", "BUSY 5m", 7, 7, 6, ALIGN_RIGHT, col_busy, num_busy, NULL, NULL, FILTER_NUMBER},
};

const struct table_def worker_table = {
    .what = "threads",
    .cols = worker_columns,
    .n_cols = sizeof worker_columns / sizeof worker_columns[0],
    .count = worker_count,
    .row = worker_row,
    .id = worker_id,
    .order_words = "by number",
    .empty = "no thread works now: i shows those that rest, 2 and n start a job",
};

const struct snapshot_worker *worker_find(const struct snapshot *s, const char *name)
{
	int64_t n;

	if (*name != 'w' || str_to_i64(name + 1, 1, SNAPSHOT_WORKERS, &n))
		return NULL;
	return (size_t)n <= s->n_workers ? &s->workers[n - 1] : NULL;
}

void worker_draw_sum(const struct view_ctx *c, const struct pane *p, int y, int x)
{
	const struct snapshot *s = c->snap;
	int stalled = 0;

	for (int i = 0; i < WORKER_STATES; i++) {
		int n = 0;
		for (size_t k = 0; k < s->n_workers && k < SNAPSHOT_WORKERS; k++)
			n += !s->workers[k].stalled &&
			     strcmp(s->workers[k].state, worker_states[i].state) == 0;
		if (n)
			x += 2 + draw_textf(p, y, x, p->at.w - x, ALIGN_LEFT, worker_states[i].role,
			             "%d %s", n, worker_states[i].words);
	}
	for (size_t k = 0; k < s->n_workers && k < SNAPSHOT_WORKERS; k++)
		stalled += s->workers[k].stalled;
	if (stalled)
		draw_textf(p, y, x, p->at.w - x, ALIGN_LEFT, ROLE_WARN, "! %d stalled", stalled);
}

/* ---- judgement and notes ---- */

int worker_draw_judgement(const struct view_ctx *c, const struct pane *p, int y, int h)
{
	const struct snapshot_limits *l = &c->snap->limits;
	const char *text = *l->text ? l->text : "what limits the work is not known yet";
	int w = p->at.w - 12, x = 11;

	draw_text(p, y, 1, 9, ALIGN_LEFT, ROLE_NORMAL, "limit");
	while (*text && h-- > 0) {
		size_t len = strlen(text), cut = len;
		if (draw_columns(p, text) > w && h > 0)
			for (cut = (size_t)w; cut > 0 && text[cut] != ' '; cut--)
				;
		cut = cut ? cut : len;
		draw_textf(p, y++, x, w, ALIGN_LEFT, l->more_threads ? ROLE_WARN : ROLE_NORMAL,
		    "%.*s", (int)cut, text);
		text += cut;
		text += *text == ' ';
	}
	return y;
}

static void note_thread(const struct view_ctx *c, const char *id, const struct pane *p, int y)
{
	const struct snapshot_worker *w = worker_find(c->snap, id);
	char n[FORMAT_SIZE];

	if (!w)
		return;
	if (w->stalled)
		draw_textf(p, y, 1, p->at.w - 2, ALIGN_LEFT, ROLE_WARN,
		    "! %s has not reported for %s (limit 30 s): %s.  K interrupts it", id,
		    format_duration(n, (c->snap->mono_ms - w->since_ms) / 1000), w->doing);
	else
		draw_textf(p, y, 1, p->at.w - 2, ALIGN_LEFT, ROLE_OFF,
		    "%s  %s  last call %s ms, replaced %lld times%s", id, w->doing,
		    format_full(n, w->last_ms), (long long)w->restarts,
		    w->job ? "   Enter opens its job" : "");
}

void worker_draw_note(const struct view_ctx *c, struct view_state *st, const struct pane *p, int y)
{
	const char *id = st->tables[st->part].selected;

	if (st->part == WORKERS_THREADS)
		note_thread(c, id, p, y);
	else if (st->part == WORKERS_NODES)
		node_draw_note(c, id, p, y);
	else
		service_draw_note(c, id, p, y);
}
