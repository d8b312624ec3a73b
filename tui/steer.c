#include "config.h"
#include "tui/steer.h"
#include "tui/cli_text.h"
#include "tui/owner.h"
#include "tui/remote.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { STEER_TEXT_LIMIT = 64 * 1024 };

enum action steer_action(const char *word, enum action_arg arg)
{
	int a = 0;

	while (a < ACTION_COUNT && (action_info((enum action)a)->arg != arg ||
	                               strcmp(action_info((enum action)a)->word, word) != 0))
		a++;
	return (enum action)a;
}

void steer_words(enum action_arg arg, struct str *out)
{
	for (int a = 0; a < ACTION_COUNT; a++) {
		const struct action_info *info = action_info((enum action)a);
		if (info->arg == arg)
			str_addf(out, "%s%s", out->len ? ", " : "", info->word);
	}
}

static void steer_print(const struct cli *c, const char *text)
{
	struct str json;

	if (!c->json) {
		printf("%s\n", text);
		return;
	}
	str_init(&json, 8 * STEER_TEXT_LIMIT);
	str_adds(&json, "{\"message\":");
	cli_add_json(&json, text, strlen(text));
	printf("%s,\"ok\":true}\n", str_get(&json));
	str_done(&json);
}

static enum cli_exit steer_here(struct cli *c, struct engine *e, struct command *command)
{
	struct errbuf eb = {.code = ERR_OK};
	struct command_reply reply = {.err = ERR_OK};
	enum err err = engine_command(e, command, &reply, &eb);

	if (!err)
		err = reply.err;
	if (err)
		return cli_fail(c, err == ERR_QUOTA ? CLI_QUOTA : CLI_FAILED, "%s",
		    eb.text[0]      ? eb.text
		    : reply.text[0] ? reply.text
		                    : err_word(err));
	steer_print(c, reply.text);
	return CLI_DONE;
}

/* POSTs to the process that owns the data folder and prints its message. */
static enum cli_exit steer_post(struct cli *c, const char *path, const char *body)
{
	struct errbuf eb = {.code = ERR_OK};
	enum cli_exit code = CLI_DONE;
	struct owner o;
	struct str text;

	if (!owner_find(c, &o))
		return cli_fail(
		    c, CLI_FAILED, "the process that owned %s just ended: try again", c->data_dir);
	str_init(&text, STEER_TEXT_LIMIT);
	if (owner_say(&o, path, body, &text, &eb))
		code = cli_fail(c, CLI_FAILED, "%s", err_text(&eb));
	else
		steer_print(c, str_get(&text));
	str_done(&text);
	owner_done(&o);
	return code;
}

static enum cli_exit steer_there(
    struct cli *c, const struct command *command, const char *path, const char *body)
{
	struct str full;
	enum cli_exit code;

	str_init(&full, STEER_TEXT_LIMIT);
	str_addf(&full, "%s/", path);
	if (command->target) {
		remote_segment(&full, command->target);
		str_addc(&full, '/');
	}
	str_adds(&full, action_info(command->action)->word);
	code = full.err ? cli_fail(c, CLI_FAILED, "the name is too long")
	                : steer_post(c, str_get(&full), body);
	str_done(&full);
	return code;
}

enum cli_exit steer_do(struct cli *c, struct command *command, const char *path, const char *body)
{
	struct errbuf eb = {.code = ERR_OK};
	enum cli_exit code;
	struct engine *e;
	enum err err;

	command->by = "cli";
	err = cli_open(c, ENGINE_OWN, &e, &eb);
	if (err == ERR_BUSY)
		return steer_there(c, command, path, body);
	if (err)
		return cli_open_failed(c, err, &eb, "end it first");
	code = steer_here(c, e, command);
	cli_close(c, e);
	return code;
}
