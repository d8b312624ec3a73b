#include "config.h"
#include "tui/cli.h"
#include "tui/remote.h"

#include <inttypes.h>
#include <stdio.h>

enum { HEALTH_TEXT_LIMIT = 64 * 1024 };

enum cli_exit cmd_health(struct cli *c)
{
	struct errbuf eb = {.code = ERR_OK};
	enum cli_exit code = CLI_DONE;
	char listen[128] = "";
	const struct remote where = {
	    .url = listen, .cert = settings_text(c->settings, SET_TLS_CERT, 0)};
	struct str text;
	int64_t pid = 0;

	if (!engine_owner(c->data_dir, &pid, listen, sizeof listen))
		return cli_fail(
		    c, CLI_FAILED, "nothing is at work on the data folder %s", c->data_dir);
	if (!*listen)
		return cli_fail(c, CLI_FAILED,
		    "process %" PRId64 " has no REST server that could say how it is", pid);
	str_init(&text, HEALTH_TEXT_LIMIT);
	if (remote_call(&where, REMOTE_GET, "/health", NULL, &text, &eb))
		code = cli_fail(c, CLI_FAILED, "%s", err_text(&eb));
	else if (c->json)
		printf("%s\n", str_get(&text));
	else
		printf("healthy: process %" PRId64 ", %s\n", pid, listen);
	str_done(&text);
	return code;
}
