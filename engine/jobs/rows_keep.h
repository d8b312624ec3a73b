/*
 * rows_keep - copies of rows that were borrowed for a call, with their texts in an arena of the caller's.
 * False: out of memory; the copy is of no use then, for a text that lacks would say that there is none. Any
 * thread.
 */
#ifndef TUBEOPS_JOBS_ROWS_KEEP_H
#define TUBEOPS_JOBS_ROWS_KEEP_H

#include "db/rows.h"
#include "engine/base/arena.h"

bool rows_keep_meta(
    struct arena *a, const struct channel_meta *m, struct channel_meta *to) MUST_CHECK;
bool rows_keep_video(struct arena *a, const struct video_row *v, struct video_row *to) MUST_CHECK;

#endif
