/* Commands: what a person or script asks for, done at once or queued for a thread. */
#include "config.h"
#include "db/staging_dead.h"
#include "engine/engine_parts.h"
#include "engine/base/str.h"
#include "engine/base/clock.h"
#include "engine/base/queue.h"
#include "engine/discovery/method.h"
#include "engine/discovery/providers.h"
#include "engine/youtube/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COMMAND_QUEUE = 64, COMMAND_REPLIES = SNAPSHOT_REPLIES };

/* ---- jobs ---- */

enum err command_job_start(
    struct engine *e, const struct command *c, struct command_reply *r, struct errbuf *eb)
{
	const struct job_type *type = NULL;
	json_t *given = NULL, *params = NULL;
	struct secret *secret = NULL;
	bool goes_on = false;
	char who[64];
	enum err err;

	if (c->params_json && !(given = json_loads(c->params_json, JSON_REJECT_DUPLICATES, NULL)))
		return err_set(eb, ERR_INVALID, "the parameters are no JSON object");
	type = job_type_meant(c->job_type, given, eb);
	err = type ? job_params_admit(type, e->parts.settings, c->by ? c->by : "somebody", given,
	                 &params, &secret, eb)
	           : ERR_INVALID;
	json_decref(given);
	if (!err && !e->parts.dispatcher)
		err = err_set(eb, ERR_UNAVAIL, "nothing works here; start `tubeops serve`");
	if (err)
		secret_free(secret);
	else if (c->once)
		err = command_job_once(e, c, type, params, secret, r, eb);
	else if (c->continues)
		err = engine_job_begin(
		    e, type, params, secret, engine_who(c, who, sizeof who), &r->job, &goes_on, eb);
	else
		err = dispatcher_job_add(e->parts.dispatcher, type, params, secret,
		    engine_who(c, who, sizeof who), &r->job, eb);
	json_decref(params);
	if (!err)
		snprintf(r->text, sizeof r->text, "J-%lld: %s %s", (long long)r->job,
		    type->info.name, goes_on ? "goes on" : "started");
	return err;
}

/* Without a dispatcher a job can only be marked: the next process acts on it. */
struct command_mark {
	int64_t no;
	enum action action;
	char by[64];
	struct job_row row;
	int64_t retried; /* channels that are pending again */
};

static enum err command_mark_apply(struct staging *s, void *arg, struct errbuf *eb)
{
	struct command_mark *m = arg;
	struct dead_filter which = {.job = m->no};
	const struct job_type *type;
	struct job_count by = {0};
	enum err err = staging_job_get(s, m->no, &m->row, NULL, eb);

	if (err)
		return err;
	type = job_type_find(m->row.type);
	m->row.status = dispatcher_move(m->action, m->row.status);
	if (m->row.status == JOB_STATUS_COUNT)
		return err_set(eb, ERR_DENIED, "J-%lld cannot %s in its state", (long long)m->no,
		    action_info(m->action)->word);
	if (m->action == ACTION_JOB_RETRY && type && type->op != OP_NONE) {
		which.op = type->op;
		err = staging_dead_retry(s, &which, &m->retried, eb);
		by.failed = -m->retried;
		if (!err)
			err = staging_job_count(s, m->no, &by, eb);
	}
	m->row.until = 0;
	m->row.completed_ms = job_status_is_open(m->row.status) ? 0 : clock_now_ms();
	snprintf(
	    m->row.reason, sizeof m->row.reason, "%s by %s", action_info(m->action)->word, m->by);
	return err ? err : staging_job_put(s, &m->row, eb);
}

static enum err command_mark(
    struct engine *e, int64_t no, const struct command *c, struct str *text, struct errbuf *eb)
{
	struct command_mark m = {.no = no, .action = c->action};
	enum err err;

	engine_who(c, m.by, sizeof m.by);
	err = writer_run(e->parts.writer, command_mark_apply, &m, false, eb);
	if (err)
		return err;
	str_addf(text, "J-%lld: %s", (long long)no, job_status_word(m.row.status));
	if (m.row.status == JOB_PENDING)
		str_adds(text, ", goes on when tubeops works here");
	if (m.retried)
		str_addf(text, "; %lld channel%s tried again", (long long)m.retried,
		    m.retried == 1 ? " is" : "s are");
	return ERR_OK;
}

enum err command_job_act(
    struct engine *e, const struct command *c, struct command_reply *r, struct errbuf *eb)
{
	struct str text;
	char who[64];
	enum err err;

	pthread_mutex_lock(&e->look);
	err = engine_job_no_locked(e, c->target ? c->target : "", &r->job, eb);
	pthread_mutex_unlock(&e->look);
	if (err)
		return err;
	str_init(&text, sizeof r->text - 1);
	if (e->parts.dispatcher)
		err = dispatcher_job_act(e->parts.dispatcher, r->job, c->action,
		    engine_who(c, who, sizeof who), &text, eb);
	else
		err = command_mark(e, r->job, c, &text, eb);
	snprintf(r->text, sizeof r->text, "%s", str_get(&text));
	str_done(&text);
	return err;
}

/* ---- keys ---- */

static enum err command_key_add(
    struct engine *e, const struct command *c, struct command_reply *r, struct errbuf *eb)
{
	struct secret *key =
	    c->secret && *c->secret ? secret_new(c->secret, strlen(c->secret)) : NULL;
	json_t *params = c->params_json ? json_loads(c->params_json, 0, NULL) : NULL;
	int64_t id = 0, limit = json_integer_value(json_object_get(params, "quota"));
	enum err err = ERR_OK;

	if (!key)
		err = err_set(eb, ERR_INVALID, "no key was given");
	if (!err)
		err = ledger_key_add(e->parts.ledger, key, c->target, c->project, limit, &id, eb);
	if (!err)
		snprintf(r->text, sizeof r->text, "key %s %s added", c->target ? c->target : "",
		    secret_print(key));
	secret_free(key);
	json_decref(params);
	return err;
}

static enum err command_key_switch(
    struct engine *e, const struct command *c, struct command_reply *r, struct errbuf *eb)
{
	enum err err = c->action == ACTION_KEY_REMOVE
	                   ? ledger_key_remove(e->parts.ledger, c->target ? c->target : "", eb)
	                   : ledger_key_enable(e->parts.ledger, c->target ? c->target : "",
	                         c->action == ACTION_KEY_ENABLE, eb);

	if (!err)
		snprintf(r->text, sizeof r->text, "key %s %s", c->target, action_done(c->action));
	return err;
}

static enum err command_key_group(
    struct engine *e, const struct command *c, struct command_reply *r, struct errbuf *eb)
{
	enum err err;

	if (!c->project || !*c->project)
		return err_set(eb, ERR_INVALID, "name the project that the key belongs to");
	err = ledger_key_group(e->parts.ledger, c->target ? c->target : "", c->project, eb);
	if (!err)
		snprintf(
		    r->text, sizeof r->text, "key %s is in project %s now", c->target, c->project);
	return err;
}

/* One cheap call with exactly this key; its answer moves the key's state as any other would. */
static enum err command_key_test(
    struct engine *e, const struct command *c, struct command_reply *r, struct errbuf *eb)
{
	struct client_config cfg = {
	    .base = settings_text(e->parts.settings, SET_YOUTUBE_API_BASE, 0),
	    .watch = e->parts.watch,
	    .total_ms = 15000};
	struct ledger_ticket t;
	struct client_reply reply;
	struct client *client = NULL;
	enum err err = client_new(&client, &cfg, eb);

	if (!err)
		err = ledger_take_key(
		    e->parts.ledger, c->target ? c->target : "", METHOD_CHANNELS_LIST, &t, eb);
	if (!err) {
		err = client_call(client, METHOD_CHANNELS_LIST,
		    "part=id&id=UCBJycsmduvYEL83R_U4JriQ&maxResults=1&prettyPrint=false", t.secret,
		    &reply, eb);
		ledger_settle(e->parts.ledger, &t, true, err ? NULL : &reply.fault, -1);
	}
	if (!err && reply.fault.fault != FAULT_NONE)
		err = err_set(eb, ERR_DENIED, "key %s: %s: %s", c->target, reply.fault.reason,
		    reply.fault.message);
	if (!err)
		snprintf(r->text, sizeof r->text, "key %s works (%lld ms, 1 unit)", c->target,
		    (long long)reply.elapsed_ms);
	client_free(client);
	return err;
}

/* ---- lists ---- */

static enum err command_list_drop(
    struct engine *e, const struct command *c, struct command_reply *r, struct errbuf *eb)
{
	json_t *params = c->params_json ? json_loads(c->params_json, 0, NULL) : NULL;
	const char *name = json_string_value(json_object_get(params, "name"));
	enum err err = name ? engine_list_drop(e, name, eb)
	                    : err_set(eb, ERR_INVALID, "which list? name is missing");

	if (!err)
		snprintf(r->text, sizeof r->text, "the list is forgotten");
	json_decref(params);
	return err;
}

/* ---- workers and services ---- */

static enum err command_worker_kick(
    struct engine *e, const struct command *c, struct command_reply *r, struct errbuf *eb)
{
	const char *text = c->target ? c->target : "";
	int64_t worker;
	enum err err;

	if (str_to_i64(*text == 'w' ? text + 1 : text, 1, SNAPSHOT_WORKERS, &worker))
		return err_set(eb, ERR_INVALID, "name a worker by its number: 3 or w3");
	if (!e->parts.dispatcher)
		return err_set(eb, ERR_UNAVAIL, "nothing works here");
	err = dispatcher_kick(e->parts.dispatcher, worker, eb);
	if (!err)
		snprintf(r->text, sizeof r->text, "worker %lld is interrupted", (long long)worker);
	return err;
}

static enum err command_service_reset(
    struct engine *e, const struct command *c, struct command_reply *r, struct errbuf *eb)
{
	const char *name = c->target ? c->target : "";
	bool youtube = strcmp(name, "youtube") == 0;
	const struct discovery_method *way = discovery_method_find(name);
	enum err err;

	for (int m = 0; m < METHOD_COUNT && !youtube; m++)
		youtube = strcmp(name, method_info((enum method)m)->name) == 0;
	youtube = youtube || (way && way->units > 0);
	if (!e->parts.dispatcher)
		return err_set(eb, ERR_UNAVAIL, "nothing works here");
	err = youtube ? dispatcher_breaker_reset(e->parts.dispatcher, eb)
	              : providers_reset(e->parts.providers, name, eb);
	if (!err)
		snprintf(r->text, sizeof r->text, "%s is asked again", youtube ? "YouTube" : name);
	return err;
}

/* A line to find again what came after it. */
static enum err command_log_mark(
    struct engine *e, const struct command *c, struct command_reply *r, struct errbuf *eb)
{
	char who[64];

	(void)eb;
	log_at(e->parts.log, LOG_INFO, "mark", 0, "mark by %s", engine_who(c, who, sizeof who));
	snprintf(r->text, sizeof r->text, "the log has a mark now");
	return ERR_OK;
}

typedef enum err command_fn(
    struct engine *, const struct command *, struct command_reply *, struct errbuf *);

static command_fn *const command_table[ACTION_COUNT] = {
    [ACTION_JOB_START] = command_job_start,
    [ACTION_JOB_PAUSE] = command_jobs,
    [ACTION_JOB_RESUME] = command_jobs,
    [ACTION_JOB_CANCEL] = command_jobs,
    [ACTION_JOB_RETRY] = command_jobs,
    [ACTION_JOB_DELETE] = command_jobs,
    [ACTION_JOB_RAISE] = command_job_weight,
    [ACTION_JOB_LOWER] = command_job_weight,
    [ACTION_JOB_WEIGHT] = command_job_weight,
    [ACTION_KEY_ADD] = command_key_add,
    [ACTION_KEY_ENABLE] = command_key_switch,
    [ACTION_KEY_DISABLE] = command_key_switch,
    [ACTION_KEY_REMOVE] = command_key_switch,
    [ACTION_KEY_GROUP] = command_key_group,
    [ACTION_KEY_TEST] = command_key_test,
    [ACTION_DEAD_RETRY] = command_dead,
    [ACTION_DEAD_DROP] = command_dead,
    [ACTION_SCHEDULE_ADD] = command_schedule,
    [ACTION_SCHEDULE_ENABLE] = command_schedule,
    [ACTION_SCHEDULE_DISABLE] = command_schedule,
    [ACTION_SCHEDULE_REMOVE] = command_schedule,
    [ACTION_SCHEDULE_RUN] = command_schedule,
    [ACTION_PLAN_SHARE] = command_plan,
    [ACTION_PLAN_PACE] = command_plan,
    [ACTION_PLAN_LEND] = command_plan,
    [ACTION_PLAN_TARGET] = command_plan,
    [ACTION_CHANNEL_FETCH] = command_channels_fetch,
    [ACTION_CHANNEL_VIDEOS] = command_channels_fetch,
    [ACTION_CHANNEL_ERASE] = command_channel_erase,
    [ACTION_CHANNEL_READMIT] = command_channel_readmit,
    [ACTION_LIST_DROP] = command_list_drop,
    [ACTION_WORKER_KICK] = command_worker_kick,
    [ACTION_SERVICE_RESET] = command_service_reset,
    [ACTION_NODE_FETCH] = command_node_start,
    [ACTION_NODE_VIDEOS] = command_node_start,
    [ACTION_ALERT_ACK] = command_alert,
    [ACTION_WORKERS_MORE] = command_workers,
    [ACTION_WORKERS_FEWER] = command_workers,
    [ACTION_WORKERS_SET] = command_workers,
    [ACTION_SYNC] = command_sync,
    [ACTION_LOG_MARK] = command_log_mark,
};

static void command_find_uuid(struct engine *e, struct command_reply *r)
{
	struct job_row row;

	pthread_mutex_lock(&e->look);
	if (staging_job_get(e->reader, r->job, &row, NULL, NULL) == ERR_OK)
		uuid_format(&row.uuid, r->uuid);
	pthread_mutex_unlock(&e->look);
}

enum err engine_command(
    struct engine *e, const struct command *c, struct command_reply *r, struct errbuf *eb)
{
	struct errbuf own = {0};
	char before[64];
	enum err err;

	*r = (struct command_reply){0};
	engine_audit_value(e, c, before, sizeof before);
	if (e->mode == ENGINE_LOOK)
		err = err_set(&own, ERR_UNAVAIL, "only looking: nothing can be changed from here");
	else if (!command_table[c->action])
		err = err_set(&own, ERR_UNAVAIL, "%s: this node cannot do that yet",
		    action_info(c->action)->word);
	else
		err = command_table[c->action](e, c, r, &own);
	r->err = err;
	if (err)
		snprintf(r->text, sizeof r->text, "%s", err_text(&own));
	if (err && eb)
		*eb = own;
	if (!err && r->job)
		command_find_uuid(e, r);
	engine_audit(e, c, r, before);
	engine_look_again(e);
	return err;
}

/* ---- queued ---- */

struct command_item {
	uint64_t id;
	struct command c; /* its texts are owned by the item */
};

struct command_queue {
	struct engine *engine;
	struct queue *queue;
	pthread_t thread;
	pthread_mutex_t lock; /* guards all below; rank: leaf */
	uint64_t next_id;
	struct snapshot_reply replies[COMMAND_REPLIES];
	size_t n_replies;
};

static char *command_copy(const char *text)
{
	return text ? str_dup(text) : NULL;
}

static void command_item_free(struct command_item *it)
{
	if (it->c.secret)
		explicit_bzero((char *)(uintptr_t)it->c.secret, strlen(it->c.secret));
	if (it->c.params_json) /* may hold a URL with a password */
		explicit_bzero((char *)(uintptr_t)it->c.params_json, strlen(it->c.params_json));
	free((char *)(uintptr_t)it->c.target);
	free((char *)(uintptr_t)it->c.job_type);
	free((char *)(uintptr_t)it->c.params_json);
	free((char *)(uintptr_t)it->c.secret);
	free((char *)(uintptr_t)it->c.project);
	free((char *)(uintptr_t)it->c.once);
	free((char *)(uintptr_t)it->c.by);
	free((char *)(uintptr_t)it->c.who);
	free(it);
}

static void command_keep_reply(struct command_queue *q, uint64_t id, const struct command_reply *r)
{
	struct snapshot_reply *to;

	pthread_mutex_lock(&q->lock);
	if (q->n_replies == COMMAND_REPLIES)
		memmove(q->replies, q->replies + 1, --q->n_replies * sizeof q->replies[0]);
	to = &q->replies[q->n_replies++];
	to->id = id;
	to->ok = r->err == ERR_OK;
	snprintf(to->text, sizeof to->text, "%.250s", r->text);
	pthread_mutex_unlock(&q->lock);
}

static void *command_main(void *arg)
{
	struct command_queue *q = arg;
	void *item;

	while (queue_pop(q->queue, -1, &item) == ERR_OK) {
		struct command_item *it = item;
		struct command_reply r;
		if (engine_command(q->engine, &it->c, &r, NULL) && !r.text[0])
			snprintf(r.text, sizeof r.text, "%s", err_word(r.err));
		command_keep_reply(q, it->id, &r);
		command_item_free(it);
	}
	return NULL;
}

enum err command_queue_start(struct command_queue **out, struct engine *e, struct errbuf *eb)
{
	struct command_queue *q = calloc(1, sizeof *q);

	*out = NULL;
	if (!q)
		return err_set(eb, ERR_NOMEM, "out of memory");
	q->engine = e;
	q->queue = queue_new(COMMAND_QUEUE);
	pthread_mutex_init(&q->lock, NULL);
	if (!q->queue || pthread_create(&q->thread, NULL, command_main, q) != 0) {
		queue_free(q->queue);
		free(q);
		return err_set(eb, ERR_NOMEM, "cannot start the command thread");
	}
	*out = q;
	return ERR_OK;
}

void command_queue_stop(struct command_queue *q)
{
	if (!q)
		return;
	queue_close(q->queue);
	pthread_join(q->thread, NULL);
	queue_free(q->queue);
	pthread_mutex_destroy(&q->lock);
	free(q);
}

uint64_t command_queue_send(struct command_queue *q, const struct command *c)
{
	struct command_item *it = calloc(1, sizeof *it);
	uint64_t id;

	if (!it)
		return 0;
	it->c = (struct command){.action = c->action,
	    .target = command_copy(c->target),
	    .job_type = command_copy(c->job_type),
	    .params_json = command_copy(c->params_json),
	    .secret = command_copy(c->secret),
	    .project = command_copy(c->project),
	    .once = command_copy(c->once),
	    .by = command_copy(c->by),
	    .who = command_copy(c->who),
	    .continues = c->continues};
	pthread_mutex_lock(&q->lock);
	id = it->id = ++q->next_id;
	pthread_mutex_unlock(&q->lock);
	if (queue_try_push(q->queue, it) == ERR_OK)
		return id;
	command_item_free(it);
	return 0;
}

void command_queue_replies(struct command_queue *q, struct snapshot *s)
{
	pthread_mutex_lock(&q->lock);
	s->n_replies = q->n_replies;
	memcpy(s->replies, q->replies, q->n_replies * sizeof q->replies[0]);
	pthread_mutex_unlock(&q->lock);
}

uint64_t engine_command_send(struct engine *e, const struct command *c)
{
	return e->commands ? command_queue_send(e->commands, c) : 0;
}
