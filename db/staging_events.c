#include "config.h"
#include "db/staging_events.h"
#include "db/staging_core.h"

/* ---- events ---- */

/* The newest row of this kind, if it says the same and is not old: once more. */
static enum err event_fold(
    struct staging *s, const struct job_event *e, bool *folded, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_JOB_EVENT_FOLD, eb);
	enum err err;

	if (!t)
		return ERR_INVALID;
	sqlite3_bind_int64(t, 1, e->job);
	db_bind_text(t, 2, e->kind);
	db_bind_text(t, 3, e->text);
	sqlite3_bind_int64(t, 4, e->at_ms - STAGING_EVENT_FOLD_MS);
	sqlite3_bind_int64(t, 5, e->last_ms ? e->last_ms : e->at_ms);
	sqlite3_bind_int64(t, 6, e->n);
	err = db_run(s->db, t, eb);
	*folded = !err && sqlite3_changes(s->db) > 0;
	return err;
}

/* Of a kind with one row: *is_best when what there is is not larger; that goes then. */
static enum err event_best(
    struct staging *s, const struct job_event *e, bool *is_best, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_JOB_EVENT_LARGER, eb);
	bool row = false;
	enum err err;

	if (!t)
		return ERR_INVALID;
	sqlite3_bind_int64(t, 1, e->job);
	db_bind_text(t, 2, e->kind);
	sqlite3_bind_int64(t, 3, e->n);
	err = db_step(s->db, t, &row, eb);
	sqlite3_reset(t);
	*is_best = !err && !row;
	if (err || row)
		return err;
	t = staging_stmt(s, SQL_JOB_EVENT_DROP_KIND, eb);
	if (!t)
		return ERR_INVALID;
	sqlite3_bind_int64(t, 1, e->job);
	db_bind_text(t, 2, e->kind);
	return db_run(s->db, t, eb);
}

static enum err event_add(struct staging *s, const struct job_event *e, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_JOB_EVENT_ADD, eb);
	enum err err;

	if (!t)
		return ERR_INVALID;
	sqlite3_bind_int64(t, 1, e->job);
	sqlite3_bind_int64(t, 2, e->at_ms);
	sqlite3_bind_int64(t, 3, e->last_ms ? e->last_ms : e->at_ms);
	sqlite3_bind_int64(t, 4, e->n > 0 ? e->n : 1);
	db_bind_text(t, 5, e->kind);
	db_bind_text(t, 6, e->text);
	db_bind_text(t, 7, e->who ? e->who : "");
	err = db_run(s->db, t, eb);
	t = err ? NULL : staging_stmt(s, SQL_JOB_EVENT_TRIM, eb);
	if (!t)
		return err ? err : ERR_INVALID;
	sqlite3_bind_int64(t, 1, e->job);
	sqlite3_bind_int(t, 2, STAGING_EVENTS);
	return db_run(s->db, t, eb);
}

enum err staging_job_event_put(struct staging *s, const struct job_event *e, struct errbuf *eb)
{
	bool is_best = true, folded = false;
	enum err err = ERR_OK;

	if (e->one)
		err = event_best(s, e, &is_best, eb);
	else
		err = event_fold(s, e, &folded, eb);
	if (err || folded || !is_best)
		return err;
	return event_add(s, e, eb);
}

enum err staging_job_events_each(
    struct staging *s, int64_t job, staging_job_event_fn *fn, void *arg, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_JOB_EVENTS, eb);
	enum err err = ERR_OK;
	bool row = true;

	if (!t)
		return ERR_INVALID;
	sqlite3_bind_int64(t, 1, job);
	while (!err && !(err = db_step(s->db, t, &row, eb)) && row) {
		const struct job_event e = {.job = job,
		    .at_ms = sqlite3_column_int64(t, 0),
		    .last_ms = sqlite3_column_int64(t, 1),
		    .n = sqlite3_column_int64(t, 2),
		    .kind = db_column_text(t, 3),
		    .text = db_column_text(t, 4),
		    .who = db_column_text(t, 5)};
		err = fn(arg, &e, eb);
	}
	sqlite3_reset(t);
	return err == ERR_CANCELLED ? ERR_OK : err;
}

/* ---- errors ---- */

enum err staging_job_error_add(
    struct staging *s, int64_t job, const struct job_error *by, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_JOB_ERROR_ADD, eb);

	if (!t)
		return ERR_INVALID;
	sqlite3_bind_int64(t, 1, job);
	db_bind_text(t, 2, by->reason);
	sqlite3_bind_int64(t, 3, by->seen);
	sqlite3_bind_int64(t, 4, by->retried);
	sqlite3_bind_int64(t, 5, by->recovered);
	sqlite3_bind_int64(t, 6, by->last_ms);
	return db_run(s->db, t, eb);
}

enum err staging_job_errors_each(
    struct staging *s, int64_t job, staging_job_error_fn *fn, void *arg, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_JOB_ERRORS, eb);
	enum err err = ERR_OK;
	bool row = true;

	if (!t)
		return ERR_INVALID;
	sqlite3_bind_int64(t, 1, job);
	while (!err && !(err = db_step(s->db, t, &row, eb)) && row) {
		const struct job_error e = {.reason = db_column_text(t, 0),
		    .seen = sqlite3_column_int64(t, 1),
		    .retried = sqlite3_column_int64(t, 2),
		    .recovered = sqlite3_column_int64(t, 3),
		    .last_ms = sqlite3_column_int64(t, 4)};
		err = fn(arg, &e, eb);
	}
	sqlite3_reset(t);
	return err == ERR_CANCELLED ? ERR_OK : err;
}
