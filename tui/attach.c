#include "config.h"
#include "tui/attach.h"
#include "tui/console.h"
#include "tui/node_remote.h"
#include "tui/owner.h"
#include "tui/signals.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Takes the node. */
static enum cli_exit attach_show(struct cli *c, struct node *n)
{
	struct errbuf eb = {.code = ERR_OK};
	struct console_config console = {.node = n,
	    .log_path = c->log_path,
	    .colours = -1,
	    .signal_fd = signals_fd(c->signals),
	    .attach = attach_by_words,
	    .arg = c};
	enum console_exit how;

	c->log_seen = UINT64_MAX; /* of the node: the screen shows it */
	how = console_run(&console, &eb);
	node_close(n);
	return how == CONSOLE_FAILED ? cli_fail(c, CLI_FAILED, "%s", err_text(&eb)) : CLI_DONE;
}

/* ---- whoever owns the folder ---- */

/* On the wire's thread; reads the lock file and what never changes of c. */
static enum err attach_find_owner(void *arg, struct node_address *out, struct errbuf *eb)
{
	const struct cli *c = arg;
	struct owner o;
	enum err err = ERR_OK;

	if (!owner_find(c, &o))
		err = err_set(eb, ERR_NOTFOUND,
		    "no process works in %s: leave, and tubeops works here itself", c->data_dir);
	else
		err = owner_check(&o, eb);
	if (!err) {
		str_adds(&out->url, o.listen);
		out->token = o.token;
		o.token = NULL;
	}
	owner_done(&o);
	return err;
}

enum cli_exit attach_owner(struct cli *c, bool read_only)
{
	const struct node_remote_config cfg = {.name = "@local",
	    .find = attach_find_owner,
	    .arg = c,
	    .ca = settings_text(c->settings, SET_TLS_CERT, 0),
	    .own = true,
	    .read_only = read_only,
	    .types = engine_job_types()};
	struct errbuf eb = {.code = ERR_OK};
	struct node *n = node_remote_open(&cfg, &eb);

	return n ? attach_show(c, n) : cli_fail(c, CLI_FAILED, "%s", err_text(&eb));
}

/* ---- an address ---- */

enum cli_exit attach_at_place(struct cli *c, const struct attach_at *at)
{
	struct errbuf eb = {.code = ERR_OK};
	struct node *n;
	enum err err = attach_place_open(&n, c->settings, at, &eb);

	if (err == ERR_INVALID)
		return cli_usage(c, "%s", err_text(&eb));
	return err ? cli_fail(c, CLI_FAILED, "%s", err_text(&eb)) : attach_show(c, n);
}

/* ADDRESS [TOKEN-FILE [CA-FILE]] */
struct node *attach_by_words(void *arg, const char *words, struct errbuf *eb)
{
	const struct cli *c = arg;
	char *text = str_dup(words), *rest = text, *word[3] = {NULL};
	struct node *n = NULL;

	for (size_t i = 0; i < 3 && rest; i++)
		while ((word[i] = strsep(&rest, " ")) && !*word[i])
			;
	if (!text)
		err_set(eb, ERR_NOMEM, "out of memory");
	else if (!word[0])
		err_set(eb, ERR_INVALID, "write  :attach HOST:PORT [TOKEN-FILE [CA-FILE]]");
	else if (attach_place_open(&n, c->settings,
	             &(struct attach_at){.address = word[0],
	                 .token_file = word[1],
	                 .ca_file = word[2],
	                 .read_only = cli_has(c, "read-only")},
	             eb))
		n = NULL;
	free(text);
	return n;
}
