/* Every job that was ever started: the list, and beside or below it what keys will do to which. */
#include "config.h"
#include "tui/pages.h"
#include "tui/views/job_parts.h"
#include "tui/format.h"

#include <stdio.h>
#include <string.h>

enum { JOBS_FOOT = 4, JOBS_REFRESH_MS = 2000, JOBS_WIDE_FOOT = 5 };

enum { JOBS_PAGE }; /* the answer that is held: the page of the chosen job */

/* How many are so: of all that match, or of those that are known here. */
static int64_t jobs_in_state(
    const struct view_ctx *c, const struct table *t, enum snapshot_job_state state)
{
	struct json_node root = t->pages ? pages_root(t->pages) : (struct json_node){0};
	int64_t n = 0;

	if (root.doc)
		return answer_int(json_node_get(root, "states"), snapshot_job_word(state));
	for (size_t i = 0; i < c->snap->n_jobs; i++)
		n += snapshot_job_state(&c->snap->jobs[i]) == state;
	return n;
}

/* "running 2  throttled 1  done 171" */
static void jobs_draw_states(
    const struct view_ctx *c, const struct table *t, const struct pane *p, int y)
{
	char number[FORMAT_SIZE];
	int x = 1;

	for (int i = 0; i < JOB_IS_COUNT; i++) {
		enum snapshot_job_state state = (enum snapshot_job_state)i;
		int64_t n = jobs_in_state(c, t, state);
		if (n)
			x += 2 + draw_textf(p, y, x, p->at.w - x, ALIGN_LEFT, job_state_role(state),
			             "%s %s", snapshot_job_word(state), format_full(number, n));
	}
}

static void jobs_draw_narrow(
    const struct view_ctx *c, struct view_state *st, const struct pane *p, int foot)
{
	struct pane list = pane_part(p, (struct rect){0, 0, p->at.h - foot, p->at.w});
	struct pane marks = pane_part(p, (struct rect){p->at.h - foot, 0, foot, p->at.w});

	view_draw_list(c, st, 0, &list);
	view_draw_marks(c, st, &marks);
}

/* The chosen job, whole. */
static void jobs_draw_preview(const struct view_ctx *c, struct view_state *st, const struct pane *p)
{
	struct table *t = &st->tables[0];
	struct job_look l = {.c = c, .brief = true};
	char title[TABLE_TEXT], right[TABLE_TEXT] = "", word[FORMAT_SIZE];
	const struct resource *r;
	struct table_row row;
	struct pane in;
	int y = 0;

	if (!t->lost && table_row_at(t, c, st, t->at, &row))
		l.job = row.item;
	if (!l.job) {
		draw_box(p, "No job", NULL);
		return;
	}
	r = view_get(c, st, JOBS_PAGE, JOBS_REFRESH_MS, "/api/jobs/%s/page", t->selected);
	l.page = r->answer.root;
	snprintf(title, sizeof title, "%s %s", t->selected, l.job->word);
	snprintf(right, sizeof right, "%s", job_state_word(l.job, word));
	in = draw_box(p, title, right);
	y = job_draw_head(&l, &in, y);
	y = job_draw_graph(&l, &in, y, in.at.h > 34 ? 4 : 2);
	y = job_draw_outcome(&l, &in, y);
	y = job_draw_errors(&l, &in, y, 3);
	y = job_draw_timeline(&l, &in, y, 5);
	if (!l.page.doc)
		view_draw_missing(r, &in, y);
	else if (in.at.h - y > 2) {
		y = job_draw_rule(&in, y, "Log of this job", NULL);
		job_draw_log(&l, &in, y, in.at.h - y);
	}
}

static void jobs_draw_wide(const struct view_ctx *c, struct view_state *st, const struct pane *p)
{
	int w = st->zoom ? p->at.w : p->at.w * 5 / 8;
	struct pane left = pane_part(p, (struct rect){0, 0, p->at.h, w});
	struct pane right = pane_part(p, (struct rect){0, w, p->at.h, p->at.w - w});
	struct table *t = &st->tables[0];
	char count[TABLE_TEXT * 5], sort[TABLE_TEXT];
	struct pane in, list, foot;

	table_count_words(t, count, sizeof count);
	table_sort_words(t, sort, sizeof sort);
	in = draw_box(&left, count, sort);
	list = pane_part(&in, (struct rect){0, 0, in.at.h - JOBS_WIDE_FOOT, in.at.w});
	foot = pane_part(&in, (struct rect){in.at.h - JOBS_WIDE_FOOT, 0, JOBS_WIDE_FOOT, in.at.w});
	table_draw(t, c, st, &list);
	draw_rule(&foot, 0, "States", NULL);
	jobs_draw_states(c, t, &foot, 1);
	foot = pane_part(&foot, (struct rect){2, 0, JOBS_WIDE_FOOT - 2, foot.at.w});
	view_draw_marks(c, st, &foot);
	if (!st->zoom)
		jobs_draw_preview(c, st, &right);
}

static void jobs_draw(const struct view_ctx *c, struct view_state *st, const struct pane *p)
{
	if (c->layout->profile == PROFILE_WIDE)
		jobs_draw_wide(c, st, p);
	else
		jobs_draw_narrow(c, st, p, c->layout->profile == PROFILE_SHORT ? 1 : JOBS_FOOT);
}

static void jobs_badge(const struct snapshot *s, char *out, size_t size)
{
	int64_t busy = s->jobs_running, person = s->jobs_interrupted + s->jobs_failed;

	*out = 0;
	if (busy && person)
		snprintf(out, size, "%lld> %lld!", (long long)busy, (long long)person);
	else if (busy)
		snprintf(out, size, "%lld>", (long long)busy);
	else if (person)
		snprintf(out, size, "%lld!", (long long)person);
}

static const struct view_part jobs_parts[] = {{"Jobs", &job_list_table, ON_JOB}};

static const struct key_row jobs_keys[] = {
    {{'i'}, KEY_CMD_START, 0, "migration", KEY_GROUP_ACT, "i", "import channel ids", 0},
    {{KEYS_NONE}, KEY_CMD_NONE, 0, NULL, KEY_GROUP_MOVE, NULL, NULL, 0},
};

const struct view_ops view_jobs = {
    .name = "jobs",
    .title = "Jobs",
    .title_wide = "Jobs",
    .in_short = true,
    .key = '2',
    .parts = jobs_parts,
    .n_parts = 1,
    .page = &view_job,
    .own_message = true,
    .draw = jobs_draw,
    .badge = jobs_badge,
    .keys = jobs_keys,
    .hints = "n new job  Enter detail  Space mark  / filter  a actions  ? help  q back  "
             "V range  * all matching  o sort  Z freeze",
};
