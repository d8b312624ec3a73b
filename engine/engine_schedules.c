/* Schedules: seeing, adding, switching, removing, doing one now. */
#include "config.h"
#include "engine/engine_parts.h"
#include "engine/base/clock.h"
#include "engine/jobs/scheduler.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SCHEDULE_NAME_MOST = 40, SCHEDULE_RULE_SIZE = 64 };

static json_t *schedule_time(int64_t s)
{
	char iso[CLOCK_ISO_SIZE];

	return s ? json_string(clock_iso(s, iso)) : json_null();
}

static enum err schedule_row_json(void *arg, const struct schedule_row *r, struct errbuf *eb)
{
	char rule[SCHEDULE_RULE_SIZE];
	json_t *params = json_loads(r->params, 0, NULL);
	json_t *j = json_pack("{s:s,s:s,s:o,s:s,s:b,s:b,s:o,s:o,s:s}", "name", r->name, "type",
	    r->type, "params", params ? params : json_object(), "rule",
	    scheduler_words(r->rule, r->n, rule, sizeof rule), "enabled", r->enabled, "own", r->own,
	    "next_at", schedule_time(r->enabled ? r->next_at : 0), "last_at",
	    schedule_time(r->last_at), "note", r->note);

	return json_array_append_new(arg, j) ? err_set(eb, ERR_NOMEM, "out of memory") : ERR_OK;
}

char *engine_schedules_json(struct engine *e, struct errbuf *eb)
{
	json_t *all = json_array();
	char *text = NULL;
	enum err err;

	pthread_mutex_lock(&e->look);
	err = staging_schedules_each(e->reader, schedule_row_json, all, eb);
	pthread_mutex_unlock(&e->look);
	if (!err && !(text = json_dumps(all, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENSURE_ASCII)))
		err_set(eb, ERR_NOMEM, "out of memory");
	json_decref(all);
	return text;
}

struct schedule_change {
	enum action action;
	struct schedule_row row;
	int64_t now;
};

static enum err schedule_apply(struct staging *s, void *arg, struct errbuf *eb)
{
	const struct schedule_change *c = arg;
	const char *name = c->row.name;

	switch (c->action) {
	case ACTION_SCHEDULE_ADD:
		return staging_schedule_add(s, &c->row, eb);
	case ACTION_SCHEDULE_REMOVE:
		return staging_schedule_remove(s, name, eb);
	case ACTION_SCHEDULE_RUN: /* due at once; the scheduler does the rest */
		return staging_schedule_set(s, name, c->now, 0, NULL, eb);
	default:
		return staging_schedule_enable(s, name, c->action == ACTION_SCHEDULE_ENABLE, eb);
	}
}

static bool schedule_name_is_fine(const char *name)
{
	size_t n = strlen(name);

	return n && n <= SCHEDULE_NAME_MOST &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") ==
	           n;
}

/* {"type": …, "rule": "6h" or "daily 03:00", "params": {…}} */
static enum err schedule_given(const struct engine *e, const char *by, const json_t *given,
    struct schedule_row *row, char **params, struct errbuf *eb)
{
	const char *type = json_string_value(json_object_get(given, "type"));
	const char *rule = json_string_value(json_object_get(given, "rule"));
	const struct job_type *known = NULL;
	struct secret *secret = NULL;
	json_t *checked = NULL;
	enum err err;

	if (!schedule_name_is_fine(row->name))
		return err_set(eb, ERR_INVALID,
		    "a schedule's name is 1 to %d letters, digits, - and _", SCHEDULE_NAME_MOST);
	if (!rule)
		return err_set(eb, ERR_INVALID, "rule: send 6h, 2d … or \"daily 03:00\"");
	err = scheduler_parse(rule, &row->rule, &row->n, eb);
	if (!err && !(known = job_type_meant(type, json_object_get(given, "params"), eb)))
		err = ERR_INVALID;
	if (!err)
		err = job_params_admit(known, e->parts.settings, by,
		    json_object_get(given, "params"), &checked, &secret, eb);
	if (secret) {
		secret_free(secret);
		json_decref(checked);
		return err_set(eb, ERR_DENIED,
		    "a schedule keeps no password: leave it out of the URL and set "
		    "IMPORT_PASSWORD");
	}
	if (err)
		return err;
	row->type = known->info.name;
	*params = json_dumps(checked, JSON_COMPACT | JSON_SORT_KEYS);
	json_decref(checked);
	row->params = *params;
	return *params ? ERR_OK : err_set(eb, ERR_NOMEM, "out of memory");
}

enum err command_schedule(
    struct engine *e, const struct command *c, struct command_reply *r, struct errbuf *eb)
{
	struct schedule_change change = {
	    .action = c->action, .row.name = c->target ? c->target : "", .now = clock_now()};
	json_t *given = c->params_json ? json_loads(c->params_json, 0, NULL) : NULL;
	char *params = NULL;
	enum err err = ERR_OK;

	if (c->action == ACTION_SCHEDULE_RUN && !e->parts.dispatcher)
		err = err_set(eb, ERR_UNAVAIL,
		    "nothing works here: start `tubeops serve`, or use `tubeops run`");
	if (c->action == ACTION_SCHEDULE_ADD)
		err =
		    schedule_given(e, c->by ? c->by : "somebody", given, &change.row, &params, eb);
	if (!err)
		err = writer_run(e->parts.writer, schedule_apply, &change, false, eb);
	free(params);
	json_decref(given);
	if (err)
		return err;
	scheduler_poke(e->scheduler);
	snprintf(
	    r->text, sizeof r->text, "schedule %s %s", change.row.name, action_done(c->action));
	return ERR_OK;
}
