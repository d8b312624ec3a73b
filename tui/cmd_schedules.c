#include "config.h"
#include "tui/cli.h"
#include "tui/cli_text.h"
#include "tui/params.h"
#include "tui/steer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SCHEDULES_TEXT_LIMIT = 1024 * 1024 };

static void schedules_print_row(struct json_node row)
{
	static const char *const columns[] = {"name", "type", "rule", "next_at", "last_at", "note"};
	static const int widths[] = {16, 16, 20, 21, 21, 0};
	struct str value;
	bool on = false;

	json_node_bool(json_node_get(row, "enabled"), &on);
	printf("%-4s", on ? "on" : "off");
	for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
		str_init(&value, 4096);
		cli_json_text(row, columns[i], &value);
		printf("%-*s ", widths[i], value.len ? str_get(&value) : "-");
		str_done(&value);
	}
	putchar('\n');
}

static void schedules_print(const char *text)
{
	struct json_reader *reader = json_reader_new(SCHEDULES_TEXT_LIMIT, 16);
	struct json_node root, row;
	struct json_walk walk;

	if (reader && json_reader_parse(reader, text, strlen(text), &root, NULL) == ERR_OK) {
		json_walk_start(&walk, root);
		while (json_walk_next(&walk, &row, NULL))
			schedules_print_row(row);
	}
	json_reader_free(reader);
}

static enum cli_exit schedules_list(struct cli *c)
{
	struct errbuf eb = {.code = ERR_OK};
	enum cli_exit code = CLI_DONE;
	struct engine *e;
	char *text;
	enum err err = cli_open(c, ENGINE_LOOK, &e, &eb);

	if (err)
		return cli_open_failed(c, err, &eb, "end it first");
	text = engine_schedules_json(e, &eb);
	if (c->json || !text) {
		code = cli_print_json(c, text, &eb);
	} else {
		schedules_print(text);
		free(text);
	}
	cli_close(c, e);
	return code;
}

/* add NAME TYPE --every 6h|--daily 03:00, and the type's parameters as options. */
static enum cli_exit schedules_add(struct cli *c, struct command *command)
{
	const struct job_type_info *type = c->n_args > 2 ? params_type(c->args[2]) : NULL;
	const char *every = cli_option(c, "every"), *daily = cli_option(c, "daily");
	enum cli_exit code = CLI_USAGE;
	struct str body;
	char *params;

	if (!type && c->n_args > 2)
		return params_unknown_type(c, c->args[2]);
	if (!type)
		return cli_usage(c, "say which job: tubeops schedules add NAME TYPE --every 6h");
	if (!every == !daily)
		return cli_usage(c, "give either --every 6h or --daily 03:00 (UTC)");
	params = params_json(c, type, NULL);
	if (!params)
		return CLI_USAGE;
	str_init(&body, SCHEDULES_TEXT_LIMIT);
	str_addf(&body, "{\"type\":\"%s\",\"params\":%s,\"rule\":", type->name, params);
	free(params);
	if (daily) {
		struct str rule;
		str_init(&rule, 256);
		str_addf(&rule, "daily %s", daily);
		cli_add_json(&body, str_get(&rule), rule.len);
		str_done(&rule);
	} else {
		cli_add_json(&body, every, strlen(every));
	}
	str_addc(&body, '}');
	command->params_json = str_get(&body);
	code = steer_do(c, command, "/api/schedules", str_get(&body));
	str_done(&body);
	return code;
}

enum cli_exit cmd_schedules(struct cli *c)
{
	const char *verb = c->n_args ? c->args[0] : "list";
	struct command command = {.action = steer_action(verb, ARG_SCHEDULE)};

	if (strcmp(verb, "list") == 0 && c->n_args < 2)
		return schedules_list(c);
	if (command.action == ACTION_COUNT)
		return cli_usage(
		    c, "\"%s\" is none of list, add, enable, disable, remove, run", verb);
	if (c->n_args < 2)
		return cli_usage(c, "say which schedule: tubeops schedules %s NAME", verb);
	command.target = c->args[1];
	if (command.action == ACTION_SCHEDULE_ADD)
		return schedules_add(c, &command);
	return steer_do(c, &command, "/api/schedules", NULL);
}
