#include "config.h"
#include "engine/rest/route.h"
#include "engine/rest/address.h"
#include "engine/rest/path.h"
#include "engine/engine.h"

#include <stdlib.h>
#include <string.h>

/* Actions are routes by themselves: a new row of ACTION_LIST is a new route. */
#define ROUTE(methods_, path_, handler_, auth_, action_, how_, help_, ...)              \
	{                                                                               \
		.methods = methods_, .path = path_, .handler = handler_, .auth = auth_, \
		.action = action_, .how = how_, .help = help_, __VA_ARGS__              \
	}
#define GET(path_, handler_, help_, ...) \
	ROUTE(REST_GET, path_, handler_, true, ACTION_COUNT, 0, help_, __VA_ARGS__)
/* Whatever changes something waits for its commit: not on a thread of the server. */
#define POST(path_, handler_, action_, help_, ...) \
	ROUTE(REST_POST, path_, handler_, true, action_, REST_SLOW, help_, __VA_ARGS__)

#define ROUTE_ARG_TYPE(action, word, help)
#define ROUTE_ARG_JOB(action, word, help) POST("/api/jobs/{id}/" word, rest_action, action, help),
#define ROUTE_ARG_KEY(action, word, help) \
	POST("/api/keys/{name}/" word, rest_key_action, action, help),
#define ROUTE_ARG_DEAD(action, word, help) \
	POST("/api/dead-letters/" word, rest_dead_action, action, help),
#define ROUTE_ARG_SCHEDULE(action, word, help) \
	POST("/api/schedules/{name}/" word, rest_schedule_action, action, help),
#define ROUTE_ARG_CHANNEL(action, word, help) \
	POST("/api/channels/{id}/" word, rest_action, action, help),
#define ROUTE_ACTION(action, word, key, arg, help) ROUTE_##arg(action, word, help)

static const struct rest_route routes[] = {
    ROUTE(REST_GET, "/health", rest_health, false, ACTION_COUNT, REST_LIVE, "is the process alive"),
    GET("/api/stats", rest_json, "counts of channels, keys and jobs", .json = engine_stats_json),
    GET("/api/system-status", rest_json, "counts, keys and the newest jobs",
        .json = engine_system_status_json),
    GET("/api/redis-test", rest_json, "is Redis there", .json = engine_redis_json),
    GET("/api/worker-status", rest_json, "the workers and what they did",
        .json = engine_worker_status_json),
    GET("/api/api-keys", rest_json, "keys as the original listed them",
        .json = engine_api_keys_json),
    GET("/api/keys", rest_json, "keys with their projects and states", .json = engine_keys_json),
    GET("/api/snapshot", rest_json, "all that the console shows", .json = engine_snapshot_json),
    GET("/api/jobs", rest_jobs, "newest jobs; ?status= ?limit="),
    POST("/api/jobs", rest_job_start, ACTION_JOB_START,
        "start a job: type and its parameters in one object"),
    GET("/api/jobs/{id}", rest_job, "one job with its progress"),
    GET("/api/schedules", rest_json, "what is done again and again", .json = engine_schedules_json),
    GET("/api/dead-letters", rest_dead, "channels that were given up; ?op= ?job= ?reason= ?limit="),
    POST("/api/migrate", rest_migrate, ACTION_JOB_START,
        "start an import; source_path (below IMPORT_ROOT, or a database of MIGRATE_HOSTS), "
        "source_type, batch_size"),
    POST("/api/batch-metadata", rest_batch, ACTION_JOB_START,
        "start a metadata job; batch_size, total_limit"),
    POST("/api/batch-videos", rest_batch, ACTION_JOB_START,
        "start a videos job; batch_size, total_limit"),
    POST("/api/batch-discovery", rest_batch, ACTION_JOB_START,
        "start a discovery job; batch_size, total_limit"),
    POST("/api/legacy-fetch-metadata", rest_legacy_fetch, ACTION_JOB_START,
        "start a job for the channels that are named; channel_ids, limit"),
    ROUTE(REST_POST, "/api/bulk-add-channels", rest_bulk_add, true, ACTION_COUNT, REST_BULK,
        "add channels from the body; channels, source"),
    POST("/api/add-sample-channels", rest_json, ACTION_COUNT, "add five known channels",
        .json = engine_add_samples_json),
    POST("/api/test-youtube", rest_json, ACTION_COUNT, "try a key with one call (1 unit)",
        .json = engine_youtube_test_json),
    POST("/api/fetch-sample-metadata", rest_sample_metadata, ACTION_COUNT,
        "fetch the metadata of at most 3 channels and wait for it"),
    POST("/api/fetch-sample-videos", rest_sample_videos, ACTION_COUNT,
        "fetch the newest videos of at most 2 channels and wait for them"),
    ACTION_LIST(ROUTE_ACTION){.path = NULL},
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

static bool route_token_fits(const struct rest_call *c)
{
	const struct secret *token = settings_secret(c->settings, SET_API_TOKEN, 0);
	const char *sent = c->authorization;

	if (!token)
		return true;
	if (!sent || strlen(sent) < 7)
		return false;
	/* the scheme's word is free in case, RFC 9110 11.1 */
	if ((sent[0] | 32) != 'b' || (sent[1] | 32) != 'e' || (sent[2] | 32) != 'a' ||
	    (sent[3] | 32) != 'r' || (sent[4] | 32) != 'e' || (sent[5] | 32) != 'r' ||
	    sent[6] != ' ')
		return false;
	return secret_is_equal(token, sent + 7, strlen(sent + 7));
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

/* A page of another site can send forms and plain texts without asking, but no JSON. */
static bool route_body_is_json(const struct rest_call *c)
{
	return (!c->body_len && !c->upload) ||
	       (c->content_type && rest_is_json_type(c->content_type));
}

void rest_call_finish(struct rest_call *c)
{
	if (route_body_is_json(c))
		c->route->handler(c);
	else
		rest_reply_error(
		    c, 415, "send the body with the header Content-Type: application/json");
}
