/*
 * cli - the command line: one table of commands with their options, from which parsing and help
 * come; what all commands share (settings, log, data folder, engine, messages). Main thread only.
 */
#ifndef TUBEOPS_CLI_H
#define TUBEOPS_CLI_H

#include "engine/base/err.h"
#include "engine/base/log.h"
#include "engine/base/settings.h"
#include "engine/engine.h"

#include <stddef.h>
#include <stdint.h>

enum cli_exit { CLI_DONE, CLI_FAILED, CLI_USAGE, CLI_QUOTA };

struct cli;
struct progress;
struct signals;

struct cli_option {
	const char *name;  /* without dashes; of one letter: -n, else --name; NULL ends a table */
	const char *value; /* what follows it, for help; NULL: nothing follows */
	const char *help;
};

enum cli_log { CLI_LOG_NONE, CLI_LOG_FILE, CLI_LOG_FILE_AND_STDERR };

struct cli_command {
	const char *name; /* NULL ends the table */
	const char *args; /* for help: "FILE|-" */
	const char *help;
	const char *more;                 /* paragraphs for `help NAME`; NULL */
	const struct cli_option *options; /* NULL: none of its own */
	const char
	    *job_type; /* takes its parameters as options; "*": of the type it is given; NULL */
	int least_args, most_args;
	enum cli_log log;
	bool signals; /* SIGINT, SIGTERM and SIGHUP are handled, not deadly */
	bool screen;  /* SIGHUP means that the terminal is gone, not: reopen the log */
	bool bare;    /* needs no settings and no data folder */
	enum cli_exit (*run)(struct cli *c);
};

/* One option of the command's own, as it was given; texts are of argv or of the given list. */
struct cli_given {
	struct cli_given *next;
	char *name;        /* without dashes; owned */
	const char *value; /* NULL: a flag */
};

struct cli {
	const struct cli_command *command;
	const char **args; /* without options and the command's name */
	int n_args;
	struct cli_given *given; /* in the order given */

	bool json, no_rest, verbose, help, version;
	const char *env_path; /* NULL: ./.env if there is one */
	const char *data_option, *listen_option;

	struct settings *settings;
	char *data_dir;
	struct log *log;         /* NULL: none */
	char *log_path;          /* NULL: it has no file */
	uint64_t log_seen;       /* last line shown on stderr by cli_show_warnings */
	struct signals *signals; /* NULL unless the command asked for it */
};

/* Everything from the arguments to the exit status. */
int cli_main(int argc, char **argv);

/* Commands, ended by one without name. */
const struct cli_command *cli_commands(void);
const struct cli_command *cli_command_find(const char *name);
const struct cli_option *cli_common_options(void);

/* ---- cli_parse.c ---- */
/* Fills c from the arguments; CLI_USAGE after a message. */
enum cli_exit cli_parse(struct cli *c, int argc, char **argv);

/* ---- for commands ---- */
/* The last value of an option of the command's own; NULL when it was not given. */
const char *cli_option(const struct cli *c, const char *name);
bool cli_has(const struct cli *c, const char *name);
/* A whole number; false (message printed) when it is none. Absent: *out stays. */
bool cli_option_number(
    const struct cli *c, const char *name, int64_t least, int64_t most, int64_t *out);

/* "tubeops: text" to stderr, and {"error": text} to stdout with --json. Returns code. */
enum cli_exit cli_fail(const struct cli *c, enum cli_exit code, const char *fmt, ...)
    PRINTF_LIKE(3, 4);
/* The same with a hint to `tubeops help`. */
enum cli_exit cli_usage(const struct cli *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Takes text (JSON, or NULL for eb's error) and prints it with one newline at its end. */
enum cli_exit cli_print_json(const struct cli *c, char *text, const struct errbuf *eb);

struct engine_config cli_engine_config(const struct cli *c, enum engine_mode mode);
enum err cli_open(
    struct cli *c, enum engine_mode mode, struct engine **out, struct errbuf *eb) MUST_CHECK;
/* Starts the job that --start names, if it does. */
enum err cli_start_job(const struct cli *c, struct engine *e, struct errbuf *eb) MUST_CHECK;
/* Closes under the eye of the signal watcher: a second signal is quicker. NULL is allowed. */
void cli_close(struct cli *c, struct engine *e);
/*
 * Says why cli_open failed and what to do; instead: what to do when another process owns the
 * folder.
 */
enum cli_exit cli_open_failed(
    const struct cli *c, enum err err, const struct errbuf *eb, const char *instead);
/*
 * Prints log lines of warning and worse that were not shown yet, above the progress line (may be
 * NULL), unless the log goes to stderr anyway.
 */
void cli_show_warnings(struct cli *c, struct progress *p);

/* ---- cli_help.c ---- */
void cli_help(const struct cli_command *command);
void cli_help_settings(void);

/* ---- what is made from the tables of commands, job types and settings, on standard output ---- */
/* "--" or "-", before an option's name. */
const char *cli_dashes(const char *option);
/* A file for --env: every setting with its default, behind a #. */
void cli_print_example(void);
/* The manual page, for man(7). */
void cli_print_man(void);
/* The completions of a shell; false: none of bash, zsh and fish. */
bool cli_print_completions(const char *shell);
/*
 * What the last of the words of a command line may be, whatever of it is there already; the program's
 * own name is none of them. Lines of word, tab, help; and "files" where the shell knows more.
 */
void cli_complete(const char *const *words, int n);

/* ---- cmd_*.c ---- */
enum cli_exit cmd_console(struct cli *c);
enum cli_exit cmd_attach(struct cli *c);
enum cli_exit cmd_serve(struct cli *c);
enum cli_exit cmd_import(struct cli *c);
enum cli_exit cmd_run(struct cli *c);
enum cli_exit cmd_stop(struct cli *c);
enum cli_exit cmd_status(struct cli *c);
enum cli_exit cmd_top(struct cli *c);
enum cli_exit cmd_jobs(struct cli *c);
enum cli_exit cmd_keys(struct cli *c);
enum cli_exit cmd_dead(struct cli *c);
enum cli_exit cmd_schedules(struct cli *c);
enum cli_exit cmd_plan(struct cli *c);
enum cli_exit cmd_enrich(struct cli *c);
enum cli_exit cmd_export(struct cli *c);
enum cli_exit cmd_backup(struct cli *c);
enum cli_exit cmd_restore(struct cli *c);
enum cli_exit cmd_sync(struct cli *c);
enum cli_exit cmd_purge(struct cli *c);
enum cli_exit cmd_demo(struct cli *c);
enum cli_exit cmd_screen(struct cli *c);
enum cli_exit cmd_doctor(struct cli *c);
enum cli_exit cmd_health(struct cli *c);
enum cli_exit cmd_help(struct cli *c);
enum cli_exit cmd_settings(struct cli *c);
enum cli_exit cmd_completions(struct cli *c);
enum cli_exit cmd_version(struct cli *c);

#endif
