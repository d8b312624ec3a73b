/* Workers: threads, what limits them, outside services and their breakers, the databases, nodes. */
#include "config.h"
#include "tui/views/worker_parts.h"
#include "tui/format.h"

#include <stdio.h>
#include <string.h>

enum { WORKERS_BELOW = 4 /* lines that what stands below the threads gets in any case */ };

static const char *const workers_titles[WORKERS_PARTS] = {
    [WORKERS_THREADS] = "Threads",
    [WORKERS_SERVICES] = "Outside services, last 60 min",
    [WORKERS_STORES] = "Databases",
    [WORKERS_NODES] = "Nodes of this cluster",
};

/* ---- panes ---- */

static int workers_draw_head(const struct view_ctx *c, const struct pane *p, int h)
{
	worker_draw_process_line(c, p, 0);
	draw_textf(p, 1, 1, 9, ALIGN_LEFT, ROLE_NORMAL, "%zu threads", c->snap->n_workers);
	worker_draw_sum(c, p, 1, 13);
	return worker_draw_judgement(c, p, 2, h - 2);
}

static void workers_draw_part(
    const struct view_ctx *c, struct view_state *st, const struct pane *p, int part)
{
	struct pane at = *p;
	int y = 0;

	if (part == WORKERS_STORES)
		y = worker_draw_stores(c, p, 0);
	if (part == WORKERS_NODES)
		node_draw_sum(c, p, y++);
	at = pane_part(p, (struct rect){y, 0, p->at.h - y, p->at.w});
	if (at.at.h > 1)
		table_draw(&st->tables[part], c, st, &at);
}

static void workers_draw_titled(
    const struct view_ctx *c, struct view_state *st, const struct pane *p, int part)
{
	struct pane in = pane_part(p, (struct rect){1, 0, p->at.h - 1, p->at.w});
	char right[FORMAT_SIZE * 2];

	snprintf(right, sizeof right, "%zu", st->tables[part].n);
	draw_rule(p, 0, workers_titles[part], right);
	workers_draw_part(c, st, &in, part);
}

/* ---- sizes ---- */

static int workers_least(int a, int b)
{
	return a < b ? a : b;
}

/* What stands below the threads in the narrow size, and the lines that it has above its list. */
static int workers_below(const struct view_ctx *c, const struct view_state *st, int *head)
{
	*head =
	    st->part == WORKERS_STORES ? 4 + c->snap->redis_configured : st->part == WORKERS_NODES;
	return st->part == WORKERS_THREADS ? WORKERS_SERVICES : st->part;
}

/* Threads, below them services, the databases or nodes, and a line about what is chosen. */
static void workers_draw_narrow(
    const struct view_ctx *c, struct view_state *st, const struct pane *p)
{
	int head, below = workers_below(c, st, &head);
	int n = (int)st->tables[below].n, rows = n + (head ? head : n ? 0 : 1);
	int y = workers_draw_head(c, p, 4);
	int room = p->at.h - 1 - y - 4 - (int)st->tables[WORKERS_THREADS].n;
	int foot = 2 + workers_least(rows, room > WORKERS_BELOW ? room : WORKERS_BELOW);
	struct pane top = pane_part(p, (struct rect){y, 0, p->at.h - 1 - foot - y, p->at.w});
	struct pane bottom = pane_part(p, (struct rect){p->at.h - 1 - foot, 0, foot, p->at.w});

	workers_draw_titled(c, st, &top, WORKERS_THREADS);
	workers_draw_titled(c, st, &bottom, below);
	worker_draw_note(c, st, p, p->at.h - 1);
}

static void workers_draw_short(
    const struct view_ctx *c, struct view_state *st, const struct pane *p)
{
	int y = workers_draw_head(c, p, 3);
	struct pane list = pane_part(p, (struct rect){y, 0, p->at.h - y - 1, p->at.w});

	workers_draw_part(c, st, &list, st->part);
	worker_draw_note(c, st, p, p->at.h - 1);
}

static struct pane workers_box(
    const struct pane *p, struct rect r, const char *title, const char *right)
{
	struct pane at = pane_part(p, r);

	return draw_box(&at, title, right);
}

static void workers_draw_threads(
    const struct view_ctx *c, struct view_state *st, const struct pane *p, struct rect r)
{
	char right[FORMAT_SIZE];
	struct pane in, list, foot;

	snprintf(right, sizeof right, "%zu", c->snap->n_workers);
	in = workers_box(p, r, workers_titles[WORKERS_THREADS], right);
	list = pane_part(&in, (struct rect){0, 0, in.at.h - 5, in.at.w});
	foot = pane_part(&in, (struct rect){in.at.h - 5, 0, 5, in.at.w});
	workers_draw_part(c, st, &list, WORKERS_THREADS);
	worker_draw_sum(c, &foot, 0, 1);
	draw_rule(
	    &foot, 1, "Would more threads help?", c->snap->limits.more_threads ? "yes" : "no");
	worker_draw_judgement(c, &foot, 2, 3);
}

/* The service whose latencies are shown: the chosen one, of the databases when they have the focus. */
static const char *workers_chosen(const struct view_state *st)
{
	return st->tables[st->part == WORKERS_STORES ? WORKERS_STORES : WORKERS_SERVICES].selected;
}

/* The databases, and beside them the nodes of a cluster. */
static void workers_draw_stores(
    const struct view_ctx *c, struct view_state *st, const struct pane *p, struct rect r)
{
	struct rect nodes = {r.y, r.x + r.w / 2, r.h, r.w - r.w / 2};
	char right[FORMAT_SIZE * 2];
	struct pane in;

	if (c->snap->cluster.on) {
		snprintf(right, sizeof right, "%lld of %lld up", (long long)c->snap->cluster.up,
		    (long long)(c->snap->cluster.up + c->snap->cluster.gone));
		in = workers_box(p, nodes, workers_titles[WORKERS_NODES], right);
		workers_draw_part(c, st, &in, WORKERS_NODES);
		r.w = nodes.x - r.x;
	}
	in = workers_box(p, r, workers_titles[WORKERS_STORES], NULL);
	workers_draw_part(c, st, &in, WORKERS_STORES);
}

static void workers_draw_wide(const struct view_ctx *c, struct view_state *st, const struct pane *p)
{
	int w = p->at.w * 5 / 8, side = p->at.w - w, h = p->at.h - 1;
	int rows = (int)st->tables[WORKERS_STORES].n, nodes = (int)st->tables[WORKERS_NODES].n - 3;
	int stores = workers_least(h / 4, 9 + (rows > nodes ? rows : nodes));
	int threads = workers_least((h - stores) / 2, 9 + (int)st->tables[WORKERS_THREADS].n);
	int mid = h - stores - threads;
	char title[TABLE_TEXT], pid[FORMAT_SIZE * 2];
	struct pane in;

	snprintf(title, sizeof title, "Latency, last hour: %s", workers_chosen(st));
	snprintf(pid, sizeof pid, "pid %lld", (long long)c->snap->pid);
	workers_draw_threads(c, st, p, (struct rect){0, 0, threads, w});
	in = workers_box(p, (struct rect){0, w, threads, side}, "This process", pid);
	worker_draw_process(c, &in);
	in = workers_box(p, (struct rect){threads, 0, mid, w}, workers_titles[WORKERS_SERVICES],
	    "b resets a breaker");
	workers_draw_part(c, st, &in, WORKERS_SERVICES);
	in = workers_box(p, (struct rect){threads, w, mid, side}, title, NULL);
	worker_draw_latency(c, st, workers_chosen(st), &in);
	workers_draw_stores(c, st, p, (struct rect){threads + mid, 0, stores, p->at.w});
	worker_draw_note(c, st, p, p->at.h - 1);
}

static void workers_draw_zoomed(
    const struct view_ctx *c, struct view_state *st, const struct pane *p)
{
	struct pane at = pane_part(p, (struct rect){0, 0, p->at.h - 1, p->at.w});

	workers_draw_titled(c, st, &at, st->part);
	worker_draw_note(c, st, p, p->at.h - 1);
}

static void workers_draw(const struct view_ctx *c, struct view_state *st, const struct pane *p)
{
	for (int i = 0; i < WORKERS_PARTS; i++) /* heights go by how many lines there are */
		table_update(&st->tables[i], c, st, c->dialog);
	if (st->zoom)
		workers_draw_zoomed(c, st, p);
	else if (c->layout->profile == PROFILE_WIDE)
		workers_draw_wide(c, st, p);
	else if (c->layout->profile == PROFILE_SHORT)
		workers_draw_short(c, st, p);
	else
		workers_draw_narrow(c, st, p);
}

/* ---- keys ---- */

static bool workers_command(const struct view_ctx *c, struct view_state *st, int arg)
{
	struct workers_own *own = st->own;

	(void)c;
	(void)arg;
	if (!own)
		return false;
	if (st->part == WORKERS_THREADS)
		own->without_idle = !own->without_idle;
	else
		own->all_services = !own->all_services;
	return true;
}

/* Enter: a thread's job, or a service's latencies. */
static bool workers_takes(const struct view_ctx *c, struct view_state *st, enum key_cmd cmd)
{
	const char *id = st->tables[st->part].selected;
	const struct snapshot_worker *w = worker_find(c->snap, id);

	if (cmd != KEY_CMD_OPEN)
		return false;
	st->wish = (struct view_wish){.kind = WISH_GO, .view = "service"};
	snprintf(st->wish.target, sizeof st->wish.target, "%s", id);
	if (st->part == WORKERS_THREADS) {
		st->wish.view = "job";
		snprintf(
		    st->wish.target, sizeof st->wish.target, "J-%lld", w ? (long long)w->job : 0);
	}
	if (st->part == WORKERS_THREADS ? !w || !w->job : !service_find(c->snap, id))
		st->wish.kind = WISH_NONE;
	return true;
}

static void workers_badge(const struct snapshot *s, char *out, size_t size)
{
	int n = 0;

	*out = 0;
	for (size_t i = 0; i < s->n_workers && i < SNAPSHOT_WORKERS; i++)
		n += s->workers[i].stalled;
	if (n)
		snprintf(out, size, "%d!", n);
}

static const struct view_part workers_parts[WORKERS_PARTS] = {
    [WORKERS_THREADS] = {"Threads", &worker_table, ON_WORKER},
    [WORKERS_SERVICES] = {"Services", &service_table, ON_SERVICE},
    [WORKERS_STORES] = {"Databases", &store_table, 0},
    [WORKERS_NODES] = {"Nodes", &node_table, ON_NODE},
};

static bool workers_has_part(const struct snapshot *s, int part)
{
	return part != WORKERS_NODES || s->cluster.on;
}

static const struct key_row workers_keys[] = {
    {{'i'}, KEY_CMD_VIEW, 0, NULL, KEY_GROUP_SHOW, "i", "with and without what rests", 0},
    {{KEYS_NONE}, KEY_CMD_NONE, 0, NULL, KEY_GROUP_MOVE, NULL, NULL, 0},
};

const struct view_ops view_workers = {
    .name = "workers",
    .title = "Work",
    .title_wide = "Workers",
    .key = '4',
    .parts = workers_parts,
    .n_parts = WORKERS_PARTS,
    .has_part = workers_has_part,
    .page = &view_service,
    .own_size = sizeof(struct workers_own),
    .draw = workers_draw,
    .badge = workers_badge,
    .keys = workers_keys,
    .command = workers_command,
    .takes = workers_takes,
    .hints = "+ - threads  K kick stalled  Enter open  b reset breaker  i idle  Tab pane  ? help  "
             "/ filter  z zoom",
};

/* ---- the page of a service ---- */

static void service_draw(const struct view_ctx *c, struct view_state *st, const struct pane *p)
{
	struct pane in = pane_part(p, (struct rect){2, 0, p->at.h - 2, p->at.w});

	draw_textf(p, 0, 1, p->at.w - 2, ALIGN_LEFT, ROLE_TITLE, "Workers > %s, latency in ms",
	    st->target);
	worker_draw_latency(c, st, st->target, &in);
}

const struct view_ops view_service = {
    .name = "service",
    .on = ON_SERVICE,
    .draw = service_draw,
    .hints = "b reset breaker  R ask again  c copy its name  Esc back  ? help",
};
