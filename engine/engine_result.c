/* What a job came to: its counts, what it counted besides, and what its type left. */
#include "config.h"
#include "engine/engine_parts.h"
#include "engine/jobs/job_numbers.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

/* The stored parts: the type's own object, into which go the numbers; row and time stand there for
 * what is not live. The look lock is held. */
static enum err result_read_locked(
    struct engine *e, int64_t no, struct job_row *row, json_t **stored, struct errbuf *eb)
{
	char *text = NULL;
	enum err err = staging_job_get(e->reader, no, row, NULL, eb);

	if (!err)
		err = staging_job_result(e->reader, no, &text, eb);
	*stored = text ? json_loads(text, 0, NULL) : NULL;
	free(text);
	return err;
}

static enum err result_add_counts(json_t *out, const struct job_row *r, double seconds)
{
	char uuid[UUID_TEXT + 1], number[32];
	int64_t total = r->total < 0 ? r->processed : r->total;

	snprintf(number, sizeof number, "J-%lld", (long long)r->no);
	if (seconds < 0)
		seconds = (double)r->worked_ms / 1000;
	return json_object_update_missing_new(
	           out, json_pack("{s:s,s:s,s:s,s:s,s:s,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:f}",
	                    "job_id", uuid_format(&r->uuid, uuid), "number", number, "type",
	                    r->type, "status", job_status_word(r->status), "reason", r->reason,
	                    "total", (json_int_t)total, "processed", (json_int_t)r->processed,
	                    "done", (json_int_t)r->done, "missing", (json_int_t)r->missing,
	                    "absent_once", (json_int_t)r->absent, "failed", (json_int_t)r->failed,
	                    "pending", (json_int_t)(total - r->done - r->missing - r->failed),
	                    "units_used", (json_int_t)r->units, "seconds", seconds))
	           ? ERR_NOMEM
	           : ERR_OK;
}

/* What the job counted besides its items; trouble with it is no reason to hold the rest back. */
static void result_add_numbers(
    struct engine *e, int64_t no, const struct job_type *type, json_t *out)
{
	struct errbuf eb = {0};

	pthread_mutex_lock(&e->look);
	if (job_numbers_read(e->reader, no, type, out, &eb))
		log_at(e->parts.log, LOG_WARNING, "run", no, "%s", err_text(&eb));
	pthread_mutex_unlock(&e->look);
}

char *engine_result_text(struct engine *e, int64_t no, double seconds, struct errbuf *eb)
{
	struct dispatcher *d = e->parts.dispatcher;
	json_t *out = NULL, *live = d ? dispatcher_job_result(d, no) : NULL;
	struct dispatcher_job job = {.row = {.total = -1}};
	char *text = NULL;
	enum err err;

	pthread_mutex_lock(&e->look);
	err = result_read_locked(e, no, &job.row, &out, eb);
	pthread_mutex_unlock(&e->look);
	if (live) { /* newer; its own object stays as the type left it */
		json_decref(out);
		out = json_deep_copy(live);
		json_decref(live);
	}
	out = out ? out : json_object();
	if (!err) {
		engine_job_truth(e, &job.row);
		if (d)
			dispatcher_job_get(d, no, &job);
		err = out ? result_add_counts(out, &job.row, seconds) : ERR_NOMEM;
		if (err)
			err_set(eb, err, "out of memory");
	}
	if (!err) {
		result_add_numbers(e, no, job_type_find(job.row.type), out);
		text = json_dumps(out,
		    JSON_COMPACT | JSON_SORT_KEYS | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(15));
		if (!text)
			err_set(eb, ERR_NOMEM, "out of memory");
	}
	json_decref(out);
	return text;
}

char *engine_job_result_json(struct engine *e, const char *job, struct errbuf *eb)
{
	int64_t no = 0;
	enum err err;

	pthread_mutex_lock(&e->look);
	err = engine_job_no_locked(e, job, &no, eb);
	pthread_mutex_unlock(&e->look);
	return err ? NULL : engine_result_text(e, no, -1, eb);
}
