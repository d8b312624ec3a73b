/* Jobs that people at one node want another one to start. */
#include "config.h"
#include "engine/cluster/cluster_parts.h"

#include <stdio.h>

enum { ASK_PAGE = 8 };

enum err cluster_ask_node(struct cluster *c, const struct cluster_ask *ask, struct errbuf *eb)
{
	enum err err = ERR_OK;

	pthread_mutex_lock(&c->lock);
	if (!c->look.joined)
		err = err_set(eb, ERR_UNAVAIL, "this node is not part of its cluster now: %s",
		    c->look.trouble);
	else if (c->n_asks == NODE_ASKS)
		err = err_set(eb, ERR_BUSY, "too many jobs are being asked for; try again soon");
	else
		c->asks[c->n_asks++] = *ask;
	pthread_mutex_unlock(&c->lock);
	shared_poke(c->shared);
	return err;
}

/* The first one that waits to be sent. */
static bool ask_first(struct cluster *c, struct cluster_ask *out)
{
	bool any;

	pthread_mutex_lock(&c->lock);
	any = c->n_asks > 0;
	if (any)
		*out = c->asks[0];
	pthread_mutex_unlock(&c->lock);
	return any;
}

static void ask_sent(struct cluster *c)
{
	pthread_mutex_lock(&c->lock);
	c->n_asks--;
	memmove(c->asks, c->asks + 1, (size_t)c->n_asks * sizeof c->asks[0]);
	pthread_mutex_unlock(&c->lock);
}

enum err node_ask_send(struct cluster *c, struct errbuf *eb)
{
	struct cluster_ask ask;
	enum err err = ERR_OK;

	while (!err && ask_first(c, &ask)) {
		err = cluster_ask_add(c->pg, &ask, eb); /* again after an error: it is one job */
		if (!err)
			ask_sent(c);
	}
	return err;
}

/* What PostgreSQL holds comes from outside: only what works on channels of this node, checked anew. */
static json_t *ask_params(const struct cluster_ask *a, const struct job_type *type)
{
	json_t *given = json_loads(a->params, JSON_REJECT_DUPLICATES, NULL), *params = NULL;
	struct errbuf eb = {0};

	if (type && !type->run && !type->admit && !a->is_old && json_is_object(given) &&
	    job_params_check(type, given, &params, &eb))
		params = NULL;
	json_decref(given);
	return params;
}

/* *done: nothing is to be done about it any more. What the dispatcher refuses now is tried again. */
static enum err ask_begin(
    struct cluster *c, const struct cluster_ask *a, bool *done, struct errbuf *eb)
{
	const struct job_type *type = job_type_find(a->type);
	json_t *params = ask_params(a, type);
	struct errbuf why = {0};
	int64_t no = 0;
	enum err err = ERR_OK;

	*done = true;
	if (!params)
		log_at(c->log, LOG_WARNING, "cluster", 0, "%s asked for a job %s that %s", a->who,
		    a->type, a->is_old ? "too long ago" : "this node does not start for others");
	else
		err = staging_job_find(c->reader, &a->job, &no, eb);
	if (err == ERR_NOTFOUND) {
		err = ERR_OK;
		*done = !dispatcher_job_add_as(
		    c->parts->dispatcher, &a->job, type, params, NULL, a->who, &no, &why);
		log_at(c->log, *done ? LOG_INFO : LOG_WARNING, "cluster", no,
		    "%s, asked for by %s at another node, %s%s", a->type, a->who,
		    *done ? "began" : "could not begin: ", *done ? "" : err_text(&why));
	}
	json_decref(params);
	return err;
}

enum err node_ask_answer(struct cluster *c, struct errbuf *eb)
{
	struct cluster_ask asks[ASK_PAGE];
	int n = 0;
	enum err err = cluster_asks(c->pg, &c->self.node, asks, ASK_PAGE, &n, eb);

	for (int i = 0; i < n && !err; i++) {
		bool done = false;

		err = ask_begin(c, &asks[i], &done, eb);
		if (!err && done)
			err = cluster_ask_done(c->pg, &asks[i].job, eb);
	}
	return err;
}
