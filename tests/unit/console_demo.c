/*
 * console_demo - the real console on an engine that only plays: snapshots of a scenario, commands
 * written to a file and answered. For the tests that look at a terminal, and for people who want to
 * see the screen without keys and data.
 *
 *   console_demo [--scenario NAME] [--then NAME] [--commands FILE] [--log FILE] [--ascii]
 *                [--read-only] [--live] [--crash SIGNAL] [--screen VIEW WIDTH HEIGHT]
 */
#include "config.h"
#include "engine/base/clock.h"
#include "tests/unit/scenario.h"
#include "tui/console.h"

#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

struct engine {
	struct snapshot *model;
	const char *then; /* scenario after the first command; NULL: the same */
	FILE *commands;
	bool live;     /* numbers move, times are real */
	int crash;     /* signal raised when somebody presses retry; 0: none, -1: exit */
	int64_t shift; /* from the scenario's now to the real one */
	uint64_t last_id;
};

struct options {
	const char *scenario, *then, *commands, *log, *view;
	int w, h, crash;
	bool ascii, read_only, live;
};

static int64_t shifted(const struct engine *e, int64_t at)
{
	return at ? at + e->shift : 0;
}

static void play_on(struct engine *e, struct snapshot *s)
{
	int64_t gone = clock_now() - shifted(e, SCENARIO_NOW);

	s->seq = (uint64_t)clock_mono_ms();
	s->units_used += gone;
	s->units_left -= gone;
	for (size_t i = 0; i < s->n_jobs; i++)
		if (strcmp(s->jobs[i].status, "running") == 0)
			s->jobs[i].processed += gone * 40;
}

static void to_real_time(const struct engine *e, struct snapshot *s)
{
	s->made_at = clock_now();
	s->reset_at = shifted(e, s->reset_at);
	s->day_start = shifted(e, s->day_start);
	s->started_at = shifted(e, s->started_at);
	for (size_t i = 0; i < s->n_jobs; i++) {
		s->jobs[i].eta = shifted(e, s->jobs[i].eta);
		s->jobs[i].until = shifted(e, s->jobs[i].until);
	}
	for (size_t i = 0; i < s->n_keys; i++)
		s->keys[i].until = shifted(e, s->keys[i].until);
	for (size_t i = 0; i < s->n_log; i++)
		s->log[i].at_ms += e->shift * 1000;
}

const struct snapshot *engine_snapshot(struct engine *e)
{
	struct snapshot *s = snapshot_new();
	struct snapshot_refs *refs;

	if (!s)
		return NULL;
	refs = s->refs;
	*s = *e->model;
	s->refs = refs;
	to_real_time(e, s);
	if (e->live)
		play_on(e, s);
	return s;
}

uint64_t engine_command_send(struct engine *e, const struct command *c)
{
	struct snapshot_reply *r;

	if (e->crash > 0 && c->action == ACTION_JOB_RETRY)
		raise(e->crash);
	if (e->crash < 0 && c->action == ACTION_JOB_RETRY)
		exit(3);
	if (e->commands) {
		fprintf(e->commands, "%s %s %s %s %s\n", action_info(c->action)->word,
		    c->target ? c->target : "-", c->job_type ? c->job_type : "-",
		    c->params_json ? c->params_json : "-", c->by);
		fflush(e->commands);
	}
	if (e->then) {
		snapshot_unref(e->model);
		e->model = scenario_new(e->then);
		e->then = NULL;
		if (!e->model)
			return 0;
	}
	if (e->model->n_replies == sizeof e->model->replies / sizeof e->model->replies[0])
		e->model->n_replies = 0;
	r = &e->model->replies[e->model->n_replies++];
	r->id = ++e->last_id;
	r->ok = true;
	snprintf(r->text, sizeof r->text, "done: %s %s", action_info(c->action)->word,
	    c->target ? c->target : c->job_type);
	e->model->seq++;
	return e->last_id;
}

const struct job_type_info *const *engine_job_types(void)
{
	return scenario_types();
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
		else if (strcmp(argv[i], "--crash") == 0)
			o->crash = (int)strtol(next, NULL, 10), i++;
		else
			return fprintf(stderr, "console_demo: what is %s?\n", argv[i]), 2;
	}
	return 0;
}

static int print_screen(const struct engine *e, const struct options *o)
{
	char *text;

	setlocale(LC_ALL, "");
	text = console_screen_text(e->model, o->view, o->w, o->h, o->ascii);
	if (!text)
		return 1;
	fputs(text, stdout);
	free(text);
	return 0;
}

static int run(struct engine *e, const struct options *o)
{
	static const char *const words[] = {"quit", "signalled", "lost", "failed"};
	struct console_config cfg = {
	    .log_path = o->log, .ascii = o->ascii, .colours = -1, .read_only = o->read_only};
	struct errbuf eb = {0};
	enum console_exit reason;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	cfg.signal_fd = signalfd(-1, &set, SFD_CLOEXEC);
	reason = console_run(e, &cfg, &eb);
	close(cfg.signal_fd);
	printf("exit: %s %s\n", words[reason], reason == CONSOLE_FAILED ? err_text(&eb) : "");
	return reason == CONSOLE_FAILED;
}

int main(int argc, char **argv)
{
	struct options o = {.scenario = "busy"};
	struct engine e = {0};
	int rc = parse(&o, argc, argv);

	if (rc)
		return rc;
	e.model = scenario_new(o.scenario);
	e.then = o.then;
	e.live = o.live;
	e.crash = o.crash;
	e.shift = clock_now() - SCENARIO_NOW;
	if (o.commands)
		e.commands = fopen(o.commands, "we");
	if (!e.model || (o.commands && !e.commands)) {
		fprintf(stderr, "console_demo: cannot start\n");
		return 2;
	}
	rc = o.view ? print_screen(&e, &o) : run(&e, &o);
	if (e.commands)
		fclose(e.commands);
	snapshot_unref(e.model);
	return rc;
}
