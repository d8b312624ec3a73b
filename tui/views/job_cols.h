/*
 * job_cols - jobs as rows: their columns, states and order, for every view that lists jobs. The
 * screen's thread.
 */
#ifndef TUBEOPS_TUI_VIEWS_JOB_COLS_H
#define TUBEOPS_TUI_VIEWS_JOB_COLS_H

#include "tui/view.h"

enum role job_state_role(enum snapshot_job_state state);
/* "wait:quota", "running"; buf of FORMAT_SIZE bytes; returned. */
const char *job_state_word(const struct snapshot_job *j, char *buf);
/* When it ends; of all others why they do not work and until when. */
void job_why(const struct view_ctx *c, const struct snapshot_job *j, char *out, size_t size);
/* By "J-1042"; NULL: not in the snapshot. */
const struct snapshot_job *job_find(const struct snapshot *s, const char *name);

/* Those of the snapshot; and all that there are, in pages. */
extern const struct table_def job_table, job_list_table;

#endif
