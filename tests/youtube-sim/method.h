/*
 * method: what a method of the API is, as data, and what its run function gets to work with.
 * Threads: a struct call belongs to the thread that answers; the tables are constant.
 */
#ifndef SIM_METHOD_H
#define SIM_METHOD_H

#include "api.h"

#define METHOD_MAX_IDS 50
#define METHOD_ETAG_MEMBER "etag"

enum param_type { PARAM_TEXT, PARAM_BOOL, PARAM_UINT };

enum param_flag {
	PARAM_REPEATED = 1,
	PARAM_FILTER = 2, /* exactly one of these is needed, where a method has any */
	PARAM_OAUTH = 4,  /* refused without an OAuth token */
	PARAM_REQUIRED = 8,
	PARAM_NO_SUPPORT =
	    16 /* part of the API, not of this simulator: any value but the default is refused */
};

struct param_def {
	const char *name; /* NULL ends a list */
	enum param_type type;
	unsigned flags;
};

/* The values a parameter may have, parted by commas. */
struct param_values {
	const char *name; /* NULL ends a list */
	const char *values;
};

struct call;

struct method {
	const char *name;
	const char *path;
	enum quota_bucket bucket;
	unsigned cost;
	const struct param_def *params;
	const struct param_values *values; /* or NULL */
	const char *const *parts;          /* bit i of call.parts; NULL ends the list */
	const char *schema;                /* every member of a reply, as a `fields` selector */
	unsigned max_results_min;
	unsigned max_results_default;
	unsigned max_results_max;
	/* Writes the body to call.out; NULL for success, else the refusal (call.arg fills its
	 * {arg}). */
	const struct error_def *(*run)(struct call *c);
};

struct call {
	struct api *api;
	const struct method *method;
	const struct ask *ask;
	struct worker *worker;
	unsigned parts;
	struct slice filter; /* the name of the filter given */
	struct slice *ids;   /* the filter's values when it is `id`, duplicates included */
	size_t id_count;
	unsigned max_results;
	bool pretty;
	bool v2_errors;
	struct fields *fields; /* owned; NULL: everything */
	struct out out;
	struct out arg;
	struct out request; /* as recall has it; empty without --remember */
	bool recalled;      /* out holds the answer that it got before … */
	bool packed;        /* … as gzip */
	size_t found;
	char etag[28];
};

/* The end of the table has a NULL name. */
const struct method *method_find(const char *path);
/* The parameters every method has. */
extern const struct param_def method_common_params[];
/* The last value of a parameter; false when it was not sent. */
bool call_param(const struct call *c, const char *name, struct slice *value);
/* Checks names, types, filters and parts, and fills the call; NULL or the refusal. */
const struct error_def *call_check(struct call *c);
/* Calls `each` for every piece of a comma-joined or repeated parameter; stops at the first false. */
bool call_each_piece(struct call *c, const char *name, bool (*each)(struct call *, struct slice));
/* Takes the ids apart (also for requests that will be refused). False: out of memory. */
bool call_read_ids(struct call *c);
/* prettyPrint and $.xgafv: needed for refusals too. */
void call_read_style(struct call *c);
void call_done(struct call *c);

/* The methods. */
extern const struct method method_channels_list;
extern const struct method method_playlist_items_list;
extern const struct method method_videos_list;
extern const struct method method_videos_batch_get_stats;
extern const struct method method_channel_sections_list;
extern const struct method method_playlists_list;
extern const struct method method_subscriptions_list;
extern const struct method method_comment_threads_list;
extern const struct method method_search_list;

#endif
