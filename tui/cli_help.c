#include "config.h"
#include "tui/cli.h"
#include "tui/params.h"

#include <stdio.h>
#include <string.h>

enum { HELP_COLUMN = 26 };

static void help_row(const char *left, const char *right)
{
	int columns = 0;

	for (const char *p = left; *p; p++)
		columns += (*p & 0xc0) != 0x80; /* an ellipsis is three bytes */
	if (columns > HELP_COLUMN - 2)
		printf("  %s\n  %*s%s\n", left, HELP_COLUMN, "", right);
	else
		printf("  %s%*s%s\n", left, HELP_COLUMN - columns, "", right);
}

static void help_options(const struct cli_option *o)
{
	struct str left;

	str_init(&left, 256);
	for (; o && o->name; o++) {
		str_reset(&left);
		str_addf(&left, "%s%s%s%s", cli_dashes(o->name), o->name, o->value ? " " : "",
		    o->value ? o->value : "");
		help_row(str_get(&left), o->help);
	}
	str_done(&left);
}

/* path_given: the file is the command's argument, not an option. */
static void help_params(const struct job_type_info *type, bool path_given)
{
	struct str left, right;

	str_init(&left, 256);
	str_init(&right, 1024);
	for (size_t i = 0; i < type->n_params; i++) {
		const struct job_param *p = &type->params[i];
		if (path_given && strcmp(p->name, "source_path") == 0)
			continue;
		str_reset(&left);
		str_reset(&right);
		str_adds(&left, "--");
		params_option_name(p->name, &left);
		if (*params_value_word(p->type))
			str_addf(&left, " %s", params_value_word(p->type));
		params_help(p, &right);
		help_row(str_get(&left), str_get(&right));
	}
	str_done(&right);
	str_done(&left);
}

static void help_job_type(const struct job_type_info *t)
{
	printf("\n%s", t->name);
	if (strcmp(t->name, t->word) != 0)
		printf(" (or %s)", t->word);
	printf(": %s\n", t->help);
}

static void help_job_types(const char *only)
{
	for (const struct job_type_info *const *t = engine_job_types(); *t; t++) {
		if (only && strcmp((*t)->name, only) != 0)
			continue;
		if (only)
			printf("\nOptions:\n");
		else
			help_job_type(*t);
		help_params(*t, only != NULL);
	}
}

void cli_help_settings(void)
{
	struct str right;

	printf("Settings, from ./.env, the environment and options, in rising order:\n");
	str_init(&right, 1024);
	for (int id = 0; id < SET_COUNT; id++) {
		const struct setting_info *info = settings_info((enum setting)id);
		str_reset(&right);
		str_adds(&right, info->help);
		if (*info->fallback)
			str_addf(&right, " (default %s)", info->fallback);
		help_row(info->name, str_get(&right));
	}
	str_done(&right);
}

static void help_program(void)
{
	struct str left;

	printf("tubeops imports YouTube channel ids, fetches their metadata within the daily "
	       "quota, and\n"
	       "keeps PostgreSQL up to date.\n\nUsage: tubeops [OPTIONS] [COMMAND]\n\nCommands:\n");
	str_init(&left, 256);
	for (const struct cli_command *c = cli_commands(); c->name; c++) {
		str_reset(&left);
		str_addf(&left, "%s%s%s", c->name, *c->args ? " " : "", c->args);
		help_row(str_get(&left), c->help);
	}
	str_done(&left);
	printf("\nOptions of all commands:\n");
	help_options(cli_common_options());
	putchar('\n');
	cli_help_settings();
	printf("\nExit status: 0 done, 1 failed, 2 wrong usage, 3 stopped because the quota is "
	       "spent (run it\n"
	       "again later). More about a command: tubeops help COMMAND\n");
}

void cli_help(const struct cli_command *command)
{
	if (!command) {
		help_program();
		return;
	}
	printf("Usage: tubeops %s%s%s [OPTIONS]\n\n%s\n", command->name, *command->args ? " " : "",
	    command->args, command->help);
	if (command->more)
		printf("\n%s\n", command->more);
	if (command->options) {
		printf("\nOptions:\n");
		help_options(command->options);
	}
	if (command->job_type)
		help_job_types(strcmp(command->job_type, "*") == 0 ? NULL : command->job_type);
	printf("\nOptions of all commands:\n");
	help_options(cli_common_options());
}
