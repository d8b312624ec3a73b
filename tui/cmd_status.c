#include "config.h"
#include "tui/cli.h"
#include "tui/cli_text.h"
#include "tui/format.h"
#include "tui/owner.h"
#include "tui/status.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Positions in snapshot.items: by operation, by state. */
enum { STATUS_METADATA = 0, STATUS_TEXT_LIMIT = 16384, STATUS_REPLY = 8 << 20 };

static void status_need(struct str *needs, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void status_need(struct str *needs, const char *fmt, ...)
{
	va_list ap;

	if (needs->len)
		str_adds(needs, "; ");
	va_start(ap, fmt);
	str_addv(needs, fmt, ap);
	va_end(ap);
}

/* A stage that somebody wants by a day which it will miss. */
static void status_need_stage(const struct snapshot_stage *g, int64_t now, struct str *needs)
{
	char when[FORMAT_SIZE] = "never", target[CLI_TIME_SIZE];

	if (!g->target_at || !g->is_late)
		return;
	if (g->finish)
		format_when(when, g->finish, now);
	status_need(needs, "%s is wanted by %.10s, at this plan it will be done %s", g->name,
	    cli_when(g->target_at, target), when);
}

/* What of the cluster needs a person. */
static void status_need_nodes(const struct snapshot *s, struct str *needs)
{
	if (s->cluster.on && !s->cluster.ok && *s->cluster.trouble)
		status_need(needs, "cluster: %s", s->cluster.trouble);
	for (size_t i = 0; i < s->n_nodes; i++)
		if (strcmp(s->nodes[i].state, "silent") == 0)
			status_need(needs, "node %s is silent: start it", s->nodes[i].name);
}

/* What only a person can mend; empty when all is well. */
static void status_needs(const struct snapshot *s, bool owned, struct str *needs)
{
	for (size_t i = 0; i < s->n_keys; i++)
		if (strcmp(s->keys[i].state, "refused") == 0)
			status_need(needs, "key %s is refused%s%s", s->keys[i].name,
			    s->keys[i].reason[0] ? ": " : "", s->keys[i].reason);
	if (!s->n_keys)
		status_need(
		    needs, "there is no API key: set YOUTUBE_API_KEY_1, or tubeops keys add");
	if (s->n_keys && !s->n_keys_usable)
		status_need(needs, "no API key is usable: tubeops keys list");
	for (size_t i = 0; i < s->n_jobs; i++) {
		const struct snapshot_job *j = &s->jobs[i];
		/* a running process resumes them by itself */
		bool stuck = !owned && strcmp(j->status, "interrupted") == 0;
		if (stuck || strcmp(j->status, "failed") == 0)
			status_need(needs, "J-%" PRId64 " %s%s%s", j->no, j->status,
			    j->reason[0] ? ": " : "", j->reason);
	}
	for (size_t i = 0; i < s->n_stages; i++)
		status_need_stage(&s->stages[i], s->made_at, needs);
	status_need_nodes(s, needs);
	if (s->pg_configured && !s->pg_ok && s->pg_trouble[0])
		status_need(needs, "PostgreSQL: %s", s->pg_trouble);
	if (s->facts.redis_since)
		status_need(needs, "Redis: %s", s->redis_trouble);
	if (!s->staging_ok && s->staging_trouble[0])
		status_need(needs, "storage: %s", s->staging_trouble);
	if (s->api_seen && !s->api_ok && s->api_trouble[0])
		status_need(needs, "YouTube API: %s", s->api_trouble);
}

/* Each stage that has something to do: how far it is, and when it will be done. */
static void status_campaign(const struct snapshot *s)
{
	char percent[FORMAT_SIZE], when[FORMAT_SIZE];
	bool any = false;

	for (size_t i = 0; i < s->n_stages; i++) {
		const struct snapshot_stage *g = &s->stages[i];
		if (!g->is_planned || !g->target || strcmp(g->name, "refresh") == 0)
			continue;
		printf("%-11s", any ? "" : "campaign");
		any = true;
		printf("%-10s %5s%%  %s\n", g->name, format_percent(percent, g->done, g->target),
		    strcmp(g->limit, "done") == 0 ? "done"
		    : g->finish                   ? format_when(when, g->finish, s->made_at)
		                                  : g->limit);
	}
}

static void status_channels(const struct snapshot *s)
{
	static const char *const words[SNAPSHOT_STATES] = {
	    "pending", "done", "absent", "missing", "failed"};
	char n[FORMAT_SIZE];

	printf("%-11s%s", "channels", format_full(n, s->channels));
	if (s->unresolved)
		printf(", and %s names not resolved (tubeops run names)",
		    format_full(n, s->unresolved));
	printf("\n%-11s", "metadata");
	for (int i = 0; i < SNAPSHOT_STATES; i++)
		printf("%s%s %s", i ? ", " : "", words[i],
		    format_full(n, s->items[STATUS_METADATA][i]));
	putchar('\n');
}

/* Calls that have a bucket of their own: of all projects. */
static void status_bucket(const struct snapshot *s, const char *name)
{
	char n[2][FORMAT_SIZE], percent[FORMAT_SIZE];
	int64_t used = 0, limit = 0, left = 0;

	for (size_t i = 0; i < s->n_projects; i++)
		for (int b = 0; b < SNAPSHOT_BUCKETS; b++) {
			const struct snapshot_bucket *in = &s->projects[i].buckets[b];
			if (strcmp(in->name, name) != 0)
				continue;
			used += in->used;
			limit += in->limit;
			left += in->left;
		}
	if (limit)
		printf("%-11s%s of %s calls (%s%%)%s\n", name, format_full(n[0], used),
		    format_full(n[1], limit), format_percent(percent, used, limit),
		    left > 0 ? "" : ", none left today");
}

static void status_quota(const struct snapshot *s)
{
	char used[FORMAT_SIZE], day[FORMAT_SIZE], reset[FORMAT_SIZE], percent[FORMAT_SIZE];

	printf("%-11s%s of %s units", "quota", format_full(used, s->units_used),
	    format_full(day, s->units_per_day));
	if (s->units_per_day > 0)
		printf(" (%s%%)", format_percent(percent, s->units_used, s->units_per_day));
	if (s->dry_at)
		printf(", dry %s", format_when(used, s->dry_at, s->made_at));
	if (s->units_per_day > 0)
		printf(", reset in %s", format_countdown(reset, s->reset_at - s->made_at));
	putchar('\n');
	status_bucket(s, "search");
	status_bucket(s, "stats");
	printf("%-11s%zu, usable %zu\n", "keys", s->n_keys, s->n_keys_usable);
}

/* Each node in a line, and what all of them do together. */
static void status_nodes(const struct snapshot *s)
{
	const struct snapshot_cluster *x = &s->cluster;
	char n[4][FORMAT_SIZE];

	printf("%-11s%" PRId64 " of %" PRId64 " nodes at work%s, %.1f/s, %s units/h", "cluster",
	    x->up, x->up + x->gone, x->has_leader || !x->asked_at ? "" : ", none leads",
	    x->items_per_s, format_full(n[0], (int64_t)x->units_per_h));
	if (x->units_per_day)
		printf(", %s of %s units", format_full(n[1], x->units_used),
		    format_full(n[2], x->units_per_day));
	putchar('\n');
	for (size_t i = 0; i < s->n_nodes; i++) {
		const struct snapshot_node *w = &s->nodes[i];
		printf("%-11s%-16s %-8s %-10s %s, %.1f/s, %" PRId64 " leases, %s to send, seen "
		       "%s ago%s%s\n",
		    "", w->name, w->state, w->leads ? "leads" : w->role, w->version, w->items_per_s,
		    w->leases, format_full(n[0], w->outbox),
		    format_duration(n[1], s->made_at - w->seen_at), *w->trouble ? ": " : "",
		    w->trouble);
	}
}

static void status_jobs(const struct snapshot *s)
{
	const struct {
		const char *word;
		int64_t n;
	} counts[] = {{"running", s->jobs_running}, {"waiting", s->jobs_waiting},
	    {"pending", s->jobs_pending}, {"paused", s->jobs_paused},
	    {"interrupted", s->jobs_interrupted}, {"failed", s->jobs_failed}};
	bool any = false;

	printf("%-11s", "jobs");
	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
		if (counts[i].n) {
			printf("%s%" PRId64 " %s", any ? ", " : "", counts[i].n, counts[i].word);
			any = true;
		}
	printf("%s\n", any ? "" : "none open");
}

static void status_print(
    const struct snapshot *s, const struct str *needs, int64_t pid, const char *listen)
{
	char n[FORMAT_SIZE];

	status_campaign(s);
	status_channels(s);
	status_quota(s);
	status_jobs(s);
	if (s->cluster.on)
		status_nodes(s);
	if (s->pg_configured)
		printf("%-11s%s rows not sent yet\n", "postgres", format_full(n, s->outbox));
	if (pid)
		printf(
		    "%-11sprocess %" PRId64 "%s%s\n", "running", pid, *listen ? ", " : "", listen);
	else
		printf("%-11snothing is at work on this folder\n", "running");
	printf("%-11s%s\n", "needs you", needs->len ? str_get(needs) : "nothing");
}

enum cli_exit status_show(struct cli *c, const struct snapshot *s)
{
	struct errbuf eb = {.code = ERR_OK};
	enum cli_exit code = CLI_DONE;
	char listen[128] = "";
	struct str needs;
	int64_t pid = 0;
	bool owned = engine_owner(c->data_dir, &pid, listen, sizeof listen);

	str_init(&needs, STATUS_TEXT_LIMIT);
	status_needs(s, owned, &needs);
	if (c->json)
		code = cli_print_json(c, engine_status_of_json(s, &eb), &eb);
	else
		status_print(s, &needs, owned ? pid : 0, listen);
	if (needs.len || needs.err)
		code = CLI_FAILED;
	str_done(&needs);
	return code;
}

/* What the owner of the folder says; NULL: nobody owns it, or it cannot be asked. */
static const struct snapshot *status_of_owner(const struct cli *c)
{
	struct errbuf eb = {.code = ERR_OK};
	const struct snapshot *s = NULL;
	struct owner o;
	struct str reply;

	str_init(&reply, STATUS_REPLY);
	if (owner_find(c, &o) && owner_get(&o, "/api/snapshot", &reply, &eb) == ERR_OK)
		s = engine_snapshot_read(str_get(&reply), reply.len, &eb);
	str_done(&reply);
	owner_done(&o);
	return s;
}

const struct snapshot *status_look(struct cli *c, enum cli_exit *code)
{
	struct errbuf eb = {.code = ERR_OK};
	const struct snapshot *s = status_of_owner(c);
	struct engine *e;
	enum err err;

	*code = CLI_DONE;
	if (s)
		return s;
	err = cli_open(c, ENGINE_LOOK, &e, &eb);
	if (err) {
		*code = cli_open_failed(c, err, &eb, "it answers at its own address");
		return NULL;
	}
	engine_peek_nodes(e);
	s = engine_snapshot(e);
	if (!s)
		*code = cli_fail(c, CLI_FAILED, "out of memory");
	cli_close(c, e);
	return s;
}

enum cli_exit cmd_status(struct cli *c)
{
	enum cli_exit code;
	const struct snapshot *s = status_look(c, &code);

	if (s)
		code = status_show(c, s);
	snapshot_unref(s);
	return code;
}
