/*
 * engine - the whole engine behind one door: opens a data folder, runs the threads, answers
 * commands, gives snapshots. Used by the command line, the console and REST.
 * One process at a time may own a data folder (ENGINE_OWN); others look (ENGINE_LOOK).
 */
#ifndef TUBEOPS_ENGINE_H
#define TUBEOPS_ENGINE_H

#include "engine/base/json_reader.h"
#include "engine/base/log.h"
#include "engine/base/settings.h"
#include "engine/command.h"
#include "engine/snapshot.h"

#include <stdio.h>

struct engine;
struct staging_limit;

enum engine_mode {
	ENGINE_LOOK, /* read-only, no threads; needs an existing staging file */
	ENGINE_OWN,  /* storage and ledger, writer thread; nothing is started by itself */
	ENGINE_WORK  /* all of it: dispatcher, workers, sync */
};

struct engine_config {
	const struct settings *settings; /* borrowed for the engine's life */
	const char *data_dir;
	struct log *log; /* borrowed */
	enum engine_mode mode;
	bool resume_interrupted; /* jobs that a crash or stop interrupted go on by themselves */
	bool held;               /* ENGINE_WORK: jobs wait for engine_start */
};

/* Once per process, before threads and after them. */
enum err engine_global_init(struct errbuf *eb) MUST_CHECK;
void engine_global_done(void);

/* ERR_BUSY names the process that owns the folder. ERR_NOTFOUND (LOOK): nothing imported yet. */
enum err engine_open(
    struct engine **out, const struct engine_config *cfg, struct errbuf *eb) MUST_CHECK;
/*
 * Stops dispatching and lets calls in flight end (at most 10 s; hurry: at once). Snapshots still
 * work afterwards. engine_close does it when nobody has.
 */
void engine_drain(struct engine *e);
/* Drains, commits, closes, frees. */
void engine_close(struct engine *e);
/* From another thread, until engine_drain has returned: makes it quicker. */
void engine_hurry(struct engine *e);

/*
 * Does a living process own this data folder? *pid (0: not known) and its REST address, "" when it
 * has none, such as http://127.0.0.1:5000. Reads the lock file alone; opens nothing else.
 */
bool engine_owner(const char *data_dir, int64_t *pid, char *listen, size_t size);
/*
 * What a command sends as bearer to that process: a random text of its run, in the lock file, which
 * only its own user can read. Whoever has it may do what that user may. Owned; NULL: nobody owns the
 * folder, or its owner is another user's.
 */
struct secret *engine_owner_token(const char *data_dir);
/* Is this the token of this very process? Takes the same time whatever differs. Any thread. */
bool engine_token_fits(const struct engine *e, const char *text, size_t len);
/*
 * Asks the owner to end as SIGTERM does, after a look at whether that process really holds the
 * folder; it is gone once engine_owner tells another pid or none. ERR_NOTFOUND: nobody owns it.
 * ERR_DENIED: it is not ours to end.
 */
enum err engine_owner_stop(const char *data_dir, int64_t *pid, struct errbuf *eb) MUST_CHECK;

/* Lets the jobs of a held engine go on, and schedules begin: when everything that may fail at start
 * has not. */
void engine_start(struct engine *e);
/* Starts the REST server ("127.0.0.1:5000"); it ends with the engine. Beyond loopback only with
 * API_TOKEN. *port (may be NULL) is the one it got when 0 was asked for. */
enum err engine_listen(
    struct engine *e, const char *address, int *port, struct errbuf *eb) MUST_CHECK;

/* ---- looking ---- */
/* A fresh picture, at most 4 a second are really made; release by snapshot_unref. NULL: no memory. */
const struct snapshot *engine_snapshot(struct engine *e);

/* The data folder, as it was given. */
const char *engine_data_dir(const struct engine *e);
/* ---- lists ---- */
/*
 * A page of a list of staging, as REST answers it: db/list.h says what there is. Texts NULL: not
 * given. Owned text, or NULL and eb: ERR_INVALID what is wrong with the question, ERR_TIMEOUT it
 * took longer than limit (whose time, when it has none, is that of a question).
 */
struct engine_list {
	const char *what;   /* channels, videos, discoveries, dead-letters */
	const char *q;      /* the filter language */
	const char *within; /* a filter that holds as well, whatever q is: "channel=UC…" */
	const char *sort, *fields;
	const char *after, *before; /* places; "end" before which the last rows stand */
	bool by_page;               /* the original's way: page and per_page as they came */
	int64_t page, per_page;
	int64_t limit; /* rows when not by_page */
	bool scan;  /* may look at every row, some seconds at a time: the answer is partial then */
	bool count; /* spends some tenths of a second on `total` */
	const struct staging_limit *until; /* may be NULL */
};
char *engine_list_json(struct engine *e, const struct engine_list *l, struct errbuf *eb);
/*
 * One channel (id, URL, @handle of one that was fetched) with all that is known of it and what was
 * done with it. ERR_NOTFOUND.
 */
char *engine_channel_json(struct engine *e, const char *channel, struct errbuf *eb);
/* The id that a channel is known by here: into id (CID_TEXT + 1 bytes). ERR_NOTFOUND. */
enum err engine_channel_id(
    struct engine *e, const char *channel, char *id, size_t size, struct errbuf *eb) MUST_CHECK;

/* ---- asking ---- */
/*
 * What REST answers, asked from inside: the same routes, no token. A thread of the engine works on
 * the questions one after the other with a connection of its own; none holds up anybody else.
 */
struct engine_answer {
	int status; /* as REST's: 200; 400 what is wrong with the question; 503 it took too long */
	char *text; /* owned JSON with a newline; NULL: out of memory */
};

enum { ENGINE_ASK_LIMIT_MS = 3000, ENGINE_ASK_NO_SLOT = -1 };

/*
 * path may have a query. body: JSON or NULL. A slot (0 and up) is one place of a screen: a newer
 * question of the slot ends the older one, whose answer is not kept. With ENGINE_ASK_NO_SLOT it
 * stays until it is taken. Never waits. Returns its number; 0: too many wait, or no memory. Any
 * thread.
 */
uint64_t engine_ask_send(
    struct engine *e, int slot, const char *method, const char *path, const char *body);
/* False: not answered yet, ended by a newer one, or never asked. */
bool engine_ask_take(struct engine *e, uint64_t id, struct engine_answer *out);
void engine_ask_cancel(struct engine *e, uint64_t id);
/*
 * Gets readable when something was answered; any engine_ask_take makes it silent, so whoever is
 * woken asks for all answers that he waits for. The engine's: not to be closed.
 */
int engine_ask_fd(struct engine *e);

/* JSON texts for REST and --json; return owned text, or NULL and eb. */
char *engine_status_json(struct engine *e, struct errbuf *eb);
char *engine_status_of_json(const struct snapshot *s, struct errbuf *eb);
/* A snapshot, in the form of snapshot_json.h. */
char *engine_snapshot_json(struct engine *e, struct errbuf *eb);
/* One that another process sent so; NULL and eb. Unref it. */
const struct snapshot *engine_snapshot_read(const char *json, size_t len, struct errbuf *eb);
char *engine_stats_json(struct engine *e, struct errbuf *eb);
/* status NULL: any; limit 0..; the shapes of GET /api/jobs and /api/jobs/{id}. */
char *engine_jobs_json(struct engine *e, const char *status, int64_t limit, struct errbuf *eb);
/* The same of jobs that pass a filter (NULL: all; its fields: jobs_found.c), older than job number
 * `before` (0: from the newest). */
char *engine_jobs_find_json(
    struct engine *e, const char *q, int64_t before, int64_t limit, struct errbuf *eb);
/*
 * Jobs as a list in pages, in any order (jobs_found.h says which): the rows are as in a snapshot, so that
 * engine_job_read takes one; beside them how many match, by state and by action.
 */
struct engine_jobs {
	const char *q, *sort;       /* NULL: all, by state */
	const char *after, *before; /* places of an answer; before "end": the last ones; NULL */
	const char *around; /* "J-1042,J-1040": the rows around the first that is there; NULL */
	int64_t limit;
};
char *engine_jobs_list_json(struct engine *e, const struct engine_jobs *l, struct errbuf *eb);
/* The same of n jobs that are at hand. now: UTC seconds. */
char *engine_jobs_pick_json(const struct snapshot_job *jobs, size_t n, const struct engine_jobs *l,
    int64_t now, struct errbuf *eb);
/* False: it is no such row. */
bool engine_job_read(struct json_node row, struct snapshot_job *out);
char *engine_job_json(struct engine *e, const char *job, struct errbuf *eb);
/* What it came to, or comes to so far: the object of engine_run_job. ERR_NOTFOUND, ERR_INVALID. */
char *engine_job_result_json(struct engine *e, const char *job, struct errbuf *eb);
/* All that a job's page shows: job, outcome, errors by reason, items in hand, timeline, rate, units,
 * what limits it, the newest lines of its log, its parameters without secrets. Times are UTC ms. */
char *engine_job_page_json(struct engine *e, const char *job, struct errbuf *eb);
/* What each worker does, what limits the work, this process, services with their latencies. */
char *engine_workers_json(struct engine *e, struct errbuf *eb);
/* Alerts that last, then those that ended in the last hour; what is blocked; the bell's number. */
char *engine_alerts_json(struct engine *e, struct errbuf *eb);
/* Discovery: each method with what it brought and cost, the funnel of the last 24 hours, new channels
 * by hour, external services. */
char *engine_discovery_json(struct engine *e, struct errbuf *eb);
/* One of the services by name, with the histogram of its last hour. ERR_NOTFOUND. */
char *engine_service_json(struct engine *e, const char *name, struct errbuf *eb);
char *engine_keys_json(struct engine *e, struct errbuf *eb);
/* What the original told of itself, in its shapes: GET /api/system-status, worker-status and
 * api-keys. */
char *engine_system_status_json(struct engine *e, struct errbuf *eb);
char *engine_worker_status_json(struct engine *e, struct errbuf *eb);
char *engine_api_keys_json(struct engine *e, struct errbuf *eb);
/* GET /api/redis-test: a result at most some seconds old, from a check of another thread; waits less than a
 * second. An error of Redis is in the JSON. ENGINE_WORK, until engine_drain. */
char *engine_redis_test_json(struct engine *e, struct errbuf *eb);
/* ENGINE_LOOK with CLUSTER=1: asks PostgreSQL for the cluster's nodes, which may take some seconds; later
 * snapshots show them, or why not. Does nothing otherwise. */
void engine_peek_nodes(struct engine *e);
/* GET /api/nodes: this node's cluster, its nodes and their sums. */
char *engine_nodes_json(struct engine *e, struct errbuf *eb);
/* Lines of the log, oldest first: of those in memory, or of its file (file_before). job NULL: any; a number, "J-1001", UUID.
 * q: the filter language (NULL: all); fields: text source job level (level>=warning) time. */
char *engine_log_json(
    struct engine *e, const struct log_ask *ask, const char *job, const char *q, struct errbuf *eb);
/* How many of the lines in memory since then (UTC ms; 0: all) were of each level and source; what
 * errors and warnings of the last 24 hours said most; lines by hour. */
char *engine_log_summary_json(struct engine *e, int64_t since_ms, struct errbuf *eb);
/* Array of schedules: name, type, params, rule, enabled, next_at, last_at, note. */
char *engine_schedules_json(struct engine *e, struct errbuf *eb);
/* The plan and all forecasts: stages, projects, hours of the day, pace. */
char *engine_plan_json(struct engine *e, struct errbuf *eb);
char *engine_plan_of_json(const struct snapshot *s, struct errbuf *eb);
/*
 * Finish times if the plan were another one, and of videos by least number of subscribers. changes:
 * JSON object with shares by stage ("videos": 40), "lend" (on, off), "pace" (fast, even); NULL: none.
 */
char *engine_whatif_json(struct engine *e, const char *changes, struct errbuf *eb);
/* Dead letters: counts by reason, and the newest of them. filter: JSON object with op, job, reason,
 * channels, all optional; NULL: all. */
char *engine_dead_json(struct engine *e, const char *filter, int64_t limit, struct errbuf *eb);

/* NULL-terminated: what kinds of jobs there are. */
const struct job_type_info *const *engine_job_types(void);

/* ---- doing ---- */
/* Does it now and waits for its commit, however long the disk takes. Any thread but the console's. */
enum err engine_command(
    struct engine *e, const struct command *c, struct command_reply *r, struct errbuf *eb);
/* Queues it; the answer appears in snapshot->replies under the returned id (0: queue full). */
uint64_t engine_command_send(struct engine *e, const struct command *c);

/*
 * The original's endpoints that do something small and answer with it, in its shapes. They wait for
 * YouTube and the disk: not for a thread that others wait for. ERR_INVALID: there is no key to call
 * with, in the original's words; ERR_QUOTA; ERR_UNAVAIL, ERR_TIMEOUT: why it did not work.
 */
char *engine_youtube_test_json(struct engine *e, struct errbuf *eb);
enum engine_sample { ENGINE_SAMPLE_METADATA, ENGINE_SAMPLE_VIDEOS };
/* Fetches two or three channels that are due, by a job as any other. */
char *engine_sample_json(struct engine *e, enum engine_sample which, struct errbuf *eb);
char *engine_add_samples_json(struct engine *e, struct errbuf *eb);
/*
 * Takes the channels of a JSON file, {"channels": [{"channel_id": …}, …]}, as an import does, at
 * constant memory; source marks where they came from. What comes out is the shape of
 * POST /api/bulk-add-channels, with what became of the first hundred.
 */
char *engine_intake_json(struct engine *e, const char *path, const char *source, struct errbuf *eb);

/*
 * Runs one job to its end in this process (ENGINE_WORK) and returns its outcome as owned JSON: job_id,
 * status, total, processed, done, missing, absent_once, failed, pending, units_used, seconds, and what
 * its type adds. An open job of the same type and parameters is continued instead of a new one.
 * progress (may be NULL) is called about 4 times a second; returning false asks for a clean stop.
 * ERR_QUOTA: stopped because all quota is spent (resumable), unless wait.
 */
typedef bool engine_progress_fn(void *arg, const struct snapshot *s, int64_t job);
enum err engine_run_job(struct engine *e, const char *type, const char *params_json, bool wait,
    engine_progress_fn *progress, void *arg, char **result_json, struct errbuf *eb) MUST_CHECK;

/*
 * A private file in the data folder for what a command reads from standard input and a job of the
 * folder's owner imports; that job deletes it when it has ended for good. *path owned, *fd open for
 * writing: both the caller's.
 */
enum err engine_spool(const char *data_dir, char **path, int *fd, struct errbuf *eb) MUST_CHECK;

/*
 * What such a job would cost, as owned JSON: items, units of each bucket, when it would end with
 * today's keys. Starts nothing; any mode. limit: when counting shall end early; NULL: never. by: who
 * asks, as in struct command: then `preview` shows the first rows of a file that he may import.
 */
char *engine_price_json(struct engine *e, const char *type, const char *params_json, const char *by,
    const struct staging_limit *limit, struct errbuf *eb);

/* Pushes the outbox until it is empty or PostgreSQL refuses; *rows sent. */
enum err engine_sync(struct engine *e, engine_progress_fn *progress, void *arg, int64_t *rows,
    struct errbuf *eb) MUST_CHECK;

/*
 * What a deletion would take, as owned JSON, or NULL and eb. target: a channel as id, URL or @handle
 * (of a channel that is known here); NULL: data older than so many days, row by kind.
 */
char *engine_purge_look(struct engine *e, const char *target, int64_t days, struct errbuf *eb);

/* Which rows of an export are wanted; all that are given must hold. Texts NULL: any. */
struct engine_filter {
	const char *state;    /* channels: of their metadata; jobs: their status */
	const char *source;   /* channels: as they came: migration, discovery … */
	const char *language; /* channels, videos: "en" takes "en-GB" too */
	const char *country;  /* channels */
	const char *channel;  /* videos: this channel's; discoveries: from it; channels: this one */
	const char *method;   /* discoveries */
	int64_t min_subscribers,
	    max_subscribers; /* channels; ENGINE_ANY. Hidden ones are neither */
	/* UTC seconds, until not included; ENGINE_ANY. Channels: fetched; videos: published;
	 * discoveries: last seen; jobs: created. What has no such time is left out. */
	int64_t since, until;
	const char *q;    /* the filter language of lists; of channels without `channel` */
	const char *sort; /* an order of lists, "subs:desc"; in another one than by id a row that
	                     changes meanwhile may come twice or not at all */
};
#define ENGINE_ANY INT64_MIN
#define ENGINE_FILTER_ALL                                                                          \
	{                                                                                          \
		.min_subscribers = ENGINE_ANY, .max_subscribers = ENGINE_ANY, .since = ENGINE_ANY, \
		.until = ENGINE_ANY                                                                \
	}

/*
 * Rows as CSV or JSON Lines, streamed at constant memory: read in pages, so that no read lasts, and
 * written between them, so that whoever reads the file may take his time.
 */
struct engine_export {
	const char *what;    /* channels, videos, discoveries, jobs */
	const char *format;  /* csv, jsonl */
	const char *columns; /* "channel_id,title"; NULL: all */
	struct engine_filter filter;
	FILE *out;
	/* Called after each page; false asks for a stop: ERR_CANCELLED. May be NULL. */
	bool (*progress)(void *arg, int64_t rows);
	void *arg;
};

enum err engine_export(
    struct engine *e, const struct engine_export *cfg, int64_t *rows, struct errbuf *eb) MUST_CHECK;
/* Asks for nothing that there is not: ERR_INVALID says what is wrong. Before a file is made. */
enum err engine_export_check(const struct engine_export *cfg, struct errbuf *eb) MUST_CHECK;

/* Bytes done and in all (0: not known); returning false asks for a stop: ERR_CANCELLED. */
typedef bool engine_bytes_fn(void *arg, int64_t done, int64_t total);

/*
 * Gives a CSV file back with columns of its channels behind each row, from what staging holds;
 * every byte of the file stays. A column whose name the header has already begins with yt_.
 */
struct engine_enrich {
	const char *path;    /* a file */
	const char *column;  /* that names the channel: a name or a number from 1; NULL: guessed */
	const char *columns; /* "title,country,status"; NULL: the usual ones */
	FILE *out;
	engine_bytes_fn *progress; /* may be NULL */
	void *arg;
};

/* rows = enriched + pending + missing + failed + invalid + unresolved */
struct engine_enriched {
	int64_t rows;
	int64_t enriched;
	int64_t pending;
	int64_t absent; /* of pending: not returned once, asked again on another day */
	int64_t missing;
	int64_t failed;
	int64_t invalid;    /* no channel id */
	int64_t unresolved; /* a handle or name that no fetched channel has */
	int64_t
	    long_rows; /* with more cells than the first one: their columns stand further right */
};

enum err engine_enrich(struct engine *e, const struct engine_enrich *cfg,
    struct engine_enriched *result, struct errbuf *eb) MUST_CHECK;
/* ERR_INVALID: columns names one that does not exist. */
enum err engine_enrich_check(const char *columns, struct errbuf *eb) MUST_CHECK;
/* Forgets a list that an import made (parameter list of migration). */
enum err engine_list_drop(struct engine *e, const char *name, struct errbuf *eb) MUST_CHECK;

/*
 * Backup and restore of a data folder (db/backup.h says what is in one). Neither needs an engine: a
 * backup may be made while another process works in the folder, a restore takes the folder's lock.
 * A restore changes nothing before all of the file was checked; what it replaces is kept beside it
 * as *.before-restore, but for the units booked there, which are booked in the new folder too.
 */
struct engine_backup {
	const char *file;
	bool overwrite;            /* the file, or the folder's data */
	bool without_keys;         /* backup: leaves out API keys that stand in quota.db */
	engine_bytes_fn *progress; /* may be NULL */
	void *arg;
};

struct engine_backed_up {
	int64_t made_at; /* UTC seconds */
	int64_t bytes;
	int64_t keys;       /* API keys in the backup */
	bool units_unknown; /* restore: the folder's quota.db could not be read */
};

/* ERR_DENIED: it would replace something. ERR_NOTFOUND: there is nothing to copy. */
enum err engine_backup(const struct engine_config *cfg, const struct engine_backup *b,
    struct engine_backed_up *out, struct errbuf *eb) MUST_CHECK;
/* ERR_BUSY: a process owns the folder. ERR_CORRUPT: the file is no whole backup. */
enum err engine_restore(const struct engine_config *cfg, const struct engine_backup *b,
    struct engine_backed_up *out, struct errbuf *eb) MUST_CHECK;

/* Checks every part and setting. level: 0 fine, 1 worth knowing, 2 broken. */
typedef void engine_doctor_fn(void *arg, int level, const char *part, const char *text);
void engine_doctor(const struct engine_config *cfg, engine_doctor_fn *fn, void *arg);

#endif
