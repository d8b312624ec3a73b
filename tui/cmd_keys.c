#include "config.h"
#include "tui/ask.h"
#include "tui/cli.h"
#include "tui/cli_text.h"
#include "tui/format.h"
#include "tui/steer.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { KEYS_SECRET_LIMIT = 512, KEYS_TEXT_LIMIT = 8192, KEYS_QUOTA_MOST = 1000000000 };

static void keys_print(const struct snapshot *s)
{
	char used[FORMAT_SIZE], limit[FORMAT_SIZE], until[CLI_TIME_SIZE];

	if (!s->n_keys)
		printf("no keys: set YOUTUBE_API_KEY_1, or tubeops keys add\n");
	for (size_t i = 0; i < s->n_keys; i++) {
		const struct snapshot_key *k = &s->keys[i];
		printf("%-20s %-16s %-6s %-9s %11s of %-11s %s", k->name, k->project, k->print,
		    k->state, format_full(used, k->used), format_full(limit, k->limit), k->reason);
		if (k->until)
			printf("%suntil %s", k->reason[0] ? ", " : "", cli_when(k->until, until));
		putchar('\n');
	}
}

static enum cli_exit keys_list(struct cli *c)
{
	struct errbuf eb = {.code = ERR_OK};
	const struct snapshot *s;
	enum cli_exit code = CLI_DONE;
	struct engine *e;
	/* as an owner, keys of the settings that were never used are known too */
	enum err err = cli_open(c, ENGINE_OWN, &e, &eb);

	if (err == ERR_BUSY)
		err = cli_open(c, ENGINE_LOOK, &e, &eb);
	if (err)
		return cli_open_failed(c, err, &eb, "end it first");
	if (c->json) {
		code = cli_print_json(c, engine_keys_json(e, &eb), &eb);
	} else {
		s = engine_snapshot(e);
		if (s)
			keys_print(s);
		else
			code = cli_fail(c, CLI_FAILED, "out of memory");
		snapshot_unref(s);
	}
	cli_close(c, e);
	return code;
}

/* What POST /api/keys/NAME/add wants, when another process must do it. */
static void keys_body(const struct command *command, int64_t quota, struct str *body)
{
	str_adds(body, "{\"key\":");
	cli_add_json(body, command->secret, strlen(command->secret));
	if (command->project) {
		str_adds(body, ",\"project\":");
		cli_add_json(body, command->project, strlen(command->project));
	}
	if (quota)
		str_addf(body, ",\"quota\":%" PRId64, quota);
	str_addc(body, '}');
}

static enum cli_exit keys_add(struct cli *c, struct command *command)
{
	struct errbuf eb = {.code = ERR_OK};
	struct str secret, body, params;
	enum cli_exit code;
	int64_t quota = 0;

	if (!command->target)
		command->target = cli_option(c, "name");
	if (!command->target || !*command->target)
		return cli_usage(c, "keys add needs a name for the key: tubeops keys add NAME");
	if (!cli_option_number(c, "quota", 1, KEYS_QUOTA_MOST, &quota))
		return CLI_USAGE;
	command->project = cli_option(c, "project");
	str_init(&secret, KEYS_SECRET_LIMIT);
	str_init(&body, KEYS_TEXT_LIMIT);
	str_init(&params, KEYS_TEXT_LIMIT);
	if (ask_secret("YouTube API key (not shown): ", &secret, &eb)) {
		code = cli_fail(c, CLI_FAILED, "%s", err_text(&eb));
	} else if (!secret.len) {
		code = cli_fail(
		    c, CLI_FAILED, "no key was given: type it, or send it to standard input");
	} else {
		command->secret = str_get(&secret);
		if (quota)
			str_addf(&params, "{\"quota\":%" PRId64 "}", quota);
		command->params_json = quota ? str_get(&params) : NULL;
		if (str_room(&body, body.limit))
			keys_body(command, quota, &body);
		code = body.err
		           ? cli_fail(c, CLI_FAILED, "the key, its name or project is too long")
		           : steer_do(c, command, "/api/keys", str_get(&body));
	}
	ask_wipe(&secret);
	ask_wipe(&body);
	str_done(&params);
	return code;
}

static enum cli_exit keys_group(struct cli *c, struct command *command)
{
	enum cli_exit code;
	struct str body;

	command->project = cli_option(c, "project");
	if (!command->target || !command->project)
		return cli_usage(c, "which key, and into which project? tubeops keys group NAME "
		                    "--project PROJECT");
	str_init(&body, KEYS_TEXT_LIMIT);
	str_adds(&body, "{\"project\":");
	cli_add_json(&body, command->project, strlen(command->project));
	str_addc(&body, '}');
	code = body.err ? cli_fail(c, CLI_FAILED, "the project's name is too long")
	                : steer_do(c, command, "/api/keys", str_get(&body));
	str_done(&body);
	return code;
}

enum cli_exit cmd_keys(struct cli *c)
{
	struct command command = {.action = steer_action(c->args[0], ARG_KEY),
	    .target = c->n_args > 1 ? c->args[1] : NULL};
	struct str words;
	enum cli_exit code;

	if (strcmp(c->args[0], "list") == 0)
		return keys_list(c);
	if (command.action == ACTION_KEY_ADD)
		return keys_add(c, &command);
	if (command.action == ACTION_KEY_GROUP)
		return keys_group(c, &command);
	if (command.action != ACTION_COUNT && command.target)
		return steer_do(c, &command, "/api/keys", NULL);
	if (command.action != ACTION_COUNT)
		return cli_usage(c,
		    "which key? tubeops keys %s NAME; tubeops keys list shows the names",
		    c->args[0]);
	str_init(&words, KEYS_TEXT_LIMIT);
	steer_words(ARG_KEY, &words);
	code = cli_usage(
	    c, "\"%s\" cannot be done to a key; there are: list, %s", c->args[0], str_get(&words));
	str_done(&words);
	return code;
}
