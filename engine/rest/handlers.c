#include "config.h"
#include "engine/rest/route.h"
#include "engine/rest/path.h"
#include "engine/base/clock.h"
#include "engine/base/ids.h"
#include "engine/engine.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { REST_JOBS_DEFAULT = 50 };

/* The version of the interface that callers compare, not of this program. */
#define REST_VERSION "1.0.0"

void rest_health(struct rest_call *c)
{
	char now[CLOCK_ISO_SIZE];

	clock_iso_naive_ms(clock_now_ms(), now);
	rest_reply_json(c, 200,
	    json_pack(
	        "{s:s, s:s, s:s}", "status", "healthy", "timestamp", now, "version", REST_VERSION));
}

const char *rest_by(const struct rest_call *c)
{
	return c->inside ? "console" : c->owner ? "owner" : "rest";
}

/* What an attached console asks first. */
void rest_session(struct rest_call *c)
{
	rest_reply_json(c, 200,
	    json_pack("{s:s, s:s, s:s, s:I}", "version", PACKAGE_VERSION, "may",
	        c->only_looks ? "look" : "all", "as", rest_by(c), "now_ms",
	        (json_int_t)clock_now_ms()));
}

void rest_json(struct rest_call *c)
{
	struct errbuf eb = {.code = ERR_OK};

	rest_reply_text(c, c->route->json(c->engine, &eb), &eb);
}

void rest_jobs(struct rest_call *c)
{
	struct errbuf eb = {.code = ERR_OK};
	const char *filter = NULL;
	struct str status;
	int64_t limit;

	str_init(&status, REST_ARG_LIMIT);
	if (rest_query_get(c->query, "status", &status) && status.len)
		filter = str_get(&status);
	if (rest_query_int(c->query, "limit", REST_JOBS_DEFAULT, 0, REST_JOBS_MOST, &limit, &eb))
		rest_reply_fault(c, ERR_INVALID, &eb);
	else if (!rest_jobs_list(c, limit))
		rest_reply_text(c, engine_jobs_json(c->engine, filter, limit, &eb), &eb);
	str_done(&status);
}

void rest_job(struct rest_call *c)
{
	struct errbuf eb = {.code = ERR_OK};
	char *text = engine_job_json(c->engine, str_get(&c->arg), &eb);

	if (!text && eb.code == ERR_INVALID)
		rest_reply_error(c, 400, "Invalid job ID format");
	else if (!text && eb.code == ERR_NOTFOUND)
		rest_reply_error(c, 404, "Job not found");
	else
		rest_reply_text(c, text, &eb);
}

void rest_job_result(struct rest_call *c)
{
	struct errbuf eb = {.code = ERR_OK};

	rest_reply_text(c, engine_job_result_json(c->engine, str_get(&c->arg), &eb), &eb);
}

/* Does a command and fills r; false when it failed, with the reply made. */
bool rest_command(struct rest_call *c, struct command *command, struct command_reply *r)
{
	struct errbuf eb = {.code = ERR_OK};
	enum err err;

	command->by = rest_by(c);
	command->once = command->action == ACTION_JOB_START ? c->idempotency_key : NULL;
	*r = (struct command_reply){.err = ERR_OK};
	err = engine_command(c->engine, command, r, &eb);
	if (!err)
		err = r->err;
	c->replayed = r->repeated;
	if (!err)
		return true;
	if (!eb.text[0])
		err_set(&eb, err, "%s", r->text);
	if (command->once && err == ERR_EXISTS)
		rest_reply_error(c, 422, "%s", err_text(&eb));
	else
		rest_reply_fault(c, err, &eb);
	return false;
}

json_t *rest_started(const struct command_reply *r, const char *message)
{
	return json_pack("{s:s, s:s, s:s, s:s}", "job_id", r->uuid, "task_id", r->uuid, "status",
	    "started", "message", message);
}

/* The name that a job type's table gives to a parameter which REST bodies call by `name`. */
static const char *handler_param(const char *type, const char *name)
{
	const struct job_type_info *const *t = engine_job_types();

	while (*t && strcmp((*t)->name, type) != 0)
		t++;
	for (size_t i = 0; *t && i < (*t)->n_params; i++) {
		const struct job_param *p = &(*t)->params[i];
		if (strcmp(p->name, name) == 0 || (p->also && strcmp(p->also, name) == 0))
			return p->name;
	}
	return name;
}

/* The original's three routes that start a job by name; its defaults and words. */
static const struct handler_batch {
	const char *path, *type, *word;
	int64_t batch_size; /* 0: as the setting says */
} handler_batches[] = {
    {"/api/batch-metadata", "batch_metadata", "metadata", 0},
    {"/api/batch-videos", "batch_videos", "video", 500},
    {"/api/batch-discovery", "batch_discovery", "discovery", 100},
};

static void handler_started(struct rest_call *c, const struct handler_batch *b,
    const struct command_reply *r, int64_t batch_size, int64_t total_limit)
{
	json_t *estimate =
	    total_limit ? json_integer(total_limit / batch_size) : json_string("unknown");
	struct str message;
	json_t *json;

	str_init(&message, REST_ARG_LIMIT);
	str_addf(
	    &message, "Batch %s processing started with batch size %" PRId64, b->word, batch_size);
	json = rest_started(r, str_get(&message));
	if (!b->batch_size) /* the original told it of metadata alone */
		json_object_set(json, "estimated_batches", estimate);
	json_decref(estimate);
	rest_reply_json(c, 200, json);
	str_done(&message);
}

static void handler_batch_start(
    struct rest_call *c, const struct handler_batch *b, int64_t batch_size, int64_t total_limit)
{
	json_t *params =
	    json_pack("{s:I}", handler_param(b->type, "batch_size"), (json_int_t)batch_size);
	struct command_reply reply;
	char *text;

	if (params && total_limit)
		json_object_set_new(
		    params, handler_param(b->type, "total_limit"), json_integer(total_limit));
	text = params ? json_dumps(params, JSON_COMPACT) : NULL;
	struct command command = {
	    .action = c->route->action, .job_type = b->type, .params_json = text};
	if (!text)
		rest_reply_error(c, 503, "out of memory");
	else if (rest_command(c, &command, &reply))
		handler_started(c, b, &reply, batch_size, total_limit);
	free(text);
	json_decref(params);
}

void rest_batch(struct rest_call *c)
{
	const struct handler_batch *b = handler_batches;
	int64_t batch_size, total_limit = 0;
	json_t *body = rest_body_object(c);

	while (strcmp(b->path, c->route->path) != 0)
		b++;
	batch_size =
	    b->batch_size ? b->batch_size : settings_number(c->settings, SET_BATCH_SIZE, 0);
	if (body && rest_body_int(c, body, "batch_size", 1, 100000, &batch_size) &&
	    rest_body_int(c, body, "limit", 0, INT64_MAX, &total_limit) &&
	    rest_body_int(c, body, "total_limit", 0, INT64_MAX, &total_limit))
		handler_batch_start(c, b, batch_size, total_limit);
	json_decref(body);
}

void rest_migrate(struct rest_call *c)
{
	json_t *body = rest_body_object(c), *params = NULL;
	const char *path = NULL, *type = NULL;
	struct command_reply reply;
	int64_t batch_size = 5000;
	struct str message;
	char *text = NULL;

	if (!body)
		return;
	str_init(&message, REST_ARG_LIMIT);
	if (!rest_body_text(c, body, "source_path", &path) ||
	    !rest_body_text(c, body, "source_type", &type) ||
	    !rest_body_int(c, body, "batch_size", 1, 1000000000, &batch_size)) {
		str_done(&message);
		json_decref(body);
		return;
	}
	params = json_pack("{s:s*,s:s,s:I}", "source_path", path, "source_type",
	    type ? type : "csv", "batch_size", (json_int_t)batch_size);
	text = params ? json_dumps(params, JSON_COMPACT) : NULL;
	struct command command = {
	    .action = c->route->action, .job_type = "migration", .params_json = text};
	str_addf(&message, "Migration started for %.40s source with batch size %" PRId64,
	    type ? type : "csv", batch_size);
	if (!path || !*path)
		rest_reply_error(c, 400, "source_path is required");
	else if (!text)
		rest_reply_error(c, 503, "out of memory");
	else if (rest_command(c, &command, &reply))
		rest_reply_json(c, 200, rest_started(&reply, str_get(&message)));
	free(text);
	json_decref(params);
	str_done(&message);
	json_decref(body);
}

/* Any type with any of its parameters: {"type": "refresh", "days": 7}. */
void rest_job_start(struct rest_call *c)
{
	json_t *body = rest_body_object(c);
	struct errbuf eb = {.code = ERR_OK};
	const char *type = NULL;
	struct command_reply reply;
	int64_t continues = 0;
	char *name, *text;

	if (!body)
		return;
	if (rest_query_int(c->query, "continue", 0, 0, 1, &continues, &eb))
		rest_reply_fault(c, ERR_INVALID, &eb);
	if (eb.code || !rest_body_text(c, body, "type", &type)) {
		json_decref(body);
		return;
	}
	name = str_dup(type ? type : "");
	json_object_del(body, "type");
	text = json_dumps(body, JSON_COMPACT);
	struct command command = {.action = c->route->action,
	    .job_type = name,
	    .params_json = text,
	    .continues = continues};
	if (!name || !text)
		rest_reply_error(c, 503, "out of memory");
	else if (rest_command(c, &command, &reply))
		rest_reply_json(c, 200, rest_started(&reply, reply.text));
	free(text);
	free(name);
	json_decref(body);
}

static void handler_done(struct rest_call *c, const struct command_reply *r)
{
	json_t *json = json_pack("{s:b, s:s}", "ok", 1, "message", r->text);

	if (json && r->uuid[0])
		json_object_set_new(json, "job_id", json_string(r->uuid));
	rest_reply_json(c, 200, json);
}

/* Most need no body; what one holds is for the action to read: {"n": 5}. */
void rest_action(struct rest_call *c)
{
	struct command command = {.action = c->route->action, .target = str_get(&c->arg)};
	json_t *body = rest_body_object(c);
	char *text = body && json_object_size(body) ? json_dumps(body, JSON_COMPACT) : NULL;
	struct command_reply reply;

	if (strcmp(command.target, COMMAND_MANY) == 0)
		command.target = NULL;
	command.params_json = text;
	if (body && json_object_size(body) && !text)
		rest_reply_error(c, 503, "out of memory");
	else if (body && rest_command(c, &command, &reply))
		handler_done(c, &reply);
	free(text);
	json_decref(body);
}

/* add: {"key": "…", "project": "…", "quota": 10000}; the others need no body. */
void rest_key_action(struct rest_call *c)
{
	json_t *body = rest_body_object(c);
	struct command command = {.action = c->route->action, .target = str_get(&c->arg)};
	struct command_reply reply;
	int64_t quota = 0;
	struct str params;

	if (!body)
		return;
	str_init(&params, REST_ARG_LIMIT);
	if (rest_body_text(c, body, "key", &command.secret) &&
	    rest_body_text(c, body, "project", &command.project) &&
	    rest_body_int(c, body, "quota", 1, 1000000000, &quota)) {
		if (quota)
			str_addf(&params, "{\"quota\":%" PRId64 "}", quota);
		command.params_json = quota ? str_get(&params) : NULL;
		if (rest_command(c, &command, &reply))
			handler_done(c, &reply);
	}
	str_done(&params);
	json_decref(body);
}

/* The query as the engine's filter. */
static enum err handler_dead_filter(struct rest_call *c, char **out, struct errbuf *eb)
{
	static const struct {
		const char *name, *member;
	} names[] = {{"op", "op"}, {"job", "job"}, {"job_id", "job"}, {"task_id", "job"},
	    {"reason", "reason"}};
	json_t *filter = json_object();
	struct str value;

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		str_init(&value, REST_ARG_LIMIT);
		if (rest_query_get(c->query, names[i].name, &value) && value.len)
			json_object_set_new(filter, names[i].member, json_string(str_get(&value)));
		str_done(&value);
	}
	*out = json_dumps(filter, JSON_COMPACT);
	json_decref(filter);
	return *out ? ERR_OK : err_set(eb, ERR_NOMEM, "out of memory");
}

void rest_dead(struct rest_call *c)
{
	struct errbuf eb = {.code = ERR_OK};
	char *filter = NULL;
	int64_t limit;

	if (rest_dead_list(c))
		return;
	if (rest_query_int(c->query, "limit", REST_JOBS_DEFAULT, 0, REST_JOBS_MOST, &limit, &eb) ||
	    handler_dead_filter(c, &filter, &eb))
		rest_reply_fault(c, eb.code, &eb);
	else
		rest_reply_text(c, engine_dead_json(c->engine, filter, limit, &eb), &eb);
	free(filter);
}

/* The body says what is meant: which letters, or {"name": …} of a list, which may hold slashes. */
void rest_body_action(struct rest_call *c)
{
	json_t *body = rest_body_object(c);
	char *filter = body ? json_dumps(body, JSON_COMPACT) : NULL;
	struct command command = {.action = c->route->action, .params_json = filter};
	struct command_reply reply;

	if (body && !filter)
		rest_reply_error(c, 503, "out of memory");
	else if (body && rest_command(c, &command, &reply))
		handler_done(c, &reply);
	free(filter);
	json_decref(body);
}

/* add: {"type": …, "rule": "6h" or "daily 03:00", "params": {…}}; the others need no body. */
void rest_schedule_action(struct rest_call *c)
{
	json_t *body = rest_body_object(c);
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	struct command command = {
	    .action = c->route->action, .target = str_get(&c->arg), .params_json = text};
	struct command_reply reply;
	const char *word; /* members that another action wants are checked too */

	if (body && !text)
		rest_reply_error(c, 503, "out of memory");
	else if (body && rest_body_text(c, body, "type", &word) &&
	         rest_body_text(c, body, "rule", &word) && rest_command(c, &command, &reply))
		handler_done(c, &reply);
	free(text);
	json_decref(body);
}

void rest_sync(struct rest_call *c)
{
	const struct snapshot *s = engine_snapshot(c->engine);

	rest_reply_json(c, 200,
	    s ? json_pack("{s:b, s:b, s:I, s:I, s:s}", "configured", s->pg_configured, "ok",
	            s->pg_ok, "outbox", (json_int_t)s->outbox, "rows", (json_int_t)s->pg_rows,
	            "trouble", s->pg_trouble)
	      : NULL);
	snapshot_unref(s);
}
