/*
 * videos_rows - what a chunk of the job types about uploads brings: rows in its arena, made by a worker (videos.c)
 * or of what other nodes have fetched (videos_bring.c), stored by videos_commit. Owned by who has the chunk.
 */
#ifndef TUBEOPS_JOBS_VIDEOS_ROWS_H
#define TUBEOPS_JOBS_VIDEOS_ROWS_H

#include "db/rows.h"
#include "engine/jobs/job_type.h"

struct videos_batch { /* of one answer */
	struct videos_batch *next;
	struct video_row *rows;
	int n;
};

struct videos_gone {
	struct videos_gone *next;
	struct cid channel;
	int64_t vid;
	int64_t day; /* Pacific day on which it was asked for */
};

struct videos_listed {
	struct videos_listed *next;
	struct upload_list_row row;
	bool walked; /* else metadata said that there is nothing to walk */
};

struct videos_rows {
	struct videos_batch *batches, **batches_end;
	struct videos_gone *gone;
	struct videos_listed *listed;
};

/* Those of a chunk, made when there are none; NULL when out of memory. */
struct videos_rows *videos_rows(struct chunk *c);

#endif
