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

/*
 * name, word, keys on the console (the first is shown; the others mean it when nothing of theirs
 * can be done; "": none), what it needs (ARG_…), help, how the console asks (ASK_…), the views it
 * acts in (ON_…), states of the thing in which it can be done ("": any), ACT_… or 0
 */
#define ACTION_LIST(X)                                                                             \
	X(ACTION_JOB_START, "start", "n", ARG_TYPE, "start a job", ASK_NONE,                       \
	    ON_ALL & ~(ON_KEY | ON_STAGE | ON_LOG), "", 0)                                         \
	X(ACTION_JOB_PAUSE, "pause", "p", ARG_JOB, "stop a job for now", ASK_UNDO, ON_JOB,         \
	    "pending running waiting interrupted", ACT_MANY | ACT_FILTER)                          \
	X(ACTION_JOB_RESUME, "resume", "rp", ARG_JOB, "let a paused or interrupted job go on",     \
	    ASK_UNDO, ON_JOB, "waiting paused interrupted", ACT_MANY | ACT_FILTER)                 \
	X(ACTION_JOB_RETRY, "retry", "r", ARG_JOB, "try the channels that a job gave up on again", \
	    ASK_UNDO, ON_JOB, "cancelled failed completed*", ACT_MANY | ACT_FILTER)                \
	X(ACTION_JOB_CANCEL, "cancel", "X", ARG_JOB, "end a job; what is done stays", ASK_BOX,     \
	    ON_JOB, "pending running waiting paused interrupted",                                  \
	    ACT_MANY | ACT_FINAL | ACT_FILTER)                                                     \
	X(ACTION_JOB_DELETE, "delete", "D", ARG_JOB, "forget a job that has ended", ASK_COUNT,     \
	    ON_JOB, "cancelled failed completed completed*", ACT_MANY | ACT_FINAL | ACT_FILTER)    \
	X(ACTION_JOB_RAISE, "raise", "+", ARG_JOB, "give a job more of the workers' time",         \
	    ASK_UNDO, ON_JOB, "pending running waiting paused interrupted", ACT_MANY)              \
	X(ACTION_JOB_LOWER, "lower", "-", ARG_JOB, "give a job less of the workers' time",         \
	    ASK_UNDO, ON_JOB, "pending running waiting paused interrupted", ACT_MANY)              \
	X(ACTION_JOB_WEIGHT, "weight", "", ARG_JOB,                                                \
	    "set a job's part of the workers' time: 1 to 100", ASK_UNDO, ON_JOB,                   \
	    "pending running waiting paused interrupted", ACT_MANY | ACT_NUMBER)                   \
	X(ACTION_KEY_ADD, "add", "n", ARG_KEY, "add a YouTube API key", ASK_NONE,                  \
	    ON_KEY | ON_STAGE, "", ACT_NEW)                                                        \
	X(ACTION_KEY_DISABLE, "disable", "D", ARG_KEY, "do not use a key", ASK_YES, ON_KEY,        \
	    "ok cooling spent refused untested", ACT_MANY)                                         \
	X(ACTION_KEY_ENABLE, "enable", "D", ARG_KEY, "use a key again", ASK_UNDO, ON_KEY, "off",   \
	    ACT_MANY)                                                                              \
	X(ACTION_KEY_REMOVE, "remove", "X", ARG_KEY, "forget a key", ASK_BOX, ON_KEY, "",          \
	    ACT_MANY | ACT_FINAL)                                                                  \
	X(ACTION_KEY_TEST, "test", "t", ARG_KEY, "try a key with one call (1 unit)", ASK_NONE,     \
	    ON_KEY, "", ACT_MANY)                                                                  \
	X(ACTION_KEY_GROUP, "group", "", ARG_KEY,                                                  \
	    "put a key into a project: its keys share their units", ASK_YES, ON_KEY, "",           \
	    ACT_MANY | ACT_PROJECT)                                                                \
	X(ACTION_DEAD_RETRY, "retry", "r", ARG_DEAD, "make channels that were given up pending",   \
	    ASK_UNDO, ON_DEAD, "", ACT_MANY | ACT_TOGETHER)                                        \
	X(ACTION_DEAD_DROP, "drop", "D", ARG_DEAD,                                                 \
	    "forget dead letters; their channels stay failed", ASK_COUNT, ON_DEAD, "",             \
	    ACT_MANY | ACT_FINAL | ACT_TOGETHER)                                                   \
	X(ACTION_SCHEDULE_ADD, "add", "", ARG_SCHEDULE, "start a job again and again", ASK_NONE,   \
	    ON_SCHEDULE, "", ACT_NEW)                                                              \
	X(ACTION_SCHEDULE_ENABLE, "enable", "", ARG_SCHEDULE, "let a schedule begin again",        \
	    ASK_UNDO, ON_SCHEDULE, "off", ACT_MANY)                                                \
	X(ACTION_SCHEDULE_DISABLE, "disable", "D", ARG_SCHEDULE, "let a schedule rest", ASK_UNDO,  \
	    ON_SCHEDULE, "on", ACT_MANY)                                                           \
	X(ACTION_SCHEDULE_REMOVE, "remove", "X", ARG_SCHEDULE, "forget a schedule", ASK_BOX,       \
	    ON_SCHEDULE, "", ACT_MANY | ACT_FINAL)                                                 \
	X(ACTION_SCHEDULE_RUN, "run", "", ARG_SCHEDULE, "do what a schedule does now", ASK_UNDO,   \
	    ON_SCHEDULE, "", ACT_MANY)                                                             \
	X(ACTION_CHANNEL_FETCH, "fetch", "m", ARG_CHANNEL,                                         \
	    "fetch a channel's metadata now, again if it is there (1 unit for 50)", ASK_UNDO,      \
	    ON_CHANNEL, "", ACT_MANY | ACT_TOGETHER | ACT_FILTER)                                  \
	X(ACTION_CHANNEL_VIDEOS, "videos", "v", ARG_CHANNEL,                                       \
	    "fetch a channel's newest videos now (1 or 2 units each)", ASK_UNDO, ON_CHANNEL, "",   \
	    ACT_MANY | ACT_TOGETHER | ACT_FILTER)                                                  \
	X(ACTION_CHANNEL_ERASE, "erase", "D", ARG_CHANNEL,                                         \
	    "delete a channel and all that hangs on it", ASK_COUNT, ON_CHANNEL, "",                \
	    ACT_MANY | ACT_FINAL | ACT_TOGETHER | ACT_FILTER)                                      \
	X(ACTION_CHANNEL_READMIT, "readmit", "", ARG_CHANNEL, "let an erased channel come back",   \
	    ASK_UNDO, ON_CHANNEL, "", ACT_MANY)                                                    \
	X(ACTION_PLAN_SHARE, "share", "", ARG_PLAN,                                                \
	    "give a stage so many percent of the day's units", ASK_UNDO, ON_STAGE, "", ACT_TEXT)   \
	X(ACTION_PLAN_PACE, "pace", "", ARG_PLAN, "spend units fast, or spread even over the day", \
	    ASK_UNDO, ON_STAGE, "", ACT_TEXT)                                                      \
	X(ACTION_PLAN_LEND, "lend", "", ARG_PLAN,                                                  \
	    "lend the shares of stages without work, or not", ASK_UNDO, ON_STAGE, "", ACT_TEXT)    \
	X(ACTION_PLAN_TARGET, "target", "", ARG_PLAN, "say by which day a stage is wanted",        \
	    ASK_UNDO, ON_STAGE, "", ACT_TEXT)                                                      \
	X(ACTION_WORKER_KICK, "kick", "K", ARG_WORKER,                                             \
	    "interrupt what a worker is at; its channels are tried again", ASK_YES, ON_WORKER, "", \
	    ACT_MANY)                                                                              \
	X(ACTION_SERVICE_RESET, "reset", "b", ARG_SERVICE,                                         \
	    "ask a service again that is left alone: youtube, or an external one's name", ASK_YES, \
	    ON_SERVICE | ON_SOURCE, "", ACT_MANY)                                                  \
	X(ACTION_NODE_FETCH, "fetch", "m", ARG_MEMBER,                                             \
	    "start a metadata job for the channels that a node has", ASK_UNDO, ON_NODE, "up late", \
	    ACT_MANY)                                                                              \
	X(ACTION_NODE_VIDEOS, "videos", "v", ARG_MEMBER,                                           \
	    "start a videos job for the channels that a node has", ASK_UNDO, ON_NODE, "up late",   \
	    ACT_MANY)                                                                              \
	X(ACTION_ALERT_ACK, "ack", "A", ARG_ALERT, "silence an alert until it ends", ASK_UNDO,     \
	    ON_ALERT, "lasts", ACT_MANY)                                                           \
	X(ACTION_WORKERS_MORE, "more", "+", ARG_WORKERS, "one worker thread more", ASK_UNDO,       \
	    ON_WORKER | ON_SERVICE, "", 0)                                                         \
	X(ACTION_WORKERS_FEWER, "fewer", "-", ARG_WORKERS, "one worker thread fewer", ASK_UNDO,    \
	    ON_WORKER | ON_SERVICE, "", 0)                                                         \
	X(ACTION_WORKERS_SET, "threads", "", ARG_WORKERS, "set the number of worker threads",      \
	    ASK_UNDO, ON_ALL, "", ACT_NUMBER)                                                      \
	X(ACTION_LIST_DROP, "drop", "", ARG_LIST, "forget a list of channels that an import made", \
	    ASK_NONE, 0, "", 0)                                                                    \
	X(ACTION_SYNC, "sync", "", ARG_NODE,                                                       \
	    "send what PostgreSQL does not have yet now, try Redis again", ASK_NONE, ON_ALL, "",   \
	    0)                                                                                     \
	X(ACTION_LOG_MARK, "mark", "M", ARG_NODE, "write a mark into the log", ASK_NONE, ON_LOG,   \
	    "", 0)

enum action_arg {
	ARG_TYPE,     /* a kind of job and its parameters */
	ARG_JOB,      /* "J-1001", 1001 or a UUID */
	ARG_KEY,      /* a key's name */
	ARG_DEAD,     /* which dead letters, as params_json */
	ARG_SCHEDULE, /* a schedule's name */
	ARG_CHANNEL,  /* id, URL or @handle */
	ARG_PLAN,     /* a stage, or nothing */
	ARG_WORKER,   /* a worker's number */
	ARG_SERVICE,  /* a service's name */
	ARG_ALERT,    /* an alert's number */
	ARG_MEMBER,   /* a node of the cluster: its id, or a name that only one has */
	ARG_LIST,     /* a list of channels by its name, in params_json */
	ARG_WORKERS,  /* nothing: the workers of the node */
	ARG_NODE      /* nothing: the node itself */
};

/* How much the console asks before it does an action (the higher, the more is lost). */
enum action_ask {
	ASK_NONE,
	ASK_UNDO, /* acts after 5 s, or at once when the next thing is done */
	ASK_YES,  /* y/N in one line */
	ASK_BOX,  /* a box that says what is kept and lost; the safe answer has the focus */
	ASK_COUNT /* the number of things must be typed */
};

/* What the rows of a view are. */
enum action_on {
	ON_JOB = 1 << 0,
	ON_KEY = 1 << 1,
	ON_WORKER = 1 << 2,
	ON_CHANNEL = 1 << 3,
	ON_SOURCE = 1 << 4, /* ways to find channels */
	ON_LOG = 1 << 5,
	ON_DEAD = 1 << 6,
	ON_SCHEDULE = 1 << 7,
	ON_ALERT = 1 << 8,
	ON_VIDEO = 1 << 9,
	ON_STAGE = 1 << 10, /* stages of the plan */
	ON_SERVICE = 1 << 11,
	ON_DASH = 1 << 12, /* nothing of its own */
	ON_NODE = 1 << 13, /* nodes of the cluster */
	ON_ALL = (1 << 14) - 1
};

enum action_flag {
	ACT_MANY = 1 << 0,   /* takes many things at once */
	ACT_FINAL = 1 << 1,  /* cannot be taken back: upper-case keys alone */
	ACT_NUMBER = 1 << 2, /* needs a number: params_json {"n": …} */
	ACT_NEW = 1 << 3,    /* makes what it names: takes no row */
	ACT_TEXT = 1 << 5,   /* what follows its name is for engine/engine_plan.c to read */
	ACT_FILTER = 1 << 4, /* also takes all that a filter matches: params_json {"q": …, "n": so
	                        many as it matched when it was asked for} */
	ACT_TOGETHER = 1 << 6, /* takes many as one command: params_json {"channels": ["…", …]} */
	ACT_PROJECT = 1 << 7   /* needs struct command.project */
};

enum action {
#define ACTION_ENUM(name, ...) name,
	ACTION_LIST(ACTION_ENUM)
#undef ACTION_ENUM
	    ACTION_COUNT
};

struct action_info {
	const char *word;
	const char *keys;
	enum action_arg arg;
	const char *help;
	enum action_ask ask;
	unsigned on; /* ON_… */
	const char *states;
	unsigned flags; /* ACT_… */
};
const struct action_info *action_info(enum action a);
/* May it be done to a thing in this state (a word of the snapshot)? NULL: the state is not known. */
bool action_can(enum action a, const char *state);
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
	const char *word; /* after ":new", with its sign: "subs>=" for subs>=10k; NULL: none */
	bool quiet;       /* taken when it is given; forms do not ask for it */
};

struct job_type_info {
	const char *name; /* "batch_metadata" */
	const char *word; /* "metadata", for people */
	const char *help;
	const struct job_param *params;
	size_t n_params;
};

/* A path's place for a target when params_json says which things are meant. */
#define COMMAND_MANY "-"

/* One thing to do. Texts are copied by whoever keeps it. */
struct command {
	enum action action;
	const char *target;      /* job as number, "J-1001" or UUID; key name; channel as id, URL or
	                            @handle; stage of the plan; worker from 1; name of a service;
	                            number of an alert; id or name of a node; NULL */
	const char *job_type;    /* ACTION_JOB_START */
	const char *params_json; /* object, or NULL for the defaults */
	const char *secret;      /* ACTION_KEY_ADD: the key's text, wiped by its owner afterwards */
	const char *project;     /* ACTION_KEY_ADD, NULL: one of its own; ACTION_KEY_GROUP */
	bool continues;          /* ACTION_JOB_START: an open job of the same type and parameters
	                            goes on instead of a new one being made */
	const char *once;        /* ACTION_JOB_START: a key of the caller's; the job that it started
	                            before is meant, not another one; NULL: none */
	const char *by;          /* the door: "console", "rest", "cli"; "owner": the same user's
	                            command or console in another process. For the log, and for
	                            what may be asked for */
	const char *who;         /* the caller's name; NULL: the user of this process, or "rest" */
};

struct command_reply {
	enum err err;
	char text[512]; /* what was done, or why not */
	int64_t job;    /* number of the job concerned; 0 */
	char uuid[40];  /* its UUID; "" */
	bool repeated;  /* it was there already: struct command.once */
};

#endif
