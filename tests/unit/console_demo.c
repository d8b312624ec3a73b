/*
 * console_demo - the real console on the demo's node, with a scenario that always begins the same:
 * commands are written to a file, and nothing waits to be undone unless --undo says how long (ms).
 * For the tests that look at a terminal.
 *
 *   console_demo [--scenario NAME] [--then NAME] [--commands FILE] [--log FILE] [--ascii]
 *                [--read-only] [--live] [--undo MS] [--crash SIGNAL] [--screen VIEW WIDTH HEIGHT]
 */
#include "config.h"
#include "tests/unit/scenario.h"
#include "tui/console.h"

#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* What becomes of actions besides what the demo node does itself. */
struct taps {
	FILE *commands;
	int crash; /* signal raised when somebody presses retry; 0: none, -1: exit */
};

struct options {
	const char *scenario, *then, *commands, *log, *view;
	int w, h, crash, undo_ms;
	bool ascii, read_only, live;
};

static void tap(void *arg, const struct command *c)
{
	const struct taps *t = arg;

	if (t->crash > 0 && c->action == ACTION_JOB_RETRY)
		raise(t->crash);
	if (t->crash < 0 && c->action == ACTION_JOB_RETRY)
		exit(3);
	if (!t->commands)
		return;
	fprintf(t->commands, "%s %s %s %s %s%s%s\n", action_info(c->action)->word,
	    c->target ? c->target : "-", c->job_type ? c->job_type : "-",
	    c->params_json ? c->params_json : "-", c->by, c->project ? " in " : "",
	    c->project ? c->project : "");
	fflush(t->commands);
}

static int parse(struct options *o, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		const char *next = i + 1 < argc ? argv[i + 1] : "";
		if (strcmp(argv[i], "--ascii") == 0)
			o->ascii = true;
		else if (strcmp(argv[i], "--read-only") == 0)
			o->read_only = true;
		else if (strcmp(argv[i], "--live") == 0)
			o->live = true;
		else if (strcmp(argv[i], "--screen") == 0 && i + 3 < argc) {
			o->view = argv[i + 1];
			o->w = (int)strtol(argv[i + 2], NULL, 10);
			o->h = (int)strtol(argv[i + 3], NULL, 10);
			i += 3;
		} else if (strcmp(argv[i], "--scenario") == 0)
			o->scenario = next, i++;
		else if (strcmp(argv[i], "--then") == 0)
			o->then = next, i++;
		else if (strcmp(argv[i], "--commands") == 0)
			o->commands = next, i++;
		else if (strcmp(argv[i], "--log") == 0)
			o->log = next, i++;
		else if (strcmp(argv[i], "--undo") == 0)
			o->undo_ms = (int)strtol(next, NULL, 10), i++;
		else if (strcmp(argv[i], "--crash") == 0)
			o->crash = (int)strtol(next, NULL, 10), i++;
		else
			return fprintf(stderr, "console_demo: what is %s?\n", argv[i]), 2;
	}
	return 0;
}

static int print_screen(struct node *n, const struct options *o)
{
	char *text;

	setlocale(LC_ALL, "");
	text = session_text(n, o->view, o->w, o->h, o->ascii, 1000);
	if (!text)
		return 1;
	fputs(text, stdout);
	free(text);
	return 0;
}

static int run(struct node *n, const struct options *o)
{
	static const char *const words[] = {"quit", "signalled", "lost", "handover", "failed"};
	struct console_config cfg = {
	    .node = n, .log_path = o->log, .ascii = o->ascii, .colours = -1, .undo_ms = o->undo_ms};
	struct errbuf eb = {0};
	enum console_exit reason;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	cfg.signal_fd = signalfd(-1, &set, SFD_CLOEXEC);
	reason = console_run(&cfg, &eb);
	close(cfg.signal_fd);
	printf("exit: %s %s\n", words[reason], reason == CONSOLE_FAILED ? err_text(&eb) : "");
	return reason == CONSOLE_FAILED;
}

int main(int argc, char **argv)
{
	struct options o = {.scenario = "busy", .undo_ms = -1};
	int rc = parse(&o, argc, argv);
	struct taps taps = {.crash = o.crash};
	struct demo_config cfg = {.scenario = o.scenario,
	    .then = o.then,
	    .live = !o.view,
	    .moves = o.live,
	    .read_only = o.read_only,
	    .types = scenario_types(),
	    .sent = tap,
	    .arg = &taps};
	struct node *n;

	if (rc)
		return rc;
	if (o.commands)
		taps.commands = fopen(o.commands, "we");
	n = demo_open(&cfg);
	if (!n || (o.commands && !taps.commands)) {
		fprintf(stderr, "console_demo: cannot start\n");
		return 2;
	}
	rc = o.view ? print_screen(n, &o) : run(n, &o);
	if (taps.commands)
		fclose(taps.commands);
	node_close(n);
	return rc;
}
