/* Jobs, the outbox, and where channels came from. */
#include "config.h"
#include "db/staging_core.h"
#include "engine/base/clock.h"
#include "engine/base/str.h"

#include <stdio.h>
#include <string.h>

/* ---- jobs ---- */

enum err staging_job_add(struct staging *s, struct job_row *j, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_JOB_ADD, eb);
	enum err err;

	if (!t)
		return ERR_INVALID;
	sqlite3_bind_blob(t, 1, j->uuid.b, sizeof j->uuid.b, SQLITE_STATIC);
	db_bind_text(t, 2, j->type);
	db_bind_text(t, 3, job_status_word(j->status));
	db_bind_text(t, 4, j->reason);
	db_bind_text(t, 5, j->params ? j->params : "{}");
	sqlite3_bind_int64(t, 6, j->total);
	sqlite3_bind_int64(t, 7, j->created_ms);
	sqlite3_bind_int(t, 8, j->weight > 0 ? j->weight : 1);
	err = db_run(s->db, t, eb);
	if (err)
		return err;
	j->no = sqlite3_last_insert_rowid(s->db);
	return staging_outbox_add(s, OUTBOX_JOB, j->no, NULL, eb);
}

static enum err staging_job_is_changed(
    struct staging *s, const struct job_row *j, bool *changed, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_JOB_STATUS, eb);
	bool row = false;
	enum err err;

	if (!t)
		return ERR_INVALID;
	sqlite3_bind_int64(t, 1, j->no);
	err = db_step(s->db, t, &row, eb);
	if (err)
		return err;
	if (!row)
		return err_set(eb, ERR_NOTFOUND, "there is no job J-%lld", (long long)j->no);
	*changed = strcmp(db_column_text(t, 0), job_status_word(j->status)) != 0;
	sqlite3_reset(t);
	return ERR_OK;
}

enum err staging_job_put(struct staging *s, const struct job_row *j, struct errbuf *eb)
{
	bool changed = false;
	sqlite3_stmt *t;
	enum err err = staging_job_is_changed(s, j, &changed, eb);

	t = err ? NULL : staging_stmt(s, SQL_JOB_PUT, eb);
	if (!t)
		return err ? err : ERR_INVALID;
	sqlite3_bind_int64(t, 1, j->no);
	db_bind_text(t, 2, job_status_word(j->status));
	db_bind_text(t, 3, j->reason);
	sqlite3_bind_int64(t, 4, j->until);
	sqlite3_bind_int64(t, 5, j->total);
	sqlite3_bind_int64(t, 6, j->started_ms);
	sqlite3_bind_int64(t, 7, j->completed_ms);
	sqlite3_bind_int64(t, 8, j->worked_ms);
	err = db_run(s->db, t, eb);
	return err || !changed ? err : staging_outbox_add(s, OUTBOX_JOB, j->no, NULL, eb);
}

enum err staging_job_count(
    struct staging *s, int64_t no, const struct job_count *by, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_JOB_COUNT, eb);

	if (!t)
		return ERR_INVALID;
	sqlite3_bind_int64(t, 1, no);
	sqlite3_bind_int64(t, 2, by->done);
	sqlite3_bind_int64(t, 3, by->missing);
	sqlite3_bind_int64(t, 4, by->absent);
	sqlite3_bind_int64(t, 5, by->failed);
	sqlite3_bind_int64(t, 6, by->units);
	sqlite3_bind_int64(t, 7, by->day);
	return db_run(s->db, t, eb);
}

enum err staging_job_number_add(
    struct staging *s, int64_t no, const char *name, int64_t by, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_JOB_NUMBER_ADD, eb);

	if (!t)
		return ERR_INVALID;
	sqlite3_bind_int64(t, 1, no);
	db_bind_text(t, 2, name);
	sqlite3_bind_int64(t, 3, by);
	return db_run(s->db, t, eb);
}

enum err staging_job_numbers_each(
    struct staging *s, int64_t no, staging_job_number_fn *fn, void *arg, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_JOB_NUMBERS, eb);
	enum err err = ERR_OK;
	bool row = true;

	if (!t)
		return ERR_INVALID;
	sqlite3_bind_int64(t, 1, no);
	while (!err && !(err = db_step(s->db, t, &row, eb)) && row)
		err = fn(arg, db_column_text(t, 0), sqlite3_column_int64(t, 1), eb);
	sqlite3_reset(t);
	return err == ERR_CANCELLED ? ERR_OK : err;
}

static void staging_job_read(sqlite3_stmt *t, struct job_row *j)
{
	const void *uuid = sqlite3_column_blob(t, 1);

	*j = (struct job_row){.no = sqlite3_column_int64(t, 0)};
	if (uuid && sqlite3_column_bytes(t, 1) == (int)sizeof j->uuid.b)
		memcpy(j->uuid.b, uuid, sizeof j->uuid.b);
	snprintf(j->type, sizeof j->type, "%s", db_column_text(t, 2));
	if (!job_status_parse(db_column_text(t, 3), &j->status))
		j->status = JOB_FAILED;
	snprintf(j->reason, sizeof j->reason, "%s", db_column_text(t, 4));
	j->until = sqlite3_column_int64(t, 5);
	j->params = db_column_text(t, 6);
	j->total = sqlite3_column_int64(t, 7);
	j->processed = sqlite3_column_int64(t, 8);
	j->done = sqlite3_column_int64(t, 9);
	j->missing = sqlite3_column_int64(t, 10);
	j->absent = sqlite3_column_int64(t, 11);
	j->failed = sqlite3_column_int64(t, 12);
	j->units = sqlite3_column_int64(t, 13);
	j->created_ms = sqlite3_column_int64(t, 14);
	j->started_ms = sqlite3_column_int64(t, 15);
	j->completed_ms = sqlite3_column_int64(t, 16);
	j->worked_ms = sqlite3_column_int64(t, 17);
	j->weight = sqlite3_column_int(t, 18);
	j->day = sqlite3_column_int64(t, 19);
	j->day_units = sqlite3_column_int64(t, 20);
}

enum err staging_jobs_each(struct staging *s, enum job_status status, int64_t max,
    staging_job_fn *fn, void *arg, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_JOBS_EACH, eb);
	enum err err = ERR_OK;
	bool row = true;

	if (!t)
		return ERR_INVALID;
	db_bind_text(t, 1, status == JOB_STATUS_COUNT ? NULL : job_status_word(status));
	sqlite3_bind_int64(t, 2, max ? max : -1);
	while (!err && !(err = db_step(s->db, t, &row, eb)) && row) {
		struct job_row j;
		staging_job_read(t, &j);
		err = fn(arg, &j, eb);
	}
	sqlite3_reset(t);
	return err == ERR_CANCELLED ? ERR_OK : err;
}

enum err staging_job_get(
    struct staging *s, int64_t no, struct job_row *out, char **params, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_JOB_GET, eb);
	bool row = false;
	enum err err;

	if (params)
		*params = NULL;
	if (!t)
		return ERR_INVALID;
	sqlite3_bind_int64(t, 1, no);
	err = db_step(s->db, t, &row, eb);
	if (!err && !row)
		err = err_set(eb, ERR_NOTFOUND, "there is no job J-%lld", (long long)no);
	if (!err) {
		staging_job_read(t, out);
		if (params && !(*params = str_dup(out->params)))
			err = err_set(eb, ERR_NOMEM, "out of memory");
		out->params = params ? *params : NULL;
	}
	sqlite3_reset(t);
	return err;
}

enum err staging_job_result(struct staging *s, int64_t no, char **result, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_JOB_RESULT, eb);
	bool row = false;
	enum err err;

	*result = NULL;
	if (!t)
		return ERR_INVALID;
	sqlite3_bind_int64(t, 1, no);
	err = db_step(s->db, t, &row, eb);
	if (!err && !row)
		err = err_set(eb, ERR_NOTFOUND, "there is no job J-%lld", (long long)no);
	if (!err && sqlite3_column_type(t, 0) != SQLITE_NULL &&
	    !(*result = str_dup(db_column_text(t, 0))))
		err = err_set(eb, ERR_NOMEM, "out of memory");
	sqlite3_reset(t);
	return err;
}

enum err staging_job_result_put(
    struct staging *s, int64_t no, const char *result, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_JOB_RESULT_PUT, eb);

	if (!t)
		return ERR_INVALID;
	sqlite3_bind_int64(t, 1, no);
	db_bind_text(t, 2, result);
	return db_run(s->db, t, eb);
}

enum err staging_job_find(
    struct staging *s, const struct uuid *uuid, int64_t *no, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_JOB_FIND, eb);
	bool row = false;
	enum err err;

	if (!t)
		return ERR_INVALID;
	sqlite3_bind_blob(t, 1, uuid->b, sizeof uuid->b, SQLITE_STATIC);
	err = db_step(s->db, t, &row, eb);
	if (!err && !row)
		err = err_set(eb, ERR_NOTFOUND, "there is no such job");
	if (!err)
		*no = sqlite3_column_int64(t, 0);
	sqlite3_reset(t);
	return err;
}

enum err staging_jobs_interrupt(struct staging *s, int64_t *n, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_JOBS_INTERRUPT_EVENTS, eb);
	enum err err;

	*n = 0;
	if (!t)
		return ERR_INVALID;
	sqlite3_bind_int64(t, 1, clock_now_ms());
	err = db_run(s->db, t, eb);
	t = err ? NULL : staging_stmt(s, SQL_JOBS_INTERRUPT, eb);
	if (!t)
		return err ? err : ERR_INVALID;
	err = db_run(s->db, t, eb);
	*n = err ? 0 : sqlite3_changes64(s->db);
	return err;
}

static enum err staging_jobs_forget_one(
    struct staging *s, enum staging_sql sql, int64_t number, int64_t *n, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, sql, eb);
	enum err err;

	if (!t)
		return ERR_INVALID;
	sqlite3_bind_int64(t, 1, number);
	err = db_run(s->db, t, eb);
	*n += err ? 0 : sqlite3_changes64(s->db);
	return err;
}

/* What hung on jobs that are gone. */
static enum err staging_jobs_clean(struct staging *s, struct errbuf *eb)
{
	static const enum staging_sql of_jobs[] = {SQL_JOBS_FORGET_NUMBERS, SQL_JOBS_FORGET_RULES,
	    SQL_JOBS_FORGET_WANTED, SQL_JOBS_FORGET_EVENTS, SQL_JOBS_FORGET_ERRORS};
	enum err err = ERR_OK;

	for (size_t i = 0; i < sizeof of_jobs / sizeof of_jobs[0] && !err; i++) {
		sqlite3_stmt *t = staging_stmt(s, of_jobs[i], eb);
		err = t ? db_run(s->db, t, eb) : ERR_INVALID;
	}
	return err;
}

enum err staging_jobs_forget(struct staging *s, int64_t before_ms, int64_t *n, struct errbuf *eb)
{
	enum err err;

	*n = 0;
	err = staging_jobs_forget_one(s, SQL_JOBS_FORGET, before_ms, n, eb);
	return err || !*n ? err : staging_jobs_clean(s, eb);
}

enum err staging_jobs_forget_these(
    struct staging *s, const int64_t *nos, size_t count, int64_t *n, struct errbuf *eb)
{
	int64_t last = 0;
	sqlite3_stmt *t;
	enum err err = ERR_OK;

	*n = 0;
	for (size_t i = 0; i < count && !err; i++) {
		int64_t before = *n;
		err = staging_jobs_forget_one(s, SQL_JOB_FORGET, nos[i], n, eb);
		last = *n > before && nos[i] > last ? nos[i] : last;
	}
	if (err || !*n)
		return err;
	err = staging_jobs_clean(s, eb);
	t = err ? NULL : staging_stmt(s, SQL_JOB_NO_KEEP, eb);
	if (!t)
		return err ? err : ERR_INVALID;
	sqlite3_bind_int64(t, 1, last);
	return db_run(s->db, t, eb);
}

enum err staging_job_forget(struct staging *s, int64_t no, struct errbuf *eb)
{
	int64_t n;
	enum err err = staging_jobs_forget_these(s, &no, 1, &n, eb);

	if (!err && !n)
		err =
		    err_set(eb, ERR_DENIED, "J-%lld has not ended: cancel it first", (long long)no);
	return err;
}

enum err staging_job_weigh(struct staging *s, int64_t no, int weight, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_JOB_WEIGH, eb);

	if (!t)
		return ERR_INVALID;
	sqlite3_bind_int64(t, 1, no);
	sqlite3_bind_int(t, 2, weight);
	return db_run(s->db, t, eb);
}

/* ---- outbox ---- */

static enum err staging_is_walking(struct staging *s, bool *out, struct errbuf *eb)
{
	if (!s->walking_known) {
		sqlite3_stmt *t = staging_stmt(s, SQL_OUTBOX_WALKING, eb);
		bool row = false;
		enum err err = t ? db_step(s->db, t, &row, eb) : ERR_INVALID;
		if (err)
			return err;
		s->walking = !(row && sqlite3_column_int64(t, 0) > 0);
		s->walking_known = true;
		sqlite3_reset(t);
	}
	*out = s->walking;
	return ERR_OK;
}

enum err staging_outbox_add(
    struct staging *s, enum outbox_kind kind, int64_t num, const struct cid *key, struct errbuf *eb)
{
	/* a walk sees neither jobs nor what is no longer there */
	bool always = kind == OUTBOX_JOB || kind == OUTBOX_ERASE || kind == OUTBOX_FORGET;
	bool walking = true;
	sqlite3_stmt *t;
	enum err err = always ? ERR_OK : staging_is_walking(s, &walking, eb);

	if (err || !walking)
		return err;
	t = staging_stmt(s, SQL_OUTBOX_ADD, eb);
	if (!t)
		return ERR_INVALID;
	sqlite3_bind_int(t, 1, (int)kind);
	sqlite3_bind_int64(t, 2, num);
	if (key)
		db_bind_cid(t, 3, key);
	err = db_run(s->db, t, eb);
	if (!err)
		staging_count(s, "outbox", 1);
	return err;
}

enum err staging_outbox_page(
    struct staging *s, struct outbox_row *rows, int max, int *n, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_OUTBOX_PAGE, eb);
	enum err err = ERR_OK;
	bool row = true;

	*n = 0;
	if (!t)
		return ERR_INVALID;
	sqlite3_bind_int(t, 1, max);
	while (!err && !(err = db_step(s->db, t, &row, eb)) && row) {
		struct outbox_row *r = &rows[(*n)++];
		r->seq = sqlite3_column_int64(t, 0);
		r->kind = (enum outbox_kind)sqlite3_column_int(t, 1);
		r->num = sqlite3_column_int64(t, 2);
		r->has_key = db_column_cid(t, 3, &r->key);
	}
	sqlite3_reset(t);
	return err;
}

enum err staging_outbox_done(struct staging *s, int64_t upto, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_OUTBOX_DONE, eb);
	enum err err;

	if (!t)
		return ERR_INVALID;
	sqlite3_bind_int64(t, 1, upto);
	err = db_run(s->db, t, eb);
	if (!err)
		staging_count(s, "outbox", -sqlite3_changes64(s->db));
	return err;
}

enum err staging_outbox_restart(struct staging *s, struct errbuf *eb)
{
	sqlite3_stmt *clear = staging_stmt(s, SQL_OUTBOX_CLEAR, eb);
	sqlite3_stmt *fill = clear ? staging_stmt(s, SQL_OUTBOX_ALL_JOBS, eb) : NULL;
	enum err err = fill ? db_run(s->db, clear, eb) : ERR_INVALID;

	if (err)
		return err;
	staging_count(s, "outbox", -sqlite3_changes64(s->db));
	s->walking_known = false;
	err = db_run(s->db, fill, eb);
	if (!err)
		staging_count(s, "outbox", sqlite3_changes64(s->db));
	return err;
}

enum err staging_outbox_walked(
    struct staging *s, int64_t seq, const struct cid *key, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_OUTBOX_WALKED, eb);

	if (!t)
		return ERR_INVALID;
	s->walking_known = false;
	sqlite3_bind_int64(t, 1, seq);
	db_bind_cid(t, 2, key);
	return db_run(s->db, t, eb);
}

/* ---- imports ---- */

enum err staging_origin_add(
    struct staging *s, const char *source, const char *label, int64_t *id, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_ORIGIN_ADD, eb);
	enum err err;

	if (!t)
		return ERR_INVALID;
	db_bind_text(t, 1, source);
	db_bind_text(t, 2, label);
	sqlite3_bind_int64(t, 3, clock_now());
	err = db_run(s->db, t, eb);
	*id = sqlite3_last_insert_rowid(s->db);
	return err;
}

enum err staging_origin_done(
    struct staging *s, int64_t id, int64_t read, int64_t added, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_ORIGIN_DONE, eb);

	if (!t)
		return ERR_INVALID;
	sqlite3_bind_int64(t, 1, id);
	sqlite3_bind_int64(t, 2, read);
	sqlite3_bind_int64(t, 3, added);
	sqlite3_bind_int64(t, 4, clock_now());
	return db_run(s->db, t, eb);
}

enum err staging_unresolved_put(struct staging *s, int64_t origin, const struct unresolved_row *u,
    bool *added, struct errbuf *eb)
{
	sqlite3_stmt *t = staging_stmt(s, SQL_UNRESOLVED_PUT, eb);
	enum err err;

	if (!t)
		return ERR_INVALID;
	db_bind_text(t, 1, u->kind);
	db_bind_text(t, 2, u->name);
	db_bind_text(t, 3, u->title);
	sqlite3_bind_int64(t, 4, origin);
	sqlite3_bind_int64(t, 5, u->line);
	err = db_run(s->db, t, eb);
	*added = !err && sqlite3_changes(s->db) > 0;
	if (*added)
		staging_count(s, "unresolved", 1);
	return err;
}
