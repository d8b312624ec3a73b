#include "config.h"
#include "tui/cli.h"
#include "tui/cli_text.h"
#include "tui/format.h"
#include "tui/out_file.h"
#include "tui/signals.h"
#include "engine/base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { EXPORT_PATH_LIMIT = 16384 };

static bool export_go_on(void *arg, int64_t rows)
{
	const struct cli *c = arg;

	(void)rows;
	return !c->signals || !signals_stop_asked(c->signals);
}

static enum cli_exit export_write(struct cli *c, struct engine *e, struct engine_export *cfg)
{
	const char *path = cli_option(c, "out");
	struct out_file f;
	struct errbuf eb = {.code = ERR_OK};
	char n[FORMAT_SIZE];
	int64_t rows = 0;
	enum err err;

	err = out_file_open(&f, path, cli_has(c, "overwrite"), &eb);
	if (err)
		return cli_fail(c, CLI_FAILED, "%s", err_text(&eb));
	cfg->out = f.out;
	cfg->progress = export_go_on;
	cfg->arg = c;
	err = engine_export(e, cfg, &rows, &eb);
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

/* "2026-11-22" or RFC 3339, in UTC; false (message printed) when it is neither. */
static bool export_time(const struct cli *c, const char *name, int64_t *out)
{
	const char *text = cli_option(c, name);

	if (!text || clock_parse_moment(text, strlen(text), out) == ERR_OK)
		return true;
	cli_usage(c, "--%s: write a day as 2026-11-22 or a time as 2026-11-22T12:00:00Z", name);
	return false;
}

static bool export_filter(const struct cli *c, struct engine_filter *f)
{
	f->state = cli_option(c, "state");
	f->source = cli_option(c, "source");
	f->language = cli_option(c, "language");
	f->country = cli_option(c, "country");
	f->channel = cli_option(c, "channel");
	f->method = cli_option(c, "method");
	f->q = cli_option(c, "where");
	f->sort = cli_option(c, "sort");
	return cli_option_number(c, "min-subscribers", 0, INT64_MAX, &f->min_subscribers) &&
	       cli_option_number(c, "max-subscribers", 0, INT64_MAX, &f->max_subscribers) &&
	       export_time(c, "since", &f->since) && export_time(c, "until", &f->until);
}

enum cli_exit cmd_export(struct cli *c)
{
	struct engine_export cfg = {.what = c->args[0],
	    .format = cli_has(c, "format") ? cli_option(c, "format") : "csv",
	    .columns = cli_option(c, "columns"),
	    .filter = ENGINE_FILTER_ALL};
	struct errbuf eb = {.code = ERR_OK};
	enum cli_exit code;
	struct engine *e;
	enum err err;

	if (!export_filter(c, &cfg.filter))
		return CLI_USAGE;
	if (engine_export_check(&cfg, &eb))
		return cli_usage(c, "%s", err_text(&eb));
	if (c->json && !cli_has(c, "out"))
		return cli_usage(
		    c, "--json tells about the file of --out; for rows use --format jsonl");
	err = out_file_check(cli_option(c, "out"), cli_has(c, "overwrite"), &eb);
	if (err == ERR_INVALID)
		return cli_usage(c, "%s", err_text(&eb));
	if (err)
		return cli_fail(c, CLI_FAILED, "%s", err_text(&eb));
	err = cli_open(c, ENGINE_LOOK, &e, &eb);
	if (err)
		return cli_open_failed(c, err, &eb, "end it first");
	code = export_write(c, e, &cfg);
	cli_close(c, e);
	return code;
}
