#include "config.h"
#include "tui/job_watch.h"
#include "tui/cli_text.h"
#include "tui/format.h"
#include "tui/job_owner.h"
#include "tui/progress.h"
#include "tui/signals.h"
#include "tui/teller.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { JOB_RESULT_LIMIT = 16 * 1024 * 1024, JOB_RESULT_DEPTH = 32, JOB_TEXT_LIMIT = 4096 };

bool job_watch_progress(void *arg, const struct snapshot *s, int64_t job)
{
	struct job_watcher *w = arg;

	teller_end(w->teller);
	w->teller = NULL;
	cli_show_warnings(w->c, w->progress);
	for (size_t i = 0; s && i < s->n_jobs; i++)
		if (s->jobs[i].no == job)
			progress_show(w->progress, &s->jobs[i], s->made_at);
	if (!signals_stop_asked(w->c->signals))
		return true;
	if (!w->stopped) {
		progress_clear(w->progress);
		fprintf(stderr, "tubeops: stopping; once more to stop at once\n");
	}
	w->stopped = true;
	return false;
}

static void job_outcome_parse(struct job_outcome *out)
{
	if (!out->text)
		return;
	out->reader = json_reader_new(JOB_RESULT_LIMIT, JOB_RESULT_DEPTH);
	if (!out->reader ||
	    json_reader_parse(out->reader, out->text, strlen(out->text), &out->root, NULL))
		out->root = (struct json_node){NULL, 0};
}

void job_watch(struct cli *c, struct engine *e, const char *type, const char *params, bool wait,
    struct job_outcome *out)
{
	struct job_watcher w = {.c = c};
	const struct snapshot *s;

	if (!e) {
		job_owner_watch(c, type, params, wait, out);
		job_outcome_parse(out);
		return;
	}
	w.progress = c->verbose ? NULL : progress_new();
	*out = (struct job_outcome){.err = ERR_OK};
	w.teller = teller_start(c, e); /* until the job has begun, and shows how far it is */
	out->err =
	    engine_run_job(e, type, params, wait, job_watch_progress, &w, &out->text, &out->eb);
	teller_end(w.teller);
	out->stopped = w.stopped || signals_stop_asked(c->signals);
	progress_free(w.progress);
	cli_show_warnings(c, NULL);
	s = engine_snapshot(e);
	if (s)
		out->reset_at = s->reset_at;
	snapshot_unref(s);
	job_outcome_parse(out);
}

void job_outcome_done(struct job_outcome *out)
{
	json_reader_free(out->reader);
	free(out->text);
}

/* Says on stderr alone, as the JSON object of the result is on stdout already. */
static void job_say(const struct job_outcome *out, const char *what)
{
	struct str text;

	str_init(&text, JOB_TEXT_LIMIT);
	if (out->eb.text[0])
		str_adds(&text, out->eb.text);
	else
		cli_json_text(out->root, "reason", &text);
	fprintf(stderr, "tubeops: %s%s%s\n", what, text.len ? ": " : "", str_get(&text));
	str_done(&text);
}

/* How one sees to a job that another process goes on with. */
static void job_say_far(const struct job_outcome *out, const char *more)
{
	fprintf(stderr,
	    "tubeops: %s goes on in process %" PRId64
	    "%s; tubeops jobs %s shows it, tubeops jobs %s cancel ends it\n",
	    out->number, out->pid, more, out->number, out->number);
}

static void job_say_quota(const struct job_outcome *out)
{
	char when[CLI_TIME_SIZE];

	if (out->pid) {
		job_say(out, "the quota is spent");
		job_say_far(out, " by itself (--wait stays for it)");
		return;
	}
	job_say(out, "stopped, the quota is spent");
	fprintf(stderr, "tubeops: run the same command again after %s, or give --wait\n",
	    cli_when(out->reset_at, when));
}

enum cli_exit job_outcome_exit(struct cli *c, const struct job_outcome *out)
{
	struct str status;
	bool completed;

	if (out->detached)
		return CLI_DONE;
	if (!out->text)
		return cli_fail(c, out->err == ERR_QUOTA ? CLI_QUOTA : CLI_FAILED, "%s",
		    out->err ? err_text(&out->eb) : "the job left no result");
	if (out->err == ERR_QUOTA) {
		job_say_quota(out);
		return CLI_QUOTA;
	}
	str_init(&status, JOB_TEXT_LIMIT);
	cli_json_text(out->root, "status", &status);
	completed = !out->err && strcmp(str_get(&status), "completed") == 0;
	if (!completed && out->stopped && out->pid)
		job_say_far(out, "");
	else if (!completed && out->stopped)
		job_say(out, "stopped; the same command goes on where this one ended");
	else if (!completed)
		job_say(out, status.len ? str_get(&status) : "failed");
	str_done(&status);
	return completed ? CLI_DONE : CLI_FAILED;
}

static void job_print_costs(const struct job_outcome *out, int64_t processed)
{
	char n[FORMAT_SIZE];
	int64_t units = cli_json_int(out->root, "units_used", 0);
	double seconds = cli_json_real(out->root, "seconds");

	printf("; units %s", format_full(n, units));
	if (units)
		printf(", %.1f channels per unit", (double)processed / (double)units);
	printf(", %.1f s", seconds);
	if (seconds > 0)
		printf(", %s/s", format_full(n, (int64_t)((double)processed / seconds)));
	putchar('\n');
}

/* Members of every result: told elsewhere. */
static bool job_is_told(const char *name)
{
	static const char *const told[] = {"absent_once", "done", "failed", "job_id", "missing",
	    "number", "pending", "processed", "reason", "seconds", "status", "total", "type",
	    "units_used"};

	for (size_t i = 0; i < sizeof told / sizeof told[0]; i++)
		if (strcmp(told[i], name) == 0)
			return true;
	return false;
}

/* What the job's type added: one a line, levels joined by dots. */
static void job_print_level(struct json_node at, const char *above, int depth)
{
	struct json_walk walk;
	struct json_node node;
	const char *name;

	json_walk_start(&walk, at);
	while (json_walk_next(&walk, &node, &name)) {
		struct str path, text;
		double number;
		if (!depth && job_is_told(name))
			continue;
		str_init(&path, JOB_TEXT_LIMIT);
		str_init(&text, JOB_TEXT_LIMIT);
		str_addf(&path, "%s%s%s", above, *above ? "." : "", name);
		if (json_node_type(node) == JSON_NODE_OBJECT && depth < JOB_RESULT_DEPTH)
			job_print_level(node, str_get(&path), depth + 1);
		else if (json_node_type(node) == JSON_NODE_TEXT)
			cli_json_text(at, name, &text);
		else if (json_node_real(node, &number))
			str_addf(&text, "%.10g", number);
		if (text.len)
			printf("%-40s %s\n", str_get(&path), str_get(&text));
		str_done(&text);
		str_done(&path);
	}
}

/* Why a job that ended well did nothing. */
static void job_print_idle(const struct job_outcome *out)
{
	struct str reason;

	if (out->err || cli_json_int(out->root, "processed", 0))
		return;
	str_init(&reason, JOB_TEXT_LIMIT);
	cli_json_text(out->root, "reason", &reason);
	if (reason.len)
		printf("%s\n", str_get(&reason));
	str_done(&reason);
}

void job_outcome_print(const struct job_outcome *out)
{
	static const struct {
		const char *name, *lead;
	} parts[] = {{"total", "requested "}, {"done", " = done "}, {"missing", " + missing "},
	    {"failed", " + failed "}, {"pending", " + pending "}};
	int64_t absent = cli_json_int(out->root, "absent_once", 0);
	char n[FORMAT_SIZE], when[CLI_TIME_SIZE];

	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		printf("%s%s", parts[i].lead,
		    format_full(n, cli_json_int(out->root, parts[i].name, 0)));
	if (absent)
		printf(" (%s absent once, asked again from %s)", format_full(n, absent),
		    cli_when(out->reset_at, when));
	job_print_costs(out, cli_json_int(out->root, "processed", 0));
	job_print_idle(out);
	job_print_level(out->root, "", 0);
}

void job_outcome_show(const struct cli *c, const struct job_outcome *out, job_print_fn *print)
{
	if (out->text && c->json)
		puts(out->text);
	else if (out->text && out->detached)
		printf("%s is started in process %" PRId64 "; tubeops jobs %s shows it\n",
		    out->number, out->pid, out->number);
	else if (out->text)
		print(out);
	fflush(stdout);
}

enum cli_exit job_watch_run(
    struct cli *c, struct engine *e, const char *type, const char *params, bool wait)
{
	struct job_outcome out;
	enum cli_exit code;

	job_watch(c, e, type, params, wait, &out);
	job_outcome_show(c, &out, job_outcome_print);
	code = job_outcome_exit(c, &out);
	job_outcome_done(&out);
	return code;
}
