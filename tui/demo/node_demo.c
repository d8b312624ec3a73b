#include "config.h"
#include "tui/demo/demo.h"
#include "engine/base/clock.h"
#include "engine/engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEMO_ANSWERS = 32, DEMO_JSON = 4 << 20 };

struct node_demo {
	struct node node; /* first */
	struct demo_config cfg;
	struct snapshot *model;
	int64_t shift; /* from DEMO_NOW to now */
	uint64_t last_id;
	struct node_answer answers[DEMO_ANSWERS];
	size_t n_answers;
};

static struct node_demo *demo_of(struct node *n)
{
	return (struct node_demo *)(void *)n;
}

/* ---- time ---- */

static void shift_s(int64_t *at, int64_t by)
{
	*at += *at ? by : 0;
}

/* As if the scenario were now. */
static void demo_to_now(const struct node_demo *d, struct snapshot *s)
{
	int64_t by = d->shift;

	s->made_at = clock_now();
	s->mono_ms = clock_mono_ms();
	shift_s(&s->reset_at, by);
	shift_s(&s->day_start, by);
	shift_s(&s->started_at, by);
	shift_s(&s->dry_at, by);
	for (size_t i = 0; i < s->n_jobs; i++) {
		shift_s(&s->jobs[i].eta, by);
		shift_s(&s->jobs[i].until, by);
		shift_s(&s->jobs[i].created_ms, by * 1000);
		shift_s(&s->jobs[i].started_ms, by * 1000);
		shift_s(&s->jobs[i].completed_ms, by * 1000);
	}
	for (size_t i = 0; i < s->n_keys; i++) {
		shift_s(&s->keys[i].until, by);
		shift_s(&s->keys[i].last_used, by);
	}
	for (size_t i = 0; i < s->n_projects; i++)
		for (int b = 0; b < SNAPSHOT_BUCKETS; b++)
			shift_s(&s->projects[i].buckets[b].dry_at, by);
	for (size_t i = 0; i < s->n_services; i++) {
		shift_s(&s->services[i].since, by);
		shift_s(&s->services[i].until, by);
	}
	for (size_t i = 0; i < s->n_stages; i++) {
		shift_s(&s->stages[i].finish, by);
		shift_s(&s->stages[i].dry_at, by);
	}
	for (size_t i = 0; i < s->n_nodes; i++) {
		shift_s(&s->nodes[i].started_at, by);
		shift_s(&s->nodes[i].seen_at, by);
	}
	shift_s(&s->cluster.asked_at, by);
	for (size_t i = 0; i < s->n_alerts; i++)
		shift_s(&s->alerts[i].since, by);
	for (size_t i = 0; i < s->n_blocked; i++)
		shift_s(&s->blocked[i].until, by);
	for (size_t i = 0; i < s->n_workers; i++)
		s->workers[i].since_ms += s->mono_ms - d->model->mono_ms;
	for (size_t i = 0; i < s->n_log; i++)
		s->log[i].at_ms += by * 1000;
}

/* What was done since the demo began. */
static void demo_play_on(const struct node_demo *d, struct snapshot *s)
{
	int64_t gone = clock_now() - DEMO_NOW - d->shift;

	s->seq = (uint64_t)clock_mono_ms();
	if (s->units_left > gone) {
		s->units_used += gone;
		s->units_left -= gone;
	}
	for (size_t i = 0; i < s->n_jobs; i++) {
		struct snapshot_job *j = &s->jobs[i];
		int64_t more = (int64_t)((double)gone * j->rate);
		if (strcmp(j->status, "running") != 0)
			continue;
		j->processed += j->total > j->processed + more ? more : 0;
	}
}

/* ---- the interface ---- */

static const struct snapshot *demo_take_snapshot(struct node *n)
{
	struct node_demo *d = demo_of(n);
	struct snapshot *s = snapshot_new();
	struct snapshot_refs *refs;

	if (!s)
		return NULL;
	refs = s->refs;
	*s = *d->model;
	s->refs = refs;
	if (d->cfg.live)
		demo_to_now(d, s);
	if (d->cfg.moves)
		demo_play_on(d, s);
	return s;
}

static bool demo_then(struct node_demo *d)
{
	struct snapshot *then = d->cfg.then ? demo_snapshot(d->cfg.then) : NULL;

	if (!d->cfg.then)
		return true;
	d->cfg.then = NULL;
	if (!then)
		return false;
	snapshot_unref(d->model);
	d->model = then;
	return true;
}

static uint64_t demo_send(struct node *n, const struct command *c)
{
	struct node_demo *d = demo_of(n);
	struct snapshot *s;
	struct snapshot_reply *r;

	if (d->cfg.sent)
		d->cfg.sent(d->cfg.arg, c);
	if (!demo_then(d))
		return 0;
	s = d->model;
	if (s->n_replies == SNAPSHOT_REPLIES)
		memmove(s->replies, s->replies + 1, --s->n_replies * sizeof s->replies[0]);
	r = &s->replies[s->n_replies++];
	r->id = ++d->last_id;
	r->ok = demo_act(s, c, r->text, sizeof r->text);
	s->seq++;
	return r->id;
}

static uint64_t demo_ask(
    struct node *n, int slot, const char *method, const char *path, const char *body)
{
	struct node_demo *d = demo_of(n);
	const struct snapshot *now;
	struct node_answer *a;
	struct str text;

	if (d->n_answers == DEMO_ANSWERS)
		return 0;
	a = &d->answers[d->n_answers++];
	*a = (struct node_answer){.id = ++d->last_id, .slot = slot};
	str_init(&text, DEMO_JSON);
	now = demo_take_snapshot(n);
	if (!now)
		a->status = 503;
	else if (strcmp(method, "GET") == 0)
		a->status = demo_answer(now, path, &text);
	else
		a->status = demo_answer_post(now, path, body ? body : "{}", &text);
	snapshot_unref(now);
	a->text = str_take(&text);
	return a->id;
}

static bool demo_take(struct node *n, struct node_answer *a)
{
	struct node_demo *d = demo_of(n);

	if (!d->n_answers)
		return false;
	*a = d->answers[0];
	memmove(d->answers, d->answers + 1, --d->n_answers * sizeof *a);
	return true;
}

static int demo_wake_fd(struct node *n)
{
	(void)n;
	return -1;
}

static void demo_close(struct node *n)
{
	struct node_demo *d = demo_of(n);

	for (size_t i = 0; i < d->n_answers; i++)
		free(d->answers[i].text);
	snapshot_unref(d->model);
	free(d);
}

static const struct node_ops demo_ops = {.snapshot = demo_take_snapshot,
    .send = demo_send,
    .ask = demo_ask,
    .take = demo_take,
    .wake_fd = demo_wake_fd,
    .close = demo_close};

struct node *demo_open(const struct demo_config *cfg)
{
	struct node_demo *d = calloc(1, sizeof *d);

	if (!d)
		return NULL;
	d->cfg = *cfg;
	d->model = demo_snapshot(cfg->scenario ? cfg->scenario : "campaign");
	d->shift = clock_now() - DEMO_NOW;
	d->node = (struct node){.ops = &demo_ops,
	    .types = cfg->types ? cfg->types : engine_job_types(),
	    .read_only = cfg->read_only,
	    .hurries = true,
	    .leaves = true};
	if (d->model)
		return &d->node;
	free(d);
	return NULL;
}
