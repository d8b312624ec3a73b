#include "config.h"
#include "db/postgres_rows.h"
#include "db/sql/postgres-outcome.sql.h"
#include "db/sql/postgres-session.sql.h"
#include "db/sql/postgres-upsert.sql.h"

#include <stdlib.h>
#include <string.h>

enum {
	BATCH_ROWS = 32768,
	BATCH_BYTES = 1 << 30,
	/* limits of the columns, in characters */
	CUT_TITLE = 500,
	CUT_URL = 500,
	CUT_CUSTOM_URL = 255,
	CUT_CODE = 10,
	CUT_SOURCE = 50,
	CUT_DEFAULT_LANGUAGE = 35,
	CUT_WORD = 20,
	CUT_ETAG = 255,
	CUT_JOB_TYPE = 50,
	JOB_WORDS = 1024
};

struct batch_row {
	size_t end; /* of its line in text */
	struct cid cid;
	bool has_outcome; /* no metadata, but something to tell a known row */
};

struct postgres_batch {
	struct str text; /* lines for COPY */
	struct batch_row *rows;
	size_t n, room;
};

struct postgres_batch *postgres_batch_new(void)
{
	struct postgres_batch *b = calloc(1, sizeof *b);

	if (b)
		str_init(&b->text, BATCH_BYTES);
	return b;
}

void postgres_batch_free(struct postgres_batch *b)
{
	if (!b)
		return;
	str_done(&b->text);
	free(b->rows);
	free(b);
}

void postgres_batch_reset(struct postgres_batch *b)
{
	str_reset(&b->text);
	b->n = 0;
}

size_t postgres_batch_count(const struct postgres_batch *b)
{
	return b->n;
}

size_t postgres_batch_bytes(const struct postgres_batch *b)
{
	return b->text.len;
}

const struct cid *postgres_batch_last(const struct postgres_batch *b)
{
	return b->n ? &b->rows[b->n - 1].cid : NULL;
}

/* ---- fields, in the order of tubeops_channels_in ---- */

static void tab(struct str *t)
{
	str_addc(t, '\t');
}

static void add_text(struct str *t, const char *text, size_t max)
{
	tab(t);
	if (max)
		postgres_text_field_cut(t, text, max);
	else
		postgres_text_field(t, text);
}

static void add_int(struct str *t, int64_t value)
{
	tab(t);
	postgres_text_field_int(t, value, COUNT_NONE);
}

static void add_bool(struct str *t, int value)
{
	tab(t);
	postgres_text_field_bool(t, value);
}

static void add_time(struct str *t, int64_t utc_s)
{
	tab(t);
	postgres_text_field_time(t, utc_s);
}

static void add_list(struct str *t, const struct text_list *list)
{
	tab(t);
	postgres_text_field_list(t, list);
}

static void add_head(struct str *t, const struct channel_row *row)
{
	const struct channel_meta *m = row->has_meta ? &row->meta : NULL;
	char id[UUID_TEXT + 1], text[CID_TEXT + 1];
	struct uuid uuid;

	memcpy(uuid.b, row->cid.b, sizeof uuid.b);
	str_addc(t, m ? 't' : 'f');
	tab(t);
	str_add(t, uuid_format(&uuid, id), UUID_TEXT);
	tab(t);
	str_add(t, cid_format(&row->cid, text), CID_TEXT);
	add_text(t, m && m->title ? m->title : row->import_title, CUT_TITLE);
	add_text(t, m && m->description ? m->description : row->import_description, 0);
	add_text(t, row->source, CUT_SOURCE);
	add_time(t, row->created_at);
	add_text(t, item_state_word(row->state[OP_METADATA]), 0);
	add_bool(t, row->state[OP_VIDEOS] == ITEM_DONE);
	add_bool(t, row->state[OP_DISCOVERY] == ITEM_DONE);
}

static void add_meta(struct str *t, const struct channel_meta *m)
{
	add_int(t, m->subscriber_count);
	add_int(t, m->video_count);
	add_int(t, m->view_count);
	add_text(t, m->country, CUT_CODE);
	add_text(t, m->language, CUT_CODE);
	add_text(t, m->custom_url, CUT_CUSTOM_URL);
	add_time(t, m->published_at);
	add_text(t, m->thumbnail_url, CUT_URL);
	add_text(t, m->banner_url, CUT_URL);
	add_list(t, &m->keywords);
	add_list(t, &m->topics);
	add_text(t, m->default_language, CUT_DEFAULT_LANGUAGE);
	add_bool(t, m->hidden_subscribers);
	add_text(t, m->privacy_status, CUT_WORD);
	add_bool(t, m->made_for_kids);
	add_text(t, m->language_source, CUT_WORD);
	add_int(t, m->language ? m->language_confidence : COUNT_NONE);
	add_text(t, m->etag, CUT_ETAG);
	/* the column decides which of two rows is newer: it may not be NULL */
	add_time(t, m->fetched_at > 0 ? m->fetched_at : 0);
}

static bool has_outcome(const struct channel_row *row)
{
	return !row->has_meta &&
	       (row->state[OP_METADATA] != ITEM_PENDING || row->state[OP_VIDEOS] == ITEM_DONE ||
	           row->state[OP_DISCOVERY] == ITEM_DONE);
}

enum err postgres_batch_add(
    struct postgres_batch *b, const struct channel_row *row, struct errbuf *eb)
{
	static const struct channel_meta none = {.subscriber_count = COUNT_NONE,
	    .video_count = COUNT_NONE,
	    .view_count = COUNT_NONE,
	    .published_at = INT64_MIN,
	    .hidden_subscribers = -1,
	    .made_for_kids = -1,
	    .keywords = {.n = -1},
	    .topics = {.n = -1}};
	size_t before = b->text.len;
	struct batch_row *more;

	if (b->n == b->room) {
		size_t room = b->room ? b->room * 2 : 1024;
		if (room > BATCH_ROWS)
			return err_set(
			    eb, ERR_LIMIT, "a batch holds at most %d channels", BATCH_ROWS);
		more = realloc(b->rows, room * sizeof *more);
		if (!more)
			return err_set(eb, ERR_NOMEM, "out of memory");
		b->rows = more;
		b->room = room;
	}
	add_head(&b->text, row);
	add_meta(&b->text, row->has_meta ? &row->meta : &none);
	str_addc(&b->text, '\n');
	if (b->text.err) {
		enum err err = b->text.err;
		b->text.err = ERR_OK;
		b->text.len = before;
		return err_set(eb, err, "a batch of channels is too large");
	}
	b->rows[b->n++] = (struct batch_row){
	    .end = b->text.len, .cid = row->cid, .has_outcome = has_outcome(row)};
	return ERR_OK;
}

/* ---- pushing ---- */

#define BATCH_BEGIN \
	"BEGIN; SET LOCAL statement_timeout = '120s'; COPY tubeops_channels_in FROM STDIN;"

enum err postgres_rows_prepare(struct postgres *pg, struct errbuf *eb)
{
	return postgres_exec(pg, postgres_session_sql, eb);
}

/* Sends rows first..first+n-1 as one transaction. */
static enum err send_part(
    struct postgres *pg, const struct postgres_batch *b, size_t first, size_t n, struct errbuf *eb)
{
	size_t from = first ? b->rows[first - 1].end : 0, to = b->rows[first + n - 1].end;
	bool outcomes = false;
	struct str sql;
	enum err err;

	for (size_t i = first; i < first + n && !outcomes; i++)
		outcomes = b->rows[i].has_outcome;
	str_init(&sql, 65536);
	str_adds(&sql, BATCH_BEGIN);
	str_adds(&sql, postgres_upsert_sql);
	if (outcomes)
		str_adds(&sql, postgres_outcome_sql);
	str_adds(&sql, "COMMIT");
	err = sql.err ? err_set(eb, sql.err, "out of memory")
	              : postgres_copy_send(pg, str_get(&sql), eb);
	str_done(&sql);
	return err ? err : postgres_copy_data(pg, b->text.text + from, to - from, eb);
}

/* Pushes a part that is known to hold a bad row; halves end at single rows. */
static enum err push_halves(struct postgres *pg, const struct postgres_batch *b, size_t first,
    size_t n, postgres_refused_fn *refused, void *arg, struct postgres_pushed *out,
    struct errbuf *eb)
{
	size_t parts[2][2] = {{first, n / 2}, {first + n / 2, n - n / 2}};
	enum err err = ERR_OK;

	for (int i = 0; i < 2 && !err; i++) {
		size_t at = parts[i][0], len = parts[i][1];
		int64_t written = 0;

		if (!len)
			continue;
		err = send_part(pg, b, at, len, eb);
		if (!err)
			err = postgres_copy_finish(pg, &written, eb);
		if (!err) {
			out->rows += (int64_t)len;
			out->written += written;
			continue;
		}
		if (postgres_fault(pg) != POSTGRES_DATA)
			return err;
		err = postgres_rollback(pg, eb);
		if (!err && len == 1) {
			out->refused++;
			refused(arg, &b->rows[at].cid, eb);
		} else if (!err) {
			err = push_halves(pg, b, at, len, refused, arg, out, eb);
		}
	}
	return err;
}

enum err postgres_batch_send(struct postgres *pg, const struct postgres_batch *b, struct errbuf *eb)
{
	return send_part(pg, b, 0, b->n, eb);
}

enum err postgres_batch_finish(struct postgres *pg, const struct postgres_batch *b,
    postgres_refused_fn *refused, void *arg, struct postgres_pushed *out, struct errbuf *eb)
{
	enum err err, undone;

	*out = (struct postgres_pushed){0};
	err = postgres_copy_finish(pg, &out->written, eb);
	if (!err) {
		out->rows = (int64_t)b->n;
		return ERR_OK;
	}
	out->written = 0;
	if (postgres_fault(pg) == POSTGRES_LOST)
		return err;
	undone = postgres_rollback(pg, NULL);
	if (undone || postgres_fault(pg) != POSTGRES_DATA)
		return err;
	return push_halves(pg, b, 0, b->n, refused, arg, out, eb);
}

/* ---- jobs ---- */

const char *postgres_job_status(enum job_status status)
{
	static const char *const words[JOB_STATUS_COUNT] = {
	    [JOB_PENDING] = "pending",
	    [JOB_RUNNING] = "running",
	    [JOB_WAITING] = "pending",
	    [JOB_PAUSED] = "pending",
	    [JOB_INTERRUPTED] = "pending",
	    [JOB_CANCELLED] = "failed",
	    [JOB_COMPLETED] = "completed",
	    [JOB_FAILED] = "failed",
	};

	return status < JOB_STATUS_COUNT ? words[status] : "failed";
}

/* NULL but for jobs that ended badly, as in the original. */
static const char *job_message(const struct job_row *j, struct str *out)
{
	static const char word[] = "cancelled";

	if (j->status == JOB_FAILED)
		return j->reason[0] ? j->reason : "failed";
	if (j->status != JOB_CANCELLED)
		return NULL;
	if (strncmp(j->reason, word, sizeof word - 1) == 0)
		return j->reason;
	str_addf(out, "%s%s%s", word, j->reason[0] ? ": " : "", j->reason);
	return str_get(out);
}

static const char *job_time(int64_t ms, struct str *out)
{
	return ms && postgres_text_time(out, ms) ? str_get(out) : NULL;
}

static const char *job_number(int64_t value, struct str *out)
{
	if (value < 0)
		return NULL;
	str_addf(out, "%lld", (long long)(value > INT32_MAX ? INT32_MAX : value));
	return str_get(out);
}

enum err postgres_job_put(struct postgres *pg, const struct job_row *j, struct errbuf *eb)
{
	static const char sql[] =
	    "INSERT INTO processing_jobs (id, job_type, status, total_items, processed_items, "
	    "error_message, created_at, started_at, completed_at) "
	    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO UPDATE SET "
	    "status = excluded.status, total_items = excluded.total_items, "
	    "processed_items = excluded.processed_items, error_message = excluded.error_message, "
	    "started_at = excluded.started_at, completed_at = excluded.completed_at "
	    "WHERE (processing_jobs.status, processing_jobs.total_items, "
	    "processing_jobs.processed_items, processing_jobs.error_message, "
	    "processing_jobs.started_at, processing_jobs.completed_at) IS DISTINCT FROM "
	    "(excluded.status, excluded.total_items, excluded.processed_items, "
	    "excluded.error_message, excluded.started_at, excluded.completed_at)";
	enum { TYPE, TOTAL, PROCESSED, MESSAGE, CREATED, STARTED, COMPLETED, WORDS };
	struct str w[WORDS];
	char id[UUID_TEXT + 1];
	enum err err;

	for (int i = 0; i < WORDS; i++)
		str_init(&w[i], JOB_WORDS);
	str_add(&w[TYPE], j->type, postgres_text_cut(j->type, CUT_JOB_TYPE));
	err = postgres_query(pg, sql, 9,
	    (const char *const[]){uuid_format(&j->uuid, id), str_get(&w[TYPE]),
	        postgres_job_status(j->status), job_number(j->total, &w[TOTAL]),
	        job_number(j->processed, &w[PROCESSED]), job_message(j, &w[MESSAGE]),
	        job_time(j->created_ms, &w[CREATED]), job_time(j->started_ms, &w[STARTED]),
	        job_time(j->completed_ms, &w[COMPLETED])},
	    NULL, eb);
	for (int i = 0; i < WORDS; i++)
		str_done(&w[i]);
	return err;
}
