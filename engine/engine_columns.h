/*
 * engine_columns - the columns of all that can be exported, as tables: what a column is called and
 * where its value comes from. Pure functions, any thread.
 */
#ifndef TUBEOPS_ENGINE_COLUMNS_H
#define TUBEOPS_ENGINE_COLUMNS_H

#include "engine/engine_fields.h"

/* An edge, and how sure it is that its target belongs, over all edges to it. */
struct edge_export {
	const struct edge_row *edge;
	double combined;
};

struct column_table {
	int usual; /* so many, from the first on, when nobody chooses */
	/* From 0; NULL beyond the last. */
	const char *(*name)(int column);
	/* row: channel_row, video_row, edge_export, job_row. */
	void (*put)(int column, struct fields *x, const void *row);
};

extern const struct column_table columns_channels, columns_videos, columns_discoveries,
    columns_jobs;

enum { COLUMNS_MOST = 64 };

/*
 * Fills chosen with numbers of columns: those that text names, separated by commas, in its order;
 * all usual ones when text is NULL or empty. ERR_INVALID names the first that there is not, and
 * those that there are.
 */
enum err columns_choose(const struct column_table *t, const char *text, int chosen[COLUMNS_MOST],
    int *n, struct errbuf *eb) MUST_CHECK;

/* Is the column of this name among those chosen? */
bool columns_has(const struct column_table *t, const int *chosen, int n, const char *name);

#endif
