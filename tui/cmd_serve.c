#include "config.h"
#include "tui/cli.h"
#include "tui/cli_text.h"
#include "tui/signals.h"
#include "tui/spawn.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { SERVE_URL_LIMIT = 512 };

/* The address with the port that the system gave, when 0 was asked for. port 0: without REST. */
static void serve_announce(const struct cli *c, int port)
{
	const char *listen = settings_text(c->settings, SET_LISTEN, 0);
	const char *colon = strrchr(listen, ':');
	struct str url, json;

	str_init(&url, SERVE_URL_LIMIT);
	str_init(&json, 8 * SERVE_URL_LIMIT);
	str_addf(&url, "%s://%.*s:%d",
	    *settings_text(c->settings, SET_TLS_CERT, 0) ? "https" : "http",
	    colon ? (int)(colon - listen) : 0, listen, port);
	if (port)
		fprintf(stderr, "tubeops: listening on %s\n", str_get(&url));
	else
		fprintf(stderr, "tubeops: working without REST, as --no-rest says\n");
	if (port)
		log_at(c->log, LOG_DEBUG, "serve", 0, "listening on %s", str_get(&url));
	if (c->json) {
		cli_add_json(&json, str_get(&url), url.len);
		printf("{\"listen\":%s,\"pid\":%lld}\n", port ? str_get(&json) : "null",
		    (long long)getpid());
		fflush(stdout); /* whoever reads it waits for it */
	}
	str_done(&json);
	str_done(&url);
}

/* ---- in the background ---- */

static bool serve_go_on(void *arg)
{
	struct cli *c = arg;

	return !signals_stop_asked(c->signals);
}

static enum cli_exit serve_background(struct cli *c)
{
	struct spawn_config cfg = {
	    .listen = c->listen_option, .no_rest = c->no_rest, .start = cli_option(c, "start")};
	struct errbuf eb = {.code = ERR_OK};
	struct spawned s;
	enum err err = spawn_serve(c, &cfg, serve_go_on, c, &s, &eb);

	if (err == ERR_CANCELLED)
		kill((pid_t)s.pid, SIGTERM);
	if (err)
		return cli_fail(c, CLI_FAILED, "%s", err_text(&eb));
	if (c->json)
		printf("{\"listen\":%s%s%s,\"pid\":%" PRId64 "}\n", *s.url ? "\"" : "",
		    *s.url ? s.url : "null", *s.url ? "\"" : "", s.pid);
	else
		printf("process %" PRId64 " works in %s%s%s; tubeops stop ends it\n", s.pid,
		    c->data_dir, *s.url ? " and answers at " : ", without REST", s.url);
	return CLI_DONE;
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

	if (cli_has(c, "background"))
		return serve_background(c);
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
		serve_announce(c, port);
		signals_wait(c->signals);
		log_at(c->log, LOG_INFO, "serve", 0,
		    "stopping: calls in flight may end, then all is stored");
	}
	cli_close(c, e);
	return code;
}
