/* Export: rows as CSV or JSON Lines, streamed; one table of what and one of columns. */
#include "config.h"
#include "engine/engine_parts.h"
#include "engine/engine_fields.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { EXPORT_PAGE = 5000 };

struct export
{
	FILE *out;
	struct fields fields;
	int64_t rows;
	int64_t page; /* rows of the present page */
	struct cid last;
};

/* ---- rows ---- */

static enum err export_row_end(struct export *x, struct errbuf *eb)
{
	str_adds(&x->fields.row, x->fields.jsonl ? "}\n" : "\r\n");
	if (x->fields.row.err)
		return err_set(eb, x->fields.row.err, "export: a row is too long");
	if (fwrite(str_get(&x->fields.row), 1, x->fields.row.len, x->out) != x->fields.row.len)
		return err_set(eb, ERR_IO, "export: %s", strerror(errno));
	str_reset(&x->fields.row);
	x->fields.first = true;
	x->rows++;
	return ERR_OK;
}

/* ---- channels ---- */

static enum err export_channel(void *arg, const struct channel_row *r, struct errbuf *eb)
{
	struct export *x = arg;

	x->last = r->cid;
	x->page++;
	for (int i = 0; i < CHANNEL_COLUMNS_EXPORTED; i++)
		channel_column_put(i, &x->fields, r);
	return export_row_end(x, eb);
}

/* The first line of CSV. */
static enum err export_channels_header(struct export *x, struct errbuf *eb)
{
	enum err err;

	for (int i = 0; i < CHANNEL_COLUMNS_EXPORTED; i++)
		fields_text(&x->fields, NULL, channel_column_name(i));
	err = export_row_end(x, eb);
	x->rows = 0;
	return err;
}

/* Page by page, because a long read would hold back the writer's checkpoints. */
static enum err export_channels(struct engine *e, struct export *x, struct errbuf *eb)
{
	bool begun = false;
	enum err err = x->fields.jsonl ? ERR_OK : export_channels_header(x, eb);

	if (err)
		return err;
	do {
		struct cid after = x->last;
		x->page = 0;
		pthread_mutex_lock(&e->look);
		err = staging_channels_each(
		    e->reader, begun ? &after : NULL, EXPORT_PAGE, export_channel, x, eb);
		pthread_mutex_unlock(&e->look);
		begun = true;
	} while (!err && x->page == EXPORT_PAGE);
	return err;
}

/* ---- jobs ---- */

static enum err export_job(void *arg, const struct job_row *r, struct errbuf *eb)
{
	struct export *x = arg;
	char uuid[UUID_TEXT + 1];

	fields_int(&x->fields, "number", r->no, 0);
	fields_text(&x->fields, "job_id", uuid_format(&r->uuid, uuid));
	fields_text(&x->fields, "job_type", r->type);
	fields_text(&x->fields, "status", job_status_word(r->status));
	fields_text(&x->fields, "reason", r->reason);
	fields_text(&x->fields, "params", r->params);
	fields_int(&x->fields, "total", r->total, -1);
	fields_int(&x->fields, "processed", r->processed, -1);
	fields_int(&x->fields, "done", r->done, -1);
	fields_int(&x->fields, "missing", r->missing, -1);
	fields_int(&x->fields, "absent_once", r->absent, -1);
	fields_int(&x->fields, "failed", r->failed, -1);
	fields_int(&x->fields, "units_used", r->units, -1);
	fields_time(&x->fields, "created_at", r->created_ms / 1000, 0);
	fields_time(&x->fields, "started_at", r->started_ms / 1000, 0);
	fields_time(&x->fields, "completed_at", r->completed_ms / 1000, 0);
	return export_row_end(x, eb);
}

static enum err export_jobs(struct engine *e, struct export *x, struct errbuf *eb)
{
	enum err err;

	pthread_mutex_lock(&e->look);
	err = staging_jobs_each(e->reader, JOB_STATUS_COUNT, 0, export_job, x, eb);
	pthread_mutex_unlock(&e->look);
	return err;
}

/* ---- what there is ---- */

static const struct {
	const char *what;
	const char *header; /* of CSV; NULL: run writes it */
	enum err (*run)(struct engine *e, struct export *x, struct errbuf *eb);
} exports[] = {
    {"channels", NULL, export_channels},
    {"jobs",
        "number,job_id,job_type,status,reason,params,total,processed,done,missing,absent_once,"
        "failed,"
        "units_used,created_at,started_at,completed_at\r\n",
        export_jobs},
};

enum err engine_export(struct engine *e, const char *what, const char *format, FILE *out,
    int64_t *rows, struct errbuf *eb)
{
	struct export x = {.out = out,
	    .fields = {.jsonl = strcmp(format, "jsonl") == 0, .first = true, .sep = ','}};
	size_t i = 0, n = sizeof exports / sizeof exports[0];
	enum err err = ERR_OK;

	*rows = 0;
	if (!x.fields.jsonl && strcmp(format, "csv") != 0)
		return err_set(eb, ERR_INVALID, "format %s: csv and jsonl are known", format);
	while (i < n && strcmp(exports[i].what, what) != 0)
		i++;
	if (i == n)
		return err_set(eb, ERR_INVALID, "export %s: channels and jobs are known", what);
	str_init(&x.fields.row, FIELDS_LIMIT);
	if (!x.fields.jsonl && exports[i].header && fputs(exports[i].header, out) == EOF)
		err = err_set(eb, ERR_IO, "export: %s", strerror(errno));
	if (!err)
		err = exports[i].run(e, &x, eb);
	if (!err && fflush(out) != 0)
		err = err_set(eb, ERR_IO, "export: %s", strerror(errno));
	str_done(&x.fields.row);
	*rows = x.rows;
	return err;
}
