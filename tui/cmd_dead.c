#include "config.h"
#include "tui/cli.h"
#include "tui/cli_text.h"
#include "tui/format.h"
#include "tui/steer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEAD_DEFAULT = 50, DEAD_MOST = 10000000, DEAD_TEXT_LIMIT = 64 * 1024 * 1024 };

/* The options and the channel ids behind the verb, as the engine's filter. */
static void dead_filter(const struct cli *c, struct str *out)
{
	static const char *const texts[] = {"op", "reason", "job"};

	str_addc(out, '{');
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		const char *value = cli_option(c, texts[i]);
		if (!value)
			continue;
		str_addf(out, "%s\"%s\":", out->len > 1 ? "," : "", texts[i]);
		cli_add_json(out, value, strlen(value));
	}
	for (int i = 1; i < c->n_args; i++) {
		str_adds(out, i > 1 ? "," : out->len > 1 ? ",\"channels\":[" : "\"channels\":[");
		cli_add_json(out, c->args[i], strlen(c->args[i]));
	}
	if (c->n_args > 1)
		str_addc(out, ']');
	if (cli_has(c, "all"))
		str_addf(out, "%s\"all\":true", out->len > 1 ? "," : "");
	str_addc(out, '}');
}

static void dead_print_texts(struct json_node row, const char *const *names, size_t n)
{
	struct str value;

	for (size_t i = 0; i < n; i++) {
		str_init(&value, 4096);
		cli_json_text(row, names[i], &value);
		printf("%-*s ", i + 1 == n ? 0 : 12, str_get(&value));
		str_done(&value);
	}
}

static void dead_print(const char *text)
{
	static const char *const of_reason[] = {"op", "reason"};
	static const char *const of_letter[] = {
	    "channel_id", "op", "at", "job", "reason", "message"};
	struct json_reader *reader = json_reader_new(DEAD_TEXT_LIMIT, 16);
	struct json_node root, row;
	struct json_walk walk;
	char n[FORMAT_SIZE];
	int64_t sum = 0;

	if (reader && json_reader_parse(reader, text, strlen(text), &root, NULL) == ERR_OK) {
		json_walk_start(&walk, json_node_get(root, "reasons"));
		while (json_walk_next(&walk, &row, NULL)) {
			int64_t letters = cli_json_int(row, "letters", 0);
			sum += letters;
			printf("%12s  ", format_full(n, letters));
			dead_print_texts(row, of_reason, 2);
			putchar('\n');
		}
		printf("%12s  dead letters\n", format_full(n, sum));
		json_walk_start(&walk, json_node_get(root, "letters"));
		while (json_walk_next(&walk, &row, NULL)) {
			dead_print_texts(row, of_letter, 6);
			putchar('\n');
		}
	}
	json_reader_free(reader);
}

static enum cli_exit dead_list(struct cli *c, const char *filter)
{
	struct errbuf eb = {.code = ERR_OK};
	int64_t limit = DEAD_DEFAULT;
	struct engine *e;
	enum cli_exit code;
	enum err err;
	char *text;

	if (!cli_option_number(c, "limit", 0, DEAD_MOST, &limit))
		return CLI_USAGE;
	err = cli_open(c, ENGINE_LOOK, &e, &eb);
	if (err)
		return cli_open_failed(c, err, &eb, "end it first");
	text = engine_dead_json(e, filter, limit, &eb);
	if (c->json || !text) {
		code = cli_print_json(c, text, &eb);
	} else {
		dead_print(text);
		free(text);
		code = CLI_DONE;
	}
	cli_close(c, e);
	return code;
}

enum cli_exit cmd_dead(struct cli *c)
{
	const char *verb = c->n_args ? c->args[0] : "list";
	struct command command = {.action = steer_action(verb, ARG_DEAD)};
	enum cli_exit code;
	struct str filter;

	str_init(&filter, DEAD_TEXT_LIMIT);
	dead_filter(c, &filter);
	command.params_json = str_get(&filter);
	if (strcmp(verb, "list") == 0)
		code = dead_list(c, str_get(&filter));
	else if (command.action != ACTION_COUNT)
		code = steer_do(c, &command, "/api/dead-letters", str_get(&filter));
	else
		code = cli_usage(c, "\"%s\" is none of list, retry, drop", verb);
	str_done(&filter);
	return code;
}
