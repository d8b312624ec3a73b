#include "config.h"
#include "tui/cli.h"
#include "tui/cli_text.h"
#include "tui/signals.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { SERVE_URL_LIMIT = 512 };

/* The address with the port that the system gave, when 0 was asked for. */
static void serve_announce(const struct cli *c, int port)
{
	const char *listen = settings_text(c->settings, SET_LISTEN, 0);
	const char *colon = strrchr(listen, ':');
	struct str url;

	str_init(&url, SERVE_URL_LIMIT);
	str_addf(&url, "%s://%.*s:%d",
	    *settings_text(c->settings, SET_TLS_CERT, 0) ? "https" : "http",
	    colon ? (int)(colon - listen) : 0, listen, port);
	fprintf(stderr, "tubeops: listening on %s\n", str_get(&url));
	log_at(c->log, LOG_DEBUG, "serve", 0, "listening on %s", str_get(&url));
	str_done(&url);
}

enum cli_exit cmd_serve(struct cli *c)
{
	struct engine_config cfg = cli_engine_config(c, ENGINE_WORK);
	struct errbuf eb = {.code = ERR_OK};
	struct engine *e = NULL;
	enum cli_exit code = CLI_DONE;
	const char *listen = c->no_rest ? NULL : settings_text(c->settings, SET_LISTEN, 0);
	int port = 0;
	enum err err;

	cfg.resume_interrupted = true;
	cfg.held = true; /* no unit is spent before the address is ours */
	err = engine_open(&e, &cfg, &eb);
	if (err)
		return cli_open_failed(
		    c, err, &eb, "it does the work already; end it first to start another");
	signals_set_engine(c->signals, e);
	if (listen)
		err = engine_listen(e, listen, &port, &eb);
	if (!err)
		err = cli_start_job(c, e, &eb);
	if (err) {
		code = cli_fail(c, CLI_FAILED, "%s", err_text(&eb));
	} else {
		engine_start(e);
		if (listen)
			serve_announce(c, port);
		else
			fprintf(stderr, "tubeops: working without REST, as --no-rest says\n");
		signals_wait(c->signals);
		log_at(c->log, LOG_INFO, "serve", 0,
		    "stopping: calls in flight may end, then all is stored");
	}
	cli_close(c, e);
	return code;
}
