#include "config.h"
#include "tui/attach.h"
#include "tui/cli.h"
#include "tui/console.h"
#include "tui/handover.h"
#include "tui/headless.h"
#include "tui/owner.h"
#include "tui/signals.h"
#include "engine/base/clock.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

enum { CONSOLE_OWNER_MS = 1000 };

#define CONSOLE_ANY_PORT "127.0.0.1:0"

/*
 * Somebody who only watches the screen need not have the port; who names an address means it. The
 * commands of this user find another port by the lock file.
 */
static enum err console_listen(
    struct cli *c, struct engine *e, const char *address, struct errbuf *eb)
{
	enum err err = address ? engine_listen(e, address, NULL, eb) : ERR_OK;

	if (!err || settings_is_set(c->settings, SET_LISTEN, 0))
		return err;
	log_at(c->log, LOG_WARNING, "console", 0, "%s; another port serves", err_text(eb));
	if (engine_listen(e, CONSOLE_ANY_PORT, NULL, eb))
		log_at(c->log, LOG_WARNING, "console", 0, "no REST server: %s", err_text(eb));
	return ERR_OK;
}

/* Nobody left: the terminal went away. */
static void console_lost(struct cli *c, struct engine *e)
{
	if (!signals_stop_asked(c->signals) && headless_wanted(c, e))
		headless_run(c);
}

static bool console_told(void *arg, const char *what)
{
	struct cli *c = arg;

	log_at(c->log, LOG_DEBUG, "console", 0, "hand-over: %s", what);
	return !signals_stop_asked(c->signals);
}

/* Goes on in a process of its own; says where. Frees the engine. */
static enum cli_exit console_hand_over(struct cli *c, struct engine *e)
{
	struct errbuf eb = {.code = ERR_OK};
	struct spawned s;

	if (handover_run(c, e, console_told, c, &s, &eb))
		return cli_fail(c, CLI_FAILED,
		    "%s; all is stored, and the jobs go on at the next start", err_text(&eb));
	fprintf(stderr,
	    "tubeops: process %" PRId64
	    " goes on without a screen%s%s; tubeops status shows it, tubeops stop ends it\n",
	    s.pid, *s.url ? ", at " : "", s.url);
	return CLI_DONE;
}

/* Frees the engine. */
static enum cli_exit console_show(struct cli *c, struct engine *e)
{
	struct console_config cfg = {.log_path = c->log_path,
	    .colours = -1,
	    .signal_fd = signals_fd(c->signals),
	    .attach = attach_by_words,
	    .arg = c};
	struct errbuf eb = {.code = ERR_OK};
	enum cli_exit code = CLI_DONE;
	enum console_exit how;

	cfg.node = node_local_open(e, cli_has(c, "read-only"));
	if (!cfg.node) {
		cli_close(c, e);
		return cli_fail(c, CLI_FAILED, "out of memory");
	}
	/* the screen shows warnings itself */
	c->log_seen = UINT64_MAX;
	how = console_run(&cfg, &eb);
	node_close(cfg.node);
	if (how == CONSOLE_HANDOVER)
		return console_hand_over(c, e);
	if (how == CONSOLE_FAILED)
		code = cli_fail(c, CLI_FAILED, "%s", err_text(&eb));
	else if (how == CONSOLE_LOST || signals_hung_up(c->signals))
		console_lost(c, e);
	cli_close(c, e);
	return code;
}

/* A second console is one of the process that has the folder, when it can be asked. */
static bool console_can_attach(const struct cli *c)
{
	int64_t until = clock_mono_ms() + CONSOLE_OWNER_MS;
	struct errbuf eb;
	bool can = false;

	while (!can && clock_mono_ms() < until) {
		struct owner o;
		if (!owner_find(c, &o))
			return false;
		can = owner_check(&o, &eb) == ERR_OK;
		owner_done(&o);
		if (!can)
			clock_sleep_ms(CONSOLE_OWNER_MS / 10); /* it may just begin */
	}
	return can;
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
	if (headless_check(c, &eb))
		return cli_fail(c, CLI_FAILED, "%s", err_text(&eb));
	cfg.resume_interrupted = true;
	cfg.held = true;
	err = engine_open(&e, &cfg, &eb);
	if (err == ERR_BUSY && console_can_attach(c))
		return attach_owner(c, cli_has(c, "read-only"));
	if (err)
		return cli_open_failed(c, err, &eb,
		    "tubeops status and tubeops jobs show what it does; end it first to work here");
	signals_set_engine(c->signals, e);
	err = console_listen(c, e, listen, &eb);
	if (!err)
		err = cli_start_job(c, e, &eb);
	if (!err) {
		engine_start(e);
		return console_show(c, e);
	}
	code = cli_fail(c, CLI_FAILED, "%s", err_text(&eb));
	cli_close(c, e);
	return code;
}
