#include "config.h"
#include "engine/rest/route.h"
#include "engine/rest/address.h"
#include "engine/rest/path.h"
#include "engine/engine.h"

#include <stdlib.h>
#include <string.h>

/* Actions are routes by themselves: a new row of ACTION_LIST is a new route. */
#define ROUTE_ARG_TYPE(action, word, help)
#define ROUTE_ARG_JOB(action, word, help) \
	{REST_POST, "/api/jobs/{id}/" word, rest_action, true, action, help},
#define ROUTE_ARG_KEY(action, word, help) \
	{REST_POST, "/api/keys/{name}/" word, rest_key_action, true, action, help},
#define ROUTE_ARG_DEAD(action, word, help) \
	{REST_POST, "/api/dead-letters/" word, rest_body_action, true, action, help},
#define ROUTE_ARG_SCHEDULE(action, word, help) \
	{REST_POST, "/api/schedules/{name}/" word, rest_schedule_action, true, action, help},
#define ROUTE_ARG_CHANNEL(action, word, help) \
	{REST_POST, "/api/channels/{id}/" word, rest_action, true, action, help},
#define ROUTE_ARG_LIST(action, word, help) \
	{REST_POST, "/api/lists/" word, rest_body_action, true, action, help},
#define ROUTE_ARG_NODE(action, word, help) \
	{REST_POST, "/api/" word, rest_action, true, action, help},
#define ROUTE_ACTION(action, word, key, arg, help) ROUTE_##arg(action, word, help)

static const struct rest_route routes[] = {
    {REST_GET, "/health", rest_health, false, ACTION_COUNT, "is the process alive"},
    {REST_GET, "/api/stats", rest_stats, true, ACTION_COUNT, "counts of channels, keys and jobs"},
    {REST_GET, "/api/jobs", rest_jobs, true, ACTION_COUNT, "newest jobs; ?status= ?limit="},
    {REST_POST, "/api/jobs", rest_job_start, true, ACTION_JOB_START,
        "start a job: type and its parameters in one object; ?continue=1 goes on with an equal "
        "one"},
    {REST_GET, "/api/jobs/{id}", rest_job, true, ACTION_COUNT, "one job with its progress"},
    {REST_GET, "/api/jobs/{id}/result", rest_job_result, true, ACTION_COUNT,
        "what it came to, as `tubeops run --json` prints it"},
    {REST_GET, "/api/sync", rest_sync, true, ACTION_COUNT, "how far PostgreSQL is behind"},
    {REST_GET, "/api/schedules", rest_schedules, true, ACTION_COUNT,
        "what is done again and again"},
    {REST_GET, "/api/dead-letters", rest_dead, true, ACTION_COUNT,
        "channels that were given up; ?op= ?job= ?reason= ?limit="},
    {REST_POST, "/api/migrate", rest_migrate, true, ACTION_JOB_START,
        "start an import; source_path (below IMPORT_ROOT, or a database of MIGRATE_HOSTS), "
        "source_type, batch_size"},
    {REST_POST, "/api/batch-metadata", rest_batch, true, ACTION_JOB_START,
        "start a metadata job; batch_size, total_limit"},
    {REST_POST, "/api/batch-videos", rest_batch, true, ACTION_JOB_START,
        "start a videos job; batch_size, total_limit"},
    {REST_POST, "/api/batch-discovery", rest_batch, true, ACTION_JOB_START,
        "start a discovery job; batch_size, total_limit"},
    ACTION_LIST(ROUTE_ACTION){0, NULL, NULL, false, ACTION_COUNT, NULL},
};

static const struct {
	const char *word;
	unsigned bit;
} route_methods[] = {{"GET", REST_GET}, {"HEAD", REST_GET}, {"POST", REST_POST}};

/* By the bits of struct rest_route.methods. */
static const char *const route_allow[] = {
    [REST_GET] = "GET, HEAD, OPTIONS",
    [REST_POST] = "OPTIONS, POST",
    [REST_GET | REST_POST] = "GET, HEAD, OPTIONS, POST",
};

void rest_call_init(struct rest_call *c, struct engine *e, const struct settings *s)
{
	*c = (struct rest_call){.engine = e, .settings = s};
	str_init(&c->arg, REST_ARG_LIMIT);
}

void rest_call_done(struct rest_call *c)
{
	str_done(&c->arg);
	free(c->text);
	c->text = NULL;
}

static bool route_takes(const struct rest_route *r, const char *method)
{
	for (size_t i = 0; i < sizeof route_methods / sizeof route_methods[0]; i++)
		if (strcmp(method, route_methods[i].word) == 0)
			return (r->methods & route_methods[i].bit) != 0;
	return false;
}

/* What all rows of a path take together, for its Allow header. */
static unsigned route_methods_of(const char *path)
{
	unsigned methods = 0;

	for (const struct rest_route *r = routes; r->path; r++)
		if (strcmp(r->path, path) == 0)
			methods |= r->methods;
	return methods;
}

/* The row of path and method; else the first of the path. */
static const struct rest_route *route_find(struct rest_call *c)
{
	const struct rest_route *first = NULL;

	for (const struct rest_route *r = routes; r->path; r++) {
		if (!rest_path_match(r->path, c->path, &c->arg))
			continue;
		if (route_takes(r, c->method))
			return r;
		first = first ? first : r;
	}
	return first && rest_path_match(first->path, c->path, &c->arg) ? first : NULL;
}

/* What follows "Bearer "; NULL: nothing of the kind was sent. */
static const char *route_bearer(const char *sent)
{
	if (!sent || strlen(sent) < 7)
		return NULL;
	/* the scheme's word is free in case, RFC 9110 11.1 */
	if ((sent[0] | 32) != 'b' || (sent[1] | 32) != 'e' || (sent[2] | 32) != 'a' ||
	    (sent[3] | 32) != 'r' || (sent[4] | 32) != 'e' || (sent[5] | 32) != 'r' ||
	    sent[6] != ' ')
		return NULL;
	return sent + 7;
}

static bool route_token_fits(struct rest_call *c)
{
	const struct secret *token = settings_secret(c->settings, SET_API_TOKEN, 0);
	const char *bearer = route_bearer(c->authorization);

	c->owner = bearer && engine_token_fits(c->engine, bearer, strlen(bearer));
	return c->owner || !token || (bearer && secret_is_equal(token, bearer, strlen(bearer)));
}

/*
 * A web page in somebody's browser can send requests to this machine too: by a name that suddenly
 * resolves to it (Host) or directly (Origin). Neither may steer us; a token says it all by itself.
 */
static bool route_caller_is_ours(const struct rest_call *c)
{
	if (c->local_only && (!c->host || !rest_host_is_local(c->host)))
		return false;
	return settings_secret(c->settings, SET_API_TOKEN, 0) || !c->origin ||
	       rest_origin_is_local(c->origin);
}

bool rest_call_start(struct rest_call *c)
{
	if (!route_caller_is_ours(c)) {
		rest_reply_error(c, 403,
		    "this server answers only requests to localhost: use http://127.0.0.1 or "
		    "http://localhost, "
		    "not another name or a page of another site");
		return false;
	}
	c->route = route_find(c);
	if (!c->route) {
		rest_reply_error(c, 404, "Not found");
		return false;
	}
	if (strcmp(c->method, "OPTIONS") == 0) {
		c->allow = route_allow[route_methods_of(c->route->path)];
		c->status = 200;
		c->text = str_dup("");
		return false;
	}
	if (!route_takes(c->route, c->method)) {
		c->allow = route_allow[route_methods_of(c->route->path)];
		rest_reply_error(c, 405, "Method not allowed; allowed: %s", c->allow);
		return false;
	}
	if (c->route->auth && !route_token_fits(c)) {
		rest_reply_error(
		    c, 401, "send the header Authorization: Bearer followed by the API_TOKEN");
		return false;
	}
	return true;
}

void rest_call_finish(struct rest_call *c)
{
	c->route->handler(c);
}
