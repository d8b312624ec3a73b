/*
 * rows_keep - copies of rows that were borrowed for a call, with their texts in an arena of the caller's. What
 * memory does not suffice for is not known. Any thread.
 */
#ifndef TUBEOPS_JOBS_ROWS_KEEP_H
#define TUBEOPS_JOBS_ROWS_KEEP_H

#include "db/rows.h"
#include "engine/base/arena.h"

void rows_keep_meta(struct arena *a, const struct channel_meta *m, struct channel_meta *to);
void rows_keep_video(struct arena *a, const struct video_row *v, struct video_row *to);

#endif
