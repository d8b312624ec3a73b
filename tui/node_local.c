#include "config.h"
#include "tui/node.h"
#include "engine/engine.h"

#include <stdlib.h>

struct node_local {
	struct node node; /* first */
	struct engine *engine;
	uint64_t waiting[NODE_SLOTS]; /* question of each slot without an answer yet; 0: none */
};

static struct node_local *local_of(struct node *n)
{
	return (struct node_local *)(void *)n;
}

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

	if (slot < 0 || slot >= NODE_SLOTS)
		return 0;
	l->waiting[slot] = engine_ask_send(l->engine, slot, method, path, body);
	return l->waiting[slot];
}

static bool local_take(struct node *n, struct node_answer *a)
{
	struct node_local *l = local_of(n);
	struct engine_answer got;
	bool asked = false;

	for (int slot = 0; slot < NODE_SLOTS; slot++) {
		uint64_t id = l->waiting[slot];
		asked = asked || id;
		if (!id || !engine_ask_take(l->engine, id, &got))
			continue;
		l->waiting[slot] = 0;
		*a = (struct node_answer){
		    .id = id, .slot = slot, .status = got.status, .text = got.text};
		return true;
	}
	if (!asked && engine_ask_take(l->engine, 0, &got)) /* makes the descriptor silent */
		free(got.text);
	return false;
}

static int local_wake_fd(struct node *n)
{
	return engine_ask_fd(local_of(n)->engine);
}

static void local_close(struct node *n)
{
	struct node_local *l = local_of(n);

	for (int slot = 0; slot < NODE_SLOTS; slot++)
		if (l->waiting[slot])
			engine_ask_cancel(l->engine, l->waiting[slot]);
	free(l);
}

static enum err local_export(struct node *n, const struct node_export *x, FILE *out,
    node_export_fn *go_on, void *arg, int64_t *rows, struct errbuf *eb)
{
	struct engine_export cfg = {.what = x->what,
	    .format = x->format,
	    .filter = ENGINE_FILTER_ALL,
	    .out = out,
	    .progress = go_on,
	    .arg = arg};

	cfg.filter.q = *x->q ? x->q : NULL;
	cfg.filter.sort = *x->sort ? x->sort : NULL;
	cfg.filter.channel = *x->channel ? x->channel : NULL;
	return engine_export(local_of(n)->engine, &cfg, rows, eb);
}

static const struct node_ops local_ops = {.snapshot = local_snapshot,
    .send = local_send,
    .ask = local_ask,
    .take = local_take,
    .wake_fd = local_wake_fd,
    .close = local_close,
    .export = local_export};

struct node *node_local_open(struct engine *e, bool read_only)
{
	struct node_local *l = calloc(1, sizeof *l);

	if (!l)
		return NULL;
	l->node = (struct node){.ops = &local_ops,
	    .types = engine_job_types(),
	    .read_only = read_only,
	    .leaves = true,
	    .hands_over = true};
	l->engine = e;
	return &l->node;
}
