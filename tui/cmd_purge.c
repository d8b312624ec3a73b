#include "config.h"
#include "tui/ask.h"
#include "tui/cli.h"
#include "tui/cli_text.h"
#include "tui/format.h"
#include "tui/job_watch.h"
#include "tui/owner.h"
#include "tui/steer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PURGE_TEXT = 4096, PURGE_DAYS_MOST = 36500, PURGE_LOOK_DEPTH = 8 };

/* What is to be taken, and what that would be. */
struct purge {
	struct cli *c;
	const char *target; /* NULL: by age */
	int64_t days;
	char *text; /* engine_purge_look's; owned */
	struct json_reader *reader;
	struct json_node root;
	struct str id; /* of the channel */
};

static enum cli_exit purge_look(struct purge *p)
{
	struct errbuf eb = {.code = ERR_OK};
	struct engine *e;
	enum err err = cli_open(p->c, ENGINE_LOOK, &e, &eb);

	if (err)
		return cli_open_failed(p->c, err, &eb, "end it first");
	p->text = engine_purge_look(e, p->target, p->days, &eb);
	cli_close(p->c, e);
	if (!p->text)
		return cli_fail(p->c, CLI_FAILED, "%s", err_text(&eb));
	p->reader = json_reader_new(strlen(p->text) + 1, PURGE_LOOK_DEPTH);
	if (!p->reader || json_reader_parse(p->reader, p->text, strlen(p->text), &p->root, NULL))
		return cli_fail(p->c, CLI_FAILED, "out of memory");
	cli_json_text(p->root, "channel_id", &p->id);
	return CLI_DONE;
}

static bool purge_flag(const struct purge *p, const char *name)
{
	bool yes = false;

	return json_node_bool(json_node_get(p->root, name), &yes) && yes;
}

static void purge_say_channel(const struct purge *p, struct str *out)
{
	struct str title;

	str_init(&title, PURGE_TEXT);
	cli_json_text(p->root, "title", &title);
	if (!purge_flag(p, "known"))
		str_addf(out, "channel %s, which is not here%s", str_get(&p->id),
		    purge_flag(p, "erased") ? " (erased before)" : "");
	else
		str_addf(out,
		    "channel %s (%s) with %" PRId64 " videos, %" PRId64 " discoveries and %" PRId64
		    " names",
		    str_get(&p->id), title.len ? str_get(&title) : "no title",
		    cli_json_int(p->root, "videos", 0), cli_json_int(p->root, "discoveries", 0),
		    cli_json_int(p->root, "names", 0));
	str_done(&title);
}

static void purge_say_age(const struct purge *p, struct str *out)
{
	struct json_walk walk;
	struct json_node node;
	const char *name, *lead = ": ";
	char n[FORMAT_SIZE];

	str_addf(out, "%s rows older than %" PRId64 " days",
	    format_full(n, cli_json_int(p->root, "rows", 0)), p->days);
	json_walk_start(&walk, p->root);
	while (json_walk_next(&walk, &node, &name)) {
		int64_t rows = 0;
		if (strcmp(name, "rows") == 0 || strcmp(name, "older_than_days") == 0 ||
		    !json_node_int(node, &rows) || !rows)
			continue;
		str_addf(out, "%s%s %s", lead, name, format_full(n, rows));
		lead = ", ";
	}
}

static void purge_say(const struct purge *p, struct str *out)
{
	if (p->target)
		purge_say_channel(p, out);
	else
		purge_say_age(p, out);
}

/* True when it may go on. */
static bool purge_agreed(const struct purge *p)
{
	struct str question;
	bool yes;

	if (cli_has(p->c, "yes") || !ask_is_terminal())
		return true;
	str_init(&question, PURGE_TEXT);
	str_adds(&question, "Delete ");
	purge_say(p, &question);
	str_adds(&question, "? This cannot be undone. [y/N] ");
	yes = ask_yes(str_get(&question));
	str_done(&question);
	return yes;
}

static enum cli_exit purge_show(const struct purge *p)
{
	struct str text;

	if (p->c->json) {
		puts(p->text);
		return CLI_DONE;
	}
	str_init(&text, PURGE_TEXT);
	purge_say(p, &text);
	printf("would delete %s\n", str_get(&text));
	str_done(&text);
	return CLI_DONE;
}

/* A job that can be watched: in this process, else in the one that owns the folder. */
static enum cli_exit purge_age(struct purge *p)
{
	struct engine *e = NULL;
	char params[64];
	enum cli_exit code;

	snprintf(params, sizeof params, "{\"days\":%" PRId64 "}", p->days);
	if (owner_or_open(p->c, &e, &code))
		code = job_watch_run(p->c, e, "purge", params, false);
	cli_close(p->c, e);
	return code;
}

static enum cli_exit purge_do(struct purge *p)
{
	struct command command = {.action = ACTION_CHANNEL_ERASE};
	enum cli_exit code = purge_look(p);

	if (code != CLI_DONE)
		return code;
	if (cli_has(p->c, "dry-run"))
		return purge_show(p);
	if (!purge_agreed(p))
		return cli_fail(p->c, CLI_FAILED, "nothing was deleted");
	if (!p->target)
		return purge_age(p);
	command.target = str_get(&p->id);
	return steer_do(p->c, &command, "/api/channels", NULL);
}

enum cli_exit cmd_purge(struct cli *c)
{
	struct purge p = {.c = c, .target = c->n_args ? c->args[0] : NULL};
	struct command readmit = {.action = ACTION_CHANNEL_READMIT, .target = p.target};
	enum cli_exit code;

	if (!cli_option_number(c, "older-than", 1, PURGE_DAYS_MOST, &p.days))
		return CLI_USAGE;
	if (!p.target == !p.days)
		return cli_usage(c,
		    "what is to be deleted? tubeops purge CHANNEL, or tubeops purge --older-than "
		    "DAYS");
	if (cli_has(c, "readmit") && !p.target)
		return cli_usage(c, "which channel? tubeops purge CHANNEL --readmit");
	if (cli_has(c, "readmit"))
		return steer_do(c, &readmit, "/api/channels", NULL);
	str_init(&p.id, PURGE_TEXT);
	code = purge_do(&p);
	str_done(&p.id);
	json_reader_free(p.reader);
	free(p.text);
	return code;
}
