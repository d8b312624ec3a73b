#include "config.h"
#include "tui/views/dash_parts.h"
#include "tui/format.h"

#include <stdio.h>
#include <string.h>

static const struct dash_state state_table[] = {
    {"running", "running", ROLE_BUSY, ' '},
    {"pending", "queued", ROLE_OFF, ' '},
    {"waiting", "waiting", ROLE_OFF, ' '},
    {"paused", "paused", ROLE_OFF, ' '},
    {"interrupted", "interrupted", ROLE_WARN, '!'},
    {"cancelled", "cancelled", ROLE_OFF, ' '},
    {"completed", "done", ROLE_OK, ' '},
    {"failed", "failed", ROLE_ERROR, '!'},
};

static const struct dash_state state_done_but = {"completed", "done*", ROLE_OK, ' '};
static const struct dash_state state_other = {"", "?", ROLE_NORMAL, ' '};

const struct dash_state *dash_state_of(const struct snapshot_job *j)
{
	if (strcmp(j->status, state_done_but.status) == 0 && j->failed > 0)
		return &state_done_but;
	for (size_t i = 0; i < sizeof state_table / sizeof state_table[0]; i++)
		if (strcmp(state_table[i].status, j->status) == 0)
			return &state_table[i];
	return &state_other;
}

/* ---- columns ---- */

typedef void job_draw(const struct view_ctx *c, const struct pane *p, int y, int x, int w,
    const struct snapshot_job *j);

static void job_draw_id(const struct view_ctx *c, const struct pane *p, int y, int x, int w,
    const struct snapshot_job *j)
{
	(void)c;
	draw_textf(p, y, x, w, ALIGN_LEFT, ROLE_NORMAL, "J-%lld", (long long)j->no);
}

static void job_draw_type(const struct view_ctx *c, const struct pane *p, int y, int x, int w,
    const struct snapshot_job *j)
{
	(void)c;
	draw_text(p, y, x, w, ALIGN_LEFT, ROLE_NORMAL, j->word[0] ? j->word : j->type);
}

static void job_draw_state(const struct view_ctx *c, const struct pane *p, int y, int x, int w,
    const struct snapshot_job *j)
{
	const struct dash_state *state = dash_state_of(j);

	(void)c;
	draw_text(p, y, x, w, ALIGN_LEFT, state->role, state->word);
}

static void job_draw_bar(const struct view_ctx *c, const struct pane *p, int y, int x, int w,
    const struct snapshot_job *j)
{
	(void)c;
	draw_bar(p, y, x, w, dash_state_of(j)->role,
	    j->total > 0 ? (double)j->processed / (double)j->total : 0);
}

static void job_draw_percent(const struct view_ctx *c, const struct pane *p, int y, int x, int w,
    const struct snapshot_job *j)
{
	char buf[FORMAT_SIZE];

	(void)c;
	draw_text(
	    p, y, x, w, ALIGN_RIGHT, ROLE_NORMAL, format_percent(buf, j->processed, j->total));
}

static void job_draw_done(const struct view_ctx *c, const struct pane *p, int y, int x, int w,
    const struct snapshot_job *j)
{
	char a[FORMAT_SIZE], b[FORMAT_SIZE];

	(void)c;
	draw_textf(p, y, x, w, ALIGN_RIGHT, ROLE_NORMAL, "%s/%s", format_count(a, j->processed),
	    j->total < 0 ? "?" : format_count(b, j->total));
}

static void job_draw_rate(const struct view_ctx *c, const struct pane *p, int y, int x, int w,
    const struct snapshot_job *j)
{
	char buf[FORMAT_SIZE];

	(void)c;
	draw_text(p, y, x, w, ALIGN_RIGHT, ROLE_NORMAL, format_rate(buf, j->rate));
}

static void job_draw_failed(const struct view_ctx *c, const struct pane *p, int y, int x, int w,
    const struct snapshot_job *j)
{
	char buf[FORMAT_SIZE];

	(void)c;
	draw_text(p, y, x, w, ALIGN_RIGHT, j->failed > 0 ? ROLE_WARN : ROLE_NORMAL,
	    format_count(buf, j->failed));
}

static void job_draw_units(const struct view_ctx *c, const struct pane *p, int y, int x, int w,
    const struct snapshot_job *j)
{
	char buf[FORMAT_SIZE];

	(void)c;
	draw_text(p, y, x, w, ALIGN_RIGHT, ROLE_NORMAL, format_count(buf, j->units));
}

/* When it ends, or why it does not go on and until when. */
static void job_draw_why(const struct view_ctx *c, const struct pane *p, int y, int x, int w,
    const struct snapshot_job *j)
{
	char when[FORMAT_SIZE], left[FORMAT_SIZE];

	if (strcmp(j->status, "running") == 0 && j->eta > 0)
		draw_textf(p, y, x, w, ALIGN_LEFT, ROLE_NORMAL, "%s  %s",
		    format_when(when, j->eta, c->now), format_duration(left, j->eta - c->now));
	else if (j->open && j->until > 0)
		draw_textf(p, y, x, w, ALIGN_LEFT, ROLE_NORMAL, "%s %s",
		    format_when(when, j->until, c->now), j->reason);
	else if (j->reason[0])
		draw_text(p, y, x, w, ALIGN_LEFT, ROLE_NORMAL, j->reason);
	else if (j->completed_ms > 0)
		draw_text(p, y, x, w, ALIGN_LEFT, ROLE_NORMAL,
		    format_when(when, j->completed_ms / 1000, c->now));
	else
		draw_text(p, y, x, w, ALIGN_LEFT, ROLE_NORMAL, "-");
}

struct job_column {
	const char *title;
	int w;
	int rank; /* the highest goes first when it gets narrow; 0 never */
	enum align align;
	job_draw *draw;
};

static const struct job_column job_columns[] = {
    {"ID", 7, 0, ALIGN_LEFT, job_draw_id},
    {"TYPE", 9, 3, ALIGN_LEFT, job_draw_type},
    {"STATE", 11, 0, ALIGN_LEFT, job_draw_state},
    {"", 10, 4, ALIGN_LEFT, job_draw_bar},
    {"%", 5, 2, ALIGN_RIGHT, job_draw_percent},
    {"DONE/TOTAL", 13, 6, ALIGN_RIGHT, job_draw_done},
    {"RATE", 7, 5, ALIGN_RIGHT, job_draw_rate},
    {"ERR", 6, 7, ALIGN_RIGHT, job_draw_failed},
    {"UNITS", 7, 8, ALIGN_RIGHT, job_draw_units},
    {"ETA / WHY", 14, 0, ALIGN_LEFT, job_draw_why},
};

enum { JOB_COLUMNS = sizeof job_columns / sizeof job_columns[0], JOB_WHY = JOB_COLUMNS - 1 };

/* Which columns fit into w: bit i for column i. */
static unsigned job_columns_fit(int w)
{
	unsigned in = (1u << JOB_COLUMNS) - 1;
	int need = 1;

	for (int i = 0; i < JOB_COLUMNS; i++)
		need += job_columns[i].w + 1;
	for (int rank = JOB_COLUMNS; rank > 0 && need > w; rank--)
		for (int i = 0; i < JOB_COLUMNS; i++)
			if (job_columns[i].rank == rank && need > w) {
				in &= ~(1u << i);
				need -= job_columns[i].w + 1;
			}
	return in;
}

/* job NULL: the titles. */
static void job_draw_row(
    const struct view_ctx *c, const struct pane *p, int y, const struct snapshot_job *j)
{
	unsigned in = job_columns_fit(p->at.w);
	int x = 1;

	for (int i = 0; i < JOB_COLUMNS; i++) {
		const struct job_column *col = &job_columns[i];
		int w = i == JOB_WHY ? p->at.w - x - 1 : col->w;
		if (!(in & 1u << i))
			continue;
		if (j)
			col->draw(c, p, y, x, w, j);
		else
			draw_text(p, y, x, w, col->align, ROLE_TITLE, col->title);
		x += w + 1;
	}
}

static void jobs_title(
    const struct view_ctx *c, const struct view_state *st, char *right, size_t size)
{
	const struct snapshot *s = c->snap;
	int64_t more = (int64_t)s->n_jobs - st->top - st->page;

	if (more > 0)
		snprintf(right, size, "%lld running, %lld more below", (long long)s->jobs_running,
		    (long long)more);
	else
		snprintf(right, size, "%lld running of %zu", (long long)s->jobs_running, s->n_jobs);
}

void dash_draw_jobs(const struct view_ctx *c, struct view_state *st, const struct pane *p)
{
	size_t rows = view_dash.row_count(c), chosen = view_selected_row(&view_dash, c, st);
	bool wide = c->layout->profile == PROFILE_WIDE;
	int frame = wide ? 2 : c->layout->profile == PROFILE_NARROW ? 1 : 0;
	int titles = wide || (p->at.h > 8 && frame);
	int page = p->at.h - frame - titles;
	char right[80];
	struct pane in;

	view_scroll_to(st, chosen, rows, page > 0 ? page : 1);
	jobs_title(c, st, right, sizeof right);
	in = dash_open(c, p, "Jobs", rows ? right : NULL);
	if (!rows) {
		draw_text(&in, 0, 1, in.at.w - 1, ALIGN_LEFT, ROLE_OFF,
		    c->snap->channels ? "no job yet: n starts one"
		                      : "no job yet: i imports channel ids");
		return;
	}
	if (titles)
		job_draw_row(c, &in, 0, NULL);
	for (int i = 0; i < page && (size_t)(st->top + i) < rows; i++) {
		size_t row = (size_t)(st->top + i);
		int y = titles + i;
		job_draw_row(c, &in, y, &c->snap->jobs[row]);
		if (row == chosen) {
			draw_text(&in, y, 0, 1, ALIGN_LEFT, ROLE_NORMAL, ">");
			draw_select(&in, y);
		}
	}
}
