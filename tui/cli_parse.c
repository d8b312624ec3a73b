#include "config.h"
#include "tui/cli.h"
#include "tui/params.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where the value of a common option goes. */
struct cli_target {
	const char *name;
	bool *flag;
	const char **value;
};

struct cli_reader {
	struct cli *c;
	char **argv;
	int argc;
	int at;
	struct cli_given **tail;
};

static enum cli_exit parse_value(
    struct cli_reader *r, const char *name, const char *eq, bool wants, const char **value)
{
	*value = NULL;
	if (!wants)
		return eq ? cli_usage(r->c, "%s%s takes no value", cli_dashes(name), name)
		          : CLI_DONE;
	if (!eq && r->at + 1 >= r->argc)
		return cli_usage(r->c, "%s%s needs a value", cli_dashes(name), name);
	*value = eq ? eq + 1 : r->argv[++r->at];
	return CLI_DONE;
}

static enum cli_exit parse_common(
    struct cli_reader *r, const char *name, const char *eq, bool *found)
{
	struct cli *c = r->c;
	const struct cli_target targets[] = {{"data", NULL, &c->data_option},
	    {"env", NULL, &c->env_path}, {"listen", NULL, &c->listen_option},
	    {"json", &c->json, NULL}, {"no-rest", &c->no_rest, NULL},
	    {"verbose", &c->verbose, NULL}, {"help", &c->help, NULL},
	    {"version", &c->version, NULL}};
	const char *value;

	for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
		enum cli_exit code;
		if (strcmp(targets[i].name, name) != 0)
			continue;
		*found = true;
		code = parse_value(r, name, eq, targets[i].value != NULL, &value);
		if (code)
			return code;
		if (targets[i].flag)
			*targets[i].flag = true;
		else if (!*value)
			return cli_usage(c, "--%s needs a value", name);
		else
			*targets[i].value = value;
		break;
	}
	return CLI_DONE;
}

/* Does the command know this option, and does a value follow it? */
static bool parse_own(const struct cli_command *command, const char *name, bool *wants)
{
	const struct job_type_info *type = NULL;
	const struct job_param *p;

	for (const struct cli_option *o = command->options; o && o->name; o++)
		if (strcmp(o->name, name) == 0) {
			*wants = o->value != NULL;
			return true;
		}
	if (!command->job_type)
		return false;
	if (strcmp(command->job_type, "*") != 0)
		type = params_type(command->job_type);
	p = params_option(type, name);
	*wants = p && p->type != PARAM_FLAG;
	return p != NULL;
}

static enum cli_exit parse_given(struct cli_reader *r, const char *name, const char *eq)
{
	struct cli *c = r->c;
	struct cli_given *g;
	bool wants = false;
	const char *value;
	enum cli_exit code;

	if (!c->command)
		return cli_usage(
		    c, "unknown option --%s (options of a command stand behind its name)", name);
	if (!parse_own(c->command, name, &wants))
		return cli_usage(c, "%s has no option --%s", c->command->name, name);
	/* a flag of a job may be given as --flag=no */
	if (!wants && eq && c->command->job_type) {
		value = eq + 1;
	} else {
		code = parse_value(r, name, eq, wants, &value);
		if (code)
			return code;
	}
	g = calloc(1, sizeof *g);
	if (g)
		g->name = str_dup(name);
	if (!g || !g->name) {
		free(g);
		return cli_fail(c, CLI_FAILED, "out of memory");
	}
	g->value = value;
	*r->tail = g;
	r->tail = &g->next;
	return CLI_DONE;
}

static enum cli_exit parse_option(struct cli_reader *r, const char *text)
{
	const char *eq = strchr(text, '=');
	char *name = eq ? str_dup_n(text, (size_t)(eq - text)) : str_dup(text);
	bool found = false;
	enum cli_exit code;

	if (!name)
		return cli_fail(r->c, CLI_FAILED, "out of memory");
	code = parse_common(r, name, eq, &found);
	if (!found)
		code = parse_given(r, name, eq);
	free(name);
	return code;
}

/* "-n 5", "-n5" or "-b": an option of one letter. */
static enum cli_exit parse_letter(struct cli_reader *r, const char *text)
{
	char name[2] = {text[0], '\0'};
	bool wants = false;

	if (!r->c->command || !parse_own(r->c->command, name, &wants) || (text[1] && !wants))
		return cli_usage(r->c, "unknown option -%s", text);
	/* parse_given skips the "=" of --name=value */
	return parse_given(r, name, text[1] ? text : NULL);
}

static enum cli_exit parse_word(struct cli_reader *r, const char *word)
{
	struct cli *c = r->c;

	if (c->command) {
		if (c->n_args == c->command->most_args)
			return cli_usage(
			    c, "%s: one word too many: \"%s\"", c->command->name, word);
		c->args[c->n_args++] = word;
		return CLI_DONE;
	}
	c->command = cli_command_find(word);
	return c->command ? CLI_DONE : cli_usage(c, "there is no command \"%s\"", word);
}

enum cli_exit cli_parse(struct cli *c, int argc, char **argv)
{
	struct cli_reader r = {.c = c, .argv = argv, .argc = argc, .tail = &c->given};
	enum cli_exit code = CLI_DONE;
	bool options = true;

	c->args = calloc((size_t)argc + 1, sizeof *c->args);
	if (!c->args)
		return cli_fail(c, CLI_FAILED, "out of memory");
	/* known before anything can go wrong, so that every message is in the form asked for */
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		c->json = c->json || strcmp(argv[i], "--json") == 0;
	for (r.at = 1; r.at < argc && !code; r.at++) {
		const char *word = argv[r.at];
		if (!options || word[0] != '-' || !word[1])
			code = parse_word(&r, word);
		else if (strcmp(word, "--") == 0)
			options = false;
		else if (strcmp(word, "-h") == 0)
			c->help = true;
		else if (word[1] == '-')
			code = parse_option(&r, word + 2);
		else
			code = parse_letter(&r, word + 1);
	}
	if (!code && !c->help && !c->version && c->command && c->n_args < c->command->least_args)
		code = cli_usage(c, "%s needs: %s", c->command->name, c->command->args);
	return code;
}
