/*
 * job_watch - running one job to its end from the command line: progress, warnings, signals, and
 * its outcome as JSON. Main thread only.
 */
#ifndef TUBEOPS_JOB_WATCH_H
#define TUBEOPS_JOB_WATCH_H

#include "engine/base/json_reader.h"
#include "tui/cli.h"

struct job_outcome {
	enum err err;
	struct errbuf eb;
	char *text;                 /* the JSON as it came; NULL: there is none */
	struct json_reader *reader; /* owns what root shows */
	struct json_node root;
	int64_t reset_at; /* next midnight of the quota */
	bool stopped;     /* by a signal */
	/* of a job that another process does (job_owner.h) */
	int64_t pid;     /* 0: this process did it */
	char number[40]; /* "J-1001", or its UUID while nobody answered */
	bool started;    /* it exists there, whatever came afterwards */
	bool detached;   /* nobody waited for its end; text tells of its start */
};

/*
 * Fills out in every case; end it with job_outcome_done. params is a JSON object. e NULL: another
 * process owns the folder and does it.
 */
void job_watch(struct cli *c, struct engine *e, const char *type, const char *params, bool wait,
    struct job_outcome *out);
void job_outcome_done(struct job_outcome *out);
/* job_watch, then its outcome on stdout; returns the exit status. */
enum cli_exit job_watch_run(
    struct cli *c, struct engine *e, const char *type, const char *params, bool wait);
/* The exit status, after a message to stderr when the job did not complete. */
enum cli_exit job_outcome_exit(struct cli *c, const struct job_outcome *out);
/* "requested … = done …" to stdout. */
void job_outcome_print(const struct job_outcome *out);
/* What there is to tell, to stdout: as JSON, or for people by print. */
typedef void job_print_fn(const struct job_outcome *out);
void job_outcome_show(const struct cli *c, const struct job_outcome *out, job_print_fn *print);
/* A progress function for engine_sync and engine_run_job; its argument is a struct job_watcher. */
struct job_watcher {
	struct cli *c;
	struct progress *progress;
	struct teller *teller; /* who speaks until the first call; NULL: nobody */
	bool stopped;
};
bool job_watch_progress(void *arg, const struct snapshot *s, int64_t job);

#endif
