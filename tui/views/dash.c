#include "config.h"
#include "tui/views/dash_parts.h"
#include "tui/views/job_cols.h"

#include <stdio.h>
#include <string.h>

static size_t dash_row_count(const struct view_ctx *c)
{
	return c->snap->n_jobs < SNAPSHOT_JOBS ? c->snap->n_jobs : SNAPSHOT_JOBS;
}

/* ---- jobs at work and lately ---- */

static void dash_draw_jobs(const struct view_ctx *c, struct view_state *st, const struct pane *p)
{
	const struct table *t = &st->tables[0];
	char right[80];
	struct pane in;
	int64_t more = (int64_t)c->snap->n_jobs - t->top - t->page;

	if (t->page && more > 0)
		snprintf(right, sizeof right, "%lld running, %lld more below",
		    (long long)c->snap->jobs_running, (long long)more);
	else
		snprintf(right, sizeof right, "%lld running of %zu",
		    (long long)c->snap->jobs_running, c->snap->n_jobs);
	in = view_open(c, p, "Jobs", c->snap->n_jobs ? right : NULL);
	table_draw(&st->tables[0], c, st, &in);
}

/* ---- nothing imported yet ---- */

struct dash_step {
	const char *what;
	const char *key;
	const char *command;
};

static const struct dash_step dash_steps[] = {
    {"import channel ids", "press i", "tubeops import FILE"},
    {"add an API key", "", "tubeops keys add"},
    {"fetch metadata", "press n", "tubeops run metadata"},
};

enum { DASH_STEPS = sizeof dash_steps / sizeof dash_steps[0], DASH_FIRST_LINES = DASH_STEPS + 6 };

static void dash_draw_first(const struct view_ctx *c, const struct pane *p)
{
	int w = p->at.w, y = 1;

	draw_text(
	    p, y, 1, w - 1, ALIGN_LEFT, ROLE_TITLE, "Nothing imported yet. The usual first steps:");
	y += 2;
	for (int i = 0; i < DASH_STEPS; i++, y++) {
		bool done = i == 1 && c->snap->n_keys > 0;
		draw_textf(p, y, 3, 24, ALIGN_LEFT, done ? ROLE_OFF : ROLE_NORMAL, "[%c] %s",
		    done ? 'x' : ' ', dash_steps[i].what);
		draw_text(p, y, 28, 8, ALIGN_LEFT, ROLE_KEY, done ? "" : dash_steps[i].key);
		draw_text(
		    p, y, 37, w - 37, ALIGN_LEFT, ROLE_OFF, done ? "done" : dash_steps[i].command);
	}
	draw_text(p, y + 1, 1, w - 1, ALIGN_LEFT, ROLE_NORMAL,
	    "CSV, JSON or JSON Lines; a list with one channel id (UC...) a line will do.");
}

static bool dash_is_first_run(const struct snapshot *s)
{
	return s->channels == 0 && s->n_jobs == 0;
}

/* The rest of the screen below the steps: what blocks, quota, log. */
static void dash_draw_first_run(
    const struct view_ctx *c, struct view_state *st, const struct pane *p)
{
	struct dash_notice notices[DASH_NOTICE_MAX];
	bool brief = c->layout->profile == PROFILE_SHORT;
	struct layout_part parts[] = {
	    {DASH_FIRST_LINES, DASH_FIRST_LINES, 0, 0},
	    {1, (int)dash_notices(c, notices), 1, 0},
	    {3, brief ? 0 : 6 + (int)c->snap->n_keys, 2, 0},
	    {3, brief ? 0 : 8, 3, 0},
	};
	struct rect r = {0, 0, 0, p->at.w};
	struct pane at;

	(void)st;
	layout_share(parts, 4, p->at.h, 3);
	for (int i = 0; i < 4; i++) {
		r.h = parts[i].got;
		at = pane_part(p, r);
		r.y += r.h;
		if (!parts[i].got)
			continue;
		if (i == 0)
			dash_draw_first(c, &at);
		else if (i == 1)
			dash_draw_notices(c, &at);
		else if (i == 2)
			dash_draw_quota(c, &at);
		else
			dash_draw_log(c, &at);
	}
}

/* ---- the usual picture ---- */

typedef void dash_draw_fn(const struct view_ctx *c, const struct pane *p);

static dash_draw_fn *const dash_panes[DASH_PANES] = {
    [DASH_NOTICES] = dash_draw_notices,
    [DASH_STAGES] = dash_draw_stages,
    [DASH_QUOTA] = dash_draw_quota,
    [DASH_HISTORY] = dash_draw_history,
    [DASH_GRAPH] = dash_draw_graph,
    [DASH_WORKERS] = dash_draw_workers,
    [DASH_LOG] = dash_draw_log,
};

static void dash_draw(const struct view_ctx *c, struct view_state *st, const struct pane *p)
{
	struct dash_notice notices[DASH_NOTICE_MAX];
	struct dash_want want = {.notices = (int)dash_notices(c, notices),
	    .stages = dash_stage_count(c),
	    .keys = (int)c->snap->n_keys,
	    .workers = (int)c->snap->n_workers,
	    .jobs = (int)dash_row_count(c)};
	struct rect places[DASH_PANES];

	if (dash_is_first_run(c->snap)) {
		dash_draw_first_run(c, st, p);
		return;
	}
	layout_dash(c->layout, &want, places);
	for (int i = 0; i < DASH_PANES; i++) {
		struct pane at = pane_part(p, places[i]);
		if (at.at.h <= 0)
			continue;
		if (i == DASH_JOBS)
			dash_draw_jobs(c, st, &at);
		else
			dash_panes[i](c, &at);
	}
}

static const struct view_part dash_parts[] = {{"Jobs", &job_table, ON_JOB | ON_DASH}};

static const struct key_row dash_keys[] = {
    {{'i'}, KEY_CMD_START, 0, "migration", KEY_GROUP_ACT, "i", "import channel ids", 0},
    {{KEYS_NONE}, KEY_CMD_NONE, 0, NULL, KEY_GROUP_MOVE, NULL, NULL, 0},
};

const struct view_ops view_dash = {
    .name = "dash",
    .title = "Dash",
    .title_wide = "Dashboard",
    .key = '1',
    .parts = dash_parts,
    .n_parts = 1,
    .page = &view_job,
    .draw = dash_draw,
    .keys = dash_keys,
    .hints = "Enter open  n new job  i import  / filter  : command  ? help  q back  "
             "p pause  r resume  X cancel",
};
