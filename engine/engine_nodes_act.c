/* Jobs started at another node of the cluster, whose channels they are about. */
#include "config.h"
#include "engine/base/text.h"
#include "engine/cluster/cluster.h"
#include "engine/engine_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	enum action action;
	const char *type;
} node_jobs[] = {
    {ACTION_NODE_FETCH, "batch_metadata"},
    {ACTION_NODE_VIDEOS, "batch_videos"},
};

static const struct job_type *node_job_type(enum action a)
{
	for (size_t i = 0; i < sizeof node_jobs / sizeof node_jobs[0]; i++)
		if (node_jobs[i].action == a)
			return job_type_find(node_jobs[i].type);
	return NULL;
}

/* By id, or by a name that only one has. */
static enum err node_find(
    const struct snapshot *s, const char *name, const struct snapshot_node **out, struct errbuf *eb)
{
	*out = NULL;
	for (size_t i = 0; i < s->n_nodes; i++) {
		const struct snapshot_node *n = &s->nodes[i];
		if (strcmp(n->id, name) == 0) {
			*out = n;
			return ERR_OK;
		}
		if (n->stopped || strcmp(n->name, name) != 0)
			continue;
		if (*out)
			return err_set(eb, ERR_INVALID,
			    "several nodes are called %.64s: say its id, as GET /api/nodes has it",
			    name);
		*out = n;
	}
	return *out ? ERR_OK
	            : err_set(eb, ERR_NOTFOUND, "there is no node %.64s in the cluster", name);
}

static enum err node_ask_other(struct engine *e, const struct command *c,
    const struct snapshot_node *n, const struct job_type *type, const json_t *params,
    struct command_reply *r, struct errbuf *eb)
{
	char *text = json_dumps(params, JSON_COMPACT | JSON_SORT_KEYS);
	struct cluster_ask ask = {.is_old = false};
	char who[64];
	enum err err = uuid_new(&ask.job);

	if (err || !text || strlen(text) >= sizeof ask.params ||
	    !uuid_parse(n->id, strlen(n->id), &ask.node)) {
		free(text);
		return err_set(eb, ERR_INVALID, "these parameters cannot be sent to a node");
	}
	snprintf(ask.type, sizeof ask.type, "%s", type->info.name);
	snprintf(ask.params, sizeof ask.params, "%s", text);
	snprintf(ask.who, sizeof ask.who, "%s", engine_who(c, who, sizeof who));
	if (!text_is_clean(ask.who, strlen(ask.who))) /* PostgreSQL would refuse it for ever */
		snprintf(ask.who, sizeof ask.who, "somebody");
	free(text);
	err = cluster_ask_node(e->cluster, &ask, eb);
	if (err)
		return err;
	uuid_format(&ask.job, r->uuid);
	snprintf(r->text, sizeof r->text, "%s is asked to start %s", n->name, type->info.name);
	return ERR_OK;
}

static enum err node_start(struct engine *e, const struct command *c, const struct snapshot_node *n,
    const json_t *given, struct command_reply *r, struct errbuf *eb)
{
	const struct job_type *type = node_job_type(c->action);
	json_t *params = NULL;
	char who[64];
	enum err err;

	if (strcmp(n->state, "up") != 0 && strcmp(n->state, "late") != 0)
		return err_set(eb, ERR_DENIED, "node %s is %s: start it first", n->name, n->state);
	err = job_params_check(type, given, &params, eb);
	if (!err && n->is_here)
		err = dispatcher_job_add(e->parts.dispatcher, type, params, NULL,
		    engine_who(c, who, sizeof who), &r->job, eb);
	else if (!err)
		err = node_ask_other(e, c, n, type, params, r, eb);
	json_decref(params);
	if (!err && n->is_here)
		snprintf(r->text, sizeof r->text, "J-%lld: %s started", (long long)r->job,
		    type->info.name);
	return err;
}

enum err command_node_start(
    struct engine *e, const struct command *c, struct command_reply *r, struct errbuf *eb)
{
	const struct snapshot_node *n = NULL;
	const struct snapshot *s;
	json_t *given;
	enum err err;

	if (!e->cluster || !e->parts.dispatcher)
		return err_set(eb, ERR_DENIED,
		    "this process is no node of a cluster (CLUSTER=1, tubeops serve)");
	given = json_loads(c->params_json ? c->params_json : "{}", JSON_REJECT_DUPLICATES, NULL);
	s = engine_snapshot(e);
	if (!json_is_object(given))
		err = err_set(eb, ERR_INVALID, "the parameters are no JSON object");
	else if (!s)
		err = err_set(eb, ERR_NOMEM, "out of memory");
	else
		err = node_find(s, c->target ? c->target : "", &n, eb);
	if (!err)
		err = node_start(e, c, n, given, r, eb);
	snapshot_unref(s);
	json_decref(given);
	return err;
}
