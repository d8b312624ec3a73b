/* The log as a resource: lines in memory, and what became of the others. */
#include "config.h"
#include "engine/engine_parts.h"

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

char *engine_log_json(
    struct engine *e, const struct log_ask *ask, const char *job, struct errbuf *eb)
{
	struct log_ask mine = *ask;
	struct log_numbers n = {.oldest = 0};
	enum err err = ERR_OK;
	json_t *lines;

	if (job) {
		pthread_mutex_lock(&e->look);
		err = engine_job_no_locked(e, job, &mine.job, eb);
		pthread_mutex_unlock(&e->look);
	}
	if (err)
		return NULL;
	lines = engine_log_lines(e, &mine, &n);
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
