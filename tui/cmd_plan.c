#include "config.h"
#include "tui/cli.h"
#include "tui/cli_text.h"
#include "tui/format.h"
#include "tui/plan_form.h"
#include "tui/status.h"
#include "tui/steer.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { PLAN_TEXT_LIMIT = 4096 };

/* ---- showing ---- */

static void plan_print_stage(const struct snapshot_stage *g, int64_t now)
{
	char n[5][FORMAT_SIZE], when[FORMAT_SIZE] = "-", target[CLI_TIME_SIZE];

	if (g->finish)
		format_when(when, g->finish, now);
	printf("%-11s %4d%% %10s %10s %10s %10s %11s  %s%s", g->name, g->share,
	    format_full(n[0], g->units_per_day), format_full(n[1], g->spent),
	    format_full(n[2], g->left_today), format_count(n[3], g->target - g->done),
	    format_count(n[4], g->units_left), g->is_late ? "! " : "",
	    g->finish                        ? when
	    : strcmp(g->limit, "never") == 0 ? "never"
	    : strcmp(g->limit, "done") == 0  ? "done"
	                                     : "-");
	if (g->target_at)
		printf(", wanted by %.10s", cli_when(g->target_at, target));
	printf("%s\n", g->has_work || g->target <= g->done ? "" : "  (not at work)");
}

static void plan_print(const struct snapshot *s)
{
	char n[3][FORMAT_SIZE];

	printf("%-11s %5s %10s %10s %10s %10s %11s  %s\n", "stage", "share", "units/day", "spent",
	    "left today", "items left", "units left", "finish");
	for (size_t i = 0; i < s->n_stages; i++)
		if (s->stages[i].is_planned)
			plan_print_stage(&s->stages[i], s->made_at);
	printf("%-11s %s, lending %s; reset in %s\n", "pace", s->plan_pace,
	    s->plan_lend ? "on" : "off", format_countdown(n[0], s->reset_at - s->made_at));
	printf("%-11s %s of %s units", "today", format_full(n[0], s->units_used),
	    format_full(n[1], s->units_per_day));
	if (s->dry_at)
		printf(", dry %s, then idle %s", format_when(n[0], s->dry_at, s->made_at),
		    format_duration(n[1], s->idle_s));
	putchar('\n');
}

static enum cli_exit plan_show(struct cli *c)
{
	struct errbuf eb = {.code = ERR_OK};
	enum cli_exit code;
	const struct snapshot *s = status_look(c, &code);

	if (!s)
		return code;
	if (c->json)
		code = cli_print_json(c, engine_plan_of_json(s, &eb), &eb);
	else if (!s->staging_trouble[0])
		plan_print(s);
	else
		code = cli_fail(c, CLI_FAILED, "%s", s->staging_trouble);
	snapshot_unref(s);
	return code;
}

/* ---- changing ---- */

static enum cli_exit plan_change(struct cli *c, struct command *command)
{
	struct str body;
	enum cli_exit code;

	str_init(&body, PLAN_TEXT_LIMIT);
	if (plan_form_body(
	        command->action, (const char *const *)c->args + 1, (size_t)c->n_args - 1, &body)) {
		command->params_json = str_get(&body);
		code = steer_do(c, command, "/api/plan", str_get(&body));
	} else {
		code = cli_usage(c, "write: tubeops plan %s", plan_form_usage(command->action));
	}
	str_done(&body);
	return code;
}

enum cli_exit cmd_plan(struct cli *c)
{
	struct command command = {
	    .action = c->n_args ? steer_action(c->args[0], ARG_PLAN) : ACTION_COUNT};
	enum cli_exit code;
	struct str words;

	if (!c->n_args)
		return plan_show(c);
	if (command.action != ACTION_COUNT)
		return plan_change(c, &command);
	str_init(&words, PLAN_TEXT_LIMIT);
	steer_words(ARG_PLAN, &words);
	code = cli_usage(c, "\"%s\" is none of %s", c->args[0], str_get(&words));
	str_done(&words);
	return code;
}
