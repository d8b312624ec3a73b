#include "config.h"
#include "engine/rest/route.h"
#include "engine/rest/address.h"
#include "engine/rest/path.h"

#include <stdlib.h>
#include <string.h>

/* Actions are routes by themselves: a new row of ACTION_LIST is a new route. */
#define ROUTE_ARG_TYPE(action, word, help)
#define ROUTE_ARG_JOB(action, word, help) \
	{REST_POST, "/api/jobs/{id}/" word, rest_action, true, action, help},
#define ROUTE_ARG_KEY(action, word, help) \
	{REST_POST, "/api/keys/{name}/" word, rest_key_action, true, action, help},
#define ROUTE_ARG_DEAD(action, word, help) \
	{REST_POST, "/api/dead-letters/" word, rest_dead_action, true, action, help},
#define ROUTE_ARG_SCHEDULE(action, word, help) \
	{REST_POST, "/api/schedules/{name}/" word, rest_schedule_action, true, action, help},
#define ROUTE_ARG_PLAN(action, word, help) \
	{REST_POST, "/api/plan/" word, rest_plan_action, true, action, help},
#define ROUTE_ARG_CHANNEL(action, word, help) \
	{REST_POST, "/api/channels/{id}/" word, rest_action, true, action, help},
#define ROUTE_ARG_WORKER(action, word, help) \
	{REST_POST, "/api/workers/{n}/" word, rest_action, true, action, help},
#define ROUTE_ARG_SERVICE(action, word, help) \
	{REST_POST, "/api/services/{name}/" word, rest_action, true, action, help},
#define ROUTE_ARG_ALERT(action, word, help) \
	{REST_POST, "/api/alerts/{n}/" word, rest_action, true, action, help},
#define ROUTE_ARG_WORKERS(action, word, help) \
	{REST_POST, "/api/workers/" word, rest_action, true, action, help},
#define ROUTE_ARG_NODE(action, word, help) \
	{REST_POST, "/api/node/" word, rest_action, true, action, help},
#define ROUTE_ACTION(action, word, keys, arg, help, ...) ROUTE_##arg(action, word, help)

static const struct rest_route routes[] = {
    {REST_GET, "/health", rest_health, false, ACTION_COUNT, "is the process alive"},
    {REST_GET, "/api/stats", rest_stats, true, ACTION_COUNT, "counts of channels, keys and jobs"},
    {REST_GET, "/api/jobs", rest_jobs, true, ACTION_COUNT,
        "newest jobs; ?status= ?limit= ?q= ?before="},
    {REST_POST, "/api/jobs", rest_job_start, true, ACTION_JOB_START,
        "start a job: type and its parameters in one object"},
    {REST_GET, "/api/jobs/{id}", rest_job, true, ACTION_COUNT, "one job with its progress"},
    {REST_GET, "/api/plan", rest_plan, true, ACTION_COUNT,
        "stages, shares, finish times, quota by project and hour"},
    {REST_GET, "/api/plan/what-if", rest_whatif, true, ACTION_COUNT,
        "finish times with other shares; ?videos=40 … ?lend= ?pace="},
    {REST_POST, "/api/jobs/price", rest_price, true, ACTION_COUNT,
        "what a job would cost: the body of POST /api/jobs; starts nothing"},
    {REST_GET, "/api/jobs/{id}/page", rest_job_page, true, ACTION_COUNT,
        "all of one job: outcome, errors, items in hand, timeline, rate, log, parameters"},
    {REST_GET, "/api/workers", rest_workers, true, ACTION_COUNT,
        "what each worker does, what limits the work, this process, services"},
    {REST_GET, "/api/services/{name}", rest_service, true, ACTION_COUNT,
        "one service with its latencies: channels.list, an external service's name, commit …"},
    {REST_GET, "/api/alerts", rest_alerts, true, ACTION_COUNT,
        "conditions that last or ended in the last hour, and what is blocked, why, until when"},
    {REST_GET, "/api/discovery", rest_discovery, true, ACTION_COUNT,
        "methods with what they brought and cost, funnel, new channels by hour, services"},
    {REST_GET, "/api/log", rest_log, true, ACTION_COUNT,
        "lines of the log; ?after= ?before= (numbers of lines) ?level= ?job= ?source= ?q= "
        "?since= ?until= (UTC ms) ?limit="},
    {REST_GET, "/api/schedules", rest_schedules, true, ACTION_COUNT,
        "what is done again and again"},
    {REST_GET, "/api/dead-letters", rest_dead, true, ACTION_COUNT,
        "channels that were given up; ?op= ?job= ?reason= ?limit=, or ?q= ?sort= ?after="},
    {REST_GET, "/api/channels", rest_channels, true, ACTION_COUNT,
        "channels; ?page= ?per_page=, or ?q= ?sort= ?after= ?before= ?limit= ?fields= ?scan= "
        "?count="},
    {REST_GET, "/api/channels/{id}", rest_channel, true, ACTION_COUNT,
        "one channel by id, URL or @handle, with what was done with it"},
    {REST_GET, "/api/channels/{id}/videos", rest_channel_videos, true, ACTION_COUNT,
        "its videos, newest first; as channels"},
    {REST_GET, "/api/channels/{id}/discoveries", rest_channel_discoveries, true, ACTION_COUNT,
        "channels found from it; ?found=by: those that led to it"},
    {REST_GET, "/api/videos", rest_videos, true, ACTION_COUNT, "videos; as channels"},
    {REST_GET, "/api/discoveries", rest_discoveries, true, ACTION_COUNT,
        "which channel led to which, newest first; as channels"},
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
	if (!c->inside && !route_caller_is_ours(c)) {
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
	if (c->route->auth && !c->inside && !route_token_fits(c)) {
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
