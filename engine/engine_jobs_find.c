/* Jobs by the filter language, with the numbers of those at work. */
#include "config.h"
#include "engine/engine_parts.h"
#include "engine/base/clock.h"
#include "engine/base/filter.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- what can be asked about ---- */

static const char *const find_states[JOB_STATUS_COUNT + 1] = {
#define FIND_STATE(name, word, open) word,
    JOB_STATUS_LIST(FIND_STATE)
#undef FIND_STATE
        NULL};

enum {
	FIND_ID,
	FIND_UUID,
	FIND_TYPE,
	FIND_STATUS,
	FIND_REASON,
	FIND_TOTAL,
	FIND_PROCESSED,
	FIND_FAILED,
	FIND_UNITS,
	FIND_CREATED,
	FIND_STARTED,
	FIND_ENDED
};

static const struct filter_field find_fields[] = {
    [FIND_ID] = {"id", "number job", FILTER_TEXT, true, 0, NULL},
    [FIND_UUID] = {"uuid", "job_id", FILTER_TEXT, false, 0, NULL},
    [FIND_TYPE] = {"type", "job_type", FILTER_TEXT, true, 0, NULL},
    [FIND_STATUS] = {"status", "state", FILTER_CHOICE, false, 0, find_states},
    [FIND_REASON] = {"reason", NULL, FILTER_TEXT, true, 0, NULL},
    [FIND_TOTAL] = {"total", NULL, FILTER_NUMBER, false, 0, NULL},
    [FIND_PROCESSED] = {"processed", "done", FILTER_NUMBER, false, 0, NULL},
    [FIND_FAILED] = {"failed", "err errors", FILTER_NUMBER, false, 0, NULL},
    [FIND_UNITS] = {"units", NULL, FILTER_NUMBER, false, 0, NULL},
    [FIND_CREATED] = {"created", NULL, FILTER_TIME, false, 0, NULL},
    [FIND_STARTED] = {"started", "start", FILTER_TIME, false, 0, NULL},
    [FIND_ENDED] = {"ended", "end completed", FILTER_TIME, false, 0, NULL},
    FILTER_FIELDS_END,
};

/* A job's row with its texts. */
struct find_row {
	const struct job_row *job;
	char id[32], uuid[UUID_TEXT + 1];
};

static void find_number(struct filter_data *out, int64_t n, int64_t none)
{
	out->has_number = n != none;
	out->number = (double)n;
}

static void find_get(const void *arg, int field, struct filter_data *out)
{
	const struct find_row *r = arg;
	const struct job_row *j = r->job;

	switch (field) {
	case FIND_ID:
		out->text = r->id;
		break;
	case FIND_UUID:
		out->text = r->uuid;
		break;
	case FIND_TYPE:
		out->text = j->type;
		break;
	case FIND_STATUS:
		out->text = job_status_word(j->status);
		break;
	case FIND_REASON:
		out->text = j->reason;
		break;
	case FIND_TOTAL:
		find_number(out, j->total, -1);
		break;
	case FIND_PROCESSED:
		find_number(out, j->processed, -1);
		break;
	case FIND_FAILED:
		find_number(out, j->failed, -1);
		break;
	case FIND_UNITS:
		find_number(out, j->units, -1);
		break;
	case FIND_CREATED:
		find_number(out, j->created_ms / 1000, 0);
		break;
	case FIND_STARTED:
		find_number(out, j->started_ms / 1000, 0);
		break;
	default:
		find_number(out, j->completed_ms / 1000, 0);
	}
}

/* ---- finding ---- */

struct find_walk {
	struct engine *engine;
	struct filter *filter;
	int64_t before, left;
	json_t *array;
};

static enum err find_one(void *arg, const struct job_row *stored, struct errbuf *eb)
{
	struct find_walk *w = arg;
	struct job_row row = *stored;
	struct find_row r = {.job = &row};

	if (w->before && row.no >= w->before)
		return ERR_OK;
	engine_job_live(w->engine, &row);
	snprintf(r.id, sizeof r.id, "J-%lld", (long long)row.no);
	uuid_format(&row.uuid, r.uuid);
	if (!filter_match(w->filter, find_get, &r))
		return ERR_OK;
	if (w->left-- <= 0)
		return ERR_CANCELLED;
	return json_array_append_new(w->array, engine_job_row(&row))
	           ? err_set(eb, ERR_NOMEM, "out of memory")
	           : ERR_OK;
}

char *engine_jobs_find_json(
    struct engine *e, const char *q, int64_t before, int64_t limit, struct errbuf *eb)
{
	struct find_walk w = {.engine = e, .before = before, .left = limit, .array = json_array()};
	struct staging *s = NULL;
	char *text = NULL;
	enum err err = filter_parse(&w.filter, q ? q : "", find_fields, clock_now(), NULL, eb);

	if (!err)
		err = engine_reader_take(e, NULL, &s, eb);
	if (!err)
		err = staging_jobs_each(s, JOB_STATUS_COUNT, 0, find_one, &w, eb);
	engine_reader_give(e, s);
	if (!err &&
	    !(text = json_dumps(w.array, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENSURE_ASCII)))
		err_set(eb, ERR_NOMEM, "out of memory");
	json_decref(w.array);
	filter_free(w.filter);
	return text;
}
