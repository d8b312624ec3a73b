#include "config.h"
#include "tui/cli.h"
#include "tui/cli_text.h"
#include "tui/format.h"
#include "tui/out_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { EXPORT_PATH_LIMIT = 16384 };

static bool export_word(const char *word, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(word, words[i]) == 0)
			return true;
	return false;
}

static enum cli_exit export_write(struct cli *c, struct engine *e, const char *format)
{
	const char *path = cli_option(c, "out");
	struct out_file f;
	struct errbuf eb = {.code = ERR_OK};
	char n[FORMAT_SIZE];
	int64_t rows = 0;
	enum err err;

	if (c->json && !path)
		return cli_usage(
		    c, "--json tells about the file of --out; for rows use --format jsonl");
	err = out_file_open(&f, path, &eb);
	if (err)
		return cli_fail(c, CLI_FAILED, "%s", err_text(&eb));
	err = engine_export(e, c->args[0], format, f.out, &rows, &eb);
	err = out_file_close(&f, err, &eb);
	if (err && !path) {
		/* stdout holds rows, where an error object would be one more */
		fprintf(stderr, "tubeops: %s\n", err_text(&eb));
		return CLI_FAILED;
	}
	if (err)
		return cli_fail(c, CLI_FAILED, "%s", err_text(&eb));
	if (path && c->json) {
		struct str name;
		str_init(&name, 6 * EXPORT_PATH_LIMIT);
		cli_add_json(&name, path, strlen(path));
		printf("{\"out\":%s,\"rows\":%" PRId64 "}\n", str_get(&name), rows);
		str_done(&name);
	} else if (path) {
		printf("%s rows in %s\n", format_full(n, rows), path);
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
