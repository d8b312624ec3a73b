#include "config.h"
#include "tui/cli.h"
#include "tui/cli_text.h"
#include "tui/format.h"
#include "tui/notify.h"
#include "tui/signals.h"
#include "tui/spawn.h"

#include <inttypes.h>
#include <signal.h>
#include <poll.h>
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

/* ---- at work ---- */

/* What cannot be told is no reason to stop the work. */
static void serve_tell(struct cli *c, enum err err, const struct errbuf *eb)
{
	if (err)
		log_at(c->log, LOG_WARNING, "serve", 0, "%s", err_text(eb));
}

/*
 * A snapshot needs every lock of the engine: one that hangs gets no beat, and is started anew by the
 * service manager's watchdog.
 */
static void serve_beat(struct cli *c, struct engine *e, const struct notify *n)
{
	const struct snapshot *s = engine_snapshot(e);
	char used[FORMAT_SIZE], day[FORMAT_SIZE];
	struct errbuf eb = {.code = ERR_OK};

	if (!s)
		return;
	serve_tell(c,
	    notify_send(n, &eb,
	        "%sSTATUS=%" PRId64 " jobs running, %" PRId64 " waiting; %s of %s units today",
	        notify_beat(n), s->jobs_running, s->jobs_waiting, format_full(used, s->units_used),
	        format_full(day, s->units_per_day)),
	    &eb);
	snapshot_unref(s);
}

/* Until somebody asks for a stop. */
static void serve_wait(struct cli *c, struct engine *e)
{
	struct pollfd asked = {.fd = signals_fd(c->signals), .events = POLLIN};
	struct errbuf eb = {.code = ERR_OK};
	struct notify *n = NULL;

	serve_tell(c, notify_open(&n, &eb), &eb);
	serve_tell(c, notify_send(n, &eb, "READY=1"), &eb);
	do {
		if (n)
			serve_beat(c, e, n);
		poll(&asked, 1, notify_every_ms(n));
	} while (!signals_stop_asked(c->signals));
	serve_tell(c,
	    notify_send(n, &eb, "STOPPING=1\nSTATUS=calls in flight may end, then all is stored"),
	    &eb);
	notify_close(n);
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
		serve_wait(c, e);
		log_at(c->log, LOG_INFO, "serve", 0,
		    "stopping: calls in flight may end, then all is stored");
	}
	cli_close(c, e);
	return code;
}
