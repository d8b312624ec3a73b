/*
 * Who did what: one line of the log for every action, whatever door it came through, with the value
 * before and after.
 */
#include "config.h"
#include "db/staging_schedules.h"
#include "engine/engine_parts.h"
#include "engine/base/process.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- values ---- */

static void audit_job(struct engine *e, const struct command *c, char *out, size_t size)
{
	struct job_row row;
	int64_t no = 0;
	enum err err;

	pthread_mutex_lock(&e->look);
	err = engine_job_no_locked(e, c->target ? c->target : "", &no, NULL);
	if (!err)
		err = staging_job_get(e->reader, no, &row, NULL, NULL);
	pthread_mutex_unlock(&e->look);
	if (err)
		return;
	if (e->parts.dispatcher) {
		struct dispatcher_job live;
		if (dispatcher_job_get(e->parts.dispatcher, no, &live))
			row.status = live.row.status;
	}
	snprintf(out, size, "%s", job_status_word(row.status));
}

static void audit_key(struct engine *e, const struct command *c, char *out, size_t size)
{
	struct ledger_key *keys = calloc(SNAPSHOT_KEYS, sizeof *keys);
	size_t n = keys ? ledger_keys(e->parts.ledger, keys, SNAPSHOT_KEYS) : 0;

	for (size_t i = 0; i < n && i < SNAPSHOT_KEYS && c->target; i++)
		if (strcmp(keys[i].name, c->target) == 0 || strcmp(keys[i].print, c->target) == 0)
			snprintf(out, size, "%s", key_state_word(keys[i].state));
	free(keys);
}

struct audit_schedule {
	const char *name;
	char *out;
	size_t size;
};

static enum err audit_schedule_row(void *arg, const struct schedule_row *row, struct errbuf *eb)
{
	const struct audit_schedule *a = arg;

	(void)eb;
	if (strcmp(row->name, a->name) == 0)
		snprintf(a->out, a->size, "%s", row->enabled ? "on" : "off");
	return ERR_OK;
}

static void audit_schedule(struct engine *e, const struct command *c, char *out, size_t size)
{
	struct audit_schedule a = {c->target ? c->target : "", out, size};

	pthread_mutex_lock(&e->look);
	if (staging_schedules_each(e->reader, audit_schedule_row, &a, NULL))
		out[0] = '\0';
	pthread_mutex_unlock(&e->look);
}

typedef void audit_value_fn(struct engine *e, const struct command *c, char *out, size_t size);

/* What an action may change about the thing it names; things without such a value have none. */
static const struct {
	enum action_arg arg;
	audit_value_fn *value;
} audit_values[] = {
    {ARG_JOB, audit_job},
    {ARG_KEY, audit_key},
    {ARG_SCHEDULE, audit_schedule},
};

void engine_audit_value(struct engine *e, const struct command *c, char *out, size_t size)
{
	out[0] = '\0';
	if (e->mode == ENGINE_LOOK)
		return;
	for (size_t i = 0; i < sizeof audit_values / sizeof audit_values[0]; i++)
		if (audit_values[i].arg == action_info(c->action)->arg)
			audit_values[i].value(e, c, out, size);
}

/* ---- who ---- */

const char *engine_who(const struct command *c, char *buf, size_t size)
{
	const char *by = c->by ? c->by : "";

	if (c->who && *c->who)
		snprintf(buf, size, "%s", c->who);
	else if (strcmp(by, "rest") == 0)
		snprintf(buf, size, "rest"); /* a caller without a name of its own */
	else
		process_user(buf, size);
	return buf;
}

/* ---- the line ---- */

/* Never the parameters of a job that is not there: they may hold what its type takes out. */
static const char *audit_subject(
    const struct command *c, const struct command_reply *r, char *buf, size_t size)
{
	if (r->job)
		snprintf(buf, size, "J-%lld", (long long)r->job);
	else if (c->target && *c->target)
		snprintf(buf, size, "%s", c->target);
	else if (c->job_type)
		snprintf(buf, size, "%s", c->job_type);
	else
		snprintf(buf, size, "%s", c->params_json ? c->params_json : "");
	return buf;
}

void engine_audit(
    struct engine *e, const struct command *c, const struct command_reply *r, const char *before)
{
	static const char *const kinds[] = {[ARG_TYPE] = "job",
	    [ARG_JOB] = "job",
	    [ARG_KEY] = "key",
	    [ARG_DEAD] = "dead letters",
	    [ARG_SCHEDULE] = "schedule",
	    [ARG_CHANNEL] = "channel",
	    [ARG_PLAN] = "plan",
	    [ARG_WORKER] = "worker",
	    [ARG_SERVICE] = "service",
	    [ARG_ALERT] = "alert",
	    [ARG_MEMBER] = "node",
	    [ARG_LIST] = "list",
	    [ARG_WORKERS] = "workers",
	    [ARG_NODE] = "node"};
	const struct action_info *info = action_info(c->action);
	char who[64], subject[256], after[64];
	bool differs;

	engine_audit_value(e, c, after, sizeof after);
	differs = (*before || *after) && strcmp(before, after) != 0;
	log_at(e->parts.log, r->err ? LOG_WARNING : LOG_INFO, "audit", r->job,
	    "%s via %s: %s %s %s%s%s%s%s%s: %s%s", engine_who(c, who, sizeof who),
	    c->by ? c->by : "engine", info->word, kinds[info->arg],
	    audit_subject(c, r, subject, sizeof subject), differs ? " (" : "",
	    differs && *before ? before
	    : differs          ? "new"
	                       : "",
	    differs ? " -> " : "",
	    differs && *after ? after
	    : differs         ? "gone"
	                      : "",
	    differs ? ")" : "", r->text, r->repeated ? " before" : "");
}
