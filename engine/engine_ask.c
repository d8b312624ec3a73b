/* Questions: what REST answers, asked from inside this process and answered on threads of their own. */
#include "config.h"
#include "engine/engine_parts.h"
#include "engine/base/clock.h"
#include "engine/base/str.h"
#include "engine/rest/route.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
	ASK_MOST = 64,   /* waiting, at work and answered but not taken, together */
	ASK_THREADS = 2, /* a page does not wait for the count of all that match */
	ASK_BODY_LIMIT = REST_BODY_LIMIT
};

enum ask_state { ASK_WAITING, ASK_RUNNING, ASK_ANSWERED };

struct ask_question {
	struct ask_question *next; /* older ones first */
	uint64_t id;
	int slot;
	enum ask_state state;
	bool dropped;     /* nobody wants the answer of this running one */
	atomic_bool stop; /* the same, for whoever works on it */
	char *method, *path, *body;
	char *query; /* within path; NULL: none */
	struct engine_answer answer;
};

struct ask {
	struct engine *engine;
	int ready;            /* eventfd */
	pthread_mutex_t lock; /* guards all below; rank: leaf */
	pthread_cond_t wake;
	struct ask_question *list;
	uint64_t last_id;
	pthread_t threads[ASK_THREADS];
	size_t n_threads;
	bool ending;
};

static void ask_question_free(struct ask_question *q)
{
	if (!q)
		return;
	if (q->body) /* may hold an API key */
		explicit_bzero(q->body, strlen(q->body));
	free(q->method);
	free(q->path);
	free(q->body);
	free(q->answer.text);
	free(q);
}

/* A running one belongs to the thread until it has ended: false. */
static bool ask_drop_locked(struct ask_question **at)
{
	struct ask_question *q = *at;

	if (q->state == ASK_RUNNING) {
		q->dropped = true;
		atomic_store(&q->stop, true);
		return false;
	}
	*at = q->next;
	ask_question_free(q);
	return true;
}

static void ask_drop_slot_locked(struct ask *a, int slot)
{
	struct ask_question **at = &a->list;

	while (*at)
		if ((*at)->slot != slot || !ask_drop_locked(at))
			at = &(*at)->next;
}

/* Room for one more: what was answered longest ago and never taken goes first. */
static bool ask_make_room_locked(struct ask *a)
{
	struct ask_question **oldest = NULL;
	size_t n = 0;

	for (struct ask_question **at = &a->list; *at; at = &(*at)->next) {
		n++;
		if (!oldest && (*at)->state == ASK_ANSWERED)
			oldest = at;
	}
	if (n < ASK_MOST)
		return true;
	if (!oldest)
		return false;
	ask_drop_locked(oldest);
	return true;
}

/* ---- the thread ---- */

static void ask_run(struct ask *a, struct ask_question *q)
{
	struct engine *e = a->engine;
	struct rest_call c;

	rest_call_init(&c, e, e->parts.settings);
	c.inside = true;
	c.limit = (struct staging_limit){
	    .until_ms = clock_mono_ms() + ENGINE_ASK_LIMIT_MS, .stop = &q->stop};
	c.method = q->method;
	c.path = q->path;
	c.query = q->query;
	c.content_type = "application/json";
	c.body = q->body ? q->body : "";
	c.body_len = strlen(c.body);
	if (rest_call_start(&c))
		rest_call_finish(&c);
	q->answer = (struct engine_answer){c.status, c.text};
	c.text = NULL;
	rest_call_done(&c);
}

static struct ask_question **ask_find_locked(struct ask *a, uint64_t id)
{
	struct ask_question **at = &a->list;

	while (*at && (*at)->id != id)
		at = &(*at)->next;
	return at;
}

static struct ask_question *ask_next_locked(struct ask *a)
{
	struct ask_question *q = a->list;

	while (q && q->state != ASK_WAITING)
		q = q->next;
	if (q)
		q->state = ASK_RUNNING;
	return q;
}

static void ask_ring(struct ask *a)
{
	const uint64_t one = 1;

	/* a full counter rings already */
	if (write(a->ready, &one, sizeof one) != sizeof one)
		return;
}

static void *ask_main(void *arg)
{
	struct ask *a = arg;

	pthread_mutex_lock(&a->lock);
	while (!a->ending) {
		struct ask_question *q = ask_next_locked(a);
		if (!q) {
			pthread_cond_wait(&a->wake, &a->lock);
			continue;
		}
		pthread_mutex_unlock(&a->lock);
		ask_run(a, q);
		pthread_mutex_lock(&a->lock);
		q->state = ASK_ANSWERED;
		if (q->dropped)
			ask_drop_locked(ask_find_locked(a, q->id));
		else
			ask_ring(a);
	}
	pthread_mutex_unlock(&a->lock);
	return NULL;
}

/* ---- opening, ending ---- */

enum err ask_open(struct ask **out, struct engine *e, struct errbuf *eb)
{
	struct ask *a = calloc(1, sizeof *a);

	*out = NULL;
	if (!a)
		return err_set(eb, ERR_NOMEM, "out of memory");
	a->engine = e;
	a->ready = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (a->ready < 0) {
		free(a);
		return err_set(eb, ERR_IO, "no more descriptors: raise the limit (ulimit -n)");
	}
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->wake, NULL);
	*out = a;
	return ERR_OK;
}

void ask_end(struct ask *a)
{
	size_t n;

	if (!a)
		return;
	pthread_mutex_lock(&a->lock);
	a->ending = true;
	n = a->n_threads;
	for (struct ask_question *q = a->list; q; q = q->next)
		atomic_store(&q->stop, true);
	pthread_cond_broadcast(&a->wake);
	pthread_mutex_unlock(&a->lock);
	for (size_t i = 0; i < n; i++)
		pthread_join(a->threads[i], NULL);
	pthread_mutex_lock(&a->lock);
	a->n_threads = 0;
	pthread_mutex_unlock(&a->lock);
}

void ask_close(struct ask *a)
{
	if (!a)
		return;
	ask_end(a);
	while (a->list) {
		struct ask_question *q = a->list;
		a->list = q->next;
		ask_question_free(q);
	}
	close(a->ready);
	pthread_cond_destroy(&a->wake);
	pthread_mutex_destroy(&a->lock);
	free(a);
}

/* Is one more needed than wait for something to do? They come with questions: who asks nothing needs none. */
static bool ask_is_short_locked(const struct ask *a)
{
	size_t open = 1; /* the one that is coming */

	for (const struct ask_question *q = a->list; q; q = q->next)
		open += q->state != ASK_ANSWERED;
	return a->n_threads < ASK_THREADS && a->n_threads < open;
}

static bool ask_start_locked(struct ask *a)
{
	if (!a->ending && ask_is_short_locked(a) &&
	    pthread_create(&a->threads[a->n_threads], NULL, ask_main, a) == 0)
		a->n_threads++;
	return a->n_threads && !a->ending;
}

/* ---- what callers see ---- */

static struct ask_question *ask_question_new(
    int slot, const char *method, const char *path, const char *body)
{
	struct ask_question *q = calloc(1, sizeof *q);

	if (!q)
		return NULL;
	q->slot = slot;
	q->method = str_dup(method);
	q->path = str_dup(path);
	q->body = body ? str_dup(body) : NULL;
	if (!q->method || !q->path || (body && !q->body)) {
		ask_question_free(q);
		return NULL;
	}
	q->query = strchr(q->path, '?');
	if (q->query)
		*q->query++ = '\0';
	return q;
}

uint64_t engine_ask_send(
    struct engine *e, int slot, const char *method, const char *path, const char *body)
{
	struct ask *a = e->ask;
	struct ask_question *q, **at;
	uint64_t id = 0;

	if (body && strlen(body) > ASK_BODY_LIMIT)
		return 0;
	q = ask_question_new(slot, method, path, body);
	if (!q)
		return 0;
	pthread_mutex_lock(&a->lock);
	if (slot >= 0)
		ask_drop_slot_locked(a, slot);
	if (ask_start_locked(a) && ask_make_room_locked(a)) {
		at = ask_find_locked(a, 0); /* the end: no question has this number */
		id = q->id = ++a->last_id;
		*at = q;
		q = NULL;
		pthread_cond_signal(&a->wake);
	}
	pthread_mutex_unlock(&a->lock);
	ask_question_free(q);
	return id;
}

bool engine_ask_take(struct engine *e, uint64_t id, struct engine_answer *out)
{
	struct ask *a = e->ask;
	struct ask_question **at, *q;
	uint64_t rung;

	*out = (struct engine_answer){0};
	pthread_mutex_lock(&a->lock);
	if (read(a->ready, &rung, sizeof rung) != sizeof rung)
		rung = 0; /* it was silent */
	at = ask_find_locked(a, id);
	q = *at;
	if (!q || q->state != ASK_ANSWERED) {
		pthread_mutex_unlock(&a->lock);
		return false;
	}
	*out = q->answer;
	q->answer.text = NULL;
	ask_drop_locked(at);
	pthread_mutex_unlock(&a->lock);
	return true;
}

void engine_ask_cancel(struct engine *e, uint64_t id)
{
	struct ask *a = e->ask;
	struct ask_question **at;

	pthread_mutex_lock(&a->lock);
	at = ask_find_locked(a, id);
	if (*at)
		ask_drop_locked(at);
	pthread_mutex_unlock(&a->lock);
}

int engine_ask_fd(struct engine *e)
{
	return e->ask->ready;
}
