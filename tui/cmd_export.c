#include "config.h"
#include "tui/cli.h"
#include "tui/cli_text.h"
#include "tui/format.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EXPORT_PATH_LIMIT = 16384 };

/* A file that gets its name when it is complete; until then it has a name of its own beside it.
 * Devices and pipes are written as they are; a link stays, what it points to is replaced. */
struct export_file {
	const char *path; /* NULL: stdout */
	char *target;     /* path with its links followed; owned */
	char *temporary;
	FILE *out;
};

static bool export_word(const char *word, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(word, words[i]) == 0)
			return true;
	return false;
}

static enum err export_open(struct export_file *f, struct errbuf *eb)
{
	struct str name;
	struct stat st;
	mode_t mask;
	int fd;

	f->out = stdout;
	if (!f->path)
		return ERR_OK;
	if (stat(f->path, &st) == 0 && !S_ISREG(st.st_mode)) {
		f->out = S_ISDIR(st.st_mode) ? NULL : fopen(f->path, "we");
		return f->out ? ERR_OK
		              : err_set(eb, ERR_IO, "%s: %s", f->path,
		                    S_ISDIR(st.st_mode) ? "is a folder; name a file in it"
		                                        : strerror(errno));
	}
	f->target = realpath(f->path, NULL);
	if (!f->target)
		f->target = str_dup(f->path);
	str_init(&name, EXPORT_PATH_LIMIT);
	str_addf(&name, "%s.part-XXXXXX", f->target ? f->target : f->path);
	f->temporary = str_take(&name);
	fd = f->temporary ? mkstemp(f->temporary) : -1;
	if (fd < 0) {
		free(f->temporary);
		f->temporary = NULL;
		return err_set(eb, ERR_IO, "%s: %s", f->path, strerror(errno));
	}
	/* mkstemp is for secrets; this is an ordinary file */
	mask = umask(0);
	umask(mask);
	f->out = fchmod(fd, 0666 & ~mask) == 0 ? fdopen(fd, "w") : NULL;
	if (f->out)
		return ERR_OK;
	close(fd);
	unlink(f->temporary);
	free(f->temporary);
	f->temporary = NULL;
	free(f->target);
	return err_set(eb, ERR_IO, "%s: %s", f->path, strerror(errno));
}

static enum err export_close(struct export_file *f, enum err err, struct errbuf *eb)
{
	bool failed = fflush(f->out) != 0 || ferror(f->out);

	if (!err && failed)
		err = err_set(
		    eb, ERR_IO, "%s: %s", f->path ? f->path : "standard output", strerror(errno));
	if (!f->temporary) {
		if (f->path && fclose(f->out) != 0 && !err)
			err = err_set(eb, ERR_IO, "%s: %s", f->path, strerror(errno));
		return err;
	}
	if (!err && fsync(fileno(f->out)) != 0)
		err = err_set(eb, ERR_IO, "%s: %s", f->path, strerror(errno));
	if (fclose(f->out) != 0 && !err)
		err = err_set(eb, ERR_IO, "%s: %s", f->path, strerror(errno));
	if (!err && rename(f->temporary, f->target ? f->target : f->path) != 0)
		err = err_set(eb, ERR_IO, "%s: %s", f->path, strerror(errno));
	if (err)
		unlink(f->temporary);
	free(f->temporary);
	free(f->target);
	return err;
}

static enum cli_exit export_write(struct cli *c, struct engine *e, const char *format)
{
	struct export_file f = {.path = cli_option(c, "out")};
	struct errbuf eb = {.code = ERR_OK};
	char n[FORMAT_SIZE];
	int64_t rows = 0;
	enum err err;

	if (c->json && !f.path)
		return cli_usage(
		    c, "--json tells about the file of --out; for rows use --format jsonl");
	err = export_open(&f, &eb);
	if (err)
		return cli_fail(c, CLI_FAILED, "%s", err_text(&eb));
	err = engine_export(e, c->args[0], format, f.out, &rows, &eb);
	err = export_close(&f, err, &eb);
	if (err && !f.path) {
		/* stdout holds rows, where an error object would be one more */
		fprintf(stderr, "tubeops: %s\n", err_text(&eb));
		return CLI_FAILED;
	}
	if (err)
		return cli_fail(c, CLI_FAILED, "%s", err_text(&eb));
	if (f.path && c->json) {
		struct str name;
		str_init(&name, 6 * EXPORT_PATH_LIMIT);
		cli_add_json(&name, f.path, strlen(f.path));
		printf("{\"out\":%s,\"rows\":%" PRId64 "}\n", str_get(&name), rows);
		str_done(&name);
	} else if (f.path) {
		printf("%s rows in %s\n", format_full(n, rows), f.path);
	}
	return CLI_DONE;
}

enum cli_exit cmd_export(struct cli *c)
{
	static const char *const whats[] = {"channels", "jobs"}, *const formats[] = {
	                                                             "csv", "jsonl"};
	const char *format = cli_has(c, "format") ? cli_option(c, "format") : "csv";
	struct errbuf eb = {.code = ERR_OK};
	enum cli_exit code;
	struct engine *e;
	enum err err;

	if (!export_word(c->args[0], whats, 2))
		return cli_usage(
		    c, "cannot export \"%s\": there are channels and jobs", c->args[0]);
	if (!export_word(format, formats, 2))
		return cli_usage(c, "--format: \"%s\" is neither csv nor jsonl", format);
	err = cli_open(c, ENGINE_LOOK, &e, &eb);
	if (err)
		return cli_open_failed(c, err, &eb, "end it first");
	code = export_write(c, e, format);
	cli_close(c, e);
	return code;
}
