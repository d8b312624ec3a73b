#include "config.h"
#include "tui/node.h"
#include "engine/base/queue.h"
#include "engine/base/str.h"
#include "engine/engine.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/*
 * Questions wait in a queue for one thread, which asks the engine; answers wait in a list that the
 * lock guards. A slot's newest question is remembered, so that what nobody waits for any more is
 * neither asked nor handed out.
 */

enum { LOCAL_QUESTIONS = 64, LOCAL_JOBS = 500 };

struct question {
	uint64_t id;
	int slot;
	char *path;
	struct node_answer answer;
	struct question *next;
};

struct node_local {
	struct node node; /* first */
	struct engine *engine;
	struct queue *queue;
	pthread_t thread;
	bool has_thread;
	int wake;             /* readable while answers wait */
	pthread_mutex_t lock; /* guards all below; rank: leaf */
	uint64_t last_id;
	uint64_t newest[NODE_SLOTS];
	struct question *answers, **answers_end;
};

static struct node_local *local_of(struct node *n)
{
	return (struct node_local *)(void *)n;
}

static void question_free(struct question *q)
{
	if (!q)
		return;
	free(q->answer.text);
	free(q->path);
	free(q);
}

/* ---- what the engine can be asked ---- */

struct local_route {
	const char *prefix;
	char *(*ask)(struct engine *e, const char *rest, struct errbuf *eb);
};

static char *local_jobs(struct engine *e, const char *rest, struct errbuf *eb)
{
	(void)rest;
	return engine_jobs_json(e, NULL, LOCAL_JOBS, eb);
}

static char *local_job(struct engine *e, const char *rest, struct errbuf *eb)
{
	return engine_job_json(e, rest, eb);
}

static char *local_keys(struct engine *e, const char *rest, struct errbuf *eb)
{
	(void)rest;
	return engine_keys_json(e, eb);
}

static char *local_schedules(struct engine *e, const char *rest, struct errbuf *eb)
{
	(void)rest;
	return engine_schedules_json(e, eb);
}

/* Longer ones first. */
static const struct local_route local_routes[] = {
    {"/api/jobs/", local_job},
    {"/api/jobs", local_jobs},
    {"/api/keys", local_keys},
    {"/api/schedules", local_schedules},
};

static int local_status(enum err code)
{
	return code == ERR_NOTFOUND ? 404 : code == ERR_INVALID ? 400 : 503;
}

static void local_answer(struct engine *e, struct question *q)
{
	struct errbuf eb = {.code = ERR_OK};

	q->answer = (struct node_answer){.id = q->id, .slot = q->slot, .status = 404};
	for (size_t i = 0; i < sizeof local_routes / sizeof local_routes[0]; i++) {
		size_t len = strlen(local_routes[i].prefix);
		if (strncmp(q->path, local_routes[i].prefix, len) != 0)
			continue;
		q->answer.text = local_routes[i].ask(e, q->path + len, &eb);
		q->answer.status = q->answer.text ? 200 : local_status(eb.code);
		break;
	}
	if (!q->answer.text)
		q->answer.text = str_dup("{\"error\":\"this is not to be had here\"}");
}

/* ---- the thread ---- */

static bool local_is_wanted(struct node_local *l, const struct question *q)
{
	bool wanted;

	pthread_mutex_lock(&l->lock);
	wanted = l->newest[q->slot] == q->id;
	pthread_mutex_unlock(&l->lock);
	return wanted;
}

static void local_deliver(struct node_local *l, struct question *q)
{
	uint64_t one = 1;
	ssize_t written;

	pthread_mutex_lock(&l->lock);
	*l->answers_end = q;
	l->answers_end = &q->next;
	pthread_mutex_unlock(&l->lock);
	written = write(l->wake, &one, sizeof one);
	(void)written; /* full: it is readable anyway */
}

static void *local_main(void *arg)
{
	struct node_local *l = arg;
	void *item;

	while (queue_pop(l->queue, -1, &item) == ERR_OK) {
		struct question *q = item;
		if (!local_is_wanted(l, q)) {
			question_free(q);
			continue;
		}
		local_answer(l->engine, q);
		local_deliver(l, q);
	}
	return NULL;
}

/* ---- the interface ---- */

static const struct snapshot *local_snapshot(struct node *n)
{
	return engine_snapshot(local_of(n)->engine);
}

static uint64_t local_send(struct node *n, const struct command *c)
{
	return engine_command_send(local_of(n)->engine, c);
}

static uint64_t local_ask(
    struct node *n, int slot, const char *method, const char *path, const char *body)
{
	struct node_local *l = local_of(n);
	struct question *q;
	uint64_t id;

	(void)body;
	if (slot < 0 || slot >= NODE_SLOTS || strcmp(method, "GET") != 0)
		return 0;
	q = calloc(1, sizeof *q);
	if (!q || !(q->path = str_dup(path))) {
		question_free(q);
		return 0;
	}
	pthread_mutex_lock(&l->lock);
	id = q->id = ++l->last_id;
	l->newest[slot] = id;
	pthread_mutex_unlock(&l->lock);
	q->slot = slot;
	if (queue_try_push(l->queue, q) == ERR_OK)
		return id;
	question_free(q);
	return 0;
}

static bool local_take(struct node *n, struct node_answer *a)
{
	struct node_local *l = local_of(n);
	struct question *q;
	uint64_t count;
	ssize_t got = read(l->wake, &count, sizeof count);
	bool wanted = false;

	(void)got;
	while (!wanted) {
		pthread_mutex_lock(&l->lock);
		q = l->answers;
		if (q)
			l->answers = q->next;
		if (!l->answers)
			l->answers_end = &l->answers;
		wanted = q && l->newest[q->slot] == q->id;
		pthread_mutex_unlock(&l->lock);
		if (!q)
			return false;
		if (wanted) {
			*a = q->answer;
			q->answer.text = NULL;
		}
		question_free(q);
	}
	return true;
}

static int local_wake_fd(struct node *n)
{
	return local_of(n)->wake;
}

static void local_close(struct node *n)
{
	struct node_local *l = local_of(n);
	struct node_answer a;
	void *item;

	if (l->queue)
		queue_close(l->queue);
	if (l->has_thread)
		pthread_join(l->thread, NULL);
	while (l->queue && queue_pop(l->queue, 0, &item) == ERR_OK)
		question_free(item);
	while (local_take(n, &a))
		free(a.text);
	queue_free(l->queue);
	if (l->wake >= 0)
		close(l->wake);
	pthread_mutex_destroy(&l->lock);
	free(l);
}

static const struct node_ops local_ops = {
    local_snapshot, local_send, local_ask, local_take, local_wake_fd, local_close};

struct node *node_local_open(struct engine *e, bool read_only)
{
	struct node_local *l = calloc(1, sizeof *l);

	if (!l)
		return NULL;
	l->node = (struct node){.ops = &local_ops,
	    .types = engine_job_types(),
	    .read_only = read_only,
	    .leaves = true};
	l->engine = e;
	l->answers_end = &l->answers;
	pthread_mutex_init(&l->lock, NULL);
	l->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	l->queue = queue_new(LOCAL_QUESTIONS);
	l->has_thread =
	    l->queue && l->wake >= 0 && pthread_create(&l->thread, NULL, local_main, l) == 0;
	if (!l->has_thread) {
		node_close(&l->node);
		return NULL;
	}
	return &l->node;
}
