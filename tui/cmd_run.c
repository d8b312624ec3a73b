#include "config.h"
#include "tui/cli.h"
#include "tui/cli_text.h"
#include "tui/format.h"
#include "tui/job_watch.h"
#include "tui/owner.h"
#include "tui/params.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void run_print_delays(struct json_node root)
{
	struct json_node row;
	struct json_walk walk;
	struct str stage, after;

	json_walk_start(&walk, json_node_get(root, "delays"));
	while (json_walk_next(&walk, &row, NULL)) {
		str_init(&stage, 256);
		str_init(&after, 256);
		cli_json_text(row, "stage", &stage);
		cli_json_text(row, "after", &after);
		printf("delays   %s until %s\n", str_get(&stage),
		    after.len ? str_get(&after) : "never");
		str_done(&stage);
		str_done(&after);
	}
}

/* Other ways: what they cost, how to ask for them, what they leave out. */
static void run_print_cheaper(struct json_node root)
{
	char n[FORMAT_SIZE];
	struct json_node row;
	struct json_walk walk;
	struct str text, loses;

	json_walk_start(&walk, json_node_get(root, "cheaper"));
	while (json_walk_next(&walk, &row, NULL)) {
		str_init(&text, 256);
		str_init(&loses, 256);
		cli_json_text(row, "text", &text);
		cli_json_text(row, "loses", &loses);
		printf("cheaper  %s: %s units, %.1f days%s%s\n", str_get(&text),
		    format_full(n, cli_json_int(row, "units", 0)), cli_json_real(row, "days"),
		    loses.len ? "; leaves out " : "", str_get(&loses));
		str_done(&text);
		str_done(&loses);
	}
}

static void run_print_price(const struct job_type_info *type, const char *text)
{
	struct json_reader *reader = json_reader_new(strlen(text) + 1, 16);
	char n[3][FORMAT_SIZE];
	struct json_node root, bucket;
	struct json_walk walk;
	int64_t items, due; /* -1: of a type that has none */
	const char *name;
	struct str value;

	str_init(&value, 4096);
	if (reader && json_reader_parse(reader, text, strlen(text), &root, NULL) == ERR_OK) {
		items = cli_json_int(root, "items", -1);
		due = cli_json_int(root, "items_due", items);
		if (items >= 0)
			printf("%s %s due", format_full(n[0], due),
			    strcmp(type->name, "resolve_names") == 0 ? "names" : "channels");
		if (items >= 0 && items < due)
			printf("; its units pay %s of them", format_full(n[0], items));
		printf("%s", items >= 0 ? "\n" : "");
		json_walk_start(&walk, json_node_get(root, "buckets"));
		while (json_walk_next(&walk, &bucket, &name))
			printf("%-8s %s units; %s left today, %s a day\n", name,
			    format_full(n[0], cli_json_int(bucket, "units", 0)),
			    format_full(n[1], cli_json_int(bucket, "left_today", 0)),
			    format_full(n[2], cli_json_int(bucket, "per_day", 0)));
		cli_json_text(root, "ends_at", &value);
		if (items > 0)
			printf("ends     %s", value.len ? str_get(&value) : "never");
		if (items > 0 && cli_json_int(root, "waits_for_midnights", 0))
			printf(", after %s midnight%s Pacific time",
			    format_full(n[0], cli_json_int(root, "waits_for_midnights", 0)),
			    cli_json_int(root, "waits_for_midnights", 0) == 1 ? "" : "s");
		printf("%s", items > 0 ? "\n" : "");
		str_reset(&value);
		cli_json_text(root, "note", &value);
		printf("%s\n", str_get(&value));
		run_print_delays(root);
		run_print_cheaper(root);
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
	char *text = err ? NULL : engine_price_json(e, type->name, params, NULL, NULL, &eb);

	if (err) {
		code = cli_open_failed(c, err, &eb, "end it first");
	} else if (c->json || !text) {
		code = cli_print_json(c, text, &eb);
		text = NULL;
	} else {
		run_print_price(type, text);
	}
	free(text);
	cli_close(c, e);
	return code;
}

enum cli_exit cmd_run(struct cli *c)
{
	const struct job_type_info *type = params_type(c->args[0]);
	struct engine *e = NULL;
	enum cli_exit code;
	char *params;

	if (!type)
		return params_unknown_type(c, c->args[0]);
	params = params_json(c, type, NULL);
	if (!params)
		return CLI_USAGE;
	if (cli_has(c, "dry-run")) {
		code = run_price(c, type, params);
		free(params);
		return code;
	}
	if (owner_or_open(c, &e, &code))
		code = job_watch_run(c, e, type->name, params, cli_has(c, "wait"));
	cli_close(c, e);
	free(params);
	return code;
}
