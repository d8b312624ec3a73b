/*
 * job_parts - the pieces of a job's page, drawn from the snapshot's row of it and the answer to
 * GET /api/jobs/{id}/page; for the files of the Jobs view and the job page. The screen's thread.
 */
#ifndef TUBEOPS_TUI_VIEWS_JOB_PARTS_H
#define TUBEOPS_TUI_VIEWS_JOB_PARTS_H

#include "tui/views/job_cols.h"

/* What is known of one job: its row may be missing (old jobs), so may the page (not answered yet). */
struct job_look {
	const struct view_ctx *c;
	const struct snapshot_job *job; /* NULL: not in the snapshot */
	struct json_node page;          /* absent: not there yet */
	bool brief;                     /* beside a list: less of each */
};

/* Each draws its lines from y on and returns the line after them. */
int job_draw_head(const struct job_look *l, const struct pane *p, int y);
int job_draw_graph(const struct job_look *l, const struct pane *p, int y, int lines);
int job_draw_outcome(const struct job_look *l, const struct pane *p, int y);
int job_draw_errors(const struct job_look *l, const struct pane *p, int y, int most);
int job_draw_timeline(const struct job_look *l, const struct pane *p, int y, int most);
int job_draw_log(const struct job_look *l, const struct pane *p, int y, int most);
/* A rule with a title across the pane. */
int job_draw_rule(const struct pane *p, int y, const char *title, const char *right);

/* "2000000", "yes", "a, b": a parameter's value. */
void job_value(struct json_node v, char *out, size_t size);

#endif
