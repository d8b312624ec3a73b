/* The page of one job: overview, errors, items in hand, its log, what it was started with. */
#include "config.h"
#include "tui/views/cells.h"
#include "tui/views/job_parts.h"
#include "tui/format.h"
#include "engine/engine.h"

#include <stdio.h>
#include <string.h>

enum { JOB_REFRESH_MS = 1000 };

enum { JOB_PAGE }; /* answers that are held */

enum job_tab { JOB_OVERVIEW, JOB_ERRORS, JOB_ITEMS, JOB_LOG, JOB_ARGS, JOB_TABS };

/* ---- lists of the page: all from one answer ---- */

static struct answer *job_answer(struct view_state *st)
{
	return &st->resources[JOB_PAGE].answer;
}

static const char *const job_members[JOB_TABS] = {
    [JOB_ERRORS] = "errors", [JOB_ITEMS] = "in_hand", [JOB_LOG] = "log"};

static size_t job_list_count(const struct view_ctx *c, struct view_state *st)
{
	size_t n = 0;

	(void)c;
	if (job_answer(st)->root.doc && job_members[st->part])
		answer_items(job_answer(st), job_members[st->part], &n);
	return n;
}

static void job_list_row(
    const struct view_ctx *c, struct view_state *st, size_t at, struct table_row *out)
{
	size_t n;

	(void)c;
	out->json = answer_items(job_answer(st), job_members[st->part], &n)[at];
}

/* ---- errors ---- */

CELL(error_reason, cell_member, "reason")
CELL(error_seen, cell_member, "seen")
CELL(error_retried, cell_member, "retried")
CELL(error_recovered, cell_member, "recovered")
CELL(error_waiting, cell_member, "waiting")
CELL(error_dead, cell_member, "dead")
CELL(error_last, cell_clock, "last_ms")
NUMBER(error_seen_n, "seen")
NUMBER(error_retried_n, "retried")
NUMBER(error_recovered_n, "recovered")
NUMBER(error_waiting_n, "waiting")
NUMBER(error_dead_n, "dead")
NUMBER(error_last_n, "last_ms")

static const struct table_col error_columns[] = {
    {"reason", "REASON", 16, 40, 0, ALIGN_LEFT, error_reason, NULL, NULL, NULL, FILTER_TEXT},
    {"seen", "SEEN", 8, 9, 0, ALIGN_RIGHT, error_seen, error_seen_n, NULL, NULL, FILTER_NUMBER},
    {"retried", "RETRIED", 8, 9, 3, ALIGN_RIGHT, error_retried, error_retried_n, NULL, NULL,
        FILTER_NUMBER},
    {"recovered", "RECOVERED", 9, 9, 2, ALIGN_RIGHT, error_recovered, error_recovered_n, NULL, NULL,
        FILTER_NUMBER},
    {"waiting", "WAITING", 8, 9, 1, ALIGN_RIGHT, error_waiting, error_waiting_n, NULL, NULL,
        FILTER_NUMBER},
    {"dead", "GIVEN UP", 8, 9, 0, ALIGN_RIGHT, error_dead, error_dead_n, NULL, NULL, FILTER_NUMBER},
    {"last", "LAST", 9, 9, 4, ALIGN_LEFT, error_last, error_last_n, NULL, NULL, FILTER_TEXT},
};

static void error_id(const struct table_row *r, char out[TABLE_ID])
{
	snprintf(out, TABLE_ID, "%.71s", answer_text(r->json, "reason"));
}

static const struct table_def error_table = {
    .what = "reasons",
    .cols = error_columns,
    .n_cols = sizeof error_columns / sizeof error_columns[0],
    .count = job_list_count,
    .row = job_list_row,
    .id = error_id,
    .order_words = "most frequent first",
    .empty = "no error so far",
};

/* ---- items in hand ---- */

static void cell_worker(
    const struct view_ctx *c, const struct table_row *r, const char *member, struct table_cell *out)
{
	(void)c;
	snprintf(out->text, sizeof out->text, "w%lld", (long long)answer_int(r->json, member));
}

/* The first ids; the rest is counted. */
static void cell_ids(
    const struct view_ctx *c, const struct table_row *r, const char *member, struct table_cell *out)
{
	struct json_node ids = json_node_get(r->json, member);

	(void)c;
	job_value(ids, out->text, sizeof out->text);
}

CELL(item_worker, cell_worker, "worker")
CELL(item_state, cell_member, "state")
CELL(item_doing, cell_member, "doing")
CELL(item_for, cell_seconds, "hand_ms")
CELL(item_tries, cell_member, "attempts")
CELL(item_count, cell_member, "items")
CELL(item_ids, cell_ids, "ids")
NUMBER(item_worker_n, "worker")
NUMBER(item_for_n, "hand_ms")
NUMBER(item_tries_n, "attempts")
NUMBER(item_count_n, "items")

static const struct table_col item_columns[] = {
    {"w", "W", 4, 4, 0, ALIGN_LEFT, item_worker, item_worker_n, NULL, NULL, FILTER_TEXT},
    {"state", "STATE", 9, 10, 2, ALIGN_LEFT, item_state, NULL, NULL, NULL, FILTER_TEXT},
    {"doing", "DOING NOW", 18, 30, 0, ALIGN_LEFT, item_doing, NULL, NULL, NULL, FILTER_TEXT},
    {"for", "FOR", 6, 7, 0, ALIGN_RIGHT, item_for, item_for_n, NULL, NULL, FILTER_NUMBER},
    {"tries", "TRIES", 5, 5, 3, ALIGN_RIGHT, item_tries, item_tries_n, NULL, NULL, FILTER_NUMBER},
    {"items", "ITEMS", 5, 5, 1, ALIGN_RIGHT, item_count, item_count_n, NULL, NULL, FILTER_NUMBER},
    {"ids", "CHANNELS", 24, 60, 4, ALIGN_LEFT, item_ids, NULL, NULL, NULL, FILTER_TEXT},
};

static void item_id(const struct table_row *r, char out[TABLE_ID])
{
	snprintf(out, TABLE_ID, "w%lld", (long long)answer_int(r->json, "worker"));
}

static const struct table_def item_table = {
    .what = "workers with items in hand",
    .cols = item_columns,
    .n_cols = sizeof item_columns / sizeof item_columns[0],
    .count = job_list_count,
    .row = job_list_row,
    .id = item_id,
    .order_words = "by worker",
    .empty = "no worker has items of this job in hand",
};

/* ---- log ---- */

CELL(log_time, cell_clock, "at_ms")
CELL(log_level, cell_member, "level")
CELL(log_source, cell_member, "source")
CELL(log_text, cell_member, "text")

static const struct table_col log_columns[] = {
    {"time", "TIME", 9, 9, 0, ALIGN_LEFT, log_time, NULL, NULL, NULL, FILTER_TEXT},
    {"level", "LEVEL", 7, 7, 1, ALIGN_LEFT, log_level, NULL, NULL, NULL, FILTER_TEXT},
    {"source", "FROM", 8, 8, 2, ALIGN_LEFT, log_source, NULL, NULL, NULL, FILTER_TEXT},
    {"text", "MESSAGE", 30, 200, 0, ALIGN_LEFT, log_text, NULL, NULL, NULL, FILTER_TEXT},
};

static void log_id(const struct table_row *r, char out[TABLE_ID])
{
	snprintf(out, TABLE_ID, "%lld", (long long)answer_int(r->json, "seq"));
}

static const struct table_def log_table = {
    .what = "lines",
    .cols = log_columns,
    .n_cols = sizeof log_columns / sizeof log_columns[0],
    .count = job_list_count,
    .row = job_list_row,
    .id = log_id,
    .order_words = "oldest first",
    .empty = "no line of this job is in memory any more; older ones are in the log file",
};

/* ---- the page ---- */

static void job_draw_overview(const struct job_look *l, const struct pane *p)
{
	int y = job_draw_head(l, p, 0), rest;

	y = job_draw_outcome(l, p, y);
	y = job_draw_errors(l, p, y, 3);
	rest = p->at.h - y - 1;
	y = job_draw_timeline(l, p, y, rest > 12 ? rest - 8 : rest);
	if (p->at.h - y > 3) {
		y = job_draw_rule(p, y, "Log of this job", "L opens it");
		job_draw_log(l, p, y, p->at.h - y);
	}
}

static void job_draw_args(const struct job_look *l, const struct pane *p)
{
	struct json_node item;
	struct json_walk walk;
	const char *name;
	char value[TABLE_TEXT];
	int y = 0;

	draw_text(p, y, 1, 24, ALIGN_LEFT, ROLE_TITLE, "PARAMETER");
	draw_text(p, y++, 26, p->at.w - 27, ALIGN_LEFT, ROLE_TITLE, "VALUE");
	json_walk_start(&walk, json_node_get(l->page, "args"));
	while (json_walk_next(&walk, &item, &name)) {
		job_value(item, value, sizeof value);
		draw_text(p, y, 1, 24, ALIGN_LEFT, ROLE_NORMAL, name);
		draw_text(p, y++, 26, p->at.w - 27, ALIGN_LEFT, ROLE_NORMAL, value);
	}
	if (y == 1)
		draw_text(p, y, 1, p->at.w - 2, ALIGN_LEFT, ROLE_OFF,
		    "it was started without any parameter");
}

/* Of the snapshot; of the page when that has it no more, into stored. NULL: neither. */
static const struct snapshot_job *job_of(
    const struct view_ctx *c, struct view_state *st, struct snapshot_job *stored)
{
	struct json_node root = st->resources[JOB_PAGE].answer.root;
	const struct snapshot_job *j = job_find(c->snap, st->target);

	if (j)
		return j;
	return root.doc && engine_job_read(json_node_get(root, "row"), stored) ? stored : NULL;
}

static void job_draw_tabs(
    const struct view_ctx *c, struct view_state *st, const struct job_look *l, const struct pane *p)
{
	char crumbs[TABLE_ID + 64], errors[FORMAT_SIZE] = "", n[FORMAT_SIZE];
	const char *extra[JOB_TABS] = {[JOB_ERRORS] = errors};
	const char *word = l->job ? l->job->word : answer_text(l->page, "job/job_type");

	if (l->job && l->job->failed > 0)
		snprintf(errors, sizeof errors, "%s", format_count(n, l->job->failed));
	snprintf(crumbs, sizeof crumbs, "Jobs > %s %s", st->target, word);
	view_draw_tabs(c, st, p, crumbs, extra);
}

static void job_draw(const struct view_ctx *c, struct view_state *st, const struct pane *p)
{
	const struct resource *r =
	    view_get(c, st, JOB_PAGE, JOB_REFRESH_MS, "/api/jobs/%s/page", st->target);
	struct snapshot_job stored;
	struct job_look l = {.c = c, .job = job_of(c, st, &stored), .page = r->answer.root};
	int top = c->layout->profile == PROFILE_SHORT ? 1 : 2;
	struct pane in = pane_part(p, (struct rect){top, 0, p->at.h - top, p->at.w});

	job_draw_tabs(c, st, &l, p);
	if (st->part == JOB_OVERVIEW && (l.job || r->got_ms))
		job_draw_overview(&l, &in);
	else if (view_draw_missing(r, &in, 0))
		return;
	else if (st->part == JOB_ARGS)
		job_draw_args(&l, &in);
	else
		view_draw_list(c, st, st->part, &in);
}

static const char *job_state(const struct view_ctx *c, struct view_state *st)
{
	struct snapshot_job stored;
	const struct snapshot_job *j = job_of(c, st, &stored);

	return j ? snapshot_job_can(snapshot_job_state(j)) : NULL;
}

enum { JOB_GO_ERRORS, JOB_GO_LOG };

static bool job_command(const struct view_ctx *c, struct view_state *st, int arg)
{
	(void)c;
	st->part = arg == JOB_GO_ERRORS ? JOB_ERRORS : JOB_LOG;
	return true;
}

static const struct view_part job_parts_list[JOB_TABS] = {
    [JOB_OVERVIEW] = {"Overview", NULL, 0},
    [JOB_ERRORS] = {"Errors", &error_table, 0},
    [JOB_ITEMS] = {"Items", &item_table, 0},
    [JOB_LOG] = {"Log", &log_table, 0},
    [JOB_ARGS] = {"Args", NULL, 0},
};

static const struct key_row job_keys[] = {
    {{'e'}, KEY_CMD_VIEW, JOB_GO_ERRORS, NULL, KEY_GROUP_SHOW, "e", "errors of this job", 0},
    {{'L'}, KEY_CMD_VIEW, JOB_GO_LOG, NULL, KEY_GROUP_SHOW, "L", "log of this job", 0},
    {{KEYS_NONE}, KEY_CMD_NONE, 0, NULL, KEY_GROUP_MOVE, NULL, NULL, 0},
};

const struct view_ops view_job = {
    .name = "job",
    .parts = job_parts_list,
    .n_parts = JOB_TABS,
    .tabs = true,
    .on = ON_JOB,
    .own_message = true,
    .draw = job_draw,
    .state = job_state,
    .keys = job_keys,
    .command = job_command,
    .hints =
        "p pause  X cancel  + more  - less  e errors  L log  c copy id  Tab next  Esc back  ? help",
};
