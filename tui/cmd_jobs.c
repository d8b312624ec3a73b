#include "config.h"
#include "tui/cli.h"
#include "tui/cli_text.h"
#include "tui/format.h"
#include "tui/steer.h"
#include "engine/base/ids.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { JOBS_DEFAULT = 50, JOBS_MOST = 1000000, JOBS_TEXT_LIMIT = 4096 };

static void jobs_print_line(const struct snapshot_job *j)
{
	char done[FORMAT_SIZE], total[FORMAT_SIZE], until[CLI_TIME_SIZE];

	printf("J-%-6" PRId64 " %-16s %-12s %15s of %-15s %s", j->no, j->type, j->status,
	    format_full(done, j->processed), j->total < 0 ? "?" : format_full(total, j->total),
	    j->reason);
	if (j->until)
		printf("%suntil %s", j->reason[0] ? ", " : "", cli_when(j->until, until));
	putchar('\n');
}

static void jobs_print_list(const struct cli *c, const struct snapshot *s, int64_t limit)
{
	const char *status = cli_option(c, "status");
	int64_t shown = 0;

	for (size_t i = 0; i < s->n_jobs && shown < limit; i++)
		if (!status || !*status || strcmp(s->jobs[i].status, status) == 0) {
			jobs_print_line(&s->jobs[i]);
			shown++;
		}
	if (!shown)
		printf(
		    "no jobs%s%s\n", status && *status ? " of status " : "", status ? status : "");
	else if (s->n_jobs == SNAPSHOT_JOBS && shown < limit)
		printf("(the newest %d; more with --json --limit N)\n", SNAPSHOT_JOBS);
}

static void jobs_print_one(const struct snapshot_job *j)
{
	const struct {
		const char *name;
		int64_t value;
	} counts[] = {{"done", j->done}, {"missing", j->missing}, {"absent", j->absent},
	    {"failed", j->failed}, {"pending", j->pending}, {"units", j->units}};
	const struct {
		const char *name;
		int64_t at;
	} times[] = {{"created", j->created_ms / 1000}, {"started", j->started_ms / 1000},
	    {"completed", j->completed_ms / 1000}, {"until", j->until}, {"ends about", j->eta}};
	char n[FORMAT_SIZE], when[CLI_TIME_SIZE];

	jobs_print_line(j);
	printf("  %-12s %s\n", "id", j->uuid);
	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
		printf("  %-12s %s\n", counts[i].name, format_full(n, counts[i].value));
	for (size_t i = 0; i < sizeof times / sizeof times[0]; i++)
		if (times[i].at)
			printf("  %-12s %s\n", times[i].name, cli_when(times[i].at, when));
}

static bool jobs_is(const struct snapshot_job *j, const char *id)
{
	const char *digits = (id[0] | 32) == 'j' && id[1] == '-' ? id + 2 : id;
	struct uuid a, b;
	int64_t no;

	if (str_to_i64(digits, 1, INT64_MAX, &no) == ERR_OK)
		return j->no == no;
	return uuid_parse(id, strlen(id), &a) && uuid_parse(j->uuid, strlen(j->uuid), &b) &&
	       memcmp(&a, &b, sizeof a) == 0;
}

/* An old job that the snapshot no longer has: the REST object, member by member. */
static enum cli_exit jobs_print_old(const struct cli *c, char *text, const struct errbuf *eb)
{
	struct json_reader *reader;
	struct json_walk walk;
	struct json_node root, item;
	const char *name;
	struct str value;

	if (!text)
		return cli_fail(c, CLI_FAILED, "%s", err_text(eb));
	reader = json_reader_new(strlen(text) + 1, 16);
	str_init(&value, JOBS_TEXT_LIMIT);
	if (reader && json_reader_parse(reader, text, strlen(text), &root, NULL) == ERR_OK) {
		json_walk_start(&walk, root);
		while (json_walk_next(&walk, &item, &name)) {
			int64_t n;
			str_reset(&value);
			cli_json_text(root, name, &value);
			if (json_node_type(item) != JSON_NODE_TEXT && json_node_int(item, &n))
				str_addf(&value, "%" PRId64, n);
			printf("%-16s %s\n", name, value.len ? str_get(&value) : "-");
		}
	}
	str_done(&value);
	json_reader_free(reader);
	free(text);
	return CLI_DONE;
}

static enum cli_exit jobs_show(const struct cli *c, struct engine *e, const struct snapshot *s)
{
	struct errbuf eb = {.code = ERR_OK};
	const char *id = c->args[0];

	if (c->json)
		return cli_print_json(c, engine_job_json(e, id, &eb), &eb);
	for (size_t i = 0; i < s->n_jobs; i++)
		if (jobs_is(&s->jobs[i], id)) {
			jobs_print_one(&s->jobs[i]);
			return CLI_DONE;
		}
	return jobs_print_old(c, engine_job_json(e, id, &eb), &eb);
}

static enum cli_exit jobs_look(struct cli *c, struct engine *e)
{
	struct errbuf eb = {.code = ERR_OK};
	const struct snapshot *s;
	int64_t limit = JOBS_DEFAULT;
	enum cli_exit code = CLI_DONE;

	if (!cli_option_number(c, "limit", 0, JOBS_MOST, &limit))
		return CLI_USAGE;
	if (c->json && !c->n_args)
		return cli_print_json(
		    c, engine_jobs_json(e, cli_option(c, "status"), limit, &eb), &eb);
	s = engine_snapshot(e);
	if (!s)
		return cli_fail(c, CLI_FAILED, "out of memory");
	if (c->n_args)
		code = jobs_show(c, e, s);
	else
		jobs_print_list(c, s, limit);
	snapshot_unref(s);
	return code;
}

static enum cli_exit jobs_act(struct cli *c)
{
	struct command command = {
	    .action = steer_action(c->args[1], ARG_JOB), .target = c->args[0]};
	struct str words;
	enum cli_exit code;

	if (command.action != ACTION_COUNT)
		return steer_do(c, &command, "/api/jobs", NULL);
	str_init(&words, JOBS_TEXT_LIMIT);
	steer_words(ARG_JOB, &words);
	code = cli_usage(
	    c, "\"%s\" cannot be done to a job; there are: %s", c->args[1], str_get(&words));
	str_done(&words);
	return code;
}

enum cli_exit cmd_jobs(struct cli *c)
{
	struct errbuf eb = {.code = ERR_OK};
	enum cli_exit code;
	struct engine *e;
	enum err err;

	if (c->n_args == 2)
		return jobs_act(c);
	err = cli_open(c, ENGINE_LOOK, &e, &eb);
	if (err)
		return cli_open_failed(c, err, &eb, "end it first");
	code = jobs_look(c, e);
	cli_close(c, e);
	return code;
}
