/* Routes of what the console's pages show: a job's page, the log. */
#include "config.h"
#include "engine/rest/route.h"
#include "engine/rest/path.h"
#include "engine/engine.h"

#include <string.h>

enum { REST_LOG_DEFAULT = 200 };

void rest_job_page(struct rest_call *c)
{
	struct errbuf eb = {.code = ERR_OK};
	char *text = engine_job_page_json(c->engine, str_get(&c->arg), &eb);

	if (!text && eb.code == ERR_INVALID)
		rest_reply_error(c, 400, "Invalid job ID format");
	else
		rest_reply_text(c, text, &eb);
}

void rest_service(struct rest_call *c)
{
	struct errbuf eb = {.code = ERR_OK};

	rest_reply_text(c, engine_service_json(c->engine, str_get(&c->arg), &eb), &eb);
}

/* A text parameter: NULL when it is absent or empty. out holds it. */
static const char *numbers_text(struct rest_call *c, const char *name, struct str *out)
{
	str_init(out, REST_ARG_LIMIT);
	return rest_query_get(c->query, name, out) && out->len ? str_get(out) : NULL;
}

/* Numbers of the query into the ask. */
static enum err numbers_log_ask(struct rest_call *c, struct log_ask *ask, struct errbuf *eb)
{
	int64_t after = 0, before = 0, limit = 0;
	enum err err = rest_query_int(c->query, "after", 0, 0, INT64_MAX, &after, eb);

	if (!err)
		err = rest_query_int(c->query, "before", 0, 0, INT64_MAX, &before, eb);
	if (!err)
		err =
		    rest_query_int(c->query, "file_before", 0, 0, INT64_MAX, &ask->file_before, eb);
	if (!err)
		err = rest_query_int(c->query, "file_after", 0, 0, INT64_MAX, &ask->file_after, eb);
	if (!err)
		err = rest_query_int(c->query, "since", 0, 0, INT64_MAX, &ask->since_ms, eb);
	if (!err)
		err = rest_query_int(c->query, "until", 0, 0, INT64_MAX, &ask->until_ms, eb);
	if (!err)
		err = rest_query_int(
		    c->query, "limit", REST_LOG_DEFAULT, 0, REST_LOG_MOST, &limit, eb);
	ask->after = (uint64_t)after;
	ask->before = (uint64_t)before;
	ask->limit = (size_t)limit;
	return err;
}

void rest_log_summary(struct rest_call *c)
{
	struct errbuf eb = {.code = ERR_OK};
	int64_t since = 0;

	if (rest_query_int(c->query, "since", 0, 0, INT64_MAX, &since, &eb))
		rest_reply_fault(c, ERR_INVALID, &eb);
	else
		rest_reply_text(c, engine_log_summary_json(c->engine, since, &eb), &eb);
}

void rest_log(struct rest_call *c)
{
	struct errbuf eb = {.code = ERR_OK};
	struct str level, source, find, job;
	const char *word = numbers_text(c, "level", &level);
	struct log_ask ask = {.level = LOG_DEBUG, .source = numbers_text(c, "source", &source)};
	const char *q = numbers_text(c, "q", &find);
	const char *of_job = numbers_text(c, "job", &job);

	if (word && !log_level_parse(word, &ask.level))
		rest_reply_error(c, 400, "level must be error, warning, info or debug");
	else if (numbers_log_ask(c, &ask, &eb))
		rest_reply_fault(c, ERR_INVALID, &eb);
	else
		rest_reply_text(c, engine_log_json(c->engine, &ask, of_job, q, &eb), &eb);
	str_done(&level);
	str_done(&source);
	str_done(&find);
	str_done(&job);
}
