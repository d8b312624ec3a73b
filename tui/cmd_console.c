#include "config.h"
#include "tui/cli.h"
#include "tui/console.h"
#include "tui/signals.h"

#include <stdint.h>
#include <unistd.h>

/* Somebody who only watches the screen need not have the port; who names an address means it. */
static enum err console_listen(
    struct cli *c, struct engine *e, const char *address, struct errbuf *eb)
{
	enum err err = address ? engine_listen(e, address, NULL, eb) : ERR_OK;

	if (!err || settings_is_set(c->settings, SET_LISTEN, 0))
		return err;
	log_at(c->log, LOG_WARNING, "console", 0, "no REST server: %s", err_text(eb));
	return ERR_OK;
}

static enum cli_exit console_show(struct cli *c, struct engine *e)
{
	struct console_config cfg = {
	    .log_path = c->log_path, .colours = -1, .signal_fd = signals_fd(c->signals)};
	struct errbuf eb = {.code = ERR_OK};
	enum console_exit reason;

	cfg.node = node_local_open(e, cli_has(c, "read-only"));
	if (!cfg.node)
		return cli_fail(c, CLI_FAILED, "out of memory");
	/* the screen shows warnings itself */
	c->log_seen = UINT64_MAX;
	reason = console_run(&cfg, &eb);
	node_close(cfg.node);
	if (reason == CONSOLE_FAILED)
		return cli_fail(c, CLI_FAILED, "%s", err_text(&eb));
	return CLI_DONE;
}

enum cli_exit cmd_console(struct cli *c)
{
	struct engine_config cfg = cli_engine_config(c, ENGINE_WORK);
	struct errbuf eb = {.code = ERR_OK};
	const char *listen = c->no_rest ? NULL : settings_text(c->settings, SET_LISTEN, 0);
	enum cli_exit code;
	struct engine *e;
	enum err err;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return cli_usage(c, "the console needs a terminal; without one use tubeops serve "
		                    "to work and tubeops status to "
		                    "look");
	cfg.resume_interrupted = true;
	cfg.held = true;
	err = engine_open(&e, &cfg, &eb);
	if (err)
		return cli_open_failed(c, err, &eb,
		    "tubeops status and tubeops jobs show what it does; end it first to work here");
	signals_set_engine(c->signals, e);
	err = console_listen(c, e, listen, &eb);
	if (!err)
		err = cli_start_job(c, e, &eb);
	if (!err)
		engine_start(e);
	code = err ? cli_fail(c, CLI_FAILED, "%s", err_text(&eb)) : console_show(c, e);
	cli_close(c, e);
	return code;
}
