/* tubeops demo, tubeops screen: the console on made-up data, and one view of it as text. */
#include "config.h"
#include "tui/cli.h"
#include "tui/console.h"
#include "tui/demo/demo.h"
#include "tui/session.h"
#include "tui/signals.h"
#include "tui/view.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SCREEN_W = 80, SCREEN_H = 24, SCREEN_MOST = 1000, SCREEN_PATIENCE_MS = 5000 };

static struct node *demo_node(const struct cli *c, bool live)
{
	struct demo_config cfg = {.scenario = cli_option(c, "scenario"),
	    .live = live,
	    .moves = live,
	    .read_only = cli_has(c, "read-only")};
	struct node *n = demo_open(&cfg);

	if (!n)
		cli_usage(c, "--scenario: there is no \"%s\"", cfg.scenario ? cfg.scenario : "");
	return n;
}

static enum cli_exit demo_show(struct cli *c, struct node *n)
{
	struct errbuf eb = {.code = ERR_OK};
	struct console_config cfg = {
	    .node = n, .ascii = cli_has(c, "ascii"), .colours = -1, .signal_fd = -1};
	struct signals *signals = NULL;
	enum console_exit reason = CONSOLE_FAILED;

	if (signals_start(&signals, true, &eb) == ERR_OK) {
		cfg.signal_fd = signals_fd(signals);
		reason = console_run(&cfg, &eb);
		signals_end(signals);
	}
	return reason == CONSOLE_FAILED ? cli_fail(c, CLI_FAILED, "%s", err_text(&eb)) : CLI_DONE;
}

enum cli_exit cmd_demo(struct cli *c)
{
	enum cli_exit code;
	struct node *n;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return cli_usage(c, "the demo needs a terminal; without one use tubeops screen "
		                    "VIEW --scenario campaign");
	n = demo_node(c, true);
	if (!n)
		return CLI_USAGE;
	code = demo_show(c, n);
	node_close(n);
	return code;
}

/* ---- one view as text ---- */

static bool screen_size(const struct cli *c, int *w, int *h)
{
	const char *text = cli_option(c, "size"), *x = text ? strchr(text, 'x') : NULL;
	int64_t columns = SCREEN_W, lines = SCREEN_H;

	if (text && (!x || str_to_i64_n(text, (size_t)(x - text), 1, SCREEN_MOST, &columns) ||
	                str_to_i64(x + 1, 1, SCREEN_MOST, &lines))) {
		cli_usage(c,
		    "--size: \"%s\" is no size; columns x lines, like 160x50, each 1 to %d", text,
		    SCREEN_MOST);
		return false;
	}
	*w = (int)columns;
	*h = (int)lines;
	return true;
}

/* --colours 256, 16, 8 or 0 (bold, dim and reverse alone); without it plain text. */
static bool screen_colours(const struct cli *c, int *colours)
{
	const char *text = cli_option(c, "colours");
	int64_t n = -1;

	if (text && str_to_i64(text, 0, 256, &n)) {
		cli_usage(c, "--colours: \"%s\" is no number of colours; 256, 16, 8 or 0", text);
		return false;
	}
	*colours = (int)n;
	return true;
}

static enum cli_exit screen_unknown(struct cli *c)
{
	enum cli_exit code;
	struct str names;

	str_init(&names, 512);
	for (size_t i = 0; i < view_count(); i++)
		str_addf(&names, "%s%s", i ? ", " : "", view_list()[i]->name);
	code = cli_usage(c, "there is no view \"%s\"; views are %s", c->args[0], str_get(&names));
	str_done(&names);
	return code;
}

static enum cli_exit screen_print(struct cli *c, struct node *n, struct session_picture *p)
{
	char *text;

	if (!n)
		return cli_fail(c, CLI_FAILED, "out of memory");
	setlocale(LC_ALL, "");
	setlocale(LC_NUMERIC, "C");
	p->view = c->args[0];
	p->ascii = cli_has(c, "ascii");
	p->theme = cli_option(c, "theme");
	p->patience_ms = SCREEN_PATIENCE_MS;
	text = session_picture(n, p);
	node_close(n);
	if (!text)
		return screen_unknown(c);
	fputs(text, stdout);
	free(text);
	return CLI_DONE;
}

enum cli_exit cmd_screen(struct cli *c)
{
	struct errbuf eb = {.code = ERR_OK};
	struct engine *e = NULL;
	enum cli_exit code;
	struct session_picture p = {0};
	enum err err;

	if (!screen_size(c, &p.w, &p.h) || !screen_colours(c, &p.colours))
		return CLI_USAGE;
	if (cli_has(c, "scenario")) {
		struct node *n = demo_node(c, false);
		return n ? screen_print(c, n, &p) : CLI_USAGE;
	}
	err = cli_open(c, ENGINE_LOOK, &e, &eb);
	if (err)
		return cli_open_failed(c, err, &eb, "it answers at its own address");
	code = screen_print(c, node_local_open(e, true), &p);
	cli_close(c, e);
	return code;
}
