/*
 * staging - the local SQLite file that holds everything: channels and their states, metadata,
 * jobs, dead letters, the outbox. A struct staging is one connection and belongs to one thread.
 * The writer thread has the only one of mode DB_WRITE; it alone may call what changes something
 * (marked W), between staging_begin and staging_commit. Everything else reads.
 */
#ifndef TUBEOPS_DB_STAGING_H
#define TUBEOPS_DB_STAGING_H

#include "db/rows.h"
#include "db/sqlite.h"

#include <stdatomic.h>

struct staging;

/* Opens and migrates; refuses a file that a newer program wrote. */
enum err staging_open(
    struct staging **out, const char *path, enum db_mode mode, struct errbuf *eb) MUST_CHECK;
void staging_close(struct staging *s);
/* The schema that staging_open brings a file to. */
int staging_newest_version(void);
/* For modules of db that add statements of their own (staging_import). */
sqlite3 *staging_db(struct staging *s);
/* Memory of its pages, schema and statements, in bytes. */
size_t staging_bytes(struct staging *s);

/* ---- transactions (W) ---- */
enum err staging_begin(struct staging *s, struct errbuf *eb) MUST_CHECK;
/* Writes the counters that changed, then commits. On error everything is rolled back. */
enum err staging_commit(struct staging *s, struct errbuf *eb) MUST_CHECK;
void staging_rollback(struct staging *s);
/* One part of a transaction that may fail alone; depth 1. */
enum err staging_part_begin(struct staging *s, struct errbuf *eb) MUST_CHECK;
enum err staging_part_end(struct staging *s, bool keep, struct errbuf *eb) MUST_CHECK;
/* Moves the WAL into the file: without waiting for readers while work goes on, truncate at the end. */
enum err staging_checkpoint(struct staging *s, bool truncate, struct errbuf *eb) MUST_CHECK;
/* Size of the WAL in pages after the last commit. */
int staging_wal_pages(const struct staging *s);
/* SQLite's own integrity_check: ERR_CORRUPT with its first finding. Slow on large files. */
enum err staging_check(struct staging *s, struct errbuf *eb) MUST_CHECK;
/* The quicker half of it: tables alone, not their indexes. */
enum err staging_check_quick(struct staging *s, struct errbuf *eb) MUST_CHECK;
/* Counts everything anew and compares with the counters: ERR_CORRUPT with the first difference. */
enum err staging_check_counters(struct staging *s, struct errbuf *eb) MUST_CHECK;

/* When what a connection does shall end before its end. */
struct staging_limit {
	int64_t until_ms;        /* clock_mono_ms; 0: no such time */
	const atomic_bool *stop; /* may be NULL */
};
/*
 * From now on statements end early at the limit (borrowed; NULL: none any more), with ERR_CANCELLED;
 * staging_limit_check then says why.
 */
void staging_limit_set(struct staging *s, const struct staging_limit *limit);
/* ERR_TIMEOUT: its time has come, with words for a person. ERR_CANCELLED: stopped. */
enum err staging_limit_check(struct staging *s, struct errbuf *eb) MUST_CHECK;

/* For a connection that only reads, and reads much: all until staging_look_end is of one moment and
 * comes cheaper. Not for long: it holds back the writer's checkpoints. */
enum err staging_look_begin(struct staging *s, struct errbuf *eb) MUST_CHECK;
/* The same without memory of its own: for some reads together, which alone would each forget what the
 * one before had read whenever somebody writes. */
enum err staging_peek_begin(struct staging *s, struct errbuf *eb) MUST_CHECK;
void staging_look_end(struct staging *s);

/* ---- counters ---- */
enum err staging_counters(struct staging *s, struct counters *out, struct errbuf *eb) MUST_CHECK;
/* W: adds to a counter of this name inside the transaction. */
void staging_count(struct staging *s, const char *name, int64_t by);
/* W: n new channels, all pending in every operation. */
void staging_count_new_channels(struct staging *s, int64_t n);

/* ---- channels ---- */
/* ERR_NOTFOUND when there is no such channel. */
enum err staging_state_get(struct staging *s, enum op op, const struct cid *cid,
    enum item_state *out, struct errbuf *eb) MUST_CHECK;
/* W: ERR_NOTFOUND when there is no such channel. *was may be NULL. */
enum err staging_state_set(struct staging *s, enum op op, const struct cid *cid,
    enum item_state state, enum item_state *was, struct errbuf *eb) MUST_CHECK;
/* W: every channel that is done in op becomes pending; *n of them. */
enum err staging_states_reopen(
    struct staging *s, enum op op, int64_t *n, struct errbuf *eb) MUST_CHECK;
/* W: the common case of staging_state_set: done if it was pending; *moved false: it was not. */
enum err staging_state_done(struct staging *s, enum op op, const struct cid *cid, bool *moved,
    struct errbuf *eb) MUST_CHECK;
/* W: notes that YouTube did not return it to this job on this Pacific day: ABSENT, or MISSING when
 * that was so on an earlier day too. */
enum err staging_absence(struct staging *s, enum op op, const struct cid *cid, int64_t day,
    int64_t job, enum item_state *now, struct errbuf *eb) MUST_CHECK;
/* The job that noted a channel's present absence; 0 when it is not absent. */
enum err staging_absence_job(struct staging *s, enum op op, const struct cid *cid, int64_t *job,
    struct errbuf *eb) MUST_CHECK;
/* W: stores metadata, newest wins, and enters the outbox. The state is the caller's to set. */
enum err staging_meta_put(
    struct staging *s, const struct channel_meta *m, struct errbuf *eb) MUST_CHECK;
/* Return ERR_CANCELLED to end a walk early; other errors are passed on. Rows are borrowed. */
typedef enum err staging_channel_fn(void *arg, const struct channel_row *row, struct errbuf *eb);
/* In key order after *after (NULL: from the first), at most max (0: all). */
enum err staging_channels_each(struct staging *s, const struct cid *after, int64_t max,
    staging_channel_fn *fn, void *arg, struct errbuf *eb) MUST_CHECK;
/* The same for those of one origin. */
enum err staging_origin_channels_each(struct staging *s, int64_t origin, const struct cid *after,
    int64_t max, staging_channel_fn *fn, void *arg, struct errbuf *eb) MUST_CHECK;
/* One channel; ERR_NOTFOUND. */
enum err staging_channel_get(struct staging *s, const struct cid *cid, staging_channel_fn *fn,
    void *arg, struct errbuf *eb) MUST_CHECK;
/* The channel that is known by a name of this kind ("handle", "user", "custom"; lower case, without
 * "@"): because it was asked for, or fetched with that handle. ERR_NOTFOUND. */
enum err staging_channel_by_name(struct staging *s, const char *kind, const char *name,
    struct cid *cid, struct errbuf *eb) MUST_CHECK;

/* ---- jobs ---- */
/* W: stores a new job, fills no. */
enum err staging_job_add(struct staging *s, struct job_row *j, struct errbuf *eb) MUST_CHECK;
/* W: writes status, reason, until, total and times; a new status enters the outbox. */
enum err staging_job_put(struct staging *s, const struct job_row *j, struct errbuf *eb) MUST_CHECK;
/* W: adds to its counts; processed grows by their sum. */
enum err staging_job_count(
    struct staging *s, int64_t no, const struct job_count *by, struct errbuf *eb) MUST_CHECK;
/* W: adds to a number that a job counts besides its items. */
enum err staging_job_number_add(
    struct staging *s, int64_t no, const char *name, int64_t by, struct errbuf *eb) MUST_CHECK;
typedef enum err staging_job_number_fn(
    void *arg, const char *name, int64_t value, struct errbuf *eb);
enum err staging_job_numbers_each(struct staging *s, int64_t no, staging_job_number_fn *fn,
    void *arg, struct errbuf *eb) MUST_CHECK;
typedef enum err staging_job_fn(void *arg, const struct job_row *j, struct errbuf *eb);
/* Newest first. status JOB_STATUS_COUNT: any; max 0: all. */
enum err staging_jobs_each(struct staging *s, enum job_status status, int64_t max,
    staging_job_fn *fn, void *arg, struct errbuf *eb) MUST_CHECK;
/* Returns the params as owned text in *params (may be NULL). ERR_NOTFOUND. */
enum err staging_job_get(struct staging *s, int64_t no, struct job_row *out, char **params,
    struct errbuf *eb) MUST_CHECK;
/* What it left besides its counts: JSON as owned text, NULL: nothing. ERR_NOTFOUND. */
enum err staging_job_result(
    struct staging *s, int64_t no, char **result, struct errbuf *eb) MUST_CHECK;
/* W: stores it; NULL: nothing. */
enum err staging_job_result_put(
    struct staging *s, int64_t no, const char *result, struct errbuf *eb) MUST_CHECK;
enum err staging_job_find(
    struct staging *s, const struct uuid *uuid, int64_t *no, struct errbuf *eb) MUST_CHECK;
/* W: jobs that ended before this time (UTC ms) go, with their numbers and rules; the newest job of
 * all stays. *n of them. */
enum err staging_jobs_forget(
    struct staging *s, int64_t before_ms, int64_t *n, struct errbuf *eb) MUST_CHECK;
/* W: the same for one job, also the newest: no other gets its number. ERR_DENIED: it has not ended, or
 * is not there. */
enum err staging_job_forget(struct staging *s, int64_t no, struct errbuf *eb) MUST_CHECK;
/* W: the same for those of these jobs that have ended; *n of them. */
enum err staging_jobs_forget_these(
    struct staging *s, const int64_t *nos, size_t count, int64_t *n, struct errbuf *eb) MUST_CHECK;
/* W: its part of the workers' time, 1 to 100. */
enum err staging_job_weigh(struct staging *s, int64_t no, int weight, struct errbuf *eb) MUST_CHECK;
/* W: jobs that were at work when the process ended become interrupted, and their timelines say so; *n of
 * them. */
enum err staging_jobs_interrupt(struct staging *s, int64_t *n, struct errbuf *eb) MUST_CHECK;

/* ---- outbox ---- */
/* W: what a walk over everything will see anyway (channels, origins, videos, edges) is not added
 * while that walk has not begun; jobs and what is to be erased or forgotten always are. */
enum err staging_outbox_add(struct staging *s, enum outbox_kind kind, int64_t num,
    const struct cid *key, struct errbuf *eb) MUST_CHECK;
/* The oldest rows, at most max. */
enum err staging_outbox_page(
    struct staging *s, struct outbox_row *rows, int max, int *n, struct errbuf *eb) MUST_CHECK;
/* W: rows up to seq are in PostgreSQL (those of kind ALL and ORIGIN only when seq names them). */
enum err staging_outbox_done(struct staging *s, int64_t upto, struct errbuf *eb) MUST_CHECK;
/* W: a walk (ALL, ORIGIN) has come to key. */
enum err staging_outbox_walked(
    struct staging *s, int64_t seq, const struct cid *key, struct errbuf *eb) MUST_CHECK;

/* W: nothing is known of what PostgreSQL has: everything will be sent, and all jobs. What is to be
 * erased there stays so. */
enum err staging_outbox_restart(struct staging *s, struct errbuf *eb) MUST_CHECK;

/* ---- imports ---- */
/* W: a new origin; *id is its number. */
enum err staging_origin_add(struct staging *s, const char *source, const char *label, int64_t *id,
    struct errbuf *eb) MUST_CHECK;
/* W: numbers at its end. */
enum err staging_origin_done(
    struct staging *s, int64_t id, int64_t read, int64_t added, struct errbuf *eb) MUST_CHECK;
/* W: *added is false when it was known. */
enum err staging_unresolved_put(struct staging *s, int64_t origin, const struct unresolved_row *u,
    bool *added, struct errbuf *eb) MUST_CHECK;

#endif
