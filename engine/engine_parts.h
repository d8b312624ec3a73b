/*
 * engine_parts - the inside of struct engine, shared by the files engine_*.c alone.
 */
#ifndef TUBEOPS_ENGINE_PARTS_H
#define TUBEOPS_ENGINE_PARTS_H

#include "db/staging.h"
#include "engine/base/process.h"
#include "engine/engine.h"
#include "engine/jobs/dispatcher.h"
#include "engine/jobs/parts.h"
#include "engine/sync.h"
#include "engine/youtube/client.h"

#include <jansson.h>
#include <pthread.h>
#include <stdatomic.h>

struct alert_watch;
struct rest;
struct command_queue;
struct scheduler;
struct ask;
struct readers;
struct cluster;
struct redis_probe;
struct jobs_found;
struct str;

struct engine {
	struct engine_parts parts;
	enum engine_mode mode;
	char *data_dir;
	char *staging_path;
	char *ledger_path;
	char listen[64];
	int lock_fd;          /* holds the data folder; -1 when only looking */
	struct secret *token; /* of this run, in the lock file; constant while REST answers */
	int64_t started_at;
	atomic_bool drained; /* being taken down: whoever waits for something ends soon */
	struct rest *rest;
	struct command_queue *commands; /* ENGINE_WORK */
	struct scheduler *scheduler;    /* the same, after engine_start */
	struct ask *ask;
	struct readers *readers;
	struct cluster *cluster;    /* ENGINE_WORK with CLUSTER=1, else NULL */
	struct cluster_look *seen;  /* ENGINE_LOOK: what engine_peek_nodes saw; guarded by look */
	struct redis_probe *redis;  /* ENGINE_WORK, until it is drained */
	struct alert_watch *alerts; /* the same */
	bool crashed;               /* the run before did not end by itself */
	int64_t crashed_jobs;

	struct client_watch watch;

	pthread_mutex_t once;     /* one at a time of jobs started once; rank: outside snapshot */
	pthread_mutex_t planning; /* one change of the plan at a time; rank: outside snapshot */
	pthread_mutex_t look;     /* guards reader and what follows; rank: snapshot */
	struct staging *reader;
	const struct snapshot *last; /* one holder is the engine */
	bool last_is_old;            /* a command has changed something since */
	uint64_t seq;
	struct process_numbers process; /* at process_ms, clock_mono_ms */
	int64_t process_ms;
	double cpu;           /* between the last two readings */
	int64_t outbox_since; /* UTC seconds; 0: it is empty */
};

/* engine_lock.c: takes the data folder; ERR_BUSY names its owner. */
enum err engine_lock_take(struct engine *e, struct errbuf *eb) MUST_CHECK;
/* Writes pid, REST address and token for others to find. */
enum err engine_lock_note(struct engine *e, const char *listen, struct errbuf *eb) MUST_CHECK;
void engine_lock_release(struct engine *e);

/* engine_look.c: fills a snapshot from all parts; the look lock is held. */
enum err engine_look_locked(struct engine *e, struct snapshot *s, struct errbuf *eb);
/* engine_look_work.c: workers, services, what limits, this process. The same lock. */
void engine_look_work_locked(struct engine *e, struct snapshot *s);
/* engine_nodes.c: the cluster, as this node sees it; what it has left of the cluster's units is no more
 * than the cluster has. After keys and counters. The same lock. */
void engine_look_nodes_locked(struct engine *e, struct snapshot *s);
/* engine_facts.c: what empty and error states say, alerts, what is blocked. The same lock, last. */
void engine_look_facts_locked(struct engine *e, struct snapshot *s);
/* Whoever changed something sees it: the next snapshot is a new one. Takes the look lock. */
void engine_look_again(struct engine *e);
/* What a stored row means now: one that is "running" without an owner was interrupted. */
void engine_job_truth(const struct engine *e, struct job_row *row);
/* Puts the numbers of a job that is at work here into its stored row; look lock held or not. */
void engine_job_live(struct engine *e, struct job_row *row);
/* A job as snapshots have it. live: NULL when it is not at work here. */
void engine_job_shape(
    const struct job_row *r, const struct dispatcher_job *live, struct snapshot_job *j);
/* engine_jobs_list.c: such a job as JSON, as snapshots write it. */
void engine_job_write(const struct snapshot_job *j, struct str *out);
/*
 * The jobs that a filter finds, in order (jobs_found.h), read with s; those at work as
 * screens show them. *out is the caller's to close.
 */
enum err engine_jobs_found(struct engine *e, struct staging *s, const char *q, const char *sort,
    struct jobs_found **out, struct errbuf *eb) MUST_CHECK;
/* As GET /api/jobs shows it; a new reference. */
json_t *engine_job_row(const struct job_row *r);
/* A job by number, "J-1001" or UUID; look lock held. ERR_NOTFOUND, ERR_INVALID. */
enum err engine_job_no_locked(struct engine *e, const char *text, int64_t *no, struct errbuf *eb);

/*
 * engine_run.c: an open job with the same type and parameters goes on instead of a new one being
 * made (*goes_on). who: by name, for the job's timeline. Takes the secret.
 */
enum err engine_job_begin(struct engine *e, const struct job_type *type, const json_t *params,
    struct secret *secret, const char *who, int64_t *no, bool *goes_on,
    struct errbuf *eb) MUST_CHECK;

/* engine_result.c: what a job came to, as owned JSON. seconds: what it took; below 0: the time that
 * it was at work. */
char *engine_result_text(struct engine *e, int64_t no, double seconds, struct errbuf *eb);
/* engine_once.c: the job that c->once stands for, which is started when there is none. Takes secret. */
enum err command_job_once(struct engine *e, const struct command *c, const struct job_type *type,
    const json_t *params, struct secret *secret, struct command_reply *r,
    struct errbuf *eb) MUST_CHECK;

/* engine_ask.c: questions from inside. ask_end: no thread works on any; ask_close frees. */
enum err ask_open(struct ask **out, struct engine *e, struct errbuf *eb) MUST_CHECK;
void ask_end(struct ask *a);
void ask_close(struct ask *a);

/*
 * engine_readers.c: connections to staging for what may last, so that nobody waits for the look lock
 * meanwhile. Between take and give it belongs to the caller's thread. limit (may be NULL) is
 * borrowed until give. ERR_BUSY: all are taken, for seconds.
 */
enum err readers_open(struct readers **out, const char *path, struct errbuf *eb) MUST_CHECK;
void readers_close(struct readers *r);
enum err engine_reader_take(struct engine *e, const struct staging_limit *limit,
    struct staging **out, struct errbuf *eb) MUST_CHECK;
void engine_reader_give(struct engine *e, struct staging *s);
/* engine_report.c: a job as GET /api/jobs/{id} shows it, with live numbers where there are any (a new
 * reference), and how all texts for REST are written (takes the reference; NULL and eb). */
json_t *engine_job_object(struct engine *e, struct job_row *row);
char *engine_json_text(json_t *j, struct errbuf *eb);
/* engine_log.c: lines as an array (a new reference); NULL: no memory. */
json_t *engine_log_lines(struct engine *e, const struct log_ask *ask, struct log_numbers *numbers);

/*
 * engine_audit.c: the value that an action may change ("running"), before and after it; the line that
 * tells of it; and the name of who asked.
 */
void engine_audit_value(struct engine *e, const struct command *c, char *out, size_t size);
void engine_audit(
    struct engine *e, const struct command *c, const struct command_reply *r, const char *before);
const char *engine_who(const struct command *c, char *buf, size_t size);

/* engine_dead.c: retry and drop; the filter is params_json. */
enum err command_dead(struct engine *e, const struct command *c, struct command_reply *r,
    struct errbuf *eb) MUST_CHECK;

/* engine_schedules.c: what params_json holds stands there. */
enum err command_schedule(struct engine *e, const struct command *c, struct command_reply *r,
    struct errbuf *eb) MUST_CHECK;

/* engine_commands.c: job_type and params_json. */
enum err command_job_start(struct engine *e, const struct command *c, struct command_reply *r,
    struct errbuf *eb) MUST_CHECK;

/* The same: pause, resume, cancel, retry of the job that target names. */
enum err command_job_act(struct engine *e, const struct command *c, struct command_reply *r,
    struct errbuf *eb) MUST_CHECK;
/* engine_jobs_act.c: these and delete, of the one job, or of all that params_json {"q": filter, "n": to
 * how many it must be possible} means. */
enum err command_jobs(struct engine *e, const struct command *c, struct command_reply *r,
    struct errbuf *eb) MUST_CHECK;

/* engine_channels.c: the channels that a command means. */
struct channel_set {
	struct cid *cids; /* owned */
	size_t n;
};
/* Of its target, or of params_json: {"channels": […]}, {"q": filter, "n": how many it must match}. */
enum err engine_channels_of(struct engine *e, const struct command *c, struct channel_set *out,
    struct errbuf *eb) MUST_CHECK;
/* They become due again and a job of their own fetches them. */
enum err command_channels_fetch(struct engine *e, const struct command *c, struct command_reply *r,
    struct errbuf *eb) MUST_CHECK;

/* engine_plan.c: target or params_json names the stage. */
enum err command_plan(struct engine *e, const struct command *c, struct command_reply *r,
    struct errbuf *eb) MUST_CHECK;

/* engine_purge.c: a channel as id, URL, or @handle of one that is known here. ERR_NOTFOUND. */
enum err engine_channel_target(
    struct staging *s, const char *text, struct cid *out, struct errbuf *eb) MUST_CHECK;
/* Of the channels that the command means. */
enum err command_channel_erase(struct engine *e, const struct command *c, struct command_reply *r,
    struct errbuf *eb) MUST_CHECK;
enum err command_channel_readmit(struct engine *e, const struct command *c, struct command_reply *r,
    struct errbuf *eb) MUST_CHECK;

/* engine_alerts.c: the thread that looks for alerts, and what it knows. */
enum err alert_watch_start(
    struct alert_watch **out, struct engine *e, struct errbuf *eb) MUST_CHECK;
void alert_watch_stop(struct alert_watch *w);
/* Alerts and disk_growth. */
void alert_watch_show(struct alert_watch *w, struct snapshot *s);
enum err command_alert(struct engine *e, const struct command *c, struct command_reply *r,
    struct errbuf *eb) MUST_CHECK;

/* engine_nodes_act.c: a job at a node of the cluster, this one or another. */
enum err command_node_start(struct engine *e, const struct command *c, struct command_reply *r,
    struct errbuf *eb) MUST_CHECK;

/* engine_steer.c: weight, delete, how many workers, sync. */
/* Ended jobs of these numbers, which are forgotten; *gone of them. */
enum err engine_jobs_forget(
    struct engine *e, const int64_t *nos, size_t n, int64_t *gone, struct errbuf *eb) MUST_CHECK;
enum err command_job_weight(struct engine *e, const struct command *c, struct command_reply *r,
    struct errbuf *eb) MUST_CHECK;
enum err command_job_delete(struct engine *e, const struct command *c, struct command_reply *r,
    struct errbuf *eb) MUST_CHECK;
enum err command_workers(struct engine *e, const struct command *c, struct command_reply *r,
    struct errbuf *eb) MUST_CHECK;
enum err command_sync(struct engine *e, const struct command *c, struct command_reply *r,
    struct errbuf *eb) MUST_CHECK;

/* engine_commands.c: the thread that runs queued commands. */
enum err command_queue_start(
    struct command_queue **out, struct engine *e, struct errbuf *eb) MUST_CHECK;
void command_queue_stop(struct command_queue *q);
uint64_t command_queue_send(struct command_queue *q, const struct command *c);
void command_queue_replies(struct command_queue *q, struct snapshot *s);

#endif
