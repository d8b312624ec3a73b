/*
 * Completions: the scripts of the shells ask the program itself, so that they know of every command,
 * option, job type and view that its tables have.
 */
#include "config.h"
#include "tui/cli.h"
#include "tui/params.h"
#include "tui/steer.h"
#include "tui/view.h"

#include <stdio.h>
#include <string.h>

/* What stands behind a word of a command's arguments or an option's value, in capitals. */
struct complete_place {
	const char *word;
	void (*print)(void);
};

static void complete_print(const char *word, const char *help)
{
	printf("%s\t%s\n", word, help);
}

static void complete_commands(void)
{
	for (const struct cli_command *c = cli_commands(); c->name; c++)
		complete_print(c->name, c->help);
}

static void complete_types(void)
{
	for (const struct job_type_info *const *t = engine_job_types(); *t; t++)
		complete_print((*t)->name, (*t)->help);
}

/* Pages are about one thing: their names are no words of their own. */
static void complete_views(void)
{
	for (const struct view_ops *const *v = view_list(); *v; v++)
		if ((*v)->title)
			complete_print((*v)->name, (*v)->title_wide);
}

static void complete_actions(void)
{
	for (int a = 0; a < ACTION_COUNT; a++) {
		const struct action_info *info = action_info((enum action)a);
		if (info->arg == ARG_JOB)
			complete_print(info->word, info->help);
	}
}

/* A line without a tab asks the shell for names of its own. */
static void complete_files(void)
{
	puts("files");
}

static const struct complete_place complete_places[] = {
    {"COMMAND", complete_commands},
    {"TYPE", complete_types},
    {"VIEW", complete_views},
    {"ACTION", complete_actions},
    {"FILE", complete_files},
    {"DIR", complete_files},
    {"IN.csv", complete_files},
    {"OUT.csv", complete_files},
};

/* One alternative of a place: a word as it is, or what stands behind it. */
static void complete_alternative(const char *text, size_t len)
{
	for (size_t i = 0; i < sizeof complete_places / sizeof complete_places[0]; i++)
		if (strlen(complete_places[i].word) == len &&
		    strncmp(complete_places[i].word, text, len) == 0)
			complete_places[i].print();
	if (len && *text >= 'a' && *text <= 'z')
		printf("%.*s\t\n", (int)len, text);
}

/* A place as help shows it: "FILE|-", "[list|retry|drop]". */
static void complete_spec(const char *text, size_t len)
{
	size_t begin = 0;

	for (size_t i = 0; i <= len; i++)
		if (i == len || strchr("[]|", text[i])) {
			complete_alternative(text + begin, i - begin);
			begin = i + 1;
		}
}

/* Place i of the arguments; options among them ("IN.csv|- --out OUT.csv") end it. */
static void complete_argument(const char *args, int at)
{
	for (int i = 0; *args && strncmp(args, "--", 2) != 0; i++) {
		size_t len = strcspn(args, " ");
		if (i == at) {
			complete_spec(args, len);
			return;
		}
		args += len;
		args += strspn(args, " ");
	}
}

static void complete_options(const struct cli_option *o)
{
	for (; o && o->name; o++)
		printf("%s%s\t%s\n", cli_dashes(o->name), o->name, o->help);
}

static void complete_params(const struct job_type_info *type)
{
	struct str name;

	str_init(&name, 256);
	for (size_t i = 0; type && i < type->n_params; i++) {
		str_reset(&name);
		params_option_name(type->params[i].name, &name);
		printf("--%s\t%s\n", str_get(&name), type->params[i].help);
	}
	str_done(&name);
}

/* The words before the one that is to be completed. */
struct complete {
	const struct cli_command *command;
	const struct job_type_info *type; /* whose parameters are options */
	int n_args;
	bool options;      /* "--" has not come */
	const char *value; /* what the next word is to an option before it; NULL: none waits */
};

/* The value of an option of that name, NULL when none follows it. */
static const char *complete_value(const struct complete *at, const char *name)
{
	const struct cli_option *const tables[] = {
	    cli_common_options(), at->command ? at->command->options : NULL};
	const struct job_param *p = at->type ? params_option(at->type, name) : NULL;

	for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
		for (const struct cli_option *o = tables[i]; o && o->name; o++)
			if (strcmp(o->name, name) == 0)
				return o->value;
	return p && p->type != PARAM_FLAG ? params_value_word(p->type) : NULL;
}

static void complete_take(struct complete *at, const char *word)
{
	if (at->value) {
		at->value = NULL;
	} else if (at->options && strcmp(word, "--") == 0) {
		at->options = false;
	} else if (at->options && word[0] == '-' && word[1]) {
		at->value = complete_value(at, word + (word[1] == '-' ? 2 : 1));
	} else if (!at->command) {
		at->command = cli_command_find(word);
		if (at->command && at->command->job_type)
			at->type = params_type(at->command->job_type);
	} else {
		if (at->command->job_type && !at->type)
			at->type = params_type(word);
		at->n_args++;
	}
}

void cli_complete(const char *const *words, int n)
{
	struct complete at = {.options = true};

	for (int i = 0; i + 1 < n; i++)
		complete_take(&at, words[i]);
	if (at.value) {
		complete_spec(at.value, strlen(at.value));
	} else if (n && at.options && words[n - 1][0] == '-') {
		complete_options(at.command ? at.command->options : NULL);
		complete_params(at.type);
		complete_options(cli_common_options());
	} else if (!at.command) {
		complete_commands();
	} else {
		complete_argument(at.command->args, at.n_args);
	}
}
