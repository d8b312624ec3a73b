/* Actions on jobs: the one that is named, or all that a filter finds and that it can be done to. */
#include "config.h"
#include "engine/engine_parts.h"
#include "engine/jobs_found.h"

#include <stdio.h>
#include <stdlib.h>

struct jobs_set {
	int64_t *nos; /* owned */
	size_t n;
};

/* Those of the filter in whose state the action can be done. */
static enum err set_find(
    struct engine *e, enum action action, const char *q, struct jobs_set *set, struct errbuf *eb)
{
	struct jobs_found *f = NULL;
	struct staging *s = NULL;
	enum err err = engine_reader_take(e, NULL, &s, eb);
	int64_t total;

	if (!err)
		err = engine_jobs_found(e, s, q, "id", &f, eb);
	engine_reader_give(e, s);
	total = err ? 0 : jobs_found_counts(f)->total;
	set->nos = calloc((size_t)total + 1, sizeof *set->nos);
	if (!err && !set->nos)
		err = err_set(eb, ERR_NOMEM, "out of memory");
	for (size_t i = 0; !err && i < (size_t)total; i++)
		if (action_can(action, snapshot_job_can(jobs_found_state(f, i))))
			set->nos[set->n++] = jobs_found_no(f, i);
	jobs_found_close(f);
	return err;
}

static enum err set_check(
    const struct jobs_set *set, enum action action, int64_t asked, struct errbuf *eb)
{
	if (asked && (int64_t)set->n != asked)
		return err_set(
		    eb, ERR_DENIED, "%zu can now, not %lld: look again", set->n, (long long)asked);
	if (!set->n)
		return err_set(
		    eb, ERR_NOTFOUND, "no job that matches can %s", action_info(action)->word);
	return ERR_OK;
}

/* One after the other; who refuses does not hold up the rest. */
static enum err set_act(struct engine *e, const struct command *c, const struct jobs_set *set,
    struct command_reply *r, struct errbuf *eb)
{
	struct command one = *c;
	struct command_reply reply;
	struct errbuf first = {.code = ERR_OK}, own = {.code = ERR_OK};
	char target[32];
	size_t done = 0;

	one.target = target;
	one.params_json = NULL;
	for (size_t i = 0; i < set->n; i++) {
		snprintf(target, sizeof target, "J-%lld", (long long)set->nos[i]);
		reply = (struct command_reply){.job = 0};
		if (command_job_act(e, &one, &reply, &own) == ERR_OK)
			done++;
		else if (!first.code)
			first = own;
	}
	if (!done)
		return err_set(eb, first.code, "%s", err_text(&first));
	snprintf(r->text, sizeof r->text, "%zu jobs: %s", done, action_done(c->action));
	if (done < set->n)
		snprintf(r->text, sizeof r->text, "%zu jobs: %s, %zu refused: %.200s", done,
		    action_done(c->action), set->n - done, err_text(&first));
	return ERR_OK;
}

static enum err set_forget(
    struct engine *e, const struct jobs_set *set, struct command_reply *r, struct errbuf *eb)
{
	int64_t gone = 0;
	enum err err = engine_jobs_forget(e, set->nos, set->n, &gone, eb);

	if (!err && gone < (int64_t)set->n)
		snprintf(r->text, sizeof r->text, "%lld jobs are deleted, %lld are about to end",
		    (long long)gone, (long long)((int64_t)set->n - gone));
	else if (!err)
		snprintf(r->text, sizeof r->text, "%lld jobs are deleted", (long long)gone);
	return err;
}

enum err command_jobs(
    struct engine *e, const struct command *c, struct command_reply *r, struct errbuf *eb)
{
	json_t *params = c->params_json ? json_loads(c->params_json, 0, NULL) : NULL;
	const char *q = json_string_value(json_object_get(params, "q"));
	bool forget = c->action == ACTION_JOB_DELETE;
	struct jobs_set set = {.nos = NULL};
	enum err err = ERR_OK;

	if (!q || (c->target && *c->target)) {
		json_decref(params);
		return forget ? command_job_delete(e, c, r, eb) : command_job_act(e, c, r, eb);
	}
	err = set_find(e, c->action, q, &set, eb);
	if (!err)
		err = set_check(
		    &set, c->action, json_integer_value(json_object_get(params, "n")), eb);
	if (!err)
		err = forget ? set_forget(e, &set, r, eb) : set_act(e, c, &set, r, eb);
	free(set.nos);
	json_decref(params);
	return err;
}
