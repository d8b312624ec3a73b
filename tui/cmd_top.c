/* tubeops top: the block of `tubeops status` and the jobs, again and again, for terminals and files. */
#include "config.h"
#include "tui/cli.h"
#include "tui/format.h"
#include "tui/signals.h"
#include "tui/status.h"
#include "engine/base/clock.h"
#include "engine/base/str.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

enum { TOP_SECONDS = 3, TOP_DAY_S = 86400, TOP_JOBS = 12 };

/* What rates are made of: numbers of the round before. */
struct top_past {
	int64_t mono_ms, units, day;
	struct {
		int64_t no, processed;
	} jobs[SNAPSHOT_JOBS];
	size_t n_jobs;
};

static void top_remember(const struct snapshot *s, struct top_past *past)
{
	past->mono_ms = s->mono_ms;
	past->units = s->units_used;
	past->day = s->day_start;
	past->n_jobs = s->n_jobs;
	for (size_t i = 0; i < s->n_jobs; i++) {
		past->jobs[i].no = s->jobs[i].no;
		past->jobs[i].processed = s->jobs[i].processed;
	}
}

/* Items a second since the round before; -1: there was none, or the job was not there. */
static double top_rate(
    const struct snapshot *s, const struct snapshot_job *j, const struct top_past *past)
{
	int64_t ms = s->mono_ms - past->mono_ms;

	for (size_t i = 0; past->mono_ms && ms > 0 && i < past->n_jobs; i++)
		if (past->jobs[i].no == j->no)
			return (double)(j->processed - past->jobs[i].processed) * 1000 / (double)ms;
	return -1;
}

static void top_job(
    const struct snapshot *s, const struct snapshot_job *j, const struct top_past *past)
{
	char done[FORMAT_SIZE], total[FORMAT_SIZE] = "-", percent[FORMAT_SIZE] = "-";
	char rate[FORMAT_SIZE] = "-", when[FORMAT_SIZE] = "-";
	double per_s = top_rate(s, j, past);

	if (j->total >= 0) {
		format_full(total, j->total);
		format_percent(percent, j->processed, j->total);
	}
	if (per_s >= 0)
		snprintf(rate, sizeof rate, "%.1f", per_s);
	if (j->eta)
		format_when(when, j->eta, s->made_at);
	printf("%8s%-6" PRId64 " %-16s %-12s %12s %12s %5s %8s  %s\n", "J-", j->no, j->type,
	    j->status, format_full(done, j->processed), total, percent, rate, when);
}

/* Jobs that are open, as many as a small screen has room for. */
static void top_jobs(const struct snapshot *s, const struct top_past *past)
{
	size_t shown = 0, open = 0;

	for (size_t i = 0; i < s->n_jobs; i++)
		open += s->jobs[i].open;
	if (!open)
		return;
	printf("\n%-14s %-16s %-12s %12s %12s %5s %8s  %s\n", "      JOB", "TYPE", "STATUS",
	    "PROCESSED", "OF", "%", "PER S", "FINISH");
	for (size_t i = 0; i < s->n_jobs && shown < TOP_JOBS; i++)
		if (s->jobs[i].open) {
			top_job(s, &s->jobs[i], past);
			shown++;
		}
	if (open > shown)
		printf("%14s %zu more\n", "", open - shown);
}

static void top_head(const struct snapshot *s, const struct top_past *past)
{
	int64_t ms = s->mono_ms - past->mono_ms;
	char now[CLOCK_ISO_SIZE], units[FORMAT_SIZE];

	printf("top        %s", clock_iso(s->made_at, now));
	if (past->mono_ms && ms > 0 && past->day == s->day_start)
		printf(", %s units an hour in the last %.1f s",
		    format_full(units, (s->units_used - past->units) * 3600000 / ms),
		    (double)ms / 1000);
	putchar('\n');
}

/* Looked at anew each time, so that it shows what `tubeops status` would. */
static enum cli_exit top_round(struct cli *c, struct top_past *past, bool first)
{
	enum cli_exit code;
	const struct snapshot *s = status_look(c, &code);

	if (!s)
		return code;
	if (!c->json) {
		if (!first)
			putchar('\n');
		top_head(s, past);
	}
	status_show(c, s);
	if (!c->json)
		top_jobs(s, past);
	top_remember(s, past);
	snapshot_unref(s);
	return CLI_DONE;
}

/* Seconds from one round to the next; false (message printed) when it is no such number. */
static bool top_delay(const struct cli *c, double *seconds)
{
	const char *text = cli_option(c, "d");

	if (!text || str_to_double(text, 0.1, TOP_DAY_S, seconds) == ERR_OK)
		return true;
	cli_usage(c, "-d: \"%s\" is not a number of seconds from 0.1 to %d", text, TOP_DAY_S);
	return false;
}

enum cli_exit cmd_top(struct cli *c)
{
	struct pollfd asked = {.fd = signals_fd(c->signals), .events = POLLIN};
	struct top_past past = {.mono_ms = 0};
	int64_t rounds = INT64_MAX;
	double seconds = TOP_SECONDS;
	enum cli_exit code = CLI_DONE;

	if (!cli_option_number(c, "n", 1, INT64_MAX, &rounds) || !top_delay(c, &seconds))
		return CLI_USAGE;
	for (int64_t i = 0;
	     i < rounds && !code && !signals_stop_asked(c->signals) && !signals_hung_up(c->signals);
	     i++) {
		if (i && poll(&asked, 1, (int)(seconds * 1000)) != 0)
			continue;
		code = top_round(c, &past, i == 0);
		if (fflush(stdout) != 0)
			break;
	}
	return code;
}
