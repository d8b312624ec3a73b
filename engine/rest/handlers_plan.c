/* Routes of the plan: as it is, changed, what if, what a job would cost. */
#include "config.h"
#include "engine/rest/route.h"
#include "engine/engine.h"
#include "engine/rest/path.h"

#include <stdlib.h>

/* The query's changes as the engine's object; names it does not know are left out. */
static char *plan_changes(const char *query)
{
	static const char *const names[] = {
	    "metadata", "videos", "discovery", "refresh", "lend", "pace"};
	json_t *changes = json_object();
	struct str value;
	char *text;

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		str_init(&value, REST_ARG_LIMIT);
		if (rest_query_get(query, names[i], &value) && value.len)
			json_object_set_new(changes, names[i], json_string(str_get(&value)));
		str_done(&value);
	}
	text = json_dumps(changes, JSON_COMPACT);
	json_decref(changes);
	return text;
}

void rest_whatif(struct rest_call *c)
{
	struct errbuf eb = {.code = ERR_OK};
	char *changes = plan_changes(c->query), *text = NULL;

	if (changes)
		text = engine_whatif_json(c->engine, changes, &eb);
	else
		err_set(&eb, ERR_NOMEM, "out of memory");
	rest_reply_text(c, text, &eb);
	free(changes);
}

/* Members that another action wants are checked too. False: the reply is made. */
static bool plan_body_fits(struct rest_call *c, const json_t *body)
{
	const char *text;
	int64_t percent;

	return rest_body_text(c, body, "stage", &text) && rest_body_text(c, body, "pace", &text) &&
	       rest_body_text(c, body, "date", &text) &&
	       rest_body_int(c, body, "percent", 0, 100, &percent);
}

/* share: {"stage": "videos", "percent": 40}; pace: {"pace": "even"}; lend: {"lend": false};
 * target: {"stage": "videos", "date": "2026-12-31"}, or "none". */
void rest_plan_action(struct rest_call *c)
{
	json_t *body = rest_body_object(c);
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	struct command command = {.action = c->route->action, .params_json = text};
	struct command_reply reply;

	if (body && !text)
		rest_reply_error(c, 503, "out of memory");
	else if (body && plan_body_fits(c, body) && rest_command(c, &command, &reply))
		rest_reply_json(c, 200, json_pack("{s:b, s:s}", "ok", 1, "message", reply.text));
	free(text);
	json_decref(body);
}

/* {"type": "batch_videos", …}: as if it were to be started. */
void rest_price(struct rest_call *c)
{
	struct errbuf eb = {.code = ERR_OK};
	json_t *body = rest_body_object(c);
	char *params = NULL, *text = NULL;
	const char *type = NULL;
	struct str name;

	if (!body)
		return;
	str_init(&name, REST_ARG_LIMIT);
	if (rest_body_text(c, body, "type", &type)) {
		str_adds(&name, type ? type : "");
		json_object_del(body, "type");
		params = json_dumps(body, JSON_COMPACT);
		if (params)
			text = engine_price_json(
			    c->engine, str_get(&name), params, rest_by(c), &c->limit, &eb);
		else
			err_set(&eb, ERR_NOMEM, "out of memory");
		rest_reply_text(c, text, &eb);
	}
	free(params);
	str_done(&name);
	json_decref(body);
}
