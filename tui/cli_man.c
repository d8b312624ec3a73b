/* The manual page, made from the tables of commands, options, job types and settings. */
#include "config.h"
#include "tui/cli.h"
#include "tui/params.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Text of n bytes with what troff would take for itself. */
static void man_text_n(const char *text, size_t n)
{
	static const char *const marks[128] = {['\\'] = "\\e",
	    ['-'] = "\\-",
	    ['\''] = "\\(aq",
	    ['`'] = "\\(ga",
	    ['^'] = "\\(ha",
	    ['~'] = "\\(ti"};

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)text[i];
		if (c < 128 && marks[c])
			fputs(marks[c], stdout);
		else
			putchar(c);
	}
}

/* A line that begins with text: one with a dot in front is no request. */
static void man_line(const char *text)
{
	if (*text == '.')
		fputs("\\&", stdout);
	man_text_n(text, strlen(text));
	putchar('\n');
}

/* An entry of a list: its name in bold, what follows the name in italics, then the help. */
static void man_entry(const char *dashes, const char *name, const char *value, const char *help)
{
	fputs(".TP\n\\fB", stdout);
	man_text_n(dashes, strlen(dashes));
	man_text_n(name, strlen(name));
	fputs("\\fR", stdout);
	if (value && *value) {
		fputs(" \\fI", stdout);
		man_text_n(value, strlen(value));
		fputs("\\fR", stdout);
	}
	putchar('\n');
	man_line(help);
}

static void man_options(const struct cli_option *o)
{
	for (; o && o->name; o++)
		man_entry(cli_dashes(o->name), o->name, o->value, o->help);
}

/* An example of a command in the text: "tubeops plan pace even    spread units over the day". */
static void man_example(const char *line, size_t len)
{
	const char *gap = strstr(line, "  ");
	size_t head = gap && gap < line + len ? (size_t)(gap - line) : len;

	fputs(".TP\n\\fB", stdout);
	man_text_n(line, head);
	fputs("\\fR\n", stdout);
	while (head < len && line[head] == ' ')
		head++;
	man_text_n(line + head, len - head);
	putchar('\n');
}

static bool man_is_example(const char *line, size_t len)
{
	const char *gap = strstr(line, "  ");

	return strncmp(line, "tubeops ", strlen("tubeops ")) == 0 && gap && gap < line + len;
}

/* Lines are run together as paragraphs are, but for examples. */
static void man_more(const char *text)
{
	bool listed = true; /* a paragraph begins with the first text, too */

	while (*text) {
		size_t len = strcspn(text, "\n");
		bool example = man_is_example(text, len);
		if (example) {
			man_example(text, len);
		} else {
			if (listed)
				fputs(".PP\n", stdout);
			if (*text == '.')
				fputs("\\&", stdout);
			man_text_n(text, len);
			putchar('\n');
		}
		listed = example;
		text += len + (text[len] == '\n');
	}
}

static void man_param(const struct job_param *p)
{
	struct str name, help;

	str_init(&name, 256);
	str_init(&help, 4096);
	params_option_name(p->name, &name);
	params_help(p, &help);
	man_entry("--", str_get(&name), params_value_word(p->type), str_get(&help));
	str_done(&help);
	str_done(&name);
}

static void man_job_type(const struct job_type_info *t)
{
	printf(".SS ");
	man_line(t->name);
	if (strcmp(t->name, t->word) != 0) {
		printf("Also called \\fB");
		man_text_n(t->word, strlen(t->word));
		printf("\\fR.\n");
	}
	man_line(t->help);
	for (size_t i = 0; i < t->n_params; i++)
		man_param(&t->params[i]);
}

static void man_commands(void)
{
	printf(".SH COMMANDS\n");
	for (const struct cli_command *c = cli_commands(); c->name; c++) {
		printf(".SS tubeops %s ", c->name);
		man_line(c->args);
		man_line(c->help);
		if (c->more)
			man_more(c->more);
		man_options(c->options);
	}
}

static void man_settings(void)
{
	printf(
	    ".SH ENVIRONMENT\n"
	    "Settings come from the file .env, the environment and options, in rising order. "
	    "\\fBtubeops settings \\-\\-example\\fR\nprints such a file. A # stands for a number "
	    "from 1.\n");
	for (int id = 0; id < SET_COUNT; id++) {
		const struct setting_info *info = settings_info((enum setting)id);
		man_entry("", info->name, "", info->help);
		if (*info->fallback) {
			printf("Default: ");
			man_line(info->fallback);
		}
	}
}

static void man_rest(void)
{
	printf(
	    ".SH FILES\n.TP\n\\fI$XDG_DATA_HOME/tubeops\\fR or \\fI\\(ti/.local/share/tubeops\\fR\n"
	    "The data folder: staging.db (channels, videos, jobs), quota.db (the book of units), "
	    "tubeops.log.\n"
	    ".TP\n\\fI.env\\fR\nSettings, in the folder where tubeops is started.\n"
	    ".SH EXIT STATUS\n.TP\n0\ndone\n.TP\n1\nfailed\n.TP\n2\nwrong usage\n.TP\n3\n"
	    "stopped because the quota is spent; the same command goes on the next day\n"
	    ".SH EXAMPLES\n.TP\n\\fBtubeops import channels.csv\\fR\ntakes in channel ids\n"
	    ".TP\n\\fBtubeops run batch_metadata \\-\\-limit 100000\\fR\n"
	    "fetches what YouTube tells of 100,000 of them, 50 a unit\n"
	    ".TP\n\\fBtubeops\\fR\nopens the console; ? explains its keys\n");
}

void cli_print_man(void)
{
	printf(
	    ".TH TUBEOPS 1 %s \"tubeops %s\" \"User Commands\"\n", RELEASE_DATE, PACKAGE_VERSION);
	printf(".SH NAME\ntubeops \\- operations console for large lists of YouTube channels\n"
	       ".SH SYNOPSIS\n\\fBtubeops\\fR [\\fIOPTIONS\\fR] [\\fICOMMAND\\fR] "
	       "[\\fIARGUMENTS\\fR]\n"
	       ".SH DESCRIPTION\n"
	       "tubeops imports YouTube channel ids, fetches their metadata and videos within the "
	       "daily "
	       "quota of the\nYouTube Data API, finds further channels, and keeps PostgreSQL up to "
	       "date. Without a command it opens\nthe console.\n"
	       ".SH OPTIONS\nThese are options of all commands.\n");
	man_options(cli_common_options());
	man_commands();
	printf(
	    ".SH JOB TYPES\nOf \\fBtubeops run\\fR and \\fBtubeops schedules add\\fR, with their "
	    "options.\n");
	for (const struct job_type_info *const *t = engine_job_types(); *t; t++)
		man_job_type(*t);
	man_settings();
	man_rest();
}
