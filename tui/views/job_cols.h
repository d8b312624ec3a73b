/*
 * job_cols - jobs as rows: their columns, states and order, for every view that lists jobs. The
 * screen's thread.
 */
#ifndef TUBEOPS_TUI_VIEWS_JOB_COLS_H
#define TUBEOPS_TUI_VIEWS_JOB_COLS_H

#include "tui/view.h"

/* How a job's status is shown, and what it means for a person. */
struct job_state {
	const char *status; /* in the snapshot */
	const char *word;
	enum role role;
	char sign; /* '!' needs a person, '~' slower than it could, else ' ' */
	int order; /* in lists */
};
const struct job_state *job_state_of(const struct snapshot_job *j);
/* "wait:quota", "running"; buf of FORMAT_SIZE bytes; returned. */
const char *job_state_word(const struct snapshot_job *j, char *buf);
/* Word for action_can(): the status, "completed*" when some items failed. */
const char *job_action_state(const struct snapshot_job *j);
/* When it ends; of all others why they do not work and until when. */
void job_why(const struct view_ctx *c, const struct snapshot_job *j, char *out, size_t size);
/* By "J-1042"; NULL: not in the snapshot. */
const struct snapshot_job *job_find(const struct snapshot *s, const char *name);

extern const struct table_def job_table;

#endif
