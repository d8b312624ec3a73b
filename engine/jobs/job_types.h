/*
 * job_types - the rows of the table of job types, and the parameters that several of them share.
 */
#ifndef TUBEOPS_JOBS_JOB_TYPES_H
#define TUBEOPS_JOBS_JOB_TYPES_H

#include "engine/jobs/job_type.h"

/* One row per kind of job; the object stands in the file of that name. */
#define JOB_TYPE_LIST(X)       \
	X(metadata_type)       \
	X(videos_type)         \
	X(video_counts_type)   \
	X(discovery_type)      \
	X(names_type)          \
	X(refresh_type)        \
	X(migration_type)      \
	X(list_metadata_type)  \
	X(metadata_fetch_type) \
	X(video_fetch_type)    \
	X(purge_type)          \
	X(cleanup_type)

#define JOB_TYPE_EXTERN(type) extern const struct job_type type;
JOB_TYPE_LIST(JOB_TYPE_EXTERN)
#undef JOB_TYPE_EXTERN

#define JOB_PARAM_BATCH_SIZE                                                                    \
	{                                                                                       \
		.name = "batch_size", .type = PARAM_NUMBER, .least = 1, .most = 100000,         \
		.optional = true, .quiet = true,                                                \
		.help =                                                                         \
		    "kept for the original's scripts: every call holds 50 ids whatever it says" \
	}
#define JOB_PARAM_LIMIT                                                                            \
	{                                                                                          \
		.name = "limit", .type = PARAM_NUMBER, .least = 0, .most = INT64_C(1000000000000), \
		.optional = true, .also = "total_limit",                                           \
		.help = "channels at most; 0 or none: all"                                         \
	}

/* The three that every chunked type takes besides its own. */
#define JOB_PARAM_UNITS                                                                            \
	{                                                                                          \
		.name = "units", .type = PARAM_NUMBER, .least = 0, .most = 1000000000,             \
		.optional = true, .help = "quota units at most, then the job ends; 0 or none: all" \
	}
#define JOB_PARAM_UNITS_PER_DAY                                                                   \
	{                                                                                         \
		.name = "units_per_day", .type = PARAM_NUMBER, .least = 0, .most = 1000000000,    \
		.optional = true,                                                                 \
		.help = "quota units at most on one Pacific day, then the job waits for the next" \
	}
#define JOB_PARAM_WEIGHT                                                                           \
	{                                                                                          \
		.name = "weight", .type = PARAM_NUMBER, .least = 1, .most = 100, .optional = true, \
		.help = "share of the workers beside other jobs; 1 when not given"                 \
	}
#define JOB_PARAMS_SHARED JOB_PARAM_UNITS, JOB_PARAM_UNITS_PER_DAY, JOB_PARAM_WEIGHT

#endif
