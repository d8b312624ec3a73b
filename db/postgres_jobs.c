/* Jobs, in the table and the words of the original. */
#include "config.h"
#include "db/postgres_rows.h"

#include <string.h>

enum { CUT_JOB_TYPE = 50, JOB_WORDS = 1024 };

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
