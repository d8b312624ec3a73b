#include "config.h"
#include "tui/action_route.h"
#include "tui/cli_text.h"
#include "tui/remote.h"

#include <string.h>

/* What stands before the action's word; {} is the target's place. */
static const char *const action_paths[] = {
    [ARG_TYPE] = "/api/jobs", /* and no word */
    [ARG_JOB] = "/api/jobs/{}/",
    [ARG_KEY] = "/api/keys/{}/",
    [ARG_DEAD] = "/api/dead-letters/",
    [ARG_SCHEDULE] = "/api/schedules/{}/",
    [ARG_CHANNEL] = "/api/channels/{}/",
    [ARG_PLAN] = "/api/plan/",
    [ARG_WORKER] = "/api/workers/{}/",
    [ARG_SERVICE] = "/api/services/{}/",
    [ARG_MEMBER] = "/api/nodes/{}/",
    [ARG_ALERT] = "/api/alerts/{}/",
    [ARG_LIST] = "/api/lists/",
    [ARG_WORKERS] = "/api/workers/",
    [ARG_NODE] = "/api/node/",
};

static void route_member(struct str *body, const char *name, const char *value)
{
	if (!value)
		return;
	str_addf(body, "%s\"%s\":", body->len > 1 ? "," : "", name);
	cli_add_json(body, value, strlen(value));
}

static void route_body(const struct command *c, struct str *body)
{
	const char *params = c->params_json ? strchr(c->params_json, '{') : NULL;
	enum action_arg arg = action_info(c->action)->arg;

	str_addc(body, '{');
	route_member(body, "type", arg == ARG_TYPE ? c->job_type : NULL);
	route_member(body, "stage", arg == ARG_PLAN && c->target && *c->target ? c->target : NULL);
	route_member(body, "key", c->secret);
	route_member(body, "project", c->project);
	params = params ? params + 1 : "}";
	if (body->len > 1 && params[strspn(params, " \t\r\n")] != '}')
		str_addc(body, ',');
	str_adds(body, params);
}

void action_route(const struct command *c, struct str *path, struct str *body)
{
	const struct action_info *info = action_info(c->action);
	const char *before = action_paths[info->arg], *hole = strstr(before, "{}");

	str_add(path, before, hole ? (size_t)(hole - before) : strlen(before));
	if (hole) {
		remote_segment(path, c->target && *c->target ? c->target : COMMAND_MANY);
		str_adds(path, hole + 2);
	}
	if (info->arg != ARG_TYPE)
		str_adds(path, info->word);
	route_body(c, body);
}
