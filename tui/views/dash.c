/* The dashboard: the campaign, the day's quota, the last hour, what is blocked, jobs. */
#include "config.h"
#include "tui/views/dash_parts.h"
#include "tui/views/job_cols.h"

#include <stdio.h>
#include <string.h>

enum { DASH_LIST_JOBS, DASH_LIST_BLOCKED, DASH_LISTS };

/* ---- lists: their titles stand in the rule or frame above them ---- */

/* The pane of a list whose first line is that of the rule or the frame's upper edge. */
static struct pane dash_list(const struct view_ctx *c, const struct pane *p)
{
	if (c->layout->profile == PROFILE_WIDE)
		return pane_part(p, (struct rect){0, 1, p->at.h - 1, p->at.w - 3});
	return pane_part(p, (struct rect){0, 0, p->at.h, p->at.w - 1});
}

static void dash_frame(
    const struct view_ctx *c, const struct pane *p, const char *title, const char *right)
{
	if (c->layout->profile != PROFILE_SHORT)
		view_open(c, p, title, right);
}

static void dash_draw_blocked(const struct view_ctx *c, struct view_state *st, const struct pane *p)
{
	struct table *t = &st->tables[DASH_LIST_BLOCKED];
	bool brief = c->layout->profile == PROFILE_SHORT;
	struct pane list = dash_list(c, p);
	size_t below;
	char right[80];

	if (brief) /* no line for its titles: they are drawn above the pane, where nothing is seen */
		list.at = (struct rect){p->at.y - 1, p->at.x, p->at.h + 1, p->at.w - 1};
	table_draw(t, c, st, &list);
	below = t->n > (size_t)(t->top + t->page) ? t->n - (size_t)(t->top + t->page) : 0;
	if (below)
		snprintf(right, sizeof right, "%zu, %zu more below   until", t->n, below);
	else
		snprintf(right, sizeof right, "%zu   until", t->n);
	dash_frame(c, p, "Blocked: what and why", t->n ? right : NULL);
}

static void dash_draw_jobs(const struct view_ctx *c, struct view_state *st, const struct pane *p)
{
	const struct table *t = &st->tables[DASH_LIST_JOBS];
	const struct snapshot *s = c->snap;
	bool brief = c->layout->profile == PROFILE_SHORT;
	bool tall = !brief && (c->layout->profile == PROFILE_WIDE || p->at.h > 5);
	struct pane list = dash_list(c, p);
	char right[96];
	int64_t more;

	if (tall) /* the titles of its columns have a line */
		list = pane_part(&list, (struct rect){1, 0, list.at.h - 1, list.at.w});
	table_draw(&st->tables[DASH_LIST_JOBS], c, st, &list);
	more = (int64_t)t->n - t->top - t->page;
	if (s->draining)
		snprintf(right, sizeof right, "stopping: calls in flight end");
	else if (more > 0)
		snprintf(right, sizeof right, "%lld running, %lld more below",
		    (long long)s->jobs_running, (long long)more);
	else
		snprintf(right, sizeof right, "%lld running of %zu", (long long)s->jobs_running,
		    s->n_jobs);
	dash_frame(c, p, "Jobs", s->n_jobs ? right : NULL);
}

/* ---- the usual picture ---- */

typedef void dash_draw_fn(const struct view_ctx *c, const struct pane *p);

static dash_draw_fn *const dash_panes[DASH_PANES] = {
    [DASH_STAGES] = dash_draw_stages,
    [DASH_QUOTA] = dash_draw_quota,
    [DASH_BURN] = dash_draw_burn,
    [DASH_HISTORY] = dash_draw_history,
    [DASH_GRAPH] = dash_draw_graph,
    [DASH_NEXT] = dash_draw_next,
    [DASH_LOG] = dash_draw_log,
};

static void dash_draw_pane(
    const struct view_ctx *c, struct view_state *st, const struct pane *p, enum dash_pane which)
{
	if (p->at.h <= 0)
		return;
	if (which == DASH_JOBS)
		dash_draw_jobs(c, st, p);
	else if (which == DASH_NOTICES)
		dash_draw_blocked(c, st, p);
	else
		dash_panes[which](c, p);
}

/* Below the first steps: what blocks, and the log. */
static void dash_draw_first_run(
    const struct view_ctx *c, struct view_state *st, const struct pane *p)
{
	int y = dash_draw_first(c, p), n = (int)st->tables[DASH_LIST_BLOCKED].n;
	int frame = c->layout->profile == PROFILE_WIDE ? 2 : 1;
	struct pane blocked = pane_part(p, (struct rect){y, 0, (n < 3 ? n : 3) + frame, p->at.w});
	struct pane log;

	if (c->layout->profile == PROFILE_SHORT)
		return;
	if (n)
		dash_draw_blocked(c, st, &blocked);
	y += n ? blocked.at.h : 0;
	log = pane_part(p, (struct rect){y, 0, p->at.h - y, p->at.w});
	if (log.at.h > 2)
		dash_draw_log(c, &log);
}

static void dash_draw(const struct view_ctx *c, struct view_state *st, const struct pane *p)
{
	struct dash_want want = {.stages = dash_stage_count(c), .quota = dash_quota_lines(c->snap)};
	struct rect places[DASH_PANES];

	for (int i = 0; i < DASH_LISTS; i++) /* heights go by how many lines there are */
		table_update(&st->tables[i], c, st, c->dialog);
	want.notices = (int)st->tables[DASH_LIST_BLOCKED].n;
	want.jobs = (int)st->tables[DASH_LIST_JOBS].n;
	if (dash_is_first_run(c->snap)) {
		dash_draw_first_run(c, st, p);
		return;
	}
	layout_dash(c->layout, &want, places);
	for (int i = 0; i < DASH_PANES; i++) {
		struct pane at = pane_part(p, places[i]);
		dash_draw_pane(c, st, &at, (enum dash_pane)i);
	}
}

static bool dash_takes(const struct view_ctx *c, struct view_state *st, enum key_cmd cmd)
{
	return cmd == KEY_CMD_OPEN && st->part == DASH_LIST_BLOCKED &&
	       dash_blocked_open(c, st, &st->tables[DASH_LIST_BLOCKED]);
}

static const struct view_part dash_parts[DASH_LISTS] = {
    [DASH_LIST_JOBS] = {"Jobs", &job_table, ON_JOB | ON_DASH},
    [DASH_LIST_BLOCKED] = {"Blocked", &blocked_table, ON_DASH | ON_ALERT},
};

/* w: what if, which is a pane of Keys. */
static bool dash_command(const struct view_ctx *c, struct view_state *st, int arg)
{
	(void)c;
	(void)arg;
	st->wish = (struct view_wish){.kind = WISH_GO, .view = "keys", .part = VIEW_KEYS_WHAT_IF};
	return true;
}

static const struct key_row dash_keys[] = {
    {{'w'}, KEY_CMD_VIEW, 0, NULL, KEY_GROUP_SHOW, "w", "what if: videos of whom", 0},
    {{'i'}, KEY_CMD_START, 0, "migration", KEY_GROUP_ACT, "i", "import channel ids", 0},
    {{KEYS_NONE}, KEY_CMD_NONE, 0, NULL, KEY_GROUP_MOVE, NULL, NULL, 0},
};

const struct view_ops view_dash = {
    .name = "dash",
    .title = "Dash",
    .title_wide = "Dashboard",
    .in_short = true,
    .key = '1',
    .parts = dash_parts,
    .n_parts = DASH_LISTS,
    .page = &view_job,
    .own_size = sizeof(struct dash_own),
    .draw = dash_draw,
    .takes = dash_takes,
    .keys = dash_keys,
    .command = dash_command,
    .hints = "Enter open  n new job  i import  Tab blocked  : command  ? help  q back  "
             "w what-if  / filter  p pause  r resume  X cancel",
};
