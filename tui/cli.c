#include "config.h"
#include "tui/cli.h"
#include "tui/cli_text.h"
#include "tui/progress.h"
#include "tui/signals.h"
#include "engine/base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CLI_MESSAGE_LIMIT = 8192, CLI_LOG_LINES = 128, CLI_PATH_LIMIT = 16384 };

static void cli_message(const struct cli *c, const char *raw, size_t len)
{
	struct str text;

	str_init(&text, 3 * CLI_MESSAGE_LIMIT);
	text_clean(raw, len, &text);
	fprintf(stderr, "tubeops: %s\n", str_get(&text));
	if (c->json) {
		struct str json;
		str_init(&json, 8 * CLI_MESSAGE_LIMIT);
		str_adds(&json, "{\"error\":");
		cli_add_json(&json, str_get(&text), text.len);
		str_adds(&json, "}\n");
		fputs(str_get(&json), stdout);
		str_done(&json);
	}
	str_done(&text);
}

enum cli_exit cli_fail(const struct cli *c, enum cli_exit code, const char *fmt, ...)
{
	struct str text;
	va_list ap;

	str_init(&text, CLI_MESSAGE_LIMIT);
	va_start(ap, fmt);
	str_addv(&text, fmt, ap);
	va_end(ap);
	cli_message(c, str_get(&text), text.len);
	str_done(&text);
	return code;
}

enum cli_exit cli_usage(const struct cli *c, const char *fmt, ...)
{
	struct str text;
	va_list ap;

	str_init(&text, CLI_MESSAGE_LIMIT);
	va_start(ap, fmt);
	str_addv(&text, fmt, ap);
	va_end(ap);
	str_addf(&text, "; see: tubeops help%s%s", c->command ? " " : "",
	    c->command ? c->command->name : "");
	cli_message(c, str_get(&text), text.len);
	str_done(&text);
	return CLI_USAGE;
}

enum cli_exit cli_print_json(const struct cli *c, char *text, const struct errbuf *eb)
{
	size_t len;

	if (!text)
		return cli_fail(c, CLI_FAILED, "%s", err_text(eb));
	len = strlen(text);
	fputs(text, stdout);
	if (!len || text[len - 1] != '\n')
		putchar('\n');
	free(text);
	return CLI_DONE;
}

/* Output that did not get out is a failure, whatever the command says. */
static enum cli_exit cli_flush(enum cli_exit code)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return code;
	if (errno != EPIPE) /* whoever closed the pipe, as head does, had enough */
		fprintf(stderr, "tubeops: standard output: %s\n", strerror(errno));
	return code ? code : CLI_FAILED;
}

const char *cli_option(const struct cli *c, const char *name)
{
	const char *value = NULL;

	for (const struct cli_given *g = c->given; g; g = g->next)
		if (strcmp(g->name, name) == 0)
			value = g->value;
	return value;
}

bool cli_has(const struct cli *c, const char *name)
{
	for (const struct cli_given *g = c->given; g; g = g->next)
		if (strcmp(g->name, name) == 0)
			return true;
	return false;
}

bool cli_option_number(
    const struct cli *c, const char *name, int64_t least, int64_t most, int64_t *out)
{
	const char *value = cli_option(c, name);

	if (!value || str_to_i64(value, least, most, out) == ERR_OK)
		return true;
	cli_usage(c, "%s%s: \"%s\" is not a whole number from %" PRId64 " to %" PRId64,
	    cli_dashes(name), name, value, least, most);
	return false;
}

/* ---- data folder, engine ---- */

static enum err cli_make_data_dir(const struct cli *c, struct errbuf *eb)
{
	char *path = str_dup(c->data_dir);
	enum err err = ERR_OK;

	if (!path)
		return err_set(eb, ERR_NOMEM, "out of memory");
	for (char *p = path + 1; !err; p++) {
		char keep = *p;
		if (keep && keep != '/')
			continue;
		*p = '\0';
		if (mkdir(path, 0700) != 0 && errno != EEXIST)
			err = err_set(eb, ERR_IO,
			    "data folder %s: %s; choose another one with --data", path,
			    strerror(errno));
		*p = keep;
		if (!keep)
			break;
	}
	free(path);
	return err;
}

struct engine_config cli_engine_config(const struct cli *c, enum engine_mode mode)
{
	return (struct engine_config){
	    .settings = c->settings, .data_dir = c->data_dir, .log = c->log, .mode = mode};
}

static enum err cli_log_to_file(struct cli *c, struct errbuf *eb);

enum err cli_open(struct cli *c, enum engine_mode mode, struct engine **out, struct errbuf *eb)
{
	struct engine_config cfg;
	enum err err = mode == ENGINE_LOOK ? ERR_OK : cli_log_to_file(c, eb);

	*out = NULL;
	cfg = cli_engine_config(c, mode);
	if (!err)
		err = engine_open(out, &cfg, eb);
	if (!err)
		signals_set_engine(c->signals, *out);
	return err;
}

enum err cli_start_job(const struct cli *c, struct engine *e, struct errbuf *eb)
{
	struct command start = {
	    .action = ACTION_JOB_START, .job_type = cli_option(c, "start"), .by = "cli"};
	struct command_reply reply;

	return start.job_type ? engine_command(e, &start, &reply, eb) : ERR_OK;
}

void cli_close(struct cli *c, struct engine *e)
{
	if (!e)
		return;
	engine_drain(e);
	signals_set_engine(c->signals, NULL); /* from here on nobody may hurry it */
	engine_close(e);
	cli_show_warnings(c, NULL);
}

enum cli_exit cli_open_failed(
    const struct cli *c, enum err err, const struct errbuf *eb, const char *instead)
{
	int64_t pid = 0;
	char listen[128] = "";

	if (err == ERR_NOTFOUND)
		return cli_fail(c, CLI_FAILED,
		    "nothing was imported into %s yet: tubeops import FILE, or name another folder "
		    "with --data",
		    c->data_dir);
	if (err != ERR_BUSY || !engine_owner(c->data_dir, &pid, listen, sizeof listen))
		return cli_fail(c, CLI_FAILED, "%s", err_text(eb));
	return cli_fail(c, CLI_FAILED,
	    "the data folder %s is in use by process %" PRId64 "%s%s: %s", c->data_dir, pid,
	    *listen ? ", which answers at " : "", listen, instead);
}

/* ---- log ---- */

/* A process in the background has its log for stderr: each line needs to stand there once. */
static bool cli_stderr_is(const char *path)
{
	struct stat log, err;

	return path && stat(path, &log) == 0 && fstat(STDERR_FILENO, &err) == 0 &&
	       log.st_dev == err.st_dev && log.st_ino == err.st_ino;
}

static enum err cli_log_path(const struct cli *c, struct str *path, struct errbuf *eb)
{
	const char *file = settings_text(c->settings, SET_LOG_FILE, 0);

	if (strcmp(file, "none") == 0)
		return ERR_OK;
	if (*file)
		str_adds(path, file);
	else
		str_addf(path, "%s/tubeops.log", c->data_dir);
	return *file ? ERR_OK : cli_make_data_dir(c, eb);
}

static enum err cli_log_open(struct cli *c, bool file, struct errbuf *eb)
{
	const char *word = settings_text(c->settings, SET_LOG_LEVEL, 0);
	const char *format = settings_text(c->settings, SET_LOG_FORMAT, 0);
	struct log_config cfg = {.level = LOG_INFO,
	    .json = strcmp(format, "json") == 0,
	    .ring = (size_t)settings_number(c->settings, SET_LOG_RING, 0),
	    .to_stderr = c->verbose || c->command->log == CLI_LOG_FILE_AND_STDERR};
	struct str path;
	enum err err;

	if (!log_level_parse(word, &cfg.level))
		return err_set(eb, ERR_INVALID,
		    "LOG_LEVEL: \"%s\" is none of error, warning, info and debug", word);
	if (!cfg.json && strcmp(format, "text") != 0)
		return err_set(
		    eb, ERR_INVALID, "LOG_FORMAT: \"%s\" is neither text nor json", format);
	if (c->verbose)
		cfg.level = LOG_DEBUG;
	str_init(&path, CLI_PATH_LIMIT);
	err = file ? cli_log_path(c, &path, eb) : ERR_OK;
	if (!err && path.len) {
		c->log_path = str_take(&path);
		if (!c->log_path)
			err = err_set(eb, ERR_NOMEM, "out of memory");
	}
	str_done(&path);
	cfg.path = c->log_path;
	cfg.to_stderr = cfg.to_stderr && !cli_stderr_is(c->log_path);
	if (!err)
		err = log_open(&c->log, &cfg, eb);
	signals_set_log(c->signals, c->log);
	return err;
}

/* Whoever changes something says so in the file, also a command that otherwise has no log. */
static enum err cli_log_to_file(struct cli *c, struct errbuf *eb)
{
	if (c->log_path)
		return ERR_OK;
	signals_set_log(c->signals, NULL);
	log_close(c->log);
	c->log = NULL;
	c->log_seen = 0;
	return cli_log_open(c, true, eb);
}

void cli_show_warnings(struct cli *c, struct progress *p)
{
	struct log_line lines[CLI_LOG_LINES];
	size_t n;

	if (!c->log || c->verbose || c->command->log == CLI_LOG_FILE_AND_STDERR)
		return;
	n = log_tail(c->log, c->log_seen, lines, CLI_LOG_LINES);
	for (size_t i = 0; i < n; i++) {
		c->log_seen = lines[i].seq;
		/* what this command itself was refused stands in its own message */
		if (lines[i].level > LOG_WARNING || strcmp(lines[i].source, "audit") == 0)
			continue;
		progress_clear(p);
		fprintf(stderr, "tubeops: %s: %s: %s\n", log_level_word(lines[i].level),
		    lines[i].source, lines[i].text);
	}
}

/* ---- from arguments to exit status ---- */

static enum err cli_settings(struct cli *c, struct errbuf *eb)
{
	enum err err = settings_load(&c->settings, c->env_path, eb);

	if (!err && c->listen_option)
		err = settings_set(c->settings, "LISTEN", c->listen_option, "--listen", eb);
	if (!err && c->data_option)
		err = settings_set(c->settings, "TUBEOPS_DATA", c->data_option, "--data", eb);
	if (err)
		return err;
	c->data_dir = settings_data_dir(c->settings);
	return c->data_dir ? ERR_OK : err_set(eb, ERR_NOMEM, "out of memory");
}

/* Signals first: threads that others start inherit what is blocked. */
static enum cli_exit cli_run(struct cli *c)
{
	struct errbuf eb = {.code = ERR_OK};
	enum cli_exit code = CLI_FAILED;
	enum err err;

	if (c->command->bare)
		return c->command->run(c);
	err = cli_settings(c, &eb);
	if (!err && c->command->signals)
		err = signals_start(&c->signals, c->command->screen, &eb);
	if (!err)
		err = cli_log_open(c, c->command->log != CLI_LOG_NONE, &eb);
	if (!err)
		err = engine_global_init(&eb);
	if (err) {
		cli_fail(c, CLI_FAILED, "%s", err_text(&eb));
	} else {
		code = c->command->run(c);
		engine_global_done();
	}
	signals_set_log(c->signals, NULL);
	log_close(c->log);
	signals_end(c->signals);
	settings_free(c->settings);
	free(c->data_dir);
	free(c->log_path);
	return code;
}

static void cli_done(struct cli *c)
{
	while (c->given) {
		struct cli_given *next = c->given->next;
		free(c->given->name);
		free(c->given);
		c->given = next;
	}
	free(c->args);
}

int cli_main(int argc, char **argv)
{
	struct cli c = {.command = NULL};
	enum cli_exit code;

	/* a reader that went away is an error of the write, not the end of the process */
	signal(SIGPIPE, SIG_IGN);
	code = cli_parse(&c, argc, argv);
	if (code == CLI_DONE) {
		if (c.version)
			c.command = cli_command_find("version");
		else if (c.help)
			cli_help(c.command);
		else if (!c.command)
			c.command = cli_command_find("console");
		if (!c.help || c.version)
			code = cli_run(&c);
	}
	code = cli_flush(code);
	cli_done(&c);
	return (int)code;
}
