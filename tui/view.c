#include "config.h"
#include "tui/view.h"
#include "tui/pages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct view_ops *const view_table_list[] = {&view_dash, &view_jobs, &view_job,
    &view_keys, &view_key, &view_workers, &view_service, &view_channels, &view_channel,
    &view_discovery, &view_log, &view_alerts, &view_store, &view_help, NULL};

enum { VIEW_PATH = 1024 };

_Static_assert(sizeof view_table_list / sizeof view_table_list[0] * VIEW_SLOTS < NODE_SLOTS,
    "more views than slots for their questions");

const struct view_ops *const *view_list(void)
{
	return view_table_list;
}

size_t view_count(void)
{
	return sizeof view_table_list / sizeof view_table_list[0] - 1;
}

const struct view_ops *view_find(const char *name)
{
	for (const struct view_ops *const *v = view_table_list; *v; v++)
		if (strcmp((*v)->name, name) == 0 ||
		    ((*v)->title_wide && strcasecmp((*v)->title_wide, name) == 0))
			return *v;
	return NULL;
}

/* ---- state ---- */

void view_state_init(struct view_state *st, const struct view_ops *ops, int slot)
{
	*st = (struct view_state){.ops = ops, .slot = slot};
	for (int i = 0; i < ops->n_parts; i++)
		if (ops->parts[i].table)
			table_init(&st->tables[i], ops->parts[i].table);
	if (ops->own_size)
		st->own = calloc(1, ops->own_size);
}

void view_state_done(struct view_state *st)
{
	if (st->ops && st->ops->done && st->own)
		st->ops->done(st);
	free(st->own);
	for (int i = 0; i < VIEW_PARTS; i++)
		if (st->tables[i].def)
			table_done(&st->tables[i]);
	for (int i = 0; i < VIEW_RESOURCES; i++)
		resource_done(&st->resources[i]);
	*st = (struct view_state){0};
}

void view_state_aim(struct view_state *st, const char *target)
{
	const struct view_ops *ops = st->ops;
	int slot = st->slot, part = st->part;

	if (strcmp(st->target, target) == 0)
		return;
	view_state_done(st);
	view_state_init(st, ops, slot);
	st->part = part;
	snprintf(st->target, sizeof st->target, "%s", target);
}

const struct view_ops *view_opens(const struct view_state *st)
{
	const struct table_def *def = st->ops->n_parts ? st->ops->parts[st->part].table : NULL;

	return def && def->opens ? def->opens : st->ops->page;
}

bool view_can_open(const struct view_ops *v, const struct view_ops *page)
{
	for (int i = 0; i < v->n_parts; i++)
		if (v->parts[i].table && v->parts[i].table->opens == page)
			return true;
	return v->page == page;
}

struct table *view_table(struct view_state *st)
{
	return st->ops->n_parts && st->ops->parts[st->part].table ? &st->tables[st->part] : NULL;
}

unsigned view_on(const struct view_state *st)
{
	return (st->ops->n_parts ? st->ops->parts[st->part].on : 0) | st->ops->on;
}

/* ---- answers ---- */

const struct resource *view_get(const struct view_ctx *c, struct view_state *st, int i,
    int64_t refresh_ms, const char *path, ...)
{
	struct str text;
	va_list ap;

	if (c->frozen)
		return &st->resources[i];
	str_init(&text, VIEW_PATH);
	va_start(ap, path);
	str_addv(&text, path, ap);
	va_end(ap);
	resource_want(
	    &st->resources[i], c->node, st->slot + i, str_get(&text), refresh_ms, c->mono_ms);
	str_done(&text);
	return &st->resources[i];
}

bool view_take(struct view_state *st, struct node_answer *a, int64_t mono_ms)
{
	int i = a->slot - st->slot;

	if (i < 0 || i >= VIEW_SLOTS)
		return false;
	if (i < VIEW_RESOURCES)
		return resource_take(&st->resources[i], a, mono_ms);
	i -= VIEW_RESOURCES;
	return st->tables[i].pages && pages_take(st->tables[i].pages, a, mono_ms);
}

bool view_draw_missing(const struct resource *r, const struct pane *p, int y)
{
	if (r->got_ms)
		return false;
	if (r->state == RESOURCE_FAILED)
		draw_textf(
		    p, y, 1, p->at.w - 1, ALIGN_LEFT, ROLE_WARN, "! %s   R asks again", r->error);
	else
		draw_text(p, y, 1, p->at.w - 1, ALIGN_LEFT, ROLE_OFF, "loading");
	return true;
}
