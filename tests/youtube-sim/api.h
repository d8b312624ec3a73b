/*
 * api: the YouTube side of the simulator without HTTP: finds the method of a path, bills, injects
 * faults, checks parameters as the discovery document has them, calls the method, logs. A new API
 * method is one file with a run function and one row in the table of method.c.
 * Threads: api_answer from any server thread.
 * Ownership: struct api is filled by main and borrows its parts.
 */
#ifndef SIM_API_H
#define SIM_API_H

#include <stdatomic.h>

#include "faults.h"
#include "quota.h"
#include "recall.h"
#include "replay.h"
#include "reqlog.h"
#include "simclock.h"
#include "universe.h"
#include "worker.h"

#define API_MAX_STATUS 600

struct api {
	struct universe *universe;
	struct quota *quota;
	struct faults *faults;
	struct simclock *clock;
	struct workers *workers;
	struct reqlog *log;    /* or NULL */
	struct replay *replay; /* or NULL */
	struct recall *recall; /* or NULL */
	bool no_gzip;
	bool log_ids;
	atomic_uint_fast64_t requests;
	atomic_uint_fast64_t found;
	atomic_uint_fast64_t by_status[API_MAX_STATUS];
	atomic_uint_fast64_t latency_low_ms;
	atomic_uint_fast64_t latency_high_ms;
};

struct query_param {
	struct slice name;
	struct slice value;
};

/* A request, borrowed from the HTTP side. */
struct ask {
	bool is_get;
	const char *path;
	const struct query_param *params;
	size_t param_count;
	const char *key_header; /* these four may be NULL */
	const char *if_none_match;
	const char *accept_encoding;
	const char *user_agent;
	bool has_credentials; /* an Authorization header */
};

enum reply_kind { REPLY_WHOLE, REPLY_HALF, REPLY_RESET, REPLY_SLOW, REPLY_STALL, REPLY_HUGE };

struct reply {
	enum reply_kind kind;
	unsigned status;
	char *body; /* owned by whoever holds the reply; may be NULL */
	size_t len;
	bool html;
	bool gzip;
	bool is_error;
	char etag[28];          /* "" for none */
	uint64_t retry_after_s; /* 0: no header */
	uint64_t arg;           /* bytes a second of REPLY_SLOW, seconds of REPLY_STALL */
	uint64_t delay_ms;
};

/* Fills the reply; without memory it is an empty 500. */
void api_answer(struct api *api, const struct ask *ask, struct reply *reply);
/* The paths under /sim/: faults, quota, latency, clock, stats. body: what was posted. */
void api_control(struct api *api, const struct ask *ask, struct slice body, struct reply *reply);

#endif
