#include "config.h"
#include "tui/cli.h"
#include "tui/cli_text.h"
#include "tui/format.h"
#include "tui/notify.h"
#include "tui/signals.h"

#include <inttypes.h>
#include <poll.h>
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
		serve_wait(c, e);
		log_at(c->log, LOG_INFO, "serve", 0,
		    "stopping: calls in flight may end, then all is stored");
	}
	cli_close(c, e);
	return code;
}
