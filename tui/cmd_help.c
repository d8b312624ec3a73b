#include "config.h"
#include "tui/cli.h"

#include <stdio.h>

enum cli_exit cmd_help(struct cli *c)
{
	const struct cli_command *about = c->n_args ? cli_command_find(c->args[0]) : NULL;

	if (c->n_args && !about)
		return cli_usage(c, "there is no command \"%s\"", c->args[0]);
	cli_help(about);
	return CLI_DONE;
}

enum cli_exit cmd_version(struct cli *c)
{
	(void)c;
	printf("tubeops %s\n", PACKAGE_VERSION);
	return CLI_DONE;
}
