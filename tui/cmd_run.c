#include "config.h"
#include "tui/cli.h"
#include "tui/cli_text.h"
#include "tui/format.h"
#include "tui/job_watch.h"
#include "tui/params.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum cli_exit run_unknown(struct cli *c)
{
	struct str types;
	enum cli_exit code;

	str_init(&types, 4096);
	for (const struct job_type_info *const *t = engine_job_types(); *t; t++)
		str_addf(&types, "%s%s", types.len ? ", " : "", (*t)->name);
	code =
	    cli_usage(c, "there is no job type \"%s\"; there are: %s", c->args[0], str_get(&types));
	str_done(&types);
	return code;
}

static void run_print_price(const char *text)
{
	struct json_reader *reader = json_reader_new(strlen(text) + 1, 16);
	char n[3][FORMAT_SIZE];
	struct json_node root, bucket;
	struct json_walk walk;
	const char *name;
	struct str value;

	str_init(&value, 4096);
	if (reader && json_reader_parse(reader, text, strlen(text), &root, NULL) == ERR_OK) {
		printf("%s channels or names due\n",
		    format_full(n[0], cli_json_int(root, "items", 0)));
		json_walk_start(&walk, json_node_get(root, "buckets"));
		while (json_walk_next(&walk, &bucket, &name))
			printf("%-8s %s units; %s left today, %s a day\n", name,
			    format_full(n[0], cli_json_int(bucket, "units", 0)),
			    format_full(n[1], cli_json_int(bucket, "left_today", 0)),
			    format_full(n[2], cli_json_int(bucket, "per_day", 0)));
		cli_json_text(root, "ends_at", &value);
		printf("ends     %s, after %s midnights Pacific time\n",
		    value.len ? str_get(&value) : "never",
		    format_full(n[0], cli_json_int(root, "waits_for_midnights", 0)));
		str_reset(&value);
		cli_json_text(root, "note", &value);
		printf("%s\n", str_get(&value));
	}
	str_done(&value);
	json_reader_free(reader);
}

/* A look is enough, so it works beside the process that owns the folder. */
static enum cli_exit run_price(struct cli *c, const struct job_type_info *type, const char *params)
{
	struct errbuf eb = {.code = ERR_OK};
	struct engine *e = NULL;
	enum err err = cli_open(c, ENGINE_LOOK, &e, &eb);
	enum cli_exit code = CLI_DONE;
	char *text = err ? NULL : engine_price_json(e, type->name, params, &eb);

	if (err) {
		code = cli_open_failed(c, err, &eb, "end it first");
	} else if (c->json || !text) {
		code = cli_print_json(c, text, &eb);
		text = NULL;
	} else {
		run_print_price(text);
	}
	free(text);
	cli_close(c, e);
	return code;
}

enum cli_exit cmd_run(struct cli *c)
{
	const struct job_type_info *type = params_type(c->args[0]);
	struct errbuf eb = {.code = ERR_OK};
	struct engine *e;
	enum cli_exit code;
	enum err err;
	char *params;

	if (!type)
		return run_unknown(c);
	params = params_json(c, type, NULL);
	if (!params)
		return CLI_USAGE;
	if (cli_has(c, "dry-run")) {
		code = run_price(c, type, params);
		free(params);
		return code;
	}
	err = cli_open(c, ENGINE_WORK, &e, &eb);
	if (err)
		code = cli_open_failed(c, err, &eb,
		    "start the job there (POST /api/batch-metadata, or n on its console), or end "
		    "it first");
	else
		code = job_watch_run(c, e, type->name, params, cli_has(c, "wait"));
	cli_close(c, e);
	free(params);
	return code;
}
