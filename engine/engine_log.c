/* The log as a resource: lines in memory, and what became of the others. */
#include "config.h"
#include "engine/engine_parts.h"
#include "engine/base/clock.h"
#include "engine/base/filter.h"

#include <stdio.h>

static json_t *log_object(const struct log_text *line)
{
	json_t *j = json_pack("{s:I,s:I,s:s,s:s,s:s}", "seq", (json_int_t)line->seq, "at_ms",
	    (json_int_t)line->at_ms, "level", log_level_word(line->level), "source", line->source,
	    "text", line->text);

	if (j && line->job)
		json_object_set_new(j, "job", json_sprintf("J-%lld", (long long)line->job));
	return j;
}

static void log_append(void *arg, const struct log_text *line)
{
	json_array_append_new(arg, log_object(line));
}

json_t *engine_log_lines(struct engine *e, const struct log_ask *ask, struct log_numbers *numbers)
{
	json_t *lines = json_array();

	if (lines && log_search(e->parts.log, ask, log_append, lines, numbers)) {
		json_decref(lines);
		return NULL;
	}
	return lines;
}

static json_t *log_levels(const struct log_numbers *n)
{
	json_t *levels = json_object();

	for (int level = 0; level < LOG_LEVEL_COUNT; level++)
		json_object_set_new(levels, log_level_word((enum log_level)level),
		    json_integer((json_int_t)n->by_level[level]));
	return levels;
}

/* ---- the filter language over lines ---- */

enum { BY_TEXT, BY_SOURCE, BY_JOB, BY_LEVEL, BY_TIME };

static const char *const log_ranks[] = {"debug", "info", "warning", "error", NULL};

static const struct filter_field log_fields[] = {
    [BY_TEXT] = {.name = "text", .kind = FILTER_TEXT, .any = true},
    [BY_SOURCE] = {.name = "source", .also = "src from", .kind = FILTER_TEXT, .any = true},
    [BY_JOB] = {.name = "job", .kind = FILTER_TEXT, .any = true},
    [BY_LEVEL] = {.name = "level", .kind = FILTER_RANK, .words = log_ranks},
    [BY_TIME] = {.name = "time", .also = "at", .kind = FILTER_TIME},
    FILTER_FIELDS_END};

/* A line as its fields; J-1042 is made once. */
struct log_row {
	const struct log_text *line;
	char job[32];
};

static void log_get(const void *row, int field, struct filter_data *out)
{
	const struct log_row *r = row;
	const char *const texts[] = {[BY_TEXT] = r->line->text,
	    [BY_SOURCE] = r->line->source,
	    [BY_JOB] = r->job,
	    [BY_LEVEL] = log_level_word(r->line->level)};

	*out = (struct filter_data){0};
	if (field == BY_TIME) {
		out->has_number = true;
		out->number = (double)r->line->at_ms / 1000;
	} else {
		out->text = texts[field];
	}
}

static bool log_takes(void *arg, const struct log_text *line)
{
	struct log_row row = {.line = line};

	if (line->job)
		snprintf(row.job, sizeof row.job, "J-%lld", (long long)line->job);
	return filter_match(arg, log_get, &row);
}

/* Completes an ask by what is given as text. */
static enum err log_read(struct engine *e, const char *job, const char *q, struct log_ask *ask,
    struct filter **f, struct errbuf *eb)
{
	enum err err = ERR_OK;

	*f = NULL;
	if (job) {
		pthread_mutex_lock(&e->look);
		err = engine_job_no_locked(e, job, &ask->job, eb);
		pthread_mutex_unlock(&e->look);
	}
	if (!err && q)
		err = filter_parse(f, q, log_fields, clock_now(), NULL, eb);
	if (!err && filter_root(*f)) {
		ask->takes = log_takes;
		ask->takes_arg = *f;
	}
	return err;
}

char *engine_log_json(
    struct engine *e, const struct log_ask *ask, const char *job, const char *q, struct errbuf *eb)
{
	struct log_ask mine = *ask;
	struct log_numbers n = {.oldest = 0};
	struct filter *f;
	json_t *lines;

	if (log_read(e, job, q, &mine, &f, eb)) {
		filter_free(f);
		return NULL;
	}
	lines = engine_log_lines(e, &mine, &n);
	filter_free(f);
	if (!lines) {
		err_set(eb, ERR_NOMEM, "out of memory");
		return NULL;
	}
	return engine_json_text(
	    json_pack("{s:o,s:I,s:I,s:I,s:I,s:I,s:o}", "lines", lines, "oldest",
	        (json_int_t)n.oldest, "newest", (json_int_t)n.newest, "oldest_ms",
	        (json_int_t)n.oldest_ms, "dropped", (json_int_t)n.dropped, "queued",
	        (json_int_t)n.queued, "levels", log_levels(&n)),
	    eb);
}
