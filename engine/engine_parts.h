/*
 * engine_parts - the inside of struct engine, shared by the files engine_*.c alone.
 */
#ifndef TUBEOPS_ENGINE_PARTS_H
#define TUBEOPS_ENGINE_PARTS_H

#include "db/staging.h"
#include "engine/engine.h"
#include "engine/jobs/dispatcher.h"
#include "engine/jobs/parts.h"
#include "engine/sync.h"

struct rest;
struct command_queue;
struct scheduler;

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
	bool drained;
	struct rest *rest;
	struct command_queue *commands; /* ENGINE_WORK */
	struct scheduler *scheduler;    /* the same, after engine_start */

	pthread_mutex_t look; /* guards reader and what follows; rank: snapshot */
	struct staging *reader;
	const struct snapshot *last; /* one holder is the engine */
	uint64_t seq;
};

/* engine_lock.c: takes the data folder; ERR_BUSY names its owner. */
enum err engine_lock_take(struct engine *e, struct errbuf *eb) MUST_CHECK;
/* Writes pid, REST address and token for others to find. */
enum err engine_lock_note(struct engine *e, const char *listen, struct errbuf *eb) MUST_CHECK;
void engine_lock_release(struct engine *e);

/* engine_look.c: fills a snapshot from all parts; the look lock is held. */
enum err engine_look_locked(struct engine *e, struct snapshot *s, struct errbuf *eb);
/* What a stored row means now: one that is "running" without an owner was interrupted. */
void engine_job_truth(const struct engine *e, struct job_row *row);
/* A job by number, "J-1001" or UUID; look lock held. ERR_NOTFOUND, ERR_INVALID. */
enum err engine_job_no_locked(struct engine *e, const char *text, int64_t *no, struct errbuf *eb);

/*
 * engine_run.c: an open job with the same type and parameters goes on instead of a new one being
 * made (*goes_on). Takes the secret.
 */
enum err engine_job_begin(struct engine *e, const struct job_type *type, const json_t *params,
    struct secret *secret, const char *by, int64_t *no, bool *goes_on,
    struct errbuf *eb) MUST_CHECK;

/* engine_result.c: what a job came to, as owned JSON. seconds: what it took; below 0: the time that
 * it was at work. */
char *engine_result_text(struct engine *e, int64_t no, double seconds, struct errbuf *eb);

/* engine_dead.c: retry and drop; the filter is params_json. */
enum err command_dead(struct engine *e, const struct command *c, struct command_reply *r,
    struct errbuf *eb) MUST_CHECK;

/* engine_schedules.c: what params_json holds stands there. */
enum err command_schedule(struct engine *e, const struct command *c, struct command_reply *r,
    struct errbuf *eb) MUST_CHECK;

/* engine_purge.c: target is the channel. */
enum err command_channel_erase(struct engine *e, const struct command *c, struct command_reply *r,
    struct errbuf *eb) MUST_CHECK;
enum err command_channel_readmit(struct engine *e, const struct command *c, struct command_reply *r,
    struct errbuf *eb) MUST_CHECK;

/* engine_commands.c: the thread that runs queued commands. */
enum err command_queue_start(
    struct command_queue **out, struct engine *e, struct errbuf *eb) MUST_CHECK;
void command_queue_stop(struct command_queue *q);
uint64_t command_queue_send(struct command_queue *q, const struct command *c);
void command_queue_replies(struct command_queue *q, struct snapshot *s);

#endif
