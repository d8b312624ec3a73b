/*
 * command - what a person or a script can make the engine do, as one table. From ACTION_LIST come
 * the command line verbs, REST routes (POST /api/jobs/{id}/{word}), console keys with their help,
 * and the audit line in the log. Also the parameters of job types, as dialogs, options and REST
 * bodies need them. tui may include this; it knows nothing of how things are done.
 */
#ifndef TUBEOPS_COMMAND_H
#define TUBEOPS_COMMAND_H

#include "engine/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* name, word, key on the console (0: none), what it needs (ARG_…), help */
#define ACTION_LIST(X)                                                                             \
	X(ACTION_JOB_START, "start", 'n', ARG_TYPE, "start a job")                                 \
	X(ACTION_JOB_PAUSE, "pause", 'p', ARG_JOB, "stop a job for now")                           \
	X(ACTION_JOB_RESUME, "resume", 'r', ARG_JOB, "let a paused or interrupted job go on")      \
	X(ACTION_JOB_CANCEL, "cancel", 'X', ARG_JOB, "end a job; what is done stays")              \
	X(ACTION_JOB_RETRY, "retry", 't', ARG_JOB, "try the channels that a job gave up on again") \
	X(ACTION_KEY_ADD, "add", 0, ARG_KEY, "add a YouTube API key")                              \
	X(ACTION_KEY_ENABLE, "enable", 0, ARG_KEY, "use a key again")                              \
	X(ACTION_KEY_DISABLE, "disable", 0, ARG_KEY, "do not use a key")                           \
	X(ACTION_KEY_REMOVE, "remove", 0, ARG_KEY, "forget a key")                                 \
	X(ACTION_KEY_TEST, "test", 0, ARG_KEY, "try a key with one call (1 unit)")                 \
	X(ACTION_DEAD_RETRY, "retry", 0, ARG_DEAD, "make channels that were given up pending")     \
	X(ACTION_DEAD_DROP, "drop", 0, ARG_DEAD,                                                   \
	    "forget dead letters; their channels stay failed")                                     \
	X(ACTION_SCHEDULE_ADD, "add", 0, ARG_SCHEDULE, "start a job again and again")              \
	X(ACTION_SCHEDULE_ENABLE, "enable", 0, ARG_SCHEDULE, "let a schedule begin again")         \
	X(ACTION_SCHEDULE_DISABLE, "disable", 0, ARG_SCHEDULE, "let a schedule rest")              \
	X(ACTION_SCHEDULE_REMOVE, "remove", 0, ARG_SCHEDULE, "forget a schedule")                  \
	X(ACTION_SCHEDULE_RUN, "run", 0, ARG_SCHEDULE, "do what a schedule does now")              \
	X(ACTION_CHANNEL_ERASE, "erase", 0, ARG_CHANNEL,                                           \
	    "delete a channel and all that hangs on it")                                           \
	X(ACTION_CHANNEL_READMIT, "readmit", 0, ARG_CHANNEL, "let an erased channel come back")    \
	X(ACTION_LIST_DROP, "drop", 0, ARG_LIST, "forget a list of channels that an import made")  \
	X(ACTION_SYNC, "sync", 0, ARG_NODE, "send what PostgreSQL does not have yet now")

enum action_arg {
	ARG_TYPE,
	ARG_JOB,
	ARG_KEY,
	ARG_DEAD,
	ARG_SCHEDULE,
	ARG_CHANNEL,
	ARG_LIST,
	ARG_NODE
};

enum action {
#define ACTION_ENUM(name, word, key, arg, help) name,
	ACTION_LIST(ACTION_ENUM)
#undef ACTION_ENUM
	    ACTION_COUNT
};

struct action_info {
	const char *word;
	char key;
	enum action_arg arg;
	const char *help;
};
const struct action_info *action_info(enum action a);
/* What was done to a key or a schedule, for its reply: "disabled". */
const char *action_done(enum action a);

enum param_type { PARAM_NUMBER, PARAM_TEXT, PARAM_FLAG, PARAM_LIST };

struct job_param {
	const char *name; /* "batch_size": JSON member, --batch-size, dialog field */
	enum param_type type;
	int64_t fallback; /* of numbers and flags; see none */
	int64_t least, most;
	bool optional; /* a missing number stays unset (so does 0 where least is 0), no fallback */
	const char *also; /* another name REST bodies use, "total_limit"; NULL: none */
	const char *help;
};

struct job_type_info {
	const char *name; /* "batch_metadata" */
	const char *word; /* "metadata", for people */
	const char *help;
	const struct job_param *params;
	size_t n_params;
};

/* One thing to do. Texts are copied by whoever keeps it. */
struct command {
	enum action action;
	const char *target;      /* job as number, "J-1001" or UUID; key name; channel as id, URL or
	                            @handle; NULL */
	const char *job_type;    /* ACTION_JOB_START */
	const char *params_json; /* object, or NULL for the defaults */
	const char *secret;      /* ACTION_KEY_ADD: the key's text, wiped by its owner afterwards */
	const char *project;     /* ACTION_KEY_ADD; NULL: one of its own */
	const char *by;          /* who asked: "console", "rest", "cli"; "owner": a command of the
	                            same user in another process. For the log and for what may be asked */
	bool continues;          /* ACTION_JOB_START: an open job of the same type and parameters
	                            goes on instead of a new one being made */
};

struct command_reply {
	enum err err;
	char text[512]; /* what was done, or why not */
	int64_t job;    /* number of the job concerned; 0 */
	char uuid[40];  /* its UUID; "" */
};

#endif
