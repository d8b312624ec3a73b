/* The log as a resource: lines in memory, and what became of the others. */
#include "config.h"
#include "engine/engine_parts.h"
#include "engine/base/clock.h"
#include "engine/base/log_filter.h"

#include <stdio.h>

static json_t *log_object(const struct log_text *line)
{
	json_t *j = json_pack("{s:I,s:I,s:s,s:s,s:s}", "seq", (json_int_t)line->seq, "at_ms",
	    (json_int_t)line->at_ms, "level", log_level_word(line->level), "source", line->source,
	    "text", line->text);

	if (j && line->place)
		json_object_set_new(j, "place", json_integer((json_int_t)line->place));
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

static bool log_takes(void *arg, const struct log_text *line)
{
	char job[32] = "";
	struct log_filter_row row = {.text = line->text,
	    .source = line->source,
	    .job = job,
	    .level = line->level,
	    .at_ms = line->at_ms};

	if (line->job)
		snprintf(job, sizeof job, "J-%lld", (long long)line->job);
	return filter_match(arg, log_filter_get, &row);
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
		err = filter_parse(f, q, log_filter_fields, clock_now(), NULL, eb);
	if (!err && filter_root(*f)) {
		ask->takes = log_takes;
		ask->takes_arg = *f;
	}
	return err;
}

/* Where the file goes on behind what memory holds: when all of that was looked at. */
static int64_t log_file_next(
    struct engine *e, const struct log_ask *ask, const json_t *lines, const struct log_numbers *n)
{
	bool all = !ask->after && json_array_size(lines) < ask->limit &&
	           (!ask->before || ask->before >= n->oldest);

	return all && n->oldest_ms >= ask->since_ms ? log_file_end(e->parts.log) : 0;
}

static json_t *log_spot(int64_t place)
{
	return place > 0 ? json_integer((json_int_t)place) : json_null();
}

/* Lines of memory, or of the file when the ask says so. */
static json_t *log_lines_asked(
    struct engine *e, const struct log_ask *ask, struct log_numbers *n, struct log_spots *spots)
{
	json_t *lines;

	*spots = (struct log_spots){.before = 0};
	if (!ask->file_before && !ask->file_after) {
		lines = engine_log_lines(e, ask, n);
		spots->before = lines ? log_file_next(e, ask, lines, n) : 0;
		return lines;
	}
	log_numbers(e->parts.log, n);
	lines = json_array();
	if (lines && log_file_search(e->parts.log, ask, log_append, lines, spots)) {
		json_decref(lines);
		return NULL;
	}
	return lines;
}

char *engine_log_json(
    struct engine *e, const struct log_ask *ask, const char *job, const char *q, struct errbuf *eb)
{
	struct log_ask mine = *ask;
	struct log_numbers n = {.oldest = 0};
	struct log_spots spots;
	struct filter *f;
	json_t *lines;

	if (log_read(e, job, q, &mine, &f, eb)) {
		filter_free(f);
		return NULL;
	}
	lines = log_lines_asked(e, &mine, &n, &spots);
	filter_free(f);
	if (!lines) {
		err_set(eb, ERR_NOMEM, "out of memory");
		return NULL;
	}
	return engine_json_text(
	    json_pack("{s:o,s:I,s:I,s:I,s:I,s:I,s:o,s:o,s:o}", "lines", lines, "oldest",
	        (json_int_t)n.oldest, "newest", (json_int_t)n.newest, "oldest_ms",
	        (json_int_t)n.oldest_ms, "dropped", (json_int_t)n.dropped, "queued",
	        (json_int_t)n.queued, "levels", log_levels(&n), "file_before",
	        log_spot(spots.before), "file_after", log_spot(spots.after)),
	    eb);
}
