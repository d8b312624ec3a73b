#include "config.h"
#include "tui/attach.h"
#include "tui/console.h"
#include "tui/node_remote.h"
#include "tui/owner.h"
#include "tui/signals.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { ATTACH_NAME = 64 };

static enum cli_exit attach_show(struct cli *c, const struct node_remote_config *cfg)
{
	struct errbuf eb = {.code = ERR_OK};
	struct console_config console = {
	    .log_path = c->log_path, .colours = -1, .signal_fd = signals_fd(c->signals)};
	enum console_exit how;

	console.node = node_remote_open(cfg, &eb);
	if (!console.node)
		return cli_fail(c, CLI_FAILED, "%s", err_text(&eb));
	c->log_seen = UINT64_MAX; /* of the node: the screen shows it */
	how = console_run(&console, &eb);
	node_close(console.node);
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

	return attach_show(c, &cfg);
}

/* ---- an address ---- */

struct attach_place {
	const char *url;
	const struct secret *token;
};

static enum err attach_find_place(void *arg, struct node_address *out, struct errbuf *eb)
{
	const struct attach_place *p = arg;

	str_adds(&out->url, p->url);
	out->token = p->token ? secret_copy(p->token) : NULL;
	return out->url.err || (p->token && !out->token) ? err_set(eb, ERR_NOMEM, "out of memory")
	                                                 : ERR_OK;
}

enum cli_exit attach_url(
    struct cli *c, const char *url, const struct secret *token, const char *ca, bool read_only)
{
	struct attach_place place = {url, token};
	struct node_remote_config cfg = {.find = attach_find_place,
	    .arg = &place,
	    .ca = ca,
	    .read_only = read_only,
	    .types = engine_job_types()};
	const char *host = strstr(url, "://");
	char name[ATTACH_NAME];

	snprintf(name, sizeof name, "@%.60s", host ? host + 3 : url);
	cfg.name = name;
	return attach_show(c, &cfg);
}
