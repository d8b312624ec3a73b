/*
 * worker_parts - the lists and panes of the Workers view: threads, outside services with their
 * breakers, the databases, the nodes of a cluster. For the files of the Workers view alone. The screen's thread.
 */
#ifndef TUBEOPS_TUI_VIEWS_WORKER_PARTS_H
#define TUBEOPS_TUI_VIEWS_WORKER_PARTS_H

#include "tui/view.h"

enum { WORKERS_THREADS, WORKERS_SERVICES, WORKERS_STORES, WORKERS_NODES, WORKERS_PARTS };

/* The answer that is held: the chosen service with its latencies. */
enum { WORKERS_SERVICE };

struct worker_line {
	const struct snapshot_worker *worker; /* of the snapshot */
	int number;                           /* from 1 */
};

struct workers_own {
	bool without_idle; /* threads that rest are left out */
	bool all_services; /* those that were never asked are shown too */
	struct worker_line threads[SNAPSHOT_WORKERS];
	const struct snapshot_service *services[SNAPSHOT_SERVICES], *stores[SNAPSHOT_SERVICES];
	size_t n_threads, n_services, n_stores;
};

extern const struct table_def worker_table;
extern const struct table_def service_table;
extern const struct table_def store_table;
extern const struct table_def node_table;

/* ---- node_rows.c ---- */
/* All nodes in one line, or why this one is not among them. */
void node_draw_sum(const struct view_ctx *c, const struct pane *p, int y);
void node_draw_note(const struct view_ctx *c, const char *id, const struct pane *p, int y);

/* ---- service_rows.c ---- */
void service_draw_note(const struct view_ctx *c, const char *name, const struct pane *p, int y);
const struct snapshot_service *service_find(const struct snapshot *s, const char *name);
/* ---- worker_rows.c ---- */
/* The worker of "w3"; NULL: there is none. */
const struct snapshot_worker *worker_find(const struct snapshot *s, const char *name);
/* "2 calling  1 writing  3 slot wait  1 stalled?" from x on. */
void worker_draw_sum(const struct view_ctx *c, const struct pane *p, int y, int x);
/* What limits the work, and whether more threads would help; in up to h lines. */
int worker_draw_judgement(const struct view_ctx *c, const struct pane *p, int y, int h);
/* One line about the chosen row of the part in focus. */
void worker_draw_note(const struct view_ctx *c, struct view_state *st, const struct pane *p, int y);

/* ---- worker_side.c ---- */
/* This process in one line. */
void worker_draw_process_line(const struct view_ctx *c, const struct pane *p, int y);
void worker_draw_process(const struct view_ctx *c, const struct pane *p);
/* Staging and PostgreSQL, as many lines as there are; returns the next one. */
int worker_draw_stores(const struct view_ctx *c, const struct pane *p, int y);
/* Latencies of a service: name is asked for as answer WORKERS_SERVICE. */
void worker_draw_latency(
    const struct view_ctx *c, struct view_state *st, const char *name, const struct pane *p);

#endif
