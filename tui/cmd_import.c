#include "config.h"
#include "tui/cli.h"
#include "tui/cli_text.h"
#include "tui/format.h"
#include "tui/job_watch.h"
#include "tui/owner.h"
#include "tui/params.h"
#include "tui/remote.h"
#include "tui/stdin_copy.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { IMPORT_SHOWN_REJECTS = 100, IMPORT_TEXT_LIMIT = 16384 };

/* What is to be fetched first: said before a data folder is made. */
static const char *const import_elsewhere[] = {"http://", "https://", "ftp://", "s3://"};

/*
 * The whole path, as a continued import may be started from another folder; URLs stay as they are,
 * and nothing repeats them here: they may hold a password. Returns owned.
 */
static char *import_path(struct cli *c, const char *file)
{
	struct stat st;
	char *path;

	for (size_t i = 0; i < sizeof import_elsewhere / sizeof import_elsewhere[0]; i++)
		if (strncmp(file, import_elsewhere[i], strlen(import_elsewhere[i])) == 0) {
			cli_fail(c, CLI_FAILED,
			    "only files and databases are read: download it first (curl … | "
			    "tubeops import -)");
			return NULL;
		}
	if (strcmp(file, "-") == 0 || strstr(file, "://"))
		return str_dup(file);
	path = realpath(file, NULL);
	if (path && stat(path, &st) == 0 && !S_ISDIR(st.st_mode))
		return path;
	cli_fail(c, CLI_FAILED, "%s: %s", file,
	    path ? "this is a folder, and a file is needed" : strerror(errno));
	free(path);
	return NULL;
}

static void import_print_rejects(const struct job_outcome *out)
{
	struct json_walk walk;
	struct json_node item;
	struct str text;
	int shown = 0;

	str_init(&text, IMPORT_TEXT_LIMIT);
	json_walk_start(&walk, json_node_get(out->root, "rejects"));
	while (shown < IMPORT_SHOWN_REJECTS && json_walk_next(&walk, &item, NULL)) {
		str_reset(&text);
		cli_json_text(item, "reason", &text);
		fprintf(stderr, "line %" PRId64 ": %s\n", cli_json_int(item, "line", 0),
		    str_get(&text));
		shown++;
	}
	str_reset(&text);
	cli_json_text(out->root, "rejects_file", &text);
	if (text.len)
		fprintf(stderr, "all rejected lines: %s\n", str_get(&text));
	str_done(&text);
}

static void import_print(const struct job_outcome *out)
{
	static const struct {
		const char *name;
		bool always;
		const char *help;
	} rows[] = {
	    {"read", true, "rows"},
	    {"added", true, "new channels"},
	    {"known", true, "were there already"},
	    {"erased", false, "were erased once and stay away (tubeops purge ID --readmit)"},
	    {"invalid", true, "hold no channel id"},
	    {"duplicates", true, "repeat a channel of this input"},
	    {"unresolved", true,
	        "name a channel by handle or name: `tubeops run names` finds them, a unit each"},
	    {"unstored", false, "not stored: run the same import again"},
	};
	char n[FORMAT_SIZE];
	double seconds = cli_json_real(out->root, "seconds");
	int64_t read = cli_json_int(out->root, "read", 0);

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		int64_t value = cli_json_int(out->root, rows[i].name, 0);
		if (value || rows[i].always)
			printf(
			    "%-17s%11s  %s\n", rows[i].name, format_full(n, value), rows[i].help);
	}
	printf("%-17s%11.1f", "seconds", seconds);
	if (seconds > 0)
		printf("  %s/s", format_full(n, (int64_t)((double)read / seconds)));
	putchar('\n');
}

static enum cli_exit import_file(struct cli *c, struct engine *e, const char *params, bool *started)
{
	struct job_outcome out;
	enum cli_exit code;

	job_watch(c, e, c->command->job_type, params, false, &out);
	job_outcome_show(c, &out, import_print);
	import_print_rejects(&out);
	code = job_outcome_exit(c, &out);
	*started = out.started;
	job_outcome_done(&out);
	return code;
}

/* ---- by the process that owns the folder ---- */

/* The URL with the password of our own settings, which that process may not have; NULL: none is
 * needed. Owned. */
static char *import_with_password(const struct cli *c, const char *url)
{
	const struct secret *password = settings_secret(c->settings, SET_IMPORT_PASSWORD, 0);
	const char *start = strstr(url, "://"), *at = NULL;
	size_t head;
	struct str out;

	if (!password || !start)
		return NULL;
	start += 3;
	for (const char *p = start; *p && !strchr("/?#", *p); p++)
		at = *p == '@' ? p : at;
	if (at && memchr(start, ':', (size_t)(at - start)))
		return NULL;
	head = (size_t)((at ? at : start) - url);
	str_init(&out, IMPORT_TEXT_LIMIT);
	str_room(&out, strlen(url) + 3 * secret_length(password) + 8);
	str_add(&out, url, head);
	str_addc(&out, ':');
	remote_segment(&out, secret_reveal(password));
	str_addf(&out, "%s%s", at ? "" : "@", url + head);
	return str_take(&out);
}

/* Standard input as a file that the job reads and deletes. NULL after a message. */
static char *import_spool(struct cli *c)
{
	struct errbuf eb = {.code = ERR_OK};
	char *path = NULL;
	int fd = -1;
	enum err err = engine_spool(c->data_dir, &path, &fd, &eb);

	if (!err)
		err = stdin_copy(c, fd, &eb);
	if (fd >= 0 && close(fd) != 0 && !err)
		err = err_set(&eb, ERR_IO, "%s: %s", path, strerror(errno));
	if (!err)
		return path;
	cli_fail(c, CLI_FAILED, "%s", err_text(&eb));
	if (path)
		unlink(path);
	free(path);
	return NULL;
}

static enum cli_exit import_far(
    struct cli *c, const struct job_type_info *type, const char *path, const char *params)
{
	bool is_stdin = strcmp(path, "-") == 0, started = false;
	char *instead = is_stdin ? import_spool(c) : import_with_password(c, path);
	char *own = instead ? params_json(c, type, instead) : NULL;
	enum cli_exit code = CLI_FAILED;

	if (instead ? own != NULL : !is_stdin)
		code = import_file(c, NULL, own ? own : params, &started);
	if (is_stdin && instead && !started)
		unlink(instead);
	if (own)
		explicit_bzero(own, strlen(own));
	if (instead)
		explicit_bzero(instead, strlen(instead));
	free(own);
	free(instead);
	return code;
}

enum cli_exit cmd_import(struct cli *c)
{
	const struct job_type_info *type = params_type(c->command->job_type);
	char *path = import_path(c, c->args[0]);
	char *params = path && type ? params_json(c, type, path) : NULL;
	enum cli_exit code = path ? CLI_USAGE : CLI_FAILED;
	struct engine *e = NULL;
	bool started;

	if (params && owner_or_open(c, &e, &code))
		code = e ? import_file(c, e, params, &started) : import_far(c, type, path, params);
	cli_close(c, e);
	free(params);
	free(path);
	return code;
}
