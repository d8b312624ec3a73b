/* What the program tells of itself: help, version, settings, and the files made from its tables. */
#include "config.h"
#include "tui/cli.h"

#include <stdio.h>
#include <string.h>

enum cli_exit cmd_help(struct cli *c)
{
	const struct cli_command *about = c->n_args ? cli_command_find(c->args[0]) : NULL;

	if (c->n_args && !about)
		return cli_usage(c, "there is no command \"%s\"", c->args[0]);
	if (cli_has(c, "man"))
		cli_print_man();
	else
		cli_help(about);
	return CLI_DONE;
}

enum cli_exit cmd_version(struct cli *c)
{
	(void)c;
	printf("tubeops %s\n", PACKAGE_VERSION);
	return CLI_DONE;
}

enum cli_exit cmd_settings(struct cli *c)
{
	if (cli_has(c, "example"))
		cli_print_example();
	else
		cli_help_settings();
	return CLI_DONE;
}

enum cli_exit cmd_completions(struct cli *c)
{
	if (strcmp(c->args[0], "words") == 0)
		cli_complete(c->args + 1, c->n_args - 1);
	else if (c->n_args > 1)
		return cli_usage(c, "one shell at a time");
	else if (!cli_print_completions(c->args[0]))
		return cli_usage(
		    c, "completions are there for bash, zsh and fish, not for \"%s\"", c->args[0]);
	return CLI_DONE;
}
