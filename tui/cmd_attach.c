/* tubeops attach: the console on another node. */
#include "config.h"
#include "tui/attach.h"
#include "tui/cli.h"

#include <unistd.h>

enum cli_exit cmd_attach(struct cli *c)
{
	int64_t pid;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return cli_usage(c, "the console needs a terminal; without one use curl and the "
		                    "node's /api/snapshot");
	if (!c->n_args && !engine_owner(c->data_dir, &pid, NULL, 0))
		return cli_fail(c, CLI_FAILED,
		    "no process works in %s: name a node's address, or begin with tubeops serve",
		    c->data_dir);
	if (!c->n_args)
		return attach_owner(c, cli_has(c, "read-only"));
	return attach_at_place(c, &(struct attach_at){.address = c->args[0],
	                              .token_file = cli_option(c, "token-file"),
	                              .ca_file = cli_option(c, "ca-file"),
	                              .read_only = cli_has(c, "read-only")});
}
